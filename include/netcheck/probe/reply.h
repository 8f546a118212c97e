/*
 * reply: what a service answered, as far as a row tells of it; and what was measured on the
 * way. Plain values, filled by protocols and their questions.
 */
#ifndef NETCHECK_REPLY_H
#define NETCHECK_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/address.h"

enum {
    REPLY_KEPT = 64,   /* bytes of an answer that are shown */
    REPLY_WORDS = 128, /* with terminator */
    REPLY_VERSION = 8, /* the same */
};

/* A reply that several hold; it does not change once it is in a flow's answer. */
struct reply {
    unsigned holders;
    size_t len;                      /* bytes of it that came */
    size_t kept;                     /* of these, the first ones, in ... */
    unsigned char bytes[REPLY_KEPT]; /* ... any bytes */
    struct address from;     /* where it came from, if not from where it was asked for; else
                                AF_UNSPEC */
    char words[REPLY_WORDS]; /* what it means, printable: "DNS REFUSED"; "" for nothing. Where
                                it matched, the line that did */
    bool is_quoted;          /* what it means only the user knows: rows show the bytes */
    char tls_version[REPLY_VERSION]; /* "1.2"; "" where it is not TLS, or unknown */
    int64_t tls_not_after_s; /* end of the certificate, seconds since 1970; INT64_MAX: it was
                                not shown */
};

/* All zero but for one holder and unknown values; NULL without memory. */
struct reply *reply_new(void);

/* It came: `len` bytes, the first of which are kept. */
void reply_keep(struct reply *reply, const unsigned char *bytes, size_t len);

/* `len` bytes more came behind what came before. */
void reply_add(struct reply *reply, const unsigned char *bytes, size_t len);

/*
 * Behind its words `len` foreign bytes, escaped. If not all of them fit, the words end with
 * "..."; no escape is cut in two.
 */
void reply_quote(struct reply *reply, const unsigned char *bytes, size_t len);

/* One holder more. Returns `reply`; NULL is allowed. */
struct reply *reply_hold(struct reply *reply);

/* One holder less. NULL is allowed. */
void reply_drop(struct reply *reply);

/* Besides outcome and time; -1 is unknown, or not counted by the protocol. */
struct measures {
    int sent;             /* datagrams that went out, with those that were sent again */
    int replies;          /* datagrams that came back for them */
    int ttl;              /* of the reply */
    int path_mtu;         /* bytes that fit the path, where something was too large */
    int64_t handshake_ns; /* how long the handshake before the question took */
    int64_t held_ns; /* how long the connection was held to see whether it stays (--hold) */
    int64_t closed_after_ns; /* closed: from the handshake until that was noticed */
    bool is_reply;           /* the time is that of an answer, not of a handshake */
    bool is_proxied;         /* a SYN proxy answered the handshake */
    struct reply *reply;     /* held; NULL: none came */
};

/* Nothing is known. */
#define MEASURES_UNKNOWN                                                          \
    {                                                                             \
        .sent = -1, .replies = -1, .ttl = -1, .path_mtu = -1, .handshake_ns = -1, \
        .held_ns = -1, .closed_after_ns = -1                                      \
    }
struct measures measures_unknown(void);

#endif
