/*
 * help: what -h and --help print.
 *
 * Pure: rows of options in, text of at most 80 columns out. Which options there are is not
 * known here, nor where the text goes.
 */
#ifndef NETCHECK_HELP_H
#define NETCHECK_HELP_H

#include <stddef.h>

#include "netcheck/base/buffer.h"
#include "option_table.h"

/* Append all of it: usage, each group under its title with a row an option, examples. */
void help_write(struct buffer *out, const struct option *options, size_t count);

/* The same in 24 lines: only the options that are common, in their order, without titles. */
void help_write_short(struct buffer *out, const struct option *options, size_t count);

/* The title of the group, as the manual has it. */
const char *help_title(enum option_group group);

/* Append all of these words. */
void help_add_words(struct buffer *out, option_word *word, const char *separator);

/* Append the argument as help and messages write it: "DUR", "[=SEED]", "up|down"; nothing for
 * NULL. */
void help_add_argument(struct buffer *out, const struct argument *argument);

#endif
