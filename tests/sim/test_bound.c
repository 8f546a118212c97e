/*
 * No network makes a run longer than its bound: networks made to feed every doubt, of every
 * kind and in every size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "crowd.h"
#include "netcheck/probe/bound.h"

static const int64_t ms = NS_PER_MS;

enum { HOSTS = 1024 };

/* What stands in the way of a run. All zero: a network that carries everything. */
struct obstacle {
    const char *label;
    struct router router;
    unsigned lost_syns;     /* of each connect to every second host */
    unsigned deaf_connects; /* of every third host */
    bool are_answers_rare;  /* only one host in 64 is there at all */
    int64_t gone_ns;        /* after so long no host answers any more; 0: never */
};

static const struct obstacle obstacles[] = {
    {.label = "none"},
    {.label = "a table of 5", .router = {.table_limit = 5, .expire_ns = 3000 * ms}},
    {.label = "a table of 300", .router = {.table_limit = 300, .expire_ns = 9000 * ms}},
    {.label = "one a second", .router = {.policer = {.each_ns = 1000 * ms, .burst_ns = 1}}},
    {.label = "a hundred a second",
     .router = {.policer = {.each_ns = 10 * ms, .burst_ns = 500 * ms}}},
    {.label = "open and shut, 1.5 s", .router = {.beat_ns = 1500 * ms}},
    {.label = "open and shut, 7 s", .router = {.beat_ns = 7000 * ms}},
    {.label = "open and shut, 59 s", .router = {.beat_ns = 59000 * ms}},
    {.label = "lost SYNs", .lost_syns = 1},
    {.label = "deaf hosts", .deaf_connects = 100},
    {.label = "deaf hosts, open and shut",
     .deaf_connects = 100,
     .router = {.beat_ns = 7000 * ms}},
    {.label = "few answers", .are_answers_rare = true, .router = {.beat_ns = 11000 * ms}},
    {.label = "all gone", .gone_ns = 1500 * ms},
};

static const struct size {
    const char *label;
    const char *target;
    size_t window;
    unsigned retries;
    int64_t timeout_ns;
    uint64_t rate;
} sizes[] = {
    {"defaults", "10.0.0.0/22:80", 1024, 0, 5000 * ms, 0},
    {"a narrow window", "10.0.0.0/23:80", 64, 0, 2000 * ms, 0},
    {"retries", "10.0.0.0/23:80", 200, 2, 1000 * ms, 0},
    {"a rate", "10.0.0.0/24:80", 1024, 0, 5000 * ms, 50},
    {"a low rate", "10.0.0.0/25:80", 1024, 1, 60000 * ms, 2},
    {"few targets", "10.0.0.0/26:80", 64, 0, 5000 * ms, 0},
};

static struct drive *new_drive(const struct obstacle *obstacle, const struct size *size)
{
    struct drive *drive = drive_new();
    struct world *world = &drive->world;
    drive->options.has_recheck = true;
    drive->options.window = size->window;
    drive->options.retries = size->retries;
    drive->options.timeout_ns = size->timeout_ns;
    drive->options.rate = size->rate;
    if (!obstacle->are_answers_rare)
        crowd_add_mixed(drive, HOSTS);
    for (unsigned i = 0; obstacle->are_answers_rare && i < HOSTS; i += 64)
        crowd_add(drive, i, i + 1, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    for (size_t i = 0; i < world->host_count; i++) {
        struct world_host *host = world->hosts[i];
        host->lost_syns = i % 2 == 0 ? obstacle->lost_syns : 0;
        host->deaf_connects = i % 3 == 0 ? obstacle->deaf_connects : 0;
        if (obstacle->gone_ns > 0)
            host->gone_ns = world->now_ns + obstacle->gone_ns;
    }
    world->router = obstacle->router;
    drive_add(drive, size->target);
    return drive;
}

static void test_bound_holds_in_every_network(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(obstacles) * ARRAY_LEN(sizes); i++) {
        const struct obstacle *obstacle = &obstacles[i / ARRAY_LEN(sizes)];
        const struct size *size = &sizes[i % ARRAY_LEN(sizes)];
        char label[80];
        (void)snprintf(label, sizeof label, "%s, %s", obstacle->label, size->label);
        struct drive *drive = new_drive(obstacle, size);
        drive_run(drive);
        const struct bound bound = {
            .window = size->window,
            .attempts = size->retries + 1u,
            .timeout_ns = size->timeout_ns + 5 * ms,
            .rate = size->rate,
        };
        claim_between(label, "milliseconds", crowd_elapsed_ns(drive) / ms, 0,
                      bound_run_ns(&bound, drive->sequence_count) / ms);
        drive_free(drive);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bound_holds_in_every_network),
    };
    return cmocka_run_group_tests_name("sim: bound", tests, NULL, NULL);
}
