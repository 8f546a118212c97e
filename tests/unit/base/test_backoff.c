#include "../claim.h"
#include "netcheck/base/backoff.h"

static const int64_t ms = NS_PER_MS;

/* The pauses themselves: test_wait.c. */
static void test_backoff_grown_is_what_pauses_in_a_row_come_to(void **state)
{
    struct backoff backoff = {.seed = 1};
    int64_t waited_ns = 0;
    int64_t grown_ns = 0;
    for (int i = 0; i < 100; i++) {
        int64_t pause_ns = backoff_take_ns(&backoff, &grown_ns);
        waited_ns += pause_ns;
        assert_in_range(backoff_grown_ns(waited_ns), grown_ns, grown_ns * 6 / 5);
    }
    assert_int_equal(grown_ns, 833 * ms);
}

static void test_backoff_grown_has_its_ends(void **state)
{
    assert_int_equal(backoff_grown_ns(-1), 100 * ms);
    assert_int_equal(backoff_grown_ns(0), 100 * ms);
    assert_int_equal(backoff_grown_ns(20 * ms), 101 * ms);
    assert_int_equal(backoff_grown_ns(INT64_MAX), 833 * ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_backoff_grown_is_what_pauses_in_a_row_come_to),
        cmocka_unit_test(test_backoff_grown_has_its_ends),
    };
    return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
