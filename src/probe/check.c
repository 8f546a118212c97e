#include "check.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"

_Static_assert(RACE_ADDRESS_MAX >= 2 * LOOKUP_ADDRESS_MAX,
               "a race has room for two full answers");

/* How often a target begins anew whose addresses could not all be asked. */
enum { UNASKED_MAX = 2 };

/* How often a target is asked again because we did not run: perhaps we never do for long. */
enum { VOID_MAX = 8 };

static bool is_timeout(const struct check *check, size_t index)
{
    return check->attempts[index].is_over &&
           check->attempts[index].outcome.reason == REASON_TIMEOUT;
}

/* Who may owe the silent address its answer. */
static struct rejection find_rejection(const struct probe *probe, const struct check *check,
                                       size_t index)
{
    return rejections_find(&probe->rejections, &check->attempts[index].address,
                           check->race.begin_ns);
}

static bool grow_attempts(struct check *check)
{
    assert(check->capacity > 0);
    if (check->race.count < check->capacity)
        return true;
    size_t capacity = check->race.count * 4;
    bool is_single = check->attempts == &check->single;
    struct attempt *attempts =
        realloc(is_single ? NULL : check->attempts, capacity * sizeof *attempts);
    if (attempts == NULL)
        return false;
    if (is_single)
        attempts[0] = check->single;
    check->attempts = attempts;
    check->capacity = capacity;
    return true;
}

/* One address more to ask, without its port yet. */
static bool add_address(struct check *check, const struct address *address)
{
    if (!grow_attempts(check) || !race_add(&check->race, address_family_bit(address)))
        return false;
    struct attempt *attempt = &check->attempts[check->race.count - 1];
    memset(attempt, 0, sizeof *attempt);
    attempt->address = *address;
    address_set_port(&attempt->address, check->endpoint.port);
    attempt->fd = -1;
    attempt->look_ns = NEVER_NS;
    attempt->again_ns = NEVER_NS;
    attempt->took_ns = attempt->latency_ns = -1;
    attempt->syn_retransmits = -1;
    return true;
}

/* Why the silence of its addresses proves little, where that is known. */
static void explain_silence(const struct probe *probe, struct check *check)
{
    for (size_t i = 0; i < check->race.count; i++)
        if (is_timeout(check, i))
            check->attempts[i].rejection = find_rejection(probe, check, i);
}

static void finish(struct probe *probe, struct check *check, int64_t now_ns)
{
    check->finished_ns = now_ns;
    explain_silence(probe, check);
    recall_note(probe, check);
    check->is_finished = true;
    check_stop(probe, check);
    probe_finish(probe, check);
}

/* Begin anew when this machine has what is missing; the clock starts then. */
static void put_back(struct probe *probe, struct check *check, const struct outcome *outcome,
                     int64_t now_ns)
{
    if (check->is_canary) {
        finish(probe, check, now_ns); /* not worth waiting for */
        return;
    }
    check->give_up = *outcome;
    check_stop(probe, check);
    waiting_put_back(probe, check, now_ns);
}

/* Not asked after all: this machine is short of something. */
void check_postpone(struct probe *probe, struct check *check, size_t index,
                    const struct outcome *outcome, int64_t now_ns)
{
    struct race *race = &check->race;
    /* Ports are counted by address: another one may still have some. */
    bool is_of_address = outcome->error == EADDRNOTAVAIL;
    if (is_of_address)
        race_pass_over(race, index, now_ns);
    else
        race_put_back(race, index, now_ns);
    check->shortage = *outcome;
    struct trace trace = {.kind = TRACE_PUT_BACK, .outcome = *outcome};
    probe_trace(probe, check, &check->attempts[index].address, &trace);
    bool has_others = race_has_untried(race) || (race->is_all && race->settled > 0);
    if (race->active == 0 && !(is_of_address && has_others))
        put_back(probe, check, outcome, now_ns);
}

static bool has_answers(const struct check *check)
{
    for (size_t i = 0; i < check->race.count; i++)
        if (check->attempts[i].is_over)
            return true;
    return false;
}

/* Of the resolver, of an address, or before the turn of an address came. */
static bool has_timeout(const struct check *check)
{
    const struct race *race = &check->race;
    return race->pending_families != 0 || race->settled < race->count || check_is_silent(check);
}

/* Whether the address was silent, or this machine had no route to it. */
static bool is_open(const struct check *check, size_t index)
{
    const struct attempt *attempt = &check->attempts[index];
    return is_timeout(check, index) ||
           (attempt->is_over && outcome_is_temporary(&attempt->outcome));
}

/*
 * One more attempt, at `at_ns`: those that were silent or out of reach are asked again, lookups
 * that hang are awaited. Its time begins when its turn comes, or a busy machine would let it
 * pass with nothing asked.
 */
static void retry(struct probe *probe, struct check *check, int64_t at_ns)
{
    check->is_due_again = true;
    probe_schedule(probe, check, at_ns);
}

bool check_is_silent(const struct check *check)
{
    for (size_t i = 0; i < check->race.count; i++)
        if (is_timeout(check, i))
            return true;
    return false;
}

enum silence check_silence(const struct probe *probe, const struct check *check)
{
    enum silence silence = SILENCE_NONE;
    for (size_t i = 0; i < check->race.count; i++) {
        if (!is_timeout(check, i))
            continue;
        enum silence one =
            answered_judge(&probe->congestion.answered, &check->attempts[i].address,
                           find_rejection(probe, check, i).by, check->race.begin_ns);
        silence = one > silence ? one : silence;
    }
    return silence;
}

void check_accept(struct probe *probe, struct check *check)
{
    finish(probe, check, check->silent_ns);
}

/*
 * Addresses were not asked because this machine was short of something. With -A each says so in
 * its row. Else the target begins anew, unless it had this machine to itself already, or that
 * did not help before.
 */
static void conclude_unasked(struct probe *probe, struct check *check, int64_t now_ns)
{
    if (check->race.is_all) {
        for (size_t i = 0; i < check->race.count; i++) {
            if (!check->attempts[i].is_short)
                continue;
            check->attempts[i].is_over = true;
            check->attempts[i].outcome = check->shortage;
        }
        finish(probe, check, now_ns);
        return;
    }
    bool is_alone = check->began_alone && probe_under_way(probe) == 1;
    if (is_alone || check->unasked++ >= UNASKED_MAX)
        check_give_up(probe, check, &check->shortage, now_ns);
    else
        put_back(probe, check, &check->shortage, now_ns);
}

/* Whether an address was not asked because this machine was short of something. */
static bool has_unasked(const struct check *check)
{
    for (size_t i = 0; i < check->race.count; i++)
        if (check->attempts[i].is_short)
            return true;
    return false;
}

/* Whether the turn of an address did not come. */
static bool has_unstarted(const struct check *check)
{
    for (size_t i = 0; i < check->race.count; i++)
        if (check->race.states[i] == RACE_UNTRIED)
            return true;
    return false;
}

/* Whether the time of an attempt that was silent proves nothing: we did not run. */
static bool is_void(struct probe *probe, const struct check *check)
{
    const struct race *race = &check->race;
    return check->void_tries < VOID_MAX &&
           (stall_voids(&probe->stall, race->begin_ns, race->deadline_ns) ||
            (has_unstarted(check) && stall_delayed(&probe->stall, race->deadline_ns)));
}

/* Shorter than its timeout by less than this, an attempt counts as a whole one. */
static const int64_t cut_least_ns = 50 * NS_PER_MS;

/* Whether something is still silent that would have had more time, were the run not over. */
static bool is_cut(const struct probe *probe, const struct check *check, int64_t now_ns)
{
    const struct race *race = &check->race;
    int64_t had_ns = race->deadline_ns - race->begin_ns;
    bool has_tries = check->tries - check->void_tries <= probe->options.retries;
    return now_ns >= probe->options.until_ns && has_timeout(check) &&
           (has_tries || probe->options.timeout_ns - had_ns > cut_least_ns);
}

/*
 * When to ask again because of the silence, of addresses or of the resolver, or because of an
 * outage, which fails at once and so after a pause; NEVER_NS: not any more.
 */
static int64_t next_try_ns(struct probe *probe, struct check *check, int64_t now_ns)
{
    struct outcome outcome;
    bool is_silent = has_timeout(check);
    if (is_silent && now_ns < probe->options.until_ns && is_void(probe, check)) {
        check->void_tries++;
        return now_ns;
    }
    if (check->tries - check->void_tries > probe->options.retries ||
        (!is_silent && check_outage(check, &outcome) == OUTAGE_NONE))
        return NEVER_NS;
    int64_t at_ns = check->race.begin_ns + outage_pause_ns(probe->options.timeout_ns);
    if (is_silent || at_ns < now_ns)
        at_ns = now_ns;
    return at_ns < probe->options.until_ns ? at_ns : NEVER_NS;
}

/* Finish the check, unless an address was silent and that is not believed, or not yet; or this
   machine could not ask for a moment. */
static void conclude_silence(struct probe *probe, struct check *check, bool is_enough,
                             int64_t now_ns)
{
    enum judgement judgement = JUDGEMENT_BELIEVE;
    if (!is_enough && check_is_silent(check))
        judgement = recheck_judge(probe, check, now_ns);
    if (judgement != JUDGEMENT_BELIEVE)
        recheck_park(probe, check, judgement, now_ns);
    else if (is_enough || !recall_park(probe, check, now_ns))
        finish(probe, check, now_ns);
}

/* The end of the run cut it short. True where that is its verdict. */
static bool conclude_cut(struct probe *probe, struct check *check, int64_t now_ns)
{
    const struct outcome outcome = outcome_of_remark(REASON_LOCAL, probe->options.cut_remark);
    check->is_cut = is_cut(probe, check, now_ns);
    if (!check->is_cut || outcome.remark == REMARK_NONE)
        return false;
    check_abandon(probe, check, &outcome, now_ns);
    return true;
}

/* The deadline has passed, or every address is settled. */
static void conclude(struct probe *probe, struct check *check, int64_t now_ns)
{
    for (size_t i = 0; i < check->race.count; i++)
        if (check->attempts[i].fd >= 0)
            attempt_look_last(probe, check, i, now_ns);
    bool has_winner = check->winner != NO_WINNER;
    bool is_enough = check->is_canary || (has_winner && !check->race.is_all);
    if (!is_enough && conclude_cut(probe, check, now_ns))
        return;
    if (!is_enough && has_unasked(check)) {
        conclude_unasked(probe, check, now_ns);
        return;
    }
    int64_t again_ns = is_enough ? NEVER_NS : next_try_ns(probe, check, now_ns);
    if (again_ns != NEVER_NS)
        retry(probe, check, again_ns);
    else
        conclude_silence(probe, check, is_enough, now_ns);
}

/* Until the race has something to do, or an address is to be looked at or asked again. */
static void sleep_until(struct probe *probe, struct check *check, int64_t until_ns)
{
    for (size_t i = 0; i < check->race.count; i++) {
        const struct attempt *attempt = &check->attempts[i];
        int64_t at_ns =
            attempt->look_ns < attempt->again_ns ? attempt->look_ns : attempt->again_ns;
        until_ns = at_ns < until_ns ? at_ns : until_ns;
    }
    probe_schedule(probe, check, until_ns);
}

/* Whether a lookup failed for want of something here: its addresses may be the ones that work.
 */
static bool has_shortage(const struct check *check)
{
    const struct outcome *outcome = &check->lookup_outcome;
    return check->winner == NO_WINNER && check->race.pending_families == 0 &&
           outcome->reason == REASON_LOCAL && outcome_is_shortage(outcome->error, AF_UNSPEC);
}

static void advance(struct probe *probe, struct check *check, int64_t now_ns)
{
    for (;;) {
        size_t index = 0;
        int64_t until_ns = 0;
        if (check->wait != WAIT_NONE || check->is_finished)
            return;
        if (check->winner != NO_WINNER && !check->race.is_all) {
            finish(probe, check, now_ns);
            return;
        }
        switch (race_next(&check->race, now_ns, &index, &until_ns)) {
        case RACE_START:
            attempt_ask(probe, check, index);
            now_ns = probe->os->now_ns(probe->os->self);
            break;
        case RACE_WAIT:
            sleep_until(probe, check, until_ns);
            return;
        case RACE_OVER:
            if (has_shortage(check) && check->race.active == 0)
                put_back(probe, check, &check->lookup_outcome, now_ns);
            else
                conclude(probe, check, now_ns);
            return;
        }
    }
}

/* The interface behind '%', by number or by name. 0 or an errno. */
static int find_scope(const struct probe *probe, const char *scope, uint32_t *found)
{
    uint32_t index = 0;
    for (const char *p = scope; *p != '\0'; p++) {
        if (!ascii_is_digit(*p) || index > UINT32_MAX / 10 - 1)
            return probe->os->interface_index(probe->os->self, scope, found);
        index = index * 10 + (uint32_t)(*p - '0');
    }
    *found = index;
    return index != 0 ? probe->os->find_interface(probe->os->self, index) : ENXIO;
}

/* Give the address its interface. False where there is none, and the check is done or waits. */
static bool apply_scope(struct probe *probe, struct check *check, int64_t now_ns)
{
    uint32_t index = 0;
    int error = find_scope(probe, check->endpoint.target->scope, &index);
    address_set_scope(&check->endpoint.address, index);
    if (error == 0)
        return true;
    struct outcome outcome = outcome_of(REASON_LOCAL);
    outcome.error = error;
    if (outcome_is_shortage(error, AF_UNSPEC)) {
        put_back(probe, check, &outcome, now_ns);
        return false;
    }
    outcome.remark = REMARK_INTERFACE;
    check_give_up(probe, check, &outcome, now_ns);
    return false;
}

static void begin_numeric(struct probe *probe, struct check *check, int64_t now_ns)
{
    if (check->endpoint.target->scope != NULL && !apply_scope(probe, check, now_ns))
        return;
    int64_t timeout_ns = check->is_canary ? canary_timeout_ns(&probe->congestion.canary)
                                          : probe_timeout_ns(probe, now_ns);
    race_begin(&check->race, now_ns, timeout_ns, 0, false);
    (void)add_address(check, &check->endpoint.address); /* the first one always fits */
    advance(probe, check, now_ns);
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

/* Addresses of an answer, without the unspecified one that ad blockers give. */
static void add_answer(struct probe *probe, struct check *check, const struct lookup *lookup)
{
    size_t before = check->race.count;
    bool was_unspecified = false;
    for (size_t i = 0; i < lookup->count; i++) {
        if (address_is_unspecified(&lookup->addresses[i]))
            was_unspecified = true;
        else if (!add_address(check, &lookup->addresses[i]))
            probe->is_out_of_memory = true; /* the race has room for two full answers */
    }
    if (check->race.count > before || !was_unspecified)
        return;
    const struct outcome outcome = outcome_of_remark(REASON_UNRESOLVED, REMARK_UNSPECIFIED);
    keep_lookup_outcome(check, &outcome);
}

/* The first name that is not the host's own. */
static void keep_canonical(struct check *check, struct shared *canonical)
{
    if (check->canonical == NULL)
        check->canonical = shared_hold(canonical);
}

static void take_answer(struct probe *probe, struct check *check, unsigned family,
                        int64_t now_ns)
{
    const struct lookup *lookup = name_answer(check->name, family);
    struct trace trace = {.kind = TRACE_ANSWER, .family = family, .count = lookup->count};
    bool is_hidden = stall_hides(&probe->stall, check->race.begin_ns);
    trace.took_ns = is_hidden ? -1 : now_ns - check->race.begin_ns;
    if (check->race.count == 0)
        check->resolve_ns = trace.took_ns;
    if (lookup->lookup_error != 0) {
        trace.outcome = outcome_of_lookup(lookup->lookup_error, lookup->system_error);
        keep_lookup_outcome(check, &trace.outcome);
    }
    trace.canonical = lookup->canonical;
    probe_trace(probe, check, NULL, &trace);
    add_answer(probe, check, lookup);
    keep_canonical(check, lookup->canonical);
    trace.kind = TRACE_CUT;
    if (lookup->cut != 0 && !check->name->is_cut_told)
        probe_trace(probe, check, NULL, &trace);
    check->name->is_cut_told |= lookup->cut != 0;
    race_answered(&check->race, family, now_ns);
}

/* Take what the check does not know yet. */
static void take_answers(struct probe *probe, struct check *check, unsigned families,
                         int64_t now_ns)
{
    for (unsigned family = FAMILY_IPV6; family >= FAMILY_IPV4; family >>= 1)
        if ((families & check->race.pending_families & family) != 0)
            take_answer(probe, check, family, now_ns);
}

/* The name could not be asked. */
static void fail_name(struct probe *probe, struct check *check, enum error error,
                      int64_t now_ns)
{
    struct outcome outcome = outcome_of(REASON_LOCAL);
    outcome.error = error == ERROR_NO_MEMORY ? ENOMEM : errno;
    outcome.remark = error == ERROR_THREAD ? REMARK_THREAD : REMARK_NONE;
    if (outcome_is_shortage(outcome.error, AF_UNSPEC))
        put_back(probe, check, &outcome, now_ns);
    else
        check_give_up(probe, check, &outcome, now_ns);
}

static void begin_name(struct probe *probe, struct check *check, int64_t now_ns)
{
    unsigned asked = probe->options.families;
    enum error error = names_join(probe->names, check->endpoint.target->host, asked,
                                  &check->name_user, now_ns, &check->name);
    if (error == ERROR_AGAIN) {
        waiting_add(probe, check, WAIT_THREAD);
        return;
    }
    if (error != ERROR_NONE) {
        fail_name(probe, check, error, now_ns);
        return;
    }
    race_begin(&check->race, now_ns, probe_timeout_ns(probe, now_ns), asked,
               probe->options.is_all_addresses);
    struct trace trace = {.kind = TRACE_RESOLVING, .family = asked};
    probe_trace(probe, check, NULL, &trace);
    take_answers(probe, check, check->name->known, now_ns);
    advance(probe, check, now_ns);
}

void check_init(struct check *check, uint64_t sequence, const struct endpoint *endpoint)
{
    memset(check, 0, sizeof *check);
    list_init(&check->link);
    list_init(&check->name_user);
    check->sequence = sequence;
    check->endpoint = *endpoint;
    (void)target_hold(endpoint->target);
    check->attempts = &check->single;
    check->capacity = 1;
    starvation_init(&check->starvation);
}

void check_release(struct check *check)
{
    if (check->attempts != &check->single)
        free(check->attempts);
    check->attempts = &check->single;
    check->capacity = 1;
    check->race.count = 0;
    target_drop(check->endpoint.target);
    check->endpoint.target = NULL;
    shared_drop(check->canonical);
    check->canonical = NULL;
}

void check_begin(struct probe *probe, struct check *check, int64_t now_ns)
{
    check->race.count = 0;
    check->race.pending_families = 0;
    check->winner = NO_WINNER;
    check->resolve_ns = -1;
    check->lookup_outcome = outcome_of(REASON_UNRESOLVED);
    shared_drop(check->canonical);
    check->canonical = NULL;
    if (check->tries == 0)
        check->tries = 1; /* one that begins anew goes on counting, or it might never end */
    check->began_alone = probe_under_way(probe) == 1;
    if (check->endpoint.target->kind == TARGET_NAME && !check->is_canary)
        begin_name(probe, check, now_ns);
    else
        begin_numeric(probe, check, now_ns);
}

void check_ask_again(struct probe *probe, struct check *check, int64_t now_ns)
{
    retry(probe, check, now_ns);
}

/*
 * The turn of another attempt has come, if there is to be one; `now_ns` is then what time it
 * is. False where it looks its name up anew, which the resolver could not tell: it has begun.
 */
static bool begin_retry(struct probe *probe, struct check *check, int64_t *now_ns)
{
    if (!check->is_due_again)
        return true;
    *now_ns = probe->os->now_ns(probe->os->self);
    check->is_due_again = false;
    check->tries++;
    struct trace trace = {.kind = TRACE_RETRY, .count = check->tries};
    enum outage_kind outage = check_outage(check, &trace.outcome);
    probe_trace(probe, check, NULL, &trace);
    if (outage == OUTAGE_NAMES && check->race.pending_families == 0) {
        check_stop(probe, check);
        check_begin(probe, check, *now_ns);
        return false;
    }
    for (size_t i = 0; i < check->race.count; i++) {
        if (!is_open(check, i) || check->race.states[i] != RACE_SETTLED)
            continue;
        race_unsettle(&check->race, i);
        check->attempts[i].again_ns = NEVER_NS;
    }
    race_restart(&check->race, *now_ns, probe_timeout_ns(probe, *now_ns));
    return true;
}

void check_timer(struct probe *probe, struct check *check, int64_t now_ns)
{
    if (!begin_retry(probe, check, &now_ns))
        return;
    for (size_t i = 0; i < check->race.count; i++)
        if (check->attempts[i].look_ns <= now_ns)
            attempt_look(probe, check, i, now_ns);
        else if (check->attempts[i].again_ns <= now_ns && check->winner == NO_WINNER)
            attempt_ask_again(probe, check, i, now_ns);
    advance(probe, check, now_ns);
}

void check_ready(struct probe *probe, struct check *check, size_t index, int64_t now_ns)
{
    attempt_look(probe, check, index, now_ns);
    advance(probe, check, now_ns);
}

void check_answer(struct probe *probe, struct check *check, unsigned families, int64_t now_ns)
{
    if ((check->race.pending_families & families) == 0)
        return;
    (void)begin_retry(probe, check, &now_ns); /* true: a lookup is awaited */
    take_answers(probe, check, families, now_ns);
    advance(probe, check, now_ns);
}

void check_give_up(struct probe *probe, struct check *check, const struct outcome *outcome,
                   int64_t now_ns)
{
    check->is_given_up = true;
    check->give_up = *outcome;
    finish(probe, check, now_ns);
}

void check_abandon(struct probe *probe, struct check *check, const struct outcome *outcome,
                   int64_t now_ns)
{
    if (!check->race.is_all || !has_answers(check)) {
        check_give_up(probe, check, outcome, now_ns);
        return;
    }
    for (size_t i = 0; i < check->race.count; i++) {
        struct attempt *attempt = &check->attempts[i];
        /* One that was silent has no answer either. */
        if (attempt->is_over && !is_timeout(check, i))
            continue;
        attempt->is_over = true;
        attempt->outcome = *outcome;
    }
    finish(probe, check, now_ns);
}

void check_stop(struct probe *probe, struct check *check)
{
    for (size_t i = 0; i < check->race.count; i++)
        attempt_close(probe, &check->attempts[i], false);
    if (check->name != NULL)
        names_leave(probe->names, check->name, &check->name_user);
    check->name = NULL;
}
