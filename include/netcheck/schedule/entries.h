/*
 * entries: all endpoints of a run that asks each more than once, and which of them is due next.
 *
 * When an entry is asked again is decided by rounds.h or wait.h.
 *
 * Invariants: an entry is waiting (its timer is in `due`), out (being asked), or neither: then
 * it is not asked any more. An endpoint's `member` is the index of its entry.
 */
#ifndef NETCHECK_ENTRIES_H
#define NETCHECK_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/error.h"
#include "netcheck/base/heap.h"
#include "netcheck/target/sequence.h"

enum { ENTRIES_MAX = 1000000 };

struct entry {
    struct endpoint endpoint; /* holds its target */
    struct heap_node timer;   /* at_ns: when it is asked next, or was to be */
    bool is_out;
    bool has_row;
    uint64_t asked;   /* how often */
    int64_t asked_ns; /* when it was asked last */

    /* Of rounds.h. */
    uint64_t slot;   /* which round it is asked in, or was, from 0 */
    uint64_t rows;   /* how often all its rows came, or it was passed over */
    uint64_t passed; /* how often it was passed over: the gate was not as expected */

    /* Of wait.h. */
    size_t streak;       /* answers in a row that were as expected, up to those it takes */
    bool is_expected;    /* it had as many as it takes, the last one among them, ... */
    bool is_confirmed;   /* ... and so since the last time it was not */
    bool is_failing;     /* a row of the answer that is coming in was not */
    int64_t answered_ns; /* when its last answer came */
    int64_t pause_ns;    /* how long to leave it alone next time */
};

struct entries {
    struct sequence *sequence; /* borrowed: where they are read from; NULL: added by hand */
    struct entry *items;       /* in the order of the input */
    size_t count;
    size_t capacity;
    size_t out;       /* entries that are */
    bool is_complete; /* all of the input is here */
    size_t rest;      /* the entry that entries_rest() looks at next */
    struct heap due;
};

void entries_init(struct entries *entries, struct sequence *sequence);
void entries_release(struct entries *entries);

/* One more endpoint; its target is held. ERROR_NONE, ERROR_NO_MEMORY, or ERROR_FULL: too
 * many.
 */
enum error entries_add(struct entries *entries, const struct endpoint *endpoint);

/* These were all: from now on they can be asked. ERROR_NONE or ERROR_NO_MEMORY. */
enum error entries_close(struct entries *entries);

/*
 * Read more of the input. ERROR_NONE once all of it is here; ERROR_PAUSE: call again; otherwise
 * as sequence_next(), entries_add() and entries_close() say. Does nothing once they are
 * complete.
 */
enum error entries_gather(struct entries *entries);

/* Ask the entry at `at_ns`; of several due at one time, the order is any. */
void entries_ask_at(struct entries *entries, struct entry *entry, int64_t at_ns);

/* The next entry that is due, which is out from here on; NULL for none. */
struct entry *entries_take(struct entries *entries, int64_t now_ns);

/* The entry that entries_take() would give; NULL for none. */
struct entry *entries_next(const struct entries *entries, int64_t now_ns);

/* Do not ask the entry again; it may be out. */
void entries_leave(struct entries *entries, struct entry *entry);

/* The entry whose answer this endpoint brings; it is not out any more. */
struct entry *entries_answered(struct entries *entries, const struct endpoint *endpoint);

/* When the next one is due; NEVER_NS for none. */
int64_t entries_due_ns(const struct entries *entries);

/* Whether none is being asked, and none will be. */
bool entries_are_idle(const struct entries *entries);

/* Once nothing is asked any more: the next entry without a row; ERROR_NONE or ERROR_END. */
enum error entries_rest(struct entries *entries, struct endpoint *endpoint);

/* Whether entries_rest() has another one. */
bool entries_have_rest(const struct entries *entries);

#endif
