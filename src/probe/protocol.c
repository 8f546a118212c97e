#include "netcheck/probe/protocol.h"

const struct protocol *const protocol_table[PROTOCOL_COUNT] = {
    [PROTOCOL_TCP] = &protocol_tcp,
};
