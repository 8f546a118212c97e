/*
 * The completions of the shells say what the table of options says. Each has a line an option,
 * and the row of the table tells what that line must be. Runs in the top directory.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/buffer.h"
#include "netcheck/report/report.h"
#include "../../../src/cli/option_table.h"

enum {
    LINE_SIZE = 512,
    LINES_MAX = 64,
};

/* The line of an option: `head`, a description and `tail`. */
struct wanted {
    struct buffer head;
    struct buffer tail;
    bool is_open; /* more may follow: a function that knows the argument's values */
};

/* How a shell's file writes options. */
struct dialect {
    const char *path;
    const char *mark; /* how the lines of options, and no other ones, begin */
    bool has_descriptions;
    void (*compose)(struct wanted *wanted, const struct option *option, const char *values);
};

struct line {
    char text[LINE_SIZE];
    int number;
};

static bool is_optional(const struct option *option)
{
    return option->argument != NULL && option->argument[0] == '[';
}

/* What the argument may be, with blanks between, where table or formats say it; or nothing. */
static void add_values(struct buffer *values, const struct option *option)
{
    bool is_format = option->name != NULL && strcmp(option->name, "format") == 0;
    for (size_t i = 0; is_format && report_at(i) != NULL; i++)
        buffer_add_format(values, "%s%s", i > 0 ? " " : "", report_at(i)->name);
    if (option->argument == NULL || strchr(option->argument, '|') == NULL)
        return;
    for (const char *p = option->argument; *p != '\0'; p++)
        buffer_add_format(values, "%c", *p == '|' ? ' ' : *p);
}

/* "-f --file FILE", "- --format NAME text json". A letter of 0 adds nothing to its dash. */
static void compose_bash(struct wanted *wanted, const struct option *option, const char *values)
{
    buffer_add_format(&wanted->head, "-%.1s %s%s %s ", &option->letter,
                      option->name != NULL ? "--" : "-",
                      option->name != NULL ? option->name : "",
                      option->argument != NULL ? option->argument : "-");
    if (values[0] != '\0')
        buffer_add_format(&wanted->head, "%s ", values);
}

/* "'(-f --file)'{-f+,--file=}'[HELP]:FILE:_files'", "'--format=[HELP]:NAME:(text json)'" */
static void compose_zsh(struct wanted *wanted, const struct option *option, const char *values)
{
    const char *plus = option->argument != NULL ? "+" : "";
    const char *equals = option->argument == NULL ? "" : is_optional(option) ? "=-" : "=";
    if (option->letter != 0 && option->name != NULL)
        buffer_add_format(&wanted->head, " '(-%c --%s)'{-%c%s,--%s%s}'[", option->letter,
                          option->name, option->letter, plus, option->name, equals);
    else if (option->letter != 0)
        buffer_add_format(&wanted->head, " '-%c%s[", option->letter, plus);
    else
        buffer_add_format(&wanted->head, " '--%s%s[", option->name, equals);
    if (option->argument == NULL)
        buffer_add_text(&wanted->tail, "]' ");
    else if (is_optional(option)) /* "[=SEED]" */
        buffer_add_format(&wanted->tail, "]::%.*s:' ", (int)strlen(option->argument) - 3,
                          option->argument + 2);
    else if (values[0] != '\0')
        buffer_add_format(&wanted->tail, "]:%s:(%s)' ", option->argument, values);
    else
        buffer_add_format(&wanted->tail, "]:%s:", option->argument);
}

/* "complete -c netcheck -s f -l file -d 'HELP' -r -F". fish does not name arguments, and does
 * not know of optional ones. */
static void compose_fish(struct wanted *wanted, const struct option *option, const char *values)
{
    buffer_add_text(&wanted->head, "complete -c netcheck");
    if (option->letter != 0)
        buffer_add_format(&wanted->head, " -s %c", option->letter);
    if (option->name != NULL)
        buffer_add_format(&wanted->head, " -l %s", option->name);
    buffer_add_text(&wanted->head, " -d '");
    if (option->argument == NULL || is_optional(option))
        buffer_add_text(&wanted->tail, "' ");
    else if (values[0] != '\0')
        buffer_add_format(&wanted->tail, "' -r -f -a '%s' ", values);
    else
        buffer_add_text(&wanted->tail, "' -r ");
}

static const struct dialect dialects[] = {
    {"src/completion/netcheck.bash", "-", false, compose_bash},
    {"src/completion/_netcheck", " '", true, compose_zsh},
    {"src/completion/netcheck.fish", "complete -c netcheck -", true, compose_fish},
};

static void compose(struct wanted *wanted, const struct dialect *dialect,
                    const struct option *option)
{
    struct buffer values = {0};
    memset(wanted, 0, sizeof *wanted);
    add_values(&values, option);
    dialect->compose(wanted, option, buffer_text(&values));
    wanted->is_open = option->argument != NULL && !is_optional(option) && values.len == 0;
    buffer_release(&values);
}

static void wanted_release(struct wanted *wanted)
{
    buffer_release(&wanted->head);
    buffer_release(&wanted->tail);
}

/* One blank for each run of white space; so the end of a line is a blank, too. */
static void squeeze(char *text)
{
    char *end = text;
    for (const char *p = text; *p != '\0'; p++)
        if (!isspace((unsigned char)*p))
            *end++ = *p;
        else if (end == text || end[-1] != ' ')
            *end++ = ' ';
    *end = '\0';
}

/* The lines of options in the dialect's file. */
static size_t load(const struct dialect *dialect, struct line lines[static LINES_MAX])
{
    size_t count = 0;
    FILE *stream = fopen(dialect->path, "r");
    if (stream == NULL)
        fail_msg("%s cannot be read", dialect->path);
    for (int number = 1; count < LINES_MAX; number++) {
        struct line *line = &lines[count];
        line->number = number;
        if (fgets(line->text, LINE_SIZE, stream) == NULL)
            break;
        squeeze(line->text);
        count += strncmp(line->text, dialect->mark, strlen(dialect->mark)) == 0;
    }
    (void)fclose(stream);
    assert_in_range(count, 1, LINES_MAX - 1);
    return count;
}

/* Behind `start`, if `text` starts with it; else, and for NULL, NULL. */
static const char *behind(const char *text, const char *start)
{
    if (text == NULL || strncmp(text, start, strlen(start)) != 0)
        return NULL;
    return text + strlen(start);
}

/* The help that is about this option alone; NULL where rows share a line of --help. */
static const char *own_help(const struct option *option)
{
    const struct option *next = option + 1;
    bool is_shared = next < option_table + option_table_len && next->help == NULL;
    return is_shared ? NULL : option->help;
}

/* zsh: an option that may be repeated has '*' where others have a list of what excludes it. */
static const char *skip_exclusion(const char *text)
{
    bool has_exclusion = behind(text, " '(-") != NULL || behind(text, " '*'{") != NULL;
    return has_exclusion ? strchr(text, '{') : text;
}

/* Behind the description: the table's, or any where the table has none. */
static const char *skip_help(const char *text, const char *help, const char *tail)
{
    if (text == NULL || help != NULL)
        return behind(text, help);
    return text[0] != '\0' ? strstr(text + 1, tail) : NULL;
}

static bool is_line_of(const char *text, const struct dialect *dialect,
                       const struct option *option)
{
    struct wanted wanted;
    compose(&wanted, dialect, option);
    const char *tail = buffer_text(&wanted.tail);
    const char *rest = behind(skip_exclusion(text), skip_exclusion(buffer_text(&wanted.head)));
    if (dialect->has_descriptions)
        rest = skip_help(rest, own_help(option), tail);
    rest = behind(rest, tail);
    bool is_same = rest != NULL && (wanted.is_open || rest[0] == '\0');
    wanted_release(&wanted);
    return is_same;
}

static void complain_missing(const struct dialect *dialect, const struct option *option)
{
    struct wanted wanted;
    compose(&wanted, dialect, option);
    const char *help = own_help(option) != NULL ? own_help(option) : "DESCRIPTION";
    print_error("%s: no line for %s%s that agrees with the table; write\n%s%s%s%s\n",
                dialect->path, option->name != NULL ? "--" : "-",
                option->name != NULL ? option->name : (char[]){option->letter, '\0'},
                buffer_text(&wanted.head), dialect->has_descriptions ? help : "",
                buffer_text(&wanted.tail), wanted.is_open ? "..." : "");
    wanted_release(&wanted);
}

static bool has_line(const struct dialect *dialect, const struct option *option,
                     const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_line_of(lines[i].text, dialect, option))
            return true;
    return false;
}

static bool has_option(const struct dialect *dialect, const char *text)
{
    for (size_t i = 0; i < option_table_len; i++)
        if (is_line_of(text, dialect, &option_table[i]))
            return true;
    return false;
}

/* All disagreements are told, in both directions, before the test fails. */
static void test_completion_is_what_the_table_says(void **state)
{
    const struct dialect *dialect = *state;
    struct line lines[LINES_MAX];
    size_t count = load(dialect, lines);
    size_t problems = 0;
    for (size_t i = 0; i < option_table_len; i++) {
        if (has_line(dialect, &option_table[i], lines, count))
            continue;
        complain_missing(dialect, &option_table[i]);
        problems++;
    }
    for (size_t i = 0; i < count; i++) {
        if (has_option(dialect, lines[i].text))
            continue;
        print_error("%s:%d: no row of src/option_table.c says\n%s\n", dialect->path,
                    lines[i].number, lines[i].text);
        problems++;
    }
    if (problems > 0 || count != option_table_len)
        fail_msg("%s: %zu disagreements, %zu lines for %zu options", dialect->path, problems,
                 count, option_table_len);
}

/* They stand between single quotes, and for zsh between brackets, too. */
static void test_completion_help_needs_no_quoting(void **state)
{
    (void)state;
    for (size_t i = 0; i < option_table_len; i++)
        if (option_table[i].help != NULL && strpbrk(option_table[i].help, "'[]\\") != NULL)
            fail_msg("a shell would misread \"%s\"", option_table[i].help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"bash", test_completion_is_what_the_table_says, NULL, NULL, (void *)&dialects[0]},
        {"zsh", test_completion_is_what_the_table_says, NULL, NULL, (void *)&dialects[1]},
        {"fish", test_completion_is_what_the_table_says, NULL, NULL, (void *)&dialects[2]},
        cmocka_unit_test(test_completion_help_needs_no_quoting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
