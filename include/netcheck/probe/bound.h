/*
 * bound: how long a run may take, by what is asked and not by what the network does.
 *
 * Asking n targets takes at most ceil(n / window) times all attempts at one of them, and what
 * --rate adds. What the engine does beyond that against its own traffic (rechecks, a narrower
 * window, waits for canaries: congestion.h) may take as long again and a minute more; after
 * that silence is believed. Targets that this machine could not ask for a moment (outage.h) are
 * asked once more, which may take as long again, and a second for each BOUND_BATCH of them.
 * bound_run_ns() is the manual's formula (MANY TARGETS), and tests/sim holds the engine to it.
 *
 * Pure. What is longer than time goes on is NEVER_NS.
 */
#ifndef NETCHECK_BOUND_H
#define NETCHECK_BOUND_H

#include <stddef.h>
#include <stdint.h>

enum { BOUND_BATCH = 4096 };

struct bound {
    size_t window;      /* targets in flight at a time, 1 and more */
    uint64_t attempts;  /* at each of them, 1 and more */
    int64_t timeout_ns; /* of an attempt, what it may wait for a resolver thread included, and
                           the hold behind it */
    uint64_t rate;      /* connects a second; 0: no limit */
};

/* How long `count` targets may take to be asked. */
int64_t bound_asking_ns(const struct bound *bound, uint64_t count);

/* How long targets may be put off, to find out whether silence is to be believed. */
int64_t bound_holding_ns(const struct bound *bound, uint64_t count);

/* All of it, and one more attempt at the targets in flight when silence is believed again. */
int64_t bound_run_ns(const struct bound *bound, uint64_t count);

#endif
