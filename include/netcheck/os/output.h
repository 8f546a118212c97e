/*
 * output: bytes on their way to a descriptor, none of them lost unnoticed.
 *
 * Written so that a slow reader does not stop the clock of the probes, and line by line: what
 * goes into a pipe in one write stays together, also beside other programs, and no matter what
 * ends this program. A line longer than OS_WHOLE_MAX goes out in several.
 *
 * Invariants: sent <= buffer.len; both are 0 once everything is written.
 */
#ifndef NETCHECK_OUTPUT_H
#define NETCHECK_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"
#include "netcheck/os/channel.h"

struct output {
    int fd;
    bool has_channel; /* `channel` is open: asked for only when something might wait */
    struct os_channel channel;
    int64_t patience_ns;  /* a reader that takes nothing for so long is given up (ETIMEDOUT);
                             NEVER_NS: it is waited for */
    int64_t until_ns;     /* monotonic: and so is any reader then; NEVER_NS: never */
    int64_t linger_ns;    /* output_close() gives the reader of a pipe so long to take all of it
                             but a last read before the program can end; 0: none */
    int error;            /* errno of the first failure, 0 for none; nothing is written after */
    bool is_in_line;      /* the last byte that was written ends no line */
    size_t sent;          /* bytes of `buffer` that are written */
    struct buffer buffer; /* the caller appends whole lines */
};

void output_init(struct output *output, int fd);

/* The same for a descriptor that is non-blocking, and for texts without lines. */
void output_init_unblocked(struct output *output, int fd);

void output_release(struct output *output);

/* Write what can be written without waiting. */
void output_flush(struct output *output);

/*
 * Write everything, however long it takes, but for patience_ns and until_ns. Once SIGINT or
 * SIGTERM was caught (os_end_signal()), that is a second at most.
 */
void output_drain(struct output *output);

/* Write everything and close: some disks say only then that they are full. */
void output_close(struct output *output);

/* Forget what is not written yet. */
void output_discard(struct output *output);

/* Whether the reader is behind: produce no more than what is under way. */
bool output_is_congested(const struct output *output);

/* The descriptor to wait for if something waits to be written, else -1. */
int output_waits_for(const struct output *output);

/*
 * How many of `len` bytes to hand over in one write of at most `most`: whole lines where one
 * fits, else what fits. len and most: 1 and more.
 */
size_t output_piece(const char *bytes, size_t len, size_t most);

#endif
