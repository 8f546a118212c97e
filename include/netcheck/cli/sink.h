/*
 * sink: where the rows of a run go; a run has a list of them.
 *
 * A format on an output, the progress line and the live view are sinks. A sink knows results
 * and what it is told here; it does not know the run.
 */
#ifndef NETCHECK_SINK_H
#define NETCHECK_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/base/error.h"
#include "netcheck/probe/probe.h"
#include "netcheck/probe/result.h"
#include "netcheck/report/progress.h"

/* How the run stands. */
struct sink_moment {
    int64_t now_ns;  /* monotonic */
    int64_t wall_ns; /* since 1970 */
    bool has_begun;  /* the targets are known, as far as they have to be */
    struct progress_counts counts;
};

/* All functions but release may be NULL: then there is nothing to do. */
struct sink {
    struct sink *next;
    void *self;          /* first argument of each function */
    bool holds_terminal; /* the terminal shows nothing but this sink */

    void (*row)(void *self, const struct result *result);

    /* When tick() has something to do; NEVER_NS: not before something happens. */
    int64_t (*due_ns)(const void *self, int64_t now_ns);

    /*
     * Draw what is due.
     *
     * Returns ERROR_NONE; ERROR_END: the user asks the run to end; ERROR_SYSTEM: the sink
     * cannot go on, and has said so; ERROR_NO_MEMORY.
     */
    enum error (*tick)(void *self, const struct sink_moment *moment);

    /* What to wake up for: readable_fds[2] and writable_fds[0]. */
    void (*watch)(const void *self, struct probe_watch *watch);

    /* Its descriptor is readable. */
    void (*hear)(void *self);

    /* The terminal has another size, or was written to. */
    void (*redraw)(void *self);

    /* Leave the terminal to words that are to be written beside the sink; tick() comes back. */
    void (*hide)(void *self);

    /* No row comes any more: write the rest. */
    void (*finish)(void *self);

    void (*release)(void *self);
};

/* In the order in which they were added; all zero: none. */
struct sinks {
    struct sink *first;
};

/* sink  the list's from here on, until its release() */
void sinks_add(struct sinks *sinks, struct sink *sink);

void sinks_release(struct sinks *sinks);

void sinks_row(struct sinks *sinks, const struct result *result);

/* When the first of them is due. */
int64_t sinks_due_ns(const struct sinks *sinks, int64_t now_ns);

/* As sink.tick(); those behind one that fails are left out. */
enum error sinks_tick(struct sinks *sinks, const struct sink_moment *moment);

void sinks_watch(const struct sinks *sinks, struct probe_watch *watch);
void sinks_hear(struct sinks *sinks);
void sinks_redraw(struct sinks *sinks);
void sinks_hide(struct sinks *sinks);
void sinks_finish(struct sinks *sinks);

/* Whether one of them has the terminal for itself. */
bool sinks_hold_terminal(const struct sinks *sinks);

#endif
