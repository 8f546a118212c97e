/*
 * name_service: addresses of hosts and ports of services, as the C library knows them.
 *
 * lookup.h is how the engine asks; resolve.h calls os_lookup() in threads.
 */
#ifndef NETCHECK_NAME_SERVICE_H
#define NETCHECK_NAME_SERVICE_H

#include <stdint.h>

#include "netcheck/os/lookup.h"

/*
 * Look `host` up in lookup->families and fill in the rest of `lookup`. Blocks without bound;
 * any thread. getaddrinfo(3) with AI_CANONNAME, without service and AI_ADDRCONFIG. Where that
 * fails, the cause is looked for in the files that it read, if they are files and no larger
 * than 1 MiB.
 */
void os_lookup(const char *host, struct lookup *lookup);

/* Why a lookup may hang: there is no resolv.conf. Any thread. */
enum lookup_cause os_hang_cause(void);

/*
 * Before the first os_lookup(), and before there is another thread: let a lookup get to the
 * second name server in time for the usual timeout. os_execute() undoes it.
 *
 * Where the C library waits for one name server after the other (glibc): RES_OPTIONS, unless
 * the user says there or in resolv.conf(5) how long to wait.
 */
void os_prepare_lookups(void);

/*
 * The port of a service, in lower case, with the transport "tcp" or "udp"; 0 for an unknown
 * one. Reads /etc/services at the first call and no more; where the system has services from
 * elsewhere, too, it asks getservbyname(3) for each name once. Main thread only.
 */
uint16_t os_service_port(const char *name, const char *transport);

#endif
