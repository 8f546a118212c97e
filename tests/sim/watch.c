#include "watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netcheck/cli/pump.h"

enum { TURNS_MAX = 20000000 };

/* As in course_await.c: so much later what is in flight is given up. */
static const int64_t grace_ns = 20 * NS_PER_MS;

/* As in run_setup.c. */
static const int64_t await_reuse_ns = 50 * NS_PER_MS;
static const int64_t patience_ns = 2 * NS_PER_S;
static const int64_t rounds_reuse_ns = 10 * NS_PER_S;

struct watch *watch_new(void)
{
    struct watch *watch = calloc(1, sizeof *watch);
    assert_non_null(watch);
    world_init(&watch->world);
    roster_init(&watch->roster);
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

/* How a course of the program differs from the other one. */
struct mode {
    void (*begin)(struct watch *watch);
    bool (*next)(struct watch *watch, struct endpoint *endpoint);
    void (*row)(struct watch *watch, const struct result *result);
    int64_t (*wake_ns)(const struct watch *watch);
    bool (*is_over)(const struct watch *watch);
};

struct driver {
    struct watch *watch;
    const struct mode *mode;
    struct pump pump;
    int64_t returned_ns;
    bool *is_out;        /* by member: it is being asked */
    bool *is_unexpected; /* by member: its last answer was, or none came yet */
    bool is_failing;     /* a row of the answer that is coming in was */
};

static int64_t now(const struct watch *watch)
{
    return watch->world.now_ns;
}

static void begin_rounds(struct watch *watch)
{
    watch->rounds = (struct rounds){
        .roster = &watch->roster,
        .interval_ns = watch->interval_ns,
        .count = watch->count,
    };
    rounds_begin(&watch->rounds, now(watch));
}

static bool next_in_rounds(struct watch *watch, struct endpoint *endpoint)
{
    return rounds_next(&watch->rounds, now(watch), endpoint);
}

static void row_in_rounds(struct watch *watch, const struct result *result)
{
    if (result->row + 1 == result->rows)
        rounds_answered(&watch->rounds, &result->endpoint, now(watch));
}

static int64_t wake_in_rounds(const struct watch *watch)
{
    return watch->end_ns;
}

static bool are_rounds_over(const struct watch *watch)
{
    return now(watch) >= watch->end_ns || rounds_are_over(&watch->rounds);
}

static const struct mode rounds_mode = {begin_rounds, next_in_rounds, row_in_rounds,
                                        wake_in_rounds, are_rounds_over};

static bool is_time_over(const struct watch *watch)
{
    return now(watch) >= watch->until_ns;
}

static void begin_await(struct watch *watch)
{
    watch->await = (struct await){
        .roster = &watch->roster,
        .backoff = {watch->interval_ns, watch->seed},
        .is_any = watch->is_any,
    };
    await_begin(&watch->await, now(watch));
}

static bool next_in_await(struct watch *watch, struct endpoint *endpoint)
{
    return !is_time_over(watch) && await_next(&watch->await, now(watch), endpoint);
}

static void row_in_await(struct watch *watch, const struct result *result)
{
    bool is_expected = result_is_expected(result, watch->expects_down);
    await_answered(&watch->await, result, is_expected, now(watch));
}

static int64_t wake_in_await(const struct watch *watch)
{
    if (watch->until_ns == NEVER_NS)
        return NEVER_NS;
    return is_time_over(watch) ? watch->until_ns + grace_ns : watch->until_ns;
}

static bool is_await_over(const struct watch *watch)
{
    if (await_is_met(&watch->await) || await_is_hopeless(&watch->await))
        return true;
    return is_time_over(watch) &&
           (watch->roster.out == 0 || now(watch) >= watch->until_ns + grace_ns);
}

static const struct mode await_mode = {begin_await, next_in_await, row_in_await, wake_in_await,
                                       is_await_over};

static enum error next_endpoint(void *self, struct endpoint *endpoint)
{
    struct driver *driver = self;
    if (!driver->mode->next(driver->watch, endpoint))
        return ERROR_PAUSE;
    if (driver->is_out[endpoint->member])
        fail_msg("member %zu is asked twice at a time", endpoint->member);
    driver->is_out[endpoint->member] = true;
    driver->is_failing = false;
    driver->watch->askings++;
    return ERROR_NONE;
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
static void take_row(void *self, struct result *result)
{
    struct driver *driver = self;
    size_t member = result->endpoint.member;
    if (!driver->is_out[member])
        fail_msg("member %zu is answered although it was not asked", member);
    keep_row(driver->watch, result);
    const struct watch_row *row = watch_last(driver->watch);
    driver->is_failing = (result->row > 0 && driver->is_failing) || !row->is_expected;
    if (row->is_last) {
        driver->is_out[member] = false;
        driver->is_unexpected[member] = driver->is_failing;
    }
    driver->mode->row(driver->watch, result);
    result_release(result);
}

static void collect(struct driver *driver)
{
    struct trace trace;
    while (probe_collect_trace(driver->pump.probe, &trace))
        target_drop(trace.endpoint.target);
    assert_int_equal(pump_collect(&driver->pump), ERROR_NONE);
}

static void take_turn(struct driver *driver)
{
    struct watch *watch = driver->watch;
    struct probe_watch sets = {.readable_fds = {-1, -1, -1}, .writable_fds = {-1, -1}};
    int64_t wake_ns = driver->mode->wake_ns(watch);
    int64_t left_ns = wake_ns > now(watch) ? wake_ns - now(watch) : 0;
    enum error error =
        pump_turn(&driver->pump, -1, &sets, wake_ns == NEVER_NS ? NEVER_NS : left_ns);
    if (watch->world.violation != NULL)
        fail_msg("%s", watch->world.violation);
    assert_int_equal(error, ERROR_NONE);
}

/* What course_rounds.c and course_await.c have to say before the pump is fed. */
static void set_due(struct driver *driver)
{
    bool is_await = driver->mode == &await_mode;
    driver->pump.not_before_ns = is_await && is_time_over(driver->watch)
                                     ? NEVER_NS
                                     : roster_due_ns(&driver->watch->roster);
}

static void notice_return(struct driver *driver)
{
    int64_t returned_ns = probe_returned_ns(driver->pump.probe);
    if (driver->mode == &rounds_mode && returned_ns != driver->returned_ns)
        rounds_return(&driver->watch->rounds, now(driver->watch));
    driver->returned_ns = returned_ns;
}

/* As the program's own loop. */
static void loop(struct driver *driver)
{
    struct watch *watch = driver->watch;
    for (watch->turns = 0; watch->turns < TURNS_MAX; watch->turns++) {
        notice_return(driver);
        set_due(driver);
        assert_int_equal(pump_feed(&driver->pump), ERROR_NONE);
        collect(driver);
        if (driver->mode->is_over(watch))
            return;
        set_due(driver);
        take_turn(driver);
        collect(driver);
        if (driver->mode->is_over(watch))
            return;
    }
    fail_msg("it does not come to an end");
}

static void gather(struct watch *watch)
{
    for (size_t i = 0; i < watch->target_count; i++) {
        const char *text = watch->targets[i];
        struct endpoints endpoints = {NULL, 0};
        struct endpoint endpoint;
        struct target *target = NULL;
        struct fault fault;
        if (target_parse(text, strlen(text), &target, &fault) != ERROR_NONE)
            target =
                target_new_invalid(text, strlen(text), &fault, &(struct place){"test", 1, 0});
        endpoints_begin(&endpoints, target);
        while (endpoints_next(&endpoints, &endpoint))
            assert_int_equal(roster_add(&watch->roster, &endpoint), ERROR_NONE);
    }
    assert_int_equal(roster_close(&watch->roster), ERROR_NONE);
}

/* What was met is what the last answer of each member says. */
static void check_met(const struct driver *driver)
{
    const struct watch *watch = driver->watch;
    bool has_expected = false;
    for (size_t i = 0; i < watch->roster.count; i++) {
        has_expected |= !driver->is_unexpected[i];
        if (watch->is_met && !watch->is_any && driver->is_unexpected[i])
            fail_msg("it is met, but member %zu is not as expected", i);
        if (watch->is_met && !watch->is_any && driver->is_out[i])
            fail_msg("it is met, but member %zu is still asked", i);
    }
    if (watch->is_met && watch->is_any && !has_expected)
        fail_msg("it is met, but none is as expected");
}

static void run(struct watch *watch, const struct mode *mode)
{
    struct driver driver = {.watch = watch, .mode = mode, .returned_ns = INT64_MIN};
    struct world *world = &watch->world;
    struct probe *probe = NULL;
    gather(watch);
    driver.is_out = calloc(watch->roster.count, sizeof *driver.is_out);
    driver.is_unexpected = malloc(watch->roster.count * sizeof *driver.is_unexpected);
    assert_non_null(driver.is_out);
    assert_non_null(driver.is_unexpected);
    memset(driver.is_unexpected, true, watch->roster.count * sizeof *driver.is_unexpected);
    watch->began_ns = now(watch);
    assert_int_equal(probe_new(&world->os, &world->resolver, &watch->options, &probe),
                     ERROR_NONE);
    driver.pump = (struct pump){
        .os = &world->os,
        .probe = probe,
        .self = &driver,
        .next = next_endpoint,
        .row = take_row,
    };
    mode->begin(watch);
    loop(&driver);
    watch->ended_ns = now(watch);
    watch->is_met = mode == &await_mode && await_is_met(&watch->await);
    watch->is_hopeless = mode == &await_mode && await_is_hopeless(&watch->await);
    check_met(&driver);
    if (watch->roster.out == 0)
        assert_int_equal(world->open_count, 0);
    probe_free(probe);
    assert_int_equal(world->open_count, 0);
    free(driver.is_out);
    free(driver.is_unexpected);
    if (world->violation != NULL)
        fail_msg("%s", world->violation);
}

void watch_rounds(struct watch *watch)
{
    bool is_short = watch->interval_ns / 2 < rounds_reuse_ns;
    watch->options.name_patience_ns = patience_ns;
    watch->options.name_reuse_ns = is_short ? watch->interval_ns / 2 : rounds_reuse_ns;
    watch->until_ns = NEVER_NS;
    run(watch, &rounds_mode);
}

void watch_await(struct watch *watch)
{
    watch->options.name_patience_ns = patience_ns;
    watch->options.name_reuse_ns = await_reuse_ns;
    watch->until_ns = watch->wait_ns > 0 ? now(watch) + watch->wait_ns : NEVER_NS;
    watch->options.until_ns = watch->until_ns;
    watch->options.asks_again = true;
    watch->options.backoff = (struct backoff){watch->interval_ns, ~watch->seed};
    run(watch, &await_mode);
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
    roster_release(&watch->roster);
    free(watch->rows);
    free(watch);
}
