#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/escape.h"

typedef void escape_function(struct buffer *out, const char *bytes, size_t len);

struct row {
    const char *label;
    const char *bytes;
    const char *escaped;
};

static const struct row texts[] = {
    {"empty", "", ""},
    {"plain", "db.example.com:5432", "db.example.com:5432"},
    {"first and last printable byte", " ~", " ~"},
    {"quotes", "\"'`", "\"'`"},
    {"backslash", "a\\b", "a\\\\b"},
    {"what looks like an escape", "\\x1b", "\\\\x1b"},
    {"last control byte", "\x1f", "\\x1f"},
    {"first control byte but NUL", "\x01", "\\x01"},
    {"delete", "\x7f", "\\x7f"},
    {"line end", "a\r\nb", "a\\x0d\\x0ab"},
    {"tab", "a\tb", "a\\x09b"},
    {"terminal sequence", "\x1b[31mred", "\\x1b[31mred"},
    {"first byte that is not ASCII", "\x80", "\\x80"},
    {"last byte", "\xff", "\\xff"},
    {"UTF-8", "\xc3\xbc", "\\xc3\\xbc"},
    {"escape before a hexadecimal digit",
     "\x01"
     "1",
     "\\x011"},
};

static const struct row strings[] = {
    {"empty", "", "\"\""},
    {"plain", "db:5432", "\"db:5432\""},
    {"first and last printable byte", " ~", "\" ~\""},
    {"quote", "a\"b", "\"a\\\"b\""},
    {"backslash", "a\\b", "\"a\\\\b\""},
    {"slash", "a/b", "\"a/b\""},
    {"line end", "a\r\nb", "\"a\\u000d\\u000ab\""},
    {"tab", "\t", "\"\\u0009\""},
    {"first control byte but NUL", "\x01", "\"\\u0001\""},
    {"last control byte", "\x1f", "\"\\u001f\""},
    {"terminal sequence", "\x1b[31m", "\"\\u001b[31m\""},
    {"delete", "\x7f", "\"\\u007f\""},
    /* U+0080 to U+009F: U+009B begins a terminal sequence as ESC [ does. */
    {"first C1 control", "\xc2\x80", "\"\\u0080\""},
    {"control sequence introducer", "\xc2\x9b[", "\"\\u009b[\""},
    {"last C1 control", "\xc2\x9f", "\"\\u009f\""},
    {"two bytes, smallest that is printable", "\xc2\xa0", "\"\xc2\xa0\""},
    {"two bytes, largest", "\xdf\xbf", "\"\xdf\xbf\""},
    {"three bytes, smallest", "\xe0\xa0\x80", "\"\xe0\xa0\x80\""},
    {"three bytes, before the surrogates", "\xed\x9f\xbf", "\"\xed\x9f\xbf\""},
    {"three bytes, behind the surrogates", "\xee\x80\x80", "\"\xee\x80\x80\""},
    {"three bytes, largest", "\xef\xbf\xbf", "\"\xef\xbf\xbf\""},
    {"four bytes, smallest", "\xf0\x90\x80\x80", "\"\xf0\x90\x80\x80\""},
    {"four bytes, largest", "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""},
    {"characters side by side", "\xc3\xbc\xe2\x82\xac", "\"\xc3\xbc\xe2\x82\xac\""},
    {"what precedes the line separator", "\xe2\x80\xa7", "\"\xe2\x80\xa7\""},
    {"line separator", "\xe2\x80\xa8", "\"\\u2028\""},
    {"paragraph separator", "\xe2\x80\xa9", "\"\\u2029\""},
    {"what follows it", "\xe2\x80\xaa", "\"\xe2\x80\xaa\""},
    {"its bytes elsewhere", "\xe2\x81\xa8\xe3\x80\xa8", "\"\xe2\x81\xa8\xe3\x80\xa8\""},
    {"continuation alone", "\x80", "\"\\ufffd\""},
    {"two continuations alone", "\x80\xbf", "\"\\ufffd\\ufffd\""},
    {"two bytes cut short", "\xc3", "\"\\ufffd\""},
    {"two bytes, then a letter",
     "\xc3"
     "a",
     "\"\\ufffda\""},
    {"three bytes cut short", "\xe2\x82", "\"\\ufffd\\ufffd\""},
    {"three bytes, third wrong",
     "\xe2\x82"
     "a",
     "\"\\ufffd\\ufffda\""},
    {"four bytes cut short", "\xf0\x90\x80", "\"\\ufffd\\ufffd\\ufffd\""},
    {"four bytes, last wrong",
     "\xf0\x90\x80"
     "a",
     "\"\\ufffd\\ufffd\\ufffda\""},
    {"overlong in two bytes", "\xc0\x80", "\"\\ufffd\\ufffd\""},
    {"overlong first byte before three continuations", "\xc0\x80\x80\x80",
     "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {"overlong in two bytes, largest", "\xc1\xbf", "\"\\ufffd\\ufffd\""},
    {"overlong in three bytes", "\xe0\x9f\xbf", "\"\\ufffd\\ufffd\\ufffd\""},
    {"overlong in four bytes", "\xf0\x8f\xbf\xbf", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {"first surrogate", "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
    {"last surrogate", "\xed\xbf\xbf", "\"\\ufffd\\ufffd\\ufffd\""},
    {"beyond Unicode", "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {"beyond Unicode by its first byte", "\xf5\x80\x80\x80",
     "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {"bytes that UTF-8 never has", "\xfe\xff", "\"\\ufffd\\ufffd\""},
    {"wrong byte between letters",
     "a\xff"
     "b",
     "\"a\\ufffdb\""},
    {"wrong byte before a quote", "\xc3\"", "\"\\ufffd\\\"\""},
};

static const struct row sentences[] = {
    {"printable ASCII", "a\\b '~'", "a\\\\b '~'"},
    {"control byte", "\x1b[31m", "\\x1b[31m"},
    {"delete", "\x7f", "\\x7f"},
    {"two bytes", "b\xc3\xbc", "b\xc3\xbc"},
    {"three bytes", "\xe4\xb8\xad", "\xe4\xb8\xad"},
    {"four bytes", "\xf0\x9f\x8e\x89", "\xf0\x9f\x8e\x89"},
    {"first C1 control", "\xc2\x80", "\\u0080"},
    {"control sequence introducer", "\xc2\x9b[", "\\u009b["},
    {"blank that does not break", "\xc2\xa0", "\\u00a0"},
    {"first behind it", "\xc2\xa1", "\xc2\xa1"},
    {"soft hyphen", "\xc2\xad", "\\u00ad"},
    {"combining mark", "u\xcc\x88", "u\\u0308"},
    {"combining mark of Cyrillic", "p\xd2\x83", "p\\u0483"},
    {"combining mark of phonetics", "a\xe1\xb7\x80", "a\\u1dc0"},
    {"combining half mark", "a\xef\xb8\xa0", "a\\ufe20"},
    {"vowel that is not drawn", "\xe1\x9e\xb4x", "\\u17b4x"},
    {"beam of musical notes", "x\xf0\x9d\x85\xb3", "x\\U0001d173"},
    {"no width", "\xe2\x80\x8b", "\\u200b"},
    {"line separator", "\xe2\x80\xa8", "\\u2028"},
    {"right to left", "\xe2\x80\xae", "\\u202e"},
    {"isolate", "\xe2\x81\xa7", "\\u2067"},
    {"byte-order mark", "\xef\xbb\xbf", "\\ufeff"},
    {"tag", "\xf3\xa0\x81\x81", "\\U000e0041"},
    {"byte of no character", "a\xff\xc3", "a\\xff\\xc3"},
    {"cut short", "\xe2\x80", "\\xe2\\x80"},
};

static const struct row markups[] = {
    {"empty", "", ""},
    {"printable ASCII", "a\\b ~=`/", "a\\b ~=`/"},
    {"what begins and ends an element", "</td><script>", "&lt;/td&gt;&lt;script&gt;"},
    {"what ends an attribute", "\"'", "&quot;&#39;"},
    {"what looks like a reference", "&lt;&#39;&", "&amp;lt;&amp;#39;&amp;"},
    {"control byte", "\x1b[31m", "\\x1b[31m"},
    {"line end and tab", "a\r\n\tb", "a\\x0d\\x0a\\x09b"},
    {"delete", "\x7f", "\\x7f"},
    {"UTF-8", "b\xc3\xbc\xe4\xb8\xad\xf0\x9f\x8e\x89", "b\xc3\xbc\xe4\xb8\xad\xf0\x9f\x8e\x89"},
    {"first C1 control", "\xc2\x80", "\\u0080"},
    {"right to left", "\xe2\x80\xae<", "\\u202e&lt;"},
    {"byte of no character", "a\xff\xc3", "a\\xff\\xc3"},
    {"half a character before a quote", "\xc3\"", "\\xc3&quot;"},
};

static void claim_rows(escape_function *escape, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct buffer out = BUFFER_EMPTY;
        size_t len = strlen(rows[i].bytes);
        char *copy = copy_exactly(rows[i].bytes, len);
        escape(&out, copy, len);
        free(copy);
        claim_text(rows[i].label, "escaped", buffer_text(&out), rows[i].escaped);
        buffer_release(&out);
    }
}

static void test_escape_text_leaves_only_printable_ascii(void **state)
{
    claim_rows(escape_text, texts, ARRAY_LEN(texts));
}

static void test_escape_readable_leaves_what_is_visible(void **state)
{
    claim_rows(escape_readable, sentences, ARRAY_LEN(sentences));
}

#define SIXTY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* 64 bytes are quoted, or so many that the last character is whole. */
static const struct row quoted[] = {
    {"empty", "", "''"},
    {"64 bytes", SIXTY "bbbb", "'" SIXTY "bbbb'"},
    {"65 bytes", SIXTY "bbbbb", "'" SIXTY "bbbb...'"},
    {"whole at the end", SIXTY "bb\xc3\xbc", "'" SIXTY "bb\xc3\xbc'"},
    {"whole before the cut", SIXTY "bb\xc3\xbcx", "'" SIXTY "bb\xc3\xbc...'"},
    {"across the cut", SIXTY "bbb\xc3\xbc", "'" SIXTY "bbb...'"},
    {"4 bytes across the cut", SIXTY "b\xf0\x9f\x8e\x89", "'" SIXTY "b...'"},
    {"no character at the cut", SIXTY "bbb\xc3\xff", "'" SIXTY "bbb\\xc3...'"},
};

static void test_escape_quoted_cuts_no_character(void **state)
{
    claim_rows(escape_quoted, quoted, ARRAY_LEN(quoted));
}

static void test_escape_markup_leaves_what_means_nothing(void **state)
{
    claim_rows(escape_markup, markups, ARRAY_LEN(markups));
}

static void test_escape_json_is_a_valid_string(void **state)
{
    claim_rows(escape_json, strings, ARRAY_LEN(strings));
}

static const struct row label_values[] = {
    {"empty", "", ""},
    {"first and last printable byte", " ~", " ~"},
    {"a quote, a backslash, a line end", "\"\\\n", "\\\"\\\\\\n"},
    {"braces and others", "a}{=,'#", "a}{=,'#"},
    {"other control bytes", "\t\r\x01\x1f\x7f", "\\\\x09\\\\x0d\\\\x01\\\\x1f\\\\x7f"},
    {"C1 controls", "\xc2\x80\xc2\x9f", "\\\\xc2\\\\x80\\\\xc2\\\\x9f"},
    {"UTF-8", "\xc2\xa0\xc3\xa9\xf0\x9f\x8e\x89", "\xc2\xa0\xc3\xa9\xf0\x9f\x8e\x89"},
    {"turns the direction", "\xe2\x80\xae", "\xe2\x80\xae"},
    {"bytes of no character", "\xff\xc3(", "\\\\xff\\\\xc3("},
    {"a surrogate", "\xed\xa0\x80", "\\\\xed\\\\xa0\\\\x80"},
    {"cut short", "\xe2\x80", "\\\\xe2\\\\x80"},
};

static void test_escape_prometheus_is_the_value_of_a_label(void **state)
{
    claim_rows(escape_prometheus, label_values, ARRAY_LEN(label_values));
}

static void test_escape_appends_and_a_nul_byte_is_no_end(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    escape_text(&out, "a\0b", 3);
    escape_json(&out, "a\0b", 3);
    escape_prometheus(&out, "c\0", 2);
    assert_string_equal(buffer_text(&out), "a\\x00b\"a\\u0000b\"c\\\\x00");
    buffer_release(&out);
}

static void test_escape_text_every_byte_leaves_printable_ascii(void **state)
{
    for (int byte = 0; byte <= 0xff; byte++) {
        struct buffer out = BUFFER_EMPTY;
        char c = (char)byte;
        escape_text(&out, &c, 1);
        assert_true(out.len >= 1);
        for (size_t i = 0; i < out.len; i++)
            if (out.bytes[i] < 0x20 || out.bytes[i] > 0x7e)
                fail_msg("byte %02x: leaves %02x", (unsigned)byte, (unsigned)out.bytes[i]);
        buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape_text_leaves_only_printable_ascii),
        cmocka_unit_test(test_escape_readable_leaves_what_is_visible),
        cmocka_unit_test(test_escape_quoted_cuts_no_character),
        cmocka_unit_test(test_escape_markup_leaves_what_means_nothing),
        cmocka_unit_test(test_escape_json_is_a_valid_string),
        cmocka_unit_test(test_escape_prometheus_is_the_value_of_a_label),
        cmocka_unit_test(test_escape_appends_and_a_nul_byte_is_no_end),
        cmocka_unit_test(test_escape_text_every_byte_leaves_printable_ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
