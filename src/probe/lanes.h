/*
 * lanes: the descriptors that flows share, and which flow a key names. Private to the engine.
 *
 * A key is the place of the flow on its lane and the number of the flow in the run. A place is
 * used again, a number is not (it has 32 bits): a key that is no longer in use names no flow.
 *
 * Invariant: lane.flows is the number of users whose key is not 0.
 */
#ifndef NETCHECK_LANES_H
#define NETCHECK_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/error.h"
#include "netcheck/base/list.h"
#include "netcheck/probe/protocol.h"

struct check;

/* A place on a lane, and whose it is. */
struct lane_user {
    uint64_t key; /* 0: it is free */
    struct check *check;
    size_t candidate; /* its index */
    size_t next_free; /* of a free place: the next one, from 1; 0: none */
};

struct open_lane {
    struct list link;
    struct lane lane;
    const struct protocol *protocol;
    int64_t read_ns; /* what had come by then was read */
    struct lane_user *users;
    size_t capacity;
    size_t count; /* places that were used so far */
    size_t free;  /* the first free one of them, from 1; 0: none */
};

struct lanes {
    struct list open;
    uint32_t number; /* of the flow that came last */
};

void lanes_init(struct lanes *lanes);

/* A lane of this protocol and family that has room; NULL: there is none. */
struct open_lane *lanes_find(const struct lanes *lanes, const struct protocol *protocol,
                             int family);

/* Whether there is a lane of this protocol and family beside which none may be opened. */
bool lanes_have_only(const struct lanes *lanes, const struct protocol *protocol, int family);

/* One more lane, whose descriptor is the caller's to open; NULL without memory. */
struct open_lane *lanes_add(struct lanes *lanes, const struct protocol *protocol, int family);

/* The first lane that no flow is on; NULL: none. */
struct open_lane *lanes_find_idle(const struct lanes *lanes);

/* Forget a lane that no flow is on; its descriptor is closed. */
void lanes_remove(struct open_lane *open);

/* The lane that a flow is on. */
struct open_lane *lanes_of(struct lane *lane);

/* Give the flow a place on the lane, which has room. NONE or NO_MEMORY. */
enum error lanes_join(struct lanes *lanes, struct open_lane *open, struct flow *flow,
                      const struct lane_user *user);

/* The flow leaves its lane. */
void lanes_leave(struct flow *flow);

/* Whose the key is; NULL: no flow's, or no longer. */
const struct lane_user *lanes_user(const struct open_lane *open, uint64_t key);

/* Whose flow has a key that ends in these 16 bits; NULL: none. It looks through all flows. */
const struct lane_user *lanes_user_ending(const struct open_lane *open, uint16_t end);

#endif
