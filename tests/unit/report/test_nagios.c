#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"
#include "netcheck/base/utf8.h"
#include "netcheck/report/document.h"
#include "netcheck/report/nagios.h"
#include "netcheck/report/verdict.h"

enum { ROWS_MAX = 16, LIMIT = 512 * 1024, MANY = 100000 };

static struct result slow_of(const char *text, int64_t latency_ns)
{
    struct result result = up_of(text, "10.0.0.5");
    result.connect_ns = latency_ns;
    return result;
}

static struct result bad_line_of(const char *bytes, size_t len)
{
    return invalid_of(bytes, len, (struct fault){FAULT_PORT, 0, len}, "list", 3);
}

/* A row a letter. */
static struct result row_of_letter(char letter)
{
    struct result result;
    switch (letter) {
    case 'u':
        return up_of("db:5432", "10.0.0.5");
    case 'U':
        return up_of("!db:23", "10.0.0.5");
    case 'r':
        return down_of("web:8080", "10.0.0.7", ECONNREFUSED);
    case 'R':
        return down_of("!db:23", "10.0.0.5", ECONNREFUSED);
    case 't':
        return timeout_of(2 * NS_PER_S, 1);
    case 'p':
        return icmp_row("fw:22", "10.6.2.3", EHOSTUNREACH, icmp_of("10.6.0.1", 3, 13));
    case 'n':
        return error_of("nosuch:443", outcome_of_lookup(EAI_NONAME, 0));
    case 'l':
        return error_of("own:1", remark_of(REASON_LOCAL, REMARK_OVER, 0));
    case 'i':
        return bad_line_of("x|y;z", 5);
    case 'a': /* answered after 0.612 ms */
        return answered_of("udp://db:53", "10.0.0.5", REASON_REPLIED, "x", 1);
    case 'w': /* above a warning of 100 ms */
        return slow_of("cache:6379", 120 * NS_PER_MS);
    case 'c':
        return slow_of("cache:6379", 620 * NS_PER_MS);
    case 'e': /* the very limit */
        return slow_of("cache:6379", 100 * NS_PER_MS);
    case 'E': /* the same as far as it is written */
        return slow_of("cache:6379", 100 * NS_PER_MS + 999);
    case 'o': /* over it, by 1 us */
        return slow_of("cache:6379", 100 * NS_PER_MS + 1000);
    case 'g':
    case 'G':
        result = letter == 'g' ? down_of("vpn:443", "10.0.0.1", ECONNREFUSED)
                               : up_of("vpn:443", "10.0.0.1");
        result.endpoint.target->is_gate = true;
        return result;
    case 'x':
        return slow_of("cache:6379", -1);
    default: /* of "db" with -A */
        return up_of("db:5432", letter == '6' ? "2001:db8::5" : "10.0.0.4");
    }
}

struct sample {
    struct result results[ROWS_MAX];
    struct document_row rows[ROWS_MAX];
    struct document document;
};

static void sample_fill(struct sample *sample, struct report *report, const char *letters)
{
    *sample = (struct sample){.document = {.report = report, .rows = sample->rows}};
    sample->document.tally.expects_down = report->expects_down;
    report->wall_offset_ns = rows_wall_offset_ns;
    for (; *letters != '\0'; letters++) {
        size_t i = sample->document.count++;
        sample->results[i] = row_of_letter(*letters);
        sample->rows[i].result = &sample->results[i];
        tally_add(&sample->document.tally, &sample->results[i]);
    }
}

static void sample_release(struct sample *sample)
{
    for (size_t i = 0; i < sample->document.count; i++)
        result_release(&sample->results[i]);
}

#define WARN_CRIT                                                                       \
    {                                                                                   \
        .warn_ns = 100 * NS_PER_MS, .crit_ns = 500 * NS_PER_MS, .most_ns = 2 * NS_PER_S \
    }

static const struct label name = {"name", "SHOP <1>"};

static const struct {
    const char *label;
    const char *rows;
    struct report report;
    const char *failure;
    int run_status;
    int status;
    const char *text;
} cases[] = {
    {"several problems",
     "urpnRi",
     {.limits = WARN_CRIT},
     NULL,
     0,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: 2 of 6 as expected, web:8080 refused, fw:22 prohibited, "
     "nosuch:443 unresolved, 1 more | unexpected=4;;0;0;6 'db:5432'=0.000812s;0.1;0.5;0;2 "
     "'web:8080'=U;0.1;0.5;0;2 'fw:22'=U;0.1;0.5;0;2 'nosuch:443'=U;0.1;0.5;0;2\n"
     "down   web:8080  10.0.0.7  refused in 0.4 ms\n"
     "down   fw:22  10.6.2.3  prohibited: administratively prohibited, said 10.6.0.1 (ICMP "
     "3/13)\n"
     "error  nosuch:443  -  unresolved: Name or service not known\n"
     "error  x\\x7cy;z  -  invalid: invalid port 'x\\x7cy;z' (list:3:1): allowed is 1-65535\n"},
    {"all well",
     "uR",
     {.limits = WARN_CRIT},
     NULL,
     0,
     PLUGIN_OK,
     "NETCHECK OK: 2 of 2 as expected | unexpected=0;;0;0;2 "
     "'db:5432'=0.000812s;0.1;0.5;0;2\n"},
    {"no limits",
     "uu",
     {.is_any = false},
     NULL,
     0,
     PLUGIN_OK,
     "NETCHECK OK: 2 of 2 as expected | unexpected=0;;0;0;2 'db:5432'=0.000812s;;;0; "
     "'db:5432 #2'=0.000812s;;;0;\n"},
    {"-v",
     "uRr",
     {.is_full = true},
     NULL,
     0,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: 2 of 3 as expected, web:8080 refused | unexpected=1;;0;0;3 "
     "'db:5432'=0.000812s;;;0; 'web:8080'=U;;;0;\n"
     "down   web:8080  10.0.0.7  refused in 0.4 ms\n"
     "up     db:5432  10.0.0.5  0.8 ms\n"
     "down   db:23  10.0.0.5  refused in 0.4 ms (as expected)\n"},
    {"-q",
     "ur",
     {.is_brief = true},
     NULL,
     0,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: 1 of 2 as expected, web:8080 refused | unexpected=1;;0;0;2 "
     "'db:5432'=0.000812s;;;0; 'web:8080'=U;;;0;\n"},
    {"dates and colours are not a plugin's",
     "ru",
     {.is_dated = true, .is_coloured = true},
     NULL,
     0,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: 1 of 2 as expected, web:8080 refused | unexpected=1;;0;0;2 "
     "'web:8080'=U;;;0; 'db:5432'=0.000812s;;;0;\n"
     "down   web:8080  10.0.0.7  refused in 0.4 ms\n"},
    {"-A",
     "46",
     {.is_by_address = true},
     NULL,
     0,
     PLUGIN_OK,
     "NETCHECK OK: 2 of 2 as expected | unexpected=0;;0;0;2 "
     "'db:5432 10.0.0.4'=0.000812s;;;0; 'db:5432 2001:db8::5'=0.000812s;;;0;\n"},
    {"-A, one address",
     "4",
     {.is_by_address = true},
     NULL,
     0,
     PLUGIN_OK,
     "NETCHECK OK: 1 of 1 as expected | unexpected=0;;0;0;1 "
     "'db:5432 10.0.0.4'=0.000812s;;;0;\n"},

    {"a gate that is shut: the others have rows at other times",
     "g",
     {.is_any = false},
     NULL,
     1,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: 0 of 1 as expected, vpn:443 refused | unexpected=1;;0;0;1 "
     "'vpn:443'=U;;;0;\n"
     "down   vpn:443  10.0.0.1  refused in 0.4 ms\n"},

    {"one",
     "u",
     {.limits = WARN_CRIT},
     NULL,
     0,
     PLUGIN_OK,
     "NETCHECK OK: db:5432 up in 0.8 ms | time=0.000812s;0.1;0.5;0;2\n"},
    {"one, -v",
     "u",
     {.is_full = true},
     NULL,
     0,
     PLUGIN_OK,
     "NETCHECK OK: db:5432 up in 0.8 ms | time=0.000812s;;;0;\n"
     "up     db:5432  10.0.0.5  0.8 ms\n"},
    {"one refused",
     "r",
     {.limits = WARN_CRIT},
     NULL,
     0,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: web:8080 refused in 0.4 ms | time=U;0.1;0.5;0;2\n"},
    {"one silent",
     "t",
     {.is_any = false},
     NULL,
     0,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: db:5432 timeout: no answer to 2 SYNs in 2 s | time=U;;;0;\n"},
    {"one unresolved",
     "n",
     {.is_any = false},
     NULL,
     0,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: nosuch:443 unresolved: Name or service not known | time=U;;;0;\n"},
    {"one that was to be down",
     "R",
     {.limits = WARN_CRIT},
     NULL,
     0,
     PLUGIN_OK,
     "NETCHECK OK: db:23 refused in 0.4 ms, as expected\n"},
    {"one that was to be down is up",
     "U",
     {.limits = WARN_CRIT},
     NULL,
     0,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: db:23 up in 0.8 ms, expected down\n"},
    {"--expect down",
     "r",
     {.expects_down = true},
     NULL,
     0,
     PLUGIN_OK,
     "NETCHECK OK: web:8080 refused in 0.4 ms, as expected\n"},
    {"one reply",
     "a",
     {.is_any = false},
     NULL,
     0,
     PLUGIN_OK,
     "NETCHECK OK: udp://db:53 up in 0.6 ms | time=0.000612s;;;0;\n"},
    {"one bad line",
     "i",
     {.is_any = false},
     NULL,
     2,
     PLUGIN_UNKNOWN,
     "NETCHECK UNKNOWN: x/y,z invalid: invalid port x/y,z (list:3:1): allowed is 1-65535\n"},
    {"one local",
     "l",
     {.is_any = false},
     NULL,
     2,
     PLUGIN_UNKNOWN,
     "NETCHECK UNKNOWN: own:1 local: the runs time was over | time=U;;;0;\n"},

    {"at the limit",
     "e",
     {.limits = WARN_CRIT},
     NULL,
     0,
     PLUGIN_OK,
     "NETCHECK OK: cache:6379 up in 100 ms | time=0.100000s;0.1;0.5;0;2\n"},
    {"at the limit, as it is written",
     "E",
     {.limits = WARN_CRIT},
     NULL,
     0,
     PLUGIN_OK,
     "NETCHECK OK: cache:6379 up in 100 ms | time=0.100000s;0.1;0.5;0;2\n"},
    {"just above it",
     "o",
     {.limits = WARN_CRIT},
     NULL,
     0,
     PLUGIN_WARNING,
     "NETCHECK WARNING: cache:6379 up in 100.001 ms, more than 100 ms | "
     "time=0.100001s;0.1;0.5;0;2\n"},
    {"a limit that rounds to the time",
     "uo",
     {.limits = {.warn_ns = 99960 * NS_PER_US, .crit_ns = 100 * NS_PER_S}, .is_brief = true},
     NULL,
     0,
     PLUGIN_WARNING,
     "NETCHECK WARNING: 2 of 2 as expected, cache:6379 took 100.001 ms | unexpected=0;;0;0;2 "
     "'db:5432'=0.000812s;0.09996;100;0; 'cache:6379'=0.100001s;0.09996;100;0;\n"},
    {"a limit is told as it is",
     "u",
     {.limits = {.warn_ns = 250001}},
     NULL,
     0,
     PLUGIN_WARNING,
     "NETCHECK WARNING: db:5432 up in 0.8 ms, more than 0.250001 ms | "
     "time=0.000812s;0.000250001;;0;\n"},
    {"above --warn",
     "w",
     {.limits = WARN_CRIT},
     NULL,
     0,
     PLUGIN_WARNING,
     "NETCHECK WARNING: cache:6379 up in 120 ms, more than 100 ms | "
     "time=0.120000s;0.1;0.5;0;2\n"},
    {"above --crit",
     "c",
     {.limits = WARN_CRIT},
     NULL,
     0,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: cache:6379 up in 620 ms, more than 500 ms | "
     "time=0.620000s;0.1;0.5;0;2\n"},
    {"time unknown",
     "x",
     {.limits = WARN_CRIT},
     NULL,
     0,
     PLUGIN_OK,
     "NETCHECK OK: cache:6379 up, time unknown | time=U;0.1;0.5;0;2\n"},
    {"slow among others",
     "uw",
     {.limits = WARN_CRIT},
     NULL,
     0,
     PLUGIN_WARNING,
     "NETCHECK WARNING: 2 of 2 as expected, cache:6379 took 120 ms | unexpected=0;;0;0;2 "
     "'db:5432'=0.000812s;0.1;0.5;0;2 'cache:6379'=0.120000s;0.1;0.5;0;2\n"
     "up     cache:6379  10.0.0.5  120 ms\n"},
    {"the worst is told first",
     "wlU",
     {.limits = WARN_CRIT, .is_brief = true},
     NULL,
     2,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: 1 of 3 as expected, db:23 up, own:1 local, cache:6379 took 120 ms | "
     "unexpected=2;;0;0;3 'cache:6379'=0.120000s;0.1;0.5;0;2 'own:1'=U;0.1;0.5;0;2\n"},
    {"unknown outweighs a warning",
     "wl",
     {.limits = WARN_CRIT, .is_brief = true},
     NULL,
     2,
     PLUGIN_UNKNOWN,
     "NETCHECK UNKNOWN: 1 of 2 as expected, own:1 local, cache:6379 took 120 ms | "
     "unexpected=1;;0;0;2 'cache:6379'=0.120000s;0.1;0.5;0;2 'own:1'=U;0.1;0.5;0;2\n"},

    {"--any",
     "ru",
     {.is_any = true, .is_brief = true},
     NULL,
     0,
     PLUGIN_OK,
     "NETCHECK OK: 1 of 2 as expected, web:8080 refused | unexpected=1;;;0;2 "
     "'web:8080'=U;;;0; 'db:5432'=0.000812s;;;0;\n"},
    {"--any, none is",
     "lr",
     {.is_any = true, .is_brief = true},
     NULL,
     1,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: 0 of 2 as expected, web:8080 refused, own:1 local | "
     "unexpected=2;;;0;2 'own:1'=U;;;0; 'web:8080'=U;;;0;\n"},
    {"--any, the best is slow",
     "rw",
     {.limits = WARN_CRIT, .is_any = true, .is_brief = true},
     NULL,
     0,
     PLUGIN_WARNING,
     "NETCHECK WARNING: 1 of 2 as expected, web:8080 refused, cache:6379 took 120 ms | "
     "unexpected=1;;;0;2 'web:8080'=U;0.1;0.5;0;2 'cache:6379'=0.120000s;0.1;0.5;0;2\n"},
    {"--any, a gate that is passed is none of the targets",
     "Grn",
     {.is_any = true, .is_brief = true},
     NULL,
     2,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: 1 of 3 as expected, web:8080 refused, nosuch:443 unresolved | "
     "unexpected=2;;;0;3 'vpn:443'=0.000812s;;;0; 'web:8080'=U;;;0; 'nosuch:443'=U;;;0;\n"},
    {"--any, all behind the gate are slow",
     "Gw",
     {.limits = WARN_CRIT, .is_any = true, .is_brief = true},
     NULL,
     0,
     PLUGIN_WARNING,
     "NETCHECK WARNING: 2 of 2 as expected, cache:6379 took 120 ms | unexpected=0;;;0;2 "
     "'vpn:443'=0.000812s;0.1;0.5;0;2 'cache:6379'=0.120000s;0.1;0.5;0;2\n"},
    {"--any, the gate is shut",
     "g",
     {.is_any = true, .is_brief = true},
     NULL,
     1,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: 0 of 1 as expected, vpn:443 refused | unexpected=1;;;0;1 "
     "'vpn:443'=U;;;0;\n"},
    {"--any, the gate is shut, and a file is lost",
     "g",
     {.is_any = true, .is_brief = true},
     "cannot write 'f'",
     2,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: cannot write f, 0 of 1 as expected, vpn:443 refused | "
     "unexpected=1;;;0;1 'vpn:443'=U;;;0;\n"},

    {"a failure",
     "uu",
     {.is_any = false},
     "cannot write 'x;y'",
     0,
     PLUGIN_UNKNOWN,
     "NETCHECK UNKNOWN: cannot write x,y, 2 of 2 as expected | unexpected=0;;0;0;2 "
     "'db:5432'=0.000812s;;;0; 'db:5432 #2'=0.000812s;;;0;\n"},
    {"a failure beside what is down",
     "r",
     {.is_brief = true},
     "ended",
     0,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: ended, 0 of 1 as expected, web:8080 refused | unexpected=1;;0;0;1 "
     "'web:8080'=U;;;0;\n"},
    {"a failure and no rows",
     "",
     {.is_any = false},
     "ended",
     0,
     PLUGIN_UNKNOWN,
     "NETCHECK UNKNOWN: ended\n"},
    {"no rows",
     "",
     {.is_any = true},
     NULL,
     0,
     PLUGIN_UNKNOWN,
     "NETCHECK UNKNOWN: no targets\n"},
    {"a wait in vain",
     "u",
     {.is_any = false},
     NULL,
     1,
     PLUGIN_CRITICAL,
     "NETCHECK CRITICAL: not as expected for long enough, db:5432 up in 0.8 ms | "
     "time=0.000812s;;;0;\n"},
    {"--label",
     "u",
     {.labels = &name, .label_count = 1},
     NULL,
     0,
     PLUGIN_OK,
     "SHOP (1) OK: db:5432 up in 0.8 ms | time=0.000812s;;;0;\n"},
};

static void test_nagios_answer_has_state_problems_and_data(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct report report = cases[i].report;
        struct sample sample;
        struct buffer out = BUFFER_EMPTY;
        sample_fill(&sample, &report, cases[i].rows);
        sample.document.failure = cases[i].failure;
        sample.document.status = cases[i].run_status;
        report_nagios.document(&out, &sample.document);
        claim_text(cases[i].label, "answer", buffer_text(&out), cases[i].text);
        claim_number(cases[i].label, "status", (uint64_t)report_nagios.status(&sample.document),
                     (uint64_t)cases[i].status);
        buffer_release(&out);
        sample_release(&sample);
    }
}

/* What readers or shells take for something else must not be in `len` bytes. */
static void claim_harmless(const char *label, const char *bytes, size_t len, const char *bad)
{
    for (size_t i = 0; i < len;) {
        uint32_t character;
        size_t n = utf8_decode(bytes + i, len - i, &character);
        claim_true(label, "UTF-8", n > 0);
        claim_true(label, "no control byte", character >= 0x20 && character != 0x7f);
        claim_true(label, "no byte of another meaning",
                   character >= 0x80 || strchr(bad, (int)character) == NULL);
        i += n;
    }
}

static void claim_lines_harmless(const char *label, struct buffer *out)
{
    const char *text = buffer_text(out);
    claim_number(label, "no NUL", strlen(text), out->len);
    size_t line = strcspn(text, "\n");
    size_t bar = strcspn(text, "|");
    claim_harmless(label, text, bar < line ? bar : line, ";|`~$&'\"<>");
    for (size_t i = bar < line ? bar + 1 : line; text[i] != '\0'; i += text[i] == '\n') {
        size_t len = strcspn(text + i, "\n");
        claim_harmless(label, text + i, len, "|");
        i += len;
    }
}

/* Bytes of all kinds, as a bad line, alone and beside others, and in what a service said. */
static void test_nagios_lets_no_foreign_byte_through(void **state)
{
    static const char *const lines[] = {"<script>alert(1)</script>",
                                        "a|b=1;2",
                                        "'\"`$(id)`\"'",
                                        "x\ny\r\tz\033[31m",
                                        "\xff\xfe\xc3(",
                                        "\xe2\x80\xae"
                                        "rtl",
                                        "~root & more"};
    for (size_t i = 0; i < 256 + ARRAY_LEN(lines); i++) {
        char bytes[64] = {'p', (char)i, 'q', ':'};
        size_t len = 4;
        if (i >= 256)
            len = (size_t)snprintf(bytes, sizeof bytes, "%s", lines[i - 256]);
        struct report report = {.is_full = true};
        struct sample sample;
        sample_fill(&sample, &report, "uu");
        result_release(&sample.results[0]);
        sample.results[0] =
            i % 2 == 0 ? bad_line_of(bytes, len)
                       : answered_of("udp://db:53", "10.0.0.5", REASON_MISMATCHED, bytes, len);
        for (sample.document.count = 2; sample.document.count > 0; sample.document.count--) {
            struct buffer out = BUFFER_EMPTY;
            report_nagios.document(&out, &sample.document);
            claim_lines_harmless(i < 256 ? "byte" : lines[i - 256], &out);
            buffer_release(&out);
        }
        sample.document.count = 2;
        sample_release(&sample);
    }
}

static void test_nagios_message_is_cleaned_in_place(void **state)
{
    char text[] = "invalid 'a|b;c' <$x>~&`\"\x01\xc3\xa9";
    size_t len = nagios_clean(text, strlen(text));
    claim_bytes("message", "text", text, len, "invalid a/b,c (x)-+ \xc3\xa9",
                strlen("invalid a/b,c (x)-+ \xc3\xa9"));
}

/* The same row again and again. */
static void claim_many(size_t count, char letter, const char *begin, const char *end)
{
    struct report report = {.is_full = true};
    struct sample sample;
    struct buffer out = BUFFER_EMPTY;
    struct document_row *rows = malloc(count * sizeof *rows);
    assert_non_null(rows);
    sample_fill(&sample, &report, (const char[]){letter, '\0'});
    for (size_t i = 0; i < count; i++)
        rows[i].result = &sample.results[0];
    struct document document = sample.document;
    document.rows = rows;
    document.count = count;
    report_nagios.document(&out, &document);
    claim_true(begin, "within the limit", out.len <= LIMIT);
    claim_contains(begin, buffer_text(&out), begin);
    claim_text(begin, "end", buffer_text(&out) + out.len - strlen(end), end);
    buffer_release(&out);
    sample_release(&sample);
    free(rows);
}

static void test_nagios_of_too_many_rows_says_what_is_left_out(void **state)
{
    claim_many(3000, 'u', " 'db:5432 #3000'=0.000812s;;;0;\n", "db:5432  10.0.0.5  0.8 ms\n");
    claim_many(MANY, 'u', ", no performance data of 91509 |",
               "\n92062 more: more than 512 KiB are not written\n");
    claim_many(MANY, 'r', " web:8080 refused, web:8080 refused, 99997 more",
               "\n94181 more: more than 512 KiB are not written\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nagios_answer_has_state_problems_and_data),
        cmocka_unit_test(test_nagios_lets_no_foreign_byte_through),
        cmocka_unit_test(test_nagios_message_is_cleaned_in_place),
        cmocka_unit_test(test_nagios_of_too_many_rows_says_what_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
