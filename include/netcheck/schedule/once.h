/*
 * once: each endpoint of the input once, as it is read.
 *
 * With a gate that is asked first, alone, as the row of sequence 0. Where it is not as
 * expected, the others are read and counted, up to ONCE_SKIPPED_MAX, but not asked, and have no
 * row.
 */
#ifndef NETCHECK_ONCE_H
#define NETCHECK_ONCE_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/schedule/gate.h"
#include "netcheck/schedule/schedule.h"
#include "netcheck/target/sequence.h"

enum { ONCE_SKIPPED_MAX = 1000000 };

struct once {
    struct sequence *sequence; /* borrowed */
    struct gate *gate;         /* borrowed; NULL: none */
    bool has_asked_gate;
    bool is_read;      /* all of it */
    bool has_cut;      /* a row says that the run's time was over */
    uint64_t taken;    /* endpoints that next() or rest() gave */
    uint64_t answered; /* of these, the ones that have all their rows */
    uint64_t skipped;  /* endpoints that were read, but not asked because of the gate */
};

/* once  borrowed; all zero but for `sequence` and `gate` */
struct schedule once_schedule(struct once *once);

/* How many endpoints the gate kept from being asked; is_exact: else there may be more. */
uint64_t once_count_skipped(const struct once *once, bool *is_exact);

#endif
