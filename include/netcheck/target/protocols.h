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
 * Those that are built in: id, name, whether a target has ports, and whether the word may stand
 * with a port: "53/udp" is one of UDP's own ports, TLS asks at one of TCP's. A new one is a row
 * here, from which the enum, the names and the engine's table come, and a file in
 * src/probe/protocol/ that defines protocol_NAME.
 */
#define PROTOCOLS_BUILT_IN(ROW)            \
    ROW(PROTOCOL_TCP, tcp, true, true)     \
    ROW(PROTOCOL_UDP, udp, true, true)     \
    ROW(PROTOCOL_ICMP, icmp, false, false) \
    ROW(PROTOCOL_TLS, tls, true, false)

/* Those that are known by name only. QUIC has no ports of its own: they are UDP's. */
#define PROTOCOLS_KNOWN(ROW)  \
    ROW("sctp", true, true)   \
    ROW("quic", true, false)  \
    ROW("ping", false, false) \
    ROW("unix", false, false)

enum protocol_id {
    PROTOCOL_NONE, /* of an invalid target, and of protocols that are known by name only */
#define PROTOCOL_ID(id, name, has_ports, is_transport) id,
    PROTOCOLS_BUILT_IN(PROTOCOL_ID)
#undef PROTOCOL_ID
        PROTOCOL_COUNT
};

struct protocol_traits {
    const char *name;    /* as in PROTOCOL:// and in output */
    enum protocol_id id; /* PROTOCOL_NONE: it is not built in, and refused */
    bool has_ports;      /* a target has some */
    bool is_transport;   /* ports are its own */
};

/* The protocol that `word` names, in upper or lower case; NULL where it names none. */
const struct protocol_traits *protocols_find(const struct slice *word);

/* Whether `word` names a protocol that may stand behind a port: "443/tcp", "53/UDP". */
bool protocols_may_follow_port(const struct slice *word);

/* Whether a target of this protocol has ports; true for PROTOCOL_NONE. */
bool protocols_have_ports(enum protocol_id id);

/* What `id` is called; NULL for PROTOCOL_NONE. */
const char *protocols_name(enum protocol_id id);

#endif
