/*
 * run_outputs: what the outputs of a run are about: the last row of each of its targets.
 */
#include "run_parts.h"

#include <stdlib.h>

#include "netcheck/base/base.h"
#include "netcheck/os/os.h"

/* A disk takes its time, and a page that changes faster is read by no one. */
static const int64_t rewrite_least_ns = 1 * NS_PER_S;

/* How soon to look again whether the disk has the file. */
static const int64_t busy_ns = 100 * NS_PER_MS;

/* Rows in a history come first: in the order of the input, and with -A of the addresses. */
static size_t collect(const struct run *run, struct document_row *rows)
{
    size_t count = 0;
    for (size_t i = 0; i < run->entries.count; i++)
        for (const struct series *series = history_member(&run->history, i); series != NULL;
             series = series->sibling)
            if (!series->is_awaited && !series->is_gone)
                rows[count++] = (struct document_row){&series->last, NULL};
    for (size_t i = 0; i < run->kept.count; i++)
        rows[count++] = (struct document_row){&run->kept.items[i], NULL};
    return count;
}

/* Whether each target has had a row. */
static bool have_rows(const struct run *run)
{
    for (size_t i = 0; i < run->entries.count; i++) {
        const struct series *series = history_member(&run->history, i);
        if (series == NULL || series->is_awaited)
            return false;
    }
    return run->entries.is_complete;
}

/* A run that was cut short has not asked all; in rounds each target may have its last row. */
static bool is_whole(const struct run *run, bool is_end)
{
    bool is_cut = run->signal != 0 || run->lacks_rows || run->has_failed;
    if (!run->mode->asks_again)
        return !is_cut;
    return (is_end && !is_cut && run->streams.rows.error == 0) || have_rows(run);
}

/* Beside the live view nothing may be told, and what is told there is seen by no one. */
static void write_files(struct run *run, const struct document *document, bool is_end)
{
    struct buffer *notes = &run->streams.notes.buffer;
    bool may_tell = is_end || !sinks_hold_terminal(&run->sinks);
    if (run->outputs.count == 0)
        return;
    run->has_lost = !outputs_write(&run->outputs, document, is_end, may_tell ? notes : NULL);
    if (is_end && run->options->is_verbose)
        outputs_tell(&run->outputs, notes);
}

void run_write_outputs(struct run *run, bool is_end)
{
    const struct options *options = run->options;
    bool has_document = is_end && options->format->document != NULL && !options->is_quiet;
    bool has_rows = is_whole(run, is_end);
    if (!has_rows && is_end && !run->options->is_quiet)
        outputs_tell_left(&run->outputs, &run->streams.notes.buffer);
    if (!has_rows || (run->outputs.count == 0 && !has_document))
        return;
    struct document_row *rows =
        malloc((run->history.count + run->kept.count + 1) * sizeof *rows);
    if (rows == NULL) {
        run->has_lost = true;
        return;
    }
    struct document document = {
        .report = &run->report,
        .rows = rows,
        .count = collect(run, rows),
        .tally = {.expects_down = options->report.expects_down},
        .status = run_status(run),
        .began_wall_ns = run->began_ns + run->report.wall_offset_ns,
        .ended_wall_ns = os_wall_ns(),
    };
    for (size_t i = 0; i < document.count; i++)
        tally_add(&document.tally, rows[i].result);
    write_files(run, &document, is_end);
    if (has_document)
        outputs_append(&run->streams.rows.buffer, options->format, options->shown, &document);
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
