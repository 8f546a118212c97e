/*
 * tls: whether TLS answers on a connection.
 */
#include "talk.h"

const struct protocol protocol_tls = {
    .transport = OS_TCP,
    .start = talk_start,
    .advance = talk_advance,
    .expire = talk_expire,
    .stop = talk_stop,
};
