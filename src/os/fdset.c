#include "netcheck/os/fdset.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/grow.h"

enum { WORD_BITS = 8 * sizeof(unsigned long) };

void fdset_init(struct fdset *set)
{
    *set = (struct fdset){NULL, 0, 0};
}

void fdset_release(struct fdset *set)
{
    free(set->sets);
    fdset_init(set);
}

void fdset_clear(struct fdset *set)
{
    if (set->count > 0)
        memset(set->sets, 0, set->count * sizeof *set->sets);
    set->end = 0;
}

enum error fdset_reserve(struct fdset *set, int fd)
{
    size_t old_count = set->count;
    enum error error = GROW(set->sets, set->count, (size_t)fd / FD_SETSIZE + 1);
    if (set->count > old_count)
        memset(set->sets + old_count, 0, (set->count - old_count) * sizeof *set->sets);
    return error;
}

void fdset_add(struct fdset *set, int fd)
{
    assert((size_t)fd / FD_SETSIZE < set->count);
    FD_SET(fd % FD_SETSIZE, &set->sets[fd / FD_SETSIZE]);
    if (fd >= set->end)
        set->end = fd + 1;
}

void fdset_remove(struct fdset *set, int fd)
{
    if (fd < set->end)
        FD_CLR(fd % FD_SETSIZE, &set->sets[fd / FD_SETSIZE]);
}

bool fdset_has(const struct fdset *set, int fd)
{
    return fd < set->end && FD_ISSET(fd % FD_SETSIZE, &set->sets[fd / FD_SETSIZE]);
}

enum error fdset_copy(struct fdset *set, const struct fdset *from)
{
    if (from->end > 0 && fdset_reserve(set, from->end - 1) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    size_t used = ((size_t)from->end + FD_SETSIZE - 1) / FD_SETSIZE;
    if (used > 0)
        memcpy(set->sets, from->sets, used * sizeof *set->sets);
    if (set->count > used)
        memset(set->sets + used, 0, (set->count - used) * sizeof *set->sets);
    set->end = from->end;
    return ERROR_NONE;
}

int fdset_next(const struct fdset *set, int fd)
{
    while (fd < set->end) {
        if (fd % WORD_BITS == 0) {
            unsigned long word;
            memcpy(&word, (const char *)set->sets + fd / 8, sizeof word);
            if (word == 0) {
                fd += WORD_BITS;
                continue;
            }
        }
        if (fdset_has(set, fd))
            return fd;
        fd++;
    }
    return -1;
}
