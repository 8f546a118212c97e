/*
 * Whom to ask again, and when it is enough: the test says what time it is and what came out.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "../claim.h"
#include "netcheck/schedule/await.h"
#include "netcheck/base/base.h"

enum { SEEDS = 1000, PAUSES = 60, PAUSES_TO_FULL = 48 };

static const int64_t start_ns = 123456789;
static const int64_t ms = NS_PER_MS;

struct scene {
    struct roster roster;
    struct await await;
};

static void add(struct roster *roster, const char *text)
{
    struct target *target = NULL;
    struct fault fault;
    if (target_parse(text, strlen(text), &target, &fault) != ERROR_NONE)
        target = target_new_invalid(text, strlen(text), &fault, &(struct place){"test", 1, 0});
    assert_int_equal(roster_add(roster, &(struct endpoint){.target = target}), ERROR_NONE);
    target_drop(target);
}

/* `members` valid ones, and behind them `invalid` ones; begun at start_ns. */
static void begin(struct scene *scene, size_t members, size_t invalid,
                  const struct await *options)
{
    roster_init(&scene->roster);
    for (size_t i = 0; i < members; i++)
        add(&scene->roster, "db:80");
    for (size_t i = 0; i < invalid; i++)
        add(&scene->roster, "db:99999");
    assert_int_equal(roster_close(&scene->roster), ERROR_NONE);
    scene->await = *options;
    scene->await.roster = &scene->roster;
    await_begin(&scene->await, start_ns);
}

static void end(struct scene *scene)
{
    roster_release(&scene->roster);
}

/* Ask `member`, whose turn it must be. */
static void ask(struct scene *scene, size_t member, int64_t now_ns)
{
    struct endpoint endpoint;
    assert_true(await_next(&scene->await, now_ns, &endpoint));
    assert_int_equal(endpoint.member, member);
}

static bool asks_nobody(struct scene *scene, int64_t now_ns)
{
    struct endpoint endpoint;
    return !await_next(&scene->await, now_ns, &endpoint);
}

/* Row `row` of `rows`. */
static void answer_row(struct scene *scene, size_t member, unsigned row, unsigned rows,
                       bool is_expected, int64_t now_ns)
{
    struct result result = {
        .row = row, .rows = rows, .endpoint = scene->roster.members[member].endpoint};
    await_answered(&scene->await, &result, is_expected, now_ns);
}

static void answer(struct scene *scene, size_t member, bool is_expected, int64_t now_ns)
{
    answer_row(scene, member, 0, 1, is_expected, now_ns);
}

/* Ask and have the answer at once. */
static void settle(struct scene *scene, size_t member, bool is_expected, int64_t now_ns)
{
    ask(scene, member, now_ns);
    answer(scene, member, is_expected, now_ns);
}

static int64_t due_ns(const struct scene *scene)
{
    return roster_due_ns(&scene->roster);
}

static void test_await_begins_with_everybody_in_input_order(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 1000, 0, &(struct await){.backoff.seed = 1});
    for (size_t i = 0; i < 1000; i++)
        ask(&scene, i, start_ns);
    assert_true(asks_nobody(&scene, NEVER_NS));
    assert_int_equal(scene.roster.out, 1000);
    end(&scene);
}

static void test_await_of_nobody_is_met(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 0, 0, &(struct await){.backoff.seed = 1});
    assert_true(await_is_met(&scene.await));
    end(&scene);
}

static void test_await_pause_grows_from_100_ms_to_1_s(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct scene scene;
        begin(&scene, 1, 0, &(struct await){.backoff.seed = seed});
        int64_t least_ns = 100 * ms;
        int64_t now_ns = start_ns;
        for (int i = 0; i < PAUSES; i++) {
            settle(&scene, 0, false, now_ns);
            int64_t pause_ns = due_ns(&scene) - now_ns;
            assert_in_range(pause_ns, 100 * ms, 1000 * ms);
            assert_in_range(pause_ns, least_ns, least_ns + least_ns / 5);
            now_ns = due_ns(&scene);
            least_ns += least_ns / 20;
            least_ns = least_ns < 833 * ms ? least_ns : 833 * ms;
            assert_true(i < PAUSES_TO_FULL || least_ns == 833 * ms);
        }
        end(&scene);
    }
}

/* Of the first pauses and of the longest ones, no two in a hundred are the same. */
static void test_await_pause_is_left_to_chance_at_both_ends(void **state)
{
    (void)state;
    int64_t last_first_ns = 0;
    int64_t last_long_ns = 0;
    int same = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct scene scene;
        begin(&scene, 1, 0, &(struct await){.backoff.seed = seed});
        int64_t now_ns = start_ns;
        settle(&scene, 0, false, now_ns);
        int64_t first_ns = due_ns(&scene) - now_ns;
        for (int i = 0; i < PAUSES; i++) {
            now_ns = due_ns(&scene);
            settle(&scene, 0, false, now_ns);
        }
        int64_t long_ns = due_ns(&scene) - now_ns;
        same += (first_ns == last_first_ns) + (long_ns == last_long_ns);
        last_first_ns = first_ns;
        last_long_ns = long_ns;
        end(&scene);
    }
    assert_in_range(same, 0, SEEDS / 50);
}

/* Machines that start together do not ask together. */
static void test_await_pauses_differ_by_seed_and_member(void **state)
{
    (void)state;
    int64_t sum_ns = 0;
    int64_t least_ns = INT64_MAX;
    int64_t most_ns = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct scene scene;
        begin(&scene, 2, 0,
              &(struct await){.backoff.seed = seed, .backoff.interval_ns = 1000 * ms});
        settle(&scene, 0, false, start_ns);
        settle(&scene, 1, false, start_ns);
        int64_t first_ns = scene.roster.members[0].timer.at_ns - start_ns;
        assert_true(first_ns != scene.roster.members[1].timer.at_ns - start_ns);
        sum_ns += first_ns;
        least_ns = first_ns < least_ns ? first_ns : least_ns;
        most_ns = first_ns > most_ns ? first_ns : most_ns;
        end(&scene);
    }
    assert_in_range(sum_ns / SEEDS, 990 * ms, 1010 * ms);
    assert_in_range(least_ns, 900 * ms, 905 * ms);
    assert_in_range(most_ns, 1095 * ms, 1100 * ms);
}

static void test_await_pause_that_was_set_does_not_grow(void **state)
{
    (void)state;
    static const int64_t intervals[] = {1000000, 9, 20000000, 2000000000, 3600000000000};
    for (size_t i = 0; i < ARRAY_LEN(intervals); i++) {
        struct scene scene;
        begin(&scene, 1, 0,
              &(struct await){.backoff.seed = i, .backoff.interval_ns = intervals[i]});
        int64_t now_ns = start_ns;
        for (int n = 0; n < PAUSES; n++) {
            settle(&scene, 0, false, now_ns);
            assert_in_range(due_ns(&scene) - now_ns, intervals[i] - intervals[i] / 10,
                            intervals[i] + intervals[i] / 10);
            now_ns = due_ns(&scene);
        }
        end(&scene);
    }
}

static void test_await_pause_of_all_time_does_not_overflow(void **state)
{
    (void)state;
    static const int64_t intervals[] = {INT64_MAX / 11 * 10, INT64_MAX / 10 * 9 + 99,
                                        INT64_MAX - 1, INT64_MAX};
    for (size_t i = 0; i < ARRAY_LEN(intervals); i++)
        for (uint64_t seed = 0; seed < 20; seed++) {
            struct scene scene;
            begin(&scene, 1, 0,
                  &(struct await){.backoff.seed = seed, .backoff.interval_ns = intervals[i]});
            settle(&scene, 0, false, start_ns);
            assert_true(due_ns(&scene) - start_ns >= intervals[i] - intervals[i] / 10);
            end(&scene);
        }
}

static void test_await_pause_counts_from_the_asking(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 1, 0, &(struct await){.backoff.seed = 1, .backoff.interval_ns = 1000 * ms});
    ask(&scene, 0, start_ns);
    answer(&scene, 0, false, start_ns + 500 * ms);
    assert_in_range(due_ns(&scene) - start_ns, 900 * ms, 1100 * ms);
    int64_t asked_ns = due_ns(&scene);
    ask(&scene, 0, asked_ns);
    answer(&scene, 0, false, asked_ns + 5000 * ms);
    assert_true(due_ns(&scene) == asked_ns + 5000 * ms); /* long over: now */
    end(&scene);
}

static void test_await_leaves_alone_who_is_as_expected(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 2, 0, &(struct await){.backoff.seed = 1});
    settle(&scene, 0, true, start_ns);
    int64_t now_ns = start_ns;
    for (int i = 0; i < 1000; i++) {
        settle(&scene, 1, false, now_ns);
        assert_false(await_is_met(&scene.await));
        now_ns = due_ns(&scene);
    }
    assert_int_equal(scene.roster.members[0].asked, 1);
    end(&scene);
}

static void test_await_confirms_only_after_5_s(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t later_ns;
        bool confirms;
    } cases[] = {
        {"at once", 0, false},
        {"5 s", 5 * NS_PER_S, false},
        {"a moment more", 5 * NS_PER_S + 1, true},
        {"a year", 31536000 * NS_PER_S, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct scene scene;
        begin(&scene, 2, 0, &(struct await){.backoff.seed = 1});
        settle(&scene, 0, true, start_ns);
        ask(&scene, 1, start_ns);
        int64_t now_ns = start_ns + cases[i].later_ns;
        answer(&scene, 1, true, now_ns);
        claim_true(cases[i].label, "met at once",
                   await_is_met(&scene.await) != cases[i].confirms);
        if (cases[i].confirms)
            settle(&scene, 0, true, now_ns + 7);
        claim_true(cases[i].label, "met", await_is_met(&scene.await));
        claim_true(cases[i].label, "nobody else", asks_nobody(&scene, NEVER_NS));
        end(&scene);
    }
}

/* Also where the confirmations themselves take longer than that. */
static void test_await_confirms_everybody_once(void **state)
{
    (void)state;
    enum { MEMBERS = 100 };
    struct scene scene;
    begin(&scene, MEMBERS, 0, &(struct await){.backoff.seed = 1});
    for (size_t i = 1; i < MEMBERS; i++) {
        ask(&scene, i - 1, start_ns);
        answer(&scene, i - 1, true, start_ns);
    }
    ask(&scene, MEMBERS - 1, start_ns);
    int64_t now_ns = start_ns + 60 * NS_PER_S;
    answer(&scene, MEMBERS - 1, true, now_ns);
    struct endpoint endpoint;
    while (!await_is_met(&scene.await)) {
        assert_true(await_next(&scene.await, now_ns, &endpoint));
        assert_int_equal(scene.roster.members[endpoint.member].asked, 2);
        now_ns += 6 * NS_PER_S;
        answer(&scene, endpoint.member, true, now_ns);
    }
    for (size_t i = 0; i < MEMBERS; i++)
        assert_int_equal(scene.roster.members[i].asked, 2);
    end(&scene);
}

static void test_await_is_not_met_while_a_confirmation_is_out(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 3, 0, &(struct await){.backoff.seed = 1});
    settle(&scene, 0, true, start_ns);
    settle(&scene, 1, true, start_ns);
    ask(&scene, 2, start_ns);
    int64_t now_ns = start_ns + 10 * NS_PER_S;
    answer(&scene, 2, true, now_ns);
    struct endpoint first;
    struct endpoint second;
    assert_true(await_next(&scene.await, now_ns, &first));
    assert_true(await_next(&scene.await, now_ns, &second));
    assert_false(await_is_met(&scene.await));
    answer(&scene, first.member, true, now_ns + ms);
    assert_false(await_is_met(&scene.await));
    assert_false(await_is_hopeless(&scene.await));
    answer(&scene, second.member, true, now_ns + ms);
    assert_true(await_is_met(&scene.await));
    end(&scene);
}

static void test_await_goes_on_where_a_confirmation_fails(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 2, 0, &(struct await){.backoff.seed = 1});
    settle(&scene, 0, true, start_ns);
    ask(&scene, 1, start_ns);
    int64_t now_ns = start_ns + 10 * NS_PER_S;
    answer(&scene, 1, true, now_ns);
    settle(&scene, 0, false, now_ns);
    assert_false(await_is_met(&scene.await));
    assert_int_equal(scene.await.expected, 1);
    assert_in_range(due_ns(&scene) - now_ns, 100 * ms, 120 * ms); /* it begins anew */

    /* Soon there again: the other one was met a moment ago. */
    now_ns += 4 * NS_PER_S;
    settle(&scene, 0, true, now_ns);
    assert_true(await_is_met(&scene.await));
    end(&scene);
}

static void test_await_pause_begins_anew_after_success(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 2, 0, &(struct await){.backoff.seed = 1});
    ask(&scene, 0, start_ns);
    ask(&scene, 1, start_ns);
    answer(&scene, 0, false, start_ns);
    for (int i = 0; i < PAUSES; i++)
        settle(&scene, 0, false, due_ns(&scene));
    settle(&scene, 0, true, due_ns(&scene));
    int64_t now_ns = start_ns + 3600 * NS_PER_S;
    answer(&scene, 1, true, now_ns);
    settle(&scene, 0, false, now_ns); /* the confirmation */
    assert_in_range(due_ns(&scene) - now_ns, 100 * ms, 120 * ms);
    end(&scene);
}

static void test_await_confirms_again_after_a_failed_confirmation(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 3, 0, &(struct await){.backoff.seed = 1});
    settle(&scene, 0, true, start_ns);
    settle(&scene, 1, true, start_ns);
    ask(&scene, 2, start_ns);
    int64_t now_ns = start_ns + 10 * NS_PER_S;
    answer(&scene, 2, true, now_ns);
    struct endpoint endpoint;
    for (int i = 0; i < 2; i++) {
        assert_true(await_next(&scene.await, now_ns, &endpoint));
        answer(&scene, endpoint.member, endpoint.member == 0, now_ns);
    }
    now_ns += 60 * NS_PER_S;
    settle(&scene, 1, true, now_ns); /* the others were last seen a minute ago */
    size_t asked = 0;
    for (; await_next(&scene.await, now_ns, &endpoint); asked++) {
        assert_true(endpoint.member != 1);
        answer(&scene, endpoint.member, true, now_ns);
    }
    assert_int_equal(asked, 2);
    assert_true(await_is_met(&scene.await));
    end(&scene);
}

static void test_await_any_is_met_by_the_first(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 3, 1, &(struct await){.backoff.seed = 1, .is_any = true});
    for (size_t i = 0; i < 4; i++)
        ask(&scene, i, start_ns);
    answer(&scene, 3, false, start_ns);
    answer(&scene, 0, false, start_ns);
    assert_false(await_is_met(&scene.await));
    assert_false(await_is_hopeless(&scene.await));
    answer(&scene, 1, true, start_ns);
    assert_true(await_is_met(&scene.await)); /* although others are out or due */
    end(&scene);
}

static void test_await_any_of_invalid_lines_is_hopeless(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 0, 2, &(struct await){.backoff.seed = 1, .is_any = true});
    settle(&scene, 0, false, start_ns);
    assert_false(await_is_hopeless(&scene.await));
    settle(&scene, 1, false, start_ns);
    assert_true(await_is_hopeless(&scene.await));
    assert_false(await_is_met(&scene.await));
    end(&scene);
}

static void test_await_beside_an_invalid_line_asks_each_once(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 2, 1, &(struct await){.backoff.seed = 1});
    ask(&scene, 0, start_ns);
    settle(&scene, 1, false, start_ns);
    settle(&scene, 2, false, start_ns);
    assert_false(await_is_hopeless(&scene.await));
    answer(&scene, 0, true, start_ns + 60 * NS_PER_S);
    assert_true(await_is_hopeless(&scene.await));
    assert_false(await_is_met(&scene.await));
    assert_true(asks_nobody(&scene, NEVER_NS));
    end(&scene);
}

/* With -A: one row that is not as expected is enough, whichever it is. */
static void test_await_answer_of_several_rows_wants_each_of_them(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        bool rows[3];
        bool is_met;
    } cases[] = {
        {"all", {true, true, true}, true},
        {"not the first", {false, true, true}, false},
        {"not the middle one", {true, false, true}, false},
        {"not the last", {true, true, false}, false},
        {"none", {false, false, false}, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct scene scene;
        begin(&scene, 1, 0, &(struct await){.backoff.seed = 1});
        int64_t now_ns = start_ns;
        ask(&scene, 0, now_ns);
        for (unsigned row = 0; row < 3; row++) {
            claim_true(cases[i].label, "it is out", scene.roster.members[0].is_out);
            answer_row(&scene, 0, row, 3, cases[i].rows[row], now_ns);
        }
        claim_true(cases[i].label, "met", await_is_met(&scene.await) == cases[i].is_met);
        if (!cases[i].is_met) {
            ask(&scene, 0, now_ns + NS_PER_S);
            answer_row(&scene, 0, 0, 2, true, now_ns);
            answer_row(&scene, 0, 1, 2, true, now_ns);
            claim_true(cases[i].label, "met the next time", await_is_met(&scene.await));
        }
        end(&scene);
    }
}

/* Random answers: it is met exactly when nobody is out or due, and all are as expected. */
static void test_await_is_met_only_by_the_last_answers(void **state)
{
    (void)state;
    enum { MEMBERS = 4, STEPS = 400 };
    for (uint64_t seed = 1; seed < SEEDS; seed++) {
        struct scene scene;
        bool last[MEMBERS] = {false};
        uint64_t random = seed;
        int64_t now_ns = start_ns;
        int steps = 0;
        begin(&scene, MEMBERS, 0, &(struct await){.backoff.seed = seed});
        for (; steps < STEPS && !await_is_met(&scene.await); steps++) {
            struct endpoint endpoint;
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            now_ns = due_ns(&scene) > now_ns ? due_ns(&scene) : now_ns;
            assert_true(await_next(&scene.await, now_ns, &endpoint));
            now_ns += (int64_t)(random >> 40) * 100;
            last[endpoint.member] = (random >> 33) % 4 != 0;
            answer(&scene, endpoint.member, last[endpoint.member], now_ns);
            assert_false(await_is_hopeless(&scene.await));
        }
        for (size_t i = 0; i < MEMBERS && steps < STEPS; i++)
            assert_true(last[i]);
        assert_true(steps < STEPS);
        end(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_await_begins_with_everybody_in_input_order),
        cmocka_unit_test(test_await_of_nobody_is_met),
        cmocka_unit_test(test_await_pause_grows_from_100_ms_to_1_s),
        cmocka_unit_test(test_await_pause_is_left_to_chance_at_both_ends),
        cmocka_unit_test(test_await_pauses_differ_by_seed_and_member),
        cmocka_unit_test(test_await_pause_that_was_set_does_not_grow),
        cmocka_unit_test(test_await_pause_counts_from_the_asking),
        cmocka_unit_test(test_await_leaves_alone_who_is_as_expected),
        cmocka_unit_test(test_await_confirms_only_after_5_s),
        cmocka_unit_test(test_await_confirms_everybody_once),
        cmocka_unit_test(test_await_is_not_met_while_a_confirmation_is_out),
        cmocka_unit_test(test_await_goes_on_where_a_confirmation_fails),
        cmocka_unit_test(test_await_pause_begins_anew_after_success),
        cmocka_unit_test(test_await_confirms_again_after_a_failed_confirmation),
        cmocka_unit_test(test_await_any_is_met_by_the_first),
        cmocka_unit_test(test_await_any_of_invalid_lines_is_hopeless),
        cmocka_unit_test(test_await_beside_an_invalid_line_asks_each_once),
        cmocka_unit_test(test_await_answer_of_several_rows_wants_each_of_them),
        cmocka_unit_test(test_await_is_met_only_by_the_last_answers),
        cmocka_unit_test(test_await_pause_of_all_time_does_not_overflow),
    };
    return cmocka_run_group_tests_name("await", tests, NULL, NULL);
}
