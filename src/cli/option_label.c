#include "option_label.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/base/grow.h"
#include "netcheck/report/fields.h"
#include "argument.h"

/* Source: the data model of Prometheus, of which [a-zA-Z_][a-zA-Z0-9_]* is a label's name. */
static bool is_name(const char *key, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!ascii_is_letter(key[i]) && key[i] != '_' && (i == 0 || !ascii_is_digit(key[i])))
            return false;
    return true;
}

/* Whether the key is `name`; columns of SQL, of which CSV becomes some, have no upper case. */
static bool is_same(const char *key, size_t len, const char *name)
{
    return strlen(name) == len && strncasecmp(key, name, len) == 0;
}

/* Whether the key is "icmp", or "icmp_code" and the like, where columns hold an object's parts.
 */
static bool is_field(const char *key, size_t len, const struct field *field)
{
    size_t name_len = strlen(field->name);
    bool has_parts = field->type == FIELD_ICMP || field->type == FIELD_TLS;
    if (has_parts && len > name_len && key[name_len] == '_')
        len = name_len;
    return is_same(key, len, field->name);
}

/* Whether a format has the name for something else; Prometheus keeps "__" for itself. */
static bool is_taken(const char *key, size_t len)
{
    static const char *const others[] = {"le", "quantile", "summary"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (is_same(key, len, others[i]))
            return true;
    const struct field *field = NULL;
    while ((field = fields_next(field, UINT_MAX)) != NULL)
        if (is_field(key, len, field))
            return true;
    return len >= 2 && strncmp(key, "__", 2) == 0;
}

static bool has_label(const struct report *report, const char *key, size_t len)
{
    for (size_t i = 0; i < report->label_count; i++)
        if (is_same(key, len, report->labels[i].key))
            return true;
    return false;
}

/* Keep a copy, in which the key is terminated. */
static enum error keep(struct options *options, const char *argument, size_t key_len)
{
    size_t count = options->report.label_count;
    enum error error = GROW(options->labels, options->label_capacity, count + 1);
    if (error == ERROR_NONE)
        error = GROW(options->label_texts, options->label_text_capacity, count + 1);
    char *text = error == ERROR_NONE ? strdup(argument) : NULL;
    if (text == NULL)
        return ERROR_NO_MEMORY;
    text[key_len] = '\0';
    options->label_texts[count] = text;
    options->labels[count] = (struct label){.key = text, .value = text + key_len + 1};
    options->report.labels = options->labels;
    options->report.label_count++;
    return ERROR_NONE;
}

bool option_label_apply(struct options *options, const struct use *use)
{
    const char *key = use->argument;
    size_t len = strcspn(key, "=");
    if (key[len] == '\0' || len == 0)
        return argument_refuse(use, "invalid label", "write KEY=VALUE, as in site=paris");
    if (!is_name(key, len))
        return argument_refuse(use, "invalid key of label",
                               "allowed is a name of letters, digits and _, not a digit first");
    if (is_taken(key, len))
        return argument_refuse(use, "taken key of label",
                               "formats have it already, choose another");
    if (has_label(&options->report, key, len))
        return argument_refuse(use, "repeated key of label", "write each key once");
    enum error error = keep(options, key, len);
    if (error != ERROR_NONE)
        buffer_add_format(use->message, "%s for %s", error_text(error), use->name);
    return error == ERROR_NONE;
}

void option_label_release(struct options *options)
{
    for (size_t i = 0; i < options->report.label_count; i++)
        free(options->label_texts[i]);
    free(options->label_texts);
    free(options->labels);
}
