/*
 * Rows are whole lines, wherever they go and however the program ends, and a reader that takes
 * nothing does not hold up its end.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

enum {
    PORTS = 4000,
    STILL_MS = 300,    /* long enough to fill a pipe or a terminal */
    AT_ONCE_MS = 5000, /* far less than the runs would take */
};

/* In the child: two programs from here on, with the same pipe. */
static void become_two(void *detail)
{
    (void)detail;
    if (fork() < 0)
        _exit(127);
}

static void test_output_of_two_programs_in_one_pipe_is_whole_rows(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "two",
                            .arguments = WORDS("-j", scene->up.host, "1000-4999"),
                            .prepare = become_two};
    program_start(&program, &launch);
    program.is_paused = true; /* both of them are held up, in the middle */
    assert_true(watch_for(&program, STILL_MS));
    program.is_paused = false;
    program_finish(&program);
    expect_number("two", "rows", (int64_t)text_count_lines(&program.out), 2 * PORTS);
    assert_true(text_is_json_lines(buffer_text(&program.out), program.out.len));
    program_release(&program);
}

/* At several places of the rows, by a slow reader. */
static void test_output_of_a_program_that_is_killed_is_whole_rows(void **state)
{
    const struct scene *scene = *state;
    for (size_t i = 0; i < 5; i++) {
        struct program program;
        struct launch launch = {.label = "killed",
                                .arguments = WORDS("-j", scene->up.host, "1000-4999")};
        char bytes[1000];
        program_start(&program, &launch);
        program.is_paused = true;
        assert_true(watch_for(&program, STILL_MS));
        for (size_t part = 0; part < 10 + i; part++) {
            struct pollfd rows = {.fd = program.fds[1], .events = POLLIN};
            assert_int_equal(poll(&rows, 1, LIMIT_MS), 1);
            ssize_t len = read(program.fds[1], bytes, sizeof bytes);
            assert_true(len > 0);
            buffer_add(&program.out, bytes, (size_t)len);
            assert_true(watch_for(&program, 2 * POLL_MS));
        }
        watch_signal(&program, SIGKILL);
        program.is_paused = false;
        program_finish(&program);
        assert_true(text_is_json_lines(buffer_text(&program.out), program.out.len));
        program_release(&program);
    }
}

/* In the child: both streams are one terminal. */
static void join_streams(void *detail)
{
    (void)detail;
    if (dup2(1, 2) != 2)
        _exit(127);
}

/* A terminal takes a part of a line, too; the other stream's text must not follow it. */
static void test_output_rows_and_notes_on_one_terminal_are_whole_lines(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "-v",
                            .arguments =
                                WORDS("-v", "--color=never", scene->up.host, "1000-4999"),
                            .settings = WORDS("TERM=dumb"),
                            .out = STREAM_TERMINAL,
                            .prepare = join_streams};
    program_start(&program, &launch);
    program.is_paused = true;
    assert_true(watch_for(&program, STILL_MS));
    program.is_paused = false;
    program_finish(&program);
    size_t host_len = strlen(scene->up.host);
    uint64_t done = 0;
    for (const char *line = buffer_text(&program.out);
         *line != '\0' && watch_tally(line, PORTS, &done) == 0;) {
        bool is_note = strncmp(line, "* ", 2) == 0;
        bool is_row = strncmp(line, "down   ", 7) == 0 || strncmp(line, "up     ", 7) == 0;
        if (!is_note && !is_row)
            expect_text("-v", "line", line, "");
        assert_int_equal(strncmp(line + (is_note ? 2 : 7), scene->up.host, host_len), 0);
        size_t len = strcspn(line, "\n");
        assert_int_equal(line[len], '\n');
        assert_true(strncmp(line + len - 3, " ms", 3) == 0 || is_note);
        line += len + 1;
    }
    expect_number("-v", "rows that are counted", (int64_t)done, PORTS);
    expect_number("-v", "lines", (int64_t)text_count_lines(&program.out), 3 * PORTS + 1);
    program_release(&program);
}

/* Read what they say beside their rows, until all have ended (false) or it is time. */
static bool turn_all(struct program *programs, size_t count, int64_t until_ns)
{
    bool is_running = true;
    while (is_running && harness_pause(until_ns)) {
        is_running = false;
        for (size_t i = 0; i < count; i++)
            is_running |= program_turn(&programs[i], 0);
    }
    return is_running;
}

/* Until none of them has written anything more for a while. */
static void await_stuck(struct program *programs, size_t count)
{
    int lens[16] = {0};
    assert_true(count <= ARRAY_LEN(lens));
    for (int still = 0; still < 3; still++) {
        (void)turn_all(programs, count, harness_now_ns() + STILL_MS / 3 * NS_PER_MS);
        for (size_t i = 0; i < count; i++) {
            int before = lens[i];
            assert_int_equal(ioctl(programs[i].fds[1], FIONREAD, &lens[i]), 0);
            if (lens[i] != before)
                still = -1;
        }
    }
}

/* Unread, it ends a second after the signal, or after DUR. The examples run side by side. */
static void test_output_that_nobody_takes_holds_no_end_up(void **state)
{
    static const struct {
        struct example example;
        int number; /* 0: it ends of itself */
        enum stream out;
        void (*prepare)(void *detail);
    } rows[] = {
        {{"--wait", {"--wait=1", "{host}:1000-4999"}, .out = NULL}, 0, STREAM_TERMINAL, NULL},
        {{"--wait, both", {"--wait=1", "-v", "{host}:1000-4999"}, .out = NULL},
         0,
         STREAM_TERMINAL,
         join_streams},
        {{"--wait, met", {"--wait=1", "!{host}:1000-4999"}, .out = NULL},
         0,
         STREAM_TERMINAL,
         NULL},
        {{"once", {"{host}:1000-4999"}, .out = NULL}, SIGINT, STREAM_TERMINAL, NULL},
        {{"once, both", {"-v", "{host}:1000-4999"}, .out = NULL},
         SIGTERM,
         STREAM_TERMINAL,
         join_streams},
        {{"once, pipe", {"{host}:1000-4999"}, .out = NULL}, SIGTERM, STREAM_PIPE, NULL},
        {{"last rows, pipe", {"--unordered", "{host}:1000-2199"}, .out = NULL},
         SIGTERM,
         STREAM_PIPE,
         NULL},
        {{"rounds", {"-c0", "-i1ms", "{host}:1000-1399"}, .out = NULL},
         SIGTERM,
         STREAM_TERMINAL,
         NULL},
        {{"rounds, both", {"-v", "-c0", "-i1ms", "{host}:1000-1399"}, .out = NULL},
         SIGINT,
         STREAM_TERMINAL,
         join_streams},
    };
    struct program programs[ARRAY_LEN(rows)];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct launch like = {.out = rows[i].out, .prepare = rows[i].prepare};
        scene_start_example(*state, &rows[i].example, &like, &programs[i]);
        programs[i].is_paused = true;
    }
    await_stuck(programs, ARRAY_LEN(rows));
    int64_t sent_ns = harness_now_ns();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].number != 0)
            watch_signal(&programs[i], rows[i].number);
    assert_false(turn_all(programs, ARRAY_LEN(rows), sent_ns + AT_ONCE_MS * NS_PER_MS));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *label = rows[i].example.label;
        expect_number(label, "exit status", programs[i].status,
                      rows[i].number == 0 ? 2 : -rows[i].number);
        if (rows[i].prepare == NULL)
            watch_expect_part(label, "standard error", &programs[i].err,
                              "cannot write standard output: its reader takes nothing\n");
        program_release(&programs[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output_of_two_programs_in_one_pipe_is_whole_rows),
        cmocka_unit_test(test_output_of_a_program_that_is_killed_is_whole_rows),
        cmocka_unit_test(test_output_rows_and_notes_on_one_terminal_are_whole_lines),
        cmocka_unit_test(test_output_that_nobody_takes_holds_no_end_up),
    };
    return cmocka_run_group_tests_name("cli/output: whole", tests, scene_open, scene_release);
}
