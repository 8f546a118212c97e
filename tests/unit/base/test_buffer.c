#include <string.h>
#include <wchar.h>

#include "../claim.h"
#include "netcheck/base/buffer.h"

/* More than can be allocated: the request fails before the bytes are looked at. */
static void make_fail(struct buffer *buffer)
{
    static const volatile size_t too_much = SIZE_MAX;
    buffer_add(buffer, "", too_much - buffer->len);
}

static void test_buffer_empty_is_an_empty_text(void **state)
{
    struct buffer buffer = BUFFER_EMPTY;
    assert_string_equal(buffer_text(&buffer), "");
    buffer_add(&buffer, NULL, 0);
    buffer_add_text(&buffer, "");
    buffer_drop(&buffer, 0);
    buffer_drop(&buffer, 1);
    assert_int_equal(buffer.len, 0);
    assert_false(buffer.has_failed);
    buffer_release(&buffer);
}

static void test_buffer_appends_bytes_texts_and_formats(void **state)
{
    struct buffer buffer = BUFFER_EMPTY;
    buffer_add(&buffer, "a\0b", 3);
    buffer_add(&buffer, "\xff\n", 2);
    buffer_add_text(&buffer, "port ");
    assert_string_equal(buffer_text(&buffer), "a"); /* which does not change the content */
    buffer_add_format(&buffer, "%d of %s", 80, "db");
    claim_bytes("all", "buffer", buffer.bytes, buffer.len, "a\0b\xff\nport 80 of db", 18);
    buffer_release(&buffer);
}

/* Each size around the powers of two, where terminators run over. */
static void test_buffer_text_is_terminated_at_every_size(void **state)
{
    struct buffer buffer = BUFFER_EMPTY;
    for (size_t len = 0; len <= 4200; len++) {
        assert_int_equal(strlen(buffer_text(&buffer)), len);
        buffer_add(&buffer, "x", 1);
    }
    assert_false(buffer.has_failed);
    buffer_release(&buffer);
}

static void test_buffer_add_format_fits_at_every_size(void **state)
{
    for (int len = 0; len <= 1100; len++) {
        struct buffer buffer = BUFFER_EMPTY;
        buffer_add_text(&buffer, "<");
        buffer_add_format(&buffer, "%*s", len, "");
        buffer_add_text(&buffer, ">");
        assert_int_equal(buffer.len, len + 2);
        assert_int_equal(buffer.bytes[len + 1], '>');
        buffer_release(&buffer);
    }
}

/* No locale here has a byte for it. */
static void test_buffer_add_format_that_fails_is_remembered(void **state)
{
    struct buffer buffer = BUFFER_EMPTY;
    buffer_add_text(&buffer, "ab");
    buffer_add_format(&buffer, "%lc", (wint_t)0x4e00);
    assert_true(buffer.has_failed);
    assert_string_equal(buffer_text(&buffer), "ab");
    buffer_release(&buffer);
}

static void test_buffer_add_decimal_rounds_halves_away_from_zero(void **state)
{
    static const struct {
        double value;
        int decimals;
        int width;
        const char *text;
    } numbers[] = {
        {0, 0, 0, "0"},
        {0.5, 0, 0, "1"},
        {1.5, 0, 0, "2"},
        {2.5, 0, 0, "3"},
        {-2.5, 0, 0, "-3"},
        {0.25, 1, 0, "0.3"},
        {0.15, 1, 0, "0.2"}, /* the double is a little less */
        {0.35, 1, 0, "0.4"},
        {0.34, 1, 0, "0.3"},
        {6.25, 1, 0, "6.3"},
        {0.125, 2, 0, "0.13"},
        {1.5625, 3, 0, "1.563"},
        {0.0000000625, 9, 0, "0.000000063"},
        {99.95, 1, 0, "100.0"},
        {100.0 / 3, 9, 0, "33.333333333"},
        {123456789.0625, 3, 0, "123456789.063"},
        {0.5, 1, 3, "0.5"},
        {0.5, 1, 6, "   0.5"},
        {1e15, 0, 3, "1000000000000000"},
    };
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct buffer buffer = BUFFER_EMPTY;
        buffer_add_decimal(&buffer, numbers[i].value, numbers[i].decimals, numbers[i].width);
        assert_string_equal(buffer_text(&buffer), numbers[i].text);
        buffer_release(&buffer);
    }
}

static void test_buffer_many_bytes_are_kept(void **state)
{
    enum { COUNT = 100000 };
    struct buffer buffer = BUFFER_EMPTY;
    for (unsigned i = 0; i < COUNT; i++)
        buffer_add_format(&buffer, "%06u\n", i);
    assert_int_equal(buffer.len, (size_t)COUNT * 7);
    assert_true(buffer.capacity >= buffer.len);
    assert_memory_equal(buffer.bytes, "000000\n000001\n", 14);
    assert_memory_equal(buffer.bytes + buffer.len - 7, "099999\n", 7);
    buffer_release(&buffer);
}

static void test_buffer_drop_forgets_the_beginning(void **state)
{
    static const struct {
        size_t len;
        const char *left;
    } rows[] = {{0, "abcdef"}, {1, "bcdef"}, {4, "ef"},     {5, "f"},
                {6, ""},       {7, ""},      {SIZE_MAX, ""}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buffer buffer = BUFFER_EMPTY;
        buffer_add_text(&buffer, "abcdef");
        buffer_drop(&buffer, rows[i].len);
        assert_int_equal(buffer.len, strlen(rows[i].left));
        assert_string_equal(buffer_text(&buffer), rows[i].left);
        buffer_release(&buffer);
    }
}

static void test_buffer_failed_allocation_is_remembered_until_release(void **state)
{
    struct buffer buffer = BUFFER_EMPTY;
    for (int i = 0; i < 2; i++) { /* the second time after a release */
        buffer_add_text(&buffer, "abc");
        assert_false(buffer.has_failed);
        make_fail(&buffer);
        assert_true(buffer.has_failed);
        claim_bytes("failed", "buffer", buffer.bytes, buffer.len, "abc", 3);
        buffer_add_text(&buffer, "abc");
        buffer_add_format(&buffer, "%d", 1);
        buffer_drop(&buffer, 1);
        assert_true(buffer.has_failed);
        buffer_release(&buffer);
        assert_null(buffer.bytes);
        assert_int_equal(buffer.len, 0);
        assert_int_equal(buffer.capacity, 0);
        assert_false(buffer.has_failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffer_empty_is_an_empty_text),
        cmocka_unit_test(test_buffer_appends_bytes_texts_and_formats),
        cmocka_unit_test(test_buffer_text_is_terminated_at_every_size),
        cmocka_unit_test(test_buffer_add_format_fits_at_every_size),
        cmocka_unit_test(test_buffer_add_format_that_fails_is_remembered),
        cmocka_unit_test(test_buffer_add_decimal_rounds_halves_away_from_zero),
        cmocka_unit_test(test_buffer_many_bytes_are_kept),
        cmocka_unit_test(test_buffer_drop_forgets_the_beginning),
        cmocka_unit_test(test_buffer_failed_allocation_is_remembered_until_release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
