/*
 * pattern: texts of digits, dots and range marks that are no address, prefix or range, as
 * "10.0.0.x", "10.2-3.0.1" and "10.0.0.0_24": no name either, and what may have been meant.
 *
 * Private to target. Pure text: nothing is looked up.
 */
#ifndef NETCHECK_PATTERN_H
#define NETCHECK_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "suggest.h"
#include "netcheck/base/slice.h"

/*
 * Whether `host` begins with a digit, has nothing but digits, dots and range marks, and at
 * least one of these: - * x X _ ~ ? [ ] { }, a dash of Unicode, or ".." behind an address.
 */
bool pattern_is_numeric(const struct slice *host);

/* Append what to write instead of it, "write 10.0.0.0/24". */
suggest_function pattern_suggest;

/* Append the range "10.0.0.9-10.0.0.1" or "[::9]-[::1]" with its lower address first. */
suggest_function pattern_suggest_forward;

/* Append the long form of "[2001:db8::1-f]", of which the piece is the inside. */
suggest_function pattern_suggest_long;

#endif
