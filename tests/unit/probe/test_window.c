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

static void test_thread_wait_lasts_a_minute_or_a_timeout_without_news(void **state)
{
    (void)state;
    static const int64_t minute_ns = 60 * NS_PER_S;
    static const struct {
        const char *label;
        int64_t timeout_s;
        bool is_answered; /* a lookup came back at 10 s, and so on */
        bool is_begun;
        bool is_busy;
        int64_t lost_ns; /* from when on the threads are lost */
    } cases[] = {
        {"nothing happens", 5, false, false, false, minute_ns},
        {"long timeout", 90, false, false, false, 90 * NS_PER_S},
        {"a lookup came back", 5, true, false, false, minute_ns + 20 * NS_PER_S},
        {"a check began", 5, false, true, false, minute_ns + 20 * NS_PER_S},
        {"something was under way", 5, false, false, true, minute_ns + 20 * NS_PER_S},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct thread_wait wait;
        int64_t timeout_ns = cases[i].timeout_s * NS_PER_S;
        thread_wait_init(&wait);
        claim_true(cases[i].label, "new", !thread_wait_is_lost(&wait, true, timeout_ns, 0));
        if (cases[i].is_answered)
            thread_wait_end(&wait);
        if (cases[i].is_begun)
            thread_wait_note_begun(&wait);
        claim_true(cases[i].label, "later",
                   !thread_wait_is_lost(&wait, !cases[i].is_busy, timeout_ns, 20 * NS_PER_S));
        claim_true(
            cases[i].label, "just before",
            !thread_wait_is_lost(&wait, true, timeout_ns,
                                 cases[i].is_busy ? 20 * NS_PER_S : cases[i].lost_ns - 1));
        claim_true(cases[i].label, "lost",
                   thread_wait_is_lost(&wait, true, timeout_ns, cases[i].lost_ns));
        claim_true(cases[i].label, "lost, busy",
                   !thread_wait_is_lost(&wait, false, timeout_ns, cases[i].lost_ns));
    }
}

static void test_thread_wait_pauses_until_a_lookup_comes_back(void **state)
{
    (void)state;
    struct thread_wait wait;
    thread_wait_init(&wait);
    assert_int_equal(wait.try_ns, INT64_MIN);
    thread_wait_note_failed(&wait, 1000);
    assert_int_equal(wait.try_ns, 1000 + 50 * NS_PER_MS);
    thread_wait_end(&wait);
    assert_int_equal(wait.try_ns, INT64_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window_keeps_its_limit_below_its_ceiling),
        cmocka_unit_test(test_starvation_is_final_alone_or_after_a_timeout_without_progress),
        cmocka_unit_test(test_thread_wait_lasts_a_minute_or_a_timeout_without_news),
        cmocka_unit_test(test_thread_wait_pauses_until_a_lookup_comes_back),
    };
    return cmocka_run_group_tests_name("unit: window", tests, NULL, NULL);
}
