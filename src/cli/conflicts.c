#include "conflicts.h"

#include <string.h>
#include <strings.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/cli/plugin.h"
#include "netcheck/target/protocols.h"

static bool is_text(const struct options *options)
{
    return options->format == report_find("text");
}

static bool has_path(const char *const paths[], size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(paths[i], path) == 0)
            return true;
    return false;
}

/* Which addresses and inputs there are, and what their rows look like. */
static const char *find_unusable(const struct options *options)
{
    bool has_source = address_family(&options->source) != AF_UNSPEC;
    unsigned source_bit = address_family_bit(&options->source);
    if (options->probe.families == 0)
        return "-4 and -6 exclude each other: leave one out, or both";
    if (has_source && (options->probe.families & source_bit) == 0)
        return "the address of -s is not of the family that -4 or -6 asks for";
    if (!is_text(options) && options->colour == WHEN_ALWAYS)
        return "--color always goes with --format text only";
    if (options->operand_count == 0 && options->file_count == 0)
        return "no targets: write HOST PORT, HOST:PORT or -f FILE; see netcheck --help";
    if (has_path(options->files, options->file_count, "-") &&
        has_path(options->exclude_files, options->exclude_file_count, "-"))
        return "-f - and --exclude-file - would read one standard input: write a file for one";
    return NULL;
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

/* Whether no target can be asked by this protocol; targets of files come later. */
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

/* What a service is asked, and whether some target can be asked that. */
static const char *find_unaskable(const struct options *options)
{
    const struct ask_options *ask = &options->probe.ask;
    if (ask->echo_size > 0 && has_none_of(options, PROTOCOL_ICMP))
        return "--size is of ICMP echoes, and no target is one: write icmp://HOST";
    if (ask->server_name != NULL && !ask->is_ready && has_none_of(options, PROTOCOL_TLS))
        return "--server-name is of tls:// and --ready: write tls://HOST:PORT, or --ready";
    if (is_asked_twice(ask))
        return "--ready asks a question of its own: leave it, or --send and --match, out";
    if (ask->hold_ns > 0 && have_no_connection(options))
        return "--hold is of connections, and no target has one: write HOST:PORT";
    return NULL;
}

/* --list may be added to a line to see what it would ask; but it has no rows. */
static const char *find_unlisted(const struct options *options)
{
    if (!options->is_list)
        return NULL;
    if (options->is_quiet)
        return "--list prints the targets, -q prints nothing: leave one out";
    if (options->shown != 0)
        return "--list asks nothing, so that --only has no state to go by: leave one out";
    if (options->output_count > 0)
        return "--list asks nothing, so that -o has no rows: leave one out";
    if (options->state_path != NULL)
        return "--list asks nothing that --state could remember: leave one out";
    if (!is_text(options))
        return "--list prints a target a line, in no other format: leave one out";
    if (options->command != NULL)
        return "--list asks nothing, so that COMMAND would run unchecked: leave one out";
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
    if (!options->is_live)
        return NULL;
    if (options->is_quiet || options->is_verbose || !is_text(options))
        return "--live is a view of its own: leave -q, -v, -j and --format out";
    if (options->shown != 0 || options->is_on_change || options->report.is_dated)
        return "--live prints no rows: leave --only, --on-change and -D out";
    if (options->state_path != NULL)
        return "--live prints no rows, so that --state has none that were told: leave one out";
    return NULL;
}

/* In this order: the first one that finds a problem has the word. */
static const char *(*const finders[])(const struct options *) = {
    find_unusable,  find_unaskable, find_unlisted,     plugin_find_problem,
    find_misplaced, find_untimely,  find_unremembered, find_unseen,
};

bool conflicts_refuse(struct buffer *message, const struct options *options)
{
    const char *problem = NULL;
    for (size_t i = 0; i < ARRAY_LEN(finders) && problem == NULL; i++)
        problem = finders[i](options);
    if (problem == NULL)
        return plugin_refuse_limits(message, options);
    buffer_add_text(message, problem);
    return true;
}
