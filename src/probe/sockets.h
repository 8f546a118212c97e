/*
 * sockets: the descriptors of flows and lanes, what each waits for, and what is ready.
 *
 * Invariant: a descriptor is watched for something only while it has an owner.
 */
#ifndef NETCHECK_SOCKETS_H
#define NETCHECK_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/error.h"
#include "netcheck/os/fdset.h"
#include "netcheck/probe/probe.h"

struct check;
struct open_lane;

/* Whose a descriptor is. */
struct owner {
    enum { OWNER_NONE, OWNER_FLOW, OWNER_LANE } kind;
    unsigned events; /* FLOW_ bits that are watched */
    union {
        struct check *check;
        struct open_lane *lane;
    };
    size_t candidate; /* of the check: its index */
};

struct sockets {
    struct fdset watched_readable;
    struct fdset watched_writable;
    struct fdset readable; /* what select() is given, and what it found */
    struct fdset writable;
    struct owner *owners; /* by descriptor */
    size_t owners_len;
    size_t count; /* descriptors with an owner */
};

void sockets_init(struct sockets *sockets);
void sockets_release(struct sockets *sockets);

/* The descriptor is this flow's or lane's, and waits for owner->events. NONE or NO_MEMORY. */
enum error sockets_watch(struct sockets *sockets, int fd, const struct owner *owner);

/* Wait for `events` on the descriptor, which has an owner. NONE or NO_MEMORY. */
enum error sockets_await(struct sockets *sockets, int fd, unsigned events);

/* The descriptor, which is about to be closed, has no owner any more. */
void sockets_forget(struct sockets *sockets, int fd);

/*
 * Make the sets for select(): what flows wait for, what `watch` adds, and `extra_fd` for
 * reading, if it is not -1. NONE or NO_MEMORY.
 */
enum error sockets_prepare(struct sockets *sockets, const struct probe_watch *watch,
                           int extra_fd);

/* Whether select() found this descriptor, of the others, readable; false for -1. */
bool sockets_is_readable(const struct sockets *sockets, int fd);

/* Whether select() found nothing at all. */
bool sockets_are_quiet(const struct sockets *sockets);

/*
 * The first descriptor from `fd` on that is ready for `event`, one of FLOW_, and has an owner;
 * -1: none. Those that are ready for both are among the writable ones only.
 */
int sockets_next(const struct sockets *sockets, unsigned event, int fd, struct owner *owner);

#endif
