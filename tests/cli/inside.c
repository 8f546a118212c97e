#define _DEFAULT_SOURCE /* realpath */

#include "inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS_MAX = 64,
    STATUS_SKIPPED = 77,
};

static char *netcheck_path; /* of the one test program this is linked to */
static char *self_path;
static bool has_lab;

static char *path_of(const char *name, const char *standard)
{
    const char *written = getenv(name);
    return realpath(written != NULL ? written : standard, NULL);
}

int inside_open(void **state)
{
    (void)state;
    char *lab_path = path_of("NETCHECK_LAB", INSIDE_LAB);
    netcheck_path = path_of("NETCHECK", "./netcheck");
    self_path = realpath("/proc/self/exe", NULL);
    if (lab_path == NULL || netcheck_path == NULL || self_path == NULL) {
        print_error("no netcheck or no lab: NETCHECK and NETCHECK_LAB say where they are\n");
        free(lab_path);
        return -1;
    }
    assert_int_equal(setenv("NETCHECK", lab_path, 1), 0);
    free(lab_path);
    struct program program;
    const struct launch launch = {.arguments = WORDS("--", "true")};
    program_run(&program, &launch);
    has_lab = program.status != STATUS_SKIPPED;
    if (!has_lab)
        print_message("%s", buffer_text(&program.err) + strlen("lab: "));
    program_release(&program);
    return 0;
}

int inside_release(void **state)
{
    (void)state;
    free(netcheck_path);
    free(self_path);
    return 0;
}

const char *inside_netcheck(void)
{
    return netcheck_path;
}

const char *inside_self(void)
{
    return self_path;
}

void inside_need_lab(void)
{
    if (!has_lab)
        skip();
}

static size_t add_words(const char **words, size_t count, const char *const *more)
{
    for (; *more != NULL; more++) {
        assert_true(count < WORDS_MAX - 1);
        words[count++] = *more;
    }
    words[count] = NULL;
    return count;
}

void inside_run(struct inside *inside, const char *label, const char *const *lab,
                const char *program, const char *const *arguments)
{
    const char *words[WORDS_MAX];
    size_t count = add_words(words, 0, WORDS("--stats", "stats"));
    count = add_words(words, count, lab);
    count = add_words(words, count, WORDS("--", program));
    (void)add_words(words, count, arguments);
    inside->label = label;
    folder_open(&inside->folder);
    const struct launch launch = {
        .label = label, .arguments = words, .folder = inside->folder.path};
    program_run(&inside->program, &launch);
    expect_text(label, "standard error", buffer_text(&inside->program.err), "");
}

void inside_end(struct inside *inside)
{
    program_release(&inside->program);
    folder_release(&inside->folder);
}

int64_t inside_counter(const struct inside *inside, const char *name)
{
    char path[sizeof inside->folder.path + 8];
    char found[64];
    long long value = -1;
    (void)snprintf(path, sizeof path, "%s/stats", inside->folder.path);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fscanf(file, "%63s %lld", found, &value) == 2 && strcmp(found, name) != 0)
        value = -1;
    assert_int_equal(fclose(file), 0);
    if (value < 0)
        fail_msg("%s: no counter '%s'", inside->label, name);
    return value;
}

void inside_expect_counters(const struct inside *inside, const char *counters)
{
    char name[64];
    long long expected = 0;
    int len = 0;
    for (; sscanf(counters, "%63s %lld%n", name, &expected, &len) == 2; counters += len)
        expect_number(inside->label, name, inside_counter(inside, name), expected);
    assert_int_equal(strlen(counters), 0);
}

void inside_expect_between(const char *label, int64_t actual, int64_t least, int64_t most)
{
    if (actual < least || actual > most)
        fail_msg("%s: is %lld, expected %lld-%lld", label, (long long)actual, (long long)least,
                 (long long)most);
}
