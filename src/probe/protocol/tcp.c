/*
 * tcp: what became of a connect(), without a byte sent.
 */
#include "netcheck/probe/protocol.h"

#include <errno.h>

/*
 * The kernel picks our source port. Where nobody listens on an address of this machine it can
 * pick the target port itself; the SYN then meets its own socket and both "connect".
 */
static bool is_self_connect(const struct os *os, int fd, const struct address *asked)
{
    struct address local;
    return os->local(os->self, fd, &local) == 0 && address_equals(&local, asked) &&
           address_port(&local) == address_port(asked);
}

/* A reset, an ICMP error, or an immediate refusal by our own kernel. */
static void judge_error(const struct os *os, int fd, int error, struct outcome *outcome)
{
    *outcome = outcome_of_error(error);
    /* Only now: reading the queue clears a pending SO_ERROR. */
    struct icmp icmp;
    if (outcome_is_reset(error) || !os->take_icmp(os->self, fd, &icmp))
        return;
    struct address local;
    icmp.is_own = os->local(os->self, fd, &local) == 0 && address_equals(&local, &icmp.sender);
    outcome_add_icmp(outcome, &icmp);
}

/* A SYN proxy answers for the server, with a window that stays shut until the server itself has
   answered: what that comes to shows later. */
static enum protocol_step judge_handshake(bool is_window_shut, struct outcome *outcome)
{
    *outcome = outcome_of(is_window_shut ? REASON_TIMEOUT : REASON_CONNECTED);
    if (is_window_shut)
        outcome->remark = REMARK_PROXY_SILENT;
    return is_window_shut ? PROTOCOL_PENDING : PROTOCOL_DONE;
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
static enum protocol_step tcp_look(const struct os *os, const struct address *address, int fd,
                                   struct outcome *outcome, struct os_connection *connection)
{
    *outcome = outcome_of(REASON_TIMEOUT);
    *connection = os_connection_unknown();
    int error = os->take_error(os->self, fd);
    if (error != 0)
        judge_error(os, fd, error, outcome);
    if (is_plain_refusal(outcome))
        return PROTOCOL_DONE;
    os->connection(os->self, fd, connection);
    if (connection->is_established)
        return is_self_connect(os, fd, address)
                   ? PROTOCOL_AGAIN
                   : judge_handshake(connection->is_window_shut, outcome);
    if (outcome_is_reset(error))
        *outcome =
            outcome_of_reset(error, connection->is_acknowledged, connection->is_window_shut);
    return error != 0 ? PROTOCOL_DONE : PROTOCOL_PENDING;
}

static bool has_origin(const struct os_origin *origin)
{
    return origin->interface != NULL || address_family(&origin->source) != AF_UNSPEC;
}

/* Between socket() and connect(): 0, or what went wrong. */
static int prepare(const struct os *os, int fd, const struct os_origin *origin,
                   struct outcome *outcome)
{
    if (!has_origin(origin))
        return 0;
    int error = os->bind(os->self, fd, origin);
    *outcome = outcome_of(REASON_LOCAL);
    outcome->remark = REMARK_SOURCE;
    outcome->error = error;
    return error;
}

/* With a source or interface of the user's, these say that one cannot ask that target from it.
 */
static bool is_origin_refused(const struct os_origin *origin, int error)
{
    return has_origin(origin) && (error == EINVAL || error == EADDRNOTAVAIL);
}

static bool is_shortage(const struct os *os, const struct address *address,
                        const struct os_origin *origin, int error)
{
    return outcome_is_shortage(error, address_family(address)) &&
           (error != EADDRNOTAVAIL || os->has_source(os->self, address, origin));
}

/* As a name may resolve to; the kernel says EINVAL. */
static bool lacks_scope(const struct address *address)
{
    return address_is_link_local(address) && address_scope(address) == 0;
}

/* connect() itself failed: nothing left this machine, so nothing can have been answered. */
static void judge_refusal(const struct os *os, int fd, const struct os_origin *origin,
                          int error, struct outcome *outcome)
{
    judge_error(os, fd, error, outcome);
    if (outcome_is_reset(error) || is_origin_refused(origin, error)) {
        *outcome = outcome_of(REASON_LOCAL);
        outcome->error = error;
    }
    if (is_origin_refused(origin, error))
        outcome->remark = REMARK_SOURCE;
    else if (error == EADDRNOTAVAIL)
        outcome->remark = REMARK_NO_SOURCE;
}

/* Nothing was asked: give the descriptor back. */
static enum protocol_step give_up(const struct os *os, int *fd, enum protocol_step step)
{
    os->close(os->self, *fd);
    *fd = -1;
    return step;
}

static enum protocol_step tcp_start(const struct os *os, const struct address *address,
                                    const struct os_origin *origin, int *fd,
                                    struct outcome *outcome)
{
    *fd = -1;
    int error = os->open(os->self, address_family(address), fd);
    if (error != 0) {
        *fd = -1;
        *outcome = outcome_of(REASON_LOCAL); /* whatever it says, the network was not asked */
        outcome->error = error;
        return outcome_is_shortage(error, AF_UNSPEC) ? PROTOCOL_SHORT : PROTOCOL_DONE;
    }
    error = prepare(os, *fd, origin, outcome);
    if (error != 0)
        return give_up(os, fd,
                       outcome_is_shortage(error, AF_UNSPEC) ? PROTOCOL_SHORT : PROTOCOL_DONE);

    error = os->connect(os->self, *fd, address);
    /* 0 is no proof either: POSIX allows it, and it is verified as any other. */
    if (error == EINPROGRESS || error == EINTR || error == 0)
        return PROTOCOL_PENDING;
    if (lacks_scope(address)) {
        *outcome = outcome_of_remark(REASON_LOCAL, REMARK_NO_SCOPE);
        outcome->error = error;
        return give_up(os, fd, PROTOCOL_DONE);
    }
    if (is_shortage(os, address, origin, error)) {
        *outcome = outcome_of_error(error);
        return give_up(os, fd, PROTOCOL_SHORT);
    }
    judge_refusal(os, *fd, origin, error, outcome);
    return give_up(os, fd, PROTOCOL_DONE);
}

const struct protocol protocol_tcp = {
    .name = "tcp",
    .start = tcp_start,
    .look = tcp_look,
};
