#include "netcheck/probe/outcome.h"

#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <string.h>

#include "netcheck/base/base.h"

/* What an errno means besides its reason. */
enum error_kind {
    KIND_ANSWER,            /* the network's, or the kernel's, final word */
    KIND_SHORTAGE,          /* of this machine, in any call */
    KIND_SHORTAGE_OF_PORTS, /* of connect(): no local port is left */
    KIND_RESET,             /* ended a connection, finished or not: see outcome_of_reset() */
};

/* errno of a connect() -> reason. `words` only where the reason's name does not say it. */
static const struct error_row {
    int error;
    const char *name;
    enum reason reason;
    enum error_kind kind;
    const char *words;
} error_rows[] = {
#define ROW(error, reason, kind, words)    \
    {                                      \
        error, #error, reason, kind, words \
    }
    ROW(ECONNREFUSED, REASON_REFUSED, KIND_ANSWER, NULL),
    ROW(ETIMEDOUT, REASON_TIMEOUT, KIND_ANSWER, "the system gave up"),
    ROW(EHOSTUNREACH, REASON_UNREACHABLE, KIND_ANSWER, "host unreachable"),
    ROW(ENETUNREACH, REASON_UNREACHABLE, KIND_ANSWER, "network unreachable"),
    ROW(EINVAL, REASON_UNREACHABLE, KIND_ANSWER, "blackhole route"),
    ROW(ENETDOWN, REASON_UNREACHABLE, KIND_ANSWER, "network is down"),
    ROW(EHOSTDOWN, REASON_UNREACHABLE, KIND_ANSWER, "host is down"),
    ROW(ENOPROTOOPT, REASON_UNREACHABLE, KIND_ANSWER, "protocol unreachable"),
    ROW(EPROTO, REASON_UNREACHABLE, KIND_ANSWER, "ICMP parameter problem"),
    ROW(EOPNOTSUPP, REASON_UNREACHABLE, KIND_ANSWER, "source route failed"),
#ifdef ENONET
    ROW(ENONET, REASON_UNREACHABLE, KIND_ANSWER, "source host isolated"),
#endif
    ROW(EACCES, REASON_PROHIBITED, KIND_ANSWER, "prohibited by a route or firewall"),
    ROW(EPERM, REASON_PROHIBITED, KIND_ANSWER, "prohibited by a local firewall"),
    ROW(ECONNRESET, REASON_REFUSED, KIND_RESET, "reset before the handshake was done"),
    ROW(ECONNABORTED, REASON_LOCAL, KIND_RESET, "the connection was aborted on this machine"),
    ROW(EPIPE, REASON_REFUSED, KIND_RESET, "reset before the handshake was done"),
    ROW(EMFILE, REASON_LOCAL, KIND_SHORTAGE, "no descriptor left for this process"),
    ROW(ENFILE, REASON_LOCAL, KIND_SHORTAGE, "no descriptor left on this system"),
    ROW(ENOBUFS, REASON_LOCAL, KIND_SHORTAGE, "no buffer space left"),
    ROW(ENOMEM, REASON_LOCAL, KIND_SHORTAGE, "out of memory"),
    ROW(EAGAIN, REASON_LOCAL, KIND_SHORTAGE, "no thread or port left for now"),
    ROW(EADDRINUSE, REASON_LOCAL, KIND_SHORTAGE, "no local port left"),
    ROW(EAFNOSUPPORT, REASON_LOCAL, KIND_ANSWER, "address family not supported here"),
    ROW(EADDRNOTAVAIL, REASON_LOCAL, KIND_SHORTAGE_OF_PORTS, "no local port left"),
    ROW(ENODEV, REASON_LOCAL, KIND_ANSWER, "no such interface"),
    ROW(EMSGSIZE, REASON_TOOBIG, KIND_ANSWER, "larger than the interface takes"),
#undef ROW
};

/* ICMP type and code -> reason. */
static const struct icmp_row {
    int family;
    uint8_t type;
    uint8_t code;
    enum reason reason;
    const char *words;
} icmp_rows[] = {
    {AF_INET, 3, 0, REASON_UNREACHABLE, "network unreachable"},
    {AF_INET, 3, 1, REASON_UNREACHABLE, "host unreachable"},
    {AF_INET, 3, 2, REASON_UNREACHABLE, "protocol unreachable"},
    {AF_INET, 3, 3, REASON_REFUSED, "port unreachable"},
    {AF_INET, 3, 4, REASON_TOOBIG, "larger than the path takes"},
    {AF_INET, 3, 5, REASON_UNREACHABLE, "source route failed"},
    {AF_INET, 3, 6, REASON_UNREACHABLE, "network unknown"},
    {AF_INET, 3, 7, REASON_UNREACHABLE, "host unknown"},
    {AF_INET, 3, 8, REASON_UNREACHABLE, "source host isolated"},
    {AF_INET, 3, 9, REASON_PROHIBITED, "network administratively prohibited"},
    {AF_INET, 3, 10, REASON_PROHIBITED, "host administratively prohibited"},
    {AF_INET, 3, 11, REASON_UNREACHABLE, "network unreachable for this type of service"},
    {AF_INET, 3, 12, REASON_UNREACHABLE, "host unreachable for this type of service"},
    {AF_INET, 3, 13, REASON_PROHIBITED, "administratively prohibited"},
    {AF_INET, 3, 14, REASON_UNREACHABLE, "host precedence violation"},
    {AF_INET, 3, 15, REASON_UNREACHABLE, "precedence cutoff in effect"},
    {AF_INET, 11, 0, REASON_UNREACHABLE, "time to live exceeded"},
    {AF_INET, 12, 0, REASON_UNREACHABLE, "parameter problem"},
    {AF_INET6, 1, 0, REASON_UNREACHABLE, "no route to destination"},
    {AF_INET6, 1, 1, REASON_PROHIBITED, "administratively prohibited"},
    {AF_INET6, 1, 2, REASON_UNREACHABLE, "beyond scope of source address"},
    {AF_INET6, 1, 3, REASON_UNREACHABLE, "address unreachable"},
    {AF_INET6, 1, 4, REASON_REFUSED, "port unreachable"},
    {AF_INET6, 1, 5, REASON_PROHIBITED, "source address failed policy"},
    {AF_INET6, 1, 6, REASON_PROHIBITED, "reject route to destination"},
    {AF_INET6, 2, 0, REASON_TOOBIG, "larger than the path takes"},
    {AF_INET6, 3, 0, REASON_UNREACHABLE, "hop limit exceeded"},
    {AF_INET6, 4, 0, REASON_UNREACHABLE, "parameter problem"},
};

static const struct {
    int code;
    const char *name;
} lookup_names[] = {
    {EAI_AGAIN, "EAI_AGAIN"},
    {EAI_FAIL, "EAI_FAIL"},
    {EAI_FAMILY, "EAI_FAMILY"},
    {EAI_MEMORY, "EAI_MEMORY"},
    {EAI_NONAME, "EAI_NONAME"},
    {EAI_SERVICE, "EAI_SERVICE"},
    {EAI_SOCKTYPE, "EAI_SOCKTYPE"},
    {EAI_SYSTEM, "EAI_SYSTEM"},
#ifdef __linux__
    /* glibc and musl have them, but hide them from strict POSIX: the name exists, without an
       address, or without one of this family. */
    {-5, "EAI_NODATA"},
    {-9, "EAI_ADDRFAMILY"},
#endif
};

/* rank: among several failed addresses, the highest explains most. */
static const struct {
    const char *name;
    enum state state;
    int rank;
} reasons[REASON_COUNT] = {
    [REASON_CONNECTED] = {"connected", STATE_UP, 17},
    [REASON_REPLIED] = {"replied", STATE_UP, 16},
    [REASON_MATCHED] = {"matched", STATE_UP, 15},
    [REASON_READY] = {"ready", STATE_UP, 14},
    [REASON_NOT_READY] = {"not-ready", STATE_DOWN, 13},
    [REASON_MISMATCHED] = {"mismatched", STATE_DOWN, 12},
    [REASON_CLOSED] = {"closed", STATE_DOWN, 11},
    [REASON_TOOBIG] = {"toobig", STATE_DOWN, 10},
    [REASON_REFUSED] = {"refused", STATE_DOWN, 9},
    [REASON_PROHIBITED] = {"prohibited", STATE_DOWN, 8},
    [REASON_TIMEOUT] = {"timeout", STATE_DOWN, 7},
    [REASON_UNREACHABLE] = {"unreachable", STATE_DOWN, 6},
    [REASON_GONE] = {"gone", STATE_DOWN, 5},
    [REASON_LOCAL] = {"local", STATE_ERROR, 4},
    [REASON_RESOLVE_TIMEOUT] = {"resolve-timeout", STATE_ERROR, 3},
    [REASON_UNRESOLVED] = {"unresolved", STATE_ERROR, 2},
    [REASON_INVALID] = {"invalid", STATE_ERROR, 1},
};

static const char *const remarks[REMARK_COUNT] = {
    [REMARK_RESET] = "reset right after accept",
    [REMARK_PROXY_RESET] = "by the server behind a SYN proxy",
    [REMARK_PROXY_SILENT] = "accepted by a SYN proxy, no server behind it answered",
    [REMARK_SILENT] = "connected, but said nothing",
    [REMARK_TLS_SILENT] = "accepted, but no answer to a TLS hello",
    [REMARK_SELF_CONNECT] = "only a self-connect, nobody listens",
    [REMARK_UNSPECIFIED] = "resolves to the unspecified address",
    [REMARK_EXCLUDED] = "resolves only to excluded addresses",
    [REMARK_INTERFACE] = "no such interface",
    [REMARK_SOURCE] = "cannot ask from this source",
    [REMARK_NO_SOURCE] = "IPv6 is off, or has no address here to ask from",
    [REMARK_RESOLVER] = "every resolver thread hangs in a lookup",
    [REMARK_THREAD] = "cannot start a resolver thread",
    [REMARK_FAMILY] = "the other address family is missing",
    [REMARK_SEARCH_LIST] =
        "musl cannot take the search list, a line over 254 bytes (/etc/resolv.conf)",
    [REMARK_HOSTS_LINE] = "musl cannot take a name beyond byte 510 of its line (/etc/hosts)",
    [REMARK_HOSTS_END] = "musl cannot take a last line without a line end (/etc/hosts)",
    [REMARK_HOSTS_CASE] = "musl cannot take this name, in other capitals (/etc/hosts)",
    [REMARK_NO_RESOLV_CONF] = "there is no /etc/resolv.conf",
    [REMARK_GONE] = "the name no longer resolves",
    [REMARK_NO_SCOPE] = "a link-local address, without its interface",
    [REMARK_BROADCAST] = "a broadcast address, not a host",
    [REMARK_MULTICAST] = "a multicast group, not a host",
    [REMARK_CUT] = "the wait ended too soon to tell",
    [REMARK_LOST] = "replies were lost here, the receive buffer is too small",
    [REMARK_OVER] = "the run's time was over",
    [REMARK_NO_ECHO] =
        "ping is not allowed here: set net.ipv4.ping_group_range, or give CAP_NET_RAW",
    [REMARK_NO_RAW] = "ping is not allowed here: give CAP_NET_RAW",
    [REMARK_FRAGMENTS] = "this system cannot forbid fragments",
};

static const char *const state_names[STATE_COUNT] = {
    [STATE_UP] = "up",
    [STATE_DOWN] = "down",
    [STATE_ERROR] = "error",
};

static const struct error_row *find_error(int error)
{
    for (size_t i = 0; i < ARRAY_LEN(error_rows); i++)
        if (error_rows[i].error == error)
            return &error_rows[i];
    return NULL;
}

/* The sender of an ICMP error speaks the family of the packet it complains about. */
static const struct icmp_row *find_icmp(const struct icmp *icmp)
{
    int family = address_family(&icmp->sender);
    for (size_t i = 0; i < ARRAY_LEN(icmp_rows); i++)
        if (icmp_rows[i].family == family && icmp_rows[i].type == icmp->type &&
            icmp_rows[i].code == icmp->code)
            return &icmp_rows[i];
    return NULL;
}

struct outcome outcome_of(enum reason reason)
{
    struct outcome outcome;
    memset(&outcome, 0, sizeof outcome);
    outcome.reason = reason;
    return outcome;
}

struct outcome outcome_of_remark(enum reason reason, enum remark remark)
{
    struct outcome outcome = outcome_of(reason);
    outcome.remark = remark;
    return outcome;
}

struct outcome outcome_of_error(int error)
{
    const struct error_row *row = find_error(error);
    struct outcome outcome = outcome_of(row != NULL ? row->reason : REASON_LOCAL);
    outcome.error = error;
    return outcome;
}

struct outcome outcome_of_reset(int error, bool is_acknowledged, bool is_window_shut)
{
    struct outcome outcome = outcome_of_error(error);
    bool is_of_server = is_window_shut && outcome.reason == REASON_REFUSED;
    if (!is_acknowledged || (is_window_shut && !is_of_server))
        return outcome;
    outcome.reason = is_of_server ? REASON_REFUSED : REASON_CONNECTED;
    outcome.remark = is_of_server ? REMARK_PROXY_RESET : REMARK_RESET;
    return outcome;
}

/*
 * glibc says "no such name" or "try again" when it has no descriptor or memory left to ask
 * with: then errno is the truth. Otherwise errno is what some step on the way left behind.
 */
static int true_lookup_errno(int lookup_error, int system_error)
{
    if (lookup_error == EAI_MEMORY)
        return ENOMEM;
    if (lookup_error == EAI_SYSTEM)
        return system_error;
    bool may_hide = lookup_error == EAI_NONAME || lookup_error == EAI_AGAIN;
    bool is_short = system_error == EMFILE || system_error == ENFILE ||
                    system_error == ENOMEM || system_error == ENOBUFS;
    return may_hide && is_short ? system_error : 0;
}

struct outcome outcome_of_lookup(int lookup_error, int system_error)
{
    int error = true_lookup_errno(lookup_error, system_error);
    bool is_local = outcome_is_shortage(error, AF_UNSPEC);
    struct outcome outcome = outcome_of(is_local ? REASON_LOCAL : REASON_UNRESOLVED);
    outcome.lookup_error = lookup_error;
    outcome.error = error;
    return outcome;
}

void outcome_add_cause(struct outcome *outcome, enum lookup_cause cause)
{
    static const enum remark causes[LOOKUP_CAUSE_COUNT] = {
        [LOOKUP_CAUSE_SEARCH_LIST] = REMARK_SEARCH_LIST,
        [LOOKUP_CAUSE_HOSTS_LINE] = REMARK_HOSTS_LINE,
        [LOOKUP_CAUSE_HOSTS_END] = REMARK_HOSTS_END,
        [LOOKUP_CAUSE_HOSTS_CASE] = REMARK_HOSTS_CASE,
        [LOOKUP_CAUSE_NO_RESOLV_CONF] = REMARK_NO_RESOLV_CONF,
    };
    if (outcome->reason == REASON_UNRESOLVED || outcome->reason == REASON_RESOLVE_TIMEOUT)
        outcome->remark = causes[cause];
}

/* A search list that was too long before, too, explains no change. */
bool outcome_is_nameless(const struct outcome *outcome)
{
    bool is_plain = outcome->remark == REMARK_NONE || outcome->remark == REMARK_SEARCH_LIST;
    return is_plain && outcome->reason == REASON_UNRESOLVED &&
           outcome_says_no_address(outcome->lookup_error);
}

bool outcome_says_no_address(int lookup_error)
{
    return lookup_error != EAI_AGAIN && lookup_error != EAI_FAIL &&
           lookup_error != EAI_SYSTEM && lookup_error != EAI_MEMORY;
}

void outcome_add_icmp(struct outcome *outcome, const struct icmp *icmp)
{
    const struct icmp_row *row = find_icmp(icmp);
    outcome->icmp = *icmp;
    if (row != NULL)
        outcome->reason = row->reason;
}

static enum error_kind kind_of(int error)
{
    const struct error_row *row = find_error(error);
    return row != NULL ? row->kind : KIND_ANSWER;
}

bool outcome_is_shortage(int error, int family)
{
    enum error_kind kind = kind_of(error);
    return kind == KIND_SHORTAGE || (kind == KIND_SHORTAGE_OF_PORTS && family != AF_UNSPEC);
}

bool outcome_is_reset(int error)
{
    return kind_of(error) == KIND_RESET;
}

/* ICMP of this machine itself: without a route, or without an answer from the neighbour. */
static bool is_route_missing(const struct icmp *icmp)
{
    bool is_ipv6 = address_family(&icmp->sender) == AF_INET6;
    return !icmp->is_set || (icmp->type == (is_ipv6 ? 1 : 3) && icmp->code == 0);
}

bool outcome_is_temporary(const struct outcome *outcome)
{
    if (outcome->reason == REASON_UNRESOLVED)
        return outcome->lookup_error == EAI_AGAIN;
    return outcome->reason == REASON_UNREACHABLE && outcome->is_own &&
           outcome->remark != REMARK_BROADCAST && is_route_missing(&outcome->icmp);
}

int outcome_compare(const struct outcome *a, const struct outcome *b)
{
    return reasons[a->reason].rank - reasons[b->reason].rank;
}

enum state reason_state(enum reason reason)
{
    return reasons[reason].state;
}

enum state outcome_state(const struct outcome *outcome)
{
    return reason_state(outcome->reason);
}

const char *state_name(enum state state)
{
    return state_names[state];
}

const char *reason_name(enum reason reason)
{
    return reasons[reason].name;
}

const char *outcome_error_name(const struct outcome *outcome)
{
    if (outcome->error != 0) {
        const struct error_row *row = find_error(outcome->error);
        return row != NULL ? row->name : NULL;
    }
    for (size_t i = 0; i < ARRAY_LEN(lookup_names); i++)
        if (lookup_names[i].code == outcome->lookup_error)
            return lookup_names[i].name;
    return NULL;
}

static void describe_error(struct buffer *out, const struct outcome *outcome)
{
    const struct error_row *row = find_error(outcome->error);
    bool is_of_connect = outcome->lookup_error == 0;
    bool is_no_route = outcome->error == ENETUNREACH || outcome->error == EHOSTUNREACH;
    if (outcome->is_own && is_no_route)
        buffer_add_text(out, "no route from this machine");
    else if (row == NULL || !is_of_connect)
        buffer_add_text(out, strerror(outcome->error));
    else if (outcome->reason == REASON_CLOSED && row->kind == KIND_RESET)
        buffer_add_text(out, "reset after the handshake");
    else if (row->words != NULL)
        buffer_add_text(out, row->words);
}

void outcome_describe(struct buffer *out, const struct outcome *outcome)
{
    if (outcome->remark != REMARK_NONE)
        buffer_add_text(out, remarks[outcome->remark]);
    bool is_half_said = outcome->remark == REMARK_SOURCE || outcome->remark == REMARK_THREAD ||
                        outcome->remark == REMARK_FAMILY;
    if (is_half_said && outcome->error != 0)
        buffer_add_format(out, ": %s", strerror(outcome->error));
    if (outcome->remark == REMARK_FAMILY && outcome->error == 0 && outcome->lookup_error != 0)
        buffer_add_format(out, ": %s", gai_strerror(outcome->lookup_error));
    if (outcome->remark != REMARK_NONE)
        return;
    if (outcome->icmp.is_set) {
        const struct icmp_row *row = find_icmp(&outcome->icmp);
        buffer_add_text(out, row != NULL ? row->words : "ICMP error");
    } else if (outcome->error != 0) {
        describe_error(out, outcome);
    } else if (outcome->lookup_error != 0) {
        buffer_add_text(out, gai_strerror(outcome->lookup_error));
    }
}
