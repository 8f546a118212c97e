/*
 * version: which netcheck this is, and what is built into it.
 *
 * NETCHECK_VERSION and NETCHECK_COMMIT come from the Makefile, which gives them to this module
 * alone.
 */
#ifndef NETCHECK_VERSION_H
#define NETCHECK_VERSION_H

#include "netcheck/base/buffer.h"

/*
 * Append four lines: "netcheck 0.2.0 (commit 0123456789ab, glibc 2.36)", without the commit
 * where it is not known, then protocols, formats, and what the system has beyond POSIX.
 */
void version_describe(struct buffer *out);

#endif
