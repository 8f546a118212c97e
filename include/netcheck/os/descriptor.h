/*
 * descriptor: files, pipes and terminals: opened, read, written and waited for.
 *
 * Every function that can fail returns 0 or an errno value.
 */
#ifndef NETCHECK_DESCRIPTOR_H
#define NETCHECK_DESCRIPTOR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The descriptors that every program starts with. */
enum {
    STANDARD_INPUT = 0,
    STANDARD_OUTPUT = 1,
    STANDARD_ERROR = 2,
};

/*
 * Occupy those of the descriptors 0, 1, 2 that were closed at the start, so that no socket gets
 * their number and is written to as if it were standard output. Reading or writing them fails
 * as it would have.
 */
int os_reserve_standard(void);

/* Open for reading, close-on-exec, without waiting for the writer of a FIFO. EISDIR for a
   directory. */
int os_open_input(const char *path, int *fd);

/* Whether a read from the descriptor may wait: everything but a regular file. */
bool os_may_block(int fd);

bool os_is_terminal(int fd);

/* Whether another program reads what is written there: a pipe or a socket. */
bool os_is_pipe(int fd);

/* Whether it is a file that keeps what is written, and no device, pipe or folder. */
bool os_is_regular(int fd);

/*
 * The path of the file behind the descriptor as it is now, terminated, "" where the system does
 * not tell it, or it does not fit.
 */
void os_path(int fd, char *path, size_t size);

/* One read(2), repeated after EINTR. `len` is 0 at the end. */
int os_read(int fd, void *bytes, size_t size, size_t *len);

/* One write(2); `len` is what was taken. Repeated after EINTR, but once os_end_signal() is set.
 */
int os_write(int fd, const void *bytes, size_t size, size_t *len);

/* So many bytes stay in one piece in a pipe that others write to, too. Source: write(2). */
#ifdef PIPE_BUF
enum { OS_WHOLE_MAX = PIPE_BUF };
#else
enum { OS_WHOLE_MAX = 512 };
#endif

/* Whether both descriptors stand for the same file, pipe or terminal. */
bool os_is_same_file(int a, int b);

/* Whether a write would be taken at once; false when in doubt. */
bool os_is_writable(int fd);

/*
 * Wait until a write would be taken, at most so long: ETIMEDOUT. NEVER_NS: without end. Any
 * signal that is caught ends the wait, too, with 0.
 */
int os_wait_writable(int fd, int64_t timeout_ns);

/* Wait until a read would not wait, at most so long; ETIMEDOUT. NEVER_NS: without end. */
int os_wait_readable(int fd, int64_t timeout_ns);

/*
 * Wait until the reader of a pipe has taken what was written, but for `most` bytes, at most so
 * long: ETIMEDOUT. 0 at once where that is not known, as of all that is no pipe, and where the
 * reader is gone; any signal that is caught ends the wait, too, with 0.
 */
int os_wait_taken(int fd, size_t most, int64_t timeout_ns);

int os_close(int fd);

/* A pipe, both ends non-blocking and close-on-exec. */
int os_pipe(int ends[static 2]);

#endif
