/*
 * run: one run of the program: targets in, rows out, exit status.
 *
 * Pulls endpoints from a schedule, lets the engine ask them, and gives their rows to the sinks.
 * A slow network or a slow reader of the rows stops the pulling.
 */
#ifndef NETCHECK_RUN_H
#define NETCHECK_RUN_H

#include <stdbool.h>

#include "netcheck/cli/options.h"

/* How it ended. */
struct run_end {
    int status;     /* the exit status */
    int signal;     /* to die of, when all is flushed; 0 for none */
    bool may_leave; /* false: a resolver thread still hangs in a lookup, end with os_exit() */
};

/*
 * Check everything that `options` names and print the rows; complaints go to standard error.
 * Standard output is closed unless a COMMAND is to follow. SIGINT and SIGTERM end the run: what
 * is finished is printed.
 */
void run(const struct options *options, struct run_end *end);

#endif
