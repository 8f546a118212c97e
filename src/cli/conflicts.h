/*
 * conflicts: which options do not go together, or need another one, and the way out.
 *
 * Pure. Looks at the options once all of them are there, so that their order is free; what one
 * argument may be is not looked at here (apply.h), and targets only by how they begin. A rule
 * is a condition and a text in the group of its subject, a group a function and its row.
 */
#ifndef NETCHECK_CONFLICTS_H
#define NETCHECK_CONFLICTS_H

#include <stdbool.h>

#include "netcheck/base/buffer.h"
#include "netcheck/cli/options.h"

/* Append the first problem, a line without its end. Returns false where there is none. */
bool conflicts_refuse(struct buffer *message, const struct options *options);

#endif
