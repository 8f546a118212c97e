/*
 * report: rows as text for people, lines for programs. One file and one table row a format.
 *
 * Pure functions into a buffer: a writer knows results, not the engine, and does no I/O. The
 * one piece of context is in struct report. A new format is one file in src/report/ and one row
 * in report.c.
 */
#ifndef NETCHECK_REPORT_H
#define NETCHECK_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"
#include "netcheck/report/history.h"
#include "netcheck/probe/result.h"
#include "netcheck/probe/trace.h"

struct report {
    bool expects_down; /* --expect down */
    bool is_coloured;
    bool is_dated;      /* -D: a time before each row */
    bool has_changes;   /* --on-change, --wait: rows say what was before */
    bool has_histogram; /* --histogram: summaries do */
    bool is_by_address; /* -A: summaries are of an address, not of a target */
    bool is_unicode;    /* beyond ASCII is fine for drawing */
    /* Add it to a monotonic time to get nanoseconds since 1970. */
    int64_t wall_offset_ns;
};

struct report_format {
    const char *name; /* as in --format NAME */
    void (*row)(struct buffer *out, const struct report *report, const struct result *result);

    /* What all rows of a series, whose stats are kept, come to at now_ns. */
    void (*summary)(struct buffer *out, const struct report *report,
                    const struct series *series, int64_t now_ns);
    bool is_summary_a_row; /* it belongs among the rows; else it is for people */
};

/* The format called `name`, or NULL. */
const struct report_format *report_find(const char *name);

/* The format at `index`, or NULL behind the last one. */
const struct report_format *report_at(size_t index);

/* One row of each format, with its line end. */
void report_text_row(struct buffer *out, const struct report *report,
                     const struct result *result);
void report_json_row(struct buffer *out, const struct report *report,
                     const struct result *result);

/* A series of each format, with its line end. Nothing for a target that is invalid. */
void report_text_summary(struct buffer *out, const struct report *report,
                         const struct series *series, int64_t now_ns);
void report_json_summary(struct buffer *out, const struct report *report,
                         const struct series *series, int64_t now_ns);

/*
 * Append how the latencies are distributed: ten indented lines of bars, at most 80 columns
 * wide; nothing where there are none. Each line stands for as many milliseconds as the others,
 * but the last one takes whatever lies far behind the rest.
 */
void report_histogram(struct buffer *out, const struct stats *stats, bool is_unicode);

/* One line of -v, with its line end; each is about one step of the engine. */
void report_trace(struct buffer *out, const struct trace *trace);

/* What several formats say the same way. */

/* Colours (ECMA-48 SGR): of what is as expected, of what is not, of what is unknown. */
#define REPORT_EXPECTED   "\033[32m"
#define REPORT_UNEXPECTED "\033[31m"
#define REPORT_UNKNOWN    "\033[33m"
#define REPORT_NO_COLOUR  "\033[0m"

/* The one of these that the row's state has. */
const char *report_colour(const struct result *result, bool expects_down);

/* Append what the row is about, harmless to a terminal: "host:port", or a bad line. */
void report_label(struct buffer *out, const struct endpoint *endpoint);

/* Append milliseconds as a person reads them: "0.04 ms", "0.8 ms", "12.3 ms", "1021 ms". */
void report_milliseconds(struct buffer *out, int64_t duration_ns);

/* Append milliseconds with three decimals, rounded down and without the unit: "0.812". */
void report_exact_milliseconds(struct buffer *out, int64_t duration_ns);

/* Append nanoseconds since 1970 as UTC, RFC 3339: "2026-11-23T03:00:00.123Z"; decimals 1 to 9.
 */
void report_time(struct buffer *out, int64_t wall_ns, int decimals);

/* Append a duration as the user would write it: "5 s", "1.5 s", "200 ms". */
void report_duration(struct buffer *out, int64_t duration_ns);

/*
 * Append a long time as a person says it, in two units, rounded down: "2 min 5 s",
 * "3 h 12 min", "2 d 4 h"; below 100 s as report_duration().
 */
void report_span(struct buffer *out, int64_t duration_ns);

/* Append everything about the row that its reason does not say; may append nothing. */
void report_detail(struct buffer *out, const struct result *result);

#endif
