#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/bound.h"

static void test_bound_grows_with_what_is_asked(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        struct bound bound;
        uint64_t count;
        int64_t asking_s;
        int64_t run_s;
    } cases[] = {
        {"nothing", {1024, 1, 5 * NS_PER_S, 0}, 0, 0, 66},
        {"one", {1024, 1, 5 * NS_PER_S, 0}, 1, 5, 81},
        {"a whole window", {1024, 1, 5 * NS_PER_S, 0}, 1024, 5, 81},
        {"one more", {1024, 1, 5 * NS_PER_S, 0}, 1025, 10, 96},
        {"retries", {1024, 3, 5 * NS_PER_S, 0}, 1025, 30, 166},
        {"a narrow window", {1, 1, 2 * NS_PER_S, 0}, 7, 14, 105},
        {"a rate", {1024, 1, 5 * NS_PER_S, 10}, 100, 15, 111},
        {"the last second of a rate", {1024, 1, 5 * NS_PER_S, 10}, 101, 16, 114},
        {"another second", {4096, 1, 5 * NS_PER_S, 0}, 4096, 5, 82},
        {"a rate and retries", {1024, 2, 5 * NS_PER_S, 10}, 100, 30, 161},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        claim_number(cases[i].label, "asking",
                     (uint64_t)bound_asking_ns(&cases[i].bound, cases[i].count),
                     (uint64_t)(cases[i].asking_s * NS_PER_S));
        claim_number(cases[i].label, "run",
                     (uint64_t)bound_run_ns(&cases[i].bound, cases[i].count),
                     (uint64_t)(cases[i].run_s * NS_PER_S));
    }
}

static void test_bound_beyond_all_time_is_never(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        struct bound bound;
        uint64_t count;
    } cases[] = {
        {"timeout", {1, 1, NEVER_NS, 0}, 1},
        {"attempts", {1, UINT64_MAX, 2, 0}, 1},
        {"targets", {1, 1, 2, 0}, UINT64_MAX},
        {"rate", {SIZE_MAX, 1, 1, 1}, UINT64_MAX},
        {"all", {1, UINT64_MAX, NEVER_NS, 1}, UINT64_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        claim_number(cases[i].label, "asking",
                     (uint64_t)bound_asking_ns(&cases[i].bound, cases[i].count), NEVER_NS);
        claim_number(cases[i].label, "run",
                     (uint64_t)bound_run_ns(&cases[i].bound, cases[i].count), NEVER_NS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bound_grows_with_what_is_asked),
        cmocka_unit_test(test_bound_beyond_all_time_is_never),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
