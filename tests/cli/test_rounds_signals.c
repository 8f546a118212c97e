/*
 * -c and signals: SIGINT and SIGTERM end it after the summary, SIGQUIT prints the summary so
 * far and SIGUSR1 how far it is, and after SIGSTOP it goes on as if nothing had been.
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
    STILL_MS = 100,    /* long enough to see that a run goes on */
    STOPPED_MS = 1000, /* for so long a program is stopped: 50 rounds */
    AT_ONCE_MS = 8000,
};

static const struct {
    const char *label;
    int number;
} ends[] = {
    {"SIGINT", SIGINT},
    {"SIGTERM", SIGTERM},
};

/* "--- TARGET ---\nCOUNT sent, " as many as there are rows, from `text` on. */
static void expect_summary(const struct program *program, const char *text, size_t count)
{
    struct buffer expected = BUFFER_EMPTY;
    buffer_add_format(&expected, " ---\n%zu sent, ", count);
    if (strstr(text, buffer_text(&expected)) == NULL)
        expect_text(program->launch.label, "summary", text, buffer_text(&expected));
    buffer_release(&expected);
}

static void test_rounds_signals_end_with_the_summary(void **state)
{
    static const struct example examples[] = {
        {"-c0", ARGS("-c0", "-i20ms", "{up}"), .out = NULL},
        {"-i alone", ARGS("-i20ms", "{up}"), .out = NULL},
        {"many", ARGS("-c1000000", "-i20ms", "{up}", "--", "echo", "ran"), .out = NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(examples) * ARRAY_LEN(ends); i++) {
        struct program program;
        int number = ends[i % 2].number;
        scene_start_example(*state, &examples[i / 2], NULL, &program);
        program_await(&program, "seq=5 ");
        watch_signal(&program, number);
        program_finish(&program);
        expect_summary(&program, buffer_text(&program.err), text_count_lines(&program.out));
        assert_null(strstr(buffer_text(&program.out), "ran\n"));
        watch_end(&program, -number);
    }
}

static void test_rounds_signals_end_with_the_summary_in_json(void **state)
{
    struct program program;
    watch_start(*state, &program, "-j", WORDS("-j", "-c0", "-i20ms", "{up}"));
    program_await(&program, "\"seq\":3}");
    watch_signal(&program, SIGINT);
    program_finish(&program);
    assert_true(text_is_json_lines(buffer_text(&program.out), program.out.len));
    struct buffer sent = BUFFER_EMPTY;
    buffer_add_format(&sent, "\"sent\":%zu,", text_count_lines(&program.out) - 1);
    watch_expect_part("-j", "standard output", &program.out, buffer_text(&sent));
    expect_text("-j", "standard error", buffer_text(&program.err), "");
    expect_number("-j", "exit status", program.status, -SIGINT);
    buffer_release(&sent);
    program_release(&program);
}

static void test_rounds_signals_end_when_quiet_has_no_rows(void **state)
{
    struct scene *scene = *state;
    struct program program;
    (void)peer_count(&scene->up);
    watch_start(scene, &program, "-q", WORDS("-q", "-c0", "-i20ms", "{up}"));
    while (peer_count(&scene->up) == 0)
        assert_true(watch_for(&program, POLL_MS));
    watch_signal(&program, SIGINT);
    program_finish(&program);
    expect_text("-q", "standard output", buffer_text(&program.out), "");
    watch_expect_part("-q", "summary", &program.err, " up, 0% loss, ");
    watch_end(&program, -SIGINT);
}

/* Nobody has answered: there is nothing to sum up, and it does not wait for that. */
static void test_rounds_signals_end_without_rows(void **state)
{
    static const struct example examples[] = {
        {"text", ARGS("-v", "-c0", "-t20", "{silent}"),
         .err = "* {silent}: trying {host}\n\n--- {silent} ---\nnot answered yet\n"},
        {"-v", ARGS("-v", "-q", "-c0", "-t20", "{silent}"),
         .err = "* {silent}: trying {host}\n\n--- {silent} ---\nnot answered yet\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(examples) * ARRAY_LEN(ends); i++) {
        struct program program;
        int number = ends[i % 2].number;
        scene_start_example(*state, &examples[i / 2], NULL, &program);
        watch_message(&program, ": trying ");
        watch_signal(&program, number);
        program_finish(&program);
        expect_took(&program, 0, AT_ONCE_MS);
        scene_expect_end(*state, &program, -number, NULL, examples[i / 2].err);
    }
}

/* What waits for its end is not known yet: nothing was asked. */
static void test_rounds_signals_end_before_the_input_did(void **state)
{
    static const struct example example = {"open input", ARGS("-c0", "{up}", "-f-"),
                                           .out = NULL};
    struct launch like = {.input = "{refused}\n", .is_fed = true};
    struct program program;
    scene_start_example(*state, &example, &like, &program);
    watch_input(&program);
    watch_signal(&program, SIGQUIT);
    assert_true(watch_for(&program, STILL_MS));
    watch_signal(&program, SIGTERM);
    scene_expect_end(*state, &program, -SIGTERM, NULL, NULL);
}

/* Nobody reads the rows: nothing more is asked, and the second signal does not wait. */
static void test_rounds_signals_second_one_ends_at_once(void **state)
{
    struct program program;
    int len = -1;
    watch_start(*state, &program, "-c0", WORDS("-c0", "-i1ms", "-p1-100", "{host}"));
    program.is_paused = true;
    for (int before = -2; before != len;) {
        before = len;
        assert_true(watch_for(&program, 5 * STILL_MS));
        assert_int_equal(ioctl(program.fds[1], FIONREAD, &len), 0);
        before = len == 0 ? -2 : before;
    }
    watch_signal(&program, SIGINT);
    assert_true(watch_for(&program, STILL_MS));
    watch_signal(&program, SIGTERM);
    assert_false(watch_for(&program, AT_ONCE_MS));
    program.is_paused = false;
    watch_end(&program, -SIGTERM);
}

static void test_rounds_signals_sigquit_sums_up_and_goes_on(void **state)
{
    static const struct example examples[] = {
        {"rows", ARGS("-c0", "-i20ms", "{up}"), .out = "seq=3 "},
        {"-q", ARGS("-q", "-c0", "-i20ms", "{up}"), .out = NULL},
    };
    struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        struct program program;
        (void)peer_count(&scene->up);
        scene_start_example(scene, &examples[i], NULL, &program);
        if (examples[i].out != NULL)
            program_await(&program, examples[i].out);
        for (size_t seen = 0; seen < 3; seen += peer_count(&scene->up))
            assert_true(watch_for(&program, POLL_MS));
        for (int times = 0; times < 2; times++) {
            buffer_release(&program.err);
            watch_signal(&program, SIGQUIT);
            watch_message(&program, "p50/p95/p99 ");
            watch_expect_part(examples[i].label, "summary", &program.err, " up, 0% loss, ");
            (void)peer_count(&scene->up);
            while (peer_count(&scene->up) == 0) /* it goes on */
                assert_true(watch_for(&program, POLL_MS));
        }
        buffer_release(&program.err);
        watch_signal(&program, SIGTERM);
        program_finish(&program);
        expect_number(examples[i].label, "summaries at the end",
                      (int64_t)watch_count(&program.err, "--- 127."), 1);
        watch_end(&program, -SIGTERM);
    }
}

static void test_rounds_signals_sigquit_in_json_is_an_object_between_rows(void **state)
{
    struct program program;
    watch_start(*state, &program, "-j", WORDS("-j", "-c0", "-i20ms", "{up}"));
    program_await(&program, "\"seq\":2}");
    watch_signal(&program, SIGQUIT);
    program_await(&program, "\n{\"summary\":{");
    watch_rows(&program, text_count_lines(&program.out) + 3);
    watch_signal(&program, SIGTERM);
    program_finish(&program);
    assert_true(text_is_json_lines(buffer_text(&program.out), program.out.len));
    expect_number("-j", "summaries", (int64_t)watch_count(&program.out, "{\"summary\":{"), 2);
    program_release(&program);
}

static void test_rounds_signals_sigquit_before_any_row_says_so(void **state)
{
    struct program program;
    watch_start(*state, &program, "silent", WORDS("-v", "-c1", "-t0.5", "{silent}"));
    watch_message(&program, ": trying ");
    watch_signal(&program, SIGQUIT);
    program_finish(&program);
    watch_expect_part("silent", "first summary", &program.err, " ---\nnot answered yet\n");
    watch_expect_part("silent", "last summary", &program.err, " ---\n1 sent, 0 up, ");
    watch_end(&program, 1);
}

/* In the child: as a shell's background job has it. */
static void ignore_quit(void *detail)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)detail;
    if (sigaction(SIGQUIT, &ignore, NULL) != 0)
        _exit(127);
}

static void test_rounds_signals_sigquit_ignored_at_the_start_stays_ignored(void **state)
{
    static const struct example example = {"ignored", ARGS("-c20", "-i20ms", "{up}"),
                                           .out = NULL};
    struct program program;
    scene_start_example(*state, &example, &(struct launch){.prepare = ignore_quit}, &program);
    program_await(&program, "seq=2 ");
    watch_signal(&program, SIGQUIT);
    program_finish(&program);
    expect_number("ignored", "summaries", (int64_t)watch_count(&program.err, "--- 127."), 1);
    watch_end(&program, 0);
}

static void test_rounds_signals_sigusr1_says_how_far_it_is(void **state)
{
    static const struct example examples[] = {
        {"rows", ARGS("-c0", "-i20ms", "{refused}"), .out = NULL},
        {"-j", ARGS("-j", "-c0", "-i20ms", "{refused}"), .out = NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        struct program program;
        uint64_t done = 0;
        scene_start_example(*state, &examples[i], NULL, &program);
        watch_rows(&program, 3);
        watch_signal(&program, SIGUSR1);
        watch_message(&program, "error 0\n");
        const char *line = buffer_text(&program.err);
        assert_int_equal(strncmp(line, "netcheck: ", 10), 0);
        assert_true(watch_progress(line + 10, UINT64_MAX, &done) > 0);
        assert_true(done >= 3);
        watch_rows(&program, text_count_lines(&program.out) + 1); /* it goes on */
        watch_signal(&program, SIGTERM);
        watch_end(&program, -SIGTERM);
    }
}

/* After the stop ten rounds take their time, as they do without one. */
static void test_rounds_signals_stop_is_not_made_up_for(void **state)
{
    struct program program;
    watch_start(*state, &program, "SIGSTOP", WORDS("-c0", "-i20ms", "{up}"));
    program_await(&program, "seq=3 ");
    watch_signal(&program, SIGSTOP);
    assert_true(watch_for(&program, STOPPED_MS));
    size_t rows = text_count_lines(&program.out);
    int64_t continued_ns = harness_now_ns();
    watch_signal(&program, SIGCONT);
    watch_rows(&program, rows + 10);
    expect_elapsed("ten rounds", harness_now_ns() - continued_ns, 9 * 20 - 20, AT_ONCE_MS);
    watch_signal(&program, SIGINT);
    program_finish(&program);
    expect_number("SIGSTOP", "rows down", (int64_t)watch_count(&program.out, "down "), 0);
    watch_expect_part("SIGSTOP", "standard error", &program.err,
                      " times a target was not asked when it was due: ");
    watch_end(&program, -SIGINT);
}

/* What was under way answers meanwhile, long after its deadline. */
static void test_rounds_signals_stop_is_no_timeout(void **state)
{
    static const struct example examples[] = {
        {"-c", ARGS("-v", "-c1", "-t0.9", "{late}"), .out = NULL},
        {"--wait", ARGS("-v", "--wait=20", "-t0.9", "{late}"), .out = NULL},
        {"once", ARGS("-v", "-t0.9", "{late}"), .out = NULL},
    };
    struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        struct program program;
        peer_silence(&scene->late, scene->up.host);
        scene_start_example(scene, &examples[i], NULL, &program);
        watch_message(&program, ": trying ");
        watch_signal(&program, SIGSTOP);
        peer_wake(&scene->late); /* the SYN comes again a second after the first one */
        assert_true(watch_for(&program, STOPPED_MS + STILL_MS));
        watch_signal(&program, SIGCONT);
        program_finish(&program);
        expect_number(examples[i].label, "rows down",
                      (int64_t)watch_count(&program.out, "down "), 0);
        watch_expect_part(examples[i].label, "standard output", &program.out, "up     ");
        watch_end(&program, 0);
        peer_release(&scene->late);
    }
}

/* DUR goes on while the program is stopped: it has passed then. */
static void test_rounds_signals_stop_does_not_prolong_a_wait(void **state)
{
    struct program program;
    watch_start(*state, &program, "--wait", WORDS("--wait=0.5", "{refused}"));
    program_await(&program, "refused in ");
    watch_signal(&program, SIGSTOP);
    assert_true(watch_for(&program, STOPPED_MS));
    int64_t continued_ns = harness_now_ns();
    watch_signal(&program, SIGCONT);
    program_finish(&program);
    expect_elapsed("--wait", harness_now_ns() - continued_ns, 0, STOPPED_MS);
    watch_end(&program, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds_signals_end_with_the_summary),
        cmocka_unit_test(test_rounds_signals_end_with_the_summary_in_json),
        cmocka_unit_test(test_rounds_signals_end_when_quiet_has_no_rows),
        cmocka_unit_test(test_rounds_signals_end_without_rows),
        cmocka_unit_test(test_rounds_signals_end_before_the_input_did),
        cmocka_unit_test(test_rounds_signals_second_one_ends_at_once),
        cmocka_unit_test(test_rounds_signals_sigquit_sums_up_and_goes_on),
        cmocka_unit_test(test_rounds_signals_sigquit_in_json_is_an_object_between_rows),
        cmocka_unit_test(test_rounds_signals_sigquit_before_any_row_says_so),
        cmocka_unit_test(test_rounds_signals_sigquit_ignored_at_the_start_stays_ignored),
        cmocka_unit_test(test_rounds_signals_sigusr1_says_how_far_it_is),
        cmocka_unit_test(test_rounds_signals_stop_is_not_made_up_for),
        cmocka_unit_test(test_rounds_signals_stop_is_no_timeout),
        cmocka_unit_test(test_rounds_signals_stop_does_not_prolong_a_wait),
    };
    return cmocka_run_group_tests_name("cli/rounds: signals", tests, scene_open, scene_release);
}
