#include "netcheck/cli/options.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/target/protocols.h"
#include "netcheck/target/secret.h"
#include "netcheck/cli/plugin.h"
#include "netcheck/cli/version.h"
#include "completion.h"
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

/* --list may be added to a line to see what it would ask; but it has no rows. */
static const char *find_unlisted(const struct options *options)
{
    if (options->is_quiet)
        return "--list prints the targets, -q prints nothing: leave one out";
    if (options->shown != 0)
        return "--list asks nothing, so that --only has no state to go by: leave one out";
    if (options->output_count > 0)
        return "--list asks nothing, so that -o has no rows: leave one out";
    if (options->state_path != NULL)
        return "--list asks nothing that --state could remember: leave one out";
    if (options->format != report_find("text"))
        return "--list prints a target a line, in no other format: leave one out";
    if (options->command != NULL)
        return "--list asks nothing, so that COMMAND would run unchecked: leave one out";
    return NULL;
}

static bool is_text(const struct options *options)
{
    return options->format == report_find("text");
}

/* What stands behind -o - is of standard output as well. */
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

/* Once a format is written, each file has one: else it may have been meant for another one. */
static bool lacks_format(const struct options *options)
{
    size_t count = 0;
    for (size_t i = 0; i < options->output_count; i++)
        count += options->outputs[i].has_format;
    return count < options->output_count && (count > 0 || options->has_format);
}

/* Where a format and -o belong together, and where a format finds no end to be written at. */
static const char *find_misplaced(const struct options *options)
{
    bool is_endless = options->has_rounds && options->rounds == 0 && !options->is_live;
    if (lacks_format(options))
        return "-o takes the --format before it: write --format NAME -o FILE for each, as in "
               "--format text -o FILE";
    if (options->format->document != NULL && is_endless)
        return "the format is written when all rows are there, and without end they never "
               "are: write -o FILE, or -c N";
    if (options->format->document != NULL && options->is_on_change)
        return "the format says how all is, changed or not: write -o FILE behind it, or leave "
               "--on-change out";
    return NULL;
}

/* What is remembered from run to run, or would have to be. */
static const char *find_unremembered(const struct options *options)
{
    bool has_state = options->state_path != NULL;
    if (has_state && options->is_wait)
        return "--wait ends when all is as expected, --state remembers what was from run to "
               "run: leave one out";
    if (options->confirmations > 0 && !options->is_wait && !has_state)
        return "--confirm is how often in a row --wait or --state has to see it: add --wait "
               "DUR or --state FILE";
    if (options->remind_ns > 0 && !has_state)
        return "--remind goes by what was told in earlier runs: add --state FILE";
    if (options->is_on_change && !options->has_rounds && !options->is_wait && !has_state)
        return "--on-change compares with the time before: add --state FILE, -c or -i";
    return NULL;
}

/* Whether all that is written is text; --list may be added to any line. */
static bool has_no_labels(const struct options *options)
{
    bool has_none = is_text(options) && !options->is_list;
    for (size_t i = 0; i < options->output_count; i++)
        has_none = has_none && options->outputs[i].format == report_find("text");
    return has_none;
}

/* What is asked more than once, and what that has to do with the rest. */
static const char *find_untimely(const struct options *options)
{
    bool has_rounds = options->has_rounds;
    if (options->is_wait && has_rounds)
        return "--wait ends when all is as expected, -c and --live do not: leave one out";
    if (options->gate != NULL && options->is_wait)
        return "--wait waits for every target, --gate leaves some out: write the gate as a "
               "target";
    if (options->gate != NULL && options->is_live)
        return "--live shows every target, --gate leaves some out: write the gate as a target";
    if (options->report.has_histogram && options->is_wait)
        return "--wait has no summary for --histogram to be a part of: leave one out";
    if (options->report.has_histogram && !has_rounds)
        return "--histogram is a part of the summary: add -c or -i";
    if (options->report.has_histogram && !is_text(options))
        return "--histogram is a part of the summary in text: leave it, or -j, out";
    if (options->report.label_count > 0 && has_no_labels(options))
        return "--label is of formats for programs, text has no place for it: add --format "
               "NAME, as in --format json";
    if (options->report.is_dated && !is_text(options))
        return "-D is for text, other formats have the time anyway: leave it out";
    if (options->command != NULL && has_rounds && options->rounds == 0)
        return "without end COMMAND would never run: write -c N";
    if (options->progress == WHEN_ALWAYS && options->is_live)
        return "--progress has no place on the screen of --live: leave it out";
    if (options->progress == WHEN_ALWAYS && has_rounds)
        return "--progress goes towards an end, -c and -i have rows instead: leave it out";
    return NULL;
}

/* The view is all there is to see. */
static const char *find_unseen(const struct options *options)
{
    if (options->is_quiet || options->is_verbose || !is_text(options))
        return "--live is a view of its own: leave -q, -v, -j and --format out";
    if (options->shown != 0 || options->is_on_change || options->report.is_dated)
        return "--live prints no rows: leave --only, --on-change and -D out";
    if (options->state_path != NULL)
        return "--live prints no rows, so that --state has none that were told: leave one out";
    return NULL;
}

static bool has_path(const char *const paths[], size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(paths[i], path) == 0)
            return true;
    return false;
}

/* Whether a word of an operand may name the protocol, as in "icmp://db", "db:443/tls",
   "tls/443" and "icmp" alone. "icmp:80" is a host. */
static bool may_name(const char *operand, const char *protocol)
{
    size_t len = strlen(protocol);
    for (const char *at = operand; *at != '\0'; at++) {
        bool is_begin = at == operand || ascii_is_one_of(at[-1], "!:,/ ");
        if (!is_begin || strncasecmp(at, protocol, len) != 0)
            continue;
        if (at[len] == '\0' || ascii_is_one_of(at[len], ",/ ") ||
            strncmp(at + len, "://", 3) == 0)
            return true;
    }
    return false;
}

/* Whether no target can be asked by this protocol; those of files come later. */
static bool has_none_of(const struct options *options, enum protocol_id protocol)
{
    const char *name = protocols_name(protocol);
    for (size_t i = 0; i < options->ports.count; i++)
        if (options->ports.ranges[i].protocol == protocol)
            return false;
    for (size_t i = 0; i < options->operand_count; i++)
        if (may_name(options->operands[i], name))
            return false;
    if (options->gate != NULL && may_name(options->gate, name))
        return false;
    return options->file_count == 0;
}

/* --ready asks what is known for the service, and knows its answer. */
static bool is_asked_twice(const struct ask_options *ask)
{
    return ask->is_ready && (ask->has_send || ask->match != NULL);
}

/* Whether the operand is surely asked without a connection: "!udp://host:53". */
static bool has_no_connection(const char *operand)
{
    const char *text = operand[0] == '!' ? operand + 1 : operand;
    return strncasecmp(text, "udp://", 6) == 0 || strncasecmp(text, "icmp://", 7) == 0;
}

/* The same of all targets; targets of files come later. */
static bool have_no_connection(const struct options *options)
{
    for (size_t i = 0; i < options->operand_count; i++)
        if (!has_no_connection(options->operands[i]))
            return false;
    if (options->gate != NULL && !has_no_connection(options->gate))
        return false;
    return options->file_count == 0;
}

/* What each option allows, but not together with another. */
static bool check_together(struct options *options, struct buffer *message)
{
    const char *problem = take_standard(options);
    options->has_rounds =
        options->has_count || options->is_live || (options->has_interval && !options->is_wait);
    unsigned source_bit = address_family_bit(&options->source);
    bool has_source = address_family(&options->source) != AF_UNSPEC;
    if (problem != NULL)
        ; /* the rest goes by what standard output is */
    else if (options->probe.families == 0)
        problem = "-4 and -6 exclude each other: leave one out, or both";
    else if (has_source && (options->probe.families & source_bit) == 0)
        problem = "the address of -s is not of the family that -4 or -6 asks for";
    else if (options->format != report_find("text") && options->colour == WHEN_ALWAYS)
        problem = "--color always goes with --format text only";
    else if (options->operand_count == 0 && options->file_count == 0)
        problem = "no targets: write HOST PORT, HOST:PORT or -f FILE; see netcheck --help";
    else if (has_path(options->files, options->file_count, "-") &&
             has_path(options->exclude_files, options->exclude_file_count, "-"))
        problem =
            "-f - and --exclude-file - would read one standard input: write a file for one";
    else if (options->probe.ask.echo_size > 0 && has_none_of(options, PROTOCOL_ICMP))
        problem = "--size is of ICMP echoes, and no target is one: write icmp://HOST";
    else if (options->probe.ask.server_name != NULL && !options->probe.ask.is_ready &&
             has_none_of(options, PROTOCOL_TLS))
        problem = "--server-name is of tls:// and --ready: write tls://HOST:PORT, or --ready";
    else if (is_asked_twice(&options->probe.ask))
        problem = "--ready asks a question of its own: leave it, or --send and --match, out";
    else if (options->probe.ask.hold_ns > 0 && have_no_connection(options))
        problem = "--hold is of connections, and no target has one: write HOST:PORT";
    else if (options->is_list)
        problem = find_unlisted(options);
    if (problem == NULL)
        problem = plugin_find_problem(options);
    if (problem == NULL)
        problem = find_misplaced(options);
    if (problem == NULL)
        problem = find_untimely(options);
    if (problem == NULL)
        problem = find_unremembered(options);
    if (problem == NULL && options->is_live)
        problem = find_unseen(options);
    if (problem != NULL) {
        buffer_add_text(message, problem);
        return false;
    }
    if (plugin_refuse_limits(message, options))
        return false;
    if (has_source)
        options->probe.families = source_bit;
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
        return check_together(options, message);
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
