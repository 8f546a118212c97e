#include <stdio.h>
#include <string.h>

#include "../../../src/cli/help.h"
#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/report/report.h"

enum {
    COLUMNS_MAX = 80,
    SHORT_LINES_MAX = 24,
    ARGS_MAX = 8,
};

static const struct {
    const char *label;
    void (*write)(struct buffer *out, const struct option *options, size_t count);
    size_t lines_max;
} forms[] = {
    {"-h", help_write_short, SHORT_LINES_MAX},
    {"--help", help_write, SIZE_MAX},
};

/* What the program prints; to be released. */
static struct buffer written_by(size_t form)
{
    struct buffer text = BUFFER_EMPTY;
    forms[form].write(&text, option_table, option_table_len);
    return text;
}

static void test_help_fits_its_screen(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct buffer help = written_by(i);
        size_t lines = 0;
        for (const char *line = buffer_text(&help); *line != '\0'; lines++) {
            size_t len = strcspn(line, "\n");
            if (len > COLUMNS_MAX || line[len] != '\n')
                fail_msg("%s: %zu columns: %.*s", forms[i].label, len, (int)len, line);
            for (size_t j = 0; j < len; j++)
                claim_true(forms[i].label, "printable ASCII", line[j] >= ' ' && line[j] <= '~');
            line += len + 1;
        }
        claim_true(forms[i].label, "few lines enough", lines <= forms[i].lines_max);
        buffer_release(&help);
    }
}

/* How each kind of row looks, and what else must not get lost. */
static void test_help_says_names_argument_and_words(void **state)
{
    static const char *const parts[] = {
        "\n  -t, --timeout DUR       give up after DUR: 5, 0.5, 200ms (default 5 s)\n",
        "\n  -w DUR                  the same as -t, as in nc\n",
        "\n  -4                      IPv4 only\n",
        "\n      --list              print the targets, ask nothing\n",
        "\n      --shuffle[=SEED]    in random order; with SEED the same each time\n",
        "\n      --expect up|down    the state that counts as success (default up)\n",
        "\n      --only WHICH        rows to show: up, down, error, unexpected\n",
        "\n      --completion SHELL  print the completion for SHELL: bash, zsh, fish\n",
        "\n\nHow many at a time:\n  -P, --parallel N ",
        "(default 0)",
        "(default 1024)",
        "default 1 s)",
        "(default auto): auto, always, never",
    };
    struct buffer help = written_by(1);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        claim_contains(parts[i], buffer_text(&help), parts[i]);
    for (size_t i = 0; report_at(i) != NULL; i++)
        claim_contains(report_at(i)->name, strstr(buffer_text(&help), "--format NAME"),
                       report_at(i)->name);
    buffer_release(&help);
}

static const char *long_word(size_t index)
{
    static const char *const words[] = {
        "text",         "prometheus-exposition", "csv", "comma-separated", "javascript-object",
        "junit-reports"};
    return index < ARRAY_LEN(words) ? words[index] : NULL;
}

/* "csv," would end in column 81, "junit-reports" ends in column 80. */
static void test_help_long_row_goes_on_in_its_column(void **state)
{
    static const struct argument wordy = {ARGUMENT_WORD, "NAME", false, long_word};
    static const struct argument quiet = {ARGUMENT_FILE, "A-LONG-NAME-FOR-A-FILE", false, NULL};
    static const struct option options[] = {
        {0, "format", &wordy, GROUP_OUTPUT, 0, "how rows are written", NULL},
        {'o', "output", &quiet, GROUP_OUTPUT, 0, "where they go", NULL},
    };
    struct buffer help = BUFFER_EMPTY;
    help_write(&help, options, ARRAY_LEN(options));
    claim_contains(
        "rows", buffer_text(&help),
        "\nWhat is shown:\n"
        "      --format NAME       how rows are written: text, prometheus-exposition,\n"
        "                          csv, comma-separated, javascript-object, junit-reports\n"
        "  -o, --output A-LONG-NAME-FOR-A-FILE\n"
        "                          where they go\n\n");
    buffer_release(&help);
}

/* The words of a command line up to two blanks, behind which it is explained. */
static int split(char *line, char *argv[static ARGS_MAX + 1])
{
    char *explanation = strstr(line + 2, "  ");
    int argc = 0;
    if (explanation != NULL)
        *explanation = '\0';
    for (char *word = line + 2; *word != '\0' && argc < ARGS_MAX;) {
        size_t len = strcspn(word, " ");
        bool is_last = word[len] == '\0';
        argv[argc++] = word;
        word[len] = '\0';
        word += len + !is_last;
    }
    argv[argc] = NULL;
    return argc;
}

static void test_help_examples_are_valid(void **state)
{
    struct buffer help = written_by(0);
    const char *text = strstr(buffer_text(&help), "\nExamples:\n");
    char line[COLUMNS_MAX + 1];
    size_t count = 0;
    assert_non_null(text);
    for (text += strlen("\nExamples:\n"); strncmp(text, "  netcheck ", 11) == 0; count++) {
        char *argv[ARGS_MAX + 1];
        struct options options;
        struct buffer message = BUFFER_EMPTY;
        size_t len = strcspn(text, "\n");
        (void)snprintf(line, sizeof line, "%.*s", (int)len, text);
        int argc = split(line, argv);
        if (!options_parse(&options, argc, argv, &message))
            fail_msg("%.*s: %s", (int)len, text, buffer_text(&message));
        options_release(&options);
        buffer_release(&message);
        text += len + 1;
    }
    assert_int_equal(count, 3);
    buffer_release(&help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_help_fits_its_screen),
        cmocka_unit_test(test_help_says_names_argument_and_words),
        cmocka_unit_test(test_help_long_row_goes_on_in_its_column),
        cmocka_unit_test(test_help_examples_are_valid),
    };
    return cmocka_run_group_tests_name("unit/help", tests, NULL, NULL);
}
