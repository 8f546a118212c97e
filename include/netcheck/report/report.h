/*
 * report: rows as text for people and lines for programs. One file and one table row a format.
 *
 * Pure functions into a buffer: a format knows results, not the engine, and does no I/O. All
 * that a format knows of the run is in struct report. What a machine-readable format shows is
 * in fields.h, the words that formats share are in wording.h.
 */
#ifndef NETCHECK_REPORT_H
#define NETCHECK_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"
#include "netcheck/probe/result.h"
#include "netcheck/probe/trace.h"
#include "netcheck/report/row_columns.h"
#include "netcheck/report/history.h"

struct document; /* document.h */

/* One of --label. */
struct label {
    const char *key;   /* borrowed; letters, digits and underscores, not a digit first */
    const char *value; /* borrowed; any bytes */
};

/* Of a time, for a format that judges it; 0: not given. */
struct time_limits {
    int64_t warn_ns; /* --warn */
    int64_t crit_ns; /* --crit */
    int64_t most_ns; /* no time is longer: -t */
};

struct report {
    struct time_limits limits;
    bool is_any;                /* --any */
    bool is_full;               /* -v: rows are shown that otherwise are not */
    bool is_brief;              /* -q: no rows are shown */
    const struct label *labels; /* of --label, borrowed */
    size_t label_count;
    bool expects_down; /* --expect down */
    bool is_coloured;
    bool is_dated;      /* -D: a time before each row */
    bool has_rounds;    /* -c, -i: rows are numbered */
    bool has_changes;   /* --on-change, --wait, --state: rows say what was before */
    bool has_histogram; /* --histogram: summaries have one */
    bool is_by_address; /* -A: a summary is about an address, not about a target */
    bool is_unicode;    /* drawing may use more than ASCII */
    /* Of rows in text; NULL: two blanks between their parts. */
    const struct row_columns *columns;
    /* Add it to a monotonic time to get nanoseconds since 1970. */
    int64_t wall_offset_ns;
};

enum { REPORT_ENDINGS_MAX = 3 };

/*
 * Each function appends whole lines. A format is written row by row, then `row` is
 * there, or as one document, then nothing but `document` is.
 */
struct report_format {
    const char *name; /* as in --format NAME */

    /* How the name of a file ends that is taken for one of this format, as in ".html"; NULL
       behind the last one, where there are fewer. */
    const char *endings[REPORT_ENDINGS_MAX];

    /* All of it, once all rows are there: see document.h. */
    void (*document)(struct buffer *out, const struct document *document);

    /* What stands before the first row, also where there is none. */
    void (*begin)(struct buffer *out, const struct report *report);

    void (*row)(struct buffer *out, const struct report *report, const struct result *result);

    /*
     * What all rows of a series, whose stats are kept, come to at now_ns. Nothing for an
     * invalid target. NULL: the format has no place for it, people are told in text.
     */
    void (*summary)(struct buffer *out, const struct report *report,
                    const struct series *series, int64_t now_ns);

    /* What stands behind the last row and the last summary. */
    void (*finish)(struct buffer *out, const struct report *report);

    bool is_summary_a_row; /* it belongs among the rows; else it is for people */
    bool shows_runs; /* of a document: the last runs one by one, where they are remembered */

    /*
     * Of a plugin's format, else NULL: the exit status. Its reader takes nothing but standard
     * output and that status, so that what fails is told there, too.
     */
    int (*status)(const struct document *document);
};

extern const struct report_format report_text;
extern const struct report_format report_json;
extern const struct report_format report_nagios;
extern const struct report_format report_prometheus;
extern const struct report_format report_csv;
extern const struct report_format report_junit;
extern const struct report_format report_html;

/* The format called `name`, or NULL. */
const struct report_format *report_find(const char *name);

/* The format at `index`, or NULL behind the last one. */
const struct report_format *report_at(size_t index);

/* Append the format's beginning or end, where it has one. */
void report_begin(struct buffer *out, const struct report *report,
                  const struct report_format *format);
void report_finish(struct buffer *out, const struct report *report,
                   const struct report_format *format);

/*
 * Append how the latencies are distributed: ten indented lines of bars, at most 80 columns
 * wide; nothing where there are none. Each line stands for as many milliseconds as the others,
 * but the last one takes all that lies far behind the rest.
 */
void report_histogram(struct buffer *out, const struct stats *stats, bool is_unicode);

/* One line of -v, with its line end; each is about one step of the engine. */
void report_trace(struct buffer *out, const struct trace *trace);

#endif
