#include "netcheck/report/row_columns.h"

#include <string.h>

#include "netcheck/report/wording.h"

void row_columns_init(struct row_columns *columns, unsigned screen_width)
{
    *columns = (struct row_columns){
        .label_most = screen_width / 2,
        .address_most = screen_width / 4,
    };
}

bool row_columns_have_address(const struct endpoint *endpoint)
{
    return endpoint->target->kind == TARGET_NAME;
}

static void widen(size_t *width, size_t len, size_t most)
{
    if (len > *width && len <= most)
        *width = len;
}

static void widen_address(struct row_columns *columns, const struct address *address)
{
    char text[ADDRESS_TEXT_SIZE];
    address_format(address, text);
    widen(&columns->address_width, strlen(text), columns->address_most);
}

/* Of an address, too, it widens the address column: names are most likely near. */
void row_columns_reserve(struct row_columns *columns, struct target *target)
{
    struct buffer label = BUFFER_EMPTY;
    struct endpoint endpoint;
    endpoints_widest(target, &endpoint);
    wording_label(&label, &endpoint);
    widen(&columns->label_width, label.len, columns->label_most);
    widen_address(columns, &endpoint.address);
    columns->has_names |= row_columns_have_address(&endpoint);
    buffer_release(&label);
}

void row_columns_widen(struct row_columns *columns, const struct endpoint *endpoint)
{
    if (row_columns_have_address(endpoint))
        widen_address(columns, &endpoint->address);
}
