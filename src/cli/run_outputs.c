/*
 * run_outputs: what the outputs of a run are about: the last row of each of its targets.
 */
#include "run_parts.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/cli/message.h"
#include "netcheck/os/os.h"

/* A disk takes its time, and a page that changes faster cannot be read. */
static const int64_t rewrite_least_ns = 1 * NS_PER_S;

/* How soon to look again whether the disk has the file. */
static const int64_t busy_ns = 100 * NS_PER_MS;

static struct document_row make_row(const struct run *run, const struct result *result)
{
    return (struct document_row){
        result, run->has_memory ? memory_find(&run->memory, &result->endpoint) : NULL};
}

/* How many of the entries the outputs are about: while the gate, the first one, is not as
   expected, what was learned of the others before is not the news. */
static size_t count_members(const struct run *run)
{
    return run->is_gated && run->entries.count > 0 ? 1 : run->entries.count;
}

/* Rows in a history come first: in the order of the input, and with -A of the addresses. */
static size_t collect(const struct run *run, struct document_row *rows)
{
    size_t count = 0;
    size_t members = count_members(run);
    for (size_t i = 0; i < members; i++)
        for (const struct series *series = history_member(&run->history, i); series != NULL;
             series = series->sibling)
            if (!series->is_awaited && !series->is_gone)
                rows[count++] = make_row(run, &series->last);
    for (size_t i = 0; i < run->kept.count; i++)
        rows[count++] = make_row(run, &run->kept.items[i]);
    return count;
}

/* From one run, or round, to the next; 0 where it is not known. */
static int64_t find_interval_ns(const struct run *run)
{
    int64_t now_s = (run->began_ns + run->report.wall_offset_ns) / NS_PER_S;
    if (run->options->has_rounds)
        return run->options->interval_ns;
    return run->has_memory ? memory_interval_s(&run->memory, now_s) * NS_PER_S : 0;
}

/* When the run began; in rounds when the first one of these rows was asked for. */
static int64_t began_ns(const struct run *run, const struct document_row *rows, size_t count)
{
    if (!run->options->has_rounds || count == 0)
        return run->began_ns;
    int64_t began_ns = rows[0].result->asked_ns;
    for (size_t i = 1; i < count; i++)
        if (rows[i].result->asked_ns < began_ns)
            began_ns = rows[i].result->asked_ns;
    return began_ns;
}

/* Whether each target has had a row that the outputs are about. */
static bool have_rows(const struct run *run)
{
    size_t members = count_members(run);
    for (size_t i = 0; i < members; i++) {
        const struct series *series = history_member(&run->history, i);
        if (series == NULL || series->is_awaited)
            return false;
    }
    return members > 0 && (run->is_gated || run->entries.is_complete);
}

/* A run that was cut short, or did not get its whole list, has not asked all; in rounds each
   target may have its last row. */
static bool is_whole(const struct run *run, bool is_end)
{
    bool is_cut =
        run->signal != 0 || run->lacks_rows || run->has_failed || run->inputs.has_failed;
    if (!run->mode->asks_again)
        return !is_cut;
    return (is_end && !is_cut && run->streams.rows.error == 0) || have_rows(run);
}

void run_keep_failure(struct run *run, const char *text)
{
    if (run->is_plugin && run->failure.len == 0)
        buffer_add_text(&run->failure, text);
}

void run_keep_hint(struct run *run, size_t start)
{
    static const char prefix[] = "netcheck: ";
    const struct buffer *notes = &run->streams.notes.buffer;
    size_t begin = start + strlen(prefix);
    if (!run->is_plugin || run->hint.len > 0 || notes->len <= begin ||
        memcmp(notes->bytes + start, prefix, strlen(prefix)) != 0)
        return;
    const char *text = notes->bytes + begin;
    const char *end = memchr(text, '\n', notes->len - begin);
    buffer_add(&run->hint, text, end != NULL ? (size_t)(end - text) : notes->len - begin);
}

/* Targets without a row are no answer. */
static void keep_what_lacks(struct run *run, int status)
{
    struct buffer text = BUFFER_EMPTY;
    if (run->signal != 0)
        buffer_add_format(&text, "ended by signal %d before each target had its row",
                          run->signal);
    else if (run->lacks_rows && status == STATUS_ERROR)
        buffer_add_text(&text, "time was over before each target had its row");
    if (text.len > 0)
        run_keep_failure(run, buffer_text(&text));
    buffer_release(&text);
}

/* Beside the live view nothing may be told: its next frame would hide that. */
static void write_files(struct run *run, const struct document *document, bool is_end)
{
    struct buffer *notes = &run->streams.notes.buffer;
    bool may_tell = is_end || !sinks_hold_terminal(&run->sinks);
    struct buffer failure = BUFFER_EMPTY;
    if (run->outputs.count == 0)
        return;
    run->has_lost = !outputs_write(&run->outputs, document, is_end, may_tell ? notes : NULL);
    outputs_describe_failure(&run->outputs, &failure);
    if (failure.len > 0)
        run_keep_failure(run, buffer_text(&failure));
    buffer_release(&failure);
    if (is_end && run->options->is_verbose)
        outputs_tell(&run->outputs, notes);
}

/* Standard output, where it gets one text. */
static void add_text(struct run *run, struct document *document)
{
    const struct options *options = run->options;
    struct buffer *rows = &run->streams.rows.buffer;
    keep_what_lacks(run, document->status);
    /* A run that went well does so without what a file hints at. */
    if (run->failure.len > 0)
        document->failure = buffer_text(&run->failure);
    else if (run->hint.len > 0 && document->status != STATUS_EXPECTED)
        document->failure = buffer_text(&run->hint);
    if (run->is_plugin)
        run->plugin_status = options->format->status(document);
    /* Why there is no target was said when that was seen. */
    if (run->is_plugin && document->count == 0 && run->inputs.has_failed &&
        document->failure == NULL)
        return;
    outputs_append(rows, options->format, options->shown, document, &run->streams.notes.buffer);
}

/* In rounds the files tell how it is, not how it was some time in the run. */
static int status_of(struct run *run, const struct document *document)
{
    struct verdict verdict;
    if (run->mode != &mode_rounds)
        return run_status(run);
    verdict_init(&verdict, document->report->expects_down, document->report->is_any);
    for (size_t i = 0; i < document->count; i++)
        verdict_add(&verdict, document->rows[i].result);
    return run_status_by(run, &verdict);
}

/* `rows` has room for all of them. */
static struct document make_document(struct run *run, struct document_row *rows)
{
    struct document document = {
        .report = &run->report,
        .rows = rows,
        .count = collect(run, rows),
        .tally = {.expects_down = run->options->report.expects_down},
        .ended_wall_ns = os_wall_ns(),
        .every_ns = find_interval_ns(run),
    };
    document.began_wall_ns = began_ns(run, rows, document.count) + run->report.wall_offset_ns;
    for (size_t i = 0; i < document.count; i++)
        tally_add(&document.tally, rows[i].result);
    document.status = status_of(run, &document);
    return document;
}

void run_write_outputs(struct run *run, bool is_end)
{
    const struct options *options = run->options;
    if (run->outputs.count == 0 && options->format->document == NULL)
        return;
    (void)run_status(run); /* sees that there was no target */
    bool has_rows = is_whole(run, is_end);
    bool has_text = is_end && options->format->document != NULL &&
                    (run->is_plugin || (!options->is_quiet && has_rows));
    bool has_files = run->outputs.count > 0 && has_rows;
    if (!has_rows && is_end && !options->is_quiet)
        outputs_tell_left(&run->outputs,
                          run->inputs.has_failed ? "" : ": not every target has a row",
                          &run->streams.notes.buffer);
    if (!has_files && !has_text)
        return;
    struct document_row *rows =
        malloc((run->history.count + run->kept.count + 1) * sizeof *rows);
    if (rows == NULL) {
        message_error(ERROR_NO_MEMORY);
        run->has_lost = true;
        return;
    }
    struct document document = make_document(run, rows);
    if (has_files)
        write_files(run, &document, is_end);
    if (has_text)
        add_text(run, &document);
    free(rows);
}

/* When the files are to be written anew: after a round; where targets are slower than that,
   once an interval. */
int64_t run_rewrite_ns(const struct run *run)
{
    const struct rewritten *last = &run->rewritten;
    uint64_t rounds = run->schedule.rounds.completed;
    if (run->outputs.count == 0 || run->mode != &mode_rounds || rounds == 0 ||
        run->pipeline.done == last->rows)
        return NEVER_NS;
    if (last->rounds == 0)
        return INT64_MIN;
    int64_t interval_ns = run->options->interval_ns;
    int64_t pause_ns = rounds != last->rounds || interval_ns < rewrite_least_ns
                           ? rewrite_least_ns
                           : interval_ns;
    int64_t due_ns = last->at_ns < NEVER_NS - pause_ns ? last->at_ns + pause_ns : NEVER_NS;
    return due_ns > last->busy_until_ns ? due_ns : last->busy_until_ns;
}

void run_rewrite_outputs(struct run *run)
{
    int64_t now_ns = run->os->now_ns(run->os->self);
    if (now_ns < run_rewrite_ns(run))
        return;
    if (outputs_are_busy(&run->outputs)) {
        run->rewritten.busy_until_ns = now_ns + busy_ns;
        return;
    }
    run_write_outputs(run, false);
    run->rewritten = (struct rewritten){
        .rounds = run->schedule.rounds.completed,
        .rows = run->pipeline.done,
        .at_ns = now_ns,
    };
}
