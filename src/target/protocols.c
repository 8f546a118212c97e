#include "netcheck/target/protocols.h"

#include <stddef.h>

#include "netcheck/base/base.h"

/* QUIC has no ports of its own: they are UDP's. */
static const struct protocol_traits protocols[] = {
    {"tcp", PROTOCOL_TCP, true},    {"udp", PROTOCOL_NONE, true},
    {"sctp", PROTOCOL_NONE, true},  {"quic", PROTOCOL_NONE, false},
    {"icmp", PROTOCOL_NONE, false}, {"ping", PROTOCOL_NONE, false},
    {"unix", PROTOCOL_NONE, false},
};

const struct protocol_traits *protocols_find(const struct slice *word)
{
    for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
        if (slice_is(word, protocols[i].name))
            return &protocols[i];
    return NULL;
}

bool protocols_may_follow_port(const struct slice *word)
{
    const struct protocol_traits *protocol = protocols_find(word);
    return protocol != NULL && protocol->has_ports;
}

const char *protocols_name(enum protocol_id id)
{
    for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
        if (id != PROTOCOL_NONE && protocols[i].id == id)
            return protocols[i].name;
    return NULL;
}
