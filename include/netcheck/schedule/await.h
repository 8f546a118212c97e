/*
 * await: each target again and again until all are as expected.
 *
 * A target that is not is asked again after a pause (backoff.h), counted from the last asking.
 * One that is as expected is left alone; if the others take more than 5 s longer, it is asked
 * once more at the end, to confirm it.
 *
 * Pure: the caller says what time it is, and when it is enough.
 */
#ifndef NETCHECK_AWAIT_H
#define NETCHECK_AWAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/base/backoff.h"
#include "netcheck/probe/result.h"
#include "netcheck/schedule/roster.h"

struct await {
    struct roster *roster; /* borrowed, and closed */
    struct backoff backoff;
    bool is_any;      /* one target is enough */
    size_t expected;  /* members that are as expected */
    bool has_invalid; /* a line that could not be read is among them */
    bool is_vain;     /* no answers can meet it any more: each is asked only once */
};

/*
 * Everybody is due now, in the order of the input. A bad line of a file makes it vain, unless
 * one target is enough; is_vain may be set before for other reasons.
 */
void await_begin(struct await *await, int64_t now_ns);

/* The next row to ask; false while none is due. */
bool await_next(struct await *await, int64_t now_ns, struct endpoint *endpoint);

/* A row of an answer, in which with -A there are several. */
void await_answered(struct await *await, const struct result *result, bool is_expected,
                    int64_t now_ns);

/*
 * Whether all are as expected, and confirmed where that is due; with is_any, whether one is.
 * Nobody always is.
 */
bool await_is_met(const struct await *await);

/* Whether nobody is asked any more, and it is not met: it was in vain. */
bool await_is_hopeless(const struct await *await);

#endif
