#include "netcheck/schedule/rounds.h"

#include "netcheck/base/base.h"

/* When the member's slot 0 is. */
static int64_t first_ns(const struct rounds *rounds, const struct member *member)
{
    int64_t count = (int64_t)rounds->roster->count;
    int64_t index = (int64_t)member->endpoint.member;
    int64_t offset_ns =
        rounds->interval_ns / count * index + rounds->interval_ns % count * index / count;
    return offset_ns < NEVER_NS - rounds->began_ns ? rounds->began_ns + offset_ns : NEVER_NS;
}

/* When `slot` is; intervals may be as long as centuries. */
static int64_t slot_ns(const struct rounds *rounds, const struct member *member, uint64_t slot)
{
    int64_t at_ns = first_ns(rounds, member);
    uint64_t most = (uint64_t)((NEVER_NS - at_ns) / rounds->interval_ns);
    return slot <= most ? at_ns + (int64_t)slot * rounds->interval_ns : NEVER_NS;
}

/* The slot that has begun last; not before the first one. */
static uint64_t current_slot(const struct rounds *rounds, const struct member *member,
                             int64_t now_ns)
{
    int64_t passed_ns = now_ns - first_ns(rounds, member);
    return passed_ns > 0 ? (uint64_t)(passed_ns / rounds->interval_ns) : 0;
}

/* Let the member wait for `slot`. What that misses is for the caller to count. */
static void wait_for_slot(struct rounds *rounds, struct member *member, uint64_t slot)
{
    member->slot = slot;
    roster_ask_at(rounds->roster, member, slot_ns(rounds, member, slot));
}

/* The first slot that has not begun, or begins just now. */
static uint64_t coming_slot(const struct rounds *rounds, const struct member *member,
                            int64_t now_ns)
{
    uint64_t slot = current_slot(rounds, member, now_ns);
    return slot_ns(rounds, member, slot) < now_ns ? slot + 1 : slot;
}

void rounds_begin(struct rounds *rounds, int64_t now_ns)
{
    rounds->began_ns = now_ns;
    for (size_t i = 0; i < rounds->roster->count; i++)
        wait_for_slot(rounds, &rounds->roster->members[i], 0);
}

bool rounds_next(struct rounds *rounds, int64_t now_ns, struct endpoint *endpoint)
{
    struct member *member = roster_take(rounds->roster, now_ns);
    if (member == NULL)
        return false;
    uint64_t slot = current_slot(rounds, member, now_ns);
    rounds->missed += slot - member->slot;
    member->slot = slot;
    *endpoint = member->endpoint;
    return true;
}

void rounds_answered(struct rounds *rounds, const struct endpoint *endpoint, int64_t now_ns)
{
    struct member *member = roster_answered(rounds->roster, endpoint);
    bool is_done = rounds->count != 0 && member->asked >= rounds->count;
    if (is_done || member->endpoint.target->kind == TARGET_INVALID)
        return;
    uint64_t next = member->slot + 1;
    uint64_t coming = coming_slot(rounds, member, now_ns);
    if (coming > next)
        rounds->missed += coming - next;
    wait_for_slot(rounds, member, coming > next ? coming : next);
}

void rounds_return(struct rounds *rounds, int64_t now_ns)
{
    for (size_t i = 0; i < rounds->roster->count; i++) {
        struct member *member = &rounds->roster->members[i];
        bool is_waiting = member->timer.slot != 0;
        if (!is_waiting || member->timer.at_ns >= now_ns)
            continue;
        uint64_t coming = coming_slot(rounds, member, now_ns);
        rounds->missed += coming - member->slot;
        wait_for_slot(rounds, member, coming);
    }
}

bool rounds_are_over(const struct rounds *rounds)
{
    return rounds->roster->out == 0 && heap_first(&rounds->roster->due) == NULL;
}
