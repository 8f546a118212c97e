#include "netcheck/probe/race.h"

#include <assert.h>

#include "netcheck/base/address.h"
#include "netcheck/base/base.h"

/* RFC 8305 section 8: Connection Attempt Delay and its minimum, Resolution Delay. */
static const int64_t stagger_ns = 250 * NS_PER_MS;
static const int64_t stagger_min_ns = 10 * NS_PER_MS;
static const int64_t resolution_delay_ns = 50 * NS_PER_MS;

/* How long to leave this machine alone when it could not ask. */
static const int64_t put_back_ns = 50 * NS_PER_MS;

/* Others wait so long for an address that is held, and still have half of the time to answer:
   it may close when the race is over. */
static int64_t relief_ns(const struct race *race)
{
    return race->begin_ns + (race->deadline_ns - race->begin_ns) / 2;
}

/* Shorter where so many addresses would not fit before the deadline. */
static int64_t choose_stagger(const struct race *race, const struct candidates *candidates)
{
    int64_t since_ns = race_is_held(race, candidates) ? relief_ns(race) : race->begin_ns;
    int64_t fair_ns = (race->deadline_ns - since_ns) / (int64_t)(candidates->count + 1);
    if (fair_ns > stagger_ns)
        return stagger_ns;
    return fair_ns < stagger_min_ns ? stagger_min_ns : fair_ns;
}

/* The family that was not started last comes first; IPv6 begins. The count for none. */
static size_t choose_among(const struct race *race, const struct candidates *candidates,
                           enum candidate_state state)
{
    unsigned wanted = race->last_family == FAMILY_IPV6 ? FAMILY_IPV4 : FAMILY_IPV6;
    size_t other = candidates->count;
    for (size_t i = 0; i < candidates->count; i++) {
        const struct candidate *candidate = &candidates->items[i];
        if (candidate->state != state)
            continue;
        if (address_family_bit(&candidate->address) == wanted)
            return i;
        if (other == candidates->count)
            other = i;
    }
    return other;
}

static size_t choose_candidate(const struct race *race, const struct candidates *candidates)
{
    size_t untried = choose_among(race, candidates, CANDIDATE_UNTRIED);
    return untried < candidates->count ? untried
                                       : choose_among(race, candidates, CANDIDATE_PASSED);
}

/* When the candidate that is next may start. */
static int64_t start_ns(const struct race *race, const struct candidates *candidates,
                        const struct candidate *candidate)
{
    int64_t at_ns = race->next_ns;
    if (race_is_held(race, candidates) && relief_ns(race) > at_ns)
        at_ns = relief_ns(race);
    if (candidate->state == CANDIDATE_PASSED && race->passed_ns > at_ns)
        at_ns = race->passed_ns;
    return race->is_all || at_ns > race->settle_ns ? at_ns : race->settle_ns;
}

static enum race_step wait_until(const struct race *race, int64_t at_ns, int64_t *until_ns)
{
    *until_ns = at_ns < race->deadline_ns ? at_ns : race->deadline_ns;
    return RACE_WAIT;
}

static void begin_at(struct race *race, int64_t now_ns, int64_t timeout_ns)
{
    race->begin_ns = now_ns;
    race->deadline_ns = timeout_ns < NEVER_NS - now_ns ? now_ns + timeout_ns : NEVER_NS;
    race->next_ns = now_ns;
    race->settle_ns = now_ns;
}

void race_begin(struct race *race, int64_t now_ns, int64_t timeout_ns,
                unsigned pending_families, bool is_all)
{
    race->is_all = is_all;
    race->pending_families = pending_families;
    race->last_family = 0;
    begin_at(race, now_ns, timeout_ns);
}

void race_answered(struct race *race, unsigned family, bool has_candidates, int64_t now_ns)
{
    race->pending_families &= ~family;
    bool is_waiting_for_ipv6 = race->pending_families == FAMILY_IPV6 && has_candidates;
    int64_t half_left_ns = (race->deadline_ns - now_ns) / 2;
    int64_t delay_ns = resolution_delay_ns < half_left_ns ? resolution_delay_ns : half_left_ns;
    race->settle_ns = is_waiting_for_ipv6 ? now_ns + delay_ns : now_ns;
}

static size_t count_state(const struct candidates *candidates, enum candidate_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < candidates->count; i++)
        count += candidates->items[i].state == state;
    return count;
}

size_t race_active(const struct candidates *candidates)
{
    return count_state(candidates, CANDIDATE_ACTIVE) + count_state(candidates, CANDIDATE_HELD);
}

bool race_is_held(const struct race *race, const struct candidates *candidates)
{
    return !race->is_all && count_state(candidates, CANDIDATE_HELD) > 0;
}

void race_hold(struct candidate *candidate)
{
    assert(candidate->state == CANDIDATE_ACTIVE || candidate->state == CANDIDATE_AGAIN);
    candidate->state = CANDIDATE_HELD;
}

size_t race_settled_count(const struct candidates *candidates)
{
    return count_state(candidates, CANDIDATE_SETTLED) +
           count_state(candidates, CANDIDATE_AGAIN);
}

enum race_step race_next(struct race *race, const struct candidates *candidates, int64_t now_ns,
                         size_t *index, int64_t *until_ns)
{
    if (now_ns >= race->deadline_ns)
        return RACE_OVER;
    size_t chosen = choose_candidate(race, candidates);
    if (chosen == candidates->count) {
        if (race_active(candidates) == 0 && race->pending_families == 0)
            return RACE_OVER;
        return wait_until(race, NEVER_NS, until_ns);
    }
    struct candidate *candidate = &candidates->items[chosen];
    int64_t at_ns = start_ns(race, candidates, candidate);
    if (now_ns < at_ns)
        return wait_until(race, at_ns, until_ns);
    candidate->state = CANDIDATE_ACTIVE;
    race->last_family = address_family_bit(&candidate->address);
    race->next_ns = race->is_all ? now_ns : now_ns + choose_stagger(race, candidates);
    *index = chosen;
    return RACE_START;
}

bool race_ask_again(const struct race *race, const struct candidates *candidates, size_t index,
                    int64_t now_ns)
{
    assert(index < candidates->count && candidates->items[index].state == CANDIDATE_SETTLED);
    bool is_waiting =
        race_settled_count(candidates) < candidates->count || race->pending_families != 0;
    if (!is_waiting || now_ns >= race->deadline_ns || race_is_held(race, candidates))
        return false;
    candidates->items[index].state = CANDIDATE_AGAIN;
    return true;
}

void race_settled(struct race *race, struct candidate *candidate, int64_t now_ns)
{
    if (candidate->state != CANDIDATE_AGAIN) {
        assert(candidate->state == CANDIDATE_ACTIVE || candidate->state == CANDIDATE_HELD);
        race->next_ns = now_ns;
    }
    candidate->state = CANDIDATE_SETTLED;
}

void race_put_back(struct race *race, struct candidate *candidate, int64_t now_ns)
{
    assert(candidate->state == CANDIDATE_ACTIVE);
    candidate->state = CANDIDATE_UNTRIED;
    race->last_family = 0;
    race->next_ns = now_ns + put_back_ns;
}

void race_pass_over(struct race *race, struct candidate *candidate, int64_t now_ns)
{
    assert(candidate->state == CANDIDATE_ACTIVE);
    candidate->state = CANDIDATE_PASSED;
    race->next_ns = now_ns;
    race->passed_ns = now_ns + put_back_ns;
}

bool race_has_untried(const struct race *race, const struct candidates *candidates)
{
    return race->pending_families != 0 ||
           choose_among(race, candidates, CANDIDATE_UNTRIED) < candidates->count;
}

void race_unsettle(struct candidate *candidate)
{
    assert(candidate->state == CANDIDATE_SETTLED);
    candidate->state = CANDIDATE_UNTRIED;
}

void race_restart(struct race *race, int64_t now_ns, int64_t timeout_ns)
{
    begin_at(race, now_ns, timeout_ns);
}
