/*
 * tally: what the rows of a run come to, as one line for people.
 *
 *     3000 asked: 1000 up, 1999 down, 1 error, in 2.5 s
 *     12 asked: 2 up, 10 down, 0 errors, 2 not as expected, in 2.5 s
 *     2262 of 7001 asked: 1 up, 2261 down, 0 errors, in 1.2 s
 *     12 asked: 12 up, 0 down, 0 errors, 4 excluded, in 0.1 s
 *
 * A row is counted whether it is shown or not. The exit status is verdict.h's business.
 */
#ifndef NETCHECK_TALLY_H
#define NETCHECK_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"
#include "netcheck/probe/result.h"

/* All zero but for expects_down: no rows. */
struct tally {
    bool expects_down;            /* --expect down */
    bool has_expected_down;       /* a row was: up and down alone do not say what is wrong */
    uint64_t states[STATE_COUNT]; /* rows by state */
    uint64_t unexpected;          /* rows that were not as expected, errors among them */
};

/* Count one row. */
void tally_add(struct tally *tally, const struct result *result);

/* How many were counted. */
uint64_t tally_rows(const struct tally *tally);

/* What the rows themselves do not say. */
struct tally_run {
    uint64_t total;    /* rows that there were to be; UINT64_MAX: unknown */
    uint64_t excluded; /* targets that were passed over; not among `total` */
    int64_t lasted_ns; /* the run */
};

/* Append the line, without its end. */
void tally_describe(struct buffer *out, const struct tally *tally, const struct tally_run *run);

#endif
