/*
 * json: a row or a series as one object on a line of its own.
 */
#include "netcheck/report/report.h"

#include "netcheck/base/escape.h"
#include "netcheck/report/field_parts.h"

/* Of no parts. */
static void add_plain(struct buffer *out, enum field_type type, const struct field_value *value)
{
    bool is_time = type == FIELD_TIME || type == FIELD_SECOND;
    if (!value->is_known) {
        buffer_add_text(out, "null");
    } else if (type == FIELD_TEXT) {
        escape_json(out, value->text, value->len);
    } else {
        buffer_add_text(out, is_time ? "\"" : "");
        field_write(out, type, value);
        buffer_add_text(out, is_time ? "\"" : "");
    }
}

/* {"version":"1.2","not_after":"2026-12-29T14:47:06Z"} */
static void add_value(struct buffer *out, const struct report *report,
                      const struct field *field, const struct field_value *value)
{
    struct field_part part;
    if (!value->is_known || !field_part(field, report, value, 0, &part)) {
        add_plain(out, field->type, value);
        return;
    }
    for (size_t i = 0; field_part(field, report, value, i, &part); i++) {
        buffer_add_text(out, i == 0 ? "{\"" : ",\"");
        buffer_add_text(out, part.name);
        buffer_add_text(out, "\":");
        add_plain(out, part.type, &part.value);
    }
    buffer_add_text(out, "}");
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
        add_value(out, record->report, field, &value);
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

const struct report_format report_json = {.name = "json",
                                          .endings = {".json", ".jsonl", ".ndjson"},
                                          .row = add_row,
                                          .summary = add_summary,
                                          .is_summary_a_row = true};
