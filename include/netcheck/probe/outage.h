/*
 * outage: which failures of this machine may soon be over, and when to ask again.
 *
 * While this machine has no route, every connect() fails at once, and thousands of targets look
 * unreachable in the half second that it takes to restart a network. The same while its
 * resolver cannot be asked. Where targets of the same kind were reached before in the same run,
 * such a failure is a reason to ask once more: when one of the kind is reached again, or when
 * there is nothing else to do. Where that fails, too, the outage is lasting: until one of the
 * kind is reached, what fails so is believed at once.
 *
 * Pure: reads no clock, asks nothing.
 */
#ifndef NETCHECK_OUTAGE_H
#define NETCHECK_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/probe/outcome.h"

/* What has failed: the routes of a family, or the resolver. */
enum outage_kind { OUTAGE_NONE, OUTAGE_IPV4, OUTAGE_IPV6, OUTAGE_NAMES, OUTAGE_KINDS };

enum { OUTAGE_MANY = 64 }; /* reached before: then the end of a run is worth a pause */

struct outage {
    uint64_t reached[OUTAGE_KINDS];   /* how many were, so far */
    int64_t reached_ns[OUTAGE_KINDS]; /* when the last of them was asked */
    bool is_lasting[OUTAGE_KINDS];
};

void outage_init(struct outage *outage);

/* The kind of outage that the outcome speaks for; `family` is that of its address. */
enum outage_kind outage_of(const struct outcome *outcome, int family);

/* The kind that an answer of an address of this family ends. */
enum outage_kind outage_of_family(int family);

/* What was asked at `asked_ns` got an answer from outside of this machine. */
void outage_end(struct outage *outage, enum outage_kind kind, int64_t asked_ns);

/*
 * What failed at `failed_ns` was asked once more, and failed again: the outage is found to
 * last, unless one of the kind that was asked later has been reached.
 */
void outage_last(struct outage *outage, enum outage_kind kind, int64_t failed_ns);

/* Whether a failure of this kind, which may be OUTAGE_NONE, is worth asking once more. */
bool outage_is_passing(const struct outage *outage, enum outage_kind kind);

/* From one attempt that failed so to the next, at least. */
int64_t outage_pause_ns(int64_t timeout_ns);

/* How much there is left to ask. */
struct outage_rest {
    bool is_alone;        /* nothing else is under way ... */
    bool is_last;         /* ... and nothing more will be asked */
    int64_t submitted_ns; /* when the last target was */
};

/*
 * When to ask once more what failed at `failed_ns`; NEVER_NS: not before one of the kind is
 * reached, or nothing else is under way.
 */
int64_t outage_due_ns(const struct outage *outage, enum outage_kind kind, int64_t failed_ns,
                      const struct outage_rest *rest, int64_t timeout_ns);

#endif
