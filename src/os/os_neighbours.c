/*
 * os_neighbours: how often the neighbour table was full, from rtnetlink(7); -1 without Linux.
 */
#ifdef __linux__
#define _GNU_SOURCE /* SOCK_CLOEXEC with raw sockets, AF_NETLINK */
#endif

#include "os_internal.h"

#ifdef __linux__

#include <string.h>
#include <unistd.h>

/* What linux/netlink.h, rtnetlink.h and neighbour.h have, which a libc need not ship. */
enum {
    ROUTE = 0,             /* NETLINK_ROUTE */
    REQUEST_DUMP = 0x301,  /* NLM_F_REQUEST | NLM_F_DUMP */
    TYPE_ERROR = 2,        /* NLMSG_ERROR */
    TYPE_DONE = 3,         /* NLMSG_DONE */
    TYPE_NEIGHTBL = 64,    /* RTM_NEWNEIGHTBL */
    TYPE_GETNEIGHTBL = 66, /* RTM_GETNEIGHTBL */
    ATTRIBUTE_STATS = 7,   /* NDTA_STATS: struct ndt_stats, eleven 64-bit counters */
    TABLE_FULLS_AT = 80,   /* the last one of them, ndts_table_fulls */
    ALIGNMENT = 4,         /* of messages and attributes */
};

struct message {
    uint32_t len;
    uint16_t type;
    uint16_t flags;
    uint32_t sequence;
    uint32_t sender;
};

struct attribute {
    uint16_t len;
    uint16_t type;
};

static size_t align(size_t len)
{
    return (len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* The statistics in `len` bytes of a message about a table; 0 where there are none. */
static uint64_t table_fulls(const char *bytes, size_t len)
{
    struct attribute attribute;
    uint64_t fulls = 0;
    /* Behind the head stands struct ndtmsg: a family, and padding to four bytes. */
    for (size_t at = sizeof(struct message) + 4; at + sizeof attribute <= len;
         at += align(attribute.len)) {
        memcpy(&attribute, bytes + at, sizeof attribute);
        if (attribute.len < sizeof attribute || attribute.len > len - at)
            break;
        bool has_fulls = attribute.len >= sizeof attribute + TABLE_FULLS_AT + sizeof fulls;
        if (attribute.type == ATTRIBUTE_STATS && has_fulls)
            memcpy(&fulls, bytes + at + sizeof attribute + TABLE_FULLS_AT, sizeof fulls);
    }
    return fulls;
}

/* Add up what one read gave. False at the end, and where it makes no sense. */
static bool add_table_fulls(const char *bytes, size_t len, int64_t *sum)
{
    struct message message;
    for (size_t at = 0; at + sizeof message <= len; at += align(message.len)) {
        memcpy(&message, bytes + at, sizeof message);
        bool is_last = message.type == TYPE_DONE || message.type == TYPE_ERROR;
        if (is_last || message.len < sizeof message || message.len > len - at)
            return false;
        if (message.type == TYPE_NEIGHTBL)
            *sum += (int64_t)table_fulls(bytes + at, message.len);
    }
    return len > 0;
}

/* A dump over rtnetlink(7), which the kernel answers at once and gives to every user. */
int64_t os_extra_neighbours_lost(void)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, ROUTE);
    if (fd < 0)
        return -1;
    struct {
        struct message head;
        uint8_t family[4]; /* any */
    } request = {
        .head = {.len = sizeof request, .type = TYPE_GETNEIGHTBL, .flags = REQUEST_DUMP}};
    int64_t sum = 0;
    bool is_asked = send(fd, &request, sizeof request, 0) == (ssize_t)sizeof request;
    bool is_on = is_asked;
    while (is_on) {
        char bytes[16384];
        ssize_t len = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        is_on = len > 0 && add_table_fulls(bytes, (size_t)len, &sum);
    }
    (void)close(fd); /* it was only asked */
    return is_asked ? sum : -1;
}

#else

int64_t os_extra_neighbours_lost(void)
{
    return -1;
}

#endif
