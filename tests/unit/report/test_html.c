#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../src/report/html_strip.h"
#include "../../../src/report/memory_runs.h"
#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/utf8.h"
#include "netcheck/report/document.h"
#include "netcheck/report/verdict.h"

enum { ROWS_MAX = 16 };

static const struct report plain_report;

/* The page of these rows, which are released; the caller's. Its tally and status are those of a
   run of these rows. */
static struct buffer page_of(struct document document, struct result *results)
{
    struct report report = *document.report;
    struct document_row *rows = calloc(document.count + 1, sizeof *rows);
    struct verdict verdict;
    struct buffer out = BUFFER_EMPTY;
    assert_non_null(rows);
    report.wall_offset_ns = rows_wall_offset_ns;
    verdict_init(&verdict, report.expects_down, false);
    document.tally = (struct tally){.expects_down = report.expects_down};
    for (size_t i = 0; i < document.count; i++) {
        rows[i] = (struct document_row){
            &results[i], document.rows != NULL ? document.rows[i].remembered : NULL};
        tally_add(&document.tally, &results[i]);
        verdict_add(&verdict, &results[i]);
    }
    document.report = &report;
    document.rows = rows;
    document.status = verdict_status(&verdict);
    document.ended_wall_ns = rows_finished_ns + rows_wall_offset_ns;
    report_html.document(&out, &document);
    assert_false(out.has_failed);
    for (size_t i = 0; i < document.count; i++)
        result_release(&results[i]);
    free(rows);
    return out;
}

/* What stands between two marks, the first of them included; to be freed. */
static char *part_of(const char *label, const char *text, const char *first, const char *last)
{
    const char *start = strstr(text, first);
    claim_true(label, first, start != NULL);
    const char *end = strstr(start, last);
    claim_true(label, last, end != NULL);
    return strndup(start, (size_t)(end - start));
}

/* Rows */

static struct result expired(struct result result, int64_t days)
{
    int64_t now_s = (rows_finished_ns + rows_wall_offset_ns) / NS_PER_S;
    (void)snprintf(result.measures.reply->words, REPLY_WORDS, "TLS 1.2");
    result.measures.reply->tls_not_after_s = now_s + days * 86400;
    return result;
}

static struct result tls_row(int64_t days)
{
    return expired(answered_of("tls://web:443", "10.0.0.7", REASON_REPLIED, "", 0), days);
}

static struct result from(struct result result, const char *path)
{
    result.endpoint.target->place.source = path;
    return result;
}

#define TH(name, rest) "<th scope=\"row\"><bdi>" name "</bdi>" rest "</th>"
#define PILL(words)    "<td><span class=\"pill\">" words "</span></td>"
#define BAD            "<tr class=\"bad\">"
#define ERROR_ROW      "<tr class=\"error\">"
#define NO_TIME        "<td>\xe2\x80\x93</td>"

static void test_html_row_says_what_where_why_and_how_long(void **state)
{
    struct result unknown = up_of("10.0.0.5:22", "");
    unknown.connect_ns = -1;
    const struct {
        const char *label;
        struct result result;
        const char *expected;
    } cases[] = {
        {"up", up_of("db:5432", "10.0.0.5"),
         "<tr>" TH("db:5432", " <small>10.0.0.5</small>")
             PILL("up") "<td>connected</td><td>0.8 ms</td>"},
        {"an address is its own", unknown,
         "<tr>" TH("10.0.0.5:22", "") PILL("up") "<td>connected</td>" NO_TIME},
        {"refused", down_of("[2001:db8::1]:22", "", ECONNREFUSED),
         BAD TH("[2001:db8::1]:22", "") PILL("down") "<td>refused</td><td>0.4 ms</td>"},
        {"timeout", timeout_of(2 * NS_PER_S, 1),
         BAD TH("db:5432", " <small>10.0.0.5</small>")
             PILL("down") "<td>timeout <small><bdi>no answer to 2 SYNs in 2 "
                          "s</bdi></small></td>" NO_TIME},
        {"unresolved",
         error_of("nosuch:443", outcome_of_remark(REASON_UNRESOLVED, REMARK_UNSPECIFIED)),
         ERROR_ROW TH("nosuch:443", "") PILL("error") "<td>unresolved <small><bdi>"},
        {"down as it should be", down_of("!db:23", "10.0.0.5", ECONNREFUSED),
         "<tr>" TH("db:23", " <small>10.0.0.5</small>")
             PILL("down, as expected") "<td>refused</td>"},
        {"up as it should not be", up_of("!db:23", "10.0.0.5"),
         BAD TH("db:23", " <small>10.0.0.5</small>") PILL("up, expected down")},
        {"an error is not what was expected", error_of("!nosuch:1", outcome_of(REASON_LOCAL)),
         ERROR_ROW TH("nosuch:1", "") PILL("error") "<td>local</td>"},
        {"cut by -m", error_of("db:1", outcome_of_remark(REASON_LOCAL, REMARK_OVER)),
         ERROR_ROW TH("db:1", "")
             PILL("error") "<td>local <small><bdi>the run&#39;s time was over"},
        {"udp", answered_of("udp://ns:53", "10.0.0.2", REASON_REPLIED, "", 0),
         "<tr>" TH("udp://ns:53", " <small>10.0.0.2</small>")
             PILL("up") "<td>replied</td><td>0.6 ms</td>"},
        {"icmp", answered_of("icmp://10.0.0.2", "", REASON_REPLIED, "", 0),
         "<tr>" TH("icmp://10.0.0.2", "") PILL("up") "<td>replied</td><td>0.6 ms</td>"},
        {"not ready", answered_of("db:5432", "10.0.0.5", REASON_NOT_READY, "", 0),
         BAD TH("db:5432", " <small>10.0.0.5</small>") PILL("down") "<td>not-ready</td>"},
        {"tls", tls_row(14),
         "<td>replied <small><bdi>TLS 1.2, certificate until 2026-12-07 (not verified)</bdi>"
         "</small></td>"},
        {"certificate ends soon", tls_row(13), "</small> <b>certificate ends in 13 d</b></td>"},
        {"certificate ends today", tls_row(0),
         "</small> <b>certificate ends within a day</b></td>"},
        {"certificate has ended", tls_row(-1), "</small> <b>certificate expired</b></td>"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct result results[] = {cases[i].result};
        struct buffer out =
            page_of((struct document){.report = &plain_report, .count = 1}, results);
        claim_contains(cases[i].label, buffer_text(&out), cases[i].expected);
        buffer_release(&out);
    }
}

/* The whole run */

static struct result gate(struct result result)
{
    result.endpoint.target->is_gate = true;
    return result;
}

/* One row a letter: u up, d down, e error, D down as expected, g and G a gate that is down and
 * up.
 */
static size_t rows_of(const char *letters, struct result *results)
{
    size_t count = 0;
    for (; letters[count] != '\0'; count++)
        results[count] = letters[count] == 'u'   ? up_of("db:1", "10.0.0.5")
                         : letters[count] == 'd' ? down_of("db:1", "10.0.0.5", ECONNREFUSED)
                         : letters[count] == 'g'
                             ? gate(down_of("gw:1", "10.0.0.1", ECONNREFUSED))
                         : letters[count] == 'G' ? gate(up_of("gw:1", "10.0.0.1"))
                         : letters[count] == 'D' ? down_of("!db:1", "10.0.0.5", ECONNREFUSED)
                                                 : error_of("db:1", outcome_of(REASON_LOCAL));
    return count;
}

/* Heading, title and icon have their tone, and no other one's icon is there. */
static void claim_tone(const char *label, const char *page, const char *tone,
                       const char *verdict)
{
    static const struct {
        const char *tone;
        const char *sign;
        const char *icon;
    } tones[] = {
        {"good", "\xe2\x9c\x93", "%3Ccircle "},
        {"bad", "\xe2\x9c\x97", "d=%22M0 0h16v16H0z"},
        {"error", "?", "d=%22M8 0l8 16H0z"},
    };
    char wanted[128];
    (void)snprintf(wanted, sizeof wanted, "<header class=\"%s\">\n<h1>%s</h1>", tone, verdict);
    claim_contains(label, page, wanted);
    for (size_t i = 0; i < ARRAY_LEN(tones); i++) {
        bool is_own = strcmp(tones[i].tone, tone) == 0;
        claim_true(label, tones[i].icon, (strstr(page, tones[i].icon) != NULL) == is_own);
        if (!is_own)
            continue;
        (void)snprintf(wanted, sizeof wanted, "<title>%s %s - netcheck</title>", tones[i].sign,
                       verdict);
        claim_contains(label, page, wanted);
    }
}

static void test_html_heads_with_what_the_run_came_to(void **state)
{
    static const struct {
        const char *label;
        const char *rows;
        const char *tone;
        const char *verdict;
        const char *counts;
        int status; /* 0: that of the rows; else another one */
        bool is_any;
    } cases[] = {
        {"none", "", "error", "nothing was asked", .counts = "<b>0</b> up"},
        {"one", "u", "good", "1 as expected", .counts = "<b>1</b> up</li><li><b>0</b> down"},
        {"all", "uuu", "good", "all 3 as expected", .counts = "<b>3</b> up"},
        {"one of two", "ud", "bad", "1 of 2 not as expected",
         .counts = "<b>1</b> up</li><li><b>1</b> down</li><li><b>0</b> errors</li></ul>"},
        {"error beside down", "ude", "bad", "2 of 3 not as expected",
         .counts = "<li><b>1</b> error</li></ul>"},
        {"only errors", "uee", "error", "2 of 3 not as expected", .counts = "<b>2</b> errors"},
        {"as expected, all", "DD", "good", "all 2 as expected",
         .counts = "<b>0</b> errors</li></ul>"},
        {"as expected, some", "Dd", "bad", "1 of 2 not as expected",
         .counts = "<li><b>1</b> as expected</li></ul>"},
        {"the gate", "g", "bad", "the gate gw:1 is not as expected",
         .counts = "<p class=\"note\">the other targets were not asked</p>"},
        {"one address of the gate", "Gg", "bad", "the gate gw:1 is not as expected",
         .counts = "</bdi> <small>10.0.0.1</small> <small>the gate</small></th>"},
        {"behind the gate", "Gd", "bad", "1 of 2 not as expected",
         .counts = "</bdi> <small>10.0.0.1</small> <small>the gate</small></th>"},
        {"--any", "ud", "good", "1 of 2 as expected, which is enough", .counts = "<b>1</b> up",
         .is_any = true},
        {"not for long enough", "uu", "bad", "all 2 as expected, but not for long enough",
         .counts = "<b>2</b> up", .status = STATUS_UNEXPECTED},
        {"the run failed", "uu", "error", "all 2 as expected, but the run failed",
         .counts =
             "<p class=\"note\">the run itself failed, and said why on standard error</p>",
         .status = STATUS_ERROR},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct result results[ROWS_MAX];
        struct document_row rows[ROWS_MAX];
        struct report report = {.wall_offset_ns = rows_wall_offset_ns};
        struct document document = {.report = &report, .rows = rows, .status = cases[i].status};
        struct buffer out = BUFFER_EMPTY;
        document.count = rows_of(cases[i].rows, results);
        for (size_t j = 0; j < document.count; j++) {
            rows[j] = (struct document_row){&results[j], NULL};
            tally_add(&document.tally, &results[j]);
        }
        if (document.status == 0 && !cases[i].is_any)
            document.status = document.tally.unexpected > 0;
        report_html.document(&out, &document);
        const char *page = buffer_text(&out);
        claim_contains(cases[i].label, page, cases[i].counts);
        claim_tone(cases[i].label, page, cases[i].tone, cases[i].verdict);
        for (size_t j = 0; j < document.count; j++)
            result_release(&results[j]);
        buffer_release(&out);
    }
}

/* Groups */

/* The targets of the page in its order: those above the groups, then "[NAME COUNTS: ...]" of
   an open group, "(...)" of one that is folded. */
static void add_outline(struct buffer *outline, const char *page)
{
    static const struct {
        const char *mark;
        const char *before;
        const char *end;
        const char *after;
    } parts[] = {
        {"<details open><summary class=\"bad\"><h2><bdi>", "[", "<", " "},
        {"<details><summary><h2><bdi>", "(", "<", " "},
        {"</bdi></h2> ", "", "<", ":"},
        {"<th scope=\"row\"><bdi>", " ", "<", ""},
    };
    const char *close = "";
    for (const char *at = page; *at != '\0'; at++) {
        if (strncmp(at, "</details>", 10) == 0)
            buffer_add_text(outline, close);
        for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
            size_t len = strlen(parts[i].mark);
            if (strncmp(at, parts[i].mark, len) != 0)
                continue;
            const char *end = strstr(at + len, parts[i].end);
            close = i == 0 ? "]" : i == 1 ? ")" : close;
            buffer_add_text(outline, parts[i].before);
            buffer_add(outline, at + len, (size_t)(end - at) - len);
            buffer_add_text(outline, parts[i].after);
        }
    }
}

struct grouped {
    const char *path; /* NULL: an operand */
    const char *target;
    bool is_down;
};

static const struct {
    const char *label;
    const char *expected;
    struct grouped rows[ROWS_MAX];
} groupings[] = {
    {"none", "", {{NULL, NULL, false}}},
    {"one file",
     " b:1 a:1 c:1",
     {{"x", "a:1", false}, {"x", "b:1", true}, {"x", "c:1", false}}},
    {"one host", " a:2 a:1", {{NULL, "a:1", false}, {NULL, "a:2", true}}},
    {"hosts of one target",
     " a:1 b:1 c:1",
     {{NULL, "a:1", false}, {NULL, "b:1", false}, {NULL, "c:1", false}}},
    {"files in their order",
     "(y all 2 as expected: a:1 c:1)(x 1 as expected: b:1)",
     {{"y", "a:1", false}, {"x", "b:1", false}, {"y", "c:1", false}}},
    {"the bad file first",
     " d:1[x 1 of 2 not as expected: above: c:1](y 1 as expected: a:1)",
     {{"y", "a:1", false}, {"x", "c:1", false}, {"x", "d:1", true}}},
    {"all of a file is bad",
     " c:1[x 1 of 1 not as expected: above:](y 1 as expected: a:1)",
     {{"y", "a:1", false}, {"x", "c:1", true}}},
    {"hosts",
     "(a all 2 as expected: a:1 a:2)(b all 2 as expected: b:1 b:2)",
     {{NULL, "a:1", false}, {NULL, "b:1", false}, {NULL, "a:2", false}, {NULL, "b:2", false}}},
    {"a host is one in capitals, too",
     "(A all 2 as expected: A:1 a:2)(b 1 as expected: b:1)",
     {{NULL, "A:1", false}, {NULL, "b:1", false}, {NULL, "a:2", false}}},
    {"hosts of one target beside others",
     "(other hosts all 2 as expected: b:1 c:1)(a all 2 as expected: a:1 a:2)",
     {{NULL, "b:1", false}, {NULL, "a:1", false}, {NULL, "a:2", false}, {NULL, "c:1", false}}},
    {"a prefix is a host",
     "(10.0.0.0-10.0.0.3 all 2 as expected: 10.0.0.0:1 10.0.0.0:1)"
     "(2001:db8::-2001:db8::3 1 as expected: [2001:db8::]:1)(10.0.0.0 1 as expected: "
     "10.0.0.0:1)",
     {{NULL, "10.0.0.0/30:1", false},
      {NULL, "[2001:db8::]/126:1", false},
      {NULL, "10.0.0.0-3:1", false},
      {NULL, "10.0.0.0:1", false}}},
    {"a file and an operand of its name",
     "(a 1 as expected: b:1)(a all 2 as expected: a:1 a:2)",
     {{"a", "b:1", false}, {NULL, "a:1", false}, {NULL, "a:2", false}}},
    {"standard input",
     "(standard input 1 as expected: a:1)(x 1 as expected: b:1)",
     {{"-", "a:1", false}, {"x", "b:1", false}}},
    {"paths as they were written",
     "(/etc/&lt;x&gt; 1 as expected: a:1)(y/\\x0a 1 as expected: "
     "b:1)",
     {{"/etc/<x>", "a:1", false}, {"y/\n", "b:1", false}}},
};

static void test_html_groups_fold_where_all_is_well(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(groupings); i++) {
        struct result results[ROWS_MAX];
        struct document document = {.report = &plain_report};
        struct buffer outline = BUFFER_EMPTY;
        const struct grouped *rows = groupings[i].rows;
        for (; rows[document.count].target != NULL; document.count++) {
            const struct grouped *row = &rows[document.count];
            results[document.count] = from(row->is_down ? down_of(row->target, "", ECONNREFUSED)
                                                        : up_of(row->target, ""),
                                           row->path);
        }
        struct buffer out = page_of(document, results);
        add_outline(&outline, buffer_text(&out));
        claim_text(groupings[i].label, "outline", buffer_text(&outline), groupings[i].expected);
        buffer_release(&outline);
        buffer_release(&out);
    }
}

static void test_html_problem_says_its_file_where_there_are_several(void **state)
{
    static const char named[] =
        TH("a:1", " <small>10.0.0.5</small> <small><bdi>x.txt</bdi></small>");
    for (int count = 1; count <= 2; count++) {
        struct result results[] = {
            from(down_of("a:1", "10.0.0.5", ECONNREFUSED), "x.txt"),
            from(up_of("b:1", "10.0.0.6"), "y.txt"),
        };
        struct buffer out = page_of(
            (struct document){.report = &plain_report, .count = (size_t)count}, results);
        claim_true("file", count == 1 ? "one" : "two",
                   (strstr(buffer_text(&out), named) != NULL) == (count == 2));
        if (count == 1)
            result_release(&results[1]);
        buffer_release(&out);
    }
}

/* What is remembered */

/* A letter a run, r ready, t timeout, l local; digits: up, in so many ms. Its runs are the
   caller's to free. */
static struct remembered remembered_of(const char *letters)
{
    struct memory_run runs[MEMORY_RUNS];
    size_t count = strlen(letters);
    for (size_t i = 0; i < count; i++)
        runs[i] = (struct memory_run){
            letters[i] == 'r'   ? REASON_READY
            : letters[i] == 't' ? REASON_TIMEOUT
            : letters[i] == 'l' ? REASON_LOCAL
                                : REASON_CONNECTED,
            letters[i] >= '0' && letters[i] <= '9' ? (letters[i] - '0') * NS_PER_MS : -1};
    return (struct remembered){.runs = memory_runs_new(runs, count)};
}

#define STRIP(words)                                                                           \
    "<svg viewBox=\"0 0 90 24\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"" words \
    "\">"
#define WELL(d)  "<path class=\"k\" d=\"" d "\"/>"
#define TALL(d)  "<path class=\"x\" d=\"" d "\"/>"
#define THIN(d)  "<path class=\"e\" d=\"" d "\"/>"
#define TRACE(d) "<path class=\"l\" d=\"" d "\"/>"

static const struct {
    const char *label;
    const char *runs;
    const char *expected;
    bool expects_down;
} strips[] = {
    {"none", "", .expected = ""},
    {"one", "r",
     .expected = STRIP("1 of the last 1 run as expected") WELL("M89 19h1") "</svg>"},
    {"each kind", "rrttlr",
     .expected = STRIP("3 of the last 6 runs as expected") WELL("M84 19h2M89 19h1")
         TALL("M86 12h2") THIN("M88 12h1") "</svg>"},
    {"expected down", "rtl",
     .expected = STRIP("1 of the last 3 runs as expected") WELL("M88 19h1") TALL("M87 12h1")
         THIN("M89 12h1") "</svg>",
     true},
    {"times of what is not expected", "11",
     .expected = STRIP("0 of the last 2 runs as expected") TALL("M88 12h2") "</svg>",
     .expects_down = true},
    {"one time makes no line", "r1",
     .expected = STRIP("2 of the last 2 runs as expected") WELL("M88 19h2") "</svg>"},
    {"level", "111",
     .expected =
         STRIP("3 of the last 3 runs as expected") WELL("M87 19h3") TRACE("M87 1h2") "</svg>"},
    {"up and down", "1991",
     .expected = STRIP("4 of the last 4 runs as expected") WELL("M86 19h4")
         TRACE("M86 11l1-10h1l1 10") "</svg>"},
    {"broken", "99t44",
     .expected = STRIP("4 of the last 5 runs as expected") WELL("M85 19h2M88 19h2")
         TALL("M87 12h1") TRACE("M85 1h1M88 7h1") "</svg>"},
    {"no time at all took", "00",
     .expected =
         STRIP("2 of the last 2 runs as expected") WELL("M88 19h2") TRACE("M88 12h1") "</svg>"},
};

static void test_html_strip_draws_runs_and_says_their_count(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(strips); i++) {
        struct remembered remembered = remembered_of(strips[i].runs);
        struct buffer out = BUFFER_EMPTY;
        html_strip(&out, &remembered, strips[i].expects_down);
        claim_text(strips[i].label, "strip", buffer_text(&out), strips[i].expected);
        memory_runs_free(remembered.runs);
        buffer_release(&out);
    }
}

static void test_html_strip_whole_begins_at_the_left(void **state)
{
    char letters[MEMORY_RUNS + 1];
    memset(letters, 'r', MEMORY_RUNS);
    letters[MEMORY_RUNS] = '\0';
    struct remembered remembered = remembered_of(letters);
    struct buffer out = BUFFER_EMPTY;
    html_strip(&out, &remembered, false);
    assert_string_equal(buffer_text(&out),
                        STRIP("90 of the last 90 runs as expected") WELL("M0 19h90") "</svg>");
    memory_runs_free(remembered.runs);
    buffer_release(&out);
}

#define AGO(span, day)                                                                        \
    "<td>" span " <small><time datetime=\"" day "T03:00:00Z\">" day " 03:00</time></small></" \
    "td>"
#define R20 "rrrrrrrrrrrrrrrrrrrr"
#define BEGIN_OF_60                                                                           \
    "Last 60 runs <small class=\"axis\" style=\"padding-left:33%\"><span>59 runs ago</span> " \
    "<span>this run</span></small>"

static void test_html_memory_says_since_when_and_how_often(void **state)
{
    const int64_t now_s = (rows_finished_ns + rows_wall_offset_ns) / NS_PER_S;
    static const struct {
        const char *label;
        const char *runs;
        int64_t ago_s;
        int64_t every_ns;
        const char *parts[4];
    } cases[] = {
        {"long",
         "r1t2",
         4 * 86400,
         300 * NS_PER_S,
         {AGO("4 d", "2026-11-19"), " UTC</time>, every 5 min</p>",
          "<b>75.0 %</b> as expected in the last 4 runs, about 15 min</li>",
          "Last 4 runs <small class=\"axis\"><span>this run</span></small>"}},
        {"many", R20 R20 R20, 60, 0, {BEGIN_OF_60}},
        {"the most",
         "1t3",
         60 * 86400,
         0,
         {"<td>0.8 ms <small>at most 3.0 ms</small></td>",
          "<b>66.6 %</b> as expected in the last 3 runs</li>", AGO("60 d", "2026-09-24")}},
        {"all",
         "rr",
         0,
         0,
         {"<b>100 %</b> as expected in the last 2 runs</li>", AGO("now", "2026-11-23")}},
        {"one",
         "r",
         0,
         NS_PER_S,
         {"<th scope=\"col\">This run</th>", "<b>0</b> errors</li></ul>"}},
        {"since tomorrow", "r", -86400, 0, {AGO("", "2026-11-24")}},
        {"runs are not kept", "", 86400, 0, {AGO("1 d", "2026-11-22")}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct remembered remembered = remembered_of(cases[i].runs);
        struct result results[] = {up_of("db:1", "10.0.0.5")};
        struct document_row row = {NULL, &remembered};
        remembered.since_s = now_s - cases[i].ago_s;
        struct buffer out = page_of((struct document){.report = &plain_report,
                                                      .rows = &row,
                                                      .count = 1,
                                                      .every_ns = cases[i].every_ns},
                                    results);
        for (size_t j = 0; j < ARRAY_LEN(cases[i].parts) && cases[i].parts[j] != NULL; j++)
            claim_contains(cases[i].label, buffer_text(&out), cases[i].parts[j]);
        claim_true(cases[i].label, "legend",
                   (strstr(buffer_text(&out), "class=\"legend\"") != NULL) ==
                       (cases[i].runs[0] != '\0'));
        memory_runs_free(remembered.runs);
        buffer_release(&out);
    }
}

/* With --confirm the state that is remembered stays for a while. */
static void test_html_since_is_that_of_the_state_in_the_row(void **state)
{
    const int64_t day_s = 86400;
    const int64_t now_s = (rows_finished_ns + rows_wall_offset_ns) / NS_PER_S;
    const struct {
        const char *label;
        struct remembered remembered;
        const char *expected;
    } cases[] = {
        {"the same",
         {.state = STATE_UP, .since_s = now_s - 3 * day_s},
         AGO("3 d", "2026-11-20")},
        {"not confirmed yet",
         {.state = STATE_DOWN,
          .since_s = now_s - 9 * day_s,
          .next = STATE_UP,
          .next_count = 1,
          .first_s = now_s - day_s},
         AGO("1 d", "2026-11-22")},
        {"another one", {.state = STATE_DOWN, .since_s = now_s - 9 * day_s}, NO_TIME "</tr>"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct result results[] = {up_of("db:1", "10.0.0.5")};
        struct document_row row = {NULL, &cases[i].remembered};
        struct buffer out = page_of(
            (struct document){.report = &plain_report, .rows = &row, .count = 1}, results);
        claim_contains(cases[i].label, buffer_text(&out), cases[i].expected);
        buffer_release(&out);
    }
}

static void test_html_without_memory_says_nothing_of_it(void **state)
{
    static const char *const parts[] = {"Since", "runs", "at most", "every", "<svg"};
    struct result results[] = {up_of("db:1", "10.0.0.5")};
    struct buffer out =
        page_of((struct document){.report = &plain_report, .count = 1}, results);
    char *body = part_of("page", buffer_text(&out), "<body>", "</html>");
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        claim_true("no", parts[i], strstr(body, parts[i]) == NULL);
    free(body);
    buffer_release(&out);
}

/* An invalid line is not remembered, and may stand beside targets that are. */
static void test_html_row_that_is_not_remembered_has_no_strip(void **state)
{
    struct remembered remembered = remembered_of("r1");
    struct document_row rows[] = {{NULL, NULL}, {NULL, &remembered}};
    struct result results[] = {
        invalid_of("db:x", 4, (struct fault){FAULT_PORT, 3, 1}, "list", 1),
        up_of("db:1", "10.0.0.5")};
    struct buffer out =
        page_of((struct document){.report = &plain_report, .rows = rows, .count = 2}, results);
    char *row = part_of("invalid", buffer_text(&out), "<tr class=\"error\">", "</tr>");
    claim_contains("invalid", row, "<td></td>");
    claim_true("invalid", "<svg", strstr(row, "<svg") == NULL);
    claim_contains("the other one", buffer_text(&out), "2 of the last 2 runs as expected");
    memory_runs_free(remembered.runs);
    free(row);
    buffer_release(&out);
}

static void test_html_says_that_rows_are_left_out(void **state)
{
    struct result result = up_of("db:1", "10.0.0.5");
    struct document_row row = {&result, NULL};
    struct document document = {.report = &plain_report, .rows = &row, .count = 1};
    struct buffer out = BUFFER_EMPTY;
    document.tally.states[STATE_UP] = 3;
    report_html.document(&out, &document);
    claim_contains("--only", buffer_text(&out),
                   "<p class=\"note\">1 of 3 rows are shown (--only)</p>");
    result_release(&result);
    buffer_release(&out);
}

/* A page is safe and readable whatever is in it */

static void test_html_page_loads_and_runs_nothing(void **state)
{
    static const char *const forbidden[] = {"<script", "<img",    "<iframe", "refresh",
                                            "url(",    "@import", "src=",    "onload"};
    struct result results[] = {up_of("db:1", "10.0.0.5")};
    struct buffer out =
        page_of((struct document){.report = &plain_report, .count = 1}, results);
    const char *page = buffer_text(&out);
    const char *policy = strstr(page, "<meta http-equiv=\"Content-Security-Policy\" "
                                      "content=\"default-src 'none'; style-src "
                                      "'unsafe-inline'; img-src data:; ");
    claim_true("policy", "before what it is for",
               policy != NULL && policy < strstr(page, "<title>"));
    claim_contains("language", page, "<!DOCTYPE html>\n<html lang=\"en\">\n");
    for (size_t i = 0; i < ARRAY_LEN(forbidden); i++)
        claim_true("no", forbidden[i], strstr(page, forbidden[i]) == NULL);
    buffer_release(&out);
}

/* All 256 bytes, what markup is made of, and what turns the direction of a text. */
static struct buffer hostile_bytes(void)
{
    struct buffer bytes = BUFFER_EMPTY;
    for (int c = 1; c <= 0xff; c++)
        buffer_add_format(&bytes, "%c", c);
    buffer_add_text(&bytes, "</td></title></style><script>alert(1)</script>\"'-->&lt;"
                            "\" onerror=alert(1) \xe2\x80\xae\xe2\x81\xa7\xc2\x9b\xf0\x9f");
    return bytes;
}

/* The page without its texts: what stands between < and >. Fails where a text has what does not
   belong there. */
static void add_tags(const char *label, struct buffer *tags, const char *page)
{
    bool is_tag = false;
    for (size_t i = 0, n; page[i] != '\0'; i += n) {
        uint32_t character = 0;
        n = utf8_decode(page + i, strlen(page + i) < 4 ? strlen(page + i) : 4, &character);
        claim_true(label, "UTF-8", n > 0);
        claim_true(label, "visible", page[i] == '\n' || utf8_is_visible(character));
        claim_true(label, "angle brackets", page[i] != (is_tag ? '<' : '>'));
        is_tag = is_tag ? page[i] != '>' : page[i] == '<';
        if (is_tag)
            buffer_add(tags, page + i, n);
    }
}

static void test_html_foreign_bytes_add_no_markup(void **state)
{
    struct buffer tags[2] = {BUFFER_EMPTY, BUFFER_EMPTY};
    struct buffer hostile = hostile_bytes();
    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        const char *text = i == 0 ? "x" : buffer_text(&hostile);
        struct label label = {"site", text};
        struct report report = {.labels = &label, .label_count = 1};
        struct fault fault = {FAULT_HOST_BYTE, 0, 1};
        struct result results[] = {
            invalid_of(text, strlen(text), fault, text, 7),
            from(answered_of("db:1", "10.0.0.5", REASON_MISMATCHED, text, strlen(text)), text),
            from(up_of("db:2", "10.0.0.5"), text),
            from(up_of("db:2", "10.0.0.5"), "other"),
        };
        struct buffer out =
            page_of((struct document){.report = &report, .count = ARRAY_LEN(results)}, results);
        char *body = part_of("page", buffer_text(&out), "</style>", "</html>");
        char *title = part_of("page", buffer_text(&out), "<title>", "<link");
        add_tags(i == 0 ? "harmless" : "hostile", &tags[i], body);
        add_tags(i == 0 ? "harmless" : "hostile", &tags[i], title);
        free(title);
        free(body);
        buffer_release(&out);
    }
    claim_text("hostile", "tags", buffer_text(&tags[1]), buffer_text(&tags[0]));
    for (size_t i = 0; i < ARRAY_LEN(tags); i++)
        buffer_release(&tags[i]);
    buffer_release(&hostile);
}

/* Size */

static void test_html_three_thousand_targets_take_less_than_3_mb(void **state)
{
    enum { COUNT = 3000 };
    struct result *results = calloc(COUNT, sizeof *results);
    struct document_row *rows = calloc(COUNT, sizeof *rows);
    struct remembered *remembered = calloc(COUNT, sizeof *remembered);
    struct memory_run runs[MEMORY_RUNS];
    uint32_t random = 1;
    assert_true(results != NULL && rows != NULL && remembered != NULL);
    for (size_t i = 0; i < COUNT; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "server%04zu.site.example.com:%zu", i, 1000 + i);
        results[i] = up_of(name, "192.0.2.200");
        rows[i] = (struct document_row){&results[i], &remembered[i]};
        for (size_t j = 0; j < MEMORY_RUNS; j++) {
            random = random * 1664525 + 1013904223;
            bool is_down = random >> 29 == 0;
            runs[j] = (struct memory_run){is_down ? REASON_TIMEOUT : REASON_CONNECTED,
                                          is_down ? -1 : (int64_t)(random >> 8)};
        }
        remembered[i].runs = memory_runs_new(runs, MEMORY_RUNS);
    }
    struct buffer out = page_of(
        (struct document){.report = &plain_report, .rows = rows, .count = COUNT}, results);
    claim_true("one in eight down, times at random", "size", out.len < 3000000);
    claim_contains("the last one", buffer_text(&out), "<bdi>server2999.site.example.com:3999<");
    buffer_release(&out);
    for (size_t i = 0; i < COUNT; i++)
        memory_runs_free(remembered[i].runs);
    free(remembered);
    free(rows);
    free(results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_html_row_says_what_where_why_and_how_long),
        cmocka_unit_test(test_html_heads_with_what_the_run_came_to),
        cmocka_unit_test(test_html_groups_fold_where_all_is_well),
        cmocka_unit_test(test_html_problem_says_its_file_where_there_are_several),
        cmocka_unit_test(test_html_strip_draws_runs_and_says_their_count),
        cmocka_unit_test(test_html_strip_whole_begins_at_the_left),
        cmocka_unit_test(test_html_memory_says_since_when_and_how_often),
        cmocka_unit_test(test_html_since_is_that_of_the_state_in_the_row),
        cmocka_unit_test(test_html_without_memory_says_nothing_of_it),
        cmocka_unit_test(test_html_row_that_is_not_remembered_has_no_strip),
        cmocka_unit_test(test_html_says_that_rows_are_left_out),
        cmocka_unit_test(test_html_page_loads_and_runs_nothing),
        cmocka_unit_test(test_html_foreign_bytes_add_no_markup),
        cmocka_unit_test(test_html_three_thousand_targets_take_less_than_3_mb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
