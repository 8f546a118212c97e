/*
 * The whole engine over a scripted network on virtual time: one situation a test.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crowd.h"

static const int64_t ms = NS_PER_MS;

/* What one host does, and what its row says; where no timeout stands, it is 5 s. */
static const struct {
    const char *label;
    enum behaviour behaviour;
    int64_t delay_ms;
    int error;
    enum reason reason;
    enum remark remark;
    unsigned asked;
    int64_t connect_us; /* -1: no answer */
    int64_t timeout_ms;
} answers[] = {
    {"open", BEHAVIOUR_OPEN, 30, 0, REASON_CONNECTED, REMARK_NONE, 1, 30000, 0},
    {"connect() returns 0", BEHAVIOUR_CONNECTED, 0, 0, REASON_CONNECTED, REMARK_NONE, 1, 0, 0},
    {"reset", BEHAVIOUR_REFUSED, 3, 0, REASON_REFUSED, REMARK_NONE, 1, 3000, 0},
    {"reset after accept", BEHAVIOUR_RESET, 3, 0, REASON_CONNECTED, REMARK_RESET, 1, 3000, 0},
    {"host unreachable", BEHAVIOUR_ERROR, 3, EHOSTUNREACH, REASON_UNREACHABLE, REMARK_NONE, 1,
     3000, 0},
    {"network unreachable", BEHAVIOUR_ERROR, 3, ENETUNREACH, REASON_UNREACHABLE, REMARK_NONE, 1,
     3000, 0},
    {"protocol unreachable", BEHAVIOUR_ERROR, 3, ENOPROTOOPT, REASON_UNREACHABLE, REMARK_NONE,
     1, 3000, 0},
    {"IPv6 prohibited", BEHAVIOUR_ERROR, 3, EACCES, REASON_PROHIBITED, REMARK_NONE, 1, 3000, 0},
    {"the system's own timeout", BEHAVIOUR_ERROR, 3, ETIMEDOUT, REASON_TIMEOUT, REMARK_NONE, 1,
     -1, 0},
    {"aborted", BEHAVIOUR_ERROR, 3, ECONNABORTED, REASON_LOCAL, REMARK_NONE, 1, -1, 0},
    {"no route", BEHAVIOUR_IMMEDIATE, 0, ENETUNREACH, REASON_UNREACHABLE, REMARK_NONE, 1, 0, 0},
    {"blackhole route", BEHAVIOUR_IMMEDIATE, 0, EINVAL, REASON_UNREACHABLE, REMARK_NONE, 1, 0,
     0},
    {"prohibit route", BEHAVIOUR_IMMEDIATE, 0, EACCES, REASON_PROHIBITED, REMARK_NONE, 1, 0, 0},
    {"local firewall", BEHAVIOUR_IMMEDIATE, 0, EPERM, REASON_PROHIBITED, REMARK_NONE, 1, 0, 0},
    {"no local port", BEHAVIOUR_IMMEDIATE, 0, EADDRNOTAVAIL, REASON_LOCAL, REMARK_NONE, 2, -1,
     0},
    {"silent", BEHAVIOUR_SILENT, 0, 0, REASON_TIMEOUT, REMARK_NONE, 1, -1, 700},
    /* Looked at again 1 ms after the first look, not at once. */
    {"early wake-up", BEHAVIOUR_EARLY_WAKE, 3, EHOSTUNREACH, REASON_UNREACHABLE, REMARK_NONE, 1,
     3800, 0},
    {"always ready", BEHAVIOUR_SPURIOUS, 3, 0, REASON_TIMEOUT, REMARK_NONE, 1, -1, 900},
    {"connects to itself once", BEHAVIOUR_SELF_ONCE, 1, 0, REASON_REFUSED, REMARK_NONE, 2, 1000,
     0},
    {"connects to itself always", BEHAVIOUR_SELF_ALWAYS, 1, 0, REASON_REFUSED,
     REMARK_SELF_CONNECT, 3, 1000, 0},
};

/* Whether waits are interrupted or not. */
static void test_engine_answer_becomes_its_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_LEN(answers); i++) {
        size_t n = i / 2;
        const char *label = answers[n].label;
        struct drive *drive = drive_new();
        struct world_host *host = world_add(&drive->world, "192.0.2.1", 80,
                                            answers[n].behaviour, answers[n].delay_ms * ms);
        host->error = answers[n].error;
        drive_add(drive, "192.0.2.1:80");
        drive->world.interrupts = i % 2 == 0 ? 0 : 2;
        int64_t timeout_ns = answers[n].timeout_ms * ms;
        if (timeout_ns > 0)
            drive->options.timeout_ns = timeout_ns;
        drive_run(drive);
        const struct result *row = &drive->rows[0];
        claim(label, "rows", (int64_t)drive->row_count, 1);
        claim(label, "reason", row->outcome.reason, answers[n].reason);
        claim(label, "remark", row->outcome.remark, answers[n].remark);
        claim(label, "connects", host->asked, answers[n].asked);
        if (answers[n].reason != REASON_LOCAL)
            claim(label, "attempts", row->attempts, 1);
        claim(label, "connect_ns", row->connect_ns,
              answers[n].connect_us < 0 ? -1 : answers[n].connect_us * NS_PER_US);
        claim(label, "resolve_ns", row->resolve_ns, -1);
        claim(label, "lookups", (int64_t)drive->world.lookups_started, 0);
        claim_between(label, "waits", drive->world.waits, 0, 99);
        if (timeout_ns > 0) {
            claim(label, "waited", row->waited_ns, timeout_ns);
            claim(label, "elapsed", crowd_elapsed_ns(drive), timeout_ns);
        }
        drive_free(drive);
    }
}

static void test_engine_icmp_names_reason_and_sender(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    struct world_host *host =
        world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_ERROR, 3 * ms);
    host->error = EHOSTUNREACH;
    host->icmp = (struct icmp){.is_set = true, .type = 3, .code = 13};
    (void)address_parse("192.0.2.254", 11, &host->icmp.sender);
    drive_add(drive, "192.0.2.1:80");
    drive_run(drive);
    assert_int_equal(drive->rows[0].outcome.reason, REASON_PROHIBITED);
    assert_int_equal(drive->rows[0].outcome.icmp.code, 13);
    assert_true(address_equals(&drive->rows[0].outcome.icmp.sender, &host->icmp.sender));
    drive_free(drive);
}

static void test_engine_rows_come_in_order_or_as_they_finish(void **state)
{
    (void)state;
    static const uint64_t sequences[][3] = {{0, 1, 2}, {1, 2, 0}};
    for (size_t i = 0; i < ARRAY_LEN(sequences); i++) {
        struct drive *drive = drive_new();
        world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 90 * ms);
        world_add(&drive->world, "192.0.2.2", 80, BEHAVIOUR_OPEN, 10 * ms);
        world_add(&drive->world, "192.0.2.3", 80, BEHAVIOUR_REFUSED, 50 * ms);
        drive_add(drive, "192.0.2.1:80");
        drive_add(drive, "192.0.2.2:80");
        drive_add(drive, "192.0.2.3:80");
        drive->is_unordered = i == 1;
        drive_run(drive);
        for (size_t row = 0; row < 3; row++)
            assert_int_equal(drive->rows[row].sequence, sequences[i][row]);
        assert_int_equal(crowd_elapsed_ns(drive), 90 * ms);
        drive_free(drive);
    }
}

enum { ALL = 9999 };

/* Host 1 answers after 10 ms on each of its ports, host 2 never; the timeout is 500 ms. */
static const struct {
    const char *label;
    const char *target;
    int64_t rows;
    enum reason reason; /* of all but those that the shortages hit */
    size_t window;
    size_t descriptors;
    unsigned shortages;
    int error; /* of a shortage */
    int64_t open_least, open_most;
    int64_t least_ms, most_ms;
} crowds[] = {
    {"a window of 7", "192.0.2.1:1-500", 500, REASON_CONNECTED, 7, ALL, 0, 0, 7, 7, 720, 720},
    {"silent", "192.0.2.2:1-1000", 1000, REASON_TIMEOUT, 1024, ALL, 0, 0, 1000, 1000, 500, 500},
    {"few descriptors", "192.0.2.1:1-300", 300, REASON_CONNECTED, 1024, 3, 0, EMFILE, 3, 3,
     1000, 1000},
    {"a passing shortage", "192.0.2.2:1-200", 200, REASON_TIMEOUT, 1024, ALL, 2, ENFILE, 1, 200,
     500, 1000},
    /* Ten at a time it would take 10 s. */
    {"a shortage, a window of 40", "192.0.2.2:1-200", 200, REASON_TIMEOUT, 40, ALL, 2, EMFILE,
     40, 40, 2500, 4999},
    {"EMFILE", "192.0.2.2:1-20", 20, REASON_LOCAL, 1024, 0, 0, EMFILE, 0, 0, 0, 60000},
    {"ENFILE", "192.0.2.2:1-20", 20, REASON_LOCAL, 1024, 0, 0, ENFILE, 0, 0, 0, 60000},
    {"ENOBUFS", "192.0.2.2:1-20", 20, REASON_LOCAL, 1024, 0, 0, ENOBUFS, 0, 0, 0, 60000},
    {"ENOMEM", "192.0.2.2:1-20", 20, REASON_LOCAL, 1024, 0, 0, ENOMEM, 0, 0, 0, 60000},
};

static void test_engine_many_ports_share_what_there_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(crowds); i++) {
        const char *label = crowds[i].label;
        struct drive *drive = drive_new();
        world_add(&drive->world, "192.0.2.1", 0, BEHAVIOUR_OPEN, 10 * ms);
        drive_add(drive, crowds[i].target);
        drive->options.timeout_ns = 500 * ms;
        drive->options.window = crowds[i].window;
        if (crowds[i].descriptors != ALL)
            drive->world.descriptor_limit = crowds[i].descriptors;
        drive->world.shortages = crowds[i].shortages;
        drive->world.open_error = crowds[i].error;
        drive_run(drive);
        claim(label, "rows", (int64_t)drive->row_count, crowds[i].rows);
        int64_t alike = 0;
        for (size_t row = 0; row < drive->row_count; row++)
            alike += drive->rows[row].outcome.reason == crowds[i].reason;
        claim_between(label, "rows of the reason", alike, crowds[i].rows - crowds[i].shortages,
                      crowds[i].rows);
        if (crowds[i].reason == REASON_LOCAL)
            claim(label, "error", drive->rows[0].outcome.error, crowds[i].error);
        claim_between(label, "open", (int64_t)drive->world.open_most, crowds[i].open_least,
                      crowds[i].open_most);
        claim_between(label, "ms", crowd_elapsed_ns(drive) / ms, crowds[i].least_ms,
                      crowds[i].most_ms);
        drive_free(drive);
    }
}

static void test_engine_clock_starts_when_work_starts(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.2", 80, BEHAVIOUR_OPEN, 900 * ms);
    drive_add(drive, "192.0.2.1:80");
    drive_add(drive, "192.0.2.2:80");
    drive->options.window = 1;
    drive->options.timeout_ns = 1000 * ms;
    drive_run(drive);
    assert_int_equal(drive->rows[0].outcome.reason, REASON_TIMEOUT);
    assert_int_equal(drive->rows[1].outcome.reason, REASON_CONNECTED);
    assert_int_equal(crowd_elapsed_ns(drive), 1900 * ms);
    drive_free(drive);
}

static void test_engine_retries_follow_a_timeout_only(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    struct world_host *silent = world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_SILENT, 0);
    struct world_host *refused =
        world_add(&drive->world, "192.0.2.2", 80, BEHAVIOUR_REFUSED, 1 * ms);
    drive_add(drive, "192.0.2.1:80");
    drive_add(drive, "192.0.2.2:80");
    drive->options.timeout_ns = 500 * ms;
    drive->options.retries = 2;
    drive_run(drive);
    assert_int_equal(silent->asked, 3);
    assert_int_equal(refused->asked, 1);
    assert_int_equal(drive->rows[0].attempts, 3);
    assert_int_equal(drive->rows[1].attempts, 1);
    assert_int_equal(crowd_elapsed_ns(drive), 1500 * ms);
    drive_free(drive);
}

/* However late its turn comes: every attempt of a result was asked, or awaited its lookup. */
static void test_engine_attempts_are_those_that_were_asked(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        int64_t timeout_us;
        unsigned retries;
        int64_t call_cost_us; /* a busy machine */
        size_t connects;      /* of each row */
    } cases[] = {
        {"192.0.2.1:80", 10, 3, 20, 4},      {"192.0.2.1:80", 10, 3, 3, 4},
        {"192.0.2.0/24:80", 1000, 3, 20, 4}, {"both:80", 10, 3, 20, 0},
        {"hangs:80", 10, 3, 20, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = drive_new();
        (void)world_add_name(&drive->world, "hangs", NEVER_NS, NEVER_NS);
        struct world_name *both = world_add_name(&drive->world, "both", 1 * ms, 1 * ms);
        world_name_address(both, "192.0.2.1");
        drive->world.call_cost_ns = cases[i].call_cost_us * 1000;
        drive->options.timeout_ns = cases[i].timeout_us * 1000;
        drive->options.retries = cases[i].retries;
        drive_add(drive, cases[i].target);
        drive_run(drive);
        for (size_t row = 0; row < drive->row_count; row++)
            assert_int_equal(drive->rows[row].attempts, 1 + cases[i].retries);
        assert_int_equal(drive->world.connect_count, drive->row_count * cases[i].connects);
        drive_free(drive);
    }
}

static void test_engine_scope_becomes_an_interface(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive_add(drive, "[fe80::1%eth0]:80");
    drive_add(drive, "[fe80::1%7]:80");
    drive_add(drive, "[fe80::1%nosuch]:80");
    drive_add(drive, "[fe80::1%999]:80");
    drive_run(drive);
    assert_int_equal(address_scope(&drive->rows[0].endpoint.address), 2);
    assert_int_equal(address_scope(&drive->rows[1].endpoint.address), 7);
    for (size_t i = 2; i < 4; i++) {
        assert_int_equal(drive->rows[i].outcome.reason, REASON_LOCAL);
        assert_int_equal(drive->rows[i].outcome.remark, REMARK_INTERFACE);
    }
    drive_free(drive);
}

static void test_engine_full_order_window_waits_for_its_first_row(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 1, BEHAVIOUR_SILENT, 0);
    world_add(&drive->world, "192.0.2.1", 0, BEHAVIOUR_OPEN, 1 * ms);
    drive_add(drive, "192.0.2.1:1-500");
    drive->options.window = 10;
    drive->order_slack = 0;
    drive_run(drive);
    assert_int_equal(drive->row_count, 500);
    assert_int_equal(drive->rows[0].outcome.reason, REASON_TIMEOUT);
    drive_free(drive);
}

static void test_engine_shortage_of_ports_only_slows_it_down(void **state)
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
        claim(cases[i].target, "rows", (int64_t)drive->row_count, 40);
        for (size_t row = 0; row < drive->row_count; row++)
            claim(cases[i].target, "reason", drive->rows[row].outcome.reason, REASON_REFUSED);
        drive_free(drive);
    }
}

static void test_engine_shortage_of_an_address_is_told_at_once(void **state)
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
        cmocka_unit_test(test_engine_answer_becomes_its_row),
        cmocka_unit_test(test_engine_icmp_names_reason_and_sender),
        cmocka_unit_test(test_engine_rows_come_in_order_or_as_they_finish),
        cmocka_unit_test(test_engine_many_ports_share_what_there_is),
        cmocka_unit_test(test_engine_clock_starts_when_work_starts),
        cmocka_unit_test(test_engine_retries_follow_a_timeout_only),
        cmocka_unit_test(test_engine_attempts_are_those_that_were_asked),
        cmocka_unit_test(test_engine_scope_becomes_an_interface),
        cmocka_unit_test(test_engine_full_order_window_waits_for_its_first_row),
        cmocka_unit_test(test_engine_shortage_of_ports_only_slows_it_down),
        cmocka_unit_test(test_engine_shortage_of_an_address_is_told_at_once),
    };
    return cmocka_run_group_tests_name("sim: engine", tests, NULL, NULL);
}
