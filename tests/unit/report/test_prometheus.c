#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"
#include "netcheck/base/utf8.h"
#include "netcheck/report/document.h"
#include "netcheck/report/memory.h"

enum { ROWS_MAX = 6 };

static const int64_t ended_wall_ns = INT64_C(1795921202126999999);

/* A document of rows whose references are dropped. `note` may be NULL. */
static void write_rows(struct buffer *out, struct buffer *note, struct report report,
                       struct result results[static ROWS_MAX],
                       const struct remembered *remembered)
{
    struct document_row rows[ROWS_MAX];
    struct document document = {.report = &report,
                                .rows = rows,
                                .tally = {.expects_down = report.expects_down},
                                .began_wall_ns = ended_wall_ns - 2003 * NS_PER_MS,
                                .ended_wall_ns = ended_wall_ns,
                                .note = note};
    for (size_t i = 0; i < ROWS_MAX && results[i].endpoint.target != NULL; i++) {
        rows[document.count++] = (struct document_row){&results[i], remembered};
        tally_add(&document.tally, &results[i]);
    }
    report_prometheus.document(out, &document);
    assert_false(out->has_failed);
    for (size_t i = 0; i < document.count; i++)
        result_release(&results[i]);
}

#define HEAD(name, help) "# HELP netcheck_" name " " help "\n# TYPE netcheck_" name " gauge\n"
#define UP_HEAD          HEAD("up", "Whether the target answered: 1 up, 0 down or error.")
#define AS_EXPECTED_HEAD \
    HEAD("as_expected", "Whether the state is the expected one: 1 yes, 0 no.")
#define REASON_HEAD \
    HEAD("reason", "Why the target is in its state; always 1, the label reason says it.")
#define CONNECT_HEAD        \
    HEAD("connect_seconds", \
         "Time from connecting to the answer, whatever it was; none without one.")
#define RESOLVE_HEAD        \
    HEAD("resolve_seconds", \
         "Time that the name took; none without an answer, and for addresses.")
#define RETRANSMITS_HEAD \
    HEAD("syn_retransmits", "How often the SYN was sent again in the last attempt.")
#define RUN(labels, more, up, down, errors)                                                    \
    HEAD("last_run_timestamp_seconds", "When the last run ended, in seconds since 1970.")      \
    "netcheck_last_run_timestamp_seconds" labels " 1795921202.126\n" HEAD(                     \
        "last_run_duration_seconds",                                                           \
        "How long the last run took.") "netcheck_last_run_duration_seconds" labels             \
                                       " 2.003\n" HEAD("last_run_targets",                     \
                                                       "How many rows of the last run have "   \
                                                       "each state; invalid lines are "        \
                                                       "errors.") "netcheck_last_run_targets{" \
                                                                  "state=\"up\"" more "} " up  \
                                                                  "\n"                         \
                                                                  "netcheck_last_run_targets{" \
                                                                  "state=\"down\"" more        \
                                                                  "} " down "\n"               \
                                                                  "netcheck_last_run_targets{" \
                                                                  "state=\"error\"" more       \
                                                                  "} " errors "\n"
#define ABOUT(target) "{target=\"" target "\",protocol=\"tcp\""

static void test_prometheus_metrics_are_whole_and_never_change(void **state)
{
    struct result rows[ROWS_MAX] = {
        up_of("db:5432", "10.0.0.5"),
        timeout_of(2 * NS_PER_S, 1),
        icmp_row("fw:22", "10.6.2.3", EHOSTUNREACH, icmp_of("10.6.0.1", 3, 13)),
        error_of("nosuch:443", outcome_of_lookup(EAI_NONAME, 0)),
        down_of("!db:23", "10.0.0.5", ECONNREFUSED),
    };
    struct buffer out = BUFFER_EMPTY;
    rows[0].resolve_ns = 412999;
    target_drop(rows[1].endpoint.target);
    rows[1].endpoint.target = target_of("silent:22");
    rows[1].endpoint.port = 22;
    write_rows(&out, NULL, (struct report){0}, rows, NULL);
    claim_text(
        "contract", "document", buffer_text(&out),
        UP_HEAD "netcheck_up" ABOUT(
            "db:5432") "} 1\n"
                       "netcheck_up" ABOUT(
                           "silent:22") "} 0\n"
                                        "netcheck_up" ABOUT(
                                            "fw:22") "} 0\n"
                                                     "netcheck_up" ABOUT(
                                                         "nosuch:443") "} 0\n"
                                                                       "netcheck_up" ABOUT("db:"
                                                                                           "23") "} 0\n" AS_EXPECTED_HEAD
                                                                                                 "netcheck_as_expected" ABOUT(
                                                                                                     "db:5432") "} 1\n"
                                                                                                                "netcheck_as_expected" ABOUT("silent:22") "} 0\n"
                                                                                                                                                          "netcheck_as_expected" ABOUT("fw:22") "} 0\n"
                                                                                                                                                                                                "netcheck_as_expected" ABOUT("nosuch:443") "} 0\n"
                                                                                                                                                                                                                                           "netcheck_as_expected" ABOUT("db:23") "} 1\n" REASON_HEAD
                                                                                                                                                                                                                                                                                 "netcheck_reason" ABOUT("db:5432") ",state=\"up\",reason=\"connected\"} 1\n"
                                                                                                                                                                                                                                                                                                                    "netcheck_reason" ABOUT(
                                                                                                                                                                                                                                                                                                                        "silent:22") ",state=\"down\",reason=\"timeout\"} 1\n"
                                                                                                                                                                                                                                                                                                                                     "netcheck_reason" ABOUT(
                                                                                                                                                                                                                                                                                                                                         "fw:22") ",state=\"down\",reason=\"prohibited\"} 1\n"
                                                                                                                                                                                                                                                                                                                                                  "netcheck_reason" ABOUT("nosuch:443") ",state=\"error\",reason=\"unresolved\"} 1\n"
                                                                                                                                                                                                                                                                                                                                                                                        "netcheck_reason" ABOUT(
                                                                                                                                                                                                                                                                                                                                                                                            "db:23") ",state=\"down\",reason=\"refused\"} 1\n" CONNECT_HEAD "netcheck_connect_seconds" ABOUT("db:5432") "} 0.000812\n"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        "netcheck_connect_seconds" ABOUT(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            "fw:22") "} 0.000412\n"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     "netcheck_connect_seconds" ABOUT(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                         "db:23") "} 0.000412\n" RESOLVE_HEAD
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "netcheck_resolve_seconds" ABOUT(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "db:5432") "} 0.000412\n" RETRANSMITS_HEAD
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "netcheck_syn_retransmits" ABOUT("db:5432") "} 0\n"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "netcheck_syn_retransmits" ABOUT("silent:22") "} 1\n" RUN("",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       "",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       "1",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       "3",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       "1"));
    buffer_release(&out);
}

/* No target, and a bad line, which names none: the run is there all the same. */
static void test_prometheus_without_targets_has_the_run(void **state)
{
    static const struct fault fault = {FAULT_HOST_BYTE, 0, 1};
    struct result none[ROWS_MAX] = {0};
    struct result bad[ROWS_MAX] = {invalid_of("\033\n", 2, fault, "list", 1)};
    struct buffer out = BUFFER_EMPTY;
    write_rows(&out, NULL, (struct report){0}, none, NULL);
    claim_text("none", "document", buffer_text(&out), RUN("", "", "0", "0", "0"));
    out.len = 0;
    write_rows(&out, NULL,
               (struct report){.labels = (const struct label[]){{"site", "a\"b"}, {"_", ""}},
                               .label_count = 2},
               bad, NULL);
    claim_text("invalid", "document", buffer_text(&out),
               RUN("{site=\"a\\\"b\",_=\"\"}", ",site=\"a\\\"b\",_=\"\"", "0", "0", "1"));
    buffer_release(&out);
}

static struct result tls_row(enum reason reason, int64_t not_after_s)
{
    struct result result = answered_of("tls://web:443", "10.0.0.7", reason, "", 0);
    result.measures.reply->tls_not_after_s = not_after_s;
    return result;
}

static struct result slow_row(int64_t connect_ns)
{
    struct result result = up_of("db:1", "10.0.0.5");
    result.connect_ns = connect_ns;
    return result;
}

#define REMEMBERED(...)        \
    &(const struct remembered) \
    {                          \
        __VA_ARGS__            \
    }

/* One row, a line that it has, and what it has nowhere. */
struct line_case {
    const char *label;
    struct result result;
    const char *line;
    const char *absent;
    struct report report;
    const struct remembered *remembered;
};

static void claim_lines(const struct line_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct result rows[ROWS_MAX] = {cases[i].result};
        struct buffer out = BUFFER_EMPTY;
        write_rows(&out, NULL, cases[i].report, rows, cases[i].remembered);
        claim_contains(cases[i].label, buffer_text(&out), cases[i].line);
        claim_true(cases[i].label, "absence",
                   strstr(buffer_text(&out), cases[i].absent) == NULL);
        buffer_release(&out);
    }
}

static void test_prometheus_line_follows_the_row(void **state)
{
    const struct line_case cases[] = {
        {"udp", answered_of("udp://ns:53", "10.0.0.2", REASON_REPLIED, "a", 1),
         "\nnetcheck_reply_seconds{target=\"udp://ns:53\",protocol=\"udp\"} 0.000612\n",
         .absent = "connect_seconds"},
        {"icmp", answered_of("icmp://gw", "10.0.0.2", REASON_REPLIED, "", 0),
         "\nnetcheck_up{target=\"icmp://gw\",protocol=\"icmp\"} 1\n",
         .absent = "syn_retransmits"},
        {"tls", tls_row(REASON_REPLIED, 1798555626),
         "\nnetcheck_tls_not_after_timestamp_seconds{target=\"tls://web:443\","
         "protocol=\"tls\"} 1798555626\n",
         .absent = "since_"},
        {"a certificate of long ago", tls_row(REASON_NOT_READY, -2208988800),
         "protocol=\"tls\"} -2208988800\n", .absent = "since_"},
        {"no certificate", tls_row(REASON_REPLIED, INT64_MAX), "netcheck_up{",
         .absent = "not_after"},
        {"not TLS", tls_row(REASON_MISMATCHED, 0), "reason=\"mismatched\"} 1\n",
         .absent = "not_after"},
        {"IPv6", up_of("[2001:db8::1]:22", "2001:db8::1"),
         "\nnetcheck_up" ABOUT("[2001:db8::1]:22") "} 1\n", .absent = "address="},
        {"of a prefix", up_of("10.0.0.4/30:22", "10.0.0.4"),
         "\nnetcheck_up" ABOUT("10.0.0.4:22") "} 1\n", .absent = "/30"},
    };
    claim_lines(cases, ARRAY_LEN(cases));
}

static void test_prometheus_line_follows_options_and_memory(void **state)
{
    static const struct label site = {"site", "a"};
    const struct line_case cases[] = {
        {"-A", up_of("db:22", "10.0.0.5"),
         "\nnetcheck_up" ABOUT("db:22") ",address=\"10.0.0.5\"} 1\n", .absent = "address=\"\"",
         .report.is_by_address = true},
        {"-A without an address", error_of("db:22", outcome_of(REASON_RESOLVE_TIMEOUT)),
         "\nnetcheck_up" ABOUT("db:22") "} 0\n",
         .absent = "address=", .report.is_by_address = true},
        {"--label", up_of("db:22", "10.0.0.5"),
         "\nnetcheck_reason" ABOUT(
             "db:22") ",state=\"up\",reason=\"connected\",site=\"a\"} 1\n",
         .absent = "\"tcp\"} ", .report = {.labels = &site, .label_count = 1}},
        {"expected down", up_of("!db:22", "10.0.0.5"),
         "\nnetcheck_as_expected" ABOUT("db:22") "} 0\n", .absent = "!"},
        {"--expect down", down_of("db:22", "10.0.0.5", ECONNREFUSED),
         "\nnetcheck_as_expected" ABOUT("db:22") "} 1\n", .absent = "!",
         .report.expects_down = true},
        {"not asked in time", error_of("db:22", remark_of(REASON_LOCAL, REMARK_OVER, 0)),
         "\nnetcheck_reason" ABOUT("db:22") ",state=\"error\",reason=\"local\"} 1\n",
         .absent = "netcheck_connect"},
        {"at once", slow_row(0), "_seconds" ABOUT("db:1") "} 0.000000\n", .absent = "resolve"},
        {"below a microsecond", slow_row(999), "_seconds" ABOUT("db:1") "} 0.000000\n",
         .absent = "e-"},
        {"an hour", slow_row(3600 * NS_PER_S + 1), "_seconds" ABOUT("db:1") "} 3600.000000\n",
         .absent = "e+"},
        {"remembered", up_of("db:22", "10.0.0.5"),
         "\nnetcheck_since_timestamp_seconds" ABOUT("db:22") "} 1700000000\n",
         .absent = "not_after",
         .remembered = REMEMBERED(.state = STATE_UP, .since_s = 1700000000)},
        {"to be confirmed", down_of("db:22", "10.0.0.5", ECONNREFUSED),
         "\nnetcheck_since_timestamp_seconds" ABOUT("db:22") "} 1700000060\n",
         .absent = "not_after",
         .remembered = REMEMBERED(.state = STATE_UP, .since_s = 1700000000, .next_count = 1,
                                  .next = STATE_DOWN, .first_s = 1700000060)},
        {"not remembered", down_of("db:22", "10.0.0.5", ECONNREFUSED), "netcheck_up{",
         .absent = "since_",
         .remembered = REMEMBERED(.state = STATE_UP, .since_s = 1, .next = STATE_DOWN)},
    };
    claim_lines(cases, ARRAY_LEN(cases));
}

/* Rows of which some may be of one target: what a line has that is there, and what is told. */
struct repeated_case {
    const char *label;
    struct result rows[ROWS_MAX];
    const char *line; /* of the target */
    const char *note;
    struct report report;
};

static void claim_repeated(const struct repeated_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct result rows[ROWS_MAX];
        struct buffer out = BUFFER_EMPTY;
        struct buffer note = BUFFER_EMPTY;
        memcpy(rows, cases[i].rows, sizeof rows);
        write_rows(&out, &note, cases[i].report, rows, NULL);
        claim_contains(cases[i].label, buffer_text(&out), cases[i].line);
        claim_text(cases[i].label, "note", buffer_text(&note), cases[i].note);
        const char *first = strstr(buffer_text(&out), "netcheck_up" ABOUT("db:22") "}");
        claim_true(cases[i].label, "one series",
                   first == NULL ||
                       strstr(first + 1, "netcheck_up" ABOUT("db:22") "}") == NULL);
        buffer_release(&out);
        buffer_release(&note);
    }
}

#define UP    up_of("db:22", "10.0.0.5")
#define DOWN  down_of("db:22", "10.0.0.5", ECONNREFUSED)
#define ERROR error_of("db:22", outcome_of(REASON_UNRESOLVED))
#define TOLD  "target 'db:22' is there more than once: prometheus has its worst row alone"

static void test_prometheus_target_that_is_there_twice_is_its_worst_row(void **state)
{
    const struct repeated_case cases[] = {
        {"up and down", {UP, DOWN}, "reason=\"refused\"", .note = TOLD},
        {"down and up", {DOWN, UP}, "reason=\"refused\"", .note = TOLD},
        {"error and up", {ERROR, UP}, "reason=\"unresolved\"", .note = TOLD},
        {"error and down", {ERROR, DOWN, UP}, "reason=\"refused\"", .note = TOLD},
        {"expected down, and up",
         {DOWN, up_of("!db:22", "")},
         "reason=\"refused\"",
         .note = TOLD},
        {"as expected is better",
         {down_of("!db:22", "", ECONNREFUSED), UP, ERROR},
         "reason=\"unresolved\"",
         .note = TOLD},
        {"up is worse",
         {DOWN, UP},
         "reason=\"connected\"",
         .note = TOLD,
         .report.expects_down = true},
        {"of two the first",
         {slow_row(1000), slow_row(2000)},
         "protocol=\"tcp\"} 0.000001",
         .note = "target 'db:1' is there more than once: prometheus has its worst row alone"},
    };
    claim_repeated(cases, ARRAY_LEN(cases));
}

static void test_prometheus_other_targets_are_no_repetition(void **state)
{
    const struct repeated_case cases[] = {
        {"three targets",
         {up_of("web:1", ""), UP, UP, up_of("web:1", ""), up_of("a:1", ""), UP},
         "target=\"a:1\"",
         .note = "target 'web:1' is there more than once: prometheus has its worst row alone, "
                 "as of "
                 "1 more"},
        {"other ports",
         {up_of("db:22", ""), up_of("db:2", ""), up_of("b:22", "")},
         "db:22",
         .note = ""},
        {"other protocols",
         {UP, answered_of("udp://db:22", "", REASON_REPLIED, "", 0)},
         "",
         .note = ""},
        {"other addresses",
         {UP, up_of("db:22", "10.0.0.6")},
         "address=\"10.0.0.6\"",
         .note = "",
         .report.is_by_address = true},
        {"other addresses, no -A", {UP, up_of("db:22", "10.0.0.6")}, "db:22", .note = TOLD},
    };
    claim_repeated(cases, ARRAY_LEN(cases));
}

/* Behind the value of a label that begins at `text`: as Prometheus reads it; NULL: it is none.
 */
static const char *read_value(const char *text, struct buffer *value)
{
    for (; *text != '"'; text++) {
        if (*text == '\0' || *text == '\n')
            return NULL;
        bool is_escaped = *text == '\\';
        text += is_escaped;
        if (is_escaped && strchr("\\\"n", *text) == NULL)
            return NULL;
        buffer_add(value, is_escaped && *text == 'n' ? "\n" : text, 1);
    }
    return text + 1;
}

/* Whether it is valid UTF-8 without control characters but the line end. */
static bool is_clean(const struct buffer *text)
{
    size_t n = 1;
    for (size_t i = 0; i < text->len && n > 0; i += n) {
        uint32_t character = 0;
        n = utf8_decode(text->bytes + i, text->len - i, &character);
        if ((character < 0x20 && character != '\n') || (character >= 0x7f && character < 0xa0))
            return false;
    }
    return n > 0;
}

/* Each byte, beside each kind of other byte: what is read is one value, and known beforehand.
 */
static void test_prometheus_hostile_label_stays_in_its_quotes(void **state)
{
    static const char *const neighbours[] = {"", "\\", "\"", "\n", "\xc3", "\xa9", "\xff", "n"};
    for (size_t i = 0; i < 255 * ARRAY_LEN(neighbours); i++) {
        const char *neighbour = neighbours[i / 255];
        const char bytes[] = {(char)(i % 255 + 1), neighbour[0], '\0'};
        const struct label label = {"site", bytes};
        struct result rows[ROWS_MAX] = {up_of("db:22", "10.0.0.5")};
        struct buffer out = BUFFER_EMPTY;
        struct buffer value = BUFFER_EMPTY;
        write_rows(&out, NULL, (struct report){.labels = &label, .label_count = 1}, rows, NULL);
        assert_true(is_clean(&out));
        const char *behind =
            read_value(strstr(buffer_text(&out), "site=\"") + strlen("site=\""), &value);
        assert_non_null(behind);
        assert_memory_equal(behind, "} 1\n", 4);
        struct buffer sent = {(char *)bytes, strlen(bytes), sizeof bytes, false};
        if (is_clean(&sent))
            claim_bytes("clean", "value", value.bytes, value.len, bytes, strlen(bytes));
        buffer_release(&out);
        buffer_release(&value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prometheus_metrics_are_whole_and_never_change),
        cmocka_unit_test(test_prometheus_without_targets_has_the_run),
        cmocka_unit_test(test_prometheus_line_follows_the_row),
        cmocka_unit_test(test_prometheus_line_follows_options_and_memory),
        cmocka_unit_test(test_prometheus_target_that_is_there_twice_is_its_worst_row),
        cmocka_unit_test(test_prometheus_other_targets_are_no_repetition),
        cmocka_unit_test(test_prometheus_hostile_label_stays_in_its_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
