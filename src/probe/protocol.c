#include "netcheck/probe/protocol.h"

#include <assert.h>

static const struct protocol *const protocols[PROTOCOL_COUNT] = {
#define PROTOCOL_ROW(id, name, has_ports) [id] = &protocol_##name,
    PROTOCOLS_BUILT_IN(PROTOCOL_ROW)
#undef PROTOCOL_ROW
};

const struct protocol *protocol_of(enum protocol_id id)
{
    assert(protocols[id] != NULL);
    return protocols[id];
}
