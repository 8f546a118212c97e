/*
 * tcp: whether a server completes the handshake, and what it is asked then.
 */
#include "talk.h"

const struct protocol protocol_tcp = {
    .transport = OS_TCP,
    .start = talk_start,
    .advance = talk_advance,
    .expire = talk_expire,
    .stop = talk_stop,
};
