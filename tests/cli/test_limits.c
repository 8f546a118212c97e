/*
 * Few descriptors, and descriptors with high numbers: this machine's shortage is never the
 * target's state (DESIGN.md, facts 7, 13 and 17).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"

#define UP      "up     {up}  {host}  N ms\n"
#define REFUSED "down   {refused}  {host}  refused in N ms\n"
#define SILENT  "down   {silent}  {host}  timeout: no answer in N ms\n"

enum { HIGHEST_FD = 1100 };

static void stop(const char *what)
{
    (void)dprintf(2, "test: %s failed in the child\n", what);
    _exit(127);
}

/* In the child: both limits of descriptors become `detail`. */
static void limit_descriptors(void *detail)
{
    const rlim_t *most = detail;
    struct rlimit limit = {*most, *most};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        stop("setrlimit");
}

/* In the child: every descriptor up to HIGHEST_FD is taken. */
static void take_descriptors(void *detail)
{
    (void)detail;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        stop("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        stop("setrlimit");
    int fd = 0;
    while (fd < HIGHEST_FD) {
        fd = open("/dev/null", O_RDONLY);
        if (fd < 0)
            stop("open");
    }
}

/* `count` targets, every second one up and, if wanted, every fiftieth silent. */
static void write_targets(const struct scene *scene, int count, bool has_silent,
                          struct buffer *input, struct buffer *out)
{
    for (int i = 0; i < count; i++) {
        bool is_silent = has_silent && i % 50 == 0;
        bool is_up = i % 2 == 1;
        scene_fill(scene, input, is_silent ? "{silent}\n" : is_up ? "{up}\n" : "{refused}\n");
        scene_fill(scene, out, is_silent ? SILENT : is_up ? UP : REFUSED);
    }
}

static void expect_rows(struct scene *scene, const struct launch *like, int count,
                        bool has_silent)
{
    struct buffer input = BUFFER_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    struct launch launch = *like;
    write_targets(scene, count, has_silent, &input, &out);
    launch.input = input.bytes;
    launch.input_len = input.len;
    (void)peer_count(&scene->up);
    expect_run(&launch, 1, buffer_text(&out), "");
    expect_number(launch.label, "connections", (int64_t)peer_count(&scene->up), count / 2);
    buffer_release(&input);
    buffer_release(&out);
}

static void test_limits_few_descriptors_give_the_same_rows(void **state)
{
    static const struct {
        rlim_t most;
        bool has_silent;
    } rows[] = {{12, false},  {16, false}, {32, false}, {64, false},
                {100, false}, {16, true},  {32, true}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char label[48];
        rlim_t most = rows[i].most;
        bool has_silent = rows[i].has_silent;
        (void)snprintf(label, sizeof label, "ulimit -n %u%s", (unsigned)most,
                       has_silent ? ", silent ones" : "");
        struct launch like = {.label = label,
                              .arguments = WORDS("-f-", "-t", has_silent ? "0.2" : "5"),
                              .prepare = limit_descriptors,
                              .detail = &most};
        expect_rows(*state, &like, 500, has_silent);
    }
}

static void test_limits_verbose_says_what_the_limit_leaves(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    rlim_t most = 32;
    struct launch launch = {.arguments = WORDS("-v", scene->up.target),
                            .prepare = limit_descriptors,
                            .detail = &most};
    program_run(&program, &launch);
    assert_non_null(strstr(buffer_text(&program.err),
                           " of 1024 targets at a time: the limit of descriptors is 32\n"));
    expect_number("-v", "exit status", program.status, 0);
    program_release(&program);
}

/* Rows of names too: the resolver's threads and pipe have high numbers then. */
static void test_limits_high_descriptors_give_the_same_rows(void **state)
{
    static const struct example name = {
        "high descriptors, a name", ARGS("-4", "localhost:{local.port},{localrefused.port}"),
        .out = "up     localhost:{local.port}  127.0.0.1  N ms\n"
               "down   localhost:{localrefused.port}  127.0.0.1  refused in N ms\n",
        .status = 1};
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_max < HIGHEST_FD + 100) {
        (void)printf("skipped: the hard limit of descriptors is %lu\n",
                     (unsigned long)limit.rlim_max);
        skip();
    }
    struct launch like = {.label = "high descriptors",
                          .arguments = WORDS("-f-", "-t", "0.3", "-r", "0"),
                          .prepare = take_descriptors};
    expect_rows(*state, &like, 500, true);
    scene_expect(*state, &name, &like);
}

/* What a run without a descriptor to spare may say: up, local, or nothing where not even the
 * dynamic linker had one. Never down, never unresolved; and never 1. */
static void expect_honest(const char *label, struct program *program)
{
    const char *out = buffer_text(&program->out);
    bool is_up = strncmp(out, "up  ", 4) == 0;
    bool is_local = strncmp(out, "error  ", 7) == 0 && strstr(out, "  local: ") != NULL;
    if (out[0] != '\0' && !is_up && !is_local)
        expect_text(label, "standard output", out, "a row up or error local");
    bool is_consistent =
        is_up ? program->status == 0 : program->status == 2 || program->status == 127;
    if (!is_consistent)
        fail_msg("%s: exit status %d with '%s'", label, program->status, out);
}

static void run_with_limit(const struct scene *scene, const struct example *example,
                           rlim_t most)
{
    char *words[EXAMPLE_WORDS + 1] = {NULL};
    char label[64];
    struct program program;
    (void)snprintf(label, sizeof label, "%s, ulimit -n %u", example->label, (unsigned)most);
    for (size_t i = 0; example->words[i] != NULL; i++)
        words[i] = scene_filled(scene, example->words[i]);
    char *input = scene_filled(scene, "{up}\n");
    struct launch launch = {.label = label,
                            .arguments = (const char *const *)words,
                            .folder = scene->folder.path,
                            .input = input,
                            .prepare = limit_descriptors,
                            .detail = &most};
    program_run(&program, &launch);
    expect_honest(label, &program);
    program_release(&program);
    for (size_t i = 0; words[i] != NULL; i++)
        free(words[i]);
    free(input);
}

static void test_limits_no_descriptor_is_never_down(void **state)
{
    static const struct example examples[] = {
        {"operand", .words = {"{up}"}},
        {"file", .words = {"-f", "live"}},
        {"standard input", .words = {"-f", "-"}},
        {"name", .words = {"-4", "localhost", "{local.port}"}},
        {"name, both families", .words = {"localhost:{local.port}"}},
    };
    const struct scene *scene = *state;
    char *live = scene_filled(scene, "{up}\n");
    folder_write(&scene->folder, "live", live, strlen(live));
    free(live);
    for (size_t i = 0; i < ARRAY_LEN(examples); i++)
        for (rlim_t most = 3; most <= 12; most++)
            run_with_limit(scene, &examples[i], most);
}

/* One descriptor is free, and the file of targets has it. */
static void test_limits_no_descriptor_left_is_local(void **state)
{
    static const struct example example = {
        "ulimit -n 4 and a file", ARGS("-f", "list"),
        .out = "error  {up}  {host}  local: no descriptor left for this process\n"
               "error  {refused}  {host}  local: no descriptor left for this process\n",
        .status = 2};
    struct scene *scene = *state;
    rlim_t most = 4;
    struct buffer list = BUFFER_EMPTY;
    struct launch like = {.prepare = limit_descriptors, .detail = &most};
    scene_fill(scene, &list, "{up}\n{refused}\n");
    for (int i = 0; i < 4000; i++)
        buffer_add_text(&list, "# the file is long, so that it stays open\n");
    folder_write(&scene->folder, "list", list.bytes, list.len);
    (void)peer_count(&scene->up);
    scene_expect(scene, &example, &like);
    expect_number(example.label, "connections", (int64_t)peer_count(&scene->up), 0);
    buffer_release(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits_few_descriptors_give_the_same_rows),
        cmocka_unit_test(test_limits_verbose_says_what_the_limit_leaves),
        cmocka_unit_test(test_limits_high_descriptors_give_the_same_rows),
        cmocka_unit_test(test_limits_no_descriptor_is_never_down),
        cmocka_unit_test(test_limits_no_descriptor_left_is_local),
    };
    return cmocka_run_group_tests_name("cli/limits", tests, scene_open, scene_release);
}
