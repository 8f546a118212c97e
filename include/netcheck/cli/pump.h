/*
 * pump: keeps the engine's window full and brings results into order.
 *
 * The program and the simulation drive the same pump; where rows come from and where they go is
 * theirs. Knows neither files nor formats.
 *
 * Invariants: each endpoint pulled has one sequence number, from 0, without gaps; nothing is
 * pulled that the order window has no place for.
 */
#ifndef NETCHECK_PUMP_H
#define NETCHECK_PUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/schedule/order.h"
#include "netcheck/probe/outcome.h"
#include "netcheck/probe/probe.h"

struct pump {
    const struct os *os;
    struct probe *probe; /* borrowed */
    struct order *order; /* borrowed; NULL: rows as they finish */

    void *self; /* first argument of both functions */

    /*
     * The next row to ask; its target is borrowed until the next call.
     *
     * ERROR_NONE; ERROR_AGAIN: wait for the input; ERROR_PAUSE: call again soon; ERROR_END;
     * anything else ends the pumping.
     */
    enum error (*next)(void *self, struct endpoint *endpoint);

    /* A row that is its turn; its reference to the target is the receiver's. May set
       is_congested. */
    void (*row)(void *self, struct result *result);

    int64_t not_before_ns; /* next() has nothing until then. Set by the owner */
    bool is_congested;     /* the receiver is behind: ask nothing more, and hand nothing on that
                              can stay in the order. Set by the owner */

    bool is_fed;      /* next() said END */
    bool wants_input; /* next() said AGAIN */
    uint64_t next_sequence;

    uint64_t done;                /* endpoints all of whose rows are there */
    uint64_t states[STATE_COUNT]; /* rows that are there, handed on or not, by state */
};

/*
 * Ask some rows, and never for long: what is in flight has deadlines. An invalid target gets
 * its row without being asked.
 *
 * Returns ERROR_NONE, or what next(), the engine or the order failed with: it cannot go on.
 */
enum error pump_feed(struct pump *pump);

/*
 * Hand on every row that is its turn, until is_congested. Returns ERROR_NONE or
 * ERROR_NO_MEMORY.
 */
enum error pump_collect(struct pump *pump);

/*
 * One turn of the engine: without waiting while there is more to ask, and awake for the input
 * only while there is room for it.
 *
 * input_fd  descriptor of the input, or -1
 * watch     readable_fds[0] and is_readable are filled in, the rest is the caller's
 * limit_ns  how long it may wait; NEVER_NS: until something happens
 *
 * Returns as probe_turn().
 */
enum error pump_turn(struct pump *pump, int input_fd, struct probe_watch *watch,
                     int64_t limit_ns);

/*
 * Hand on some of what next() still has, unasked, with `outcome`; an invalid target stays one.
 * Only once nothing is in flight any more.
 *
 * Returns ERROR_NONE, or as next() did: ERROR_END once all is handed on.
 */
enum error pump_pass(struct pump *pump, const struct outcome *outcome);

/*
 * Hand on, in order, the rows that wait for others which will not come any more. True where
 * is_congested left some of them behind: call again.
 */
bool pump_drain(struct pump *pump);

/* Whether every row was handed on, once collected. */
bool pump_is_done(const struct pump *pump);

#endif
