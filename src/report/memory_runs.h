/*
 * memory_runs: the last runs of a target, in some two bytes each.
 *
 * A run is one number: what it came to, and how many of the steps in which latencies are shown
 * its latency is. Numbers have seven bits a byte, the low ones first; all bytes of a number but
 * its last one have the high bit set. So no latency is too long to be kept.
 */
#ifndef NETCHECK_MEMORY_RUNS_H
#define NETCHECK_MEMORY_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/error.h"
#include "netcheck/probe/outcome.h"
#include "netcheck/report/memory.h"

struct memory_run {
    enum reason reason; /* REASON_CONNECTED for each that is up */
    int64_t latency_ns; /* rounded as wording_milliseconds() rounds it; -1: none */
};

/*
 * One more run at the end; its latency is rounded, and each that is below 0 is none. The oldest
 * one leaves where there are MEMORY_RUNS.
 *
 * runs        NULL in it: there are none yet; it is another one afterwards
 * is_instead  in the place of the last one, if there is one
 *
 * Returns ERROR_NONE or ERROR_NO_MEMORY, after which they are as they were.
 */
enum error memory_runs_add(struct memory_runs **runs, struct memory_run run, bool is_instead);

/* `count` runs, at most MEMORY_RUNS, as if each was added; NULL without memory. */
struct memory_runs *memory_runs_new(const struct memory_run *items, size_t count);

/* The oldest one first. Returns how many; NULL is none. */
size_t memory_runs_list(const struct memory_runs *runs, struct memory_run items[MEMORY_RUNS]);

void memory_runs_free(struct memory_runs *runs);

#endif
