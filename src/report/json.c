/*
 * json: a row or a series as one object on a line of its own.
 */
#include "netcheck/report/report.h"

#include <inttypes.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/escape.h"

static void add_key(struct buffer *out, const char *key)
{
    if (out->len > 0 && out->bytes[out->len - 1] != '{')
        buffer_add_text(out, ",");
    buffer_add_format(out, "\"%s\":", key);
}

/* NULL is null. */
static void add_string(struct buffer *out, const char *key, const char *text)
{
    add_key(out, key);
    if (text == NULL)
        buffer_add_text(out, "null");
    else
        escape_json(out, text, strlen(text));
}

/* An empty buffer is null; it is released. */
static void add_buffer(struct buffer *out, const char *key, struct buffer *text)
{
    add_key(out, key);
    if (text->len == 0)
        buffer_add_text(out, "null");
    else
        escape_json(out, text->bytes, text->len);
    out->has_failed |= text->has_failed;
    buffer_release(text);
}

static void add_time(struct buffer *out, int64_t wall_ns)
{
    add_key(out, "time");
    buffer_add_text(out, "\"");
    report_time(out, wall_ns, 6);
    buffer_add_text(out, "\"");
}

/* Milliseconds with microseconds behind the point; a negative duration is null. */
static void add_milliseconds(struct buffer *out, const char *key, int64_t duration_ns)
{
    add_key(out, key);
    if (duration_ns < 0)
        buffer_add_text(out, "null");
    else
        report_exact_milliseconds(out, duration_ns);
}

/* Below `least` the number is unknown. */
static void add_number(struct buffer *out, const char *key, int64_t number, int64_t least)
{
    add_key(out, key);
    if (number < least)
        buffer_add_text(out, "null");
    else
        buffer_add_format(out, "%" PRId64, number);
}

static void add_address(struct buffer *out, const char *key, const struct address *address)
{
    char text[ADDRESS_TEXT_SIZE];
    address_format(address, text);
    add_string(out, key, text[0] != '\0' ? text : NULL);
}

static void add_icmp(struct buffer *out, const struct icmp *icmp)
{
    add_key(out, "icmp");
    if (icmp->is_set)
        buffer_add_format(out, "{\"type\":%u,\"code\":%u}", icmp->type, icmp->code);
    else
        buffer_add_text(out, "null");
}

static void add_endpoint(struct buffer *out, const struct endpoint *endpoint)
{
    bool is_valid = endpoint->target->kind != TARGET_INVALID;
    struct buffer label = BUFFER_EMPTY;
    struct buffer host = BUFFER_EMPTY;
    endpoint_label(&label, endpoint);
    if (is_valid)
        endpoint_host(&host, endpoint);
    add_buffer(out, "target", &label);
    add_string(out, "protocol", protocols_name(endpoint->protocol));
    add_buffer(out, "host", &host);
    add_number(out, "port", endpoint->port, 1);
    add_address(out, "address", &endpoint->address);
}

/* What is only there where targets are asked more than once. */
static void add_round(struct buffer *out, const struct report *report,
                      const struct result *result)
{
    const struct change *change = &result->change;
    if (result->round > 0)
        add_number(out, "seq", (int64_t)result->round, 1);
    if (!report->has_changes)
        return;
    add_string(out, "previous_state", change->is_set ? state_name(change->before) : NULL);
    add_milliseconds(out, "previous_ms", change->is_set ? change->lasted_ns : -1);
}

void report_json_row(struct buffer *out, const struct report *report,
                     const struct result *result)
{
    const struct outcome *outcome = &result->outcome;
    bool expects_down = result_expects_down(result, report->expects_down);
    struct buffer detail = BUFFER_EMPTY;
    report_detail(&detail, result);

    buffer_add_text(out, "{");
    add_time(out, result->finished_ns + report->wall_offset_ns);
    add_endpoint(out, &result->endpoint);
    add_string(out, "state", state_name(outcome_state(outcome)));
    add_string(out, "expected", state_name(expects_down ? STATE_DOWN : STATE_UP));
    add_string(out, "reason", reason_name(outcome->reason));
    add_buffer(out, "detail", &detail);
    add_string(out, "error", outcome_error_name(outcome));
    add_icmp(out, &outcome->icmp);
    if (outcome->is_own && !outcome->icmp.is_set)
        add_string(out, "reported_by", "this machine");
    else
        add_address(out, "reported_by", &outcome->icmp.sender);
    add_milliseconds(out, "resolve_ms", result->resolve_ns);
    add_milliseconds(out, "connect_ms", result->connect_ns);
    add_number(out, "syn_retransmits", result->syn_retransmits, 0);
    add_number(out, "attempts", result->attempts, 0);
    add_string(out, "canonical", result->canonical != NULL ? result->canonical->text : NULL);
    add_round(out, report, result);
    buffer_add_text(out, "}\n");
}

/* Three decimals; a negative number is null. */
static void add_percent(struct buffer *out, const char *key, double percent)
{
    add_key(out, key);
    if (percent < 0)
        buffer_add_text(out, "null");
    else
        buffer_add_decimal(out, percent, 3, 0);
}

static void add_latencies(struct buffer *out, const struct stats *stats)
{
    bool is_known = stats->latencies > 0;
    add_milliseconds(out, "min_ms", is_known ? stats->min_ns : -1);
    add_milliseconds(out, "avg_ms", is_known ? (int64_t)stats->mean_ns : -1);
    add_milliseconds(out, "max_ms", is_known ? stats->max_ns : -1);
    add_milliseconds(out, "mdev_ms", (int64_t)stats_deviation_ns(stats));
    add_milliseconds(out, "jitter_ms", (int64_t)stats_jitter_ns(stats));
    add_milliseconds(out, "p50_ms", stats_quantile(stats, 50));
    add_milliseconds(out, "p95_ms", stats_quantile(stats, 95));
    add_milliseconds(out, "p99_ms", stats_quantile(stats, 99));
}

void report_json_summary(struct buffer *out, const struct report *report,
                         const struct series *series, int64_t now_ns)
{
    const struct stats *stats = series->stats;
    if (series->last.endpoint.target->kind == TARGET_INVALID)
        return;
    buffer_add_text(out, "{\"summary\":{");
    add_time(out, now_ns + report->wall_offset_ns);
    add_endpoint(out, &series->last.endpoint);
    bool expects_down = result_expects_down(&series->last, report->expects_down);
    add_string(out, "expected", state_name(expects_down ? STATE_DOWN : STATE_UP));
    add_number(out, "sent", (int64_t)stats->sent, 0);
    add_number(out, "up", (int64_t)stats->states[STATE_UP], 0);
    add_number(out, "down", (int64_t)stats->states[STATE_DOWN], 0);
    add_number(out, "errors", (int64_t)stats->states[STATE_ERROR], 0);
    add_percent(out, "loss_percent", stats_loss(stats));
    add_latencies(out, stats);
    add_milliseconds(out, "longest_outage_ms", stats_longest_outage_ns(stats, now_ns));
    add_milliseconds(out, "up_ms", stats_time_ns(stats, STATE_UP, now_ns));
    add_milliseconds(out, "down_ms", stats_time_ns(stats, STATE_DOWN, now_ns));
    add_milliseconds(out, "error_ms", stats_time_ns(stats, STATE_ERROR, now_ns));
    buffer_add_text(out, "}}\n");
}
