#include "netcheck/probe/result.h"

#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/probe/check.h"

struct result result_unasked(const struct endpoint *endpoint, struct outcome outcome,
                             int64_t now_ns)
{
    return (struct result){
        .rows = 1,
        .endpoint = *endpoint,
        .outcome = outcome,
        .asked_ns = now_ns,
        .finished_ns = now_ns,
        .resolve_ns = -1,
        .connect_ns = -1,
        .reply_ns = -1,
        .syn_retransmits = -1,
        .measures = measures_unknown(),
    };
}

int64_t result_latency_ns(const struct result *result)
{
    return result->measures.is_reply ? result->reply_ns : result->connect_ns;
}

bool result_expects_down(const struct result *result, bool expects_down)
{
    const struct target *target = result->endpoint.target;
    return target->expects_down || (expects_down && !target->is_gate);
}

bool result_is_expected(const struct result *result, bool expects_down)
{
    enum state wanted = result_expects_down(result, expects_down) ? STATE_DOWN : STATE_UP;
    return outcome_state(&result->outcome) == wanted;
}

void result_hold(struct result *result)
{
    (void)target_hold(result->endpoint.target);
    (void)shared_hold(result->canonical);
    (void)reply_hold(result->measures.reply);
}

void result_release(struct result *result)
{
    shared_drop(result->canonical);
    result->canonical = NULL;
    reply_drop(result->measures.reply);
    result->measures.reply = NULL;
    target_drop(result->endpoint.target);
    result->endpoint.target = NULL;
}

/* Positive if `a` is the candidate to report rather than `b`: of equals, the one asked first.
 */
static int compare(const struct candidate *a, const struct candidate *b)
{
    int order = outcome_compare(&a->outcome, &b->outcome);
    return order != 0 ? order
                      : (a->started_ns < b->started_ns) - (a->started_ns > b->started_ns);
}

/* The address whose failure explains most, or NO_WINNER where none was asked. */
static size_t find_best(const struct check *check)
{
    size_t best = NO_WINNER;
    for (size_t i = 0; i < check->candidates.count; i++) {
        if (!check->candidates.items[i].is_over)
            continue;
        if (best == NO_WINNER ||
            compare(&check->candidates.items[i], &check->candidates.items[best]) > 0)
            best = i;
    }
    return best;
}

static unsigned count_over(const struct check *check)
{
    unsigned count = 0;
    for (size_t i = 0; i < check->candidates.count; i++)
        count += check->candidates.items[i].is_over;
    return count;
}

/* Whether a lookup failed with more than "no such address". */
static bool has_lookup_failure(const struct check *check)
{
    const struct outcome *outcome = &check->lookup_outcome;
    return outcome->reason == REASON_LOCAL || !outcome_says_no_address(outcome->lookup_error);
}

/* What the row without an address says. */
static struct outcome lookup_verdict(const struct check *check)
{
    bool is_answered = check->race.pending_families == 0;
    /* Else the answer, or the turn of the first address, did not come before the deadline. */
    struct outcome outcome = outcome_of(REASON_RESOLVE_TIMEOUT);
    outcome_add_cause(&outcome, check->hang_cause);
    if (is_answered && (check->candidates.count == 0 || has_lookup_failure(check)))
        outcome = check->lookup_outcome;
    if (check->race.is_all && count_over(check) > 0 && outcome.reason != REASON_LOCAL)
        outcome.remark = REMARK_FAMILY;
    return outcome;
}

static void fill_candidate(const struct check *check, size_t index, struct result *result)
{
    const struct candidate *candidate = &check->candidates.items[index];
    result->endpoint.address = candidate->address;
    result->outcome = candidate->outcome;
    result->rejection = candidate->rejection;
    bool is_reply = candidate->measures.is_reply;
    result->connect_ns = is_reply ? candidate->measures.handshake_ns : candidate->latency_ns;
    result->reply_ns = is_reply ? candidate->latency_ns : -1;
    result->measures = candidate->measures;
    result->syn_retransmits = candidate->syn_retransmits;
}

/* With every address wanted, a family whose lookup failed or hangs is not passed over. */
static bool has_lookup_row(const struct check *check)
{
    return count_over(check) == 0 || check->race.pending_families != 0 ||
           has_lookup_failure(check);
}

unsigned result_rows(const struct check *check)
{
    if (!check->race.is_all || check->is_given_up)
        return 1;
    return count_over(check) + (has_lookup_row(check) ? 1 : 0);
}

/* The place of the row-th address that was asked; NO_WINNER behind the last one. */
static size_t find_row(const struct check *check, unsigned row)
{
    for (size_t i = 0; i < check->candidates.count; i++)
        if (check->candidates.items[i].is_over && row-- == 0)
            return i;
    return NO_WINNER;
}

/*
 * A family without a route says nothing about a target whose other family is unknown, because
 * its lookup failed or hangs.
 */
static bool is_inconclusive(const struct check *check, size_t index)
{
    struct outcome unreachable = outcome_of(REASON_UNREACHABLE);
    bool is_lookup_open = check->race.pending_families != 0 || has_lookup_failure(check);
    return is_lookup_open &&
           outcome_compare(&check->candidates.items[index].outcome, &unreachable) <= 0;
}

static size_t choose_candidate(const struct check *check, unsigned row)
{
    if (check->is_given_up)
        return NO_WINNER;
    if (check->race.is_all)
        return find_row(check, row);
    if (check->winner != NO_WINNER)
        return check->winner;
    size_t best = find_best(check);
    return best != NO_WINNER && is_inconclusive(check, best) ? NO_WINNER : best;
}

enum outage_kind result_outage(const struct check *check, struct outcome *outcome)
{
    enum outage_kind worst = OUTAGE_NONE;
    for (unsigned row = 0; row < result_rows(check); row++) {
        size_t index = choose_candidate(check, row);
        bool has_address = index != NO_WINNER;
        struct outcome said =
            has_address ? check->candidates.items[index].outcome : lookup_verdict(check);
        int family =
            has_address ? address_family(&check->candidates.items[index].address) : AF_UNSPEC;
        enum outage_kind kind = outage_of(&said, family);
        if (kind <= worst)
            continue;
        worst = kind;
        *outcome = said;
    }
    return worst;
}

void result_fill(struct result *result, const struct check *check, unsigned row)
{
    memset(result, 0, sizeof *result);
    result->sequence = check->sequence;
    result->row = row;
    result->rows = result_rows(check);
    result->endpoint = check->endpoint;
    result->canonical = check->canonical;
    result->asked_ns = check->asked_ns;
    result->finished_ns = check->finished_ns;
    result->resolve_ns = check->resolve_ns;
    result->connect_ns = result->reply_ns = -1;
    result->measures = measures_unknown();
    result->waited_ns = check->finished_ns - check->race.begin_ns;
    result->syn_retransmits = -1;
    result->attempts = check->is_given_up ? 0 : check->attempts;
    result->is_cut = check->is_cut;

    size_t index = choose_candidate(check, row);
    if (index != NO_WINNER) {
        fill_candidate(check, index, result);
        bool is_down = outcome_state(&result->outcome) != STATE_UP;
        if (!check->race.is_all && is_down)
            result->others_failed = count_over(check) - 1;
        if (check->race.is_all)
            result->attempts = check->candidates.items[index].attempts;
        return;
    }
    result->outcome = check->is_given_up ? check->give_up : lookup_verdict(check);
    result->is_gone = check->had_address && outcome_is_nameless(&result->outcome);
}
