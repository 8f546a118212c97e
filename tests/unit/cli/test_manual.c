/*
 * The words for users are those of the program: options in their groups, states, reasons and
 * formats of the manuals, and the version of the changelog. Found from the top directory.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "../../../src/cli/help.h"
#include "netcheck/base/base.h"
#include "netcheck/base/buffer.h"
#include "netcheck/cli/version.h"
#include "netcheck/probe/outcome.h"
#include "netcheck/report/report.h"

/* A part of a file: from the line `heading` up to the next one that begins as `end` does. */
struct part {
    const char *path;
    const char *heading;
    const char *end;
    const char *prefixes[2]; /* of its lines that stand for something of the program */
};

static const struct part manual_options = {
    "src/man/netcheck.1", ".Sh OPTIONS", ".Sh ", {".Ss ", ".It Fl "}};
static const struct part manual_reasons = {
    "src/man/netcheck.1", ".Sh STATES AND REASONS", ".Sh ", {".It Cm "}};
static const struct part manual_formats = {
    "src/man/netcheck.1", ".Sh OUTPUT", ".Sh ", {".Ss Format "}};
static const struct part manual_sections = {
    "src/man/netcheck-formats.5", ".Os", ".Os", {".Sh "}};
static const struct part changelog = {
    ".github/CHANGELOG.md", "# What changed for users", "# ", {"## "}};

static bool begins_with(const char *line, const char *prefix)
{
    return strncmp(line, prefix, strlen(prefix)) == 0;
}

/* Take what stands before the next `end`, terminated; false where the text is at its end. */
static bool take_piece(const char **text, char end, char *piece, size_t size)
{
    const char ends[] = {end, '\0'};
    size_t len = strcspn(*text, ends);
    if (**text == '\0')
        return false;
    (void)snprintf(piece, size, "%.*s", (int)len, *text);
    *text += len + ((*text)[len] == end);
    return true;
}

static bool take_line(const char **text, char *line, size_t size)
{
    return take_piece(text, '\n', line, size);
}

static bool has_line(struct buffer *lines, const char *wanted)
{
    const char *text = buffer_text(lines);
    char line[256];
    while (take_line(&text, line, sizeof line))
        if (strcmp(line, wanted) == 0)
            return true;
    return false;
}

static bool is_wanted(const struct part *part, const char *line)
{
    for (size_t i = 0; i < ARRAY_LEN(part->prefixes); i++)
        if (part->prefixes[i] != NULL && begins_with(line, part->prefixes[i]))
            return true;
    return false;
}

/* The lines of the part that begin with one of its prefixes. */
static void read_part(struct buffer *lines, const struct part *part)
{
    char line[1024];
    bool is_inside = false;
    FILE *file = fopen(part->path, "r");
    if (file == NULL)
        fail_msg("%s cannot be read: run the tests from the top directory", part->path);
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (begins_with(line, part->end))
            is_inside = strcmp(line, part->heading) == 0;
        else if (is_inside && is_wanted(part, line))
            buffer_add_format(lines, "%s\n", line);
    }
    if (file != NULL)
        (void)fclose(file); /* it was only read */
}

/* Print each line of `lines` that `others` lack, and count them. */
static int complain(struct buffer *lines, struct buffer *others, const struct part *part,
                    const char *complaint)
{
    const char *text = buffer_text(lines);
    char line[256];
    int count = 0;
    while (take_line(&text, line, sizeof line)) {
        if (has_line(others, line))
            continue;
        print_error("%s, %s: %s: %s\n", part->path, part->heading, complaint, line);
        count++;
    }
    return count;
}

/* The part has each line of the program once, and no others like them. */
static void expect_part(struct buffer *program, const struct part *part)
{
    struct buffer written = BUFFER_EMPTY;
    read_part(&written, part);
    int count = complain(program, &written, part, "missing");
    count += complain(&written, program, part, "not of the program");
    if (count == 0 && written.len != program->len) {
        print_error("%s, %s: a line stands there twice\n", part->path, part->heading);
        count++;
    }
    buffer_release(&written);
    buffer_release(program);
    assert_int_equal(count, 0);
}

/* " Ar DUR"; " Ns Ar [=SEED]" */
static void add_argument(struct buffer *out, const struct option *option)
{
    if (option->argument == NULL)
        return;
    buffer_add_text(out, option->argument->is_optional ? " Ns Ar " : " Ar ");
    help_add_argument(out, option->argument);
}

/* ".It Fl t Ar DUR , Fl -timeout Ar DUR" */
static void add_option(struct buffer *out, const struct option *option)
{
    buffer_add_text(out, ".It");
    if (option->letter != 0) {
        buffer_add_format(out, " Fl %c", option->letter);
        add_argument(out, option);
    }
    if (option->letter != 0 && option->name != NULL)
        buffer_add_text(out, " ,");
    if (option->name != NULL) {
        buffer_add_format(out, " Fl -%s", option->name);
        add_argument(out, option);
    }
    buffer_add_text(out, "\n");
}

/* Groups, options and arguments, in the order of --help. */
static void test_manual_has_the_options_of_the_help(void **state)
{
    struct buffer lines = BUFFER_EMPTY;
    struct buffer written = BUFFER_EMPTY;
    for (size_t i = 0; i < option_table_len; i++) {
        if (i == 0 || option_table[i].group != option_table[i - 1].group)
            buffer_add_format(&lines, ".Ss %s\n", help_title(option_table[i].group));
        add_option(&lines, &option_table[i]);
    }
    read_part(&written, &manual_options);
    const char *wanted = buffer_text(&lines);
    const char *found = buffer_text(&written);
    char wanted_line[256] = "";
    char found_line[256] = "";
    bool has_wanted = true;
    bool has_found = true;
    while (has_wanted && has_found && strcmp(wanted_line, found_line) == 0) {
        has_wanted = take_line(&wanted, wanted_line, sizeof wanted_line);
        has_found = take_line(&found, found_line, sizeof found_line);
    }
    if (has_wanted || has_found)
        fail_msg("the manual's OPTIONS have \"%s\" where --help has \"%s\"",
                 has_found ? found_line : "", has_wanted ? wanted_line : "");
    buffer_release(&lines);
    buffer_release(&written);
}

static bool is_option(const char *word)
{
    for (size_t i = 0; i < option_table_len; i++)
        if (word[0] != '-'
                ? option_table[i].letter == word[0]
                : option_table[i].name != NULL && strcmp(option_table[i].name, word + 1) == 0)
            return true;
    return false;
}

/* "-timeout"; "-", which ends the options; "zv"; "w2" */
static bool is_known(const char *word)
{
    if (word[0] == '-')
        return word[1] == '\0' || is_option(word);
    while (*word != '\0' && is_option(word))
        word++;
    return word[strspn(word, "0123456789")] == '\0';
}

/* "Ar", "Fl" and others */
static bool is_macro(const char *word)
{
    return strlen(word) == 2 && word[0] >= 'A' && word[0] <= 'Z' && word[1] >= 'a' &&
           word[1] <= 'z';
}

/* Of ".It Fl h , -help Ar X" the words from "Fl" to the next macro. Count the unknown ones. */
static int complain_of_options(const char *path, const char *macros)
{
    char word[256];
    bool is_flag = false;
    int count = 0;
    while (take_piece(&macros, ' ', word, sizeof word)) {
        if (is_macro(word))
            is_flag = strcmp(word, "Fl") == 0;
        else if (is_flag && word[strspn(word, ".,:;()")] != '\0' && !is_known(word)) {
            print_error("%s: no such option: %s\n", path, word);
            count++;
        }
    }
    return count;
}

/* In the text, too, where one that was renamed would stay behind. */
static void test_manuals_name_no_option_that_is_not_there(void **state)
{
    static const struct part pages[] = {{"src/man/netcheck.1", ".Os", ".Os", {"."}},
                                        {"src/man/netcheck-formats.5", ".Os", ".Os", {"."}},
                                        {"src/man/netcheck-recipes.7", ".Os", ".Os", {"."}}};
    int count = 0;
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        struct buffer lines = BUFFER_EMPTY;
        char line[256];
        read_part(&lines, &pages[i]);
        const char *text = buffer_text(&lines);
        while (take_line(&text, line, sizeof line))
            count += complain_of_options(pages[i].path, line + 1);
        buffer_release(&lines);
    }
    assert_int_equal(count, 0);
}

static void test_manual_has_each_reason_with_its_state(void **state)
{
    struct buffer lines = BUFFER_EMPTY;
    for (enum reason reason = 0; reason < REASON_COUNT; reason++) {
        struct outcome outcome = outcome_of(reason);
        buffer_add_format(&lines, ".It Cm %s %s\n", state_name(outcome_state(&outcome)),
                          reason_name(reason));
    }
    expect_part(&lines, &manual_reasons);
}

static void test_manual_has_each_format(void **state)
{
    struct buffer lines = BUFFER_EMPTY;
    for (size_t i = 0; report_at(i) != NULL; i++)
        buffer_add_format(&lines, ".Ss Format %s\n", report_at(i)->name);
    expect_part(&lines, &manual_formats);
}

/* ".Sh JSON", whose text is what programs may count on. */
static void test_manual_of_formats_has_a_section_for_each(void **state)
{
    struct buffer lines = BUFFER_EMPTY;
    struct buffer written = BUFFER_EMPTY;
    for (size_t i = 0; report_at(i) != NULL; i++) {
        buffer_add_text(&lines, ".Sh ");
        for (const char *c = report_at(i)->name; *c != '\0'; c++)
            buffer_add_format(&lines, "%c", toupper((unsigned char)*c));
        buffer_add_text(&lines, "\n");
    }
    read_part(&written, &manual_sections);
    int count = complain(&lines, &written, &manual_sections, "missing");
    buffer_release(&lines);
    buffer_release(&written);
    assert_int_equal(count, 0);
}

/* "## 0.2.0" is the first heading where --version begins with "netcheck 0.2.0 ". */
static void test_changelog_begins_with_the_version_of_the_program(void **state)
{
    struct buffer versions = BUFFER_EMPTY;
    struct buffer described = BUFFER_EMPTY;
    char newest[256] = "";
    char heading[256];
    read_part(&versions, &changelog);
    const char *text = buffer_text(&versions);
    assert_true(take_line(&text, newest, sizeof newest));
    version_describe(&described);
    const char *version = buffer_text(&described) + strlen("netcheck ");
    (void)snprintf(heading, sizeof heading, "## %.*s", (int)strcspn(version, " "), version);
    buffer_release(&versions);
    buffer_release(&described);
    assert_string_equal(newest, heading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manual_has_the_options_of_the_help),
        cmocka_unit_test(test_manuals_name_no_option_that_is_not_there),
        cmocka_unit_test(test_manual_has_each_reason_with_its_state),
        cmocka_unit_test(test_manual_has_each_format),
        cmocka_unit_test(test_manual_of_formats_has_a_section_for_each),
        cmocka_unit_test(test_changelog_begins_with_the_version_of_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
