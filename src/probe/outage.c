#include "netcheck/probe/outage.h"

#include <assert.h>
#include <string.h>

#include "netcheck/base/base.h"

/* Attempts so far apart outlast a network that is being restarted. */
static const int64_t pause_ns = 1 * NS_PER_S;

void outage_init(struct outage *outage)
{
    memset(outage, 0, sizeof *outage);
    for (size_t i = 0; i < ARRAY_LEN(outage->reached_ns); i++)
        outage->reached_ns[i] = INT64_MIN;
}

enum outage_kind outage_of_family(int family)
{
    return family == AF_INET6 ? OUTAGE_IPV6 : OUTAGE_IPV4;
}

enum outage_kind outage_of(const struct outcome *outcome, int family)
{
    if (!outcome_is_temporary(outcome))
        return OUTAGE_NONE;
    return outcome->reason == REASON_UNRESOLVED ? OUTAGE_NAMES : outage_of_family(family);
}

void outage_end(struct outage *outage, enum outage_kind kind, int64_t asked_ns)
{
    outage->reached[kind]++;
    outage->is_lasting[kind] = false;
    if (asked_ns > outage->reached_ns[kind])
        outage->reached_ns[kind] = asked_ns;
}

bool outage_takes(struct outage *outage, enum outage_kind kind, int64_t failed_ns)
{
    if (kind == OUTAGE_NONE)
        return false;
    bool is_second = failed_ns != NEVER_NS;
    if (is_second && outage->reached_ns[kind] <= failed_ns)
        outage->is_lasting[kind] = true; /* none of the kind was reached between the two */
    return !is_second && outage->reached[kind] > 0 && !outage->is_lasting[kind];
}

void outage_begin(struct outage *outage)
{
    outage->asking++;
}

void outage_finish(struct outage *outage)
{
    assert(outage->asking > 0);
    outage->asking--;
}

int64_t outage_pause_ns(int64_t timeout_ns)
{
    return timeout_ns < pause_ns ? timeout_ns : pause_ns;
}

/* When the check is due, the window and the rate left aside. */
static int64_t wanted_ns(const struct outage *outage, enum outage_kind kind, int64_t failed_ns,
                         const struct outage_rest *rest, int64_t timeout_ns)
{
    if (outage->reached_ns[kind] > failed_ns)
        return failed_ns;
    if (rest->under_way > outage->asking)
        return NEVER_NS;
    if (rest->is_last && outage->reached[kind] < OUTAGE_MANY)
        return failed_ns;
    int64_t since_ns = failed_ns > rest->submitted_ns ? failed_ns : rest->submitted_ns;
    return since_ns + outage_pause_ns(timeout_ns);
}

int64_t outage_due_ns(const struct outage *outage, enum outage_kind kind, int64_t failed_ns,
                      const struct outage_rest *rest, int64_t timeout_ns)
{
    if (!rest->has_room)
        return NEVER_NS;
    int64_t due_ns = wanted_ns(outage, kind, failed_ns, rest, timeout_ns);
    return due_ns > rest->rate_ns ? due_ns : rest->rate_ns;
}
