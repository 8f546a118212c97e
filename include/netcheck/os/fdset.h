/*
 * fdset: a set of descriptors for select() that grows past FD_SETSIZE.
 *
 * A heap array of fd_set, of which select() is given the first: descriptor fd is bit
 * fd % FD_SETSIZE of sets[fd / FD_SETSIZE]. A plain FD_SET(1500, ...) aborts under
 * _FORTIFY_SOURCE and writes elsewhere without it; this is clean under both, and Linux reads as
 * many bits as select()'s first argument says.  Source: select(2), measured to 19,000.
 */
#ifndef NETCHECK_FDSET_H
#define NETCHECK_FDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/select.h>

#include "netcheck/base/error.h"

struct fdset {
    fd_set *sets; /* owned; NULL while none was ever added */
    size_t count; /* fd_sets in `sets` */
    int end;      /* no descriptor at or above this one was added since fdset_clear() */
};

void fdset_init(struct fdset *set);
void fdset_release(struct fdset *set);

/* Empty the set, keep the memory. */
void fdset_clear(struct fdset *set);

/* Make room, so that fdset_add(fd) cannot fail. NONE or NO_MEMORY. */
enum error fdset_reserve(struct fdset *set, int fd);

/* Room for `fd` must be there. */
void fdset_add(struct fdset *set, int fd);
void fdset_remove(struct fdset *set, int fd);
bool fdset_has(const struct fdset *set, int fd);

/* Make `set` equal to `from`. NONE or NO_MEMORY, where `set` is unchanged. */
enum error fdset_copy(struct fdset *set, const struct fdset *from);

/* The first descriptor in the set at or after `fd`, or -1. Skips a word of zeros at a time. */
int fdset_next(const struct fdset *set, int fd);

#endif
