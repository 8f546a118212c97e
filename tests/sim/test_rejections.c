/*
 * Hosts and routers that reject by ICMP, and do so only so often, on virtual time.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crowd.h"
#include "netcheck/probe/probe.h"

static const int64_t ms = NS_PER_MS;
static const int64_t timeout_ns = 2 * NS_PER_S;

enum {
    TEXT_SIZE = 40,
    AT_ONCE = 6, /* ICMP errors, as Linux has it */
};

/* Who rejects: "itself", or a router. */
static struct icmp icmp_from(const char *sender)
{
    struct icmp icmp;
    memset(&icmp, 0, sizeof icmp);
    icmp.is_set = true;
    assert_true(address_parse(sender, strlen(sender), &icmp.sender));
    bool is_ipv6 = address_family(&icmp.sender) == AF_INET6;
    icmp.type = is_ipv6 ? 1 : 3;
    icmp.code = is_ipv6 ? 4 : 3;
    return icmp;
}

/* `count` hosts from `first` on, each of whose ports the sender rejects. */
static void add_rejected(struct drive *drive, const char *first, unsigned count,
                         const char *sender, struct policer *limit)
{
    struct address address;
    assert_true(address_parse(first, strlen(first), &address));
    for (unsigned i = 0; i < count; i++) {
        char text[ADDRESS_TEXT_SIZE];
        address_format(&address, text);
        struct world_host *host = world_add(&drive->world, text, 0, BEHAVIOUR_ERROR, 1 * ms);
        host->error = ECONNREFUSED;
        host->icmp = icmp_from(sender);
        host->icmp_limit = limit;
        address_advance(&address, 1);
    }
}

static const struct {
    const char *label;
    const char *first; /* host that is rejected, of so many */
    unsigned hosts;
    const char *sender;
    const char *targets;
    unsigned rows;
    int64_t each_ms;    /* between two ICMP errors */
    const char *open;   /* port of `first` that is open, or host */
    unsigned elsewhere; /* open hosts of another network, asked with it */
} rejected[] = {
    {"a host", "192.0.2.1", 1, "192.0.2.1", "192.0.2.1:3000-3999", 1000, 1000, NULL, 0},
    {"a host, IPv6", "2001:db8::1", 1, "2001:db8::1", "[2001:db8::1]:3000-3999", 1000, 100,
     NULL, 0},
    {"a host with an open port", "192.0.2.1", 1, "192.0.2.1", "192.0.2.1:3000-3999", 1000, 1000,
     "192.0.2.1", 0},
    {"a host with an open port, IPv6", "2001:db8::1", 1, "2001:db8::1",
     "[2001:db8::1]:3000-3999", 1000, 100, "2001:db8::1", 0},
    {"a host, others open", "192.0.2.1", 1, "192.0.2.1", "192.0.2.1:3000-3999", 1000, 1000,
     NULL, 256},
    {"a host behind a router, an open port", "172.16.0.5", 1, "192.0.2.1",
     "172.16.0.5:3000-3999", 1000, 1000, "172.16.0.5", 0},
    {"a prefix", "172.16.0.0", 1024, "192.0.2.1", "172.16.0.0/22:80", 1024, 1000, NULL, 0},
    {"a prefix, IPv6", "2001:db8:1::", 1024, "2001:db8::1", "[2001:db8:1::]/118:80", 1024, 100,
     NULL, 0},
    {"a prefix with an open host", "172.16.0.0", 1024, "192.0.2.1", "172.16.0.0/22:80", 1024,
     1000, "172.16.0.9", 0},
    {"a prefix, others open", "172.16.0.0", 1024, "192.0.2.1", "172.16.0.0/22:80", 1024, 1000,
     NULL, 256},
};

static void claim_row(const char *label, const struct result *row, const struct address *sender)
{
    claim(label, "attempts", row->attempts, 1);
    if (row->outcome.reason == REASON_CONNECTED)
        return;
    bool is_silent = row->outcome.reason == REASON_TIMEOUT;
    claim(label, "ICMP in the row", row->outcome.icmp.is_set, !is_silent);
    if (!is_silent) {
        claim(label, "rejecter of the rest", row->rejection.by, REJECTER_NONE);
        return;
    }
    claim(label, "sender", address_equals(&row->rejection.sender, sender), true);
    claim(label, "itself", row->rejection.by == REJECTER_ITSELF,
          address_equals(sender, &row->endpoint.address));
    claim_between(label, "others", (int64_t)row->rejection.others, AT_ONCE, 100);
}

static void test_rejections_leave_silence_that_is_believed_in_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rejected); i++) {
        const char *label = rejected[i].label;
        struct drive *drive = drive_new();
        struct policer limit = {rejected[i].each_ms * ms,
                                (AT_ONCE - 1) * rejected[i].each_ms * ms, 0};
        drive->options.has_recheck = true;
        drive->options.timeout_ns = timeout_ns;
        drive->options.window = 4096 - 64;
        if (rejected[i].open != NULL)
            (void)world_add(&drive->world, rejected[i].open, rejected[i].hosts > 1 ? 80 : 3500,
                            BEHAVIOUR_OPEN, 1 * ms);
        add_rejected(drive, rejected[i].first, rejected[i].hosts, rejected[i].sender, &limit);
        crowd_add(drive, 0, rejected[i].elsewhere, EVERY_PORT, BEHAVIOUR_OPEN, 1 * ms);
        if (rejected[i].elsewhere > 0)
            drive_add(drive, "10.0.0.0/24:80");
        drive_add(drive, rejected[i].targets);
        drive_run(drive);
        const struct icmp icmp = icmp_from(rejected[i].sender);
        claim(label, "rows", (int64_t)drive->row_count,
              rejected[i].rows + rejected[i].elsewhere);
        size_t up = 0;
        for (size_t j = 0; j < drive->row_count; j++) {
            claim_row(label, &drive->rows[j], &icmp.sender);
            up += drive->rows[j].outcome.reason == REASON_CONNECTED;
        }
        claim(label, "up", (int64_t)up, rejected[i].elsewhere + (rejected[i].open != NULL));
        claim_between(label, "ms", crowd_elapsed_ns(drive) / ms, timeout_ns / ms,
                      timeout_ns / ms + 1000);
        drive_free(drive);
    }
}

/* A target that was rejected by ICMP does not become a canary. */
static void test_rejections_of_icmp_are_no_canaries(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->options.has_recheck = true;
    add_rejected(drive, "192.0.2.0", 128, "198.51.100.1", NULL);
    crowd_add(drive, 0, 128, EVERY_PORT, BEHAVIOUR_SILENT, 0);
    drive_add(drive, "192.0.2.0/25:80");
    drive_add(drive, "10.0.0.0/25:80");
    drive_run(drive);
    assert_int_equal(drive->row_count, 256);
    assert_int_equal(drive->traces[TRACE_CANARY], 0);
    assert_int_equal(drive->world.connect_count, 256);
    assert_int_equal(crowd_elapsed_ns(drive), 5000 * ms);
    drive_free(drive);
}

/* ICMP errors that come late, to the second SYN, tell nothing of SYNs that were lost. */
static void test_rejections_of_a_second_syn_raise_no_doubt(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->options.has_recheck = true;
    add_rejected(drive, "192.0.2.0", 128, "198.51.100.1", NULL);
    for (size_t i = 0; i < 128; i++)
        drive->world.hosts[i]->lost_syns = 1;
    crowd_add(drive, 0, 128, EVERY_PORT, BEHAVIOUR_SILENT, 0);
    drive_add(drive, "192.0.2.0/25:80");
    drive_add(drive, "10.0.0.0/25:80");
    drive_run(drive);
    assert_int_equal(drive->traces[TRACE_RECHECK], 0);
    assert_int_equal(crowd_attempts(drive, 1), 256);
    drive_free(drive);
}

/* A path that is clogged is found behind a router that rejects, too. */
static void test_rejections_of_a_router_leave_a_clogged_path_to_be_found(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    struct policer limit = {1000 * ms, 5000 * ms, 0};
    drive->options.has_recheck = true;
    crowd_add(drive, 0, 256, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    for (unsigned i = 128; i < 256; i++)
        crowd_host(drive, i, EVERY_PORT)->deaf_connects = 1;
    add_rejected(drive, "10.0.1.0", 8, "10.0.255.1", &limit);
    drive->world.router.shut_ns = drive->world.now_ns + 3700 * ms;
    drive->world.router.opened_ns = drive->world.now_ns + 5500 * ms;
    drive_add(drive, "10.0.1.0/29:80");
    drive_add(drive, "10.0.0.0/24:80");
    drive_run(drive);
    size_t up = 0;
    for (size_t i = 0; i < drive->row_count; i++)
        up += drive->rows[i].outcome.reason == REASON_CONNECTED;
    assert_int_equal(drive->row_count, 264);
    assert_int_equal(up, 256);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rejections_leave_silence_that_is_believed_in_time),
        cmocka_unit_test(test_rejections_of_icmp_are_no_canaries),
        cmocka_unit_test(test_rejections_of_a_second_syn_raise_no_doubt),
        cmocka_unit_test(test_rejections_of_a_router_leave_a_clogged_path_to_be_found),
    };
    return cmocka_run_group_tests_name("sim: rejections", tests, NULL, NULL);
}
