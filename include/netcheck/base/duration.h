/*
 * duration: "5", "0.5", "200ms", "1.5m" to nanoseconds.
 *
 * Knows nothing of options; the caller says which durations it allows.
 */
#ifndef NETCHECK_DURATION_H
#define NETCHECK_DURATION_H

#include <stdint.h>

#include "netcheck/base/error.h"

/*
 * Parse `text`: decimal digits, optionally a point and more digits, then nothing (seconds) or
 * one of ms, s, m, h. Digits below a nanosecond are dropped. No sign, no exponent, no space.
 *
 * duration_ns  out; 0 and more; untouched on failure
 *
 * Returns ERROR_NONE, ERROR_INVALID (not of that form) or ERROR_RANGE (over
 * INT64_MAX nanoseconds, 292 years).
 */
enum error duration_parse(const char *text, int64_t *duration_ns);

#endif
