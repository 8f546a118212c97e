#include "netcheck/probe/protocol.h"

const struct protocol *const protocol_table[PROTOCOL_COUNT] = {
#define PROTOCOL_ROW(id, name, has_ports, transport) [id] = &protocol_##name,
    PROTOCOLS_BUILT_IN(PROTOCOL_ROW)
#undef PROTOCOL_ROW
};
