/*
 * html_page: what the parts of the status page share.
 */
#ifndef NETCHECK_HTML_PAGE_H
#define NETCHECK_HTML_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "html_strip.h"
#include "netcheck/report/document.h"

struct html_page {
    struct buffer *out;
    const struct document *document;
    struct buffer scratch;     /* words that are not escaped for markup yet */
    bool has_memory;           /* of a row */
    struct html_runs runs;     /* of all rows; but `count` is that of the longest strip */
    size_t asked;              /* runs of all rows */
    size_t ending;             /* rows whose certificate ends soon */
    const struct result *gate; /* that is not as expected; NULL: none */
    bool is_ungrouped; /* the rows that are being written stand outside of their groups */
};

/* Append markup as it is. */
void html_add(struct html_page *page, const char *markup);

/* Append what stands in the scratch buffer, made harmless; the buffer is empty then. */
void html_add_scratch(struct html_page *page);

/* Append foreign bytes that nothing made readable before. */
void html_add_foreign(struct html_page *page, const char *bytes);

/* Append what a file of targets is called; "-" is standard input. */
void html_add_path(struct html_page *page, const char *path);

/* Append "2026-11-29 03:00", with seconds and UTC where it is exact, for programs, too. */
void html_add_time(struct html_page *page, int64_t wall_s, bool is_exact);

/* Whether the row is as expected. */
bool html_is_well(const struct html_page *page, const struct result *result);

#endif
