#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"

static void claim_json_row(const char *label, struct result result, const char *expected)
{
    claim_row(label, "json", (struct report){.expects_down = false}, result, expected);
}

/* All that precedes the target. The order of the keys is part of the contract. */
#define AT "{\"time\":\"2026-11-23T03:00:00.123456Z\","

/* What stands behind `canonical` in a row of TCP. */
#define REPLY_KEYS(syn_proxy)                                                               \
    "\"reply_ms\":null,\"sent\":null,\"replies\":null,\"reply\":null,\"reply_bytes\":null," \
    "\"reply_from\":null,\"ttl\":null,\"syn_proxy\":" syn_proxy ",\"path_mtu\":null,"       \
    "\"tls\":null,\"held_ms\":null,\"closed_after_ms\":null,\"labels\":null"

static void test_json_up_has_every_key(void **state)
{
    struct result result = up_of("db:5432", "10.0.0.5");
    result.resolve_ns = 412 * NS_PER_US;
    claim_json_row(
        "contract", result,
        AT "\"target\":\"db:5432\",\"protocol\":\"tcp\",\"host\":\"db\","
           "\"port\":5432,\"address\":\"10.0.0.5\",\"state\":\"up\","
           "\"expected\":\"up\",\"as_expected\":true,\"reason\":\"connected\",\"detail\":null,"
           "\"error\":null,\"icmp\":null,\"reported_by\":null,"
           "\"resolve_ms\":0.412,\"connect_ms\":0.812,\"syn_retransmits\":0,"
           "\"attempts\":1,\"canonical\":null," REPLY_KEYS("false") "}\n");
}

static void test_json_refused_names_its_errno(void **state)
{
    claim_json_row(
        "refused", down_of("![2001:db8::1]:22", "", ECONNREFUSED),
        AT
        "\"target\":\"[2001:db8::1]:22\",\"protocol\":\"tcp\","
        "\"host\":\"2001:db8::1\",\"port\":22,\"address\":\"2001:db8::1\","
        "\"state\":\"down\",\"expected\":\"down\",\"as_expected\":true,\"reason\":\"refused\","
        "\"detail\":null,\"error\":\"ECONNREFUSED\",\"icmp\":null,"
        "\"reported_by\":null,\"resolve_ms\":null,\"connect_ms\":0.412,"
        "\"syn_retransmits\":null,\"attempts\":1,\"canonical\":null," REPLY_KEYS(
            "false") "}\n");
}

static void test_json_icmp_has_type_code_and_sender(void **state)
{
    claim_json_row(
        "prohibited", icmp_row("fw:22", "10.6.2.3", EHOSTUNREACH, icmp_of("10.6.0.1", 3, 13)),
        AT
        "\"target\":\"fw:22\",\"protocol\":\"tcp\",\"host\":\"fw\",\"port\":22,"
        "\"address\":\"10.6.2.3\",\"state\":\"down\",\"expected\":\"up\",\"as_expected\":false,"
        "\"reason\":\"prohibited\",\"detail\":\"administratively prohibited, "
        "said 10.6.0.1 (ICMP 3/13)\",\"error\":\"EHOSTUNREACH\","
        "\"icmp\":{\"type\":3,\"code\":13},\"reported_by\":\"10.6.0.1\","
        "\"resolve_ms\":null,\"connect_ms\":0.412,\"syn_retransmits\":null,"
        "\"attempts\":1,\"canonical\":null," REPLY_KEYS("false") "}\n");
}

static void test_json_own_trouble_is_reported_by_this_machine(void **state)
{
    struct result result = down_of("db:1", "10.0.0.5", ENETUNREACH);
    result.outcome.is_own = true;
    claim_json_row(
        "no route", result,
        AT
        "\"target\":\"db:1\",\"protocol\":\"tcp\",\"host\":\"db\",\"port\":1,"
        "\"address\":\"10.0.0.5\",\"state\":\"down\",\"expected\":\"up\",\"as_expected\":false,"
        "\"reason\":\"unreachable\",\"detail\":\"no route from this machine\","
        "\"error\":\"ENETUNREACH\",\"icmp\":null,"
        "\"reported_by\":\"this machine\",\"resolve_ms\":null,"
        "\"connect_ms\":0.412,\"syn_retransmits\":null,\"attempts\":1,"
        "\"canonical\":null," REPLY_KEYS("false") "}\n");
}

static void test_json_timeout_counts_what_was_sent_again(void **state)
{
    struct result result = timeout_of(5 * NS_PER_S, 4);
    result.attempts = 2;
    result.others_failed = 1;
    claim_json_row(
        "timeout", result,
        AT "\"target\":\"db:5432\",\"protocol\":\"tcp\",\"host\":\"db\","
           "\"port\":5432,\"address\":\"10.0.0.5\",\"state\":\"down\","
           "\"expected\":\"up\",\"as_expected\":false,\"reason\":\"timeout\",\"detail\":\"no "
           "answer to 5 "
           "SYNs in 5 s, 1 more address failed, 2 attempts\",\"error\":null,"
           "\"icmp\":null,\"reported_by\":null,\"resolve_ms\":null,"
           "\"connect_ms\":null,\"syn_retransmits\":4,\"attempts\":2,\"canonical\":"
           "null," REPLY_KEYS("false") "}\n");
}

static void test_json_unresolved_names_the_resolvers_code(void **state)
{
    struct buffer expected = BUFFER_EMPTY;
    struct result result = error_of("nosuch:22", outcome_of_lookup(EAI_NONAME, 0));
    result.resolve_ns = 0;
    buffer_add_format(
        &expected,
        AT
        "\"target\":\"nosuch:22\",\"protocol\":\"tcp\",\"host\":\"nosuch\","
        "\"port\":22,\"address\":null,\"state\":\"error\","
        "\"expected\":\"up\",\"as_expected\":false,\"reason\":\"unresolved\",\"detail\":\"%s\","
        "\"error\":\"EAI_NONAME\",\"icmp\":null,\"reported_by\":null,"
        "\"resolve_ms\":0.000,\"connect_ms\":null,\"syn_retransmits\":null,"
        "\"attempts\":0,\"canonical\":null," REPLY_KEYS("null") "}\n",
        gai_strerror(EAI_NONAME));
    claim_json_row("unresolved", result, buffer_text(&expected));
    buffer_release(&expected);
}

/* Parts of rows about db:22, which was up */

#define NOTHING_BEFORE                                                                       \
    "\"closed_after_ms\":null,\"labels\":null,\"previous_state\":null,\"previous_ms\":null," \
    "\"since\":null,\"change\":null}\n"

static const struct label some_labels[] = {{"site", "a\"b"}, {"_e", "\xff\n"}};

static const struct {
    const char *label;
    const char *expected;
    int64_t connect_ns;
    uint64_t round;
    struct change change;
    struct report report;
} parts[] = {
    {"latency unknown", "\"connect_ms\":null,", .connect_ns = -1},
    {"no latency", "\"connect_ms\":0.000,", .connect_ns = 0},
    {"below a microsecond", "\"connect_ms\":0.000,", .connect_ns = 999},
    {"a microsecond", "\"connect_ms\":0.001,", .connect_ns = 1000},
    {"a millisecond less 1 ns", "\"connect_ms\":0.999,", .connect_ns = 999999},
    {"a millisecond", "\"connect_ms\":1.000,", .connect_ns = 1000000},
    {"an hour", "\"connect_ms\":3600000.000,", .connect_ns = 3600 * NS_PER_S},
    {"--expect down", "\"state\":\"up\",\"expected\":\"down\",\"as_expected\":false,",
     .report.expects_down = true},
    {"no colour", "\"state\":\"up\",", .report.is_coloured = true},
    {"labels", "\"labels\":{\"site\":\"a\\\"b\",\"_e\":\"\\ufffd\\u000a\"}}\n",
     .report = {.labels = some_labels, .label_count = ARRAY_LEN(some_labels)}},
    {"always dated", AT "\"target\":\"db:22\"", .report.is_dated = true},
    {"not numbered", "\"closed_after_ms\":null,\"labels\":null}\n", .round = 3},
    {"numbered", "\"closed_after_ms\":null,\"labels\":null,\"seq\":3}\n", .round = 3,
     .report.has_rounds = true},
    {"of no round", "\"closed_after_ms\":null,\"labels\":null}\n", .round = 0,
     .report.has_rounds = true},
    {"change not asked for", "\"closed_after_ms\":null,\"labels\":null}\n",
     .change.news = NEWS_CHANGED},
    {"no change", NOTHING_BEFORE, .report.has_changes = true},
    {"as before", NOTHING_BEFORE, .change.lasted_ns = 1, .report.has_changes = true},
    {"a change, numbered",
     "\"seq\":4,\"previous_state\":\"down\",\"previous_ms\":62001.500,\"since\":null,"
     "\"change\":\"changed\"}\n",
     .round = 4,
     .change = {.news = NEWS_CHANGED, .before = STATE_DOWN, .lasted_ns = 62001500000},
     .report = {.has_rounds = true, .has_changes = true}},
    {"a change at once", "\"previous_state\":\"error\",\"previous_ms\":0.000,",
     .change = {.news = NEWS_CHANGED, .before = STATE_ERROR}, .report.has_changes = true},
    {"new", "\"previous_ms\":null,\"since\":\"2026-11-29T03:00:02Z\",\"change\":\"new\"}\n",
     .change = {.news = NEWS_NEW, .since_s = 1795921202}, .report.has_changes = true},
    {"a reminder",
     "\"previous_state\":null,\"previous_ms\":null,\"since\":null,\"change\":\"reminder\"}\n",
     .change = {.news = NEWS_REMINDER, .lasted_ns = 9}, .report.has_changes = true},
    {"a change after an unknown time", "\"previous_state\":\"up\",\"previous_ms\":null,",
     .change = {.news = NEWS_CHANGED, .lasted_ns = -1}, .report.has_changes = true},
};

static void test_json_row_follows_options_and_times(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct report report = parts[i].report;
        struct result result = up_of("db:22", "10.0.0.5");
        struct buffer out = BUFFER_EMPTY;
        report.wall_offset_ns = rows_wall_offset_ns;
        result.connect_ns = parts[i].connect_ns;
        result.round = parts[i].round;
        result.change = parts[i].change;
        report_json.row(&out, &report, &result);
        claim_contains(parts[i].label, buffer_text(&out), parts[i].expected);
        buffer_release(&out);
        result_release(&result);
    }
}

/* The keys of an answer: what differs from REPLY_KEYS, and where it stands. */

#define NOT_HELD "\"held_ms\":null,\"closed_after_ms\":null,\"labels\":null}\n"

static struct result dns_row(void)
{
    struct result result = answered_of("udp://ns:53", "10.0.0.2", REASON_REPLIED, "ab", 2);
    result.measures.sent = 3;
    result.measures.replies = 2;
    result.measures.ttl = 61;
    result.measures.reply->from = address_of("2001:db8::6");
    address_set_port(&result.measures.reply->from, 40123);
    return result;
}

static struct result echo_row(void)
{
    struct result result = row_of("icmp://10.0.0.2", "", outcome_of(REASON_TOOBIG));
    result.reply_ns = 0;
    result.measures.is_reply = true;
    result.measures.sent = 1;
    result.measures.replies = 0;
    result.measures.path_mtu = 1400;
    return result;
}

static struct result tls_row(enum reason reason, const char *version, int64_t not_after_s)
{
    struct result result = answered_of("tls://web:443", "10.0.0.7", reason, "", 0);
    result.connect_ns = 300 * NS_PER_US;
    result.measures.sent = result.measures.replies = -1;
    result.measures.is_proxied = true;
    (void)snprintf(result.measures.reply->tls_version, REPLY_VERSION, "%s", version);
    result.measures.reply->tls_not_after_s = not_after_s;
    return result;
}

static struct result connection_row(enum reason reason, int64_t held_ns,
                                    int64_t closed_after_ns)
{
    struct result result = row_of("db:22", "10.0.0.5", outcome_of(reason));
    result.measures.held_ns = held_ns;
    result.measures.closed_after_ns = closed_after_ns;
    return result;
}

static void test_json_answer_has_its_measures(void **state)
{
    const struct {
        const char *label;
        struct result result;
        const char *expected;
    } cases[] = {
        {"udp", dns_row(),
         "\"connect_ms\":null,\"syn_retransmits\":null,\"attempts\":1,\"canonical\":null,"
         "\"reply_ms\":0.612,\"sent\":3,\"replies\":2,\"reply\":\"ab\",\"reply_bytes\":2,"
         "\"reply_from\":\"[2001:db8::6]:40123\",\"ttl\":61,\"syn_proxy\":null,"
         "\"path_mtu\":null,\"tls\":null," NOT_HELD},
        {"icmp", echo_row(),
         "\"reply_ms\":0.000,\"sent\":1,\"replies\":0,\"reply\":null,\"reply_bytes\":null,"
         "\"reply_from\":null,\"ttl\":null,\"syn_proxy\":null,\"path_mtu\":1400,"
         "\"tls\":null," NOT_HELD},
        {"icmp has no port", echo_row(),
         "\"protocol\":\"icmp\",\"host\":\"10.0.0.2\",\"port\":null,\"address\":\"10.0.0.2\","},
        {"tls", tls_row(REASON_REPLIED, "1.2", 1798555626),
         "\"connect_ms\":0.300,\"syn_retransmits\":null,\"attempts\":1,\"canonical\":null,"
         "\"reply_ms\":0.612,\"sent\":null,\"replies\":null,\"reply\":\"\",\"reply_bytes\":0,"
         "\"reply_from\":null,\"ttl\":null,\"syn_proxy\":true,\"path_mtu\":null,"
         "\"tls\":{\"version\":\"1.2\",\"not_after\":\"2026-12-29T14:47:06Z\"}," NOT_HELD},
        {"tls, nothing seen", tls_row(REASON_REPLIED, "", INT64_MAX),
         "\"tls\":{\"version\":null,\"not_after\":null}," NOT_HELD},
        {"tls, ready", tls_row(REASON_READY, "1.2", INT64_MAX),
         "\"tls\":{\"version\":\"1.2\",\"not_after\":null},"},
        {"tls, not ready", tls_row(REASON_NOT_READY, "1.2", INT64_MAX),
         "\"tls\":{\"version\":\"1.2\",\"not_after\":null},"},
        {"held", connection_row(REASON_CONNECTED, 500 * NS_PER_MS, -1),
         "\"held_ms\":500.000,\"closed_after_ms\":null,\"labels\":null}\n"},
        {"closed", connection_row(REASON_CLOSED, -1, 2100 * NS_PER_US),
         "\"held_ms\":null,\"closed_after_ms\":2.100,\"labels\":null}\n"},
        {"closed at once", connection_row(REASON_CLOSED, -1, 0),
         "\"held_ms\":null,\"closed_after_ms\":0.000,\"labels\":null}\n"},
        {"this machine's trouble", row_of("db:22", "10.0.0.5", outcome_of(REASON_LOCAL)),
         "\"syn_proxy\":null,"},
        {"no address any more", error_of("db:22", outcome_of(REASON_GONE)),
         "\"syn_proxy\":null,"},
        {"tls, no answer", tls_row(REASON_MISMATCHED, "1.2", 0), "\"tls\":null," NOT_HELD},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct report report = {.wall_offset_ns = rows_wall_offset_ns};
        struct result result = cases[i].result;
        struct buffer out = BUFFER_EMPTY;
        report_json.row(&out, &report, &result);
        claim_contains(cases[i].label, buffer_text(&out), cases[i].expected);
        buffer_release(&out);
        result_release(&result);
    }
}

/* 64 bytes of an answer, every one of which may be of a hostile server. */
static void test_json_reply_is_cut_and_valid_utf8(void **state)
{
    char bytes[65];
    struct report report = {.wall_offset_ns = rows_wall_offset_ns};
    struct buffer out = BUFFER_EMPTY;
    memset(bytes, 'x', sizeof bytes);
    memcpy(bytes, "\"\\\033\0\n\177\xff\xc2\x85", 9);
    bytes[63] = '\xc3'; /* its second byte is cut off */
    struct result result =
        answered_of("udp://ns:9", "10.0.0.2", REASON_REPLIED, bytes, sizeof bytes);
    report_json.row(&out, &report, &result);
    claim_contains("hostile", buffer_text(&out),
                   "\"reply\":\"\\\"\\\\\\u001b\\u0000\\u000a\\u007f\\ufffd\\u0085"
                   "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\ufffd\","
                   "\"reply_bytes\":65,");
    buffer_release(&out);
    result_release(&result);
}

/* ESC, a newline, NUL, DEL, a stray byte, a backslash and a quote; then an e with acute. */
static const char foreign[] = "a\033[2J\n\0\177\xff\\\"\xc3\xa9";
static const struct fault foreign_fault = {FAULT_HOST_BYTE, 1, 1};

static void test_json_foreign_bytes_are_escaped_and_valid_utf8(void **state)
{
    claim_json_row(
        "line and file name",
        invalid_of(foreign, sizeof foreign - 1, foreign_fault, "bad\033.txt", 1),
        "{\"time\":\"2026-11-23T03:00:00.123456Z\","
        "\"target\":\"a\\u001b[2J\\u000a\\u0000\\u007f\\ufffd\\\\\\\"\xc3\xa9\","
        "\"protocol\":null,\"host\":null,\"port\":null,\"address\":null,\"state\":\"error\","
        "\"expected\":\"up\",\"as_expected\":false,\"reason\":\"invalid\",\"detail\":\"invalid "
        "character in host "
        "'\\\\x1b' in 'a\\\\x1b[2J\\\\x0a\\\\x00\\\\x7f\\\\xff\\\\\\\\\\\"\xc3\xa9' "
        "(bad\\\\x1b.txt:1:2): a name has letters, digits, '-', '_' and '.' "
        "(others in xn-- form)\",\"error\":null,\"icmp\":null,\"reported_by\":null,"
        "\"resolve_ms\":null,\"connect_ms\":null,\"syn_retransmits\":null,\"attempts\":0,"
        "\"canonical\":null," REPLY_KEYS("null") "}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_up_has_every_key),
        cmocka_unit_test(test_json_refused_names_its_errno),
        cmocka_unit_test(test_json_icmp_has_type_code_and_sender),
        cmocka_unit_test(test_json_own_trouble_is_reported_by_this_machine),
        cmocka_unit_test(test_json_timeout_counts_what_was_sent_again),
        cmocka_unit_test(test_json_unresolved_names_the_resolvers_code),
        cmocka_unit_test(test_json_row_follows_options_and_times),
        cmocka_unit_test(test_json_answer_has_its_measures),
        cmocka_unit_test(test_json_reply_is_cut_and_valid_utf8),
        cmocka_unit_test(test_json_foreign_bytes_are_escaped_and_valid_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
