/*
 * schedule: which endpoint is asked when, and when that is enough; filled by once.h, rounds.h
 * and wait.h.
 *
 * Pure: a schedule takes endpoints from the input and rows of answers, and is told what time it
 * is. It asks nothing, prints nothing and never waits. pipeline.h acts on what it says.
 */
#ifndef NETCHECK_SCHEDULE_H
#define NETCHECK_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/base/error.h"
#include "netcheck/probe/result.h"

/* What a row of an answer is good for. */
enum row_use {
    ROW_USE_COUNT,    /* an answer: it counts, and is shown */
    ROW_USE_SHOW,     /* in place of an answer that will never come: shown, but not counted */
    ROW_USE_STAND_IN, /* the end cut it short: counted and shown if its series has no row yet */
    ROW_USE_DROP,     /* the end cut it short: neither */
};

/* How a schedule stands, for the exit status and for the rows at the end. */
enum schedule_end {
    SCHEDULE_END_BY_ROWS,    /* the rows alone decide */
    SCHEDULE_END_UNFINISHED, /* the same, but there was more to ask */
    SCHEDULE_END_MET,        /* what was waited for has come */
    SCHEDULE_END_UNMET,      /* it has not */
    SCHEDULE_END_ERROR,      /* it cannot come: a line of the input is invalid or unreadable */
};

struct schedule {
    void *self; /* first argument of each function; borrowed */

    /*
     * The next endpoint to ask; its target is borrowed until the next call.
     *
     * ERROR_NONE; ERROR_AGAIN: wait for the input; ERROR_PAUSE: none now, see due_ns();
     * ERROR_END: none will ever come; ERROR_SYSTEM: a file cannot be read (errno), to be called
     * again once that file is skipped; anything else ends the run.
     */
    enum error (*next)(void *self, int64_t now_ns, struct endpoint *endpoint);

    /* When next() may have something: INT64_MIN: at any time; NEVER_NS: not before a row came.
       NULL: at any time. */
    int64_t (*due_ns)(const void *self, int64_t now_ns);

    /* When is_over() may change although no row comes; NEVER_NS or NULL: never. */
    int64_t (*wake_ns)(const void *self, int64_t now_ns);

    /* This process did not run for a while, up to now. NULL: it makes no difference. */
    void (*returned)(void *self, int64_t now_ns);

    /*
     * A row of an answer to what next() or rest() gave. Its round is filled in, and its change
     * or outcome where the end of the run decides them.
     */
    enum row_use (*answered)(void *self, struct result *result, int64_t now_ns);

    /* Whether nothing more is to be asked or waited for. */
    bool (*is_over)(const void *self, int64_t now_ns);

    enum schedule_end (*end)(const void *self);

    /* Once it has ended: the next endpoint that has no row, as next(); ERROR_END for none. */
    enum error (*rest)(void *self, struct endpoint *endpoint);

    /* Whether rest() has, or may have, another one. */
    bool (*has_rest)(const void *self);
};

#endif
