#include "netcheck/os/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netcheck/os/descriptor.h"
#include "os_internal.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* SIGPIPE is ignored anyway */
#endif

static bool is_same(const struct stat *a, const struct stat *b)
{
    bool is_device = S_ISCHR(a->st_mode) && S_ISCHR(b->st_mode);
    return is_device ? a->st_rdev == b->st_rdev
                     : a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool os_is_same_file(int a, int b)
{
    struct stat first;
    struct stat second;
    return fstat(a, &first) == 0 && fstat(b, &second) == 0 && is_same(&first, &second);
}

/* The terminal or pipe once more, so that no other program finds it non-blocking. */
static bool open_again(struct os_channel *channel, const struct stat *status)
{
    int fd = os_extra_open_again(channel->fd, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat opened;
    if (fd < 0)
        return false;
    if (fstat(fd, &opened) == 0 && is_same(status, &opened)) {
        channel->wait_fd = fd;
        channel->way = OS_CHANNEL_PLAIN;
        return true;
    }
    (void)close(fd); /* it is something else */
    return false;
}

void os_channel_open(struct os_channel *channel, int fd)
{
    struct stat status;
    *channel = (struct os_channel){
        .fd = fd, .wait_fd = fd, .way = OS_CHANNEL_CAREFUL, .piece = OS_WHOLE_MAX};
    if (fstat(fd, &status) != 0)
        return;
    bool is_terminal = S_ISCHR(status.st_mode) && os_is_terminal(fd);
    if (S_ISREG(status.st_mode)) {
        channel->way = OS_CHANNEL_PLAIN;
        channel->piece = SIZE_MAX;
    } else if (S_ISSOCK(status.st_mode)) {
        channel->way = OS_CHANNEL_SOCKET;
    } else if ((is_terminal || S_ISFIFO(status.st_mode)) && !open_again(channel, &status)) {
        /* select() vouches for OS_WHOLE_MAX bytes of a pipe, for one of a terminal. */
        channel->piece = is_terminal ? 1 : OS_WHOLE_MAX;
    }
}

void os_channel_close(struct os_channel *channel)
{
    if (channel->wait_fd != channel->fd)
        (void)close(channel->wait_fd); /* the system has taken what was written */
    channel->wait_fd = channel->fd;
}

int os_channel_write(struct os_channel *channel, const void *bytes, size_t size, size_t *len)
{
    if (channel->way == OS_CHANNEL_CAREFUL && !os_is_writable(channel->fd))
        return EAGAIN;
    ssize_t count = channel->way == OS_CHANNEL_SOCKET
                        ? send(channel->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL)
                        : write(channel->wait_fd, bytes, size);
    if (count < 0)
        return errno == EWOULDBLOCK || errno == EINTR ? EAGAIN : errno;
    *len = (size_t)count;
    return 0;
}
