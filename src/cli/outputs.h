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
#include "netcheck/os/commit.h"
#include "netcheck/report/document.h"

/* One of them. */
struct output_file {
    const struct options_output *options;
    struct atomic_file file;
    struct commit *commit; /* of what was written last, under way; NULL: none is */
    struct buffer buffer;
    struct report report; /* as a file has it: no colours, no columns */
    int error;            /* errno of the first failure; nothing is written after it */
    int told;             /* the failure that was told last; 0: it could be written */
    size_t rows;          /* that it has */
    bool has_note;        /* what its format had to tell was told, in a round before */
};

struct outputs {
    struct output_file *items; /* owned */
    size_t count;
    bool is_streamed;      /* each target has one row: lines are written as they come */
    bool has_document;     /* a format needs all rows at the end */
    int64_t until_ns;      /* monotonic: readers of FIFOs are waited for until then */
    struct report *report; /* of the run, borrowed: its times */
};

/*
 * Open the files, each of which has to be a place of its own: no two of them are one, nor is
 * one of them an input, or what standard output or standard error is. On failure a message is
 * written, and nothing has changed.
 *
 * outputs          out, but for until_ns
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
 * Write the files and put them in their place; `document` has all rows. A failure costs the one
 * file; it is told in `notes`, a line each, until it is another one. Returns whether nothing
 * failed.
 *
 * is_last  wait until the files are in their place; else that happens meanwhile, and a failure
 *          of it is told the next time
 * notes    NULL: this time nothing may be told
 */
bool outputs_write(struct outputs *outputs, const struct document *document, bool is_last,
                   struct buffer *notes);

/* Whether files are still on their way to the disk: outputs_write() would wait for it. */
bool outputs_are_busy(const struct outputs *outputs);

/* Append why the first file that could not be written could not, without an end of line;
   nothing if all were written. What formats tell beside their files is no failure. */
void outputs_describe_failure(const struct outputs *outputs, struct buffer *out);

/* Append a line for each file that was written: how many rows it has. */
void outputs_tell(const struct outputs *outputs, struct buffer *out);

/* Append a line for each file: it was left as it was, and `why`: ": ...", or nothing where that
   was told before. */
void outputs_tell_left(const struct outputs *outputs, const char *why, struct buffer *out);

/*
 * Append `document`, of which `shown` chooses the rows, in this format.
 *
 * notes  what the format has to tell goes here, a line; NULL: it is not told
 */
void outputs_append(struct buffer *out, const struct report_format *format, unsigned shown,
                    const struct document *document, struct buffer *notes);

#endif
