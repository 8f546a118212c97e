/*
 * Lists as people have them: each NAME.txt of tests/cli/lists is listed, and what comes out is
 * NAME.rows. A new one is two files dropped there; one without its NAME.rows fails, and prints
 * what belongs in it:
 *
 *     options: -p 22        none without this line
 *     db.example.com:22     standard output
 *     == standard error     of --list -v OPTIONS -f NAME.txt
 *     == status 2
 *     == its command        where a message says what to type: what that lists. FILE stands for
 *                           the list, PORTS for 22
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "text.h"

#define LISTS "tests/cli/lists/"

enum {
    NAMES_MAX = 200,
    NAME_SIZE = 64,
    OPTIONS_MAX = 4,
    FIXTURES_LEAST = 24,
};

struct names {
    char name[NAMES_MAX][NAME_SIZE]; /* without ".txt", sorted */
    size_t count;
};

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void find_lists(struct names *names)
{
    names->count = 0;
    DIR *folder = opendir(LISTS);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        size_t len = strlen(entry->d_name);
        if (len <= 4 || strcmp(entry->d_name + len - 4, ".txt") != 0)
            continue;
        assert_true(names->count < NAMES_MAX && len < NAME_SIZE);
        char *name = names->name[names->count++];
        memcpy(name, entry->d_name, len - 4);
        name[len - 4] = '\0';
    }
    assert_int_equal(closedir(folder), 0);
    qsort(names->name, names->count, NAME_SIZE, compare);
}

/* False: it is not there. */
static bool read_all(const char *path, struct buffer *out)
{
    char chunk[4096];
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    for (size_t len = fread(chunk, 1, sizeof chunk, file); len > 0;
         len = fread(chunk, 1, sizeof chunk, file))
        buffer_add(out, chunk, len);
    assert_int_equal(fclose(file), 0);
    return true;
}

/* "options: -p 22" as words, of which `line` keeps the text. */
static void split_options(char *line, const char *words[static OPTIONS_MAX + 1])
{
    static const char start[] = "options: ";
    size_t count = 0;
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, start, strlen(start)) == 0)
        for (char *word = strtok_r(line + strlen(start), " ", &line); word != NULL;
             word = strtok_r(NULL, " ", &line)) {
            assert_true(count < OPTIONS_MAX);
            words[count++] = word;
        }
    words[count] = NULL;
}

/* The command that standard error ends with, or NULL: it is behind the last ": ". */
static const char *find_command(const char *err)
{
    static const char *const starts[] = {": cut ", ": awk ", ": sed ", ": iconv ",
                                         ": netcheck -p "};
    const char *found = NULL;
    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        for (const char *at = strstr(err, starts[i]); at != NULL;
             at = strstr(at + 1, starts[i]))
            if (found == NULL || at > found)
                found = at;
    return found != NULL ? found + 2 : NULL;
}

static void add_replaced(struct buffer *out, const char *text, const char *word, const char *by)
{
    for (const char *at = strstr(text, word); at != NULL; at = strstr(text, word)) {
        buffer_add(out, text, (size_t)(at - text));
        buffer_add_text(out, by);
        text = at + strlen(word);
    }
    buffer_add_text(out, text);
}

/* Run `command`, of which netcheck only lists, where the lists are, and append what it says. */
static void run_command(const char *command, const char *path, struct buffer *out)
{
    char chunk[4096];
    struct buffer line = BUFFER_EMPTY;
    struct buffer with_file = BUFFER_EMPTY;
    add_replaced(&with_file, command, "FILE", path);
    buffer_add_text(&line, "cd " LISTS " && netcheck() { \"$PROGRAM\" --list \"$@\"; }; ");
    buffer_add_text(&line, "{ ");
    add_replaced(&line, buffer_text(&with_file), "PORTS", "22");
    buffer_add_text(&line, "; } 2>&1");
    FILE *pipe = popen(buffer_text(&line), "r");
    assert_non_null(pipe);
    for (size_t len = fread(chunk, 1, sizeof chunk, pipe); len > 0;
         len = fread(chunk, 1, sizeof chunk, pipe))
        buffer_add(out, chunk, len);
    assert_true(pclose(pipe) >= 0);
    buffer_release(&line);
    buffer_release(&with_file);
}

static void run_list(const char *name, const char *const options[], struct buffer *out)
{
    char path[NAME_SIZE + 8];
    const char *words[OPTIONS_MAX + 6] = {"--list", "-v"};
    size_t count = 2;
    struct program program;
    (void)snprintf(path, sizeof path, "%s.txt", name);
    for (size_t i = 0; options[i] != NULL; i++)
        words[count++] = options[i];
    words[count++] = "-f";
    words[count++] = path;
    struct launch launch = {.label = name, .arguments = words, .folder = LISTS};
    program_run(&program, &launch);
    buffer_add(out, program.out.bytes, program.out.len);
    if (program.err.len > 0)
        buffer_add_format(out, "== standard error\n%s", buffer_text(&program.err));
    if (program.status != 0)
        buffer_add_format(out, "== status %d\n", program.status);
    const char *command = find_command(buffer_text(&program.err));
    if (command != NULL) {
        char *line = strndup(command, strcspn(command, "\n"));
        assert_non_null(line);
        buffer_add_text(out, "== its command\n");
        run_command(line, path, out);
        free(line);
    }
    program_release(&program);
}

/* Whether NAME.rows is there and right; where it is not there, print what it should hold. */
static bool is_as_expected(const char *name)
{
    char path[sizeof LISTS + NAME_SIZE + 8];
    struct buffer expected = BUFFER_EMPTY;
    struct buffer actual = BUFFER_EMPTY;
    const char *options[OPTIONS_MAX + 1] = {NULL};
    (void)snprintf(path, sizeof path, LISTS "%s.rows", name);
    bool is_there = read_all(path, &expected);
    char *first = strndup(buffer_text(&expected), strcspn(buffer_text(&expected), "\n"));
    assert_non_null(first);
    if (strncmp(first, "options: ", 9) == 0)
        buffer_add_format(&actual, "%s\n", first);
    split_options(first, options);
    run_list(name, options, &actual);
    bool is_equal = is_there && expected.len == actual.len &&
                    memcmp(expected.bytes, actual.bytes, actual.len) == 0;
    if (!is_equal)
        (void)printf("%s: %s:\n%s", path, is_there ? "it is not this" : "it is not there, but",
                     buffer_text(&actual));
    free(first);
    buffer_release(&expected);
    buffer_release(&actual);
    return is_equal;
}

static void test_lists_are_read_or_refused_as_expected(void **state)
{
    struct names names;
    size_t failed = 0;
    (void)state;
    find_lists(&names);
    assert_true(names.count >= FIXTURES_LEAST);
    for (size_t i = 0; i < names.count; i++)
        failed += !is_as_expected(names.name[i]);
    assert_int_equal(failed, 0);
}

/* The path of the program, for a shell in another folder. */
static int set_program(void **state)
{
    char path[4096];
    char here[2048];
    const char *given = getenv("NETCHECK");
    (void)state;
    if (given == NULL)
        given = "./netcheck";
    if (getcwd(here, sizeof here) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s%s%s", given[0] == '/' ? "" : here,
                   given[0] == '/' ? "" : "/", given);
    return setenv("PROGRAM", path, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_are_read_or_refused_as_expected),
    };
    return cmocka_run_group_tests_name("cli/lists", tests, set_program, NULL);
}
