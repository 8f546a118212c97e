#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/stall.h"

static const int64_t ms = NS_PER_MS;
static const int64_t begin = 1000 * NS_PER_S; /* any point in time */

/* What was seen at `at_ms` after the begin; what was due at `due_ms` is -1 where nothing was.
 */
struct sight {
    const char *label;
    int64_t due_ms;
    int64_t at_ms;
    bool was_interrupted;
    int64_t suspended_ms;
    unsigned continues;
    bool hides;   /* an answer awaited since the begin, when it came */
    bool voids;   /* a silence whose deadline was after 4 s */
    bool delayed; /* what was due before that deadline may not have begun */
};

static const struct sight sights[] = {
    {"all the time", -1, 999, false, 0, 0, false, false, false},
    {"not for a second", -1, 5000, false, 0, 0, true, true, true},
    {"slept as long as it should", 5000, 5000, false, 0, 0, false, false, false},
    {"woke up late, as on a busy machine", 3990, 4040, false, 0, 0, false, false, true},
    {"not late enough", 3990, 4039, false, 0, 0, false, false, false},
    {"woke up a second late", 3990, 4990, false, 0, 0, true, true, true},
    {"a signal found it overdue", 3990, 4010, true, 0, 0, true, true, false},
    {"a signal found it nearly in time", 3990, 4009, true, 0, 0, false, false, false},
    {"the machine was suspended", 2000, 2000, false, 500, 0, true, true, false},
    {"two clocks, not read at once", 2000, 2000, false, 499, 0, false, false, false},
    {"this process was stopped", 2000, 2000, false, 0, 1, true, false, false},
};

static void see(struct stall *stall, const struct sight *sight)
{
    int64_t now_ns = begin + sight->at_ms * ms;
    stall_init(stall, begin, 7 * ms, 3);
    if (sight->due_ms < 0)
        stall_note(stall, now_ns);
    else
        stall_note_sleep(stall, begin + sight->due_ms * ms, now_ns, sight->was_interrupted);
    stall_note_stops(stall, (7 + sight->suspended_ms) * ms, 3 + sight->continues, now_ns);
}

static void test_stall_tells_what_it_may_have_hidden(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sights); i++) {
        const struct sight *sight = &sights[i];
        int64_t deadline_ns = begin + 4000 * ms;
        struct stall stall;
        see(&stall, sight);
        claim_true(sight->label, "hides", stall_hides(&stall, begin) == sight->hides);
        claim_true(sight->label, "voids",
                   stall_voids(&stall, begin, deadline_ns) == sight->voids);
        claim_true(sight->label, "delayed",
                   stall_delayed(&stall, deadline_ns) == sight->delayed);
    }
}

static void test_stall_hides_nothing_that_began_later_or_once_the_turn_is_over(void **state)
{
    (void)state;
    struct stall stall;
    see(&stall, &sights[1]);
    claim_true("began when we were back", "hidden", !stall_hides(&stall, begin + 5000 * ms));
    stall_end_turn(&stall);
    claim_true("in the turn after", "hidden", !stall_hides(&stall, begin));
    claim_true("in the turn after", "void", stall_voids(&stall, begin, begin + 4000 * ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stall_tells_what_it_may_have_hidden),
        cmocka_unit_test(test_stall_hides_nothing_that_began_later_or_once_the_turn_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
