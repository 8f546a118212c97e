/*
 * duration: "5", ".5", "200ms", "1m30s" to nanoseconds.
 *
 * Knows nothing of options; the caller says which durations it allows.
 */
#ifndef NETCHECK_DURATION_H
#define NETCHECK_DURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"
#include "netcheck/base/error.h"

/*
 * Parse `text`: a number alone, of seconds, or numbers with a unit each, one of d, h, m, s and
 * ms, joined from the largest unit to the smallest, each unit once. A number is decimal digits
 * with at most one point before, among or behind them. What of a number is below a nanosecond
 * is dropped. No sign, no exponent, no space. A day has 24 hours.
 *
 * Go takes units in any order and more than once; here that is refused, since it is more often
 * a slip ("30s1m" for "30s-1m", "5s5s") than meant.
 *
 * duration_ns  out; 0 and more; untouched on failure
 *
 * Returns ERROR_NONE, ERROR_INVALID (not of that form) or ERROR_RANGE (over
 * INT64_MAX nanoseconds, 292 years).
 */
enum error duration_parse(const char *text, int64_t *duration_ns);

/*
 * Append what `len` bytes that are no duration may be meant to be, in the form that
 * duration_parse() takes: "0,5" as "0.5", "1m30" as "1m30s", "5 minutes" as "5m".
 *
 * Returns false, with nothing appended, where that is not clear.
 */
bool duration_suggest(const char *text, size_t len, struct buffer *out);

#endif
