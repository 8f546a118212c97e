/*
 * csv: a row as one line of a table, below the names of its columns.
 *
 * RFC 4180, with LF: "\r" would be a part of the last column for cut and awk. Nothing known is
 * an empty field; an empty text is "", which databases can tell apart. Texts are escaped as in
 * text for people, so that a row is one line, and one line is a row.
 */
#include "netcheck/report/report.h"

#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/escape.h"
#include "netcheck/base/utf8.h"
#include "netcheck/report/field_parts.h"

/* What a spreadsheet takes for the beginning of a formula, the wide ones in Japan. */
static bool begins_formula(uint32_t character)
{
    switch (character) {
    case '=':
    case '+':
    case '-':
    case '@':
    case 0xff1d:
    case 0xff0b:
    case 0xff0d:
    case 0xff20:
        return true;
    default:
        return false;
    }
}

/* Whether all bytes stand for themselves. */
static bool is_plain(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] < ' ' || bytes[i] > '~' || ascii_is_one_of(bytes[i], "\\\";"))
            return false;
    return len == 0 || !begins_formula((unsigned char)bytes[0]);
}

/* As \xNN, one by one: a reader gets back what was there. */
static void add_hex(struct buffer *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        buffer_add_format(out, "\\x%02x", (unsigned char)bytes[i]);
}

/*
 * What begins a cell must not begin a formula: a spreadsheet that opens the
 * table would run it. Where a semicolon is its separator, cells begin behind one, too.
 */
static void add_escaped(struct buffer *out, const char *bytes, size_t len)
{
    bool is_begin = true;
    for (size_t i = 0; i < len;) {
        uint32_t character = 0;
        size_t n = utf8_decode(bytes + i, len - i, &character);
        bool is_known = n > 0;
        n = is_known ? n : 1;
        if (is_known && is_begin && begins_formula(character))
            add_hex(out, bytes + i, n);
        else if (bytes[i] == '"')
            buffer_add_text(out, "\"\"");
        else
            escape_readable(out, bytes + i, n);
        is_begin = bytes[i] == ';' || (is_begin && bytes[i] == '"');
        i += n;
    }
}

static void add_text(struct buffer *out, const char *bytes, size_t len)
{
    bool is_quoted =
        len == 0 || memchr(bytes, ',', len) != NULL || memchr(bytes, '"', len) != NULL;
    buffer_add_text(out, is_quoted ? "\"" : "");
    if (is_plain(bytes, len))
        buffer_add(out, bytes, len);
    else
        add_escaped(out, bytes, len);
    buffer_add_text(out, is_quoted ? "\"" : "");
}

static void add_plain(struct buffer *out, enum field_type type, const struct field_value *value)
{
    if (value->is_known && type == FIELD_TEXT)
        add_text(out, value->text, value->len);
    else if (value->is_known)
        field_write(out, type, value);
    buffer_add_text(out, ",");
}

/* Each appends the columns of a field, with a comma behind each. */
typedef void column_function(struct buffer *out, const struct field *field,
                             struct record *record);

/* Labels are columns of their own names. */
static void add_names(struct buffer *out, const struct field *field, struct record *record)
{
    struct field_part part;
    size_t i = 0;
    for (; field_part(field, record->report, NULL, i, &part); i++) {
        if (field->type != FIELD_LABELS)
            buffer_add_format(out, "%s_", field->name);
        buffer_add_format(out, "%s,", part.name);
    }
    if (i == 0 && field->type != FIELD_LABELS)
        buffer_add_format(out, "%s,", field->name);
}

static void add_values(struct buffer *out, const struct field *field, struct record *record)
{
    struct field_value value = field_get(field, record);
    struct field_part part;
    size_t i = 0;
    for (; field_part(field, record->report, &value, i, &part); i++)
        add_plain(out, part.type, &part.value);
    if (i == 0 && field->type != FIELD_LABELS)
        add_plain(out, field->type, &value);
}

/* What may have commas of its own, so that cut(1) finds the columns before it. */
static bool is_last(const struct field *field)
{
    return strcmp(field->name, "detail") == 0;
}

static void add_line(struct buffer *out, struct record *record, column_function *add)
{
    unsigned lines = fields_of_rows(record->report);
    const struct field *last = NULL;
    const struct field *field = NULL;
    while ((field = fields_next(field, lines)) != NULL) {
        if (is_last(field))
            last = field;
        else
            add(out, field, record);
    }
    if (last != NULL)
        add(out, last, record);
    if (!out->has_failed)
        out->bytes[out->len - 1] = '\n'; /* instead of a comma */
    out->has_failed |= record->scratch.has_failed;
    record_release(record);
}

static void begin(struct buffer *out, const struct report *report)
{
    struct record record = {.report = report};
    add_line(out, &record, add_names);
}

static void add_row(struct buffer *out, const struct report *report,
                    const struct result *result)
{
    struct record record = record_of_row(report, result);
    add_line(out, &record, add_values);
}

const struct report_format report_csv = {
    .name = "csv", .endings = {".csv"}, .begin = begin, .row = add_row};
