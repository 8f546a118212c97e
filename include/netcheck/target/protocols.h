/*
 * protocols: the protocols that may be written before a target ("tcp://") or behind a port.
 *
 * What asking by a protocol means is the engine's: probe/protocol.h has a row for each value of
 * the enum. Some protocols are known by name only, so that a target that names one is refused
 * as such instead of being taken for a URL.
 */
#ifndef NETCHECK_PROTOCOLS_H
#define NETCHECK_PROTOCOLS_H

#include <stdbool.h>

#include "netcheck/base/slice.h"

/* A new one is a value here, a row in protocols.c and a row in the engine. */
enum protocol_id {
    PROTOCOL_NONE, /* of an invalid target, and of protocols that are known by name only */
    PROTOCOL_TCP,
    PROTOCOL_COUNT
};

struct protocol_traits {
    const char *name;    /* as in PROTOCOL:// and in output */
    enum protocol_id id; /* PROTOCOL_NONE: it is not built in, and refused */
    bool has_ports;      /* numbers of its own: "53/udp" is one of them */
};

/* The protocol that `word` names, in upper or lower case; NULL where it names none. */
const struct protocol_traits *protocols_find(const struct slice *word);

/* Whether `word` names a protocol that may stand behind a port: "443/tcp", "53/UDP". */
bool protocols_may_follow_port(const struct slice *word);

/* What `id` is called; NULL for PROTOCOL_NONE. */
const char *protocols_name(enum protocol_id id);

#endif
