/*
 * exclude: reads what --exclude and --exclude-file say. Private to cli.
 */
#ifndef NETCHECK_EXCLUDE_H
#define NETCHECK_EXCLUDE_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/cli/options.h"
#include "netcheck/target/exclusion.h"

/*
 * Read all of it, files to their end, before anything is asked.
 *
 * end_ns     monotonic: what is not read by then is an error; NEVER_NS: no end
 * exclusion  out: to be freed by the caller, also on failure; NULL where nothing is excluded
 *
 * False, with a message written: something of it is not valid or cannot be read.
 */
bool exclude_read(const struct options *options, int64_t end_ns, struct exclusion **exclusion);

#endif
