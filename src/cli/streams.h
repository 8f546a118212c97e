/*
 * streams: the output streams of a run: rows, notes, and the progress line in between.
 *
 * Rows go to standard output, everything else to standard error.
 * Nothing here waits for a slow reader while a run goes on. On a terminal the line makes way
 * for all else that is written there. Where rows and notes go to one place, none begins in the
 * middle of a line of the other.
 */
#ifndef NETCHECK_STREAMS_H
#define NETCHECK_STREAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/os/output.h"
#include "netcheck/probe/probe.h"
#include "netcheck/report/progress.h"
#include "netcheck/cli/sink.h"

struct streams {
    struct output rows;
    struct output notes;
    struct output progress_output; /* the progress line, on standard error too */
    struct progress progress;
    struct sink progress_sink;
    bool shares_terminal; /* rows go to a terminal: the line must make way for them */
};

/* wants_progress: what the user says of it; see streams_can_draw(). */
void streams_init(struct streams *streams, bool wants_progress, int64_t now_ns);

void streams_release(struct streams *streams);

/* The progress line as a sink: drawn where nothing else is being written. */
struct sink *streams_progress(struct streams *streams);

/*
 * Whether standard error is a terminal on which a line can be redrawn, and no other program
 * draws there: what reads the rows from a pipe most likely writes to the same terminal.
 */
bool streams_can_draw(void);

/*
 * Append "rows: /tmp/log", a line that says which file has the rows, where standard output is
 * one and what is written beside it goes to a terminal.
 */
void streams_tell_file(struct buffer *out);

/* Write what is taken without waiting. */
void streams_flush(struct streams *streams);

/* Whether a reader is behind: produce no more rows. */
bool streams_are_congested(const struct streams *streams);

/* What to wake up for. */
void streams_watch(const struct streams *streams, struct probe_watch *watch);

/*
 * From now on a reader that takes nothing for `patience_ns` is given up, and any reader at
 * `until_ns` (monotonic): the rest is lost to it. NEVER_NS for both is how it begins.
 */
void streams_hurry(struct streams *streams, int64_t patience_ns, int64_t until_ns);

/*
 * Write what there is, notes and then rows, however long it takes: on a terminal, or where both
 * go to one file, what is said from here on stands behind the last row. Only at the end of a
 * run.
 */
void streams_settle(struct streams *streams);

/*
 * Write everything, however long it takes.
 *
 * is_last  close standard output, too: some disks say only then that they are full
 */
void streams_finish(struct streams *streams, bool is_last);

#endif
