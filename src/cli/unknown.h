/*
 * unknown: what is said of a word that is no option here.
 *
 * First what another program's option is called here (foreign.h), then an option of ours with
 * another number of dashes, then names that are near. Nothing is near to a single letter. A
 * value is never shown: it may be a password.
 *
 * Each appends one line without its end to `out`. `argv` is the whole command line, ending with
 * NULL.
 */
#ifndef NETCHECK_UNKNOWN_H
#define NETCHECK_UNKNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/base/buffer.h"

/* Of "--name" or "--name=value". */
void unknown_name(struct buffer *out, char *const argv[], const char *written);

/* Of the letter at `at`, from 1 on, of "-abc". */
void unknown_letter(struct buffer *out, char *const argv[], const char *written, size_t at);

/*
 * Of "-sT", "-timeout", "-hdb" or "-w 5,5%" behind -H, which were read as letters of ours in
 * vain.
 *
 * Returns false, with nothing appended, where they mean nothing elsewhere either.
 */
bool unknown_whole(struct buffer *out, char *const argv[], const char *written);

/*
 * Of "\u2013w", as documents and word processors make it of "-w": no host begins with such a
 * dash.
 *
 * Returns false, with nothing appended, where `word` begins with something else.
 */
bool unknown_dash(struct buffer *out, const char *word);

#endif
