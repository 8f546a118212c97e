#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"

static const int64_t ms = NS_PER_MS;

static struct outcome own_of(int error)
{
    struct outcome outcome = outcome_of_error(error);
    outcome.is_own = true;
    return outcome;
}

static struct outcome closed_of(int error)
{
    struct outcome outcome = outcome_of(REASON_CLOSED);
    outcome.error = error;
    return outcome;
}

/* What is written about a trace of the endpoint; `words` without the label. */
static void claim_trace(const char *label, struct trace trace, const char *text,
                        const char *address, const char *words)
{
    struct result result = row_of(text, address, outcome_of(REASON_CONNECTED));
    struct buffer out = BUFFER_EMPTY;
    struct buffer expected = BUFFER_EMPTY;
    trace.endpoint = result.endpoint;
    report_trace(&out, &trace);
    buffer_add_format(&expected, "* %s: %s\n", text, words);
    claim_text(label, "trace", buffer_text(&out), buffer_text(&expected));
    buffer_release(&out);
    buffer_release(&expected);
    result_release(&result);
}

static void test_trace_of_a_lookup_has_families_and_addresses(void **state)
{
    static const struct {
        const char *label;
        struct trace trace;
        const char *words;
    } cases[] = {
        {"both", {.kind = TRACE_RESOLVING, .family = FAMILY_ANY}, "resolving (IPv4 and IPv6)"},
        {"-4", {.kind = TRACE_RESOLVING, .family = FAMILY_IPV4}, "resolving (IPv4)"},
        {"-6", {.kind = TRACE_RESOLVING, .family = FAMILY_IPV6}, "resolving (IPv6)"},
        {"one address",
         {.kind = TRACE_ANSWER, .family = FAMILY_IPV4, .count = 1, .took_ns = 2 * NS_PER_MS},
         "IPv4: 1 address in 2.0 ms"},
        {"three",
         {.kind = TRACE_ANSWER, .family = FAMILY_IPV6, .count = 3, .took_ns = 12 * NS_PER_MS},
         "IPv6: 3 addresses in 12.0 ms"},
        {"after an unknown time",
         {.kind = TRACE_ANSWER, .family = FAMILY_IPV6, .count = 3, .took_ns = -1},
         "IPv6: 3 addresses"},
        {"cut",
         {.kind = TRACE_CUT, .family = FAMILY_IPV6, .count = 64},
         "more than 64 IPv6 addresses, only those are asked"},
        {"one excluded",
         {.kind = TRACE_EXCLUDED, .family = FAMILY_IPV6, .count = 1},
         "1 IPv6 address excluded"},
        {"two excluded",
         {.kind = TRACE_EXCLUDED, .family = FAMILY_IPV4, .count = 2},
         "2 IPv4 addresses excluded"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        claim_trace(cases[i].label, cases[i].trace, "db:22", "", cases[i].words);
}

static void test_trace_of_a_failed_lookup_says_why(void **state)
{
    struct trace trace = {.kind = TRACE_ANSWER, .family = FAMILY_IPV6, .took_ns = 2 * ms};
    struct buffer expected = BUFFER_EMPTY;
    trace.outcome = outcome_of_lookup(EAI_NONAME, 0);
    buffer_add_format(&expected, "IPv6: unresolved in 2.0 ms: %s", gai_strerror(EAI_NONAME));
    claim_trace("no name", trace, "db:22", "", buffer_text(&expected));
    buffer_release(&expected);
}

static void test_trace_of_an_answer_has_its_words(void **state)
{
    struct trace trace = {.kind = TRACE_CONNECTED,
                          .outcome = outcome_of(REASON_READY),
                          .took_ns = 612 * NS_PER_US};
    trace.reply = reply_new();
    assert_non_null(trace.reply);
    (void)snprintf(trace.reply->words, REPLY_WORDS, "redis PONG");
    claim_trace("ready", trace, "db:6379", "10.0.0.5", "10.0.0.5 ready in 0.6 ms: redis PONG");
    trace.kind = TRACE_FAILED;
    trace.outcome = outcome_of(REASON_NOT_READY);
    claim_trace("not ready", trace, "db:6379", "10.0.0.5",
                "10.0.0.5 not-ready in 0.6 ms: redis PONG");
    trace.kind = TRACE_CONNECTED;
    trace.outcome = outcome_of(REASON_MATCHED);
    claim_trace("matched", trace, "db:6379", "10.0.0.5",
                "10.0.0.5 matched in 0.6 ms: 'redis PONG'");
    trace.outcome = outcome_of(REASON_NOT_READY);
    trace.reply->words[0] = '\0';
    claim_trace("no words", trace, "db:6379", "10.0.0.5", "10.0.0.5 not-ready in 0.6 ms");
    reply_drop(trace.reply);
}

static void test_trace_of_an_attempt_has_address_outcome_and_time(void **state)
{
    const struct {
        const char *label;
        enum trace_kind kind;
        const char *address;
        struct outcome outcome;
        int64_t took_ns;
        const char *words;
    } cases[] = {
        {"IPv4", TRACE_TRYING, "10.0.0.5", outcome_of(REASON_CONNECTED), -1, "trying 10.0.0.5"},
        {"IPv6", TRACE_TRYING, "2001:db8::5", outcome_of(REASON_CONNECTED), -1,
         "trying 2001:db8::5"},
        {"self-connect", TRACE_AGAIN, "127.0.0.1", outcome_of(REASON_CONNECTED), -1,
         "127.0.0.1 connected to itself, asking again"},
        {"SYN proxy", TRACE_PROXIED, "10.0.0.5", outcome_of(REASON_CONNECTED), -1,
         "10.0.0.5 accepted by a SYN proxy, waiting for the server behind it"},
        {"connected", TRACE_CONNECTED, "10.0.0.5", outcome_of(REASON_CONNECTED),
         812 * NS_PER_US, "10.0.0.5 connected in 0.8 ms"},
        {"reset", TRACE_CONNECTED, "10.0.0.5", outcome_of_reset(ECONNRESET, true, false),
         812 * NS_PER_US, "10.0.0.5 connected in 0.8 ms: reset right after accept"},
        {"closed by a reset", TRACE_FAILED, "10.0.0.5", closed_of(ECONNRESET), 10 * ms,
         "10.0.0.5 closed in 10.0 ms: reset after the handshake"},
        {"closed by EPIPE", TRACE_FAILED, "10.0.0.5", closed_of(EPIPE), 10 * ms,
         "10.0.0.5 closed in 10.0 ms: reset after the handshake"},
        {"closed", TRACE_FAILED, "10.0.0.5", closed_of(0), 10 * ms,
         "10.0.0.5 closed in 10.0 ms"},
        {"replied", TRACE_CONNECTED, "10.0.0.5", outcome_of(REASON_REPLIED), 612 * NS_PER_US,
         "10.0.0.5 replied in 0.6 ms"},
        {"sent again", TRACE_RESENT, "10.0.0.5", outcome_of(REASON_TIMEOUT), -1,
         "10.0.0.5 has not replied yet, sent again"},
        {"refused", TRACE_FAILED, "10.0.0.5", outcome_of_error(ECONNREFUSED), 412 * NS_PER_US,
         "10.0.0.5 refused in 0.4 ms"},
        {"unreachable", TRACE_FAILED, "10.0.0.5", outcome_of_error(EHOSTUNREACH), 3080 * ms,
         "10.0.0.5 unreachable in 3080 ms: host unreachable"},
        {"timeout", TRACE_FAILED, "10.0.0.5", outcome_of(REASON_TIMEOUT), 5 * NS_PER_S,
         "10.0.0.5 timeout"},
        {"no time known", TRACE_FAILED, "10.0.0.5", outcome_of_error(EMFILE), -1,
         "10.0.0.5 local: no descriptor left for this process"},
        {"put back", TRACE_PUT_BACK, "10.0.0.5", outcome_of_error(EMFILE), -1,
         "put back: no descriptor left for this process"},
        {"second attempt", TRACE_RETRY, "10.0.0.5", outcome_of(REASON_CONNECTED), -1,
         "no answer, attempt 2"},
        {"no route", TRACE_RETRY, "10.0.0.5", own_of(ENETUNREACH), -1,
         "no route from this machine, attempt 2"},
        {"later", TRACE_OUTAGE, "10.0.0.5", own_of(ENETUNREACH), -1,
         "no route from this machine, perhaps for a moment only: a second look later"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct trace trace = {.kind = cases[i].kind,
                              .outcome = cases[i].outcome,
                              .took_ns = cases[i].took_ns,
                              .count = 2};
        claim_trace(cases[i].label, trace, "db:22", cases[i].address, cases[i].words);
    }
}

static void test_trace_of_a_reply_has_its_ttl(void **state)
{
    struct trace trace = {.kind = TRACE_CONNECTED, .took_ns = 612 * NS_PER_US, .ttl = 61};
    trace.outcome = outcome_of(REASON_REPLIED);
    claim_trace("known", trace, "icmp://10.0.0.5", "10.0.0.5",
                "10.0.0.5 replied in 0.6 ms, ttl 61");
    trace.ttl = -1;
    claim_trace("unknown", trace, "icmp://10.0.0.5", "10.0.0.5", "10.0.0.5 replied in 0.6 ms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trace_of_a_lookup_has_families_and_addresses),
        cmocka_unit_test(test_trace_of_a_failed_lookup_says_why),
        cmocka_unit_test(test_trace_of_an_answer_has_its_words),
        cmocka_unit_test(test_trace_of_an_attempt_has_address_outcome_and_time),
        cmocka_unit_test(test_trace_of_a_reply_has_its_ttl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
