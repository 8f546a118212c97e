/*
 * Timeouts that may be our own doing, and what the second look makes of them, on virtual time.
 *
 * Port 81 of a host is the doubtful one: its other ports answer.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "crowd.h"

static const int64_t ms = NS_PER_MS;

enum {
    DOUBTFUL_PORT = 81,
    NEVER_ANSWERS = 1000, /* connects */
    LOOKS_MAX = 4,
};

/* Open hosts 0..hosts-1, of which the first `doubtful` ones have a deaf port. */
static struct drive *new_drive(unsigned hosts, unsigned doubtful, unsigned deaf_connects)
{
    struct drive *drive = drive_new();
    drive->options.has_recheck = true;
    crowd_add(drive, 0, doubtful, DOUBTFUL_PORT, BEHAVIOUR_OPEN, 20 * ms);
    for (unsigned i = 0; i < doubtful; i++)
        crowd_host(drive, i, DOUBTFUL_PORT)->deaf_connects = deaf_connects;
    crowd_add(drive, 0, hosts, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    return drive;
}

static const struct result *last_row(const struct drive *drive)
{
    return &drive->rows[drive->row_count - 1];
}

/* Routers that lose what is too much for them, and how long a run through them may take. */
static const struct {
    const char *label;
    struct router router;
    int64_t most_s;
} routers[] = {
    {"table of 500", {.table_limit = 500, .expire_ns = 5 * NS_PER_S}, 60},
    {"table of 500, slow to forget", {.table_limit = 500, .expire_ns = 30 * NS_PER_S}, 120},
    {"table of 300", {.table_limit = 300, .expire_ns = 5 * NS_PER_S}, 120},
    {"policer of 200 a second", {.policer = {5 * NS_PER_MS, 100 * NS_PER_MS, 0}}, 120},
};

static struct drive *run_behind(const struct router *router, bool has_recheck)
{
    struct drive *drive = drive_new();
    drive->world.router = *router;
    drive->options.has_recheck = has_recheck;
    crowd_add_mixed(drive, 3072);
    drive_add(drive, "10.0.0.0/21:80");
    drive_add(drive, "10.0.8.0/22:80");
    drive_run(drive);
    return drive;
}

static void test_second_look_behind_a_small_router_leaves_no_wrong_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(routers); i++) {
        const char *label = routers[i].label;
        struct drive *drive = run_behind(&routers[i].router, true);
        claim(label, "rows", (int64_t)drive->row_count, 3072);
        claim(label, "wrong rows", (int64_t)crowd_wrong(drive), 0);
        size_t often = drive->row_count;
        for (unsigned attempts = 1; attempts <= 1 + LOOKS_MAX; attempts++)
            often -= crowd_attempts(drive, attempts);
        claim(label, "rows of more attempts", (int64_t)often, 0);
        claim_between(label, "seconds", crowd_elapsed_ns(drive) / NS_PER_S, 10,
                      routers[i].most_s);
        drive_free(drive);
    }
}

static void test_second_look_off_behind_a_small_router_leaves_wrong_verdicts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(routers); i++) {
        const char *label = routers[i].label;
        struct drive *drive = run_behind(&routers[i].router, false);
        claim_between(label, "wrong rows", (int64_t)crowd_wrong(drive), 50, 3072);
        claim(label, "rows of one attempt", (int64_t)crowd_attempts(drive, 1), 3072);
        claim(label, "doubts", (int64_t)drive->traces[TRACE_RECHECK], 0);
        claim(label, "canaries", (int64_t)drive->traces[TRACE_CANARY], 0);
        claim(label, "connects", (int64_t)drive->world.connect_count, 3072);
        drive_free(drive);
    }
}

/* The burst that overflows the table is long past when the first canary is asked. */
static void test_second_look_with_a_short_timeout_leaves_no_wrong_verdict(void **state)
{
    (void)state;
    static const int64_t timeouts_ms[] = {1500, 2000, 3000};
    for (size_t i = 0; i < ARRAY_LEN(timeouts_ms); i++) {
        char label[32];
        (void)snprintf(label, sizeof label, "%d ms", (int)timeouts_ms[i]);
        struct drive *drive = drive_new();
        drive->world.router = routers[0].router;
        drive->options.has_recheck = true;
        drive->options.timeout_ns = timeouts_ms[i] * ms;
        crowd_add_mixed(drive, 2048);
        drive_add(drive, "10.0.0.0/21:80");
        drive_run(drive);
        claim(label, "wrong rows", (int64_t)crowd_wrong(drive), 0);
        drive_free(drive);
    }
}

/* With 3072 hosts and a table of 500, what was lost at first is few enough to count. */
static void test_second_look_asks_only_the_silent_ones_again(void **state)
{
    (void)state;
    struct drive *drive = run_behind(&routers[0].router, true);
    for (size_t i = 0; i < drive->row_count; i++) {
        const struct world_host *host = drive->world.hosts[i];
        const struct result *row = &drive->rows[i];
        if (host->behaviour == BEHAVIOUR_SILENT)
            assert_int_equal(host->asked, row->attempts); /* never a canary */
        assert_in_range(row->attempts, 1, 5);
    }
    size_t again = drive->row_count - crowd_attempts(drive, 1);
    assert_in_range(again, 1, 1000);
    assert_true(drive->traces[TRACE_RECHECK] >= again);
    assert_int_equal(drive->traces[TRACE_RETRY], drive->traces[TRACE_RECHECK]);
    assert_int_equal(drive->world.connect_count, drive->row_count + drive->traces[TRACE_RETRY] +
                                                     drive->traces[TRACE_CANARY]);
    drive_free(drive);
}

static void test_second_look_needs_a_crowd_and_an_answer_on_another_port(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const char *others; /* host 0 and 1 answer */
        size_t window;
        unsigned attempts;
    } cases[] = {
        {"63 in flight", "10.0.0.0:1001-1062", 1024, 1},
        {"64 in flight", "10.0.0.0:1001-1063", 1024, 2},
        {"65 in flight", "10.0.0.0:1001-1064", 1024, 2},
        {"a window of 63", "10.0.0.0:1001-1200", 63, 1},
        {"a window of 64", "10.0.0.0:1001-1200", 64, 2},
        {"another address", "10.0.0.1:1001-1100", 1024, 1},
        {"nobody answers", "10.0.1.0:1001-1100", 1024, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = new_drive(2, 1, NEVER_ANSWERS);
        drive->options.window = cases[i].window;
        drive_add(drive, cases[i].others);
        drive_add(drive, "10.0.0.0:81");
        drive_run(drive);
        claim(cases[i].label, "attempts", last_row(drive)->attempts, cases[i].attempts);
        claim(cases[i].label, "reason", last_row(drive)->outcome.reason, REASON_TIMEOUT);
        drive_free(drive);
    }
}

static void test_second_look_gives_the_verdict_of_its_answer(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum behaviour behaviour;
        unsigned deaf_connects;
        int error;
        enum reason reason;
        int64_t took_ms;    /* -1: no answer */
        int64_t elapsed_ms; /* of the whole run */
    } cases[] = {
        {"open", BEHAVIOUR_OPEN, 1, 0, REASON_CONNECTED, 20, 5020},
        {"refused", BEHAVIOUR_REFUSED, 1, 0, REASON_REFUSED, 20, 5020},
        {"ICMP", BEHAVIOUR_ERROR, 1, EHOSTUNREACH, REASON_UNREACHABLE, 20, 5020},
        {"open, but only at the third time", BEHAVIOUR_OPEN, 2, 0, REASON_TIMEOUT, -1, 10000},
        {"silent", BEHAVIOUR_SILENT, 0, 0, REASON_TIMEOUT, -1, 10000},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        struct drive *drive = new_drive(1, 1, cases[i].deaf_connects);
        struct world_host *host = crowd_host(drive, 0, DOUBTFUL_PORT);
        host->behaviour = cases[i].behaviour;
        host->error = cases[i].error;
        host->icmp.is_set = cases[i].error != 0;
        host->icmp.type = 3;
        host->icmp.code = 1;
        host->icmp.sender = host->address;
        drive_add(drive, "10.0.0.0:1001-1100");
        drive_add(drive, "10.0.0.0:81");
        drive_run(drive);
        const struct result *row = last_row(drive);
        claim(label, "rows", (int64_t)drive->row_count, 101);
        claim(label, "reason", row->outcome.reason, cases[i].reason);
        claim(label, "attempts", row->attempts, 2);
        claim(label, "connects", host->asked, 2);
        claim(label, "connect_ns", row->connect_ns,
              cases[i].took_ms < 0 ? -1 : cases[i].took_ms * ms);
        claim(label, "elapsed", crowd_elapsed_ns(drive), cases[i].elapsed_ms * ms);
        claim(label, "finished", row->finished_ns - drive->began_ns, cases[i].elapsed_ms * ms);
        claim(label, "doubts", (int64_t)drive->traces[TRACE_RECHECK], 1);
        claim(label, "further attempts", (int64_t)drive->traces[TRACE_RETRY], 1);
        drive_free(drive);
    }
}

static void test_second_look_comes_after_the_retries_that_were_wished(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        unsigned deaf_connects;
        enum reason reason;
        unsigned attempts;
        int64_t elapsed_ms;
    } cases[] = {
        {"silent", NEVER_ANSWERS, REASON_TIMEOUT, 4, 20000},
        {"answers the second look", 3, REASON_CONNECTED, 4, 15020},
        {"answers the last retry", 2, REASON_CONNECTED, 3, 10020},
        {"answers the first retry", 1, REASON_CONNECTED, 2, 5020},
        {"answers at once", 0, REASON_CONNECTED, 1, 20},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        struct drive *drive = new_drive(1, 1, cases[i].deaf_connects);
        drive->options.retries = 2;
        drive_add(drive, "10.0.0.0:1001-1100");
        drive_add(drive, "10.0.0.0:81");
        drive_run(drive);
        claim(label, "reason", last_row(drive)->outcome.reason, cases[i].reason);
        claim(label, "attempts", last_row(drive)->attempts, cases[i].attempts);
        claim(label, "connects", crowd_host(drive, 0, DOUBTFUL_PORT)->asked, cases[i].attempts);
        claim(label, "elapsed", crowd_elapsed_ns(drive), cases[i].elapsed_ms * ms);
        drive_free(drive);
    }
}

static void test_second_look_follows_answers_that_needed_a_second_syn(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        unsigned lossy; /* of 100 that answer */
        unsigned attempts;
    } cases[] = {
        {"none", 0, 1},
        {"fewer than eight", 7, 1},
        {"eight, less than a tenth", 8, 1},
        {"a tenth", 10, 2},
        {"all but those that canaries need", 97, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = new_drive(100, 0, 0);
        crowd_add(drive, 100, 102, EVERY_PORT, BEHAVIOUR_SILENT, 0);
        for (unsigned j = 0; j < cases[i].lossy; j++)
            crowd_host(drive, j, EVERY_PORT)->lost_syns = 1;
        drive_add(drive, "10.0.0.0/26:80");
        drive_add(drive, "10.0.0.64/27:80");
        drive_add(drive, "10.0.0.96/30:80");
        drive_add(drive, "10.0.0.100/31:80");
        drive_run(drive);
        claim(cases[i].label, "rows", (int64_t)drive->row_count, 102);
        claim(cases[i].label, "wrong rows", (int64_t)crowd_wrong(drive), 0);
        claim(cases[i].label, "attempts", last_row(drive)->attempts, cases[i].attempts);
        claim(cases[i].label, "lost SYNs", drive->rows[0].syn_retransmits, cases[i].lossy > 0);
        drive_free(drive);
    }
}

static bool is_doubtful(const struct world_connect *connect)
{
    return address_port(&connect->address) == DOUBTFUL_PORT;
}

static bool is_second(const struct world_connect *connect)
{
    return is_doubtful(connect) && connect->nth == 2;
}

static bool is_no_canary(const struct world_connect *connect)
{
    return is_doubtful(connect) || connect->nth == 1;
}

static void test_second_looks_are_few_at_a_time(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        size_t window;
        size_t most;
    } cases[] = {
        {"window 64", 64, 8},       {"window 71", 71, 8},       {"window 72", 72, 9},
        {"window 1023", 1023, 127}, {"window 1024", 1024, 128}, {"window 4096", 4096, 128},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        struct drive *drive = new_drive(256, 256, NEVER_ANSWERS);
        drive->options.window = cases[i].window;
        drive_add(drive, "10.0.0.0/24:80-81");
        drive_run(drive);
        claim(label, "rows", (int64_t)drive->row_count, 512);
        claim(label, "rows of two attempts", (int64_t)crowd_attempts(drive, 2), 256);
        /* Until the first of them are back; then more, as none of them brings news. */
        int64_t first_ns = crowd_first(drive, is_second)->from_ns;
        claim(label, "second looks at a time",
              (int64_t)crowd_most_open(drive, is_second, first_ns, first_ns + 4990 * ms),
              (int64_t)cases[i].most);
        claim_between(
            label, "second looks at a time, later",
            (int64_t)crowd_most_open(drive, is_second, first_ns + 4990 * ms, drive->ended_ns),
            (int64_t)cases[i].most, (int64_t)cases[i].window);
        drive_free(drive);
    }
}

static void test_second_looks_are_a_hundred_a_second(void **state)
{
    (void)state;
    struct drive *drive = new_drive(512, 512, 1);
    drive_add(drive, "10.0.0.0/23:80-81");
    drive_run(drive);
    assert_int_equal(drive->row_count, 1024);
    assert_int_equal(crowd_attempts(drive, 2), 512);
    for (size_t i = 0; i < drive->row_count; i++)
        assert_int_equal(drive->rows[i].outcome.reason, REASON_CONNECTED);
    assert_in_range(crowd_most_begun(drive, is_second), 99, 102);
    /* The last one of 512 begins 5.1 s after the first one. */
    assert_in_range(crowd_elapsed_ns(drive) / ms, 10100, 10150);
    drive_free(drive);
}

static void test_second_look_begins_when_nothing_else_is_under_way(void **state)
{
    (void)state;
    struct drive *drive = new_drive(8, 8, NEVER_ANSWERS);
    crowd_add(drive, 256, 512, EVERY_PORT, BEHAVIOUR_SILENT, 0);
    drive->options.window = 100;
    drive_add(drive, "10.0.0.0/29:80-81");
    drive_add(drive, "10.0.1.0/24:80");
    drive_run(drive);
    const struct world_connect *second = crowd_first(drive, is_second);
    for (const struct world_connect *before = drive->world.connects; before < second; before++)
        if (is_no_canary(before))
            assert_true(before->to_ns <= second->from_ns);
    assert_int_equal(crowd_attempts(drive, 2), 8);
    assert_int_equal(drive->row_count, 16 + 256);
    drive_free(drive);
}

/* All of the window are silent; while they wait the others are asked. */
static void test_second_look_leaves_its_place_in_the_window(void **state)
{
    (void)state;
    struct drive *drive = new_drive(64, 64, NEVER_ANSWERS);
    crowd_add(drive, 256, 512, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    drive->options.window = 64;
    drive_add(drive, "10.0.0.0/26:80-81");
    drive_add(drive, "10.0.1.0/24:80");
    drive->is_unordered = true;
    drive_run(drive);
    const struct world_connect *second = crowd_first(drive, is_second);
    for (unsigned i = 256; i < 512; i++)
        assert_true(crowd_host(drive, i, EVERY_PORT)->first_at_ns < second->from_ns);
    assert_in_range((second->from_ns - drive->began_ns) / ms, 5000, 5300);
    assert_int_equal(drive->row_count, 128 + 256);
    drive_free(drive);
}

/* Doubtful ones, and 2,048 silent ones 64 at a time. */
static struct drive *run_beside_silence(unsigned doubtful, const char *target)
{
    struct drive *drive = new_drive(doubtful, doubtful, NEVER_ANSWERS);
    crowd_add(drive, 256, 256 + 2048, EVERY_PORT, BEHAVIOUR_SILENT, 0);
    drive->options.window = 64;
    drive_add(drive, target);
    drive_add(drive, "10.0.1.0/24:80");
    drive_add(drive, "10.0.2.0/23:80");
    drive_add(drive, "10.0.4.0/22:80");
    drive_add(drive, "10.0.8.0/24:80");
    drive->is_unordered = true;
    drive_run(drive);
    assert_int_equal(drive->row_count, 2 * doubtful + 2048);
    return drive;
}

/* The first ones wait for four timeouts; then nothing new is asked before them. */
static void test_second_look_is_not_put_off_for_ever(void **state)
{
    (void)state;
    struct drive *drive = run_beside_silence(8, "10.0.0.0/29:80-81");
    int64_t second_ns = crowd_first(drive, is_second)->from_ns;
    assert_in_range((second_ns - drive->began_ns - 5000 * ms) / ms, 20000, 25000);
    drive_free(drive);
}

static void test_second_look_leaves_its_window_to_new_targets(void **state)
{
    (void)state;
    struct drive *drive = run_beside_silence(4, "10.0.0.0/30:80-81");
    const struct world_connect *second = crowd_first(drive, is_second);
    assert_int_equal(second->to_ns - second->from_ns, 5000 * ms);
    /* An eighth of the window: four second looks, and four more. */
    assert_int_equal(crowd_most_open(drive, is_second, second->from_ns, second->to_ns), 4);
    assert_int_equal(crowd_most_open(drive, is_no_canary, second->from_ns, second->to_ns), 8);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_second_look_behind_a_small_router_leaves_no_wrong_verdict),
        cmocka_unit_test(test_second_look_off_behind_a_small_router_leaves_wrong_verdicts),
        cmocka_unit_test(test_second_look_asks_only_the_silent_ones_again),
        cmocka_unit_test(test_second_look_with_a_short_timeout_leaves_no_wrong_verdict),
        cmocka_unit_test(test_second_look_needs_a_crowd_and_an_answer_on_another_port),
        cmocka_unit_test(test_second_look_gives_the_verdict_of_its_answer),
        cmocka_unit_test(test_second_look_comes_after_the_retries_that_were_wished),
        cmocka_unit_test(test_second_look_follows_answers_that_needed_a_second_syn),
        cmocka_unit_test(test_second_looks_are_few_at_a_time),
        cmocka_unit_test(test_second_looks_are_a_hundred_a_second),
        cmocka_unit_test(test_second_look_begins_when_nothing_else_is_under_way),
        cmocka_unit_test(test_second_look_leaves_its_place_in_the_window),
        cmocka_unit_test(test_second_look_is_not_put_off_for_ever),
        cmocka_unit_test(test_second_look_leaves_its_window_to_new_targets),
    };
    return cmocka_run_group_tests_name("sim: second look", tests, NULL, NULL);
}
