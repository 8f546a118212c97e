#include "netcheck/schedule/roster.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/grow.h"

void roster_init(struct roster *roster)
{
    memset(roster, 0, sizeof *roster);
    heap_init(&roster->due);
}

void roster_release(struct roster *roster)
{
    for (size_t i = 0; i < roster->count; i++)
        target_drop(roster->members[i].endpoint.target);
    free(roster->members);
    heap_release(&roster->due);
    roster_init(roster);
}

enum error roster_add(struct roster *roster, const struct endpoint *endpoint)
{
    if (roster->count == ROSTER_MAX)
        return ERROR_FULL;
    if (GROW(roster->members, roster->capacity, roster->count + 1) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    struct member *member = &roster->members[roster->count];
    memset(member, 0, sizeof *member);
    member->endpoint = *endpoint;
    member->endpoint.member = roster->count++;
    (void)target_hold(endpoint->target);
    return ERROR_NONE;
}

enum error roster_close(struct roster *roster)
{
    return heap_reserve(&roster->due, roster->count);
}

void roster_ask_at(struct roster *roster, struct member *member, int64_t at_ns)
{
    assert(!member->is_out);
    heap_set(&roster->due, &member->timer, at_ns);
}

struct member *roster_take(struct roster *roster, int64_t now_ns)
{
    struct heap_node *first = heap_first(&roster->due);
    if (first == NULL || first->at_ns > now_ns)
        return NULL;
    heap_remove(&roster->due, first);
    struct member *member = CONTAINER_OF(first, struct member, timer);
    member->is_out = true;
    member->asked++;
    member->asked_ns = now_ns;
    roster->out++;
    return member;
}

struct member *roster_answered(struct roster *roster, const struct endpoint *endpoint)
{
    struct member *member = &roster->members[endpoint->member];
    assert(endpoint->member < roster->count && member->is_out);
    member->is_out = false;
    roster->out--;
    return member;
}

int64_t roster_due_ns(const struct roster *roster)
{
    const struct heap_node *first = heap_first(&roster->due);
    return first != NULL ? first->at_ns : NEVER_NS;
}
