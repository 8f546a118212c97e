/*
 * channel: a descriptor that is written to without ever waiting for its reader.
 */
#ifndef NETCHECK_CHANNEL_H
#define NETCHECK_CHANNEL_H

#include <stddef.h>

/*
 * A descriptor that is written to without ever waiting for its reader. The flags of what it
 * stands for are shared with other programs, a shell first of all, and are left alone.
 */
struct os_channel {
    int fd;      /* as it was given; borrowed */
    int wait_fd; /* what os_wait_writable() is to be asked about */
    enum {
        OS_CHANNEL_PLAIN,   /* write(2) to wait_fd does not wait: a file, or non-blocking */
        OS_CHANNEL_SOCKET,  /* send(2) can say so each time */
        OS_CHANNEL_CAREFUL, /* only what select(2) has vouched for is written */
    } way;
    size_t piece; /* the most bytes for one write */
};

/*
 * A terminal or a pipe is opened once more, non-blocking; where that is not possible (it
 * belongs to another user, there is no /proc), what select(2) promises is used, and a pipe that
 * others write to may make a write wait. Close it before `fd`.
 */
void os_channel_open(struct os_channel *channel, int fd);
void os_channel_close(struct os_channel *channel);

/* One write of at most channel->piece bytes; `len` is what was taken. EAGAIN: nothing now. */
int os_channel_write(struct os_channel *channel, const void *bytes, size_t size, size_t *len);

#endif
