/*
 * roster: every row of a run, spelled out, and which of them is due next.
 *
 * For runs that ask a row more than once. Who is asked again, and when, is decided by rounds.h
 * or await.h.
 *
 * Invariants: a member is waiting (its timer is in `due`), out (being asked), or neither: then
 * it is not asked any more. An endpoint's `member` is its index here.
 */
#ifndef NETCHECK_ROSTER_H
#define NETCHECK_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/error.h"
#include "netcheck/target/endpoint.h"
#include "netcheck/base/heap.h"

enum { ROSTER_MAX = 1000000 };

struct member {
    struct endpoint endpoint; /* holds its target */
    struct heap_node timer;   /* at_ns: when it is asked next, or was to be */
    bool is_out;
    uint64_t asked;   /* how often */
    int64_t asked_ns; /* when it was asked last */

    /* Of rounds.h. */
    uint64_t slot; /* which round it is asked in, or was, from 0 */

    /* Of await.h. */
    bool is_expected;    /* its last answer was as expected ... */
    bool is_confirmed;   /* ... and so since the last time it was not */
    bool is_failing;     /* a row of the answer that is coming in was not */
    int64_t answered_ns; /* when its last answer came */
    int64_t pause_ns;    /* how long to leave it alone next time */
};

struct roster {
    struct member *members; /* in the order of the input */
    size_t count;
    size_t capacity;
    size_t out; /* members that are */
    struct heap due;
};

void roster_init(struct roster *roster);
void roster_release(struct roster *roster);

/* One more row; its target is held. ERROR_NONE, ERROR_NO_MEMORY, or ERROR_FULL: too many. */
enum error roster_add(struct roster *roster, const struct endpoint *endpoint);

/* That were all: from now on they can be asked. ERROR_NONE or ERROR_NO_MEMORY. */
enum error roster_close(struct roster *roster);

/* Ask the member at `at_ns`; of several due at one time, the order is any. */
void roster_ask_at(struct roster *roster, struct member *member, int64_t at_ns);

/* The next one that is due, which is out from here on; NULL for none. */
struct member *roster_take(struct roster *roster, int64_t now_ns);

/* The member whose answer this endpoint brings; it is not out any more. */
struct member *roster_answered(struct roster *roster, const struct endpoint *endpoint);

/* When the next one is due; NEVER_NS for none. */
int64_t roster_due_ns(const struct roster *roster);

#endif
