/*
 * span: a part of a text, by where it begins and ends.
 *
 * What a parser cuts a text into before it judges the parts; the text is borrowed and need not
 * be terminated. Invariant: from <= to.
 */
#ifndef NETCHECK_SPAN_H
#define NETCHECK_SPAN_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/fault.h"

/* Bytes from..to of `text`. */
struct span {
    const char *text;
    size_t from;
    size_t to;
};

/* Say in `fault` that this part is wrong. Returns `code`. */
enum error span_fail(const struct span *span, enum error code, struct fault *fault);

/* Bytes in it. */
size_t span_len(const struct span *span);

/* The first byte; not terminated. */
const char *span_start(const struct span *span);

/* The place of the first `c`, or span->to. */
size_t span_find(const struct span *span, char c);

/* How many bytes of it are `c`. */
size_t span_count(const struct span *span, char c);

/* Whether it is this word, in capitals or not. */
bool span_is(const struct span *span, const char *word);

/* Whether it is digits, at least one, and nothing else. */
bool span_is_number(const struct span *span);

#endif
