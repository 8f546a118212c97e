/*
 * outage: which failures of this machine may soon be over, and when to ask again.
 *
 * While this machine has no route, every connect() fails at once, and thousands of targets look
 * unreachable in the half second that it takes to restart a network. The same holds while its
 * resolver cannot be asked. Where targets of the same kind were reached before in the same run,
 * a check that fails so is asked once more: when one of the kind is reached again, or when
 * there is nothing else to do. Where it fails again, the outage is lasting: until one of the
 * kind is reached, such failures are believed at once.
 *
 * Pure: reads no clock, asks nothing, knows no check. The caller keeps the checks that failed,
 * a queue for each kind, and does what it is told. Times are monotonic.
 */
#ifndef NETCHECK_OUTAGE_H
#define NETCHECK_OUTAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/probe/outcome.h"

/* What has failed: the routes of a family, or the resolver. */
enum outage_kind { OUTAGE_NONE, OUTAGE_IPV4, OUTAGE_IPV6, OUTAGE_NAMES, OUTAGE_KINDS };

enum { OUTAGE_MANY = 64 }; /* reached before: then the end of a run is worth a pause */

/*
 * Invariant: a kind is lasting only after one of it was reached, and a check that was asked
 * once more failed since.
 */
struct outage {
    size_t asking;                    /* checks under way that are asked once more */
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
 * A check failed so; `kind` may be OUTAGE_NONE.
 *
 * failed_ns  when it failed before, if this was already the second time; else NEVER_NS
 *
 * Returns whether to ask it once more, when outage_due_ns() says.
 */
bool outage_takes(struct outage *outage, enum outage_kind kind, int64_t failed_ns);

/* A check is asked once more, from here ... */
void outage_begin(struct outage *outage);

/* ... to here: it is finished. */
void outage_finish(struct outage *outage);

/* From one attempt that failed so to the next, at least. */
int64_t outage_pause_ns(int64_t timeout_ns);

/* What else the run has to do. */
struct outage_rest {
    size_t under_way;     /* checks that are, with those that are asked once more */
    bool has_room;        /* the window has */
    bool is_last;         /* nothing more will be submitted */
    int64_t submitted_ns; /* when the last target was */
    int64_t rate_ns;      /* when --rate lets the next connect pass */
};

/*
 * When to ask a check once more that failed at `failed_ns`; NEVER_NS: not before something else
 * happens.
 */
int64_t outage_due_ns(const struct outage *outage, enum outage_kind kind, int64_t failed_ns,
                      const struct outage_rest *rest, int64_t timeout_ns);

#endif
