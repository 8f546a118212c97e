/*
 * punycode: the ASCII form of a name in Unicode: "xn--bcher-kva" of "Bücher".
 *
 * For a message that says what to write. Only what this small rule knows is answered: a form
 * that may be wrong is worse than none. It needs no locale, so that every machine says the
 * same.
 */
#ifndef NETCHECK_PUNYCODE_H
#define NETCHECK_PUNYCODE_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/base/buffer.h"

/*
 * Append the name of `len` bytes, labels with dots between them: in small letters where a label
 * is not ASCII, full-width letters, digits and dots as plain ones, ASCII labels as they are.
 *
 * Returns false, and `out` as before, where the form is not known: no UTF-8, a character whose
 * small form or normal form the rule does not know (combining marks, symbols), a label of more
 * than 63 bytes.
 * Source: RFC 3492, RFC 5891 section 4, RFC 5892 (characters that are allowed).
 */
bool punycode_name(struct buffer *out, const char *name, size_t len);

#endif
