#include "outputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/cli/message.h"
#include "netcheck/cli/row_sink.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/target/secret.h"

enum { PIECE_SIZE = 64 * 1024 }; /* of lines that are written in one go */

/* Whether `path` is read, which taking its place would lose. What is written directly may be
   read from as well: a terminal, a socket. */
static bool is_read(const struct output_file *item, const char *path)
{
    if (strcmp(path, "-") != 0)
        return atomic_file_is_at(&item->file, path);
    return atomic_file_is_replaced(&item->file) &&
           atomic_file_is_descriptor(&item->file, STANDARD_INPUT);
}

/* Whether messages or, with -q, a summary go to what will be replaced. */
static bool is_told_to(const struct output_file *item)
{
    return atomic_file_is_replaced(&item->file) &&
           (atomic_file_is_descriptor(&item->file, STANDARD_OUTPUT) ||
            atomic_file_is_descriptor(&item->file, STANDARD_ERROR));
}

/* Why a place that can be written must not be; NULL: it may. */
static const char *find_conflict(const struct outputs *outputs, const struct options *options,
                                 const struct output_file *item)
{
    for (const struct output_file *other = outputs->items; other < item; other++)
        if (atomic_file_is_same(&other->file, &item->file))
            return "another -o has the same file: name two";
    if (!options->is_quiet && atomic_file_is_descriptor(&item->file, STANDARD_OUTPUT))
        return "the rows of standard output go there: leave -o out, name another file, or add "
               "-q";
    if (is_told_to(item))
        return "what else is told goes there: name another file";
    for (size_t i = 0; i < options->file_count; i++)
        if (is_read(item, options->files[i]))
            return "targets are read from it: name another file";
    for (size_t i = 0; i < options->exclude_file_count; i++)
        if (is_read(item, options->exclude_files[i]))
            return "it is read by --exclude-file: name another file";
    return NULL;
}

static int open_file(const struct outputs *outputs, struct output_file *item)
{
    int error = atomic_file_open(&item->file, item->options->path);
    item->file.until_ns = outputs->until_ns;
    return error;
}

static bool open_one(const struct outputs *outputs, const struct options *options,
                     struct output_file *item)
{
    struct buffer text = BUFFER_EMPTY;
    item->error = open_file(outputs, item);
    const char *conflict = item->error == 0 ? find_conflict(outputs, options, item) : NULL;
    if (item->error != 0)
        message_unwritable(&text, item->options->path, item->error);
    if (conflict != NULL) {
        buffer_add_text(&text, "cannot write ");
        secret_quoted(&text, item->options->path, strlen(item->options->path));
        buffer_add_format(&text, ": %s", conflict);
    }
    bool is_open = text.len == 0;
    if (!is_open)
        message_say("%s", buffer_text(&text));
    buffer_release(&text);
    return is_open;
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
        .until_ns = outputs->until_ns,
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
        if (!open_one(outputs, options, item))
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
        if (outputs->items[i].commit != NULL)
            (void)commit_end(outputs->items[i].commit); /* too late to be told */
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
        item->rows++;
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

/* Returns how many rows are shown. */
static size_t append(struct buffer *out, const struct report_format *format, unsigned shown,
                     const struct document *document, struct buffer *notes)
{
    struct document own = *document;
    struct document_row *rows = malloc((document->count + 1) * sizeof *rows);
    out->has_failed |= rows == NULL;
    if (rows == NULL)
        return 0;
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
    return own.count;
}

void outputs_append(struct buffer *out, const struct report_format *format, unsigned shown,
                    const struct document *document, struct buffer *notes)
{
    (void)append(out, format, shown, document, notes);
}

/* In rounds a format would have the same to tell after each of them: that is told once. */
static size_t append_file(struct output_file *item, const struct document *document,
                          struct buffer *notes)
{
    size_t len = notes != NULL ? notes->len : 0;
    size_t rows = append(&item->buffer, item->options->format, item->options->shown, document,
                         item->has_note ? NULL : notes);
    item->has_note |= notes != NULL && notes->len > len;
    return rows;
}

/* What is still missing in the file, and then the file in its place. */
static void write_one(struct outputs *outputs, struct output_file *item,
                      const struct document *document, bool waits, struct buffer *notes)
{
    struct document own = *document;
    own.report = &item->report;
    item->report.wall_offset_ns = outputs->report->wall_offset_ns;
    if (is_streamed(outputs, item))
        report_finish(&item->buffer, &item->report, item->options->format);
    else
        item->rows = append_file(item, &own, notes);
    write_buffer(item);
    if (item->error == 0 && !waits)
        item->commit = commit_begin(&item->file);
    if (item->error == 0 && item->commit == NULL)
        item->error = atomic_file_commit(&item->file);
}

/* Once: what is written each second would be told each second. */
static void tell_failure(struct output_file *item, struct buffer *notes)
{
    if (notes == NULL || item->error == item->told)
        return;
    item->told = item->error;
    if (item->error == 0)
        return;
    buffer_add_text(notes, "netcheck: ");
    message_unwritable(notes, item->options->path, item->error);
    buffer_add_text(notes, "\n");
}

/* The file of the time before is in its place; where it is not, this time that is waited for,
   so that it is known what to tell. */
static bool has_to_wait(struct output_file *item)
{
    bool has_failed = item->commit != NULL && commit_end(item->commit) != 0;
    item->commit = NULL;
    return has_failed || item->told != 0;
}

bool outputs_are_busy(const struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (outputs->items[i].commit != NULL && !commit_is_done(outputs->items[i].commit))
            return true;
    return false;
}

bool outputs_write(struct outputs *outputs, const struct document *document, bool is_last,
                   struct buffer *notes)
{
    bool is_written = true;
    for (size_t i = 0; i < outputs->count; i++) {
        struct output_file *item = &outputs->items[i];
        bool waits = has_to_wait(item) || is_last;
        if (item->error == 0 && item->file.fd < 0)
            item->error = open_file(outputs, item);
        if (item->error == 0)
            write_one(outputs, item, document, waits, notes);
        atomic_file_release(&item->file);
        is_written = is_written && item->error == 0;
        tell_failure(item, notes);
        item->error = 0; /* the next round tries again */
    }
    return is_written;
}

void outputs_describe_failure(const struct outputs *outputs, struct buffer *out)
{
    const struct output_file *item = outputs->items;
    const struct output_file *end = item + outputs->count;
    while (item < end && item->told == 0)
        item++;
    if (item < end)
        message_unwritable(out, item->options->path, item->told);
}

void outputs_tell(const struct outputs *outputs, struct buffer *out)
{
    for (size_t i = 0; i < outputs->count; i++) {
        const struct output_file *item = &outputs->items[i];
        if (item->told != 0)
            continue;
        buffer_add_text(out, "* wrote ");
        secret_quoted(out, item->options->path, strlen(item->options->path));
        buffer_add_format(out, ": %zu row%s\n", item->rows, item->rows == 1 ? "" : "s");
    }
}

void outputs_tell_left(const struct outputs *outputs, const char *why, struct buffer *out)
{
    for (size_t i = 0; i < outputs->count; i++) {
        const char *path = outputs->items[i].options->path;
        buffer_add_text(out, "netcheck: ");
        secret_quoted(out, path, strlen(path));
        buffer_add_format(out, " is left as it was%s\n", why);
    }
}
