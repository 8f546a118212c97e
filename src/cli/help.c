#include "help.h"

#include <string.h>

enum {
    COLUMNS = 80,
    TEXT_COLUMN = 26, /* where the texts of options begin */
};

static const char usage[] =
    "netcheck: is it reachable from here, and if not, why not?\n"
    "  netcheck [OPTION]... HOST PORT[,PORT...]... | TARGET... | -f FILE\n"
    "  netcheck [OPTION]... TARGET... -- COMMAND [ARG]...  run if as expected\n"
    "TARGET is [!]HOST:PORTS, as in db:5432, [::1]:22,80, 10.0.0.0/24:8000-8010 or\n"
    "https://host/, for TCP; udp://ns:53, icmp://host, tls://web:443 for others.\n"
    "'!' means expected down. DUR is seconds, or as 200ms, 1m30s, 2d.\n";

static const char examples[] =
    "\nExamples:\n"
    "  netcheck db.example.com 5432             is it up, and if not, why not?\n"
    "  netcheck --wait 60 db:5432 -- ./server   wait until it is up, then run this\n"
    "  netcheck -f flows.txt --only unexpected  of a file, what is not as it should\n";

static const char exit_status[] =
    "\nExit status: 0 all as expected, 1 something was not, 2 error row, usage, output\n";

const char *help_title(enum option_group group)
{
    switch (group) {
    case GROUP_TARGETS:
        return "Which targets";
    case GROUP_ASKING:
        return "How to ask";
    case GROUP_PACE:
        return "How many at a time";
    case GROUP_ROUNDS:
        return "Again and again";
    case GROUP_SUCCESS:
        return "What counts as success";
    case GROUP_OUTPUT:
        return "What is shown";
    case GROUP_ABOUT:
        return "About netcheck itself";
    }
    return "";
}

void help_add_words(struct buffer *out, option_word *word, const char *separator)
{
    for (size_t i = 0; word(i) != NULL; i++)
        buffer_add_format(out, "%s%s", i > 0 ? separator : "", word(i));
}

void help_add_argument(struct buffer *out, const struct argument *argument)
{
    if (argument == NULL)
        return;
    if (argument->is_optional)
        buffer_add_format(out, "[=%s]", argument->name);
    else if (argument->name != NULL)
        buffer_add_text(out, argument->name);
    else if (argument->word != NULL)
        help_add_words(out, argument->word, "|");
}

/* "  -t, --timeout DUR" */
static void add_names(struct buffer *out, const struct option *option)
{
    const struct argument *argument = option->argument;
    bool has_both = option->letter != 0 && option->name != NULL;
    if (option->letter != 0)
        buffer_add_format(out, "  -%c%s", option->letter, has_both ? ", " : "");
    else
        buffer_add_text(out, "      ");
    if (option->name != NULL)
        buffer_add_format(out, "--%s", option->name);
    if (argument != NULL && !argument->is_optional)
        buffer_add_text(out, " ");
    help_add_argument(out, argument);
}

/* A line from here to the column of the texts, where they have room in it. */
static void start_text(struct buffer *out, size_t column)
{
    if (column + 2 > TEXT_COLUMN) {
        buffer_add_text(out, "\n");
        column = 0;
    }
    for (; column < TEXT_COLUMN; column++)
        buffer_add_text(out, " ");
}

/* A text in its column, as many lines as it takes. */
static void add_wrapped(struct buffer *out, const char *text)
{
    size_t column = TEXT_COLUMN;
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (column > TEXT_COLUMN && column + 1 + len > COLUMNS) {
            start_text(out, column);
            column = TEXT_COLUMN;
        } else if (column > TEXT_COLUMN) {
            buffer_add_text(out, " ");
            column++;
        }
        buffer_add(out, text, len);
        column += len;
        text += len + (text[len] == ' ');
    }
    buffer_add_text(out, "\n");
}

static void add_option(struct buffer *out, const struct option *option)
{
    const struct argument *argument = option->argument;
    struct buffer text = BUFFER_EMPTY;
    size_t start = out->len;
    add_names(out, option);
    start_text(out, out->len - start);
    buffer_add_text(&text, option->help);
    if (argument != NULL && argument->word != NULL && argument->name != NULL) {
        buffer_add_text(&text, ": ");
        help_add_words(&text, argument->word, ", ");
    }
    add_wrapped(out, buffer_text(&text));
    out->has_failed |= text.has_failed;
    buffer_release(&text);
}

void help_write(struct buffer *out, const struct option *options, size_t count)
{
    buffer_add_text(out, usage);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || options[i].group != options[i - 1].group)
            buffer_add_format(out, "\n%s:\n", help_title(options[i].group));
        add_option(out, &options[i]);
    }
    buffer_add_text(out, examples);
    buffer_add_text(out, exit_status);
    buffer_add_text(out, "The manual: man netcheck\n");
}

void help_write_short(struct buffer *out, const struct option *options, size_t count)
{
    buffer_add_text(out, usage);
    buffer_add_text(out, "\n");
    for (size_t i = 0; i < count; i++)
        if ((options[i].flags & OPTION_IS_COMMON) != 0)
            add_option(out, &options[i]);
    buffer_add_text(out, examples);
    buffer_add_text(out, exit_status);
    buffer_add_text(out, "All options: netcheck --help. The manual: man netcheck\n");
}
