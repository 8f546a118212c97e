#include <string.h>

#include "../claim.h"
#include "netcheck/base/slice.h"

static struct slice slice_of(const char *text)
{
    return (struct slice){text, 0, strlen(text)};
}

static void test_slice_find_is_the_first_or_the_end(void **state)
{
    const struct slice all = slice_of("a,b,c");
    const struct slice part = {"a,b,c", 2, 3};
    assert_int_equal(slice_find(&all, ','), 1);
    assert_int_equal(slice_find(&all, 'c'), 4);
    assert_int_equal(slice_find(&all, ';'), 5);
    assert_int_equal(slice_find(&part, ','), 3);
    assert_int_equal(slice_count(&all, ','), 2);
    assert_int_equal(slice_count(&part, ','), 0);
    assert_int_equal(slice_len(&part), 1);
    assert_int_equal(*slice_start(&part), 'b');
}

static void test_slice_is_a_word_in_capitals_or_not(void **state)
{
    const struct slice slice = {"xTcPx", 1, 4};
    assert_true(slice_is(&slice, "tcp"));
    assert_true(slice_is(&slice, "TCP"));
    assert_false(slice_is(&slice, "tc"));
    assert_false(slice_is(&slice, "tcpx"));
    assert_false(slice_is(&slice, "udp"));
}

static void test_slice_number_is_digits_only(void **state)
{
    const struct slice number = slice_of("0123456789");
    const struct slice mixed = {"12a", 0, 3};
    const struct slice digits = {"12a", 0, 2};
    const struct slice empty = {"12a", 1, 1};
    assert_true(slice_is_number(&number));
    assert_true(slice_is_number(&digits));
    assert_false(slice_is_number(&mixed));
    assert_false(slice_is_number(&empty));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slice_find_is_the_first_or_the_end),
        cmocka_unit_test(test_slice_is_a_word_in_capitals_or_not),
        cmocka_unit_test(test_slice_number_is_digits_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
