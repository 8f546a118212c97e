/*
 * Rounds (-c, -i) over a scripted network: who is asked when, for a day or a moment.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "watch.h"

enum { DAY = 86400, NAME_ROUNDS = 5 };

static const int64_t ms = NS_PER_MS;

/* When slot 0 of a member is. */
static int64_t first_ns(const struct watch *watch, size_t member)
{
    return watch->began_ns +
           watch->interval_ns * (int64_t)member / (int64_t)watch->entries.count;
}

/* How long after the begin of its slot the row's target was asked. */
static int64_t late_ns(const struct watch *watch, const struct watch_row *row)
{
    return (row->asked_ns - first_ns(watch, row->member)) % watch->interval_ns;
}

static void assert_on_slots(const struct watch *watch)
{
    for (size_t i = 0; i < watch->row_count; i++)
        if (late_ns(watch, &watch->rows[i]) != 0)
            fail_msg("row %zu was asked %lld ns after its slot", i,
                     (long long)late_ns(watch, &watch->rows[i]));
}

/* Three targets, of which one refuses. */
static struct watch *new_three(int64_t slowest_ns)
{
    struct watch *watch = watch_new();
    world_add(&watch->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 30 * ms);
    world_add(&watch->world, "192.0.2.2", 80, BEHAVIOUR_OPEN, slowest_ns);
    world_add(&watch->world, "192.0.2.3", 80, BEHAVIOUR_REFUSED, 1 * ms);
    watch_add(watch, "192.0.2.1:80");
    watch_add(watch, "192.0.2.2:80");
    watch_add(watch, "192.0.2.3:80");
    watch->interval_ns = 1000 * ms;
    return watch;
}

static void test_rounds_of_a_day_do_not_drift(void **state)
{
    (void)state;
    struct watch *watch = new_three(400 * ms);
    watch->count = DAY;
    watch_rounds(watch);
    assert_int_equal(watch->row_count, 3 * DAY);
    assert_int_equal(watch->rounds.missed, 0);
    size_t rounds[3] = {0, 0, 0};
    for (size_t i = 0; i < watch->row_count; i++) {
        const struct watch_row *row = &watch->rows[i];
        int64_t slot_ns = (int64_t)rounds[row->member]++ * watch->interval_ns;
        assert_int_equal(row->asked_ns, first_ns(watch, row->member) + slot_ns);
        assert_int_equal(row->reason, row->member == 2 ? REASON_REFUSED : REASON_CONNECTED);
    }
    assert_int_equal(watch_elapsed_ns(watch), (DAY - 1) * NS_PER_S + 733333333);
    watch_free(watch);
}

static void test_rounds_whose_answers_take_longer_miss_slots(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t delay_ns;
        uint64_t every; /* so many-th slot is asked */
    } cases[] = {
        {"just in time", INT64_C(999999999), 1},     {"to the next slot", 1000 * NS_PER_MS, 1},
        {"a moment longer", INT64_C(1000000001), 2}, {"half an interval", 1500 * NS_PER_MS, 2},
        {"two intervals", 2000 * NS_PER_MS, 2},      {"three and a half", 3500 * NS_PER_MS, 4},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct watch *watch = new_three(cases[i].delay_ns);
        watch->count = DAY / 100;
        watch_rounds(watch);
        assert_on_slots(watch);
        if (watch_rows_of(watch, 1) != DAY / 100)
            fail_msg("%s: %zu rows", cases[i].label, watch_rows_of(watch, 1));
        for (size_t n = 1; n < watch_rows_of(watch, 1); n++)
            if (watch_row_of(watch, 1, n)->asked_ns - watch_row_of(watch, 1, 0)->asked_ns !=
                (int64_t)(n * cases[i].every) * NS_PER_S)
                fail_msg("%s: round %zu is out of step", cases[i].label, n);
        assert_int_equal(watch->rounds.missed, (cases[i].every - 1) * (DAY / 100 - 1));
        watch_free(watch);
    }
}

static void test_rounds_keep_their_slots_though_calls_take_time(void **state)
{
    (void)state;
    struct watch *watch = new_three(400 * ms);
    watch->count = 3600;
    watch->world.call_cost_ns = 10 * NS_PER_US;
    watch_rounds(watch);
    assert_int_equal(watch->row_count, 3 * 3600);
    assert_int_equal(watch->rounds.missed, 0);
    for (size_t i = 0; i < watch->row_count; i++)
        assert_in_range(late_ns(watch, &watch->rows[i]), 0, 200 * NS_PER_US);
    watch_free(watch);
}

static void test_rounds_spread_300_targets_over_the_interval(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    world_add(&watch->world, "192.0.2.1", 0, BEHAVIOUR_OPEN, 3 * ms);
    watch_add(watch, "192.0.2.1:1-300");
    watch->interval_ns = 1000 * ms;
    watch->count = 4;
    watch_rounds(watch);
    assert_int_equal(watch->row_count, 4 * 300);
    assert_int_equal(watch->world.open_most, 1); /* 3 ms each, a third of a hundredth apart */
    assert_on_slots(watch);
    for (size_t i = 0; i < watch->row_count; i++)
        assert_int_equal(watch->rows[i].member, i % 300);
    watch_free(watch);
}

static void test_rounds_are_late_only_by_the_window(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    world_add(&watch->world, "192.0.2.1", 0, BEHAVIOUR_OPEN, 150 * ms);
    watch_add(watch, "192.0.2.1:1-10");
    watch->options.window = 1;
    watch->interval_ns = 1000 * ms;
    watch->end_ns = watch->world.now_ns + 60 * NS_PER_S;
    watch_rounds(watch);
    /* One after the other, 150 ms each; those whose turn does not come miss their slot. */
    assert_int_equal(watch->world.open_most, 1);
    for (size_t i = 1; i < watch->row_count; i++)
        assert_int_equal(watch->rows[i].asked_ns - watch->rows[i - 1].asked_ns, 150 * ms);
    for (size_t member = 0; member < 10; member++)
        assert_true(watch_rows_of(watch, member) >= 30);
    assert_in_range(watch->askings + watch->rounds.missed, 590, 600);
    watch_free(watch);
}

static void test_rounds_more_than_a_window_at_once_are_all_asked(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    world_add(&watch->world, "192.0.2.1", 0, BEHAVIOUR_OPEN, 10 * ms);
    watch_add(watch, "192.0.2.1:1-1000");
    watch->options.window = 20;
    watch->interval_ns = 1000 * ms;
    watch->count = 3;
    watch_rounds(watch);
    assert_int_equal(watch->row_count, 3000);
    assert_int_equal(watch->rounds.missed, 0);
    assert_on_slots(watch);
    watch_free(watch);
}

static void test_rounds_retry_a_timeout_each_time(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    struct world_host *silent = world_add(&watch->world, "192.0.2.1", 80, BEHAVIOUR_SILENT, 0);
    struct world_host *refused =
        world_add(&watch->world, "192.0.2.2", 80, BEHAVIOUR_REFUSED, 1 * ms);
    struct world_host *deaf = world_add(&watch->world, "192.0.2.3", 80, BEHAVIOUR_OPEN, 1 * ms);
    deaf->deaf_connects = 2;
    watch_add(watch, "192.0.2.1:80");
    watch_add(watch, "192.0.2.2:80");
    watch_add(watch, "192.0.2.3:80");
    watch->options.timeout_ns = 500 * ms;
    watch->options.retries = 2;
    watch->interval_ns = 3000 * ms;
    watch->count = 4;
    watch_rounds(watch);
    assert_int_equal(silent->asked, 4 * 3);
    assert_int_equal(refused->asked, 4);
    assert_int_equal(deaf->asked, 4 + 2);
    for (size_t round = 0; round < 4; round++) {
        const struct watch_row *row = watch_row_of(watch, 0, round);
        assert_int_equal(row->attempts, 3);
        assert_int_equal(row->finished_ns - row->asked_ns, 1500 * ms);
        assert_int_equal(watch_row_of(watch, 1, round)->attempts, 1);
        assert_int_equal(watch_row_of(watch, 2, round)->reason, REASON_CONNECTED);
        assert_int_equal(watch_row_of(watch, 2, round)->attempts, round == 0 ? 3 : 1);
    }
    assert_on_slots(watch);
    watch_free(watch);
}

static void test_rounds_do_not_ask_again_what_is_still_retried(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    struct world_host *silent = world_add(&watch->world, "192.0.2.1", 80, BEHAVIOUR_SILENT, 0);
    watch_add(watch, "192.0.2.1:80");
    watch->options.timeout_ns = 700 * ms;
    watch->options.retries = 3;
    watch->interval_ns = 1000 * ms;
    watch->count = 10;
    watch_rounds(watch);
    assert_int_equal(watch->world.open_most, 1);
    assert_int_equal(silent->asked, 40);
    assert_int_equal(watch->rounds.missed, 9 * 2); /* 2.8 s each: every third slot */
    assert_on_slots(watch);
    watch_free(watch);
}

/* Although the host answers on other ports, which makes its silence doubtful. */
static void test_rounds_do_not_take_a_second_look(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    for (uint16_t port = 1; port <= 100; port++)
        world_add(&watch->world, "192.0.2.1", port, BEHAVIOUR_OPEN, 1 * ms);
    watch_add(watch, "192.0.2.1:1-400");
    watch->options.timeout_ns = 3000 * ms;
    watch->interval_ns = 1000 * ms;
    watch->count = 3;
    watch_rounds(watch);
    assert_int_equal(watch->row_count, 3 * 400);
    assert_int_equal(watch_rows_with(watch, REASON_TIMEOUT), 3 * 300);
    for (size_t i = 0; i < watch->row_count; i++)
        assert_int_equal(watch->rows[i].attempts, 1);
    watch_free(watch);
}

static void test_rounds_resolve_a_name_anew(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    watch_add_moving_name(watch, NAME_ROUNDS, 1000 * ms, BEHAVIOUR_OPEN);
    watch_add(watch, "db:80");
    watch->interval_ns = 1000 * ms;
    watch->count = NAME_ROUNDS;
    watch_rounds(watch);
    assert_int_equal(watch->world.lookups_started, NAME_ROUNDS);
    for (size_t i = 0; i < NAME_ROUNDS; i++) {
        const struct watch_row *row = watch_row_of(watch, 0, i);
        assert_true(address_equals(&row->address, &watch->world.hosts[i]->address));
        assert_int_equal(row->reason, REASON_CONNECTED);
    }
    watch_free(watch);
}

static void test_rounds_go_on_while_the_resolver_hangs(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    world_add_name(&watch->world, "dead", NEVER_NS, NEVER_NS);
    world_add(&watch->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 5 * ms);
    watch_add(watch, "dead:80");
    watch_add(watch, "192.0.2.1:80");
    watch->options.timeout_ns = 2000 * ms;
    watch->interval_ns = 3000 * ms;
    watch->count = 20;
    watch_rounds(watch);
    assert_int_equal(watch_rows_of(watch, 0), 20);
    assert_int_equal(watch_rows_with(watch, REASON_RESOLVE_TIMEOUT), 20);
    assert_int_equal(watch->rounds.missed, 0);
    assert_int_equal(watch->world.lookups_started, 3 * 5); /* at 0, 3, 9, 18 and 36 s */
    assert_on_slots(watch);
    watch_free(watch);
}

static void test_rounds_all_addresses_are_one_answer(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    struct world_name *name = world_add_name(&watch->world, "db", 2 * ms, 3 * ms);
    world_name_address(name, "192.0.2.1");
    world_name_address(name, "192.0.2.2");
    world_name_address(name, "2001:db8::1");
    world_add(&watch->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 5 * ms);
    world_add(&watch->world, "192.0.2.2", 80, BEHAVIOUR_SILENT, 0);
    world_add(&watch->world, "2001:db8::1", 80, BEHAVIOUR_REFUSED, 5 * ms);
    watch_add(watch, "db:80");
    watch->options.timeout_ns = 1200 * ms;
    watch->options.is_all_addresses = true;
    watch->interval_ns = 1000 * ms;
    watch->count = 5;
    watch_rounds(watch);
    assert_int_equal(watch->row_count, 15);
    assert_int_equal(watch->askings, 5);
    assert_int_equal(watch->rounds.missed, 4); /* the silent one takes longer than a round */
    assert_on_slots(watch);
    watch_free(watch);
}

static void test_rounds_ask_an_invalid_line_once(void **state)
{
    (void)state;
    struct watch *watch = new_three(30 * ms);
    watch_add(watch, "192.0.2.1:70000");
    watch->count = 3;
    watch_rounds(watch);
    assert_int_equal(watch_rows_of(watch, 3), 1);
    assert_int_equal(watch->row_count, 3 * 3 + 1);
    watch_free(watch);
}

/* A gate that is silent for an hour, refuses for another one, and is up for the rest of a day;
   rounds of 4 s, in which its silence lasts longer than it takes to miss one. */
static void test_rounds_of_a_day_ask_past_the_gate_only_while_it_is_up(void **state)
{
    enum { HOUR = 3600, INTERVAL = 4, ROUNDS = DAY / INTERVAL };
    (void)state;
    struct watch *watch = new_three(30 * ms);
    struct world_host *gate =
        world_add(&watch->world, "192.0.2.9", 22, BEHAVIOUR_OPEN, 20 * ms);
    int64_t began_ns = watch->world.now_ns;
    world_change(gate, began_ns + 5 * HOUR * NS_PER_S - ms, BEHAVIOUR_SILENT);
    world_change(gate, began_ns + 6 * HOUR * NS_PER_S - ms, BEHAVIOUR_REFUSED);
    world_change(gate, began_ns + 7 * HOUR * NS_PER_S - ms, BEHAVIOUR_OPEN);
    watch->gate_target = "192.0.2.9:22";
    watch->interval_ns = INTERVAL * NS_PER_S;
    watch->end_ns = began_ns + DAY * NS_PER_S;
    watch_rounds(watch);
    assert_int_equal(watch_rows_of(watch, 0), ROUNDS - HOUR / INTERVAL / 2);
    assert_int_equal(watch->rounds.missed, HOUR / INTERVAL / 2); /* of the gate alone */
    assert_int_equal(watch->rounds.closed, HOUR / INTERVAL / 2 + HOUR / INTERVAL);
    for (size_t member = 1; member <= 3; member++) {
        assert_int_equal(watch_rows_of(watch, member), ROUNDS - 2 * HOUR / INTERVAL);
        const struct watch_row *row = watch_row_of(watch, member, 5 * HOUR / INTERVAL);
        assert_int_equal(row->asked_ns,
                         began_ns + 7 * HOUR * NS_PER_S + (int64_t)member * NS_PER_S);
    }
    watch_free(watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds_of_a_day_do_not_drift),
        cmocka_unit_test(test_rounds_whose_answers_take_longer_miss_slots),
        cmocka_unit_test(test_rounds_keep_their_slots_though_calls_take_time),
        cmocka_unit_test(test_rounds_spread_300_targets_over_the_interval),
        cmocka_unit_test(test_rounds_are_late_only_by_the_window),
        cmocka_unit_test(test_rounds_more_than_a_window_at_once_are_all_asked),
        cmocka_unit_test(test_rounds_retry_a_timeout_each_time),
        cmocka_unit_test(test_rounds_do_not_ask_again_what_is_still_retried),
        cmocka_unit_test(test_rounds_do_not_take_a_second_look),
        cmocka_unit_test(test_rounds_resolve_a_name_anew),
        cmocka_unit_test(test_rounds_go_on_while_the_resolver_hangs),
        cmocka_unit_test(test_rounds_all_addresses_are_one_answer),
        cmocka_unit_test(test_rounds_ask_an_invalid_line_once),
        cmocka_unit_test(test_rounds_of_a_day_ask_past_the_gate_only_while_it_is_up),
    };
    return cmocka_run_group_tests_name("sim: rounds", tests, NULL, NULL);
}
