/*
 * A set that forgets.
 */
#include "../claim.h"
#include "netcheck/base/mix.h"
#include "netcheck/base/recent.h"

enum { LIMIT = 3000 };

/* Different ones, never 0. */
static uint64_t nth(uint64_t number)
{
    return mix64(number + 1);
}

static void put(struct recent *recent, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++)
        assert_true(recent_put(recent, nth(i), (uint32_t)i));
}

static size_t count(const struct recent *recent, uint64_t from, uint64_t to)
{
    size_t found = 0;
    for (uint64_t i = from; i < to; i++)
        found += recent_get(recent, nth(i), NULL);
    return found;
}

static void test_recent_empty_has_nothing(void **state)
{
    struct recent recent;
    recent_init(&recent, LIMIT, true);
    assert_false(recent_get(&recent, nth(0), NULL));
    recent_release(&recent);
}

static void test_recent_gives_the_last_number_of_a_hash(void **state)
{
    static const bool has_numbers[] = {true, false};
    for (size_t i = 0; i < 2; i++) {
        struct recent recent;
        recent_init(&recent, LIMIT, has_numbers[i]);
        put(&recent, 0, LIMIT); /* it grows meanwhile */
        assert_true(recent_put(&recent, nth(7), 4711));
        uint32_t number = 1;
        assert_true(recent_get(&recent, nth(7), &number));
        assert_int_equal(number, has_numbers[i] ? 4711 : 0);
        assert_true(recent_get(&recent, nth(LIMIT - 1), &number));
        assert_int_equal(number, has_numbers[i] ? LIMIT - 1 : 0);
        recent_release(&recent);
    }
}

static void test_recent_forgets_what_was_not_put_for_longest(void **state)
{
    struct recent recent;
    recent_init(&recent, LIMIT, false);
    for (uint64_t i = 0; i < 10; i++) {
        put(&recent, i * LIMIT, (i + 1) * LIMIT);
        assert_true(recent_put(&recent, nth(0), 0)); /* renewed */
    }
    assert_int_equal(count(&recent, 9 * LIMIT, 10 * LIMIT), LIMIT);
    assert_true(recent_get(&recent, nth(0), NULL));
    assert_int_equal(count(&recent, 1, 8 * LIMIT), 0);
    assert_true(recent.young.capacity <= 4 * LIMIT && recent.old.capacity <= 4 * LIMIT);
    recent_release(&recent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recent_empty_has_nothing),
        cmocka_unit_test(test_recent_gives_the_last_number_of_a_hash),
        cmocka_unit_test(test_recent_forgets_what_was_not_put_for_longest),
    };
    return cmocka_run_group_tests_name("recent", tests, NULL, NULL);
}
