/*
 * Which targets to ask again, and when that is enough: the test says what time it is and what
 * came out.
 */
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/schedule/wait.h"
#include "netcheck/base/base.h"

enum { SEEDS = 1000, PAUSES = 60, PAUSES_TO_FULL = 48 };

static const int64_t start_ns = 123456789;
static const int64_t ms = NS_PER_MS;

struct scene {
    struct entries entries;
    struct wait wait;
    struct schedule schedule;
};

static void add(struct entries *entries, const char *text)
{
    struct target *target = NULL;
    struct fault fault;
    if (target_parse(text, strlen(text), &target, &fault) != ERROR_NONE)
        target = target_new_invalid(text, strlen(text), &fault, &(struct place){"test", 1, 0});
    assert_int_equal(entries_add(entries, &(struct endpoint){.target = target}), ERROR_NONE);
    target_drop(target);
}

/* `members` valid ones, and behind them `invalid` ones; begun at start_ns. */
static void begin_with(struct scene *scene, const char *text, size_t members, size_t invalid,
                       const struct wait *options)
{
    entries_init(&scene->entries, NULL);
    for (size_t i = 0; i < members + invalid; i++)
        add(&scene->entries, i < members ? text : "db:99999");
    assert_int_equal(entries_close(&scene->entries), ERROR_NONE);
    scene->wait = *options;
    scene->wait.entries = &scene->entries;
    if (scene->wait.until_ns == 0)
        scene->wait.until_ns = NEVER_NS;
    scene->schedule = wait_schedule(&scene->wait);
    wait_begin(&scene->wait, start_ns);
}

static void begin(struct scene *scene, size_t members, const struct wait *options)
{
    begin_with(scene, "db:80", members, 0, options);
}

static void end(struct scene *scene)
{
    entries_release(&scene->entries);
}

static bool take(struct scene *scene, int64_t now_ns, struct endpoint *endpoint)
{
    return scene->schedule.next(&scene->wait, now_ns, endpoint) == ERROR_NONE;
}

static bool is_hopeless(const struct scene *scene)
{
    return scene->schedule.is_over(&scene->wait, start_ns) && !wait_is_met(&scene->wait);
}

/* Ask `member`, whose turn it must be. */
static void ask(struct scene *scene, size_t member, int64_t now_ns)
{
    struct endpoint endpoint;
    assert_true(take(scene, now_ns, &endpoint));
    assert_int_equal(endpoint.member, member);
}

static bool asks_none(struct scene *scene, int64_t now_ns)
{
    struct endpoint endpoint;
    return !take(scene, now_ns, &endpoint);
}

/* Row `row` of `rows`. */
static void answer_row(struct scene *scene, size_t member, unsigned row, unsigned rows,
                       bool is_expected, int64_t now_ns)
{
    struct result result = {
        .row = row,
        .rows = rows,
        .endpoint = scene->entries.items[member].endpoint,
        .outcome = outcome_of(is_expected ? REASON_CONNECTED : REASON_REFUSED),
    };
    assert_int_equal(scene->schedule.answered(&scene->wait, &result, now_ns), ROW_USE_COUNT);
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
    return entries_due_ns(&scene->entries);
}

static void test_wait_begins_with_all_in_input_order(void **state)
{
    struct scene scene;
    begin(&scene, 1000, &(struct wait){.backoff.seed = 1});
    for (size_t i = 0; i < 1000; i++)
        ask(&scene, i, start_ns);
    assert_true(asks_none(&scene, NEVER_NS));
    assert_int_equal(scene.entries.out, 1000);
    end(&scene);
}

static void test_wait_pause_grows_from_100_ms_to_1_s(void **state)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct scene scene;
        begin(&scene, 1, &(struct wait){.backoff.seed = seed});
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
static void test_wait_pause_is_left_to_chance_at_both_ends(void **state)
{
    int64_t last_first_ns = 0;
    int64_t last_long_ns = 0;
    int same = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct scene scene;
        begin(&scene, 1, &(struct wait){.backoff.seed = seed});
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
static void test_wait_pauses_differ_by_seed_and_member(void **state)
{
    int64_t sum_ns = 0;
    int64_t least_ns = INT64_MAX;
    int64_t most_ns = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct scene scene;
        begin(&scene, 2,
              &(struct wait){.backoff.seed = seed, .backoff.interval_ns = 1000 * ms});
        settle(&scene, 0, false, start_ns);
        settle(&scene, 1, false, start_ns);
        int64_t first_ns = scene.entries.items[0].timer.at_ns - start_ns;
        assert_true(first_ns != scene.entries.items[1].timer.at_ns - start_ns);
        sum_ns += first_ns;
        least_ns = first_ns < least_ns ? first_ns : least_ns;
        most_ns = first_ns > most_ns ? first_ns : most_ns;
        end(&scene);
    }
    assert_in_range(sum_ns / SEEDS, 990 * ms, 1010 * ms);
    assert_in_range(least_ns, 900 * ms, 905 * ms);
    assert_in_range(most_ns, 1095 * ms, 1100 * ms);
}

static void test_wait_pause_that_was_set_does_not_grow(void **state)
{
    static const int64_t intervals[] = {1000000, 9, 20000000, 2000000000, 3600000000000};
    for (size_t i = 0; i < ARRAY_LEN(intervals); i++) {
        struct scene scene;
        begin(&scene, 1,
              &(struct wait){.backoff.seed = i, .backoff.interval_ns = intervals[i]});
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

static void test_wait_pause_of_all_time_does_not_overflow(void **state)
{
    static const int64_t intervals[] = {INT64_MAX / 11 * 10, INT64_MAX / 10 * 9 + 99,
                                        INT64_MAX - 1, INT64_MAX};
    for (size_t i = 0; i < ARRAY_LEN(intervals); i++)
        for (uint64_t seed = 0; seed < 20; seed++) {
            struct scene scene;
            begin(&scene, 1,
                  &(struct wait){.backoff.seed = seed, .backoff.interval_ns = intervals[i]});
            settle(&scene, 0, false, start_ns);
            assert_true(due_ns(&scene) - start_ns >= intervals[i] - intervals[i] / 10);
            end(&scene);
        }
}

static void test_wait_pause_counts_from_the_asking(void **state)
{
    struct scene scene;
    begin(&scene, 1, &(struct wait){.backoff.seed = 1, .backoff.interval_ns = 1000 * ms});
    ask(&scene, 0, start_ns);
    answer(&scene, 0, false, start_ns + 500 * ms);
    assert_in_range(due_ns(&scene) - start_ns, 900 * ms, 1100 * ms);
    int64_t asked_ns = due_ns(&scene);
    ask(&scene, 0, asked_ns);
    answer(&scene, 0, false, asked_ns + 5000 * ms);
    assert_true(due_ns(&scene) == asked_ns + 5000 * ms); /* long over: now */
    end(&scene);
}

static void test_wait_leaves_alone_what_is_as_expected(void **state)
{
    struct scene scene;
    begin(&scene, 2, &(struct wait){.backoff.seed = 1});
    settle(&scene, 0, true, start_ns);
    int64_t now_ns = start_ns;
    for (int i = 0; i < 1000; i++) {
        settle(&scene, 1, false, now_ns);
        assert_false(wait_is_met(&scene.wait));
        now_ns = due_ns(&scene);
    }
    assert_int_equal(scene.entries.items[0].asked, 1);
    end(&scene);
}

/*
 * Events: "aN" asks member N, whose turn it must be; "+N" and "-N" are answers, as expected or
 * not; "@T" is the time in milliseconds, "'" a nanosecond more; "M" it is met, "m" it is not;
 * "H" it is hopeless, "h" it is not; "p" the pause is the first one; "s" it is the steady one;
 * "." none is to be asked any more; "xN" it takes N answers in a row.
 */
static const struct play {
    const char *label;
    size_t members, invalid;
    bool is_any;
    const char *events;
} plays[] = {
    {"no targets", 0, 0, false, "M"},
    {"met at once", 2, 0, false, "a0 +0 a1 +1 M ."},
    {"met after 5 s", 2, 0, false, "a0 +0 a1 @5000 +1 M ."},
    {"confirmed after more", 2, 0, false, "a0 +0 a1 @5000 ' +1 m a0 +0 M ."},
    {"confirmed after a year", 2, 0, false, "a0 +0 a1 @31536000000 +1 m a0 +0 M ."},
    /* Soon there again: the other one was met a moment ago. */
    {"a confirmation fails", 2, 0, false, "a0 +0 a1 @10000 +1 a0 -0 m h p @14000 a0 +0 M"},
    {"any is met by the first", 3, 1, true, "a0 a1 a2 a3 -3 -0 m h +1 M"},
    {"any of invalid lines", 0, 2, true, "a0 -0 h a1 -1 H m"},
    {"each once beside an invalid line", 2, 1, false, "a0 a1 -1 a2 -2 h @60000 +0 H m ."},
    {"once in a row", 1, 0, false, "x1 a0 +0 M ."},
    {"three in a row", 1, 0, false, "x3 a0 +0 m s @1100 a0 +0 m h s @2200 a0 +0 M ."},
    {"the pause is from the answer on", 1, 0, false, "x2 a0 @3000 +0 m s @4100 a0 +0 M ."},
    {"a failure starts anew", 1, 0, false,
     "x3 a0 +0 @1100 a0 +0 @2200 a0 -0 m h p @3000 a0 +0 s @4100 a0 +0 m s @5200 a0 +0 M ."},
    {"failures do not count", 1, 0, false,
     "x2 a0 -0 p @200 a0 -0 m @400 a0 +0 m @1500 a0 +0 M"},
    {"each for itself", 2, 0, false, "x2 a0 +0 a1 -1 @1100 a1 +1 a0 +0 m @2200 a1 +1 M ."},
    {"in a row and long ago", 2, 0, false,
     "x2 a0 a1 +0 @1100 a0 +0 @6200 +1 m @7300 a1 +1 m a0 +0 M ."},
    {"in a row, long ago and gone", 2, 0, false,
     "x2 a0 a1 +0 @1100 a0 +0 @6200 +1 @7300 a1 +1 a0 -0 m p @8000 a0 +0 m @9100 a0 +0 M ."},
    {"any is met by one in a row", 2, 0, true, "x2 a0 a1 +0 -1 m @1100 a1 -1 m a0 +0 M"},
    {"in a row beside an invalid line", 1, 1, false, "x2 a0 +0 a1 -1 H m ."},
};

static void play(struct scene *scene, const char *label, const char *event, int64_t *now_ns)
{
    size_t number = strtoull(event + 1, NULL, 10);
    if (*event == 'a')
        ask(scene, number, *now_ns);
    else if (*event == '+' || *event == '-')
        answer(scene, number, *event == '+', *now_ns);
    else if (*event == '@')
        *now_ns = start_ns + (int64_t)number * ms;
    else if (*event == '\'')
        ++*now_ns;
    else if (*event == 'M' || *event == 'm')
        claim_true(label, event, wait_is_met(&scene->wait) == (*event == 'M'));
    else if (*event == 'H' || *event == 'h')
        claim_true(label, event, is_hopeless(scene) == (*event == 'H'));
    else if (*event == 'p')
        assert_in_range(entries_due_ns(&scene->entries) - *now_ns, 100 * ms, 120 * ms);
    else if (*event == 'x')
        scene->wait.confirmations = number;
    else if (*event == 's')
        assert_in_range(entries_due_ns(&scene->entries) - *now_ns, 900 * ms, 1100 * ms);
    else
        claim_true(label, event, asks_none(scene, NEVER_NS));
}

static void test_wait_is_met_confirmed_or_hopeless(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(plays); i++) {
        struct scene scene;
        int64_t now_ns = start_ns;
        begin_with(&scene, "db:80", plays[i].members, plays[i].invalid,
                   &(struct wait){.backoff.seed = 1,
                                  .is_any = plays[i].is_any,
                                  .steady.interval_ns = NS_PER_S});
        for (const char *event = plays[i].events; *event != '\0';) {
            play(&scene, plays[i].label, event, &now_ns);
            event += strcspn(event, " ");
            event += strspn(event, " ");
        }
        end(&scene);
    }
}

/* Also where the confirmations themselves take longer than that. */
static void test_wait_confirms_each_once(void **state)
{
    enum { MEMBERS = 100 };
    struct scene scene;
    begin(&scene, MEMBERS, &(struct wait){.backoff.seed = 1});
    for (size_t i = 1; i < MEMBERS; i++) {
        ask(&scene, i - 1, start_ns);
        answer(&scene, i - 1, true, start_ns);
    }
    ask(&scene, MEMBERS - 1, start_ns);
    int64_t now_ns = start_ns + 60 * NS_PER_S;
    answer(&scene, MEMBERS - 1, true, now_ns);
    struct endpoint endpoint;
    while (!wait_is_met(&scene.wait)) {
        assert_true(take(&scene, now_ns, &endpoint));
        assert_int_equal(scene.entries.items[endpoint.member].asked, 2);
        now_ns += 6 * NS_PER_S;
        answer(&scene, endpoint.member, true, now_ns);
    }
    for (size_t i = 0; i < MEMBERS; i++)
        assert_int_equal(scene.entries.items[i].asked, 2);
    end(&scene);
}

/* Three targets, the last of which answers so late that the others are to be confirmed then. */
static int64_t begin_confirming(struct scene *scene)
{
    int64_t now_ns = start_ns + 10 * NS_PER_S;
    begin(scene, 3, &(struct wait){.backoff.seed = 1});
    settle(scene, 0, true, start_ns);
    settle(scene, 1, true, start_ns);
    ask(scene, 2, start_ns);
    answer(scene, 2, true, now_ns);
    return now_ns;
}

static void test_wait_is_not_met_while_a_confirmation_is_out(void **state)
{
    struct scene scene;
    int64_t now_ns = begin_confirming(&scene);
    struct endpoint first;
    struct endpoint second;
    assert_true(take(&scene, now_ns, &first));
    assert_true(take(&scene, now_ns, &second));
    assert_false(wait_is_met(&scene.wait));
    answer(&scene, first.member, true, now_ns + ms);
    assert_false(wait_is_met(&scene.wait));
    assert_false(is_hopeless(&scene));
    answer(&scene, second.member, true, now_ns + ms);
    assert_true(wait_is_met(&scene.wait));
    end(&scene);
}

static void test_wait_pause_begins_anew_after_success(void **state)
{
    struct scene scene;
    begin(&scene, 2, &(struct wait){.backoff.seed = 1});
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

static void test_wait_confirms_again_after_a_failed_confirmation(void **state)
{
    struct scene scene;
    int64_t now_ns = begin_confirming(&scene);
    struct endpoint endpoint;
    for (int i = 0; i < 2; i++) {
        assert_true(take(&scene, now_ns, &endpoint));
        answer(&scene, endpoint.member, endpoint.member == 0, now_ns);
    }
    now_ns += 60 * NS_PER_S;
    settle(&scene, 1, true, now_ns); /* the others were last seen a minute ago */
    size_t asked = 0;
    for (; take(&scene, now_ns, &endpoint); asked++) {
        assert_true(endpoint.member != 1);
        answer(&scene, endpoint.member, true, now_ns);
    }
    assert_int_equal(asked, 2);
    assert_true(wait_is_met(&scene.wait));
    end(&scene);
}

/* With -A: one row that is not as expected is enough, whichever it is. */
static void test_wait_answer_of_several_rows_wants_each_of_them(void **state)
{
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
        begin(&scene, 1, &(struct wait){.backoff.seed = 1});
        int64_t now_ns = start_ns;
        ask(&scene, 0, now_ns);
        for (unsigned row = 0; row < 3; row++) {
            claim_true(cases[i].label, "it is out", scene.entries.items[0].is_out);
            answer_row(&scene, 0, row, 3, cases[i].rows[row], now_ns);
        }
        claim_true(cases[i].label, "met", wait_is_met(&scene.wait) == cases[i].is_met);
        if (!cases[i].is_met) {
            ask(&scene, 0, now_ns + NS_PER_S);
            answer_row(&scene, 0, 0, 2, true, now_ns);
            answer_row(&scene, 0, 1, 2, true, now_ns);
            claim_true(cases[i].label, "met the next time", wait_is_met(&scene.wait));
        }
        end(&scene);
    }
}

/* Random answers: it is met exactly when none is out or due, and all are as expected, as often
   in a row as it takes. */
static void test_wait_is_met_only_by_the_last_answers(void **state)
{
    enum { MEMBERS = 4, STEPS = 400 };
    for (uint64_t seed = 1; seed < SEEDS; seed++) {
        struct scene scene;
        size_t streaks[MEMBERS] = {0};
        size_t wanted = seed % 4; /* 0 is once, too */
        uint64_t random = seed;
        int64_t now_ns = start_ns;
        int steps = 0;
        begin(&scene, MEMBERS,
              &(struct wait){.backoff.seed = seed,
                             .confirmations = wanted,
                             .steady.interval_ns = 200 * ms});
        for (; steps < STEPS && !wait_is_met(&scene.wait); steps++) {
            struct endpoint endpoint;
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            now_ns = due_ns(&scene) > now_ns ? due_ns(&scene) : now_ns;
            assert_true(take(&scene, now_ns, &endpoint));
            now_ns += (int64_t)(random >> 40) * 100;
            bool is_expected = (random >> 33) % 4 != 0;
            size_t *streak = &streaks[endpoint.member];
            *streak = is_expected ? *streak + 1 : 0;
            answer(&scene, endpoint.member, is_expected, now_ns);
            assert_false(is_hopeless(&scene));
        }
        for (size_t i = 0; i < MEMBERS && steps < STEPS; i++)
            assert_true(streaks[i] >= 1 && streaks[i] >= wanted);
        assert_true(steps < STEPS);
        end(&scene);
    }
}

enum {
    NAME = 1u << 0,       /* the target is a name, else an address */
    BY_ADDRESS = 1u << 1, /* -A */
    DOWN = 1u << 2,       /* --expect down */
    RUN_ENDS = 1u << 3,   /* the end of the wait is the run's */
    EARLIER = 1u << 4,    /* the target was asked before */
    LONG = 1u << 5,       /* an attempt may last 20 s, else 5 s */
    CUT = 1u << 6,        /* the engine says that it shortened the attempt */
    MS = 1,
    S = 1000,
};

/* One target and a wait of 10 s: is the row an answer, or did the end come first? */
static const struct cut_case {
    const char *label;
    unsigned how;
    enum reason reason;
    enum remark remark;
    int begin; /* of the last attempt, from the begin of the wait on */
    int end;
    unsigned attempts;
    bool was_cut;
} cut_cases[] = {
    {"refused", EARLIER, REASON_REFUSED, REMARK_NONE, 9 * S, 10 * S, 1, false},
    {"silent before the end", EARLIER, REASON_TIMEOUT, REMARK_NONE, 6 * S, 9999 * MS, 1, false},
    {"silent for a whole timeout", EARLIER, REASON_TIMEOUT, REMARK_NONE, 5 * S, 10 * S, 2,
     false},
    {"silent for less", EARLIER | CUT, REASON_TIMEOUT, REMARK_NONE, 5001 * MS, 10 * S, 1, true},
    {"silent all along", LONG | CUT, REASON_TIMEOUT, REMARK_NONE, 0, 10 * S, 1, false},
    {"nearly all along", LONG | CUT, REASON_TIMEOUT, REMARK_NONE, 50 * MS, 10 * S, 1, false},
    {"not all along", LONG, REASON_TIMEOUT, REMARK_NONE, 51 * MS, 10 * S, 1, true},
    {"in a second attempt", LONG, REASON_TIMEOUT, REMARK_NONE, 0, 10 * S, 2, true},
    {"asked before", LONG | EARLIER, REASON_TIMEOUT, REMARK_NONE, 0, 10 * S, 1, true},
    {"addresses that race", LONG | NAME, REASON_TIMEOUT, REMARK_NONE, 0, 10 * S, 1, true},
    {"addresses that do not", LONG | NAME | BY_ADDRESS, REASON_TIMEOUT, REMARK_NONE, 0, 10 * S,
     1, false},
    {"a silent resolver", LONG | NAME, REASON_RESOLVE_TIMEOUT, REMARK_NONE, 0, 10 * S, 1,
     false},
    {"never asked", NAME, REASON_LOCAL, REMARK_CUT, 10 * S, 10 * S, 0, true},
    {"the run ends: the engine says so", RUN_ENDS | LONG | CUT, REASON_TIMEOUT, REMARK_NONE, 0,
     10 * S, 1, true},
    {"the run ends: the engine does not", RUN_ENDS | EARLIER, REASON_TIMEOUT, REMARK_NONE,
     9 * S, 10 * S, 2, false},
    {"a short silence proves no closed port", LONG | DOWN | CUT, REASON_TIMEOUT, REMARK_NONE, 0,
     10 * S, 1, true},
    {"nor does a refusal beside one", NAME | DOWN | CUT, REASON_REFUSED, REMARK_NONE, 9 * S,
     10 * S, 1, true},
    {"but of that very address", NAME | BY_ADDRESS | DOWN | CUT, REASON_REFUSED, REMARK_NONE,
     9 * S, 10 * S, 1, false},
};

static struct wait options_of(const struct cut_case *c)
{
    return (struct wait){
        .ends_run = (c->how & RUN_ENDS) != 0,
        .is_by_address = (c->how & BY_ADDRESS) != 0,
        .expects_down = (c->how & DOWN) != 0,
        .began_ns = start_ns,
        .until_ns = start_ns + 10 * NS_PER_S,
        .timeout_ns = ((c->how & LONG) != 0 ? 20 : 5) * NS_PER_S,
    };
}

static void test_wait_judges_what_the_end_cut_short(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cut_cases); i++) {
        const struct cut_case *c = &cut_cases[i];
        struct scene scene;
        const struct wait options = options_of(c);
        begin_with(&scene, (c->how & NAME) != 0 ? "db:80" : "10.0.0.1:80", 1, 0, &options);
        ask(&scene, 0, start_ns);
        scene.entries.items[0].asked += (c->how & EARLIER) != 0;
        struct result result = {
            .rows = 1,
            .endpoint = scene.entries.items[0].endpoint,
            .outcome = outcome_of_remark(c->reason, c->remark),
            .finished_ns = start_ns + c->end * ms,
            .waited_ns = (c->end - c->begin) * ms,
            .attempts = c->attempts,
            .others_failed = 3,
            .is_cut = (c->how & CUT) != 0,
        };
        enum row_use use = scene.schedule.answered(&scene.wait, &result, result.finished_ns);
        claim_number(c->label, "use", use, c->was_cut ? ROW_USE_STAND_IN : ROW_USE_COUNT);
        claim_number(c->label, "others", result.others_failed, c->was_cut ? 0 : 3);
        if (c->was_cut)
            claim_number(c->label, "remark", result.outcome.remark,
                         options.ends_run ? REMARK_OVER : REMARK_CUT);
        claim_true(c->label, "as expected",
                   scene.wait.expected == (options.expects_down && !c->was_cut));
        end(&scene);
    }
}

static void test_wait_for_down_takes_a_name_that_is_gone_for_down(void **state)
{
    static const struct {
        const char *label;
        const char *target;
        bool expects_down;
        bool is_gone;
        bool is_met;
    } cases[] = {
        {"gone", "!db:80", false, true, true},
        {"gone, --expect down", "db:80", true, true, true},
        {"never was", "!db:80", false, false, false},
        {"to be up", "db:80", false, true, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct scene scene;
        begin_with(&scene, cases[i].target, 1, 0,
                   &(struct wait){.expects_down = cases[i].expects_down});
        ask(&scene, 0, start_ns);
        struct result result = {
            .rows = 1,
            .endpoint = scene.entries.items[0].endpoint,
            .outcome = outcome_of(REASON_UNRESOLVED),
            .is_gone = cases[i].is_gone,
        };
        (void)scene.schedule.answered(&scene.wait, &result, start_ns);
        claim_number(cases[i].label, "reason", result.outcome.reason,
                     cases[i].is_met ? REASON_GONE : REASON_UNRESOLVED);
        claim_true(cases[i].label, "met", wait_is_met(&scene.wait) == cases[i].is_met);
        end(&scene);
    }
}

/* At the end of the wait, nothing new is asked; what is in flight has a moment more. */
static void test_wait_ends_with_its_time(void **state)
{
    static const struct {
        const char *label;
        bool is_out;
        int late_ms;
        bool is_over;
        int wake_ms;
    } cases[] = {
        {"before", true, -1, false, 0},         {"at the end", true, 0, false, 20},
        {"a moment late", true, 19, false, 20}, {"late", true, 20, true, 20},
        {"idle before", false, -1, false, 0},   {"idle at the end", false, 0, true, 20},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct scene scene;
        int64_t until_ns = start_ns + 10 * NS_PER_S;
        int64_t now_ns = until_ns + cases[i].late_ms * ms;
        begin(&scene, 1, &(struct wait){.until_ns = until_ns});
        if (cases[i].is_out)
            ask(&scene, 0, start_ns);
        const struct schedule *schedule = &scene.schedule;
        claim_true(cases[i].label, "over",
                   schedule->is_over(&scene.wait, now_ns) == cases[i].is_over);
        claim_number(cases[i].label, "wakes",
                     (uint64_t)(schedule->wake_ns(&scene.wait, now_ns) - until_ns),
                     (uint64_t)(cases[i].wake_ms * ms));
        if (cases[i].late_ms >= 0) {
            claim_true(cases[i].label, "asks none", asks_none(&scene, now_ns));
            claim_true(cases[i].label, "none is due",
                       schedule->due_ns(&scene.wait, now_ns) == NEVER_NS);
        }
        end(&scene);
    }
}

static void test_wait_end_tells_met_from_vain(void **state)
{
    static const struct {
        const char *label;
        size_t members, invalid;
        bool is_any, is_up;
        enum schedule_end end;
    } cases[] = {
        {"none", 0, 0, false, false, SCHEDULE_END_MET},
        {"up", 1, 0, false, true, SCHEDULE_END_MET},
        {"down", 1, 0, false, false, SCHEDULE_END_UNMET},
        {"invalid line", 1, 1, false, true, SCHEDULE_END_ERROR},
        {"any beside an invalid line", 1, 1, true, true, SCHEDULE_END_MET},
        {"none of any beside one", 1, 1, true, false, SCHEDULE_END_ERROR},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct scene scene;
        begin_with(&scene, "db:80", cases[i].members, cases[i].invalid,
                   &(struct wait){.is_any = cases[i].is_any});
        if (cases[i].members > 0)
            settle(&scene, 0, cases[i].is_up, start_ns);
        claim_number(cases[i].label, "end", scene.schedule.end(&scene.wait), cases[i].end);
        end(&scene);
    }
}

/* A row in place of an answer is as a first one. */
static void test_wait_rest_is_shown_and_not_counted(void **state)
{
    struct scene scene;
    struct result result = {.rows = 1};
    begin(&scene, 2, &(struct wait){.backoff.seed = 1});
    settle(&scene, 0, false, start_ns);
    assert_true(scene.schedule.has_rest(&scene.wait));
    assert_int_equal(scene.schedule.rest(&scene.wait, &result.endpoint), ERROR_NONE);
    assert_int_equal(result.endpoint.member, 1);
    assert_int_equal(scene.schedule.answered(&scene.wait, &result, start_ns), ROW_USE_SHOW);
    assert_true(result.change.news == NEWS_NEW);
    assert_false(scene.schedule.has_rest(&scene.wait));
    assert_int_equal(scene.schedule.rest(&scene.wait, &result.endpoint), ERROR_END);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait_begins_with_all_in_input_order),
        cmocka_unit_test(test_wait_pause_grows_from_100_ms_to_1_s),
        cmocka_unit_test(test_wait_pause_is_left_to_chance_at_both_ends),
        cmocka_unit_test(test_wait_pauses_differ_by_seed_and_member),
        cmocka_unit_test(test_wait_pause_that_was_set_does_not_grow),
        cmocka_unit_test(test_wait_pause_of_all_time_does_not_overflow),
        cmocka_unit_test(test_wait_pause_counts_from_the_asking),
        cmocka_unit_test(test_wait_leaves_alone_what_is_as_expected),
        cmocka_unit_test(test_wait_is_met_confirmed_or_hopeless),
        cmocka_unit_test(test_wait_confirms_each_once),
        cmocka_unit_test(test_wait_is_not_met_while_a_confirmation_is_out),
        cmocka_unit_test(test_wait_pause_begins_anew_after_success),
        cmocka_unit_test(test_wait_confirms_again_after_a_failed_confirmation),
        cmocka_unit_test(test_wait_answer_of_several_rows_wants_each_of_them),
        cmocka_unit_test(test_wait_is_met_only_by_the_last_answers),
        cmocka_unit_test(test_wait_judges_what_the_end_cut_short),
        cmocka_unit_test(test_wait_for_down_takes_a_name_that_is_gone_for_down),
        cmocka_unit_test(test_wait_ends_with_its_time),
        cmocka_unit_test(test_wait_end_tells_met_from_vain),
        cmocka_unit_test(test_wait_rest_is_shown_and_not_counted),
    };
    return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
