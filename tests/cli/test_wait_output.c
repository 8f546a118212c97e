/*
 * --wait: what is printed meanwhile, what becomes of the run when nobody takes it, and signals.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

#define REMOVED "\r\033[K"
#define WAITING "netcheck: waiting up to N for "

enum {
    STILL_MS = 100,    /* long enough to see that a run goes on */
    PIPE_LEN = 32768,  /* bytes that a pipe holds at least */
    AT_ONCE_MS = 8000, /* far less than the wait would take */
};

/* -q says nothing, whether it is met, or not, or a signal ends it. */
static void test_wait_output_quiet_is_silent(void **state)
{
    struct scene *scene = *state;
    peer_refuse(&scene->late, scene->up.host);
    for (int is_ended = 0; is_ended < 2; is_ended++) {
        struct program program;
        watch_start(scene, &program, "-q", WORDS("--wait=20", "-q", "{late}"));
        assert_true(watch_for(&program, STILL_MS));
        if (is_ended == 0)
            watch_signal(&program, SIGTERM);
        else
            peer_open(&scene->late);
        scene_expect_end(scene, &program, is_ended == 0 ? -SIGTERM : 0, NULL, NULL);
    }
    peer_release(&scene->late);
}

/* Both rows of a port that opens late; `row` waits for the first one. */
static void run_late(struct scene *scene, const struct example *example, const char *row,
                     struct program *program)
{
    peer_refuse(&scene->late, scene->up.host);
    scene_start_example(scene, example, NULL, program);
    program_await(program, row);
    peer_open(&scene->late);
    program_finish(program);
    expect_number(example->label, "exit status", program->status, 0);
    peer_release(&scene->late);
}

static void test_wait_output_json_says_what_was_before(void **state)
{
    static const struct example example = {"-j", ARGS("--wait=20", "-j", "{late}"),
                                           .out = NULL};
    struct program program;
    run_late(*state, &example, "\"refused\"", &program);
    const char *rows = buffer_text(&program.out);
    assert_true(text_is_json_lines(rows, program.out.len));
    expect_number("-j", "rows", (int64_t)text_count_lines(&program.out), 2);
    const char *second = strchr(rows, '\n') + 1;
    const char *first =
        strstr(rows, "\"previous_state\":null,\"previous_ms\":null,\"since\":\"");
    assert_true(first != NULL && first < second);
    assert_ptr_equal(strstr(rows, "\"change\":\"new\"}\n"),
                     second - strlen("\"change\":\"new\"}\n"));
    watch_expect_part("-j", "standard output", &program.out, "\"previous_state\":\"down\",");
    double lasted_ms = watch_number(second, "\"previous_ms\":");
    assert_true(lasted_ms > 0 && lasted_ms < AT_ONCE_MS);
    assert_null(strstr(rows, "\"seq\":"));
    program_release(&program);
}

static void test_wait_output_may_have_time_stamps(void **state)
{
    static const struct example example = {"-D", ARGS("--wait=20", "-D", "{late}"),
                                           .out = NULL};
    struct program program;
    run_late(*state, &example, "refused", &program);
    const char *row = buffer_text(&program.out);
    for (size_t i = 0; i < 2; i++, row = strchr(row, '\n') + 1) {
        int len = 0;
        (void)sscanf(row, "%*4u-%*2u-%*2uT%*2u:%*2u:%*2u.%*3uZ  %n", &len);
        expect_number("-D", "length of the stamp", len, 26);
        assert_int_equal(strncmp(row + len, i == 0 ? "down   " : "up     ", 7), 0);
    }
    program_release(&program);
}

static void test_wait_output_only_what_is_wanted(void **state)
{
    struct scene *scene = *state;
    struct program program;
    peer_refuse(&scene->late, scene->up.host);
    watch_start(scene, &program, "--only", WORDS("--wait=20", "--only=up", "{late}"));
    watch_message(&program, "waiting");
    assert_true(watch_for(&program, STILL_MS));
    peer_open(&scene->late);
    scene_expect_end(scene, &program, 0, "up     {late}  {host}  N (was down for N)\n",
                     WAITING "1 target\n");
    peer_release(&scene->late);
}

/* The first row does not get out: that ends the wait. */
static void test_wait_output_lost_ends_it(void **state)
{
    static const struct {
        struct example example;
        enum stream out;
    } rows[] = {
        {{"/dev/full", ARGS("--wait=0", "{refused}", "--", "sh", "-c", "echo ran >&2"),
          .err = "netcheck: waiting for 1 target\n"
                 "netcheck: cannot write standard output: No space left on device\n"},
         STREAM_FULL},
        {{"closed", ARGS("--wait=0", "{refused}", "--", "sh", "-c", "echo ran >&2"),
          .err = "netcheck: waiting for 1 target\n"
                 "netcheck: cannot write standard output: Bad file descriptor\n"},
         STREAM_CLOSED},
        {{"nobody reads", ARGS("--wait=0", "{refused}", "--", "sh", "-c", "echo ran >&2"),
          .err = "netcheck: waiting for 1 target\n"},
         STREAM_BROKEN},
        {{"/dev/full, met at once", ARGS("--wait=20", "{up}", "--", "sh", "-c", "echo ran >&2"),
          .err = WAITING "1 target\n"
                         "netcheck: cannot write standard output: No space left on device\n"},
         STREAM_FULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct program program;
        scene_start_example(*state, &rows[i].example, &(struct launch){.out = rows[i].out},
                            &program);
        scene_expect_end(*state, &program, 2, NULL, rows[i].example.err);
    }
}

static const int ends[] = {SIGINT, SIGTERM};

static void test_wait_output_signal_ends_it_with_what_is_known(void **state)
{
    static const struct example examples[] = {
        {"one of two", ARGS("--wait=20", "-P1", "{up}", "{refused}", "--", "echo", "ran"),
         .out = "up     {up}  {host}  N\ndown   {refused}  {host}  refused in N\n",
         .err = WAITING "2 targets\nnetcheck: ended by a signal: 1/2 as expected\n"},
        {"no end", ARGS("--wait=0", "{refused}"),
         .out = "down   {refused}  {host}  refused in N\n",
         .err = "netcheck: waiting for 1 target\n"
                "netcheck: ended by a signal: 0/1 as expected\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(examples) * ARRAY_LEN(ends); i++) {
        const struct example *example = &examples[i / 2];
        int number = ends[i % 2];
        struct program program;
        scene_start_example(*state, example, NULL, &program);
        program_await(&program, "refused in ");
        watch_signal(&program, number);
        scene_expect_end(*state, &program, -number, example->out, example->err);
    }
}

static void test_wait_output_signal_ends_it_without_rows(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct program program;
        watch_start(*state, &program, "silent", WORDS("--wait=20", "-t20", "{silent}"));
        watch_message(&program, "waiting");
        watch_signal(&program, ends[i]);
        program_finish(&program);
        expect_took(&program, 0, AT_ONCE_MS);
        scene_expect_end(*state, &program, -ends[i], NULL,
                         WAITING "1 target\nnetcheck: ended by a signal: 0/1 as expected\n");
    }
}

static void test_wait_output_signal_ends_it_before_the_input_did(void **state)
{
    static const struct example example = {"open input", ARGS("--wait=20", "{up}", "-f-"),
                                           .out = NULL};
    struct launch like = {.input = "{refused}\n", .is_fed = true};
    struct program program;
    scene_start_example(*state, &example, &like, &program);
    watch_input(&program);
    watch_signal(&program, SIGTERM);
    scene_expect_end(*state, &program, -SIGTERM, NULL,
                     "netcheck: ended by a signal: 0 as expected\n");
}

/* In the child: SIGQUIT is to end it, not to fill the disk. */
static void without_core(void *detail)
{
    struct rlimit none = {0, 0};
    (void)detail;
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        _exit(127);
}

/* There is no summary of a wait: SIGQUIT is what it always was. */
static void test_wait_output_sigquit_ends_it(void **state)
{
    static const struct example example = {"SIGQUIT", ARGS("--wait=20", "{refused}"),
                                           .out = NULL};
    struct program program;
    scene_start_example(*state, &example, &(struct launch){.prepare = without_core}, &program);
    program_await(&program, "refused in ");
    watch_signal(&program, SIGQUIT);
    scene_expect_end(*state, &program, -SIGQUIT, "down   {refused}  {host}  refused in N\n",
                     WAITING "1 target\n");
}

static void test_wait_output_sigusr1_says_how_far_it_is(void **state)
{
    static const struct example examples[] = {
        {"DUR", ARGS("--wait=20", "{late}"),
         .err = WAITING "1 target\nnetcheck: 0/1 as expected  N left\n"},
        {"no end", ARGS("--wait=0", "{late}"),
         .err = "netcheck: waiting for 1 target\nnetcheck: 0/1 as expected  after N\n"},
    };
    struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        struct program program;
        peer_refuse(&scene->late, scene->up.host);
        scene_start_example(scene, &examples[i], NULL, &program);
        program_await(&program, "refused in ");
        watch_signal(&program, SIGUSR1);
        watch_message(&program, " as expected");
        peer_open(&scene->late);
        scene_expect_end(scene, &program, 0,
                         "down   {late}  {host}  refused in N\n"
                         "up     {late}  {host}  N (was down for N)\n",
                         examples[i].err);
        peer_release(&scene->late);
    }
}

/* What a person sees in the end: each line without what was removed of it. */
static void keep_visible(struct buffer *text)
{
    struct buffer visible = BUFFER_EMPTY;
    const char *line = buffer_text(text);
    while (*line != '\0') {
        size_t len = strcspn(line, "\n");
        const char *shown = line;
        for (const char *at = line; (at = strstr(at, REMOVED)) != NULL && at < line + len;)
            shown = at += strlen(REMOVED);
        bool has_end = line[len] == '\n';
        buffer_add(&visible, shown, (size_t)(line + len + has_end - shown));
        line += len + has_end;
    }
    buffer_release(text);
    *text = visible;
}

static void test_wait_output_live_line_is_gone_at_the_end(void **state)
{
    static const struct example examples[] = {
        {" left", ARGS("--wait=20", "{late}", "--", "echo", "ran"),
         .err = WAITING "1 target\n"},
        {"  after ", ARGS("--wait=0", "{late}"), .err = "netcheck: waiting for 1 target\n"},
        {" left" REMOVED, ARGS("--wait=20", "--progress=always", "-q", "{late}"), .err = NULL},
    };
    struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        struct launch like = {.out = STREAM_TERMINAL,
                              .err = STREAM_TERMINAL,
                              .settings = WORDS("TERM=xterm", "NO_COLOR=1")};
        struct program program;
        peer_refuse(&scene->late, scene->up.host);
        scene_start_example(scene, &examples[i], &like, &program);
        watch_message(&program, examples[i].label);
        watch_expect_part("terminal", "standard error", &program.err, "0/1 as expected  ");
        peer_open(&scene->late);
        program_finish(&program);
        keep_visible(&program.err);
        scene_expect_end(scene, &program, 0,
                         i == 2   ? NULL
                         : i == 1 ? "down   {late}  refused in N\n"
                                    "up     {late}  N (was down for N)\n"
                                  : "down   {late}  refused in N\n"
                                    "up     {late}  N (was down for N)\nran\n",
                         examples[i].err);
        peer_release(&scene->late);
    }
}

static void test_wait_output_live_line_makes_way_for_the_end(void **state)
{
    static const struct example example = {"DUR", ARGS("--wait=1.6", "{refused}"), .out = NULL};
    struct launch like = {.out = STREAM_TERMINAL,
                          .err = STREAM_TERMINAL,
                          .settings = WORDS("TERM=xterm", "NO_COLOR=1")};
    struct program program;
    scene_start_example(*state, &example, &like, &program);
    program_finish(&program);
    watch_expect_part("DUR", "standard error", &program.err, "0/1 as expected  0 s left");
    keep_visible(&program.err);
    scene_expect_end(*state, &program, 1, "down   {refused}  refused in N\n",
                     WAITING "1 target\nnetcheck: gave up after N: 1 of 1 target not as "
                             "expected, first {refused}: refused\n");
}

/* They wait for the clock, not for each other: all of them run at the same time. */
static void test_wait_output_live_line_only_where_it_is_wanted(void **state)
{
    static const struct {
        struct example example;
        const char *setting;
        enum stream out;
        enum stream err;
    } rows[] = {
        {{"-q", ARGS("--wait=1.4", "-q", "{refused}"), .out = NULL},
         "TERM=xterm",
         STREAM_NULL,
         STREAM_TERMINAL},
        {{"dumb", ARGS("--wait=1.4", "{refused}"), .out = NULL},
         "TERM=dumb",
         STREAM_NULL,
         STREAM_TERMINAL},
        {{"pipe", ARGS("--wait=1.4", "{refused}"), .out = NULL},
         "TERM=xterm",
         STREAM_NULL,
         STREAM_PIPE},
        {{"rows in a pipe", ARGS("--wait=1.4", "{refused}"), .out = NULL},
         "TERM=xterm",
         STREAM_PIPE,
         STREAM_TERMINAL},
        {{"never", ARGS("--wait=1.4", "--progress=never", "{refused}"), .out = NULL},
         "TERM=xterm",
         STREAM_NULL,
         STREAM_TERMINAL},
    };
    struct program programs[ARRAY_LEN(rows)];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct launch like = {
            .out = rows[i].out, .err = rows[i].err, .settings = WORDS(rows[i].setting)};
        scene_start_example(*state, &rows[i].example, &like, &programs[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        program_finish(&programs[i]);
        assert_null(strstr(buffer_text(&programs[i].err), " left"));
        assert_null(strstr(buffer_text(&programs[i].err), "\r"));
        program_release(&programs[i]);
    }
}

/*
 * Until its rows have filled standard output, which is not read: how many bytes that takes
 * depends on how they are written.
 */
static void fill_pipe(struct program *program)
{
    int before = -1;
    for (int len = 0; len < PIPE_LEN || len > before;) {
        before = len;
        assert_true(watch_for(program, STILL_MS));
        assert_int_equal(ioctl(program->fds[1], FIONREAD, &len), 0);
    }
}

/* Rows of 4,000 targets are more than a pipe holds, and nobody reads them. */
static void test_wait_output_that_is_stuck_does_not_hold_the_end_up(void **state)
{
    static const int numbers[] = {0, SIGTERM};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct program program;
        struct launch launch = {.label = numbers[i] == 0 ? "DUR" : "SIGTERM",
                                .arguments =
                                    WORDS(numbers[i] == 0 ? "--wait=1" : "--wait=0", "-i60",
                                          "-p1-4000", ((struct scene *)*state)->up.host)};
        program_start(&program, &launch);
        program.is_paused = true;
        watch_message(&program, "for 4000 targets");
        if (numbers[i] != 0) {
            fill_pipe(&program);
            watch_signal(&program, numbers[i]);
        }
        /* What it says last, it says when the rows are given up. */
        watch_message(&program, numbers[i] == 0 ? "gave up after" : "ended by a signal");
        program.is_paused = false;
        program_finish(&program);
        watch_expect_part(launch.label, "message", &program.err,
                          "cannot write standard output: its reader takes nothing\n");
        expect_took(&program, 300, 8000);
        watch_end(&program, numbers[i] == 0 ? 2 : -numbers[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait_output_quiet_is_silent),
        cmocka_unit_test(test_wait_output_json_says_what_was_before),
        cmocka_unit_test(test_wait_output_may_have_time_stamps),
        cmocka_unit_test(test_wait_output_only_what_is_wanted),
        cmocka_unit_test(test_wait_output_lost_ends_it),
        cmocka_unit_test(test_wait_output_signal_ends_it_with_what_is_known),
        cmocka_unit_test(test_wait_output_signal_ends_it_without_rows),
        cmocka_unit_test(test_wait_output_signal_ends_it_before_the_input_did),
        cmocka_unit_test(test_wait_output_sigquit_ends_it),
        cmocka_unit_test(test_wait_output_sigusr1_says_how_far_it_is),
        cmocka_unit_test(test_wait_output_live_line_is_gone_at_the_end),
        cmocka_unit_test(test_wait_output_live_line_makes_way_for_the_end),
        cmocka_unit_test(test_wait_output_live_line_only_where_it_is_wanted),
        cmocka_unit_test(test_wait_output_that_is_stuck_does_not_hold_the_end_up),
    };
    return cmocka_run_group_tests_name("cli/wait: output", tests, scene_open, scene_release);
}
