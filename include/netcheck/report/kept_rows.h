/*
 * kept_rows: rows that are kept until the run is over, for formats that need them all.
 *
 * Some 330 bytes a row, and what its reply and its target take.
 */
#ifndef NETCHECK_KEPT_ROWS_H
#define NETCHECK_KEPT_ROWS_H

#include <stddef.h>

#include "netcheck/base/error.h"
#include "netcheck/probe/result.h"

/* All zero: none. */
struct kept_rows {
    struct result *items; /* each held */
    size_t count;
    size_t capacity;
};

void kept_rows_release(struct kept_rows *rows);

/* Keep a row; it stays the caller's, too. ERROR_NONE or ERROR_NO_MEMORY. */
enum error kept_rows_add(struct kept_rows *rows, const struct result *result);

#endif
