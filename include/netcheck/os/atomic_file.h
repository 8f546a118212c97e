/*
 * atomic_file: a file that is there whole, as it was before, or not at all; never half.
 *
 * What is written goes to a temporary file beside it, ".NAME.XXXXXX", which takes its place at
 * once; a signal that ends this program removes it before. What keeps nothing (a device, a
 * FIFO, a descriptor's name) is written directly.
 *
 * Every function that can fail returns 0 or an errno value.
 * Source: rename(2), fsync(2), open(2), POSIX.1-2008.
 */
#ifndef NETCHECK_ATOMIC_FILE_H
#define NETCHECK_ATOMIC_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct temporary;

struct atomic_file {
    int fd;          /* of the temporary file, or of what is written directly; -1: none */
    char *path;      /* owned: what is replaced, behind all symbolic links */
    char *temporary; /* owned; NULL: written directly */
    struct temporary *made; /* owned; NULL: the same */
    int64_t until_ns;       /* monotonic: a reader of a FIFO or pipe is waited for until then */
};

/*
 * Prepare to replace, or to make, the file at `path`: from here on it is known that its folder
 * can be written. A symbolic link stays, what it leads to is replaced or made. A new file has
 * what the umask leaves of 0666; an old one's mode stays, and its owner where that is allowed.
 * "/dev/stdout", "/dev/stderr" and "/dev/fd/N" are the descriptor that this program was given.
 *
 * file  to be released in any case
 *
 * Among the errors: EISDIR, a folder; ENXIO, a FIFO that no program reads; ENODEV, a device
 * that is not there; EOPNOTSUPP, a socket or a block device; EBUSY, a mount point, which no
 * file can take the place of; EPERM, the file of another user in a folder like /tmp; EACCES,
 * the folder cannot be written; ENOENT, it is not there. Does not block.
 */
int atomic_file_open(struct atomic_file *file, const char *path);

/* Whether the file gets a new one in its place; else it is written directly. */
bool atomic_file_is_replaced(const struct atomic_file *file);

/* Whether both lead to one file, pipe or socket, be it there or not; both are open. */
bool atomic_file_is_same(const struct atomic_file *a, const struct atomic_file *b);

/* Whether it is what the descriptor stands for; devices that keep nothing do not count. */
bool atomic_file_is_descriptor(const struct atomic_file *file, int fd);

/* Whether it is the file at `path`. */
bool atomic_file_is_at(const struct atomic_file *file, const char *path);

/*
 * Write all of it, however long that takes. A reader is waited for until `until_ns`, or a
 * second once os_end_signal() is set: ETIMEDOUT; EPIPE once it is gone.
 */
int atomic_file_write(struct atomic_file *file, const void *bytes, size_t len);

/* Put what was written in the place of the old file, and on the disk. */
int atomic_file_commit(struct atomic_file *file);

/* Give up what was not committed; the old file stands. */
void atomic_file_release(struct atomic_file *file);

#endif
