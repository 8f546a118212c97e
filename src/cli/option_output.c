#include "option_output.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "netcheck/base/base.h"
#include "argument.h"
#include "help.h"

static const struct {
    const char *word;
    unsigned shown;
} shown_rows[] = {
    {"up", SHOW_UP},
    {"down", SHOW_DOWN},
    {"error", SHOW_ERROR},
    {"unexpected", SHOW_UNEXPECTED},
};

const char *option_output_shown_word(size_t index)
{
    return index < ARRAY_LEN(shown_rows) ? shown_rows[index].word : NULL;
}

bool option_output_apply_only(struct options *options, const struct use *use)
{
    unsigned shown = 0;
    for (const char *word = use->argument;; word++) {
        size_t len = strcspn(word, ",");
        size_t index = 0;
        if (!argument_find_word(option_output_shown_word, word, len, &index))
            return argument_refuse(use, "invalid list",
                                   "allowed is up, down, error and unexpected");
        shown |= shown_rows[index].shown;
        word += len;
        if (*word == '\0')
            break;
    }
    options->shown = shown;
    return true;
}

/* The last one counts. */
static bool set_format(struct options *options, const struct report_format *format)
{
    options->has_two_formats |= options->has_format && options->format != format;
    options->format = format;
    options->has_format = true;
    return true;
}

bool option_output_apply_json(struct options *options, const struct use *use)
{
    (void)use;
    return set_format(options, &report_json);
}

const char *option_output_format_word(size_t index)
{
    const struct report_format *format = report_at(index);
    return format != NULL ? format->name : NULL;
}

bool option_output_apply_format(struct options *options, const struct use *use)
{
    const struct report_format *format = report_find(use->argument);
    if (format != NULL)
        return set_format(options, format);
    (void)argument_refuse(use, "unknown format", "allowed is ");
    help_add_words(use->message, option_output_format_word, ", ");
    return false;
}

static bool ends_so(const char *path, const char *ending)
{
    size_t len = strlen(path);
    size_t ending_len = strlen(ending);
    return len > ending_len && strcasecmp(path + len - ending_len, ending) == 0;
}

static bool promises(const struct report_format *format, const char *path)
{
    for (size_t i = 0; i < REPORT_ENDINGS_MAX && format->endings[i] != NULL; i++)
        if (ends_so(path, format->endings[i]))
            return true;
    return false;
}

/* The format that the end of a file's name promises; NULL: none. */
static const struct report_format *format_of_name(const char *path)
{
    const struct report_format *format;
    for (size_t i = 0; (format = report_at(i)) != NULL; i++)
        if (promises(format, path))
            return format;
    return NULL;
}

/* Text in page.html is a mistake, unless it is asked for. */
static bool refuse_format(const struct use *use, const struct report_format *promised)
{
    char remedy[64];
    (void)snprintf(remedy, sizeof remedy, "write --format %s before it, or --format text",
                   promised->name);
    return argument_refuse(use, "no format for the file", remedy);
}

bool option_output_apply(struct options *options, const struct use *use)
{
    bool is_standard = strcmp(use->argument, "-") == 0;
    const struct report_format *promised = format_of_name(use->argument);
    if (use->argument[0] == '\0')
        return argument_refuse(use, "empty file name", "write a path");
    if (options->has_two_formats)
        return argument_refuse(use, "two formats before the file",
                               "write the one of standard output behind the last -o");
    if (!options->has_format && promised != NULL)
        return refuse_format(use, promised);
    if (is_standard && options->standard.path != NULL)
        return argument_refuse(use, "standard output twice", "leave one -o - out");
    struct options_output *output =
        is_standard ? &options->standard : &options->outputs[options->output_count++];
    *output = (struct options_output){
        .path = use->argument,
        .format = options->format,
        .has_format = options->has_format,
        .shown = options->shown,
    };
    options->format = &report_text;
    options->has_format = false;
    options->shown = 0;
    return true;
}
