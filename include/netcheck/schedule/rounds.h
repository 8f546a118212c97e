/*
 * rounds: each target every so often, on a schedule of its own that does not drift.
 *
 * Time is cut into slots, one an interval; the targets are spread over the interval. A target
 * that is still being asked when its next slot comes misses it, and so does everybody while
 * this process does not run, and whoever the window or the rate has no place for. What is
 * missed is counted, and is no asking: with a `count`, the schedule goes on until everybody was
 * asked so often, which is then later than `count` intervals.
 *
 * Pure: the caller says what time it is.
 */
#ifndef NETCHECK_ROUNDS_H
#define NETCHECK_ROUNDS_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/schedule/roster.h"

struct rounds {
    struct roster *roster; /* borrowed, and closed */
    int64_t interval_ns;   /* 1 ms and more */
    uint64_t count;        /* how often each target is asked; 0: without end */
    int64_t began_ns;
    uint64_t missed; /* slots in which a target was not asked */
};

/* The first round begins now. */
void rounds_begin(struct rounds *rounds, int64_t now_ns);

/* The next row to ask; false while none is due. */
bool rounds_next(struct rounds *rounds, int64_t now_ns, struct endpoint *endpoint);

/* The last row of the endpoint's answer is there. */
void rounds_answered(struct rounds *rounds, const struct endpoint *endpoint, int64_t now_ns);

/* We have not run for a while: whoever is overdue waits for the next slot. */
void rounds_return(struct rounds *rounds, int64_t now_ns);

/* Whether every target was asked often enough, and answered. */
bool rounds_are_over(const struct rounds *rounds);

#endif
