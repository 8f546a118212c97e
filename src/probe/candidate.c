#include "netcheck/probe/candidate.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/grow.h"

enum { FIRST_ROOM = 4 };

void candidates_init(struct candidates *candidates)
{
    candidates->items = &candidates->single;
    candidates->capacity = 1;
    candidates->count = 0;
}

void candidates_clear(struct candidates *candidates)
{
    for (size_t i = 0; i < candidates->count; i++)
        reply_drop(candidates->items[i].measures.reply);
    candidates->count = 0;
}

void candidates_release(struct candidates *candidates)
{
    candidates_clear(candidates);
    if (candidates->items != &candidates->single)
        free(candidates->items);
    candidates_init(candidates);
}

/* From the one inside to memory of their own. */
static bool move_out(struct candidates *candidates)
{
    struct candidate *items = NULL;
    size_t capacity = 0;
    if (GROW(items, capacity, FIRST_ROOM) != ERROR_NONE)
        return false;
    items[0] = candidates->single;
    candidates->items = items;
    candidates->capacity = capacity;
    return true;
}

static bool grow(struct candidates *candidates)
{
    bool is_single = candidates->items == &candidates->single;
    if (is_single)
        return candidates->count < candidates->capacity || move_out(candidates);
    return GROW(candidates->items, candidates->capacity, candidates->count + 1) == ERROR_NONE;
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
    candidate->measures = measures_unknown();
    return true;
}

bool candidate_is_silent(const struct candidate *candidate)
{
    return candidate->is_over && candidate->outcome.reason == REASON_TIMEOUT;
}

int candidate_resent(const struct candidate *candidate)
{
    if (candidate->syn_retransmits >= 0)
        return candidate->syn_retransmits;
    return candidate->measures.sent > 0 ? candidate->measures.sent - 1 : -1;
}

bool candidate_is_open(const struct candidate *candidate)
{
    bool is_asked = candidate->state == CANDIDATE_ACTIVE || candidate->state == CANDIDATE_AGAIN;
    return is_asked && !candidate->is_void;
}

bool candidate_is_cut(const struct candidate *candidate)
{
    return candidate->is_over && candidate->outcome.remark == REMARK_CUT;
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
