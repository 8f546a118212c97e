#include <stdlib.h>

#include "../claim.h"
#include "netcheck/base/grow.h"

static const struct {
    const char *label;
    size_t capacity;
    size_t need;
    size_t expected;
} steps[] = {
    {"nothing needed, nothing there", 0, 0, 0},
    {"the first one", 0, 1, 1},
    {"the first ones", 0, 5, 5},
    {"room for all", 4, 4, 4},
    {"one more", 4, 5, 8},
    {"twice as many", 4, 8, 8},
    {"more than twice as many", 4, 9, 9},
};

static void test_grow_capacity_at_least_doubles(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        uint32_t *items = NULL;
        size_t capacity = 0;
        claim_error(steps[i].label, GROW(items, capacity, steps[i].capacity), ERROR_NONE);
        for (uint32_t item = 0; item < capacity; item++)
            items[item] = item;
        claim_error(steps[i].label, GROW(items, capacity, steps[i].need), ERROR_NONE);
        claim_number(steps[i].label, "capacity", capacity, steps[i].expected);
        for (uint32_t item = 0; item < steps[i].capacity; item++)
            claim_number(steps[i].label, "item", items[item], item);
        /* A sanitizer sees where there is less room than was said. */
        for (size_t item = 0; item < capacity; item++)
            items[item] = 0;
        free(items);
    }
}

/* Of sizes that overflow, or that no object can have. */
static void test_grow_too_much_leaves_the_array_as_it_was(void **state)
{
    static const volatile size_t needs[] = {
        SIZE_MAX,
        SIZE_MAX / sizeof(uint32_t) + 1,
        SIZE_MAX / sizeof(uint32_t) + 2,
        PTRDIFF_MAX / sizeof(uint32_t) + 1,
    };
    uint32_t *items = NULL;
    size_t capacity = 0;
    assert_int_equal(GROW(items, capacity, 3), ERROR_NONE);
    uint32_t *before = items;
    items[2] = 7;
    for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
        assert_int_equal(GROW(items, capacity, needs[i]), ERROR_NO_MEMORY);
        assert_ptr_equal(items, before);
        assert_int_equal(capacity, 3);
        assert_int_equal(items[2], 7);
    }
    free(items);
}

/* Half of what an object can have is there already; no such array need exist for that. */
static void test_grow_doubling_does_not_overflow(void **state)
{
    uint64_t *items = NULL;
    size_t capacity = PTRDIFF_MAX / sizeof *items;
    assert_int_equal(GROW(items, capacity, capacity + 1), ERROR_NO_MEMORY);
    assert_null(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grow_capacity_at_least_doubles),
        cmocka_unit_test(test_grow_too_much_leaves_the_array_as_it_was),
        cmocka_unit_test(test_grow_doubling_does_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
