/*
 * ICMP echo through the whole engine, on virtual time.
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
    ATTEMPTS_MOST = 9, /* one, and eight that prove nothing */
    ROUTED = 8,        /* bytes that many routers quote of what they reject */
};

static size_t count_reason(const struct drive *drive, enum reason reason)
{
    size_t count = 0;
    for (size_t i = 0; i < drive->row_count; i++)
        count += drive->rows[i].outcome.reason == reason;
    return count;
}

static struct icmp icmp_of(const char *sender, uint8_t type, uint8_t code)
{
    struct icmp icmp;
    memset(&icmp, 0, sizeof icmp);
    icmp.is_set = true;
    icmp.type = type;
    icmp.code = code;
    assert_true(address_parse(sender, strlen(sender), &icmp.sender));
    return icmp;
}

/* What a host does, and what its row says then. */
static const struct {
    const char *label;
    enum behaviour behaviour;
    unsigned lost;
    unsigned decoys;
    size_t quotes;
    enum reason reason;
    int64_t latency_ms; /* -1: none */
    int64_t ends_ms;    /* when the run does */
    int sent, replies;
} hosts[] = {
    {"replies", BEHAVIOUR_OPEN, 0, 0, 0, REASON_REPLIED, 20, 20, 1, 1},
    {"replies to the second", BEHAVIOUR_OPEN, 1, 0, 0, REASON_REPLIED, 1020, 1020, 2, 1},
    {"replies to the third", BEHAVIOUR_OPEN, 2, 0, 0, REASON_REPLIED, 3020, 3020, 3, 1},
    {"replies behind others", BEHAVIOUR_OPEN, 0, 1000, 0, REASON_REPLIED, 20, 20, 1, 1},
    {"is unreachable", BEHAVIOUR_ERROR, 0, 0, 0, REASON_UNREACHABLE, 20, 20, 1, 0},
    {"is unreachable, in 8 bytes", BEHAVIOUR_ERROR, 0, 0, ROUTED, REASON_UNREACHABLE, 20, 20, 1,
     0},
    {"is unreachable, in 7", BEHAVIOUR_ERROR, 0, 0, ROUTED - 1, REASON_TIMEOUT, -1, 5000, 3, 0},
    {"is silent", BEHAVIOUR_SILENT, 0, 0, 0, REASON_TIMEOUT, -1, 5000, 3, 0},
};

static void test_echo_row_says_what_the_host_does(void **state)
{
    (void)state;
    static const char *const targets[] = {"icmp://192.0.2.1", "icmp://[2001:db8::1]",
                                          "icmp://[::ffff:192.0.2.1]"};
    for (size_t i = 0; i < ARRAY_LEN(hosts) * ARRAY_LEN(targets); i++) {
        size_t n = i % ARRAY_LEN(hosts);
        const char *label = hosts[n].label;
        bool is_ipv6 = i / ARRAY_LEN(hosts) == 1;
        struct drive *drive = drive_new();
        struct world_host *host =
            world_add(&drive->world, is_ipv6 ? "2001:db8::1" : "192.0.2.1", EVERY_PORT,
                      hosts[n].behaviour, 20 * ms);
        host->error = EHOSTUNREACH;
        host->icmp = is_ipv6 ? icmp_of("2001:db8::9", 1, 0) : icmp_of("192.0.2.9", 3, 1);
        host->lost_syns = hosts[n].lost;
        host->decoys = hosts[n].decoys;
        host->quotes = hosts[n].quotes;
        drive_add(drive, targets[i / ARRAY_LEN(hosts)]);
        drive_run(drive);
        const struct result *row = &drive->rows[0];
        claim(label, "reason", row->outcome.reason, hosts[n].reason);
        claim(label, "sent", row->measures.sent, hosts[n].sent);
        claim(label, "replies", row->measures.replies, hosts[n].replies);
        claim(label, "connect time", row->connect_ns, -1);
        claim(label, "reply time", row->reply_ns,
              hosts[n].latency_ms >= 0 ? hosts[n].latency_ms * ms : -1);
        claim(label, "time", crowd_elapsed_ns(drive), hosts[n].ends_ms * ms);
        drive_free(drive);
    }
}

/* Every other address of a /22 is rejected, quoting little, while the others are asked. */
static void test_echo_of_many_takes_no_error_for_another(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->options.window = 100;
    for (unsigned i = 0; i < 1024; i++) {
        crowd_add(drive, i, i + 1, EVERY_PORT, i % 2 == 0 ? BEHAVIOUR_OPEN : BEHAVIOUR_ERROR,
                  (10 + (int64_t)i * 7 % 13) * ms);
        struct world_host *host = crowd_host(drive, i, EVERY_PORT);
        host->error = EHOSTUNREACH;
        host->icmp = icmp_of("192.0.2.9", 3, 1);
        host->quotes = i % 4 == 1 ? ROUTED : 0;
    }
    drive_add(drive, "icmp://10.0.0.0/22");
    drive_run(drive);
    claim("mix", "rows", (int64_t)drive->row_count, 1024);
    for (size_t i = 0; i < 1024; i++)
        claim("mix", "reason", drive->rows[i].outcome.reason,
              i % 2 == 0 ? REASON_REPLIED : REASON_UNREACHABLE);
    drive_free(drive);
}

/* The buffer holds less than comes at a time: so much less is asked for then. */
static void test_echo_replies_that_are_lost_here_are_asked_for_again(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->world.receive_room = 60;
    crowd_add(drive, 0, 1024, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    drive_add(drive, "icmp://10.0.0.0/22");
    drive_run(drive);
    claim("lost", "up", (int64_t)count_reason(drive, REASON_REPLIED), 1024);
    claim("lost", "at once", crowd_attempts(drive, 1) < 1024, true);
    claim_between("lost", "time", crowd_elapsed_ns(drive), 1000 * ms,
                  (ATTEMPTS_MOST + 1) * 5000 * ms);
    drive_free(drive);
}

/* What comes from elsewhere takes the place of each reply. */
static void test_echo_replies_that_are_always_lost_here_are_this_machines_trouble(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    struct world_host *host =
        world_add(&drive->world, "192.0.2.1", EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    host->decoys = 100;
    drive->world.call_cost_ns = NS_PER_US;
    drive->world.receive_room = 50;
    drive_add(drive, "icmp://192.0.2.1");
    drive_run(drive);
    claim("lost", "reason", drive->rows[0].outcome.reason, REASON_LOCAL);
    claim("lost", "remark", drive->rows[0].outcome.remark, REMARK_LOST);
    claim("lost", "seconds", crowd_elapsed_ns(drive) / NS_PER_S, ATTEMPTS_MOST * 5);
    drive_free(drive);
}

/* From before the deadline on, as much comes as can be read; a turn reads 1024, in 0.2 s. */
static void test_echo_flood_does_not_put_off_the_deadline(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->world.call_cost_ns = 200 * NS_PER_US;
    for (unsigned host = 1; host < 32; host++) {
        crowd_add(drive, host, host + 1, EVERY_PORT, BEHAVIOUR_OPEN,
                  (4900 + 20 * (int64_t)host) * ms);
        crowd_host(drive, host, EVERY_PORT)->decoys = 100;
    }
    drive_add(drive, "icmp://10.0.0.0/27");
    drive_run(drive);
    claim("flood", "first row", drive->rows[0].outcome.reason, REASON_TIMEOUT);
    claim_between("flood", "time", crowd_elapsed_ns(drive), 5000 * ms, 5400 * ms);
    drive_free(drive);
}

/* It came while we were stopped, and waited: its time is the kernel's, and no other request is
   sent before it is read. */
static void test_echo_reply_that_waited_has_its_true_time(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        static const int64_t lengths_ms[] = {100, 1400, 19600};
        int64_t length_ms = lengths_ms[i / 2];
        struct drive *drive = drive_new();
        drive->world.is_interrupted = i % 2 == 1;
        (void)world_add(&drive->world, "192.0.2.1", EVERY_PORT, BEHAVIOUR_OPEN, 30 * ms);
        drive->world.stop_ns = drive->world.now_ns + 10 * ms;
        drive->world.resume_ns = drive->world.stop_ns + length_ms * ms;
        drive_add(drive, "icmp://192.0.2.1");
        drive_run(drive);
        claim("stopped", "stops", drive->world.stops, 1);
        claim("stopped", "reason", drive->rows[0].outcome.reason, REASON_REPLIED);
        claim("stopped", "time", drive->rows[0].reply_ns, 30 * ms);
        claim("stopped", "sent", drive->rows[0].measures.sent, 1);
        drive_free(drive);
    }
}

/* Of one raw socket a family: what has no room on it waits, and nothing else does. */
static void test_echo_on_the_only_lane_waits_for_room(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->options.protocols = toy_protocols;
    drive->world.lane_room = 50;
    drive->world.lane_is_only = true;
    crowd_add(drive, 0, 256, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    (void)world_add(&drive->world, "2001:db8::1", EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    drive_add_by(drive, PROTOCOL_LANE, "10.0.0.0/24:80");
    drive_add_by(drive, PROTOCOL_LANE, "[2001:db8::1]:1-20");
    drive_run(drive);
    claim("only", "up", (int64_t)count_reason(drive, REASON_CONNECTED), 256 + 20);
    claim("only", "lanes", (int64_t)drive->world.open_most, 2);
    claim_between("only", "time", crowd_elapsed_ns(drive), 6 * 20 * ms, 7 * 20 * ms);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo_row_says_what_the_host_does),
        cmocka_unit_test(test_echo_of_many_takes_no_error_for_another),
        cmocka_unit_test(test_echo_replies_that_are_lost_here_are_asked_for_again),
        cmocka_unit_test(test_echo_replies_that_are_always_lost_here_are_this_machines_trouble),
        cmocka_unit_test(test_echo_flood_does_not_put_off_the_deadline),
        cmocka_unit_test(test_echo_reply_that_waited_has_its_true_time),
        cmocka_unit_test(test_echo_on_the_only_lane_waits_for_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
