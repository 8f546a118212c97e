/*
 * This machine without a route or a resolver for a while, on virtual time.
 */
#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "crowd.h"

static const int64_t ms = NS_PER_MS;

enum {
    HOSTS = 3072,
    NAMES = 100,
    NAME_SIZE = 16,
};

/* 3,072 open hosts at 1,500 a second, and no route for a while. */
static struct drive *run_sweep(int64_t gone_ms, int64_t back_ms, unsigned retries)
{
    struct drive *drive = drive_new();
    drive->options.has_recheck = true;
    drive->options.rate = 1500;
    drive->options.timeout_ns = 3000 * ms;
    drive->options.retries = retries;
    drive->order_slack = HOSTS;
    crowd_add(drive, 0, HOSTS, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    drive_add(drive, "10.0.0.0/21:80");
    drive_add(drive, "10.0.8.0/22:80");
    drive->world.unrouted_ns = drive->world.now_ns + gone_ms * ms;
    drive->world.routed_ns = drive->world.now_ns + back_ms * ms;
    drive_run(drive);
    return drive;
}

static void test_outage_of_the_route_in_a_sweep_leaves_no_wrong_verdict(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t gone_ms;
        int64_t back_ms;
        int64_t most_ms; /* 2.05 s without an outage */
    } cases[] = {
        {"in the middle", 800, 1300, 2800}, {"at the beginning", 50, 550, 2800},
        {"at the end", 1900, 2400, 3200},   {"behind the last one", 2040, 2900, 3200},
        {"long", 300, 1600, 3600},          {"a moment", 1000, 1001, 2200},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = run_sweep(cases[i].gone_ms, cases[i].back_ms, 0);
        claim(cases[i].label, "rows", (int64_t)drive->row_count, HOSTS);
        claim(cases[i].label, "wrong rows", (int64_t)crowd_wrong(drive), 0);
        claim(cases[i].label, "rows of one or two attempts",
              (int64_t)(crowd_attempts(drive, 1) + crowd_attempts(drive, 2)), HOSTS);
        claim_between(cases[i].label, "ms", crowd_elapsed_ns(drive) / ms, 2000,
                      cases[i].most_ms);
        claim_between(cases[i].label, "connects", (int64_t)drive->world.connect_count, HOSTS,
                      2 * HOSTS);
        claim_between(cases[i].label, "connects in a second",
                      (int64_t)crowd_most_begun(drive, crowd_is_any), 1500, 1531);
        drive_free(drive);
    }
}

/* It costs one more attempt, and only those that failed before that was known. */
static void test_outage_that_lasts_ends_soon(void **state)
{
    (void)state;
    struct drive *drive = run_sweep(800, 1000000, 0);
    size_t down = 0;
    for (size_t i = 0; i < drive->row_count; i++) {
        const struct outcome *outcome = &drive->rows[i].outcome;
        down += outcome->reason == REASON_UNREACHABLE;
        assert_int_equal(outcome->is_own, outcome->reason == REASON_UNREACHABLE);
    }
    assert_in_range(down, 1500, 2000);
    assert_int_equal(crowd_attempts(drive, 2), down);
    assert_in_range(crowd_elapsed_ns(drive) / ms, 3000, 4600);
    drive_free(drive);
}

static void test_outage_from_the_beginning_is_believed_at_once(void **state)
{
    (void)state;
    struct drive *drive = run_sweep(0, 1000000, 0);
    assert_int_equal(crowd_attempts(drive, 1), HOSTS);
    assert_in_range(crowd_elapsed_ns(drive) / ms, 2000, 2100);
    drive_free(drive);
}

/* Where no more may wait, those that failed are asked once more, and then it is known. */
static void test_outage_that_lasts_is_believed_of_those_that_come_later(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->options.has_recheck = true;
    drive->options.window = 100;
    drive->order_slack = 100;
    crowd_add(drive, 0, HOSTS, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    drive_add(drive, "10.0.0.0/21:80");
    drive_add(drive, "10.0.8.0/22:80");
    drive->world.unrouted_ns = drive->world.now_ns + 100 * ms;
    drive->world.routed_ns = NEVER_NS;
    drive_run(drive);
    size_t again = crowd_attempts(drive, 2);
    assert_in_range(again, 100, 200); /* what the rows in order leave room for */
    assert_int_equal(crowd_attempts(drive, 1), HOSTS - again);
    assert_in_range(crowd_elapsed_ns(drive) / ms, 1100, 1200);
    drive_free(drive);
}

/* A host without a route and then silent has no connect time from before. */
static void test_outage_before_a_silence_leaves_no_time(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->options.retries = 1;
    crowd_add(drive, 0, 1, EVERY_PORT, BEHAVIOUR_SILENT, 0);
    drive_add(drive, "10.0.0.0:80");
    drive->world.routed_ns = drive->world.now_ns + 500 * ms;
    drive_run(drive);
    assert_int_equal(drive->rows[0].outcome.reason, REASON_TIMEOUT);
    assert_int_equal(drive->rows[0].connect_ns, -1);
    assert_int_equal(drive->rows[0].waited_ns, 5000 * ms);
    assert_false(drive->rows[0].outcome.is_own);
    drive_free(drive);
}

/* One host of this machine answers, which needs no route, and two others are asked. */
static void test_outage_is_no_matter_of_loopback(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->options.has_recheck = true;
    drive->options.window = 1;
    (void)world_add(&drive->world, "127.0.0.1", 0, BEHAVIOUR_OPEN, 0);
    drive_add(drive, "127.0.0.1:80");
    (void)world_add(&drive->world, "::1", 0, BEHAVIOUR_OPEN, 0);
    drive_add(drive, "[::1]:80");
    (void)world_add(&drive->world, "2001:db8::1", 0, BEHAVIOUR_IMMEDIATE, 0);
    drive->world.hosts[2]->error = ENETUNREACH;
    drive_add(drive, "[2001:db8::1]:80");
    (void)world_add(&drive->world, "192.0.2.1", 0, BEHAVIOUR_IMMEDIATE, 0);
    drive->world.hosts[3]->error = ENETUNREACH;
    drive_add(drive, "192.0.2.1:80");
    drive_run(drive);
    assert_int_equal(crowd_attempts(drive, 1), 4);
    assert_int_equal(crowd_elapsed_ns(drive), 0);
    drive_free(drive);
}

static void test_outage_of_one_target_is_asked_again_by_retries(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        unsigned retries;
        int64_t back_ms;
        int64_t timeout_ms;
        bool is_up;
        unsigned attempts;
        int64_t elapsed_ms;
    } cases[] = {
        {"no retries", 0, 500, 5000, false, 1, 0},
        {"back after half a second", 3, 500, 5000, true, 2, 1020},
        {"back after the second pause", 3, 1500, 5000, true, 3, 2020},
        {"never back", 3, 1000000, 5000, false, 4, 3000},
        {"a short timeout", 3, 1000000, 200, false, 4, 600},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        struct drive *drive = drive_new();
        drive->options.retries = cases[i].retries;
        drive->options.timeout_ns = cases[i].timeout_ms * ms;
        crowd_add(drive, 0, 1, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
        drive_add(drive, "10.0.0.0:80");
        drive->world.routed_ns = drive->world.now_ns + cases[i].back_ms * ms;
        drive_run(drive);
        const struct result *row = &drive->rows[0];
        claim(label, "up", row->outcome.reason == REASON_CONNECTED, cases[i].is_up);
        claim(label, "attempts", row->attempts, cases[i].attempts);
        claim(label, "elapsed", crowd_elapsed_ns(drive), cases[i].elapsed_ms * ms);
        claim(label, "connect_ns", row->connect_ns, cases[i].is_up ? 20 * ms : 0);
        drive_free(drive);
    }
}

/* Names whose lookups say "try again" while the resolver is away, at 200 a second. */
static struct drive *run_names(const char *prefix, int64_t gone_ms, int64_t back_ms,
                               unsigned retries)
{
    static char texts[NAMES][2][NAME_SIZE + 8];
    struct drive *drive = drive_new();
    int64_t now_ns = drive->world.now_ns;
    drive->options.has_recheck = true;
    drive->options.rate = 200;
    drive->options.retries = retries;
    drive->options.families = FAMILY_IPV4;
    drive->world.name_count = 0;
    crowd_add(drive, 0, 1, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    /* One name of the world tells three times of each: before, while and after it is away. */
    static struct world_name away;
    static struct world_name after;
    away = (struct world_name){.delay_ns = {1 * ms, 1 * ms},
                               .lookup_error = {EAI_AGAIN, EAI_AGAIN}};
    after = (struct world_name){.delay_ns = {1 * ms, 1 * ms}};
    world_name_address(&after, "10.0.0.0");
    world_name_later(&away, now_ns + back_ms * ms, &after);
    for (unsigned i = 0; i < NAMES; i++) {
        (void)snprintf(texts[i][0], sizeof texts[i][0], "%s%u", prefix, i);
        (void)snprintf(texts[i][1], sizeof texts[i][1], "%s%u:80", prefix, i);
        struct world_name *name = world_add_name(&drive->world, texts[i][0], 1 * ms, 1 * ms);
        world_name_address(name, "10.0.0.0");
        world_name_later(name, now_ns + gone_ms * ms, &away);
        drive_add(drive, texts[i][1]);
    }
    drive_run(drive);
    return drive;
}

static size_t count_reason(const struct drive *drive, enum reason reason)
{
    size_t count = 0;
    for (size_t i = 0; i < drive->row_count; i++)
        count += drive->rows[i].outcome.reason == reason;
    return count;
}

static void test_outage_of_the_resolver_leaves_no_wrong_verdict(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t gone_ms;
        int64_t back_ms;
        unsigned retries;
        size_t up;
        unsigned lookups_most;
    } cases[] = {
        {"in the middle", 100, 400, 0, NAMES, 2 * NAMES},
        {"at the end, many known", 400, 900, 0, NAMES, 2 * NAMES},
        {"from the beginning, with retries", 0, 600, 1, NAMES, 2 * NAMES},
        {"from the beginning, to the end", 0, 1000000, 0, 0, NAMES},
        {"to the end, with retries", 0, 1000000, 2, 0, 3 * NAMES},
        {"to the end, many known", 400, 1000000, 0, 80, 2 * NAMES},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        struct drive *drive =
            run_names("n", cases[i].gone_ms, cases[i].back_ms, cases[i].retries);
        claim(label, "rows", (int64_t)drive->row_count, NAMES);
        claim_between(label, "up", (int64_t)count_reason(drive, REASON_CONNECTED),
                      (int64_t)cases[i].up, (int64_t)cases[i].up + 4);
        claim(label, "the rest", (int64_t)count_reason(drive, REASON_UNRESOLVED),
              NAMES - (int64_t)count_reason(drive, REASON_CONNECTED));
        claim_between(label, "lookups", (int64_t)drive->world.lookups_started, NAMES,
                      cases[i].lookups_most);
        claim_between(label, "ms", crowd_elapsed_ns(drive) / ms, 450, 3000);
        drive_free(drive);
    }
}

/* One name, a thousand ports: it is not looked up for each of them. */
static void test_outage_of_the_resolver_asks_once_for_all_ports_of_a_name(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->options.retries = 2;
    drive->options.families = FAMILY_IPV4;
    struct world_name *name = world_add_name(&drive->world, "db", 1 * ms, 1 * ms);
    name->lookup_error[0] = EAI_AGAIN;
    drive_add(drive, "db:1-1000");
    drive_run(drive);
    assert_int_equal(drive->row_count, 1000);
    assert_int_equal(crowd_attempts(drive, 3), 1000);
    assert_in_range(name->asked, 3, 30);
    assert_in_range(crowd_elapsed_ns(drive) / ms, 2000, 2100);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outage_of_the_route_in_a_sweep_leaves_no_wrong_verdict),
        cmocka_unit_test(test_outage_that_lasts_ends_soon),
        cmocka_unit_test(test_outage_that_lasts_is_believed_of_those_that_come_later),
        cmocka_unit_test(test_outage_before_a_silence_leaves_no_time),
        cmocka_unit_test(test_outage_from_the_beginning_is_believed_at_once),
        cmocka_unit_test(test_outage_is_no_matter_of_loopback),
        cmocka_unit_test(test_outage_of_one_target_is_asked_again_by_retries),
        cmocka_unit_test(test_outage_of_the_resolver_leaves_no_wrong_verdict),
        cmocka_unit_test(test_outage_of_the_resolver_asks_once_for_all_ports_of_a_name),
    };
    return cmocka_run_group_tests_name("sim: outage", tests, NULL, NULL);
}
