#include "outputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/cli/message.h"
#include "netcheck/cli/row_sink.h"
#include "netcheck/target/secret.h"

enum { PIECE_SIZE = 64 * 1024 }; /* of lines that are written in one go */

/* "cannot write 'page.html': No space left on device" */
static void describe_failure(struct buffer *out, const struct output_file *item)
{
    buffer_add_text(out, "cannot write ");
    secret_quoted(out, item->options->path, strlen(item->options->path));
    buffer_add_format(out, ": %s", strerror(item->error));
}

static bool open_one(struct output_file *item)
{
    item->error = atomic_file_open(&item->file, item->options->path);
    if (item->error == 0)
        return true;
    struct buffer text = BUFFER_EMPTY;
    describe_failure(&text, item);
    message_say("%s", buffer_text(&text));
    buffer_release(&text);
    return false;
}

static struct report report_of_file(const struct report *report)
{
    struct report own = *report;
    own.is_coloured = false;
    own.columns = NULL;
    return own;
}

static bool is_streamed(const struct outputs *outputs, const struct output_file *item)
{
    return outputs->is_streamed && item->options->format->document == NULL;
}

bool outputs_open(struct outputs *outputs, const struct options *options, struct report *report)
{
    *outputs = (struct outputs){
        .is_streamed = !options->has_rounds && !options->is_wait,
        .has_document = options->format->document != NULL,
        .report = report,
    };
    outputs->items = calloc(options->output_count + 1, sizeof *outputs->items);
    if (outputs->items == NULL) {
        message_error(ERROR_NO_MEMORY);
        return false;
    }
    for (size_t i = 0; i < options->output_count; i++) {
        struct output_file *item = &outputs->items[outputs->count++];
        item->options = &options->outputs[i];
        item->report = report_of_file(report);
        if (!open_one(item))
            return false;
        outputs->has_document |= item->options->format->document != NULL;
        if (is_streamed(outputs, item))
            report_begin(&item->buffer, &item->report, item->options->format);
    }
    return true;
}

void outputs_release(struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        atomic_file_release(&outputs->items[i].file);
        buffer_release(&outputs->items[i].buffer);
    }
    free(outputs->items);
    *outputs = (struct outputs){0};
}

bool outputs_need_rows(const struct outputs *outputs)
{
    return outputs->has_document || (outputs->count > 0 && !outputs->is_streamed);
}

static void write_buffer(struct output_file *item)
{
    if (item->error == 0 && item->buffer.has_failed)
        item->error = ENOMEM;
    if (item->error == 0)
        item->error = atomic_file_write(&item->file, item->buffer.bytes, item->buffer.len);
    item->buffer.len = 0;
}

void outputs_row(struct outputs *outputs, const struct result *result)
{
    for (size_t i = 0; i < outputs->count; i++) {
        struct output_file *item = &outputs->items[i];
        if (!is_streamed(outputs, item) ||
            !row_sink_shows(item->options->shown, &item->report, result))
            continue;
        item->report.wall_offset_ns = outputs->report->wall_offset_ns;
        item->options->format->row(&item->buffer, &item->report, result);
        if (item->buffer.len >= PIECE_SIZE)
            write_buffer(item);
    }
}

static void append_lines(struct buffer *out, const struct report_format *format,
                         const struct document *document)
{
    report_begin(out, document->report, format);
    for (size_t i = 0; i < document->count; i++)
        format->row(out, document->report, document->rows[i].result);
    report_finish(out, document->report, format);
}

static void append_document(struct buffer *out, const struct report_format *format,
                            struct document *document, struct buffer *notes)
{
    struct buffer note = BUFFER_EMPTY;
    document->note = notes != NULL ? &note : NULL;
    format->document(out, document);
    if (note.len > 0)
        buffer_add_format(notes, "netcheck: %s\n", buffer_text(&note));
    buffer_release(&note);
}

void outputs_append(struct buffer *out, const struct report_format *format, unsigned shown,
                    const struct document *document, struct buffer *notes)
{
    struct document own = *document;
    struct document_row *rows = malloc((document->count + 1) * sizeof *rows);
    out->has_failed |= rows == NULL;
    if (rows == NULL)
        return;
    own.rows = rows;
    own.count = 0;
    for (size_t i = 0; i < document->count; i++)
        if (row_sink_shows(shown, document->report, document->rows[i].result))
            rows[own.count++] = document->rows[i];
    if (format->document != NULL)
        append_document(out, format, &own, notes);
    else
        append_lines(out, format, &own);
    free(rows);
}

/* In rounds a format would have the same to tell after each of them: that is told once. */
static void append_file(struct output_file *item, const struct document *document,
                        struct buffer *notes)
{
    size_t len = notes->len;
    outputs_append(&item->buffer, item->options->format, item->options->shown, document,
                   item->has_note ? NULL : notes);
    item->has_note |= notes->len > len;
}

/* What is still missing in the file, and then the file in its place. */
static void write_one(struct outputs *outputs, struct output_file *item,
                      const struct document *document, struct buffer *notes)
{
    struct document own = *document;
    own.report = &item->report;
    item->report.wall_offset_ns = outputs->report->wall_offset_ns;
    if (is_streamed(outputs, item))
        report_finish(&item->buffer, &item->report, item->options->format);
    else
        append_file(item, &own, notes);
    write_buffer(item);
    if (item->error == 0)
        item->error = atomic_file_commit(&item->file);
    atomic_file_release(&item->file);
}

bool outputs_write(struct outputs *outputs, const struct document *document,
                   struct buffer *notes)
{
    bool is_written = true;
    for (size_t i = 0; i < outputs->count; i++) {
        struct output_file *item = &outputs->items[i];
        if (item->file.fd < 0 && item->error == 0)
            item->error = atomic_file_open(&item->file, item->options->path);
        if (item->error == 0)
            write_one(outputs, item, document, notes);
        if (item->error == 0)
            continue;
        is_written = false;
        buffer_add_text(notes, "netcheck: ");
        describe_failure(notes, item);
        buffer_add_text(notes, "\n");
        item->error = 0; /* the next round tries again */
    }
    return is_written;
}
