#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/outcome.h"

/* glibc and musl hide them from strict POSIX. */
enum { HIDDEN_EAI_NODATA = -5, HIDDEN_EAI_ADDRFAMILY = -9 };

static const struct {
    int error;
    const char *name;
    enum reason reason;
    const char *words;
} errors[] = {
    {ECONNREFUSED, "ECONNREFUSED", REASON_REFUSED, ""},
    {ETIMEDOUT, "ETIMEDOUT", REASON_TIMEOUT, "the system gave up"},
    {EHOSTUNREACH, "EHOSTUNREACH", REASON_UNREACHABLE, "host unreachable"},
    {ENETUNREACH, "ENETUNREACH", REASON_UNREACHABLE, "network unreachable"},
    {EINVAL, "EINVAL", REASON_UNREACHABLE, "blackhole route"},
    {ENETDOWN, "ENETDOWN", REASON_UNREACHABLE, "network is down"},
    {EHOSTDOWN, "EHOSTDOWN", REASON_UNREACHABLE, "host is down"},
    {ENOPROTOOPT, "ENOPROTOOPT", REASON_UNREACHABLE, "protocol unreachable"},
    {EPROTO, "EPROTO", REASON_UNREACHABLE, "ICMP parameter problem"},
    {EOPNOTSUPP, "EOPNOTSUPP", REASON_UNREACHABLE, "source route failed"},
#ifdef ENONET
    {ENONET, "ENONET", REASON_UNREACHABLE, "source host isolated"},
#endif
    {EACCES, "EACCES", REASON_PROHIBITED, "prohibited by a route or firewall"},
    {EPERM, "EPERM", REASON_PROHIBITED, "prohibited by a local firewall"},
    {ECONNRESET, "ECONNRESET", REASON_REFUSED, "reset before the handshake was done"},
    {ECONNABORTED, "ECONNABORTED", REASON_LOCAL, "the connection was aborted on this machine"},
    {EPIPE, "EPIPE", REASON_REFUSED, "reset before the handshake was done"},
    {EMFILE, "EMFILE", REASON_LOCAL, "no descriptor left for this process"},
    {ENFILE, "ENFILE", REASON_LOCAL, "no descriptor left on this system"},
    {ENOBUFS, "ENOBUFS", REASON_LOCAL, "no buffer space left"},
    {ENOMEM, "ENOMEM", REASON_LOCAL, "out of memory"},
    {EAGAIN, "EAGAIN", REASON_LOCAL, "no thread or port left for now"},
    {EADDRINUSE, "EADDRINUSE", REASON_LOCAL, "no local port left"},
    {EAFNOSUPPORT, "EAFNOSUPPORT", REASON_LOCAL, "address family not supported here"},
    {EADDRNOTAVAIL, "EADDRNOTAVAIL", REASON_LOCAL, "no local port left"},
    {ENODEV, "ENODEV", REASON_LOCAL, "no such interface"},
    {EMSGSIZE, "EMSGSIZE", REASON_TOOBIG, "larger than the interface takes"},
};

static const struct {
    const char *label;
    const char *sender;
    uint8_t type;
    uint8_t code;
    enum reason reason;
    const char *words;
} icmps[] = {
    {"3/0", "10.6.0.1", 3, 0, REASON_UNREACHABLE, "network unreachable"},
    {"3/1", "10.6.0.1", 3, 1, REASON_UNREACHABLE, "host unreachable"},
    {"3/2", "10.6.0.1", 3, 2, REASON_UNREACHABLE, "protocol unreachable"},
    {"3/3", "10.6.0.1", 3, 3, REASON_REFUSED, "port unreachable"},
    {"3/4", "10.6.0.1", 3, 4, REASON_TOOBIG, "larger than the path takes"},
    {"3/5", "10.6.0.1", 3, 5, REASON_UNREACHABLE, "source route failed"},
    {"3/6", "10.6.0.1", 3, 6, REASON_UNREACHABLE, "network unknown"},
    {"3/7", "10.6.0.1", 3, 7, REASON_UNREACHABLE, "host unknown"},
    {"3/8", "10.6.0.1", 3, 8, REASON_UNREACHABLE, "source host isolated"},
    {"3/9", "10.6.0.1", 3, 9, REASON_PROHIBITED, "network administratively prohibited"},
    {"3/10", "10.6.0.1", 3, 10, REASON_PROHIBITED, "host administratively prohibited"},
    {"3/11", "10.6.0.1", 3, 11, REASON_UNREACHABLE,
     "network unreachable for this type of service"},
    {"3/12", "10.6.0.1", 3, 12, REASON_UNREACHABLE,
     "host unreachable for this type of service"},
    {"3/13", "10.6.0.1", 3, 13, REASON_PROHIBITED, "administratively prohibited"},
    {"3/14", "10.6.0.1", 3, 14, REASON_UNREACHABLE, "host precedence violation"},
    {"3/15", "10.6.0.1", 3, 15, REASON_UNREACHABLE, "precedence cutoff in effect"},
    {"11/0", "10.6.0.1", 11, 0, REASON_UNREACHABLE, "time to live exceeded"},
    {"12/0", "10.6.0.1", 12, 0, REASON_UNREACHABLE, "parameter problem"},
    {"v6 1/0", "2001:db8::1", 1, 0, REASON_UNREACHABLE, "no route to destination"},
    {"v6 1/1", "2001:db8::1", 1, 1, REASON_PROHIBITED, "administratively prohibited"},
    {"v6 1/2", "2001:db8::1", 1, 2, REASON_UNREACHABLE, "beyond scope of source address"},
    {"v6 1/3", "2001:db8::1", 1, 3, REASON_UNREACHABLE, "address unreachable"},
    {"v6 1/4", "2001:db8::1", 1, 4, REASON_REFUSED, "port unreachable"},
    {"v6 1/5", "2001:db8::1", 1, 5, REASON_PROHIBITED, "source address failed policy"},
    {"v6 1/6", "2001:db8::1", 1, 6, REASON_PROHIBITED, "reject route to destination"},
    {"v6 2/0", "2001:db8::1", 2, 0, REASON_TOOBIG, "larger than the path takes"},
    {"v6 3/0", "2001:db8::1", 3, 0, REASON_UNREACHABLE, "hop limit exceeded"},
    {"v6 4/0", "2001:db8::1", 4, 0, REASON_UNREACHABLE, "parameter problem"},
    /* The table does not tell: the reason of the errno stays. */
    {"3/16", "10.6.0.1", 3, 16, REASON_COUNT, "ICMP error"},
    {"11/1", "10.6.0.1", 11, 1, REASON_COUNT, "ICMP error"},
    {"0/0", "10.6.0.1", 0, 0, REASON_COUNT, "ICMP error"},
    {"255/255", "10.6.0.1", 255, 255, REASON_COUNT, "ICMP error"},
    {"v6 1/7", "2001:db8::1", 1, 7, REASON_COUNT, "ICMP error"},
    {"v6 3/13, prohibited only in v4", "2001:db8::1", 3, 13, REASON_COUNT, "ICMP error"},
    {"v4 1/1, prohibited only in v6", "10.6.0.1", 1, 1, REASON_COUNT, "ICMP error"},
};

static struct icmp icmp_of(const char *sender, uint8_t type, uint8_t code)
{
    struct icmp icmp;
    memset(&icmp, 0, sizeof icmp);
    icmp.is_set = true;
    icmp.type = type;
    icmp.code = code;
    assert_true(address_parse(sender, strlen(sender), &icmp.sender));
    return icmp;
}

static void claim_words(const char *label, const struct outcome *outcome, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    outcome_describe(&out, outcome);
    claim_text(label, "description", buffer_text(&out), expected);
    buffer_release(&out);
}

static void claim_reason(const char *label, const struct outcome *outcome, enum reason expected)
{
    claim_text(label, "reason", reason_name(outcome->reason), reason_name(expected));
}

/* Errno */

static void test_outcome_errno_gives_its_reason_name_and_words(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        const char *name = errors[i].name;
        int error = errors[i].error;
        struct outcome outcome = outcome_of_error(error);
        claim_reason(name, &outcome, errors[i].reason);
        claim_number(name, "error", (uint64_t)outcome.error, (uint64_t)error);
        claim_true(name, "no ICMP", !outcome.icmp.is_set);
        claim_text(name, "name", outcome_error_name(&outcome), name);
        claim_words(name, &outcome, errors[i].words);
        claim_number(name, "a reset", outcome_is_reset(error),
                     error == ECONNRESET || error == EPIPE || error == ECONNABORTED);
    }
}

static void test_outcome_unknown_errno_is_local_in_the_systems_words(void **state)
{
    struct outcome outcome = outcome_of_error(EXDEV);
    claim_reason("EXDEV", &outcome, REASON_LOCAL);
    claim_text("EXDEV", "name", outcome_error_name(&outcome), NULL);
    claim_words("EXDEV", &outcome, strerror(EXDEV));
}

static void test_outcome_of_a_reason_is_nothing_but_the_reason(void **state)
{
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        const char *label = reason_name((enum reason)reason);
        struct outcome outcome = outcome_of((enum reason)reason);
        claim_number(label, "reason", outcome.reason, (uint64_t)reason);
        claim_number(label, "remark", outcome.remark, REMARK_NONE);
        claim_true(label, "no error",
                   outcome.error == 0 && outcome.lookup_error == 0 && !outcome.icmp.is_set);
        claim_text(label, "name of the error", outcome_error_name(&outcome), NULL);
        claim_words(label, &outcome, "");
    }
}

static void test_outcome_of_a_reset_depends_on_the_handshake(void **state)
{
    static const struct {
        int error;
        bool is_acknowledged;
        bool is_window_shut;
        enum reason reason;
        enum remark remark;
    } cases[] = {
        {ECONNRESET, true, false, REASON_CONNECTED, REMARK_RESET},
        {ECONNRESET, true, true, REASON_REFUSED, REMARK_PROXY_RESET},
        {ECONNRESET, false, false, REASON_REFUSED, REMARK_NONE},
        {ECONNRESET, false, true, REASON_REFUSED, REMARK_NONE},
        {EPIPE, true, false, REASON_CONNECTED, REMARK_RESET},
        {EPIPE, false, true, REASON_REFUSED, REMARK_NONE},
        {ECONNABORTED, true, false, REASON_CONNECTED, REMARK_RESET},
        {ECONNABORTED, true, true, REASON_LOCAL, REMARK_NONE},
        {ECONNABORTED, false, false, REASON_LOCAL, REMARK_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct outcome outcome =
            outcome_of_reset(cases[i].error, cases[i].is_acknowledged, cases[i].is_window_shut);
        char label[64];
        (void)snprintf(label, sizeof label, "%s, row %zu", outcome_error_name(&outcome), i);
        claim_reason(label, &outcome, cases[i].reason);
        claim_number(label, "remark", outcome.remark, cases[i].remark);
    }
}

/* ICMP */

static void test_outcome_icmp_overrules_any_errno_and_is_kept_with_it(void **state)
{
    static const int killers[] = {EHOSTUNREACH, ECONNREFUSED, EACCES, EPROTO, ETIMEDOUT};
    for (size_t i = 0; i < ARRAY_LEN(icmps) * ARRAY_LEN(killers); i++) {
        size_t row = i / ARRAY_LEN(killers);
        const char *label = icmps[row].label;
        struct icmp icmp = icmp_of(icmps[row].sender, icmps[row].type, icmps[row].code);
        struct outcome outcome = outcome_of_error(killers[i % ARRAY_LEN(killers)]);
        const struct outcome before = outcome;
        outcome_add_icmp(&outcome, &icmp);
        claim_reason(label, &outcome,
                     icmps[row].reason != REASON_COUNT ? icmps[row].reason : before.reason);
        claim_words(label, &outcome, icmps[row].words);
        claim_true(label, "kept", outcome.icmp.is_set);
        claim_number(label, "type", outcome.icmp.type, icmp.type);
        claim_number(label, "code", outcome.icmp.code, icmp.code);
        claim_true(label, "sender", address_equals(&outcome.icmp.sender, &icmp.sender));
        claim_text(label, "errno", outcome_error_name(&outcome), outcome_error_name(&before));
    }
}

/* This machine's shortages (DESIGN, fact 7) */

static const struct {
    const char *name;
    int error;
    bool on_ipv4;
    bool on_ipv6;
    bool on_others;
} shortages[] = {
    {"EMFILE", EMFILE, true, true, true},
    {"ENFILE", ENFILE, true, true, true},
    {"ENOBUFS", ENOBUFS, true, true, true},
    {"ENOMEM", ENOMEM, true, true, true},
    {"EAGAIN", EAGAIN, true, true, true},
    {"EADDRINUSE", EADDRINUSE, true, true, true},
    {"EADDRNOTAVAIL", EADDRNOTAVAIL, true, true, false},
    {"no error", 0, false, false, false},
    {"ECONNREFUSED", ECONNREFUSED, false, false, false},
    {"ETIMEDOUT", ETIMEDOUT, false, false, false},
    {"EHOSTUNREACH", EHOSTUNREACH, false, false, false},
    {"ENETUNREACH", ENETUNREACH, false, false, false},
    {"ENETDOWN", ENETDOWN, false, false, false},
    {"EACCES", EACCES, false, false, false},
    {"EPERM", EPERM, false, false, false},
    {"EINVAL", EINVAL, false, false, false},
    {"EAFNOSUPPORT", EAFNOSUPPORT, false, false, false},
    {"ENODEV", ENODEV, false, false, false},
    {"ECONNRESET", ECONNRESET, false, false, false},
};

static void test_outcome_shortage_depends_on_errno_and_family(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(shortages); i++) {
        int error = shortages[i].error;
        claim_true(shortages[i].name, "the claim for IPv4",
                   outcome_is_shortage(error, AF_INET) == shortages[i].on_ipv4);
        claim_true(shortages[i].name, "the claim for IPv6",
                   outcome_is_shortage(error, AF_INET6) == shortages[i].on_ipv6);
        claim_true(shortages[i].name, "the claim for other calls",
                   outcome_is_shortage(error, AF_UNSPEC) == shortages[i].on_others);
        struct outcome outcome = outcome_of_error(error);
        if (shortages[i].on_ipv4)
            claim_reason(shortages[i].name, &outcome, REASON_LOCAL);
    }
}

/* Lookups */

/*
 * getaddrinfo() leaves errno behind from files that it looked for in vain: only what this
 * machine lacks counts, and what is said to be the system's error, not in the words of a
 * connect(): no blackhole route was seen.
 */
static const struct {
    const char *label;
    int lookup_error;
    int error;
    enum reason reason;
    const char *name;
    bool says_no_address;
    bool is_system; /* in the system's words, else in the resolver's */
    bool is_temporary;
} lookups[] = {
    {"no name", EAI_NONAME, 0, REASON_UNRESOLVED, "EAI_NONAME", true, false, false},
    {"no data", HIDDEN_EAI_NODATA, 0, REASON_UNRESOLVED, "EAI_NODATA", true, false, false},
    {"other family", HIDDEN_EAI_ADDRFAMILY, 0, REASON_UNRESOLVED, "EAI_ADDRFAMILY", true, false,
     false},
    {"again", EAI_AGAIN, 0, REASON_UNRESOLVED, "EAI_AGAIN", false, false, true},
    {"fail", EAI_FAIL, 0, REASON_UNRESOLVED, "EAI_FAIL", false, false, false},
    {"no descriptor, seen as no name", EAI_NONAME, EMFILE, REASON_LOCAL, "EMFILE", true, true,
     false},
    {"no descriptor, seen as try again", EAI_AGAIN, ENFILE, REASON_LOCAL, "ENFILE", false, true,
     false},
    {"no descriptor, again", EAI_AGAIN, EMFILE, REASON_LOCAL, "EMFILE", false, true, false},
    {"no memory", EAI_SYSTEM, ENOMEM, REASON_LOCAL, "ENOMEM", false, true, false},
    {"no buffers", EAI_SYSTEM, ENOBUFS, REASON_LOCAL, "ENOBUFS", false, true, false},
    {"server refused", EAI_SYSTEM, ECONNREFUSED, REASON_UNRESOLVED, "ECONNREFUSED", false, true,
     false},
    {"unreadable file", EAI_SYSTEM, EACCES, REASON_UNRESOLVED, "EACCES", false, true, false},
    {"invalid", EAI_SYSTEM, EINVAL, REASON_UNRESOLVED, "EINVAL", false, true, false},
    {"timed out", EAI_SYSTEM, ETIMEDOUT, REASON_UNRESOLVED, "ETIMEDOUT", false, true, false},
    {"no file", EAI_SYSTEM, ENOENT, REASON_UNRESOLVED, NULL, false, true, false},
    {"stale, no file", EAI_NONAME, ENOENT, REASON_UNRESOLVED, "EAI_NONAME", true, false, false},
    {"stale, refused", EAI_NONAME, ECONNREFUSED, REASON_UNRESOLVED, "EAI_NONAME", true, false,
     false},
    {"stale, invalid", EAI_NONAME, EINVAL, REASON_UNRESOLVED, "EAI_NONAME", true, false, false},
    {"stale, again", EAI_NONAME, EAGAIN, REASON_UNRESOLVED, "EAI_NONAME", true, false, false},
};

static void test_outcome_lookup_error_gives_reason_name_and_words(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(lookups); i++) {
        const char *label = lookups[i].label;
        int lookup_error = lookups[i].lookup_error;
        int error = lookups[i].error;
        struct outcome outcome = outcome_of_lookup(lookup_error, error);
        claim_reason(label, &outcome, lookups[i].reason);
        claim_text(label, "name", outcome_error_name(&outcome), lookups[i].name);
        claim_number(label, "lookup error", (uint64_t)outcome.lookup_error,
                     (uint64_t)lookup_error);
        if (lookups[i].is_system)
            claim_number(label, "error", (uint64_t)outcome.error, (uint64_t)error);
        claim_words(label, &outcome,
                    lookups[i].is_system ? strerror(error) : gai_strerror(lookup_error));
        claim_number(label, "no address", outcome_says_no_address(lookup_error),
                     lookups[i].says_no_address);
        claim_number(label, "temporary", outcome_is_temporary(&outcome),
                     lookups[i].is_temporary);
    }
    struct outcome outcome = outcome_of_lookup(EAI_MEMORY, 0);
    claim_reason("EAI_MEMORY", &outcome, REASON_LOCAL);
    assert_non_null(outcome_error_name(&outcome));
    assert_false(outcome_says_no_address(EAI_MEMORY));
}

/* States, names, ranks, remarks */

static void test_outcome_states_have_their_names(void **state)
{
    assert_string_equal(state_name(STATE_UP), "up");
    assert_string_equal(state_name(STATE_DOWN), "down");
    assert_string_equal(state_name(STATE_ERROR), "error");
}

/* What explains more comes first. */
static const enum reason ranking[] = {
    REASON_CONNECTED,   REASON_REFUSED, REASON_PROHIBITED, REASON_TIMEOUT,
    REASON_UNREACHABLE, REASON_GONE,    REASON_LOCAL,      REASON_RESOLVE_TIMEOUT,
    REASON_UNRESOLVED,  REASON_INVALID,
};

static int compare_reasons(enum reason reason, enum reason other)
{
    struct outcome a = outcome_of(reason);
    struct outcome b = outcome_of(other);
    return outcome_compare(&a, &b);
}

static void claim_order(enum reason reason, enum reason other, bool is_right)
{
    char label[64];
    (void)snprintf(label, sizeof label, "%s and %s", reason_name(reason), reason_name(other));
    claim_true(label, "the order", is_right);
}

static void test_outcome_that_explains_more_wins(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(ranking); i++)
        for (size_t k = 0; k < ARRAY_LEN(ranking); k++) {
            int order = compare_reasons(ranking[i], ranking[k]);
            claim_order(ranking[i], ranking[k], i == k ? order == 0 : (order > 0) == (i < k));
        }
}

/* Which reason a check with two failed addresses has does not depend on their order. */
static void test_outcome_no_two_reasons_explain_as_much(void **state)
{
    (void)state;
    for (enum reason a = 0; a < REASON_COUNT; a++)
        for (enum reason b = 0; b < REASON_COUNT; b++)
            claim_order(a, b, (compare_reasons(a, b) == 0) == (a == b));
}

static const struct {
    enum remark remark;
    const char *words;
} remarks[] = {
    {REMARK_RESET, "reset right after accept"},
    {REMARK_PROXY_RESET, "by the server behind a SYN proxy"},
    {REMARK_PROXY_SILENT, "accepted by a SYN proxy, no server behind it answered"},
    {REMARK_SILENT, "connected, but said nothing"},
    {REMARK_TLS_SILENT, "accepted, but no answer to a TLS hello"},
    {REMARK_SELF_CONNECT, "only a self-connect, nobody listens"},
    {REMARK_UNSPECIFIED, "resolves to the unspecified address"},
    {REMARK_EXCLUDED, "resolves only to excluded addresses"},
    {REMARK_INTERFACE, "no such interface"},
    {REMARK_SOURCE, "cannot ask from this source"},
    {REMARK_NO_SOURCE, "IPv6 is off, or has no address here to ask from"},
    {REMARK_RESOLVER, "every resolver thread hangs in a lookup"},
    {REMARK_THREAD, "cannot start a resolver thread"},
    {REMARK_FAMILY, "the other address family is missing"},
    {REMARK_SEARCH_LIST,
     "musl cannot take the search list, a line over 254 bytes (/etc/resolv.conf)"},
    {REMARK_HOSTS_LINE, "musl cannot take a name beyond byte 510 of its line (/etc/hosts)"},
    {REMARK_HOSTS_END, "musl cannot take a last line without a line end (/etc/hosts)"},
    {REMARK_HOSTS_CASE, "musl cannot take this name, in other capitals (/etc/hosts)"},
    {REMARK_NO_RESOLV_CONF, "there is no /etc/resolv.conf"},
    {REMARK_GONE, "the name no longer resolves"},
    {REMARK_NO_SCOPE, "a link-local address, without its interface"},
    {REMARK_BROADCAST, "a broadcast address, not a host"},
    {REMARK_MULTICAST, "a multicast group, not a host"},
    {REMARK_CUT, "the wait ended too soon to tell"},
    {REMARK_LOST, "replies were lost here, the receive buffer is too small"},
    {REMARK_OVER, "the run's time was over"},
    {REMARK_NO_ECHO,
     "ping is not allowed here: set net.ipv4.ping_group_range, or give CAP_NET_RAW"},
    {REMARK_NO_RAW, "ping is not allowed here: give CAP_NET_RAW"},
    {REMARK_FRAGMENTS, "this system cannot forbid fragments"},
};

static void test_outcome_remark_has_its_words(void **state)
{
    assert_int_equal(ARRAY_LEN(remarks) + 1, REMARK_COUNT);
    for (size_t i = 0; i < ARRAY_LEN(remarks); i++) {
        struct outcome outcome = outcome_of(REASON_LOCAL);
        outcome.remark = remarks[i].remark;
        claim_words(remarks[i].words, &outcome, remarks[i].words);
    }
}

/* Not in the words of connect(), where EPERM is a firewall's. */
static void test_outcome_remark_names_the_error_behind_it(void **state)
{
    static const struct {
        enum remark remark;
        int error;
        int lookup_error;
        const char *words;
    } cases[] = {
        {REMARK_SOURCE, EADDRNOTAVAIL, 0, "cannot ask from this source: "},
        {REMARK_THREAD, EPERM, 0, "cannot start a resolver thread: "},
        {REMARK_FAMILY, 0, EAI_FAIL, "the other address family is missing: "},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct outcome outcome = outcome_of_lookup(cases[i].lookup_error, 0);
        char expected[256];
        int error = cases[i].error;
        if (error != 0)
            outcome = outcome_of(REASON_LOCAL);
        outcome.remark = cases[i].remark;
        outcome.error = error;
        (void)snprintf(expected, sizeof expected, "%s%s", cases[i].words,
                       error != 0 ? strerror(error) : gai_strerror(cases[i].lookup_error));
        claim_words(cases[i].words, &outcome, expected);
    }
}

/* Where the name is in a file, it is no name that does not exist. */
static void test_outcome_cause_of_a_failed_lookup_is_its_remark(void **state)
{
    static const struct {
        const char *label;
        int lookup_error;
        int error;
        enum lookup_cause cause;
        enum remark remark;
        bool is_nameless;
    } cases[] = {
        {"none", EAI_NONAME, 0, LOOKUP_CAUSE_NONE, REMARK_NONE, true},
        {"search list", EAI_NONAME, 0, LOOKUP_CAUSE_SEARCH_LIST, REMARK_SEARCH_LIST, true},
        {"hosts, line", EAI_NONAME, 0, LOOKUP_CAUSE_HOSTS_LINE, REMARK_HOSTS_LINE, false},
        {"hosts, end", EAI_NONAME, 0, LOOKUP_CAUSE_HOSTS_END, REMARK_HOSTS_END, false},
        {"hosts, case", EAI_NONAME, 0, LOOKUP_CAUSE_HOSTS_CASE, REMARK_HOSTS_CASE, false},
        {"no file", EAI_AGAIN, 0, LOOKUP_CAUSE_NO_RESOLV_CONF, REMARK_NO_RESOLV_CONF, false},
        {"try again", EAI_AGAIN, 0, LOOKUP_CAUSE_NONE, REMARK_NONE, false},
        {"local", EAI_NONAME, EMFILE, LOOKUP_CAUSE_SEARCH_LIST, REMARK_NONE, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct outcome outcome = outcome_of_lookup(cases[i].lookup_error, cases[i].error);
        outcome_add_cause(&outcome, cases[i].cause);
        claim_number(cases[i].label, "remark", outcome.remark, cases[i].remark);
        claim_true(cases[i].label, "nameless",
                   outcome_is_nameless(&outcome) == cases[i].is_nameless);
    }
}

static void test_outcome_is_temporary_without_a_route(void **state)
{
    static const struct {
        const char *label;
        int error;
        bool is_own;
        const char *sender; /* NULL: no ICMP */
        uint8_t type;
        uint8_t code;
        bool is_temporary;
    } cases[] = {
        {"no route", ENETUNREACH, true, NULL, 0, 0, true},
        {"unreachable route", EHOSTUNREACH, true, NULL, 0, 0, true},
        {"interface down", ENETDOWN, true, NULL, 0, 0, true},
        {"blackhole", EINVAL, true, NULL, 0, 0, true},
        {"not known to be own", ENETUNREACH, false, NULL, 0, 0, false},
        {"prohibited", EACCES, true, NULL, 0, 0, false},
        {"own ICMP, no route", ENETUNREACH, true, "10.0.0.1", 3, 0, true},
        {"own ICMP, no neighbour", EHOSTUNREACH, true, "10.0.0.1", 3, 1, false},
        {"own ICMPv6, no route", ENETUNREACH, true, "2001:db8::1", 1, 0, true},
        {"own ICMPv6, no neighbour", EHOSTUNREACH, true, "2001:db8::1", 1, 3, false},
        {"a router's ICMP", ENETUNREACH, false, "10.0.0.1", 3, 0, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct outcome outcome = outcome_of_error(cases[i].error);
        outcome.is_own = cases[i].is_own;
        if (cases[i].sender != NULL) {
            struct icmp icmp = {.is_set = true,
                                .type = cases[i].type,
                                .code = cases[i].code,
                                .is_own = cases[i].is_own};
            assert_true(address_parse(cases[i].sender, strlen(cases[i].sender), &icmp.sender));
            outcome_add_icmp(&outcome, &icmp);
        }
        claim_number(cases[i].label, "temporary", outcome_is_temporary(&outcome),
                     cases[i].is_temporary);
    }
}

static void test_outcome_description_is_appended(void **state)
{
    struct outcome outcome = outcome_of_error(ENETUNREACH);
    struct buffer out = BUFFER_EMPTY;
    buffer_add_text(&out, "why: ");
    outcome_describe(&out, &outcome);
    assert_string_equal(buffer_text(&out), "why: network unreachable");
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcome_errno_gives_its_reason_name_and_words),
        cmocka_unit_test(test_outcome_unknown_errno_is_local_in_the_systems_words),
        cmocka_unit_test(test_outcome_of_a_reason_is_nothing_but_the_reason),
        cmocka_unit_test(test_outcome_of_a_reset_depends_on_the_handshake),
        cmocka_unit_test(test_outcome_icmp_overrules_any_errno_and_is_kept_with_it),
        cmocka_unit_test(test_outcome_shortage_depends_on_errno_and_family),
        cmocka_unit_test(test_outcome_lookup_error_gives_reason_name_and_words),
        cmocka_unit_test(test_outcome_states_have_their_names),
        cmocka_unit_test(test_outcome_that_explains_more_wins),
        cmocka_unit_test(test_outcome_no_two_reasons_explain_as_much),
        cmocka_unit_test(test_outcome_remark_has_its_words),
        cmocka_unit_test(test_outcome_remark_names_the_error_behind_it),
        cmocka_unit_test(test_outcome_cause_of_a_failed_lookup_is_its_remark),
        cmocka_unit_test(test_outcome_is_temporary_without_a_route),
        cmocka_unit_test(test_outcome_description_is_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
