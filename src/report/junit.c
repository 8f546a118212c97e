/*
 * junit: a run as a suite of tests, one a row, in the XML that continuous integration reads.
 *
 * This format has no owner. What is written is valid by the two schemas that are published, of
 * Ant and of Jenkins: hence the empty elements, a host that is not named, and a time without
 * its zone. Readers tell tests apart by class and name, so no two have the same.
 */
#include "netcheck/report/report.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/escape.h"
#include "netcheck/base/siphash.h"
#include "netcheck/report/detail.h"
#include "netcheck/report/document.h"
#include "netcheck/report/wording.h"

/* A row by its name, as long as equal ones are looked for. */
struct name {
    uint64_t hash;
    size_t row;
};

struct writer {
    struct buffer *out;
    struct report report; /* of rows in text: plain ones */
    struct buffer scratch;
};

/* What is in the scratch buffer, which is empty then. */
static void add_scratch(struct writer *writer)
{
    escape_markup(writer->out, writer->scratch.bytes, writer->scratch.len);
    writer->scratch.len = 0;
}

static int compare_names(const void *left, const void *right)
{
    const struct name *a = left;
    const struct name *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

/* Row by row, how many rows before it have the same name. False: no memory. */
static bool count_namesakes(struct writer *writer, const struct document *document,
                            size_t *namesakes)
{
    static const struct siphash_key key = {{0, 0}};
    struct name *names = malloc((document->count + 1) * sizeof *names);
    if (names == NULL)
        return false;
    for (size_t i = 0; i < document->count; i++) {
        wording_row_label(&writer->scratch, &document->rows[i].result->endpoint,
                          document->report->is_by_address);
        names[i].hash =
            siphash(&key, (unsigned char *)writer->scratch.bytes, writer->scratch.len);
        names[i].row = i;
        writer->scratch.len = 0;
    }
    qsort(names, document->count, sizeof *names, compare_names);
    for (size_t i = 0, first = 0; i < document->count; i++) {
        if (names[i].hash != names[first].hash)
            first = i;
        namesakes[names[i].row] = i - first;
    }
    free(names);
    return true;
}

/* "timeout: no answer to 2 SYNs in 2 s"; "connected (expected down)" */
static void add_message(struct writer *writer, const struct result *result)
{
    struct buffer *scratch = &writer->scratch;
    buffer_add_text(scratch, reason_name(result->outcome.reason));
    size_t before = scratch->len;
    buffer_add_text(scratch, ": ");
    size_t start = scratch->len;
    detail_describe(scratch, &writer->report, result);
    if (scratch->len == start)
        scratch->len = before;
    if (outcome_state(&result->outcome) == STATE_UP)
        buffer_add_text(scratch, " (expected down)");
    add_scratch(writer);
}

/* GitLab shows the text of the element, Jenkins its message, too. */
static void add_failure(struct writer *writer, const struct result *result)
{
    bool is_error = outcome_state(&result->outcome) == STATE_ERROR;
    const char *element = is_error ? "error" : "failure";
    buffer_add_format(writer->out, "<%s type=\"%s\" message=\"", element,
                      reason_name(result->outcome.reason));
    add_message(writer, result);
    buffer_add_text(writer->out, "\">");
    report_text.row(&writer->scratch, &writer->report, result);
    if (writer->scratch.len > 0)
        writer->scratch.len--; /* its line end */
    add_scratch(writer);
    buffer_add_format(writer->out, "</%s>", element);
}

/* Its own time where there is one, else how long it took to see that there is none. */
static int64_t time_of(const struct result *result)
{
    int64_t latency_ns = result_latency_ns(result);
    return latency_ns >= 0 ? latency_ns : result->finished_ns - result->asked_ns;
}

/* The name of the row, and which one of its kind it is. A bad line that ends like a number
   always has one, so that it is not taken for another line with its number. */
static void add_unique_name(struct writer *writer, const struct result *result,
                            size_t namesakes)
{
    struct buffer *scratch = &writer->scratch;
    wording_row_label(scratch, &result->endpoint, writer->report.is_by_address);
    bool is_numbered = scratch->len > 0 && scratch->bytes[scratch->len - 1] == ')';
    add_scratch(writer);
    if (namesakes > 0 || is_numbered)
        buffer_add_format(writer->out, " (%zu)", namesakes + 1);
}

static void add_case(struct writer *writer, const struct result *result, size_t namesakes)
{
    struct buffer *out = writer->out;
    const char *protocol = protocols_name(result->endpoint.protocol);
    buffer_add_format(out, "<testcase classname=\"netcheck%s%s\" name=\"",
                      protocol != NULL ? "." : "", protocol != NULL ? protocol : "");
    add_unique_name(writer, result, namesakes);
    buffer_add_text(out, "\" time=\"");
    wording_seconds(out, time_of(result), 6);
    if (result_is_expected(result, writer->report.expects_down)) {
        buffer_add_text(out, "\"/>\n");
        return;
    }
    buffer_add_text(out, "\">");
    add_failure(writer, result);
    buffer_add_text(out, "</testcase>\n");
}

static void add_labels(struct writer *writer)
{
    struct buffer *out = writer->out;
    const struct report *report = &writer->report;
    buffer_add_text(out, "<properties>\n");
    for (size_t i = 0; i < report->label_count; i++) {
        const char *value = report->labels[i].value;
        buffer_add_format(out, "<property name=\"%s\" value=\"", report->labels[i].key);
        escape_readable(&writer->scratch, value, strlen(value));
        add_scratch(writer);
        buffer_add_text(out, "\"/>\n");
    }
    buffer_add_text(out, "</properties>\n");
}

/* Of the rows that are shown, as readers count them. */
static void add_suite(struct writer *writer, const struct document *document)
{
    struct buffer *out = writer->out;
    struct tally tally = {.expects_down = writer->report.expects_down};
    for (size_t i = 0; i < document->count; i++)
        tally_add(&tally, document->rows[i].result);
    unsigned long long errors = tally.states[STATE_ERROR];
    buffer_add_format(out,
                      "<testsuite name=\"netcheck\" package=\"netcheck\" id=\"0\" "
                      "hostname=\"localhost\" tests=\"%zu\" failures=\"%llu\" "
                      "errors=\"%llu\" timestamp=\"",
                      document->count, tally.unexpected - errors, errors);
    wording_second(out, document->began_wall_ns / NS_PER_S);
    if (out->len > 0)
        out->len--; /* the Z */
    buffer_add_text(out, "\" time=\"");
    int64_t lasted_ns = document->ended_wall_ns - document->began_wall_ns;
    wording_seconds(out, lasted_ns > 0 ? lasted_ns : 0, 6);
    buffer_add_text(out, "\">\n");
}

static struct report plain_report(const struct report *report)
{
    struct report plain = *report;
    plain.is_coloured = plain.is_dated = false;
    plain.columns = NULL;
    return plain;
}

static void add_document(struct buffer *out, const struct document *document)
{
    struct writer writer = {.out = out, .report = plain_report(document->report)};
    size_t *namesakes = malloc((document->count + 1) * sizeof *namesakes);
    if (namesakes == NULL || !count_namesakes(&writer, document, namesakes)) {
        out->has_failed = true;
        free(namesakes);
        return;
    }
    buffer_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    add_suite(&writer, document);
    add_labels(&writer);
    for (size_t i = 0; i < document->count; i++)
        add_case(&writer, document->rows[i].result, namesakes[i]);
    buffer_add_text(out, "<system-out/>\n<system-err/>\n</testsuite>\n</testsuites>\n");
    out->has_failed |= writer.scratch.has_failed;
    buffer_release(&writer.scratch);
    free(namesakes);
}

const struct report_format report_junit = {
    .name = "junit", .endings = {".xml"}, .document = add_document};
