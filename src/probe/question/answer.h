/*
 * answer: what the judges of all questions need: to look into bytes of any length without
 * reading past their end, and to say in printable words what they mean.
 */
#ifndef NETCHECK_ANSWER_H
#define NETCHECK_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/base.h"
#include "netcheck/probe/question.h"

/* Whether the `len` bytes at `at` are there, and are these. */
bool answer_has(const struct answer_bytes *answer, size_t at, const void *bytes, size_t len);

/* Whether it begins with this text, as far as it has come. */
bool answer_begins(const struct answer_bytes *answer, const char *text);

/* Whether the bytes from `at` on are these, as far as they have come. */
bool answer_may_have(const struct answer_bytes *answer, size_t at, const void *bytes,
                     size_t len);

/* Where this text stands first; answer->len: nowhere. */
size_t answer_find(const struct answer_bytes *answer, const char *text);

/* The number of two bytes at `at`, the first the higher one; they must be there. */
uint16_t answer_number(const struct answer_bytes *answer, size_t at);

/* Whether the `len` bytes at `at`, which must be there, are all printable ASCII, at least one.
 */
bool answer_is_printable(const struct answer_bytes *answer, size_t at, size_t len);

/* Behind the words of the reply these, as printf(3): our own, which fit. */
void answer_say(struct reply *reply, const char *format, ...) PRINTF_LIKE(2, 3);

/* reply_quote(). */
void answer_quote(struct reply *reply, const unsigned char *bytes, size_t len);

#endif
