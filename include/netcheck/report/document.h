/*
 * document: a run as one text, for formats that need all rows before they can write the first
 * line. Plain values; nothing here is owned.
 */
#ifndef NETCHECK_DOCUMENT_H
#define NETCHECK_DOCUMENT_H

#include <stddef.h>
#include <stdint.h>

#include "netcheck/report/memory.h"
#include "netcheck/report/report.h"
#include "netcheck/report/tally.h"

struct document_row {
    const struct result *result;
    const struct remembered *remembered; /* this run included; NULL: nothing is remembered */
};

struct document {
    const struct report *report;
    const struct document_row *rows; /* that are to be shown, in the order of the input; where
                                        targets are asked again and again, the last one of
                                        each */
    size_t count;
    struct tally tally;    /* of all rows, shown or not */
    int status;            /* the exit status, STATUS_ of verdict.h */
    const char *failure;   /* of the program itself, the first one; NULL: none */
    int64_t began_wall_ns; /* of the run, in rounds of the last one; since 1970 */
    int64_t ended_wall_ns;
    struct buffer *note; /* to be appended to: what has to be told beside the document, a
                            sentence without its end; NULL: it would be told again */
    int64_t every_ns;    /* from one run or round to the next, as far as that is known; 0: it is
                            not */
};

#endif
