/*
 * window: how many checks may be under way at a time, and which waits for this machine can
 * have no end.
 *
 * The user sets the size (-P). A shortage of this machine (descriptors, ports, memory, threads)
 * sets the limit to what works without one; each finished check raises it by one. A path that
 * is found congested halves the ceiling up to which it recovers, for the rest of the run.
 *
 * Pure: it counts nothing itself. Invariant: 1 <= limit <= ceiling <= size.
 */
#ifndef NETCHECK_WINDOW_H
#define NETCHECK_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct window {
    size_t size;    /* as the user wants it */
    size_t ceiling; /* the limit recovers up to here */
    size_t limit;   /* checks under way, at most */
};

/* size  1 and more */
void window_init(struct window *window, size_t size);

/*
 * This machine is short of something with `under_way` checks beside the one that noticed: no
 * more than these can work now. But the limit does not fall below its half: what was short for
 * a moment may be there again.
 */
void window_shrink(struct window *window, size_t under_way);

/* A check is finished: try with one more. */
void window_grow(struct window *window);

/* The path is congested: half of it from now on, unless that is less than `least`. */
void window_halve(struct window *window, size_t least);

/* As at first. */
void window_reset(struct window *window);

/* How long one check has lacked something of this machine. */
struct starvation {
    int64_t since_ns; /* when it was put back for the first time; NEVER_NS: never */
    int64_t last_ns;  /* ... and for the last time */
    unsigned alone;   /* times in a row, with nothing else under way */
};

void starvation_init(struct starvation *starvation);

/* The check is put back, with `under_way` others under way. */
void starvation_note(struct starvation *starvation, size_t under_way, int64_t now_ns);

/* What the run has and does meanwhile. */
struct starvation_rest {
    size_t open_count;   /* its open descriptors */
    int64_t progress_ns; /* when a descriptor was last opened or a check finished */
    int64_t timeout_ns;  /* how long a check may keep a descriptor */
};

/*
 * Whether the check will never get what it lacks: it was put back twice in a row although
 * nothing else was under way; or for a whole timeout nothing was open, and no other check got
 * any further.
 */
bool starvation_is_final(const struct starvation *starvation,
                         const struct starvation_rest *rest);

/* The checks that wait for a resolver thread: all threads hang in lookups. */
struct thread_wait {
    int64_t try_ns;  /* when to try again for a thread; INT64_MIN: now */
    int64_t idle_ns; /* nothing is under way and no lookup came back since; NEVER_NS: one did,
                        or something is */
};

void thread_wait_init(struct thread_wait *wait);

/* A lookup came back: its thread is free. */
void thread_wait_end(struct thread_wait *wait);

/* A check has its thread. */
void thread_wait_note_begun(struct thread_wait *wait);

/* There still is no thread: try again after a pause. */
void thread_wait_note_failed(struct thread_wait *wait, int64_t now_ns);

/*
 * Whether the threads are lost: for a minute, or a whole timeout if that is longer, nothing was
 * under way and no lookup came back. To be asked each time that no thread was found.
 */
bool thread_wait_is_lost(struct thread_wait *wait, bool is_idle, int64_t timeout_ns,
                         int64_t now_ns);

#endif
