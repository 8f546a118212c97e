#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/format.h"

enum { ROOM = 160 };

/* printf(3) is the oracle: same format, same arguments, same bytes and length. */
#define CHECK_AS_PRINTF(...)                                                         \
    do {                                                                             \
        char wanted[ROOM];                                                           \
        char got[ROOM];                                                              \
        int len = snprintf(wanted, sizeof wanted, __VA_ARGS__);                      \
        assert_int_equal(format_text(got, sizeof got, __VA_ARGS__), (uintmax_t)len); \
        assert_string_equal(got, wanted);                                            \
    } while (0)

static void test_format_integers_are_as_printf_has_them(void **state)
{
    (void)state;
    static const int values[] = {0, 1, -1, 9, 10, -10, 99, 12345, INT_MAX, INT_MIN};
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        CHECK_AS_PRINTF("%d|%6d|%-6d|%06d|%*d", values[i], values[i], values[i], values[i], 3,
                        values[i]);
        CHECK_AS_PRINTF("%u|%x|%02x|%04x", (unsigned)values[i], (unsigned)values[i],
                        (unsigned)values[i], (unsigned)values[i]);
    }
}

static void test_format_lengths_take_whole_arguments(void **state)
{
    (void)state;
    CHECK_AS_PRINTF("%ld %ld %lu", LONG_MAX, LONG_MIN, ULONG_MAX);
    CHECK_AS_PRINTF("%lld %lld %llu", LLONG_MAX, LLONG_MIN, ULLONG_MAX);
    CHECK_AS_PRINTF("%zu %zx", SIZE_MAX, SIZE_MAX);
    CHECK_AS_PRINTF("%" PRId64 " %" PRIu64 " %llx", INT64_MIN, UINT64_MAX, ULLONG_MAX);
    CHECK_AS_PRINTF("%d%ld%d%zu%d", 1, 2L, 3, (size_t)4, 5);
}

static void test_format_strings_are_cut_and_padded(void **state)
{
    (void)state;
    static const char unterminated[3] = {'a', 'b', 'c'};
    CHECK_AS_PRINTF("[%s][%s]", "", "db:5432");
    CHECK_AS_PRINTF("[%6s][%-6s][%2s]", "db", "db", "cache");
    CHECK_AS_PRINTF("[%.2s][%.0s][%.9s][%5.2s]", "cache", "cache", "db", "cache");
    CHECK_AS_PRINTF("[%.*s][%*s][%-*s]", 3, unterminated, 4, "x", 4, "y");
    CHECK_AS_PRINTF("100%% %c%3c", 'a', 'b');
}

static void test_format_decimals_are_as_printf_has_them(void **state)
{
    (void)state;
    static const double values[] = {0,    0.04, 0.06,  0.949, 0.96,  1,        9.99,
                                    99.9, 100,  -0.26, -12.3, 1e-12, 123456.78};
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        for (int decimals = 0; decimals <= FORMAT_DECIMALS_MAX; decimals++)
            CHECK_AS_PRINTF("%.*f|%12.*f", decimals, values[i], decimals, values[i]);
    CHECK_AS_PRINTF("%f %.1f%%", 3.25, 66.64);
}

/* printf() would say 0.12 and 0: half to even. */
static void test_format_half_is_rounded_away_from_zero(void **state)
{
    (void)state;
    char text[ROOM];
    (void)format_text(text, sizeof text, "%.2f %.0f %.0f %.0f", 0.125, 0.5, 1.5, -2.5);
    assert_string_equal(text, "0.13 1 2 -3");
    (void)format_text(text, sizeof text, "%.1f", 0.15); /* a double is a little less */
    assert_string_equal(text, "0.2");
}

static void test_format_decimals_beyond_64_bits_are_the_most_there_is(void **state)
{
    (void)state;
    char text[ROOM];
    (void)format_text(text, sizeof text, "%.0f %.0f", 1e300, -1e300);
    assert_string_equal(text, "9000000000000000000 -9000000000000000000");
    (void)format_text(text, sizeof text, "%.9f", 1e12);
    assert_string_equal(text, "9000000000.000000000");
}

static void test_format_negative_width_is_none(void **state)
{
    (void)state;
    char text[ROOM];
    (void)format_text(text, sizeof text, "[%*s]", -5, "db");
    assert_string_equal(text, "[db]");
}

static void test_format_cuts_at_the_room_and_tells_the_length(void **state)
{
    (void)state;
    for (size_t room = 1; room < 12; room++) {
        char wanted[ROOM];
        char got[ROOM];
        memset(got, '#', sizeof got);
        (void)snprintf(wanted, room, "%d of %s", 80, "db");
        assert_int_equal(format_text(got, room, "%d of %s", 80, "db"), 8);
        assert_string_equal(got, wanted);
        assert_int_equal(got[room], '#');
    }
    assert_int_equal(format_text(NULL, 0, "%d of %s", 80, "db"), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format_integers_are_as_printf_has_them),
        cmocka_unit_test(test_format_lengths_take_whole_arguments),
        cmocka_unit_test(test_format_strings_are_cut_and_padded),
        cmocka_unit_test(test_format_decimals_are_as_printf_has_them),
        cmocka_unit_test(test_format_half_is_rounded_away_from_zero),
        cmocka_unit_test(test_format_decimals_beyond_64_bits_are_the_most_there_is),
        cmocka_unit_test(test_format_negative_width_is_none),
        cmocka_unit_test(test_format_cuts_at_the_room_and_tells_the_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
