/*
 * completion: what a shell needs to know to complete a command line of netcheck.
 *
 * Pure: rows of options in, the text of a file for bash, zsh or fish out. What no table has, as
 * hosts, services and files, is in the scripts of src/completion/, which are built in; each
 * has a line "@OPTIONS@", for which there will be a line an option.
 */
#ifndef NETCHECK_COMPLETION_H
#define NETCHECK_COMPLETION_H

#include <stddef.h>

#include "netcheck/base/buffer.h"
#include "option_table.h"

/* The name of the shell at `index`, or NULL behind the last one. */
const char *completion_shell(size_t index);

/* Append the completion for the shell at `index`. */
void completion_write(struct buffer *out, size_t index, const struct option *options,
                      size_t count);

#endif
