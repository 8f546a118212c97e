/*
 * What becomes of the rows while targets wait for their second look: order, names, and things
 * that run short meanwhile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "crowd.h"

static const int64_t ms = NS_PER_MS;

/* Too far away to be asked again as a canary. */
static const int64_t far_ns = 950 * NS_PER_MS;

enum { NEVER_ANSWERS = 1000 }; /* connects */

/* A host all of whose ports answer but 81-83, which are deaf for so many connects. */
static struct drive *new_drive(unsigned deaf_connects, int64_t delay_ns)
{
    struct drive *drive = drive_new();
    drive->options.has_recheck = true;
    for (uint16_t port = 81; port <= 83; port++) {
        crowd_add(drive, 0, 1, port, BEHAVIOUR_OPEN, delay_ns);
        crowd_host(drive, 0, port)->deaf_connects = deaf_connects;
    }
    crowd_add(drive, 0, 1, EVERY_PORT, BEHAVIOUR_OPEN, delay_ns);
    return drive;
}

static void claim_sorted(const char *label, const struct drive *drive)
{
    for (size_t i = 0; i < drive->row_count; i++)
        claim(label, "sequence", (int64_t)drive->rows[i].sequence, (int64_t)i);
}

/* Each host answers on port 80 and is deaf on port 81, so that every other row waits. */
static void test_second_look_full_order_window_does_not_lock(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        size_t window;
        size_t slack;
        bool is_unordered;
    } cases[] = {
        {"no slack", 64, 0, false},       {"slack of one", 64, 1, false},
        {"slack of 64", 64, 64, false},   {"window of 100", 100, 0, false},
        {"window of 512", 512, 0, false}, {"unordered", 64, 0, true},
        {"unordered, 512", 512, 0, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        struct drive *drive = drive_new();
        crowd_add(drive, 0, 512, 81, BEHAVIOUR_OPEN, 20 * ms);
        for (unsigned j = 0; j < 512; j++)
            crowd_host(drive, j, 81)->deaf_connects = 1;
        crowd_add(drive, 0, 512, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
        drive->options.has_recheck = true;
        drive->options.window = cases[i].window;
        drive->order_slack = cases[i].slack;
        drive->is_unordered = cases[i].is_unordered;
        drive_add(drive, "10.0.0.0/23:80-81");
        drive_run(drive);
        claim(label, "rows", (int64_t)drive->row_count, 1024);
        claim(label, "rows of two attempts", (int64_t)crowd_attempts(drive, 2), 512);
        for (size_t j = 0; j < drive->row_count; j++)
            claim(label, "reason", drive->rows[j].outcome.reason, REASON_CONNECTED);
        if (!cases[i].is_unordered)
            claim_sorted(label, drive);
        drive_free(drive);
    }
}

static void test_second_look_of_every_window_gives_every_row(void **state)
{
    (void)state;
    for (size_t window = 1; window <= 65; window++) {
        char label[32];
        (void)snprintf(label, sizeof label, "window of %zu", window);
        struct drive *drive = new_drive(1, 20 * ms);
        drive->options.window = window;
        drive->order_slack = 0;
        drive_add(drive, "10.0.0.0:1-200");
        drive_run(drive);
        claim(label, "rows", (int64_t)drive->row_count, 200);
        claim_sorted(label, drive);
        for (size_t i = 80; i < 83; i++) {
            const struct result *row = &drive->rows[i];
            claim(label, "attempts", row->attempts, window < 64 ? 1 : 2);
            claim(label, "reason", row->outcome.reason,
                  window < 64 ? REASON_TIMEOUT : REASON_CONNECTED);
        }
        drive_free(drive);
    }
}

/* "db:81", of which one address is deaf, has another one, or a lookup that hangs. */
static const struct {
    const char *label;
    unsigned deaf_connects;
    int64_t delay_ms;
    enum { OPEN, REFUSED, SILENT, HANGS } other;
    bool is_all;
    size_t rows;
    enum reason reason;
    unsigned attempts; /* of the first row */
    int64_t elapsed_ms;
} pairs[] = {
    {"the other one is open", 1, 20, OPEN, false, 101, REASON_CONNECTED, 1, 280},
    {"the other one refuses", 1, 20, REFUSED, false, 101, REASON_CONNECTED, 2, 5020},
    {"the other one is silent", 1, 20, SILENT, false, 101, REASON_CONNECTED, 2, 5020},
    {"both stay silent", NEVER_ANSWERS, 20, SILENT, false, 101, REASON_TIMEOUT, 2, 10000},
    {"one refuses, one stays silent", NEVER_ANSWERS, 20, REFUSED, false, 101, REASON_REFUSED, 2,
     10000},
    {"hangs, stays silent", NEVER_ANSWERS, 20, HANGS, false, 101, REASON_TIMEOUT, 2, 10000},
    {"hangs, answers the second look", 1, 20, HANGS, false, 101, REASON_CONNECTED, 2, 5020},
    {"all, hangs, stays silent", NEVER_ANSWERS, 20, HANGS, true, 102, REASON_TIMEOUT, 2, 10000},
    {"all, hangs, answers", 1, 20, HANGS, true, 102, REASON_CONNECTED, 2, 10000},
    {"all, answers the second look", 1, 950, OPEN, true, 102, REASON_CONNECTED, 2, 5950},
    {"all, stays silent", NEVER_ANSWERS, 950, OPEN, true, 102, REASON_TIMEOUT, 2, 10000},
};

static void test_second_look_of_a_name_asks_its_silent_addresses(void **state)
{
    (void)state;
    static const enum behaviour others[] = {BEHAVIOUR_OPEN, BEHAVIOUR_REFUSED,
                                            BEHAVIOUR_SILENT};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        const char *label = pairs[i].label;
        bool hangs = pairs[i].other == HANGS;
        struct drive *drive = new_drive(pairs[i].deaf_connects, pairs[i].delay_ms * ms);
        struct world_name *name =
            world_add_name(&drive->world, "db", 10 * ms, hangs ? NEVER_NS : 10 * ms);
        world_name_address(name, "10.0.0.0");
        if (!hangs) {
            crowd_add(drive, 1, 2, EVERY_PORT, others[pairs[i].other], pairs[i].delay_ms * ms);
            world_name_address(name, "10.0.0.1");
        }
        drive->options.is_all_addresses = pairs[i].is_all;
        drive_add(drive, "10.0.0.0:1001-1100");
        drive_add(drive, "db:81");
        drive_run(drive);
        const struct result *rows = &drive->rows[100];
        claim(label, "rows", (int64_t)drive->row_count, (int64_t)pairs[i].rows);
        claim(label, "reason", rows[0].outcome.reason, pairs[i].reason);
        claim(label, "attempts", rows[0].attempts, pairs[i].attempts);
        claim(label, "connects", crowd_host(drive, 0, 81)->asked, pairs[i].attempts);
        claim(label, "elapsed", crowd_elapsed_ns(drive), pairs[i].elapsed_ms * ms);
        if (pairs[i].is_all && !hangs) {
            claim(label, "reason of the other", rows[1].outcome.reason, REASON_CONNECTED);
            claim(label, "attempts at the other", rows[1].attempts, 1);
            claim(label, "connects to the other", crowd_host(drive, 1, EVERY_PORT)->asked, 1);
            claim(label, "lookups", name->asked, 1);
        }
        drive_free(drive);
    }
}

static void test_second_look_waits_for_descriptors(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t short_ms; /* the looks begin at 5000, 5010 and 5020 ms */
        int64_t supplied_ms;
        size_t put_back;
        size_t rescued;
        size_t local;
        int64_t elapsed_ms;
    } cases[] = {
        {"enough", 0, 0, 0, 3, 0, 5970},
        {"too few for the second one", 5005, 5015, 1, 3, 0, 6900},
        {"too few for the last two", 5005, 5025, 2, 3, 0, 6900},
        {"too few for ever", 5005, 100000, 6, 1, 2, 5950},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        struct drive *drive = new_drive(1, far_ns);
        drive->world.short_ns = drive->world.now_ns + cases[i].short_ms * ms;
        drive->world.supplied_ns = drive->world.now_ns + cases[i].supplied_ms * ms;
        drive_add(drive, "10.0.0.0:1001-1100");
        drive_add(drive, "10.0.0.0:81-83");
        drive_run(drive);
        size_t local = 0;
        for (size_t j = 100; j < drive->row_count; j++)
            local += drive->rows[j].outcome.reason == REASON_LOCAL;
        claim(label, "rows", (int64_t)drive->row_count, 103);
        claim(label, "rows of two attempts", (int64_t)crowd_attempts(drive, 2),
              (int64_t)cases[i].rescued);
        claim(label, "local rows", (int64_t)local, (int64_t)cases[i].local);
        claim(label, "put back", (int64_t)drive->traces[TRACE_PUT_BACK],
              (int64_t)cases[i].put_back);
        claim(label, "elapsed", crowd_elapsed_ns(drive), cases[i].elapsed_ms * ms);
        drive_free(drive);
    }
}

/* What the retries and the look before the shortage cost is not forgotten. */
static void test_second_look_put_back_keeps_its_count_of_attempts(void **state)
{
    (void)state;
    for (unsigned retries = 0; retries <= 3; retries++) {
        char label[32];
        (void)snprintf(label, sizeof label, "%u retries", retries);
        struct drive *drive = new_drive(NEVER_ANSWERS, far_ns);
        int64_t looks_ns = drive->world.now_ns + (1 + retries) * 5000 * ms;
        drive->options.retries = retries;
        drive->world.short_ns = looks_ns + 5 * ms;
        drive->world.supplied_ns = looks_ns + 15 * ms;
        drive_add(drive, "10.0.0.0:1001-1100");
        drive_add(drive, "10.0.0.0:81-83");
        drive_run(drive);
        claim(label, "put back", (int64_t)drive->traces[TRACE_PUT_BACK], 1);
        for (uint16_t port = 81; port <= 83; port++) {
            claim(label, "connects", crowd_host(drive, 0, port)->asked, retries + 2);
            claim(label, "attempts", drive->rows[100 + port - 81].attempts, retries + 2);
        }
        drive_free(drive);
    }
}

/* Names that wait for their second look hold no resolver thread that another one needs. */
static void test_second_look_gives_its_resolver_threads_to_others(void **state)
{
    (void)state;
    struct drive *drive = new_drive(NEVER_ANSWERS, 20 * ms);
    static const char *const names[] = {"one", "two"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        world_name_address(world_add_name(&drive->world, names[i], 10 * ms, 8000 * ms),
                           "10.0.0.0");
    world_name_address(world_add_name(&drive->world, "fine", 10 * ms, 10 * ms), "10.0.0.0");
    drive->world.lookup_room = 4;
    drive->world.router.shut_ns = drive->world.now_ns + 3000 * ms;
    drive->world.router.opened_ns = drive->world.now_ns + 30000 * ms;
    drive_add(drive, "10.0.0.0:1001-1100");
    drive_add(drive, "one:81");
    drive_add(drive, "two:81");
    drive_add(drive, "fine:80");
    drive_run(drive);
    assert_int_equal(drive->row_count, 103);
    assert_int_equal(drive->rows[102].outcome.reason, REASON_CONNECTED);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_second_look_full_order_window_does_not_lock),
        cmocka_unit_test(test_second_look_of_every_window_gives_every_row),
        cmocka_unit_test(test_second_look_of_a_name_asks_its_silent_addresses),
        cmocka_unit_test(test_second_look_waits_for_descriptors),
        cmocka_unit_test(test_second_look_put_back_keeps_its_count_of_attempts),
        cmocka_unit_test(test_second_look_gives_its_resolver_threads_to_others),
    };
    return cmocka_run_group_tests_name("sim: rows and the second look", tests, NULL, NULL);
}
