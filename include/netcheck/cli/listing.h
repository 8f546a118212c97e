/*
 * listing: prints what would be asked, a target a line, and asks nothing (--list).
 *
 * A line is a target again: what is printed can be read with -f.
 */
#ifndef NETCHECK_LISTING_H
#define NETCHECK_LISTING_H

#include "netcheck/cli/options.h"

/* Returns the exit status: 0, or 2 where a line is malformed or something could not be read or
   written, which is said on standard error. */
int listing(const struct options *options);

#endif
