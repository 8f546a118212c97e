/*
 * html: a run as a status page, one file that loads nothing and runs nothing.
 *
 * What is not as expected comes first, then the rest in groups, each folded if all of it is
 * well. Nothing is said by colour alone. What the page looks like is in page.css. A row has
 * some 350 bytes, with its strip 500 to 1,000.
 *
 * Source: HTML Living Standard; Content Security Policy Level 3; WCAG 2.2.
 */
#include "netcheck/report/report.h"

#include <inttypes.h>

#include "html_groups.h"
#include "html_row.h"
#include "netcheck/base/base.h"
#include "netcheck/report/verdict.h"
#include "netcheck/report/wording.h"

/* Without comments and indentation, byte by byte: see the Makefile. */
static const char style[] = {
#include "src/report/page.css.inc"
};

/* How the run went, as one look at it should tell. */
enum tone {
    TONE_GOOD,
    TONE_BAD,
    TONE_ERROR, /* nothing but errors is wrong, or nothing was asked */
};

/* Signs are shapes of their own, also where they have no colour. */
#define ICON(shape)                                                     \
    "data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 " \
    "viewBox=%220 0 16 16%22%3E" shape "%3C/svg%3E"
#define STROKE "stroke=%22white%22 stroke-width=%222%22 fill=%22none%22/%3E"

static const struct {
    const char *name; /* in the style sheet */
    const char *sign;
    const char *icon;
} tones[] = {
    [TONE_GOOD] = {"good", "\xe2\x9c\x93",
                   ICON("%3Ccircle cx=%228%22 cy=%228%22 r=%228%22 fill=%22%231a7f37%22/%3E"
                        "%3Cpath d=%22M4 8l3 3 5-6%22 " STROKE)},
    [TONE_BAD] = {"bad", "\xe2\x9c\x97",
                  ICON("%3Cpath d=%22M0 0h16v16H0z%22 fill=%22%23cf222e%22/%3E"
                       "%3Cpath d=%22M4 4l8 8M12 4l-8 8%22 " STROKE)},
    [TONE_ERROR] = {"error", "?",
                    ICON("%3Cpath d=%22M8 0l8 16H0z%22 fill=%22%239a6700%22/%3E"
                         "%3Cpath d=%22M8 5v5M8 12v2%22 " STROKE)},
};

/* Tables */

static void begin_table(struct html_page *page)
{
    html_add(page, page->runs.count > 0 ? "<table class=\"long\">" : "<table>");
}

/* Both ends of the strips are named where there is room for it: they grow from the right. */
static void add_axis(struct html_page *page)
{
    size_t count = page->runs.count;
    if (count == 1)
        html_add(page, "<th scope=\"col\">This run</th>");
    if (count < 2)
        return;
    buffer_add_format(page->out, "<th scope=\"col\">Last %zu runs <small class=\"axis\"",
                      count);
    if (count > MEMORY_RUNS / 2)
        buffer_add_format(page->out,
                          " style=\"padding-left:%zu%%\"><span>%zu runs ago</span> <",
                          (MEMORY_RUNS - count) * 100 / MEMORY_RUNS, count - 1);
    else
        html_add(page, "><");
    html_add(page, "span>this run</span></small></th>");
}

static void add_head(struct html_page *page)
{
    html_add(page, "<thead><tr><th scope=\"col\">Target</th><th scope=\"col\">State</th>"
                   "<th scope=\"col\">Reason</th><th scope=\"col\">Time</th>");
    if (page->has_memory)
        html_add(page, "<th scope=\"col\">Since</th>");
    add_axis(page);
    html_add(page, "</tr></thead>\n<tbody>\n");
}

static void end_table(struct html_page *page)
{
    html_add(page, "</tbody></table>\n");
}

/* All rows that are not as expected. */
static void add_problems(struct html_page *page, bool has_groups)
{
    const struct document *document = page->document;
    page->is_ungrouped = has_groups;
    begin_table(page);
    html_add(page, "<caption><h2>Not as expected</h2></caption>");
    add_head(page);
    for (size_t i = 0; i < document->count; i++)
        if (!html_is_well(page, document->rows[i].result))
            html_add_row(page, &document->rows[i]);
    end_table(page);
    page->is_ungrouped = false;
}

static void add_name(struct html_page *page, const struct html_group *group)
{
    const struct target *target = group->target;
    char address[ADDRESS_TEXT_SIZE];
    switch (group->kind) {
    case HTML_GROUP_FILE:
        html_add_path(page, target->place.source);
        break;
    case HTML_GROUP_HOST:
        html_add_foreign(page, target->host);
        break;
    case HTML_GROUP_RANGE:
        address_format(&target->address, address);
        html_add(page, address);
        html_add(page, "-");
        address_format(&target->last, address);
        html_add(page, address);
        break;
    case HTML_GROUP_SINGLES:
        html_add(page, "other hosts");
        break;
    }
}

/* The rows of the group that are not among the problems. */
static void add_rest(struct html_page *page, const struct html_group *group, bool is_only)
{
    begin_table(page);
    if (is_only) {
        html_add(page, "<caption><h2>As expected</h2></caption>");
    } else {
        html_add(page, "<caption>As expected: <bdi>");
        add_name(page, group);
        html_add(page, "</bdi></caption>");
    }
    add_head(page);
    for (size_t i = 0; i < group->count; i++)
        if (html_is_well(page, page->document->rows[group->rows[i]].result))
            html_add_row(page, &page->document->rows[group->rows[i]]);
    end_table(page);
}

static void add_group(struct html_page *page, const struct html_group *group)
{
    size_t well = group->count - group->unexpected;
    html_add(page, group->unexpected > 0 ? "<details open><summary class=\"bad\"><h2><bdi>"
                                         : "<details><summary><h2><bdi>");
    add_name(page, group);
    html_add(page, "</bdi></h2> ");
    if (group->unexpected > 0)
        buffer_add_format(page->out, "%zu of %zu not as expected: above</summary>\n",
                          group->unexpected, group->count);
    else
        buffer_add_format(page->out, "%s%zu as expected</summary>\n", well > 1 ? "all " : "",
                          well);
    if (well > 0)
        add_rest(page, group, false);
    html_add(page, "</details>\n");
}

static void add_tables(struct html_page *page, const struct html_groups *groups)
{
    bool is_only = groups->count == 1;
    bool has_problems = groups->count > 0 && groups->items[0].unexpected > 0;
    if (has_problems)
        add_problems(page, !is_only);
    for (size_t i = 0; i < groups->count; i++) {
        const struct html_group *group = &groups->items[i];
        if (!is_only)
            add_group(page, group);
        else if (group->unexpected < group->count)
            add_rest(page, group, true);
    }
}

/* What the whole run came to */

static enum tone tone_of(const struct document *document)
{
    const struct tally *tally = &document->tally;
    if (tally_rows(tally) == 0)
        return TONE_ERROR;
    if (document->status == STATUS_EXPECTED)
        return TONE_GOOD;
    bool is_bad = document->status == STATUS_UNEXPECTED && tally->unexpected == 0;
    return is_bad || tally->unexpected > tally->states[STATE_ERROR] ? TONE_BAD : TONE_ERROR;
}

/* "5 of 7 not as expected"; behind a gate that is not, it is all there is to say. */
static void add_verdict(struct html_page *page)
{
    const struct document *document = page->document;
    uint64_t rows = tally_rows(&document->tally);
    uint64_t unexpected = document->tally.unexpected;
    struct buffer *out = page->out;
    if (page->gate != NULL) {
        html_add(page, "the gate ");
        wording_label(&page->scratch, &page->gate->endpoint);
        html_add_scratch(page);
        html_add(page, " is not as expected");
    } else if (rows == 0)
        html_add(page, "nothing was asked");
    else if (unexpected == 0)
        buffer_add_format(out, "%s%" PRIu64 " as expected", rows > 1 ? "all " : "", rows);
    else if (document->status == STATUS_EXPECTED)
        buffer_add_format(out, "%" PRIu64 " of %" PRIu64 " as expected, which is enough",
                          rows - unexpected, rows);
    else
        buffer_add_format(out, "%" PRIu64 " of %" PRIu64 " not as expected", unexpected, rows);
    if (unexpected > 0 || rows == 0)
        return;
    if (document->status == STATUS_UNEXPECTED) /* --wait with --confirm */
        html_add(page, ", but not for long enough");
    else if (document->status != STATUS_EXPECTED)
        html_add(page, ", but the run failed");
}

static void add_title(struct html_page *page, enum tone tone)
{
    const struct report *report = page->document->report;
    buffer_add_format(page->out, "<title>%s ", tones[tone].sign);
    add_verdict(page);
    for (size_t i = 0; i < report->label_count; i++) {
        html_add(page, i == 0 ? " (" : ", ");
        html_add_foreign(page, report->labels[i].value);
    }
    html_add(page,
             report->label_count > 0 ? ") - netcheck</title>\n" : " - netcheck</title>\n");
}

static void add_labels(struct html_page *page)
{
    const struct report *report = page->document->report;
    if (report->label_count == 0)
        return;
    html_add(page, "<ul class=\"labels\">");
    for (size_t i = 0; i < report->label_count; i++) {
        html_add(page, "<li><b>");
        html_add_foreign(page, report->labels[i].key);
        html_add(page, "</b> <bdi>");
        html_add_foreign(page, report->labels[i].value);
        html_add(page, "</bdi></li>");
    }
    html_add(page, "</ul>\n");
}

static void add_when(struct html_page *page)
{
    const struct document *document = page->document;
    html_add(page, "<p class=\"when\">asked ");
    html_add_time(page, document->ended_wall_ns / NS_PER_S, true);
    if (document->every_ns > 0) {
        html_add(page, ", every ");
        wording_span(page->out, document->every_ns);
    }
    html_add(page, "</p>\n");
}

static void add_count(struct html_page *page, uint64_t count, const char *words)
{
    buffer_add_format(page->out, "<li><b>%" PRIu64 "</b> %s</li>", count, words);
}

/* "98.7 %", rounded down: 100 is all. */
static void add_percent(struct html_page *page, size_t part, size_t whole)
{
    size_t tenths = whole > 0 ? part * 1000 / whole : 0;
    if (part == whole)
        buffer_add_text(page->out, "100 %");
    else
        buffer_add_format(page->out, "%zu.%zu %%", tenths / 10, tenths % 10);
}

/* "98.7 % as expected in the last 90 runs, about 7 h 25 min" */
static void add_uptime(struct html_page *page)
{
    const struct document *document = page->document;
    size_t count = page->runs.count;
    if (count < 2)
        return;
    html_add(page, "<li><b>");
    add_percent(page, page->runs.expected, page->asked);
    buffer_add_format(page->out, "</b> as expected in the last %zu runs", count);
    if (document->every_ns > 0 && document->every_ns < INT64_MAX / MEMORY_RUNS) {
        html_add(page, ", about ");
        wording_span(page->out, document->every_ns * (int64_t)(count - 1));
    }
    html_add(page, "</li>");
}

static void add_counts(struct html_page *page)
{
    const struct tally *tally = &page->document->tally;
    uint64_t errors = tally->states[STATE_ERROR];
    html_add(page, "<ul class=\"counts\">");
    add_count(page, tally->states[STATE_UP], "up");
    add_count(page, tally->states[STATE_DOWN], "down");
    add_count(page, errors, errors == 1 ? "error" : "errors");
    if (tally->has_expected_down && tally->unexpected > 0)
        add_count(page, tally_rows(tally) - tally->unexpected, "as expected");
    if (page->ending > 0)
        add_count(page, page->ending,
                  page->ending == 1 ? "certificate ends within 14 days, or has ended"
                                    : "certificates end within 14 days, or have ended");
    add_uptime(page);
    html_add(page, "</ul>\n");
}

/* What the rows do not show. */
static void add_notes(struct html_page *page)
{
    const struct document *document = page->document;
    uint64_t rows = tally_rows(&document->tally);
    if (page->gate != NULL)
        html_add(page, "<p class=\"note\">the other targets were not asked</p>\n");
    if (document->count < rows)
        buffer_add_format(page->out,
                          "<p class=\"note\">%zu of %" PRIu64 " rows are shown (--only)</p>\n",
                          document->count, rows);
    if (document->status == STATUS_ERROR && document->tally.states[STATE_ERROR] == 0)
        html_add(page, "<p class=\"note\">the run itself failed, and said why on standard "
                       "error</p>\n");
}

static void add_legend_bar(struct html_page *page, const char *path, const char *words)
{
    buffer_add_format(page->out,
                      "<li><svg viewBox=\"0 0 9 24\" preserveAspectRatio=\"none\" "
                      "aria-hidden=\"true\"><path %s/></svg> %s</li>",
                      path, words);
}

static void add_legend(struct html_page *page)
{
    if (page->runs.count == 0)
        return;
    html_add(page, "<p>A bar is a run, the oldest one on the left, this one on the right.</p>\n"
                   "<ul class=\"legend\">");
    add_legend_bar(page, "class=\"k\" d=\"M0 19h9\"", "short: as expected");
    add_legend_bar(page, "class=\"x\" d=\"M0 12h9\"", "tall: not as expected");
    add_legend_bar(page, "class=\"e\" d=\"M0 12h9\"", "thin: an error, nothing is known");
    add_legend_bar(page, "class=\"l\" d=\"M0 9l2-5 2 3 2-1 2 4\"",
                   "line: the time of the answer, from 0 to the most of these runs");
    html_add(page, "</ul>\n");
}

static void add_header(struct html_page *page, enum tone tone)
{
    buffer_add_format(page->out, "<header class=\"%s\">\n<h1>", tones[tone].name);
    add_verdict(page);
    html_add(page, "</h1>\n");
    add_when(page);
    add_labels(page);
    add_counts(page);
    add_notes(page);
    html_add(page, "</header>\n");
}

/* The policy comes first: it holds for what stands behind it. */
static void add_document_head(struct html_page *page, enum tone tone)
{
    html_add(page,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
             "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
             "form-action 'none'\"/>\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
    add_title(page, tone);
    buffer_add_format(page->out, "<link rel=\"icon\" href=\"%s\"/>\n<style>\n",
                      tones[tone].icon);
    buffer_add(page->out, style, sizeof style);
    html_add(page, "</style>\n</head>\n<body>\n");
}

static void add_footer(struct html_page *page)
{
    html_add(page, "<footer>\n");
    add_legend(page);
    html_add(page, "<p>Times are UTC. This page does not change by itself: load it again.</p>\n"
                   "</footer>\n</body>\n</html>\n");
}

/* What the parts of the page have to know of all rows. */
static void survey(struct html_page *page)
{
    const struct document *document = page->document;
    for (size_t i = 0; i < document->count; i++) {
        const struct document_row *row = &document->rows[i];
        bool expects_down = result_expects_down(row->result, document->report->expects_down);
        struct html_runs runs = html_runs_of(row->remembered, expects_down);
        if (row->result->endpoint.target->is_gate && !html_is_well(page, row->result))
            page->gate = row->result;
        page->has_memory |= row->remembered != NULL;
        page->asked += runs.count;
        page->runs.expected += runs.expected;
        if (runs.count > page->runs.count)
            page->runs.count = runs.count;
        page->ending += html_days_left(page, row->result) < HTML_CERTIFICATE_DAYS;
    }
}

static void write_document(struct buffer *out, const struct document *document)
{
    struct html_page page = {.out = out, .document = document};
    struct html_groups groups;
    enum tone tone = tone_of(document);
    if (html_groups_make(&groups, document) != ERROR_NONE) {
        out->has_failed = true;
    } else {
        survey(&page);
        add_document_head(&page, tone);
        add_header(&page, tone);
        html_add(&page, "<main>\n");
        add_tables(&page, &groups);
        html_add(&page, "</main>\n");
        add_footer(&page);
    }
    out->has_failed |= page.scratch.has_failed;
    buffer_release(&page.scratch);
    html_groups_release(&groups);
}

const struct report_format report_html = {.name = "html",
                                          .endings = {".html", ".htm"},
                                          .document = write_document,
                                          .shows_runs = true};
