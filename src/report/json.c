/*
 * json: a row or a series as one object on a line of its own.
 */
#include "netcheck/report/report.h"

#include <inttypes.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/escape.h"
#include "netcheck/report/fields.h"
#include "netcheck/report/wording.h"

static void add_time(struct buffer *out, int64_t wall_ns)
{
    buffer_add_text(out, "\"");
    wording_time(out, wall_ns, 6);
    buffer_add_text(out, "\"");
}

/* {"version":"1.2","not_after":"2026-12-29T14:47:06Z"} */
static void add_tls(struct buffer *out, const struct reply *reply)
{
    buffer_add_text(out, "{\"version\":");
    if (reply->tls_version[0] != '\0')
        escape_json(out, reply->tls_version, strlen(reply->tls_version));
    else
        buffer_add_text(out, "null");
    buffer_add_text(out, ",\"not_after\":");
    if (reply->tls_not_after_s != INT64_MAX) {
        buffer_add_text(out, "\"");
        wording_second(out, reply->tls_not_after_s);
        buffer_add_text(out, "\"}");
    } else {
        buffer_add_text(out, "null}");
    }
}

/* {"site":"paris"} */
static void add_labels(struct buffer *out, const struct label *labels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffer_add_format(out, "%c\"%s\":", i == 0 ? '{' : ',', labels[i].key);
        escape_json(out, labels[i].value, strlen(labels[i].value));
    }
    buffer_add_text(out, "}");
}

static void add_value(struct buffer *out, enum field_type type, const struct field_value *value)
{
    if (!value->is_known) {
        buffer_add_text(out, "null");
        return;
    }
    switch (type) {
    case FIELD_TEXT:
        escape_json(out, value->text, value->len);
        break;
    case FIELD_TIME:
        add_time(out, value->number);
        break;
    case FIELD_DURATION:
        wording_exact_milliseconds(out, value->number);
        break;
    case FIELD_COUNT:
        buffer_add_format(out, "%" PRId64, value->number);
        break;
    case FIELD_BOOLEAN:
        buffer_add_text(out, value->number != 0 ? "true" : "false");
        break;
    case FIELD_PERCENT:
        buffer_add_decimal(out, value->percent, 3, 0);
        break;
    case FIELD_ICMP:
        buffer_add_format(out, "{\"type\":%u,\"code\":%u}", value->icmp->type,
                          value->icmp->code);
        break;
    case FIELD_TLS:
        add_tls(out, value->tls);
        break;
    case FIELD_LABELS:
        add_labels(out, value->labels, value->len);
        break;
    }
}

/* The members of an object. The record is released. */
static void add_record(struct buffer *out, struct record *record, unsigned lines)
{
    const char *before = "\"";
    for (const struct field *field = fields_next(NULL, lines); field != NULL;
         field = fields_next(field, lines)) {
        struct field_value value = field_get(field, record);
        buffer_add_text(out, before);
        buffer_add_text(out, field->name);
        buffer_add_text(out, "\":");
        add_value(out, field->type, &value);
        before = ",\"";
    }
    out->has_failed |= record->scratch.has_failed;
    record_release(record);
}

static void add_row(struct buffer *out, const struct report *report,
                    const struct result *result)
{
    struct record record = record_of_row(report, result);
    unsigned lines = fields_of_rows(report);
    /* A target that was never asked before the run's time was over is of no round. */
    if (result->round == 0)
        lines &= ~(unsigned)FIELD_IN_ROUNDS;
    buffer_add_text(out, "{");
    add_record(out, &record, lines);
    buffer_add_text(out, "}\n");
}

static void add_summary(struct buffer *out, const struct report *report,
                        const struct series *series, int64_t now_ns)
{
    if (series->last.endpoint.target->kind == TARGET_INVALID)
        return;
    struct record record = record_of_series(report, series, now_ns);
    buffer_add_text(out, "{\"summary\":{");
    add_record(out, &record, fields_of_summaries());
    buffer_add_text(out, "}}\n");
}

const struct report_format report_json = {
    .name = "json", .row = add_row, .summary = add_summary, .is_summary_a_row = true};
