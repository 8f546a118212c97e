/*
 * source: where targets come from: operands first, then files, in their order.
 *
 * Operands are parsed at once, so that a bad one ends the program before anything is asked.
 * Files are read line by line as targets are pulled; a bad line becomes a TARGET_INVALID.
 */
#ifndef NETCHECK_SOURCE_H
#define NETCHECK_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"
#include "netcheck/target/fault.h"
#include "netcheck/target/target.h"

struct source;

/*
 * rules  borrowed: they hold for operands and for lines
 *
 * Returns ERROR_NONE or ERROR_NO_MEMORY.
 */
enum error source_new(const struct target_rules *rules, struct source **source);

/* Close the files. NULL is allowed. */
void source_free(struct source *source);

/*
 * Parse all operands: TARGET..., or HOST PORT[,PORT...]... where the first one has no port.
 *
 * bad  out, with ERROR_INVALID: index of the operand that `fault` points into
 *
 * Returns ERROR_NONE, ERROR_NO_MEMORY or ERROR_INVALID.
 */
enum error source_add_operands(struct source *source, const char *const operands[],
                               size_t count, struct fault *fault, size_t *bad);

/* Open a file, "-" for standard input; `path` is borrowed. NONE, NO_MEMORY, or SYSTEM (errno).
 */
enum error source_add_file(struct source *source, const char *path);

/* How many rows are still to come; UINT64_MAX where files make it unknown, or for more. */
uint64_t source_total(const struct source *source);

/* The target at `index` of the operands, as long as source_next() took none; NULL: no more. */
struct target *source_operand(const struct source *source, size_t index);

/*
 * The next target; its reference is the caller's.
 *
 * Returns ERROR_NONE; ERROR_AGAIN: wait until source_descriptor() is readable, then
 * source_set_ready(); ERROR_PAUSE: nothing but comments so far, call again; ERROR_END;
 * ERROR_NO_MEMORY; ERROR_SYSTEM: source_path() cannot be read, source_explain() or errno says
 * why.
 */
enum error source_next(struct source *source, struct target **target);

/* The file that is being read: its descriptor, or -1, and its path, or NULL. */
int source_descriptor(const struct source *source);
const char *source_path(const struct source *source);

/*
 * After ERROR_SYSTEM: append why the file is no text, and what to type, with the `option` that
 * takes the file. False: see errno.
 */
bool source_explain(const struct source *source, const char *option, struct buffer *out);

enum source_note {
    SOURCE_NOTE_NONE,
    SOURCE_NOTE_TITLE,  /* the first line of a file was a header and was skipped */
    SOURCE_NOTE_LAYOUT, /* what a file of no targets looks like, and what to type */
};

/*
 * Append the next note on what was read so far, without a line's end; each is taken once. They
 * are few: at most two a file.
 */
enum source_note source_take_note(struct source *source, struct buffer *out);

/* Give the file up that cannot be read; source_next() goes on with the one behind it. */
void source_skip(struct source *source);

/* The descriptor is readable. */
void source_set_ready(struct source *source);

#endif
