/*
 * rounds: each target every so often, on a schedule of its own that does not drift.
 *
 * Time is cut into slots, one an interval; the targets are spread over the interval. A target
 * misses its slot while it is still being asked, while this process does not run, and while
 * the window or the rate has no place for it. Missed slots are counted and are no askings: with
 * a `count`, the schedule goes on until each target was asked that often, which is then later
 * than `count` intervals.
 *
 * With a gate, the first entry is it. The others wait while it is being asked. Where it is not
 * as expected they are passed over until it is asked the next time; that is a round, too, of a
 * `count`, and it is complete with the gate's rows. What is in flight then has its rows.
 */
#ifndef NETCHECK_ROUNDS_H
#define NETCHECK_ROUNDS_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/schedule/entries.h"
#include "netcheck/schedule/gate.h"
#include "netcheck/schedule/schedule.h"

struct rounds {
    struct entries *entries; /* borrowed */
    int64_t interval_ns;     /* 1 ms and more */
    uint64_t count;          /* how often each target is asked; 0: without end */
    struct gate *gate;       /* borrowed; NULL: none */
    bool has_begun;
    int64_t began_ns;
    uint64_t completed; /* rounds in which each target had its rows */
    size_t ahead;       /* targets that had rows in more of them */
    uint64_t missed;    /* slots in which a target was not asked */
    uint64_t closed;    /* answers of the gate that were not as expected */
};

/*
 * rounds  borrowed; all zero but for `entries`, `interval_ns`, `count` and `gate`
 *
 * A row that the run's end cut short is dropped. After the process did not run, an overdue
 * target waits for its next slot.
 */
struct schedule rounds_schedule(struct rounds *rounds);

/* The first round begins now; `entries` are complete. next() does this where it was not done.
 */
void rounds_begin(struct rounds *rounds, int64_t now_ns);

#endif
