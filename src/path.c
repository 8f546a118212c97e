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

#include "netcheck/base.h"

static const int64_t round_ns = 1 * NS_PER_S;        /* then the kernel sends a SYN again */
static const int64_t pause_min_ns = 500 * NS_PER_MS; /* those asked are not to notice much */

enum { LEAD_SHARE = 4 }; /* the first one in the last quarter of a timeout: with the last SYN */

void path_init(struct path *path)
{
    *path = (struct path){
        .asked_ns = INT64_MIN,
        .clear_ns = INT64_MIN,
        .clogged_ns = INT64_MIN,
        .lost_ns = INT64_MIN,
    };
}

void path_release(struct path *path)
{
    for (size_t i = 0; i < path->known_count; i++)
        target_drop(path->known[i].target);
    path->known_count = 0;
}

void path_note(struct probe *probe, const struct check *check, const struct attempt *attempt)
{
    struct path *path = &probe->path;
    size_t place = path->known_count;
    if (attempt->syn_retransmits > 0 || attempt->took_ns >= path_round_ns(probe) / 2)
        return; /* it might not answer within a round */
    for (size_t i = 0; i < path->known_count; i++)
        if (address_equals(&path->known[i].address, &attempt->address))
            return;
    if (path->known_count == ARRAY_LEN(path->known)) {
        place = path->oldest;
        path->oldest = (path->oldest + 1) % ARRAY_LEN(path->known);
        target_drop(path->known[place].target);
    } else {
        path->known_count++;
    }
    path->known[place] = check->endpoint;
    path->known[place].address = attempt->address;
    (void)target_hold(check->endpoint.target);
}

int64_t path_round_ns(const struct probe *probe)
{
    int64_t half_ns = probe->options.timeout_ns / 2;
    return half_ns < round_ns ? half_ns : round_ns;
}

/* From the beginning of a round to that of the next one. */
static int64_t pause_ns(const struct probe *probe)
{
    int64_t whole_ns = path_round_ns(probe);
    return whole_ns > pause_min_ns ? whole_ns : pause_min_ns;
}

static int64_t lead_ns(const struct probe *probe)
{
    return probe->options.timeout_ns / LEAD_SHARE;
}

enum path_state path_state(const struct probe *probe, int64_t began_ns, int64_t ended_ns)
{
    const struct path *path = &probe->path;
    if (path->clogged_ns >= began_ns)
        return PATH_CLOGGED;
    if (path->known_count == 0)
        return PATH_CLEAR; /* nothing speaks against it */
    return path->clear_ns >= ended_ns - lead_ns(probe) - pause_ns(probe) ? PATH_CLEAR
                                                                         : PATH_UNKNOWN;
}

bool path_is_clear(const struct probe *probe, int64_t now_ns)
{
    const struct path *path = &probe->path;
    return path_state(probe, now_ns, now_ns) == PATH_CLEAR &&
           path->clear_ns >= path->clogged_ns;
}

/* When the next round may begin. */
static int64_t next_ns(const struct probe *probe)
{
    const struct path *path = &probe->path;
    return path->asked_ns == INT64_MIN ? INT64_MIN : path->asked_ns + pause_ns(probe);
}

int64_t path_due_ns(const struct probe *probe)
{
    const struct path *path = &probe->path;
    const struct heap_node *first = heap_first(&probe->timers);
    if (!probe->options.has_second_look || !probe->is_crowded || path->out > 0)
        return NEVER_NS;
    if (probe->is_calm || !list_is_empty(&probe->suspect))
        return next_ns(probe);
    if (first == NULL)
        return NEVER_NS;
    int64_t lead_at_ns = first->at_ns - lead_ns(probe);
    return lead_at_ns > next_ns(probe) ? lead_at_ns : next_ns(probe);
}

void path_crowd(struct probe *probe)
{
    if (probe->options.has_second_look)
        probe->path.neighbours_lost = probe->os->neighbours_lost(probe->os->self);
}

static void ask_one(struct probe *probe, const struct endpoint *endpoint, int64_t now_ns)
{
    struct path *path = &probe->path;
    struct check *check = probe_take_check(probe);
    path->asked++;
    if (check == NULL) {
        path->out--;
        return;
    }
    check_init(check, 0, endpoint);
    check->is_canary = true;
    struct trace trace = {.kind = TRACE_CANARY};
    probe_trace(probe, check, &check->endpoint.address, &trace);
    check_begin(probe, check, now_ns);
}

static void conclude(struct path *path)
{
    if (path->has_lost || path->clean * 2 < path->asked)
        path->clogged_ns = path->asked_ns;
    else
        path->clear_ns = path->asked_ns;
}

void path_ask(struct probe *probe, int64_t now_ns)
{
    struct path *path = &probe->path;
    if (path->out > 0 || now_ns < next_ns(probe))
        return;
    int64_t lost = probe->os->neighbours_lost(probe->os->self);
    path->has_lost = lost > path->neighbours_lost;
    path->neighbours_lost = lost;
    path->asked_ns = now_ns;
    if (path->has_lost)
        path->lost_ns = now_ns;
    path->asked = path->clean = 0;
    path->out = path->known_count > 0 ? PATH_QUESTIONS : 0;
    for (size_t i = 0; i < PATH_QUESTIONS && path->known_count > 0; i++)
        ask_one(probe, &path->known[i % path->known_count], now_ns);
    if (path->out == 0)
        conclude(path);
}

void path_answered(struct probe *probe, const struct check *check)
{
    struct path *path = &probe->path;
    const struct attempt *attempt = &check->attempts[0];
    bool has_answered = check->plan.count > 0 && attempt->is_over && attempt->took_ns >= 0;
    path->clean += has_answered && attempt->syn_retransmits <= 0;
    if (--path->out == 0)
        conclude(path);
}
