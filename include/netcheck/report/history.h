/*
 * history: what became of each target so far, where targets are asked more than once.
 *
 * A series is the rows of one target; with -A of one address of it, in the order in which
 * addresses turn up. Memory is bounded by their number, however long it goes on: where a name
 * has ever new addresses, those that were not seen for longest are forgotten.
 */
#ifndef NETCHECK_HISTORY_H
#define NETCHECK_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/error.h"
#include "netcheck/probe/result.h"
#include "netcheck/report/stats.h"

enum { HISTORY_ADDRESSES = 128 }; /* of one member that are remembered */

struct series {
    struct series *sibling; /* with -A: the next address of the same member */
    struct result last;     /* holds its target */
    int64_t since_ns;       /* asked_ns of the first row in the state of `last` */
    bool is_awaited;        /* no row yet: `last` says nothing but who it is about */
    bool is_gone;           /* -A: the last answer did not have its address; the next one that
                               has it is as the first */
    struct stats *stats;    /* owned; NULL where they are not wanted, and while it is awaited */
};

struct history {
    bool is_by_address; /* -A: a series an address, not a member */
    bool has_stats;
    struct series **series; /* as they turned up; owned, each for itself */
    size_t count;
    size_t capacity;
    struct series **members; /* the first series of each member, or NULL */
    size_t member_count;
};

/* has_stats: keep what a summary needs, some 3 KB a series. */
void history_init(struct history *history, bool is_by_address, bool has_stats);

void history_release(struct history *history);

/* The first series of the member, or NULL while it has none; it may be awaited. */
const struct series *history_member(const struct history *history, size_t member);

/* Whether a row of the endpoint was added; where it has no address, of any address of its
 * member. */
bool history_has_row(const struct history *history, const struct endpoint *endpoint);

/*
 * A row of this endpoint, the only one of its member so far, is to come from now_ns on: until
 * then its series is awaited; with is_by_address that of the member's first row takes its
 * place.
 *
 * Returns ERROR_NONE or ERROR_NO_MEMORY.
 */
enum error history_expect(struct history *history, const struct endpoint *endpoint,
                          int64_t now_ns);

/*
 * Count a row and tell in result->change what it changed. The row stays the caller's; by
 * `endpoint.member`, and with is_by_address by its address, it finds its series.
 *
 * series  out; the row's
 *
 * Returns ERROR_NONE or ERROR_NO_MEMORY.
 */
enum error history_add(struct history *history, struct result *result, struct series **series);

#endif
