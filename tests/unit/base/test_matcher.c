#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/matcher.h"
#include "netcheck/base/mix.h"

#define BYTES(text) (text), sizeof(text) - 1

/* Where nothing is found. */
#define NOWHERE NULL

static struct matcher *matcher_of(const char *written)
{
    struct matcher *matcher = NULL;
    struct matcher_fault fault = {.words = ""};
    claim_error(written, matcher_new(written, &matcher, &fault), ERROR_NONE);
    return matcher;
}

/* The line where it is found in bytes that stand on the heap to the last one; NULL: nowhere. */
static char *find(const char *label, const struct matcher *matcher, const char *bytes,
                  size_t len, bool is_end)
{
    unsigned char *exact = (unsigned char *)copy_exactly(bytes, len);
    const struct matcher_text text = {exact, len, is_end};
    struct matcher_line line = {SIZE_MAX, SIZE_MAX};
    char *found = NULL;
    enum error error = matcher_find(matcher, &text, &line);
    if (error == ERROR_NONE) {
        claim_true(label, "within the bytes", line.at <= len && line.len <= len - line.at);
        found = calloc(1, line.len + 1);
        assert_non_null(found);
        if (line.len > 0)
            memcpy(found, exact + line.at, line.len);
    } else {
        claim_error(label, error, ERROR_END);
    }
    free(exact);
    return found;
}

/* is_end: as at the end of the stream, else as long as more may come. */
static const struct {
    const char *written;
    const char *bytes;
    size_t len;
    bool is_end;
    const char *line;
} finds[] = {
    /* A text */
    {"PONG", BYTES("+PONG\r\n"), false, "+PONG"},
    {"PONG", BYTES("+PON"), false, NOWHERE},
    {"PONG", BYTES("+pong\r\n"), true, NOWHERE},
    {"PONG", BYTES("PONG"), false, "PONG"},
    {"aab", BYTES("aaaab"), false, "aaaab"},
    {"ready", BYTES("first\r\nnow ready.\r\nlast"), false, "now ready."},
    {"\\0", BYTES("abc"), true, NOWHERE},
    {"\\0", BYTES("ab\0c"), false, "ab"},
    {"b\\0c", BYTES("ab\0cd\ne"), false, "ab\0cd"},
    {"\\x0a", BYTES("ab\ncd"), false, "ab"},
    {"\\r\\n", BYTES("ab\r\ncd"), false, "ab"},
    {"\\r\\n\\r\\n", BYTES("ab\r\n\r\ncd"), false, "ab\r\n"},
    {"\\xff", BYTES("\xfe\xff"), false, "\xfe\xff"},
    {"/", BYTES("a/b"), false, "a/b"},
    {"/etc", BYTES("in /etc"), false, "in /etc"},
    {"etc/", BYTES("etc/x"), false, "etc/x"},
    {"/etc\\x2f", BYTES("/etc/"), false, "/etc/"},
    {"a.c", BYTES("abc"), true, NOWHERE},
    {"x", BYTES(""), true, NOWHERE},
    /* An expression: each line by itself */
    {"/P.NG/", BYTES("+PONG\r\n"), false, "+PONG"},
    {"/^220 /", BYTES("220 mail"), false, "220 mail"},
    {"/^220 /", BYTES("x220 mail\n220 b"), false, "220 b"},
    {"/^220 /", BYTES("x\r220 mail"), true, NOWHERE},
    {"/b$/", BYTES("ab\r\nc"), false, "ab"},
    {"/b$/", BYTES("ab\nc"), false, "ab"},
    {"/b$/", BYTES("ab\0c"), false, "ab"},
    {"/b$/", BYTES("ab"), false, NOWHERE},
    {"/b$/", BYTES("ab\r"), false, NOWHERE},
    {"/b$/", BYTES("ab"), true, "ab"},
    {"/b$/", BYTES("ab\r"), true, "ab"},
    {"/b.$/", BYTES("ab\r\n"), true, NOWHERE},
    {"/a.b/", BYTES("a\nb"), true, NOWHERE},
    {"/a[^x]b/", BYTES("a\nb"), true, NOWHERE},
    {"/a.*b/", BYTES("a\0b"), true, NOWHERE},
    {"/a\\x0db/", BYTES("a\rb\n"), true, "a\rb"},
    {"/^$/", BYTES("a\r\n\r\nb"), false, ""},
    {"/^$/", BYTES("a\n"), true, NOWHERE},
    {"/^$/", BYTES(""), false, NOWHERE},
    {"/^$/", BYTES(""), true, ""},
    {"/x*/", BYTES("abc"), false, "abc"},
    {"/(^| )ok($| )/", BYTES("is ok \n"), false, "is ok "},
    {"/^(a|b)+c?$/", BYTES("abab\n"), false, "abab"},
    {"/a/",
     BYTES("\xff\xfe"
           "a\xfd\n"),
     false,
     "\xff\xfe"
     "a\xfd"},
    {"/^.a.$/",
     BYTES("\xff"
           "a\xfd\n"),
     false,
     "\xff"
     "a\xfd"},
    {"/\xc3\xbc/", BYTES("f\xc3\xbcr\n"), false, "f\xc3\xbcr"},
    /* Escapes in an expression */
    {"/^\\d{3} \\w+\\s\\w+$/", BYTES("220 db_1\tok\n"), false, "220 db_1\tok"},
    {"/^\\D\\S\\W$/", BYTES("ab \n"), false, "ab "},
    {"/\\tb/", BYTES("a\tb"), false, "a\tb"},
    {"/a\\x2eb/", BYTES("axb\na.b"), false, "a.b"},
    {"/a\\.b\\/c/", BYTES("axb\na.b/c"), false, "a.b/c"},
    {"/\\{\"ok\":true}/", BYTES("{\"ok\":true}"), false, "{\"ok\":true}"},
    {"/[]a]b/", BYTES("]b"), false, "]b"},
    {"/[^]a]b/", BYTES("]b\nxb"), false, "xb"},
    {"/[[:digit:]]{2,}[\\\\x]/", BYTES("12\\"), false, "12\\"},
    {"/[(]x[)]/", BYTES("(x)"), false, "(x)"},
    {"/a(b(c))d/", BYTES("abcd"), false, "abcd"},
};

static void test_matcher_finds_the_line(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(finds); i++) {
        struct matcher *matcher = matcher_of(finds[i].written);
        char *line =
            find(finds[i].written, matcher, finds[i].bytes, finds[i].len, finds[i].is_end);
        claim_text(finds[i].written, "line", line, finds[i].line);
        free(line);
        matcher_free(matcher);
    }
}

#define TEN(text)      text text text text text text text text text text
#define THOUSAND(text) TEN(TEN(TEN(text)))

static const struct {
    const char *label; /* NULL: it is what is written */
    const char *written;
    const char *words;
    bool has_place;
    size_t at;
} faults[] = {
    {"empty", "", "empty text", false, 0},
    {NULL, "//", "empty expression", false, 0},
    {NULL, "/error/i", "expression with a flag", false, 0},
    {NULL, "^220", "expression without its slashes", false, 0},
    {NULL, "220.*SMTP", "expression without its slashes", false, 0},
    {NULL, "/^220", "expression without its slashes", false, 0},
    {NULL, "a\\q", "unknown escape", true, 1},
    {NULL, "a\\x1", "\\x without two hexadecimal digits", true, 1},
    {NULL, "/a\\/", "lone backslash", true, 2},
    {NULL, "/(a)\\1/", "back-reference", true, 4},
    {NULL, "/a\\n/", "end of a line", true, 2},
    {NULL, "/a\\r$/", "end of a line", true, 2},
    {NULL, "/a\\0/", "end of a line", true, 2},
    {NULL, "/a\\x00/", "end of a line", true, 2},
    {NULL, "/a\\x0a/", "end of a line", true, 2},
    {NULL, "/a\nb/", "end of a line", true, 2},
    {NULL, "/[^\n]/", "end of a line", true, 3},
    {NULL, "/\\bfoo/", "unknown escape", true, 1},
    {NULL, "/\\<foo/", "unknown escape", true, 1},
    {NULL, "/\\pL/", "unknown escape", true, 1},
    {NULL, "/\\x4/", "\\x without two hexadecimal digits", true, 1},
    {NULL, "/x[\\w.]/", "escape within [ ]", true, 3},
    {NULL, "/x[^\\r\\n]/", "escape within [ ]", true, 4},
    {NULL, "/[\\]]/", "escape within [ ]", true, 2},
    {NULL, "/a)/", "parenthesis that closes nothing", true, 2},
    {NULL, "/a)|(b/", "parenthesis that closes nothing", true, 2},
    {NULL, "/{\"ok\"}/", "brace that repeats nothing", true, 1},
    {NULL, "/a{\"ok\"}/", "brace that repeats nothing", true, 2},
    {NULL, "/(a|{2})/", "brace that repeats nothing", true, 4},
    {NULL, "/a{,3}/", "brace that repeats nothing", true, 2},
    {NULL, "/a{2/", "invalid expression", false, 0},
    {NULL, "/a{256}/", "too many repetitions", true, 2},
    {NULL, "/a{0,256}/", "too many repetitions", true, 2},
    {NULL, "/a{1,99999999999999999999}/", "too many repetitions", true, 2},
    {NULL, "/(a{200}b{200}){3}/", "too long, with all its repetitions", true, 15},
    {NULL, "/((((((((((a+)+)+)+)+)+)+)+)+)+)+/", "too long, with all its repetitions", true,
     30},
    {"1,001 characters", "/a" THOUSAND("b") "/", "too long, with all its repetitions", true,
     1002},
    {"33 parentheses", "/" TEN("(((") "(((a)))" TEN(")))") "/",
     "too many parentheses in another", true, 33},
    /* What the C library refuses */
    {NULL, "/(a/", "invalid expression", false, 0},
    {NULL, "/[a/", "invalid expression", false, 0},
    {NULL, "/*a/", "invalid expression", false, 0},
    {NULL, "/[[:nothing:]]/", "invalid expression", false, 0},
};

static void test_matcher_refuses_and_says_where(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        const char *label = faults[i].label != NULL ? faults[i].label : faults[i].written;
        struct matcher *matcher = NULL;
        struct matcher_fault fault = {.words = ""};
        claim_error(label, matcher_new(faults[i].written, &matcher, &fault), ERROR_INVALID);
        claim_true(label, "no matcher", matcher == NULL);
        claim_text(label, "words", fault.words, faults[i].words);
        claim_true(label, "way out", fault.remedy[0] != '\0');
        claim_number(label, "has a place", fault.has_place, faults[i].has_place);
        if (fault.has_place)
            claim_number(label, "at", fault.at, faults[i].at);
    }
}

static void test_matcher_takes_what_is_just_allowed(void **state)
{
    static const char *const written[] = {
        "/" THOUSAND("b") "/",
        "/" TEN("(((") "((a))" TEN(")))") "/",
        "/a{255}/",
        "/a{0,255}b{255,}/",
        "/([0-9]{1,3}\\.){3}[0-9]{1,3}/",
        "/()|a||b/",
        "/|/",
    };
    for (size_t i = 0; i < ARRAY_LEN(written); i++)
        matcher_free(matcher_of(written[i]));
}

static void test_matcher_takes_no_longer_text_than_is_read(void **state)
{
    static char text[MATCHER_LEN_MAX + 2];
    memset(text, 'a', MATCHER_LEN_MAX + 1);
    struct matcher *matcher = NULL;
    struct matcher_fault fault = {.words = ""};
    claim_error("64 KiB and 1", matcher_new(text, &matcher, &fault), ERROR_INVALID);
    claim_text("64 KiB and 1", "words", fault.words, "text of more than 64 KiB");
    text[MATCHER_LEN_MAX] = '\0';
    matcher_free(matcher_of(text));
}

/*
 * However the bytes are split, an answer is found if and only if the whole of it matches, and
 * what was found stays so whatever follows.
 */
static void test_matcher_finds_the_same_in_any_pieces(void **state)
{
    static const char *const written[] = {"ab",    "b\\n",       "\\0a",    "/ab/",
                                          "/^a/",  "/b$/",       "/^$/",    "/^ab?$/",
                                          "/a.b/", "/^(a|b)+$/", "/a[^b]/", "/\\s$/"};
    static const char alphabet[] = "ab\r\n\0 ";
    uint64_t seed = 141;
    for (size_t i = 0; i < ARRAY_LEN(written); i++) {
        struct matcher *matcher = matcher_of(written[i]);
        for (size_t round = 0; round < 2000; round++) {
            char bytes[8];
            size_t len = mix64(seed++) % (sizeof bytes + 1);
            for (size_t at = 0; at < len; at++)
                bytes[at] = alphabet[mix64(seed++) % (sizeof alphabet - 1)];
            char *whole = find(written[i], matcher, bytes, len, true);
            bool was_found = false;
            for (size_t part = 0; part <= len; part++) {
                char *line = find(written[i], matcher, bytes, part, false);
                claim_true(written[i], "stays found", line != NULL || !was_found);
                was_found = line != NULL;
                free(line);
            }
            claim_true(written[i], "found in the whole", !was_found || whole != NULL);
            free(whole);
        }
        matcher_free(matcher);
    }
}

/* Any bytes as an expression: taken or refused, never a crash. */
static void test_matcher_survives_any_expression(void **state)
{
    static const char alphabet[] = "ab.*+?|()[]{}^$\\1,x0-:dn\xff";
    uint64_t seed = 1414;
    for (size_t round = 0; round < 20000; round++) {
        char text[16] = "/";
        size_t len = 2 + mix64(seed++) % (sizeof text - 4);
        for (size_t at = 1; at < len; at++)
            text[at] = alphabet[mix64(seed++) % (sizeof alphabet - 1)];
        memcpy(text + len, "/", 2);
        char *exact = copy_exactly(text, len + 2);
        struct matcher *matcher = NULL;
        struct matcher_fault fault = {.words = ""};
        if (matcher_new(exact, &matcher, &fault) == ERROR_NONE)
            free(find(text, matcher, BYTES("ab\\x0{1}\r\nb.a\0b+"), false));
        else
            claim_true(text, "says why", fault.remedy[0] != '\0' && fault.at <= len + 1);
        matcher_free(matcher);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matcher_finds_the_line),
        cmocka_unit_test(test_matcher_refuses_and_says_where),
        cmocka_unit_test(test_matcher_takes_what_is_just_allowed),
        cmocka_unit_test(test_matcher_takes_no_longer_text_than_is_read),
        cmocka_unit_test(test_matcher_finds_the_same_in_any_pieces),
        cmocka_unit_test(test_matcher_survives_any_expression),
    };
    return cmocka_run_group_tests_name("base/matcher", tests, NULL, NULL);
}
