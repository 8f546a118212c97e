/*
 * engine: what the engine has and does for its checks. Private to it.
 *
 * probe.c owns descriptors, timers, the window and the lists of checks that wait; check.c and
 * attempt.c ask for them here.
 */
#ifndef NETCHECK_ENGINE_H
#define NETCHECK_ENGINE_H

#include "check.h"
#include "netcheck/fdset.h"
#include "netcheck/rate.h"

/* A new descriptor and whose it is. */
struct owner {
    struct check *check; /* NULL: not ours */
    size_t index;        /* of the attempt */
    uint64_t turn;       /* in which it was opened: what select() said before is not about it */
};

struct trace_queue {
    struct trace *traces;
    size_t first;
    size_t end;
    size_t capacity;
};

struct probe {
    const struct os *os;
    struct probe_options options;
    struct names *names; /* NULL until the first target with a name */
    const struct resolver *resolver;

    struct rate rate;
    struct heap timers;
    struct fdset watched; /* descriptors whose answer is awaited */
    struct fdset ready;
    struct fdset readable;
    struct owner *owners; /* by descriptor */
    size_t owners_len;
    uint64_t turn;

    struct list idle;     /* checks to be used again */
    struct list short_of; /* put back: this machine was short of something */
    struct list blocked;  /* wait for a resolver thread */
    struct list done;     /* finished, not collected */
    size_t idle_count;
    size_t in_flight; /* all checks but idle and done */
    size_t done_count;
    size_t waiting;           /* checks in short_of and blocked */
    size_t limit;             /* the window, smaller after a shortage */
    size_t open_count;        /* descriptors of attempts */
    int64_t progress_ns;      /* when a descriptor was last opened or a check finished */
    bool has_freed;           /* something was given back since the last look at short_of */
    int64_t blocked_since_ns; /* no thread came free since; NEVER_NS: not blocked */

    bool is_out_of_memory;
    struct trace_queue traces;
};

/* Await the answer of attempt `index` on its descriptor. NONE or NO_MEMORY. */
enum error probe_watch_attempt(struct probe *probe, struct check *check, size_t index);

/* No longer wake up for the descriptor; it stays open. */
void probe_unwatch(struct probe *probe, int fd);

/* Forget and close the descriptor; with RST where `is_aborted`. */
void probe_close(struct probe *probe, int fd, bool is_aborted);

/* Let the check, which has nothing open, wait until something is given back. */
void probe_put_back(struct probe *probe, struct check *check, int64_t now_ns);

/* Whether nothing is under way but the check at hand. */
bool probe_is_alone(const struct probe *probe);

/* Let the check wait for a resolver thread. */
void probe_block(struct probe *probe, struct check *check);

/* Wake the check at `at_ns`. */
void probe_schedule(struct probe *probe, struct check *check, int64_t at_ns);

/* The check is finished: its rows can be collected. */
void probe_finish(struct probe *probe, struct check *check);

/* Keep a trace about the check, if traces are wanted; the address may be NULL. */
void probe_trace(struct probe *probe, const struct check *check, const struct address *address,
                 const struct trace *trace);

#endif
