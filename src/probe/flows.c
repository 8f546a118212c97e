/*
 * flows: asks candidates as their protocol does, and tells their checks what came of it.
 * Private to the engine.
 */
#include "engine.h"

#include <errno.h>

#include "netcheck/base/base.h"

struct moment moment_of(struct probe *probe, const struct check *check, int64_t now_ns)
{
    const struct probe_options *options = &probe->options;
    int64_t left_ns = NEVER_NS;
    if (options->until_ns != NEVER_NS)
        left_ns = options->until_ns > now_ns ? options->until_ns - now_ns : 1;
    int64_t timeout_ns = left_ns < options->timeout_ns ? left_ns : options->timeout_ns;
    return (struct moment){
        .now_ns = now_ns,
        .timeout_ns = check->purpose == PURPOSE_CANARY
                          ? canary_timeout_ns(&probe->congestion.canary)
                          : timeout_ns,
        .began_ns = probe->began_ns,
        .is_alone = queue_under_way(probe) == 1,
        .is_rate_spent = options->asks_again && token_bucket_due_ns(&probe->rate) > now_ns,
        .options = options,
        .backoff = &probe->options.backoff,
        .stall = &probe->stall,
    };
}

/* A lane is of one family, and cannot ask ::ffff:192.0.2.1 by IPv6. */
static const struct address *address_to_ask(const struct protocol *protocol,
                                            struct candidate *candidate)
{
    if (protocol->open_lane == NULL)
        return &candidate->address;
    candidate->flow.asked = candidate->address;
    address_unmap(&candidate->flow.asked);
    return &candidate->flow.asked;
}

static struct flow_context context_of(const struct probe *probe, const struct check *check,
                                      struct candidate *candidate, int64_t now_ns)
{
    return (struct flow_context){
        .os = probe->os,
        .origin = &probe->options.origin,
        .address = address_to_ask(protocol_for(probe, check), candidate),
        .endpoint = &check->endpoint,
        .ask = check->purpose == PURPOSE_CANARY ? &probe->canary_ask : &probe->options.ask,
        .secret = &probe->secret,
        .now_ns = now_ns,
    };
}

enum {
    /* Messages read from a lane in one turn, so that no flood of them keeps the engine from its
       other descriptors; and before the silence of a flow is believed: more than a receive
       buffer of 16 MiB holds, where the smallest takes 768 bytes (measured on Linux 6.18). */
    LANE_BURST = 1024,
    LANE_BACKLOG = 32768,
};

static void stop(struct probe *probe, const struct check *check, struct candidate *candidate)
{
    struct flow *flow = &candidate->flow;
    if (flow->fd >= 0)
        sockets_forget(&probe->sockets, flow->fd);
    else if (flow->lane != NULL)
        lanes_leave(flow);
    else
        return;
    protocol_for(probe, check)->stop(flow, probe->os);
    probe->has_freed = true;
}

void flow_stop_all(struct probe *probe, struct check *check)
{
    for (size_t i = 0; i < check->candidates.count; i++)
        stop(probe, check, &check->candidates.items[i]);
}

/*
 * It may be asked again to see whether the path is clear. What TCP carries is asked by TCP
 * alone, which is less work for the other side; where silence is plain, none is to be judged.
 */
static void add_canary(struct probe *probe, const struct check *check,
                       const struct candidate *candidate)
{
    const struct protocol *protocol = protocol_for(probe, check);
    struct endpoint endpoint = check->endpoint;
    if (protocol->is_silence_plain || candidate->voids > 0 ||
        candidate->outcome.remark == REMARK_SELF_CONNECT)
        return;
    if (protocol->transport == OS_TCP)
        endpoint.protocol = PROTOCOL_TCP;
    endpoint.address = candidate->address;
    canary_add(&probe->congestion.canary, &endpoint, candidate->took_ns,
               candidate_resent(candidate));
}

/* Of the silence of others an answer tells more, and an ICMP error that it tells less. */
static void note_answer(struct probe *probe, const struct check *check,
                        const struct candidate *candidate, int64_t now_ns)
{
    const struct outcome *outcome = &candidate->outcome;
    enum os_socket transport = protocol_for(probe, check)->transport;
    if (outcome->icmp.is_set) {
        rejections_note(&probe->rejections, &outcome->icmp, &candidate->address, transport,
                        now_ns);
        return;
    }
    bool is_up = outcome_state(outcome) == STATE_UP;
    bool is_answer = is_up || outcome->reason == REASON_REFUSED;
    if (!is_answer || !congestion_is_watched(&probe->congestion) ||
        check->purpose == PURPOSE_CANARY)
        return;
    answered_note(&probe->congestion.answered, &candidate->address, transport,
                  candidate_resent(candidate), now_ns);
    add_canary(probe, check, candidate);
}

/* The candidate is up, if it stays so: that it answered is known now. */
static void tell_held(struct probe *probe, struct check *check, size_t index,
                      const struct flow_answer *answer, int64_t now_ns)
{
    struct candidate *candidate = &check->candidates.items[index];
    const struct moment moment = moment_of(probe, check, now_ns);
    check_held(check, index, answer, &moment);
    note_answer(probe, check, candidate, now_ns);
    trace_candidate(probe, check, index, TRACE_CONNECTED);
    if (sockets_await(&probe->sockets, candidate->flow.fd, candidate->flow.events) !=
        ERROR_NONE)
        probe->is_out_of_memory = true;
}

/* The candidate has its answer. */
static void tell_answer(struct probe *probe, struct check *check, size_t index,
                        const struct flow_answer *answer, int64_t now_ns)
{
    struct candidate *candidate = &check->candidates.items[index];
    const struct moment moment = moment_of(probe, check, now_ns);
    bool is_up = outcome_state(&answer->outcome) == STATE_UP;
    bool was_held = candidate->state == CANDIDATE_HELD;
    stop(probe, check, candidate);
    if (!check_answered(check, index, answer, &moment) || (was_held && is_up))
        return;
    note_answer(probe, check, candidate, now_ns);
    trace_candidate(probe, check, index, is_up ? TRACE_CONNECTED : TRACE_FAILED);
}

/* This machine is short of something. */
static void tell_shortage(struct probe *probe, struct check *check, size_t index,
                          const struct outcome *outcome, int64_t now_ns)
{
    const struct moment moment = moment_of(probe, check, now_ns);
    const struct trace trace = {.kind = TRACE_PUT_BACK, .outcome = *outcome};
    if (check_unasked(check, index, outcome, &moment))
        trace_check(probe, check, &check->candidates.items[index].address, &trace);
}

/* Wait for what comes on the descriptor of the flow. False without memory. */
static bool watch(struct probe *probe, struct check *check, size_t index)
{
    const struct flow *flow = &check->candidates.items[index].flow;
    const struct owner owner = {
        .kind = OWNER_FLOW, .events = flow->events, .check = check, .candidate = index};
    return sockets_watch(&probe->sockets, flow->fd, &owner) == ERROR_NONE;
}

static void close_lane(struct probe *probe, struct open_lane *open)
{
    sockets_forget(&probe->sockets, open->lane.fd);
    open->protocol->close_lane(&open->lane, probe->os);
    lanes_remove(open);
}

void flow_close_lanes(struct probe *probe)
{
    struct open_lane *open;
    while ((open = lanes_find_idle(&probe->lanes)) != NULL)
        close_lane(probe, open);
}

static enum flow_status be_short(struct flow_answer *answer, int error)
{
    answer->outcome = outcome_of_error(error);
    return FLOW_SHORT;
}

/* One more lane, of which a flow is in need. WAITING: it is open. */
static enum flow_status add_lane(struct probe *probe, const struct protocol *protocol,
                                 const struct flow_context *context, struct flow_answer *answer,
                                 struct open_lane **opened)
{
    int family = address_family(context->address);
    if (lanes_have_only(&probe->lanes, protocol, family))
        return be_short(answer, ENOBUFS);
    struct open_lane *open = lanes_add(&probe->lanes, protocol, family);
    if (open == NULL)
        return be_short(answer, ENOMEM);
    enum flow_status status = protocol->open_lane(&open->lane, context, answer);
    if (status != FLOW_WAITING) {
        lanes_remove(open);
        return status;
    }
    const struct owner owner = {.kind = OWNER_LANE, .events = FLOW_READABLE, .lane = open};
    *opened = open;
    if (sockets_watch(&probe->sockets, open->lane.fd, &owner) == ERROR_NONE)
        return FLOW_WAITING;
    close_lane(probe, open);
    return be_short(answer, ENOMEM);
}

/* Give the flow a place on a lane of its protocol. WAITING: it has one. */
static enum flow_status join_lane(struct probe *probe, struct check *check, size_t index,
                                  const struct flow_context *context,
                                  struct flow_answer *answer)
{
    const struct protocol *protocol = protocol_for(probe, check);
    const struct lane_user user = {.check = check, .candidate = index};
    struct open_lane *open =
        lanes_find(&probe->lanes, protocol, address_family(context->address));
    if (open == NULL) {
        enum flow_status status = add_lane(probe, protocol, context, answer, &open);
        if (status != FLOW_WAITING)
            return status;
    }
    struct flow *flow = &check->candidates.items[index].flow;
    if (lanes_join(&probe->lanes, open, flow, &user) == ERROR_NONE)
        return FLOW_WAITING;
    return be_short(answer, ENOMEM);
}

/* Start the flow of the candidate, and wait for what it waits for. */
static enum flow_status start(struct probe *probe, struct check *check, size_t index,
                              const struct flow_context *context, struct flow_answer *answer)
{
    const struct protocol *protocol = protocol_for(probe, check);
    struct candidate *candidate = &check->candidates.items[index];
    bool is_shared = protocol->open_lane != NULL;
    enum flow_status status = FLOW_WAITING;
    if (is_shared)
        status = join_lane(probe, check, index, context, answer);
    if (status == FLOW_WAITING)
        status = protocol->start(&candidate->flow, context, answer);
    if (status == FLOW_WAITING && !is_shared && !watch(probe, check, index))
        status = be_short(answer, ENOMEM);
    if (status == FLOW_WAITING)
        probe->progress_ns = candidate->started_ns;
    else
        stop(probe, check, candidate);
    return status;
}

int64_t flow_ask(struct probe *probe, struct check *check, size_t index)
{
    struct candidate *candidate = &check->candidates.items[index];
    struct flow_answer answer;
    int64_t now_ns = probe->os->now_ns(probe->os->self);
    check_asking(check, index, now_ns);
    if (!check->is_paid)
        token_bucket_take(&probe->rate, now_ns);
    check->is_paid = false;
    trace_candidate(probe, check, index, TRACE_TRYING);
    candidate->flow.number = ++probe->flows;
    candidate->flow.sent = 0;
    flow_answer_init(&answer);
    const struct flow_context context = context_of(probe, check, candidate, now_ns);
    enum flow_status status = start(probe, check, index, &context, &answer);
    now_ns = probe->os->now_ns(probe->os->self);
    if (status == FLOW_SHORT)
        tell_shortage(probe, check, index, &answer.outcome, now_ns);
    else if (status == FLOW_DONE)
        tell_answer(probe, check, index, &answer, now_ns);
    return now_ns;
}

/* Do what the protocol says of what has come; `message` as in struct flow_context. */
static void advance(struct probe *probe, struct check *check, size_t index,
                    const struct lane_message *message, int64_t now_ns)
{
    struct candidate *candidate = &check->candidates.items[index];
    struct flow *flow = &candidate->flow;
    struct flow_answer answer;
    struct flow_context context = context_of(probe, check, candidate, now_ns);
    unsigned sent = flow->sent;
    context.message = message;
    if (now_ns >= check->race.deadline_ns)
        flow->wake_ns = NEVER_NS; /* what is sent from here on can have no answer */
    flow_answer_init(&answer);
    enum flow_status status = protocol_for(probe, check)->advance(flow, &context, &answer);
    if (sent < flow->sent)
        trace_candidate(probe, check, index, TRACE_RESENT);
    for (; sent < flow->sent; sent++)
        token_bucket_take(&probe->rate, now_ns);
    switch (status) {
    case FLOW_DONE:
        tell_answer(probe, check, index, &answer, now_ns);
        break;
    case FLOW_HELD:
        tell_held(probe, check, index, &answer, now_ns);
        break;
    case FLOW_AGAIN:
        stop(probe, check, candidate);
        check_voided(check, index);
        trace_candidate(probe, check, index, TRACE_AGAIN);
        break;
    case FLOW_SIGN:
    case FLOW_WAITING:
    case FLOW_SHORT:
    case FLOW_VOID:
        if (status == FLOW_SIGN)
            trace_candidate(probe, check, index, TRACE_PROXIED);
        if (flow->fd >= 0 &&
            sockets_await(&probe->sockets, flow->fd, flow->events) != ERROR_NONE)
            probe->is_out_of_memory = true;
        break;
    }
}

/* Lanes */

/* The lane is of no use any more: all flows on it end for that reason. */
static void break_lane(struct probe *probe, struct open_lane *open,
                       const struct outcome *outcome, int64_t now_ns)
{
    struct flow_answer answer;
    flow_answer_init(&answer);
    answer.outcome = *outcome;
    for (size_t i = 0; i < open->count; i++) {
        const struct lane_user user = open->users[i];
        if (user.key == 0)
            continue;
        tell_answer(probe, user.check, user.candidate, &answer, now_ns);
        queue_wake(probe, user.check);
    }
    close_lane(probe, open);
}

static void hear_message(struct probe *probe, const struct open_lane *open,
                         const struct lane_message *message, int64_t now_ns)
{
    const struct lane_user *user = message->is_key_cut
                                       ? lanes_user_ending(open, (uint16_t)message->key)
                                       : lanes_user(open, message->key);
    if (user == NULL || check_is_decided(user->check))
        return;
    struct check *check = user->check;
    advance(probe, check, user->candidate, message, now_ns);
    queue_wake(probe, check);
}

/* How far a lane is read. */
struct reading {
    size_t most;      /* messages */
    int64_t until_ns; /* that came until then; NEVER_NS: any */
};

/* LANE_MESSAGE: there may be more. After BROKEN it is gone. */
static enum lane_status read_lane(struct probe *probe, struct open_lane *open,
                                  const struct reading *reading, int64_t now_ns)
{
    struct lane_message message;
    enum lane_status status = LANE_MESSAGE;
    bool is_later = false;
    for (size_t i = 0; i < reading->most && status == LANE_MESSAGE && !is_later; i++) {
        message = (struct lane_message){.ttl = -1, .path_mtu = -1};
        status = open->protocol->receive(&open->lane, probe->os, &message);
        if (status == LANE_MESSAGE)
            hear_message(probe, open, &message, now_ns);
        /* One comes behind the other: all that had come by then was read before. */
        is_later = message.is_stamped && message.received_ns > reading->until_ns;
    }
    if (status == LANE_EMPTY)
        open->read_ns = now_ns;
    if (status == LANE_BROKEN)
        break_lane(probe, open, &message.outcome, now_ns);
    return status;
}

void flow_hear_lane(struct probe *probe, struct open_lane *lane, int64_t now_ns)
{
    const struct reading reading = {.most = LANE_BURST, .until_ns = NEVER_NS};
    (void)read_lane(probe, lane, &reading, now_ns);
}

/*
 * Is the answer of a flow among what has come by its time? That is looked at once for all flows
 * whose time has come. False: it is, and the flow is over.
 */
static bool look_at_lane(struct probe *probe, const struct flow *flow, int64_t time_ns,
                         int64_t now_ns)
{
    struct open_lane *open = lanes_of(flow->lane);
    const struct reading reading = {.most = LANE_BACKLOG, .until_ns = now_ns};
    if (open->read_ns < time_ns && read_lane(probe, open, &reading, now_ns) == LANE_MESSAGE)
        open->read_ns = now_ns;
    return flow->lane != NULL;
}

/* A select() that was interrupted, perhaps after a long stop, did not say what has come. */
void flow_hear(struct probe *probe, struct check *check, size_t index, int64_t now_ns)
{
    const struct flow *flow = &check->candidates.items[index].flow;
    if (flow->lane == NULL || look_at_lane(probe, flow, flow->wake_ns, now_ns))
        advance(probe, check, index, NULL, now_ns);
}

void flow_expire(struct probe *probe, struct check *check, size_t index, int64_t now_ns)
{
    struct candidate *candidate = &check->candidates.items[index];
    struct flow *flow = &candidate->flow;
    struct flow_answer answer;
    struct flow_context context = context_of(probe, check, candidate, now_ns);
    context.is_quiet = probe->selected_ns >= check->race.deadline_ns;
    if (flow->lane != NULL) {
        if (!look_at_lane(probe, flow, check->race.deadline_ns, now_ns))
            return;
        context.is_quiet = true;
    }
    flow_answer_init(&answer);
    bool is_shared = flow->lane != NULL;
    enum flow_status status = protocol_for(probe, check)->expire(flow, &context, &answer);
    if (status == FLOW_HELD) {
        tell_held(probe, check, index, &answer, now_ns);
        return;
    }
    if (status == FLOW_VOID)
        check_lost(check, is_shared);
    tell_answer(probe, check, index, &answer, now_ns);
}
