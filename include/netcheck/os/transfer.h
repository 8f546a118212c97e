/*
 * transfer: bytes that go out by a socket, and what comes back: datagrams, parts of a stream,
 * and the system's reports of datagrams that were rejected on their way.
 */
#ifndef NETCHECK_TRANSFER_H
#define NETCHECK_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/address.h"
#include "netcheck/os/icmp.h"

/* Bytes to send. */
struct os_outgoing {
    const unsigned char *bytes; /* borrowed */
    size_t len;
    const struct address *to; /* borrowed; NULL: the socket is connected */
    size_t taken;             /* out: a datagram is taken whole, of a stream perhaps less */
};

/* A datagram, or what has come of a stream. */
struct os_message {
    unsigned char *bytes;  /* in: the caller's room ... */
    size_t size;           /* ... of so many bytes */
    size_t len;            /* out: how many are filled; 0 of a stream: its end */
    bool is_truncated;     /* the datagram had more */
    struct address sender; /* with port; AF_UNSPEC of a stream */
    int64_t age_ns;        /* since the system received it; -1 unknown */
    int ttl;               /* that it came with; -1 unknown */
};

enum { OS_QUOTE_SIZE = 64 };

/* A datagram of ours was rejected: by an ICMP error, or by this machine itself. */
struct os_report {
    int error;             /* errno that the socket's next call would have failed with */
    struct icmp icmp;      /* not set: this machine says so, without ICMP */
    struct address target; /* where the datagram was sent to; AF_UNSPEC unknown */
    uint32_t mtu;          /* bytes that fit, where it was too large; 0 unknown */
    unsigned char quote[OS_QUOTE_SIZE]; /* how the datagram began, behind its IP (UDP: and UDP)
                                           header */
    size_t quote_len;
};

#endif
