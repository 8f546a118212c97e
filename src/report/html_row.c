#include "html_row.h"

#include <inttypes.h>

#include "netcheck/base/base.h"
#include "netcheck/report/detail.h"
#include "netcheck/report/wording.h"

enum { S_PER_DAY = 86400 };

#define HTML_UNKNOWN "\xe2\x80\x93" /* in the place of a time: a dash */

/* What was asked; of a row that does not stand in its group, the file that it came from. */
static void add_subject(struct html_page *page, const struct result *result)
{
    const char *path = result->endpoint.target->place.source;
    char address[ADDRESS_TEXT_SIZE];
    html_add(page, "<th scope=\"row\"><bdi>");
    wording_label(&page->scratch, &result->endpoint);
    html_add_scratch(page);
    html_add(page, "</bdi>");
    address_format(&result->endpoint.address, address);
    if (row_columns_have_address(&result->endpoint) && address[0] != '\0') {
        html_add(page, " <small>");
        buffer_add_text(&page->scratch, address); /* its scope is a name */
        html_add_scratch(page);
        html_add(page, "</small>");
    }
    if (result->endpoint.target->is_gate)
        html_add(page, " <small>the gate</small>");
    if (page->is_ungrouped && path != NULL) {
        html_add(page, " <small><bdi>");
        html_add_path(page, path);
        html_add(page, "</bdi></small>");
    }
    html_add(page, "</th>");
}

static void add_state(struct html_page *page, const struct result *result)
{
    enum state state = outcome_state(&result->outcome);
    html_add(page, "<td><span class=\"pill\">");
    html_add(page, state_name(state));
    if (state != STATE_ERROR &&
        result_expects_down(result, page->document->report->expects_down))
        html_add(page, html_is_well(page, result) ? ", as expected" : ", expected down");
    html_add(page, "</span></td>");
}

int64_t html_days_left(const struct html_page *page, const struct result *result)
{
    const struct reply *reply = result->measures.reply;
    int64_t now_s = page->document->ended_wall_ns / NS_PER_S;
    if (reply == NULL || reply->tls_not_after_s == INT64_MAX)
        return INT64_MAX;
    int64_t left_s = reply->tls_not_after_s - now_s;
    return left_s < 0 ? -1 : left_s / S_PER_DAY;
}

static void add_reason(struct html_page *page, const struct result *result)
{
    int64_t days = html_days_left(page, result);
    html_add(page, "<td>");
    html_add(page, reason_name(result->outcome.reason));
    detail_describe(&page->scratch, page->document->report, result);
    if (page->scratch.len > 0) {
        html_add(page, " <small><bdi>");
        html_add_scratch(page);
        html_add(page, "</bdi></small>");
    }
    if (days < 0)
        html_add(page, " <b>certificate expired</b>");
    else if (days == 0)
        html_add(page, " <b>certificate ends within a day</b>");
    else if (days < HTML_CERTIFICATE_DAYS)
        buffer_add_format(page->out, " <b>certificate ends in %" PRId64 " d</b>", days);
    html_add(page, "</td>");
}

static void add_latency(struct html_page *page, const struct document_row *row, int64_t most_ns)
{
    int64_t latency_ns = result_latency_ns(row->result);
    html_add(page, "<td>");
    if (latency_ns >= 0)
        wording_milliseconds(page->out, latency_ns);
    else
        html_add(page, HTML_UNKNOWN);
    if (most_ns >= 0) {
        html_add(page, " <small>at most ");
        wording_milliseconds(page->out, most_ns);
        html_add(page, "</small>");
    }
    html_add(page, "</td>");
}

/* Since when the row's state lasts: that which is remembered may be another one, until this one
   was seen often enough. MEMORY_NEVER: unknown. */
static int64_t since_of(const struct document_row *row)
{
    const struct remembered *remembered = row->remembered;
    enum state state = outcome_state(&row->result->outcome);
    if (remembered == NULL)
        return MEMORY_NEVER;
    if (remembered->state == state)
        return remembered->since_s;
    bool is_next = remembered->next_count > 0 && remembered->next == state;
    return is_next ? remembered->first_s : MEMORY_NEVER;
}

/* How long, and since when. A clock that was set back leaves the length out. */
static void add_since(struct html_page *page, const struct document_row *row)
{
    int64_t now_s = page->document->ended_wall_ns / NS_PER_S;
    int64_t since_s = since_of(row);
    html_add(page, "<td>");
    if (since_s >= 0 && since_s < now_s)
        wording_span(page->out, (now_s - since_s) * NS_PER_S);
    else if (since_s == now_s)
        html_add(page, "now");
    if (since_s == MEMORY_NEVER) {
        html_add(page, HTML_UNKNOWN);
    } else {
        html_add(page, " <small>");
        html_add_time(page, since_s, false);
        html_add(page, "</small>");
    }
    html_add(page, "</td>");
}

void html_add_row(struct html_page *page, const struct document_row *row)
{
    const struct result *result = row->result;
    bool expects_down = result_expects_down(result, page->document->report->expects_down);
    struct html_runs runs = html_runs_of(row->remembered, expects_down);
    bool is_error = outcome_state(&result->outcome) == STATE_ERROR;
    html_add(page, html_is_well(page, result) ? "<tr>"
                   : is_error                 ? "<tr class=\"error\">"
                                              : "<tr class=\"bad\">");
    add_subject(page, result);
    add_state(page, result);
    add_reason(page, result);
    add_latency(page, row, runs.most_ns);
    if (page->has_memory)
        add_since(page, row);
    if (page->runs.count > 0) {
        html_add(page, "<td>");
        html_strip(page->out, row->remembered, expects_down);
        html_add(page, "</td>");
    }
    html_add(page, "</tr>\n");
}
