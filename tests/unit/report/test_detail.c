#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"

static const int64_t s = NS_PER_S;

/* Rows without an answer. */
static const struct {
    const char *label;
    const char *text;
    int sent; /* -1 unknown */
    int replies;
    int syn_retransmits;
    const char *expected;
} silences[] = {
    {"UDP", "udp://log:514", 3, 0, -1,
     "down   udp://log:514  10.0.0.9  timeout: no reply to 3 datagrams in 5 s; open or "
     "filtered"},
    {"UDP once", "udp://log:514", 1, 0, -1,
     "down   udp://log:514  10.0.0.9  timeout: no reply to 1 datagram in 5 s; open or "
     "filtered"},
    {"UDP, not counted", "udp://log:514", -1, -1, -1,
     "down   udp://log:514  10.0.0.9  timeout: no reply in 5 s; open or filtered"},
    {"UDP, a stranger", "udp://log:514", 3, 1, -1,
     "down   udp://log:514  10.0.0.9  timeout: no reply to 3 datagrams in 5 s; 1 came that is "
     "no "
     "answer"},
    {"UDP, a flood", "udp://log:514", 3, 64, -1,
     "down   udp://log:514  10.0.0.9  timeout: no reply to 3 datagrams in 5 s; 64 came that "
     "are no "
     "answer"},
    {"ICMP", "icmp://gw", 3, 0, -1,
     "down   icmp://gw  10.0.0.9  timeout: no reply to 3 echo requests in 5 s"},
    {"ICMP once", "icmp://gw", 1, 0, -1,
     "down   icmp://gw  10.0.0.9  timeout: no reply to 1 echo request in 5 s"},
    {"TLS", "tls://web:443", -1, -1, 4,
     "down   tls://web:443  10.0.0.9  timeout: no answer to 5 SYNs in 5 s"},
};

static void claim_line(const char *label, struct result result, const char *expected)
{
    struct buffer line = BUFFER_EMPTY;
    buffer_add_format(&line, "%s\n", expected);
    claim_row(label, "text", (struct report){.expects_down = false}, result,
              buffer_text(&line));
    buffer_release(&line);
}

static void test_detail_of_silence_counts_what_was_sent(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(silences); i++) {
        struct result result = row_of(silences[i].text, "10.0.0.9", outcome_of(REASON_TIMEOUT));
        result.waited_ns = 5 * s;
        result.measures.sent = silences[i].sent;
        result.measures.replies = silences[i].replies;
        result.syn_retransmits = silences[i].syn_retransmits;
        claim_line(silences[i].label, result, silences[i].expected);
    }
}

/* Where the address is known to reject, silence over UDP may also be a closed port. */
static void test_detail_of_udp_beside_rejections_does_not_say_open_or_filtered(void **state)
{
    struct result result = row_of("udp://log:514", "10.0.0.9", outcome_of(REASON_TIMEOUT));
    result.waited_ns = 5 * s;
    result.measures.sent = 3;
    result.rejection = (struct rejection){
        .by = REJECTER_ITSELF, .sender = address_of("10.0.0.9"), .others = 7};
    claim_line("rejects", result,
               "down   udp://log:514  10.0.0.9  timeout: no reply to 3 datagrams in 5 s; open, "
               "closed or filtered, 10.0.0.9 rejected 7 other ports by ICMP, which it may say "
               "only so often");
}

/* Up by an answer. */
static const struct {
    const char *label;
    const char *text;
    const char *words;
    int sent;
    const char *from; /* "" for the one that was asked */
    uint16_t from_port;
    int64_t not_after_s;
    const char *expected;
} answers[] = {
    {"without words", "udp://ns:53", "", 1, "", 0, INT64_MAX, "0.6 ms"},
    {"words", "udp://ns:53", "DNS REFUSED", 1, "", 0, INT64_MAX, "0.6 ms, DNS REFUSED"},
    {"sent again", "udp://ns:53", "DNS REFUSED", 2, "", 0, INT64_MAX,
     "0.6 ms, DNS REFUSED, after 1 resend"},
    {"and again", "udp://ns:53", "", 3, "", 0, INT64_MAX, "0.6 ms, after 2 resends"},
    {"echo", "icmp://ns", "", 2, "", 0, INT64_MAX, "0.6 ms, after 1 resend"},
    {"other address", "udp://ns:53", "DNS REFUSED", 1, "10.0.0.6", 53, INT64_MAX,
     "0.6 ms, DNS REFUSED, answer from 10.0.0.6"},
    {"other port", "udp://ns:69", "", 1, "10.0.0.2", 40123, INT64_MAX,
     "0.6 ms, answer from port 40123"},
    {"both", "udp://ns:69", "", 1, "10.0.0.6", 40123, INT64_MAX,
     "0.6 ms, answer from 10.0.0.6 port 40123"},
    {"no certificate seen", "tls://ns:443", "TLS, newer than 1.2", 1, "", 0, INT64_MAX,
     "0.6 ms, TLS, newer than 1.2"},
    {"certificate", "tls://ns:443", "TLS 1.2", 1, "", 0, 1798502399,
     "0.6 ms, TLS 1.2, certificate until 2026-12-28 (not verified)"},
    {"ends now", "tls://ns:443", "TLS 1.2", 1, "", 0, 1795402800,
     "0.6 ms, TLS 1.2, certificate until 2026-11-23 (not verified)"},
    {"ended a second ago", "tls://ns:443", "TLS 1.2", 1, "", 0, 1795402799,
     "0.6 ms, TLS 1.2, certificate expired 2026-11-23 (not verified)"},
    {"a certificate alone", "tls://ns:443", "", 1, "", 0, INT64_C(253402300799),
     "0.6 ms, certificate until 9999-12-31 (not verified)"},
    {"the year 0", "tls://ns:443", "", 1, "", 0, INT64_C(-62167219200),
     "0.6 ms, certificate expired 0000-01-01 (not verified)"},
};

/* What --hold, --match and --ready make of a connection. */
static const struct {
    const char *label;
    enum reason reason;
    const char *words;
    int64_t held_ns;
    int syn_retransmits;
    const char *expected;
} kept[] = {
    {"held", REASON_CONNECTED, "", 500500 * NS_PER_US, 0,
     "up     db:5432  10.0.0.5  0.6 ms, held 500 ms"},
    {"held for seconds", REASON_CONNECTED, "", 4 * NS_PER_S, 1,
     "up     db:5432  10.0.0.5  0.6 ms, held 4 s, 1 SYN lost"},
    {"ready", REASON_READY, "PostgreSQL asks for a password", -1, 0,
     "up     db:5432  10.0.0.5  0.6 ms, PostgreSQL asks for a password"},
    {"ready and held", REASON_READY, "PostgreSQL asks for a password", NS_PER_S, 0,
     "up     db:5432  10.0.0.5  0.6 ms, PostgreSQL asks for a password, held 1 s"},
    {"not ready", REASON_NOT_READY, "PostgreSQL: the database system is starting up", -1, 0,
     "down   db:5432  10.0.0.5  not-ready: PostgreSQL: the database system is starting up"},
    {"not ready, without words", REASON_NOT_READY, "", -1, 0,
     "down   db:5432  10.0.0.5  not-ready"},
    {"matched", REASON_MATCHED, "220 mail", -1, 0, "up     db:5432  10.0.0.5  0.6 ms"},
};

static void test_detail_of_a_connection_says_how_it_was_kept(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        struct result result = answered_of("db:5432", "10.0.0.5", kept[i].reason, "x", 1);
        (void)snprintf(result.measures.reply->words, REPLY_WORDS, "%s", kept[i].words);
        result.measures.sent = -1;
        result.measures.held_ns = kept[i].held_ns;
        result.syn_retransmits = kept[i].syn_retransmits;
        claim_line(kept[i].label, result, kept[i].expected);
    }
}

static void test_detail_of_a_silent_connection_is_short(void **state)
{
    struct result result =
        row_of("db:25", "10.0.0.5", remark_of(REASON_TIMEOUT, REMARK_SILENT, 0));
    result.waited_ns = 5 * s;
    claim_line("silent", result,
               "down   db:25  10.0.0.5  timeout: connected, but said nothing in 5 s");
}

static void test_detail_of_an_answer_has_its_words(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        struct result result = answered_of(answers[i].text, "10.0.0.2", REASON_REPLIED, "x", 1);
        struct buffer expected = BUFFER_EMPTY;
        struct reply *reply = result.measures.reply;
        (void)snprintf(reply->words, sizeof reply->words, "%s", answers[i].words);
        reply->from = address_of(answers[i].from);
        address_set_port(&reply->from, answers[i].from_port);
        reply->tls_not_after_s = answers[i].not_after_s;
        result.measures.sent = answers[i].sent;
        buffer_add_format(&expected, "up     %s  10.0.0.2  %s", answers[i].text,
                          answers[i].expected);
        claim_line(answers[i].label, result, buffer_text(&expected));
        buffer_release(&expected);
    }
}

/* Something else answered: its first line, harmless. */
static const struct {
    const char *label;
    const char *text;
    const char *bytes;
    size_t len;
    const char *expected;
} others[] = {
    {"HTTP", "tls://ns:80", "HTTP/1.1 400\r\n", 14, "not TLS: 'HTTP/1.1 400'"},
    {"more lines", "tls://ns:80", "HTTP/1.1 400\r\nServer: x\r\n", 25,
     "not TLS: 'HTTP/1.1 400...'"},
    {"no line end", "tls://ns:25", "220 hello", 9, "not TLS: '220 hello'"},
    {"quotes and a backslash", "tls://ns:25", "it's \\ \"so\"", 11,
     "not TLS: 'it\\'s \\\\ \"so\"'"},
    {"a terminal's words", "tls://ns:25", "\033[2J\0\177\xff\xc3\xa9", 9,
     "not TLS: '\\x1b[2J\\x00\\x7f\\xff\\xc3\\xa9'"},
    {"as wide as a quote may be", "tls://ns:25", "0123456789abcdef0123456789abcdef01234567\n",
     41, "not TLS: '0123456789abcdef0123456789abcdef01234567'"},
    {"wider", "tls://ns:25", "0123456789abcdef0123456789abcdef01234567X", 41,
     "not TLS: '0123456789abcdef0123456789abcdef01234567...'"},
    {"wider by what its bytes are written as", "tls://ns:25", "\1\2\3\4\5\6\7\10\16x\177Y", 12,
     "not TLS: '\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x0ex...'"},
    {"more than is kept", "tls://ns:25",
     "0123\n56789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 65,
     "not TLS: '0123...'"},
    {"empty", "tls://ns:25", "", 0, "not TLS: ''"},
    {"only a line end", "tls://ns:25", "\r\n", 2, "not TLS: '\\r\\n'"},
    {"a line end first", "tls://ns:25", "\r\nX", 3, "not TLS: '\\r\\nX'"},
    {"MySQL, whose line end is none", "tls://ns:3306", "J\0\0\0\n5.5.5-10.11\0\1", 18,
     "not TLS: 'J\\x00\\x00\\x00\\n5.5.5-10.11\\x00\\x01'"},
    {"UDP", "udp://ns:53", "\1\2", 2, "'\\x01\\x02'"},
};

static void test_detail_of_another_answer_quotes_it(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        struct buffer expected = BUFFER_EMPTY;
        buffer_add_format(&expected, "down   %s  10.0.0.2  mismatched: %s", others[i].text,
                          others[i].expected);
        claim_line(others[i].label,
                   answered_of(others[i].text, "10.0.0.2", REASON_MISMATCHED, others[i].bytes,
                               others[i].len),
                   buffer_text(&expected));
        buffer_release(&expected);
    }
}

/* The user says what was awaited, and so has to see all that came. */
static void test_detail_of_what_the_user_knows_quotes_it(void **state)
{
    static const struct {
        const char *label;
        enum reason reason;
        const char *bytes;
        size_t len;
        const char *expected;
    } cases[] = {
        {"another", REASON_MISMATCHED, "220 it's\r\n221 \0\n", 16,
         "down   ns:25  10.0.0.2  mismatched: '220 it\\'s\\r\\n221 \\x00\\n'"},
        {"64 bytes", REASON_MISMATCHED,
         "0123\n56789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r", 65,
         "down   ns:25  10.0.0.2  mismatched: "
         "'0123\\n56789abcdef0123456789abcdef0123456789abcdef0123456789abcdef...'"},
        {"any answer", REASON_REPLIED, "220 hi\r\n221\r\n", 13,
         "up     ns:25  10.0.0.2  0.6 ms, '220 hi...'"},
        {"an empty datagram", REASON_REPLIED, "", 0, "up     ns:25  10.0.0.2  0.6 ms"},
        {"the line that matched, which -v has", REASON_MATCHED, "220 hi\r\n", 8,
         "up     ns:25  10.0.0.2  0.6 ms"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct result result =
            answered_of("ns:25", "10.0.0.2", cases[i].reason, cases[i].bytes, cases[i].len);
        result.measures.reply->is_quoted = true;
        if (cases[i].reason == REASON_MATCHED)
            (void)snprintf(result.measures.reply->words, REPLY_WORDS, "220 hi");
        claim_line(cases[i].label, result, cases[i].expected);
    }
}

static void test_detail_of_a_mismatch_takes_the_judges_words(void **state)
{
    struct result result =
        answered_of("tls://ns:22", "10.0.0.2", REASON_MISMATCHED, "SSH-2.0\r\n", 9);
    (void)snprintf(result.measures.reply->words, REPLY_WORDS, "SSH");
    claim_line("words", result, "down   tls://ns:22  10.0.0.2  mismatched: SSH: 'SSH-2.0'");
}

static void test_detail_of_an_end_says_who_when_and_after_what(void **state)
{
    static const struct {
        const char *label;
        int error;
        const char *bytes;
        int64_t reply_ns;
        int64_t closed_after_ns;
        const char *expected;
    } cases[] = {
        {"closed", 0, "", 2100000, -1, "by the other side 2.1 ms after the handshake"},
        {"reset", ECONNRESET, "", 2100000, -1, "reset 2.1 ms after the handshake"},
        {"time unknown", ECONNRESET, "", -1, -1, "reset"},
        {"a byte", 0, "x", 2100000, -1,
         "by the other side 2.1 ms after the handshake, after 1 byte: 'x'"},
        {"bytes", EPIPE, "HTTP/1.1 408\r\n", 2100000, -1,
         "reset 2.1 ms after the handshake, after 14 bytes: 'HTTP/1.1 408'"},
        {"while it was held", 0, "", -1, 2100000,
         "by the other side 2.1 ms after the handshake"},
        {"after an answer in time", ECONNRESET, "+PONG\r\n", 600000, 2100000,
         "reset 2.1 ms after the handshake, after 7 bytes: '+PONG'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct result result = answered_of("tls://ns:443", "10.0.0.2", REASON_CLOSED,
                                           cases[i].bytes, strlen(cases[i].bytes));
        struct buffer expected = BUFFER_EMPTY;
        result.outcome.error = cases[i].error;
        result.reply_ns = cases[i].reply_ns;
        result.measures.closed_after_ns = cases[i].closed_after_ns;
        buffer_add_format(&expected, "down   tls://ns:443  10.0.0.2  closed: %s",
                          cases[i].expected);
        claim_line(cases[i].label, result, buffer_text(&expected));
        buffer_release(&expected);
    }
}

/* Nothing came of it, not even a row's reply. */
static void test_detail_of_an_answer_that_was_not_kept_is_short(void **state)
{
    claim_line("replied", row_of("udp://ns:53", "10.0.0.2", outcome_of(REASON_REPLIED)),
               "up     udp://ns:53  10.0.0.2  time unknown");
    claim_line("mismatched", row_of("tls://ns:80", "10.0.0.2", outcome_of(REASON_MISMATCHED)),
               "down   tls://ns:80  10.0.0.2  mismatched: not TLS");
    claim_line("closed", row_of("tls://ns:80", "10.0.0.2", outcome_of(REASON_CLOSED)),
               "down   tls://ns:80  10.0.0.2  closed: by the other side");
}

static void test_detail_of_what_is_too_big_has_the_size_that_fits(void **state)
{
    const struct icmp router = icmp_of("10.2.0.1", 3, 4);
    struct icmp own = icmp_of("10.0.0.1", 3, 4);
    own.is_own = true;
    const struct {
        const char *label;
        struct icmp icmp;
        bool is_own;
        int path_mtu;
        const char *expected;
    } cases[] = {
        {"path", router, false, 1400, "path takes 1400 bytes, said 10.2.0.1 (ICMP 3/4)"},
        {"path, unknown", router, false, -1, "path takes less, said 10.2.0.1 (ICMP 3/4)"},
        {"IPv6", icmp_of("2001:db8::1", 2, 0), false, 1280,
         "path takes 1280 bytes, said 2001:db8::1 (ICMPv6 2/0)"},
        {"interface",
         {.is_set = false},
         true,
         1500,
         "path takes 1500 bytes, says this machine"},
        {"interface, by ICMP", own, true, 1500, "path takes 1500 bytes, says this machine"},
        {"interface, unknown",
         {.is_set = false},
         true,
         -1,
         "path takes less, says this machine"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct result result = row_of("icmp://gw", "10.0.0.9", outcome_of(REASON_TOOBIG));
        struct buffer expected = BUFFER_EMPTY;
        result.outcome.icmp = cases[i].icmp;
        result.outcome.is_own = cases[i].is_own;
        result.measures.path_mtu = cases[i].path_mtu;
        buffer_add_format(&expected, "down   icmp://gw  10.0.0.9  toobig: %s",
                          cases[i].expected);
        claim_line(cases[i].label, result, buffer_text(&expected));
        buffer_release(&expected);
    }
}

/* UDP has no other refusal than ICMP: only another sender of it is worth a word. */
static void test_detail_of_a_refusal_names_who_is_not_the_target(void **state)
{
    static const struct {
        const char *label;
        const char *text;
        const char *sender;
        uint8_t code;
        int sent;
        const char *expected;
    } cases[] = {
        {"itself", "udp://ns:53", "10.0.0.2", 3, 1, "refused in 0.4 ms"},
        {"sent again", "udp://ns:53", "10.0.0.2", 3, 2, "refused in 0.4 ms, after 1 resend"},
        {"a router", "udp://ns:53", "10.6.0.1", 3, 1,
         "refused: port unreachable, said 10.6.0.1 (ICMP 3/3)"},
        {"no refusal", "udp://ns:53", "10.0.0.2", 13, 1,
         "prohibited: administratively prohibited, said 10.0.0.2 (ICMP 3/13)"},
        {"TCP", "ns:53", "10.0.0.2", 3, -1,
         "refused: port unreachable, said 10.0.0.2 (ICMP 3/3)"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct result result = icmp_row(cases[i].text, "10.0.0.2", ECONNREFUSED,
                                        icmp_of(cases[i].sender, 3, cases[i].code));
        struct buffer expected = BUFFER_EMPTY;
        result.measures.is_reply = true;
        result.reply_ns = 412 * NS_PER_US;
        result.measures.sent = cases[i].sent;
        buffer_add_format(&expected, "down   %s  10.0.0.2  %s", cases[i].text,
                          cases[i].expected);
        claim_line(cases[i].label, result, buffer_text(&expected));
        buffer_release(&expected);
    }
}

static void test_detail_of_lost_answers_blames_this_machine(void **state)
{
    claim_line("lost", row_of("icmp://gw", "10.0.0.9", remark_of(REASON_LOCAL, REMARK_LOST, 0)),
               "error  icmp://gw  10.0.0.9  local: replies were lost here, the receive buffer "
               "is too small");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_detail_of_silence_counts_what_was_sent),
        cmocka_unit_test(test_detail_of_udp_beside_rejections_does_not_say_open_or_filtered),
        cmocka_unit_test(test_detail_of_an_answer_has_its_words),
        cmocka_unit_test(test_detail_of_a_connection_says_how_it_was_kept),
        cmocka_unit_test(test_detail_of_a_silent_connection_is_short),
        cmocka_unit_test(test_detail_of_another_answer_quotes_it),
        cmocka_unit_test(test_detail_of_what_the_user_knows_quotes_it),
        cmocka_unit_test(test_detail_of_a_mismatch_takes_the_judges_words),
        cmocka_unit_test(test_detail_of_an_end_says_who_when_and_after_what),
        cmocka_unit_test(test_detail_of_an_answer_that_was_not_kept_is_short),
        cmocka_unit_test(test_detail_of_what_is_too_big_has_the_size_that_fits),
        cmocka_unit_test(test_detail_of_a_refusal_names_who_is_not_the_target),
        cmocka_unit_test(test_detail_of_lost_answers_blames_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
