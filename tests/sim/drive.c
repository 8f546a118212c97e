#include "drive.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    TURNS_MAX = 2000000,
    CANARIES = 3,
};

struct drive *drive_new(void)
{
    struct drive *drive = calloc(1, sizeof *drive);
    assert_non_null(drive);
    world_init(&drive->world);
    drive->options = (struct probe_options){
        .timeout_ns = 5 * NS_PER_S,
        .until_ns = NEVER_NS,
        .name_reuse_ns = 10 * NS_PER_S,
        .name_patience_ns = NEVER_NS,
        .families = FAMILY_ANY,
        .window = 1024,
        .is_traced = true,
    };
    drive->order_slack = 64;
    return drive;
}

void drive_add(struct drive *drive, const char *target)
{
    drive->targets[drive->target_count++] = target;
}

/* What is being driven. */
struct driver {
    struct drive *drive;
    struct pump pump;
    struct endpoints endpoints;
    size_t next_target;
};

static enum error next_endpoint(void *self, struct endpoint *endpoint)
{
    struct driver *driver = self;
    struct drive *drive = driver->drive;
    while (!endpoints_next(&driver->endpoints, endpoint)) {
        if (driver->next_target == drive->target_count)
            return ERROR_END;
        const char *text = drive->targets[driver->next_target++];
        struct target *target = NULL;
        struct fault fault;
        if (target_parse(text, strlen(text), &target, &fault) != ERROR_NONE)
            target =
                target_new_invalid(text, strlen(text), &fault, &(struct place){"test", 1, 0});
        endpoints_begin(&driver->endpoints, target);
    }
    return ERROR_NONE;
}

static void keep_row(void *self, struct result *result)
{
    struct driver *driver = self;
    struct drive *drive = driver->drive;
    driver->pump.is_congested = drive->is_slow;
    if (drive->row_count == DRIVE_ROWS)
        fail_msg("more rows than the test has room for");
    drive->rows[drive->row_count++] = *result;
}

static void collect(struct driver *driver)
{
    struct trace trace;
    while (probe_collect_trace(driver->pump.probe, &trace)) {
        driver->drive->traces[trace.kind]++;
        trace_release(&trace);
    }
    assert_int_equal(pump_collect(&driver->pump), ERROR_NONE);
}

/* The run's time is over: rows for what is in flight, and for what was not asked. */
static void give_up(struct driver *driver)
{
    const struct outcome over = outcome_of_remark(REASON_LOCAL, REMARK_OVER);
    probe_give_up(driver->pump.probe, &over);
    collect(driver);
    enum error error = ERROR_NONE;
    while (error == ERROR_NONE)
        error = pump_pass(&driver->pump, &over);
    assert_int_equal(error, ERROR_END);
    collect(driver);
}

/* As the program's own loop, without its input and output. */
static void loop(struct driver *driver)
{
    struct world *world = &driver->drive->world;
    int64_t end_ns = driver->drive->end_ns > 0 ? driver->drive->end_ns : NEVER_NS;
    for (int turns = 0; turns < TURNS_MAX; turns++) {
        assert_int_equal(pump_feed(&driver->pump), ERROR_NONE);
        collect(driver);
        if (pump_is_done(&driver->pump))
            return;
        if (world->now_ns >= end_ns) {
            give_up(driver);
            return;
        }
        driver->pump.is_congested = false;
        struct probe_watch watch = {.readable_fds = {-1, -1, -1}, .writable_fds = {-1, -1}};
        int64_t limit_ns = end_ns == NEVER_NS ? NEVER_NS : end_ns - world->now_ns;
        enum error error = pump_turn(&driver->pump, -1, &watch, limit_ns);
        if (world->violation != NULL)
            fail_msg("%s", world->violation);
        assert_int_equal(error, ERROR_NONE);
        collect(driver);
    }
    fail_msg("the engine does not come to an end");
}

void drive_run(struct drive *drive)
{
    struct driver driver = {.drive = drive};
    struct world *world = &drive->world;
    struct probe *probe = NULL;
    struct order *order = NULL;
    assert_int_equal(probe_new(&world->os, &world->resolver, &drive->options, &probe),
                     ERROR_NONE);
    if (!drive->is_unordered)
        assert_int_equal(
            order_new(drive->options.window + drive->order_slack, SIZE_MAX, &order),
            ERROR_NONE);
    driver.pump = (struct pump){
        .os = &world->os,
        .probe = probe,
        .order = order,
        .self = &driver,
        .next = next_endpoint,
        .row = keep_row,
    };
    drive->began_ns = world->now_ns;
    loop(&driver);
    drive->ended_ns = world->now_ns;
    drive->sequence_count = (size_t)driver.pump.next_sequence;
    /* A round of canaries may be under way; nobody waits for it. */
    assert_in_range(world->open_count, 0, drive->options.has_second_look ? CANARIES : 0);
    order_free(order);
    probe_free(probe);
    assert_int_equal(world->open_count, 0);
    if (world->violation != NULL)
        fail_msg("%s", world->violation);
}

void drive_free(struct drive *drive)
{
    for (size_t i = 0; i < drive->row_count; i++)
        result_release(&drive->rows[i]);
    free(drive);
}
