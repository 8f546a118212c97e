/*
 * field_parts: values of fields as formats write them: the parts of those that have some, and
 * the characters of numbers and times, which are the same in each format.
 */
#ifndef NETCHECK_FIELD_PARTS_H
#define NETCHECK_FIELD_PARTS_H

#include "netcheck/report/fields.h"

struct field_part {
    const char *name;
    enum field_type type;
    struct field_value value; /* unknown, too, where the whole value is */
};

/*
 * Part `index`, from 0, of a value of the field: "type" and "code" of "icmp".
 *
 * value  NULL: only name and type are wanted
 *
 * Returns false behind the last one; at once where the field has plain values.
 */
bool field_part(const struct field *field, const struct report *report,
                const struct field_value *value, size_t index, struct field_part *part);

/* Append a known value that has no parts and is no text: a number, a boolean or a time. */
void field_write(struct buffer *out, enum field_type type, const struct field_value *value);

#endif
