/*
 * protocols: the protocols that may be written before a target ("tcp://") or behind a port.
 *
 * What asking by a protocol means is the engine's: see probe/protocol.h. Some protocols are
 * known by name only, so that a target that names one is refused as such instead of being taken
 * for a URL.
 */
#ifndef NETCHECK_PROTOCOLS_H
#define NETCHECK_PROTOCOLS_H

#include <stdbool.h>

#include "netcheck/base/slice.h"

/*
 * Those that are built in: id, name, and whether it has port numbers of its own ("53/udp" is
 * one of them). A new one is a row here, from which the enum, the names and the engine's table
 * come, and a file in src/probe/protocol/ that defines protocol_NAME.
 */
#define PROTOCOLS_BUILT_IN(ROW) ROW(PROTOCOL_TCP, tcp, true)

/* Those that are known by name only. QUIC has no ports of its own: they are UDP's. */
#define PROTOCOLS_KNOWN(ROW) \
    ROW("udp", true)         \
    ROW("sctp", true)        \
    ROW("quic", false)       \
    ROW("icmp", false)       \
    ROW("ping", false)       \
    ROW("unix", false)       \
    ROW("tls", false)

enum protocol_id {
    PROTOCOL_NONE, /* of an invalid target, and of protocols that are known by name only */
#define PROTOCOL_ID(id, name, has_ports) id,
    PROTOCOLS_BUILT_IN(PROTOCOL_ID)
#undef PROTOCOL_ID
        PROTOCOL_COUNT
};

struct protocol_traits {
    const char *name;    /* as in PROTOCOL:// and in output */
    enum protocol_id id; /* PROTOCOL_NONE: it is not built in, and refused */
    bool has_ports;
};

/* The protocol that `word` names, in upper or lower case; NULL where it names none. */
const struct protocol_traits *protocols_find(const struct slice *word);

/* Whether `word` names a protocol that may stand behind a port: "443/tcp", "53/UDP". */
bool protocols_may_follow_port(const struct slice *word);

/* What `id` is called; NULL for PROTOCOL_NONE. */
const char *protocols_name(enum protocol_id id);

#endif
