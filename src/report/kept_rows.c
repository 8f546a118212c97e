#include "netcheck/report/kept_rows.h"

#include <stdlib.h>

#include "netcheck/base/grow.h"

void kept_rows_release(struct kept_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        result_release(&rows->items[i]);
    free(rows->items);
    *rows = (struct kept_rows){0};
}

enum error kept_rows_add(struct kept_rows *rows, const struct result *result)
{
    enum error error = GROW(rows->items, rows->capacity, rows->count + 1);
    if (error != ERROR_NONE)
        return error;
    rows->items[rows->count] = *result;
    result_hold(&rows->items[rows->count]);
    rows->count++;
    return ERROR_NONE;
}
