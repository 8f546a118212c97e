/*
 * exclude: reads what --exclude and --exclude-file say. Private to cli.
 */
#ifndef NETCHECK_EXCLUDE_H
#define NETCHECK_EXCLUDE_H

#include <stdbool.h>

#include "netcheck/cli/options.h"
#include "netcheck/target/exclusion.h"

/*
 * Read all of it, files to their end, before anything is asked; -m bounds that, too.
 *
 * exclusion  out: to be freed by the caller, also on failure; NULL where nothing is excluded
 *
 * False, with a message written: something of it is not valid or cannot be read.
 */
bool exclude_read(const struct options *options, struct exclusion **exclusion);

#endif
