#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"

static const int64_t ms = NS_PER_MS;

static void claim_text_row(const char *label, struct result result, const char *expected)
{
    claim_row(label, "text", (struct report){.expects_down = false}, result, expected);
}

/* Up */

static void test_text_up_has_its_time(void **state)
{
    claim_text_row("name", up_of("db.example.com:5432", "10.0.0.5"),
                   "up     db.example.com:5432  10.0.0.5  0.8 ms\n");
    claim_text_row("IPv4", up_of("10.0.0.5:22", ""), "up     10.0.0.5:22  10.0.0.5  0.8 ms\n");
    claim_text_row("IPv6", up_of("[2001:db8::1]:22", ""),
                   "up     [2001:db8::1]:22  2001:db8::1  0.8 ms\n");
    claim_text_row("name at IPv6", up_of("db:22", "2001:db8::1"),
                   "up     db:22  2001:db8::1  0.8 ms\n");
}

/* One address of db:22 */

struct case_of_one {
    const char *label;
    struct outcome outcome;
    int64_t took_ns; /* until the answer, or without one; -1: unknown */
    int syn_retransmits;
    unsigned others_failed;
    unsigned attempts;
    const char *expected;
};

static void claim_cases(const struct case_of_one *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct result result = row_of("db:22", "10.0.0.5", cases[i].outcome);
        struct buffer expected = BUFFER_EMPTY;
        result.connect_ns = result.outcome.reason == REASON_TIMEOUT ? -1 : cases[i].took_ns;
        result.waited_ns = cases[i].took_ns;
        result.syn_retransmits = cases[i].syn_retransmits;
        result.others_failed = cases[i].others_failed;
        result.attempts = cases[i].attempts;
        buffer_add_format(&expected, "%.7sdb:22  10.0.0.5  %s\n", cases[i].expected,
                          cases[i].expected + strlen("error  "));
        claim_text_row(cases[i].label, result, buffer_text(&expected));
        buffer_release(&expected);
    }
}

static void test_text_answer_is_followed_by_what_was_odd(void **state)
{
    const struct outcome up = outcome_of(REASON_CONNECTED);
    const struct outcome refused = outcome_of_error(ECONNREFUSED);
    const struct case_of_one cases[] = {
        {"SYN lost", up, 1021 * ms, 1, 0, 1, "up     1021 ms, 1 SYN lost"},
        {"SYNs lost", up, 3030 * ms, 2, 0, 1, "up     3030 ms, 2 SYNs lost"},
        {"up, time unknown", up, -1, 1, 0, 1, "up     time unknown, 1 SYN lost"},
        {"reset", outcome_of_reset(ECONNRESET, true, false), 9 * ms, -1, 0, 1,
         "up     9.0 ms, reset right after accept"},
        {"one other", up, 9 * ms, 0, 1, 1, "up     9.0 ms, 1 more address failed"},
        {"others", up, 9 * ms, 0, 3, 2, "up     9.0 ms, 3 more addresses failed, 2 attempts"},
        {"everything", outcome_of_reset(EPIPE, true, false), 9 * ms, 1, 1, 3,
         "up     9.0 ms, reset right after accept, 1 SYN lost, 1 more address failed, 3 "
         "attempts"},
        {"refused", refused, 9 * ms, -1, 0, 1, "down   refused in 9.0 ms"},
        {"refused by all", refused, 9 * ms, -1, 2, 1,
         "down   refused in 9.0 ms, 2 more addresses failed"},
        {"refused, time unknown", refused, -1, -1, 0, 1, "down   refused"},
        {"self-connect", remark_of(REASON_REFUSED, REMARK_SELF_CONNECT, 0), 9 * ms, -1, 0, 1,
         "down   refused in 9.0 ms, only a self-connect, nobody listens"},
        {"bare SYN", outcome_of_error(ECONNRESET), 9 * ms, -1, 0, 1,
         "down   refused in 9.0 ms, reset before the handshake was done"},
        {"behind a SYN proxy", outcome_of_reset(ECONNRESET, true, true), 9 * ms, -1, 0, 1,
         "down   refused in 9.0 ms, by the server behind a SYN proxy"},
    };
    claim_cases(cases, ARRAY_LEN(cases));
}

static void test_text_silence_and_trouble_say_why(void **state)
{
    const struct outcome silent = outcome_of(REASON_TIMEOUT);
    struct outcome no_route = outcome_of_error(ENETUNREACH);
    struct outcome net_down = outcome_of_error(ENETDOWN);
    no_route.is_own = net_down.is_own = true;
    const struct case_of_one cases[] = {
        {"silent", silent, 5000 * ms, -1, 0, 1, "down   timeout: no answer in 5 s"},
        {"no SYN again", silent, 500 * ms, 0, 0, 1, "down   timeout: no answer in 500 ms"},
        {"SYNs again", silent, 5000 * ms, 4, 0, 1,
         "down   timeout: no answer to 5 SYNs in 5 s"},
        {"silent behind a SYN proxy", remark_of(REASON_TIMEOUT, REMARK_PROXY_SILENT, 0),
         5000 * ms, 1, 0, 1,
         "down   timeout: accepted by a SYN proxy, no server behind it answered in 5 s"},
        {"retried", silent, 2000 * ms, 1, 1, 3,
         "down   timeout: no answer to 2 SYNs in 2 s, 1 more address failed, 3 attempts"},
        {"host", outcome_of_error(EHOSTUNREACH), 9 * ms, -1, 0, 1,
         "down   unreachable: host unreachable"},
        {"network", outcome_of_error(ENETUNREACH), 9 * ms, -1, 0, 1,
         "down   unreachable: network unreachable"},
        {"route", outcome_of_error(EACCES), 9 * ms, -1, 0, 1,
         "down   prohibited: prohibited by a route or firewall"},
        {"no route", no_route, 9 * ms, -1, 0, 1,
         "down   unreachable: no route from this machine"},
        {"network down", net_down, 9 * ms, -1, 0, 1, "down   unreachable: network is down"},
        {"no port left", outcome_of_error(EADDRNOTAVAIL), 9 * ms, -1, 0, 1,
         "error  local: no local port left"},
    };
    claim_cases(cases, ARRAY_LEN(cases));
}

static void test_text_icmp_names_sender_type_and_code(void **state)
{
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

static void test_text_timeout_beside_rejections_says_so(void **state)
{
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

static void test_text_error_has_no_address_and_says_why(void **state)
{
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

    struct outcome gone = outcome_of_lookup(EAI_NONAME, 0);
    gone.reason = REASON_GONE;
    gone.remark = REMARK_GONE;
    claim_text_row("a name that was", error_of("!db:22", gone),
                   "down   db:22  -  gone: the name no longer resolves (as expected)\n");

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

static void test_text_resolve_timeout_says_how_long(void **state)
{
    struct result result = error_of("db:22", outcome_of(REASON_RESOLVE_TIMEOUT));
    result.waited_ns = 1500 * ms;
    claim_text_row("both families", result,
                   "error  db:22  -  resolve-timeout: the resolver did not answer in 1.5 s\n");

    result = error_of("db:22", remark_of(REASON_RESOLVE_TIMEOUT, REMARK_FAMILY, 0));
    claim_text_row("one family", result,
                   "error  db:22  -  resolve-timeout: the other address family is "
                   "missing\n");
}

static void test_text_local_error_keeps_the_address(void **state)
{
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

static void test_text_invalid_names_file_line_and_column(void **state)
{
    claim_text_row("bad port", invalid_of("db:70000", 8, bad_port, "hosts.txt", 12),
                   "error  db:70000  -  invalid: invalid port '70000' in 'db:70000' "
                   "(hosts.txt:12:4): allowed is 1-65535\n");
}

static void test_text_invalid_line_is_cut_behind_320_bytes(void **state)
{
    for (size_t len = 320; len <= 321; len++) {
        char line[322];
        char expected[1024];
        const struct fault fault = {FAULT_LABEL_LENGTH, 0, len};
        memset(line, 'x', sizeof line);
        (void)snprintf(expected, sizeof expected,
                       "error  %.320s%s  -  invalid: label too long '%.64s...' "
                       "(hosts.txt:1:1): allowed are 63 bytes between two dots\n",
                       line, len > 320 ? "..." : "", line);
        claim_text_row(len > 320 ? "cut" : "whole",
                       invalid_of(line, len, fault, "hosts.txt", 1), expected);
    }
}

/* ESC, a newline, NUL, DEL, a stray byte, a backslash and a quote; then an e with acute. */
static const char foreign[] = "a\033[2J\n\0\177\xff\\\"\xc3\xa9";
static const struct fault foreign_fault = {FAULT_HOST_BYTE, 1, 1};

static void test_text_foreign_bytes_are_escaped(void **state)
{
    claim_text_row(
        "line and file name",
        invalid_of(foreign, sizeof foreign - 1, foreign_fault, "bad\033.txt", 1),
        "error  a\\x1b[2J\\x0a\\x00\\x7f\\xff\\\\\"\xc3\xa9  -  invalid: invalid character "
        "in host '\\x1b' in 'a\\x1b[2J\\x0a\\x00\\x7f\\xff\\\\\"\xc3\xa9' "
        "(bad\\x1b.txt:1:2): a name has letters, digits, '-', '_' and '.' "
        "(others in xn-- form)\n");
}

/* Expected down, and colour, which is about the expectation */

static const struct {
    const char *label;
    const char *text;
    bool expects_down;
    bool is_coloured;
    int error; /* 0: up */
    const char *expected;
} expectations[] = {
    {"! refused", "!db:22", false, false, ECONNREFUSED,
     "down   db:22  10.0.0.5  refused in 0.4 ms (as expected)\n"},
    {"! up", "!db:22", false, false, 0, "up     db:22  10.0.0.5  0.8 ms (expected down)\n"},
    {"--expect down, refused", "db:22", true, false, ECONNREFUSED,
     "down   db:22  10.0.0.5  refused in 0.4 ms (as expected)\n"},
    {"--expect down, up", "db:22", true, false, 0,
     "up     db:22  10.0.0.5  0.8 ms (expected down)\n"},
    {"both, unreachable", "!db:22", true, false, EHOSTUNREACH,
     "down   db:22  10.0.0.5  unreachable: host unreachable (as expected)\n"},
    {"an error is neither", "!db:22", false, false, ENODEV,
     "error  db:22  10.0.0.5  local: no such interface\n"},
    {"up is green", "db:22", false, true, 0, "\033[32mup\033[0m     db:22  10.0.0.5  0.8 ms\n"},
    {"down is red", "db:22", false, true, ECONNREFUSED,
     "\033[31mdown\033[0m   db:22  10.0.0.5  refused in 0.4 ms\n"},
    {"an error is yellow", "db:22", false, true, ENODEV,
     "\033[33merror\033[0m  db:22  10.0.0.5  local: no such interface\n"},
    {"expected down is green", "!db:22", false, true, ECONNREFUSED,
     "\033[32mdown\033[0m   db:22  10.0.0.5  refused in 0.4 ms (as expected)\n"},
    {"up against expectation is red", "!db:22", false, true, 0,
     "\033[31mup\033[0m     db:22  10.0.0.5  0.8 ms (expected down)\n"},
    {"an error with ! is yellow", "!db:22", false, true, ENODEV,
     "\033[33merror\033[0m  db:22  10.0.0.5  local: no such interface\n"},
};

static void test_text_row_says_whether_it_is_as_expected(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(expectations); i++) {
        const struct report report = {.expects_down = expectations[i].expects_down,
                                      .is_coloured = expectations[i].is_coloured};
        struct result result =
            expectations[i].error == 0
                ? up_of(expectations[i].text, "10.0.0.5")
                : down_of(expectations[i].text, "10.0.0.5", expectations[i].error);
        claim_row(expectations[i].label, "text", report, result, expectations[i].expected);
    }
}

/* Rounds, and what was before */

/* Row number `round` about db:22, up where `error` is 0. */
static struct result round_of(int error, uint64_t round, struct change change)
{
    struct result result =
        error == 0 ? up_of("db:22", "10.0.0.5") : down_of("db:22", "10.0.0.5", error);
    result.round = round;
    result.change = change;
    return result;
}

static void test_text_row_has_number_and_date_where_they_are_asked_for(void **state)
{
    const struct change none = {.news = NEWS_NONE};
    struct report report = {.has_rounds = true};
    claim_row("of no round", "text", report, round_of(0, 0, none),
              "up     db:22  10.0.0.5  0.8 ms\n");
    report.is_dated = true;
    claim_row("dated", "text", report, round_of(0, 0, none),
              "2026-11-23T03:00:00.123Z  up     db:22  10.0.0.5  0.8 ms\n");
    report.is_coloured = true;
    claim_row(
        "coloured", "text", report, round_of(0, 1, none),
        "2026-11-23T03:00:00.123Z  \033[32mup\033[0m     db:22  10.0.0.5  seq=1  0.8 ms\n");
    report.is_dated = report.is_coloured = false;
    claim_row("the last number", "text", report, round_of(ECONNREFUSED, UINT64_MAX, none),
              "down   db:22  10.0.0.5  seq=18446744073709551615  refused in 0.4 ms\n");
}

static void test_text_change_says_how_long_it_was_otherwise(void **state)
{
    const struct report report = {
        .has_rounds = true, .has_changes = true, .expects_down = true};
    const struct change was_up = {
        .news = NEWS_CHANGED, .before = STATE_UP, .lasted_ns = NS_PER_S};
    const struct change was_error = {
        .news = NEWS_CHANGED, .before = STATE_ERROR, .lasted_ns = 125 * NS_PER_S};
    claim_row("not asked for", "text", (struct report){.has_rounds = true},
              round_of(0, 2, was_error), "up     db:22  10.0.0.5  seq=2  0.8 ms\n");
    claim_row("was up", "text", report, round_of(EHOSTUNREACH, 2, was_up),
              "down   db:22  10.0.0.5  seq=2  unreachable: host unreachable (as expected) "
              "(was up for 1 s)\n");
    claim_row("was an error", "text", report, round_of(0, 9, was_error),
              "up     db:22  10.0.0.5  seq=9  0.8 ms (expected down) "
              "(was error for 2 min 5 s)\n");
    claim_row("first", "text", report, round_of(0, 1, (struct change){.news = NEWS_NEW}),
              "up     db:22  10.0.0.5  seq=1  0.8 ms (expected down)\n");
    claim_row("as before", "text", report, round_of(0, 2, (struct change){.lasted_ns = 1}),
              "up     db:22  10.0.0.5  seq=2  0.8 ms (expected down)\n");
}

/* What was remembered from earlier runs; the row is down. */
static const struct {
    const char *expected;
    struct change change;
} memories[] = {
    {"", {.news = NEWS_NONE, .lasted_ns = 9 * NS_PER_S}},
    {" (new)", {.news = NEWS_NEW}},
    {" (new, down for 5 min)", {.news = NEWS_NEW, .lasted_ns = 300 * NS_PER_S}},
    {" (new)", {.news = NEWS_NEW, .lasted_ns = -1}},
    {" (was up for 3 d 4 h)",
     {.news = NEWS_CHANGED, .before = STATE_UP, .lasted_ns = 76 * 3600 * NS_PER_S}},
    {" (was error)", {.news = NEWS_CHANGED, .before = STATE_ERROR}},
    {" (was up)", {.news = NEWS_CHANGED, .before = STATE_UP, .lasted_ns = -1}},
    {" (was up for 1 s, last asked 2 d ago)",
     {.news = NEWS_CHANGED, .lasted_ns = NS_PER_S, .unasked_ns = 48 * 3600 * NS_PER_S}},
    {" (unknown for 10 min, up before)",
     {.news = NEWS_CHANGED,
      .before = STATE_ERROR,
      .was_unknown = true,
      .known = STATE_UP,
      .lasted_ns = 600 * NS_PER_S}},
    {" (unknown)",
     {.news = NEWS_CHANGED,
      .before = STATE_ERROR,
      .was_unknown = true,
      .known = STATE_COUNT,
      .lasted_ns = -1}},
    {" (still, down for 2 h 10 min)",
     {.news = NEWS_REMINDER, .lasted_ns = 130 * 60 * NS_PER_S}},
    {" (still, last asked 1.5 s ago)",
     {.news = NEWS_REMINDER, .lasted_ns = -1, .unasked_ns = NS_PER_S * 3 / 2}},
};

static void test_text_memory_of_earlier_runs_is_told(void **state)
{
    const struct report report = {.has_changes = true};
    for (size_t i = 0; i < ARRAY_LEN(memories); i++) {
        struct buffer expected = BUFFER_EMPTY;
        struct change change = memories[i].change;
        change.is_remembered = true;
        buffer_add_format(&expected, "down   db:22  10.0.0.5  refused in 0.4 ms%s\n",
                          memories[i].expected);
        claim_row(memories[i].expected, "text", report, round_of(ECONNREFUSED, 0, change),
                  buffer_text(&expected));
        buffer_release(&expected);
    }
}

static void test_text_rows_are_appended(void **state)
{
    struct report report = {.expects_down = false};
    struct result result = up_of("db:22", "10.0.0.5");
    struct buffer out = BUFFER_EMPTY;
    report_text.row(&out, &report, &result);
    report_text.row(&out, &report, &result);
    assert_string_equal(buffer_text(&out), "up     db:22  10.0.0.5  0.8 ms\n"
                                           "up     db:22  10.0.0.5  0.8 ms\n");
    buffer_release(&out);
    result_release(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_up_has_its_time),
        cmocka_unit_test(test_text_answer_is_followed_by_what_was_odd),
        cmocka_unit_test(test_text_silence_and_trouble_say_why),
        cmocka_unit_test(test_text_icmp_names_sender_type_and_code),
        cmocka_unit_test(test_text_timeout_beside_rejections_says_so),
        cmocka_unit_test(test_text_error_has_no_address_and_says_why),
        cmocka_unit_test(test_text_resolve_timeout_says_how_long),
        cmocka_unit_test(test_text_local_error_keeps_the_address),
        cmocka_unit_test(test_text_invalid_names_file_line_and_column),
        cmocka_unit_test(test_text_invalid_line_is_cut_behind_320_bytes),
        cmocka_unit_test(test_text_foreign_bytes_are_escaped),
        cmocka_unit_test(test_text_row_says_whether_it_is_as_expected),
        cmocka_unit_test(test_text_row_has_number_and_date_where_they_are_asked_for),
        cmocka_unit_test(test_text_change_says_how_long_it_was_otherwise),
        cmocka_unit_test(test_text_memory_of_earlier_runs_is_told),
        cmocka_unit_test(test_text_rows_are_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
