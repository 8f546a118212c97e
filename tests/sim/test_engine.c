/*
 * The whole engine over a scripted network on virtual time: one situation a test.
 */
#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "drive.h"

static const int64_t ms = NS_PER_MS;

static void assert_reason(const struct drive *drive, size_t row, enum reason reason)
{
    if (drive->rows[row].outcome.reason != reason)
        fail_msg("row %zu is '%s', expected '%s'", row,
                 reason_name(drive->rows[row].outcome.reason), reason_name(reason));
}

static int64_t elapsed_ns(const struct drive *drive)
{
    return drive->ended_ns - drive->began_ns;
}

static void test_engine_open_port_is_up_with_its_latency(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 30 * ms);
    drive_add(drive, "192.0.2.1:80");
    drive_run(drive);
    assert_int_equal(drive->row_count, 1);
    assert_reason(drive, 0, REASON_CONNECTED);
    assert_int_equal(drive->rows[0].connect_ns, 30 * ms);
    assert_int_equal(drive->rows[0].resolve_ns, -1);
    assert_int_equal(drive->rows[0].attempts, 1);
    assert_int_equal(drive->world.lookups_started, 0);
    drive_free(drive);
}

static void test_engine_connect_that_returns_0_is_verified(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_CONNECTED, 0);
    drive_add(drive, "192.0.2.1:80");
    drive_run(drive);
    assert_reason(drive, 0, REASON_CONNECTED);
    drive_free(drive);
}

static void test_engine_errors_become_reasons(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum behaviour behaviour;
        int error;
        enum reason reason;
    } cases[] = {
        {"reset", BEHAVIOUR_REFUSED, 0, REASON_REFUSED},
        {"host unreachable", BEHAVIOUR_ERROR, EHOSTUNREACH, REASON_UNREACHABLE},
        {"network unreachable", BEHAVIOUR_ERROR, ENETUNREACH, REASON_UNREACHABLE},
        {"protocol unreachable", BEHAVIOUR_ERROR, ENOPROTOOPT, REASON_UNREACHABLE},
        {"IPv6 prohibited", BEHAVIOUR_ERROR, EACCES, REASON_PROHIBITED},
        {"the system's own timeout", BEHAVIOUR_ERROR, ETIMEDOUT, REASON_TIMEOUT},
        {"no route", BEHAVIOUR_IMMEDIATE, ENETUNREACH, REASON_UNREACHABLE},
        {"blackhole route", BEHAVIOUR_IMMEDIATE, EINVAL, REASON_UNREACHABLE},
        {"prohibit route", BEHAVIOUR_IMMEDIATE, EACCES, REASON_PROHIBITED},
        {"local firewall", BEHAVIOUR_IMMEDIATE, EPERM, REASON_PROHIBITED},
        {"reset after accept", BEHAVIOUR_RESET, 0, REASON_CONNECTED},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = drive_new();
        world_add(&drive->world, "192.0.2.1", 80, cases[i].behaviour, 3 * ms)->error =
            cases[i].error;
        drive_add(drive, "192.0.2.1:80");
        drive_run(drive);
        if (drive->rows[0].outcome.reason != cases[i].reason)
            fail_msg("%s: got '%s'", cases[i].label,
                     reason_name(drive->rows[0].outcome.reason));
        drive_free(drive);
    }
}

static void test_engine_reset_after_accept_is_up_with_a_remark(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_RESET, 3 * ms);
    drive_add(drive, "192.0.2.1:80");
    drive_run(drive);
    assert_int_equal(drive->rows[0].outcome.remark, REMARK_RESET);
    drive_free(drive);
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
    assert_reason(drive, 0, REASON_PROHIBITED);
    assert_int_equal(drive->rows[0].outcome.icmp.code, 13);
    assert_true(address_equals(&drive->rows[0].outcome.icmp.sender, &host->icmp.sender));
    drive_free(drive);
}

static void test_engine_silence_is_a_timeout_at_the_deadline(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_SILENT, 0);
    drive_add(drive, "192.0.2.1:80");
    drive->options.timeout_ns = 700 * ms;
    drive_run(drive);
    assert_reason(drive, 0, REASON_TIMEOUT);
    assert_int_equal(elapsed_ns(drive), 700 * ms);
    assert_int_equal(drive->rows[0].connect_ns, -1);
    assert_int_equal(drive->rows[0].waited_ns, 700 * ms);
    drive_free(drive);
}

static void test_engine_early_wake_up_is_never_up(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_EARLY_WAKE, 3 * ms)->error =
        EHOSTUNREACH;
    drive_add(drive, "192.0.2.1:80");
    drive_run(drive);
    assert_reason(drive, 0, REASON_UNREACHABLE);
    /* Looked at again at least 1 ms after the first look, not at once. */
    assert_true(drive->rows[0].connect_ns >= 3 * ms - 200 * NS_PER_US + 1 * ms);
    drive_free(drive);
}

static void test_engine_socket_that_stays_ready_does_not_spin(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_SPURIOUS, 3 * ms);
    drive_add(drive, "192.0.2.1:80");
    drive->options.timeout_ns = 900 * ms;
    drive_run(drive);
    assert_reason(drive, 0, REASON_TIMEOUT);
    assert_int_equal(elapsed_ns(drive), 900 * ms);
    assert_true(drive->world.waits < 100);
    drive_free(drive);
}

static void test_engine_self_connect_is_asked_again(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    struct world_host *host =
        world_add(&drive->world, "127.0.0.1", 50000, BEHAVIOUR_SELF_ONCE, 1 * ms);
    drive_add(drive, "127.0.0.1:50000");
    drive_run(drive);
    assert_reason(drive, 0, REASON_REFUSED);
    assert_int_equal(host->asked, 2);
    assert_int_equal(drive->rows[0].outcome.remark, REMARK_NONE);
    drive_free(drive);
}

static void test_engine_endless_self_connect_is_refused(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "127.0.0.1", 50000, BEHAVIOUR_SELF_ALWAYS, 1 * ms);
    drive_add(drive, "127.0.0.1:50000");
    drive_run(drive);
    assert_reason(drive, 0, REASON_REFUSED);
    assert_int_equal(drive->rows[0].outcome.remark, REMARK_SELF_CONNECT);
    drive_free(drive);
}

static void test_engine_answer_while_stopped_counts(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 100 * ms);
    drive_add(drive, "192.0.2.1:80");
    drive->options.timeout_ns = 200 * ms;
    drive->world.stop_ns = drive->world.now_ns + 50 * ms;
    drive->world.resume_ns = drive->world.now_ns + 4000 * ms;
    drive_run(drive);
    assert_reason(drive, 0, REASON_CONNECTED);
    drive_free(drive);
}

static void test_engine_interrupts_change_nothing(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 100 * ms);
    world_add(&drive->world, "192.0.2.2", 80, BEHAVIOUR_SILENT, 0);
    drive_add(drive, "192.0.2.1:80");
    drive_add(drive, "192.0.2.2:80");
    drive->world.interrupts = 2;
    drive_run(drive);
    assert_reason(drive, 0, REASON_CONNECTED);
    assert_reason(drive, 1, REASON_TIMEOUT);
    drive_free(drive);
}

static void test_engine_rows_come_in_input_order(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 90 * ms);
    world_add(&drive->world, "192.0.2.2", 80, BEHAVIOUR_OPEN, 10 * ms);
    world_add(&drive->world, "192.0.2.3", 80, BEHAVIOUR_REFUSED, 50 * ms);
    drive_add(drive, "192.0.2.1:80");
    drive_add(drive, "192.0.2.2:80");
    drive_add(drive, "192.0.2.3:80");
    drive_run(drive);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(drive->rows[i].sequence, i);
    assert_int_equal(elapsed_ns(drive), 90 * ms);
    drive_free(drive);
}

static void test_engine_unordered_rows_come_as_they_finish(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 90 * ms);
    world_add(&drive->world, "192.0.2.2", 80, BEHAVIOUR_OPEN, 10 * ms);
    drive_add(drive, "192.0.2.1:80");
    drive_add(drive, "192.0.2.2:80");
    drive->is_unordered = true;
    drive_run(drive);
    assert_int_equal(drive->rows[0].sequence, 1);
    assert_int_equal(drive->rows[1].sequence, 0);
    drive_free(drive);
}

static void test_engine_window_bounds_what_is_open(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 0, BEHAVIOUR_OPEN, 10 * ms);
    drive_add(drive, "192.0.2.1:1-500");
    drive->options.window = 7;
    drive_run(drive);
    assert_int_equal(drive->row_count, 500);
    assert_int_equal(drive->world.open_most, 7);
    drive_free(drive);
}

static void test_engine_silent_targets_time_out_together(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive_add(drive, "192.0.2.1:1-1000");
    drive->options.timeout_ns = 1000 * ms;
    drive_run(drive);
    assert_int_equal(drive->row_count, 1000);
    assert_int_equal(elapsed_ns(drive), 1000 * ms);
    drive_free(drive);
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
    assert_reason(drive, 0, REASON_TIMEOUT);
    assert_reason(drive, 1, REASON_CONNECTED);
    assert_int_equal(elapsed_ns(drive), 1900 * ms);
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
    assert_int_equal(elapsed_ns(drive), 1500 * ms);
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
        assert_reason(drive, i, REASON_LOCAL);
        assert_int_equal(drive->rows[i].outcome.remark, REMARK_INTERFACE);
    }
    drive_free(drive);
}

static void test_engine_few_descriptors_only_slow_it_down(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 0, BEHAVIOUR_OPEN, 10 * ms);
    drive_add(drive, "192.0.2.1:1-300");
    drive->world.descriptor_limit = 3;
    drive_run(drive);
    assert_int_equal(drive->row_count, 300);
    for (size_t i = 0; i < drive->row_count; i++)
        assert_reason(drive, i, REASON_CONNECTED);
    assert_int_equal(elapsed_ns(drive), 1000 * ms);
    drive_free(drive);
}

static void test_engine_no_descriptor_at_all_is_local(void **state)
{
    (void)state;
    static const int errors[] = {EMFILE, ENFILE, ENOBUFS, ENOMEM};
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        struct drive *drive = drive_new();
        drive_add(drive, "192.0.2.1:1-20");
        drive->world.descriptor_limit = 0;
        drive->world.open_error = errors[i];
        drive_run(drive);
        assert_int_equal(drive->row_count, 20);
        for (size_t row = 0; row < drive->row_count; row++)
            assert_reason(drive, row, REASON_LOCAL);
        assert_int_equal(drive->rows[0].outcome.error, errors[i]);
        drive_free(drive);
    }
}

static void test_engine_passing_shortage_does_not_serialise_the_rest(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive_add(drive, "192.0.2.1:1-200");
    drive->options.timeout_ns = 500 * ms;
    drive->world.open_error = ENFILE;
    drive->world.shortages = 2;
    drive_run(drive);
    assert_int_equal(drive->row_count, 200);
    assert_true(elapsed_ns(drive) <= 1000 * ms);
    drive_free(drive);
}

static void test_engine_window_recovers_from_a_shortage(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive_add(drive, "192.0.2.1:1-200");
    drive->options.timeout_ns = 500 * ms;
    drive->options.window = 40;
    drive->world.shortages = 2;
    drive_run(drive);
    /* Ten at a time it would take 10 s. */
    assert_true(elapsed_ns(drive) < 5000 * ms);
    assert_int_equal(drive->world.open_most, 40);
    drive_free(drive);
}

static void test_engine_invalid_target_gets_its_row_in_its_place(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 30 * ms);
    drive_add(drive, "192.0.2.1:80");
    drive_add(drive, "192.0.2.1:70000");
    drive_add(drive, "192.0.2.1:80");
    drive_run(drive);
    assert_int_equal(drive->row_count, 3);
    assert_reason(drive, 0, REASON_CONNECTED);
    assert_reason(drive, 1, REASON_INVALID);
    assert_reason(drive, 2, REASON_CONNECTED);
    drive_free(drive);
}

/* All of them are there at once, and wait for the reader then. */
static void test_engine_slow_reader_gets_every_row(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->is_slow = true;
    drive_add(drive, "10.0.0.1:9");
    for (int i = 0; i < 20; i++)
        drive_add(drive, "no target");
    drive_run(drive);
    assert_int_equal(drive->row_count, 21);
    for (size_t i = 0; i < drive->row_count; i++)
        assert_int_equal(drive->rows[i].sequence, i);
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
    assert_reason(drive, 0, REASON_TIMEOUT);
    drive_free(drive);
}

static void test_engine_aborted_connection_is_not_up(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_ERROR, 3 * ms)->error = ECONNABORTED;
    drive_add(drive, "192.0.2.1:80");
    drive_run(drive);
    assert_reason(drive, 0, REASON_LOCAL);
    drive_free(drive);
}

static void test_engine_no_local_port_is_local_not_down(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_IMMEDIATE, 0)->error = EADDRNOTAVAIL;
    drive_add(drive, "192.0.2.1:80");
    drive_run(drive);
    assert_reason(drive, 0, REASON_LOCAL);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine_open_port_is_up_with_its_latency),
        cmocka_unit_test(test_engine_connect_that_returns_0_is_verified),
        cmocka_unit_test(test_engine_errors_become_reasons),
        cmocka_unit_test(test_engine_reset_after_accept_is_up_with_a_remark),
        cmocka_unit_test(test_engine_icmp_names_reason_and_sender),
        cmocka_unit_test(test_engine_silence_is_a_timeout_at_the_deadline),
        cmocka_unit_test(test_engine_early_wake_up_is_never_up),
        cmocka_unit_test(test_engine_socket_that_stays_ready_does_not_spin),
        cmocka_unit_test(test_engine_self_connect_is_asked_again),
        cmocka_unit_test(test_engine_endless_self_connect_is_refused),
        cmocka_unit_test(test_engine_answer_while_stopped_counts),
        cmocka_unit_test(test_engine_interrupts_change_nothing),
        cmocka_unit_test(test_engine_rows_come_in_input_order),
        cmocka_unit_test(test_engine_unordered_rows_come_as_they_finish),
        cmocka_unit_test(test_engine_window_bounds_what_is_open),
        cmocka_unit_test(test_engine_silent_targets_time_out_together),
        cmocka_unit_test(test_engine_clock_starts_when_work_starts),
        cmocka_unit_test(test_engine_retries_follow_a_timeout_only),
        cmocka_unit_test(test_engine_attempts_are_those_that_were_asked),
        cmocka_unit_test(test_engine_scope_becomes_an_interface),
        cmocka_unit_test(test_engine_few_descriptors_only_slow_it_down),
        cmocka_unit_test(test_engine_no_descriptor_at_all_is_local),
        cmocka_unit_test(test_engine_passing_shortage_does_not_serialise_the_rest),
        cmocka_unit_test(test_engine_window_recovers_from_a_shortage),
        cmocka_unit_test(test_engine_invalid_target_gets_its_row_in_its_place),
        cmocka_unit_test(test_engine_slow_reader_gets_every_row),
        cmocka_unit_test(test_engine_full_order_window_waits_for_its_first_row),
        cmocka_unit_test(test_engine_aborted_connection_is_not_up),
        cmocka_unit_test(test_engine_no_local_port_is_local_not_down),
    };
    return cmocka_run_group_tests_name("sim: engine", tests, NULL, NULL);
}
