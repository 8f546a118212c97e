#include "netcheck/report/nagios.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/escape.h"
#include "netcheck/base/utf8.h"
#include "netcheck/report/detail.h"
#include "netcheck/report/document.h"
#include "netcheck/report/report.h"
#include "netcheck/report/verdict.h"
#include "netcheck/report/wording.h"
#include "performance.h"

enum {
    TEXT_WIDTH = 80,         /* of the first line, about */
    TEXT_MAX = 160,          /* of one row in it: detail may be long */
    LABEL_MAX = 48,          /* of a bad line in it */
    OUTPUT_MAX = 512 * 1024, /* the interface draft of the Monitoring Plugins allows no more */
    LAST_WORDS = 128,        /* room for how many rows are left out */
    STATUS_COUNT = 4,
};

static const char *const status_names[STATUS_COUNT] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

/* In which order rows are told, and which of them decides. */
static const enum plugin_status by_weight[STATUS_COUNT] = {PLUGIN_CRITICAL, PLUGIN_UNKNOWN,
                                                           PLUGIN_WARNING, PLUGIN_OK};
static const enum plugin_status by_merit[STATUS_COUNT] = {PLUGIN_OK, PLUGIN_WARNING,
                                                          PLUGIN_CRITICAL, PLUGIN_UNKNOWN};

static bool is_up(const struct result *result)
{
    return outcome_state(&result->outcome) == STATE_UP;
}

/* The limit that the row's time is over; 0 for none. The time is what is written of it, whole
   microseconds: readers judge by that, too. */
static int64_t passed_ns(const struct report *report, const struct result *result)
{
    const struct time_limits *limits = &report->limits;
    int64_t latency_ns = result_latency_ns(result) / NS_PER_US * NS_PER_US;
    if (!is_up(result) || result_expects_down(result, report->expects_down))
        return 0;
    if (limits->crit_ns > 0 && latency_ns > limits->crit_ns)
        return limits->crit_ns;
    return limits->warn_ns > 0 && latency_ns > limits->warn_ns ? limits->warn_ns : 0;
}

static enum plugin_status judge(const struct report *report, const struct result *result)
{
    enum reason reason = result->outcome.reason;
    if (reason == REASON_INVALID || reason == REASON_LOCAL)
        return PLUGIN_UNKNOWN;
    int64_t limit_ns = passed_ns(report, result);
    if (!result_is_expected(result, report->expects_down) ||
        (limit_ns > 0 && limit_ns == report->limits.crit_ns))
        return PLUGIN_CRITICAL;
    return limit_ns > 0 ? PLUGIN_WARNING : PLUGIN_OK;
}

static void count_rows(const struct document *document, size_t counts[STATUS_COUNT])
{
    memset(counts, 0, STATUS_COUNT * sizeof *counts);
    for (size_t i = 0; i < document->count; i++)
        counts[judge(document->report, document->rows[i].result)]++;
}

static enum plugin_status worst_of(const size_t counts[STATUS_COUNT])
{
    for (size_t i = 0; i < STATUS_COUNT; i++)
        if (counts[by_weight[i]] > 0)
            return by_weight[i];
    return PLUGIN_UNKNOWN; /* nothing was asked */
}

/* With --any. A gate is none of the targets, of which one has to be well: it counts alone. */
static enum plugin_status best_of(const struct document *document)
{
    size_t targets[STATUS_COUNT] = {0};
    size_t gates[STATUS_COUNT] = {0};
    for (size_t i = 0; i < document->count; i++) {
        const struct result *result = document->rows[i].result;
        bool is_gate = result->endpoint.target->is_gate;
        (is_gate ? gates : targets)[judge(document->report, result)]++;
    }
    for (size_t i = 0; i < STATUS_COUNT; i++)
        if (targets[by_merit[i]] > 0)
            return by_merit[i];
    return worst_of(gates);
}

/* Rows may be as expected and the run not: a wait that took too long to see it often enough. */
static enum plugin_status status_of(const struct document *document,
                                    const size_t counts[STATUS_COUNT])
{
    enum plugin_status status = document->report->is_any ? best_of(document) : worst_of(counts);
    if (status == PLUGIN_CRITICAL)
        return status;
    if (document->status == STATUS_UNEXPECTED)
        return PLUGIN_CRITICAL;
    bool has_failed = document->failure != NULL || document->status == STATUS_ERROR;
    return has_failed ? PLUGIN_UNKNOWN : status;
}

/* Of these rows, the thresholds, and what failed: PLUGIN_. Critical outweighs unknown, and that
   a warning; with --any the best row counts. */
static int exit_status(const struct document *document)
{
    size_t counts[STATUS_COUNT];
    count_rows(document, counts);
    return (int)status_of(document, counts);
}

/* What stands for a byte in a first line; 0: nothing does. */
static char harmless(char c)
{
    static const char from[] = ";|<>&~`$'\"";
    static const char to[] = ",/()+-\0\0\0\0";
    const char *at = c != '\0' ? strchr(from, c) : NULL;
    if (at != NULL)
        return to[at - from];
    bool is_control = (unsigned char)c < 0x20 || c == 0x7f;
    if (is_control)
        return ' ';
    return c;
}

size_t nagios_clean(char *bytes, size_t len)
{
    size_t kept = 0;
    for (size_t i = 0; i < len; i++) {
        char c = harmless(bytes[i]);
        if (c != '\0')
            bytes[kept++] = c;
    }
    return kept;
}

/* One target, today and tomorrow: its graph is that of check_tcp. Where something failed it may
   be the first one of many, and behind a gate there are others. */
static bool is_single(const struct document *document)
{
    return document->count == 1 && !document->report->is_by_address &&
           document->failure == NULL && !document->rows[0].result->endpoint.target->is_gate;
}

/* "db:5432", or the beginning of a bad line. */
static void add_subject(struct buffer *out, const struct result *result)
{
    size_t start = out->len;
    wording_label(out, &result->endpoint);
    if (result->endpoint.target->kind != TARGET_INVALID || out->len - start <= LABEL_MAX)
        return;
    out->len = start + utf8_cut(out->bytes + start, out->len - start, LABEL_MAX);
    buffer_add_text(out, "...");
}

/* The time, rounded for people; exact where it would read as the limit that it is over. */
static void add_time(struct buffer *out, const struct report *report,
                     const struct result *result)
{
    int64_t latency_ns = result_latency_ns(result);
    int64_t limit_ns = passed_ns(report, result);
    size_t start = out->len;
    wording_milliseconds(out, latency_ns);
    size_t end = out->len;
    if (limit_ns == 0)
        return;
    wording_milliseconds(out, limit_ns);
    bool is_same = !out->has_failed && out->len - end == end - start &&
                   memcmp(out->bytes + start, out->bytes + end, end - start) == 0;
    out->len = is_same ? start : end;
    if (!is_same)
        return;
    wording_exact_milliseconds(out, latency_ns);
    buffer_add_text(out, " ms");
}

/* "100 ms", "0.25 ms": all digits that were asked for. */
static void add_limit(struct buffer *out, int64_t limit_ns)
{
    buffer_add_format(out, "%" PRId64 ".%06" PRId64, limit_ns / NS_PER_MS,
                      limit_ns % NS_PER_MS);
    wording_trim(out);
    buffer_add_text(out, " ms");
}

/* "up in 0.8 ms"; "refused in 0.2 ms"; "timeout" */
static void add_reason(struct buffer *out, const struct report *report,
                       const struct result *result)
{
    int64_t latency_ns = result_latency_ns(result);
    bool is_timed = is_up(result) || detail_is_plain_refusal(result);
    buffer_add_text(out, is_up(result) ? "up" : reason_name(result->outcome.reason));
    if (is_timed && latency_ns >= 0) {
        buffer_add_text(out, " in ");
        add_time(out, report, result);
    } else if (is_up(result)) {
        buffer_add_text(out, ", time unknown");
    }
}

/* All that there is to say of one target. */
static void describe_row(struct buffer *out, const struct report *report,
                         const struct result *result)
{
    int64_t limit_ns = passed_ns(report, result);
    bool is_expected = result_is_expected(result, report->expects_down);
    add_subject(out, result);
    buffer_add_text(out, " ");
    add_reason(out, report, result);
    if (limit_ns > 0) {
        buffer_add_text(out, ", more than ");
        add_limit(out, limit_ns);
    }
    if (result_expects_down(result, report->expects_down))
        buffer_add_text(out, is_expected ? ", as expected" : ", expected down");
    size_t before = out->len;
    buffer_add_text(out, ": ");
    size_t start = out->len;
    detail_describe(out, report, result);
    if (out->len == start)
        out->len = before;
}

/* "web:8080 refused"; "db:5432 took 120 ms"; "db:23 up" */
static void name_problem(struct buffer *out, const struct report *report,
                         const struct result *result)
{
    add_subject(out, result);
    if (passed_ns(report, result) > 0) {
        buffer_add_text(out, " took ");
        add_time(out, report, result);
        return;
    }
    buffer_add_format(out, " %s", is_up(result) ? "up" : reason_name(result->outcome.reason));
}

/* Problems as long as the line is not full: one in any case. Returns how many. */
static size_t name_problems(struct buffer *out, size_t begin, const struct document *document)
{
    size_t named = 0;
    for (size_t step = 0; step < STATUS_COUNT && by_weight[step] != PLUGIN_OK; step++)
        for (size_t i = 0; i < document->count; i++) {
            const struct result *result = document->rows[i].result;
            if (judge(document->report, result) != by_weight[step])
                continue;
            if (named > 0 && out->len - begin >= TEXT_WIDTH)
                return named;
            buffer_add_text(out, ", ");
            name_problem(out, document->report, result);
            named++;
        }
    return named;
}

/* "2 of 6 as expected, web:8080 refused, silent:22 timeout, 2 more" */
static void describe_rows(struct buffer *out, size_t begin, const struct document *document,
                          const size_t counts[STATUS_COUNT])
{
    uint64_t rows = tally_rows(&document->tally);
    size_t problems = document->count - counts[PLUGIN_OK];
    buffer_add_format(out, "%" PRIu64 " of %" PRIu64 " as expected",
                      rows - document->tally.unexpected, rows);
    size_t named = name_problems(out, begin, document);
    if (named < problems)
        buffer_add_format(out, ", %zu more", problems - named);
}

/* The first word, which tells checks apart: --label name=NEXTCLOUD. */
static void add_title(struct buffer *out, const struct report *report)
{
    for (size_t i = report->label_count; i > 0; i--) {
        const struct label *label = &report->labels[i - 1];
        if (strcmp(label->key, "name") != 0 || label->value[0] == '\0')
            continue;
        escape_readable(out, label->value, strlen(label->value));
        return;
    }
    buffer_add_text(out, "NETCHECK");
}

/* "NETCHECK CRITICAL: ...", without its end, harmless. Returns whether all is in it that there
   is to say of the rows. */
static bool add_text(struct buffer *out, const struct document *document,
                     const size_t counts[STATUS_COUNT])
{
    enum plugin_status status = status_of(document, counts);
    bool is_raised =
        document->failure == NULL && status == PLUGIN_CRITICAL && counts[PLUGIN_CRITICAL] == 0;
    bool is_whole = true;
    size_t begin = out->len;
    add_title(out, document->report);
    buffer_add_format(out, " %s: ", status_names[status]);
    size_t start = out->len;
    if (document->failure != NULL)
        buffer_add_text(out, document->failure);
    else if (document->count == 0)
        buffer_add_text(out, "no targets");
    else if (is_raised)
        buffer_add_text(out, "not as expected for long enough");
    if (out->len > start && document->count > 0)
        buffer_add_text(out, ", ");
    if (is_single(document)) {
        describe_row(out, document->report, document->rows[0].result);
        is_whole = out->len - start <= TEXT_MAX;
        if (!is_whole) {
            out->len = start + utf8_cut(out->bytes + start, out->len - start, TEXT_MAX);
            buffer_add_text(out, "...");
        }
    } else if (document->count > 0) {
        describe_rows(out, begin, document, counts);
    }
    out->len = begin + nagios_clean(out->bytes + begin, out->len - begin);
    return is_whole;
}

/* A bar would begin performance data. */
static void add_line(struct buffer *out, const struct buffer *line)
{
    for (size_t i = 0; i < line->len; i++) {
        if (line->bytes[i] == '|')
            buffer_add_text(out, "\\x7c");
        else
            buffer_add(out, &line->bytes[i], 1);
    }
    out->has_failed |= line->has_failed;
}

/* Rows in order of their weight, as text has them. */
static void add_rows(struct buffer *out, size_t begin, const struct document *document,
                     size_t count)
{
    size_t shown = 0;
    struct report report = *document->report;
    struct buffer line = BUFFER_EMPTY;
    report.is_dated = report.is_coloured = false;
    report.columns = NULL;
    for (size_t step = 0; step < STATUS_COUNT; step++)
        for (size_t i = 0; i < document->count && shown < count; i++) {
            const struct result *result = document->rows[i].result;
            if (judge(&report, result) != by_weight[step])
                continue;
            line.len = 0;
            report_text.row(&line, &report, result);
            size_t before = out->len;
            add_line(out, &line);
            if (out->len - begin > OUTPUT_MAX - LAST_WORDS) {
                out->len = before;
                buffer_add_format(out, "%zu more: more than 512 KiB are not written\n",
                                  count - shown);
                shown = count;
                break;
            }
            shown++;
        }
    buffer_release(&line);
}

static void add_document(struct buffer *out, const struct document *document)
{
    const struct report *report = document->report;
    size_t begin = out->len;
    size_t counts[STATUS_COUNT];
    struct buffer data = BUFFER_EMPTY;
    count_rows(document, counts);
    size_t left_out = performance_add(&data, document, is_single(document));
    bool is_whole = add_text(out, document, counts);
    if (left_out > 0)
        buffer_add_format(out, ", no performance data of %zu", left_out);
    if (data.len > 0)
        buffer_add_text(out, " |");
    buffer_add(out, data.bytes, data.len);
    buffer_add_text(out, "\n");
    size_t problems = is_single(document) && is_whole ? 0 : document->count - counts[PLUGIN_OK];
    if (!report->is_brief)
        add_rows(out, begin, document, report->is_full ? document->count : problems);
    out->has_failed |= data.has_failed;
    buffer_release(&data);
}

const struct report_format report_nagios = {
    .name = "nagios", .document = add_document, .status = exit_status};
