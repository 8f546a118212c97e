#include "netcheck/probe/stream.h"

#include <errno.h>
#include <stdlib.h>

#include "netcheck/base/grow.h"

/* A usual flight of TLS, or a banner, in one read. */
enum { FIRST_ROOM = 4096 };

static enum error make_room(struct stream *stream)
{
    size_t need = stream->len < FIRST_ROOM ? FIRST_ROOM : stream->len + 1;
    return GROW(stream->bytes, stream->capacity, need);
}

/* 0: something came, or with stream->len unchanged the end. */
static int read_once(struct stream *stream, const struct os *os, int fd)
{
    if (make_room(stream) != ERROR_NONE)
        return ENOMEM;
    size_t room = stream->capacity - stream->len;
    size_t most = STREAM_MAX - stream->len;
    struct os_message message = {.bytes = stream->bytes + stream->len,
                                 .size = room < most ? room : most};
    int error = os->receive(os->self, fd, &message);
    if (error == 0)
        stream->len += message.len;
    return error;
}

enum stream_status stream_read(struct stream *stream, const struct os *os, int fd, int *error)
{
    while (stream->len < STREAM_MAX) {
        size_t before = stream->len;
        *error = read_once(stream, os, fd);
        if (*error == EAGAIN || *error == EWOULDBLOCK || *error == EINTR)
            return STREAM_OPEN;
        if (*error != 0)
            return STREAM_BROKEN;
        if (stream->len == before)
            return STREAM_ENDED;
    }
    return STREAM_FULL;
}

void stream_release(struct stream *stream)
{
    free(stream->bytes);
    *stream = (struct stream){.bytes = NULL};
}
