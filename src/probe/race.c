#include "netcheck/probe/race.h"

#include <assert.h>
#include <string.h>

#include "netcheck/base/address.h"
#include "netcheck/base/base.h"

/* RFC 8305 section 8: Connection Attempt Delay and its minimum, Resolution Delay. */
static const int64_t stagger_ns = 250 * NS_PER_MS;
static const int64_t stagger_min_ns = 10 * NS_PER_MS;
static const int64_t resolution_delay_ns = 50 * NS_PER_MS;

/* How long to leave this machine alone when it could not ask. */
static const int64_t put_back_ns = 50 * NS_PER_MS;

/* Shorter where so many addresses would not fit before the deadline. */
static int64_t choose_stagger(const struct race *race)
{
    int64_t fair_ns = (race->deadline_ns - race->begin_ns) / (int64_t)(race->count + 1);
    if (fair_ns > stagger_ns)
        return stagger_ns;
    return fair_ns < stagger_min_ns ? stagger_min_ns : fair_ns;
}

/* The family that was not started last comes first; IPv6 begins. race->count for none. */
static size_t choose_among(const struct race *race, enum race_state state)
{
    unsigned wanted = race->last_family == FAMILY_IPV6 ? FAMILY_IPV4 : FAMILY_IPV6;
    size_t other = race->count;
    for (size_t i = 0; i < race->count; i++) {
        if (race->states[i] != state)
            continue;
        if (race->families[i] == wanted)
            return i;
        if (other == race->count)
            other = i;
    }
    return other;
}

static size_t choose_address(const struct race *race)
{
    size_t untried = choose_among(race, RACE_UNTRIED);
    return untried < race->count ? untried : choose_among(race, RACE_PASSED);
}

/* When the address that is next may start. */
static int64_t start_ns(const struct race *race, size_t index)
{
    int64_t at_ns = race->next_ns;
    if (race->states[index] == RACE_PASSED && race->passed_ns > at_ns)
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
    race->count = 0;
    race->active = 0;
    race->settled = 0;
    begin_at(race, now_ns, timeout_ns);
}

bool race_add(struct race *race, unsigned family)
{
    if (race->count == RACE_ADDRESS_MAX)
        return false;
    race->families[race->count] = (uint8_t)family;
    race->states[race->count] = RACE_UNTRIED;
    race->count++;
    return true;
}

void race_answered(struct race *race, unsigned family, int64_t now_ns)
{
    race->pending_families &= ~family;
    bool is_waiting_for_ipv6 = race->pending_families == FAMILY_IPV6 && race->count > 0;
    int64_t half_left_ns = (race->deadline_ns - now_ns) / 2;
    int64_t delay_ns = resolution_delay_ns < half_left_ns ? resolution_delay_ns : half_left_ns;
    race->settle_ns = is_waiting_for_ipv6 ? now_ns + delay_ns : now_ns;
}

enum race_step race_next(struct race *race, int64_t now_ns, size_t *index, int64_t *until_ns)
{
    if (now_ns >= race->deadline_ns)
        return RACE_OVER;
    size_t chosen = choose_address(race);
    if (chosen == race->count) {
        if (race->active == 0 && race->pending_families == 0)
            return RACE_OVER;
        return wait_until(race, NEVER_NS, until_ns);
    }
    int64_t at_ns = start_ns(race, chosen);
    if (now_ns < at_ns)
        return wait_until(race, at_ns, until_ns);
    race->states[chosen] = RACE_ACTIVE;
    race->active++;
    race->last_family = race->families[chosen];
    race->next_ns = race->is_all ? now_ns : now_ns + choose_stagger(race);
    *index = chosen;
    return RACE_START;
}

bool race_ask_again(struct race *race, size_t index, int64_t now_ns)
{
    assert(index < race->count && race->states[index] == RACE_SETTLED);
    bool is_waiting = race->settled < race->count || race->pending_families != 0;
    if (!is_waiting || now_ns >= race->deadline_ns)
        return false;
    race->states[index] = RACE_AGAIN;
    return true;
}

void race_settled(struct race *race, size_t index, int64_t now_ns)
{
    if (index < race->count && race->states[index] == RACE_AGAIN) {
        race->states[index] = RACE_SETTLED;
        return;
    }
    assert(index < race->count && race->states[index] == RACE_ACTIVE);
    race->states[index] = RACE_SETTLED;
    race->active--;
    race->settled++;
    race->next_ns = now_ns;
}

void race_put_back(struct race *race, size_t index, int64_t now_ns)
{
    assert(index < race->count && race->states[index] == RACE_ACTIVE);
    race->states[index] = RACE_UNTRIED;
    race->active--;
    race->last_family = 0;
    race->next_ns = now_ns + put_back_ns;
}

void race_pass_over(struct race *race, size_t index, int64_t now_ns)
{
    assert(index < race->count && race->states[index] == RACE_ACTIVE);
    race->states[index] = RACE_PASSED;
    race->active--;
    race->next_ns = now_ns;
    race->passed_ns = now_ns + put_back_ns;
}

bool race_has_untried(const struct race *race)
{
    return race->pending_families != 0 || choose_among(race, RACE_UNTRIED) < race->count;
}

void race_unsettle(struct race *race, size_t index)
{
    assert(index < race->count && race->states[index] == RACE_SETTLED);
    race->states[index] = RACE_UNTRIED;
    race->settled--;
}

void race_restart(struct race *race, int64_t now_ns, int64_t timeout_ns)
{
    begin_at(race, now_ns, timeout_ns);
}
