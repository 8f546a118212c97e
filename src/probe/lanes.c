#include "lanes.h"

#include <stdlib.h>

#include "netcheck/base/base.h"
#include "netcheck/base/grow.h"

enum { NUMBER_BITS = 32 };

void lanes_init(struct lanes *lanes)
{
    list_init(&lanes->open);
    lanes->number = 0;
}

static struct open_lane *lane_of_link(struct list *link)
{
    return CONTAINER_OF(link, struct open_lane, link);
}

struct open_lane *lanes_of(struct lane *lane)
{
    return CONTAINER_OF(lane, struct open_lane, lane);
}

static bool is_for(const struct open_lane *open, const struct protocol *protocol, int family)
{
    return open->protocol == protocol && open->lane.family == family;
}

struct open_lane *lanes_find(const struct lanes *lanes, const struct protocol *protocol,
                             int family)
{
    for (struct list *link = lanes->open.next; link != &lanes->open; link = link->next) {
        struct open_lane *open = lane_of_link(link);
        if (is_for(open, protocol, family) && open->lane.flows < open->lane.room)
            return open;
    }
    return NULL;
}

bool lanes_have_only(const struct lanes *lanes, const struct protocol *protocol, int family)
{
    for (struct list *link = lanes->open.next; link != &lanes->open; link = link->next)
        if (is_for(lane_of_link(link), protocol, family) && lane_of_link(link)->lane.is_only)
            return true;
    return false;
}

struct open_lane *lanes_find_idle(const struct lanes *lanes)
{
    for (struct list *link = lanes->open.next; link != &lanes->open; link = link->next)
        if (lane_of_link(link)->lane.flows == 0)
            return lane_of_link(link);
    return NULL;
}

struct open_lane *lanes_add(struct lanes *lanes, const struct protocol *protocol, int family)
{
    struct open_lane *open = calloc(1, sizeof *open);
    if (open == NULL)
        return NULL;
    open->lane = (struct lane){.fd = -1, .family = family};
    open->protocol = protocol;
    open->read_ns = INT64_MIN;
    list_append(&lanes->open, &open->link);
    return open;
}

void lanes_remove(struct open_lane *open)
{
    list_remove(&open->link);
    free(open->users);
    free(open);
}

/* A free place, from 1; 0 without memory. */
static size_t take_place(struct open_lane *open)
{
    size_t place = open->free;
    if (place > 0) {
        open->free = open->users[place - 1].next_free;
        return place;
    }
    if (GROW(open->users, open->capacity, open->count + 1) != ERROR_NONE)
        return 0;
    return ++open->count;
}

enum error lanes_join(struct lanes *lanes, struct open_lane *open, struct flow *flow,
                      const struct lane_user *user)
{
    size_t place = take_place(open);
    if (place == 0)
        return ERROR_NO_MEMORY;
    flow->lane = &open->lane;
    flow->key = (uint64_t)place << NUMBER_BITS | ++lanes->number;
    open->users[place - 1] = *user;
    open->users[place - 1].key = flow->key;
    open->lane.flows++;
    return ERROR_NONE;
}

void lanes_leave(struct flow *flow)
{
    struct open_lane *open = lanes_of(flow->lane);
    size_t place = (size_t)(flow->key >> NUMBER_BITS);
    open->users[place - 1] = (struct lane_user){.next_free = open->free};
    open->free = place;
    open->lane.flows--;
    flow->lane = NULL;
    flow->key = 0;
}

const struct lane_user *lanes_user(const struct open_lane *open, uint64_t key)
{
    uint64_t place = key >> NUMBER_BITS;
    if (place == 0 || place > open->count || open->users[place - 1].key != key)
        return NULL;
    return &open->users[place - 1];
}

const struct lane_user *lanes_user_ending(const struct open_lane *open, uint16_t end)
{
    for (size_t i = 0; i < open->count; i++)
        if (open->users[i].key != 0 && (uint16_t)open->users[i].key == end)
            return &open->users[i];
    return NULL;
}
