/*
 * Metrics of a run in a file: what they say of rounds, and what is told beside them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"

#define REPEATED "is there more than once: prometheus has its worst row alone\n"

static void read_file(const struct folder *folder, const char *name, struct buffer *out)
{
    char path[512];
    char bytes[4096];
    size_t len = 0;
    (void)snprintf(path, sizeof path, "%s/%s", folder->path, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while ((len = fread(bytes, 1, sizeof bytes, file)) > 0)
        buffer_add(out, bytes, len);
    (void)fclose(file); /* it was only read */
}

/* The number behind the one line that begins with `name`. */
static double value_of(const struct scene *scene, struct buffer *metrics, const char *name)
{
    char *filled = scene_filled(scene, name);
    const char *at = strstr(buffer_text(metrics), filled);
    if (at == NULL)
        fail_msg("no line of %s", filled);
    assert_null(strstr(at + 1, filled));
    double value = strtod(at + strlen(filled), NULL);
    free(filled);
    return value;
}

/* The run lasts 400 ms and more, its last round a moment; the state is that of the last one. */
static void test_prometheus_file_of_rounds_is_the_last_one(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct buffer metrics = BUFFER_EMPTY;
    const struct example example = {.label = "rounds",
                                    .words = ARGS("-qc3", "-i200ms", "--label=site=a",
                                                  "--format=prometheus", "-o", "a.prom", "{up}",
                                                  "{refused}", "{up}")};
    scene_start_example(scene, &example, NULL, &program);
    program_finish(&program);
    read_file(&scene->folder, "a.prom", &metrics);
#define LABELS(peer) "{target=\"{" peer "}\",protocol=\"tcp\",site=\"a\"} "
    assert_true(value_of(scene, &metrics, "\nnetcheck_up" LABELS("up")) == 1);
    assert_true(value_of(scene, &metrics, "\nnetcheck_up" LABELS("refused")) == 0);
    double lasted_s =
        value_of(scene, &metrics, "\nnetcheck_last_run_duration_seconds{site=\"a\"} ");
    assert_true(lasted_s * (double)NS_PER_S < (double)program.elapsed_ns / 2);
    const char *told = strstr(buffer_text(&program.err), REPEATED);
    assert_non_null(told); /* once, not in each round */
    assert_null(strstr(told + 1, REPEATED));
    expect_number("rounds", "exit status", program.status, 1);
    buffer_release(&metrics);
    program_release(&program);
}

/* For each output that lacks a row; text has both. */
static void test_prometheus_tells_what_it_leaves_out(void **state)
{
    static const struct example examples[] = {
        {"text beside it", ARGS("--format=prometheus", "-o", "a.prom", "{up}", "{up}"),
         .out = "up     {up}  {host}  N ms\nup     {up}  {host}  N ms\n",
         .err = "netcheck: target '{up}' " REPEATED},
        {"not shown",
         ARGS("--format=prometheus", "--only=down", "-o", "a.prom", "-q", "{up}", "{up}"),
         .out = NULL},
        {"once", ARGS("--format=prometheus", "-o", "a.prom", "-q", "{up}", "{refused}"),
         .status = 1},
    };
    scene_expect_all(*state, examples, ARRAY_LEN(examples));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prometheus_file_of_rounds_is_the_last_one),
        cmocka_unit_test(test_prometheus_tells_what_it_leaves_out),
    };
    return cmocka_run_group_tests_name("cli/prometheus", tests, scene_open, scene_release);
}
