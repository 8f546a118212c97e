/*
 * words: the values in what a user of the lab writes, and the one form of its complaints.
 */
#ifndef TESTS_LAB_WORDS_H
#define TESTS_LAB_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"

enum { WORD_SIZE = 256 }; /* bytes of a word, with terminator */

/* What is wrong with a word, and the way out. */
struct flaw {
    const char *what;
    const char *remedy;
    char word[WORD_SIZE]; /* filled in by whoever holds the word */
};

/* Note what is wrong. Returns false, for the caller to return. */
bool flaw_set(struct flaw *flaw, const char *what, const char *remedy);

/* "lab: WHAT 'WORD' in 'WHOLE': REMEDY" on standard error. */
void flaw_print(const struct flaw *flaw, const char *whole);

/*
 * Parse a value. True on success; on failure the result is untouched.
 *
 * words_count     digits only, least..most
 * words_duration  as duration.h has it
 * words_chance    "12%", "0.5%", 0-100: a share of CHANCE_WHOLE (hash.h)
 */
bool words_count(const char *text, uint64_t least, uint64_t most, uint64_t *count);
bool words_duration(const char *text, int64_t *duration_ns, struct flaw *flaw);
bool words_chance(const char *text, uint64_t *chance, struct flaw *flaw);

#endif
