/*
 * On virtual time: the test says what time it is, and what there is to do.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/congestion.h"

static const int64_t start_ns = 1000 * NS_PER_S + 123456789; /* anything but a round number */
static const int64_t timeout_ns = 5 * NS_PER_S;
static const int64_t ms = NS_PER_MS;

enum {
    WINDOW = 800,
    LEAST = 100, /* rechecks at a time, at first, and a second */
};

static struct target target = {.references = 1};

static void init(struct congestion *congestion, size_t window)
{
    const struct bound bound = {.window = window, .attempts = 1, .timeout_ns = timeout_ns};
    congestion_init(congestion, &bound);
}

/* A round of canaries, of which all are clean, or lost. */
static void ask_canaries(struct congestion *congestion, int64_t now_ns, bool is_clean)
{
    struct canary *canary = &congestion->canary;
    struct endpoint endpoint = {.target = &target, .protocol = PROTOCOL_TCP, .port = 80};
    struct endpoint asked[CANARY_QUESTIONS];
    (void)address_parse("192.0.2.1", strlen("192.0.2.1"), &endpoint.address);
    canary_add(canary, &endpoint, 20 * ms, 0);
    for (size_t count = canary_begin(canary, now_ns, -1, 3, asked); count > 0; count--) {
        target_drop(asked[count - 1].target);
        canary_report(canary, is_clean ? CANARY_CLEAN : CANARY_LOST);
    }
}

static void test_congestion_judges_silence(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum congestion_phase phase;
        enum silence silence;
        unsigned rechecks;
        enum path_state path;
        enum judgement judgement;
    } cases[] = {
        {"few in flight", CONGESTION_UNWATCHED, SILENCE_SUSPECT, 0, PATH_CONGESTED,
         JUDGEMENT_BELIEVE},
        {"took too long", CONGESTION_OVER, SILENCE_SUSPECT, 0, PATH_CONGESTED,
         JUDGEMENT_BELIEVE},
        {"clear", CONGESTION_WATCHED, SILENCE_PLAIN, 0, PATH_CLEAR, JUDGEMENT_BELIEVE},
        {"congested", CONGESTION_WATCHED, SILENCE_PLAIN, 0, PATH_CONGESTED, JUDGEMENT_RECHECK},
        {"unknown", CONGESTION_WATCHED, SILENCE_PLAIN, 0, PATH_UNKNOWN, JUDGEMENT_UNDECIDED},
        {"limited", CONGESTION_WATCHED, SILENCE_LIMITED, 0, PATH_CONGESTED, JUDGEMENT_BELIEVE},
        {"none", CONGESTION_WATCHED, SILENCE_NONE, 0, PATH_CONGESTED, JUDGEMENT_BELIEVE},
        {"suspect", CONGESTION_WATCHED, SILENCE_SUSPECT, 0, PATH_CLEAR, JUDGEMENT_RECHECK},
        {"suspect, unknown", CONGESTION_WATCHED, SILENCE_SUSPECT, 0, PATH_UNKNOWN,
         JUDGEMENT_RECHECK},
        {"suspect twice", CONGESTION_RECHECKING, SILENCE_SUSPECT, 1, PATH_CLEAR,
         JUDGEMENT_BELIEVE},
        {"congested again", CONGESTION_RECHECKING, SILENCE_SUSPECT, CONGESTION_RECHECKS_MAX - 1,
         PATH_CONGESTED, JUDGEMENT_RECHECK},
        {"too often", CONGESTION_RECHECKING, SILENCE_SUSPECT, CONGESTION_RECHECKS_MAX,
         PATH_CONGESTED, JUDGEMENT_BELIEVE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct congestion congestion;
        init(&congestion, WINDOW);
        congestion_start(&congestion, start_ns, -1);
        congestion.phase = cases[i].phase;
        /* A round long before the end tells nothing. */
        int64_t ended_ns =
            start_ns + (cases[i].path == PATH_UNKNOWN ? 3 * timeout_ns : timeout_ns);
        ask_canaries(&congestion, start_ns, true);
        if (cases[i].path != PATH_UNKNOWN)
            ask_canaries(&congestion, start_ns + 4 * NS_PER_S, cases[i].path == PATH_CLEAR);
        const struct silent_check check = {cases[i].silence, cases[i].rechecks,
                                           ended_ns - timeout_ns, ended_ns, OS_TCP};
        claim_number(cases[i].label, "judgement", congestion_judge(&congestion, &check),
                     cases[i].judgement);
        congestion_release(&congestion);
    }
}

static void test_congestion_found_once_until_rechecks_are_done(void **state)
{
    (void)state;
    struct congestion congestion;
    struct load load = {.now_ns = start_ns, .rechecks = 1, .under_way = 1};
    init(&congestion, WINDOW);
    congestion_start(&congestion, start_ns, -1);
    assert_true(congestion_note_congested(&congestion));
    congestion_update(&congestion, &load);
    assert_false(congestion_note_congested(&congestion));
    load.rechecks = 0;
    congestion_update(&congestion, &load);
    assert_true(congestion_note_congested(&congestion));
    congestion_release(&congestion);
}

/* From `before` on, with so much to do. */
static void test_congestion_rechecks_have_their_turn_when_nothing_else_is_under_way(
    void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum congestion_phase before;
        size_t under_way;
        size_t rechecking; /* of these */
        size_t undecided;
        size_t rechecks;
        enum congestion_phase after;
    } cases[] = {
        {"nothing", CONGESTION_WATCHED, 0, 0, 0, 0, CONGESTION_WATCHED},
        {"targets under way", CONGESTION_WATCHED, 1, 0, 0, 1, CONGESTION_WATCHED},
        {"one is undecided", CONGESTION_WATCHED, 0, 0, 1, 1, CONGESTION_WATCHED},
        {"all silent", CONGESTION_WATCHED, 0, 0, 0, 1, CONGESTION_RECHECKING},
        {"few in flight", CONGESTION_UNWATCHED, 0, 0, 0, 1, CONGESTION_UNWATCHED},
        {"over", CONGESTION_OVER, 0, 0, 0, 1, CONGESTION_OVER},
        {"more to recheck", CONGESTION_RECHECKING, 0, 0, 0, 1, CONGESTION_RECHECKING},
        {"the last one undecided", CONGESTION_RECHECKING, 0, 0, 1, 0, CONGESTION_RECHECKING},
        {"the last one under way", CONGESTION_RECHECKING, 1, 1, 0, 0, CONGESTION_RECHECKING},
        {"done", CONGESTION_RECHECKING, 1, 0, 0, 0, CONGESTION_WATCHED},
        {"over and done", CONGESTION_OVER, 0, 0, 0, 0, CONGESTION_OVER},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct congestion congestion;
        const struct load load = {.now_ns = start_ns,
                                  .under_way = cases[i].under_way,
                                  .undecided = cases[i].undecided,
                                  .rechecks = cases[i].rechecks};
        init(&congestion, WINDOW);
        congestion.phase = cases[i].before;
        for (size_t j = 0; j <= cases[i].rechecking; j++)
            congestion_begin_recheck(&congestion, start_ns);
        congestion_end_recheck(&congestion);
        congestion_update(&congestion, &load);
        claim_number(cases[i].label, "phase", congestion.phase, cases[i].after);
        congestion_release(&congestion);
    }
}

/* Rechecks have their turn since start_ns, after `taken` of them have begun then. */
static void test_congestion_recheck_may_begin_at_its_pace_on_a_clear_path(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        size_t rechecks; /* that wait */
        size_t under_way;
        unsigned taken;
        int64_t rate_ms; /* all from start_ns on */
        int64_t now_ms;
        int64_t clear_ms; /* the last round; before it: -1 congested */
        int64_t due_ms;   /* -1: never */
    } cases[] = {
        {"the first", 1, 0, 0, -1000, 0, 0, 0},
        {"late", 1, 0, 0, -1000, 5, 0, 5},
        {"the second", 1, 1, 1, -1000, 0, 0, 10},
        {"the third", 1, 2, 2, -1000, 0, 0, 20},
        {"by the rate", 1, 0, 0, 20, 5, 0, 20},
        {"by the pace, not the rate", 1, 2, 2, 5, 0, 0, 20},
        {"none waits", 0, 0, 0, -1000, 0, 0, -1},
        {"just below the limit", 1, LEAST - 1, 0, -1000, 0, 0, 0},
        {"as many as may", 1, LEAST, 0, -1000, 0, 0, -1},
        {"not clear lately", 1, 0, 0, -1000, 2001, 0, -1},
        {"clear just lately", 1, 0, 0, -1000, 2000, 0, 2000},
        {"congested", 1, 0, 0, -1000, 0, -1, -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct congestion congestion;
        struct load load = {.now_ns = start_ns, .rechecks = 1};
        init(&congestion, WINDOW);
        congestion_start(&congestion, start_ns, -1);
        ask_canaries(&congestion, start_ns, cases[i].clear_ms == 0);
        claim_number(cases[i].label, "not yet",
                     (uint64_t)congestion_recheck_ns(&congestion, &load), NEVER_NS);
        congestion_update(&congestion, &load);
        for (unsigned j = 0; j < cases[i].taken; j++)
            congestion_begin_recheck(&congestion, start_ns);
        load.now_ns = start_ns + cases[i].now_ms * ms;
        load.rate_ns = start_ns + cases[i].rate_ms * ms;
        load.rechecks = cases[i].rechecks;
        load.under_way = cases[i].under_way;
        claim_number(
            cases[i].label, "due", (uint64_t)congestion_recheck_ns(&congestion, &load),
            (uint64_t)(cases[i].due_ms < 0 ? NEVER_NS : start_ns + cases[i].due_ms * ms));
        congestion_release(&congestion);
    }
}

/* After `still` verdicts without news, and perhaps one with news or a congested path. */
static void test_congestion_rechecks_without_news_double(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        size_t window;
        unsigned still;
        bool has_news;
        bool is_congested;
        size_t parallel;
        uint64_t per_second;
    } cases[] = {
        {"at first", WINDOW, 0, false, false, LEAST, 100},
        {"not enough", WINDOW, LEAST - 1, false, false, LEAST, 100},
        {"a whole lot", WINDOW, LEAST, false, false, 2 * LEAST, 200},
        {"not enough for the next", WINDOW, 3 * LEAST - 1, false, false, 2 * LEAST, 200},
        {"two lots", WINDOW, 3 * LEAST, false, false, 4 * LEAST, 400},
        {"up to the window", WINDOW, 100 * LEAST, false, false, WINDOW, 800},
        {"news", WINDOW, 3 * LEAST, true, false, LEAST, 100},
        {"congested", WINDOW, 3 * LEAST, false, true, LEAST, 100},
        {"a large window", 100000, 0, false, false, 128, 100},
        {"a small window", 7, 0, false, false, 1, 100},
        {"a small window, later", 7, 3, false, false, 4, 400},
        {"a small window, much later", 7, 99, false, false, 4, 400},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct congestion congestion;
        init(&congestion, cases[i].window);
        for (unsigned j = 0; j < cases[i].still; j++)
            congestion_note_verdict(&congestion, false);
        if (cases[i].has_news)
            congestion_note_verdict(&congestion, true);
        if (cases[i].is_congested)
            assert_true(congestion_note_congested(&congestion));
        claim_number(cases[i].label, "parallel", congestion.parallel, cases[i].parallel);
        claim_number(cases[i].label, "a second", congestion.pace.per_second,
                     cases[i].per_second);
        congestion_release(&congestion);
    }
}

/* A window of 800 places, of which 300 are taken. */
static void test_congestion_room_is_none_while_rechecks_come_first(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum congestion_phase phase;
        bool is_found;
        size_t occupied;
        bool is_short;
        size_t undecided;
        size_t rechecks;
        size_t outages;
        int64_t waited_ms; /* of the first recheck */
        size_t room;
    } cases[] = {
        {"none silent", CONGESTION_WATCHED, false, 300, false, 0, 0, 0, 0, 500},
        {"not watched", CONGESTION_UNWATCHED, false, 300, false, 0, 0, 0, 0, 500},
        {"full", CONGESTION_WATCHED, false, 800, false, 0, 0, 0, 0, 0},
        {"more than full", CONGESTION_WATCHED, false, 801, false, 0, 0, 0, 0, 0},
        {"short", CONGESTION_WATCHED, false, 300, true, 0, 0, 0, 0, 0},
        {"undecided", CONGESTION_WATCHED, false, 300, false, 1000, 0, 0, 99000, 500},
        {"rechecks wait", CONGESTION_WATCHED, false, 300, false, 0, 10, 0, 19999, 500},
        {"rechecks wait for long", CONGESTION_WATCHED, false, 300, false, 0, 10, 0, 20000, 0},
        {"rechecks of a congested path", CONGESTION_WATCHED, true, 300, false, 0, 10, 0, 0, 0},
        {"congested, no rechecks", CONGESTION_WATCHED, true, 300, false, 1, 0, 0, 0, 500},
        {"rechecking", CONGESTION_RECHECKING, false, 3, false, 0, 10, 0, 0, 0},
        {"the last rechecks", CONGESTION_RECHECKING, false, 3, false, 0, 0, 0, 0, 97},
        {"the last rechecks, full", CONGESTION_RECHECKING, false, 100, false, 0, 0, 0, 0, 0},
        {"just below too many", CONGESTION_WATCHED, false, 300, false, 4095, 0, 0, 0, 500},
        {"too many undecided", CONGESTION_WATCHED, false, 300, false, 4096, 0, 0, 0, 0},
        {"too many of all kinds", CONGESTION_WATCHED, false, 300, false, 2000, 96, 2000, 0, 0},
        {"too many outages", CONGESTION_UNWATCHED, false, 300, false, 0, 0, 4096, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct congestion congestion;
        struct window window;
        const struct load load = {.now_ns = start_ns,
                                  .recheck_ns = start_ns - cases[i].waited_ms * ms,
                                  .occupied = cases[i].occupied,
                                  .under_way = cases[i].occupied,
                                  .undecided = cases[i].undecided,
                                  .rechecks = cases[i].rechecks,
                                  .outages = cases[i].outages,
                                  .is_short = cases[i].is_short};
        window_init(&window, WINDOW);
        init(&congestion, WINDOW);
        congestion.phase = cases[i].phase;
        congestion.is_found = cases[i].is_found;
        claim_number(cases[i].label, "room", congestion_room(&congestion, &window, &load),
                     cases[i].room);
        congestion_release(&congestion);
    }
}

static void test_congestion_limit_is_the_smaller_of_window_and_rechecks(void **state)
{
    (void)state;
    struct congestion congestion;
    struct window window;
    init(&congestion, WINDOW);
    window_init(&window, WINDOW);
    congestion_start(&congestion, start_ns, -1);
    assert_int_equal(congestion_limit(&congestion, &window), WINDOW);
    congestion.phase = CONGESTION_RECHECKING;
    assert_int_equal(congestion_limit(&congestion, &window), LEAST);
    window.limit = LEAST - 1;
    assert_int_equal(congestion_limit(&congestion, &window), LEAST - 1);
    congestion_release(&congestion);
}

/* Ten seconds pass; is any of it counted? */
static void test_congestion_counts_the_time_for_which_targets_are_put_off(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum congestion_phase phase;
        size_t ceiling;
        size_t occupied;
        size_t under_way;
        size_t outages;
        int64_t returned_s; /* from start_ns on */
        int64_t held_s;
    } cases[] = {
        {"nothing silent", CONGESTION_WATCHED, WINDOW, 0, 0, 0, -1, 0},
        {"full", CONGESTION_WATCHED, WINDOW, WINDOW, 1, 0, -1, 0},
        {"rechecking", CONGESTION_RECHECKING, WINDOW, 1, 1, 0, -1, 10},
        {"waits with nothing under way", CONGESTION_WATCHED, WINDOW, 0, 0, 1, -1, 10},
        {"waits beside others", CONGESTION_WATCHED, WINDOW, 1, 1, 1, -1, 0},
        {"narrow and full", CONGESTION_WATCHED, 400, 400, 1, 0, -1, 10},
        {"narrow with room", CONGESTION_WATCHED, 400, 399, 1, 0, -1, 0},
        {"too many wait", CONGESTION_WATCHED, WINDOW, 1, 1, 4096, -1, 10},
        {"did not run at first", CONGESTION_RECHECKING, WINDOW, 1, 1, 0, 4, 6},
        {"did not run before", CONGESTION_RECHECKING, WINDOW, 1, 1, 0, 0, 10},
        {"did not run until now", CONGESTION_RECHECKING, WINDOW, 1, 1, 0, 10, 0},
        {"returns later", CONGESTION_RECHECKING, WINDOW, 1, 1, 0, 11, 10},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct congestion congestion;
        const struct window window = {WINDOW, cases[i].ceiling, cases[i].ceiling};
        struct load load = {.now_ns = start_ns,
                            .occupied = cases[i].occupied,
                            .under_way = cases[i].under_way,
                            .outages = cases[i].outages};
        int64_t returned_ns = start_ns + cases[i].returned_s * NS_PER_S;
        init(&congestion, WINDOW);
        congestion_start(&congestion, start_ns - 50 * NS_PER_S, -1);
        congestion.phase = cases[i].phase;
        (void)congestion_count_held(&congestion, &window, &load, INT64_MIN);
        load.now_ns = start_ns + 10 * NS_PER_S;
        (void)congestion_count_held(&congestion, &window, &load, returned_ns);
        claim_number(cases[i].label, "held", (uint64_t)congestion.held_ns,
                     (uint64_t)(cases[i].held_s * NS_PER_S));
        congestion_release(&congestion);
    }
}

static void test_congestion_over_when_the_time_to_put_off_is_used_up(void **state)
{
    (void)state;
    struct congestion congestion;
    struct window window;
    struct load load = {.now_ns = start_ns,
                        .deadline_ns = NEVER_NS,
                        .rate_ns = INT64_MIN,
                        .submitted = WINDOW + 1,
                        .outages = 1};
    const int64_t allowed_ns = 2 * timeout_ns + 60 * NS_PER_S; /* two windows, and a minute */
    init(&congestion, WINDOW);
    window_init(&window, WINDOW);
    congestion_start(&congestion, start_ns, -1);
    assert_false(congestion_count_held(&congestion, &window, &load, INT64_MIN));
    assert_int_equal(congestion_due_ns(&congestion, &window, &load), start_ns + allowed_ns);
    load.now_ns = start_ns + allowed_ns - 1;
    assert_false(congestion_count_held(&congestion, &window, &load, INT64_MIN));
    assert_int_equal(congestion_due_ns(&congestion, &window, &load), start_ns + allowed_ns);
    load.now_ns = start_ns + allowed_ns;
    assert_true(congestion_count_held(&congestion, &window, &load, INT64_MIN));
    congestion_stop(&congestion);
    assert_false(congestion_is_watched(&congestion));
    assert_int_equal(congestion_due_ns(&congestion, &window, &load), NEVER_NS);
    congestion_release(&congestion);
}

/* A round of canaries at start_ns; what is the next thing to do? */
static void test_congestion_due_for_canaries_rechecks_or_the_end(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum congestion_phase phase;
        size_t undecided;
        size_t rechecks;
        size_t under_way;
        int64_t deadline_ms; /* from start_ns on; -1: none */
        int64_t rate_ms;
        int64_t due_ms; /* -1: never */
    } cases[] = {
        {"nothing", CONGESTION_WATCHED, 0, 0, 1, -1, -1000, -1},
        {"with the last SYN", CONGESTION_WATCHED, 0, 0, 1, 5000, -1000, 4000},
        {"undecided", CONGESTION_WATCHED, 1, 0, 1, 5000, -1000, 1000},
        {"undecided, by the rate", CONGESTION_WATCHED, 1, 0, 1, 5000, 1500, 1500},
        {"a recheck", CONGESTION_RECHECKING, 0, 1, 0, -1, -1000, 0},
        {"a recheck, by the rate", CONGESTION_RECHECKING, 0, 1, 0, -1, 300, 300},
        {"canaries for rechecks", CONGESTION_RECHECKING, 0, 1, LEAST, -1, -1000, 1000},
        {"not watched", CONGESTION_UNWATCHED, 1, 1, 0, 5000, -1000, -1},
        {"over", CONGESTION_OVER, 1, 1, 0, 5000, -1000, -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct congestion congestion;
        struct window window;
        const struct load load = {.now_ns = start_ns,
                                  .deadline_ns = cases[i].deadline_ms < 0
                                                     ? NEVER_NS
                                                     : start_ns + cases[i].deadline_ms * ms,
                                  .rate_ns = start_ns + cases[i].rate_ms * ms,
                                  .recheck_ns = start_ns,
                                  .under_way = cases[i].under_way,
                                  .undecided = cases[i].undecided,
                                  .rechecks = cases[i].rechecks};
        init(&congestion, WINDOW);
        window_init(&window, WINDOW);
        ask_canaries(&congestion, start_ns, true);
        congestion.phase = cases[i].phase;
        claim_number(
            cases[i].label, "due", (uint64_t)congestion_due_ns(&congestion, &window, &load),
            (uint64_t)(cases[i].due_ms < 0 ? NEVER_NS : start_ns + cases[i].due_ms * ms));
        congestion_release(&congestion);
    }
}

/* Rechecks began a minute before; the canaries were lost since. */
static void test_congestion_canaries_expire_only_while_rechecks_wait_for_them(void **state)
{
    (void)state;
    static const enum congestion_phase phases[] = {CONGESTION_WATCHED, CONGESTION_RECHECKING};
    for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
        struct congestion congestion;
        const struct load load = {.now_ns = start_ns, .rechecks = 1};
        init(&congestion, WINDOW);
        congestion_start(&congestion, start_ns, -1);
        ask_canaries(&congestion, start_ns, false);
        congestion_update(&congestion, &load);
        congestion.phase = phases[i];
        congestion_expire_canaries(&congestion, start_ns + 60 * NS_PER_S - 1);
        assert_int_equal(congestion.canary.known_count, 1);
        congestion_expire_canaries(&congestion, start_ns + 60 * NS_PER_S);
        assert_int_equal(congestion.canary.known_count,
                         phases[i] == CONGESTION_RECHECKING ? 0 : 1);
        congestion_release(&congestion);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_congestion_judges_silence),
        cmocka_unit_test(test_congestion_found_once_until_rechecks_are_done),
        cmocka_unit_test(
            test_congestion_rechecks_have_their_turn_when_nothing_else_is_under_way),
        cmocka_unit_test(test_congestion_recheck_may_begin_at_its_pace_on_a_clear_path),
        cmocka_unit_test(test_congestion_rechecks_without_news_double),
        cmocka_unit_test(test_congestion_room_is_none_while_rechecks_come_first),
        cmocka_unit_test(test_congestion_limit_is_the_smaller_of_window_and_rechecks),
        cmocka_unit_test(test_congestion_counts_the_time_for_which_targets_are_put_off),
        cmocka_unit_test(test_congestion_over_when_the_time_to_put_off_is_used_up),
        cmocka_unit_test(test_congestion_due_for_canaries_rechecks_or_the_end),
        cmocka_unit_test(test_congestion_canaries_expire_only_while_rechecks_wait_for_them),
    };
    return cmocka_run_group_tests_name("unit: congestion", tests, NULL, NULL);
}
