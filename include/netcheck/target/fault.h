/*
 * fault: what is wrong with a text that somebody wrote, and where.
 *
 * Parsers fill a struct fault and print nothing; this module words it.
 */
#ifndef NETCHECK_FAULT_H
#define NETCHECK_FAULT_H

#include <stddef.h>

#include "netcheck/base/buffer.h"
#include "netcheck/base/error.h"

struct fault {
    enum error code;
    size_t at;  /* where the offending piece begins, bytes from the start of the text */
    size_t len; /* bytes of the piece; 0: something is missing there */
};

/* Where a text came from. A NULL source is the command line, which has no lines. */
struct place {
    const char *source; /* file name as the user wrote it, borrowed */
    size_t line;        /* from 1 */
    size_t at;          /* where the text begins on its line, in bytes */
};

/*
 * Append what is wrong, in the program's one form:
 *
 *     invalid port '70000' in 'db:70000' (hosts.txt:12:4): allowed is 1-65535
 *
 * text, len  the whole text the fault points into; any bytes, they are escaped, and a long
 *            text is shortened with "..."
 * place      may be NULL; the column is place->at + fault->at + 1
 */
void fault_describe(struct buffer *out, const char *text, size_t len, const struct fault *fault,
                    const struct place *place);

#endif
