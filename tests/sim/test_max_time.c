/*
 * The run's time is over (-m) while targets are in every state that they can be in: each has
 * its row then, and no row says more than is known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crowd.h"

static const int64_t ms = NS_PER_MS;

/* A drive whose time is over after `span_ns`. */
static struct drive *new_drive(int64_t span_ns)
{
    struct drive *drive = drive_new();
    drive->end_ns = drive->world.now_ns + span_ns;
    drive->options.until_ns = drive->end_ns;
    drive->options.cut_remark = REMARK_OVER;
    return drive;
}

static bool is_over(const struct result *row)
{
    return row->outcome.reason == REASON_LOCAL && row->outcome.remark == REMARK_OVER;
}

static size_t count_over(const struct drive *drive)
{
    size_t count = 0;
    for (size_t i = 0; i < drive->row_count; i++)
        count += is_over(&drive->rows[i]);
    return count;
}

/* Hosts 0-63 answer on port 80 and are deaf on 81, 64-127 are silent. */
static void add_doubtful(struct drive *drive)
{
    drive->options.has_recheck = true;
    crowd_add(drive, 0, 64, 81, BEHAVIOUR_SILENT, 0);
    crowd_add(drive, 0, 64, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    crowd_add(drive, 64, 128, EVERY_PORT, BEHAVIOUR_SILENT, 0);
    drive_add(drive, "10.0.0.0/25:80-81");
}

static void add_silent(struct drive *drive)
{
    crowd_add(drive, 0, 256, EVERY_PORT, BEHAVIOUR_SILENT, 0);
    drive_add(drive, "10.0.0.0/24:80");
}

static void add_short_of_descriptors(struct drive *drive)
{
    add_silent(drive);
    drive->world.descriptor_limit = 40;
}

static void add_narrow(struct drive *drive)
{
    add_silent(drive);
    drive->options.window = 3;
}

static void add_hung_names(struct drive *drive)
{
    static const char *const hosts[] = {"a", "b", "c", "d", "e", "f"};
    static const char *const targets[] = {"a:1", "b:1", "c:1", "d:1", "e:1", "f:1"};
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        (void)world_add_name(&drive->world, hosts[i], NEVER_NS, NEVER_NS);
        drive_add(drive, targets[i]);
    }
    drive->world.lookup_room = 4; /* the others wait for a thread */
}

static void test_max_time_gives_every_target_its_row(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        void (*add)(struct drive *drive);
        int64_t span_ns;
        size_t rows;
        size_t over;
    } cases[] = {
        {"silent", add_silent, 1000 * ms, 256, 256},
        {"silent, after their timeout", add_silent, 6000 * ms, 256, 0},
        {"not all begun", add_narrow, 6000 * ms, 256, 253},
        {"no descriptors", add_short_of_descriptors, 1000 * ms, 256, 256},
        {"names without a thread", add_hung_names, 1000 * ms, 6, 6},
        {"before the second look", add_doubtful, 4000 * ms, 256, 192},
        {"in the second look", add_doubtful, 7000 * ms, 256, 64},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        struct drive *drive = new_drive(cases[i].span_ns);
        cases[i].add(drive);
        drive_run(drive);
        claim(label, "rows", (int64_t)drive->row_count, (int64_t)cases[i].rows);
        claim(label, "over", (int64_t)count_over(drive), (int64_t)cases[i].over);
        claim_between(label, "time", crowd_elapsed_ns(drive), 0, cases[i].span_ns);
        for (size_t j = 0; j < drive->row_count; j++)
            claim(label, "sequence", (int64_t)drive->rows[j].sequence, (int64_t)j);
        drive_free(drive);
    }
}

static void test_max_time_cuts_what_would_have_had_more(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t span_ns;
        unsigned retries;
        bool is_over;
    } cases[] = {
        {"less than the timeout", 4900 * ms, 0, true},
        {"as long as the timeout", 5000 * ms, 0, false},
        {"hardly less", 4951 * ms, 0, false},
        {"a try more was allowed", 5000 * ms, 1, true},
        {"both had their time", 10000 * ms, 1, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = new_drive(cases[i].span_ns);
        drive->options.retries = cases[i].retries;
        crowd_add(drive, 0, 1, EVERY_PORT, BEHAVIOUR_SILENT, 0);
        drive_add(drive, "10.0.0.0:80");
        drive_run(drive);
        claim(cases[i].label, "rows", (int64_t)drive->row_count, 1);
        claim(cases[i].label, "over", is_over(&drive->rows[0]), cases[i].is_over);
        drive_free(drive);
    }
}

/* "db:80" has two addresses: one answers after 20 ms as `behaviour` says, the other never. */
static struct drive *new_half_silent(enum behaviour behaviour)
{
    struct drive *drive = new_drive(1000 * ms);
    crowd_add(drive, 0, 1, EVERY_PORT, behaviour, 20 * ms);
    crowd_add(drive, 1, 2, EVERY_PORT, BEHAVIOUR_SILENT, 0);
    struct world_name *name = world_add_name(&drive->world, "db", 10 * ms, 10 * ms);
    world_name_address(name, "10.0.0.0");
    world_name_address(name, "10.0.0.1");
    drive_add(drive, "db:80");
    return drive;
}

static void test_max_time_leaves_known_addresses_known(void **state)
{
    (void)state;
    struct drive *drive = new_half_silent(BEHAVIOUR_OPEN);
    drive->options.is_all_addresses = true;
    drive_run(drive);
    assert_int_equal(drive->row_count, 2);
    assert_int_equal(drive->rows[0].outcome.reason, REASON_CONNECTED);
    assert_true(is_over(&drive->rows[1]));
    drive_free(drive);
}

/* One address says no; the other one, which is silent, might have said yes. */
static void test_max_time_refused_beside_a_silent_address_is_not_down(void **state)
{
    (void)state;
    struct drive *drive = new_half_silent(BEHAVIOUR_REFUSED);
    drive_run(drive);
    assert_int_equal(drive->row_count, 1);
    assert_true(is_over(&drive->rows[0]));
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_max_time_gives_every_target_its_row),
        cmocka_unit_test(test_max_time_cuts_what_would_have_had_more),
        cmocka_unit_test(test_max_time_leaves_known_addresses_known),
        cmocka_unit_test(test_max_time_refused_beside_a_silent_address_is_not_down),
    };
    return cmocka_run_group_tests_name("sim: max-time", tests, NULL, NULL);
}
