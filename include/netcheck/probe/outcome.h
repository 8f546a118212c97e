/*
 * outcome: what was learned about a target, and the one table that decides it.
 *
 * errno, ICMP and resolver codes go in; state, reason and words come out. Pure: no system call,
 * no clock. A new reason is one value here and one row in outcome.c; a new errno or ICMP code
 * is one row there.
 *
 * Source: connect(2), ip(7), icmp(7), RFC 792, RFC 1122 section 3.2.2.1, RFC 1812
 * section 5.2.7.1, RFC 4443 section 3.1; the pairing of ICMP codes with errno was measured on
 * Linux 6.18.
 */
#ifndef NETCHECK_OUTCOME_H
#define NETCHECK_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/os/icmp.h"
#include "netcheck/os/lookup.h"
#include "netcheck/base/buffer.h"

enum state {
    STATE_UP,
    STATE_DOWN,
    STATE_ERROR, /* nothing was learned about the target */
    STATE_COUNT
};

enum reason {
    REASON_CONNECTED,       /* up: the server completed the handshake */
    REASON_REPLIED,         /* up: it answered what it was asked */
    REASON_MATCHED,         /* up: it sent what was awaited */
    REASON_READY,           /* up: it says that it serves */
    REASON_REFUSED,         /* down: reset, or ICMP port unreachable */
    REASON_TIMEOUT,         /* down: no answer before the deadline */
    REASON_UNREACHABLE,     /* down: no way to the host or network */
    REASON_PROHIBITED,      /* down: a firewall or route says no */
    REASON_MISMATCHED,      /* down: what answered is not what was asked for */
    REASON_CLOSED,          /* down: accepted, and closed before the answer */
    REASON_NOT_READY,       /* down: it says that it cannot serve yet, or not now */
    REASON_TOOBIG,          /* down: the bytes that were to be sent do not fit the path */
    REASON_GONE,            /* down: the name had an address in this run, and has none now; only
                               where that is waited for (wait.h) */
    REASON_UNRESOLVED,      /* error: the name has no address */
    REASON_RESOLVE_TIMEOUT, /* error: the resolver did not answer before the deadline */
    REASON_INVALID,         /* error: malformed target line */
    REASON_LOCAL,           /* error: this machine could not ask */
    REASON_COUNT
};

/* What no errno says. */
enum remark {
    REMARK_NONE,
    REMARK_RESET,        /* up, or closed, as it was reset right after the handshake */
    REMARK_PROXY_RESET,  /* refused: a SYN proxy accepted, the server behind it did not */
    REMARK_PROXY_SILENT, /* timeout: a SYN proxy accepted, and its window stayed shut */
    REMARK_SILENT,       /* timeout: the handshake of TCP was done, and nothing came then */
    REMARK_TLS_SILENT,   /* timeout: the handshake of TCP was done, and TLS did not answer */
    REMARK_SELF_CONNECT, /* refused: the kernel only ever connected us to ourselves */
    REMARK_UNSPECIFIED,  /* unresolved: the name has 0.0.0.0 or :: as its address */
    REMARK_EXCLUDED,     /* unresolved: all addresses of the name are excluded */
    REMARK_INTERFACE,    /* local: the interface behind '%' does not exist */
    REMARK_SOURCE,       /* local: the socket could not be bound to -s or -I */
    REMARK_NO_SOURCE,    /* local: no address of this machine to ask this IPv6 address from */
    REMARK_RESOLVER,     /* local: every resolver thread hangs in a lookup */
    REMARK_THREAD,       /* local: no resolver thread could be started; `error` says why */
    REMARK_FAMILY,       /* -A: one family's lookup failed or hangs; the other has its rows */
    REMARK_SEARCH_LIST,  /* unresolved: the causes of lookup.h, from here ... */
    REMARK_HOSTS_LINE,
    REMARK_HOSTS_END,
    REMARK_HOSTS_CASE,
    REMARK_NO_RESOLV_CONF, /* ... to here */
    REMARK_GONE,           /* gone: as the reason says, and all that there is to say */
    REMARK_NO_SCOPE,       /* local: a link-local address without its interface */
    REMARK_BROADCAST,      /* unreachable: all hosts of a network listen to the address */
    REMARK_MULTICAST,      /* local: the address is a group's */
    REMARK_CUT,            /* local: the wait ended before its turn, or while it was silent */
    REMARK_LOST,           /* local: answers came, and were lost for want of a buffer */
    REMARK_OVER,           /* local: the same of the whole run (-m) */
    REMARK_NO_ECHO,        /* local: neither group nor capability allow ICMP echo */
    REMARK_NO_RAW,         /* local: the same where only the capability would help */
    REMARK_FRAGMENTS,      /* local: the system cannot forbid fragments */
    REMARK_COUNT
};

struct outcome {
    enum reason reason;
    enum remark remark;
    int error;        /* errno, 0 for none */
    int lookup_error; /* EAI_ code of getaddrinfo(3), 0 for none */
    struct icmp icmp;
    bool is_own; /* a failure that this machine itself tells of: its routes, its firewall or its
                    neighbour protocol; no other machine said so */
};

/* An outcome with nothing but its reason, or its reason and a remark. */
struct outcome outcome_of(enum reason reason);
struct outcome outcome_of_remark(enum reason reason, enum remark remark);

/*
 * What a failed connect() means: `error` from the call or from SO_ERROR, never 0. An errno that
 * the table does not know is local.
 */
struct outcome outcome_of_error(int error);

/*
 * What a reset means: `error` is one of outcome_is_reset().
 *
 * is_acknowledged  the other side acknowledged our SYN before
 * is_window_shut   it never opened its window. A SYN proxy offers a window of 0 until the
 *                  server behind it has answered (measured on Linux 6.18)
 */
struct outcome outcome_of_reset(int error, bool is_acknowledged, bool is_window_shut);

/*
 * What a failed lookup means.
 *
 * lookup_error  EAI_ code, not 0
 * system_error  errno behind it; counts with EAI_SYSTEM, and where it is a shortage that the
 *               code hides
 */
struct outcome outcome_of_lookup(int lookup_error, int system_error);

/*
 * Say why, in the place of other words, where the outcome is REASON_UNRESOLVED or
 * REASON_RESOLVE_TIMEOUT.
 */
void outcome_add_cause(struct outcome *outcome, enum lookup_cause cause);

/*
 * Whether the outcome of a lookup shows that the name, or the name in its family, has no
 * address; not so where the name is known to be in a file that was not understood.
 */
bool outcome_is_nameless(const struct outcome *outcome);

/* Whether the answer is that the name, or the name in this family, does not exist. */
bool outcome_says_no_address(int lookup_error);

/*
 * Let the ICMP message that the kernel kept correct what errno could not say: on IPv4,
 * EHOSTUNREACH stands for 3/1, 3/10 and 3/13 alike.
 */
void outcome_add_icmp(struct outcome *outcome, const struct icmp *icmp);

/*
 * Whether `error` is this machine's shortage (descriptors, memory, ports) and not the target's
 * state: put the target back and ask again when something was given back.
 *
 * family  AF_INET or AF_INET6 of the connect(); AF_UNSPEC for other calls. EADDRNOTAVAIL of a
 *         connect() is one only where there is an address to ask from: has_source of struct os
 */
bool outcome_is_shortage(int error, int family);

/* Whether `error` says that a connection ended that was perhaps finished before. */
bool outcome_is_reset(int error);

/*
 * Whether asking again in a moment may bring another answer, although nothing was silent: this
 * machine had no route, or its resolver said "try again". A neighbour that does not answer is
 * no such case.
 */
bool outcome_is_temporary(const struct outcome *outcome);

/*
 * Which of two failures explains more; positive if `a` does. A refusal proves a machine that
 * answers; a silence outweighs a family that this machine has no route for.
 */
int outcome_compare(const struct outcome *a, const struct outcome *b);

enum state outcome_state(const struct outcome *outcome);
enum state reason_state(enum reason reason);

/* "up", "down", "error" */
const char *state_name(enum state state);

/* "connected", "refused", ... */
const char *reason_name(enum reason reason);

/* "ECONNREFUSED", "EAI_NONAME": the symbol of the error behind the outcome, or NULL. */
const char *outcome_error_name(const struct outcome *outcome);

/*
 * Append what the reason's name does not say ("administratively prohibited"); nothing where
 * there is nothing to add.
 */
void outcome_describe(struct buffer *out, const struct outcome *outcome);

#endif
