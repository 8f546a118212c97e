#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "netcheck/span.h"

static struct span span_of(const char *text)
{
    return (struct span){text, 0, strlen(text)};
}

static void test_span_find_is_the_first_or_the_end(void **state)
{
    (void)state;
    const struct span all = span_of("a,b,c");
    const struct span part = {"a,b,c", 2, 3};
    assert_int_equal(span_find(&all, ','), 1);
    assert_int_equal(span_find(&all, 'c'), 4);
    assert_int_equal(span_find(&all, ';'), 5);
    assert_int_equal(span_find(&part, ','), 3);
    assert_int_equal(span_count(&all, ','), 2);
    assert_int_equal(span_count(&part, ','), 0);
    assert_int_equal(span_len(&part), 1);
    assert_int_equal(*span_start(&part), 'b');
}

static void test_span_is_a_word_in_capitals_or_not(void **state)
{
    (void)state;
    const struct span span = {"xTcPx", 1, 4};
    assert_true(span_is(&span, "tcp"));
    assert_true(span_is(&span, "TCP"));
    assert_false(span_is(&span, "tc"));
    assert_false(span_is(&span, "tcpx"));
    assert_false(span_is(&span, "udp"));
}

static void test_span_number_is_digits_only(void **state)
{
    (void)state;
    const struct span number = span_of("0123456789");
    const struct span mixed = {"12a", 0, 3};
    const struct span digits = {"12a", 0, 2};
    const struct span empty = {"12a", 1, 1};
    assert_true(span_is_number(&number));
    assert_true(span_is_number(&digits));
    assert_false(span_is_number(&mixed));
    assert_false(span_is_number(&empty));
}

static void test_span_fail_tells_place_and_code(void **state)
{
    (void)state;
    struct fault fault;
    const struct span span = {"db:70000", 3, 8};
    assert_int_equal(span_fail(&span, ERROR_PORT, &fault), ERROR_PORT);
    assert_int_equal(fault.code, ERROR_PORT);
    assert_int_equal(fault.at, 3);
    assert_int_equal(fault.len, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_span_find_is_the_first_or_the_end),
        cmocka_unit_test(test_span_is_a_word_in_capitals_or_not),
        cmocka_unit_test(test_span_number_is_digits_only),
        cmocka_unit_test(test_span_fail_tells_place_and_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
