/*
 * wait: each target again and again until all are as expected (--wait).
 *
 * A target that is not as expected is asked again after a pause (backoff.h), counted from the
 * last asking. A target that is as expected is left alone; if the others take more than 5 s
 * longer, it is asked once more at the end, to confirm it.
 *
 * Where an answer has to come several times in a row (--confirm), the same target is asked
 * again a steady pause after each answer that was as expected, and one that was not starts the
 * count anew.
 *
 * Where a target is expected down, a name that had an address in this run and has none any more
 * is down: it went with its container. One that never had any stays an error.
 */
#ifndef NETCHECK_WAIT_H
#define NETCHECK_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/base/backoff.h"
#include "netcheck/schedule/entries.h"
#include "netcheck/schedule/schedule.h"

struct wait {
    struct entries *entries; /* borrowed */
    struct backoff backoff;
    size_t confirmations;  /* answers in a row that it takes; 0 and 1: one */
    struct backoff steady; /* the pause between two of them: its interval is not 0 */
    bool is_any;           /* one target is enough */
    bool is_by_address;    /* -A: an answer has a row an address */
    bool expects_down;     /* --expect down */
    bool ends_run;         /* until_ns is the end of the run's time, not only of the wait */
    int64_t began_ns;      /* when the user's wait began: before the input was read */
    int64_t until_ns;      /* when the wait is over; NEVER_NS: never */
    int64_t timeout_ns;    /* of an attempt */

    bool has_begun;     /* the input is complete, the targets are being asked */
    size_t expected;    /* entries that are as expected, often enough in a row */
    bool has_invalid;   /* a line that could not be parsed is among them */
    bool is_impossible; /* it can never succeed; each target is asked once, for its row */
};

/*
 * wait  borrowed; the members up to timeout_ns are filled in, the rest is zero
 *
 * A row of a silence that the end of the wait cut short is no answer: it stands in for one.
 * A bad line or an unreadable file makes the wait an error; a bad line does not where is_any.
 */
struct schedule wait_schedule(struct wait *wait);

/* Each target is due now, in the order of the input; `entries` are complete. next() does this
   where it was not done. */
void wait_begin(struct wait *wait, int64_t now_ns);

/* Whether all are as expected, and confirmed where that is due; with is_any, whether one is.
   A wait for no targets is met. */
bool wait_is_met(const struct wait *wait);

#endif
