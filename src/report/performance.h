/*
 * performance: the performance data of a plugin: the times of targets as numbers with a label.
 *
 *      unexpected=1;;0;0;3 'db:5432'=0.000812s;0.1;0.5;0;2 'web:8080'=U;0.1;0.5;0;2
 *
 * A target without a time keeps its label, so that no graph ends with its service.
 */
#ifndef NETCHECK_PERFORMANCE_H
#define NETCHECK_PERFORMANCE_H

#include "netcheck/report/document.h"

/*
 * Append it, each number behind a blank; nothing where there is none.
 *
 * is_single  there is one target and will be no other: its label is "time", as of check_tcp
 *
 * Returns how many rows found no room.
 */
size_t performance_add(struct buffer *out, const struct document *document, bool is_single);

#endif
