/*
 * udp: whether a service answers the question that is known for its port.
 *
 * The socket is not connected: one that is would drop what a machine with several addresses
 * sends from another one, and what TFTP sends from another port. So each datagram is held
 * against the address that was asked.
 */
#include "netcheck/probe/protocol.h"

#include <errno.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "inquiry.h"
#include "origin.h"
#include "resend.h"

enum {
    READS_MAX = 64,   /* in one turn, so that a flood does not keep the engine from others */
    LAST_READS = 512, /* at the deadline: more than a receive buffer of 208 KiB holds */
    ECHOES_MAX = 3,
};

/* Send */

/* Send the question, the same each time. 0, or what went wrong. */
static int send_question(struct flow *flow, const struct flow_context *context)
{
    const struct os *os = context->os;
    struct inquiry inquiry;
    unsigned char room[QUESTION_SIZE];
    inquiry_init(&inquiry, flow, context);
    struct os_outgoing outgoing = {.to = context->address};
    outgoing.len = inquiry_build(&inquiry, room, &outgoing.bytes);
    int error = os->send(os->self, flow->fd, &outgoing);
    flow->sent += error == 0;
    flow->wake_ns = resend_next_ns(flow, context);
    return error;
}

/* Receive */

static bool is_asked(const struct address *address, const struct flow_context *context)
{
    return address_equals(address, context->address) &&
           address_port(address) == address_port(context->address);
}

/* Whether the sender may answer for the address that was asked. */
static bool may_answer(const struct question *question, const struct address *sender,
                       const struct flow_context *context)
{
    return is_asked(sender, context) || question->has_cookie ||
           (question->moves_port && address_equals(sender, context->address));
}

/* What the row is to know, whatever the answer is. */
static void fill_measures(const struct flow *flow, struct measures *measures)
{
    measures->sent = (int)flow->sent;
    measures->replies = flow->state.udp.replies;
    measures->is_reply = true;
}

/* Whether the system asks from `address`. The socket is of no more use then: it has to be
   connected for that. */
static bool asks_from(const struct flow *flow, const struct flow_context *context,
                      const struct address *address, struct address *local)
{
    const struct os *os = context->os;
    return os->connect(os->self, flow->fd, context->address) == 0 &&
           os->local(os->self, flow->fd, local) == 0 && address_equals(local, address);
}

static bool is_question(const struct inquiry *inquiry, const struct os_message *message)
{
    unsigned char room[QUESTION_SIZE];
    const unsigned char *bytes = NULL;
    size_t len = inquiry_build(inquiry, room, &bytes);
    return message->len == len && (len == 0 || memcmp(message->bytes, bytes, len) == 0);
}

/*
 * The kernel picks our port. Where no program listens on an address of this machine it can pick
 * the target's port itself, and the question comes back to its own socket; or that port is the
 * one of another flow, which asks ours. So a question that comes back from this machine is void
 * at first, and proves at last only where the port is not our own. WAITING: it is judged as
 * any.
 */
static enum flow_status judge_echo(struct flow *flow, const struct flow_context *context,
                                   const struct inquiry *inquiry,
                                   const struct os_message *message, struct outcome *outcome)
{
    struct address local;
    if (!is_asked(&message->sender, context) || !is_question(inquiry, message) ||
        !asks_from(flow, context, context->address, &local))
        return FLOW_WAITING;
    if (++flow->state.udp.echoes < ECHOES_MAX)
        return FLOW_AGAIN;
    if (address_port(&local) != address_port(context->address))
        return FLOW_WAITING;
    *outcome = outcome_of_remark(REASON_REFUSED, REMARK_SELF_CONNECT);
    return FLOW_DONE;
}

/* Whether the datagram is an answer to the question: then it is DONE, else WAITING or AGAIN. */
static enum flow_status judge_message(struct flow *flow, const struct flow_context *context,
                                      const struct os_message *message,
                                      struct flow_answer *answer)
{
    const struct answer_bytes bytes = {message->bytes, message->len, true};
    struct inquiry inquiry;
    inquiry_init(&inquiry, flow, context);
    bool is_stranger = !is_asked(&message->sender, context);
    flow->state.udp.replies += !is_stranger;
    if (!may_answer(inquiry.question, &message->sender, context))
        return FLOW_WAITING;
    enum flow_status status = judge_echo(flow, context, &inquiry, message, &answer->outcome);
    if (status != FLOW_WAITING)
        return status;
    enum question_verdict verdict = inquiry_judge(&inquiry, &bytes, answer);
    if (verdict == QUESTION_MORE ||
        (verdict == QUESTION_MISMATCHED && inquiry.question->has_cookie)) {
        reply_drop(answer->measures.reply);
        flow_answer_init(answer); /* another one may yet come from a server that read it */
        return FLOW_WAITING;
    }
    flow->state.udp.replies += is_stranger; /* with its cookie it is one that was awaited */
    if (is_stranger && answer->measures.reply != NULL)
        answer->measures.reply->from = message->sender;
    return FLOW_DONE;
}

/*
 * Whether the report is about the question: then it is DONE, else WAITING. An earlier socket
 * may have asked another address from the same port. That a datagram was too large is no end:
 * the system knows by now, and sends the next one in fragments.
 */
static enum flow_status judge_report(const struct flow *flow,
                                     const struct flow_context *context,
                                     const struct os_report *report, struct outcome *outcome)
{
    struct icmp icmp = report->icmp;
    struct address local;
    bool is_other =
        address_family(&report->target) != AF_UNSPEC && !is_asked(&report->target, context);
    if (is_other || report->error == EMSGSIZE)
        return FLOW_WAITING;
    *outcome = outcome_of_error(report->error);
    if (icmp.is_set) {
        icmp.is_own =
            address_is_loopback(&icmp.sender) || asks_from(flow, context, &icmp.sender, &local);
        outcome_add_icmp(outcome, &icmp);
    }
    outcome->is_own = origin_is_own(outcome, context->os->tells_icmp(context->os->self));
    return FLOW_DONE;
}

/* Take what the system has to report. DONE: the question was rejected. */
static enum flow_status take_reports(const struct flow *flow,
                                     const struct flow_context *context,
                                     struct outcome *outcome)
{
    const struct os *os = context->os;
    struct os_report report;
    for (int i = 0; i < READS_MAX && os->take_report(os->self, flow->fd, &report); i++)
        if (judge_report(flow, context, &report, outcome) == FLOW_DONE)
            return FLOW_DONE;
    return FLOW_WAITING;
}

/*
 * receive() failed, or has nothing although it was ready: an error's report may be there before
 * the error. Where the system keeps no reports, the error is all there is.
 */
static enum flow_status judge_error(const struct flow *flow, const struct flow_context *context,
                                    int error, struct outcome *outcome)
{
    const struct os *os = context->os;
    bool is_error = error != EAGAIN && error != EWOULDBLOCK && error != EINTR;
    if (os->tells_icmp(os->self))
        return take_reports(flow, context, outcome);
    if (is_error)
        *outcome = outcome_of_error(error);
    return is_error ? FLOW_DONE : FLOW_WAITING;
}

/* Read what has come, at most so many datagrams. */
static enum flow_status read_all(struct flow *flow, const struct flow_context *context,
                                 int most, struct flow_answer *answer)
{
    const struct os *os = context->os;
    unsigned char room[ANSWER_SIZE];
    enum flow_status status = FLOW_WAITING;
    for (int i = 0; i < most && status == FLOW_WAITING; i++) {
        struct os_message message = {.bytes = room, .size = sizeof room};
        int error = os->receive(os->self, flow->fd, &message);
        if (error == 0) {
            status = judge_message(flow, context, &message, answer);
            continue;
        }
        status = judge_error(flow, context, error, &answer->outcome);
        if (error == EAGAIN || error == EWOULDBLOCK)
            break;
    }
    return status;
}

/* The protocol */

static void udp_stop(struct flow *flow, const struct os *os)
{
    if (flow->fd >= 0)
        os->close(os->self, flow->fd);
    flow->fd = -1;
    flow->events = 0;
    flow->wake_ns = NEVER_NS;
}

static enum flow_status udp_start(struct flow *flow, const struct flow_context *context,
                                  struct flow_answer *answer)
{
    struct outcome *outcome = &answer->outcome;
    flow->started_ns = context->now_ns;
    flow->events = FLOW_READABLE;
    flow->state.udp.replies = 0;
    if (origin_refuse_group(context, outcome))
        return FLOW_DONE;
    enum flow_status status = origin_open(context, OS_UDP, &flow->fd, outcome);
    int error = status == FLOW_WAITING ? send_question(flow, context) : 0;
    /* Nothing left this machine, so that only it can say no: what its firewall may have said by
       ICMP besides EPERM would look like the answer of a port. */
    if (error != 0) {
        status = origin_refuse_datagram(context, error, outcome);
        outcome->is_own = origin_is_own(outcome, true);
    }
    fill_measures(flow, &answer->measures);
    if (status != FLOW_WAITING)
        udp_stop(flow, context->os);
    return status;
}

static enum flow_status udp_advance(struct flow *flow, const struct flow_context *context,
                                    struct flow_answer *answer)
{
    enum flow_status status = read_all(flow, context, READS_MAX, answer);
    /* The first one has left: where another one cannot, its answer is still awaited. */
    if (status == FLOW_WAITING && flow->wake_ns <= context->now_ns)
        (void)send_question(flow, context);
    fill_measures(flow, &answer->measures);
    return status;
}

/* What was lost for want of room in the socket's buffer may have been the answer. */
static enum flow_status udp_expire(struct flow *flow, const struct flow_context *context,
                                   struct flow_answer *answer)
{
    const struct os *os = context->os;
    enum flow_status status = FLOW_WAITING;
    flow->state.udp.echoes = ECHOES_MAX; /* no time is left to ask again */
    if (!context->is_quiet)
        status = read_all(flow, context, LAST_READS, answer);
    fill_measures(flow, &answer->measures);
    bool has_lost = status == FLOW_WAITING && os->lost(os->self, flow->fd) > 0;
    return has_lost ? FLOW_VOID : FLOW_DONE;
}

const struct protocol protocol_udp = {
    .transport = OS_UDP,
    .is_silence_plain = true,
    .start = udp_start,
    .advance = udp_advance,
    .expire = udp_expire,
    .stop = udp_stop,
};
