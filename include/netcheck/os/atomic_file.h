/*
 * atomic_file: a file that is there whole, as it was before, or not at all; never half.
 *
 * What is written goes to a temporary file beside it, which takes its place at once. What is no
 * regular file (a device, a FIFO, a descriptor's name) is written directly.
 *
 * Every function that can fail returns 0 or an errno value.
 * Source: rename(2), fsync(2), POSIX.1-2008.
 */
#ifndef NETCHECK_ATOMIC_FILE_H
#define NETCHECK_ATOMIC_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct atomic_file {
    int fd;          /* of the temporary file, or of what is written directly; -1: none */
    char *path;      /* owned: what is replaced, behind all symbolic links */
    char *temporary; /* owned; NULL: written directly */
};

/*
 * Prepare to replace, or to make, the file at `path`: from here on it is known that its folder
 * can be written. A symbolic link stays, what it leads to is replaced.
 *
 * file  to be released in any case
 */
int atomic_file_open(struct atomic_file *file, const char *path);

/* Write all of it, however long that takes. */
int atomic_file_write(struct atomic_file *file, const void *bytes, size_t len);

/* Put what was written in the place of the old file, and on the disk. */
int atomic_file_commit(struct atomic_file *file);

/* Give up what was not committed; the old file stands. */
void atomic_file_release(struct atomic_file *file);

#endif
