/*
 * fields: what is known of a row or of a summary, by name.
 *
 * The one list that formats for programs walk, in its order: a new field is one row in
 * fields.c, and each of these formats has it. Text for people is laid out by hand and does not
 * walk the list. A field never changes its name or type. "sent" is in two kinds of lines: of
 * rows it counts datagrams, of summaries rows.
 */
#ifndef NETCHECK_FIELDS_H
#define NETCHECK_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/report/report.h"

/* The type says the unit; a unit other than "none" ends the name. */
enum field_type {
    FIELD_TEXT,     /* text, len: any bytes */
    FIELD_TIME,     /* number: nanoseconds since 1970 */
    FIELD_SECOND,   /* number: seconds since 1970 */
    FIELD_DURATION, /* number: nanoseconds; the name ends in _ms */
    FIELD_COUNT,    /* number */
    FIELD_BOOLEAN,  /* number: 0 or 1 */
    FIELD_PERCENT,  /* percent; the name ends in _percent */
    FIELD_ICMP,     /* icmp: type and code */
    FIELD_TLS,      /* tls: version and end of the certificate, each perhaps unknown */
    FIELD_LABELS,   /* labels, of which there are `len` */
};

/* Which lines have a field. */
enum {
    FIELD_IN_ROWS = 1u << 0,
    FIELD_IN_ROUNDS = 1u << 1,  /* in rows, where report->has_rounds */
    FIELD_IN_CHANGES = 1u << 2, /* in rows, where report->has_changes */
    FIELD_IN_SUMMARIES = 1u << 3,
};

/* A row, or a summary, as the source of values. */
struct record {
    const struct report *report;
    const struct result *result; /* the row, or the last one of the series */
    const struct series *series; /* NULL for a row */
    int64_t at_ns;               /* monotonic: when the row was finished; a summary: now */
    struct buffer scratch;       /* the text of the value that was taken last */
    int argument;                /* of the field that is being taken */
};

struct field_value {
    bool is_known; /* false: nothing else counts */
    int64_t number;
    double percent;
    const char *text; /* not terminated; valid until the next value of the record is taken */
    size_t len;
    const struct icmp *icmp; /* lives as long as the row */
    const struct reply *tls; /* the same */
    const struct label *labels;
};

struct field {
    const char *name;
    enum field_type type;
    unsigned lines; /* FIELD_IN_ bits */
    struct field_value (*get)(struct record *record);
    int argument; /* what tells apart fields with the same get() */
};

/* Both are borrowed. To be released. */
struct record record_of_row(const struct report *report, const struct result *result);

/* A summary at now_ns of a series whose stats are kept. */
struct record record_of_series(const struct report *report, const struct series *series,
                               int64_t now_ns);

void record_release(struct record *record);

/* FIELD_IN_ bits of the lines that rows, or summaries, of this run have. */
unsigned fields_of_rows(const struct report *report);
unsigned fields_of_summaries(void);

/* The field behind `field` (NULL: the first one) that has one of `lines`; NULL: no more. */
const struct field *fields_next(const struct field *field, unsigned lines);

/* The record's value of the field, which must be one of its lines. */
struct field_value field_get(const struct field *field, struct record *record);

#endif
