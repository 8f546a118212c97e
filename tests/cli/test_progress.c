/*
 * The line that says how far a long run is: on a terminal only, and never for good. At the end
 * the line of counts stands there: see test_counts.c.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

#define REMOVED "\r\033[K"

/* 50 a second: the run takes a second and a half, the line comes after the first one. */
#define LONG_RUN "--rate=50", "1000-1074"

enum { LONG_RUN_ROWS = 75 };

/* Whether one progress line stands from `text` to `end`. */
static bool is_progress(const char *text, const char *end)
{
    uint64_t done = 0;
    int seconds = 0;
    size_t len = watch_progress(text, LONG_RUN_ROWS, &done);
    if (len == 0)
        return false;
    (void)sscanf(text + len, "  %*u s left%n", &seconds);
    return text + len + seconds == end;
}

/* Lines that are drawn and removed one after the other, the last one too. Returns what follows.
 */
static const char *skip_drawn(const char *label, const char *at, bool is_drawn)
{
    size_t count = 0;
    for (const char *end; (end = strstr(at, REMOVED)) != NULL; count++) {
        if (!is_progress(at, end))
            expect_text(label, "standard error", at, "a line that is removed again");
        at = end + strlen(REMOVED);
    }
    if ((count > 0) != is_drawn || count > LONG_RUN_ROWS / 2)
        fail_msg("%s: %zu lines were drawn", label, count);
    return at;
}

/* The line of counts, where it is wanted, and nothing else. */
static void expect_counts(const char *label, const char *text, bool is_wanted)
{
    uint64_t done = 0;
    size_t len = is_wanted ? watch_tally(text, LONG_RUN_ROWS, &done) : 0;
    expect_text(label, "rest of standard error", text + len, is_wanted ? "\n" : "");
    expect_number(label, "rows", (int64_t)done, is_wanted ? LONG_RUN_ROWS : 0);
}

/* They wait for the clock, not for each other: all of them run at the same time. */
static void test_progress_is_drawn_only_where_it_is_wanted(void **state)
{
    const struct scene *scene = *state;
    static const struct {
        const char *label;
        const char *options[2];
        const char *setting;
        enum stream out;
        enum stream err;
        bool is_drawn;
    } rows[] = {
        {"terminal", ARGS("-z", "-z"), "TERM=xterm", STREAM_NULL, STREAM_TERMINAL, true},
        {"two terminals", ARGS("-z", "-z"), "TERM=xterm", STREAM_TERMINAL, STREAM_TERMINAL,
         true},
        {"auto", ARGS("-z", "--progress=auto"), "TERM=xterm", STREAM_NULL, STREAM_TERMINAL,
         true},
        {"never", ARGS("-z", "--progress=never"), "TERM=xterm", STREAM_NULL, STREAM_TERMINAL,
         false},
        {"-q", ARGS("-q", "-z"), "TERM=xterm", STREAM_NULL, STREAM_TERMINAL, false},
        {"TERM=dumb", ARGS("-z", "-z"), "TERM=dumb", STREAM_NULL, STREAM_TERMINAL, false},
        {"no TERM", ARGS("-z", "-z"), "TERM", STREAM_NULL, STREAM_TERMINAL, false},
        {"rows in a pipe", ARGS("-z", "-z"), "TERM=xterm", STREAM_PIPE, STREAM_TERMINAL, false},
        {"pipe", ARGS("-z", "-z"), "TERM=xterm", STREAM_NULL, STREAM_PIPE, false},
        {"always", ARGS("-q", "--progress=always"), "TERM=xterm", STREAM_NULL, STREAM_TERMINAL,
         true},
        {"always beside a pipe", ARGS("-z", "--progress=always"), "TERM=xterm", STREAM_PIPE,
         STREAM_TERMINAL, true},
        {"always in a pipe, but not within 10 s", ARGS("-z", "--progress=always"), "TERM=xterm",
         STREAM_NULL, STREAM_PIPE, false},
    };
    struct program programs[ARRAY_LEN(rows)];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct launch launch = {.label = rows[i].label,
                                .arguments = WORDS(rows[i].options[0], rows[i].options[1],
                                                   scene->up.host, LONG_RUN),
                                .settings = WORDS(rows[i].setting),
                                .out = rows[i].out,
                                .err = rows[i].err};
        program_start(&programs[i], &launch);
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        program_finish(&programs[i]);
        const char *rest =
            skip_drawn(rows[i].label, buffer_text(&programs[i].err), rows[i].is_drawn);
        bool is_quiet = strcmp(rows[i].options[0], "-q") == 0;
        expect_counts(rows[i].label, rest, rows[i].err == STREAM_TERMINAL && !is_quiet);
        expect_number(rows[i].label, "exit status", programs[i].status, 1);
        program_release(&programs[i]);
    }
}

static void test_progress_of_a_short_run_is_not_drawn(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "short",
                            .arguments = WORDS(scene->up.host, "1000-1074"),
                            .settings = WORDS("TERM=xterm"),
                            .out = STREAM_NULL,
                            .err = STREAM_TERMINAL};
    program_run(&program, &launch);
    if (program.elapsed_ns < NS_PER_S) /* else it was not short on this machine */
        expect_counts(launch.label, buffer_text(&program.err), true);
    program_release(&program);
}

/* In the child: rows and progress line share a terminal. */
static void share_terminal(void *detail)
{
    (void)detail;
    if (dup2(2, 1) != 1)
        _exit(127);
}

/* What a person sees of a terminal's line: what was written since it was last removed. */
static const char *seen(const char *line, size_t len)
{
    const char *start = line;
    for (const char *at = line; (at = strstr(at, REMOVED)) != NULL && at < line + len;)
        start = at += strlen(REMOVED);
    return start;
}

static void test_progress_line_makes_way_for_rows(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    size_t rows = 0;
    size_t drawn = 0;
    struct launch launch = {.label = "one terminal",
                            .arguments = WORDS("--color=never", scene->up.host, LONG_RUN),
                            .settings = WORDS("TERM=xterm"),
                            .err = STREAM_TERMINAL,
                            .prepare = share_terminal};
    program_run(&program, &launch);
    const char *line = buffer_text(&program.err);
    const char *last = line;
    for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        const char *row = seen(line, (size_t)(end - line));
        last = row;
        drawn += row > line;
        rows += strncmp(row, "down   ", 7) == 0 || strncmp(row, "up     ", 7) == 0;
    }
    expect_number(launch.label, "rows at the beginning of a line", (int64_t)rows,
                  LONG_RUN_ROWS);
    assert_true(drawn > 0);
    expect_text(launch.label, "what is left of the line", seen(line, strlen(line)), "");
    expect_counts(launch.label, last, true);
    program_release(&program);
}

static void test_progress_line_makes_way_for_messages_and_the_end(void **state)
{
    static const struct {
        const char *ports;
        const char *drawn; /* then comes the signal */
        int number;
        const char *message;
    } rows[] = {
        {"1000-1074", "/75  ", SIGUSR1, REMOVED "netcheck: "},
        {"1000-1999", "/1000  ", SIGINT, REMOVED "netcheck: ended by a signal: "},
    };
    const struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct program program;
        struct launch launch = {.label = rows[i].drawn,
                                .arguments = WORDS("--rate=50", scene->up.host, rows[i].ports),
                                .settings = WORDS("TERM=xterm"),
                                .out = STREAM_NULL,
                                .err = STREAM_TERMINAL};
        program_start(&program, &launch);
        watch_message(&program, rows[i].drawn);
        watch_signal(&program, rows[i].number);
        program_finish(&program);
        watch_expect_part(launch.label, "message", &program.err, rows[i].message);
        const char *text = buffer_text(&program.err);
        if (rows[i].number == SIGINT) /* and nothing behind it */
            assert_int_equal(
                strncmp(seen(text, strlen(text)), rows[i].message + strlen(REMOVED), 29), 0);
        expect_number(launch.label, "lines", (int64_t)text_count_lines(&program.err),
                      rows[i].number == SIGINT ? 1 : 2); /* else the counts are the other one */
        program_release(&program);
    }
}

/* Reading it fails, opening it does not: that is said while the line stands there. */
static void test_progress_line_makes_way_for_errors(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {
        .label = "/proc/self/mem",
        .arguments = WORDS("--rate=50", "-p1000-1074", scene->up.host, "-f", "/proc/self/mem"),
        .settings = WORDS("TERM=xterm"),
        .out = STREAM_NULL,
        .err = STREAM_TERMINAL};
    if (access("/proc/self/mem", R_OK) != 0)
        skip();
    program_run(&program, &launch);
    assert_non_null(strstr(buffer_text(&program.err), REMOVED "netcheck: cannot read "));
    program_release(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_progress_is_drawn_only_where_it_is_wanted),
        cmocka_unit_test(test_progress_of_a_short_run_is_not_drawn),
        cmocka_unit_test(test_progress_line_makes_way_for_rows),
        cmocka_unit_test(test_progress_line_makes_way_for_messages_and_the_end),
        cmocka_unit_test(test_progress_line_makes_way_for_errors),
    };
    return cmocka_run_group_tests_name("cli/progress", tests, scene_open, scene_release);
}
