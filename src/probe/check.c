#include "netcheck/probe/check.h"

#include <errno.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "check_verdict.h"

_Static_assert(CANDIDATES_MAX >= 2 * LOOKUP_ADDRESS_MAX,
               "a race has room for two full answers");

static struct step step_of(enum step_kind kind)
{
    return (struct step){.kind = kind};
}

/*
 * An address that said no is asked again after a pause, from `since_ns` on. One that is silent
 * has the whole attempt, and with -A all of them have to be up at a time anyway.
 */
static void schedule_again(const struct check *check, struct candidate *candidate,
                           int64_t since_ns, const struct moment *moment)
{
    const struct probe_options *options = moment->options;
    candidate->again_ns = NEVER_NS;
    if (!options->asks_again || check->race.is_all ||
        candidate->outcome.reason == REASON_TIMEOUT)
        return;
    int64_t grown_ns = backoff_grown_ns(since_ns - moment->began_ns);
    int64_t pause_ns = backoff_take_ns(moment->backoff, &grown_ns);
    if (pause_ns < NEVER_NS - since_ns)
        candidate->again_ns = since_ns + pause_ns;
}

/* Whether the candidate has its answer, and is to give another one now. */
static bool is_asked_again(struct check *check, size_t index, const struct moment *moment)
{
    struct candidate *candidate = &check->candidates.items[index];
    if (candidate->again_ns > moment->now_ns || check->winner != NO_WINNER)
        return false;
    if (moment->is_rate_spent) {
        /* What was not asked yet comes first. */
        schedule_again(check, candidate, moment->now_ns, moment);
        return false;
    }
    if (!race_ask_again(&check->race, &check->candidates, index, moment->now_ns))
        return false;
    candidate->again_ns = NEVER_NS;
    return true;
}

/* Until the race has something to do, or a candidate is to be looked at or asked again. */
static struct step sleep_until(const struct check *check, int64_t until_ns)
{
    bool is_held = race_is_held(&check->race, &check->candidates);
    for (size_t i = 0; i < check->candidates.count; i++) {
        const struct candidate *candidate = &check->candidates.items[i];
        int64_t wake_ns = candidate->flow.wake_ns;
        int64_t again_ns = is_held ? NEVER_NS : candidate->again_ns;
        int64_t at_ns = wake_ns < again_ns ? wake_ns : again_ns;
        until_ns = at_ns < until_ns ? at_ns : until_ns;
    }
    return (struct step){.kind = STEP_SLEEP, .until_ns = until_ns};
}

/* Whether a lookup failed for want of something here: its addresses may be the ones that work.
 */
static bool is_lookup_short(const struct check *check)
{
    const struct outcome *outcome = &check->lookup_outcome;
    return check->winner == NO_WINNER && check->race.pending_families == 0 &&
           outcome->reason == REASON_LOCAL && outcome_is_shortage(outcome->error, AF_UNSPEC);
}

/* The race is over, but for the candidates that are held. The end of the run is theirs, too.
   False: there are none. */
static bool await_held(const struct check *check, const struct moment *moment,
                       struct step *step)
{
    const struct candidates *candidates = &check->candidates;
    int64_t until_ns = moment->options->until_ns;
    for (size_t i = 0; i < candidates->count; i++) {
        if (candidates->items[i].state != CANDIDATE_HELD)
            continue;
        *step = moment->now_ns >= until_ns ? (struct step){.kind = STEP_EXPIRE, .candidate = i}
                                           : sleep_until(check, until_ns);
        return true;
    }
    return false;
}

/* The step once the race is over; false where the check only has another phase now. */
static bool end_race(struct check *check, const struct moment *moment, struct step *step)
{
    if (is_lookup_short(check) && race_active(&check->candidates) == 0) {
        check_put_back(check, &check->lookup_outcome, moment->now_ns);
        return false;
    }
    for (size_t i = 0; i < check->candidates.count; i++) {
        if (!candidate_is_open(&check->candidates.items[i]))
            continue;
        *step = (struct step){.kind = STEP_EXPIRE, .candidate = i};
        return true;
    }
    if (await_held(check, moment, step))
        return true;
    check_conclude(check, moment);
    if (check->phase != CHECK_PAUSE)
        return false;
    *step = (struct step){.kind = STEP_SLEEP, .until_ns = check->retry_ns};
    return true;
}

static struct step ask(size_t index)
{
    return (struct step){.kind = STEP_ASK, .candidate = index};
}

/* The race has nothing to start before `until_ns`. */
static struct step wait_in_race(struct check *check, int64_t until_ns,
                                const struct moment *moment)
{
    for (size_t i = 0; i < check->candidates.count; i++)
        if (is_asked_again(check, i, moment))
            return ask(i);
    return sleep_until(check, until_ns);
}

/* The step of an attempt that is under way. False: look at the new phase of the check. */
static bool next_in_race(struct check *check, const struct moment *moment, struct step *step)
{
    size_t index = 0;
    int64_t until_ns = 0;
    if (check_is_decided(check)) {
        check_end(check, moment->now_ns);
        *step = step_of(STEP_DONE);
        return true;
    }
    for (size_t i = 0; i < check->candidates.count; i++) {
        if (!check->candidates.items[i].is_void)
            continue;
        *step = ask(i);
        return true;
    }
    switch (race_next(&check->race, &check->candidates, moment->now_ns, &index, &until_ns)) {
    case RACE_START:
        *step = ask(index);
        return true;
    case RACE_WAIT:
        *step = wait_in_race(check, until_ns, moment);
        return true;
    case RACE_OVER:
        break;
    }
    return end_race(check, moment, step);
}

/* Begin, for the first time or anew. */
static void begin(struct check *check, const struct moment *moment)
{
    candidates_clear(&check->candidates);
    check->has_lost = check->is_flooded = false;
    check->race.pending_families = 0;
    check->winner = NO_WINNER;
    check->resolve_ns = -1;
    check->lookup_outcome = outcome_of(REASON_UNRESOLVED);
    shared_drop(check->canonical);
    check->canonical = NULL;
    if (check->attempts == 0)
        check->attempts = 1; /* one that begins anew goes on counting, or it might never end */
    check->began_alone = moment->is_alone;
}

/* Whether the lookup of another attempt is a new one: the resolver failed for a moment. */
static bool needs_lookup(const struct check *check)
{
    struct outcome outcome;
    return check->race.pending_families == 0 && result_outage(check, &outcome) == OUTAGE_NAMES;
}

struct step check_retry(struct check *check, const struct moment *moment)
{
    struct step step = step_of(STEP_RETRY);
    check->attempts++;
    step.outcome = outcome_of(REASON_CONNECTED);
    (void)result_outage(check, &step.outcome);
    if (needs_lookup(check)) {
        check->phase = CHECK_NEW;
        return step;
    }
    check->phase = CHECK_RACE;
    check->has_lost = check->is_flooded = false;
    for (size_t i = 0; i < check->candidates.count; i++) {
        struct candidate *candidate = &check->candidates.items[i];
        if (!candidate_is_worth_asking(candidate) || candidate->state != CANDIDATE_SETTLED)
            continue;
        race_unsettle(candidate);
        candidate->again_ns = NEVER_NS;
    }
    race_restart(&check->race, moment->now_ns, moment->timeout_ns);
    return step;
}

struct step check_next(struct check *check, const struct moment *moment)
{
    struct step step;
    for (;;) {
        switch (check->phase) {
        case CHECK_NEW:
            begin(check, moment);
            return step_of(STEP_RESOLVE);
        case CHECK_RACE:
            if (next_in_race(check, moment, &step))
                return step;
            break;
        case CHECK_PAUSE:
            if (check->retry_ns <= moment->now_ns)
                return check_retry(check, moment);
            return (struct step){.kind = STEP_SLEEP, .until_ns = check->retry_ns};
        case CHECK_SHORT:
            check->phase = CHECK_NEW;
            return step_of(STEP_SHORT);
        case CHECK_CONCLUDED:
            return step_of(STEP_JUDGE);
        case CHECK_OVER:
            return step_of(STEP_DONE);
        }
    }
}

/* Events */

void check_init(struct check *check, uint64_t sequence, const struct endpoint *endpoint,
                enum purpose purpose)
{
    memset(check, 0, sizeof *check);
    list_init(&check->link);
    list_init(&check->name_user);
    check->sequence = sequence;
    check->purpose = purpose;
    check->endpoint = *endpoint;
    (void)target_hold(endpoint->target);
    candidates_init(&check->candidates);
    starvation_init(&check->starvation);
}

void check_release(struct check *check)
{
    candidates_release(&check->candidates);
    target_drop(check->endpoint.target);
    check->endpoint.target = NULL;
    shared_drop(check->canonical);
    check->canonical = NULL;
}

void check_found(struct check *check, const struct address *address,
                 const struct moment *moment)
{
    check->phase = CHECK_RACE;
    race_begin(&check->race, moment->now_ns, moment->timeout_ns, 0, false);
    (void)candidates_add(&check->candidates, address, check->endpoint.port); /* the first */
}

void check_awaits(struct check *check, unsigned families, const struct moment *moment)
{
    check->phase = CHECK_RACE;
    check->exclusion = moment->options->exclusion;
    race_begin(&check->race, moment->now_ns, moment->timeout_ns, families,
               moment->options->is_all_addresses);
}

void check_unresolved(struct check *check, const struct outcome *outcome,
                      const struct moment *moment)
{
    if (outcome_is_shortage(outcome->error, AF_UNSPEC))
        check_put_back(check, outcome, moment->now_ns);
    else
        check_give_up(check, outcome, moment->now_ns);
}

bool check_awaits_any(const struct check *check, unsigned families)
{
    return (check->race.pending_families & families) != 0;
}

/* "No such name" says less than "ask again later". */
static void keep_lookup_outcome(struct check *check, const struct outcome *outcome)
{
    struct outcome *kept = &check->lookup_outcome;
    bool is_better =
        outcome_compare(outcome, kept) > 0 ||
        (outcome_compare(outcome, kept) == 0 && outcome_says_no_address(kept->lookup_error));
    if (is_better)
        *kept = *outcome;
}

/* Why the address, which carries the port, is not to be asked; REMARK_NONE: it is. */
static enum remark judge_address(const struct check *check, const struct address *address)
{
    if (address_is_unspecified(address))
        return REMARK_UNSPECIFIED; /* ad blockers answer that way */
    bool is_excluded = check->exclusion != NULL &&
                       exclusion_holds(check->exclusion, address, check->endpoint.protocol);
    return is_excluded ? REMARK_EXCLUDED : REMARK_NONE;
}

/* Addresses of an answer, without those that are not to be asked. */
static bool add_answer(struct check *check, const struct lookup *lookup)
{
    size_t before = check->candidates.count;
    enum remark remark = REMARK_NONE;
    bool has_room = true;
    for (size_t i = 0; i < lookup->count; i++) {
        struct address address = lookup->addresses[i];
        address_set_port(&address, check->endpoint.port);
        enum remark refused = judge_address(check, &address);
        check->excluded += refused == REMARK_EXCLUDED;
        if (refused == REMARK_NONE)
            has_room &= candidates_add(&check->candidates, &address, check->endpoint.port);
        else if (remark != REMARK_EXCLUDED)
            remark = refused;
    }
    if (check->candidates.count == before && remark != REMARK_NONE) {
        const struct outcome outcome = outcome_of_remark(REASON_UNRESOLVED, remark);
        keep_lookup_outcome(check, &outcome);
    }
    return has_room; /* the race has room for two full answers */
}

bool check_resolved(struct check *check, unsigned family, const struct lookup *lookup,
                    int64_t took_ns, int64_t now_ns)
{
    if (check->candidates.count == 0)
        check->resolve_ns = took_ns;
    if (lookup->lookup_error != 0) {
        struct outcome outcome = outcome_of_lookup(lookup->lookup_error, lookup->system_error);
        outcome_add_cause(&outcome, lookup->cause);
        keep_lookup_outcome(check, &outcome);
    }
    bool has_room = add_answer(check, lookup);
    /* The first name that is not the host's own. */
    if (check->canonical == NULL)
        check->canonical = shared_hold(lookup->canonical);
    race_answered(&check->race, family, check->candidates.count > 0, now_ns);
    return has_room;
}

void check_asking(struct check *check, size_t index, int64_t now_ns)
{
    struct candidate *candidate = &check->candidates.items[index];
    candidate->is_over = candidate->state == CANDIDATE_AGAIN;
    candidate->is_short = false;
    candidate->started_ns = now_ns;
    if (!candidate->is_over)
        candidate->took_ns = -1;
    if (candidate->is_over && !candidate->is_void) {
        candidate->voids = 0;
        flow_init(&candidate->flow);
    }
    candidate->attempts += candidate->voids == 0;
    candidate->is_void = false;
}

void check_lost(struct check *check, bool is_shared)
{
    check->has_lost = true;
    check->is_flooded = !is_shared;
}

void check_voided(struct check *check, size_t index)
{
    struct candidate *candidate = &check->candidates.items[index];
    candidate->is_void = true;
    candidate->voids++;
}

/* Asked again, it had no answer, or could not be asked: what it said before stands. */
static bool settle_as_before(struct check *check, struct candidate *candidate,
                             const struct moment *moment)
{
    race_settled(&check->race, candidate, moment->now_ns);
    schedule_again(check, candidate, candidate->started_ns, moment);
    return false;
}

/*
 * How long the answer took. Where we found it late, what the system knows of it counts; where
 * we did not run and the system does not know, it is unknown.
 */
static int64_t measure_latency(const struct candidate *candidate,
                               const struct flow_answer *answer, const struct stall *stall)
{
    int64_t round_trip_ns = answer->round_trip_ns;
    int64_t found_ns = candidate->took_ns - answer->asked_after_ns - answer->idle_ns;
    if (candidate->took_ns < 0)
        return -1;
    if (answer->is_stamped ||
        stall_hides(stall, candidate->started_ns + answer->asked_after_ns))
        return round_trip_ns;
    return flow_latency_ns(found_ns, round_trip_ns);
}

/* What it says, and when that was found. */
static void keep_answer(struct candidate *candidate, const struct flow_answer *answer,
                        const struct moment *moment)
{
    enum reason reason = answer->outcome.reason;
    reply_drop(candidate->measures.reply);
    candidate->measures = answer->measures;
    candidate->outcome = answer->outcome;
    if (reason != REASON_TIMEOUT && reason != REASON_LOCAL)
        candidate->took_ns = moment->now_ns - candidate->started_ns;
    candidate->latency_ns = measure_latency(candidate, answer, moment->stall);
    candidate->syn_retransmits = answer->syn_retransmits;
}

/* What became of it while it was held; its times stay those of its answer. */
static void keep_hold(struct candidate *candidate, const struct flow_answer *answer)
{
    struct measures *measures = &candidate->measures;
    measures->held_ns = answer->measures.held_ns;
    measures->closed_after_ns = answer->measures.closed_after_ns;
    if (outcome_state(&answer->outcome) != STATE_UP)
        candidate->outcome = answer->outcome;
    if (answer->measures.reply == NULL)
        return;
    reply_drop(measures->reply);
    measures->reply = answer->measures.reply;
}

void check_held(struct check *check, size_t index, const struct flow_answer *answer,
                const struct moment *moment)
{
    struct candidate *candidate = &check->candidates.items[index];
    keep_answer(candidate, answer, moment);
    candidate->is_over = false;
    race_hold(candidate);
}

bool check_answered(struct check *check, size_t index, const struct flow_answer *answer,
                    const struct moment *moment)
{
    struct candidate *candidate = &check->candidates.items[index];
    if (candidate->state == CANDIDATE_AGAIN && answer->outcome.reason == REASON_TIMEOUT) {
        reply_drop(answer->measures.reply);
        return settle_as_before(check, candidate, moment);
    }
    if (candidate->state == CANDIDATE_HELD)
        keep_hold(candidate, answer);
    else
        keep_answer(candidate, answer, moment);
    candidate->is_over = true;
    race_settled(&check->race, candidate, moment->now_ns);
    schedule_again(check, candidate, candidate->started_ns, moment);
    if (outcome_state(&answer->outcome) == STATE_UP && check->winner == NO_WINNER)
        check->winner = index;
    return true;
}

bool check_unasked(struct check *check, size_t index, const struct outcome *outcome,
                   const struct moment *moment)
{
    struct candidate *candidate = &check->candidates.items[index];
    struct race *race = &check->race;
    candidate->attempts -= candidate->voids == 0;
    if (candidate->state == CANDIDATE_AGAIN)
        return settle_as_before(check, candidate, moment);
    candidate->is_short = true;
    check->shortage = *outcome;
    /* Ports are counted by address: another one may still have some. */
    bool is_of_address = outcome->error == EADDRNOTAVAIL;
    if (is_of_address)
        race_pass_over(race, candidate, moment->now_ns);
    else
        race_put_back(race, candidate, moment->now_ns);
    bool has_others = race_has_untried(race, &check->candidates) ||
                      (race->is_all && race_settled_count(&check->candidates) > 0);
    if (race_active(&check->candidates) == 0 && !(is_of_address && has_others))
        check_put_back(check, outcome, moment->now_ns);
    return true;
}

void check_recheck(struct check *check, int64_t now_ns)
{
    check->phase = CHECK_PAUSE;
    check->retry_ns = now_ns;
}
