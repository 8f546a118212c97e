/*
 * protocols: the protocols that may be written before a target ("tcp://") or beside a port.
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
 * Those that are built in: id, name, whether a target has ports, and whose ports those are:
 * TLS asks at one of TCP's. A new one is a row here, from which the enum, the names and the
 * engine's table come, and a file in src/probe/protocol/ that defines protocol_NAME.
 */
#define PROTOCOLS_BUILT_IN(ROW)         \
    ROW(PROTOCOL_TCP, tcp, true, "tcp") \
    ROW(PROTOCOL_UDP, udp, true, "udp") \
    ROW(PROTOCOL_ICMP, icmp, false, "") \
    ROW(PROTOCOL_TLS, tls, true, "tcp")

/*
 * Those that are known by name only, whether they may stand beside a port, and what to write
 * instead: QUIC has no ports of its own, they are UDP's. "db:80/ping" has a path.
 */
#define PROTOCOLS_KNOWN(ROW)       \
    ROW("sctp", true, "")          \
    ROW("dccp", true, "")          \
    ROW("esp", true, "")           \
    ROW("ah", true, "")            \
    ROW("gre", true, "")           \
    ROW("igmp", true, "")          \
    ROW("quic", true, "udp")       \
    ROW("dtls", true, "udp")       \
    ROW("udplite", true, "udp")    \
    ROW("udp4", true, "udp")       \
    ROW("udp6", true, "udp")       \
    ROW("icmp4", true, "icmp")     \
    ROW("icmp6", true, "icmp")     \
    ROW("icmpv4", true, "icmp")    \
    ROW("icmpv6", true, "icmp")    \
    ROW("ipv6-icmp", true, "icmp") \
    ROW("ping", false, "icmp")     \
    ROW("ping6", false, "icmp")    \
    ROW("unix", false, "")

enum protocol_id {
    PROTOCOL_NONE, /* of an invalid target, and of protocols that are known by name only */
#define PROTOCOL_ID(id, name, has_ports, transport) id,
    PROTOCOLS_BUILT_IN(PROTOCOL_ID)
#undef PROTOCOL_ID
        PROTOCOL_COUNT
};

struct protocol_traits {
    const char *name;      /* as in PROTOCOL:// and in output */
    enum protocol_id id;   /* PROTOCOL_NONE: it is not built in, and refused */
    bool has_ports;        /* a target has some; true where it is not built in */
    bool may_follow_port;  /* the word may stand beside a port */
    const char *transport; /* whose ports it has, "tcp" or "udp"; else empty */
    const char *instead; /* what to write instead of one that is not built in; empty: nothing */
};

/* The protocol that `word` names, in upper or lower case; NULL where it names none. */
const struct protocol_traits *protocols_find(const struct slice *word);

/* Whether `word` names a protocol that may stand behind a port: "443/tcp", "53/UDP". */
bool protocols_may_follow_port(const struct slice *word);

/* Whether a target of this protocol has ports; true for PROTOCOL_NONE. */
bool protocols_have_ports(enum protocol_id id);

/* The transport whose ports it has, "tcp" or "udp"; "" for PROTOCOL_NONE and without ports. */
const char *protocols_transport(enum protocol_id id);

/* Whether a target of protocol `id` may have a port that is written as one of `port`'s: of its
 * own, or of its transport. */
bool protocols_agree(enum protocol_id id, enum protocol_id port);

/* What `id` is called; NULL for PROTOCOL_NONE. */
const char *protocols_name(enum protocol_id id);

#endif
