/*
 * SIGINT and SIGTERM end a run with the rows that are finished; SIGUSR1 asks how far it is.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

enum {
    FIRST_PORT = 1000,
    STILL_MS = 100,    /* long enough to see that a run goes on */
    AT_ONCE_MS = 5000, /* far less than the run would take */
};

static const struct {
    const char *label;
    int number;
} ends[] = {
    {"SIGINT", SIGINT},
    {"SIGTERM", SIGTERM},
};

/* Rows of `count` ports in a row, from FIRST_PORT on. */
static void expect_rows(struct program *program, const char *host, size_t count)
{
    struct buffer expected = BUFFER_EMPTY;
    for (size_t i = 0; i < count; i++)
        buffer_add_format(&expected, "%s:%zu\n", host, FIRST_PORT + i);
    watch_keep_targets(&program->out);
    expect_text(program->launch.label, "targets", buffer_text(&program->out),
                buffer_text(&expected));
    buffer_release(&expected);
}

/* "netcheck: ended by a signal: DONE of TOTAL asked ...", one line and the last one. */
static void expect_end_message(const char *label, const char *message, uint64_t done,
                               uint64_t total)
{
    static const char before[] = "netcheck: ended by a signal: ";
    uint64_t said = 0;
    if (strncmp(message, before, strlen(before)) != 0)
        expect_text(label, "message", message, before);
    size_t len = watch_tally(message + strlen(before), total, &said);
    if (len == 0)
        expect_text(label, "counts", message + strlen(before), "a line of counts");
    expect_text(label, "end of the line", message + strlen(before) + len, "\n");
    expect_number(label, "targets that are done", (int64_t)said, (int64_t)done);
}

/* A run of 20 s that is ended after the third row. */
static void test_signals_end_with_the_rows_that_are_finished(void **state)
{
    const struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct program program;
        struct launch launch = {.label = ends[i].label,
                                .arguments = WORDS("--rate=50", scene->up.host, "1000-1999")};
        program_start(&program, &launch);
        program_await(&program, ":1002  ");
        watch_signal(&program, ends[i].number);
        program_finish(&program);
        size_t count = text_count_lines(&program.out);
        expect_rows(&program, scene->up.host, count);
        expect_end_message(launch.label, buffer_text(&program.err), count, 1000);
        watch_end(&program, -ends[i].number);
    }
}

/* Rows that waited for an earlier one, which will not come any more. */
static void test_signals_end_does_not_hold_finished_rows_back(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "behind a silent one",
                            .arguments = WORDS("-v", "-t20", scene->refused.target,
                                               scene->silent.target, scene->up.target,
                                               scene->silent.target, scene->refused.target)};
    program_start(&program, &launch);
    for (const char *seen = NULL; seen == NULL;) { /* both refused ones */
        watch_message(&program, " connected in ");
        watch_message(&program, " refused in ");
        seen = strstr(strstr(buffer_text(&program.err), " refused in ") + 1, " refused in ");
        assert_true(program_turn(&program, POLL_MS));
    }
    watch_signal(&program, SIGTERM);
    program_finish(&program);
    char *rows = scene_filled(scene, "down   {refused}  {host}  refused in N ms\n"
                                     "up     {up}  {host}  N ms\n"
                                     "down   {refused}  {host}  refused in N ms\n");
    text_hide_latencies(&program.out);
    expect_text(launch.label, "standard output", buffer_text(&program.out), rows);
    assert_non_null(
        strstr(buffer_text(&program.err),
               "\nnetcheck: ended by a signal: 3 of 5 asked: 1 up, 2 down, 0 errors, in "));
    expect_number(launch.label, "status", program.status, -SIGTERM);
    free(rows);
    program_release(&program);
}

static void test_signals_end_a_wait_for_standard_input(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {
        .label = "open input", .arguments = WORDS("-f-"), .is_fed = true, .limit_ms = 10000};
    program_start(&program, &launch);
    program_feed(&program, scene->refused.target);
    program_feed(&program, "\n");
    program_await(&program, "refused in ");
    watch_signal(&program, SIGINT);
    program_finish(&program);
    expect_end_message(launch.label, buffer_text(&program.err), 1, UINT64_MAX);
    watch_end(&program, -SIGINT);
}

static void test_signals_end_is_silent_when_quiet(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "-q",
                            .arguments = WORDS("-qv", "-t20", scene->silent.target),
                            .limit_ms = 10000};
    program_start(&program, &launch);
    watch_message(&program, "trying ");
    watch_signal(&program, SIGINT);
    program_finish(&program);
    assert_null(strstr(buffer_text(&program.err), "netcheck:"));
    expect_text("-q", "standard output", buffer_text(&program.out), "");
    watch_end(&program, -SIGINT);
}

static void test_signals_end_runs_no_command(void **state)
{
    const struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct program program;
        struct launch launch = {.label = ends[i].label,
                                .arguments = WORDS("--rate=50", "--expect=down", scene->up.host,
                                                   "1000-1999", "--", "echo", "ran")};
        program_start(&program, &launch);
        program_await(&program, ":1002  ");
        watch_signal(&program, ends[i].number);
        program_finish(&program);
        assert_null(strstr(buffer_text(&program.out), "ran"));
        watch_end(&program, -ends[i].number);
    }
}

/* Until it has written as much as its standard output takes, which nobody reads. */
static void await_full_pipe(struct program *program)
{
    int len = 0;
    for (int still = 0; still < 5; still++) {
        int before = len;
        assert_true(watch_for(program, STILL_MS));
        assert_int_equal(ioctl(program->fds[1], FIONREAD, &len), 0);
        if (len == 0 || len != before)
            still = 0;
    }
}

/*
 * The first one cannot be done justice: nobody reads the rows. The second one need not be the
 * same: a supervisor's SIGTERM after a user's SIGINT.
 */
static void test_signals_second_one_ends_at_once(void **state)
{
    const struct scene *scene = *state;
    static const struct {
        const char *label;
        int first, second;
    } rows[] = {{"SIGINT twice", SIGINT, SIGINT},
                {"SIGTERM twice", SIGTERM, SIGTERM},
                {"SIGINT, SIGTERM", SIGINT, SIGTERM}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct program program;
        struct launch launch = {.label = rows[i].label,
                                .arguments = WORDS(scene->up.host, "1000-9999")};
        program_start(&program, &launch);
        program.is_paused = true;
        await_full_pipe(&program);
        watch_signal(&program, rows[i].first);
        assert_true(watch_for(&program, STILL_MS));
        watch_signal(&program, rows[i].second);
        assert_false(watch_for(&program, AT_ONCE_MS));
        program.is_paused = false;
        watch_end(&program, -rows[i].second);
    }
}

/* The rows that are finished are waited for, as long as their reader takes. */
static void test_signals_end_loses_no_row_to_a_slow_reader(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "slow reader",
                            .arguments = WORDS(scene->up.host, "1000-9999")};
    program_start(&program, &launch);
    program.is_paused = true;
    await_full_pipe(&program);
    watch_signal(&program, SIGINT);
    assert_true(watch_for(&program, STILL_MS));
    program.is_paused = false;
    program_finish(&program);
    size_t count = text_count_lines(&program.out);
    expect_end_message(launch.label, buffer_text(&program.err), count, 9000);
    expect_rows(&program, scene->up.host, count);
    watch_end(&program, -SIGINT);
}

static void test_signals_usr1_says_how_far_it_is(void **state)
{
    const struct scene *scene = *state;
    static const char *const verbosities[] = {"--unordered", "-q", "--progress=never"};
    for (size_t i = 0; i < ARRAY_LEN(verbosities); i++) {
        struct program program;
        struct launch launch = {
            .label = verbosities[i],
            .arguments = WORDS("-v", verbosities[i], "--rate=50", scene->up.host, "1000-1029")};
        program_start(&program, &launch);
        watch_message(&program, "refused in ");
        watch_signal(&program, SIGUSR1);
        watch_message(&program, "\nnetcheck: ");
        program_finish(&program);
        const char *line = strstr(buffer_text(&program.err), "\nnetcheck: ") + 1;
        uint64_t done = 0;
        assert_true(watch_progress(line + strlen("netcheck: "), 30, &done) > 0);
        assert_in_range(done, 1, 30);
        assert_null(strstr(line, "\nnetcheck: ")); /* once was asked, once is said */
        expect_number(launch.label, "rows", (int64_t)text_count_lines(&program.out),
                      strcmp(verbosities[i], "-q") == 0 ? 0 : 30);
        watch_end(&program, 1);
    }
}

/* In the child: as nohup and a shell's background job have it. */
static void ignore_ends(void *detail)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)detail;
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (sigaction(ends[i].number, &ignore, NULL) != 0)
            _exit(127);
}

static void test_signals_ignored_at_the_start_stay_ignored(void **state)
{
    const struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct program program;
        struct launch launch = {.label = ends[i].label,
                                .arguments = WORDS("--rate=50", scene->up.host, "1000-1019"),
                                .prepare = ignore_ends};
        program_start(&program, &launch);
        program_await(&program, ":1002  ");
        watch_signal(&program, ends[i].number);
        watch_signal(&program, ends[i].number);
        program_finish(&program);
        expect_rows(&program, scene->up.host, 20);
        expect_text(launch.label, "standard error", buffer_text(&program.err), "");
        watch_end(&program, 1);
    }
}

/* A COMMAND gets the signals as this program got them. */
static void test_signals_end_a_command_as_usual(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "COMMAND",
                            .arguments = WORDS("-q", scene->up.target, "--", "sh", "-c",
                                               "kill -INT $$; echo survived")};
    program_run(&program, &launch);
    expect_text("COMMAND", "standard output", buffer_text(&program.out), "");
    watch_end(&program, -SIGINT);
}

/* All is answered, only the reader of the rows is behind: it was said to end nevertheless. */
static void test_signals_end_at_the_last_row_runs_no_command(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "COMMAND",
                            .arguments =
                                WORDS("--unordered", "--any", "--expect=down", scene->up.host,
                                      "1000-2199", "--", "echo", "ran")};
    program_start(&program, &launch);
    program.is_paused = true;
    await_full_pipe(&program);
    watch_signal(&program, SIGINT);
    assert_true(watch_for(&program, STILL_MS));
    program.is_paused = false;
    program_finish(&program);
    assert_null(strstr(buffer_text(&program.out), "ran\n"));
    watch_end(&program, -SIGINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signals_end_with_the_rows_that_are_finished),
        cmocka_unit_test(test_signals_end_does_not_hold_finished_rows_back),
        cmocka_unit_test(test_signals_end_a_wait_for_standard_input),
        cmocka_unit_test(test_signals_end_is_silent_when_quiet),
        cmocka_unit_test(test_signals_end_runs_no_command),
        cmocka_unit_test(test_signals_second_one_ends_at_once),
        cmocka_unit_test(test_signals_end_loses_no_row_to_a_slow_reader),
        cmocka_unit_test(test_signals_usr1_says_how_far_it_is),
        cmocka_unit_test(test_signals_ignored_at_the_start_stay_ignored),
        cmocka_unit_test(test_signals_end_a_command_as_usual),
        cmocka_unit_test(test_signals_end_at_the_last_row_runs_no_command),
    };
    return cmocka_run_group_tests_name("cli/signals", tests, scene_open, scene_release);
}
