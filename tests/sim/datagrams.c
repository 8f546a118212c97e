#include "datagrams.h"

#include "netcheck/base/base.h"

bool datagrams_add(struct datagrams *datagrams, const struct datagram *datagram)
{
    if (datagrams->count == DATAGRAMS_MAX)
        return false;
    datagrams->items[datagrams->count++] = *datagram;
    return true;
}

/* The one that comes first on the descriptor, of equals the one sent first; count: none. */
static size_t find_first(const struct datagrams *datagrams, int fd)
{
    size_t first = datagrams->count;
    for (size_t i = 0; i < datagrams->count; i++)
        if (datagrams->items[i].fd == fd &&
            (first == datagrams->count ||
             datagrams->items[i].at_ns < datagrams->items[first].at_ns))
            first = i;
    return first;
}

int64_t datagrams_due_ns(const struct datagrams *datagrams, int fd)
{
    size_t first = find_first(datagrams, fd);
    return first < datagrams->count ? datagrams->items[first].at_ns : NEVER_NS;
}

bool datagrams_take(struct datagrams *datagrams, int fd, int64_t now_ns,
                    struct datagram *datagram)
{
    size_t first = find_first(datagrams, fd);
    if (first == datagrams->count || datagrams->items[first].at_ns > now_ns)
        return false;
    *datagram = datagrams->items[first];
    if (datagram->is_end)
        return true;
    datagrams->items[first] = datagrams->items[--datagrams->count];
    return true;
}

void datagrams_forget(struct datagrams *datagrams, int fd)
{
    size_t kept = 0;
    for (size_t i = 0; i < datagrams->count; i++)
        if (datagrams->items[i].fd != fd)
            datagrams->items[kept++] = datagrams->items[i];
    datagrams->count = kept;
}
