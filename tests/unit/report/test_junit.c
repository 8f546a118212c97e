#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"
#include "netcheck/base/utf8.h"
#include "netcheck/report/document.h"

#define SECOND INT64_C(1795402800)

/* The document of these rows, which are released. */
static void write_rows(struct buffer *out, const struct report *report, struct result *results,
                       size_t count)
{
    struct document_row *rows = calloc(count + 1, sizeof *rows);
    struct document document = {.report = report,
                                .rows = rows,
                                .count = count,
                                .tally = {.unexpected = 99},
                                .began_wall_ns = SECOND * NS_PER_S + 999,
                                .ended_wall_ns = (SECOND + 2) * NS_PER_S + 3000999};
    assert_non_null(rows);
    for (size_t i = 0; i < count; i++)
        rows[i].result = &results[i];
    report_find("junit")->document(out, &document);
    for (size_t i = 0; i < count; i++)
        result_release(&results[i]);
    free(rows);
}

static void claim_document(const char *label, const struct report *report,
                           struct result *results, size_t count, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    write_rows(&out, report, results, count);
    claim_text(label, "document", buffer_text(&out), expected);
    claim_true(label, "nothing lost", !out.has_failed);
    buffer_release(&out);
}

#define SUITE(counts)                                             \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"  \
    "<testsuite name=\"netcheck\" package=\"netcheck\" id=\"0\" " \
    "hostname=\"localhost\" " counts " timestamp=\"2026-11-23T03:00:00\" time=\"2.003000\">\n"

#define BEGIN(counts) SUITE(counts) "<properties>\n</properties>\n"

#define END "<system-out/>\n<system-err/>\n</testsuite>\n</testsuites>\n"

static struct result up_expected_down(void)
{
    return up_of("!db:23", "10.0.0.5");
}

static const char cases[] =
    BEGIN("tests=\"7\" failures=\"3\" errors=\"1\"") "<testcase classname=\"netcheck.tcp\" "
                                                     "name=\"db:5432\" time=\"0.000812\"/>\n"
                                                     "<testcase classname=\"netcheck.tcp\" "
                                                     "name=\"db:5432 (2)\" time=\"2.001000\">"
                                                     "<failure type=\"timeout\" "
                                                     "message=\"timeout: no answer to 2 SYNs "
                                                     "in 2 s\">"
                                                     "down   db:5432  10.0.0.5  timeout: no "
                                                     "answer to 2 SYNs in 2 "
                                                     "s</failure></testcase>\n"
                                                     "<testcase classname=\"netcheck.tcp\" "
                                                     "name=\"fw:22\" time=\"0.000412\">"
                                                     "<failure type=\"prohibited\" "
                                                     "message=\"prohibited: administratively "
                                                     "prohibited, said "
                                                     "10.6.0.1 (ICMP 3/13)\">down   fw:22  "
                                                     "10.6.2.3  prohibited: administratively "
                                                     "prohibited, said 10.6.0.1 (ICMP "
                                                     "3/13)</failure></testcase>\n"
                                                     "<testcase classname=\"netcheck.tcp\" "
                                                     "name=\"db:23\" time=\"0.000812\">"
                                                     "<failure type=\"connected\" "
                                                     "message=\"connected (expected down)\">"
                                                     "up     db:23  10.0.0.5  0.8 ms "
                                                     "(expected down)</failure></testcase>\n"
                                                     "<testcase classname=\"netcheck.tcp\" "
                                                     "name=\"db:24\" time=\"0.000412\"/>\n"
                                                     "<testcase classname=\"netcheck.udp\" "
                                                     "name=\"udp://ns:53\" "
                                                     "time=\"0.000612\"/>\n"
                                                     "<testcase classname=\"netcheck\" "
                                                     "name=\"a b\" time=\"0.000000\">"
                                                     "<error type=\"invalid\" "
                                                     "message=\"invalid: invalid character "
                                                     "in host &#39; &#39; in "
                                                     "&#39;a b&#39; (h.txt:7:2): a name has "
                                                     "letters, digits, &#39;-&#39;, "
                                                     "&#39;_&#39; and "
                                                     "&#39;.&#39; (others in xn-- form)\">"
                                                     "error  a b  -  invalid: invalid "
                                                     "character in host &#39; &#39; in "
                                                     "&#39;a b&#39; (h.txt:7:2): a name has "
                                                     "letters, digits, &#39;-&#39;, "
                                                     "&#39;_&#39; and "
                                                     "&#39;.&#39; (others in xn-- "
                                                     "form)</error></testcase>\n" END;

/* Colours, dates and columns of text stay out. */
static void test_junit_each_row_is_a_case(void **state)
{
    struct row_columns columns = {.label_width = 30};
    const struct report report = {
        .is_coloured = true, .is_dated = true, .columns = &columns, .is_unicode = true};
    struct result timeout = timeout_of(2 * NS_PER_S, 1);
    timeout.asked_ns = timeout.finished_ns - 2001 * NS_PER_MS;
    struct result udp = answered_of("udp://ns:53", "10.0.0.2", REASON_REPLIED, "ab", 2);
    struct result invalid =
        invalid_of("a b", 3, (struct fault){FAULT_HOST_BYTE, 1, 1}, "h.txt", 7);
    struct result down = down_of("!db:24", "10.0.0.5", ECONNREFUSED);
    udp.reply_ns += 999; /* rounded down, as in the other formats */
    timeout.attempts = 1;
    invalid.asked_ns = down.asked_ns = udp.asked_ns = rows_finished_ns;
    struct result rows[] = {
        up_of("db:5432", "10.0.0.5"),
        timeout,
        icmp_row("fw:22", "10.6.2.3", EHOSTUNREACH, icmp_of("10.6.0.1", 3, 13)),
        up_expected_down(),
        down,
        udp,
        invalid,
    };
    claim_document("rows", &report, rows, ARRAY_LEN(rows), cases);
}

static void test_junit_without_rows_is_an_empty_suite(void **state)
{
    static const struct label labels[] = {{"site", "<a&\"\n\xff"}, {"tier", ""}};
    const struct report plain = {.label_count = 0};
    const struct report labelled = {.labels = labels, .label_count = 2};
    claim_document("plain", &plain, NULL, 0,
                   BEGIN("tests=\"0\" failures=\"0\" errors=\"0\"") END);
    claim_document(
        "labels", &labelled, NULL, 0,
        SUITE(
            "tests=\"0\" failures=\"0\" errors=\"0\"") "<properties>\n<property name=\"site\" "
                                                       "value=\"&lt;a&amp;&quot;\\x0a\\xff\"/"
                                                       ">\n"
                                                       "<property name=\"tier\" "
                                                       "value=\"\"/>\n</properties>\n" END);
}

/* What readers tell tests apart by is not the same twice. */
static void test_junit_names_are_unique(void **state)
{
    const struct report by_address = {.is_by_address = true};
    struct result rows[] = {up_of("db:1", "10.0.0.5"),  up_of("api:1", "10.0.0.8"),
                            up_of("api:1", "10.0.0.9"), up_of("db:1", "10.0.0.5"),
                            up_of("10.0.0.7:1", ""),    up_of("db:1", "10.0.0.5")};
    claim_document("names", &by_address, rows, ARRAY_LEN(rows),
                   BEGIN("tests=\"6\" failures=\"0\" errors=\"0\"")
#define CASE(name) \
    "<testcase classname=\"netcheck.tcp\" name=\"" name "\" time=\"0.000812\"/>\n"
                       CASE("db:1 10.0.0.5") CASE("api:1 10.0.0.8") CASE("api:1 10.0.0.9")
                           CASE("db:1 10.0.0.5 (2)") CASE("10.0.0.7:1")
                               CASE("db:1 10.0.0.5 (3)") END);
}

static size_t count_of(struct buffer *text, const char *part)
{
    size_t count = 0;
    for (const char *at = buffer_text(text); (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

/* A bad line may look like a name with its number. */
static void test_junit_names_of_bad_lines_are_unique(void **state)
{
    static const char *const lines[] = {"a b", "a b", "a b (2)", "a b (2)"};
    static const char *const names[] = {"\"a b\"", "\"a b (2)\"", "\"a b (2) (1)\"",
                                        "\"a b (2) (2)\""};
    const struct report report = {.expects_down = false};
    const struct fault fault = {FAULT_HOST_BYTE, 1, 1};
    struct result rows[ARRAY_LEN(lines)];
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        rows[i] = invalid_of(lines[i], strlen(lines[i]), fault, "h.txt", i + 1);
    write_rows(&out, &report, rows, ARRAY_LEN(rows));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        claim_number(names[i], "tests of this name", count_of(&out, names[i]), 1);
    buffer_release(&out);
}

/* Characters that XML 1.0 section 2.2 has, and of markup only ours. */
static void expect_well_formed(const char *label, const char *line, size_t len)
{
    static const char *const references[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    const struct report report = {.expects_down = false};
    struct result row =
        invalid_of(line, len, (struct fault){FAULT_HOST_BYTE, 0, 1}, "bad<\033.txt", 1);
    struct buffer out = BUFFER_EMPTY;
    size_t known = 0;
    write_rows(&out, &report, &row, 1);
    for (size_t i = 0; i < out.len;) {
        uint32_t character = 0;
        size_t n = utf8_decode(out.bytes + i, out.len - i, &character);
        claim_true(label, "is UTF-8", n > 0);
        claim_true(label, "is visible", utf8_is_visible(character) || character == '\n');
        i += n;
    }
    for (size_t i = 0; i < ARRAY_LEN(references); i++)
        known += count_of(&out, references[i]);
    claim_number(label, "references", count_of(&out, "&"), known);
    claim_number(label, "tags begin", count_of(&out, "<"), 13);
    claim_number(label, "tags end", count_of(&out, ">"), 13);
    claim_number(label, "quotes", count_of(&out, "\""), 32);
    buffer_release(&out);
}

static void test_junit_is_well_formed_of_any_bytes(void **state)
{
    char all[256];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)i;
    expect_well_formed("all bytes", all, sizeof all);
    for (size_t i = 0; i < sizeof all; i++)
        expect_well_formed("a byte", &all[i], 1);
    expect_well_formed("no character", "\xef\xbf\xbe", 3);
    expect_well_formed("end of data", "]]>", 3);
    expect_well_formed("markup", "<script>\"'&amp;</testcase><!--", 29);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_junit_each_row_is_a_case),
        cmocka_unit_test(test_junit_without_rows_is_an_empty_suite),
        cmocka_unit_test(test_junit_names_are_unique),
        cmocka_unit_test(test_junit_names_of_bad_lines_are_unique),
        cmocka_unit_test(test_junit_is_well_formed_of_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
