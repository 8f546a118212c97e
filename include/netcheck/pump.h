/*
 * pump: between the rows to ask and the rows that are answered: keeps the engine's window full
 * and brings results into order.
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

#include "netcheck/order.h"
#include "netcheck/probe.h"

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

    /* A row that is its turn; its reference to the target is the receiver's. */
    void (*row)(void *self, struct result *result);

    bool is_congested; /* the receiver is behind: ask nothing more. Set by the owner */

    bool is_fed;      /* next() said END */
    bool wants_input; /* next() said AGAIN */
    uint64_t next_sequence;
};

/* Whether something would be asked now, if there is something. */
bool pump_may_feed(const struct pump *pump);

/*
 * Ask some rows, and never for long: what is in flight has deadlines. An invalid target gets
 * its row without being asked.
 *
 * Returns ERROR_NONE, or what next(), the engine or the order failed with: it cannot go on.
 */
enum error pump_feed(struct pump *pump);

/* Hand on every row that is its turn. Returns ERROR_NONE or ERROR_NO_MEMORY. */
enum error pump_collect(struct pump *pump);

/*
 * One turn of the engine: without waiting while there is more to ask, and awake for the input
 * only while there is room for it.
 *
 * input_fd  descriptor of the input, or -1
 * watch     its writable_fds are the caller's; the rest is filled in
 *
 * Returns as probe_turn().
 */
enum error pump_turn(struct pump *pump, int input_fd, struct probe_watch *watch);

/* Whether every row was handed on, once collected. */
bool pump_is_done(const struct pump *pump);

#endif
