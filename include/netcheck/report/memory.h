/*
 * memory: what is known of each target from earlier runs, as plain values.
 *
 * Wall-clock times are seconds since 1970. What is and what was told of it are two things:
 * `since` is about the target, `told` about the reader.
 */
#ifndef NETCHECK_MEMORY_H
#define NETCHECK_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/probe/outcome.h"

enum { MEMORY_RUNS = 90 }; /* of a target that are remembered one by one */

#define MEMORY_NEVER INT64_MIN /* in the place of a time */

/* One run of a target. */
struct memory_run {
    enum reason reason;
    int64_t latency_ns; /* -1: none */
};

struct remembered {
    enum state state;
    enum reason reason;
    int64_t since_s; /* the state has lasted since this run */
    int64_t told_s;  /* when the state, or a reminder of it, was told last; MEMORY_NEVER */

    /* Another state that was not seen often enough yet (--confirm). */
    enum state next;
    size_t next_count; /* how often in a row; 0: there is none */
    int64_t first_s;   /* when it was seen first; MEMORY_NEVER: there is none */

    /* REASON_LOCAL: the state before this machine could not ask; STATE_COUNT: none, as in all
       other cases. */
    enum state known;
    bool expects_down; /* of what was told: it was expected down in the last run */
    int64_t asked_s;   /* when it was asked last, where that was not in the last run; else
                          MEMORY_NEVER */

    struct memory_run *runs; /* owned; the oldest first; NULL where they are not kept */
    size_t run_count;        /* at most MEMORY_RUNS */
};

#endif
