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
#include "netcheck/report/report.h"
#include "netcheck/report/wording.h"

static const int64_t us = NS_PER_US;
static const int64_t ms = NS_PER_MS;

/* The row's monotonic time, and what makes 2026-11-23 03:00:00.123456 of it. */
static const int64_t finished = 42 * NS_PER_S;
static const int64_t wall_offset = INT64_C(1795402800123456789) - 42 * NS_PER_S;

static struct address address_of(const char *text)
{
    struct address address;
    memset(&address, 0, sizeof address);
    if (*text != '\0')
        assert_true(address_parse(text, strlen(text), &address));
    return address;
}

static struct icmp icmp_of(const char *sender, uint8_t type, uint8_t code)
{
    struct icmp icmp;
    memset(&icmp, 0, sizeof icmp);
    icmp.is_set = true;
    icmp.type = type;
    icmp.code = code;
    icmp.sender = address_of(sender);
    return icmp;
}

/* A row about the first endpoint of `text`, at `address` ("" for none): never asked, as yet. */
static struct result row_of(const char *text, const char *address, struct outcome outcome)
{
    struct result result;
    struct target *target = NULL;
    struct fault fault;
    claim_error(text, target_parse(text, strlen(text), &target, &fault), ERROR_NONE);
    memset(&result, 0, sizeof result);
    endpoints_at(target, 0, &result.endpoint);
    if (target->kind == TARGET_NAME)
        result.endpoint.address = address_of(address);
    result.rows = 1;
    result.outcome = outcome;
    result.finished_ns = finished;
    result.resolve_ns = -1;
    result.connect_ns = -1;
    result.syn_retransmits = -1;
    result.attempts = 1;
    return result;
}

static struct result up_of(const char *text, const char *address)
{
    struct result result = row_of(text, address, outcome_of(REASON_CONNECTED));
    result.connect_ns = 812 * us;
    result.syn_retransmits = 0;
    return result;
}

static struct result down_of(const char *text, const char *address, int error)
{
    struct result result = row_of(text, address, outcome_of_error(error));
    result.connect_ns = 412 * us;
    return result;
}

static struct result icmp_row(const char *text, const char *address, int error,
                              struct icmp icmp)
{
    struct result result = down_of(text, address, error);
    outcome_add_icmp(&result.outcome, &icmp);
    return result;
}

static struct result timeout_of(int64_t waited_ns, int syn_retransmits)
{
    struct result result = row_of("db:5432", "10.0.0.5", outcome_of(REASON_TIMEOUT));
    result.waited_ns = waited_ns;
    result.syn_retransmits = syn_retransmits;
    return result;
}

static struct result error_of(const char *text, struct outcome outcome)
{
    struct result result = row_of(text, "", outcome);
    result.attempts = 0;
    return result;
}

static struct outcome remark_of(enum reason reason, enum remark remark, int error)
{
    struct outcome outcome = outcome_of(reason);
    outcome.remark = remark;
    outcome.error = error;
    return outcome;
}

static struct result invalid_of(const char *line, size_t len, struct fault fault,
                                const char *source, size_t number)
{
    struct place place = {source, number, 0};
    struct result result;
    memset(&result, 0, sizeof result);
    struct target *target = target_new_invalid(line, len, &fault, &place);
    assert_non_null(target);
    endpoints_at(target, 0, &result.endpoint);
    result.rows = 1;
    result.outcome = outcome_of(REASON_INVALID);
    result.finished_ns = finished;
    result.resolve_ns = -1;
    result.connect_ns = -1;
    result.syn_retransmits = -1;
    return result;
}

/* The row is released. */
static void claim_row(const char *label, const char *format, struct report report,
                      struct result result, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    report.wall_offset_ns = wall_offset;
    report_find(format)->row(&out, &report, &result);
    claim_text(label, format, buffer_text(&out), expected);
    claim_true(label, "nothing lost", !out.has_failed);
    buffer_release(&out);
    result_release(&result);
}

static void claim_text_row(const char *label, struct result result, const char *expected)
{
    struct report report = {.expects_down = false};
    claim_row(label, "text", report, result, expected);
}

static void claim_json_row(const char *label, struct result result, const char *expected)
{
    struct report report = {.expects_down = false};
    claim_row(label, "json", report, result, expected);
}

/* Up */

static void test_report_text_up_has_its_time(void **state)
{
    (void)state;
    claim_text_row("name", up_of("db.example.com:5432", "10.0.0.5"),
                   "up     db.example.com:5432  10.0.0.5  0.8 ms\n");
    claim_text_row("IPv4", up_of("10.0.0.5:22", ""), "up     10.0.0.5:22  10.0.0.5  0.8 ms\n");
    claim_text_row("IPv6", up_of("[2001:db8::1]:22", ""),
                   "up     [2001:db8::1]:22  2001:db8::1  0.8 ms\n");
    claim_text_row("name at IPv6", up_of("db:22", "2001:db8::1"),
                   "up     db:22  2001:db8::1  0.8 ms\n");
}

static void test_report_text_up_says_what_was_odd(void **state)
{
    (void)state;
    struct result lost = up_of("db:5432", "10.0.0.5");
    lost.connect_ns = 1021 * ms;
    lost.syn_retransmits = 1;
    claim_text_row("a SYN lost", lost, "up     db:5432  10.0.0.5  1021 ms, 1 SYN lost\n");

    lost = up_of("db:5432", "10.0.0.5");
    lost.connect_ns = 3030 * ms;
    lost.syn_retransmits = 2;
    claim_text_row("SYNs lost", lost, "up     db:5432  10.0.0.5  3030 ms, 2 SYNs lost\n");

    lost = up_of("db:5432", "10.0.0.5");
    lost.connect_ns = -1;
    lost.syn_retransmits = 1;
    claim_text_row("after an unknown time", lost,
                   "up     db:5432  10.0.0.5  time unknown, 1 SYN lost\n");

    struct result reset = down_of("db:5432", "10.0.0.5", ECONNRESET);
    reset.outcome = outcome_of_reset(ECONNRESET, true, false);
    claim_text_row("reset", reset,
                   "up     db:5432  10.0.0.5  0.4 ms, reset right after accept\n");
}

static void test_report_text_up_counts_failed_addresses_and_attempts(void **state)
{
    (void)state;
    struct result result = up_of("db:5432", "10.0.0.5");
    result.others_failed = 1;
    claim_text_row("one", result, "up     db:5432  10.0.0.5  0.8 ms, 1 more address failed\n");

    result = up_of("db:5432", "10.0.0.5");
    result.others_failed = 3;
    result.attempts = 2;
    claim_text_row("several", result,
                   "up     db:5432  10.0.0.5  0.8 ms, 3 more addresses failed, 2 attempts\n");

    result = down_of("db:5432", "10.0.0.5", EPIPE);
    result.outcome = outcome_of_reset(EPIPE, true, false);
    result.syn_retransmits = 1;
    result.others_failed = 1;
    result.attempts = 3;
    claim_text_row("everything", result,
                   "up     db:5432  10.0.0.5  0.4 ms, reset right after accept, 1 SYN lost, "
                   "1 more address failed, 3 attempts\n");
}

/* Down */

static void test_report_text_refused_has_its_time(void **state)
{
    (void)state;
    claim_text_row("reset", down_of("db:5433", "10.0.0.5", ECONNREFUSED),
                   "down   db:5433  10.0.0.5  refused in 0.4 ms\n");

    struct result result = down_of("db:5433", "10.0.0.5", ECONNREFUSED);
    result.others_failed = 2;
    claim_text_row("several addresses", result,
                   "down   db:5433  10.0.0.5  refused in 0.4 ms, 2 more addresses failed\n");

    result = down_of("db:5433", "10.0.0.5", ECONNREFUSED);
    result.connect_ns = -1;
    claim_text_row("after an unknown time", result, "down   db:5433  10.0.0.5  refused\n");

    result = down_of("127.0.0.1:5433", "", ECONNREFUSED);
    result.outcome = remark_of(REASON_REFUSED, REMARK_SELF_CONNECT, 0);
    claim_text_row("self-connect", result,
                   "down   127.0.0.1:5433  127.0.0.1  refused in 0.4 ms, "
                   "only a self-connect, nobody listens\n");

    claim_text_row("bare SYN", down_of("db:5433", "10.0.0.5", ECONNRESET),
                   "down   db:5433  10.0.0.5  refused in 0.4 ms, "
                   "reset before the handshake was done\n");

    result = down_of("db:5433", "10.0.0.5", ECONNRESET);
    result.outcome = outcome_of_reset(ECONNRESET, true, true);
    claim_text_row("SYN proxy", result,
                   "down   db:5433  10.0.0.5  refused in 0.4 ms, "
                   "by the server behind a SYN proxy\n");
}

static void test_report_text_timeout_says_how_long_it_waited(void **state)
{
    (void)state;
    claim_text_row("plain", timeout_of(5 * NS_PER_S, -1),
                   "down   db:5432  10.0.0.5  timeout: no answer in 5 s\n");
    claim_text_row("no SYN sent again", timeout_of(500 * ms, 0),
                   "down   db:5432  10.0.0.5  timeout: no answer in 500 ms\n");
    struct result proxied = timeout_of(5 * NS_PER_S, 1);
    proxied.outcome.remark = REMARK_PROXY_SILENT;
    claim_text_row("SYN proxy", proxied,
                   "down   db:5432  10.0.0.5  timeout: accepted by a SYN proxy, "
                   "no server behind it answered in 5 s\n");
    claim_text_row("SYNs sent again", timeout_of(5 * NS_PER_S, 4),
                   "down   db:5432  10.0.0.5  timeout: no answer to 5 SYNs in 5 s\n");

    struct result result = timeout_of(2 * NS_PER_S, 1);
    result.attempts = 3;
    result.others_failed = 1;
    claim_text_row("retried", result,
                   "down   db:5432  10.0.0.5  timeout: no answer to 2 SYNs in 2 s, "
                   "1 more address failed, 3 attempts\n");
}

static void test_report_text_unreachable_and_prohibited_say_why(void **state)
{
    (void)state;
    claim_text_row("host", down_of("db:1", "10.0.0.5", EHOSTUNREACH),
                   "down   db:1  10.0.0.5  unreachable: host unreachable\n");
    claim_text_row("network", down_of("db:1", "10.0.0.5", ENETUNREACH),
                   "down   db:1  10.0.0.5  unreachable: network unreachable\n");
    claim_text_row("route", down_of("db:1", "10.0.0.5", EACCES),
                   "down   db:1  10.0.0.5  prohibited: prohibited by a route or firewall\n");
}

static void test_report_text_icmp_names_sender_type_and_code(void **state)
{
    (void)state;
    claim_text_row(
        "IPv4",
        icmp_row("fw.example.com:22", "10.6.2.3", EHOSTUNREACH, icmp_of("10.6.0.1", 3, 13)),
        "down   fw.example.com:22  10.6.2.3  prohibited: administratively "
        "prohibited, said 10.6.0.1 (ICMP 3/13)\n");
    claim_text_row("IPv6",
                   icmp_row("fw:22", "2001:db8::5", EACCES, icmp_of("2001:db8::1", 1, 1)),
                   "down   fw:22  2001:db8::5  prohibited: administratively prohibited, said "
                   "2001:db8::1 (ICMPv6 1/1)\n");
    claim_text_row("refusal",
                   icmp_row("fw:22", "10.6.2.3", ECONNREFUSED, icmp_of("10.6.0.1", 3, 3)),
                   "down   fw:22  10.6.2.3  refused: port unreachable, said 10.6.0.1 "
                   "(ICMP 3/3)\n");
    claim_text_row("odd code",
                   icmp_row("fw:22", "10.6.2.3", EPROTO, icmp_of("10.6.0.1", 12, 9)),
                   "down   fw:22  10.6.2.3  unreachable: ICMP error, said 10.6.0.1 "
                   "(ICMP 12/9)\n");

    struct icmp own = icmp_of("10.6.2.9", 3, 1);
    own.is_own = true;
    claim_text_row("this machine", icmp_row("fw:22", "10.6.2.3", EHOSTUNREACH, own),
                   "down   fw:22  10.6.2.3  unreachable: host unreachable, said 10.6.2.9, "
                   "this machine (ICMP 3/1)\n");
}

static void test_report_text_timeout_beside_rejections_says_so(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum rejecter by;
        const char *sender;
        uint64_t others;
        unsigned attempts;
        const char *expected;
    } cases[] = {
        {"itself", REJECTER_ITSELF, "10.0.0.5", 7, 1,
         "down   db:5432  10.0.0.5  timeout: no answer in 5 s, 10.0.0.5 rejected 7 other ports "
         "by ICMP, which it may say only so often\n"},
        {"one", REJECTER_ITSELF, "10.0.0.5", 1, 2,
         "down   db:5432  10.0.0.5  timeout: no answer in 5 s, 2 attempts, 10.0.0.5 rejected 1 "
         "other port by ICMP, which it may say only so often\n"},
        {"a router", REJECTER_NEAR_ROUTER, "10.6.0.1", 12, 1,
         "down   db:5432  10.0.0.5  timeout: no answer in 5 s, 10.6.0.1 rejected 12 other "
         "targets by ICMP, which it may say only so often\n"},
        {"a router further away", REJECTER_FAR_ROUTER, "10.6.0.1", 1, 1,
         "down   db:5432  10.0.0.5  timeout: no answer in 5 s, 10.6.0.1 rejected 1 other "
         "target by ICMP, which it may say only so often\n"},
        {"none but this one", REJECTER_ITSELF, "10.0.0.5", 0, 1,
         "down   db:5432  10.0.0.5  timeout: no answer in 5 s, 10.0.0.5 rejected this one "
         "before by ICMP, which it may say only so often\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct result result = timeout_of(5 * NS_PER_S, -1);
        result.attempts = cases[i].attempts;
        result.rejection = (struct rejection){.by = cases[i].by,
                                              .sender = address_of(cases[i].sender),
                                              .others = cases[i].others};
        claim_text_row(cases[i].label, result, cases[i].expected);
    }
}

/* Error */

static void test_report_text_error_has_no_address_and_says_why(void **state)
{
    (void)state;
    struct buffer expected = BUFFER_EMPTY;
    buffer_add_format(&expected, "error  nosuch.example.com:22  -  unresolved: %s\n",
                      gai_strerror(EAI_NONAME));
    claim_text_row("no name",
                   error_of("nosuch.example.com:22", outcome_of_lookup(EAI_NONAME, 0)),
                   buffer_text(&expected));
    buffer_release(&expected);
    buffer_add_format(&expected, "error  db:22  -  local: %s\n", strerror(EMFILE));
    claim_text_row("no descriptor", error_of("db:22", outcome_of_lookup(EAI_NONAME, EMFILE)),
                   buffer_text(&expected));
    buffer_release(&expected);

    claim_text_row("unspecified",
                   error_of("ads:22", remark_of(REASON_UNRESOLVED, REMARK_UNSPECIFIED, 0)),
                   "error  ads:22  -  unresolved: resolves to the unspecified address\n");
    claim_text_row("resolver threads",
                   error_of("db:22", remark_of(REASON_LOCAL, REMARK_RESOLVER, 0)),
                   "error  db:22  -  local: every resolver thread hangs in a lookup\n");
    claim_text_row("unresolved without a reason",
                   error_of("db:22", outcome_of(REASON_UNRESOLVED)),
                   "error  db:22  -  unresolved\n");
}

static void test_report_text_resolve_timeout_says_how_long(void **state)
{
    (void)state;
    struct result result = error_of("db:22", outcome_of(REASON_RESOLVE_TIMEOUT));
    result.waited_ns = 1500 * ms;
    claim_text_row("both families", result,
                   "error  db:22  -  resolve-timeout: the resolver did not answer in 1.5 s\n");

    result = error_of("db:22", remark_of(REASON_RESOLVE_TIMEOUT, REMARK_FAMILY, 0));
    claim_text_row("one family", result,
                   "error  db:22  -  resolve-timeout: the other address family is "
                   "missing\n");
}

static void test_report_text_local_error_keeps_the_address(void **state)
{
    (void)state;
    claim_text_row("no port left", down_of("db:22", "10.0.0.5", EADDRNOTAVAIL),
                   "error  db:22  10.0.0.5  local: no local port left\n");

    struct result result =
        row_of("db:22", "10.0.0.5", remark_of(REASON_LOCAL, REMARK_SOURCE, EPERM));
    struct buffer expected = BUFFER_EMPTY;
    buffer_add_format(&expected,
                      "error  db:22  10.0.0.5  local: cannot ask from this source: %s\n",
                      strerror(EPERM));
    claim_text_row("source", result, buffer_text(&expected));
    buffer_release(&expected);
}

/* Invalid */

static const struct fault bad_port = {FAULT_PORT, 3, 5};

static void test_report_text_invalid_names_file_line_and_column(void **state)
{
    (void)state;
    claim_text_row("bad port", invalid_of("db:70000", 8, bad_port, "hosts.txt", 12),
                   "error  db:70000  -  invalid: invalid port '70000' in 'db:70000' "
                   "(hosts.txt:12:4): allowed is 1-65535\n");
}

static void test_report_text_long_invalid_line_is_cut_at_320_bytes(void **state)
{
    (void)state;
    char line[401];
    char expected[1024];
    memset(line, 'x', sizeof line - 1);
    line[400] = '\0';
    const struct fault fault = {FAULT_LABEL_LENGTH, 0, 400};
    (void)snprintf(expected, sizeof expected,
                   "error  %.320s...  -  invalid: label too long '%.64s...' (hosts.txt:1:1): "
                   "allowed are 63 bytes between two dots\n",
                   line, line);
    claim_text_row("400 bytes", invalid_of(line, 400, fault, "hosts.txt", 1), expected);
}

static void test_report_text_line_of_320_bytes_is_whole(void **state)
{
    (void)state;
    char line[321];
    char expected[1024];
    memset(line, 'x', sizeof line - 1);
    line[320] = '\0';
    const struct fault fault = {FAULT_LABEL_LENGTH, 0, 320};
    (void)snprintf(expected, sizeof expected,
                   "error  %s  -  invalid: label too long '%.64s...' (hosts.txt:1:1): "
                   "allowed are 63 bytes between two dots\n",
                   line, line);
    claim_text_row("320 bytes", invalid_of(line, 320, fault, "hosts.txt", 1), expected);
}

/* ESC, a newline, NUL, DEL, a stray byte, a backslash and a quote; then an e with acute. */
static const char foreign[] = "a\033[2J\n\0\177\xff\\\"\xc3\xa9";
static const struct fault foreign_fault = {FAULT_HOST_BYTE, 1, 1};

static void test_report_text_foreign_bytes_are_escaped(void **state)
{
    (void)state;
    claim_text_row(
        "line and file name",
        invalid_of(foreign, sizeof foreign - 1, foreign_fault, "bad\033.txt", 1),
        "error  a\\x1b[2J\\x0a\\x00\\x7f\\xff\\\\\"\\xc3\\xa9  -  invalid: invalid character "
        "in host '\\x1b' in 'a\\x1b[2J\\x0a\\x00\\x7f\\xff\\\\\"\\xc3\\xa9' "
        "(bad\\x1b.txt:1:2): a name has letters, digits, '-', '_' and '.' "
        "(others in xn-- form)\n");
}

static void test_report_json_foreign_bytes_are_escaped_and_valid_utf8(void **state)
{
    (void)state;
    claim_json_row(
        "line and file name",
        invalid_of(foreign, sizeof foreign - 1, foreign_fault, "bad\033.txt", 1),
        "{\"time\":\"2026-11-23T03:00:00.123456Z\","
        "\"target\":\"a\\u001b[2J\\u000a\\u0000\\u007f\\ufffd\\\\\\\"\xc3\xa9\","
        "\"protocol\":null,\"host\":null,\"port\":null,\"address\":null,\"state\":\"error\","
        "\"expected\":\"up\",\"reason\":\"invalid\",\"detail\":\"invalid character in host "
        "'\\\\x1b' in 'a\\\\x1b[2J\\\\x0a\\\\x00\\\\x7f\\\\xff\\\\\\\\\\\"\\\\xc3\\\\xa9' "
        "(bad\\\\x1b.txt:1:2): a name has letters, digits, '-', '_' and '.' "
        "(others in xn-- form)\",\"error\":null,\"icmp\":null,\"reported_by\":null,"
        "\"resolve_ms\":null,\"connect_ms\":null,\"syn_retransmits\":null,\"attempts\":0,"
        "\"canonical\":null}\n");
}

/* Expected down */

static const struct {
    const char *label;
    const char *text;
    bool expects_down;
    int error; /* 0: up */
    const char *expected;
} expectations[] = {
    {"! refused", "!db:22", false, ECONNREFUSED,
     "down   db:22  10.0.0.5  refused in 0.4 ms (as expected)\n"},
    {"! up", "!db:22", false, 0, "up     db:22  10.0.0.5  0.8 ms (expected down)\n"},
    {"--expect down, refused", "db:22", true, ECONNREFUSED,
     "down   db:22  10.0.0.5  refused in 0.4 ms (as expected)\n"},
    {"--expect down, up", "db:22", true, 0, "up     db:22  10.0.0.5  0.8 ms (expected down)\n"},
    {"both, unreachable", "!db:22", true, EHOSTUNREACH,
     "down   db:22  10.0.0.5  unreachable: host unreachable (as expected)\n"},
    {"an error is neither", "!db:22", false, ENODEV,
     "error  db:22  10.0.0.5  local: no such interface\n"},
};

static void test_report_text_expected_down_says_whether_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(expectations); i++) {
        struct report report = {.expects_down = expectations[i].expects_down};
        struct result result =
            expectations[i].error == 0
                ? up_of(expectations[i].text, "10.0.0.5")
                : down_of(expectations[i].text, "10.0.0.5", expectations[i].error);
        claim_row(expectations[i].label, "text", report, result, expectations[i].expected);
    }
}

/* Colour */

static const struct {
    const char *label;
    const char *text;
    int error; /* 0: up */
    const char *expected;
} colours[] = {
    {"up is green", "db:22", 0, "\033[32mup\033[0m     db:22  10.0.0.5  0.8 ms\n"},
    {"down is red", "db:22", ECONNREFUSED,
     "\033[31mdown\033[0m   db:22  10.0.0.5  refused in 0.4 ms\n"},
    {"an error is yellow", "db:22", ENODEV,
     "\033[33merror\033[0m  db:22  10.0.0.5  local: no such interface\n"},
    {"expected down is green", "!db:22", ECONNREFUSED,
     "\033[32mdown\033[0m   db:22  10.0.0.5  refused in 0.4 ms (as expected)\n"},
    {"up against expectation is red", "!db:22", 0,
     "\033[31mup\033[0m     db:22  10.0.0.5  0.8 ms (expected down)\n"},
    {"an error with ! is yellow", "!db:22", ENODEV,
     "\033[33merror\033[0m  db:22  10.0.0.5  local: no such interface\n"},
};

static void test_report_text_colour_is_about_the_expectation(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(colours); i++) {
        struct report report = {.is_coloured = true};
        struct result result = colours[i].error == 0
                                   ? up_of(colours[i].text, "10.0.0.5")
                                   : down_of(colours[i].text, "10.0.0.5", colours[i].error);
        claim_row(colours[i].label, "text", report, result, colours[i].expected);
    }
}

static void test_report_json_has_no_colour(void **state)
{
    (void)state;
    struct report report = {.is_coloured = true, .wall_offset_ns = wall_offset};
    struct result result = up_of("db:22", "10.0.0.5");
    struct buffer out = BUFFER_EMPTY;
    report_json.row(&out, &report, &result);
    assert_null(strchr(buffer_text(&out), '\033'));
    buffer_release(&out);
    result_release(&result);
}

/* JSON */

/* All that precedes the host; DESIGN 2.5 has the order of the keys. */
#define AT "{\"time\":\"2026-11-23T03:00:00.123456Z\","

static void test_report_json_up_has_every_key(void **state)
{
    (void)state;
    struct result result = up_of("db:5432", "10.0.0.5");
    result.resolve_ns = 412 * us;
    claim_json_row("contract", result,
                   AT "\"target\":\"db:5432\",\"protocol\":\"tcp\",\"host\":\"db\","
                      "\"port\":5432,\"address\":\"10.0.0.5\",\"state\":\"up\","
                      "\"expected\":\"up\",\"reason\":\"connected\",\"detail\":null,"
                      "\"error\":null,\"icmp\":null,\"reported_by\":null,"
                      "\"resolve_ms\":0.412,\"connect_ms\":0.812,\"syn_retransmits\":0,"
                      "\"attempts\":1,\"canonical\":null}\n");
}

static void test_report_json_refused_names_its_errno(void **state)
{
    (void)state;
    claim_json_row("refused", down_of("![2001:db8::1]:22", "", ECONNREFUSED),
                   AT "\"target\":\"[2001:db8::1]:22\",\"protocol\":\"tcp\","
                      "\"host\":\"2001:db8::1\",\"port\":22,\"address\":\"2001:db8::1\","
                      "\"state\":\"down\",\"expected\":\"down\",\"reason\":\"refused\","
                      "\"detail\":null,\"error\":\"ECONNREFUSED\",\"icmp\":null,"
                      "\"reported_by\":null,\"resolve_ms\":null,\"connect_ms\":0.412,"
                      "\"syn_retransmits\":null,\"attempts\":1,\"canonical\":null}\n");
}

static void test_report_json_icmp_has_type_code_and_sender(void **state)
{
    (void)state;
    claim_json_row("prohibited",
                   icmp_row("fw:22", "10.6.2.3", EHOSTUNREACH, icmp_of("10.6.0.1", 3, 13)),
                   AT "\"target\":\"fw:22\",\"protocol\":\"tcp\",\"host\":\"fw\",\"port\":22,"
                      "\"address\":\"10.6.2.3\",\"state\":\"down\",\"expected\":\"up\","
                      "\"reason\":\"prohibited\",\"detail\":\"administratively prohibited, "
                      "said 10.6.0.1 (ICMP 3/13)\",\"error\":\"EHOSTUNREACH\","
                      "\"icmp\":{\"type\":3,\"code\":13},\"reported_by\":\"10.6.0.1\","
                      "\"resolve_ms\":null,\"connect_ms\":0.412,\"syn_retransmits\":null,"
                      "\"attempts\":1,\"canonical\":null}\n");
}

static struct result own_of(int error)
{
    struct result result = down_of("db:1", "10.0.0.5", error);
    result.outcome.is_own = true;
    return result;
}

static void test_report_says_what_is_this_machines_own(void **state)
{
    (void)state;
    claim_text_row("no route", own_of(ENETUNREACH),
                   "down   db:1  10.0.0.5  unreachable: no route from this machine\n");
    claim_text_row("network down", own_of(ENETDOWN),
                   "down   db:1  10.0.0.5  unreachable: network is down\n");
    claim_json_row("no route", own_of(ENETUNREACH),
                   AT "\"target\":\"db:1\",\"protocol\":\"tcp\",\"host\":\"db\",\"port\":1,"
                      "\"address\":\"10.0.0.5\",\"state\":\"down\",\"expected\":\"up\","
                      "\"reason\":\"unreachable\",\"detail\":\"no route from this machine\","
                      "\"error\":\"ENETUNREACH\",\"icmp\":null,"
                      "\"reported_by\":\"this machine\",\"resolve_ms\":null,"
                      "\"connect_ms\":0.412,\"syn_retransmits\":null,\"attempts\":1,"
                      "\"canonical\":null}\n");
}

static void test_report_json_timeout_counts_what_was_sent_again(void **state)
{
    (void)state;
    struct result result = timeout_of(5 * NS_PER_S, 4);
    result.attempts = 2;
    result.others_failed = 1;
    claim_json_row(
        "timeout", result,
        AT "\"target\":\"db:5432\",\"protocol\":\"tcp\",\"host\":\"db\","
           "\"port\":5432,\"address\":\"10.0.0.5\",\"state\":\"down\","
           "\"expected\":\"up\",\"reason\":\"timeout\",\"detail\":\"no answer to 5 "
           "SYNs in 5 s, 1 more address failed, 2 attempts\",\"error\":null,"
           "\"icmp\":null,\"reported_by\":null,\"resolve_ms\":null,"
           "\"connect_ms\":null,\"syn_retransmits\":4,\"attempts\":2,\"canonical\":null}\n");
}

static void test_report_json_unresolved_names_the_resolvers_code(void **state)
{
    (void)state;
    struct buffer expected = BUFFER_EMPTY;
    struct result result = error_of("nosuch:22", outcome_of_lookup(EAI_NONAME, 0));
    result.resolve_ns = 0;
    buffer_add_format(&expected,
                      AT "\"target\":\"nosuch:22\",\"protocol\":\"tcp\",\"host\":\"nosuch\","
                         "\"port\":22,\"address\":null,\"state\":\"error\","
                         "\"expected\":\"up\",\"reason\":\"unresolved\",\"detail\":\"%s\","
                         "\"error\":\"EAI_NONAME\",\"icmp\":null,\"reported_by\":null,"
                         "\"resolve_ms\":0.000,\"connect_ms\":null,\"syn_retransmits\":null,"
                         "\"attempts\":0,\"canonical\":null}\n",
                      gai_strerror(EAI_NONAME));
    claim_json_row("unresolved", result, buffer_text(&expected));
    buffer_release(&expected);
}

static void test_report_json_expected_follows_the_option(void **state)
{
    (void)state;
    struct report report = {.expects_down = true, .wall_offset_ns = wall_offset};
    struct result result = up_of("db:22", "10.0.0.5");
    struct buffer out = BUFFER_EMPTY;
    report_json.row(&out, &report, &result);
    claim_contains("--expect down", buffer_text(&out),
                   "\"state\":\"up\",\"expected\":\"down\"");
    buffer_release(&out);
    result_release(&result);
}

static const struct {
    const char *label;
    int64_t wall_ns;
    const char *expected;
} times[] = {
    {"the epoch", 0, "{\"time\":\"1970-01-01T00:00:00.000000Z\","},
    {"below a microsecond is dropped", 999, "{\"time\":\"1970-01-01T00:00:00.000000Z\","},
    {"one microsecond", 1000, "{\"time\":\"1970-01-01T00:00:00.000001Z\","},
    {"the last one of a second", NS_PER_S - 1, "{\"time\":\"1970-01-01T00:00:00.999999Z\","},
    {"a leap day", INT64_C(1709164800) * NS_PER_S,
     "{\"time\":\"2024-02-29T00:00:00.000000Z\","},
    {"beyond 2038", INT64_C(2147483648) * NS_PER_S,
     "{\"time\":\"2038-01-19T03:14:08.000000Z\","},
};

static void test_report_json_time_is_utc_with_microseconds(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        struct report report = {.wall_offset_ns = times[i].wall_ns - finished};
        struct result result = up_of("db:22", "10.0.0.5");
        struct buffer out = BUFFER_EMPTY;
        report_json.row(&out, &report, &result);
        claim_contains(times[i].label, buffer_text(&out), times[i].expected);
        buffer_release(&out);
        result_release(&result);
    }
}

static const struct {
    const char *label;
    int64_t connect_ns;
    const char *expected;
} latencies[] = {
    {"unknown", -1, "\"connect_ms\":null,"},
    {"nothing", 0, "\"connect_ms\":0.000,"},
    {"below a microsecond", 999, "\"connect_ms\":0.000,"},
    {"a microsecond", 1000, "\"connect_ms\":0.001,"},
    {"a millisecond less 1 ns", 999999, "\"connect_ms\":0.999,"},
    {"a millisecond", 1000000, "\"connect_ms\":1.000,"},
    {"an hour", 3600 * NS_PER_S, "\"connect_ms\":3600000.000,"},
};

static void test_report_json_latency_has_microsecond_truth(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(latencies); i++) {
        struct report report = {.wall_offset_ns = wall_offset};
        struct result result = up_of("db:22", "10.0.0.5");
        struct buffer out = BUFFER_EMPTY;
        result.connect_ns = latencies[i].connect_ns;
        report_json.row(&out, &report, &result);
        claim_contains(latencies[i].label, buffer_text(&out), latencies[i].expected);
        buffer_release(&out);
        result_release(&result);
    }
}

/* What several formats share */

static const struct {
    int64_t duration_ns;
    const char *expected;
} milliseconds[] = {
    {0, "0.00 ms"},
    {4999, "0.00 ms"},
    {5001, "0.01 ms"},
    {40000, "0.04 ms"},
    {94999, "0.09 ms"},
    {95000, "0.1 ms"},
    {100000, "0.1 ms"},
    {812000, "0.8 ms"},
    {999999, "1.0 ms"},
    {1000000, "1.0 ms"},
    {12300000, "12.3 ms"},
    {99949999, "99.9 ms"},
    {99950000, "100 ms"},
    {100000000, "100 ms"},
    {100499999, "100 ms"},
    {1021000000, "1021 ms"},
    {3600 * NS_PER_S, "3600000 ms"},
};

static void test_report_milliseconds_have_two_digits_that_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(milliseconds); i++) {
        struct buffer out = BUFFER_EMPTY;
        wording_milliseconds(&out, milliseconds[i].duration_ns);
        claim_text(milliseconds[i].expected, "milliseconds", buffer_text(&out),
                   milliseconds[i].expected);
        buffer_release(&out);
    }
}

static const struct {
    int64_t duration_ns;
    const char *expected;
} durations[] = {
    {0, "0 ms"},
    {NS_PER_MS, "1 ms"},
    {200 * NS_PER_MS, "200 ms"},
    {999 * NS_PER_MS, "999 ms"},
    {NS_PER_S, "1 s"},
    {1500 * NS_PER_MS, "1.5 s"},
    {5 * NS_PER_S, "5 s"},
    {5 * NS_PER_S + NS_PER_MS, "5 s"}, /* a moment late */
    {9900 * NS_PER_MS, "9.9 s"},
    {10 * NS_PER_S, "10 s"},
    {60 * NS_PER_S, "60 s"},
    {100 * NS_PER_S, "100 s"},
    {3600 * NS_PER_S, "3600 s"},
};

static void test_report_duration_is_as_the_user_would_write_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
        struct buffer out = BUFFER_EMPTY;
        wording_duration(&out, durations[i].duration_ns);
        claim_text(durations[i].expected, "duration", buffer_text(&out), durations[i].expected);
        buffer_release(&out);
    }
}

static void test_report_rows_are_appended(void **state)
{
    (void)state;
    struct report report = {.wall_offset_ns = wall_offset};
    struct result result = up_of("db:22", "10.0.0.5");
    struct buffer out = BUFFER_EMPTY;
    report_text.row(&out, &report, &result);
    report_text.row(&out, &report, &result);
    assert_string_equal(buffer_text(&out), "up     db:22  10.0.0.5  0.8 ms\n"
                                           "up     db:22  10.0.0.5  0.8 ms\n");
    buffer_release(&out);
    result_release(&result);
}

static void test_report_formats_are_found_by_name_and_index(void **state)
{
    (void)state;
    size_t count = 0;
    while (report_at(count) != NULL) {
        assert_ptr_equal(report_find(report_at(count)->name), report_at(count));
        count++;
    }
    assert_true(count >= 2);
    assert_ptr_equal(report_find("text"), &report_text);
    assert_ptr_equal(report_find("json"), &report_json);
}

static void test_report_unknown_format_is_not_found(void **state)
{
    (void)state;
    static const char *const names[] = {"", "tex", "texts", "JSON", "xml"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        claim_true(names[i], "not found", report_find(names[i]) == NULL);
}

/* -v */

static struct trace trace_of(enum trace_kind kind, const char *text, const char *address)
{
    struct result result = row_of(text, address, outcome_of(REASON_CONNECTED));
    struct trace trace;
    memset(&trace, 0, sizeof trace);
    trace.kind = kind;
    trace.endpoint = result.endpoint;
    trace.took_ns = -1;
    return trace;
}

/* The trace's target is dropped. */
static void claim_trace(const char *label, struct trace trace, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    report_trace(&out, &trace);
    claim_text(label, "trace", buffer_text(&out), expected);
    buffer_release(&out);
    target_drop(trace.endpoint.target);
}

static void test_report_trace_of_a_lookup_that_begins_names_the_families(void **state)
{
    (void)state;
    struct trace trace = trace_of(TRACE_RESOLVING, "db:22", "");
    trace.family = FAMILY_ANY;
    claim_trace("both", trace, "* db:22: resolving (IPv4 and IPv6)\n");
    trace = trace_of(TRACE_RESOLVING, "db:22", "");
    trace.family = FAMILY_IPV4;
    claim_trace("-4", trace, "* db:22: resolving (IPv4)\n");
    trace = trace_of(TRACE_RESOLVING, "db:22", "");
    trace.family = FAMILY_IPV6;
    claim_trace("-6", trace, "* db:22: resolving (IPv6)\n");
}

static void test_report_trace_of_an_answer_counts_its_addresses(void **state)
{
    (void)state;
    struct trace trace = trace_of(TRACE_ANSWER, "db:22", "");
    trace.family = FAMILY_IPV4;
    trace.count = 1;
    trace.took_ns = 2 * ms;
    claim_trace("one", trace, "* db:22: IPv4: 1 address in 2.0 ms\n");
    trace = trace_of(TRACE_ANSWER, "db:22", "");
    trace.family = FAMILY_IPV6;
    trace.count = 3;
    trace.took_ns = 12 * ms;
    claim_trace("three", trace, "* db:22: IPv6: 3 addresses in 12.0 ms\n");
    trace = trace_of(TRACE_ANSWER, "db:22", "");
    trace.family = FAMILY_IPV6;
    trace.count = 3;
    trace.took_ns = -1;
    claim_trace("after an unknown time", trace, "* db:22: IPv6: 3 addresses\n");
}

static void test_report_trace_of_a_failed_lookup_says_why(void **state)
{
    (void)state;
    struct buffer expected = BUFFER_EMPTY;
    struct trace trace = trace_of(TRACE_ANSWER, "db:22", "");
    trace.family = FAMILY_IPV6;
    trace.took_ns = 2 * ms;
    trace.outcome = outcome_of_lookup(EAI_NONAME, 0);
    buffer_add_format(&expected, "* db:22: IPv6: unresolved in 2.0 ms: %s\n",
                      gai_strerror(EAI_NONAME));
    claim_trace("no name", trace, buffer_text(&expected));
    buffer_release(&expected);
}

static void test_report_trace_of_a_cut_answer_says_how_many_are_asked(void **state)
{
    (void)state;
    struct trace trace = trace_of(TRACE_CUT, "db:22", "");
    trace.family = FAMILY_IPV6;
    trace.count = 64;
    claim_trace("cut", trace, "* db:22: more than 64 IPv6 addresses, only those are asked\n");
}

static void test_report_trace_of_an_attempt_names_its_address(void **state)
{
    (void)state;
    claim_trace("IPv4", trace_of(TRACE_TRYING, "db:22", "10.0.0.5"),
                "* db:22: trying 10.0.0.5\n");
    claim_trace("IPv6", trace_of(TRACE_TRYING, "db:22", "2001:db8::5"),
                "* db:22: trying 2001:db8::5\n");
    claim_trace("self-connect", trace_of(TRACE_AGAIN, "127.0.0.1:22", ""),
                "* 127.0.0.1:22: 127.0.0.1 connected to itself, asking again\n");
    claim_trace(
        "SYN proxy", trace_of(TRACE_PROXIED, "db:22", "10.0.0.5"),
        "* db:22: 10.0.0.5 accepted by a SYN proxy, waiting for the server behind it\n");
}

static void test_report_trace_of_an_answered_attempt_has_its_time(void **state)
{
    (void)state;
    struct trace trace = trace_of(TRACE_CONNECTED, "db:22", "10.0.0.5");
    trace.took_ns = 812 * us;
    claim_trace("connected", trace, "* db:22: 10.0.0.5 connected in 0.8 ms\n");
    trace = trace_of(TRACE_CONNECTED, "db:22", "10.0.0.5");
    trace.outcome = outcome_of_reset(ECONNRESET, true, false);
    trace.took_ns = 812 * us;
    claim_trace("reset", trace,
                "* db:22: 10.0.0.5 connected in 0.8 ms: reset right after accept\n");
}

static void test_report_trace_of_a_failed_attempt_says_why(void **state)
{
    (void)state;
    struct trace trace = trace_of(TRACE_FAILED, "db:22", "10.0.0.5");
    trace.outcome = outcome_of_error(ECONNREFUSED);
    trace.took_ns = 412 * us;
    claim_trace("refused", trace, "* db:22: 10.0.0.5 refused in 0.4 ms\n");
    trace = trace_of(TRACE_FAILED, "db:22", "10.0.0.5");
    trace.outcome = outcome_of_error(EHOSTUNREACH);
    trace.took_ns = 3080 * ms;
    claim_trace("unreachable", trace,
                "* db:22: 10.0.0.5 unreachable in 3080 ms: host unreachable\n");
    trace = trace_of(TRACE_FAILED, "db:22", "10.0.0.5");
    trace.outcome = outcome_of(REASON_TIMEOUT);
    trace.took_ns = 5 * NS_PER_S;
    claim_trace("timeout", trace, "* db:22: 10.0.0.5 timeout\n");
    trace = trace_of(TRACE_FAILED, "db:22", "10.0.0.5");
    trace.outcome = outcome_of_error(EMFILE);
    claim_trace("no time known", trace,
                "* db:22: 10.0.0.5 local: no descriptor left for this process\n");
}

static void test_report_trace_of_a_put_back_target_names_the_shortage(void **state)
{
    (void)state;
    struct trace trace = trace_of(TRACE_PUT_BACK, "db:22", "10.0.0.5");
    trace.outcome = outcome_of_error(EMFILE);
    claim_trace("EMFILE", trace, "* db:22: put back: no descriptor left for this process\n");
}

static struct trace outage_of_kind(enum trace_kind kind)
{
    struct trace trace = trace_of(kind, "db:22", "10.0.0.5");
    trace.count = 2;
    trace.outcome = outcome_of_error(ENETUNREACH);
    trace.outcome.is_own = true;
    return trace;
}

static void test_report_trace_of_a_retry_counts_the_attempt(void **state)
{
    (void)state;
    struct trace trace = trace_of(TRACE_RETRY, "db:22", "10.0.0.5");
    trace.count = 2;
    claim_trace("second", trace, "* db:22: no answer, attempt 2\n");
    claim_trace("no route", outage_of_kind(TRACE_RETRY),
                "* db:22: no route from this machine, attempt 2\n");
    claim_trace("later", outage_of_kind(TRACE_OUTAGE),
                "* db:22: no route from this machine, perhaps for a moment only: a second look "
                "later\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_text_up_has_its_time),
        cmocka_unit_test(test_report_text_up_says_what_was_odd),
        cmocka_unit_test(test_report_text_up_counts_failed_addresses_and_attempts),
        cmocka_unit_test(test_report_text_refused_has_its_time),
        cmocka_unit_test(test_report_text_timeout_says_how_long_it_waited),
        cmocka_unit_test(test_report_says_what_is_this_machines_own),
        cmocka_unit_test(test_report_text_timeout_beside_rejections_says_so),
        cmocka_unit_test(test_report_text_unreachable_and_prohibited_say_why),
        cmocka_unit_test(test_report_text_icmp_names_sender_type_and_code),
        cmocka_unit_test(test_report_text_error_has_no_address_and_says_why),
        cmocka_unit_test(test_report_text_resolve_timeout_says_how_long),
        cmocka_unit_test(test_report_text_local_error_keeps_the_address),
        cmocka_unit_test(test_report_text_invalid_names_file_line_and_column),
        cmocka_unit_test(test_report_text_long_invalid_line_is_cut_at_320_bytes),
        cmocka_unit_test(test_report_text_line_of_320_bytes_is_whole),
        cmocka_unit_test(test_report_text_foreign_bytes_are_escaped),
        cmocka_unit_test(test_report_json_foreign_bytes_are_escaped_and_valid_utf8),
        cmocka_unit_test(test_report_text_expected_down_says_whether_it_is),
        cmocka_unit_test(test_report_text_colour_is_about_the_expectation),
        cmocka_unit_test(test_report_json_has_no_colour),
        cmocka_unit_test(test_report_json_up_has_every_key),
        cmocka_unit_test(test_report_json_refused_names_its_errno),
        cmocka_unit_test(test_report_json_icmp_has_type_code_and_sender),
        cmocka_unit_test(test_report_json_timeout_counts_what_was_sent_again),
        cmocka_unit_test(test_report_json_unresolved_names_the_resolvers_code),
        cmocka_unit_test(test_report_json_expected_follows_the_option),
        cmocka_unit_test(test_report_json_time_is_utc_with_microseconds),
        cmocka_unit_test(test_report_json_latency_has_microsecond_truth),
        cmocka_unit_test(test_report_milliseconds_have_two_digits_that_matter),
        cmocka_unit_test(test_report_duration_is_as_the_user_would_write_it),
        cmocka_unit_test(test_report_rows_are_appended),
        cmocka_unit_test(test_report_formats_are_found_by_name_and_index),
        cmocka_unit_test(test_report_unknown_format_is_not_found),
        cmocka_unit_test(test_report_trace_of_a_lookup_that_begins_names_the_families),
        cmocka_unit_test(test_report_trace_of_an_answer_counts_its_addresses),
        cmocka_unit_test(test_report_trace_of_a_failed_lookup_says_why),
        cmocka_unit_test(test_report_trace_of_a_cut_answer_says_how_many_are_asked),
        cmocka_unit_test(test_report_trace_of_an_attempt_names_its_address),
        cmocka_unit_test(test_report_trace_of_an_answered_attempt_has_its_time),
        cmocka_unit_test(test_report_trace_of_a_failed_attempt_says_why),
        cmocka_unit_test(test_report_trace_of_a_put_back_target_names_the_shortage),
        cmocka_unit_test(test_report_trace_of_a_retry_counts_the_attempt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
