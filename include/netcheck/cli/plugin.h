/*
 * plugin: what is different where the reader of standard output is a monitoring system, which
 * takes one answer, and its failures there, too.
 *
 * Pure; knows the words of the command line, not what comes of them.
 */
#ifndef NETCHECK_PLUGIN_H
#define NETCHECK_PLUGIN_H

#include <stdbool.h>

#include "netcheck/cli/options.h"

/*
 * Whether the words ask for a plugin's format on standard output. For before they are parsed:
 * what is wrong with them has to be told there. Mistakes in them are passed over.
 *
 * is_refused  they were not accepted: "--format" is taken for the option where it stands in the
 *             place of an argument, too, which may be missing as the macro for it is empty
 */
bool plugin_is_asked(char *const argv[], bool is_refused);

/* What does not go with such a format, or --warn and --crit without one; NULL: nothing. */
const char *plugin_find_problem(const struct options *options);

/*
 * Append what is wrong with --warn and --crit beside each other and -t. Returns false where
 * nothing is.
 */
bool plugin_refuse_limits(struct buffer *message, const struct options *options);

#endif
