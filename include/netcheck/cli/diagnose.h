/*
 * diagnose: what the program says of itself on standard error. Besides main.c the only place
 * that prints.
 */
#ifndef NETCHECK_DIAGNOSE_H
#define NETCHECK_DIAGNOSE_H

#include <stdbool.h>

#include "netcheck/base/error.h"
#include "netcheck/os/output.h"
#include "netcheck/target/fault.h"

/*
 * Write "netcheck: ", the formatted text and a line end to standard error, in one piece.
 * Foreign bytes in it must be escaped by the caller. A failure is ignored: there is nobody left
 * to tell.
 */
void diagnose(const char *format, ...) PRINTF_LIKE(1, 2);

/* Say what the error is. */
void diagnose_error(enum error error);

/* Say what is wrong, and the way out: of what has no text to point into. */
void diagnose_fault(enum fault_code code);

/*
 * Append a line if anything of standard output was lost. A closed pipe is no news: its reader
 * has seen enough.
 */
void diagnose_lost(const struct output *output, struct buffer *out);

/* The same to standard error. Returns whether all was written. */
bool diagnose_output(const struct output *output);

#endif
