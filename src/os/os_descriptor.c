#include "netcheck/os/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netcheck/os/os.h"
#include "netcheck/os/signals.h"
#include "os_internal.h"

int os_reserve_standard(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        /* "/" always exists, unlike /dev/null; reading it is EISDIR, writing it EBADF. The
           lowest free number is what open() takes, and all below `fd` are open by now. */
        if (open("/", O_RDONLY | O_CLOEXEC) != fd)
            return errno;
    }
    return 0;
}

int os_open_input(const char *path, int *fd)
{
    /* A FIFO without a writer would keep us here; select() waits for one as well. */
    int opened = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (opened < 0)
        return errno;
    struct stat status;
    int error = fstat(opened, &status) != 0 ? errno : S_ISDIR(status.st_mode) ? EISDIR : 0;
    if (error == 0 && fcntl(opened, F_SETFL, 0) != 0)
        error = errno;
    if (error != 0) {
        (void)close(opened); /* it was only looked at */
        return error;
    }
    *fd = opened;
    return 0;
}

bool os_may_block(int fd)
{
    struct stat status;
    return fstat(fd, &status) != 0 || !S_ISREG(status.st_mode);
}

bool os_is_terminal(int fd)
{
    return isatty(fd) == 1;
}

bool os_is_pipe(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

bool os_is_regular(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

void os_path(int fd, char *path, size_t size)
{
    ssize_t len = os_extra_path(fd, path, size);
    bool is_whole = len > 0 && (size_t)len < size;
    path[is_whole ? len : 0] = '\0';
}

int os_read(int fd, void *bytes, size_t size, size_t *len)
{
    ssize_t count;
    do
        count = read(fd, bytes, size);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return errno;
    *len = (size_t)count;
    return 0;
}

int os_write(int fd, const void *bytes, size_t size, size_t *len)
{
    ssize_t count;
    do
        count = write(fd, bytes, size);
    while (count < 0 && errno == EINTR && os_end_signal() == 0);
    if (count < 0)
        return errno;
    *len = (size_t)count;
    return 0;
}

/* select() on one descriptor, which may have any number. */
static int wait_for(int fd, bool to_write, int64_t timeout_ns, bool *is_ready)
{
    struct fdset readable;
    struct fdset writable;
    fdset_init(&readable);
    fdset_init(&writable);
    struct fdset *set = to_write ? &writable : &readable;
    int error = ENOMEM;
    if (fdset_reserve(set, fd) == ERROR_NONE) {
        fdset_add(set, fd);
        error = os_system.wait(os_system.self, &readable, &writable, timeout_ns);
        *is_ready = error == 0 && fdset_has(set, fd);
    }
    fdset_release(&readable);
    fdset_release(&writable);
    return error;
}

bool os_is_writable(int fd)
{
    bool is_writable = false;
    return wait_for(fd, true, 0, &is_writable) == 0 && is_writable;
}

static int wait_bounded(int fd, bool to_write, int64_t timeout_ns)
{
    bool is_ready = false;
    int error = wait_for(fd, to_write, timeout_ns, &is_ready);
    if (error == 0 && !is_ready)
        return ETIMEDOUT;
    return error == EINTR ? 0 : error;
}

int os_wait_writable(int fd, int64_t timeout_ns)
{
    return wait_bounded(fd, true, timeout_ns);
}

int os_wait_readable(int fd, int64_t timeout_ns)
{
    return wait_bounded(fd, false, timeout_ns);
}

enum { WAIT_STEP_MS = 1 };

int os_wait_taken(int fd, size_t most, int64_t timeout_ns)
{
    struct pollfd reader = {.fd = fd};
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISFIFO(status.st_mode))
        return 0;
    int64_t deadline_ns = os_system.now_ns(os_system.self) + timeout_ns;
    while (os_extra_count_untaken(fd) > most) {
        if (os_system.now_ns(os_system.self) >= deadline_ns)
            return ETIMEDOUT;
        if (poll(&reader, 1, WAIT_STEP_MS) != 0)
            return 0;
    }
    return 0;
}

enum { FILE_MAX = 1 << 20 };

/* What the open file contains, to be freed; NULL: it is no plain file, large, or unreadable. */
static char *read_text(int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > FILE_MAX)
        return NULL;
    size_t size = (size_t)status.st_size;
    size_t len = 0;
    ssize_t got = 1;
    char *text = malloc(size + 1);
    while (text != NULL && len < size && got > 0) {
        got = read(fd, text + len, size - len);
        len += got > 0 ? (size_t)got : 0;
    }
    if (text != NULL)
        text[len] = '\0';
    return text;
}

char *os_read_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO, say: it is not read */
    char *text = fd >= 0 ? read_text(fd) : NULL;
    if (fd >= 0)
        (void)close(fd); /* it was only read */
    return text;
}

int os_close(int fd)
{
    return close(fd) == 0 ? 0 : errno;
}

static int prepare_pipe_end(int fd)
{
    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? 0
                                                                                      : errno;
}

int os_pipe(int ends[static 2])
{
    if (pipe(ends) != 0)
        return errno;
    int error = prepare_pipe_end(ends[0]);
    if (error == 0)
        error = prepare_pipe_end(ends[1]);
    if (error != 0) {
        (void)close(ends[0]); /* they were never used */
        (void)close(ends[1]);
    }
    return error;
}
