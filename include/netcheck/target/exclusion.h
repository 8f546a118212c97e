/*
 * exclusion: addresses, names and ports that are never asked, also where a target has them.
 *
 * Without ports every port of the host is meant, and its echo; without a protocol every
 * protocol. What excludes a port of TCP excludes TLS there, too. A name is compared as text, in
 * capitals or not, with a final dot or without; it is not looked up, and nothing is known of
 * its addresses. An IPv4 address and the same one mapped into IPv6 are one; a range that has
 * all of ::ffff:0.0.0.0/96 and more is of IPv6 alone. A link-local address without an interface
 * is meant on every one.
 *
 * What is excluded is kept as ranges, sorted and merged, of addresses for each node of a binary
 * tree over the 65536 ports, of which each protocol has one: a port lies in 18 nodes of a tree,
 * a range of ports is 31 of them at most, and all ports are one. So a question costs 18 binary
 * searches for each of two or three trees, however much is excluded, and fewer where fewer
 * nodes are in use; of names it costs as many looks into a hash table.
 */
#ifndef NETCHECK_EXCLUSION_H
#define NETCHECK_EXCLUSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/os/os.h"
#include "netcheck/target/fault.h"
#include "netcheck/target/target.h"

struct exclusion;

/* os: borrowed; it knows the numbers of interfaces. ERROR_NONE or ERROR_NO_MEMORY. */
enum error exclusion_new(const struct os *os, struct exclusion **exclusion);

/* NULL is allowed. */
void exclusion_free(struct exclusion *exclusion);

/*
 * Add what a list has, "10.0.0.0/24,db:22,80,[2001:db8::1]:443". Behind a host with ports,
 * numbers and ranges of them are its ports too.
 *
 * Returns ERROR_NONE, ERROR_NO_MEMORY, or ERROR_INVALID: what target_parse() says, and
 * FAULT_EXCLUSION_DOWN or FAULT_EXCLUSION_WORD, with the place in the text.
 */
enum error exclusion_add_list(struct exclusion *exclusion, const char *text, size_t len,
                              struct fault *fault);

/* Add all that the target stands for; it is not INVALID. ERROR_NONE or ERROR_NO_MEMORY. */
enum error exclusion_add(struct exclusion *exclusion, const struct target *target);

/* All is added: from here on it can be asked. ERROR_NONE or ERROR_NO_MEMORY. */
enum error exclusion_close(struct exclusion *exclusion);

/*
 * How many rows of the target, from `index` on, are excluded one after the other; 0: the row at
 * `index` is not. It may be said in parts: what is behind these may be excluded too. At most
 * 2^62.
 */
uint64_t exclusion_rows(const struct exclusion *exclusion, struct target *target,
                        uint64_t index);

/* Whether this address, with its port, must not be asked by this protocol: one that a name led
 * to. */
bool exclusion_holds(const struct exclusion *exclusion, const struct address *address,
                     enum protocol_id protocol);

#endif
