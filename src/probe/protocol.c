#include "netcheck/probe/protocol.h"

#include <assert.h>

static const struct protocol *const protocols[PROTOCOL_COUNT] = {
    [PROTOCOL_TCP] = &protocol_tcp,
};

const struct protocol *protocol_of(enum protocol_id id)
{
    assert(protocols[id] != NULL);
    return protocols[id];
}
