/*
 * Flows that share a descriptor, and flows with a time of their own, on virtual time: asked by
 * the protocol of toy.h, and by UDP.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crowd.h"
#include "toy.h"

static const int64_t ms = NS_PER_MS;

enum {
    CROWD = 3072,
    FIRST_LANE = WORLD_FIRST_FD, /* the descriptor of the first lane of a world */
};

/* On lanes, and on descriptors of their own. */
static const enum protocol_id by_datagrams[] = {PROTOCOL_LANE, PROTOCOL_UDP};

static enum reason up_by(enum protocol_id protocol)
{
    return protocol == PROTOCOL_UDP ? REASON_REPLIED : REASON_CONNECTED;
}

/* The key of flow `number` of the run, from 1, at a place of its lane, from 1. */
static uint64_t key_of(uint64_t place, uint64_t number)
{
    return place << 32 | number;
}

static struct drive *new_drive(void)
{
    struct drive *drive = drive_new();
    drive->options.protocols = toy_protocols;
    drive->options.window = CROWD;
    return drive;
}

static void add_crowd(struct drive *drive, enum protocol_id protocol)
{
    drive_add_by(drive, protocol, "10.0.0.0/21:80");
    drive_add_by(drive, protocol, "10.0.8.0/22:80");
}

static size_t count_reason(const struct drive *drive, enum reason reason)
{
    size_t count = 0;
    for (size_t i = 0; i < drive->row_count; i++)
        count += drive->rows[i].outcome.reason == reason;
    return count;
}

static void assert_row(const char *label, const struct result *row, enum reason reason,
                       unsigned attempts)
{
    claim(label, "reason", row->outcome.reason, reason);
    claim(label, "attempts", row->attempts, attempts);
}

static void test_lanes_serve_thousands_whose_answers_come_in_any_order(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        size_t room;
        int64_t lanes;
    } cases[] = {{"one lane", 0, 1}, {"lanes of 256", 256, 12}, {"lanes of 3071", 3071, 2}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = new_drive();
        drive->world.lane_room = cases[i].room;
        crowd_add_mixed(drive, CROWD);
        for (size_t host = 0; host < CROWD; host++)
            drive->world.hosts[host]->delay_ns = (int64_t)(host * 1009 % CROWD + 1) * ms / 4;
        add_crowd(drive, PROTOCOL_LANE);
        drive_run(drive);
        claim(cases[i].label, "rows", (int64_t)drive->row_count, CROWD);
        claim(cases[i].label, "wrong rows", (int64_t)crowd_wrong(drive), 0);
        claim(cases[i].label, "descriptors", (int64_t)drive->world.open_most, cases[i].lanes);
        claim(cases[i].label, "time", crowd_elapsed_ns(drive), 5000 * ms);
        for (size_t row = 0; row < CROWD; row++)
            if (drive->rows[row].outcome.reason == REASON_CONNECTED)
                claim(cases[i].label, "latency", drive->rows[row].connect_ns,
                      drive->world.hosts[row]->delay_ns);
        drive_free(drive);
    }
}

/*
 * Ports 1-64 answer behind their deadline, when ports 65-100 are asked at some of their places.
 * They begin one by one, so that the lane stays open.
 */
static void test_lanes_late_answer_finds_no_flow(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    drive->options.window = 64;
    drive->options.rate = 200;
    for (uint16_t port = 1; port <= 64; port++)
        (void)world_add(&drive->world, "192.0.2.1", port, BEHAVIOUR_OPEN, 5500 * ms);
    drive_add_by(drive, PROTOCOL_LANE, "192.0.2.1:1-100");
    drive_run(drive);
    claim("late", "rows", (int64_t)drive->row_count, 100);
    claim("late", "timeouts", (int64_t)count_reason(drive, REASON_TIMEOUT), 100);
    claim_between("late", "last place", (int64_t)(drive->world.last_key >> 32), 1, 64);
    drive_free(drive);
}

/* Copies come while others are asked at the same place. */
static void test_lanes_copy_of_an_answer_finds_no_flow(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    drive->options.window = 4;
    drive->world.copies = 5;
    for (uint16_t port = 1; port <= 100; port += 2)
        (void)world_add(&drive->world, "192.0.2.1", port, BEHAVIOUR_OPEN, 20 * ms);
    drive_add_by(drive, PROTOCOL_LANE, "192.0.2.1:1-100");
    drive_run(drive);
    for (size_t row = 0; row < 100; row++)
        claim("copies", "reason", drive->rows[row].outcome.reason,
              row % 2 == 0 ? REASON_CONNECTED : REASON_TIMEOUT);
    drive_free(drive);
}

/* What comes on the first lane while one flow, with key_of(1, 1), is asked. */
static void test_lanes_message_counts_only_for_the_flow_that_was_asked(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const char *sender;
        uint64_t place;
        uint64_t number;
        enum reason reason;
    } cases[] = {
        {"the answer", "192.0.2.1", 1, 1, REASON_CONNECTED},
        {"another sender", "192.0.2.2", 1, 1, REASON_TIMEOUT},
        {"no key", "192.0.2.1", 0, 0, REASON_TIMEOUT},
        {"no place", "192.0.2.1", 0, 1, REASON_TIMEOUT},
        {"another number", "192.0.2.1", 1, 2, REASON_TIMEOUT},
        {"no number", "192.0.2.1", 1, 0, REASON_TIMEOUT},
        {"a place behind the last", "192.0.2.1", 2, 0, REASON_TIMEOUT},
        {"the last place there can be", "192.0.2.1", UINT32_MAX, UINT32_MAX, REASON_TIMEOUT},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = new_drive();
        struct datagram datagram = {.fd = FIRST_LANE,
                                    .at_ns = drive->world.now_ns + 10 * ms,
                                    .key = key_of(cases[i].place, cases[i].number)};
        const struct world_host *host =
            world_add(&drive->world, cases[i].sender, 1, BEHAVIOUR_SILENT, 0);
        datagram.sender = host->address;
        world_deliver(&drive->world, &datagram);
        drive_add_by(drive, PROTOCOL_LANE, "192.0.2.1:80");
        drive_run(drive);
        assert_row(cases[i].label, &drive->rows[0], cases[i].reason, 1);
        drive_free(drive);
    }
}

static void test_lanes_that_cannot_be_opened_are_this_machines_trouble(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        size_t limit;
        unsigned shortages;
        int error;
        enum reason reason;
        bool is_put_back;
    } cases[] = {
        {"short for a moment", 1, 1, EMFILE, REASON_CONNECTED, true},
        {"short for ever", 0, 0, EMFILE, REASON_LOCAL, true},
        {"not allowed", 0, 0, EACCES, REASON_LOCAL, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = new_drive();
        drive->world.descriptor_limit = cases[i].limit;
        drive->world.shortages = cases[i].shortages;
        drive->world.open_error = cases[i].error;
        crowd_add(drive, 0, 256, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
        drive_add_by(drive, PROTOCOL_LANE, "10.0.0.0/24:80");
        drive_run(drive);
        claim(cases[i].label, "rows", (int64_t)count_reason(drive, cases[i].reason), 256);
        claim(cases[i].label, "put back", drive->traces[TRACE_PUT_BACK] > 0,
              cases[i].is_put_back);
        if (cases[i].reason == REASON_LOCAL)
            claim(cases[i].label, "error", drive->rows[0].outcome.error, cases[i].error);
        drive_free(drive);
    }
}

/* Of two windows of targets, the first is under way when reading the lane fails. */
static void test_lanes_that_break_end_their_flows_and_are_opened_anew(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    drive->options.window = 128;
    const struct datagram end = {.fd = FIRST_LANE,
                                 .at_ns = drive->world.now_ns + 10 * ms,
                                 .error = ENETDOWN,
                                 .is_end = true};
    world_deliver(&drive->world, &end);
    crowd_add(drive, 0, 256, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    drive_add_by(drive, PROTOCOL_LANE, "10.0.0.0/24:80");
    drive_run(drive);
    for (size_t row = 0; row < 256; row++)
        assert_row("broken", &drive->rows[row], row < 128 ? REASON_LOCAL : REASON_CONNECTED, 1);
    claim("broken", "error", drive->rows[0].outcome.error, ENETDOWN);
    claim("broken", "time", crowd_elapsed_ns(drive), 30 * ms);
    drive_free(drive);
}

/* The address that is asked next is not asked on the broken lane. */
static void test_lanes_that_break_leave_the_race_to_the_next_address(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    struct world_name *name = world_add_name(&drive->world, "db", 1 * ms, 1 * ms);
    const struct datagram end = {.fd = FIRST_LANE,
                                 .at_ns = drive->world.now_ns + 10 * ms,
                                 .error = ENETDOWN,
                                 .is_end = true};
    world_deliver(&drive->world, &end);
    world_name_address(name, "192.0.2.1");
    world_name_address(name, "192.0.2.2");
    (void)world_add(&drive->world, "192.0.2.2", EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    drive_add_by(drive, PROTOCOL_LANE, "db:80");
    drive_run(drive);
    assert_row("broken", &drive->rows[0], REASON_CONNECTED, 1);
    claim("broken", "time", crowd_elapsed_ns(drive), 30 * ms);
    drive_free(drive);
}

/* One descriptor less than all targets need; lanes need one a protocol and family. */
static void test_lanes_and_other_protocols_are_one_run(void **state)
{
    (void)state;
    static const enum protocol_id protocols[] = {PROTOCOL_LANE, PROTOCOL_TCP, PROTOCOL_UDP,
                                                 PROTOCOL_LANE};
    static const char *const targets[] = {"10.0.0.0/24:80", "10.0.1.0/24:80", "10.0.2.0/24:80",
                                          "[2001:db8::1]:1-256"};
    struct drive *drive = new_drive();
    drive->world.descriptor_limit = 2 * 256 + 1;
    crowd_add(drive, 0, 768, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    (void)world_add(&drive->world, "2001:db8::1", EVERY_PORT, BEHAVIOUR_REFUSED, 30 * ms);
    for (size_t i = 0; i < ARRAY_LEN(targets); i++)
        drive_add_by(drive, protocols[i], targets[i]);
    drive_run(drive);
    claim("mix", "rows", (int64_t)drive->row_count, 1024);
    for (size_t row = 0; row < drive->row_count; row++) {
        const struct result *result = &drive->rows[row];
        enum protocol_id by = protocols[row / 256];
        assert_row("mix", result, row < 768 ? up_by(by) : REASON_REFUSED, 1);
        claim("mix", "protocol", result->endpoint.protocol, by);
        claim("mix", "latency", result_latency_ns(result), (row < 768 ? 20 : 30) * ms);
    }
    claim("mix", "connects", (int64_t)drive->world.connect_count, 512);
    claim("mix", "datagrams", (int64_t)drive->world.datagrams_sent, 768);
    claim("mix", "put back", drive->traces[TRACE_PUT_BACK] > 0, true);
    drive_free(drive);
}

static void test_lanes_of_two_protocols_are_two(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    crowd_add(drive, 0, 2, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    drive_add_by(drive, PROTOCOL_LANE, "10.0.0.0:80");
    drive_add_by(drive, PROTOCOL_OTHER_LANE, "10.0.0.1:80");
    drive_run(drive);
    claim("two", "up", (int64_t)count_reason(drive, REASON_CONNECTED), 2);
    claim("two", "lanes", (int64_t)drive->world.open_most, 2);
    drive_free(drive);
}

/* The last TCP target has no descriptor before the lane is closed, which nothing needs then. */
static void test_lanes_that_no_flow_is_on_are_closed(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    drive->world.descriptor_limit = 1;
    (void)world_add(&drive->world, "192.0.2.1", EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    drive_add_by(drive, PROTOCOL_LANE, "192.0.2.1:1-8");
    drive_add(drive, "192.0.2.1:9");
    drive_run(drive);
    claim("closed", "up", (int64_t)count_reason(drive, REASON_CONNECTED), 9);
    claim("closed", "time", crowd_elapsed_ns(drive), 40 * ms);
    drive_free(drive);
}

static void test_flows_send_again_by_a_time_of_their_own(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        unsigned lost;
        int64_t answered_ms; /* after it was asked; 0: never */
        int64_t sent;
        int64_t timeout_ms;
    } cases[] = {
        {"none lost", 0, 20, 1, 5000},        {"one lost", 1, 1020, 2, 5000},
        {"two lost", 2, 3020, 3, 5000},       {"all lost", 3, 0, 3, 5000},
        {"over at the first", 3, 0, 1, 1000}, {"over at the second", 3, 0, 2, 3000},
        {"over behind it", 3, 0, 3, 3001},
    };
    for (size_t by = 0; by < ARRAY_LEN(by_datagrams); by++)
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
            struct drive *drive = new_drive();
            struct world_host *host =
                world_add(&drive->world, "192.0.2.1", EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
            host->lost_syns = cases[i].lost;
            drive->options.timeout_ns = cases[i].timeout_ms * ms;
            drive_add_by(drive, by_datagrams[by], "192.0.2.1:1000-1099");
            drive_run(drive);
            bool is_up = cases[i].answered_ms > 0;
            for (size_t row = 0; row < 100; row++) {
                assert_row(cases[i].label, &drive->rows[row],
                           is_up ? up_by(by_datagrams[by]) : REASON_TIMEOUT, 1);
                claim(cases[i].label, "latency", result_latency_ns(&drive->rows[row]),
                      is_up ? cases[i].answered_ms * ms : -1);
            }
            claim(cases[i].label, "sent", (int64_t)drive->world.datagrams_sent,
                  100 * cases[i].sent);
            drive_free(drive);
        }
}

static void test_flows_whose_start_fails_say_why(void **state)
{
    (void)state;
    static const struct {
        int error;
        enum reason reason;
    } cases[] = {{EHOSTUNREACH, REASON_UNREACHABLE}, {ENOBUFS, REASON_LOCAL}};
    for (size_t by = 0; by < ARRAY_LEN(by_datagrams); by++)
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
            struct drive *drive = new_drive();
            world_add(&drive->world, "192.0.2.1", EVERY_PORT, BEHAVIOUR_IMMEDIATE, 0)->error =
                cases[i].error;
            drive_add_by(drive, by_datagrams[by], "192.0.2.1:1-3");
            drive_run(drive);
            claim("start", "rows", (int64_t)count_reason(drive, cases[i].reason), 3);
            claim("start", "error", drive->rows[2].outcome.error, cases[i].error);
            drive_free(drive);
        }
}

/* Of two addresses one is put back alone, while the other one is asked. */
static void test_flows_whose_start_is_short_are_started_again(void **state)
{
    (void)state;
    for (size_t by = 0; by < ARRAY_LEN(by_datagrams); by++) {
        struct drive *drive = new_drive();
        struct world_name *name = world_add_name(&drive->world, "db", 1 * ms, 1 * ms);
        world_name_address(name, "192.0.2.1");
        world_name_address(name, "192.0.2.2");
        (void)world_add(&drive->world, "192.0.2.1", EVERY_PORT, BEHAVIOUR_OPEN, 2000 * ms);
        struct world_host *host =
            world_add(&drive->world, "192.0.2.2", EVERY_PORT, BEHAVIOUR_IMMEDIATE, 20 * ms);
        host->error = ENOBUFS;
        world_change(host, drive->world.now_ns + 1000 * ms, BEHAVIOUR_OPEN);
        drive_add_by(drive, by_datagrams[by], "db:80");
        drive_run(drive);
        assert_row("put back", &drive->rows[0], up_by(by_datagrams[by]), 1);
        claim_between("put back", "asked", host->asked, 2, 20);
        claim_between("put back", "time", crowd_elapsed_ns(drive), 1000 * ms, 1500 * ms);
        drive_free(drive);
    }
}

/* The answer comes before the deadline, but this process is stopped until it has passed. */
static void test_flows_have_a_last_look_at_their_deadline(void **state)
{
    (void)state;
    for (size_t by = 0; by < ARRAY_LEN(by_datagrams); by++)
        for (unsigned is_interrupted = 0; is_interrupted < 2; is_interrupted++) {
            struct drive *drive = new_drive();
            drive->options.window = 1000;
            drive->world.stop_ns = drive->world.now_ns + 4500 * ms;
            drive->world.resume_ns = drive->world.stop_ns + 2000 * ms;
            drive->world.is_interrupted = is_interrupted == 1;
            crowd_add(drive, 0, 1000, EVERY_PORT, BEHAVIOUR_OPEN, 4900 * ms);
            drive_add_by(drive, by_datagrams[by], "10.0.0.0/23:80");
            drive_run(drive);
            for (size_t row = 0; row < 512; row++)
                assert_row("last look", &drive->rows[row], up_by(by_datagrams[by]), 1);
            drive_free(drive);
        }
}

/* More than is read in one turn is there when the deadline of all has passed. */
static void test_lanes_backlog_is_read_before_silence_is_believed(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    drive->world.stop_ns = drive->world.now_ns + 4500 * ms;
    drive->world.resume_ns = drive->world.stop_ns + 2000 * ms;
    crowd_add(drive, 0, CROWD, EVERY_PORT, BEHAVIOUR_OPEN, 4900 * ms);
    add_crowd(drive, PROTOCOL_LANE);
    drive_run(drive);
    claim("backlog", "wrong rows", (int64_t)crowd_wrong(drive), 0);
    claim("backlog", "rows of one attempt", (int64_t)crowd_attempts(drive, 1), CROWD);
    drive_free(drive);
}

/* A flow that learns nothing is asked once more, with another key. */
static void test_lanes_void_answer_is_asked_for_again(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    drive->world.copies = 1;
    struct world_host *host =
        world_add(&drive->world, "192.0.2.1", EVERY_PORT, BEHAVIOUR_SELF_ONCE, 200 * ms);
    drive_add_by(drive, PROTOCOL_LANE, "192.0.2.1:80");
    drive_run(drive);
    assert_row("void", &drive->rows[0], REASON_CONNECTED, 1);
    claim("void", "asked", host->asked, 2);
    claim("void", "time", crowd_elapsed_ns(drive), 400 * ms);
    drive_free(drive);
}

static struct drive *ask_name(bool is_all)
{
    struct drive *drive = new_drive();
    struct world_name *name = world_add_name(&drive->world, "db", 1 * ms, 1 * ms);
    static const char *const addresses[] = {"2001:db8::1", "192.0.2.1", "192.0.2.2"};
    static const enum behaviour behaviours[] = {BEHAVIOUR_SILENT, BEHAVIOUR_OPEN,
                                                BEHAVIOUR_REFUSED};
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
        world_name_address(name, addresses[i]);
        (void)world_add(&drive->world, addresses[i], EVERY_PORT, behaviours[i], 20 * ms);
    }
    drive->options.is_all_addresses = is_all;
    drive_add_by(drive, PROTOCOL_LANE, "db:80");
    drive_run(drive);
    return drive;
}

static void test_lanes_addresses_of_a_name_race(void **state)
{
    (void)state;
    struct drive *drive = ask_name(false);
    claim("race", "rows", (int64_t)drive->row_count, 1);
    assert_row("race", &drive->rows[0], REASON_CONNECTED, 1);
    claim("race", "time", crowd_elapsed_ns(drive), 271 * ms);
    drive_free(drive);
}

/* The second one is not told any more. */
static void test_lanes_first_of_two_answers_decides(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    struct world_name *name = world_add_name(&drive->world, "db", 1 * ms, 1 * ms);
    world_name_address(name, "192.0.2.1");
    world_name_address(name, "192.0.2.2");
    (void)world_add(&drive->world, "192.0.2.1", EVERY_PORT, BEHAVIOUR_OPEN, 270 * ms);
    (void)world_add(&drive->world, "192.0.2.2", EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    drive_add_by(drive, PROTOCOL_LANE, "db:80");
    drive_run(drive);
    assert_row("race", &drive->rows[0], REASON_CONNECTED, 1);
    claim("race", "latency", drive->rows[0].connect_ns, 270 * ms);
    claim("race", "told", (int64_t)drive->traces[TRACE_CONNECTED], 1);
    drive_free(drive);
}

static void test_lanes_each_address_has_its_row(void **state)
{
    (void)state;
    struct drive *drive = ask_name(true);
    claim("all", "rows", (int64_t)drive->row_count, 3);
    claim("all", "up", (int64_t)count_reason(drive, REASON_CONNECTED), 1);
    claim("all", "refused", (int64_t)count_reason(drive, REASON_REFUSED), 1);
    claim("all", "timeout", (int64_t)count_reason(drive, REASON_TIMEOUT), 1);
    claim("all", "lanes", (int64_t)drive->world.open_most, 2);
    drive_free(drive);
}

/* drive_run() holds that no descriptor stays open. */
static void test_lanes_are_closed_when_the_run_is_given_up(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    drive->end_ns = drive->world.now_ns + 1000 * ms;
    crowd_add(drive, 0, 64, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    drive_add_by(drive, PROTOCOL_LANE, "10.0.0.0/24:80");
    drive_run(drive);
    claim("given up", "up", (int64_t)count_reason(drive, REASON_CONNECTED), 64);
    claim("given up", "local", (int64_t)count_reason(drive, REASON_LOCAL), 192);
    drive_free(drive);
}

static void test_lanes_are_closed_with_the_engine(void **state)
{
    (void)state;
    static const char text[] = "192.0.2.1:80";
    struct drive *drive = new_drive();
    struct world *world = &drive->world;
    struct endpoints endpoints = {0};
    struct endpoint endpoint;
    struct target *target = NULL;
    struct fault fault;
    struct probe *probe = NULL;
    assert_int_equal(target_parse(text, strlen(text), &target, &fault), ERROR_NONE);
    target->protocol = PROTOCOL_LANE;
    endpoints_begin(&endpoints, target);
    assert_true(endpoints_next(&endpoints, &endpoint));
    assert_int_equal(probe_new(&world->os, NULL, &drive->options, &probe), ERROR_NONE);
    assert_int_equal(probe_submit(probe, 0, &endpoint), ERROR_NONE);
    claim("freed", "before", (int64_t)world->open_count, 1);
    probe_free(probe);
    claim("freed", "after", (int64_t)world->open_count, 0);
    assert_false(endpoints_next(&endpoints, &endpoint));
    drive_free(drive);
}

/* Hosts that answer on one port have another one that is deaf at first. */
static void test_lanes_silence_among_answers_is_rechecked(void **state)
{
    (void)state;
    static const unsigned deaf[] = {1, 2};
    for (size_t i = 0; i < ARRAY_LEN(deaf); i++) {
        struct drive *drive = new_drive();
        drive->options.has_recheck = true;
        crowd_add(drive, 0, 64, 81, BEHAVIOUR_OPEN, 20 * ms);
        for (unsigned host = 0; host < 64; host++)
            crowd_host(drive, host, 81)->deaf_connects = deaf[i];
        crowd_add(drive, 0, 256, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
        drive_add_by(drive, PROTOCOL_LANE, "10.0.0.0/24:80");
        drive_add_by(drive, PROTOCOL_LANE, "10.0.0.0/26:81");
        drive_run(drive);
        claim("recheck", "once", (int64_t)crowd_attempts(drive, 1), 256);
        claim("recheck", "twice", (int64_t)crowd_attempts(drive, 2), 64);
        claim("recheck", "up", (int64_t)count_reason(drive, REASON_CONNECTED),
              deaf[i] == 1 ? 320 : 256);
        drive_free(drive);
    }
}

/* A quarter of those that answer do so when they are asked again: others may have been lost. */
static void test_lanes_loss_among_answers_is_a_reason_to_recheck(void **state)
{
    (void)state;
    struct drive *drive = new_drive();
    drive->options.has_recheck = true;
    crowd_add(drive, 0, 192, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    for (unsigned host = 0; host < 48; host++)
        crowd_host(drive, host, EVERY_PORT)->lost_syns = 1;
    crowd_add(drive, 192, 256, EVERY_PORT, BEHAVIOUR_SILENT, 0);
    drive_add_by(drive, PROTOCOL_LANE, "10.0.0.0/24:80");
    drive_run(drive);
    claim("loss", "once", (int64_t)crowd_attempts(drive, 1), 192);
    claim("loss", "twice", (int64_t)crowd_attempts(drive, 2), 64);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lanes_serve_thousands_whose_answers_come_in_any_order),
        cmocka_unit_test(test_lanes_late_answer_finds_no_flow),
        cmocka_unit_test(test_lanes_copy_of_an_answer_finds_no_flow),
        cmocka_unit_test(test_lanes_message_counts_only_for_the_flow_that_was_asked),
        cmocka_unit_test(test_lanes_that_cannot_be_opened_are_this_machines_trouble),
        cmocka_unit_test(test_lanes_that_break_end_their_flows_and_are_opened_anew),
        cmocka_unit_test(test_lanes_that_break_leave_the_race_to_the_next_address),
        cmocka_unit_test(test_lanes_and_other_protocols_are_one_run),
        cmocka_unit_test(test_lanes_of_two_protocols_are_two),
        cmocka_unit_test(test_lanes_that_no_flow_is_on_are_closed),
        cmocka_unit_test(test_flows_send_again_by_a_time_of_their_own),
        cmocka_unit_test(test_flows_whose_start_fails_say_why),
        cmocka_unit_test(test_flows_whose_start_is_short_are_started_again),
        cmocka_unit_test(test_flows_have_a_last_look_at_their_deadline),
        cmocka_unit_test(test_lanes_backlog_is_read_before_silence_is_believed),
        cmocka_unit_test(test_lanes_void_answer_is_asked_for_again),
        cmocka_unit_test(test_lanes_addresses_of_a_name_race),
        cmocka_unit_test(test_lanes_first_of_two_answers_decides),
        cmocka_unit_test(test_lanes_each_address_has_its_row),
        cmocka_unit_test(test_lanes_are_closed_when_the_run_is_given_up),
        cmocka_unit_test(test_lanes_are_closed_with_the_engine),
        cmocka_unit_test(test_lanes_silence_among_answers_is_rechecked),
        cmocka_unit_test(test_lanes_loss_among_answers_is_a_reason_to_recheck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
