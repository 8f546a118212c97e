/*
 * A password that stands in what is refused is in no output, whatever the way there; not even
 * four bytes of it.
 */
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "netcheck/base/base.h"

enum { PIECE = 4, WORDS_MAX = 8 };

#define SECRET "Tr0ub4dor"

/* None of them is a target. A blank makes several words of a line. */
static const char *const refused[] = {
    "postgres://app:" SECRET "@db:70000/x",
    "!nosuch://app:" SECRET "@db/x",
    "nosuch+driver://app:" SECRET "@[::1/x",
    "postgres://app:" SECRET "#2@db/x",
    "postgres://app:/" SECRET "/@db/x",
    "postgres://app:@" SECRET "?@db/x",
    "postgres://app: " SECRET " @db:x/y",
    "postgres://app:80/" SECRET "@db:5432",
    "https://app:" SECRET "/x@db/x",
    "https://app:@" SECRET "#@db/x",
    "https://app:" SECRET "@-db",
    "jdbc:mysql://app:" SECRET "@db:0/x",
    "jdbc:oracle:thin:app/" SECRET "@//db:1521/x",
    "mongodb://app:" SECRET "@a:1,b:0/x",
    "mongodb+srv://app:" SECRET "@db.example/x",
    "mysql://a:b@c:1,mysql://app:" SECRET "@d:0,mysql://e:f@g:2",
    "PLAINTEXT://a:1,SASL_SSL://app:" SECRET "@b",
    "redis://:" SECRET "@db:0",
    "udp://app:" SECRET "@db:53",
    "unix://app:" SECRET "@/run/x",
    "db:tcp://app:" SECRET "@db:80",
    "app:" SECRET "@db:5432",
    "app:1," SECRET ":2@db:5432",
    "//app:" SECRET "@db",
    "postgres://app:" SECRET,
    "postgres://db:0/x?user=app&password=" SECRET "&a=b",
    "jdbc:sqlserver://db:0;password={" SECRET ";x}",
    "https://db:0/?to=mysql%3A%2F%2Fapp%3A" SECRET "%40c",
    "POSTGRES_PASSWORD: " SECRET,
    "Host=db:0;Password = " SECRET,
    "{\"host\":\"db\",\"password\":\"" SECRET "\"}",
    "db:5432:x:app:" SECRET,
    "postgres://app:0123456789012345678901234567890123456789012345678901234567890" SECRET
    "@db:70000",
    "postgres://app:" SECRET "@b\xc3\xbc"
    "cher.example",
};

/* How it gets there: in place of "{}", or all of them as lines of standard input. */
static const char *const ways[][WORDS_MAX] = {
    {"{}"},
    {"--", "{}"},
    {"-p", "22", "{}"},
    {"-nf-"},
    {"-nf-", "-j"},
    {"-nf-", "-v"},
    {"-nf-", "-c1", "-i1ms"},
    {"-nf-", "-c1", "-i1ms", "-j"},
    {"-nf-", "--wait=1ms"},
    {"-nf-", "--list"},
    {"-nf-", "--shuffle", "--progress=always"},
    {"-nf-", "--live", "-c1", "-i1ms"},
    {"db", "{}"},
    {"-p", "{}", "db"},
    {"-f", "{}"},
    {"--exclude", "{}", "127.0.0.1:1"},
    {"--exclude-file", "{}", "127.0.0.1:1"},
    {"-s", "{}", "db:1"},
    {"-I", "{}", "127.0.0.1:1"},
    {"-t", "{}", "db:1"},
    {"--only={}", "db:1"},
    {"--nosuch={}", "db:1"},
    {"-k{}", "db:1"},
    {"127.0.0.1:1", "--expect=down", "--", "{}"},
};

static void claim_hidden(const char *label, const char *shown)
{
    for (size_t i = 0; i + PIECE < sizeof SECRET; i++) {
        char piece[PIECE + 1] = "";
        memcpy(piece, &SECRET[i], PIECE);
        if (strstr(shown, piece) != NULL)
            fail_msg("%s: \"%s\" is shown: %s", label, piece, shown);
    }
}

/* Run the program with `text` put in; what it printed has no secret. */
static void claim_way(const char *const *way, const char *text, const char *input)
{
    char replaced[WORDS_MAX][512];
    const char *words[WORDS_MAX + 1] = {NULL};
    for (size_t i = 0; i < WORDS_MAX && way[i] != NULL; i++) {
        const char *hole = strstr(way[i], "{}");
        size_t head = hole != NULL ? (size_t)(hole - way[i]) : strlen(way[i]);
        (void)snprintf(replaced[i], sizeof replaced[i], "%.*s%s", (int)head, way[i],
                       hole != NULL ? text : "");
        words[i] = replaced[i];
    }
    bool is_live = way[1] != NULL && strcmp(way[1], "--live") == 0;
    struct launch launch = {.label = text,
                            .arguments = words,
                            .settings = WORDS("TERM=xterm"),
                            .input = input,
                            .out = is_live ? STREAM_TERMINAL : STREAM_PIPE};
    struct program program;
    program_run(&program, &launch);
    claim_hidden(text, buffer_text(&program.out));
    claim_hidden(text, buffer_text(&program.err));
    expect_number(text, "something is said", program.out.len + program.err.len > 0, 1);
    program_release(&program);
}

static void test_secrets_of_what_is_refused_are_not_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        for (size_t j = 0; j < ARRAY_LEN(ways); j++)
            if (strcmp(ways[j][0], "-nf-") != 0 && (j == 0 || (i + j) % 3 == 0))
                claim_way(ways[j], refused[i], "");
}

static void test_secrets_of_bad_lines_are_not_shown(void **state)
{
    (void)state;
    struct buffer lines = BUFFER_EMPTY;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        buffer_add_format(&lines, "%s\n", refused[i]);
    for (size_t j = 0; j < ARRAY_LEN(ways); j++)
        if (strcmp(ways[j][0], "-nf-") == 0)
            claim_way(ways[j], ways[j][1] != NULL ? ways[j][1] : "-nf-", buffer_text(&lines));
    buffer_release(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secrets_of_bad_lines_are_not_shown),
        cmocka_unit_test(test_secrets_of_what_is_refused_are_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
