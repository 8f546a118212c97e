#include "netcheck/target/protocols.h"

#include <stddef.h>

#include "netcheck/base/base.h"

static const struct protocol_traits protocols[] = {
#define BUILT_IN(id, name, has_ports, is_transport) {#name, id, has_ports, is_transport},
#define KNOWN(name, has_ports, is_transport)        {name, PROTOCOL_NONE, has_ports, is_transport},
    PROTOCOLS_BUILT_IN(BUILT_IN) PROTOCOLS_KNOWN(KNOWN)
#undef BUILT_IN
#undef KNOWN
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
    return protocol != NULL && protocol->is_transport;
}

bool protocols_have_ports(enum protocol_id id)
{
    for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
        if (id != PROTOCOL_NONE && protocols[i].id == id)
            return protocols[i].has_ports;
    return true;
}

const char *protocols_name(enum protocol_id id)
{
    for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
        if (id != PROTOCOL_NONE && protocols[i].id == id)
            return protocols[i].name;
    return NULL;
}
