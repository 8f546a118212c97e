#include "netcheck/probe/bound.h"

#include "netcheck/base/base.h"

static const int64_t least_holding_ns = 60 * NS_PER_S;

/* Both are 0 and more. */
static int64_t sum(int64_t a, int64_t b)
{
    return a > NEVER_NS - b ? NEVER_NS : a + b;
}

static int64_t product(int64_t span_ns, uint64_t times)
{
    if (times != 0 && (uint64_t)span_ns > (uint64_t)NEVER_NS / times)
        return NEVER_NS;
    return (int64_t)((uint64_t)span_ns * times);
}

/* Until a check that failed for want of a route is asked once more. */
static const int64_t outage_ns = 1 * NS_PER_S;

static int64_t target_ns(const struct bound *bound)
{
    return product(bound->timeout_ns, bound->attempts);
}

/* Divided before it is multiplied: the second's remainder is less than a second. */
static int64_t rate_ns(const struct bound *bound, uint64_t count)
{
    if (bound->rate == 0)
        return 0;
    uint64_t seconds = count / bound->rate + (count % bound->rate != 0);
    return product(product(NS_PER_S, bound->attempts), seconds);
}

int64_t bound_asking_ns(const struct bound *bound, uint64_t count)
{
    uint64_t turns = count / bound->window + (count % bound->window != 0);
    return sum(product(target_ns(bound), turns), rate_ns(bound, count));
}

int64_t bound_holding_ns(const struct bound *bound, uint64_t count)
{
    return sum(bound_asking_ns(bound, count), least_holding_ns);
}

int64_t bound_run_ns(const struct bound *bound, uint64_t count)
{
    int64_t asking_ns = bound_asking_ns(bound, count);
    int64_t outages_ns = sum(asking_ns, product(outage_ns, count / BOUND_BATCH + 1));
    int64_t ns = sum(sum(asking_ns, bound_holding_ns(bound, count)), outages_ns);
    return sum(ns, target_ns(bound));
}
