/*
 * services: the port behind a service name or a URL scheme.
 *
 * The well-known ones are built in, so that an answer is the same on every machine and an image
 * without /etc/services does not matter; the rest is looked up in the system's table.
 */
#ifndef NETCHECK_SERVICES_H
#define NETCHECK_SERVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/target/protocols.h"

/*
 * The port of the service `name` (`len` bytes, case ignored), or 0 where no table has it.
 *
 * protocol  in: by which it is to be asked; PROTOCOL_NONE: not said
 *           out, where it was PROTOCOL_NONE: PROTOCOL_UDP for a service that speaks UDP and not
 *           TCP, as "ntp"
 *
 * Main thread only. May read a file: os_service_port().
 * Source: IANA Service Name and Transport Protocol Port Number Registry; for schemes that are
 * no service (redis, postgres), the default port their documentation gives.
 */
uint16_t services_find(const char *name, size_t len, enum protocol_id *protocol);

/* The same where it does not matter by which protocol it is asked. */
uint16_t services_port(const char *name, size_t len);

/* Whether a service, or a word of a scheme, so called begins with TLS: "https", "rediss", and
   "tls" of "nats+tls". Case is ignored. */
bool services_speak_tls(const char *name, size_t len);

#endif
