/*
 * A gate before the others: how it stands, and what once and rounds hold back because of it.
 */
#include <stdio.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/schedule/gate.h"
#include "netcheck/schedule/once.h"
#include "netcheck/schedule/rounds.h"

enum { ROWS_MAX = 3, OTHERS = 3, NEVER_ASKED = 99 };

static const int64_t second = NS_PER_S;

static struct target *new_target(const char *text)
{
    struct target *target = NULL;
    struct fault fault;
    if (target_parse(text, strlen(text), &target, &fault) != ERROR_NONE)
        target = target_new_invalid(text, strlen(text), &fault, &(struct place){"test", 1, 0});
    target->is_gate = strstr(text, "gate") != NULL;
    return target;
}

/* A row that is up or down, or an error. */
static struct result row_of(const struct endpoint *endpoint, char state)
{
    enum reason reason = state == 'u'   ? REASON_CONNECTED
                         : state == 'd' ? REASON_REFUSED
                                        : REASON_UNRESOLVED;
    return (struct result){.rows = 1, .endpoint = *endpoint, .outcome = outcome_of(reason)};
}

/* How a gate stands after the rows of each answer: U up, D down, E error, a letter a row. */
static const struct {
    const char *label;
    const char *target;
    const char *answers[3];
    enum gate_state states[3];
} answers[] = {
    {"up", "gate:22", {"u"}, {GATE_OPEN}},
    {"down", "gate:22", {"d"}, {GATE_CLOSED}},
    {"an error", "gate:22", {"e"}, {GATE_CLOSED}},
    {"expected down", "!gate:22", {"d"}, {GATE_OPEN}},
    {"expected down, up", "!gate:22", {"u"}, {GATE_CLOSED}},
    {"expected down, an error", "!gate:22", {"e"}, {GATE_CLOSED}},
    {"all addresses", "gate:22", {"uuu"}, {GATE_OPEN}},
    {"the first is down", "gate:22", {"duu"}, {GATE_CLOSED}},
    {"the last is down", "gate:22", {"uud"}, {GATE_CLOSED}},
    {"the last answer counts",
     "gate:22",
     {"ud", "uu", "e"},
     {GATE_CLOSED, GATE_OPEN, GATE_CLOSED}},
};

static void test_gate_stands_as_its_last_answer_says(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        struct target *target = new_target(answers[i].target);
        struct gate gate = {.endpoint = {.target = target}};
        for (size_t n = 0; n < 3 && answers[i].answers[n] != NULL; n++) {
            const char *rows = answers[i].answers[n];
            enum gate_state before = gate.state;
            for (unsigned row = 0; rows[row] != '\0'; row++) {
                claim_number(answers[i].label, "before the last row", gate.state, before);
                struct result result = row_of(&gate.endpoint, rows[row]);
                result.row = row;
                result.rows = (unsigned)strlen(rows);
                gate_add(&gate, &result);
            }
            claim_number(answers[i].label, "state", gate.state, answers[i].states[n]);
        }
        target_drop(target);
    }
}

/* Once: a gate before the endpoints of one operand. */
struct once_scene {
    struct source *source;
    struct sequence sequence;
    struct gate gate;
    struct once once;
    struct schedule schedule;
};

static void begin_once(struct once_scene *scene, const char *operand)
{
    static const struct target_rules rules = {.families = FAMILY_ANY};
    struct fault fault;
    size_t bad = 0;
    assert_int_equal(source_new(&rules, &scene->source), ERROR_NONE);
    assert_int_equal(source_add_operands(scene->source, &operand, 1, &fault, &bad), ERROR_NONE);
    sequence_init(&scene->sequence, scene->source, &(struct sequence_options){.shards = 1});
    scene->gate = (struct gate){.endpoint = {.target = new_target("gate:22"), .port = 22}};
    scene->once = (struct once){.sequence = &scene->sequence, .gate = &scene->gate};
    scene->schedule = once_schedule(&scene->once);
}

static void end_once(struct once_scene *scene)
{
    target_drop(scene->gate.endpoint.target);
    sequence_release(&scene->sequence);
    source_free(scene->source);
}

static void answer_once(struct once_scene *scene, uint64_t sequence, char state)
{
    struct result result = row_of(&scene->gate.endpoint, state);
    result.sequence = sequence;
    assert_int_equal(scene->schedule.answered(&scene->once, &result, 0), ROW_USE_COUNT);
}

static enum error next_once(struct once_scene *scene, struct endpoint *endpoint)
{
    return scene->schedule.next(&scene->once, 0, endpoint);
}

static void test_once_asks_the_gate_alone_and_then_the_others(void **state)
{
    struct once_scene scene;
    struct endpoint endpoint;
    begin_once(&scene, "10.0.0.1:80,81");
    assert_true(scene.schedule.has_rest(&scene.once));
    assert_true(scene.schedule.due_ns(&scene.once, 0) == INT64_MIN);
    assert_int_equal(next_once(&scene, &endpoint), ERROR_NONE);
    assert_int_equal(endpoint.port, 22);
    assert_true(scene.schedule.due_ns(&scene.once, 0) == NEVER_NS);
    assert_int_equal(next_once(&scene, &endpoint), ERROR_PAUSE);
    assert_false(scene.schedule.is_over(&scene.once, 0));
    answer_once(&scene, 0, 'u');
    assert_true(scene.schedule.due_ns(&scene.once, 0) == INT64_MIN);
    for (uint16_t i = 0; i < 2; i++) {
        assert_true(scene.schedule.has_rest(&scene.once));
        assert_int_equal(next_once(&scene, &endpoint), ERROR_NONE);
        assert_int_equal(endpoint.port, 80 + i);
    }
    assert_false(scene.schedule.has_rest(&scene.once));
    assert_int_equal(next_once(&scene, &endpoint), ERROR_END);
    answer_once(&scene, 1, 'd'); /* a row of another target is not the gate's */
    assert_int_equal(scene.gate.state, GATE_OPEN);
    assert_false(scene.schedule.is_over(&scene.once, 0));
    answer_once(&scene, 2, 'd');
    assert_true(scene.schedule.is_over(&scene.once, 0));
    assert_int_equal(scene.schedule.end(&scene.once), SCHEDULE_END_BY_ROWS);
    end_once(&scene);
}

/* What is skipped behind a closed gate, in calls of next(); of files the number is not known
   before. */
static const struct {
    const char *label;
    const char *operand;
    bool is_total_known;
    uint64_t skipped;
    bool is_exact;
} skips[] = {
    {"few", "10.0.0.1:80,81", true, 2, true},
    {"few, of a file", "10.0.0.1:80,81", false, 2, true},
    {"a burst and more", "10.0.0.0/16:80", false, 65536, true},
    {"too many to be read", "10.0.0.0/8:1-65535", true, 0xffff000000, true},
    {"too many of a file", "10.0.0.0/8:1-65535", false, ONCE_SKIPPED_MAX, false},
};

static void test_once_counts_what_a_closed_gate_keeps_back(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(skips); i++) {
        struct once_scene scene;
        struct endpoint endpoint;
        begin_once(&scene, skips[i].operand);
        if (!skips[i].is_total_known)
            scene.sequence.total = UINT64_MAX;
        assert_int_equal(next_once(&scene, &endpoint), ERROR_NONE);
        answer_once(&scene, 0, 'd');
        assert_false(scene.schedule.is_over(&scene.once, 0));
        assert_int_equal(scene.schedule.end(&scene.once), SCHEDULE_END_UNFINISHED);
        assert_int_equal(scene.schedule.rest(&scene.once, &endpoint), ERROR_END);
        assert_false(scene.schedule.has_rest(&scene.once));
        while (!scene.schedule.is_over(&scene.once, 0))
            assert_int_not_equal(next_once(&scene, &endpoint), ERROR_NONE);
        bool is_exact = false;
        uint64_t skipped = once_count_skipped(&scene.once, &is_exact);
        claim_number(skips[i].label, "is exact", is_exact, skips[i].is_exact);
        assert_true(is_exact ? skipped == skips[i].skipped : skipped >= skips[i].skipped);
        assert_int_equal(scene.schedule.end(&scene.once), SCHEDULE_END_BY_ROWS);
        end_once(&scene);
    }
}

static void test_once_rest_is_the_gate_and_what_an_open_one_lets_through(void **state)
{
    struct once_scene scene;
    struct endpoint endpoint;
    begin_once(&scene, "10.0.0.1:80,81");
    assert_int_equal(scene.schedule.rest(&scene.once, &endpoint), ERROR_NONE);
    assert_int_equal(endpoint.port, 22);
    assert_int_equal(scene.schedule.rest(&scene.once, &endpoint), ERROR_END);
    assert_int_equal(scene.schedule.end(&scene.once), SCHEDULE_END_UNFINISHED);
    answer_once(&scene, 0, 'u');
    assert_true(scene.schedule.has_rest(&scene.once));
    assert_int_equal(scene.schedule.rest(&scene.once, &endpoint), ERROR_NONE);
    assert_int_equal(endpoint.port, 80);
    end_once(&scene);
}

/* Rounds of 3 s: a gate, then OTHERS targets, 0.75 s apart; begun at 0. */
struct scene {
    struct entries entries;
    struct gate gate;
    struct rounds rounds;
    struct schedule schedule;
};

static void add(struct scene *scene, const char *text)
{
    struct target *target = new_target(text);
    struct endpoint endpoint = {.target = target, .port = 80};
    assert_int_equal(entries_add(&scene->entries, &endpoint), ERROR_NONE);
    target_drop(target);
}

static void begin(struct scene *scene, const char *last, uint64_t count)
{
    memset(scene, 0, sizeof *scene);
    entries_init(&scene->entries, NULL);
    add(scene, "gate:22");
    for (size_t i = 1; i < OTHERS; i++)
        add(scene, "db:80");
    if (last != NULL)
        add(scene, last);
    assert_int_equal(entries_close(&scene->entries), ERROR_NONE);
    scene->rounds = (struct rounds){.entries = &scene->entries,
                                    .interval_ns = 3 * second,
                                    .count = count,
                                    .gate = &scene->gate};
    scene->schedule = rounds_schedule(&scene->rounds);
    rounds_begin(&scene->rounds, 0);
}

static void end(struct scene *scene)
{
    entries_release(&scene->entries);
}

/* The member that is asked now; NEVER_ASKED: none is. */
static size_t ask(struct scene *scene, int64_t now_ns)
{
    struct endpoint endpoint = {.member = NEVER_ASKED};
    bool is_due = scene->schedule.due_ns(&scene->rounds, now_ns) <= now_ns;
    if (is_due)
        (void)scene->schedule.next(&scene->rounds, now_ns, &endpoint);
    return endpoint.member;
}

static enum row_use answer(struct scene *scene, size_t member, char state, int64_t now_ns)
{
    struct result result = row_of(&scene->entries.items[member].endpoint, state);
    return scene->schedule.answered(&scene->rounds, &result, now_ns);
}

/* The gate is asked at its slot, and answers at once. */
static void ask_gate(struct scene *scene, char state, int64_t now_ns)
{
    assert_int_equal(ask(scene, now_ns), 0);
    assert_int_equal(answer(scene, 0, state, now_ns), ROW_USE_COUNT);
}

/* Each of the others is asked at its slot, and answers at once. */
static void ask_others(struct scene *scene, int64_t begin_ns)
{
    int64_t step_ns = 3 * second / (int64_t)scene->entries.count;
    for (size_t i = 1; i < scene->entries.count; i++) {
        assert_int_equal(ask(scene, begin_ns + (int64_t)i * step_ns), i);
        (void)answer(scene, i, 'u', begin_ns + (int64_t)i * step_ns);
    }
}

static bool is_over(const struct scene *scene)
{
    return scene->schedule.is_over(&scene->rounds, 0);
}

static void test_rounds_hold_the_others_while_the_gate_is_asked(void **state)
{
    struct scene scene;
    struct endpoint endpoint;
    begin(&scene, "db:81", 0);
    assert_int_equal(ask(&scene, 0), 0);
    assert_true(scene.schedule.due_ns(&scene.rounds, 1) == NEVER_NS);
    assert_int_equal(scene.schedule.next(&scene.rounds, 2 * second, &endpoint), ERROR_PAUSE);
    assert_int_equal(ask(&scene, 2 * second), NEVER_ASKED);
    (void)answer(&scene, 0, 'u', 2 * second);
    assert_int_equal(ask(&scene, 2 * second), 1); /* late, but in its slot */
    assert_int_equal(ask(&scene, 2 * second), 2);
    assert_int_equal(ask(&scene, 2 * second), NEVER_ASKED);
    assert_int_equal(ask(&scene, 2250 * NS_PER_MS), 3);
    assert_int_equal(scene.rounds.missed, 0);
    end(&scene);
}

static void test_rounds_ask_the_gate_alone_until_it_is_as_expected(void **state)
{
    struct scene scene;
    begin(&scene, "db:81", 0);
    for (int64_t round = 0; round < 1000; round++) {
        bool is_closed = round % 3 != 0;
        int64_t begin_ns = round * 3 * second;
        ask_gate(&scene, is_closed ? 'd' : 'u', begin_ns);
        if (is_closed)
            assert_true(scene.schedule.due_ns(&scene.rounds, begin_ns) ==
                        begin_ns + 3 * second);
        else
            ask_others(&scene, begin_ns);
        assert_int_equal(scene.rounds.completed, round + 1);
    }
    assert_int_equal(scene.rounds.missed, 0);
    assert_int_equal(scene.rounds.closed, 666);
    assert_int_equal(scene.entries.items[1].asked, 334);
    end(&scene);
}

/* A round of a count is one that the gate was asked in, whatever it said: u, d, e. */
static const struct {
    const char *gate;
    uint64_t asked; /* how often each of the others was */
} counts[] = {
    {"uuu", 3}, {"ddd", 0}, {"duu", 2}, {"udu", 2}, {"uud", 2}, {"eud", 1}, {"u", 1}, {"d", 0},
};

static void test_rounds_of_a_count_end_with_the_gate(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        struct scene scene;
        begin(&scene, "db:81", strlen(counts[i].gate));
        for (int64_t round = 0; counts[i].gate[round] != '\0'; round++) {
            int64_t begin_ns = round * 3 * second;
            claim_number(counts[i].gate, "is over", is_over(&scene), false);
            ask_gate(&scene, counts[i].gate[round], begin_ns);
            if (counts[i].gate[round] == 'u')
                ask_others(&scene, begin_ns);
        }
        claim_number(counts[i].gate, "is over", is_over(&scene), true);
        claim_number(counts[i].gate, "end", scene.schedule.end(&scene.rounds),
                     SCHEDULE_END_BY_ROWS);
        claim_number(counts[i].gate, "rounds", scene.rounds.completed, strlen(counts[i].gate));
        for (size_t m = 1; m < scene.entries.count; m++)
            claim_number(counts[i].gate, "asked", scene.entries.items[m].asked,
                         counts[i].asked);
        end(&scene);
    }
}

static void test_rounds_let_end_what_is_in_flight_when_the_gate_closes(void **state)
{
    struct scene scene;
    begin(&scene, "db:81", 2);
    ask_gate(&scene, 'u', 0);
    assert_int_equal(ask(&scene, 1 * second), 1);
    assert_int_equal(ask(&scene, 2 * second), 2);
    assert_int_equal(ask(&scene, 2900 * NS_PER_MS), 3);
    (void)answer(&scene, 1, 'u', 2 * second);
    (void)answer(&scene, 2, 'u', 2900 * NS_PER_MS);
    ask_gate(&scene, 'd', 3 * second); /* the last time */
    assert_false(is_over(&scene));
    assert_int_equal(scene.rounds.completed, 0);
    assert_true(scene.schedule.due_ns(&scene.rounds, 4 * second) == NEVER_NS);
    assert_int_equal(answer(&scene, 3, 'd', 5 * second), ROW_USE_COUNT);
    assert_true(is_over(&scene));
    assert_int_equal(scene.rounds.completed, 2);
    end(&scene);
}

static void test_rounds_after_a_pause_ask_a_closed_gate_first(void **state)
{
    struct scene scene;
    begin(&scene, "db:81", 0);
    ask_gate(&scene, 'd', 0);
    int64_t now_ns = 3 * second + 100 * NS_PER_MS; /* behind the gate's slot, before others' */
    scene.schedule.returned(&scene.rounds, now_ns);
    for (; now_ns < 6 * second; now_ns += 50 * NS_PER_MS)
        assert_int_equal(ask(&scene, now_ns), NEVER_ASKED);
    ask_gate(&scene, 'u', 6 * second);
    ask_others(&scene, 6 * second);
    end(&scene);
}

/* A bad line has its row in the first round whose gate is open, and then never again. */
static void test_rounds_hold_a_bad_line_too(void **state)
{
    struct scene scene;
    begin(&scene, "bad line", 4);
    for (int64_t round = 0; round < 4; round++) {
        int64_t begin_ns = round * 3 * second;
        bool is_closed = round < 2;
        ask_gate(&scene, is_closed ? 'd' : 'u', begin_ns);
        for (size_t i = 1; i < 3 && !is_closed; i++) {
            assert_int_equal(ask(&scene, begin_ns + 750 * NS_PER_MS * (int64_t)i), i);
            (void)answer(&scene, i, 'u', begin_ns + 2 * second);
        }
        assert_int_equal(scene.rounds.completed, is_closed || round == 3 ? round + 1 : round);
        assert_int_equal(ask(&scene, begin_ns + 2250 * NS_PER_MS),
                         round == 2 ? 3 : NEVER_ASKED);
        if (round == 2)
            (void)answer(&scene, 3, 'e', begin_ns + 2250 * NS_PER_MS);
        assert_int_equal(scene.rounds.completed, round + 1);
    }
    assert_true(is_over(&scene));
    end(&scene);
}

/* Cut short by the end of the run, the gate's row says nothing. */
static void test_rounds_do_not_judge_the_gate_by_a_row_cut_short(void **state)
{
    struct scene scene;
    struct endpoint endpoint;
    begin(&scene, "db:81", 0);
    assert_int_equal(ask(&scene, 0), 0);
    struct result result = row_of(&scene.entries.items[0].endpoint, 'd');
    result.is_cut = true;
    assert_int_equal(scene.schedule.answered(&scene.rounds, &result, 0), ROW_USE_DROP);
    assert_int_equal(scene.gate.state, GATE_UNKNOWN);
    assert_int_equal(scene.schedule.end(&scene.rounds), SCHEDULE_END_UNFINISHED);
    assert_true(scene.schedule.has_rest(&scene.rounds));
    assert_int_equal(scene.schedule.rest(&scene.rounds, &endpoint), ERROR_NONE);
    assert_int_equal(endpoint.member, 0);
    assert_false(scene.schedule.has_rest(&scene.rounds));
    assert_int_equal(scene.schedule.rest(&scene.rounds, &endpoint), ERROR_END);
    end(&scene);
}

static void test_rounds_do_not_ask_a_gate_before_nothing(void **state)
{
    struct scene scene;
    memset(&scene, 0, sizeof scene);
    entries_init(&scene.entries, NULL);
    add(&scene, "gate:22");
    assert_int_equal(entries_close(&scene.entries), ERROR_NONE);
    scene.rounds =
        (struct rounds){.entries = &scene.entries, .interval_ns = second, .gate = &scene.gate};
    scene.schedule = rounds_schedule(&scene.rounds);
    rounds_begin(&scene.rounds, 0);
    assert_int_equal(ask(&scene, 0), NEVER_ASKED);
    assert_true(is_over(&scene));
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate_stands_as_its_last_answer_says),
        cmocka_unit_test(test_once_asks_the_gate_alone_and_then_the_others),
        cmocka_unit_test(test_once_counts_what_a_closed_gate_keeps_back),
        cmocka_unit_test(test_once_rest_is_the_gate_and_what_an_open_one_lets_through),
        cmocka_unit_test(test_rounds_hold_the_others_while_the_gate_is_asked),
        cmocka_unit_test(test_rounds_ask_the_gate_alone_until_it_is_as_expected),
        cmocka_unit_test(test_rounds_of_a_count_end_with_the_gate),
        cmocka_unit_test(test_rounds_let_end_what_is_in_flight_when_the_gate_closes),
        cmocka_unit_test(test_rounds_after_a_pause_ask_a_closed_gate_first),
        cmocka_unit_test(test_rounds_hold_a_bad_line_too),
        cmocka_unit_test(test_rounds_do_not_judge_the_gate_by_a_row_cut_short),
        cmocka_unit_test(test_rounds_do_not_ask_a_gate_before_nothing),
    };
    return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
