/*
 * outputs: where the rows of a run go besides the lines on standard output: the files of -o,
 * and standard output itself in a format that is one document.
 *
 * A file in a format of lines is written as rows come, where each target has one row. Otherwise
 * the rows that there are at the end of the run, or of a round, are written in one go.
 */
#ifndef NETCHECK_OUTPUTS_H
#define NETCHECK_OUTPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/cli/options.h"
#include "netcheck/os/atomic_file.h"
#include "netcheck/report/document.h"

/* One of them. */
struct output_file {
    const struct options_output *options;
    struct atomic_file file;
    struct buffer buffer;
    struct report report; /* as a file has it: no colours, no columns */
    int error;            /* errno of the first failure; nothing is written after it */
    bool has_note;        /* what its format had to tell was told, in a round before */
};

struct outputs {
    struct output_file *items; /* owned */
    size_t count;
    bool is_streamed;      /* each target has one row: lines are written as they come */
    bool has_document;     /* a format needs all rows at the end */
    struct report *report; /* of the run, borrowed: its times */
};

/*
 * Open the files. On failure a message is written, and nothing has changed.
 *
 * options, report  borrowed
 */
bool outputs_open(struct outputs *outputs, const struct options *options,
                  struct report *report);

/* Give up what was not written; the old files stand. */
void outputs_release(struct outputs *outputs);

/* A row of the run, in the order of the input. */
void outputs_row(struct outputs *outputs, const struct result *result);

/* Whether the rows have to be kept for outputs_write(). */
bool outputs_need_rows(const struct outputs *outputs);

/*
 * Write the files and put them in their place; `document` has all rows. What fails is told in
 * `notes`, a line each. Returns whether nothing failed.
 */
bool outputs_write(struct outputs *outputs, const struct document *document,
                   struct buffer *notes);

/*
 * Append `document`, of which `shown` chooses the rows, in this format.
 *
 * notes  what the format has to tell goes here, a line; NULL: it is not told
 */
void outputs_append(struct buffer *out, const struct report_format *format, unsigned shown,
                    const struct document *document, struct buffer *notes);

#endif
