/*
 * detail: what a row says besides its state, its reason and its time.
 *
 * For people, in text and as a field of other formats. What the protocols call things is one
 * table in detail.c, which a new protocol has a row in where it needs other words than TCP.
 */
#ifndef NETCHECK_DETAIL_H
#define NETCHECK_DETAIL_H

#include <stdbool.h>

#include "netcheck/base/buffer.h"
#include "netcheck/report/report.h"

/*
 * Append everything about the row that its reason does not say; may append nothing. Foreign
 * bytes are escaped.
 *
 * report  its time: whether a certificate is still good is told as of when the row was made
 */
void detail_describe(struct buffer *out, const struct report *report,
                     const struct result *result);

/* Whether what the service said is the reason. */
bool detail_is_answer(enum reason reason);

/* Whether the row is a refusal whose reason says all that matters, so that its time stands
   behind it: "refused in 0.4 ms". */
bool detail_is_plain_refusal(const struct result *result);

#endif
