#include "check_verdict.h"

#include "netcheck/base/base.h"

/* How often a check begins anew whose addresses could not all be asked. */
enum { UNASKED_MAX = 2 };

/* How often a check asks again because we did not run: perhaps we never do for long. And
   because its peer flooded us: perhaps it always does. */
enum { VOID_MAX = 8, FLOODED_MAX = 1 };

/* Shorter than its timeout by less than this, an attempt counts as a whole one. */
static const int64_t cut_least_ns = 50 * NS_PER_MS;

static bool has_answer(const struct candidate *candidate)
{
    return candidate->is_over;
}

static bool is_short(const struct candidate *candidate)
{
    return candidate->is_short;
}

static bool is_untried(const struct candidate *candidate)
{
    return candidate->state == CANDIDATE_UNTRIED;
}

bool check_is_silent(const struct check *check)
{
    return candidates_have(&check->candidates, candidate_is_silent);
}

/* Of the resolver, of an address, or before the turn of an address came. */
static bool has_timeout(const struct check *check)
{
    bool is_settled = race_settled_count(&check->candidates) == check->candidates.count;
    return check->race.pending_families != 0 || !is_settled || check_is_silent(check);
}

void check_end(struct check *check, int64_t now_ns)
{
    check->phase = CHECK_OVER;
    check->finished_ns = now_ns;
}

void check_put_back(struct check *check, const struct outcome *outcome, int64_t now_ns)
{
    if (check->purpose == PURPOSE_CANARY) {
        check_end(check, now_ns);
        return;
    }
    check->give_up = *outcome;
    check->phase = CHECK_SHORT;
}

void check_give_up(struct check *check, const struct outcome *outcome, int64_t now_ns)
{
    check->is_given_up = true;
    check->give_up = *outcome;
    check_end(check, now_ns);
}

void check_abandon(struct check *check, const struct outcome *outcome, int64_t now_ns)
{
    if (!check->race.is_all || !candidates_have(&check->candidates, has_answer)) {
        check_give_up(check, outcome, now_ns);
        return;
    }
    for (size_t i = 0; i < check->candidates.count; i++) {
        struct candidate *candidate = &check->candidates.items[i];
        /* One that was silent, or held for too short a time, has no answer either. */
        if (candidate->is_over && !candidate_is_silent(candidate) &&
            !candidate_is_cut(candidate))
            continue;
        candidate->is_over = true;
        candidate->outcome = *outcome;
    }
    check_end(check, now_ns);
}

void check_believe(struct check *check, int64_t at_ns)
{
    check_end(check, at_ns);
}

bool check_is_decided(const struct check *check)
{
    return check->winner != NO_WINNER && !check->race.is_all;
}

/*
 * Addresses were not asked because this machine was short of something. With -A each says so in
 * its row. Else the check begins anew, unless it had this machine to itself already, or that
 * did not help before.
 */
static void conclude_unasked(struct check *check, const struct moment *moment)
{
    if (check->race.is_all) {
        for (size_t i = 0; i < check->candidates.count; i++) {
            struct candidate *candidate = &check->candidates.items[i];
            if (!candidate->is_short)
                continue;
            candidate->is_over = true;
            candidate->outcome = check->shortage;
        }
        check_end(check, moment->now_ns);
        return;
    }
    bool is_alone = check->began_alone && moment->is_alone;
    if (is_alone || check->unasked++ >= UNASKED_MAX)
        check_give_up(check, &check->shortage, moment->now_ns);
    else
        check_put_back(check, &check->shortage, moment->now_ns);
}

/* Whether something is still silent, or was held, that would have had more time, were the run
   not over. */
static bool is_cut(const struct check *check, const struct moment *moment)
{
    const struct probe_options *options = moment->options;
    int64_t had_ns = check->race.deadline_ns - check->race.begin_ns;
    bool has_attempts = check->attempts - check->void_attempts <= options->retries;
    bool is_shortened = has_attempts || options->timeout_ns - had_ns > cut_least_ns;
    return moment->now_ns >= options->until_ns &&
           ((has_timeout(check) && is_shortened) ||
            candidates_have(&check->candidates, candidate_is_cut));
}

/* What it is called where the end of the run cut it short; NONE: what it looks like. */
static enum remark choose_cut_remark(const struct check *check, const struct moment *moment)
{
    bool is_held = !check->race.is_all && candidates_have(&check->candidates, candidate_is_cut);
    enum remark remark = moment->options->cut_remark;
    return remark == REMARK_NONE && is_held ? REMARK_CUT : remark;
}

/* The end of the run cut it short. True where that is its verdict. */
static bool conclude_cut(struct check *check, const struct moment *moment)
{
    const struct outcome outcome =
        outcome_of_remark(REASON_LOCAL, choose_cut_remark(check, moment));
    check->is_cut = is_cut(check, moment);
    if (!check->is_cut || outcome.remark == REMARK_NONE)
        return false;
    check_abandon(check, &outcome, moment->now_ns);
    return true;
}

/* How many attempts of it may prove nothing. */
static unsigned void_max(const struct check *check)
{
    return check->is_flooded ? FLOODED_MAX : VOID_MAX;
}

/* Whether the time of an attempt that was silent proves nothing: we did not run. */
static bool is_void(const struct check *check, const struct moment *moment)
{
    const struct race *race = &check->race;
    return check->void_attempts < void_max(check) &&
           (check->has_lost || stall_voids(moment->stall, race->begin_ns, race->deadline_ns) ||
            (candidates_have(&check->candidates, is_untried) &&
             stall_delayed(moment->stall, race->deadline_ns)));
}

/*
 * When to ask again because of the silence, of addresses or of the resolver, or because of an
 * outage, which fails at once and so after a pause; NEVER_NS: not any more.
 */
static int64_t choose_retry_ns(struct check *check, const struct moment *moment)
{
    const struct probe_options *options = moment->options;
    struct outcome outcome;
    bool is_silent = has_timeout(check);
    if (is_silent && moment->now_ns < options->until_ns && is_void(check, moment)) {
        check->void_attempts++;
        return moment->now_ns;
    }
    if (check->attempts - check->void_attempts > options->retries ||
        (!is_silent && result_outage(check, &outcome) == OUTAGE_NONE))
        return NEVER_NS;
    int64_t at_ns = check->race.begin_ns + outage_pause_ns(options->timeout_ns);
    if (is_silent || at_ns < moment->now_ns)
        at_ns = moment->now_ns;
    return at_ns < options->until_ns ? at_ns : NEVER_NS;
}

/* Asking again did not help: answers are lost here each time. */
static bool conclude_lost(struct check *check, const struct moment *moment)
{
    const struct outcome outcome = outcome_of_remark(REASON_LOCAL, REMARK_LOST);
    bool is_final =
        check->has_lost && check->void_attempts >= void_max(check) && has_timeout(check);
    if (is_final)
        check_abandon(check, &outcome, moment->now_ns);
    return is_final;
}

void check_conclude(struct check *check, const struct moment *moment)
{
    bool is_enough = check->purpose == PURPOSE_CANARY || check_is_decided(check);
    if (is_enough) {
        check_end(check, moment->now_ns);
        return;
    }
    if (conclude_cut(check, moment))
        return;
    if (candidates_have(&check->candidates, is_short)) {
        conclude_unasked(check, moment);
        return;
    }
    if (conclude_lost(check, moment))
        return;
    check->retry_ns = choose_retry_ns(check, moment);
    check->phase = check->retry_ns != NEVER_NS ? CHECK_PAUSE : CHECK_CONCLUDED;
}
