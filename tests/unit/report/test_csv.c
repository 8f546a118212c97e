#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"
#include "netcheck/base/unescape.h"
#include "netcheck/report/detail.h"
#include "netcheck/report/fields.h"

static const struct label labels[] = {{"site", "paris"}, {"tier", ""}};

/* Appends the columns' names as the list of fields has them, detail behind the others. */
static void add_names(struct buffer *out, const struct report *report)
{
    const struct field *field = NULL;
    while ((field = fields_next(field, fields_of_rows(report))) != NULL) {
        if (field->type == FIELD_ICMP)
            buffer_add_text(out, "icmp_type,icmp_code,");
        else if (field->type == FIELD_TLS)
            buffer_add_text(out, "tls_version,tls_not_after,");
        else if (field->type == FIELD_LABELS && report->label_count > 0)
            buffer_add_text(out, "site,tier,");
        else if (field->type != FIELD_LABELS && strcmp(field->name, "detail") != 0)
            buffer_add_format(out, "%s,", field->name);
    }
    buffer_add_text(out, "detail\n");
}

/* Scripts count the columns: the first ones are where they are for ever. */
#define FIRST                                                                         \
    "time,target,protocol,host,port,address,state,expected,as_expected,reason,error," \
    "icmp_type,icmp_code,reported_by,resolve_ms,connect_ms,syn_retransmits,attempts,"

static const struct {
    const char *label;
    struct report report;
} runs[] = {
    {"single", {.is_coloured = true}},
    {"rounds", {.has_rounds = true}},
    {"changes", {.has_changes = true, .has_rounds = true}},
    {"labels", {.labels = labels, .label_count = 2}},
};

static void test_csv_header_has_the_fields_of_the_run(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct buffer expected = BUFFER_EMPTY;
        report_csv.begin(&out, &runs[i].report);
        add_names(&expected, &runs[i].report);
        claim_text(runs[i].label, "header", buffer_text(&out), buffer_text(&expected));
        assert_int_equal(strncmp(buffer_text(&out), FIRST, strlen(FIRST)), 0);
        buffer_release(&out);
        buffer_release(&expected);
    }
}

/* Append the next field of a line as it stands there, and pass over what ends it. */
static void take_raw(const char **at, struct buffer *field)
{
    bool is_quoted = false;
    const char *c = *at;
    for (; is_quoted || (*c != ',' && *c != '\n'); c++) {
        assert_true(*c != '\0');
        is_quoted ^= *c == '"';
    }
    buffer_add(field, *at, (size_t)(c - *at));
    *at = c + 1;
}

/* What stands in the row below that name, if anything does; and each name has a field. */
static void claim_column(const char *label, const struct report *report,
                         const struct result *result, const char *name, const char *expected)
{
    struct buffer head = BUFFER_EMPTY;
    struct buffer row = BUFFER_EMPTY;
    struct report now = *report;
    now.wall_offset_ns = rows_wall_offset_ns;
    report_csv.begin(&head, &now);
    report_csv.row(&row, &now, result);
    const char *at_name = buffer_text(&head);
    const char *at = buffer_text(&row);
    size_t found = 0;
    while (*at_name != '\0' && *at != '\0') {
        struct buffer column = BUFFER_EMPTY;
        struct buffer field = BUFFER_EMPTY;
        take_raw(&at_name, &column);
        take_raw(&at, &field);
        if (strcmp(buffer_text(&column), name) == 0) {
            claim_text(label, name, buffer_text(&field), expected);
            found++;
        }
        buffer_release(&column);
        buffer_release(&field);
    }
    claim_number(label, name, found, 1);
    claim_true(label, "a field for each column", *at == '\0' && *at_name == '\0');
    buffer_release(&head);
    buffer_release(&row);
}

static struct result dns_row(void)
{
    struct result result =
        answered_of("udp://ns:53", "10.0.0.2", REASON_REPLIED, "+a,\"b\"", 6);
    result.measures.sent = 3;
    return result;
}

static struct result tls_row(int64_t not_after_s)
{
    struct result result = answered_of("tls://web:443", "", REASON_READY, "", 0);
    (void)snprintf(result.measures.reply->tls_version, REPLY_VERSION, "1.2");
    result.measures.reply->tls_not_after_s = not_after_s;
    return result;
}

static struct result firewall_row(void)
{
    return icmp_row("fw:22", "10.6.2.3", EHOSTUNREACH, icmp_of("10.6.0.1", 3, 13));
}

static struct result changed_row(uint64_t round)
{
    struct result result = up_of("!db:5432", "10.0.0.5");
    result.round = round;
    result.change =
        (struct change){.news = round > 0 ? NEWS_CHANGED : NEWS_NONE, .lasted_ns = 1500000};
    return result;
}

static void test_csv_row_has_its_values_in_their_columns(void **state)
{
    const struct report single = {.expects_down = false};
    const struct report rounds = {.has_rounds = true, .has_changes = true};
    const struct {
        const char *label;
        const struct report *report;
        struct result result;
        const char *name;
        const char *expected;
    } cases[] = {
        {"a time", &single, up_of("db:1", ""), "time", "2026-11-23T03:00:00.123456Z"},
        {"a text", &single, up_of("db:1", ""), "host", "db"},
        {"a number", &single, up_of("db:1", ""), "port", "1"},
        {"a boolean", &single, up_of("db:1", ""), "as_expected", "true"},
        {"a duration", &single, up_of("db:1", ""), "connect_ms", "0.812"},
        {"no text", &single, up_of("db:1", ""), "error", ""},
        {"no number", &single, up_of("icmp://db", ""), "port", ""},
        {"no address", &single, up_of("db:1", ""), "address", ""},
        {"no object", &single, up_of("db:1", ""), "icmp_code", ""},
        {"no other object", &single, up_of("db:1", ""), "tls_not_after", ""},
        {"an object", &single, firewall_row(), "icmp_type", "3"},
        {"its other part", &single, firewall_row(), "icmp_code", "13"},
        {"a comma", &single, firewall_row(), "detail",
         "\"administratively prohibited, said 10.6.0.1 (ICMP 3/13)\""},
        {"an answer", &single, dns_row(), "reply", "\"\\x2ba,\"\"b\"\"\""},
        {"behind it", &single, dns_row(), "reply_bytes", "6"},
        {"an empty answer", &single, tls_row(0), "reply", "\"\""},
        {"TLS", &single, tls_row(0), "tls_version", "1.2"},
        {"a certificate", &single, tls_row(1798555626), "tls_not_after",
         "2026-12-29T14:47:06Z"},
        {"no certificate", &single, tls_row(INT64_MAX), "tls_not_after", ""},
        {"a round", &rounds, changed_row(4), "seq", "4"},
        {"a change", &rounds, changed_row(4), "previous_state", "up"},
        {"its duration", &rounds, changed_row(4), "previous_ms", "1.500"},
        {"no round", &rounds, changed_row(0), "seq", ""},
        {"no change", &rounds, changed_row(0), "previous_state", ""},
        {"a label", &runs[3].report, up_of("db:1", ""), "site", "paris"},
        {"an empty label", &runs[3].report, up_of("db:1", ""), "tier", "\"\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct result result = cases[i].result;
        claim_column(cases[i].label, cases[i].report, &result, cases[i].name,
                     cases[i].expected);
        result_release(&result);
    }
}

/* A text and its field. A label is the text of which each byte is free. */
static void test_csv_text_is_one_field_and_no_formula(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"paris", "paris"},
        {"", "\"\""},
        {" a b ", " a b "},
        {"a,b", "\"a,b\""},
        {"a\"b", "\"a\"\"b\""},
        {"\"", "\"\"\"\""},
        {"a;b", "a;b"},
        {"a\r\nb\tc", "a\\x0d\\x0ab\\x09c"},
        {"\\x0a", "\\\\x0a"},
        {"\xff\xc3", "\\xff\\xc3"},
        {"caf\xc3\xa9", "caf\xc3\xa9"},
        {"\xe2\x80"
         "\xae",
         "\\u202e"},             /* turns what follows */
        {"\xc2\x9b", "\\u009b"}, /* a control of terminals */
        {"=1+1", "\\x3d1+1"},
        {"+1", "\\x2b1"},
        {"-1", "\\x2d1"},
        {"@SUM(1)", "\\x40SUM(1)"},
        {"=a,b", "\"\\x3da,b\""},
        {"\"=1", "\"\"\"\\x3d1\""},
        {"a=b-c", "a=b-c"},
        {"\xef\xbc\x9d"
         "1",
         "\\xef\\xbc\\x9d1"},
        {"\xef\xbc\x8b"
         "1",
         "\\xef\\xbc\\x8b1"},
        {"\xef\xbc\x8d"
         "1",
         "\\xef\\xbc\\x8d1"},
        {"\xef\xbc\xa0"
         "1",
         "\\xef\\xbc\\xa01"},
        {"a\xef\xbc\x9d", "a\xef\xbc\x9d"},
        {"a;=1", "a;\\x3d1"},
        {"a;\"-1", "\"a;\"\"\\x2d1\""},
        {"a,=1", "\"a,=1\""},
        {"\t=1", "\\x09=1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct label label = {"free", cases[i].text};
        const struct report report = {.labels = &label, .label_count = 1};
        struct result result = up_of("db:1", "10.0.0.5");
        claim_column(cases[i].text, &report, &result, "free", cases[i].expected);
        result_release(&result);
    }
}

/* The next field of a line, as RFC 4180 section 2 has it; what ends it is passed over. */
static void take_field(const char **at, struct buffer *field)
{
    bool is_quoted = **at == '"';
    const char *c = *at + is_quoted;
    field->len = 0;
    for (; *c != '\0' && (is_quoted || (*c != ',' && *c != '\n')); c++) {
        if (*c == '"' && c[1] != '"')
            break;
        c += *c == '"';
        buffer_add(field, c, 1);
    }
    c += is_quoted;
    claim_true("field", "ends before a comma or the line's end", *c == ',' || *c == '\n');
    *at = c + 1;
}

/* The line and each of its fields, read back, are what was there. */
static void expect_round_trip(const char *line, size_t len)
{
    const struct report report = {.expects_down = false};
    const struct fault fault = {FAULT_HOST_BYTE, 1, 1};
    struct result result = invalid_of(line, len, fault, "bad.txt", 1);
    struct buffer out = BUFFER_EMPTY;
    struct buffer wanted = BUFFER_EMPTY;
    struct buffer field = BUFFER_EMPTY;
    struct buffer bytes = BUFFER_EMPTY;
    size_t at_fault;
    report_csv.row(&out, &report, &result);
    const char *at = buffer_text(&out);
    claim_true("row", "is one line", strchr(at, '\n') == at + out.len - 1);
    take_field(&at, &field); /* time */
    take_field(&at, &field);
    assert_int_equal(unescape(&bytes, buffer_text(&field), &at_fault), UNESCAPE_OK);
    endpoint_label(&wanted, &result.endpoint); /* secrets are masked */
    claim_bytes("target", "bytes", bytes.bytes, bytes.len, wanted.bytes, wanted.len);
    while (*at != '\0')
        take_field(&at, &field);
    wanted.len = bytes.len = 0;
    detail_describe(&wanted, &report, &result);
    assert_int_equal(unescape(&bytes, buffer_text(&field), &at_fault), UNESCAPE_OK);
    claim_text("detail", "text", buffer_text(&bytes), buffer_text(&wanted));
    buffer_release(&out);
    buffer_release(&field);
    buffer_release(&bytes);
    buffer_release(&wanted);
    result_release(&result);
}

static void test_csv_every_byte_comes_back(void **state)
{
    char all[256];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)i;
    expect_round_trip(all, sizeof all);
    for (size_t i = 0; i < sizeof all; i++) {
        const char pair[] = {all[i], '"', all[i], ','};
        expect_round_trip(&all[i], 1);
        expect_round_trip(pair, sizeof pair);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv_header_has_the_fields_of_the_run),
        cmocka_unit_test(test_csv_row_has_its_values_in_their_columns),
        cmocka_unit_test(test_csv_text_is_one_field_and_no_formula),
        cmocka_unit_test(test_csv_every_byte_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
