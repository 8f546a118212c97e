/*
 * --wait with targets from a file or from standard input: all of them are there before the
 * first one is asked, and DUR holds also where they never come.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

enum {
    STILL_MS = 100,    /* long enough to see that a run goes on */
    LATE_MS = 2000,    /* how much later than DUR it may be on a busy machine */
    AT_ONCE_MS = 8000, /* far less than the wait would take */
};

#define UP              "up     {up}  {host}  N\n"
#define REFUSED         "down   {refused}  {host}  refused in N\n"
#define UNASKED         "local: the wait ended too soon to tell\n"
#define UP_UNASKED      "error  {up}  {host}  " UNASKED
#define REFUSED_UNASKED "error  {refused}  {host}  " UNASKED
#define BAD_LINE                                                                       \
    "error  bad  -  invalid: no port for 'bad' (-:1:1): write bad:PORT, bad PORT, -p " \
    "PORT, or icmp://bad\n"
#define WAITING     "netcheck: waiting up to N for "
#define NEVER_ENDED "netcheck: gave up after N: the input did not end\n"
#define EMPTY       "netcheck: no targets: every file is empty\n"
#define IN_VAIN     "netcheck: not waited: what could not be read never is as expected\n"

/* Standard input stays open. */
static void start_fed(struct scene *scene, const struct example *example,
                      struct program *program)
{
    struct launch launch = {.label = example->label,
                            .arguments = example->words,
                            .input = example->input,
                            .is_fed = true};
    (void)peer_count(&scene->up);
    scene_start(scene, &launch, program);
}

static void test_wait_input_that_does_not_end_does_not_outlast_dur(void **state)
{
    static const struct example examples[] = {
        {"nothing came", ARGS("--wait=0.3", "-f-"), NULL, NEVER_ENDED, .status = 1},
        {"--any", ARGS("--wait=0.3", "--any", "-f-"), NULL, NEVER_ENDED, .status = 1},
        {"two lines", ARGS("--wait=0.3", "-f-"), UP_UNASKED REFUSED_UNASKED, NEVER_ENDED, 1,
         "{up}\n{refused}\n"},
        {"an operand", ARGS("--wait=0.3", "{up}", "-f-"), UP_UNASKED, NEVER_ENDED, .status = 1},
        {"half a line", ARGS("--wait=0.3", "-f-"), NULL, NEVER_ENDED, 1, "{up}"},
        {"-q", ARGS("--wait=0.3", "-q", "-f-"), NULL, NULL, 1, "{up}\n"},
    };
    struct scene *scene = *state;
    (void)peer_count(&scene->up);
    watch_expect_all(
        scene, examples, ARRAY_LEN(examples),
        &(struct launch){.is_fed = true, .least_ms = 300, .most_ms = 300 + LATE_MS});
    expect_number("open input", "connections", (int64_t)peer_count(&scene->up), 0);
}

/* Nobody writes into it; and somebody does, a while later. */
static void test_wait_input_fifo_without_a_writer_holds_nothing_up(void **state)
{
    static const struct example never = {"never", ARGS("--wait=0.3", "-f", "fifo"),
                                         .out = NULL};
    static const struct example late = {"late", ARGS("--wait=20", "-q", "-f", "fifo"),
                                        .out = NULL};
    struct scene *scene = *state;
    struct program program;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/fifo", scene->folder.path);
    assert_int_equal(mkfifo(path, 0600), 0);
    start_fed(scene, &never, &program);
    program_finish(&program);
    expect_took(&program, 300, 300 + LATE_MS);
    scene_expect_end(scene, &program, 1, NULL, NEVER_ENDED);

    start_fed(scene, &late, &program);
    assert_true(watch_for(&program, STILL_MS));
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, scene->up.target, strlen(scene->up.target)),
                     strlen(scene->up.target));
    assert_int_equal(close(fd), 0);
    program_finish(&program);
    scene_expect_end(scene, &program, 0, NULL, NULL);
    assert_int_equal(unlink(path), 0);
}

static void feed(const struct scene *scene, struct program *program, const char *text)
{
    struct buffer filled = BUFFER_EMPTY;
    scene_fill(scene, &filled, text);
    program_feed(program, buffer_text(&filled));
    buffer_release(&filled);
    assert_true(watch_for(program, STILL_MS));
}

static void test_wait_input_may_come_late(void **state)
{
    static const struct example example = {"late lines", ARGS("--wait=20", "-P1", "-f-"),
                                           .input = "{up}\n"};
    struct scene *scene = *state;
    struct program program;
    start_fed(scene, &example, &program);
    assert_true(watch_for(&program, STILL_MS));
    feed(scene, &program, "# nothing\n{host}");
    feed(scene, &program, ":{up.port}\n!{refused}");
    expect_number("late lines", "rows", (int64_t)text_count_lines(&program.out), 0);
    program_end_input(&program);
    program_finish(&program);
    expect_took(&program, 0, AT_ONCE_MS);
    scene_expect_end(scene, &program, 0,
                     UP UP "down   {refused}  {host}  refused in N (as expected)\n",
                     WAITING "3 targets\n");
}

/* DUR counts from the start of the program, not from the end of the input. */
static void test_wait_input_takes_its_time_from_dur(void **state)
{
    static const struct example example = {"slow input", ARGS("--wait=0.8", "-f-"),
                                           .out = NULL};
    struct scene *scene = *state;
    struct program program;
    start_fed(scene, &example, &program);
    feed(scene, &program, "{refused}\n");
    assert_true(watch_for(&program, 3 * STILL_MS));
    program_end_input(&program);
    program_finish(&program);
    expect_took(&program, 800, 800 + LATE_MS);
    scene_expect_end(scene, &program, 1, REFUSED,
                     WAITING "1 target\nnetcheck: gave up after N: 1 of 1 target not as "
                             "expected, first {refused}: refused\n");
}

/* No time helps it: everybody else is asked once. */
static void test_wait_input_with_a_bad_line_is_asked_once(void **state)
{
    static const struct example examples[] = {
        {"alone", ARGS("--wait=20", "-f-"), BAD_LINE, IN_VAIN, 2, "bad\n"},
        {"first", ARGS("--wait=20", "-P1", "-f-"), BAD_LINE REFUSED UP, IN_VAIN, 2,
         "bad\n{refused}\n{up}\n"},
        {"no end", ARGS("--wait=0", "-f-"), BAD_LINE REFUSED, IN_VAIN, 2, "bad\n{refused}\n"},
        {"-q", ARGS("--wait=20", "-q", "-f-"), NULL, NULL, 2, "bad\n{refused}\n"},
        {"COMMAND", ARGS("--wait=20", "-q", "-f-", "--", "echo", "ran"), NULL, NULL, 2,
         "{up}\nbad\n"},
    };
    watch_expect_all(*state, examples, ARRAY_LEN(examples),
                     &(struct launch){.most_ms = AT_ONCE_MS});
}

/* Exit status 2 is certain, and COMMAND will not run. */
static void test_wait_input_that_cannot_be_read_is_asked_once(void **state)
{
    static const struct example example = {
        "/proc/self/mem",
        ARGS("--wait=0", "{refused}", "-f", "/proc/self/mem", "--", "echo", "ran"),
        .out = NULL};
    struct scene *scene = *state;
    struct program program;
    struct launch launch = {
        .label = example.label, .arguments = example.words, .limit_ms = AT_ONCE_MS};
    if (access("/proc/self/mem", R_OK) != 0)
        skip();
    scene_start(scene, &launch, &program);
    watch_end(&program, 2);
}

/* Its row comes before the answer of the silent one. */
static void test_wait_input_bad_line_is_told_at_once(void **state)
{
    struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "a bad line and a silent one",
                            .arguments = WORDS("--wait=20", "-t20", "-f-"),
                            .input = "{silent}\nbad\n"};
    scene_start(scene, &launch, &program);
    program_await(&program, "error  bad  -  invalid: ");
    expect_number(launch.label, "rows", (int64_t)text_count_lines(&program.out), 1);
    program_release(&program);
}

static void test_wait_input_with_a_bad_line_may_do_for_any(void **state)
{
    struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "--any",
                            .arguments = WORDS("--wait=20", "--any", "-P1", "-f-"),
                            .input = "bad\n{late}\n"};
    peer_refuse(&scene->late, scene->up.host);
    scene_start(scene, &launch, &program);
    program_await(&program, "refused in ");
    peer_open(&scene->late);
    scene_expect_end(scene, &program, 0,
                     BAD_LINE "down   {late}  {host}  refused in N\n"
                              "up     {late}  {host}  N (was down for N)\n",
                     WAITING "one of 2 targets\n");
    peer_release(&scene->late);
}

static void test_wait_input_of_no_targets_is_an_error(void **state)
{
    static const struct example examples[] = {
        {"empty", ARGS("--wait=20", "-f-", "--", "echo", "ran"), NULL, EMPTY, .status = 2},
        {"--any", ARGS("--wait=20", "--any", "-f-", "--", "echo", "ran"), NULL, EMPTY,
         .status = 2},
    };
    scene_expect_all(*state, examples, ARRAY_LEN(examples));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait_input_that_does_not_end_does_not_outlast_dur),
        cmocka_unit_test(test_wait_input_fifo_without_a_writer_holds_nothing_up),
        cmocka_unit_test(test_wait_input_may_come_late),
        cmocka_unit_test(test_wait_input_takes_its_time_from_dur),
        cmocka_unit_test(test_wait_input_with_a_bad_line_is_asked_once),
        cmocka_unit_test(test_wait_input_that_cannot_be_read_is_asked_once),
        cmocka_unit_test(test_wait_input_bad_line_is_told_at_once),
        cmocka_unit_test(test_wait_input_with_a_bad_line_may_do_for_any),
        cmocka_unit_test(test_wait_input_of_no_targets_is_an_error),
    };
    return cmocka_run_group_tests_name("cli/wait: input", tests, scene_open, scene_release);
}
