#include "hold.h"

#include <errno.h>
#include <string.h>

#include "inquiry.h"
#include "netcheck/base/base.h"

enum {
    READ_SIZE = 32 * 1024,
    /* Reads of the last look: more than a receive buffer holds, of 6 MiB by default. */
    LAST_READS = 256,
};

/* A server that sends all the time is read so often, which costs little. */
static const int64_t read_pause_ns = 1 * NS_PER_MS;

/* A wake-up without news: look again then. */
static const int64_t pause_ns = 10 * NS_PER_MS;

enum sight { SIGHT_NOTHING, SIGHT_ERROR, SIGHT_BYTES, SIGHT_CLOSED };

static int64_t end_ns(const struct flow *flow, const struct flow_context *context)
{
    int64_t since_ns = flow->state.talk.held_since_ns;
    int64_t hold_ns = context->ask->hold_ns;
    return hold_ns < NEVER_NS - since_ns ? since_ns + hold_ns : NEVER_NS;
}

static enum flow_status await(struct flow *flow, const struct flow_context *context,
                              unsigned events, int64_t wake_ns)
{
    int64_t last_ns = end_ns(flow, context);
    flow->events = events;
    flow->wake_ns = wake_ns < last_ns ? wake_ns : last_ns;
    return FLOW_WAITING;
}

bool hold_is_wanted(const struct flow_context *context, const struct outcome *outcome)
{
    return context->ask->hold_ns > 0 && outcome_state(outcome) == STATE_UP;
}

enum flow_status hold_begin(struct flow *flow, const struct flow_context *context)
{
    struct talk_flow *talk = &flow->state.talk;
    talk->stage = TALK_HOLDING;
    talk->held_since_ns = context->now_ns;
    stream_release(&talk->answer);
    (void)await(flow, context, FLOW_READABLE, NEVER_NS);
    return FLOW_HELD;
}

int64_t hold_closed_after_ns(const struct flow *flow, int64_t now_ns)
{
    return now_ns - flow->started_ns - flow->state.talk.handshake_ns;
}

/* Count what came, where no question was answered before. Without memory it is not known. */
static void keep(struct flow *flow, const struct flow_context *context,
                 const struct os_message *message)
{
    struct talk_flow *talk = &flow->state.talk;
    if (question_choose(context->endpoint, context->ask) != NULL)
        return;
    if (talk->said == NULL)
        talk->said = reply_new();
    if (talk->said != NULL)
        reply_add(talk->said, message->bytes, message->len);
}

/* One read; `error` is the errno of it, or 0. */
static enum sight look(struct flow *flow, const struct flow_context *context, int *error)
{
    unsigned char bytes[READ_SIZE];
    struct os_message message = {.bytes = bytes, .size = sizeof bytes};
    *error = context->os->receive(context->os->self, flow->fd, &message);
    if (*error == EAGAIN || *error == EWOULDBLOCK || *error == EINTR)
        return SIGHT_NOTHING;
    if (*error == 0 && message.len > 0) {
        keep(flow, context, &message);
        return SIGHT_BYTES;
    }
    bool is_end = *error == 0 || outcome_is_reset(*error) || *error == ETIMEDOUT;
    return is_end ? SIGHT_CLOSED : SIGHT_ERROR;
}

static enum flow_status complete(struct flow *flow, const struct flow_context *context,
                                 struct flow_answer *answer)
{
    answer->measures.held_ns = context->now_ns - flow->state.talk.held_since_ns;
    return FLOW_DONE;
}

static enum flow_status be_closed(struct flow *flow, const struct flow_context *context,
                                  int error, struct flow_answer *answer)
{
    struct talk_flow *talk = &flow->state.talk;
    answer->outcome = outcome_of(REASON_CLOSED);
    answer->outcome.error = error;
    answer->measures.closed_after_ns = hold_closed_after_ns(flow, context->now_ns);
    answer->measures.reply = talk->said;
    talk->said = NULL;
    return complete(flow, context, answer);
}

/* The end may lie behind what was sent. True where it does, with its errno. */
static bool is_closed_at_last(struct flow *flow, const struct flow_context *context, int *error)
{
    enum sight sight = SIGHT_BYTES;
    for (int i = 0; i < LAST_READS && sight != SIGHT_NOTHING && sight != SIGHT_CLOSED; i++)
        sight = look(flow, context, error);
    return sight == SIGHT_CLOSED;
}

enum flow_status hold_expire(struct flow *flow, const struct flow_context *context,
                             struct flow_answer *answer)
{
    int error = 0;
    if (is_closed_at_last(flow, context, &error))
        return be_closed(flow, context, error, answer);
    answer->outcome = context->now_ns >= end_ns(flow, context)
                          ? outcome_of(REASON_CONNECTED)
                          : outcome_of_remark(REASON_LOCAL, REMARK_CUT);
    return complete(flow, context, answer);
}

enum flow_status hold_advance(struct flow *flow, const struct flow_context *context,
                              struct flow_answer *answer)
{
    struct icmp icmp;
    int error = 0;
    bool was_paused = flow->events == 0;
    if (context->now_ns >= end_ns(flow, context))
        return hold_expire(flow, context, answer);
    switch (look(flow, context, &error)) {
    case SIGHT_CLOSED:
        return be_closed(flow, context, error, answer);
    case SIGHT_BYTES:
        return await(flow, context, 0, context->now_ns + read_pause_ns);
    case SIGHT_NOTHING:
        if (was_paused)
            return await(flow, context, FLOW_READABLE, NEVER_NS);
        break;
    case SIGHT_ERROR:
        break;
    }
    /* The report of an ICMP error wakes select() until it is taken. */
    (void)context->os->take_icmp(context->os->self, flow->fd, &icmp);
    return await(flow, context, 0, context->now_ns + pause_ns);
}

void hold_release(struct flow *flow)
{
    reply_drop(flow->state.talk.said);
    flow->state.talk.said = NULL;
}
