#include "talk.h"

#include <errno.h>
#include <string.h>

#include "handshake.h"
#include "hold.h"
#include "inquiry.h"
#include "netcheck/base/base.h"

/* A wake-up without news, or a question that the system does not take now: look again then. */
static const int64_t pause_ns = 10 * NS_PER_MS;

/* An answer that is longer, and still none, is looked at only so often: a judge reads it all
   again each time, and it may come a byte at a time. */
enum { SHORT_ANSWER = 4096 };
static const int64_t long_answer_ns = 10 * NS_PER_MS;

/* Some send what they say in pieces; a line of it tells more than its first byte. */
static const int64_t quote_ns = 100 * NS_PER_MS;

static enum flow_status await(struct flow *flow, unsigned events, int64_t wake_ns)
{
    flow->events = events;
    flow->wake_ns = wake_ns;
    return FLOW_WAITING;
}

/* The question */

/* Send what is left of the question. The errno of send() where not all of it could go out. */
static int send_rest(struct flow *flow, const struct flow_context *context)
{
    struct talk_flow *talk = &flow->state.talk;
    unsigned char room[QUESTION_SIZE];
    const unsigned char *bytes = NULL;
    struct inquiry inquiry;
    int error = 0;
    inquiry_init(&inquiry, flow, context);
    size_t len = inquiry_build(&inquiry, room, &bytes);
    while (talk->sent < len && error == 0) {
        struct os_outgoing outgoing = {.bytes = bytes + talk->sent, .len = len - talk->sent};
        error = context->os->send(context->os->self, flow->fd, &outgoing);
        talk->sent += outgoing.taken;
    }
    return error;
}

/* Servers complain of a client that is gone without a word. */
static void take_leave(const struct flow *flow, const struct flow_context *context)
{
    const struct question *question = question_choose(context->endpoint, context->ask);
    if (question == NULL || question->farewell == NULL)
        return;
    struct os_outgoing outgoing = {.bytes = (const unsigned char *)question->farewell,
                                   .len = question->farewell_len};
    if (outgoing.len == 0)
        outgoing.len = strlen(question->farewell);
    (void)context->os->send(context->os->self, flow->fd, &outgoing); /* nothing depends on it */
}

/* A connection that is broken may still have something to be read. */
static enum flow_status ask(struct flow *flow, const struct flow_context *context)
{
    int error = send_rest(flow, context);
    if (error == EAGAIN || error == EWOULDBLOCK)
        return await(flow, FLOW_READABLE | FLOW_WRITABLE, NEVER_NS);
    if (error != 0 && !outcome_is_reset(error))
        return await(flow, 0, context->now_ns + pause_ns);
    flow->state.talk.stage = TALK_LISTENING;
    return await(flow, FLOW_READABLE, NEVER_NS);
}

/* Answers */

/* answer->outcome is what was learned of the question: add the rest. */
static enum flow_status complete(const struct flow *flow, struct flow_answer *answer)
{
    const struct talk_flow *talk = &flow->state.talk;
    answer->syn_retransmits = talk->syn_retransmits;
    answer->round_trip_ns = -1;
    answer->asked_after_ns = talk->asked_ns - flow->started_ns;
    answer->measures.handshake_ns = talk->handshake_ns;
    answer->measures.is_reply = talk->stage != TALK_CONNECTING;
    answer->measures.is_proxied = talk->tcp.proxied_ns != NEVER_NS;
    return FLOW_DONE;
}

static enum flow_status end_with_error(const struct flow *flow, struct flow_answer *answer,
                                       int error)
{
    answer->outcome = outcome_of_error(error);
    return complete(flow, answer);
}

/* The bytes that came, as a reply. Without memory the answer has none. */
static void keep_reply(const struct flow *flow, struct flow_answer *answer)
{
    const struct stream *stream = &flow->state.talk.answer;
    if (answer->measures.reply == NULL && stream->len > 0)
        answer->measures.reply = reply_new();
    if (answer->measures.reply != NULL)
        reply_keep(answer->measures.reply, stream->bytes, stream->len);
}

static bool is_of_tls(const struct flow_context *context)
{
    return question_choose(context->endpoint, context->ask) == &question_tls;
}

/* Nothing more comes, and the judge knows nothing of what came: it is no answer. That of TLS is
   not to be taken for something else as long as it may be one. */
static bool is_mismatched(const struct flow *flow, const struct flow_context *context)
{
    return flow->state.talk.answer.len > 0 && !is_of_tls(context);
}

static enum flow_status be_mismatched(const struct flow *flow,
                                      const struct flow_context *context,
                                      struct flow_answer *answer)
{
    answer->outcome = outcome_of(REASON_MISMATCHED);
    answer->idle_ns = context->now_ns - flow->state.talk.heard_ns;
    keep_reply(flow, answer);
    return complete(flow, answer);
}

/* The other side ended the connection before it gave an answer. */
static enum flow_status be_closed(const struct flow *flow, const struct flow_context *context,
                                  int error, struct flow_answer *answer)
{
    answer->outcome = outcome_of(REASON_CLOSED);
    answer->outcome.error = error;
    answer->measures.closed_after_ns = hold_closed_after_ns(flow, context->now_ns);
    keep_reply(flow, answer);
    return complete(flow, answer);
}

/* The service said what it has to say. */
static enum flow_status be_answered(struct flow *flow, const struct flow_context *context,
                                    struct flow_answer *answer)
{
    enum flow_status status = complete(flow, answer);
    if (hold_is_wanted(context, &answer->outcome))
        return hold_begin(flow, context);
    take_leave(flow, context);
    return status;
}

/* The judge's verdict of what has come, which with MORE leaves the answer as it was. */
static enum question_verdict judge(const struct flow *flow, const struct flow_context *context,
                                   bool is_end, struct flow_answer *answer)
{
    const struct stream *stream = &flow->state.talk.answer;
    const struct answer_bytes bytes = {stream->bytes, stream->len, is_end};
    struct inquiry inquiry;
    inquiry_init(&inquiry, flow, context);
    enum question_verdict verdict = inquiry_judge(&inquiry, &bytes, answer);
    if (verdict != QUESTION_MORE)
        answer->idle_ns = context->now_ns - flow->state.talk.heard_ns;
    return verdict;
}

/* Whether more of an answer that is none would tell more. */
static bool is_worth_quoting(const struct stream *stream)
{
    return stream->len < REPLY_KEPT && memchr(stream->bytes, '\n', stream->len) == NULL;
}

/* Forget the verdict, and judge again after a moment what has come by then. */
static enum flow_status listen_on(struct flow *flow, const struct flow_context *context,
                                  struct flow_answer *answer)
{
    reply_drop(answer->measures.reply);
    answer->measures.reply = NULL;
    flow->state.talk.stage = TALK_QUOTING;
    return await(flow, 0, context->now_ns + quote_ns);
}

/* Whether an error may still follow what says that the service serves. */
static bool is_provisional(const struct flow *flow, const struct flow_context *context)
{
    return question_choose(context->endpoint, context->ask)->is_provisional &&
           flow->state.talk.stage != TALK_QUOTING;
}

/* What came is shown as it is: wait a little for the rest of its line. */
static enum flow_status quote(struct flow *flow, const struct flow_context *context,
                              bool is_end, struct flow_answer *answer)
{
    struct talk_flow *talk = &flow->state.talk;
    bool is_up = outcome_state(&answer->outcome) == STATE_UP;
    if (is_end || talk->stage == TALK_QUOTING || !is_worth_quoting(&talk->answer))
        return is_up ? be_answered(flow, context, answer) : complete(flow, answer);
    return listen_on(flow, context, answer);
}

/* Whether any answer will do, of which nothing is known. */
static bool is_quoted(const struct flow_answer *answer)
{
    const struct reply *reply = answer->measures.reply;
    return answer->outcome.reason == REASON_REPLIED && reply != NULL && reply->is_quoted;
}

/* What came is no answer yet. */
static enum flow_status await_more(struct flow *flow, const struct flow_context *context)
{
    if (flow->state.talk.answer.len > SHORT_ANSWER)
        return await(flow, 0, context->now_ns + long_answer_ns);
    return await(flow, FLOW_READABLE, NEVER_NS);
}

/* Nothing came, although something was to be there. The report of an ICMP error wakes select()
   until it is taken, and the connection goes on. */
static enum flow_status pause_flow(struct flow *flow, const struct flow_context *context)
{
    struct icmp icmp;
    bool was_paused = flow->events == 0;
    if (was_paused)
        return await(flow, FLOW_READABLE, NEVER_NS);
    (void)context->os->take_icmp(context->os->self, flow->fd, &icmp);
    return await(flow, 0, context->now_ns + pause_ns);
}

/* Read and judge. is_last: there will be no other look. */
static enum flow_status hear(struct flow *flow, const struct flow_context *context,
                             bool is_last, struct flow_answer *answer)
{
    struct stream *stream = &flow->state.talk.answer;
    size_t before = stream->len;
    int error = 0;
    enum stream_status status = stream_read(stream, context->os, flow->fd, &error);
    if (stream->len > before && flow->state.talk.stage != TALK_QUOTING)
        flow->state.talk.heard_ns = context->now_ns;
    bool is_broken = status == STREAM_BROKEN && (outcome_is_reset(error) || error == ETIMEDOUT);
    bool is_end = is_broken || status == STREAM_ENDED || status == STREAM_FULL;
    if (status == STREAM_BROKEN && error == ENOMEM)
        return end_with_error(flow, answer, error);
    switch (stream->len > 0 ? judge(flow, context, is_end || is_last, answer) : QUESTION_MORE) {
    case QUESTION_READY:
        if (!is_end && !is_last && is_provisional(flow, context))
            return listen_on(flow, context, answer);
        if (is_quoted(answer))
            return quote(flow, context, is_end || is_last, answer);
        return be_answered(flow, context, answer);
    case QUESTION_NOT_READY:
        return be_answered(flow, context, answer);
    case QUESTION_MISMATCHED:
        return quote(flow, context, is_end || is_last, answer);
    case QUESTION_MORE:
        break;
    }
    if (error == ETIMEDOUT)
        return end_with_error(flow, answer, error);
    if ((is_end || is_last) && is_mismatched(flow, context))
        return be_mismatched(flow, context, answer);
    if (is_end)
        return be_closed(flow, context, is_broken ? error : 0, answer);
    return stream->len > before ? await_more(flow, context) : pause_flow(flow, context);
}

/* The other side does not take the question: it may have its answer without, or be gone. */
static enum flow_status ask_and_hear(struct flow *flow, const struct flow_context *context,
                                     struct flow_answer *answer)
{
    const struct talk_flow *talk = &flow->state.talk;
    unsigned events = flow->events;
    size_t sent = talk->sent;
    size_t heard = talk->answer.len;
    enum flow_status status = ask(flow, context);
    if (talk->stage != TALK_ASKING || flow->events == 0)
        return status;
    flow->events = events;
    status = hear(flow, context, false, answer);
    if (status != FLOW_WAITING || talk->stage != TALK_ASKING)
        return status;
    if (talk->sent > sent && talk->answer.len == heard)
        return await(flow, FLOW_READABLE | FLOW_WRITABLE, NEVER_NS);
    flow->events |= flow->events != 0 ? FLOW_WRITABLE : 0;
    return status;
}

/* The handshake */

static bool is_asked(const struct flow_context *context)
{
    return question_choose(context->endpoint, context->ask) != NULL;
}

/* The handshake is done: keep what its answer tells, and go on where there is more to do. */
static enum flow_status go_on(struct flow *flow, const struct flow_context *context,
                              struct flow_answer *answer)
{
    if (!is_asked(context) && !hold_is_wanted(context, &answer->outcome))
        return FLOW_DONE;
    struct talk_flow *talk = &flow->state.talk;
    int64_t found_ns = context->now_ns - flow->started_ns;
    talk->handshake_ns = flow_latency_ns(found_ns, answer->round_trip_ns);
    talk->syn_retransmits = answer->syn_retransmits;
    talk->asked_ns = context->now_ns;
    if (answer->outcome.remark == REMARK_RESET) {
        answer->outcome.reason = REASON_CLOSED;
        answer->measures.closed_after_ns = hold_closed_after_ns(flow, context->now_ns);
        return is_asked(context) ? complete(flow, answer) : FLOW_DONE;
    }
    if (!is_asked(context))
        return hold_begin(flow, context);
    answer->outcome = outcome_of(REASON_TIMEOUT);
    talk->stage = TALK_ASKING;
    return ask(flow, context);
}

enum flow_status talk_start(struct flow *flow, const struct flow_context *context,
                            struct flow_answer *answer)
{
    flow->state.talk.stage = TALK_CONNECTING;
    flow->state.talk.sent = 0;
    flow->state.talk.said = NULL;
    return handshake_start(flow, context, answer);
}

enum flow_status talk_advance(struct flow *flow, const struct flow_context *context,
                              struct flow_answer *answer)
{
    enum flow_status status = FLOW_WAITING;
    switch (flow->state.talk.stage) {
    case TALK_CONNECTING:
        status = handshake_advance(flow, context, answer);
        if (status == FLOW_DONE && answer->outcome.reason == REASON_CONNECTED)
            status = go_on(flow, context, answer);
        break;
    case TALK_ASKING:
        status = ask_and_hear(flow, context, answer);
        break;
    case TALK_LISTENING:
    case TALK_QUOTING:
        status = hear(flow, context, false, answer);
        break;
    case TALK_HOLDING:
        status = hold_advance(flow, context, answer);
        if (status == FLOW_DONE && outcome_state(&answer->outcome) == STATE_UP)
            take_leave(flow, context);
        break;
    }
    return status;
}

static enum flow_status expire_handshake(struct flow *flow, const struct flow_context *context,
                                         struct flow_answer *answer)
{
    enum flow_status status = handshake_expire(flow, context, answer);
    if (answer->outcome.reason != REASON_CONNECTED)
        return status;
    if (!is_asked(context))
        return go_on(flow, context, answer);
    /* There is no time left to ask. */
    answer->outcome = outcome_of(REASON_TIMEOUT);
    return status;
}

enum flow_status talk_expire(struct flow *flow, const struct flow_context *context,
                             struct flow_answer *answer)
{
    struct talk_flow *talk = &flow->state.talk;
    if (talk->stage == TALK_CONNECTING)
        return expire_handshake(flow, context, answer);
    if (talk->stage == TALK_HOLDING)
        return hold_expire(flow, context, answer);
    enum flow_status status = hear(flow, context, true, answer);
    if (status == FLOW_DONE || status == FLOW_HELD)
        return status;
    answer->outcome = outcome_of_remark(REASON_TIMEOUT,
                                        is_of_tls(context) ? REMARK_TLS_SILENT : REMARK_SILENT);
    keep_reply(flow, answer);
    return complete(flow, answer);
}

void talk_stop(struct flow *flow, const struct os *os)
{
    stream_release(&flow->state.talk.answer);
    hold_release(flow);
    handshake_stop(flow, os);
}
