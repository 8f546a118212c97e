#include "netcheck/probe/candidate.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"

void candidates_init(struct candidates *candidates)
{
    candidates->items = &candidates->single;
    candidates->capacity = 1;
    candidates->count = 0;
}

void candidates_release(struct candidates *candidates)
{
    if (candidates->items != &candidates->single)
        free(candidates->items);
    candidates_init(candidates);
}

static bool grow(struct candidates *candidates)
{
    if (candidates->count < candidates->capacity)
        return true;
    size_t capacity = candidates->capacity * 4;
    bool is_single = candidates->items == &candidates->single;
    struct candidate *items =
        realloc(is_single ? NULL : candidates->items, capacity * sizeof *items);
    if (items == NULL)
        return false;
    if (is_single)
        items[0] = candidates->single;
    candidates->items = items;
    candidates->capacity = capacity;
    return true;
}

bool candidates_add(struct candidates *candidates, const struct address *address, uint16_t port)
{
    if (candidates->count == CANDIDATES_MAX || !grow(candidates))
        return false;
    struct candidate *candidate = &candidates->items[candidates->count++];
    memset(candidate, 0, sizeof *candidate);
    candidate->address = *address;
    address_set_port(&candidate->address, port);
    flow_init(&candidate->flow);
    candidate->again_ns = NEVER_NS;
    candidate->took_ns = candidate->latency_ns = -1;
    candidate->syn_retransmits = -1;
    return true;
}

bool candidate_is_silent(const struct candidate *candidate)
{
    return candidate->is_over && candidate->outcome.reason == REASON_TIMEOUT;
}

bool candidate_is_open(const struct candidate *candidate)
{
    bool is_asked = candidate->state == CANDIDATE_ACTIVE || candidate->state == CANDIDATE_AGAIN;
    return is_asked && !candidate->is_void;
}

bool candidate_is_worth_asking(const struct candidate *candidate)
{
    return candidate_is_silent(candidate) ||
           (candidate->is_over && outcome_is_temporary(&candidate->outcome));
}

bool candidates_have(const struct candidates *candidates,
                     bool (*is_so)(const struct candidate *))
{
    for (size_t i = 0; i < candidates->count; i++)
        if (is_so(&candidates->items[i]))
            return true;
    return false;
}
