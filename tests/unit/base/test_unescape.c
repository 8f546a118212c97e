#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/mix.h"
#include "netcheck/base/unescape.h"

#define BYTES(text) (text), sizeof(text) - 1

static const struct {
    const char *written;
    const char *bytes;
    size_t len;
} rows[] = {
    {"", BYTES("")},
    {"PING", BYTES("PING")},
    {"\\a\\b\\f\\n\\r\\t\\v", BYTES("\a\b\f\n\r\t\v")},
    {"\\\\\\\"\\'\\?", BYTES("\\\"'?")},
    {"\"'?", BYTES("\"'?")},
    {"a\\0b", BYTES("a\0b")},
    {"\\0", BYTES("\0")},
    {"\\08", BYTES("\0"
                   "8")},
    {"\\x00\\xff\\xFf\\x7f", BYTES("\0\xff\xff\x7f")},
    {"\\x123", BYTES("\x12"
                     "3")},
    {"\\\\x41", BYTES("\\x41")},
    {"\xc3\xbc\x01", BYTES("\xc3\xbc\x01")},
};

static const struct {
    const char *written;
    enum unescape_fault fault;
    size_t at;
} faults[] = {
    {"\\", UNESCAPE_LONE, 0},         {"ab\\", UNESCAPE_LONE, 2},
    {"\\\\\\", UNESCAPE_LONE, 2},     {"a\\q", UNESCAPE_UNKNOWN, 1},
    {"\\e", UNESCAPE_UNKNOWN, 0},     {"\\R", UNESCAPE_UNKNOWN, 0},
    {"\\8", UNESCAPE_UNKNOWN, 0},     {"\\ ", UNESCAPE_UNKNOWN, 0},
    {"\\u00e4", UNESCAPE_UNKNOWN, 0}, {"\\\xc3\xbc", UNESCAPE_UNKNOWN, 0},
    {"\\x", UNESCAPE_HEX, 0},         {"\\x1", UNESCAPE_HEX, 0},
    {"\\x1g", UNESCAPE_HEX, 0},       {"\\xg1", UNESCAPE_HEX, 0},
    {"\\X41", UNESCAPE_UNKNOWN, 0},   {"a\\x\\x41", UNESCAPE_HEX, 1},
    {"\\033", UNESCAPE_OCTAL, 0},     {"\\00", UNESCAPE_OCTAL, 0},
    {"\\1", UNESCAPE_OCTAL, 0},       {"ok\\n\\7", UNESCAPE_OCTAL, 4},
};

static void test_unescape_reads_what_c_has(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buffer out = BUFFER_EMPTY;
        size_t at = 0;
        claim_number(rows[i].written, "fault", unescape(&out, rows[i].written, &at),
                     UNESCAPE_OK);
        claim_bytes(rows[i].written, "bytes", out.bytes, out.len, rows[i].bytes, rows[i].len);
        buffer_release(&out);
    }
}

static void test_unescape_refuses_the_rest_and_says_where(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        struct buffer out = BUFFER_EMPTY;
        size_t at = SIZE_MAX;
        enum unescape_fault fault = unescape(&out, faults[i].written, &at);
        claim_number(faults[i].written, "fault", fault, faults[i].fault);
        claim_number(faults[i].written, "at", at, faults[i].at);
        claim_true(faults[i].written, "words",
                   unescape_text(fault)[0] != '\0' && unescape_remedy(fault)[0] != '\0');
        buffer_release(&out);
    }
}

/* Text of these bytes is either read, to no more bytes than it has, or refused at a backslash
   within it. Each text stands on the heap to its last byte, for the sanitizers. */
static void test_unescape_of_any_text_stays_within_it(void **state)
{
    static const char bytes[] = "\\\\\\x0a1fnrtq\"z\xff";
    uint64_t seed = 14;
    for (size_t round = 0; round < 20000; round++) {
        char text[12];
        size_t len = mix64(seed++) % sizeof text;
        for (size_t i = 0; i < len; i++)
            text[i] = bytes[mix64(seed++) % (sizeof bytes - 1)];
        text[len] = '\0';
        char *exact = copy_exactly(text, len + 1);
        struct buffer out = BUFFER_EMPTY;
        size_t at = SIZE_MAX;
        if (unescape(&out, exact, &at) == UNESCAPE_OK)
            claim_true(text, "no more bytes than it has", out.len <= len);
        else
            claim_true(text, "place is a backslash", at < len && text[at] == '\\');
        buffer_release(&out);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unescape_reads_what_c_has),
        cmocka_unit_test(test_unescape_refuses_the_rest_and_says_where),
        cmocka_unit_test(test_unescape_of_any_text_stays_within_it),
    };
    return cmocka_run_group_tests_name("base/unescape", tests, NULL, NULL);
}
