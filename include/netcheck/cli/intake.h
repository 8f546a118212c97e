/*
 * intake: operands and files as rows to ask; says what cannot be read.
 *
 * One of the few places that speak to the user: a bad operand ends the program before anything
 * is asked, a file that fails later costs only what could not be read of it.
 */
#ifndef NETCHECK_INTAKE_H
#define NETCHECK_INTAKE_H

#include "netcheck/target/sequence.h"
#include "netcheck/cli/options.h"

struct intake {
    struct target_rules rules;
    struct source *source;
    struct sequence sequence;
    bool has_failed; /* a message was written: the exit status says so */
};

/*
 * Parse the operands and open the files.
 *
 * intake   has_failed is set where that is not possible; to be released in any case; what it
 *          opens refers to it, so that it must stay where it is
 * options  borrowed until intake_release()
 */
void intake_open(struct intake *intake, const struct options *options);

void intake_release(struct intake *intake);

/*
 * After ERROR_SYSTEM of sequence_next(): append which file failed and why (errno), without a
 * line's end, and go on with the file behind it.
 */
void intake_skip(struct intake *intake, struct buffer *out);

/* Say that there was not a single target, if that is so, once all was read. */
void intake_check_empty(struct intake *intake);

#endif
