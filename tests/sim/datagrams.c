#include "datagrams.h"

#include <stdlib.h>

#include "netcheck/base/base.h"
#include "netcheck/base/grow.h"

void datagrams_release(struct datagrams *datagrams)
{
    free(datagrams->items);
}

bool datagrams_add(struct datagrams *datagrams, const struct datagram *datagram)
{
    if (datagrams->count == DATAGRAMS_MAX ||
        GROW(datagrams->items, datagrams->capacity, datagrams->count + 1) != ERROR_NONE)
        return false;
    datagrams->items[datagrams->count++] = *datagram;
    return true;
}

enum kind { KIND_MESSAGE = 1u << 0, KIND_REPORT = 1u << 1 };

static bool is_of(const struct datagram *datagram, int fd, unsigned kinds)
{
    unsigned kind = datagram->is_report ? KIND_REPORT : KIND_MESSAGE;
    return datagram->fd == fd && (kinds & kind) != 0;
}

/* The one that comes first on the descriptor, of equals the one sent first; count: none. */
static size_t find_first(const struct datagrams *datagrams, int fd, unsigned kinds)
{
    size_t first = datagrams->count;
    for (size_t i = 0; i < datagrams->count; i++)
        if (is_of(&datagrams->items[i], fd, kinds) &&
            (first == datagrams->count ||
             datagrams->items[i].at_ns < datagrams->items[first].at_ns))
            first = i;
    return first;
}

int64_t datagrams_due_ns(const struct datagrams *datagrams, int fd)
{
    size_t first = find_first(datagrams, fd, KIND_MESSAGE | KIND_REPORT);
    return first < datagrams->count ? datagrams->items[first].at_ns : NEVER_NS;
}

static bool take(struct datagrams *datagrams, int fd, unsigned kinds, int64_t now_ns,
                 struct datagram *datagram)
{
    size_t first = find_first(datagrams, fd, kinds);
    if (first == datagrams->count || datagrams->items[first].at_ns > now_ns)
        return false;
    *datagram = datagrams->items[first];
    if (datagram->is_end)
        return true;
    datagrams->items[first] = datagrams->items[--datagrams->count];
    return true;
}

bool datagrams_take(struct datagrams *datagrams, int fd, int64_t now_ns,
                    struct datagram *datagram)
{
    return take(datagrams, fd, KIND_MESSAGE, now_ns, datagram);
}

bool datagrams_take_report(struct datagrams *datagrams, int fd, int64_t now_ns,
                           struct datagram *datagram)
{
    return take(datagrams, fd, KIND_REPORT, now_ns, datagram);
}

int datagrams_tell(struct datagrams *datagrams, int fd, int64_t now_ns)
{
    for (size_t i = 0; i < datagrams->count; i++) {
        struct datagram *datagram = &datagrams->items[i];
        if (!is_of(datagram, fd, KIND_REPORT) || datagram->is_told ||
            datagram->error_ns > now_ns)
            continue;
        datagram->is_told = true;
        return datagram->error;
    }
    return 0;
}

/* The one that came last by now; count: none. How many there are goes to `waiting`. */
static size_t find_last(const struct datagrams *datagrams, int fd, int64_t now_ns,
                        size_t *waiting)
{
    size_t last = datagrams->count;
    *waiting = 0;
    for (size_t i = 0; i < datagrams->count; i++) {
        const struct datagram *datagram = &datagrams->items[i];
        if (!is_of(datagram, fd, KIND_MESSAGE) || datagram->at_ns > now_ns)
            continue;
        ++*waiting;
        if (last == datagrams->count || datagram->at_ns > datagrams->items[last].at_ns)
            last = i;
    }
    return last;
}

size_t datagrams_drop(struct datagrams *datagrams, int fd, int64_t now_ns, size_t room)
{
    size_t waiting = 0;
    size_t lost = 0;
    size_t last;
    while ((last = find_last(datagrams, fd, now_ns, &waiting)) < datagrams->count &&
           waiting > room) {
        datagrams->items[last] = datagrams->items[--datagrams->count];
        lost++;
    }
    return lost;
}

void datagrams_forget(struct datagrams *datagrams, int fd)
{
    size_t kept = 0;
    for (size_t i = 0; i < datagrams->count; i++)
        if (datagrams->items[i].fd != fd)
            datagrams->items[kept++] = datagrams->items[i];
    datagrams->count = kept;
}
