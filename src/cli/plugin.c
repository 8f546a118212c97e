#include "netcheck/cli/plugin.h"

#include <string.h>
#include <strings.h>

#include "netcheck/base/duration.h"
#include "netcheck/report/wording.h"
#include "option_table.h"

/* What is looked through, and what it is about so far. */
struct search {
    bool is_refused;
    bool is_next;     /* the format that was written last, for what comes behind it, is one */
    bool is_standard; /* standard output has one for good, by "-o -" */
};

/* What one option makes of the format of standard output. In capitals it is an unknown format,
   but of a reader that is known. */
static void note(struct search *search, const struct option *option, const char *argument)
{
    const char *name = option->name != NULL ? option->name : "";
    if (strcmp(name, "format") == 0 && argument != NULL)
        search->is_next = strcasecmp(argument, report_nagios.name) == 0;
    else if (strcmp(name, "json") == 0)
        search->is_next = false;
    if (strcmp(name, "output") != 0)
        return;
    bool is_file = argument == NULL || strcmp(argument, "-") != 0;
    search->is_standard |= search->is_next && !is_file;
    search->is_next = false; /* the format before -o is the file's */
}

/* Whether the word is the argument of the option before it. */
static bool is_argument(const struct search *search, const char *word)
{
    static const char format[] = "--format";
    return word != NULL &&
           (!search->is_refused || strncmp(word, format, sizeof format - 1) != 0);
}

/* "--name", "--name=argument", "--name argument" */
static void note_name(char *const argv[], size_t *index, struct search *search)
{
    const char *name = argv[*index] + 2;
    size_t len = strcspn(name, "=");
    const struct option *option = option_with_name(name, len);
    if (option == NULL)
        return;
    const char *argument = name[len] == '=' ? name + len + 1 : NULL;
    bool is_next =
        option->argument != NULL && argument == NULL && !option->argument->is_optional;
    if (is_next && is_argument(search, argv[*index + 1]))
        argument = argv[++*index];
    note(search, option, argument);
}

/* "-v", "-zv", "-w2", "-w 2" */
static void note_letters(char *const argv[], size_t *index, struct search *search)
{
    const char *p = argv[*index] + 1;
    const struct option *option;
    for (; *p != '\0' && (option = option_with_letter(*p)) != NULL; p++) {
        const char *argument = NULL;
        if (option->argument != NULL && p[1] != '\0')
            argument = p + 1;
        else if (option->argument != NULL && is_argument(search, argv[*index + 1]))
            argument = argv[++*index];
        note(search, option, argument);
        if (option->argument != NULL)
            return;
    }
}

bool plugin_is_asked(char *const argv[], bool is_refused)
{
    struct search search = {.is_refused = is_refused};
    if (argv[0] == NULL)
        return false;
    for (size_t i = 1; argv[i] != NULL && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--", 2) == 0)
            note_name(argv, &i, &search);
        else if (argv[i][0] == '-')
            note_letters(argv, &i, &search);
    }
    return search.is_next || search.is_standard;
}

static bool is_plugin(const struct report_format *format)
{
    return format->status != NULL;
}

/* Of a plugin's format for standard output: it is one answer, by its rows alone. */
static const char *find_answer_problem(const struct options *options)
{
    if (options->has_rounds && !options->is_live)
        return "--format nagios is one answer, of one asking: leave -c and -i out; for limits "
               "write --warn DUR and --crit DUR";
    if (options->is_timeout_of_nc)
        return "-w is the timeout here, not a limit for --format nagios: write --warn DUR, or "
               "-t DUR for the timeout";
    if (options->command != NULL)
        return "the exit status would be that of COMMAND, not of --format nagios: leave one "
               "out";
    if (options->is_on_change)
        return "--format nagios says how it is, changed or not: leave --on-change out";
    return NULL;
}

const char *plugin_find_problem(const struct options *options)
{
    const struct time_limits *limits = &options->report.limits;
    bool has_plugin = is_plugin(options->format);
    bool is_thinned = has_plugin && options->shown != 0;
    for (size_t i = 0; i < options->output_count; i++) {
        bool is_one = is_plugin(options->outputs[i].format);
        has_plugin |= is_one;
        is_thinned |= is_one && options->outputs[i].shown != 0;
    }
    if (!has_plugin && (limits->warn_ns > 0 || limits->crit_ns > 0))
        return "--warn and --crit are of --format nagios: add it; -t DUR is the time after "
               "which a target is down";
    if (options->report.expects_down && (limits->warn_ns > 0 || limits->crit_ns > 0))
        return "--warn and --crit are of targets that are expected up: leave them, or --expect "
               "down, out";
    if (is_thinned)
        return "--format nagios judges all rows: leave --only out; -v shows them all, -q none";
    return is_plugin(options->format) ? find_answer_problem(options) : NULL;
}

bool plugin_refuse_limits(struct buffer *message, const struct options *options)
{
    const struct time_limits *limits = &options->report.limits;
    int64_t timeout_ns = options->probe.timeout_ns;
    bool is_reversed = limits->crit_ns > 0 && limits->warn_ns > limits->crit_ns;
    int64_t larger_ns = limits->crit_ns > 0 ? limits->crit_ns : limits->warn_ns;
    const char *name = limits->crit_ns > 0 ? "--crit" : "--warn";
    if (is_reversed) {
        buffer_add_text(message, "--warn is above --crit: write the longer time for --crit");
    } else if (larger_ns > timeout_ns) {
        buffer_add_format(message, "%s is above -t, after whose ", name);
        wording_duration(message, timeout_ns);
        buffer_add_format(message,
                          " a target is down: write a shorter time, as in %s 100ms, or a "
                          "longer -t",
                          name);
    }
    return is_reversed || larger_ns > timeout_ns;
}
