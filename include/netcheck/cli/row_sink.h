/*
 * row_sink: rows of a format on an output, as far as they are to be shown.
 */
#ifndef NETCHECK_ROW_SINK_H
#define NETCHECK_ROW_SINK_H

#include "netcheck/os/output.h"
#include "netcheck/report/report.h"
#include "netcheck/cli/sink.h"

/* Which rows of a target that is asked more than once are worth a line. */
enum row_filter {
    ROW_FILTER_NONE,   /* each */
    ROW_FILTER_STATE,  /* the first one, and each with another state than the one before */
    ROW_FILTER_REASON, /* the same, and each with another reason */
};

struct row_sink {
    struct sink sink;
    const struct report_format *format;
    const struct report *report; /* borrowed */
    struct row_columns *columns; /* that report has, to be kept wide enough; NULL: none */
    struct buffer *out;          /* borrowed */
    unsigned shown;              /* SHOW_ bits of options.h; 0: every row */
    enum row_filter filter;
    uint64_t written; /* rows */
};

/* Whether a row of this run is among those that `shown`, SHOW_ bits, asks for. */
bool row_sink_shows(unsigned shown, const struct report *report, const struct result *result);

/* row_sink  the caller's, and at its place as long as the sink is used; its members behind
             `sink` are filled in. Returns the sink. */
struct sink *row_sink_open(struct row_sink *row_sink);

#endif
