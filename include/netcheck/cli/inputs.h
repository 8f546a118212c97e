/*
 * inputs: the operands and files of the command line, without what is excluded, as a sequence
 * of endpoints.
 *
 * Tells the user what cannot be read. A bad operand, or a file that cannot be opened, ends the
 * program before anything is asked, and so does anything wrong with what is excluded. A file
 * that fails later costs only the part that could not be read.
 */
#ifndef NETCHECK_INPUTS_H
#define NETCHECK_INPUTS_H

#include "netcheck/target/sequence.h"
#include "netcheck/cli/options.h"

struct inputs {
    struct target_rules rules;
    struct exclusion *exclusion; /* NULL: nothing is excluded */
    struct source *source;
    struct sequence sequence;
    struct endpoint gate; /* of --gate; its target is held. NULL: there is none */
    bool has_failed;      /* a message was written: the exit status says so */
};

/*
 * Parse the operands and open the files.
 *
 * inputs   has_failed is set where that is not possible; to be released in any case; what it
 *          opens refers to it, so that it must stay where it is
 * options  borrowed until inputs_release()
 * end_ns   monotonic, of the run: what is excluded has to be read by then; NEVER_NS: no end
 */
void inputs_open(struct inputs *inputs, const struct options *options, int64_t end_ns);

void inputs_release(struct inputs *inputs);

/* Whether a target is asked before the others (--gate). */
bool inputs_have_gate(const struct inputs *inputs);

/*
 * Call it after sequence_next() returned ERROR_SYSTEM: append which file failed and why
 * (errno), without a line's end, and go on with the next file.
 */
void inputs_skip(struct inputs *inputs, struct buffer *out);

/*
 * Append, a line each, what is to be said of the files read so far: a header that was skipped
 * (-v), and what a file of no targets looks like (not with -q). Nothing where none was opened.
 */
void inputs_tell(struct inputs *inputs, const struct options *options, struct buffer *out);

/* Append under -v how many targets were excluded, if any. */
void inputs_tell_excluded(const struct inputs *inputs, const struct options *options,
                          struct buffer *out);

/* Once everything was read: complain if there was not a single target, or all are excluded. */
void inputs_check_empty(struct inputs *inputs);

#endif
