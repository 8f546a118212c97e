/*
 * row_columns: where the parts of a text row stand on a terminal.
 *
 *     up     db:5432       10.0.0.5   0.8 ms
 *     down   192.0.2.5:22             refused in 0.4 ms
 *
 * Two columns: the label, as wide as the widest one of the targets that are known before the
 * first row; and the address of a name, as wide as the widest one so far. What is wider than
 * its column may become overflows its own line and moves no other.
 */
#ifndef NETCHECK_ROW_COLUMNS_H
#define NETCHECK_ROW_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/target/endpoint.h"

struct row_columns {
    size_t label_most; /* columns of the terminal that it may take */
    size_t address_most;
    size_t label_width;
    size_t address_width;
    bool has_names; /* of the targets that are known: others leave the address column blank */
};

/* screen_width  of the terminal, of which a label may have half and an address a quarter */
void row_columns_init(struct row_columns *columns, unsigned screen_width);

/* Rows of this target, which is not invalid, are to come. */
void row_columns_reserve(struct row_columns *columns, struct target *target);

/* A row of this endpoint comes next. */
void row_columns_widen(struct row_columns *columns, const struct endpoint *endpoint);

/* Whether its row has an address, or "-": its label does not say it. */
bool row_columns_have_address(const struct endpoint *endpoint);

#endif
