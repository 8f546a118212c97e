#include "handshake.h"

#include <errno.h>

#include "netcheck/base/base.h"
#include "origin.h"

/* A wake-up without news is followed by pauses of 1, 2, 4, ... 16 ms: at once would spin. */
static const int64_t first_pause_ns = 1 * NS_PER_MS;
static const int64_t last_pause_ns = 16 * NS_PER_MS;

/* Behind a SYN proxy the server's answer is awaited by looking: pauses of an eighth of the time
   it took so far find it early enough, and a thousand of them still cost little. */
enum { PROXIED_SHARE = 8 };
static const int64_t proxied_pause_ns = 100 * NS_PER_MS;

/* The kernel sends a SYN again after a second (RFC 6298): an answer before that was to the
   first. */
static const int64_t resent_ns = 900 * NS_PER_MS;

enum { SELF_CONNECTS_MAX = 3 };

/*
 * The kernel picks our source port. Where no program listens on an address of this machine it
 * can pick the target port itself; the SYN then meets its own socket and both "connect".
 */
static bool is_self_connect(const struct os *os, int fd, const struct address *asked)
{
    struct address local;
    return os->local(os->self, fd, &local) == 0 && address_equals(&local, asked) &&
           address_port(&local) == address_port(asked);
}

/* Add what the kernel kept of the ICMP error behind it, if there is one. */
static void add_icmp(const struct os *os, int fd, struct outcome *outcome)
{
    struct icmp icmp;
    if (!os->take_icmp(os->self, fd, &icmp))
        return;
    struct address local;
    icmp.is_own = os->local(os->self, fd, &local) == 0 && address_equals(&local, &icmp.sender);
    outcome_add_icmp(outcome, &icmp);
}

/* A reset or an ICMP error. */
static void judge_error(const struct os *os, int fd, int error, struct outcome *outcome)
{
    *outcome = outcome_of_error(error);
    /* Only now: reading the queue clears a pending SO_ERROR. */
    if (!outcome_is_reset(error))
        add_icmp(os, fd, outcome);
}

/* A SYN proxy answers for the server, with a window that stays shut until the server itself has
   answered: what that comes to shows later. */
static enum flow_status judge_handshake(bool is_window_shut, struct outcome *outcome)
{
    *outcome = outcome_of(is_window_shut ? REASON_TIMEOUT : REASON_CONNECTED);
    if (is_window_shut)
        outcome->remark = REMARK_PROXY_SILENT;
    return is_window_shut ? FLOW_WAITING : FLOW_DONE;
}

/* The answer to our SYN is a reset without an ICMP error behind it: nothing was connected. */
static bool is_plain_refusal(const struct outcome *outcome)
{
    return outcome->error == ECONNREFUSED && !outcome->icmp.is_set;
}

/*
 * Neither call is a proof by itself: SO_ERROR is also 0 where an ICMP error has woken select()
 * and is not set yet, and where the other side sent a bare SYN; and with IP_RECVERR an ICMP
 * error is set on a connection that goes on.
 */
static enum flow_status look(struct flow *flow, const struct flow_context *context,
                             struct outcome *outcome)
{
    const struct os *os = context->os;
    struct os_connection *connection = &flow->state.talk.tcp.connection;
    *outcome = outcome_of(REASON_TIMEOUT);
    *connection = os_connection_unknown();
    int error = os->take_error(os->self, flow->fd);
    if (error != 0)
        judge_error(os, flow->fd, error, outcome);
    if (is_plain_refusal(outcome))
        return FLOW_DONE;
    os->connection(os->self, flow->fd, connection);
    if (connection->is_established)
        return is_self_connect(os, flow->fd, context->address)
                   ? FLOW_AGAIN
                   : judge_handshake(connection->is_window_shut, outcome);
    if (outcome_is_reset(error))
        *outcome =
            outcome_of_reset(error, connection->is_acknowledged, connection->is_window_shut);
    return error != 0 ? FLOW_DONE : FLOW_WAITING;
}

/* How often the SYN was sent again; asking the kernel costs a call. */
static int count_retransmits(const struct flow *flow, const struct flow_context *context,
                             enum reason reason)
{
    bool is_answer = reason == REASON_CONNECTED || reason == REASON_REFUSED;
    if (is_answer && context->now_ns - flow->started_ns < resent_ns)
        return 0;
    if (!is_answer && reason != REASON_TIMEOUT)
        return -1;
    struct os_connection connection = flow->state.talk.tcp.connection;
    if (connection.syn_retransmits < 0)
        context->os->connection(context->os->self, flow->fd, &connection);
    return connection.syn_retransmits;
}

/* The kernel knows how long a handshake took whose SYN it sent once, and not what came later.
 */
static int64_t round_trip_ns(const struct tcp_flow *tcp, enum reason reason)
{
    bool is_known = reason == REASON_CONNECTED && tcp->connection.syn_retransmits == 0 &&
                    tcp->proxied_ns == NEVER_NS;
    return is_known ? tcp->connection.rtt_ns : -1;
}

/* answer->outcome is what was learned: add the rest. */
static void complete(const struct flow *flow, const struct flow_context *context,
                     struct flow_answer *answer)
{
    struct outcome *outcome = &answer->outcome;
    outcome->is_own = origin_is_own(outcome, context->os->tells_icmp(context->os->self));
    answer->syn_retransmits = count_retransmits(flow, context, outcome->reason);
    answer->round_trip_ns = round_trip_ns(&flow->state.talk.tcp, outcome->reason);
    answer->measures.is_proxied = flow->state.talk.tcp.proxied_ns != NEVER_NS;
}

static int64_t choose_pause(const struct tcp_flow *tcp, int64_t now_ns)
{
    bool is_proxied = tcp->proxied_ns != NEVER_NS;
    int64_t most_ns = is_proxied ? proxied_pause_ns : last_pause_ns;
    int64_t pause_ns =
        is_proxied ? (now_ns - tcp->proxied_ns) / PROXIED_SHARE : tcp->pause_ns * 2;
    if (pause_ns < first_pause_ns)
        return first_pause_ns;
    return pause_ns < most_ns ? pause_ns : most_ns;
}

/* A wake-up without news: leave the descriptor alone for a while. */
static enum flow_status pause_flow(struct flow *flow, int64_t now_ns, bool is_proxied)
{
    struct tcp_flow *tcp = &flow->state.talk.tcp;
    bool is_first_sign = is_proxied && tcp->proxied_ns == NEVER_NS;
    if (is_first_sign)
        tcp->proxied_ns = now_ns;
    tcp->pause_ns = choose_pause(tcp, now_ns);
    flow->wake_ns = now_ns + tcp->pause_ns;
    flow->events = 0;
    return is_first_sign ? FLOW_SIGN : FLOW_WAITING;
}

/* The kernel connected the socket to itself; the port must be free again at once. */
static void refuse_self_connect(struct flow *flow, struct outcome *outcome)
{
    flow->is_reset = true;
    *outcome = outcome_of_remark(REASON_REFUSED, REMARK_SELF_CONNECT);
}

enum flow_status handshake_advance(struct flow *flow, const struct flow_context *context,
                                   struct flow_answer *answer)
{
    struct outcome *outcome = &answer->outcome;
    enum flow_status status = look(flow, context, outcome);
    if (status == FLOW_WAITING)
        return pause_flow(flow, context->now_ns, outcome->remark == REMARK_PROXY_SILENT);
    if (status == FLOW_AGAIN) {
        refuse_self_connect(flow, outcome);
        if (++flow->state.talk.tcp.self_connects < SELF_CONNECTS_MAX)
            return FLOW_AGAIN;
    }
    complete(flow, context, answer);
    return FLOW_DONE;
}

enum flow_status handshake_expire(struct flow *flow, const struct flow_context *context,
                                  struct flow_answer *answer)
{
    struct outcome *outcome = &answer->outcome;
    *outcome = outcome_of(REASON_TIMEOUT);
    bool has_nothing = context->is_quiet && flow->events != 0;
    if (!has_nothing && look(flow, context, outcome) == FLOW_AGAIN)
        refuse_self_connect(flow, outcome);
    complete(flow, context, answer);
    return FLOW_DONE;
}

void handshake_stop(struct flow *flow, const struct os *os)
{
    if (flow->fd >= 0 && flow->is_reset)
        os->abort(os->self, flow->fd);
    else if (flow->fd >= 0)
        os->close(os->self, flow->fd);
    flow->fd = -1;
    flow->events = 0;
    flow->wake_ns = NEVER_NS;
    flow->is_reset = false;
}

/* socket(), bind() and connect(). WAITING: the answer is awaited on flow->fd. */
static enum flow_status open_flow(struct flow *flow, const struct flow_context *context,
                                  struct outcome *outcome)
{
    const struct os *os = context->os;
    enum flow_status status = origin_open(context, OS_TCP, &flow->fd, outcome);
    if (status != FLOW_WAITING)
        return status;
    int error = os->connect(os->self, flow->fd, context->address);
    /* 0 is no proof either: POSIX allows it, and it is verified as any other. */
    if (error == EINPROGRESS || error == EINTR || error == 0)
        return FLOW_WAITING;
    status = origin_refuse(context, error, outcome);
    if (outcome->reason != REASON_LOCAL)
        add_icmp(os, flow->fd, outcome);
    return status;
}

enum flow_status handshake_start(struct flow *flow, const struct flow_context *context,
                                 struct flow_answer *answer)
{
    struct tcp_flow *tcp = &flow->state.talk.tcp;
    tcp->connection = os_connection_unknown();
    tcp->pause_ns = 0;
    tcp->proxied_ns = NEVER_NS;
    flow->started_ns = context->now_ns;
    flow->events = FLOW_WRITABLE;
    enum flow_status status = open_flow(flow, context, &answer->outcome);
    if (status == FLOW_WAITING)
        return FLOW_WAITING;
    /* Nothing was sent, so that only this machine can say no. */
    answer->outcome.is_own = origin_is_own(&answer->outcome, true);
    answer->syn_retransmits = answer->outcome.reason == REASON_REFUSED ? 0 : -1;
    answer->round_trip_ns = -1;
    handshake_stop(flow, context->os);
    return status;
}
