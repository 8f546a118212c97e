/*
 * prometheus: a document of metrics, as node_exporter's textfile collector reads it.
 *
 * A metric's lines stand together, so each is written for all rows before the next one. Its
 * HELP never changes: two files that have another one for a metric break each other. A series
 * is there once: a second one, of a target that was written twice, would be dropped unseen.
 * Source: Prometheus' text format 0.0.4.
 */
#include "netcheck/report/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/escape.h"
#include "netcheck/report/detail.h"
#include "netcheck/report/document.h"
#include "netcheck/report/wording.h"

#define UNKNOWN INT64_MIN /* in the place of a value: there is no such line */

/* What a line is about. */
struct subject {
    const char *labels; /* target="db:22",protocol="tcp" */
    size_t len;
    const struct document_row *row;
    int badness;      /* of two of one target, the greater one is written */
    bool is_left_out; /* it is the other one */
    bool is_repeated; /* another one was left out for it */
};

/* All that goes into lines. */
struct metrics {
    const struct document *document;
    struct buffer labels; /* of all subjects, one behind the other */
    struct buffer common; /* of --label, each behind a comma: ,site="paris" */
    struct subject *subjects;
    size_t count;
};

struct metric {
    const char *name; /* behind "netcheck_" */
    const char *help;
    bool is_duration; /* the value is nanoseconds, written as seconds; else it is a number */
    bool has_reason;  /* its labels have state and reason */
    int64_t (*get)(const struct report *report, const struct document_row *row);
};

/* Values */

static int64_t get_up(const struct report *report, const struct document_row *row)
{
    (void)report;
    return outcome_state(&row->result->outcome) == STATE_UP;
}

static int64_t get_as_expected(const struct report *report, const struct document_row *row)
{
    return result_is_expected(row->result, report->expects_down);
}

static int64_t get_one(const struct report *report, const struct document_row *row)
{
    (void)report;
    (void)row;
    return 1;
}

static int64_t known(int64_t value)
{
    return value >= 0 ? value : UNKNOWN;
}

static int64_t get_connect(const struct report *report, const struct document_row *row)
{
    (void)report;
    return known(row->result->connect_ns);
}

static int64_t get_resolve(const struct report *report, const struct document_row *row)
{
    (void)report;
    return known(row->result->resolve_ns);
}

static int64_t get_reply(const struct report *report, const struct document_row *row)
{
    (void)report;
    return known(row->result->reply_ns);
}

static int64_t get_retransmits(const struct report *report, const struct document_row *row)
{
    (void)report;
    return known(row->result->syn_retransmits);
}

static int64_t get_certificate_end(const struct report *report, const struct document_row *row)
{
    (void)report;
    const struct reply *reply = row->result->measures.reply;
    bool is_shown = reply != NULL && detail_is_answer(row->result->outcome.reason) &&
                    reply->tls_not_after_s != INT64_MAX;
    return is_shown ? reply->tls_not_after_s : UNKNOWN;
}

/* Of the state that the row has, be it still to be confirmed. */
static int64_t get_since(const struct report *report, const struct document_row *row)
{
    (void)report;
    const struct remembered *remembered = row->remembered;
    enum state state = outcome_state(&row->result->outcome);
    if (remembered == NULL)
        return UNKNOWN;
    if (remembered->state == state)
        return remembered->since_s;
    return remembered->next_count > 0 && remembered->next == state ? remembered->first_s
                                                                   : UNKNOWN;
}

static const struct metric metrics_of_rows[] = {
    {"up", "Whether the target answered: 1 up, 0 down or error.", false, false, get_up},
    {"as_expected", "Whether the state is the expected one: 1 yes, 0 no.", false, false,
     get_as_expected},
    {"reason", "Why the target is in its state; always 1, the label reason says it.", false,
     true, get_one},
    {"connect_seconds",
     "Time from connecting to the answer, whatever it was; none without one.", true, false,
     get_connect},
    {"resolve_seconds", "Time that the name took; none without an answer, and for addresses.",
     true, false, get_resolve},
    {"reply_seconds", "Time from the question to its answer; none without one.", true, false,
     get_reply},
    {"syn_retransmits", "How often the SYN was sent again in the last attempt.", false, false,
     get_retransmits},
    {"tls_not_after_timestamp_seconds",
     "When the certificate ends, in seconds since 1970; it was not verified.", false, false,
     get_certificate_end},
    {"since_timestamp_seconds", "Since when the state lasts, in seconds since 1970.", false,
     false, get_since},
};

/* Subjects */

/* What needs attention first: not as expected, then what is known to be down. */
static int badness_of(const struct report *report, const struct result *result)
{
    static const int of_states[STATE_COUNT] = {[STATE_ERROR] = 1, [STATE_DOWN] = 2};
    return of_states[outcome_state(&result->outcome)] +
           (result_is_expected(result, report->expects_down) ? 0 : STATE_COUNT);
}

/* key="value" */
static void add_label(struct buffer *out, const char *key, const char *value, size_t len)
{
    buffer_add_text(out, key);
    buffer_add_text(out, "=\"");
    escape_prometheus(out, value, len);
    buffer_add_text(out, "\"");
}

/* An address only with -A: elsewhere each change in DNS would make another series. */
static void add_subject(struct metrics *metrics, const struct document_row *row,
                        struct buffer *scratch)
{
    const struct report *report = metrics->document->report;
    const struct endpoint *endpoint = &row->result->endpoint;
    struct buffer *out = &metrics->labels;
    size_t before = out->len;
    scratch->len = 0;
    endpoint_label(scratch, endpoint);
    add_label(out, "target", scratch->bytes, scratch->len);
    const char *protocol = protocols_name(endpoint->protocol);
    add_label(out, ",protocol", protocol, strlen(protocol));
    if (report->is_by_address && address_family(&endpoint->address) != AF_UNSPEC) {
        char address[ADDRESS_TEXT_SIZE];
        address_format(&endpoint->address, address);
        add_label(out, ",address", address, strlen(address));
    }
    metrics->subjects[metrics->count++] = (struct subject){
        .len = out->len - before, .row = row, .badness = badness_of(report, row->result)};
}

/* An invalid line names nothing that could be asked again: it is only counted. */
static void add_subjects(struct metrics *metrics)
{
    const struct document *document = metrics->document;
    struct buffer scratch = BUFFER_EMPTY;
    for (size_t i = 0; i < document->count; i++)
        if (document->rows[i].result->outcome.reason != REASON_INVALID)
            add_subject(metrics, &document->rows[i], &scratch);
    metrics->labels.has_failed |= scratch.has_failed;
    buffer_release(&scratch);
    const char *labels = metrics->labels.bytes;
    for (size_t i = 0; i < metrics->count && !metrics->labels.has_failed; i++) {
        metrics->subjects[i].labels = labels;
        labels += metrics->subjects[i].len;
    }
}

static int compare_labels(const struct subject *a, const struct subject *b)
{
    int order = memcmp(a->labels, b->labels, a->len < b->len ? a->len : b->len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/* By labels, the worst one first, and of equal ones the one that was written first. */
static int compare(const void *a, const void *b)
{
    const struct subject *first = *(const struct subject *const *)a;
    const struct subject *second = *(const struct subject *const *)b;
    int order = compare_labels(first, second);
    if (order == 0)
        order = (first->badness < second->badness) - (first->badness > second->badness);
    return order != 0 ? order : (first > second) - (first < second);
}

/* Leave out all but the worst one of each target. False: no memory. */
static bool leave_out_repeated(struct metrics *metrics)
{
    const size_t pointer_size = sizeof(void *); /* as of all pointers to structs */
    struct subject **sorted = malloc((metrics->count + 1) * pointer_size);
    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < metrics->count; i++)
        sorted[i] = &metrics->subjects[i];
    qsort(sorted, metrics->count, pointer_size, compare);
    struct subject *worst = NULL;
    for (size_t i = 0; i < metrics->count; i++) {
        sorted[i]->is_left_out = worst != NULL && compare_labels(worst, sorted[i]) == 0;
        if (sorted[i]->is_left_out)
            worst->is_repeated = true;
        else
            worst = sorted[i];
    }
    free(sorted);
    return true;
}

/* "target 'db:22' is there more than once: prometheus has its worst row alone, as of 2 more" */
static void tell_repeated(struct buffer *note, const struct metrics *metrics)
{
    const struct subject *first = NULL;
    size_t others = 0;
    for (size_t i = 0; i < metrics->count; i++) {
        if (!metrics->subjects[i].is_repeated)
            continue;
        others += first != NULL;
        first = first != NULL ? first : &metrics->subjects[i];
    }
    if (first == NULL)
        return;
    buffer_add_text(note, "target '");
    wording_label(note, &first->row->result->endpoint);
    buffer_add_text(note, "' is there more than once: prometheus has its worst row alone");
    if (others > 0)
        buffer_add_format(note, ", as of %zu more", others);
}

/* Lines */

static void add_head(struct buffer *out, const char *name, const char *help)
{
    buffer_add_format(out, "# HELP netcheck_%s %s\n# TYPE netcheck_%s gauge\n", name, help,
                      name);
}

static void add_line(struct buffer *out, const struct metrics *metrics,
                     const struct metric *metric, const struct subject *subject, int64_t value)
{
    const struct outcome *outcome = &subject->row->result->outcome;
    buffer_add_text(out, "netcheck_");
    buffer_add_text(out, metric->name);
    buffer_add_text(out, "{");
    buffer_add(out, subject->labels, subject->len);
    if (metric->has_reason)
        buffer_add_format(out, ",state=\"%s\",reason=\"%s\"",
                          state_name(outcome_state(outcome)), reason_name(outcome->reason));
    buffer_add(out, metrics->common.bytes, metrics->common.len);
    buffer_add_text(out, "} ");
    if (metric->is_duration)
        wording_seconds(out, value, 6);
    else
        buffer_add_format(out, "%" PRId64, value);
    buffer_add_text(out, "\n");
}

/* A metric without a line is left out whole. */
static void add_metric(struct buffer *out, const struct metrics *metrics,
                       const struct metric *metric)
{
    bool has_line = false;
    for (size_t i = 0; i < metrics->count; i++) {
        const struct subject *subject = &metrics->subjects[i];
        int64_t value = metric->get(metrics->document->report, subject->row);
        if (value == UNKNOWN || subject->is_left_out)
            continue;
        if (!has_line)
            add_head(out, metric->name, metric->help);
        has_line = true;
        add_line(out, metrics, metric, subject, value);
    }
}

/* The braces too, of a metric of the run: "" or {site="paris"} */
static void add_common(struct buffer *out, const struct metrics *metrics)
{
    if (metrics->common.len == 0)
        return;
    buffer_add_text(out, "{");
    buffer_add(out, metrics->common.bytes + 1, metrics->common.len - 1);
    buffer_add_text(out, "}");
}

static void add_run_time(struct buffer *out, const struct metrics *metrics, const char *name,
                         const char *help, int64_t time_ns)
{
    add_head(out, name, help);
    buffer_add_format(out, "netcheck_%s", name);
    add_common(out, metrics);
    buffer_add_text(out, " ");
    wording_seconds(out, time_ns > 0 ? time_ns : 0, 3);
    buffer_add_text(out, "\n");
}

static void add_run(struct buffer *out, const struct metrics *metrics)
{
    const struct document *document = metrics->document;
    add_run_time(out, metrics, "last_run_timestamp_seconds",
                 "When the last run ended, in seconds since 1970.", document->ended_wall_ns);
    add_run_time(out, metrics, "last_run_duration_seconds", "How long the last run took.",
                 document->ended_wall_ns - document->began_wall_ns);
    add_head(out, "last_run_targets",
             "How many rows of the last run have each state; invalid lines are errors.");
    for (enum state state = 0; state < STATE_COUNT; state++) {
        buffer_add_format(out, "netcheck_last_run_targets{state=\"%s\"", state_name(state));
        buffer_add(out, metrics->common.bytes, metrics->common.len);
        buffer_add_format(out, "} %" PRIu64 "\n", document->tally.states[state]);
    }
}

static void write_document(struct buffer *out, const struct document *document)
{
    const struct report *report = document->report;
    struct metrics metrics = {.document = document};
    metrics.subjects = malloc((document->count + 1) * sizeof *metrics.subjects);
    bool has_memory = metrics.subjects != NULL;
    if (has_memory)
        add_subjects(&metrics);
    for (size_t i = 0; i < report->label_count; i++) {
        buffer_add_text(&metrics.common, ",");
        add_label(&metrics.common, report->labels[i].key, report->labels[i].value,
                  strlen(report->labels[i].value));
    }
    has_memory = has_memory && !metrics.labels.has_failed && !metrics.common.has_failed &&
                 leave_out_repeated(&metrics);
    if (has_memory) {
        for (size_t i = 0; i < ARRAY_LEN(metrics_of_rows); i++)
            add_metric(out, &metrics, &metrics_of_rows[i]);
        add_run(out, &metrics);
    }
    if (has_memory && document->note != NULL)
        tell_repeated(document->note, &metrics);
    out->has_failed |= !has_memory;
    buffer_release(&metrics.labels);
    buffer_release(&metrics.common);
    free(metrics.subjects);
}

const struct report_format report_prometheus = {
    .name = "prometheus", .endings = {".prom"}, .document = write_document};
