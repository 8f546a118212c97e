/*
 * Memory is bounded by bytes, not by rows: very long lines behind a target that does not
 * answer.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "watch.h"

enum {
    LINES = 1000,     /* without a bound 37 MiB, with it 14 MiB */
    LINE_LEN = 65000, /* of control bytes: six times as long in JSON */
    MOST_KIB = 24 * 1024,
    STILL_MS = 300, /* long enough to fill what can be filled */
};

/* The silent target, and then lines that are none. */
static void write_list(const struct scene *scene)
{
    static char line[LINE_LEN + 1];
    char path[128];
    memset(line, 1, LINE_LEN);
    line[LINE_LEN] = '\n';
    folder_write(&scene->folder, "long", "", 0);
    (void)snprintf(path, sizeof path, "%s/long", scene->folder.path);
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_true(fd >= 0);
    assert_true(dprintf(fd, "%s\n", scene->silent.target) > 0);
    for (int i = 0; i < LINES; i++)
        assert_int_equal(write(fd, line, sizeof line), (ssize_t)sizeof line);
    assert_int_equal(close(fd), 0);
}

/* Of all programs so far; this one is small when it starts them. */
static void expect_flat(const char *label)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
    if (usage.ru_maxrss > MOST_KIB)
        fail_msg("%s: %ld KiB of memory, expected %d at most", label, usage.ru_maxrss,
                 MOST_KIB);
}

static void test_memory_is_flat_behind_a_silent_target(void **state)
{
    static const char *const words[][EXAMPLE_WORDS] = {
        {"-t0.3", "-f", "long", NULL},
        {"-j", "-t0.3", "-f", "long", NULL},
        {"-v", "-q", "-t0.3", "-f", "long", NULL},
        {"--list", "-f", "long", NULL},
    };
    const struct scene *scene = *state;
    if (IS_SANITIZED)
        skip();
    write_list(scene);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct program program;
        struct launch launch = {.arguments = words[i],
                                .folder = scene->folder.path,
                                .out = STREAM_NULL,
                                .err = STREAM_NULL};
        program_run(&program, &launch);
        expect_number(words[i][0], "exit status", program.status, 2);
        program_release(&program);
        expect_flat(words[i][0]);
    }
}

/* A reader that stalls, and then the rows that are finished. */
static void test_memory_is_flat_before_a_slow_reader(void **state)
{
    const struct scene *scene = *state;
    if (IS_SANITIZED)
        skip();
    write_list(scene);
    for (int is_taken = 0; is_taken < 2; is_taken++) {
        struct program program;
        struct launch launch = {.label = "slow reader",
                                .arguments = WORDS("-j", "-t1", "-f", "long"),
                                .folder = scene->folder.path,
                                .limit_ms = 120000}; /* it computes all the time */
        program_start(&program, &launch);
        program.is_paused = is_taken == 0;
        assert_true(watch_for(&program, STILL_MS));
        while (is_taken && program.out.len <= MOST_KIB * UINT64_C(1024))
            assert_true(watch_for(&program, POLL_MS));
        watch_signal(&program, SIGTERM);
        watch_message(&program, "ended by a signal"); /* said when its rows are out */
        program.is_paused = false;
        program_finish(&program);
        expect_number(launch.label, "exit status", program.status, -SIGTERM);
        if (is_taken == 0)
            watch_expect_part(launch.label, "message", &program.err,
                              "its reader takes nothing");
        program_release(&program);
        expect_flat(launch.label);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_flat_behind_a_silent_target),
        cmocka_unit_test(test_memory_is_flat_before_a_slow_reader),
    };
    return cmocka_run_group_tests_name("cli/memory", tests, scene_open, scene_release);
}
