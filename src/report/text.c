/*
 * text: a row as one line for people, a series as a few.
 */
#include "netcheck/report/report.h"

#include <inttypes.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/report/detail.h"
#include "netcheck/report/wording.h"

enum {
    LINE_WIDTH = 80,
    STATE_WIDTH = 7,  /* "error" and two spaces */
    DECIMALS_MAX = 9, /* of a loss: one row in a thousand million still shows */
};

static void add_state(struct buffer *out, const struct report *report,
                      const struct result *result)
{
    const char *name = state_name(outcome_state(&result->outcome));
    if (report->is_coloured)
        buffer_add_format(out, "%s%s" COLOUR_NONE, wording_colour(result, report->expects_down),
                          name);
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

/* Blanks up to the end of a column, and two in front of the next one. */
static void end_column(struct buffer *out, size_t start, size_t width)
{
    size_t len = out->len - start;
    buffer_add_format(out, "%*s", (int)(len < width ? width - len : 0) + 2, "");
}

/* What the row is about: its label, and where that does not say it, its address. */
static void add_subject(struct buffer *out, const struct report *report,
                        const struct result *result)
{
    const struct row_columns *columns = report->columns;
    size_t start = out->len;
    wording_label(out, &result->endpoint);
    end_column(out, start, columns != NULL ? columns->label_width : 0);
    start = out->len;
    bool has_address = columns == NULL || row_columns_have_address(&result->endpoint);
    if (has_address)
        add_address(out, result);
    if (has_address || columns->has_names)
        end_column(out, start, columns != NULL ? columns->address_width : 0);
}

/* "0.8 ms"; "time unknown"; "refused in 0.4 ms"; "timeout: no answer in 5 s" */
static void add_reason(struct buffer *out, const struct report *report,
                       const struct result *result)
{
    const struct outcome *outcome = &result->outcome;
    bool is_up = outcome_state(outcome) == STATE_UP;
    bool is_plain = is_up || detail_is_plain_refusal(result);
    if (!is_up)
        buffer_add_text(out, reason_name(outcome->reason));
    if (is_plain && result_latency_ns(result) >= 0) {
        buffer_add_text(out, is_up ? "" : " in ");
        wording_milliseconds(out, result_latency_ns(result));
    } else if (is_up) {
        buffer_add_text(out, "time unknown");
    }
    size_t before = out->len;
    buffer_add_text(out, is_plain ? ", " : ": ");
    size_t start = out->len;
    detail_describe(out, report, result);
    if (out->len == start)
        out->len = before;
}

/* "down for 2 h 10 min"; "down" where it is not known for how long, or no time at all. */
static void add_length(struct buffer *out, const char *what, int64_t lasted_ns)
{
    buffer_add_text(out, what);
    if (lasted_ns <= 0)
        return;
    buffer_add_text(out, " for ");
    wording_span(out, lasted_ns);
}

/* What was before, where that was another state. */
static void add_previous(struct buffer *out, const struct change *change)
{
    if (!change->was_unknown) {
        buffer_add_text(out, "was ");
        add_length(out, state_name(change->before), change->lasted_ns);
        return;
    }
    add_length(out, "unknown", change->lasted_ns);
    if (change->known != STATE_COUNT)
        buffer_add_format(out, ", %s before", state_name(change->known));
}

/* For how long it has been as it is, where that is more than one run. */
static void add_lasting(struct buffer *out, const struct result *result)
{
    const struct change *change = &result->change;
    buffer_add_text(out, change->news == NEWS_NEW ? "new" : "still");
    if (change->lasted_ns <= 0)
        return;
    buffer_add_text(out, ", ");
    add_length(out, state_name(outcome_state(&result->outcome)), change->lasted_ns);
}

/* A first row speaks for itself, but where there were other runs. */
static void add_change(struct buffer *out, const struct report *report,
                       const struct result *result)
{
    const struct change *change = &result->change;
    bool is_change = change->news == NEWS_CHANGED;
    if (!report->has_changes || change->news == NEWS_NONE ||
        (!is_change && !change->is_remembered))
        return;
    buffer_add_text(out, " (");
    if (is_change)
        add_previous(out, change);
    else
        add_lasting(out, result);
    if (change->unasked_ns > 0) {
        buffer_add_text(out, ", last asked ");
        wording_span(out, change->unasked_ns);
        buffer_add_text(out, " ago");
    }
    buffer_add_text(out, ")");
}

static void add_row(struct buffer *out, const struct report *report,
                    const struct result *result)
{
    if (report->is_dated) {
        wording_time(out, result->finished_ns + report->wall_offset_ns, 3);
        buffer_add_text(out, "  ");
    }
    add_state(out, report, result);
    add_subject(out, report, result);
    if (result->round > 0)
        buffer_add_format(out, "seq=%" PRIu64 "  ", result->round);
    add_reason(out, report, result);
    if (result_expects_down(result, report->expects_down) &&
        outcome_state(&result->outcome) != STATE_ERROR)
        buffer_add_text(out, result_is_expected(result, report->expects_down)
                                 ? " (as expected)"
                                 : " (expected down)");
    add_change(out, report, result);
    buffer_add_text(out, "\n");
}

static void add_title(struct buffer *out, const struct report *report,
                      const struct result *last)
{
    buffer_add_text(out, "--- ");
    wording_row_label(out, &last->endpoint, report->is_by_address);
    if (result_expects_down(last, report->expects_down))
        buffer_add_text(out, " (expected down)");
    buffer_add_text(out, " ---\n");
}

/* Whether rounding to `half_unit` turns neither a little into 0 nor nearly all into 100. */
static bool is_told(double percent, double half_unit)
{
    return (percent == 0 || percent > half_unit) &&
           (percent == 100 || percent < 100 - half_unit);
}

static void add_percent(struct buffer *out, double percent)
{
    int decimals = 1;
    double half_unit = 0.05;
    while (decimals < DECIMALS_MAX && !is_told(percent, half_unit)) {
        half_unit /= 10;
        decimals++;
    }
    buffer_add_decimal(out, percent, decimals, 0);
    if (out->len > 2 && memcmp(out->bytes + out->len - 2, ".0", 2) == 0)
        out->len -= 2;
    buffer_add_text(out, "%");
}

static void add_counts(struct buffer *out, const struct stats *stats)
{
    uint64_t errors = stats->states[STATE_ERROR];
    double loss = stats_loss(stats);
    buffer_add_format(out, "%" PRIu64 " sent, %" PRIu64 " up", stats->sent,
                      stats->states[STATE_UP]);
    if (errors > 0)
        buffer_add_format(out, ", %" PRIu64 " error%s", errors, errors > 1 ? "s" : "");
    if (loss < 0)
        return;
    buffer_add_text(out, ", ");
    add_percent(out, loss);
    buffer_add_text(out, " loss");
}

static void add_times(struct buffer *out, const struct stats *stats, int64_t now_ns)
{
    for (enum state state = STATE_UP; state < STATE_COUNT; state++) {
        if (stats->states[state] == 0)
            continue;
        buffer_add_format(out, ", %s for ", state_name(state));
        wording_span(out, stats_time_ns(stats, state, now_ns));
    }
    if (stats->states[STATE_DOWN] == 0)
        return;
    buffer_add_text(out, ", longest outage ");
    wording_span(out, stats_longest_outage_ns(stats, now_ns));
}

/* Break the line that begins at `start` behind the last comma that fits, as often as needed. */
static void wrap(struct buffer *out, size_t start)
{
    size_t comma = start;
    for (size_t i = start; i < out->len; i++) {
        if (i - start >= LINE_WIDTH && comma > start) {
            out->bytes[comma + 1] = '\n';
            start = comma + 2;
            comma = start;
        }
        if (out->bytes[i] == ',')
            comma = i;
    }
}

/* "NAME A/B/C ms" */
static void add_numbers(struct buffer *out, const char *name, const int64_t *numbers_ns,
                        size_t count)
{
    buffer_add_text(out, name);
    for (size_t i = 0; i < count; i++) {
        buffer_add_text(out, i > 0 ? "/" : " ");
        wording_exact_milliseconds(out, numbers_ns[i]);
    }
    buffer_add_text(out, " ms");
}

static void add_latencies(struct buffer *out, const struct stats *stats)
{
    const int64_t shape_ns[] = {stats->min_ns, (int64_t)stats->mean_ns, stats->max_ns,
                                (int64_t)stats_deviation_ns(stats)};
    const int64_t quantiles_ns[] = {stats_quantile(stats, 50), stats_quantile(stats, 95),
                                    stats_quantile(stats, 99)};
    size_t start = out->len;
    if (stats->latencies == 0)
        return;
    add_numbers(out, "min/avg/max/mdev", shape_ns, ARRAY_LEN(shape_ns));
    if (stats->latencies > 1) {
        const int64_t jitter_ns[] = {(int64_t)stats_jitter_ns(stats)};
        add_numbers(out, ", jitter", jitter_ns, ARRAY_LEN(jitter_ns));
    }
    wrap(out, start);
    buffer_add_text(out, "\n");
    add_numbers(out, "p50/p95/p99", quantiles_ns, ARRAY_LEN(quantiles_ns));
    buffer_add_text(out, "\n");
}

static void add_summary(struct buffer *out, const struct report *report,
                        const struct series *series, int64_t now_ns)
{
    const struct stats *stats = series->stats;
    if (series->last.endpoint.target->kind == TARGET_INVALID)
        return;
    add_title(out, report, &series->last);
    if (stats->sent == 0) {
        buffer_add_text(out, "not answered yet\n");
        return;
    }
    size_t start = out->len;
    add_counts(out, stats);
    add_times(out, stats, now_ns);
    wrap(out, start);
    buffer_add_text(out, "\n");
    add_latencies(out, stats);
    if (report->has_histogram)
        report_histogram(out, stats, report->is_unicode);
}

const struct report_format report_text = {
    .name = "text", .row = add_row, .summary = add_summary};
