#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/mix.h"
#include "netcheck/target/fault.h"
#include "netcheck/target/secret.h"
#include "netcheck/target/target.h"

static const struct {
    const char *text;
    const char *masked;
} rows[] = {
    {"", ""},
    {"db:5432", "db:5432"},
    {"https://db/x", "https://db/x"},
    {"user@db:22", "user@db:22"},
    {"/etc/init.d/x@1", "/etc/init.d/x@1"},
    {"./a@b/hosts", "./a@b/hosts"},
    {"https://user@db/", "https://***@db/"},
    {"https://@db/", "https://@db/"},
    {"postgres://app:S3cret@db:0/x", "postgres://***@db:0/x"},
    {"!postgres://app:S3cret@db:0", "!postgres://***@db:0"},
    {"\"postgres://app:S3cret@db\"", "\"postgres://***@db\""},
    {"postgresql+asyncpg://app:S3cret@db/x", "postgresql+asyncpg://***@db/x"},
    {"SASL_SSL://app:S3cret@db", "SASL_SSL://***@db"},
    {"redis://:S3cret@db", "redis://***@db"},
    /* raw '/', '#', '?', '@', blank and "://" in it */
    {"postgres://app:S3/cr#e?t@x@db/x", "postgres://***@db/x"},
    {"postgres://app:S3 cret@db/x", "postgres://***@db/x"},
    {"postgres://app:S3://cret@db/x", "postgres://***@db/x"},
    {"https://host/@user", "https://***@user"},
    {"jdbc:mysql://app:S3cret@db/x", "jdbc:mysql://***@db/x"},
    {"r2dbc:pool:mysql://app:S3cret@db/x", "r2dbc:pool:mysql://***@db/x"},
    {"jdbc:oracle:thin:app/S3cret@//db:1521/x", "***@//db:1521/x"},
    {"app:S3cret://@db", "***@db"},
    {"app:S3cret@tcp://db", "***@tcp://db"},
    /* without a scheme */
    {"app:S3cret@db:5432", "***@db:5432"},
    {"!app:S3cret@db:5432", "!***@db:5432"},
    {"//app:S3cret@db", "***@db"},
    {"app/S3cret@db:1521", "***@db:1521"},
    {"db 80 app:S3cret@db", "db 80 ***@db"},
    /* several */
    {"mongodb://app:S3cret@a:1,b:2/x", "mongodb://***@a:1,b:2/x"},
    {"mysql://a:S3@b,mysql://c:cret@d:0", "mysql://***@d:0"},
    {"a:b@c d:e@f", "***@f"},
    {"app:S3@ cret@db:80", "***@db:80"},
    {"a:1,mysql://u:S3cret@d", "***@d"},
    {"web1;mysql://u:S3cret@d;x", "web1;mysql://***@d;x"},
    /* cut off, in a shell by '&' or ';' */
    {"postgres://app:S3cret", "postgres://app:***"},
    {"postgres://app:S3/cret", "postgres://app:***"},
    {"postgres://app:8080/x", "postgres://app:8080/x"},
    {"postgres://app:/x", "postgres://app:/x"},
    {"tcp://app:https", "tcp://app:https"},
    {"UDP://app:domian", "UDP://app:domian"},
    {"tls://app:htps", "tls://app:htps"},
    {"icmp://ff02::1%eth0", "icmp://ff02::1%eth0"},
    {"http://2001:db8::1/", "http://2001:db8::1/"},
    {"http://[::1]:80/", "http://[::1]:80/"},
    {"http://a:80,b:81/", "http://a:80,b:81/"},
    /* behind a key */
    {"postgres://db:0/x?user=app&password=S3cret&a=b",
     "postgres://db:0/x?user=app&password=***"},
    {"postgres://db:0/x?PassWord=S3@cret", "postgres://***"},
    {"postgres://u:S3@db?pwd=cret", "postgres://***@db?pwd=***"},
    {"jdbc:sqlserver://db:0;user=sa;password={S3;cret}",
     "jdbc:sqlserver://db:0;user=sa;password=***"},
    {"https://db:0/?access_token=S3cret", "https://db:0/?access_token=***"},
    {"DB_PASSWORD=S3cret", "DB_PASSWORD=***"},
    {"host=db password=S3 cret", "host=db password=***"},
    {"https://db:0/?user=me&to=x", "https://db:0/?user=me&to=x"},
    {"password=", "password="},
    {"password = S3cret", "password = ***"},
    {"Host=db; Password = 'S3 cret'", "Host=db; Password = '***"},
    {"  POSTGRES_PASSWORD: S3cret", "  POSTGRES_PASSWORD: ***"},
    {"{\"host\":\"db\",\"password\":\"S3cret\"}", "{\"host\":\"db\",\"password\":\"***"},
    {"'pwd' : 'S3cret'", "'pwd' : '***"},
    {"password: ", "password: "},
    {"auth:80", "auth:80"},
    {"a:1, key:2", "a:1, key:2"},
    /* lines of .pgpass, and what is none */
    {"db:5432:x:app:S3cret", "db:5432:x:app:***"},
    {"10.0.0.1:*:*:*:S3@cret:x y", "10.0.0.1:*:*:*:***"},
    {"2001:8:0:1:2:3:4:5%eth0:80", "2001:8:0:1:2:3:4:5%eth0:80"},
    {"2001:8:0:1:0:0:0:1-2001:8:0:1:0:0:0:9", "2001:8:0:1:0:0:0:1-2001:8:0:1:0:0:0:9"},
    {"<address addr=\"00:00:5E:00:53:01\"/>", "<address addr=\"00:00:5E:00:53:01\"/>"},
    {"fe80::1%lo:80:81", "fe80::1%lo:80:81"},
    {"db:80:81:82", "db:80:81:82"},
    /* percent-encoded */
    {"postgres://app:S3%40cret@db", "postgres://***@db"},
    {"http://x:0/?to=mysql%3A%2f%2Fapp%3AS3cret%40db", "http://***%40db"},
    {"to=mysql%3A%2f%2Fapp%3AS3cret%40db", "to=mysql%3A%2f%2F***%40db"},
    {"x?password%3dS3cret", "x?password%3d***"},
};

static void claim_masked(const char *label, const char *text, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    char *copy = copy_exactly(text, strlen(text));
    buffer_add_text(&out, "x");
    secret_mask(&out, copy, strlen(text), NULL);
    free(copy);
    claim_text(label, "masked", buffer_text(&out) + 1, expected);
    buffer_release(&out);
}

static void test_secret_is_masked_and_nothing_twice(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        claim_masked(rows[i].text, rows[i].text, rows[i].masked);
        claim_masked(rows[i].text, rows[i].masked, rows[i].masked);
    }
}

static const struct {
    const char *text;
    size_t from;
    size_t to;
    const char *piece;
} pieces[] = {
    {"mysql://u:S3cret@db:0", 20, 21, "0"},
    {"mysql://u:S3cret@db:0", 0, 5, "mysql"},
    {"mysql://u:S3cret@db:0", 10, 16, "***"},
    {"mysql://u:S3cret@db:0", 8, 16, "***"},
    {"mysql://u:S3cret@db:0", 12, 21, "***@db:0"},
    {"mysql://u:S3cret@db:0", 0, 12, "mysql://***"},
    {"mysql://u:S3cret@db:0", 0, 21, "mysql://***@db:0"},
    {"mysql://u:S3cret@db:0", 16, 16, ""},
    {"mysql://u:S3cret@db:0", 12, 12, ""},
    {"a:b@c d:e@f:0", 12, 13, "0"},
    {"a:b@c d:e@f:0", 4, 7, "***"},
};

static void test_secret_piece_is_found_again_and_shows_none(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct slice piece = {NULL, pieces[i].from, pieces[i].to};
        secret_mask(&out, pieces[i].text, strlen(pieces[i].text), &piece);
        claim_bytes(pieces[i].text, "piece", out.bytes + piece.from, slice_len(&piece),
                    pieces[i].piece, strlen(pieces[i].piece));
        buffer_release(&out);
    }
}

static void test_secret_of_a_text_that_is_cut_is_masked_to_its_end(void **state)
{
    static const struct {
        const char *text;
        const char *masked;
    } cut[] = {
        {"postgres://app:S3", "postgres://***"},
        {"db 80 app:S3", "db 80 ***"},
        {"aaa", "aaa"},
        {"x?password=S3", "x?password=***"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cut); i++) {
        struct buffer out = BUFFER_EMPTY;
        secret_mask_cut(&out, cut[i].text, strlen(cut[i].text));
        claim_text(cut[i].text, "masked", buffer_text(&out), cut[i].masked);
        buffer_release(&out);
    }
}

static const char sentinel[] = "Tr0ub4dor";

enum { PIECE = 4, SEEDS = 20000 };

/* Not even four bytes of it. */
static void claim_hidden(const char *label, const char *shown)
{
    for (size_t i = 0; i + PIECE < sizeof sentinel; i++) {
        char piece[PIECE + 1] = "";
        memcpy(piece, sentinel + i, PIECE);
        if (strstr(shown, piece) != NULL)
            fail_msg("%s: shown is %s", label, shown);
    }
}

/* What is said of the text when it is refused, and what is kept of it for its row. */
static void claim_refusal_hidden(const char *text)
{
    struct target *target = NULL;
    struct fault fault;
    struct buffer out = BUFFER_EMPTY;
    const struct place place = {"f", 1, 0};
    size_t len = strlen(text);
    if (target_parse(text, len, &target, &fault) == ERROR_NONE) {
        claim_hidden(text, target->host);
        target_drop(target);
        return;
    }
    fault_describe(&out, text, len, &fault, &place);
    target = target_new_invalid(text, len, &fault, &place);
    assert_non_null(target);
    buffer_add(&out, target->host, target->host_len);
    size_t row = out.len;
    fault_describe(&out, target->host, target->host_len, &target->fault, &target->place);
    claim_hidden(text, buffer_text(&out));
    char column[32];
    (void)snprintf(column, sizeof column, "(f:1:%zu)", fault.at + 1);
    claim_true(text, "column of the row", strstr(buffer_text(&out) + row, column) != NULL);
    buffer_release(&out);
    target_drop(target);
}

/* Anything before, in and behind the sentinel, of a URL that has it as its password. */
static void test_secret_of_a_mutated_url_is_never_shown(void **state)
{
    static const char *const heads[] = {"postgres://app:",
                                        "postgresql+asyncpg://app:",
                                        "!redis://:",
                                        "jdbc:mysql://app:",
                                        "https://app:",
                                        "SASL_SSL://a:",
                                        "nosuch://app:",
                                        "app:",
                                        "//app:",
                                        "udp://app:",
                                        "unix://app:",
                                        "db:tcp://app:",
                                        "mongodb+srv://app:"};
    static const char *const tails[] = {"@db/x",     "@db:70000/x",  "@a:1,b:2/x",  "@[::1/x",
                                        "@127.1:80", "@/x",          "@",           "@b c",
                                        "@db:80",    "@-db?a=b@c:d", "@\xc3\xbc:80"};
    static const char junk[] = "/#?@:,;!%[]=& ";
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        char text[128];
        uint64_t random = mix64(seed);
        char before[2] = {junk[random % sizeof junk], '\0'};
        char behind[2] = {junk[random / 16 % sizeof junk], '\0'};
        char last[2] = {junk[random / 256 % sizeof junk], '\0'};
        (void)snprintf(text, sizeof text, "%s%s%s%s%s%s",
                       heads[random / 4096 % ARRAY_LEN(heads)], before, sentinel, behind,
                       tails[random / 65536 % ARRAY_LEN(tails)], random % 3 == 0 ? last : "");
        if (strstr(text, "://") == NULL && strchr(text, ' ') != NULL)
            continue; /* several words, none of which is a URL */
        claim_refusal_hidden(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secret_is_masked_and_nothing_twice),
        cmocka_unit_test(test_secret_piece_is_found_again_and_shows_none),
        cmocka_unit_test(test_secret_of_a_text_that_is_cut_is_masked_to_its_end),
        cmocka_unit_test(test_secret_of_a_mutated_url_is_never_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
