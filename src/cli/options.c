#include "netcheck/cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/cli/version.h"
#include "completion.h"
#include "conflicts.h"
#include "help.h"
#include "option_label.h"
#include "option_table.h"
#include "unknown.h"

enum { NAME_LIMIT = 32 }; /* longer than any option */

static bool refuse_missing(struct buffer *message, const char *name,
                           const struct option *option)
{
    buffer_add_format(message, "missing argument of %s: write %s ", name, name);
    help_add_argument(message, option->argument);
    return false;
}

/* "--name", "--name=argument", "--name argument" */
static bool parse_long(struct options *options, char *argv[], int *index,
                       struct buffer *message)
{
    const char *written = argv[*index];
    const char *name = written + 2;
    size_t len = strcspn(name, "=");
    const struct option *option = option_with_name(name, len);
    if (option == NULL) {
        unknown_name(message, argv, written);
        return false;
    }
    const char *argument = name[len] == '=' ? name + len + 1 : NULL;
    char plain[NAME_LIMIT + 3] = "--";
    memcpy(plain + 2, option->name, len);
    if (option->argument == NULL && argument != NULL) {
        buffer_add_format(message, "unexpected argument of %s: it takes none", plain);
        return false;
    }
    if (option->argument != NULL && argument == NULL && !option->argument->is_optional) {
        argument = argv[*index + 1];
        if (argument == NULL)
            return refuse_missing(message, plain, option);
        (*index)++;
    }
    struct use use = {plain, argument, message};
    return option->apply(options, &use);
}

/* "-v", "-zv", "-w2", "-w 2" */
static bool read_letters(struct options *options, char *argv[], int *index,
                         struct buffer *message)
{
    const char *written = argv[*index];
    for (const char *p = written + 1; *p != '\0'; p++) {
        const char name[] = {'-', *p, '\0'};
        const struct option *option = option_with_letter(*p);
        if (option == NULL) {
            unknown_letter(message, argv, written, (size_t)(p - written));
            return false;
        }
        const char *argument = NULL;
        if (option->argument != NULL) {
            argument = p[1] != '\0' ? p + 1 : argv[++*index];
            if (argument == NULL)
                return refuse_missing(message, name, option);
        }
        struct use use = {name, argument, message};
        if (!option->apply(options, &use))
            return false;
        if (argument != NULL)
            break;
    }
    return true;
}

/* "-oX" of nmap, "-output" and "-hostname", which all would be a file name behind -o. */
static bool has_odd_file(const char *written)
{
    const char *word = written + 1;
    size_t len = strcspn(word, "=");
    bool is_word = len > 1 && strspn(word, "abcdefghijklmnopqrstuvwxyz-") == len;
    return strchr(word, 'o') != NULL && (is_word || (word[0] == 'o' && len == 2));
}

/* Letters of ours, or else a word of another program that only looks like them. */
static bool parse_letters(struct options *options, char *argv[], int *index,
                          struct buffer *message)
{
    const char *written = argv[*index];
    struct buffer foreign = BUFFER_EMPTY;
    bool is_odd = has_odd_file(written) && unknown_whole(&foreign, argv, written);
    bool is_valid = !is_odd && read_letters(options, argv, index, message);
    if (is_odd)
        buffer_add(message, foreign.bytes, foreign.len);
    else if (!is_valid && unknown_whole(&foreign, argv, written)) {
        buffer_drop(message, message->len);
        buffer_add(message, foreign.bytes, foreign.len);
    }
    buffer_release(&foreign);
    return is_valid;
}

static bool parse_command(struct options *options, char **command, struct buffer *message)
{
    if (command[0] == NULL) {
        buffer_add_text(message, "missing COMMAND after '--': write it, or leave '--' out");
        return false;
    }
    options->command = command;
    return true;
}

static bool parse_words(struct options *options, char *argv[], struct buffer *message)
{
    for (int i = 1; argv[i] != NULL; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--") == 0)
            return parse_command(options, argv + i + 1, message);
        bool is_long = strncmp(word, "--", 2) == 0;
        bool is_option = word[0] == '-';
        if (is_long && !parse_long(options, argv, &i, message))
            return false;
        if (!is_option && unknown_dash(message, word))
            return false;
        if (is_option && !is_long && word[1] == '\0') {
            buffer_add_text(message, "a host never is '-': write -f - to read targets from "
                                     "standard input");
            return false;
        }
        if (is_option && !is_long && !parse_letters(options, argv, &i, message))
            return false;
        if (!is_option)
            options->operands[options->operand_count++] = word;
    }
    return true;
}

/* Texts end with status 0, which a script would take for the answer about its targets. */
static const char *find_unasked(const struct options *options)
{
    bool has_targets = options->operand_count > 0 || options->file_count > 0 ||
                       options->ports.count > 0 || options->command != NULL;
    if (!has_targets || options->text == TEXT_HELP)
        return NULL;
    if (options->text == TEXT_SHORT_HELP)
        return "-h prints help and asks nothing: write HOST without -h, or leave the rest out";
    return "-V and --completion ask nothing: leave them, or the targets, out";
}

/* What stands behind -o - is of standard output as well. NULL, or what is wrong with that. */
static const char *take_standard(struct options *options)
{
    const struct options_output *standard = &options->standard;
    if (standard->path == NULL)
        return NULL;
    if (options->has_format || (options->shown != 0 && standard->shown != 0))
        return "-o - takes the --format and the --only before it: leave those behind it out";
    options->format = standard->format;
    options->has_format = standard->has_format;
    options->shown |= standard->shown;
    return NULL;
}

/* What follows from several options together. False: they do not go together. */
static bool settle(struct options *options, struct buffer *message)
{
    options->has_rounds =
        options->has_count || options->is_live || (options->has_interval && !options->is_wait);
    const char *problem = take_standard(options);
    if (problem != NULL) {
        buffer_add_text(message, problem);
        return false;
    }
    if (conflicts_refuse(message, options))
        return false;
    if (address_family(&options->source) != AF_UNSPEC)
        options->probe.families = address_family_bit(&options->source);
    return true;
}

bool options_parse(struct options *options, int argc, char *argv[], struct buffer *message)
{
    memset(options, 0, sizeof *options);
    ports_init(&options->ports);
    options->probe.timeout_ns = OPTIONS_TIMEOUT_S * NS_PER_S;
    options->max_time_ns = NEVER_NS;
    options->probe.families = FAMILY_ANY;
    options->window = OPTIONS_WINDOW;
    options->interval_ns = OPTIONS_INTERVAL_S * NS_PER_S;
    options->shards = 1;
    options->format = report_find("text");
    /* No more of each than there are words. */
    options->operands = calloc((size_t)argc + 1, sizeof *options->operands);
    options->files = calloc((size_t)argc + 1, sizeof *options->files);
    options->excludes = calloc((size_t)argc + 1, sizeof *options->excludes);
    options->exclude_files = calloc((size_t)argc + 1, sizeof *options->exclude_files);
    options->outputs = calloc((size_t)argc + 1, sizeof *options->outputs);
    if (options->operands == NULL || options->files == NULL || options->excludes == NULL ||
        options->exclude_files == NULL || options->outputs == NULL) {
        buffer_add_text(message, error_text(ERROR_NO_MEMORY));
        return false;
    }
    /* A caller of execve() may leave out even the program's name. */
    if (argc > 0 && !parse_words(options, argv, message))
        return false;
    if (options->text == TEXT_NONE)
        return settle(options, message);
    const char *problem = find_unasked(options);
    if (problem != NULL)
        buffer_add_text(message, problem);
    return problem == NULL;
}

void options_release(struct options *options)
{
    free(options->operands);
    free(options->files);
    free(options->excludes);
    free(options->exclude_files);
    free(options->outputs);
    option_label_release(options);
    buffer_release(&options->send);
    matcher_free(options->match);
    ports_release(&options->ports);
}

void options_explain(struct buffer *out, const struct options *options)
{
    static const char *const meanings[DURATION_COUNT] = {
        [DURATION_TIMEOUT] = "giving up after", [DURATION_INTERVAL] = "asking every",
        [DURATION_WAIT] = "waiting up to",      [DURATION_MAX_TIME] = "ending the run after",
        [DURATION_HOLD] = "holding for",        [DURATION_WARN] = "warning after",
        [DURATION_CRIT] = "critical after",     [DURATION_REMIND] = "telling again after",
    };
    for (size_t i = 0; i < DURATION_COUNT; i++)
        if (options->large[i] != NULL)
            buffer_add_format(out, "* %s %s s: write %sms if milliseconds are meant\n",
                              meanings[i], options->large[i], options->large[i]);
}

void options_describe(struct buffer *out, const struct options *options)
{
    switch (options->text) {
    case TEXT_NONE:
        break;
    case TEXT_COMPLETION:
        completion_write(out, options->shell, option_table, option_table_len);
        break;
    case TEXT_VERSION:
        version_describe(out);
        break;
    case TEXT_SHORT_HELP:
        help_write_short(out, option_table, option_table_len);
        break;
    case TEXT_HELP:
        help_write(out, option_table, option_table_len);
        break;
    }
}
