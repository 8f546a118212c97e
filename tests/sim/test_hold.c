/*
 * --hold: up is what the other side does not close for a while; when that is known, and what it
 * costs.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crowd.h"

static const int64_t ms = NS_PER_MS;
static const int64_t hold = 3000 * NS_PER_MS;

/* Connections are held for 3 s, with a timeout of 1 s. */
static struct drive *new_drive(void)
{
    struct drive *drive = drive_new();
    drive->options.timeout_ns = 1000 * ms;
    drive->options.ask.hold_ns = hold;
    return drive;
}

/* A server 20 ms away. */
static struct world_host *add_server(struct drive *drive, const char *address)
{
    return world_add(&drive->world, address, 0, BEHAVIOUR_OPEN, 20 * ms);
}

/* What servers do, and what comes of it. `least` and `most`: milliseconds of the run. */
static const struct {
    const char *label;
    struct world_act acts[3];
    size_t count;
    enum reason reason;
    int error;
    int64_t least, most;
    int64_t bytes; /* 0: no reply */
} rows[] = {
    {"it stays", {{0, 0, 0}}, 0, REASON_CONNECTED, 0, 3020, 3020, 0},
    {"it closes at once", {{0, 0, 0}}, 1, REASON_CLOSED, 0, 20, 20, 0},
    {"it closes in a moment", {{1000000, 0, 0}}, 1, REASON_CLOSED, 0, 21, 21, 0},
    {"it closes behind -t", {{2000 * NS_PER_MS, 0, 0}}, 1, REASON_CLOSED, 0, 2020, 2020, 0},
    {"it resets",
     {{700 * NS_PER_MS, 0, ECONNRESET}},
     1,
     REASON_CLOSED,
     ECONNRESET,
     720,
     720,
     0},
    {"it closes 1 ms too early",
     {{2999 * NS_PER_MS, 0, 0}},
     1,
     REASON_CLOSED,
     0,
     3019,
     3019,
     0},
    {"it closes with the end", {{3000 * NS_PER_MS, 0, 0}}, 1, REASON_CLOSED, 0, 3020, 3020, 0},
    {"it closes later", {{3001 * NS_PER_MS, 0, 0}}, 1, REASON_CONNECTED, 0, 3020, 3020, 0},
    {"it speaks", {{500 * NS_PER_MS, 70, 0}}, 1, REASON_CONNECTED, 0, 3020, 3020, 0},
    {"it speaks and closes", {{0, 70, 0}, {0, 0, 0}}, 2, REASON_CLOSED, 0, 20, 25, 70},
    {"it speaks much, and closes right before the end",
     {{2999 * NS_PER_MS, 6 << 20, 0}, {2999 * NS_PER_MS, 0, 0}},
     2,
     REASON_CLOSED,
     0,
     3020,
     3020,
     6 << 20},
    {"an ICMP error is no end",
     {{700 * NS_PER_MS, 0, EHOSTUNREACH}},
     1,
     REASON_CONNECTED,
     0,
     3020,
     3020,
     0},
};

static void test_hold_ends_with_its_time_or_with_the_connection(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *label = rows[i].label;
        struct drive *drive = new_drive();
        struct world_host *host = add_server(drive, "192.0.2.1");
        for (size_t n = 0; n < rows[i].count; n++)
            world_act(host, rows[i].acts[n].after_ns, rows[i].acts[n].len,
                      rows[i].acts[n].error);
        drive_add(drive, "192.0.2.1:80");
        drive_run(drive);
        const struct result *row = &drive->rows[0];
        const struct measures *measures = &row->measures;
        int64_t took = (drive->ended_ns - drive->began_ns) / ms;
        bool is_closed = rows[i].reason == REASON_CLOSED;
        claim(label, "rows", (int64_t)drive->row_count, 1);
        claim(label, "reason", row->outcome.reason, rows[i].reason);
        claim(label, "error", row->outcome.error, rows[i].error);
        claim_between(label, "time", took, rows[i].least, rows[i].most);
        claim(label, "connect", (row->connect_ns) / ms, 20);
        claim(label, "held", measures->held_ns / ms, took - 20);
        claim(label, "closed after", measures->closed_after_ns,
              is_closed ? measures->held_ns : -1);
        claim(label, "reply time", row->reply_ns, -1);
        claim(label, "bytes", measures->reply != NULL ? (int64_t)measures->reply->len : 0,
              rows[i].bytes);
        drive_free(drive);
    }
}

/* As many wake-ups as pauses, and a few. */
static void test_hold_of_a_server_that_sends_all_the_time_is_cheap(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    world_act(add_server(drive, "192.0.2.1"), 0, SIZE_MAX, 0);
    drive_add(drive, "192.0.2.1:80");
    drive_run(drive);
    assert_int_equal(drive->rows[0].outcome.reason, REASON_CONNECTED);
    assert_in_range(drive->world.waits, 100, 3010);
    drive_free(drive);
}

static void test_hold_does_not_end_with_the_window_shut_by_a_proxy(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    struct world_host *host = world_add(&drive->world, "192.0.2.1", 0, BEHAVIOUR_SHUT, 20 * ms);
    host->later_ns = 400 * ms;
    drive_add(drive, "192.0.2.1:80");
    drive_run(drive);
    assert_int_equal(drive->rows[0].outcome.reason, REASON_CONNECTED);
    assert_true(drive->rows[0].measures.is_proxied);
    assert_true(drive->ended_ns - drive->began_ns >= 3420 * ms);
    drive_free(drive);
}

static void test_hold_of_what_was_reset_right_after_the_handshake_is_closed(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    (void)world_add(&drive->world, "192.0.2.1", 0, BEHAVIOUR_RESET, 20 * ms);
    drive_add(drive, "192.0.2.1:80");
    drive_run(drive);
    assert_int_equal(drive->rows[0].outcome.reason, REASON_CLOSED);
    assert_int_equal(drive->rows[0].outcome.remark, REMARK_RESET);
    assert_true(drive->rows[0].measures.closed_after_ns >= 0);
    assert_int_equal(drive->ended_ns - drive->began_ns, 20 * ms);
    drive_free(drive);
}

/* A name with two addresses, of which the first one closes after `close_ns`. */
static struct drive *new_pair(int64_t close_ns)
{
    struct drive *drive = new_drive();
    struct world_name *name = world_add_name(&drive->world, "db", 1 * ms, 1 * ms);
    world_name_address(name, "2001:db8::1");
    world_name_address(name, "192.0.2.1");
    world_act(add_server(drive, "2001:db8::1"), close_ns, 0, 0);
    (void)add_server(drive, "192.0.2.1");
    drive_add(drive, "db:80");
    return drive;
}

static void test_hold_of_one_address_that_closes_gives_way_to_the_next(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t close_ns;
        enum reason reason;
        int64_t ends; /* ms */
        int64_t connects;
    } pairs[] = {
        {"in time", 400 * NS_PER_MS, REASON_CONNECTED, 1 + 20 + 400 + 20 + 3000, 2},
        {"behind -t", 1500 * NS_PER_MS, REASON_CONNECTED, 500 + 20 + 3000, 2},
        {"too late", 3500 * NS_PER_MS, REASON_CONNECTED, 1 + 20 + 3000, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        struct drive *drive = new_pair(pairs[i].close_ns);
        drive_run(drive);
        claim(pairs[i].label, "reason", drive->rows[0].outcome.reason, pairs[i].reason);
        claim(pairs[i].label, "end", (drive->ended_ns - drive->began_ns) / ms, pairs[i].ends);
        claim(pairs[i].label, "connects", (int64_t)drive->world.connect_count,
              pairs[i].connects);
        drive_free(drive);
    }
}

static void test_hold_with_all_addresses_holds_them_at_once(void **state)
{
    (void)state;
    struct drive *drive = new_pair(1500 * ms);
    drive->options.is_all_addresses = true;
    drive_run(drive);
    assert_int_equal(drive->row_count, 2);
    assert_int_equal(drive->rows[0].outcome.reason, REASON_CLOSED);
    assert_int_equal(drive->rows[1].outcome.reason, REASON_CONNECTED);
    assert_int_equal(drive->ended_ns - drive->began_ns, 3021 * ms);
    drive_free(drive);
}

static void test_hold_has_its_place_among_those_in_flight(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    (void)add_server(drive, "192.0.2.1");
    drive->options.window = 2;
    drive_add(drive, "192.0.2.1:1-4");
    drive_run(drive);
    assert_int_equal(drive->row_count, 4);
    assert_int_equal(drive->world.open_most, 2);
    assert_int_equal(drive->ended_ns - drive->began_ns, 6040 * ms);
    drive_free(drive);
}

/* With -m; and with --wait, where it is no verdict either. */
static void test_hold_that_the_end_of_the_run_cuts_short_is_no_verdict(void **state)
{
    (void)state;
    static const struct {
        enum remark remark;
        enum remark expected;
    } ends[] = {{REMARK_OVER, REMARK_OVER}, {REMARK_NONE, REMARK_CUT}};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct drive *drive = new_drive();
        (void)add_server(drive, "192.0.2.1");
        world_act(add_server(drive, "192.0.2.2"), 1000 * ms, 0, 0);
        drive->options.until_ns = drive->world.now_ns + 2000 * ms;
        drive->options.cut_remark = ends[i].remark;
        drive_add(drive, "192.0.2.1:80");
        drive_add(drive, "192.0.2.2:80");
        drive_run(drive);
        assert_int_equal(drive->ended_ns - drive->began_ns, 2000 * ms);
        assert_int_equal(drive->rows[0].outcome.reason, REASON_LOCAL);
        assert_int_equal(drive->rows[0].outcome.remark, ends[i].expected);
        assert_true(drive->rows[0].is_cut);
        assert_int_equal(drive->rows[1].outcome.reason, REASON_CLOSED);
        assert_false(drive->rows[1].is_cut);
        drive_free(drive);
    }
}

/* We were away when it closed, when its time was over, and when it connected. */
static void test_hold_sees_after_a_stall_what_is_there(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t close_ms; /* -1: never */
        int64_t stop_ms, resume_ms;
        enum reason reason;
        int64_t ends;
    } stalls[] = {
        {"closed meanwhile", 1000, 500, 1500, REASON_CLOSED, 1500},
        {"closed meanwhile, and the time is over", 1000, 500, 9000, REASON_CLOSED, 9000},
        {"closed once the time was over", 4000, 500, 9000, REASON_CLOSED, 9000},
        {"not closed, and the time is over", -1, 500, 9000, REASON_CONNECTED, 9000},
        {"connected meanwhile", -1, 10, 2000, REASON_CONNECTED, 5000},
    };
    for (size_t i = 0; i < ARRAY_LEN(stalls); i++) {
        struct drive *drive = new_drive();
        struct world_host *host = add_server(drive, "192.0.2.1");
        if (stalls[i].close_ms >= 0)
            world_act(host, stalls[i].close_ms * ms, 0, 0);
        drive->world.stop_ns = drive->world.now_ns + stalls[i].stop_ms * ms;
        drive->world.resume_ns = drive->world.now_ns + stalls[i].resume_ms * ms;
        drive->world.is_interrupted = true;
        drive_add(drive, "192.0.2.1:80");
        drive_run(drive);
        const struct result *row = &drive->rows[0];
        claim(stalls[i].label, "reason", row->outcome.reason, stalls[i].reason);
        claim(stalls[i].label, "end", (drive->ended_ns - drive->began_ns) / ms, stalls[i].ends);
        claim(stalls[i].label, "connect", (row->connect_ns) / ms, 20);
        drive_free(drive);
    }
}

static void test_hold_does_not_touch_datagrams(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    (void)add_server(drive, "192.0.2.1");
    drive_add(drive, "udp://192.0.2.1:9");
    drive_run(drive);
    assert_int_equal(drive->rows[0].outcome.reason, REASON_REPLIED);
    assert_true(drive->rows[0].measures.held_ns == -1);
    assert_int_equal(drive->ended_ns - drive->began_ns, 20 * ms);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hold_ends_with_its_time_or_with_the_connection),
        cmocka_unit_test(test_hold_of_a_server_that_sends_all_the_time_is_cheap),
        cmocka_unit_test(test_hold_does_not_end_with_the_window_shut_by_a_proxy),
        cmocka_unit_test(test_hold_of_what_was_reset_right_after_the_handshake_is_closed),
        cmocka_unit_test(test_hold_of_one_address_that_closes_gives_way_to_the_next),
        cmocka_unit_test(test_hold_with_all_addresses_holds_them_at_once),
        cmocka_unit_test(test_hold_has_its_place_among_those_in_flight),
        cmocka_unit_test(test_hold_that_the_end_of_the_run_cuts_short_is_no_verdict),
        cmocka_unit_test(test_hold_sees_after_a_stall_what_is_there),
        cmocka_unit_test(test_hold_does_not_touch_datagrams),
    };
    return cmocka_run_group_tests_name("sim: hold", tests, NULL, NULL);
}
