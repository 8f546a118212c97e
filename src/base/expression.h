/*
 * expression: a regular expression as users write it, made one that every C library takes for
 * the same: what POSIX leaves open is expanded or refused. Pure.
 *
 * What matcher.h says of escapes and limits is decided here.
 */
#ifndef NETCHECK_EXPRESSION_H
#define NETCHECK_EXPRESSION_H

#include "netcheck/base/buffer.h"
#include "netcheck/base/error.h"
#include "netcheck/base/matcher.h"

/*
 * Append the expression of `len` bytes at `written` for regcomp(3), which judges the rest of
 * its grammar.
 *
 * Returns ERROR_NONE, ERROR_NO_MEMORY, or ERROR_INVALID with `fault`, whose place counts from
 * `written`.
 */
enum error expression_translate(struct buffer *out, const char *written, size_t len,
                                struct matcher_fault *fault);

#endif
