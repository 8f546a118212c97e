/*
 * stream: what has come on a connection, from its first byte on.
 *
 * It is read without waiting, and judged as a whole after each read: what belongs together may
 * come in any number of pieces.
 */
#ifndef NETCHECK_STREAM_H
#define NETCHECK_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/os/os.h"

enum { STREAM_MAX = 64 * 1024 }; /* more is not kept, and not read */

/* All zero: nothing has come, and no memory is taken. */
struct stream {
    unsigned char *bytes; /* owned */
    size_t len;
    size_t capacity;
};

enum stream_status {
    STREAM_OPEN,   /* more may come */
    STREAM_ENDED,  /* the other side closed it */
    STREAM_FULL,   /* STREAM_MAX bytes have come */
    STREAM_BROKEN, /* a call failed, with `error`: it was reset, or the system reports something
                      of it, after which it may go on; ENOMEM: without memory */
};

/* Read what has come. More has come than before: stream->len is larger. */
enum stream_status stream_read(struct stream *stream, const struct os *os, int fd, int *error);

/* Forget it all, and free its memory. */
void stream_release(struct stream *stream);

#endif
