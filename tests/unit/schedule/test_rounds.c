/*
 * Slots and what is missed of them: the test says what time it is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/schedule/rounds.h"

enum { LABEL_SIZE = 64 };

static const int64_t start_ns = 123456789; /* anything but a round number */
static const int64_t century_ns = INT64_C(100) * 365 * 86400 * NS_PER_S;

struct scene {
    struct entries entries;
    struct rounds rounds;
    struct schedule schedule;
};

static void add(struct entries *entries, const char *text, size_t count)
{
    struct target *target = NULL;
    struct fault fault;
    if (target_parse(text, strlen(text), &target, &fault) != ERROR_NONE)
        target = target_new_invalid(text, strlen(text), &fault, &(struct place){"test", 1, 0});
    struct endpoint endpoint = {.target = target, .port = 80};
    for (size_t i = 0; i < count; i++)
        assert_int_equal(entries_add(entries, &endpoint), ERROR_NONE);
    target_drop(target);
}

/* Begun at start_ns. */
static void begin(struct scene *scene, size_t members, int64_t interval_ns, uint64_t count)
{
    entries_init(&scene->entries, NULL);
    add(&scene->entries, "db:80", members);
    assert_int_equal(entries_close(&scene->entries), ERROR_NONE);
    scene->rounds =
        (struct rounds){.entries = &scene->entries, .interval_ns = interval_ns, .count = count};
    scene->schedule = rounds_schedule(&scene->rounds);
    rounds_begin(&scene->rounds, start_ns);
}

static bool take(struct scene *scene, int64_t now_ns, struct endpoint *endpoint)
{
    return scene->schedule.next(&scene->rounds, now_ns, endpoint) == ERROR_NONE;
}

/* The only row of an answer. */
static enum row_use answer(struct scene *scene, const struct endpoint *endpoint, int64_t now_ns)
{
    struct result result = {.rows = 1, .endpoint = *endpoint};
    return scene->schedule.answered(&scene->rounds, &result, now_ns);
}

static void come_back(struct scene *scene, int64_t now_ns)
{
    scene->schedule.returned(&scene->rounds, now_ns);
}

static bool is_over(const struct scene *scene)
{
    return scene->schedule.is_over(&scene->rounds, start_ns);
}

static void end(struct scene *scene)
{
    entries_release(&scene->entries);
}

/* Ask the members that are due now; each is answered at once. Returns how many. */
static size_t ask_due(struct scene *scene, int64_t now_ns)
{
    struct endpoint endpoint;
    size_t count = 0;
    for (; take(scene, now_ns, &endpoint); count++) {
        assert_true(count < scene->entries.count);
        (void)answer(scene, &endpoint, now_ns);
    }
    return count;
}

static int64_t due_ns(const struct scene *scene, size_t member)
{
    return scene->entries.items[member].timer.at_ns - start_ns;
}

/* Ask the next one, which must be there. */
static struct endpoint next(struct scene *scene, int64_t now_ns)
{
    struct endpoint endpoint = {.target = NULL};
    assert_true(take(scene, now_ns, &endpoint));
    return endpoint;
}

static void test_rounds_spread_the_first_slots_over_the_interval(void **state)
{
    static const size_t counts[] = {1, 2, 3, 7, 300, 1000};
    static const int64_t intervals[] = {1000000, 999999937, 1000000000, INT64_C(3600000000000)};
    for (size_t c = 0; c < ARRAY_LEN(counts); c++) {
        for (size_t i = 0; i < ARRAY_LEN(intervals); i++) {
            struct scene scene;
            char label[LABEL_SIZE];
            (void)snprintf(label, sizeof label, "%zu members, %lld ns", counts[c],
                           (long long)intervals[i]);
            begin(&scene, counts[c], intervals[i], 0);
            for (size_t m = 0; m < counts[c]; m++)
                claim_number(label, "slot 0", (uint64_t)due_ns(&scene, m),
                             (uint64_t)intervals[i] * m / counts[c]);
            end(&scene);
        }
    }
}

static void test_rounds_ask_a_million_members_within_one_interval(void **state)
{
    struct scene scene;
    begin(&scene, ENTRIES_MAX, NS_PER_MS, 0);
    for (size_t m = 1; m < ENTRIES_MAX; m++)
        assert_true(due_ns(&scene, m) >= due_ns(&scene, m - 1) &&
                    due_ns(&scene, m) < NS_PER_MS);
    assert_int_equal(ask_due(&scene, start_ns + NS_PER_MS - 1), ENTRIES_MAX);
    assert_int_equal(scene.rounds.missed, 0);
    end(&scene);
}

static void test_rounds_keep_their_slots_for_100000_rounds(void **state)
{
    struct scene scene;
    begin(&scene, 3, 1000, 0);
    for (int64_t round = 0; round < 100000; round++)
        for (int64_t member = 0; member < 3; member++) {
            int64_t at_ns = start_ns + round * 1000 + member * 1000 / 3;
            assert_true(entries_due_ns(&scene.entries) == at_ns);
            struct endpoint endpoint = next(&scene, at_ns + member);
            assert_true(endpoint.member == (size_t)member);
            (void)answer(&scene, &endpoint, at_ns + 700);
        }
    assert_int_equal(scene.rounds.missed, 0);
    end(&scene);
}

/*
 * Events of rounds of 1000 ns: "@T" is the time from the beginning on; "aN" asks member N,
 * whose turn it must be, "." none is due; "rN" is its answer, "c" the return from a stop;
 * "dN=T" it is due then, "uN" it is out, "wN" members are due at all; "#N" slots were missed;
 * "O" it is over, "o" it is not.
 */
static const struct play {
    const char *label;
    size_t members;
    uint64_t count;
    const char *events;
} plays[] = {
    {"none before its slot", 2, 0, "@-1 . @0 a0 @499 . @500 a1 @5000 ."},
    {"at once", 1, 0, "@0 a0 r0 d0=1000 #0"},
    {"late in the slot", 1, 0, "@999 a0 r0 d0=1000 #0"},
    {"right before the next one", 1, 0, "@0 a0 @999 r0 d0=1000 #0"},
    {"with the next one", 1, 0, "@0 a0 @1000 r0 d0=1000 #0"},
    {"a moment after it", 1, 0, "@0 a0 @1001 r0 d0=2000 #1"},
    {"in the slot after", 1, 0, "@0 a0 @1999 r0 d0=2000 #1"},
    {"with the one after", 1, 0, "@0 a0 @2000 r0 d0=2000 #1"},
    {"a year late", 1, 0, "@0 a0 @31536000000000001 r0 d0=31536000000001000 #31536000000000"},
    {"asked a slot late", 1, 0, "@1000 a0 r0 d0=2000 #1"},
    {"asked and answered late", 1, 0, "@2500 a0 @4500 r0 d0=5000 #4"},
    {"answered before the beginning", 2, 0, "@0 a0 @-5000 r0 d0=1000 c d1=500 #0"},
    {"over with the last answer, no slot is due after that", 1, 1, "o @0 a0 o @99999 r0 O #0"},
    {"no members", 0, 0, "O @5000 c"},
    {"return: not due yet", 1, 0, "@-1 c d0=0 #0 c d0=0 #0"},
    {"return: due now", 1, 0, "@0 c d0=0 #0 c d0=0 #0"},
    {"return: a moment late", 1, 0, "@1 c d0=1000 #1 c d0=1000 #1"},
    {"return: nearly a round late", 1, 0, "@999 c d0=1000 #1 c d0=1000 #1"},
    {"return: a round late", 1, 0, "@1000 c d0=1000 #1 c d0=1000 #1"},
    {"return: more than a round late", 1, 0, "@1001 c d0=2000 #2 c d0=2000 #2"},
    {"return: ten rounds late", 1, 0, "@9500 c d0=10000 #10 c d0=10000 #10"},
    {"return leaves alone who is out, or done", 2, 1,
     "@0 a0 @5600 c u0 w1 d1=6500 r0 w1 @8000 c w1"},
};

static void play(struct scene *scene, const char *label, const char *event, int64_t *now_ns)
{
    char *end = NULL;
    struct endpoint endpoint;
    int64_t number = strtoll(event + 1, &end, 10);
    const struct entry *items = scene->entries.items;
    if (*event == '@')
        *now_ns = start_ns + number;
    else if (*event == 'a')
        claim_number(label, event, next(scene, *now_ns).member, (uint64_t)number);
    else if (*event == '.')
        claim_true(label, event, !take(scene, *now_ns, &endpoint));
    else if (*event == 'r')
        (void)answer(scene, &items[number].endpoint, *now_ns);
    else if (*event == 'c')
        come_back(scene, *now_ns);
    else if (*event == 'd')
        claim_number(label, event, (uint64_t)due_ns(scene, (size_t)number),
                     strtoull(end + 1, NULL, 10));
    else if (*event == 'u')
        claim_true(label, event, items[number].is_out);
    else if (*event == 'w')
        claim_number(label, event, scene->entries.due.count, (uint64_t)number);
    else if (*event == '#')
        claim_number(label, event, scene->rounds.missed, (uint64_t)number);
    else
        claim_true(label, event, is_over(scene) == (*event == 'O'));
}

static void test_rounds_keep_to_their_slots(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(plays); i++) {
        struct scene scene;
        int64_t now_ns = start_ns;
        begin(&scene, plays[i].members, 1000, plays[i].count);
        for (const char *event = plays[i].events; *event != '\0';) {
            play(&scene, plays[i].label, event, &now_ns);
            event += strcspn(event, " ");
            event += strspn(event, " ");
        }
        end(&scene);
    }
}

static void test_rounds_centuries_long_do_not_overflow(void **state)
{
    static const int64_t intervals[] = {century_ns, 2 * century_ns, INT64_MAX / 3};
    for (size_t i = 0; i < ARRAY_LEN(intervals); i++) {
        struct scene scene;
        begin(&scene, 1, intervals[i], 0);
        for (int64_t slot = 0; slot < INT64_MAX / intervals[i]; slot++) {
            assert_true(due_ns(&scene, 0) == slot * intervals[i]);
            assert_int_equal(ask_due(&scene, start_ns + slot * intervals[i]), 1);
        }
        end(&scene);
    }
}

/* The slot behind the end of time never comes. */
static void test_rounds_of_all_time_are_asked_once(void **state)
{
    struct scene scene;
    begin(&scene, 1, INT64_MAX, 0);
    assert_int_equal(ask_due(&scene, start_ns), 1);
    assert_true(entries_due_ns(&scene.entries) == NEVER_NS);
    assert_int_equal(ask_due(&scene, NEVER_NS - 1), 0);
    come_back(&scene, NEVER_NS - 1);
    assert_true(entries_due_ns(&scene.entries) == NEVER_NS);
    end(&scene);
}

/* Some time after the machine was started, so that the last of them are behind the end of time.
 */
static void test_rounds_of_all_time_are_spread_without_overflow(void **state)
{
    struct scene scene;
    begin(&scene, 1000, INT64_MAX, 0);
    int64_t began_ns = INT64_C(200) * 86400 * NS_PER_S;
    rounds_begin(&scene.rounds, began_ns);
    for (size_t m = 0; m < 1000; m++)
        assert_true(scene.entries.items[m].timer.at_ns >= began_ns);
    assert_int_equal(ask_due(&scene, began_ns), 1);
    end(&scene);
}

static void test_rounds_are_over_once_all_were_asked_often_enough(void **state)
{
    static const uint64_t counts[] = {1, 2, 100};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        struct scene scene;
        begin(&scene, 3, 1000, counts[i]);
        uint64_t asked = 0;
        for (int64_t round = 0; !is_over(&scene) && round < 200; round++)
            asked += ask_due(&scene, start_ns + round * 1000 + 999);
        assert_int_equal(asked, 3 * counts[i]);
        assert_true(entries_due_ns(&scene.entries) == NEVER_NS);
        end(&scene);
    }
}

static void test_rounds_ask_an_invalid_line_once(void **state)
{
    struct scene scene = {.rounds = {.entries = &scene.entries, .interval_ns = 1000}};
    entries_init(&scene.entries, NULL);
    add(&scene.entries, "db:99999", 1);
    assert_int_equal(entries_close(&scene.entries), ERROR_NONE);
    scene.schedule = rounds_schedule(&scene.rounds);
    rounds_begin(&scene.rounds, start_ns);
    assert_int_equal(ask_due(&scene, start_ns), 1);
    assert_true(is_over(&scene));
    end(&scene);
}

static void test_rounds_return_keeps_the_spread(void **state)
{
    struct scene scene;
    begin(&scene, 1000, 1000000, 0);
    assert_int_equal(ask_due(&scene, start_ns + 999000), 1000);
    int64_t now_ns = start_ns + 50 * 1000000 + 333500;
    come_back(&scene, now_ns);
    assert_int_equal(ask_due(&scene, now_ns), 0);
    for (size_t m = 0; m < 1000; m++) {
        assert_int_equal(due_ns(&scene, m) % 1000000, m * 1000);
        assert_in_range(due_ns(&scene, m) + start_ns, now_ns, now_ns + 999999);
    }
    assert_int_equal(scene.rounds.missed,
                     1000 * 49 + 334); /* of those in the 50th round, 334 */
    end(&scene);
}

/* Whatever happens, a slot that began was asked, is under way, or is counted as missed. */
static void test_rounds_every_slot_is_asked_or_missed(void **state)
{
    for (uint64_t seed = 1; seed < 300; seed++) {
        struct scene scene;
        struct endpoint endpoint;
        uint64_t random = seed;
        uint64_t asked = 0;
        int64_t now_ns = start_ns;
        begin(&scene, 1, 1000, 0);
        for (int step = 0; step < 200; step++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            now_ns += (int64_t)(random >> 33) % (seed % 2 == 0 ? 900 : 4000);
            if ((random >> 60) == 0)
                come_back(&scene, now_ns);
            if (!take(&scene, now_ns, &endpoint))
                continue;
            asked++;
            now_ns += (int64_t)(random >> 20) % 2500;
            (void)answer(&scene, &endpoint, now_ns);
            assert_int_equal(due_ns(&scene, 0) % 1000, 0);
            assert_int_equal(asked + scene.rounds.missed, due_ns(&scene, 0) / 1000);
        }
        end(&scene);
    }
}

static void test_rounds_begin_with_the_first_call_after_the_input(void **state)
{
    struct scene scene = {.rounds = {.entries = &scene.entries, .interval_ns = 1000}};
    struct endpoint endpoint;
    entries_init(&scene.entries, NULL);
    add(&scene.entries, "db:80", 1);
    scene.schedule = rounds_schedule(&scene.rounds);
    assert_true(scene.schedule.due_ns(&scene.rounds, start_ns) == INT64_MIN);
    assert_false(is_over(&scene));
    come_back(&scene, start_ns); /* nothing is overdue yet */
    assert_int_equal(scene.schedule.end(&scene.rounds), SCHEDULE_END_UNFINISHED);
    assert_int_equal(entries_close(&scene.entries), ERROR_NONE);
    assert_true(take(&scene, start_ns + 77, &endpoint));
    assert_int_equal(scene.rounds.began_ns, start_ns + 77);
    end(&scene);
}

/* Rows of an answer: which of them count, and in which round they are. */
static void test_rounds_rows_that_the_end_cut_short_are_dropped(void **state)
{
    struct scene scene;
    struct endpoint endpoint = {.target = NULL};
    begin(&scene, 1, 1000, 0);
    static const bool cut[] = {true, false, true};
    for (unsigned row = 0; row < ARRAY_LEN(cut); row++) {
        if (row == 0)
            endpoint = next(&scene, start_ns);
        struct result result = {
            .row = row, .rows = ARRAY_LEN(cut), .endpoint = endpoint, .is_cut = cut[row]};
        assert_int_equal(scene.schedule.answered(&scene.rounds, &result, start_ns),
                         cut[row] ? ROW_USE_DROP : ROW_USE_COUNT);
        assert_int_equal(result.round, 1);
        assert_int_equal(scene.entries.items[0].has_row, row > 0);
        assert_int_equal(scene.entries.items[0].is_out, row + 1 < ARRAY_LEN(cut));
    }
    end(&scene);
}

/* Two targets, of which `answered` have a row; the first of them is asked `askings` times. */
static void test_rounds_end_says_whether_there_was_more_to_ask(void **state)
{
    static const struct {
        const char *label;
        uint64_t count;
        size_t answered;
        uint64_t rounds;
        enum schedule_end end;
    } cases[] = {
        {"nothing asked", 0, 0, 1, SCHEDULE_END_UNFINISHED},
        {"one without a row", 0, 1, 1, SCHEDULE_END_UNFINISHED},
        {"without end", 0, 2, 1, SCHEDULE_END_BY_ROWS},
        {"a round short", 3, 2, 2, SCHEDULE_END_UNFINISHED},
        {"all rounds", 3, 2, 3, SCHEDULE_END_BY_ROWS},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct scene scene;
        begin(&scene, 2, 1000, cases[i].count);
        for (uint64_t round = 0; round < cases[i].rounds; round++)
            for (size_t m = 0; m < cases[i].answered; m++) {
                int64_t now_ns = start_ns + (int64_t)round * 1000 + (int64_t)m * 500;
                struct endpoint endpoint = next(&scene, now_ns);
                claim_number(cases[i].label, "use", answer(&scene, &endpoint, now_ns),
                             ROW_USE_COUNT);
            }
        claim_number(cases[i].label, "end", scene.schedule.end(&scene.rounds), cases[i].end);
        end(&scene);
    }
}

/* A row in place of an answer is shown, and the target is not asked again for it. */
static void test_rounds_rest_is_shown_and_not_counted(void **state)
{
    struct scene scene;
    struct endpoint endpoint;
    begin(&scene, 2, 1000, 0);
    assert_int_equal(ask_due(&scene, start_ns), 1);
    assert_true(scene.schedule.has_rest(&scene.rounds));
    assert_int_equal(scene.schedule.rest(&scene.rounds, &endpoint), ERROR_NONE);
    assert_int_equal(endpoint.member, 1);
    assert_int_equal(answer(&scene, &endpoint, start_ns), ROW_USE_SHOW);
    assert_int_equal(due_ns(&scene, 1), 500);
    assert_false(scene.schedule.has_rest(&scene.rounds));
    assert_int_equal(scene.schedule.rest(&scene.rounds, &endpoint), ERROR_END);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds_spread_the_first_slots_over_the_interval),
        cmocka_unit_test(test_rounds_ask_a_million_members_within_one_interval),
        cmocka_unit_test(test_rounds_keep_their_slots_for_100000_rounds),
        cmocka_unit_test(test_rounds_keep_to_their_slots),
        cmocka_unit_test(test_rounds_centuries_long_do_not_overflow),
        cmocka_unit_test(test_rounds_of_all_time_are_asked_once),
        cmocka_unit_test(test_rounds_of_all_time_are_spread_without_overflow),
        cmocka_unit_test(test_rounds_are_over_once_all_were_asked_often_enough),
        cmocka_unit_test(test_rounds_ask_an_invalid_line_once),
        cmocka_unit_test(test_rounds_return_keeps_the_spread),
        cmocka_unit_test(test_rounds_every_slot_is_asked_or_missed),
        cmocka_unit_test(test_rounds_begin_with_the_first_call_after_the_input),
        cmocka_unit_test(test_rounds_rows_that_the_end_cut_short_are_dropped),
        cmocka_unit_test(test_rounds_end_says_whether_there_was_more_to_ask),
        cmocka_unit_test(test_rounds_rest_is_shown_and_not_counted),
    };
    return cmocka_run_group_tests_name("rounds", tests, NULL, NULL);
}
