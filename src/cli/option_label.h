/*
 * option_label: --label KEY=VALUE, what the user adds to each row.
 *
 * A key is a name that every format takes as one of its own: a label of Prometheus, a column, a
 * key of JSON. So no name that any of them uses already is allowed.
 */
#ifndef NETCHECK_OPTION_LABEL_H
#define NETCHECK_OPTION_LABEL_H

#include "option_table.h"

option_apply option_label_apply;

/* Free what it kept. */
void option_label_release(struct options *options);

#endif
