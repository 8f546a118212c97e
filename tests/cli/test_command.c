/*
 * "-- COMMAND": it takes the program's place once all is as expected, and finds the process as
 * the program found it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"

#define UP           "up     {up}  {host}  N ms\n"
#define REFUSED      "down   {refused}  {host}  refused in N ms\n"
#define REFUSED_FINE "down   {refused}  {host}  refused in N ms (as expected)\n"

#define EXPECT_ALL(state, examples) scene_expect_all(*(state), examples, ARRAY_LEN(examples))

static void test_command_runs_when_all_is_as_expected(void **state)
{
    static const struct example examples[] = {
        {"up", ARGS("{up}", "--", "echo", "ran"), .out = UP "ran\n"},
        {"expected down", ARGS("!{refused}", "--", "echo", "ran"), .out = REFUSED_FINE "ran\n"},
        {"any", ARGS("--any", "{refused}", "{up}", "--", "echo", "ran"),
         .out = REFUSED UP "ran\n"},
        {"HOST PORT", ARGS("{host}", "{up.port}", "--", "echo", "ran"), .out = UP "ran\n"},
        {"-q", ARGS("-q", "{up}", "--", "echo", "ran"), .out = "ran\n"},
        {"-f", ARGS("-f-", "--", "echo", "ran"), .out = UP "ran\n", .input = "{up}\n"},
        {"standard error", ARGS("-q", "{up}", "--", "sh", "-c", "echo ran >&2"),
         .err = "ran\n"},
        {"standard input", ARGS("-q", "{up}", "--", "cat"), .out = "all of it\n",
         .input = "all of it\n"},
    };
    EXPECT_ALL(state, examples);
}

static void test_command_does_not_run_otherwise(void **state)
{
    static const struct example examples[] = {
        {"refused", ARGS("{refused}", "--", "echo", "ran"), .out = REFUSED, .status = 1},
        {"one of two", ARGS("{up}", "{refused}", "--", "echo", "ran"), .out = UP REFUSED,
         .status = 1},
        {"up unexpectedly", ARGS("-q", "!{up}", "--", "echo", "ran"), .status = 1},
        {"timeout", ARGS("-q", "-t0.1", "{silent}", "--", "echo", "ran"), .status = 1},
        {"error", ARGS("-q", "-s192.0.2.1", "{up}", "--", "echo", "ran"), .status = 2},
        {"bad line", ARGS("-q", "-f-", "{up}", "--", "echo", "ran"), .input = "bad\n",
         .status = 2},
        {"usage", ARGS("{up}", "-t0", "--", "echo", "ran"),
         .err = "netcheck: duration out of range '0' for -t: it must be more than 0\n",
         .status = 2},
        {"no command", ARGS("{up}", "--"),
         .err = "netcheck: missing COMMAND after '--': write it, or leave '--' out\n",
         .status = 2},
    };
    EXPECT_ALL(state, examples);
}

static void test_command_does_not_run_when_rows_are_lost(void **state)
{
    struct scene *scene = *state;
    static const struct {
        enum stream out;
        const char *err;
    } rows[] = {
        {STREAM_FULL, "netcheck: cannot write standard output: No space left on device\n"},
        {STREAM_CLOSED, "netcheck: cannot write standard output: Bad file descriptor\n"},
        {STREAM_BROKEN, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct example example = {"lost", ARGS("{up}", "--", "sh", "-c", "echo ran >&2"),
                                  .err = rows[i].err, .status = 2};
        struct launch like = {.out = rows[i].out};
        scene_expect(scene, &example, &like);
    }
}

static void test_command_status_is_ours(void **state)
{
    static const struct example examples[] = {
        {"0", ARGS("-q", "{up}", "--", "true"), .status = 0},
        {"7", ARGS("-q", "{up}", "--", "sh", "-c", "exit 7"), .status = 7},
        {"255", ARGS("-q", "{up}", "--", "sh", "-c", "exit 255"), .status = 255},
        {"a signal", ARGS("-q", "{up}", "--", "sh", "-c", "kill -TERM $$"), .status = -SIGTERM},
        {"no such path", ARGS("-q", "{up}", "--", "./nosuch"),
         .err = "netcheck: cannot run './nosuch': No such file or directory\n", .status = 127},
        {"empty name", ARGS("-q", "{up}", "--", ""),
         .err = "netcheck: cannot run '': No such file or directory\n", .status = 127},
        {"a folder", ARGS("-q", "{up}", "--", "./"),
         .err = "netcheck: cannot run './': Permission denied\n", .status = 126},
        {"not executable", ARGS("-q", "{up}", "--", "./plain"),
         .err = "netcheck: cannot run './plain': Permission denied\n", .status = 126},
        {"foreign bytes", ARGS("-q", "{up}", "--", "./\033[31m"),
         .err = "netcheck: cannot run './\\x1b[31m': No such file or directory\n",
         .status = 127},
    };
    const struct scene *scene = *state;
    folder_write(&scene->folder, "plain", "echo ran\n", 9);
    EXPECT_ALL(state, examples);
}

/* A folder of PATH that may not be read would make it "Permission denied". */
static void test_command_not_found_is_127(void **state)
{
    static const struct example example = {
        "not found", ARGS("-q", "{up}", "--", "netcheck-no-such-command"),
        .err = "netcheck: cannot run 'netcheck-no-such-command': No such file or directory\n",
        .status = 127};
    struct launch like = {.settings = WORDS("PATH=/usr/bin:/bin")};
    scene_expect(*state, &example, &like);
}

static void test_command_arguments_arrive_as_written(void **state)
{
    static const struct example examples[] = {
        {"all kinds",
         ARGS("-q", "{up}", "--", "printf", "<%s>", "", "a b", "$HOME", "*", "-v", "--",
              "a\nb"),
         .out = "<><a b><$HOME><*><-v><--><a\nb>"},
        {"options of its own", ARGS("-q", "{up}", "--", "echo", "-q", "--help"),
         .out = "-q --help\n"},
        {"its name", ARGS("-q", "{up}", "--", "sh", "-c", "echo $0 $#", "zero", "one"),
         .out = "zero 1\n"},
    };
    EXPECT_ALL(state, examples);
}

static void test_command_has_no_descriptor_too_many(void **state)
{
    static const struct example examples[] = {
        {"descriptors", ARGS("-q", "{up}", "--", "ls", "/proc/self/fd"), .out = "0\n1\n2\n3\n"},
        {"descriptors, after files",
         ARGS("-q", "-fa", "-fa", "-f-", "--", "ls", "/proc/self/fd"), .out = "0\n1\n2\n3\n",
         .input = "{up}\n"},
        {"descriptors, after names",
         ARGS("-q", "localhost:{local.port}", "{up}", "--", "ls", "/proc/self/fd"),
         .out = "0\n1\n2\n3\n"},
    };
    const struct scene *scene = *state;
    struct buffer line = BUFFER_EMPTY;
    if (access("/proc/self/fd", R_OK) != 0) {
        (void)printf("skipped: no /proc/self/fd\n");
        skip();
    }
    scene_fill(scene, &line, "{up}\n");
    folder_write(&scene->folder, "a", line.bytes, line.len);
    buffer_release(&line);
    EXPECT_ALL(state, examples);
}

/* In the child: the soft limit of descriptors becomes 123, the hard one stays. */
static void lower_limit(void *detail)
{
    (void)detail;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        _exit(127);
    limit.rlim_cur = 123;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        _exit(127);
}

static void ignore_broken_pipe(void *detail)
{
    (void)detail;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    if (sigaction(SIGPIPE, &ignore, NULL) != 0)
        _exit(127);
}

static void test_command_finds_the_process_as_it_was(void **state)
{
#define KILL "-q", "{up}", "--", "sh", "-c", "kill -PIPE $$; echo alive"
    static const struct {
        struct example example;
        struct launch like;
    } rows[] = {
        {{"closed",
          ARGS("-q", "{up}", "--", "sh", "-c", "test -e /proc/$$/fd/0 && exit 1; exit 9"),
          .status = 9},
         {.in = STREAM_CLOSED}},
        {{"ulimit -n", ARGS("-q", "{up}", "--", "sh", "-c", "ulimit -Sn"), .out = "123\n"},
         {.prepare = lower_limit}},
        {{"SIGPIPE", ARGS(KILL), .status = -SIGPIPE}, {.prepare = NULL}},
        {{"SIGPIPE ignored", ARGS(KILL), .out = "alive\n"}, {.prepare = ignore_broken_pipe}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        scene_expect(*state, &rows[i].example, &rows[i].like);
}

static void test_command_takes_the_process_over(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    char expected[32];
    struct launch launch = {
        .label = "process id",
        .arguments = WORDS("-q", scene->up.target, "--", "sh", "-c", "echo $$; read line"),
        .is_fed = true};
    program_start(&program, &launch);
    (void)snprintf(expected, sizeof expected, "%ld\n", (long)program.pid);
    program_await(&program, "\n");
    expect_text("process id", "standard output", buffer_text(&program.out), expected);
    program_end_input(&program);
    program_finish(&program);
    program_release(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command_runs_when_all_is_as_expected),
        cmocka_unit_test(test_command_does_not_run_otherwise),
        cmocka_unit_test(test_command_does_not_run_when_rows_are_lost),
        cmocka_unit_test(test_command_status_is_ours),
        cmocka_unit_test(test_command_not_found_is_127),
        cmocka_unit_test(test_command_arguments_arrive_as_written),
        cmocka_unit_test(test_command_has_no_descriptor_too_many),
        cmocka_unit_test(test_command_finds_the_process_as_it_was),
        cmocka_unit_test(test_command_takes_the_process_over),
    };
    return cmocka_run_group_tests_name("cli/command", tests, scene_open, scene_release);
}
