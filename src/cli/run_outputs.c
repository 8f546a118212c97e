/*
 * run_outputs: what the outputs of a run are about: the last row of each of its targets.
 */
#include "run_parts.h"

#include <stdlib.h>

#include "netcheck/os/os.h"

static struct document_row make_row(const struct run *run, const struct result *result)
{
    return (struct document_row){
        result, run->has_memory ? memory_find(&run->memory, &result->endpoint) : NULL};
}

/* Rows in a history come first: in the order of the input, and with -A of the addresses. */
static size_t collect(const struct run *run, struct document_row *rows)
{
    size_t count = 0;
    for (size_t i = 0; i < run->entries.count; i++)
        for (const struct series *series = history_member(&run->history, i); series != NULL;
             series = series->sibling)
            if (!series->is_awaited && !series->is_gone)
                rows[count++] = make_row(run, &series->last);
    for (size_t i = 0; i < run->kept.count; i++)
        rows[count++] = make_row(run, &run->kept.items[i]);
    return count;
}

/* A run that a signal ended has not asked all; in rounds each target has its last row. */
static bool is_whole(const struct run *run)
{
    return run->mode->asks_again || (run->signal == 0 && run->streams.rows.error == 0);
}

void run_write_outputs(struct run *run, bool is_end)
{
    const struct options *options = run->options;
    bool has_document = is_end && options->format->document != NULL && !options->is_quiet;
    if (!is_whole(run) || (run->outputs.count == 0 && !has_document))
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
    if (run->outputs.count > 0 &&
        !outputs_write(&run->outputs, &document, &run->streams.notes.buffer))
        run->has_lost = true;
    if (has_document)
        outputs_append(&run->streams.rows.buffer, options->format, options->shown, &document);
    free(rows);
}
