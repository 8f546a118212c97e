/*
 * pipeline: from what a schedule wants asked to rows in their order.
 *
 *     schedule.next -> probe_submit -> probe_turn -> probe_collect -> order -> the caller
 *
 * Keeps the engine's window full and pulls no more than it, and the order, have room for. The
 * program and the simulation drive the same pipeline: submit, take until there is no row, turn,
 * take again. It calls the schedule and the engine and nothing else; what becomes of a row is
 * the caller's, who also tells the schedule of it.
 *
 * Invariants: each endpoint pulled has one sequence number, from 0, without gaps; nothing is
 * pulled that the order has no place for.
 */
#ifndef NETCHECK_PIPELINE_H
#define NETCHECK_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/probe/outcome.h"
#include "netcheck/probe/probe.h"
#include "netcheck/schedule/order.h"
#include "netcheck/schedule/schedule.h"

enum { PIPELINE_READY = 64 };

struct pipeline {
    const struct os *os;
    struct probe *probe; /* borrowed */
    struct order *order; /* borrowed; NULL: rows as they finish */
    struct schedule schedule;

    bool is_congested; /* the reader of rows is behind: ask nothing more, and hand out no row
                          that the order can keep. Set by the caller */

    bool is_fed;      /* next() said ERROR_END */
    bool wants_input; /* next() said ERROR_AGAIN */
    uint64_t next_sequence;
    int64_t returned_ns; /* what probe_returned_ns() said last */

    uint64_t done;                /* endpoints all of whose rows are there */
    uint64_t states[STATE_COUNT]; /* rows that are there, taken or not, by state */

    /* Without an order: rows of endpoints that are not asked. */
    struct result ready[PIPELINE_READY];
    size_t ready_count;
    size_t ready_first;

    bool is_ending;         /* see pipeline_end() */
    bool has_unasked;       /* and rest() gets rows, too: */
    struct outcome unasked; /* these */
};

/* os, probe  borrowed. order  borrowed, or NULL. schedule  copied; its `self` is borrowed. */
void pipeline_init(struct pipeline *pipeline, const struct os *os, struct probe *probe,
                   struct order *order, const struct schedule *schedule);

/* Release the rows that were not taken. */
void pipeline_release(struct pipeline *pipeline);

/*
 * Ask some endpoints, and never for long: what is in flight has deadlines. An invalid target
 * gets its row without being asked.
 *
 * Returns ERROR_NONE; ERROR_SYSTEM as schedule.next() did; or why it cannot go on.
 */
enum error pipeline_submit(struct pipeline *pipeline);

/*
 * One turn of the engine: without waiting while there is more to ask or to take, and awake for
 * the input only while there is room for it.
 *
 * input_fd  descriptor of the input, or -1
 * watch     readable_fds[0] and is_readable are filled in, the rest is the caller's
 * limit_ns  how long it may wait; NEVER_NS: until something happens
 *
 * Returns as probe_turn().
 */
enum error pipeline_turn(struct pipeline *pipeline, int input_fd, struct probe_watch *watch,
                         int64_t limit_ns);

/*
 * The next row; it is the caller's to release, and the schedule's to be told of.
 *
 * Returns ERROR_NONE; ERROR_PAUSE: there is none now; ERROR_NO_MEMORY. After pipeline_end()
 * also what rest() returns, ERROR_END: there will be none.
 */
enum error pipeline_take(struct pipeline *pipeline, struct result *result);

/*
 * Nothing is asked any more: pipeline_take() passes over rows that did not come.
 *
 * unasked  behind the last row that did come, each endpoint of schedule.rest() has this as its
 *          outcome, but an invalid one stays that; NULL: these get no row
 */
void pipeline_end(struct pipeline *pipeline, const struct outcome *unasked);

#endif
