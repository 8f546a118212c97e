/*
 * words: the user's own words, as a way out of a fault repeats them.
 *
 * Private to target.
 */
#ifndef NETCHECK_WORDS_H
#define NETCHECK_WORDS_H

#include <stdbool.h>

#include "netcheck/base/buffer.h"
#include "netcheck/base/slice.h"
#include "netcheck/target/protocols.h"

/* Whether they can be written as they are shown: nothing in them is escaped, masked or cut. */
bool words_are_repeatable(const struct slice *words);

/* Append them as they are. */
void words_repeat(struct buffer *out, const struct slice *words);

/* From `at`, a place in the text, to the next blank or the end of the text. */
struct slice words_from(const struct slice *text, const char *at);

/* The protocol that is written before a host, "tls" of "!tls://db"; NULL: none is. */
const struct protocol_traits *words_protocol(const struct slice *word);

#endif
