/*
 * host: what the host of a target is: a name, an address, a prefix, a range, or wrong.
 *
 * Private to target. It judges what target_parts cut out; no name is looked up.
 */
#ifndef NETCHECK_HOST_H
#define NETCHECK_HOST_H

#include "netcheck/target/target.h"
#include "target_parts.h"

/*
 * Judge the host of `parts`, its scope and prefix, and fill kind, addresses and fault of
 * `target`. ERROR_NONE, or ERROR_INVALID with what is wrong and where.
 *
 * Source: RFC 1035 section 2.3.4 (lengths), RFC 4007 section 11 (scope), RFC 4632 (prefixes).
 */
enum error host_judge(const struct target_parts *parts, struct target *target,
                      struct fault *fault);

#endif
