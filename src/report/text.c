#include "netcheck/report.h"

#include <inttypes.h>
#include <string.h>

enum { STATE_WIDTH = 7 }; /* "error" and two spaces */

static void add_state(struct buffer *out, const struct report *report,
                      const struct result *result)
{
    const char *name = state_name(outcome_state(&result->outcome));
    if (report->is_coloured)
        buffer_add_format(out, "%s%s" REPORT_NO_COLOUR,
                          report_colour(result, report->expects_down), name);
    else
        buffer_add_text(out, name);
    buffer_add_format(out, "%*s", STATE_WIDTH - (int)strlen(name), "");
}

static void add_address(struct buffer *out, const struct result *result)
{
    char text[ADDRESS_TEXT_SIZE];
    address_format(&result->endpoint.address, text);
    buffer_add_text(out, text[0] != '\0' ? text : "-");
}

/* "0.8 ms"; "refused in 0.4 ms"; "timeout: no answer in 5 s" */
static void add_reason(struct buffer *out, const struct result *result)
{
    const struct outcome *outcome = &result->outcome;
    bool is_up = outcome_state(outcome) == STATE_UP;
    bool is_plain = is_up || (outcome->reason == REASON_REFUSED && !outcome->icmp.is_set);
    if (!is_up)
        buffer_add_text(out, reason_name(outcome->reason));
    if (is_plain && result->connect_ns >= 0) {
        buffer_add_text(out, is_up ? "" : " in ");
        report_milliseconds(out, result->connect_ns);
    }
    size_t before = out->len;
    buffer_add_text(out, is_plain ? ", " : ": ");
    size_t start = out->len;
    report_detail(out, result);
    if (out->len == start)
        out->len = before;
}

static void add_change(struct buffer *out, const struct change *change)
{
    if (!change->is_set)
        return;
    buffer_add_format(out, " (%s for ", state_name(change->before));
    report_span(out, change->lasted_ns);
    buffer_add_text(out, " before)");
}

void report_text_row(struct buffer *out, const struct report *report,
                     const struct result *result)
{
    if (report->is_dated) {
        report_time(out, result->finished_ns + report->wall_offset_ns, 3);
        buffer_add_text(out, "  ");
    }
    add_state(out, report, result);
    report_label(out, &result->endpoint);
    buffer_add_text(out, "  ");
    add_address(out, result);
    buffer_add_text(out, "  ");
    if (result->round > 0)
        buffer_add_format(out, "seq=%" PRIu64 "  ", result->round);
    add_reason(out, result);
    if (result_expects_down(result, report->expects_down) &&
        outcome_state(&result->outcome) != STATE_ERROR)
        buffer_add_text(out, result_is_expected(result, report->expects_down)
                                 ? " (as expected)"
                                 : " (expected down)");
    add_change(out, &result->change);
    buffer_add_text(out, "\n");
}
