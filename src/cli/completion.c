#include "completion.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "help.h"

/* The scripts, byte by byte: see the Makefile. */
static const char bash_script[] = {
#include "src/completion/netcheck.bash.inc"
};
static const char zsh_script[] = {
#include "src/completion/_netcheck.inc"
};
static const char fish_script[] = {
#include "src/completion/netcheck.fish.inc"
};

static const char mark[] = "@OPTIONS@\n";

/* What a shell is told about the values of an argument. */
struct values {
    const char *before;
    const char *separator; /* of the words that follow; NULL: none do */
    const char *after;
};

struct shell {
    const char *name;
    const char *script; /* not terminated */
    size_t len;
    void (*add_option)(struct buffer *out, const struct option *option,
                       const struct values *values);
    struct values no_value;
    struct values values[ARGUMENT_COUNT];
};

static void add_values(struct buffer *out, const struct values *values,
                       const struct argument *argument)
{
    buffer_add_text(out, values->before);
    if (values->separator == NULL)
        return;
    help_add_words(out, argument->word, values->separator);
    buffer_add_text(out, values->after);
}

/* Text inside of single quotes: how the shell writes one there, what wants a backslash. */
static void add_quoted(struct buffer *out, const char *text, const char *quote,
                       const char *special)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            buffer_add_text(out, quote);
        else
            buffer_add_format(out, "%s%c", strchr(special, *text) != NULL ? "\\" : "", *text);
    }
}

/* "-f --file @files"; "-" is what the option does not have. */
static void add_bash(struct buffer *out, const struct option *option,
                     const struct values *values)
{
    buffer_add_text(out, "-");
    if (option->letter != 0)
        buffer_add_format(out, "%c", option->letter);
    buffer_add_text(out, option->name != NULL ? " --" : " -");
    buffer_add_format(out, "%s ", option->name != NULL ? option->name : "");
    add_values(out, values, option->argument);
    buffer_add_text(out, "\n");
}

/* Which words of the line, once there, keep the option from being offered again. */
static void add_zsh_exclusion(struct buffer *out, const struct option *option)
{
    if ((option->flags & OPTION_ADDS_UP) != 0)
        buffer_add_text(out, "'*'");
    else if (option->letter != 0 && option->name != NULL)
        buffer_add_format(out, "'(-%c --%s)'", option->letter, option->name);
}

/* "{-f+,--file=}": the signs say where the argument may stand. */
static void add_zsh_names(struct buffer *out, const struct option *option)
{
    bool has_both = option->letter != 0 && option->name != NULL;
    bool has_argument = option->argument != NULL;
    bool is_optional = has_argument && option->argument->is_optional;
    buffer_add_text(out, has_both ? "{" : "");
    if (option->letter != 0)
        buffer_add_format(out, "-%c%s", option->letter,
                          is_optional    ? "-"
                          : has_argument ? "+"
                                         : "");
    buffer_add_text(out, has_both ? "," : "");
    if (option->name != NULL)
        buffer_add_format(out, "--%s%s", option->name,
                          is_optional    ? "=-"
                          : has_argument ? "="
                                         : "");
    buffer_add_text(out, has_both ? "}" : "");
}

/* "'(-f --file)'{-f+,--file=}'[HELP]:FILE:_netcheck_files'" */
static void add_zsh(struct buffer *out, const struct option *option,
                    const struct values *values)
{
    const struct argument *argument = option->argument;
    buffer_add_text(out, "        ");
    add_zsh_exclusion(out, option);
    add_zsh_names(out, option);
    buffer_add_text(out, "'[");
    add_quoted(out, option->help, "'\\''", "[]\\");
    buffer_add_text(out, "]");
    if (argument != NULL) {
        buffer_add_text(out, argument->is_optional ? "::" : ":");
        buffer_add_text(out, argument->name != NULL ? argument->name : " ");
        buffer_add_text(out, ":");
    }
    add_values(out, values, argument);
    buffer_add_text(out, "'\n");
}

/* "complete -c netcheck -s f -l file -d 'HELP' -r -F" */
static void add_fish(struct buffer *out, const struct option *option,
                     const struct values *values)
{
    buffer_add_text(out, "complete -c netcheck");
    if (option->letter != 0)
        buffer_add_format(out, " -s %c", option->letter);
    if (option->name != NULL)
        buffer_add_format(out, " -l %s", option->name);
    buffer_add_text(out, " -d '");
    add_quoted(out, option->help, "\\'", "\\");
    buffer_add_text(out, "'");
    add_values(out, values, option->argument);
    buffer_add_text(out, "\n");
}

static const struct shell shells[] = {
    {"bash",
     bash_script,
     sizeof bash_script,
     add_bash,
     {.before = "-"},
     {
         [ARGUMENT_TEXT] = {.before = "@any"},
         [ARGUMENT_HOST] = {.before = "@operands"},
         [ARGUMENT_PORTS] = {.before = "@ports"},
         [ARGUMENT_FILE] = {.before = "@files"},
         [ARGUMENT_INTERFACE] = {.before = "@interfaces"},
         [ARGUMENT_WORD] = {"", " ", ""},
         [ARGUMENT_LIST] = {"", ",", ""},
     }},
    {"zsh",
     zsh_script,
     sizeof zsh_script,
     add_zsh,
     {.before = ""},
     {
         [ARGUMENT_TEXT] = {.before = " "},
         [ARGUMENT_HOST] = {.before = "_netcheck_target"},
         [ARGUMENT_PORTS] = {.before = "_netcheck_ports"},
         [ARGUMENT_FILE] = {.before = "_netcheck_files"},
         [ARGUMENT_INTERFACE] = {.before = "_net_interfaces"},
         [ARGUMENT_WORD] = {"(", " ", ")"},
         [ARGUMENT_LIST] = {"_sequence compadd - ", " ", ""},
     }},
    {"fish",
     fish_script,
     sizeof fish_script,
     add_fish,
     {.before = ""},
     {
         [ARGUMENT_TEXT] = {.before = " -r -f"},
         [ARGUMENT_HOST] = {.before = " -r -f -a '(__netcheck_operands)'"},
         [ARGUMENT_PORTS] = {.before = " -r -f -a '(__netcheck_ports)'"},
         [ARGUMENT_FILE] = {.before = " -r -F -a -"},
         [ARGUMENT_INTERFACE] = {.before = " -r -f -a '(__fish_print_interfaces)'"},
         [ARGUMENT_WORD] = {" -r -f -a '", " ", "'"},
         [ARGUMENT_LIST] = {" -r -f -a '(__netcheck_list ", " ", ")'"},
     }},
};

const char *completion_shell(size_t index)
{
    return index < ARRAY_LEN(shells) ? shells[index].name : NULL;
}

/* Where the options go in the script. */
static size_t find_mark(const struct shell *shell)
{
    size_t len = sizeof mark - 1;
    size_t at = 0;
    while (at + len <= shell->len && memcmp(shell->script + at, mark, len) != 0)
        at++;
    assert(at + len <= shell->len);
    return at;
}

void completion_write(struct buffer *out, size_t index, const struct option *options,
                      size_t count)
{
    const struct shell *shell = &shells[index];
    size_t at = find_mark(shell);
    size_t rest = at + sizeof mark - 1;
    buffer_add(out, shell->script, at);
    for (size_t i = 0; i < count; i++) {
        const struct argument *argument = options[i].argument;
        /* An optional one only stands behind '='; no shell has to wait for it. */
        bool needs_value = argument != NULL && !argument->is_optional;
        shell->add_option(out, &options[i],
                          needs_value ? &shell->values[argument->kind] : &shell->no_value);
    }
    buffer_add(out, shell->script + rest, shell->len - rest);
}
