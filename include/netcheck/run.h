/*
 * run: one run of the program: targets in, rows out, exit status.
 *
 * Pulls targets from the source, keeps the engine's window full, brings rows into order and
 * hands them to a writer. A slow network or a slow reader of the rows stops the pulling.
 */
#ifndef NETCHECK_RUN_H
#define NETCHECK_RUN_H

#include <stdbool.h>

#include "netcheck/options.h"

/*
 * Check everything that `options` names and print the rows; complaints go to standard error.
 *
 * may_leave  out; false: a resolver thread still hangs in a lookup, end with os_exit()
 *
 * Returns the exit status. Standard output is closed unless a COMMAND is to follow.
 */
int run(const struct options *options, bool *may_leave);

#endif
