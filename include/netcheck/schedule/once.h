/*
 * once: each endpoint of the input once, as it is read.
 */
#ifndef NETCHECK_ONCE_H
#define NETCHECK_ONCE_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/schedule/schedule.h"
#include "netcheck/target/sequence.h"

struct once {
    struct sequence *sequence; /* borrowed */
    bool is_read;              /* all of it */
    bool has_cut;              /* a row says that the run's time was over */
    uint64_t taken;            /* endpoints that next() or rest() gave */
    uint64_t answered;         /* of these, the ones that have all their rows */
};

/* once  borrowed; all zero but for `sequence` */
struct schedule once_schedule(struct once *once);

#endif
