/*
 * What a world does on a connection behind its handshake: servers say and close, by a script.
 */
#include "world_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void world_act(struct world_host *host, int64_t after_ns, size_t len, int error)
{
    if (host->act_count == WORLD_ACTS)
        abort();
    host->acts[host->act_count++] = (struct world_act){after_ns, len, error};
}

int64_t world_stream_due_ns(const struct world_socket *socket)
{
    const struct world_host *host = socket->host;
    if (host == NULL || socket->answer_ns == NEVER_NS || socket->acts == host->act_count)
        return NEVER_NS;
    return socket->answer_ns + host->acts[socket->acts].after_ns;
}

int world_stream_receive(struct world *world, struct world_socket *socket,
                         struct os_message *message)
{
    message->len = 0;
    if (world_stream_due_ns(socket) > world->now_ns)
        return EAGAIN;
    const struct world_act *act = &socket->host->acts[socket->acts];
    bool is_end = act->len == 0;
    size_t left = act->len - socket->taken;
    if (is_end)
        return act->error; /* each time */
    message->len = left < message->size ? left : message->size;
    memset(message->bytes, 'x', message->len);
    socket->taken += message->len;
    if (socket->taken < act->len)
        return 0;
    socket->acts++;
    socket->taken = 0;
    return 0;
}
