/*
 * argument: what stands behind an option, as a value, and how it is refused.
 *
 * Knows no option: limits and words come from the caller. Each function that returns false has
 * appended to use->message what is wrong, and left its results untouched.
 */
#ifndef NETCHECK_ARGUMENT_H
#define NETCHECK_ARGUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/target/fault.h"
#include "option_table.h"

/* "invalid X 'ARGUMENT' for -o: REMEDY"; NULL: without a remedy. Returns false. */
bool argument_refuse(const struct use *use, const char *what, const char *remedy);

/* The same in the words of fault.h. Returns false. */
bool argument_refuse_fault(const struct use *use, enum fault_code code);

/* "invalid X 'ARGUMENT' for -o: allowed is A, B or C". Returns false. */
bool argument_refuse_words(const struct use *use, const char *what, option_word *word);

/*
 * A duration of least_ns and more.
 *
 * small  what a shorter one is refused as
 * large  out; the argument, where it has no unit and is so large that milliseconds may be
 *        meant, else NULL; see `large` of struct options
 */
bool argument_duration(const struct use *use, int64_t least_ns, enum fault_code small,
                       const char **large, int64_t *duration_ns);

/* A number of decimal digits, least..most. */
bool argument_count(const struct use *use, size_t least, size_t most, size_t *count);

/* For numbers that stand beside something else: digits up to `end`. False, and nothing
   appended, for none, and for more than 64 bits. */
bool argument_digits(const char *text, const char **end, uint64_t *value);

/* The index of `len` bytes at `text` among the words. False, and nothing appended, where they
   are none of them. */
bool argument_find_word(option_word *word, const char *text, size_t len, size_t *index);

#endif
