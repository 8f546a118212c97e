/*
 * tcp: what became of a connect(), without a byte sent.
 */
#include "netcheck/protocol.h"

#include <errno.h>
#include <string.h>

/*
 * The kernel picks our source port. Where nobody listens on an address of this machine it can
 * pick the target port itself; the SYN then meets its own socket and both "connect".
 */
static bool is_self_connect(const struct os *os, int fd, const struct address *peer)
{
    struct address local;
    return os->local(os->self, fd, &local) == 0 && address_equals(&local, peer) &&
           address_port(&local) == address_port(peer);
}

/* A reset, an ICMP error, or an immediate refusal by our own kernel. */
static enum protocol_step judge_error(const struct os *os, int fd, int error,
                                      struct outcome *outcome)
{
    *outcome = outcome_of_error(error);
    /* Only now: reading the queue clears a pending SO_ERROR. */
    struct icmp icmp;
    if (outcome->reason == REASON_CONNECTED || !os->take_icmp(os->self, fd, &icmp))
        return PROTOCOL_DONE;
    struct address local;
    icmp.is_own = os->local(os->self, fd, &local) == 0 && address_equals(&local, &icmp.sender);
    outcome_add_icmp(outcome, &icmp);
    return PROTOCOL_DONE;
}

static enum protocol_step tcp_look(const struct os *os, const struct address *address, int fd,
                                   struct outcome *outcome)
{
    (void)address;
    /* First the peer: "writable, SO_ERROR 0" is also what a socket says whose ICMP error wakes
       select() a moment before the error itself is set. */
    struct address peer;
    memset(&peer, 0, sizeof peer);
    if (os->peer(os->self, fd, &peer) == 0) {
        if (is_self_connect(os, fd, &peer))
            return PROTOCOL_AGAIN;
        *outcome = outcome_of(REASON_CONNECTED);
        return PROTOCOL_DONE;
    }
    int error = os->take_error(os->self, fd);
    return error != 0 ? judge_error(os, fd, error, outcome) : PROTOCOL_PENDING;
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

/* connect() itself failed: nothing left this machine, so nothing can have been answered. */
static void judge_refusal(const struct os *os, int fd, const struct os_origin *origin,
                          int error, struct outcome *outcome)
{
    (void)judge_error(os, fd, error, outcome);
    if (outcome->reason == REASON_CONNECTED || is_origin_refused(origin, error)) {
        *outcome = outcome_of(REASON_LOCAL);
        outcome->error = error;
    }
    if (is_origin_refused(origin, error))
        outcome->remark = REMARK_SOURCE;
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
    int family = address_family(address);
    *fd = -1;
    int error = os->open(os->self, family, fd);
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
    if (outcome_is_shortage(error, family) && !is_origin_refused(origin, error)) {
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
