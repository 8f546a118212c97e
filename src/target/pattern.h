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

#include "netcheck/base/buffer.h"
#include "netcheck/base/slice.h"

/*
 * Whether `host` begins with a digit, has nothing but digits, dots and range marks, and at
 * least one of these: - * x X _ ~ ? [ ] { }, a dash of Unicode, or ".." behind an address.
 */
bool pattern_is_numeric(const struct slice *host);

/* Append what to write instead of it, "write 10.0.0.0/24". */
void pattern_suggest(struct buffer *out, const char *text, size_t len);

/* Append the range "10.0.0.9-10.0.0.1" or "[::9]-[::1]" with its lower address first. */
void pattern_suggest_forward(struct buffer *out, const char *text, size_t len);

/* Append the long form of "[2001:db8::1-f]", of which `text` is the inside. */
void pattern_suggest_long(struct buffer *out, const char *text, size_t len);

#endif
