/*
 * html_groups: which rows of the status page stand together.
 *
 * A group is the file that its targets came from; of operands, their host as it was written, or
 * their prefix or range. A host with one row would be a group of its own for nothing: all of
 * these are one.
 */
#ifndef NETCHECK_HTML_GROUPS_H
#define NETCHECK_HTML_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/report/document.h"

enum html_group_kind {
    HTML_GROUP_FILE,
    HTML_GROUP_HOST,
    HTML_GROUP_RANGE,
    HTML_GROUP_SINGLES, /* hosts that have one row each, where there are several */
};

struct html_group {
    enum html_group_kind kind;
    const struct target *target; /* borrowed; one of the group, which has its name */
    size_t *rows;      /* their places in the document, in its order; part of `places` */
    size_t count;      /* of them, at least one */
    size_t unexpected; /* of them, errors among them */
};

struct html_groups {
    struct html_group *items; /* owned; the first ones have a row that is not as expected, then
                                 as they come in the document */
    size_t count;
    size_t *places; /* owned */
};

/* To be released in any case. ERROR_NONE or ERROR_NO_MEMORY. */
enum error html_groups_make(struct html_groups *groups, const struct document *document);

void html_groups_release(struct html_groups *groups);

#endif
