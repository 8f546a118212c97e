/*
 * target_file: the targets of one file, line by line.
 *
 * Private to target. A bad line becomes a TARGET_INVALID; the title of two columns as the first
 * line, and what a file of no targets looks like, become notes.
 */
#ifndef NETCHECK_TARGET_FILE_H
#define NETCHECK_TARGET_FILE_H

#include <stdbool.h>

#include "columns.h"
#include "layout.h"
#include "netcheck/base/buffer.h"
#include "netcheck/os/lines.h"
#include "netcheck/target/target.h"
#include "netcheck/target/target_list.h"

struct target_file {
    const char *path; /* borrowed */
    int fd;           /* -1: closed */
    struct lines lines;
    struct line line;       /* read last */
    struct columns columns; /* of it */
    struct target_list list;
    bool has_list;        /* more of its targets are to come */
    bool has_begun;       /* a line was more than a comment */
    const char *encoding; /* that is not read; NULL: bytes of ASCII */
    struct layout layout;
    struct buffer title_note; /* to be taken and released; empty: none */
    struct buffer layout_note;
};

/* Open a file, "-" for standard input; `path` is borrowed. NONE, or SYSTEM (errno). */
enum error target_file_open(struct target_file *file, const char *path);

/* Close it; its notes stay. Also a file that is closed. */
void target_file_close(struct target_file *file);

/* Close it, and free the notes. */
void target_file_release(struct target_file *file);

/*
 * The next target, as source_next() has it, with ERROR_SYSTEM also where `encoding` is set. The
 * notes are complete with ERROR_END.
 */
enum error target_file_next(struct target_file *file, const struct target_rules *rules,
                            struct target **target);

#endif
