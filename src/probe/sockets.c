#include "sockets.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/grow.h"

void sockets_init(struct sockets *sockets)
{
    memset(sockets, 0, sizeof *sockets);
    fdset_init(&sockets->watched_readable);
    fdset_init(&sockets->watched_writable);
    fdset_init(&sockets->readable);
    fdset_init(&sockets->writable);
}

void sockets_release(struct sockets *sockets)
{
    fdset_release(&sockets->watched_readable);
    fdset_release(&sockets->watched_writable);
    fdset_release(&sockets->readable);
    fdset_release(&sockets->writable);
    free(sockets->owners);
    sockets_init(sockets);
}

static bool grow_owners(struct sockets *sockets, int fd)
{
    size_t old_len = sockets->owners_len;
    if (GROW(sockets->owners, sockets->owners_len, (size_t)fd + 1) != ERROR_NONE)
        return false;
    memset(sockets->owners + old_len, 0,
           (sockets->owners_len - old_len) * sizeof sockets->owners[0]);
    return true;
}

/* Have the descriptor in the set, or not. False without memory. */
static bool put(struct fdset *set, int fd, bool is_in)
{
    if (!is_in) {
        fdset_remove(set, fd);
        return true;
    }
    if (fdset_reserve(set, fd) != ERROR_NONE)
        return false;
    fdset_add(set, fd);
    return true;
}

enum error sockets_await(struct sockets *sockets, int fd, unsigned events)
{
    struct owner *owner = &sockets->owners[fd];
    unsigned changed = owner->events ^ events;
    assert(owner->kind != OWNER_NONE);
    owner->events = events;
    if ((changed & FLOW_READABLE) != 0 &&
        !put(&sockets->watched_readable, fd, (events & FLOW_READABLE) != 0))
        return ERROR_NO_MEMORY;
    if ((changed & FLOW_WRITABLE) != 0 &&
        !put(&sockets->watched_writable, fd, (events & FLOW_WRITABLE) != 0))
        return ERROR_NO_MEMORY;
    return ERROR_NONE;
}

enum error sockets_watch(struct sockets *sockets, int fd, const struct owner *owner)
{
    if (!grow_owners(sockets, fd))
        return ERROR_NO_MEMORY;
    assert(sockets->owners[fd].kind == OWNER_NONE);
    sockets->owners[fd] = *owner;
    sockets->owners[fd].events = 0;
    sockets->count++;
    return sockets_await(sockets, fd, owner->events);
}

void sockets_forget(struct sockets *sockets, int fd)
{
    if ((size_t)fd >= sockets->owners_len || sockets->owners[fd].kind == OWNER_NONE)
        return;
    (void)sockets_await(sockets, fd, 0); /* which adds nothing */
    sockets->owners[fd].kind = OWNER_NONE;
    sockets->count--;
}

static enum error add_all(struct fdset *set, const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fds[i] >= 0 && !put(set, fds[i], true))
            return ERROR_NO_MEMORY;
    return ERROR_NONE;
}

enum error sockets_prepare(struct sockets *sockets, const struct probe_watch *watch,
                           int extra_fd)
{
    if (fdset_copy(&sockets->writable, &sockets->watched_writable) != ERROR_NONE ||
        fdset_copy(&sockets->readable, &sockets->watched_readable) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    enum error error =
        add_all(&sockets->writable, watch->writable_fds, ARRAY_LEN(watch->writable_fds));
    if (error == ERROR_NONE)
        error = add_all(&sockets->readable, &extra_fd, 1);
    if (error == ERROR_NONE)
        error =
            add_all(&sockets->readable, watch->readable_fds, ARRAY_LEN(watch->readable_fds));
    return error;
}

bool sockets_is_readable(const struct sockets *sockets, int fd)
{
    return fd >= 0 && fdset_has(&sockets->readable, fd);
}

bool sockets_are_quiet(const struct sockets *sockets)
{
    return fdset_next(&sockets->writable, 0) < 0 && fdset_next(&sockets->readable, 0) < 0;
}

int sockets_next(const struct sockets *sockets, unsigned event, int fd, struct owner *owner)
{
    bool is_reading = event == FLOW_READABLE;
    const struct fdset *set = is_reading ? &sockets->readable : &sockets->writable;
    for (fd = fdset_next(set, fd); fd >= 0; fd = fdset_next(set, fd + 1)) {
        if ((size_t)fd >= sockets->owners_len)
            return -1;
        *owner = sockets->owners[fd];
        bool was_told = is_reading && fdset_has(&sockets->writable, fd);
        if (owner->kind != OWNER_NONE && !was_told)
            return fd;
    }
    return -1;
}
