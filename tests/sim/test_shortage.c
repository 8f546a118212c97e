/*
 * Connects for which this machine has no local port, or no address of its own.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drive.h"

static const int64_t ms = NS_PER_MS;

static void assert_number(const char *label, const char *what, int64_t actual, int64_t expected)
{
    if (actual != expected)
        fail_msg("%s: %s is %lld, expected %lld", label, what, (long long)actual,
                 (long long)expected);
}

static void test_shortage_of_ports_only_slows_it_down(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        const char *target;
        bool is_all;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1:1-40", false}, {"2001:db8::1", "[2001:db8::1]:1-40", false},
        {"192.0.2.1", "db:1-40", false},        {"2001:db8::1", "db:1-40", false},
        {"192.0.2.1", "db:1-40", true},         {"2001:db8::1", "db:1-40", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = drive_new();
        world_name_address(world_add_name(&drive->world, "db", 1 * ms, 1 * ms),
                           cases[i].address);
        world_add(&drive->world, cases[i].address, 0, BEHAVIOUR_REFUSED, 20 * ms)->ports = 4;
        drive_add(drive, cases[i].target);
        drive->options.is_all_addresses = cases[i].is_all;
        drive_run(drive);
        assert_number(cases[i].target, "rows", (int64_t)drive->row_count, 40);
        for (size_t row = 0; row < drive->row_count; row++)
            assert_number(cases[i].target, "reason", drive->rows[row].outcome.reason,
                          REASON_REFUSED);
        drive_free(drive);
    }
}

/* A name with an IPv6 address that cannot be asked from here, and an IPv4 one that can. */
static struct drive *ask_both(bool has_no_source, enum behaviour ipv4, bool is_all)
{
    struct drive *drive = drive_new();
    struct world_name *name = world_add_name(&drive->world, "db", 1 * ms, 1 * ms);
    world_name_address(name, "2001:db8::1");
    world_name_address(name, "192.0.2.1");
    struct world_host *host =
        world_add(&drive->world, "2001:db8::1", 80, BEHAVIOUR_IMMEDIATE, 0);
    host->error = EADDRNOTAVAIL;
    host->has_no_source = has_no_source;
    world_add(&drive->world, "192.0.2.1", 80, ipv4, 20 * ms);
    drive_add(drive, "db:80");
    drive->options.is_all_addresses = is_all;
    drive_run(drive);
    return drive;
}

static void test_shortage_of_an_address_leaves_the_race_to_the_others(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        bool has_no_source;
        enum behaviour ipv4;
        enum reason reason;
        int64_t took_ns;
    } cases[] = {
        {"IPv6 is off", true, BEHAVIOUR_OPEN, REASON_CONNECTED, 21 * NS_PER_MS},
        {"IPv6 is off, refused", true, BEHAVIOUR_REFUSED, REASON_REFUSED, 21 * NS_PER_MS},
        {"no port", false, BEHAVIOUR_OPEN, REASON_CONNECTED, 21 * NS_PER_MS},
        {"no port, never asked", false, BEHAVIOUR_REFUSED, REASON_LOCAL, -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = ask_both(cases[i].has_no_source, cases[i].ipv4, false);
        assert_number(cases[i].label, "reason", drive->rows[0].outcome.reason, cases[i].reason);
        if (cases[i].took_ns >= 0)
            assert_number(cases[i].label, "time", drive->ended_ns - drive->began_ns,
                          cases[i].took_ns);
        assert_true(drive->ended_ns - drive->began_ns < drive->options.timeout_ns);
        drive_free(drive);
    }
}

static void test_shortage_of_all_addresses_is_told_one_by_one(void **state)
{
    (void)state;
    for (int has_no_source = 0; has_no_source <= 1; has_no_source++) {
        struct drive *drive = ask_both(has_no_source == 1, BEHAVIOUR_OPEN, true);
        assert_int_equal(drive->row_count, 2);
        for (size_t i = 0; i < drive->row_count; i++) {
            bool is_ipv6 = address_family(&drive->rows[i].endpoint.address) == AF_INET6;
            assert_int_equal(drive->rows[i].outcome.reason,
                             is_ipv6 ? REASON_LOCAL : REASON_CONNECTED);
            assert_int_equal(drive->rows[i].outcome.error, is_ipv6 ? EADDRNOTAVAIL : 0);
        }
        drive_free(drive);
    }
}

static void test_shortage_of_an_address_is_told_at_once(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    struct world_host *host =
        world_add(&drive->world, "2001:db8::1", 80, BEHAVIOUR_IMMEDIATE, 0);
    host->error = EADDRNOTAVAIL;
    host->has_no_source = true;
    drive_add(drive, "[2001:db8::1]:80");
    drive->options.retries = 3;
    drive_run(drive);
    assert_int_equal(drive->rows[0].outcome.reason, REASON_LOCAL);
    assert_int_equal(drive->rows[0].outcome.remark, REMARK_NO_SOURCE);
    assert_int_equal(drive->ended_ns, drive->began_ns);
    assert_int_equal(host->asked, 1);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shortage_of_ports_only_slows_it_down),
        cmocka_unit_test(test_shortage_of_an_address_leaves_the_race_to_the_others),
        cmocka_unit_test(test_shortage_of_all_addresses_is_told_one_by_one),
        cmocka_unit_test(test_shortage_of_an_address_is_told_at_once),
    };
    return cmocka_run_group_tests_name("sim: shortages", tests, NULL, NULL);
}
