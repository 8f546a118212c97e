/*
 * path: whether the network still carries what we ask.
 *
 * Targets that answered before are asked once more, beside the others, about once a second
 * while something is about to time out. Where even they stay silent, or need their SYN sent
 * again, our own traffic has clogged the way, and the silence of others at that time proves
 * nothing. The same where this machine's table of neighbours ran over, which those who have
 * their place in it do not notice.
 */
#include "engine.h"

#include <assert.h>
#include <string.h>

#include "netcheck/base/base.h"

static const int64_t round_ns = 1 * NS_PER_S;          /* then the kernel sends a SYN again */
static const int64_t pause_ns = 1 * NS_PER_S;          /* from one round to the next */
static const int64_t empty_pause_ns = 100 * NS_PER_MS; /* where nobody is known to be asked */

enum {
    VAIN_MAX = 3, /* rounds in a row that this machine could not ask */
};

void path_init(struct path *path)
{
    *path = (struct path){
        .asked_ns = INT64_MIN,
        .clear_ns = INT64_MIN,
        .clogged_ns = INT64_MIN,
        .lost_ns = INT64_MIN,
    };
}

void path_forget(struct path *path)
{
    for (size_t i = 0; i < path->known_count; i++)
        target_drop(path->known[i].target);
    path->known_count = path->newest = path->next = 0;
    path->clogged_ns = INT64_MIN; /* that was their word */
    path->vain = 0;
}

int64_t path_round_ns(const struct probe *probe)
{
    int64_t timeout_ns = probe->options.timeout_ns;
    return timeout_ns < round_ns ? timeout_ns : round_ns;
}

void path_note(struct probe *probe, const struct check *check,
               const struct candidate *candidate)
{
    struct path *path = &probe->look.path;
    bool is_known = path->known_count > 0 &&
                    address_equals(&path->known[path->newest].address, &candidate->address);
    int64_t safe_ns = path_round_ns(probe) / 8 * 7; /* or it might be late for a round */
    if (is_known || candidate->syn_retransmits > 0 || candidate->took_ns >= safe_ns)
        return;
    if (path->known_count < PATH_KNOWN) {
        path->newest = path->known_count++;
    } else {
        path->newest = (path->newest + 1) % PATH_KNOWN;
        target_drop(path->known[path->newest].target);
    }
    path->known[path->newest] = check->endpoint;
    path->known[path->newest].address = candidate->address;
    (void)target_hold(check->endpoint.target);
}

/* A round goes with the last SYN of what is about to time out: they come once a second. */
static int64_t lead_ns(const struct probe *probe)
{
    return (probe->options.timeout_ns - 1) % NS_PER_S + 1;
}

enum path_state path_state(const struct probe *probe, int64_t began_ns, int64_t ended_ns)
{
    const struct path *path = &probe->look.path;
    if (path->clogged_ns >= began_ns)
        return PATH_CLOGGED;
    if (path->known_count == 0)
        return PATH_CLEAR; /* nothing speaks against it */
    return path->clear_ns >= ended_ns - lead_ns(probe) - pause_ns ? PATH_CLEAR : PATH_UNKNOWN;
}

bool path_is_clear(const struct probe *probe, int64_t now_ns)
{
    const struct path *path = &probe->look.path;
    return path_state(probe, now_ns, now_ns) == PATH_CLEAR &&
           path->clear_ns >= path->clogged_ns;
}

/* When the next round may begin. */
static int64_t next_ns(const struct probe *probe)
{
    const struct path *path = &probe->look.path;
    if (path->asked_ns == INT64_MIN)
        return INT64_MIN;
    return path->asked_ns + (path->is_empty ? empty_pause_ns : pause_ns);
}

int64_t path_due_ns(const struct probe *probe)
{
    const struct path *path = &probe->look.path;
    const struct heap_node *first = heap_first(&probe->timers);
    bool is_awaited = probe->look.is_calm || probe->counts[QUEUE_UNDECIDED] > 0;
    if (!probe->look.is_crowded || path->out > 0 || (!is_awaited && first == NULL))
        return NEVER_NS;
    int64_t due_ns = next_ns(probe);
    if (!is_awaited && first->at_ns - lead_ns(probe) > due_ns)
        due_ns = first->at_ns - lead_ns(probe);
    return token_bucket_due_ns(&probe->rate) > due_ns ? token_bucket_due_ns(&probe->rate)
                                                      : due_ns;
}

/* No more at a time than --rate allows. */
static size_t count_questions(const struct probe *probe)
{
    uint64_t bucket = rate_bucket(&probe->rate);
    return bucket < PATH_QUESTIONS ? (size_t)bucket : PATH_QUESTIONS;
}

void path_begin(struct probe *probe)
{
    probe->look.path.neighbours_lost = probe->os->neighbours_lost(probe->os->self);
}

/* Whether more neighbours found no place than when this was asked last. */
static bool take_neighbours(struct probe *probe)
{
    struct path *path = &probe->look.path;
    int64_t before = path->neighbours_lost;
    int64_t lost = probe->os->neighbours_lost(probe->os->self);
    if (lost >= 0)
        path->neighbours_lost = lost;
    return before >= 0 && lost > before;
}

/* The round is over. What this machine could not ask says nothing about the path. */
static void conclude(struct path *path)
{
    bool is_asked = path->asked > 0 || path->known_count == 0;
    path->vain = is_asked ? 0 : path->vain + 1;
    if (path->vain >= VAIN_MAX)
        path_forget(path);
    bool is_silent = path->known_count > 0 && path->clean * 2 < path->asked;
    if (path->has_lost || is_silent)
        path->clogged_ns = path->asked_ns;
    else if (is_asked)
        path->clear_ns = path->asked_ns;
}

static void ask_one(struct probe *probe, const struct endpoint *endpoint)
{
    struct path *path = &probe->look.path;
    struct check *check = queue_new_check(probe, 0, endpoint, PURPOSE_CANARY);
    if (check == NULL) {
        if (--path->out == 0)
            conclude(path);
        return;
    }
    struct trace trace = {.kind = TRACE_CANARY};
    trace_check(probe, check, &check->endpoint.address, &trace);
    queue_move(probe, check, QUEUE_RUNNABLE);
}

void path_ask(struct probe *probe, int64_t now_ns)
{
    struct path *path = &probe->look.path;
    if (path->out > 0 || now_ns < next_ns(probe))
        return;
    path->has_lost = take_neighbours(probe);
    path->asked_ns = now_ns;
    if (path->has_lost)
        path->lost_ns = now_ns;
    path->asked = path->clean = 0;
    size_t count = count_questions(probe);
    path->is_empty = path->known_count == 0;
    path->out = path->is_empty ? 0 : count;
    if (path->is_empty) {
        conclude(path);
        return;
    }
    for (size_t i = 0; i < count && path->known_count > 0; i++)
        ask_one(probe, &path->known[path->next++ % path->known_count]);
}

void path_answered(struct probe *probe, const struct check *check)
{
    struct path *path = &probe->look.path;
    const struct candidate *candidate = &check->candidates.items[0];
    bool is_over = check->candidates.count > 0 && candidate->is_over;
    assert(path->out > 0);
    path->asked += is_over && candidate->outcome.reason != REASON_LOCAL;
    path->clean += is_over && candidate->took_ns >= 0 && candidate->syn_retransmits <= 0 &&
                   !candidate->outcome.is_own;
    if (--path->out == 0)
        conclude(path);
}
