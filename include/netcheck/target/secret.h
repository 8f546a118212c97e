/*
 * secret: passwords in a text that people are shown.
 *
 * Targets are pasted with what belongs to them: "postgres://app:password@db/x". Whatever quotes
 * a text of the user passes here before it is escaped. It knows no grammar: a text that is
 * malformed has its password, too, and perhaps a '/', '#', '@' or blank in it. Where it is not
 * clear how far one reaches, rather too much is hidden than too little.
 */
#ifndef NETCHECK_SECRET_H
#define NETCHECK_SECRET_H

#include <stddef.h>

#include "netcheck/base/buffer.h"
#include "netcheck/base/slice.h"

/*
 * Append `len` bytes of `text` with "***" in place of
 *
 * - what stands between "://" and the last '@' of the text;
 * - what stands before the last '@' in a word that has a ':' or '/' before one, and no "://",
 *   and is no path of a file;
 * - the port of a URL that has no '@' and is no number: it may be the password of one that was
 *   cut off;
 * - all behind "password=", "password: " and the like;
 * - all behind HOST:PORT:DATABASE:USER: of PostgreSQL's .pgpass.
 *
 * Any of these marks may be percent-encoded. A text that was masked is not changed any more.
 *
 * piece  a part of the text, or NULL; out: the same part of what was appended, from its start;
 *        a secret that it touches is in it as a whole
 */
void secret_mask(struct buffer *out, const char *text, size_t len, struct slice *piece);

/* The same of a text that goes on behind its end, where an '@' may be. */
void secret_mask_cut(struct buffer *out, const char *text, size_t len);

/* The masked text in quotes, as escape_quoted() has it. */
void secret_quoted(struct buffer *out, const char *text, size_t len);

#endif
