/*
 * origin: opens the sockets that protocols ask by, and says what it means when this machine
 * itself refuses to ask. Shared by protocols, which know what an answer of the network means.
 */
#ifndef NETCHECK_ORIGIN_H
#define NETCHECK_ORIGIN_H

#include <stdbool.h>

#include "netcheck/probe/protocol.h"

/*
 * socket(), and bind() where the user says where to ask from.
 *
 * fd  out: -1 where none could be opened; else open, and the caller's to close, whatever bind()
 *     said
 *
 * WAITING: it can be asked by. DONE and SHORT: the outcome says why not.
 */
enum flow_status origin_open(const struct flow_context *context, enum os_socket kind, int *fd,
                             struct outcome *outcome);

/*
 * connect() or send() failed with `error`: nothing left this machine, so nothing can have been
 * answered. DONE or SHORT, with the outcome.
 */
enum flow_status origin_refuse(const struct flow_context *context, int error,
                               struct outcome *outcome);

/*
 * The same of a datagram: EACCES is also what a broadcast address is answered with. See
 * origin_refuse_group() for groups, whose datagrams do leave.
 */
enum flow_status origin_refuse_datagram(const struct flow_context *context, int error,
                                        struct outcome *outcome);

/* Whether the address is a group's, which no answer can come from: then with the outcome. */
bool origin_refuse_group(const struct flow_context *context, struct outcome *outcome);

/*
 * Whether this machine itself says what the outcome is: the ICMP error is its own, or there is
 * none although the system would tell of it.
 */
bool origin_is_own(const struct outcome *outcome, bool tells_icmp);

#endif
