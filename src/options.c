#include "netcheck/options.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/base.h"
#include "netcheck/duration.h"
#include "netcheck/escape.h"
#include "netcheck/fault.h"

enum {
    HELP_COLUMN = 29,
    NAME_LIMIT = 32, /* longer than any option: nothing is near to more */
};

/* One use of an option. */
struct use {
    const char *name;     /* as the user wrote it: "-t", "--timeout" */
    const char *argument; /* NULL where it takes none */
    struct buffer *message;
};

struct option {
    char letter;          /* 0: none */
    const char *name;     /* without "--"; NULL: none */
    const char *argument; /* what --help calls it; NULL: takes none */
    const char *help;     /* one line, with its default */
    bool (*apply)(struct options *options, const struct use *use);
};

static void quote(struct buffer *out, const char *text)
{
    buffer_add_text(out, "'");
    escape_text(out, text, strlen(text));
    buffer_add_text(out, "'");
}

/* "invalid X 'ARGUMENT' for -o: REMEDY" */
static bool refuse(const struct use *use, const char *what, const char *remedy)
{
    buffer_add_format(use->message, "%s ", what);
    quote(use->message, use->argument);
    buffer_add_format(use->message, " for %s", use->name);
    if (remedy != NULL)
        buffer_add_format(use->message, ": %s", remedy);
    return false;
}

static bool refuse_error(const struct use *use, enum error error)
{
    return refuse(use, error_text(error), error_remedy(error));
}

static bool apply_timeout(struct options *options, const struct use *use)
{
    int64_t timeout_ns = 0;
    enum error error = duration_parse(use->argument, &timeout_ns);
    if (error == ERROR_NONE && timeout_ns == 0)
        error = ERROR_DURATION_ZERO;
    if (error != ERROR_NONE)
        return refuse_error(use, error);
    options->timeout_ns = timeout_ns;
    return true;
}

static bool apply_ipv4(struct options *options, const struct use *use)
{
    (void)use;
    options->families &= (unsigned)FAMILY_IPV4;
    return true;
}

static bool apply_ipv6(struct options *options, const struct use *use)
{
    (void)use;
    options->families &= (unsigned)FAMILY_IPV6;
    return true;
}

static bool apply_numeric(struct options *options, const struct use *use)
{
    (void)use;
    options->is_numeric = true;
    return true;
}

static bool apply_ports(struct options *options, const struct use *use)
{
    struct fault fault;
    size_t len = strlen(use->argument);
    enum error error = ports_parse(&options->ports, use->argument, len, &fault);
    if (error == ERROR_NONE)
        return true;
    fault_describe(use->message, use->argument, len, &fault, NULL);
    buffer_add_format(use->message, " (%s)", use->name);
    return false;
}

static bool append(const char ***list, size_t *count, const char *text)
{
    const char **grown = realloc(*list, (*count + 1) * sizeof *grown);
    if (grown == NULL)
        return false;
    grown[(*count)++] = text;
    *list = grown;
    return true;
}

static bool apply_file(struct options *options, const struct use *use)
{
    if (use->argument[0] == '\0')
        return refuse(use, "empty file name", "write a path, or - for standard input");
    if (append(&options->files, &options->file_count, use->argument))
        return true;
    return refuse_error(use, ERROR_NO_MEMORY);
}

static bool apply_source(struct options *options, const struct use *use)
{
    struct address source;
    if (!address_parse(use->argument, strlen(use->argument), &source))
        return refuse(use, "invalid address", "write an IPv4 or IPv6 address of this machine");
    if (address_is_unspecified(&source))
        return refuse(use, "unspecified address", "leave the option out");
    if (address_is_link_local(&source))
        return refuse(use, "link-local address", "choose its interface with -I instead");
    options->source = source;
    return true;
}

static bool apply_interface(struct options *options, const struct use *use)
{
    if (use->argument[0] == '\0')
        return refuse(use, "empty interface name", NULL);
    options->interface = use->argument;
    return true;
}

static bool apply_all(struct options *options, const struct use *use)
{
    (void)use;
    options->is_all_addresses = true;
    return true;
}

/* Decimal digits only, least..most. */
static bool parse_count(const struct use *use, size_t least, size_t most, size_t *count)
{
    size_t value = 0;
    bool is_valid = use->argument[0] != '\0';
    for (const char *p = use->argument; is_valid && *p != '\0'; p++) {
        is_valid = *p >= '0' && *p <= '9' && value <= most;
        value = is_valid ? value * 10 + (size_t)(*p - '0') : 0;
    }
    if (is_valid && value >= least && value <= most) {
        *count = value;
        return true;
    }
    (void)refuse(use, error_text(ERROR_NUMBER), NULL);
    buffer_add_format(use->message, ": allowed is %zu-%zu", least, most);
    return false;
}

static bool apply_retries(struct options *options, const struct use *use)
{
    size_t count = 0;
    if (!parse_count(use, 0, OPTIONS_RETRIES_MAX, &count))
        return false;
    options->retries = (unsigned)count;
    return true;
}

static bool apply_parallel(struct options *options, const struct use *use)
{
    return parse_count(use, 1, OPTIONS_WINDOW_MAX, &options->window);
}

static bool apply_expect(struct options *options, const struct use *use)
{
    bool is_down = strcmp(use->argument, "down") == 0;
    if (!is_down && strcmp(use->argument, "up") != 0)
        return refuse(use, "invalid state", "allowed is up or down");
    options->expects_down = is_down;
    return true;
}

static bool apply_any(struct options *options, const struct use *use)
{
    (void)use;
    options->is_any = true;
    return true;
}

static unsigned find_shown(const char *word, size_t len)
{
    static const struct {
        const char *word;
        unsigned shown;
    } words[] = {{"up", SHOW_UP},
                 {"down", SHOW_DOWN},
                 {"error", SHOW_ERROR},
                 {"unexpected", SHOW_UNEXPECTED}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strlen(words[i].word) == len && memcmp(words[i].word, word, len) == 0)
            return words[i].shown;
    return 0;
}

static bool apply_only(struct options *options, const struct use *use)
{
    unsigned shown = 0;
    for (const char *word = use->argument;; word++) {
        size_t len = strcspn(word, ",");
        unsigned found = find_shown(word, len);
        if (found == 0)
            return refuse(use, "invalid list", "allowed is up, down, error and unexpected");
        shown |= found;
        word += len;
        if (*word == '\0')
            break;
    }
    options->shown = shown;
    return true;
}

static bool apply_quiet(struct options *options, const struct use *use)
{
    (void)use;
    options->is_quiet = true;
    return true;
}

static bool apply_verbose(struct options *options, const struct use *use)
{
    (void)use;
    options->is_verbose = true;
    return true;
}

static bool apply_json(struct options *options, const struct use *use)
{
    (void)use;
    options->format = report_find("json");
    return true;
}

static bool apply_format(struct options *options, const struct use *use)
{
    const struct report_format *format = report_find(use->argument);
    if (format != NULL) {
        options->format = format;
        return true;
    }
    (void)refuse(use, "unknown format", "allowed is");
    for (size_t i = 0; report_at(i) != NULL; i++)
        buffer_add_format(use->message, "%s %s", i > 0 ? "," : "", report_at(i)->name);
    return false;
}

static bool apply_unordered(struct options *options, const struct use *use)
{
    (void)use;
    options->is_unordered = true;
    return true;
}

static bool apply_colour(struct options *options, const struct use *use)
{
    static const char *const words[] = {
        [COLOUR_AUTO] = "auto", [COLOUR_ALWAYS] = "always", [COLOUR_NEVER] = "never"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(use->argument, words[i]) == 0) {
            options->colour = (enum options_colour)i;
            return true;
        }
    }
    return refuse(use, "invalid word", "allowed is auto, always or never");
}

/* nc -z: what this program does anyway. */
static bool apply_nothing(struct options *options, const struct use *use)
{
    (void)options;
    (void)use;
    return true;
}

static bool apply_help(struct options *options, const struct use *use)
{
    (void)use;
    options->wants_help = true;
    return true;
}

static bool apply_version(struct options *options, const struct use *use)
{
    (void)use;
    options->wants_version = true;
    return true;
}

static const struct option table[] = {
    {'t', "timeout", "DUR", "give up after DUR: 5, 0.5, 200ms (default 5 s)", apply_timeout},
    {'w', NULL, "DUR", "the same, as in nc", apply_timeout},
    {'r', "retries", "N", "ask N more times after a timeout (default 0)", apply_retries},
    {'p', "ports", "PORTS", "ports of every target: 22,80,8000-8010,https", apply_ports},
    {'f', "file", "FILE", "read targets, one a line; - is standard input", apply_file},
    {'4', NULL, NULL, "IPv4 only", apply_ipv4},
    {'6', NULL, NULL, "IPv6 only", apply_ipv6},
    {'n', "numeric", NULL, "addresses only, resolve no names", apply_numeric},
    {'s', "source", "ADDR", "ask from this address", apply_source},
    {'I', "interface", "NAME", "ask through this interface", apply_interface},
    {'A', "all-addresses", NULL, "one row for each address of a name", apply_all},
    {'P', "parallel", "N", "targets in flight at a time (default 1024)", apply_parallel},
    {0, "expect", "up|down", "the state that counts as success (default up)", apply_expect},
    {0, "any", NULL, "succeed if one target is as expected", apply_any},
    {0, "only", "WHICH", "rows to show: up,down,error,unexpected", apply_only},
    {'q', "quiet", NULL, "no rows, only the exit status", apply_quiet},
    {'v', "verbose", NULL, "say on standard error what is tried", apply_verbose},
    {'j', "json", NULL, "one JSON object a row", apply_json},
    {0, "format", "FORMAT", "text or json", apply_format},
    {0, "unordered", NULL, "rows as they finish, not in input order", apply_unordered},
    {0, "color", "WHEN", "auto, always or never (default auto)", apply_colour},
    {'z', NULL, NULL, "ignored, as in nc -z", apply_nothing},
    {'h', "help", NULL, "show this help", apply_help},
    {'V', "version", NULL, "show the version", apply_version},
};

static const struct option *find_letter(char letter)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].letter == letter)
            return &table[i];
    return NULL;
}

static const struct option *find_name(const char *name, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].name != NULL && strlen(table[i].name) == len &&
            memcmp(table[i].name, name, len) == 0)
            return &table[i];
    return NULL;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance, one row of the matrix at a time. */
static size_t distance(const char *a, size_t a_len, const char *b)
{
    size_t row[NAME_LIMIT + 1];
    size_t b_len = strlen(b);
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 0; i < a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < b_len; j++) {
            size_t replaced = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = least(replaced, least(row[j], row[j + 1]) + 1);
        }
    }
    return row[b_len];
}

/* The option whose name is nearest to `len` bytes of `name`. */
static const char *find_nearest(const char *name, size_t len)
{
    const char *nearest = NULL;
    size_t best = 0;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (table[i].name == NULL)
            continue;
        size_t far = distance(name, least(len, NAME_LIMIT), table[i].name);
        if (nearest == NULL || far < best) {
            nearest = table[i].name;
            best = far;
        }
    }
    return nearest;
}

static bool refuse_unknown(struct buffer *message, const char *written, const char *name,
                           size_t len)
{
    buffer_add_text(message, "unknown option ");
    quote(message, written);
    buffer_add_format(message, ": the nearest is --%s; see netcheck --help",
                      find_nearest(name, len));
    return false;
}

static bool refuse_missing(struct buffer *message, const char *name,
                           const struct option *option)
{
    buffer_add_format(message, "missing argument of %s: write %s %s", name, name,
                      option->argument);
    return false;
}

/* "--name", "--name=argument", "--name argument" */
static bool parse_long(struct options *options, char *argv[], int *index,
                       struct buffer *message)
{
    const char *written = argv[*index];
    const char *name = written + 2;
    size_t len = strcspn(name, "=");
    const struct option *option = find_name(name, len);
    if (option == NULL)
        return refuse_unknown(message, written, name, len);
    const char *argument = name[len] == '=' ? name + len + 1 : NULL;
    char plain[NAME_LIMIT + 3] = "--";
    memcpy(plain + 2, option->name, len);
    if (option->argument == NULL && argument != NULL) {
        buffer_add_format(message, "unexpected argument of %s: it takes none", plain);
        return false;
    }
    if (option->argument != NULL && argument == NULL) {
        argument = argv[*index + 1];
        if (argument == NULL)
            return refuse_missing(message, plain, option);
        (*index)++;
    }
    struct use use = {plain, argument, message};
    return option->apply(options, &use);
}

/* "-v", "-zv", "-w2", "-w 2" */
static bool parse_letters(struct options *options, char *argv[], int *index,
                          struct buffer *message)
{
    const char *written = argv[*index];
    for (const char *p = written + 1; *p != '\0'; p++) {
        const struct option *option = find_letter(*p);
        if (option == NULL)
            return refuse_unknown(message, written, p, 1);
        const char name[] = {'-', *p, '\0'};
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
        if (is_option && !is_long && word[1] == '\0') {
            buffer_add_text(message, "a host never is '-': write -f - to read targets from "
                                     "standard input");
            return false;
        }
        if (is_option && !is_long && !parse_letters(options, argv, &i, message))
            return false;
        if (!is_option && !append(&options->operands, &options->operand_count, word)) {
            buffer_add_text(message, error_text(ERROR_NO_MEMORY));
            return false;
        }
    }
    return true;
}

/* What each option allows, but not together with another. */
static bool check_together(struct options *options, struct buffer *message)
{
    const char *problem = NULL;
    unsigned source_bit = address_family_bit(&options->source);
    bool has_source = address_family(&options->source) != AF_UNSPEC;
    if (options->families == 0)
        problem = "-4 and -6 exclude each other: leave one out, or both";
    else if (has_source && (options->families & source_bit) == 0)
        problem = "the address of -s is not of the family that -4 or -6 asks for";
    else if (options->format != report_find("text") && options->colour == COLOUR_ALWAYS)
        problem = "--color always goes with --format text only";
    else if (options->operand_count == 0 && options->file_count == 0)
        problem = "no targets: write HOST PORT, HOST:PORT or -f FILE; see netcheck --help";
    if (problem != NULL) {
        buffer_add_text(message, problem);
        return false;
    }
    if (has_source)
        options->families = source_bit;
    return true;
}

bool options_parse(struct options *options, int argc, char *argv[], struct buffer *message)
{
    memset(options, 0, sizeof *options);
    ports_init(&options->ports);
    options->timeout_ns = OPTIONS_TIMEOUT_S * NS_PER_S;
    options->families = FAMILY_ANY;
    options->window = OPTIONS_WINDOW;
    options->format = report_find("text");
    /* A caller of execve() may leave out even the program's name. */
    if (argc > 0 && !parse_words(options, argv, message))
        return false;
    if (options->wants_help || options->wants_version)
        return true;
    return check_together(options, message);
}

void options_release(struct options *options)
{
    free(options->operands);
    free(options->files);
    ports_release(&options->ports);
}

static void help_row(struct buffer *out, const struct option *option)
{
    size_t start = out->len;
    if (option->letter != 0)
        buffer_add_format(out, "  -%c", option->letter);
    else
        buffer_add_text(out, "    ");
    if (option->name != NULL)
        buffer_add_format(out, "%s --%s", option->letter != 0 ? "," : " ", option->name);
    if (option->argument != NULL)
        buffer_add_format(out, " %s", option->argument);
    while (out->len - start < HELP_COLUMN && !out->has_failed)
        buffer_add_text(out, " ");
    buffer_add_format(out, "%s\n", option->help);
}

void options_help(struct buffer *out)
{
    buffer_add_text(
        out, "netcheck: is it reachable from here, and if not, why not?\n"
             "\n"
             "  netcheck [OPTION]... HOST PORT[,PORT...]...\n"
             "  netcheck [OPTION]... TARGET...\n"
             "  netcheck [OPTION]... -f FILE\n"
             "  netcheck [OPTION]... TARGET... -- COMMAND [ARG]...  run if as expected\n"
             "\n"
             "TARGET is [!]HOST:PORTS, as in db:5432, [::1]:22,80, 10.0.0.0/24:8000-8010 or\n"
             "https://host/; '!' means expected down. DUR is seconds, or with ms, s, m, h.\n"
             "\n");
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        help_row(out, &table[i]);
    buffer_add_text(out, "\n"
                         "Exit status: 0 all as expected, 1 something was not, 2 an error row, "
                         "bad usage\n"
                         "or output that could not be written.\n");
}
