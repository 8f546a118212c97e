#define _DEFAULT_SOURCE /* realpath */

#include "inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum {
    WORDS_MAX = 256,
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

static void run_habits(struct inside *inside, const struct inside_question *question,
                       const struct inside_habit *habits, size_t count)
{
    const char *lab[WORDS_MAX] = {NULL};
    const char *words[WORDS_MAX];
    const char *script = question->script != NULL ? question->script : "exec \"$@\"";
    size_t rules = 0;
    size_t used = add_words(words, 0, WORDS("-c", script, "sh", netcheck_path));
    used = add_words(words, used, question->options);
    for (size_t i = 0; i < count; i++) {
        rules = add_words(lab, rules, habits[i].rules);
        used = add_words(words, used, WORDS(habits[i].target));
    }
    inside_run(inside, question->label, lab, "sh", words);
}

/* The latency in the row of the target, in ms; -1: there is none. */
static double read_latency(const char *out, const char *target)
{
    char start[128];
    (void)snprintf(start, sizeof start, "  %s  ", target);
    const char *row = strstr(out, start);
    const char *end = row != NULL ? strchr(row, '\n') : NULL;
    const char *unit = row != NULL ? strstr(row, " ms") : NULL;
    if (end == NULL || unit == NULL || unit > end)
        return -1;
    while (unit > row && unit[-1] != ' ')
        unit--;
    return strtod(unit, NULL);
}

static void expect_latency(struct inside *inside, const struct inside_habit *habit)
{
    double ms = read_latency(buffer_text(&inside->program.out), habit->target);
    if (habit->least_ms > 0 && ms < habit->least_ms)
        fail_msg("%s: %s took %.1f ms, expected at least %d", inside->label, habit->target, ms,
                 habit->least_ms);
}

void inside_expect_habits(const struct inside_question *question,
                          const struct inside_habit *habits, size_t count)
{
    struct inside inside;
    struct buffer expected = BUFFER_EMPTY;
    bool is_up = true;
    run_habits(&inside, question, habits, count);
    for (size_t i = 0; i < count; i++) {
        expect_latency(&inside, &habits[i]);
        is_up = is_up && strcmp(habits[i].state, "up") == 0;
        buffer_add_format(&expected, "%-6s %s  %s\n", habits[i].state, habits[i].target,
                          habits[i].row);
    }
    text_hide_latencies(&inside.program.out);
    expect_text(question->label, "rows", buffer_text(&inside.program.out),
                buffer_text(&expected));
    expect_number(question->label, "status", inside.program.status, !is_up);
    if (question->counters != NULL)
        inside_expect_counters(&inside, question->counters);
    buffer_release(&expected);
    inside_end(&inside);
}

int64_t inside_count(struct inside *inside, const char *state)
{
    int64_t count = 0;
    size_t len = strlen(state);
    for (const char *row = buffer_text(&inside->program.out); *row != '\0';) {
        const char *end = strchr(row, '\n');
        count += strncmp(row, state, len) == 0;
        row = end != NULL ? end + 1 : row + strlen(row);
    }
    return count;
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
