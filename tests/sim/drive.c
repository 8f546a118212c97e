#include "drive.h"

#include <stdarg.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

enum { TURNS_MAX = 2000000 };

struct drive *drive_new(void)
{
    static struct drive drive;
    memset(&drive, 0, sizeof drive);
    world_init(&drive.world);
    drive.options = (struct probe_options){
        .protocol = &protocol_tcp,
        .timeout_ns = 5 * NS_PER_S,
        .families = FAMILY_ANY,
        .window = 1024,
        .is_traced = true,
    };
    drive.window_burst = 64;
    return &drive;
}

void drive_add(struct drive *drive, const char *target)
{
    drive->targets[drive->target_count++] = target;
}

/* What is being driven. */
struct driver {
    struct drive *drive;
    struct probe *probe;
    struct order *order;
    struct expand expand;
    size_t next_target;
    bool is_fed;
};

static bool next_endpoint(struct driver *state, struct endpoint *endpoint)
{
    struct drive *drive = state->drive;
    while (!expand_next(&state->expand, endpoint)) {
        if (state->next_target == drive->target_count)
            return false;
        const char *text = drive->targets[state->next_target++];
        struct target *target = NULL;
        struct fault fault;
        if (target_parse(text, strlen(text), &target, &fault) != ERROR_NONE)
            fail_msg("the test's target '%s' is invalid", text);
        expand_begin(&state->expand, target);
    }
    return true;
}

static bool may_feed(const struct driver *state)
{
    return !state->is_fed && probe_room(state->probe) > 0 &&
           (state->order == NULL ||
            order_has_room(state->order, (uint64_t)state->drive->sequence_count));
}

static void feed(struct driver *state)
{
    struct drive *drive = state->drive;
    for (size_t i = 0; i < drive->window_burst && may_feed(state); i++) {
        struct endpoint endpoint;
        state->is_fed = !next_endpoint(state, &endpoint);
        if (state->is_fed)
            return;
        assert_int_equal(probe_submit(state->probe, drive->sequence_count++, &endpoint),
                         ERROR_NONE);
    }
}

static void keep_row(struct drive *drive, const struct result *result)
{
    if (drive->row_count == DRIVE_ROWS)
        fail_msg("more rows than the test has room for");
    drive->rows[drive->row_count++] = *result;
}

static void collect(struct driver *state)
{
    struct result result;
    struct trace trace;
    while (probe_collect_trace(state->probe, &trace)) {
        state->drive->traces[trace.kind]++;
        target_drop(trace.endpoint.target);
    }
    while (probe_collect(state->probe, &result)) {
        if (state->order == NULL)
            keep_row(state->drive, &result);
        else
            assert_int_equal(order_put(state->order, &result), ERROR_NONE);
    }
    while (state->order != NULL && order_take(state->order, &result))
        keep_row(state->drive, &result);
}

static void loop(struct driver *state)
{
    struct world *world = &state->drive->world;
    for (int turns = 0; turns < TURNS_MAX; turns++) {
        feed(state);
        collect(state);
        if (state->is_fed && probe_in_flight(state->probe) == 0)
            return;
        struct probe_watch watch = {.readable_fd = -1, .writable_fds = {-1, -1}};
        enum error error = probe_turn(state->probe, &watch, may_feed(state) ? 0 : NEVER_NS);
        if (world->violation != NULL)
            fail_msg("%s", world->violation);
        assert_int_equal(error, ERROR_NONE);
    }
    fail_msg("the engine does not come to an end");
}

void drive_run(struct drive *drive)
{
    struct driver state = {.drive = drive};
    struct world *world = &drive->world;
    assert_int_equal(probe_new(&world->os, &world->resolver, &drive->options, &state.probe),
                     ERROR_NONE);
    if (!drive->is_unordered)
        assert_int_equal(order_new(drive->options.window + 64, &state.order), ERROR_NONE);
    drive->began_ns = world->now_ns;
    loop(&state);
    collect(&state);
    drive->ended_ns = world->now_ns;
    assert_int_equal(world->open_count, 0);
    order_free(state.order);
    probe_free(state.probe);
    if (world->violation != NULL)
        fail_msg("%s", world->violation);
}

void drive_free(struct drive *drive)
{
    for (size_t i = 0; i < drive->row_count; i++)
        result_release(&drive->rows[i]);
    drive->row_count = 0;
}
