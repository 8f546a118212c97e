#include <stdio.h>
#include <string.h>

#include "../../../src/cli/foreign.h"
#include "../../../src/cli/option_table.h"
#include "../claim.h"

enum { WORD_SIZE = 64 };

/* Calls `look` with each word of the table and its row. */
static void for_each_word(void (*look)(const char *word, const struct foreign *row))
{
    for (size_t i = 0; i < foreign_table_len; i++) {
        const char *p = foreign_table[i].words;
        while (*p != '\0') {
            char word[WORD_SIZE];
            int len = (int)strcspn(p, " ");
            (void)snprintf(word, sizeof word, "%.*s", len, p);
            look(word, &foreign_table[i]);
            p += len + (p[len] == ' ');
        }
    }
}

static void claim_is_no_option(const char *word, const struct foreign *row)
{
    const struct option *option =
        strlen(word) == 1 ? option_with_letter(*word) : option_with_name(word, strlen(word));
    claim_true(word, "no option here", option == NULL);
}

static void test_foreign_word_is_no_option_here(void **state)
{
    for_each_word(claim_is_no_option);
}

/* Written as it is used: with a value, which must not be shown, where one is glued on. The
   line is refused, with this remedy, whatever its letters mean here. */
static void claim_refused(const char *word, const struct foreign *row, const char *dashes)
{
    char written[WORD_SIZE + 16];
    size_t len = strcspn(word, "*");
    const char *value = word[len] == '*' ? "s3cret" : len > 1 ? "=s3cret" : "";
    (void)snprintf(written, sizeof written, "%s%.*s%s", dashes, (int)len, word, value);
    struct buffer expected = BUFFER_EMPTY;
    buffer_add_format(&expected, "unknown option '%s%.*s'", dashes, (int)len, word);
    const char *name = row->protocol != NULL ? row->protocol : "";
    const struct slice protocol = {name, 0, strlen(name)};
    const struct protocol_traits *traits = protocols_find(&protocol);
    bool is_asked = traits != NULL && traits->id != PROTOCOL_NONE;
    if (is_asked)
        buffer_add_format(&expected, ": write %s://%s", traits->name,
                          traits->has_ports ? "db:80" : "HOST");
    else if (row->protocol != NULL)
        fault_add_remedy(&expected, FAULT_PROTOCOL, &protocol, &protocol);
    buffer_add_format(&expected, "%s%s", row->protocol != NULL ? "" : ": ", row->remedy);
    char *argv[] = {(char *)"netcheck", written, (char *)"db:80", NULL};
    struct buffer message = BUFFER_EMPTY;
    struct options options;
    claim_true(written, "refusal", !options_parse(&options, 3, argv, &message));
    claim_text(written, "message", buffer_text(&message), buffer_text(&expected));
    options_release(&options);
    buffer_release(&message);
    buffer_release(&expected);
}

/* One dash and an f are -f and the name of a file. */
static void claim_refused_behind_dashes(const char *word, const struct foreign *row)
{
    if (*word != 'f')
        claim_refused(word, row, "-");
    if (strlen(word) > 1 && strchr(word, '*') == NULL)
        claim_refused(word, row, "--");
}

static void test_foreign_word_is_refused_with_its_remedy(void **state)
{
    for_each_word(claim_refused_behind_dashes);
}

/* Whether what begins with a dash at `text` is an option here. */
static bool is_option(const char *text)
{
    size_t dashes = strspn(text, "-");
    size_t len =
        strspn(text + dashes, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ46-");
    if (dashes == 2)
        return len == 0 || option_with_name(text + 2, len) != NULL;
    return len == 1 && option_with_letter(text[1]) != NULL;
}

/* But "fping's -u" is no option here. */
static void test_foreign_remedy_names_options_that_there_are(void **state)
{
    for (size_t i = 0; i < foreign_table_len; i++) {
        const char *texts[] = {foreign_table[i].remedy, foreign_table[i].limits};
        for (size_t j = 0; j < ARRAY_LEN(texts) && texts[j] != NULL; j++)
            for (const char *p = strstr(texts[j], " -"); p != NULL; p = strstr(p + 2, " -"))
                if (strncmp(p - 2, "'s", 2) != 0)
                    claim_true(texts[j], p, is_option(p + 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_foreign_word_is_no_option_here),
        cmocka_unit_test(test_foreign_word_is_refused_with_its_remedy),
        cmocka_unit_test(test_foreign_remedy_names_options_that_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
