#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

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
    {"v6 3/0", "2001:db8::1", 3, 0, REASON_UNREACHABLE, "hop limit exceeded"},
    {"v6 4/0", "2001:db8::1", 4, 0, REASON_UNREACHABLE, "parameter problem"},
};

/* From errno and the table alone nobody can tell; the reason of the errno stays. */
static const struct {
    const char *label;
    const char *sender;
    uint8_t type;
    uint8_t code;
} odd_icmps[] = {
    {"3/4", "10.6.0.1", 3, 4},
    {"3/16", "10.6.0.1", 3, 16},
    {"11/1", "10.6.0.1", 11, 1},
    {"0/0", "10.6.0.1", 0, 0},
    {"255/255", "10.6.0.1", 255, 255},
    {"v6 2/0", "2001:db8::1", 2, 0},
    {"v6 1/7", "2001:db8::1", 1, 7},
    {"v6 3/13, prohibited only in v4", "2001:db8::1", 3, 13},
    {"v4 1/1, prohibited only in v6", "10.6.0.1", 1, 1},
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

static void test_outcome_errno_gives_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        struct outcome outcome = outcome_of_error(errors[i].error);
        claim_reason(errors[i].name, &outcome, errors[i].reason);
        claim_number(errors[i].name, "error", (uint64_t)outcome.error,
                     (uint64_t)errors[i].error);
        claim_true(errors[i].name, "no ICMP", !outcome.icmp.is_set);
    }
}

static void test_outcome_errno_has_its_name_and_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        struct outcome outcome = outcome_of_error(errors[i].error);
        claim_text(errors[i].name, "name", outcome_error_name(&outcome), errors[i].name);
        claim_words(errors[i].name, &outcome, errors[i].words);
    }
}

static void test_outcome_unknown_errno_is_local_in_the_systems_words(void **state)
{
    (void)state;
    struct outcome outcome = outcome_of_error(EXDEV);
    claim_reason("EXDEV", &outcome, REASON_LOCAL);
    claim_text("EXDEV", "name", outcome_error_name(&outcome), NULL);
    claim_words("EXDEV", &outcome, strerror(EXDEV));
}

static void test_outcome_of_a_reason_is_nothing_but_the_reason(void **state)
{
    (void)state;
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
    (void)state;
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

static void test_outcome_resets_are_three(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        int error = errors[i].error;
        claim_true(errors[i].name, "the claim",
                   outcome_is_reset(error) ==
                       (error == ECONNRESET || error == EPIPE || error == ECONNABORTED));
    }
}

/* ICMP */

static void test_outcome_icmp_gives_its_reason_and_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(icmps); i++) {
        struct icmp icmp = icmp_of(icmps[i].sender, icmps[i].type, icmps[i].code);
        struct outcome outcome = outcome_of_error(EHOSTUNREACH);
        outcome_add_icmp(&outcome, &icmp);
        claim_reason(icmps[i].label, &outcome, icmps[i].reason);
        claim_words(icmps[i].label, &outcome, icmps[i].words);
    }
}

static void test_outcome_icmp_overrules_any_errno(void **state)
{
    (void)state;
    static const int killers[] = {EHOSTUNREACH, ECONNREFUSED, EACCES, EPROTO, ETIMEDOUT};
    struct icmp icmp = icmp_of("10.6.0.1", 3, 13);
    for (size_t i = 0; i < ARRAY_LEN(killers); i++) {
        struct outcome outcome = outcome_of_error(killers[i]);
        outcome_add_icmp(&outcome, &icmp);
        claim_reason(strerror(killers[i]), &outcome, REASON_PROHIBITED);
    }
}

static void test_outcome_icmp_is_kept_with_the_errno(void **state)
{
    (void)state;
    struct icmp icmp = icmp_of("10.6.0.1", 3, 10);
    struct outcome outcome = outcome_of_error(EHOSTUNREACH);
    outcome_add_icmp(&outcome, &icmp);
    assert_true(outcome.icmp.is_set);
    assert_int_equal(outcome.icmp.code, 10);
    assert_true(address_equals(&outcome.icmp.sender, &icmp.sender));
    assert_string_equal(outcome_error_name(&outcome), "EHOSTUNREACH");
}

static void test_outcome_odd_icmp_leaves_the_reason_of_the_errno(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(odd_icmps); i++) {
        struct icmp icmp = icmp_of(odd_icmps[i].sender, odd_icmps[i].type, odd_icmps[i].code);
        struct outcome outcome = outcome_of_error(EPROTO);
        outcome_add_icmp(&outcome, &icmp);
        claim_reason(odd_icmps[i].label, &outcome, REASON_UNREACHABLE);
        claim_words(odd_icmps[i].label, &outcome, "ICMP error");
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
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(shortages); i++) {
        int error = shortages[i].error;
        claim_true(shortages[i].name, "the claim for IPv4",
                   outcome_is_shortage(error, AF_INET) == shortages[i].on_ipv4);
        claim_true(shortages[i].name, "the claim for IPv6",
                   outcome_is_shortage(error, AF_INET6) == shortages[i].on_ipv6);
        claim_true(shortages[i].name, "the claim for other calls",
                   outcome_is_shortage(error, AF_UNSPEC) == shortages[i].on_others);
    }
}

static void test_outcome_every_shortage_is_reported_as_local(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(shortages); i++) {
        if (!shortages[i].on_ipv4)
            continue;
        struct outcome outcome = outcome_of_error(shortages[i].error);
        claim_reason(shortages[i].name, &outcome, REASON_LOCAL);
    }
}

/* Lookups */

static const struct {
    const char *name;
    int lookup_error;
    enum reason reason;
    bool says_no_address;
} lookups[] = {
    {"EAI_NONAME", EAI_NONAME, REASON_UNRESOLVED, true},
    {"EAI_NODATA", HIDDEN_EAI_NODATA, REASON_UNRESOLVED, true},
    {"EAI_ADDRFAMILY", HIDDEN_EAI_ADDRFAMILY, REASON_UNRESOLVED, true},
    {"EAI_AGAIN", EAI_AGAIN, REASON_UNRESOLVED, false},
    {"EAI_FAIL", EAI_FAIL, REASON_UNRESOLVED, false},
};

static void test_outcome_lookup_error_gives_its_reason_and_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lookups); i++) {
        struct outcome outcome = outcome_of_lookup(lookups[i].lookup_error, 0);
        claim_reason(lookups[i].name, &outcome, lookups[i].reason);
        claim_text(lookups[i].name, "name", outcome_error_name(&outcome), lookups[i].name);
    }
}

static void test_outcome_lookup_error_is_in_the_resolvers_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lookups); i++) {
        struct outcome outcome = outcome_of_lookup(lookups[i].lookup_error, 0);
        claim_words(lookups[i].name, &outcome, gai_strerror(lookups[i].lookup_error));
    }
}

static void test_outcome_only_a_missing_name_says_no_address(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lookups); i++)
        claim_true(lookups[i].name, "the claim",
                   outcome_says_no_address(lookups[i].lookup_error) ==
                       lookups[i].says_no_address);
    assert_false(outcome_says_no_address(EAI_SYSTEM));
    assert_false(outcome_says_no_address(EAI_MEMORY));
}

static const struct {
    const char *label;
    int lookup_error;
    int system_error;
    enum reason reason;
} system_lookups[] = {
    {"no descriptor, seen as no name", EAI_NONAME, EMFILE, REASON_LOCAL},
    {"no descriptor, seen as try again", EAI_AGAIN, ENFILE, REASON_LOCAL},
    {"no memory", EAI_SYSTEM, ENOMEM, REASON_LOCAL},
    {"no buffers", EAI_SYSTEM, ENOBUFS, REASON_LOCAL},
    {"server refused", EAI_SYSTEM, ECONNREFUSED, REASON_UNRESOLVED},
    {"unreadable file", EAI_SYSTEM, EACCES, REASON_UNRESOLVED},
};

static void test_outcome_lookup_that_failed_for_want_of_something_is_local(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(system_lookups); i++) {
        struct outcome outcome =
            outcome_of_lookup(system_lookups[i].lookup_error, system_lookups[i].system_error);
        claim_reason(system_lookups[i].label, &outcome, system_lookups[i].reason);
        claim_number(system_lookups[i].label, "lookup error", (uint64_t)outcome.lookup_error,
                     (uint64_t)system_lookups[i].lookup_error);
        claim_number(system_lookups[i].label, "error", (uint64_t)outcome.error,
                     (uint64_t)system_lookups[i].system_error);
    }
}

static void test_outcome_lookup_without_memory_is_local(void **state)
{
    (void)state;
    struct outcome outcome = outcome_of_lookup(EAI_MEMORY, 0);
    claim_reason("EAI_MEMORY", &outcome, REASON_LOCAL);
    assert_non_null(outcome_error_name(&outcome));
}

/* getaddrinfo() leaves errno behind from files that it looked for in vain. */
static void test_outcome_stale_errno_of_a_lookup_is_no_part_of_it(void **state)
{
    (void)state;
    static const int stale[] = {ENOENT, ECONNREFUSED, EINVAL, EAGAIN};
    for (size_t i = 0; i < ARRAY_LEN(stale); i++) {
        struct outcome outcome = outcome_of_lookup(EAI_NONAME, stale[i]);
        claim_reason(strerror(stale[i]), &outcome, REASON_UNRESOLVED);
        claim_text(strerror(stale[i]), "name", outcome_error_name(&outcome), "EAI_NONAME");
    }
}

static void test_outcome_lookup_without_descriptors_says_so(void **state)
{
    (void)state;
    struct outcome outcome = outcome_of_lookup(EAI_NONAME, EMFILE);
    claim_text("EMFILE", "name", outcome_error_name(&outcome), "EMFILE");
    claim_words("EMFILE", &outcome, strerror(EMFILE));
}

/* The words for a connect() would lie about a lookup: nobody saw a blackhole route. */
static void test_outcome_lookups_system_error_is_not_worded_as_a_connects(void **state)
{
    (void)state;
    static const int errors_of_getaddrinfo[] = {EINVAL, EACCES, ETIMEDOUT, ENOENT};
    for (size_t i = 0; i < ARRAY_LEN(errors_of_getaddrinfo); i++) {
        int error = errors_of_getaddrinfo[i];
        struct outcome outcome = outcome_of_lookup(EAI_SYSTEM, error);
        struct buffer out = BUFFER_EMPTY;
        outcome_describe(&out, &outcome);
        claim_contains(strerror(error), buffer_text(&out), strerror(error));
        buffer_release(&out);
    }
}

/* "unresolved" alone does not say that the name server refused. */
static void test_outcome_lookups_system_error_is_never_silent(void **state)
{
    (void)state;
    struct outcome outcome = outcome_of_lookup(EAI_SYSTEM, ECONNREFUSED);
    struct buffer out = BUFFER_EMPTY;
    outcome_describe(&out, &outcome);
    claim_true("ECONNREFUSED", "a description", out.len > 0);
    buffer_release(&out);
}

/* States, names, ranks, remarks */

static void test_outcome_states_have_their_names(void **state)
{
    (void)state;
    assert_string_equal(state_name(STATE_UP), "up");
    assert_string_equal(state_name(STATE_DOWN), "down");
    assert_string_equal(state_name(STATE_ERROR), "error");
}

/* What explains more comes first. */
static const enum reason ranking[] = {
    REASON_CONNECTED,       REASON_REFUSED,     REASON_PROHIBITED,
    REASON_TIMEOUT,         REASON_UNREACHABLE, REASON_LOCAL,
    REASON_RESOLVE_TIMEOUT, REASON_UNRESOLVED,  REASON_INVALID,
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
    (void)state;
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
    {REMARK_SELF_CONNECT, "only a self-connect, nobody listens"},
    {REMARK_UNSPECIFIED, "resolves to the unspecified address"},
    {REMARK_INTERFACE, "no such interface"},
    {REMARK_SOURCE, "cannot ask from this source"},
    {REMARK_NO_SOURCE, "IPv6 is off, or has no address here to ask from"},
    {REMARK_RESOLVER, "every resolver thread hangs in a lookup"},
    {REMARK_THREAD, "cannot start a resolver thread"},
    {REMARK_FAMILY, "the other address family is missing"},
    {REMARK_NO_SCOPE, "a link-local address, without its interface"},
    {REMARK_CUT, "the wait ended too soon to tell"},
    {REMARK_OVER, "the run's time was over"},
};

static void test_outcome_remark_has_its_words(void **state)
{
    (void)state;
    assert_int_equal(ARRAY_LEN(remarks) + 1, REMARK_COUNT);
    for (size_t i = 0; i < ARRAY_LEN(remarks); i++) {
        struct outcome outcome = outcome_of(REASON_LOCAL);
        outcome.remark = remarks[i].remark;
        claim_words(remarks[i].words, &outcome, remarks[i].words);
    }
}

static void test_outcome_source_remark_names_the_systems_error(void **state)
{
    (void)state;
    struct outcome outcome = outcome_of(REASON_LOCAL);
    char expected[256];
    outcome.remark = REMARK_SOURCE;
    outcome.error = EADDRNOTAVAIL;
    (void)snprintf(expected, sizeof expected, "cannot ask from this source: %s",
                   strerror(EADDRNOTAVAIL));
    claim_words("-s", &outcome, expected);
}

/* Not in the words of connect(), where EPERM is a firewall's. */
static void test_outcome_thread_remark_names_the_systems_error(void **state)
{
    (void)state;
    struct outcome outcome = outcome_of(REASON_LOCAL);
    char expected[256];
    outcome.remark = REMARK_THREAD;
    outcome.error = EPERM;
    (void)snprintf(expected, sizeof expected, "cannot start a resolver thread: %s",
                   strerror(EPERM));
    claim_words("pthread_create()", &outcome, expected);
}

static void test_outcome_missing_family_names_the_resolvers_error(void **state)
{
    (void)state;
    struct outcome outcome = outcome_of_lookup(EAI_FAIL, 0);
    char expected[256];
    outcome.remark = REMARK_FAMILY;
    (void)snprintf(expected, sizeof expected, "the other address family is missing: %s",
                   gai_strerror(EAI_FAIL));
    claim_words("EAI_FAIL", &outcome, expected);
}

static void test_outcome_is_temporary_without_a_route_or_a_resolver(void **state)
{
    (void)state;
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
    for (size_t i = 0; i < ARRAY_LEN(lookups); i++) {
        struct outcome outcome = outcome_of_lookup(lookups[i].lookup_error, 0);
        claim_number(lookups[i].name, "temporary", outcome_is_temporary(&outcome),
                     lookups[i].lookup_error == EAI_AGAIN);
    }
    struct outcome outcome = outcome_of_lookup(EAI_AGAIN, EMFILE);
    assert_false(outcome_is_temporary(&outcome));
}

static void test_outcome_description_is_appended(void **state)
{
    (void)state;
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
        cmocka_unit_test(test_outcome_errno_gives_its_reason),
        cmocka_unit_test(test_outcome_errno_has_its_name_and_words),
        cmocka_unit_test(test_outcome_unknown_errno_is_local_in_the_systems_words),
        cmocka_unit_test(test_outcome_of_a_reason_is_nothing_but_the_reason),
        cmocka_unit_test(test_outcome_of_a_reset_depends_on_the_handshake),
        cmocka_unit_test(test_outcome_resets_are_three),
        cmocka_unit_test(test_outcome_icmp_gives_its_reason_and_words),
        cmocka_unit_test(test_outcome_icmp_overrules_any_errno),
        cmocka_unit_test(test_outcome_icmp_is_kept_with_the_errno),
        cmocka_unit_test(test_outcome_odd_icmp_leaves_the_reason_of_the_errno),
        cmocka_unit_test(test_outcome_shortage_depends_on_errno_and_family),
        cmocka_unit_test(test_outcome_every_shortage_is_reported_as_local),
        cmocka_unit_test(test_outcome_lookup_error_gives_its_reason_and_name),
        cmocka_unit_test(test_outcome_lookup_error_is_in_the_resolvers_words),
        cmocka_unit_test(test_outcome_only_a_missing_name_says_no_address),
        cmocka_unit_test(test_outcome_lookup_that_failed_for_want_of_something_is_local),
        cmocka_unit_test(test_outcome_lookup_without_memory_is_local),
        cmocka_unit_test(test_outcome_stale_errno_of_a_lookup_is_no_part_of_it),
        cmocka_unit_test(test_outcome_lookup_without_descriptors_says_so),
        cmocka_unit_test(test_outcome_lookups_system_error_is_not_worded_as_a_connects),
        cmocka_unit_test(test_outcome_lookups_system_error_is_never_silent),
        cmocka_unit_test(test_outcome_states_have_their_names),
        cmocka_unit_test(test_outcome_that_explains_more_wins),
        cmocka_unit_test(test_outcome_no_two_reasons_explain_as_much),
        cmocka_unit_test(test_outcome_remark_has_its_words),
        cmocka_unit_test(test_outcome_source_remark_names_the_systems_error),
        cmocka_unit_test(test_outcome_thread_remark_names_the_systems_error),
        cmocka_unit_test(test_outcome_missing_family_names_the_resolvers_error),
        cmocka_unit_test(test_outcome_is_temporary_without_a_route_or_a_resolver),
        cmocka_unit_test(test_outcome_description_is_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
