#include "netcheck/plan.h"

#include <assert.h>
#include <string.h>

#include "netcheck/address.h"
#include "netcheck/base.h"

/* RFC 8305 section 8: Connection Attempt Delay and its minimum, Resolution Delay. */
static const int64_t stagger_ns = 250 * NS_PER_MS;
static const int64_t stagger_min_ns = 10 * NS_PER_MS;
static const int64_t resolution_delay_ns = 50 * NS_PER_MS;

/* How long to leave this machine alone when it could not ask. */
static const int64_t put_back_ns = 50 * NS_PER_MS;

/* Shorter where so many addresses would not fit before the deadline. */
static int64_t choose_stagger(const struct plan *plan)
{
    int64_t fair_ns = (plan->deadline_ns - plan->begin_ns) / (int64_t)(plan->count + 1);
    if (fair_ns > stagger_ns)
        return stagger_ns;
    return fair_ns < stagger_min_ns ? stagger_min_ns : fair_ns;
}

/* The family that was not started last comes first; IPv6 begins. plan->count for none. */
static size_t choose_among(const struct plan *plan, enum plan_state state)
{
    unsigned wanted = plan->last_family == FAMILY_IPV6 ? FAMILY_IPV4 : FAMILY_IPV6;
    size_t other = plan->count;
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->states[i] != state)
            continue;
        if (plan->families[i] == wanted)
            return i;
        if (other == plan->count)
            other = i;
    }
    return other;
}

static size_t choose_address(const struct plan *plan)
{
    size_t untried = choose_among(plan, PLAN_UNTRIED);
    return untried < plan->count ? untried : choose_among(plan, PLAN_PASSED);
}

/* When the address that is next may start. */
static int64_t start_ns(const struct plan *plan, size_t index)
{
    int64_t at_ns = plan->next_ns;
    if (plan->states[index] == PLAN_PASSED && plan->passed_ns > at_ns)
        at_ns = plan->passed_ns;
    return plan->is_all || at_ns > plan->settle_ns ? at_ns : plan->settle_ns;
}

static enum plan_step wait_until(const struct plan *plan, int64_t at_ns, int64_t *until_ns)
{
    *until_ns = at_ns < plan->deadline_ns ? at_ns : plan->deadline_ns;
    return PLAN_WAIT;
}

static void begin_at(struct plan *plan, int64_t now_ns, int64_t timeout_ns)
{
    plan->begin_ns = now_ns;
    plan->deadline_ns = timeout_ns < NEVER_NS - now_ns ? now_ns + timeout_ns : NEVER_NS;
    plan->next_ns = now_ns;
    plan->settle_ns = now_ns;
}

void plan_begin(struct plan *plan, int64_t now_ns, int64_t timeout_ns,
                unsigned pending_families, bool is_all)
{
    plan->is_all = is_all;
    plan->pending_families = pending_families;
    plan->last_family = 0;
    plan->count = 0;
    plan->active = 0;
    plan->settled = 0;
    begin_at(plan, now_ns, timeout_ns);
}

bool plan_add(struct plan *plan, unsigned family)
{
    if (plan->count == PLAN_ADDRESS_MAX)
        return false;
    plan->families[plan->count] = (uint8_t)family;
    plan->states[plan->count] = PLAN_UNTRIED;
    plan->count++;
    return true;
}

void plan_answered(struct plan *plan, unsigned family, int64_t now_ns)
{
    plan->pending_families &= ~family;
    bool is_waiting_for_ipv6 = plan->pending_families == FAMILY_IPV6 && plan->count > 0;
    int64_t half_left_ns = (plan->deadline_ns - now_ns) / 2;
    int64_t delay_ns = resolution_delay_ns < half_left_ns ? resolution_delay_ns : half_left_ns;
    plan->settle_ns = is_waiting_for_ipv6 ? now_ns + delay_ns : now_ns;
}

enum plan_step plan_next(struct plan *plan, int64_t now_ns, size_t *index, int64_t *until_ns)
{
    if (now_ns >= plan->deadline_ns)
        return PLAN_OVER;
    size_t chosen = choose_address(plan);
    if (chosen == plan->count) {
        if (plan->active == 0 && plan->pending_families == 0)
            return PLAN_OVER;
        return wait_until(plan, NEVER_NS, until_ns);
    }
    int64_t at_ns = start_ns(plan, chosen);
    if (now_ns < at_ns)
        return wait_until(plan, at_ns, until_ns);
    plan->states[chosen] = PLAN_ACTIVE;
    plan->active++;
    plan->last_family = plan->families[chosen];
    plan->next_ns = plan->is_all ? now_ns : now_ns + choose_stagger(plan);
    *index = chosen;
    return PLAN_START;
}

bool plan_ask_again(struct plan *plan, size_t index, int64_t now_ns)
{
    assert(index < plan->count && plan->states[index] == PLAN_SETTLED);
    bool is_waiting = plan->settled < plan->count || plan->pending_families != 0;
    if (!is_waiting || now_ns >= plan->deadline_ns)
        return false;
    plan->states[index] = PLAN_AGAIN;
    return true;
}

void plan_settled(struct plan *plan, size_t index, int64_t now_ns)
{
    if (index < plan->count && plan->states[index] == PLAN_AGAIN) {
        plan->states[index] = PLAN_SETTLED;
        return;
    }
    assert(index < plan->count && plan->states[index] == PLAN_ACTIVE);
    plan->states[index] = PLAN_SETTLED;
    plan->active--;
    plan->settled++;
    plan->next_ns = now_ns;
}

void plan_put_back(struct plan *plan, size_t index, int64_t now_ns)
{
    assert(index < plan->count && plan->states[index] == PLAN_ACTIVE);
    plan->states[index] = PLAN_UNTRIED;
    plan->active--;
    plan->last_family = 0;
    plan->next_ns = now_ns + put_back_ns;
}

void plan_pass_over(struct plan *plan, size_t index, int64_t now_ns)
{
    assert(index < plan->count && plan->states[index] == PLAN_ACTIVE);
    plan->states[index] = PLAN_PASSED;
    plan->active--;
    plan->next_ns = now_ns;
    plan->passed_ns = now_ns + put_back_ns;
}

bool plan_has_untried(const struct plan *plan)
{
    return plan->pending_families != 0 || choose_among(plan, PLAN_UNTRIED) < plan->count;
}

void plan_unsettle(struct plan *plan, size_t index)
{
    assert(index < plan->count && plan->states[index] == PLAN_SETTLED);
    plan->states[index] = PLAN_UNTRIED;
    plan->settled--;
}

void plan_restart(struct plan *plan, int64_t now_ns, int64_t timeout_ns)
{
    begin_at(plan, now_ns, timeout_ns);
}
