#include "netcheck/probe/canary.h"

#include <assert.h>

#include "netcheck/base/base.h"

static const int64_t round_ns = 1 * NS_PER_S;          /* then the kernel sends a SYN again */
static const int64_t pause_ns = 1 * NS_PER_S;          /* from one round to the next */
static const int64_t empty_pause_ns = 100 * NS_PER_MS; /* where no canary is known */
static const int64_t patience_ns = 60 * NS_PER_S;

enum {
    UNASKED_MAX = 3, /* rounds in a row that this machine could not ask */
};

void canary_init(struct canary *canary, int64_t timeout_ns)
{
    *canary = (struct canary){
        .timeout_ns = timeout_ns,
        .round = {.began_ns = INT64_MIN},
        .clear_ns = INT64_MIN,
        .congested_ns = INT64_MIN,
        .lost_ns = INT64_MIN,
        .neighbours_lost = -1,
    };
}

void canary_forget(struct canary *canary)
{
    for (size_t i = 0; i < canary->known_count; i++)
        target_drop(canary->known[i].target);
    canary->known_count = canary->newest = canary->next = 0;
    canary->congested_ns = INT64_MIN; /* only they said so */
    canary->unasked_rounds = 0;
}

void canary_start(struct canary *canary, int64_t neighbours_lost)
{
    canary->neighbours_lost = neighbours_lost;
}

int64_t canary_timeout_ns(const struct canary *canary)
{
    return canary->timeout_ns < round_ns ? canary->timeout_ns : round_ns;
}

/* Where the next canary goes: a free place, or that of the oldest one. */
static size_t make_room(struct canary *canary)
{
    if (canary->known_count < CANARY_ENDPOINTS)
        return canary->known_count++;
    size_t oldest = (canary->newest + 1) % CANARY_ENDPOINTS;
    target_drop(canary->known[oldest].target);
    return oldest;
}

/* Whether another protocol than this one is asked. */
static bool has_others(const struct canary *canary, enum protocol_id protocol)
{
    return canary->known_count > 0 && canary->known[canary->newest].protocol != protocol;
}

void canary_add(struct canary *canary, const struct endpoint *endpoint, int64_t took_ns,
                int resent)
{
    bool is_newest = canary->known_count > 0 &&
                     address_equals(&canary->known[canary->newest].address, &endpoint->address);
    int64_t safe_ns = canary_timeout_ns(canary) / 8 * 7; /* later ones might miss a round */
    bool has_other = has_others(canary, endpoint->protocol);
    if (resent > 0 || took_ns >= safe_ns ||
        (has_other ? endpoint->protocol != PROTOCOL_TCP : is_newest))
        return;
    if (has_other)
        canary_forget(canary);
    canary->newest = make_room(canary);
    canary->known[canary->newest] = *endpoint;
    (void)target_hold(endpoint->target);
}

/* A round goes with the last SYN of a target that is about to time out: the kernel sends one
   each second. */
static int64_t lead_ns(const struct canary *canary)
{
    return (canary->timeout_ns - 1) % NS_PER_S + 1;
}

/* As the canaries have told, of any transport. */
static enum path_state judge_path(const struct canary *canary, int64_t began_ns,
                                  int64_t ended_ns)
{
    if (canary->congested_ns >= began_ns)
        return PATH_CONGESTED;
    if (canary->known_count == 0)
        return PATH_CLEAR; /* nothing speaks against it */
    bool is_clear = canary->clear_ns >= ended_ns - lead_ns(canary) - pause_ns;
    return is_clear ? PATH_CLEAR : PATH_UNKNOWN;
}

enum path_state canary_path(const struct canary *canary, enum os_socket transport,
                            int64_t began_ns, int64_t ended_ns)
{
    if (transport != OS_TCP || !has_others(canary, PROTOCOL_TCP))
        return judge_path(canary, began_ns, ended_ns);
    return canary->lost_ns >= began_ns ? PATH_CONGESTED : PATH_CLEAR;
}

bool canary_is_clear(const struct canary *canary, int64_t now_ns)
{
    return judge_path(canary, now_ns, now_ns) == PATH_CLEAR &&
           canary->clear_ns >= canary->congested_ns;
}

bool canary_has_lost_neighbours(const struct canary *canary, int64_t began_ns)
{
    return canary->lost_ns >= began_ns;
}

/* When the next round may begin. */
static int64_t earliest_ns(const struct canary *canary)
{
    const struct canary_round *last = &canary->round;
    if (last->began_ns == INT64_MIN)
        return INT64_MIN;
    return last->began_ns + (last->is_empty ? empty_pause_ns : pause_ns);
}

int64_t canary_due_ns(const struct canary *canary, bool is_awaited, int64_t deadline_ns)
{
    if (canary->round.pending > 0 || (!is_awaited && deadline_ns == NEVER_NS))
        return NEVER_NS;
    int64_t due_ns = earliest_ns(canary);
    int64_t wanted_ns = is_awaited ? INT64_MIN : deadline_ns - lead_ns(canary);
    return wanted_ns > due_ns ? wanted_ns : due_ns;
}

/* Whether more neighbours found no place than at the last count. */
static bool count_neighbours(struct canary *canary, int64_t lost)
{
    int64_t before = canary->neighbours_lost;
    if (lost >= 0)
        canary->neighbours_lost = lost;
    return before >= 0 && lost > before;
}

/* The round is over. What this machine could not ask says nothing about the path, nor do
   canaries that were forgotten meanwhile. */
static void conclude(struct canary *canary)
{
    const struct canary_round *round = &canary->round;
    bool is_asked = round->asked > 0 || canary->known_count == 0;
    canary->unasked_rounds = is_asked ? 0 : canary->unasked_rounds + 1;
    if (canary->unasked_rounds >= UNASKED_MAX)
        canary_forget(canary);
    bool is_silent = canary->known_count > 0 && round->clean * 2 < round->asked;
    if (round->has_lost || is_silent)
        canary->congested_ns = round->began_ns;
    else if (is_asked)
        canary->clear_ns = round->began_ns;
}

size_t canary_begin(struct canary *canary, int64_t now_ns, int64_t neighbours_lost, size_t most,
                    struct endpoint asked[CANARY_QUESTIONS])
{
    assert(canary->round.pending == 0 && most > 0);
    bool is_empty = canary->known_count == 0;
    size_t count = most < CANARY_QUESTIONS ? most : CANARY_QUESTIONS;
    canary->round = (struct canary_round){
        .began_ns = now_ns,
        .pending = is_empty ? 0 : count,
        .is_empty = is_empty,
        .has_lost = count_neighbours(canary, neighbours_lost),
    };
    if (canary->round.has_lost)
        canary->lost_ns = now_ns;
    for (size_t i = 0; i < canary->round.pending; i++) {
        asked[i] = canary->known[canary->next++ % canary->known_count];
        (void)target_hold(asked[i].target);
    }
    if (is_empty)
        conclude(canary);
    return canary->round.pending;
}

void canary_report(struct canary *canary, enum canary_report report)
{
    struct canary_round *round = &canary->round;
    assert(round->pending > 0);
    round->asked += report != CANARY_UNASKED;
    round->clean += report == CANARY_CLEAN;
    if (--round->pending == 0)
        conclude(canary);
}

void canary_expire(struct canary *canary, int64_t since_ns, int64_t now_ns)
{
    int64_t last_ns = canary->clear_ns > since_ns ? canary->clear_ns : since_ns;
    if (now_ns - last_ns >= patience_ns)
        canary_forget(canary);
}
