#include "watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netcheck/schedule/pipeline.h"

enum { TURNS_MAX = 20000000 };

/* As in run_build.c. */
static const int64_t wait_reuse_ns = 50 * NS_PER_MS;
static const int64_t patience_ns = 2 * NS_PER_S;
static const int64_t rounds_reuse_ns = 10 * NS_PER_S;

struct watch *watch_new(void)
{
    struct watch *watch = calloc(1, sizeof *watch);
    assert_non_null(watch);
    world_init(&watch->world);
    entries_init(&watch->entries, NULL);
    watch->options = (struct probe_options){
        .timeout_ns = 5 * NS_PER_S,
        .until_ns = NEVER_NS,
        .families = FAMILY_ANY,
        .window = 1024,
    };
    watch->end_ns = NEVER_NS;
    watch->seed = 1;
    return watch;
}

void watch_add(struct watch *watch, const char *target)
{
    watch->targets[watch->target_count++] = target;
}

void watch_add_moving_name(struct watch *watch, int count, int64_t step_ns,
                           enum behaviour before)
{
    struct world *world = &watch->world;
    struct world_name *last = NULL;
    for (int i = 0; i < count; i++) {
        char address[ADDRESS_TEXT_SIZE];
        (void)snprintf(address, sizeof address, "192.0.2.%d", i + 1);
        world_add(world, address, 80, i + 1 < count ? before : BEHAVIOUR_OPEN, 5 * NS_PER_MS);
        struct world_name *name =
            world_add_name(world, last == NULL ? "db" : "later", 2 * NS_PER_MS, 2 * NS_PER_MS);
        world_name_address(name, address);
        if (last != NULL)
            world_name_later(last, world->now_ns + i * step_ns, name);
        last = name;
    }
}

struct driver {
    struct watch *watch;
    struct pipeline pipeline;
    bool *is_out;        /* by member: it is being asked */
    bool *is_unexpected; /* by member: its last answer was, or none came yet */
    bool is_failing;     /* a row of the answer that is coming in was */
};

static int64_t now(const struct watch *watch)
{
    return watch->world.now_ns;
}

/* What a schedule's next() gave. */
static enum error check_next(struct driver *driver, enum error error,
                             const struct endpoint *endpoint)
{
    if (error != ERROR_NONE)
        return error;
    if (driver->is_out[endpoint->member])
        fail_msg("member %zu is asked twice at a time", endpoint->member);
    driver->is_out[endpoint->member] = true;
    driver->is_failing = false;
    driver->watch->askings++;
    return ERROR_NONE;
}

static enum error next_in_rounds(void *self, int64_t now_ns, struct endpoint *endpoint)
{
    struct watch *watch = CONTAINER_OF(self, struct watch, rounds);
    enum error error = rounds_schedule(&watch->rounds).next(self, now_ns, endpoint);
    const struct driver *driver = watch->driver;
    bool is_past_gate =
        error == ERROR_NONE && watch->gate_target != NULL && endpoint->member > 0;
    if (is_past_gate && (driver->is_out[0] || driver->is_unexpected[0]))
        fail_msg("member %zu is asked past the gate", endpoint->member);
    return check_next(watch->driver, error, endpoint);
}

static enum error next_in_wait(void *self, int64_t now_ns, struct endpoint *endpoint)
{
    struct watch *watch = CONTAINER_OF(self, struct watch, wait);
    enum error error = wait_schedule(&watch->wait).next(self, now_ns, endpoint);
    return check_next(watch->driver, error, endpoint);
}

static void keep_row(struct watch *watch, const struct result *result)
{
    if (watch->row_count == watch->row_capacity) {
        watch->row_capacity = watch->row_capacity > 0 ? watch->row_capacity * 2 : 64;
        watch->rows = realloc(watch->rows, watch->row_capacity * sizeof *watch->rows);
        assert_non_null(watch->rows);
    }
    watch->rows[watch->row_count++] = (struct watch_row){
        .member = result->endpoint.member,
        .address = result->endpoint.address,
        .reason = result->outcome.reason,
        .remark = result->outcome.remark,
        .is_expected = result_is_expected(result, watch->expects_down),
        .is_last = result->row + 1 == result->rows,
        .attempts = result->attempts,
        .is_cut = result->is_cut,
        .asked_ns = result->asked_ns,
        .began_ns = result->finished_ns - result->waited_ns,
        .finished_ns = result->finished_ns,
    };
}

/* The rows of one answer come together. */
static void take_row(struct driver *driver, struct result *result)
{
    const struct schedule *schedule = &driver->pipeline.schedule;
    size_t member = result->endpoint.member;
    if (!driver->is_out[member])
        fail_msg("member %zu is answered although it was not asked", member);
    /* What its end cuts short is kept as the engine has it. */
    struct result judged = *result;
    (void)schedule->answered(schedule->self, &judged, now(driver->watch));
    if (judged.outcome.reason == REASON_GONE)
        result->outcome = judged.outcome;
    keep_row(driver->watch, result);
    const struct watch_row *row = watch_last(driver->watch);
    driver->is_failing = (result->row > 0 && driver->is_failing) || !row->is_expected;
    if (row->is_last) {
        driver->is_out[member] = false;
        driver->is_unexpected[member] = driver->is_failing;
    }
    result_release(result);
}

static void collect(struct driver *driver)
{
    struct trace trace;
    while (probe_collect_trace(driver->pipeline.probe, &trace))
        trace_release(&trace);
    struct result result;
    enum error error;
    while ((error = pipeline_take(&driver->pipeline, &result)) == ERROR_NONE)
        take_row(driver, &result);
    assert_int_equal(error, ERROR_PAUSE);
}

static void take_turn(struct driver *driver)
{
    struct watch *watch = driver->watch;
    struct probe_watch sets = {.readable_fds = {-1, -1, -1}, .writable_fds = {-1, -1}};
    int64_t limit_ns = watch->end_ns == NEVER_NS ? NEVER_NS : watch->end_ns - now(watch);
    enum error error = pipeline_turn(&driver->pipeline, -1, &sets, limit_ns);
    if (watch->world.violation != NULL)
        fail_msg("%s", watch->world.violation);
    assert_int_equal(error, ERROR_NONE);
}

static bool is_over(const struct driver *driver)
{
    const struct schedule *schedule = &driver->pipeline.schedule;
    int64_t now_ns = now(driver->watch);
    return now_ns >= driver->watch->end_ns || schedule->is_over(schedule->self, now_ns);
}

/* As the program's own loop. */
static void loop(struct driver *driver)
{
    struct watch *watch = driver->watch;
    for (watch->turns = 0; watch->turns < TURNS_MAX; watch->turns++) {
        assert_int_equal(pipeline_submit(&driver->pipeline), ERROR_NONE);
        collect(driver);
        if (is_over(driver))
            return;
        take_turn(driver);
        collect(driver);
        if (is_over(driver))
            return;
    }
    fail_msg("it does not come to an end");
}

static void gather_target(struct watch *watch, const char *text)
{
    struct endpoints endpoints = {NULL, 0};
    struct endpoint endpoint;
    struct target *target = NULL;
    struct fault fault;
    if (target_parse(text, strlen(text), &target, &fault) != ERROR_NONE)
        target = target_new_invalid(text, strlen(text), &fault, &(struct place){"test", 1, 0});
    target->is_gate = text == watch->gate_target;
    endpoints_begin(&endpoints, target);
    while (endpoints_next(&endpoints, &endpoint))
        assert_int_equal(entries_add(&watch->entries, &endpoint), ERROR_NONE);
}

static void gather(struct watch *watch)
{
    if (watch->gate_target != NULL)
        gather_target(watch, watch->gate_target);
    for (size_t i = 0; i < watch->target_count; i++)
        gather_target(watch, watch->targets[i]);
    assert_int_equal(entries_close(&watch->entries), ERROR_NONE);
}

/* What was met is what the last answer of each member says. */
static void check_met(const struct driver *driver)
{
    const struct watch *watch = driver->watch;
    bool has_expected = false;
    for (size_t i = 0; i < watch->entries.count; i++) {
        has_expected |= !driver->is_unexpected[i];
        if (watch->is_met && !watch->is_any && driver->is_unexpected[i])
            fail_msg("it is met, but member %zu is not as expected", i);
        if (watch->is_met && !watch->is_any && driver->is_out[i])
            fail_msg("it is met, but member %zu is still asked", i);
    }
    if (watch->is_met && watch->is_any && !has_expected)
        fail_msg("it is met, but none is as expected");
}

static void run(struct watch *watch, const struct schedule *schedule)
{
    struct driver driver = {.watch = watch};
    struct world *world = &watch->world;
    struct probe *probe = NULL;
    driver.is_out = calloc(watch->entries.count, sizeof *driver.is_out);
    driver.is_unexpected = malloc(watch->entries.count * sizeof *driver.is_unexpected);
    assert_non_null(driver.is_out);
    assert_non_null(driver.is_unexpected);
    memset(driver.is_unexpected, true, watch->entries.count * sizeof *driver.is_unexpected);
    watch->driver = &driver;
    assert_int_equal(probe_new(&world->os, &world->resolver, &watch->options, &probe),
                     ERROR_NONE);
    pipeline_init(&driver.pipeline, &world->os, probe, NULL, schedule);
    loop(&driver);
    watch->ended_ns = now(watch);
    watch->is_met = schedule->end(schedule->self) == SCHEDULE_END_MET;
    watch->is_hopeless = !watch->is_met && entries_are_idle(&watch->entries);
    check_met(&driver);
    if (watch->entries.out == 0)
        assert_int_equal(world->open_count, 0);
    pipeline_release(&driver.pipeline);
    probe_free(probe);
    assert_int_equal(world->open_count, 0);
    free(driver.is_out);
    free(driver.is_unexpected);
    watch->driver = NULL;
    if (world->violation != NULL)
        fail_msg("%s", world->violation);
}

void watch_rounds(struct watch *watch)
{
    bool is_short = watch->interval_ns / 2 < rounds_reuse_ns;
    watch->options.name_patience_ns = patience_ns;
    watch->options.name_reuse_ns = is_short ? watch->interval_ns / 2 : rounds_reuse_ns;
    watch->until_ns = NEVER_NS;
    watch->began_ns = now(watch);
    gather(watch);
    watch->rounds = (struct rounds){
        .entries = &watch->entries,
        .interval_ns = watch->interval_ns,
        .count = watch->count,
        .gate = watch->gate_target != NULL ? &watch->gate : NULL,
    };
    struct schedule schedule = rounds_schedule(&watch->rounds);
    schedule.next = next_in_rounds;
    run(watch, &schedule);
}

void watch_wait(struct watch *watch)
{
    watch->options.name_patience_ns = patience_ns;
    watch->options.name_reuse_ns = wait_reuse_ns;
    watch->until_ns = watch->wait_ns > 0 ? now(watch) + watch->wait_ns : NEVER_NS;
    watch->options.until_ns = watch->until_ns;
    watch->options.asks_again = true;
    watch->options.remembers_names = true;
    watch->options.expects_down = watch->expects_down;
    watch->options.backoff = (struct backoff){watch->interval_ns, ~watch->seed};
    watch->began_ns = now(watch);
    gather(watch);
    watch->wait = (struct wait){
        .entries = &watch->entries,
        .backoff = {watch->interval_ns, watch->seed},
        .is_any = watch->is_any,
        .is_by_address = watch->options.is_all_addresses,
        .expects_down = watch->expects_down,
        .ends_run = watch->until_ns == NEVER_NS,
        .began_ns = watch->began_ns,
        .until_ns = watch->until_ns,
        .timeout_ns = watch->options.timeout_ns,
    };
    struct schedule schedule = wait_schedule(&watch->wait);
    schedule.next = next_in_wait;
    run(watch, &schedule);
}

int64_t watch_elapsed_ns(const struct watch *watch)
{
    return watch->ended_ns - watch->began_ns;
}

const struct watch_row *watch_row_of(const struct watch *watch, size_t member, size_t n)
{
    for (size_t i = 0; i < watch->row_count; i++)
        if (watch->rows[i].member == member && n-- == 0)
            return &watch->rows[i];
    fail_msg("member %zu has no such row", member);
    return NULL;
}

size_t watch_rows_of(const struct watch *watch, size_t member)
{
    size_t count = 0;
    for (size_t i = 0; i < watch->row_count; i++)
        count += watch->rows[i].member == member;
    return count;
}

size_t watch_rows_with(const struct watch *watch, enum reason reason)
{
    size_t count = 0;
    for (size_t i = 0; i < watch->row_count; i++)
        count += watch->rows[i].reason == reason;
    return count;
}

const struct watch_row *watch_last(const struct watch *watch)
{
    assert_true(watch->row_count > 0);
    return &watch->rows[watch->row_count - 1];
}

void watch_free(struct watch *watch)
{
    entries_release(&watch->entries);
    free(watch->rows);
    world_release(&watch->world);
    free(watch);
}
