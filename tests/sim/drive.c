#include "drive.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netcheck/base/grow.h"

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
    drive_add_by(drive, PROTOCOL_NONE, target);
}

void drive_add_by(struct drive *drive, enum protocol_id protocol, const char *target)
{
    drive->protocols[drive->target_count] = protocol;
    drive->targets[drive->target_count++] = target;
}

/* What is being driven. It is its own schedule: each target once, as it was added. */
struct driver {
    struct drive *drive;
    struct pipeline pipeline;
    struct endpoints endpoints;
    size_t next_target;
    bool is_read;
};

static enum error rest(void *self, struct endpoint *endpoint)
{
    struct driver *driver = self;
    struct drive *drive = driver->drive;
    while (!endpoints_next(&driver->endpoints, endpoint)) {
        driver->is_read = driver->next_target == drive->target_count;
        if (driver->is_read)
            return ERROR_END;
        enum protocol_id protocol = drive->protocols[driver->next_target];
        const char *text = drive->targets[driver->next_target++];
        struct target *target = NULL;
        struct fault fault;
        if (target_parse(text, strlen(text), &target, &fault) != ERROR_NONE)
            target =
                target_new_invalid(text, strlen(text), &fault, &(struct place){"test", 1, 0});
        else if (protocol != PROTOCOL_NONE)
            target->protocol = protocol;
        endpoints_begin(&driver->endpoints, target);
    }
    return ERROR_NONE;
}

static enum error next(void *self, int64_t now_ns, struct endpoint *endpoint)
{
    (void)now_ns;
    return rest(self, endpoint);
}

static void keep_row(struct driver *driver, const struct result *result)
{
    struct drive *drive = driver->drive;
    driver->pipeline.is_congested = drive->is_slow;
    if (drive->row_count == DRIVE_ROWS)
        fail_msg("more rows than the test has room for");
    assert_int_equal(GROW(drive->rows, drive->row_capacity, drive->row_count + 1), ERROR_NONE);
    drive->rows[drive->row_count++] = *result;
}

static enum error collect(struct driver *driver)
{
    struct trace trace;
    while (probe_collect_trace(driver->pipeline.probe, &trace)) {
        driver->drive->traces[trace.kind]++;
        trace_release(&trace);
    }
    struct result result;
    enum error error;
    while ((error = pipeline_take(&driver->pipeline, &result)) == ERROR_NONE)
        keep_row(driver, &result);
    return error;
}

/* The run's time is over: rows for what is in flight, and for what was not asked. */
static void give_up(struct driver *driver)
{
    const struct outcome over = outcome_of_remark(REASON_LOCAL, REMARK_OVER);
    probe_give_up(driver->pipeline.probe, &over);
    pipeline_end(&driver->pipeline, &over);
    assert_int_equal(collect(driver), ERROR_END);
}

static bool is_done(const struct driver *driver)
{
    return driver->is_read && driver->drive->row_count >= driver->pipeline.next_sequence &&
           probe_in_flight(driver->pipeline.probe) == 0 &&
           (driver->pipeline.order == NULL || !order_has_next(driver->pipeline.order));
}

/* As the program's own loop, without its input and output. */
static void loop(struct driver *driver)
{
    struct world *world = &driver->drive->world;
    int64_t end_ns = driver->drive->end_ns > 0 ? driver->drive->end_ns : NEVER_NS;
    for (int turns = 0; turns < TURNS_MAX; turns++) {
        assert_int_equal(pipeline_submit(&driver->pipeline), ERROR_NONE);
        assert_int_equal(collect(driver), ERROR_PAUSE);
        if (is_done(driver))
            return;
        if (world->now_ns >= end_ns) {
            give_up(driver);
            return;
        }
        driver->pipeline.is_congested = false;
        struct probe_watch watch = {.readable_fds = {-1, -1, -1}, .writable_fds = {-1, -1}};
        int64_t limit_ns = end_ns == NEVER_NS ? NEVER_NS : end_ns - world->now_ns;
        enum error error = pipeline_turn(&driver->pipeline, -1, &watch, limit_ns);
        if (world->violation != NULL)
            fail_msg("%s", world->violation);
        assert_int_equal(error, ERROR_NONE);
        assert_int_equal(collect(driver), ERROR_PAUSE);
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
    const struct schedule schedule = {.self = &driver, .next = next, .rest = rest};
    pipeline_init(&driver.pipeline, &world->os, probe, order, &schedule);
    drive->began_ns = world->now_ns;
    loop(&driver);
    drive->ended_ns = world->now_ns;
    drive->sequence_count = (size_t)driver.pipeline.next_sequence;
    /* A round of canaries may be under way; the end does not wait for it. */
    assert_in_range(world->open_count, 0, drive->options.has_recheck ? CANARIES : 0);
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
    free(drive->rows);
    world_release(&drive->world);
    free(drive);
}
