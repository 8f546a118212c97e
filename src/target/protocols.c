#include "netcheck/target/protocols.h"

#include <stddef.h>
#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"

static const struct protocol_traits protocols[] = {
#define BUILT_IN(id, name, has_ports, transport) {#name, id, has_ports, true, transport, ""},
#define KNOWN(name, may_follow_port, instead) \
    {name, PROTOCOL_NONE, true, may_follow_port, "", instead},
    PROTOCOLS_BUILT_IN(BUILT_IN) PROTOCOLS_KNOWN(KNOWN)
#undef BUILT_IN
#undef KNOWN
};

enum { WORD_MAX_LEN = 9 };

#define FITS_BUILT_IN(id, name, has_ports, transport) \
    _Static_assert(sizeof #name - 1 <= WORD_MAX_LEN, #name);
#define FITS_KNOWN(name, may_follow_port, instead) \
    _Static_assert(sizeof(name) - 1 <= WORD_MAX_LEN, name);
PROTOCOLS_BUILT_IN(FITS_BUILT_IN)
PROTOCOLS_KNOWN(FITS_KNOWN)
#undef FITS_BUILT_IN
#undef FITS_KNOWN

const struct protocol_traits *protocols_find(const struct slice *word)
{
    /* Asked of each cell of a list, of which few are one. */
    size_t len = slice_len(word);
    if (len == 0 || len > WORD_MAX_LEN || !ascii_is_letter(*slice_start(word)))
        return NULL;
    const char first = ascii_lower(*slice_start(word));
    for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
        if (protocols[i].name[0] == first && slice_is(word, protocols[i].name))
            return &protocols[i];
    return NULL;
}

bool protocols_may_follow_port(const struct slice *word)
{
    const struct protocol_traits *protocol = protocols_find(word);
    return protocol != NULL && protocol->may_follow_port;
}

/* NULL for PROTOCOL_NONE. Those that are built in stand first, in the order of the enum. */
static const struct protocol_traits *traits_of(enum protocol_id id)
{
    return id == PROTOCOL_NONE ? NULL : &protocols[id - 1];
}

bool protocols_have_ports(enum protocol_id id)
{
    const struct protocol_traits *protocol = traits_of(id);
    return protocol == NULL || protocol->has_ports;
}

const char *protocols_transport(enum protocol_id id)
{
    const struct protocol_traits *protocol = traits_of(id);
    return protocol != NULL ? protocol->transport : "";
}

bool protocols_agree(enum protocol_id id, enum protocol_id port)
{
    return id == port || (id != PROTOCOL_NONE && port != PROTOCOL_NONE &&
                          strcmp(protocols_transport(id), protocols_name(port)) == 0);
}

const char *protocols_name(enum protocol_id id)
{
    const struct protocol_traits *protocol = traits_of(id);
    return protocol != NULL ? protocol->name : NULL;
}
