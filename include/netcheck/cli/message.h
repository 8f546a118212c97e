/*
 * message: what the program says of itself on standard error, at once and past every buffer.
 *
 * For the time before a run has its outputs (streams.h) and after it gave them back.
 */
#ifndef NETCHECK_MESSAGE_H
#define NETCHECK_MESSAGE_H

#include <stdbool.h>

#include "netcheck/base/buffer.h"
#include "netcheck/base/error.h"
#include "netcheck/os/output.h"

/*
 * From now on standard output is read by a monitoring system, which takes no notice of standard
 * error: each message goes there, as the first line of a plugin that failed.
 */
void message_to_plugin(void);

/*
 * Write "netcheck: ", the formatted text and a line end to standard error, in one piece.
 * Foreign bytes in it must be escaped by the caller. A failure is ignored: standard error is
 * where it would be told.
 */
void message_say(const char *format, ...) PRINTF_LIKE(1, 2);

/* Say what the error is; of the limits of the input, ERROR_FULL and ERROR_RANGE, the way out.
 */
void message_error(enum error error);

/* Append "cannot read 'hosts.txt': No such file or directory", a password in it hidden. */
void message_unreadable(struct buffer *out, const char *path, const char *why);

/* Append "cannot write 'page.html': No space left on device", and the way out where it is
 * known. */
void message_unwritable(struct buffer *out, const char *path, int error);

/*
 * Append a line if anything of standard output was lost, unless a reader closed the pipe: it
 * has seen what it wanted.
 */
void message_lost(const struct output *output, struct buffer *out);

/* Write that line to standard error. Returns whether all of standard output was written. */
bool message_output(const struct output *output);

#endif
