/*
 * output: bytes on their way to a descriptor, none of them lost unnoticed.
 *
 * Written so that a slow reader does not stop the clock of the probes.
 */
#ifndef NETCHECK_OUTPUT_H
#define NETCHECK_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/buffer.h"

struct output {
    int fd;
    bool is_known;        /* may_block holds */
    bool may_block;       /* a pipe, a terminal: write only what is taken at once */
    int64_t patience_ns;  /* a reader that takes nothing for so long is given up (ETIMEDOUT);
                             NEVER_NS: it is waited for */
    int error;            /* errno of the first failure, 0 for none; nothing is written after */
    struct buffer buffer; /* not written yet */
};

void output_init(struct output *output, int fd);
void output_release(struct output *output);

/* Write what can be written without waiting. */
void output_flush(struct output *output);

/* Write everything, however long it takes, but for patience_ns. */
void output_drain(struct output *output);

/* Write everything and close: some disks say only then that they are full. */
void output_close(struct output *output);

/* Whether the reader is behind: produce no more than what is under way. */
bool output_is_congested(const struct output *output);

/* The descriptor if something waits to be written, else -1. */
int output_waits_for(const struct output *output);

#endif
