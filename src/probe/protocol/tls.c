/*
 * tls: tcp.c's handshake, then whether TLS answers: one question on the connection, and a look
 * at the first bytes that come back. Nothing follows it but the end of the connection.
 */
#include "netcheck/probe/protocol.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/probe/question.h"

/* A wake-up without news, or a question that the system does not take now: look again then. */
static const int64_t pause_ns = 10 * NS_PER_MS;

/* Some send what they say in pieces; a line of it tells more than its first byte. */
static const int64_t quote_ns = 100 * NS_PER_MS;

/* A name has 253 bytes at most, a final dot and a terminator. */
enum { SERVER_NAME_SIZE = 256 };

static enum flow_status await(struct flow *flow, unsigned events, int64_t wake_ns)
{
    flow->events = events;
    flow->wake_ns = wake_ns;
    return FLOW_WAITING;
}

/* The question */

/* What a server is to show its certificate for, without the dot of the root: the name that was
   asked for, or the one that --server-name gives. NULL for an address. */
static const char *find_name(const struct flow_context *context,
                             char name[static SERVER_NAME_SIZE])
{
    const struct target *target = context->endpoint->target;
    const char *given = context->ask->server_name;
    if (given == NULL && target->kind == TARGET_NAME)
        given = target->host;
    if (given == NULL)
        return NULL;
    size_t len = strlen(given);
    assert(len < SERVER_NAME_SIZE);
    if (len > 0 && given[len - 1] == '.')
        len--;
    memcpy(name, given, len);
    name[len] = '\0';
    return name;
}

static const struct question *question_of(const struct flow_context *context)
{
    return question_find(context->endpoint->protocol, context->endpoint->port);
}

/* Send what is left of the question. The errno of send() where not all of it could go out. */
static int send_rest(struct flow *flow, const struct flow_context *context)
{
    struct tls_flow *tls = &flow->state.tls;
    unsigned char bytes[QUESTION_SIZE];
    char name[SERVER_NAME_SIZE];
    struct question_input input = {.name = find_name(context, name)};
    int error = 0;
    flow_cookie(flow, context, input.cookie);
    size_t len = question_of(context)->build(bytes, &input);
    while (tls->sent < len && error == 0) {
        struct os_outgoing outgoing = {.bytes = bytes + tls->sent, .len = len - tls->sent};
        error = context->os->send(context->os->self, flow->fd, &outgoing);
        tls->sent += outgoing.taken;
    }
    return error;
}

/* A connection that is broken may still have something to be read. */
static enum flow_status ask(struct flow *flow, const struct flow_context *context)
{
    int error = send_rest(flow, context);
    if (error == EAGAIN || error == EWOULDBLOCK)
        return await(flow, FLOW_WRITABLE, NEVER_NS);
    if (error != 0 && !outcome_is_reset(error))
        return await(flow, 0, context->now_ns + pause_ns);
    flow->state.tls.stage = TLS_LISTENING;
    return await(flow, FLOW_READABLE, NEVER_NS);
}

/* Answers */

/* answer->outcome is what was learned of the question: add the rest. */
static enum flow_status complete(const struct flow *flow, struct flow_answer *answer)
{
    const struct tls_flow *tls = &flow->state.tls;
    answer->syn_retransmits = tls->syn_retransmits;
    answer->round_trip_ns = -1;
    answer->asked_after_ns = tls->asked_ns - flow->started_ns;
    answer->measures.handshake_ns = tls->handshake_ns;
    answer->measures.is_reply = tls->stage != TLS_CONNECTING;
    answer->measures.is_proxied = tls->tcp.proxied_ns != NEVER_NS;
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
    const struct stream *stream = &flow->state.tls.answer;
    if (answer->measures.reply == NULL && stream->len > 0)
        answer->measures.reply = reply_new();
    if (answer->measures.reply != NULL)
        reply_keep(answer->measures.reply, stream->bytes, stream->len);
}

/* The other side ended the connection, and what came before was no answer. */
static enum flow_status be_closed(const struct flow *flow, struct flow_answer *answer,
                                  int error)
{
    answer->outcome = outcome_of(REASON_CLOSED);
    answer->outcome.error = error;
    keep_reply(flow, answer);
    return complete(flow, answer);
}

/* The judge's verdict of what has come; with REPLIED and MISMATCHED the answer has the reply.
 */
static enum question_verdict judge(const struct flow *flow, const struct flow_context *context,
                                   bool is_end, struct flow_answer *answer)
{
    const struct stream *stream = &flow->state.tls.answer;
    const struct answer_bytes bytes = {stream->bytes, stream->len, is_end};
    struct question_input input = {.name = NULL};
    keep_reply(flow, answer);
    if (answer->measures.reply == NULL)
        return QUESTION_MORE;
    flow_cookie(flow, context, input.cookie);
    enum question_verdict verdict =
        question_of(context)->judge(&bytes, &input, answer->measures.reply);
    if (verdict == QUESTION_MORE) {
        reply_drop(answer->measures.reply);
        answer->measures.reply = NULL;
    } else {
        answer->outcome =
            outcome_of(verdict == QUESTION_REPLIED ? REASON_REPLIED : REASON_MISMATCHED);
        answer->idle_ns = context->now_ns - flow->state.tls.heard_ns;
    }
    return verdict;
}

/* Whether more of an answer that is none would tell more. */
static bool is_worth_quoting(const struct stream *stream)
{
    return stream->len < REPLY_KEPT && memchr(stream->bytes, '\n', stream->len) == NULL;
}

/* Something else than TLS answered: wait a little for the rest of its line. */
static enum flow_status quote(struct flow *flow, const struct flow_context *context,
                              bool is_end, struct flow_answer *answer)
{
    struct tls_flow *tls = &flow->state.tls;
    if (is_end || tls->stage == TLS_QUOTING || !is_worth_quoting(&tls->answer))
        return complete(flow, answer);
    reply_drop(answer->measures.reply);
    answer->measures.reply = NULL;
    tls->stage = TLS_QUOTING;
    return await(flow, 0, context->now_ns + quote_ns);
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
    struct stream *stream = &flow->state.tls.answer;
    size_t before = stream->len;
    int error = 0;
    enum stream_status status = stream_read(stream, context->os, flow->fd, &error);
    if (stream->len > before)
        flow->state.tls.heard_ns = context->now_ns;
    bool is_broken = status == STREAM_BROKEN && (outcome_is_reset(error) || error == ETIMEDOUT);
    bool is_end = is_broken || status == STREAM_ENDED || status == STREAM_FULL;
    if (status == STREAM_BROKEN && error == ENOMEM)
        return end_with_error(flow, answer, error);
    switch (stream->len > 0 ? judge(flow, context, is_end || is_last, answer) : QUESTION_MORE) {
    case QUESTION_REPLIED:
        return complete(flow, answer);
    case QUESTION_MISMATCHED:
        return quote(flow, context, is_end || is_last, answer);
    case QUESTION_MORE:
        break;
    }
    if (error == ETIMEDOUT)
        return end_with_error(flow, answer, error);
    if (is_end)
        return be_closed(flow, answer, is_broken ? error : 0);
    return stream->len > before ? await(flow, FLOW_READABLE, NEVER_NS)
                                : pause_flow(flow, context);
}

/* The handshake */

/* tcp.c's answer, that the handshake is done: keep what it tells, and go on. */
static enum flow_status begin_asking(struct flow *flow, const struct flow_context *context,
                                     struct flow_answer *answer)
{
    struct tls_flow *tls = &flow->state.tls;
    int64_t found_ns = context->now_ns - flow->started_ns;
    tls->handshake_ns = flow_latency_ns(found_ns, answer->round_trip_ns);
    tls->syn_retransmits = answer->syn_retransmits;
    tls->asked_ns = context->now_ns;
    if (answer->outcome.remark == REMARK_RESET) {
        answer->outcome.reason = REASON_CLOSED;
        return complete(flow, answer);
    }
    answer->outcome = outcome_of(REASON_TIMEOUT);
    tls->stage = TLS_ASKING;
    return ask(flow, context);
}

static enum flow_status tls_start(struct flow *flow, const struct flow_context *context,
                                  struct flow_answer *answer)
{
    flow->state.tls.stage = TLS_CONNECTING;
    flow->state.tls.sent = 0;
    return protocol_tcp.start(flow, context, answer);
}

static enum flow_status tls_advance(struct flow *flow, const struct flow_context *context,
                                    struct flow_answer *answer)
{
    enum flow_status status = FLOW_WAITING;
    switch (flow->state.tls.stage) {
    case TLS_CONNECTING:
        status = protocol_tcp.advance(flow, context, answer);
        if (status == FLOW_DONE && answer->outcome.reason == REASON_CONNECTED)
            status = begin_asking(flow, context, answer);
        break;
    case TLS_ASKING:
        status = ask(flow, context);
        break;
    case TLS_LISTENING:
    case TLS_QUOTING:
        status = hear(flow, context, false, answer);
        break;
    }
    return status;
}

static enum flow_status tls_expire(struct flow *flow, const struct flow_context *context,
                                   struct flow_answer *answer)
{
    struct tls_flow *tls = &flow->state.tls;
    if (tls->stage == TLS_CONNECTING) {
        (void)protocol_tcp.expire(flow, context, answer);
        /* There is no time left to ask. */
        if (answer->outcome.reason == REASON_CONNECTED)
            answer->outcome = outcome_of(REASON_TIMEOUT);
        return FLOW_DONE;
    }
    if (hear(flow, context, true, answer) == FLOW_DONE)
        return FLOW_DONE;
    answer->outcome = outcome_of_remark(REASON_TIMEOUT, REMARK_TLS_SILENT);
    keep_reply(flow, answer);
    return complete(flow, answer);
}

static void tls_stop(struct flow *flow, const struct os *os)
{
    stream_release(&flow->state.tls.answer);
    protocol_tcp.stop(flow, os);
}

const struct protocol protocol_tls = {
    .transport = OS_TCP,
    .start = tls_start,
    .advance = tls_advance,
    .expire = tls_expire,
    .stop = tls_stop,
};
