#include "toy.h"

#include "netcheck/base/base.h"
#include "world.h"

/* Since the first datagram. */
static const int64_t resend_ns[] = {1 * NS_PER_S, 3 * NS_PER_S};

static void learn(struct flow_answer *answer, const struct outcome *outcome)
{
    flow_answer_init(answer);
    answer->outcome = *outcome;
}

/* What this machine says. */
static enum flow_status refuse(struct flow_answer *answer, struct outcome outcome, int error)
{
    outcome.error = error;
    learn(answer, &outcome);
    return outcome_is_shortage(error, AF_UNSPEC) ? FLOW_SHORT : FLOW_DONE;
}

static struct outcome judge(const struct datagram *datagram)
{
    return datagram->error != 0 ? outcome_of_error(datagram->error)
                                : outcome_of(REASON_CONNECTED);
}

/* Send a datagram, and wait for the time of the next one. */
static int ask(struct flow *flow, const struct flow_context *context)
{
    size_t resends = 0;
    if (flow->wake_ns != NEVER_NS)
        while (resends < ARRAY_LEN(resend_ns) &&
               flow->started_ns + resend_ns[resends] <= flow->wake_ns)
            resends++;
    flow->wake_ns =
        resends < ARRAY_LEN(resend_ns) ? flow->started_ns + resend_ns[resends] : NEVER_NS;
    flow->sent++;
    return world_send(context->os->self, flow->lane->fd, context->address, flow->key,
                      (unsigned)resends + 1);
}

static enum flow_status open_lane(struct lane *lane, const struct flow_context *context,
                                  struct flow_answer *answer)
{
    const struct world *world = context->os->self;
    int error = context->os->open(context->os->self, OS_ECHO, lane->family, &lane->fd);
    lane->room = world->lane_room > 0 ? world->lane_room : SIZE_MAX;
    lane->is_only = world->lane_is_only;
    return error == 0 ? FLOW_WAITING : refuse(answer, outcome_of(REASON_LOCAL), error);
}

static enum lane_status receive(struct lane *lane, const struct os *os,
                                struct lane_message *message)
{
    struct datagram datagram;
    if (!world_receive(os->self, lane->fd, &datagram))
        return LANE_EMPTY;
    message->key = datagram.key;
    message->sender = datagram.sender;
    message->received_ns = datagram.at_ns;
    message->is_stamped = true;
    message->outcome = judge(&datagram);
    if (datagram.is_void)
        message->outcome.remark = REMARK_SELF_CONNECT;
    if (datagram.is_end)
        message->outcome.reason = REASON_LOCAL;
    return datagram.is_end ? LANE_BROKEN : LANE_MESSAGE;
}

static void close_lane(struct lane *lane, const struct os *os)
{
    os->close(os->self, lane->fd);
}

static enum flow_status start(struct flow *flow, const struct flow_context *context,
                              struct flow_answer *answer)
{
    flow->started_ns = context->now_ns;
    int error = ask(flow, context);
    if (error == 0)
        return FLOW_WAITING;
    flow->wake_ns = NEVER_NS;
    return refuse(answer, outcome_of_error(error), error);
}

static enum flow_status advance(struct flow *flow, const struct flow_context *context,
                                struct flow_answer *answer)
{
    const struct lane_message *message = context->message;
    if (message == NULL)
        (void)ask(flow, context);
    if (message == NULL || !address_equals(&message->sender, context->address))
        return FLOW_WAITING;
    learn(answer, &message->outcome);
    answer->measures.sent = (int)flow->sent;
    return message->outcome.remark == REMARK_SELF_CONNECT ? FLOW_AGAIN : FLOW_DONE;
}

static enum flow_status expire(struct flow *flow, const struct flow_context *context,
                               struct flow_answer *answer)
{
    const struct outcome outcome = outcome_of(REASON_TIMEOUT);
    (void)flow;
    (void)context;
    learn(answer, &outcome);
    return FLOW_DONE;
}

static void stop(struct flow *flow, const struct os *os)
{
    (void)os;
    flow->wake_ns = NEVER_NS;
}

#define ON_LANES                                                                            \
    {                                                                                       \
        .transport = OS_ECHO, .start = start, .advance = advance, .expire = expire,         \
        .stop = stop, .open_lane = open_lane, .receive = receive, .close_lane = close_lane, \
    }

static const struct protocol protocol_lane = ON_LANES;
static const struct protocol protocol_other_lane = ON_LANES;

const struct protocol *const toy_protocols[PROTOCOL_TOY_COUNT] = {
    [PROTOCOL_TCP] = &protocol_tcp,
    [PROTOCOL_UDP] = &protocol_udp,
    [PROTOCOL_LANE] = &protocol_lane,
    [PROTOCOL_OTHER_LANE] = &protocol_other_lane,
};
