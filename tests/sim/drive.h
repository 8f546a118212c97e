/*
 * drive: the engine in a world, driven as the program drives it.
 */
#ifndef NETCHECK_TESTS_DRIVE_H
#define NETCHECK_TESTS_DRIVE_H

#include <stddef.h>

#include "netcheck/probe/probe.h"
#include "netcheck/schedule/order.h"
#include "netcheck/schedule/pipeline.h"
#include "world.h"

enum { DRIVE_ROWS = 4096 };

struct drive {
    struct world world;
    struct probe_options options;
    const char *targets[DRIVE_ROWS]; /* as on the command line */
    enum protocol_id
        protocols[DRIVE_ROWS]; /* of each target; PROTOCOL_NONE: as it is written */
    size_t target_count;
    bool is_unordered;
    bool is_slow;       /* the reader of rows is behind after each, until the next turn */
    size_t order_slack; /* places of the order window beyond the engine's */
    int64_t end_ns;     /* the run's time is over then, as with -m; 0: never */

    struct result *rows; /* in the order they came out; at most DRIVE_ROWS */
    size_t row_capacity;
    size_t row_count;
    size_t sequence_count; /* requests submitted */
    int64_t began_ns;
    int64_t ended_ns;
    size_t traces[TRACE_BELIEVED + 1]; /* how many of each enum trace_kind */
};

/* An empty world, default options, no targets. drive_free() frees it. */
struct drive *drive_new(void);

/* One more target. */
void drive_add(struct drive *drive, const char *target);

/* One more target, to be asked by another protocol than it is written with. */
void drive_add_by(struct drive *drive, enum protocol_id protocol, const char *target);

/* Ask all targets until every row is there. Fails the test on a violation, on an error, and
   where something is left open. */
void drive_run(struct drive *drive);

/* Release the rows and all the rest. */
void drive_free(struct drive *drive);

#endif
