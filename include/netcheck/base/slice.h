/*
 * slice: a part of a text, by where it begins and ends.
 *
 * What a parser cuts a text into before it judges the parts; the text is borrowed and need not
 * be terminated. Invariant: from <= to.
 */
#ifndef NETCHECK_SLICE_H
#define NETCHECK_SLICE_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes from..to of `text`. */
struct slice {
    const char *text;
    size_t from;
    size_t to;
};

/* Bytes in it. */
size_t slice_len(const struct slice *slice);

/* The first byte; not terminated. */
const char *slice_start(const struct slice *slice);

/* The place of the first `c`, or slice->to. */
size_t slice_find(const struct slice *slice, char c);

/* How many bytes of it are `c`. */
size_t slice_count(const struct slice *slice, char c);

/* Whether it is this word, in capitals or not. */
bool slice_is(const struct slice *slice, const char *word);

/* Whether it is digits, at least one, and nothing else. */
bool slice_is_number(const struct slice *slice);

/* Leave out the blanks and tabs at both its ends. */
void slice_trim(struct slice *slice);

#endif
