/*
 * Handshakes that are only half there: bare SYNs, and SYN proxies that answer for a server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crowd.h"
#include "watch.h"

static const int64_t ms = NS_PER_MS;

/* One host, to be asked once for 1 s. */
static struct drive *new_one(enum behaviour behaviour, int64_t delay_ns, int64_t later_ns)
{
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, behaviour, delay_ns)->later_ns = later_ns;
    drive_add(drive, "192.0.2.1:80");
    drive->options.timeout_ns = 1000 * ms;
    return drive;
}

static void test_handshake_half_done_is_never_up(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum behaviour behaviour;
        int64_t later_ms;
        bool is_stopped; /* at the deadline: what is there then counts, half of it does not */
        enum reason reason;
        enum remark remark;
        int64_t ended_ms;
    } cases[] = {
        {"bare SYN", BEHAVIOUR_HALF, -1, false, REASON_TIMEOUT, REMARK_NONE, 1000},
        {"bare SYN, stopped", BEHAVIOUR_HALF, -1, true, REASON_TIMEOUT, REMARK_NONE, 5000},
        {"bare SYN, reset", BEHAVIOUR_HALF_RESET, -1, false, REASON_REFUSED, REMARK_NONE, 20},
        {"bare SYN, reset, stopped", BEHAVIOUR_HALF_RESET, -1, true, REASON_REFUSED,
         REMARK_NONE, 4000},
        {"SYN proxy, silent server", BEHAVIOUR_SHUT, -1, false, REASON_TIMEOUT,
         REMARK_PROXY_SILENT, 1000},
        {"SYN proxy, stopped", BEHAVIOUR_SHUT, -1, true, REASON_TIMEOUT, REMARK_PROXY_SILENT,
         5000},
        {"SYN proxy, no reset, stopped", BEHAVIOUR_SHUT_RESET, -1, true, REASON_TIMEOUT,
         REMARK_PROXY_SILENT, 5000},
        {"SYN proxy, server too late", BEHAVIOUR_SHUT, 981, false, REASON_TIMEOUT,
         REMARK_PROXY_SILENT, 1000},
        {"SYN proxy, closed port", BEHAVIOUR_SHUT_RESET, 0, false, REASON_REFUSED,
         REMARK_PROXY_RESET, 20},
        {"SYN proxy, server up at last", BEHAVIOUR_SHUT, 980, false, REASON_CONNECTED,
         REMARK_NONE, 1000},
        {"SYN proxy, closed at last", BEHAVIOUR_SHUT_RESET, 980, false, REASON_REFUSED,
         REMARK_PROXY_RESET, 1000},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        struct drive *drive =
            new_one(cases[i].behaviour, 20 * ms,
                    cases[i].later_ms < 0 ? NEVER_NS : cases[i].later_ms * ms);
        if (cases[i].is_stopped) {
            drive->world.stop_ns = drive->world.now_ns + 10 * ms;
            drive->world.resume_ns = drive->world.now_ns + 4000 * ms;
        }
        drive_run(drive);
        claim(label, "reason", drive->rows[0].outcome.reason, cases[i].reason);
        claim(label, "remark", drive->rows[0].outcome.remark, cases[i].remark);
        claim(label, "time", crowd_elapsed_ns(drive), cases[i].ended_ms * ms);
        drive_free(drive);
    }
}

/* At most an eighth of the server's time, and a moment. */
static void test_handshake_window_that_opens_is_seen_soon(void **state)
{
    (void)state;
    for (int64_t later_ns = 0; later_ns < 900 * ms; later_ns += 7 * ms) {
        struct drive *drive = new_one(BEHAVIOUR_SHUT, 20 * ms, later_ns);
        drive_run(drive);
        assert_int_equal(drive->rows[0].outcome.reason, REASON_CONNECTED);
        assert_in_range(drive->rows[0].connect_ns, 20 * ms + later_ns,
                        20 * ms + later_ns + later_ns / 8 + 2 * ms);
        drive_free(drive);
    }
}

/* A thousand proxied targets cost little more than a thousand silent ones. */
static void test_handshake_of_many_proxied_does_not_spin(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 0, BEHAVIOUR_SHUT, 20 * ms);
    drive_add(drive, "192.0.2.1:1-1000");
    drive->options.timeout_ns = 5000 * ms;
    drive->options.window = 1000;
    drive_run(drive);
    assert_int_equal(drive->row_count, 1000);
    assert_in_range(drive->world.waits, 50, 200);
    drive_free(drive);
}

static void test_handshake_behind_a_proxy_is_retried_as_silence_is(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    struct world_host *host =
        world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_SHUT, 20 * ms);
    world_change(host, drive->world.now_ns + 1500 * ms, BEHAVIOUR_OPEN);
    drive_add(drive, "192.0.2.1:80");
    drive->options.timeout_ns = 1000 * ms;
    drive->options.retries = 2;
    drive_run(drive);
    assert_int_equal(drive->rows[0].outcome.reason, REASON_CONNECTED);
    assert_int_equal(drive->rows[0].outcome.remark, REMARK_NONE);
    assert_int_equal(drive->rows[0].attempts, 3);
    assert_int_equal(drive->rows[0].connect_ns, 20 * ms);
    assert_int_equal(drive->traces[TRACE_PROXIED], 2); /* once an attempt */
    drive_free(drive);
}

static void test_handshake_behind_a_proxy_is_waited_for(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    world_add(&watch->world, "192.0.2.1", 80, BEHAVIOUR_SHUT, 20 * ms)->later_ns = 3000 * ms;
    watch_add(watch, "192.0.2.1:80");
    watch->wait_ns = 10000 * ms;
    watch_wait(watch);
    assert_true(watch->is_met);
    assert_in_range(watch_elapsed_ns(watch), 3020 * ms, 3130 * ms);
    watch_free(watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshake_half_done_is_never_up),
        cmocka_unit_test(test_handshake_window_that_opens_is_seen_soon),
        cmocka_unit_test(test_handshake_of_many_proxied_does_not_spin),
        cmocka_unit_test(test_handshake_behind_a_proxy_is_retried_as_silence_is),
        cmocka_unit_test(test_handshake_behind_a_proxy_is_waited_for),
    };
    return cmocka_run_group_tests_name("sim: handshakes", tests, NULL, NULL);
}
