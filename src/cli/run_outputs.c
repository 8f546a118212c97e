/*
 * run_outputs: what the outputs of a run are about: the last row of each of its targets.
 */
#include "run_parts.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/cli/message.h"
#include "netcheck/os/os.h"

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

/* A run that a signal ended has not asked all; in rounds each target has its last row. */
static bool is_whole(const struct run *run)
{
    return run->mode->asks_again || (run->signal == 0 && run->streams.rows.error == 0);
}

void run_keep_failure(struct run *run, const char *text)
{
    if (run->is_plugin && run->failure.len == 0)
        buffer_add_text(&run->failure, text);
}

void run_keep_note(struct run *run, size_t start)
{
    static const char prefix[] = "netcheck: ";
    const struct buffer *notes = &run->streams.notes.buffer;
    size_t begin = start + strlen(prefix);
    if (!run->is_plugin || run->failure.len > 0 || notes->len <= begin ||
        memcmp(notes->bytes + start, prefix, strlen(prefix)) != 0)
        return;
    const char *text = notes->bytes + begin;
    const char *end = memchr(text, '\n', notes->len - begin);
    buffer_add(&run->failure, text, end != NULL ? (size_t)(end - text) : notes->len - begin);
}

/* Targets without a row are no answer. */
static void keep_what_lacks(struct run *run, int status)
{
    struct buffer text = BUFFER_EMPTY;
    if (run->signal != 0)
        buffer_add_format(&text, "ended by signal %d before each target had its row",
                          run->signal);
    else if (run->lacks_rows && status == STATUS_ERROR)
        buffer_add_text(&text, "the run's time was over before each target had its row");
    if (text.len > 0)
        run_keep_failure(run, buffer_text(&text));
    buffer_release(&text);
}

static void write_files(struct run *run, const struct document *document)
{
    size_t start = run->streams.notes.buffer.len;
    if (!outputs_write(&run->outputs, document, &run->streams.notes.buffer))
        run->has_lost = true;
    run_keep_note(run, start);
}

/* Standard output, where it gets one text. */
static void add_text(struct run *run, struct document *document)
{
    const struct options *options = run->options;
    struct buffer *rows = &run->streams.rows.buffer;
    keep_what_lacks(run, document->status);
    document->failure = run->failure.len > 0 ? buffer_text(&run->failure) : NULL;
    if (run->is_plugin)
        run->plugin_status = options->format->status(document);
    /* Why there is no target was said when that was seen. */
    if (run->is_plugin && document->count == 0 && run->inputs.has_failed &&
        document->failure == NULL)
        return;
    outputs_append(rows, options->format, options->shown, document);
}

void run_write_outputs(struct run *run, bool is_end)
{
    const struct options *options = run->options;
    bool has_text = is_end && options->format->document != NULL &&
                    (run->is_plugin || (!options->is_quiet && is_whole(run)));
    bool has_files = run->outputs.count > 0 && is_whole(run);
    if (!has_files && !has_text)
        return;
    struct document_row *rows =
        malloc((run->history.count + run->kept.count + 1) * sizeof *rows);
    if (rows == NULL) {
        message_error(ERROR_NO_MEMORY);
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
    if (has_files)
        write_files(run, &document);
    if (has_text)
        add_text(run, &document);
    free(rows);
}
