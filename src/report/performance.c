#include "performance.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/report/wording.h"

enum { DATA_MAX = 256 * 1024 };

static void add_limit(struct buffer *out, int64_t limit_ns)
{
    buffer_add_text(out, ";");
    if (limit_ns <= 0)
        return;
    wording_seconds(out, limit_ns, 9);
    wording_trim(out);
}

/* "=0.000812s;0.1;0.5;0;2": a time that there is none of is U, so that no label vanishes. */
static void add_time(struct buffer *out, const struct report *report,
                     const struct result *result)
{
    bool is_up = outcome_state(&result->outcome) == STATE_UP;
    int64_t latency_ns = is_up ? result_latency_ns(result) : -1;
    buffer_add_text(out, "=");
    if (latency_ns >= 0)
        wording_seconds(out, latency_ns, 6);
    buffer_add_text(out, latency_ns >= 0 ? "s" : "U");
    add_limit(out, report->limits.warn_ns);
    add_limit(out, report->limits.crit_ns);
    buffer_add_text(out, ";0");
    add_limit(out, report->limits.most_ns);
}

/* The answer of what is expected down has no time to be watched, and a bad line has none. */
static bool has_data(const struct report *report, const struct result *result)
{
    return result->endpoint.target->kind != TARGET_INVALID &&
           !result_expects_down(result, report->expects_down);
}

/* A label as it stands between quotes: no reader takes a quote or '=' in it the same way. */
static void add_label(struct buffer *out, const struct report *report,
                      const struct result *result)
{
    size_t start = out->len;
    wording_row_label(out, &result->endpoint, report->is_by_address);
    for (size_t i = start; i < out->len; i++)
        if (strchr("=';|", out->bytes[i]) != NULL)
            out->bytes[i] = '_';
}

/* A label, and which one of its kind it is. */
struct data_label {
    size_t at; /* in the labels, where it is terminated */
    size_t row;
    size_t number; /* from 1 */
    const char *text;
};

static int compare_labels(const void *a, const void *b)
{
    const struct data_label *x = a;
    const struct data_label *y = b;
    int order = strcmp(x->text, y->text);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

static int compare_rows(const void *a, const void *b)
{
    const struct data_label *x = a;
    const struct data_label *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

/* A target that was written twice has two rows, and the second one " #2" behind its label. */
static void number_labels(struct data_label *labels, size_t count, const char *texts)
{
    for (size_t i = 0; i < count; i++)
        labels[i].text = texts + labels[i].at;
    qsort(labels, count, sizeof *labels, compare_labels);
    for (size_t i = 0; i < count; i++) {
        bool is_again = i > 0 && strcmp(labels[i - 1].text, labels[i].text) == 0;
        labels[i].number = is_again ? labels[i - 1].number + 1 : 1;
    }
    qsort(labels, count, sizeof *labels, compare_rows);
}

/* Labels of as many rows as may have room. Returns how many. */
static size_t collect_labels(const struct document *document, struct data_label *labels,
                             struct buffer *texts)
{
    size_t count = 0;
    for (size_t i = 0; i < document->count && texts->len < DATA_MAX; i++) {
        if (!has_data(document->report, document->rows[i].result))
            continue;
        labels[count++] = (struct data_label){.at = texts->len, .row = i};
        add_label(texts, document->report, document->rows[i].result);
        buffer_add(texts, "", 1);
    }
    return count;
}

/* Returns how many had room. */
static size_t add_times(struct buffer *out, const struct document *document,
                        const struct data_label *labels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t start = out->len;
        buffer_add_format(out, " '%s", labels[i].text);
        if (labels[i].number > 1)
            buffer_add_format(out, " #%zu", labels[i].number);
        buffer_add_text(out, "'");
        add_time(out, document->report, document->rows[labels[i].row].result);
        if (out->len > DATA_MAX) {
            out->len = start;
            return i;
        }
    }
    return count;
}

/* " 'db:5432'=0.000812s;0.1;0.5;0;2 ..." Returns of how many rows. */
static size_t add_labelled(struct buffer *out, const struct document *document)
{
    struct buffer texts = BUFFER_EMPTY;
    struct data_label *labels = malloc((document->count + 1) * sizeof *labels);
    size_t count = labels != NULL ? collect_labels(document, labels, &texts) : 0;
    out->has_failed |= labels == NULL || texts.has_failed;
    if (count > 0 && !texts.has_failed) {
        number_labels(labels, count, texts.bytes);
        count = add_times(out, document, labels, count);
    }
    buffer_release(&texts);
    free(labels);
    return count;
}

static size_t count_rows(const struct document *document)
{
    size_t count = 0;
    for (size_t i = 0; i < document->count; i++)
        count += has_data(document->report, document->rows[i].result);
    return count;
}

size_t performance_add(struct buffer *out, const struct document *document, bool is_single)
{
    const struct report *report = document->report;
    if (document->count == 0)
        return 0;
    if (!is_single) {
        buffer_add_format(out, " unexpected=%" PRIu64 ";;%s;0;%zu", document->tally.unexpected,
                          report->is_any ? "" : "0", document->count);
        return count_rows(document) - add_labelled(out, document);
    }
    if (has_data(report, document->rows[0].result)) {
        buffer_add_text(out, " time");
        add_time(out, report, document->rows[0].result);
    }
    return 0;
}
