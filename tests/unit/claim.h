/*
 * claim: assertions that name the row of the table they failed in.
 *
 * cmocka's own know only file and line, which all rows of a table share. Main thread only: a
 * claim that does not hold leaves by longjmp(). This header brings cmocka with what it needs,
 * and lets a test leave out the state that cmocka hands to each.
 */
#ifndef NETCHECK_TESTS_UNIT_CLAIM_H
#define NETCHECK_TESTS_UNIT_CLAIM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "netcheck/base/base.h"
#include "netcheck/target/fault.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"

void claim_true(const char *label, const char *what, bool is_true);
void claim_number(const char *label, const char *what, uint64_t actual, uint64_t expected);

/* Either may be NULL. */
void claim_text(const char *label, const char *what, const char *actual, const char *expected);
void claim_bytes(const char *label, const char *what, const char *actual, size_t len,
                 const char *expected, size_t expected_len);

/* `part` stands somewhere in `text`. */
void claim_contains(const char *label, const char *text, const char *part);

void claim_error(const char *label, enum error actual, enum error expected);

/* What a parser returns beside this fault: ERROR_NONE beside none, else ERROR_INVALID. */
enum error error_beside(enum fault_code code);

/* Code, place and length. */
void claim_fault(const char *label, const struct fault *actual, const struct fault *expected);

/*
 * `len` bytes on the heap, without a terminator and without a byte to spare, so that a
 * sanitizer sees a parser read past its end. To be freed by the caller.
 */
char *copy_exactly(const char *bytes, size_t len);

#endif
