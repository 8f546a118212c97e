/*
 * escape: foreign bytes made harmless for one kind of output.
 *
 * Names, file lines and file names come from outside. Nothing of theirs reaches a terminal or a
 * format without passing here.
 */
#ifndef NETCHECK_ESCAPE_H
#define NETCHECK_ESCAPE_H

#include <stddef.h>

#include "netcheck/base/buffer.h"

/*
 * Append `len` bytes for a person: printable ASCII as it is, a backslash doubled, everything
 * else as \xNN, so that one line stays one line and no terminal obeys it.
 */
void escape_text(struct buffer *out, const char *bytes, size_t len);

/*
 * The same for sentences: well-formed UTF-8 passes, too, where it is visible (utf8.h). What is
 * not becomes \uNNNN or \UNNNNNNNN, and a byte of no character \xNN.
 */
void escape_readable(struct buffer *out, const char *bytes, size_t len);

/* The latter in single quotes; of more than 64 bytes the rest becomes "...". */
void escape_quoted(struct buffer *out, const char *bytes, size_t len);

/*
 * Append `len` bytes as the value of a label of Prometheus, without its quotes: a backslash, a
 * quote and a newline behind a backslash. Other control characters (C1 too), and each byte that
 * is not part of valid UTF-8, become the text \xNN, which its reader sees.
 * Source: Prometheus' text format 0.0.4.
 */
void escape_prometheus(struct buffer *out, const char *bytes, size_t len);

/*
 * The text of an element, or of an attribute in quotes, of HTML and XML: what means something
 * there becomes a reference, what is not visible is escaped as for sentences. A backslash stays
 * one: the bytes may have passed one of the functions above.
 */
void escape_markup(struct buffer *out, const char *bytes, size_t len);

/*
 * Append `len` bytes as a JSON string, quotes included (RFC 8259 section 7). Valid UTF-8
 * passes, control characters (C1 too) become \u00NN, the separators U+2028 and U+2029, at which
 * some readers end a line, \u2028 and \u2029; each byte that is not part of valid UTF-8
 * (RFC 3629) becomes U+FFFD.
 */
void escape_json(struct buffer *out, const char *bytes, size_t len);

#endif
