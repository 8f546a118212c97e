#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/window.h"

/* What happens to a window of `size`, one letter each. */
static void test_window_keeps_its_limit_below_its_ceiling(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        size_t size;
        const char *events; /* shrink, grow, halve, reset */
        size_t under_way;   /* at each shortage */
        size_t least;       /* for each halving */
        size_t limit;
        size_t ceiling;
    } cases[] = {
        {"new", 100, "", 0, 0, 100, 100},
        {"never above its size", 100, "gg", 0, 0, 100, 100},
        {"short with most under way", 100, "s", 90, 0, 90, 100},
        {"short with half under way", 100, "s", 50, 0, 50, 100},
        {"short with few under way", 100, "s", 3, 0, 50, 100},
        {"half is rounded up", 101, "s", 3, 0, 51, 101},
        {"short again and again", 100, "ssssssssss", 0, 0, 1, 100},
        {"of one", 1, "s", 0, 0, 1, 1},
        {"recovers", 100, "sggg", 90, 0, 93, 100},
        {"recovers up to its size", 100, "sggg", 98, 0, 100, 100},
        {"never below half at once", 100, "ss", 30, 0, 30, 100},
        {"congested", 100, "h", 0, 12, 50, 50},
        {"congested, no recovery", 100, "hg", 0, 12, 50, 50},
        {"congested twice", 100, "hh", 0, 12, 25, 25},
        {"congested, down to the least", 100, "hhhhh", 0, 12, 12, 12},
        {"congested, the least is half", 100, "hh", 0, 50, 50, 50},
        {"short, then congested", 100, "sh", 0, 12, 50, 50},
        {"much short, then congested", 100, "sshg", 0, 12, 26, 50},
        {"congested, then short with all under way", 100, "hs", 99, 12, 50, 50},
        {"reset", 100, "hshr", 0, 12, 100, 100},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct window window;
        window_init(&window, cases[i].size);
        for (const char *p = cases[i].events; *p != '\0'; p++) {
            if (*p == 's')
                window_shrink(&window, cases[i].under_way);
            else if (*p == 'g')
                window_grow(&window);
            else if (*p == 'h')
                window_halve(&window, cases[i].least);
            else
                window_reset(&window);
        }
        claim_number(cases[i].label, "limit", window.limit, cases[i].limit);
        claim_number(cases[i].label, "ceiling", window.ceiling, cases[i].ceiling);
    }
}

/* A check is put back at each of these times, with so many others under way. */
static void test_starvation_is_final_alone_or_after_a_timeout_without_progress(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        struct {
            int64_t at_ns;
            size_t under_way;
        } puts[3];
        size_t count;
        size_t open_count;
        int64_t progress_ns;
        bool is_final;
    } cases[] = {
        {"never", {{0, 0}}, 0, 0, 0, false},
        {"once alone", {{1000, 0}}, 1, 0, 1000, false},
        {"twice alone", {{1000, 0}, {1001, 0}}, 2, 9, 1001, true},
        {"not in a row", {{1000, 0}, {1001, 1}, {1002, 0}}, 3, 0, 1000, false},
        {"just short of a timeout", {{1000, 1}, {1049, 1}}, 2, 0, 0, false},
        {"a timeout", {{1000, 1}, {1050, 1}}, 2, 0, 0, true},
        {"a timeout, something is open", {{1000, 1}, {1050, 1}}, 2, 1, 0, false},
        {"a timeout, with progress", {{1000, 1}, {1050, 1}}, 2, 0, 1001, false},
        {"a timeout since the progress", {{1000, 1}, {1051, 1}}, 2, 0, 1001, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct starvation starvation;
        starvation_init(&starvation);
        for (size_t j = 0; j < cases[i].count; j++)
            starvation_note(&starvation, cases[i].puts[j].under_way, cases[i].puts[j].at_ns);
        const struct starvation_rest rest = {cases[i].open_count, cases[i].progress_ns, 50};
        claim_true(cases[i].label, "final",
                   starvation_is_final(&starvation, &rest) == cases[i].is_final);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_keeps_its_limit_below_its_ceiling),
        cmocka_unit_test(test_starvation_is_final_alone_or_after_a_timeout_without_progress),
    };
    return cmocka_run_group_tests_name("unit: window", tests, NULL, NULL);
}
