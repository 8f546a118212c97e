/*
 * state_file: a file that is read, and then replaced, by one process at a time.
 *
 * The lock is on the file itself, no other file is left behind. Since the file is replaced, a
 * lock counts only while its path still leads to the file that is locked. What is written goes
 * to a temporary file beside it, ".NAME.new", or cut where that is too long. It is made when
 * the file is opened, so that a folder that cannot be written is known before, and anew by what
 * is written after it took its place.
 *
 * Every function that can fail returns 0 or an errno value.
 * Source: fcntl(2), rename(2), fsync(2), POSIX.1-2008.
 */
#ifndef NETCHECK_STATE_FILE_H
#define NETCHECK_STATE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct temporary;

struct state_file {
    int fd;                     /* locked; -1: none */
    int new_fd;                 /* of the temporary file; -1: none */
    char *path;                 /* owned: of the file, behind all symbolic links */
    char *temporary;            /* owned; NULL: none */
    struct temporary *new_made; /* owned: of the temporary file; NULL: none */
    struct temporary *made;     /* owned: of a file that was not there and is empty; NULL */
};

/* Why a state file cannot be used, where no errno says it. */
enum state_file_problem {
    STATE_FILE_FINE,
    STATE_FILE_IN_USE,   /* another process has locked it */
    STATE_FILE_SPECIAL,  /* no regular file */
    STATE_FILE_MOUNTED,  /* it is a mount point: it cannot be replaced */
    STATE_FILE_KEPT,     /* only its owner may replace it, as in /tmp */
    STATE_FILE_FAILED,   /* errno says why */
    STATE_FILE_NO_PLACE, /* the same, of the temporary file: its folder cannot be written */
};

/*
 * Open the file, or make an empty one, and lock it. A symbolic link stays, what it leads to is
 * replaced. No folder is made.
 *
 * file    to be released in any case
 * holder  out: STATE_FILE_IN_USE: the process that has it; 0: not known
 */
enum state_file_problem state_file_open(struct state_file *file, const char *path,
                                        int64_t *holder);

/*
 * Read the next bytes of what it says, from its beginning on.
 *
 * len  out: how many, at most `size`; 0 at its end
 */
int state_file_read(struct state_file *file, char *bytes, size_t size, size_t *len);

/* Whether the descriptor is that file. */
bool state_file_is_open_as(const struct state_file *file, int fd);

/* Whether the path leads to that file, or to the temporary one. */
bool state_file_is_at(const struct state_file *file, const char *path);

/* Append to what is to replace it. */
int state_file_write(struct state_file *file, const char *bytes, size_t len);

/*
 * Replace it by what was written since it was opened, or replaced last: from here on these are
 * its bytes, or the old ones, and the disk has them. It stays locked.
 *
 * error  0; else why not all could be written: then that is forgotten, and the old file stands
 *
 * Returns `error`, or what went wrong here.
 */
int state_file_replace(struct state_file *file, int error);

void state_file_release(struct state_file *file);

#endif
