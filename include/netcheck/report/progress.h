/*
 * progress: how far the run is, as one line for people.
 *
 *     12345/65536  2100/s  up 17  down 12320  error 8  25 s left
 *     2/3 as expected  27 s left
 *
 * On a terminal the line is redrawn in place and removed before anything else is written there
 * and at the end; elsewhere (--progress always) it is a line of its own now and then. Knows
 * counts and times, and writes into a buffer; whose buffer that is, is the caller's business.
 */
#ifndef NETCHECK_PROGRESS_H
#define NETCHECK_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"
#include "netcheck/probe/outcome.h"

struct progress_counts {
    uint64_t done;                /* targets with a verdict */
    uint64_t total;               /* UINT64_MAX: unknown */
    uint64_t states[STATE_COUNT]; /* rows by state; with -A there are more rows than targets */
    bool is_waiting;              /* --wait: `done` are as expected, states do not matter */
    int64_t until_ns;             /* and when it ends; NEVER_NS: never */
    uint64_t excluded;            /* targets that were passed over; not among `total` */
};

struct progress {
    bool is_on;
    bool is_terminal;
    bool is_drawn;      /* the line stands on the terminal now */
    int64_t began_ns;   /* of the run, monotonic */
    int64_t due_ns;     /* when to draw next */
    int64_t sampled_ns; /* when `rate` was brought up to date */
    uint64_t sampled;   /* and how many were done then */
    double rate;        /* targets a second, of the last seconds */
};

/*
 * is_on        nothing is ever drawn without it; what was asked for (SIGUSR1) is
 * is_terminal  redraw in place
 */
void progress_init(struct progress *progress, bool is_on, bool is_terminal, int64_t now_ns);

/* When progress_draw() has something to do; NEVER_NS while it is off. */
int64_t progress_due_ns(const struct progress *progress);

/* Draw the line if it is time; at most `width` - 1 columns, so that it never wraps. */
void progress_draw(struct progress *progress, struct buffer *out,
                   const struct progress_counts *counts, unsigned width, int64_t now_ns);

/* Remove the line, where one is drawn; it comes back when it is due. */
void progress_hide(struct progress *progress, struct buffer *out);

/* Append the line's text, without an end of line. */
void progress_describe(struct progress *progress, struct buffer *out,
                       const struct progress_counts *counts, int64_t now_ns);

/* Append how far a wait came, once it ended: the line's text without the time. */
void progress_conclude(struct buffer *out, const struct progress_counts *counts);

#endif
