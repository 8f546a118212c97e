/*
 * Where the rows go: lost output is never success, and no byte of it ever reaches a server.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"

#define UP             "up     {up}  {host}  N ms\n"
#define EBADF_MESSAGE  "netcheck: cannot write standard output: Bad file descriptor\n"
#define ENOSPC_MESSAGE "netcheck: cannot write standard output: No space left on device\n"

enum {
    IN = 1 << 0,
    OUT = 1 << 1,
    ERR = 1 << 2,
};

/* A run with streams as `closed` and `out` say, and one visit to the server. */
static void expect_clean_visit(struct scene *scene, const struct example *example,
                               unsigned closed, enum stream out)
{
    struct launch like = {.in = (closed & IN) != 0 ? STREAM_CLOSED : STREAM_PIPE,
                          .out = (closed & OUT) != 0 ? STREAM_CLOSED : out,
                          .err = (closed & ERR) != 0 ? STREAM_CLOSED : STREAM_PIPE};
    struct visit visit;
    (void)peer_count(&scene->up);
    scene_expect(scene, example, &like);
    peer_take(&scene->up, &visit);
    expect_number(example->label, "bytes at the server", (int64_t)visit.bytes, 0);
    expect_number(example->label, "clean end at the server", visit.is_clean, true);
    expect_number(example->label, "more visits", (int64_t)peer_count(&scene->up), 0);
}

static void test_output_closed_streams_never_reach_the_server(void **state)
{
    for (unsigned closed = 0; closed <= (IN | OUT | ERR); closed++) {
        char label[32];
        bool is_lost = (closed & OUT) != 0;
        bool is_silent = (closed & ERR) != 0;
        (void)snprintf(label, sizeof label, "closed:%s%s%s", (closed & IN) != 0 ? " 0" : "",
                       is_lost ? " 1" : "", is_silent ? " 2" : "");
        struct example example = {label,
                                  {"{up}"},
                                  .out = is_lost ? "" : UP,
                                  .err = is_lost && !is_silent ? EBADF_MESSAGE : "",
                                  .status = is_lost ? 2 : 0};
        expect_clean_visit(*state, &example, closed, STREAM_PIPE);
    }
}

static void test_output_quiet_needs_no_stream(void **state)
{
    for (unsigned closed = 0; closed <= (IN | OUT | ERR); closed++) {
        char label[32];
        (void)snprintf(label, sizeof label, "-q, closed %u", closed);
        struct example example = {label, {"-q", "{up}"}, .status = 0};
        expect_clean_visit(*state, &example, closed, STREAM_PIPE);
    }
}

static void test_output_closed_matters_only_for_rows(void **state)
{
    static const struct example examples[] = {
        {"--only", ARGS("--only=down", "{up}"), .status = 0},
        {"-v", ARGS("-v", "{up}"),
         .err = "* {up}: trying {host}\n* {up}: {host} connected in N ms\n" EBADF_MESSAGE,
         .status = 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(examples); i++)
        expect_clean_visit(*state, &examples[i], OUT, STREAM_PIPE);
}

static void test_output_closed_input_without_files_is_fine(void **state)
{
    static const struct example examples[] = {
        {"status 0", ARGS("{up}"), .out = UP},
        {"status 1", ARGS("{refused}"), .out = "down   {refused}  {host}  refused in N ms\n",
         .status = 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        struct launch like = {.in = STREAM_CLOSED};
        scene_expect(*state, &examples[i], &like);
    }
}

/* Not what is closed instead of it: an empty list of targets. */
static void test_output_closed_input_as_the_list_is_an_error(void **state)
{
    struct program program;
    (void)state;
    struct launch launch = {
        .label = "-f -, closed", .arguments = WORDS("-f", "-"), .in = STREAM_CLOSED};
    program_run(&program, &launch);
    expect_number("-f -, closed", "exit status", program.status, 2);
    expect_text("-f -, closed", "standard output", buffer_text(&program.out), "");
    assert_non_null(strstr(buffer_text(&program.err), "netcheck: cannot read '-': "));
    program_release(&program);
}

static void test_output_lost_rows_are_an_error(void **state)
{
    static const struct {
        struct example example;
        enum stream out;
    } rows[] = {
        {{"full disk", ARGS("{up}"), .err = ENOSPC_MESSAGE, .status = 2}, STREAM_FULL},
        {{"full disk, JSON", ARGS("-j", "{up}"), .err = ENOSPC_MESSAGE, .status = 2},
         STREAM_FULL},
        {{"full disk, nothing to say", ARGS("-q", "{up}"), .status = 0}, STREAM_FULL},
        {{"reader gone", ARGS("{up}"), .status = 2}, STREAM_BROKEN},
        {{"reader gone, JSON", ARGS("-j", "{up}"), .status = 2}, STREAM_BROKEN},
        {{"reader gone, nothing to say", ARGS("-q", "{up}"), .status = 0}, STREAM_BROKEN},
        {{"/dev/null", ARGS("{up}"), .status = 0}, STREAM_NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect_clean_visit(*state, &rows[i].example, 0, rows[i].out);
}

/* A reader that has seen enough ends the run: the rest of an endless input is not asked. */
static void test_output_reader_that_leaves_ends_the_run(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "head",
                            .arguments = WORDS("-f-", "-t", "20"),
                            .is_fed = true,
                            .limit_ms = 5000};
    program_start(&program, &launch);
    program_feed(&program, scene->up.target);
    program_feed(&program, "\n");
    program_await(&program, "up     ");
    (void)close(program.fds[1]); /* the reader leaves */
    program.fds[1] = -1;
    program_feed(&program, scene->up.target);
    program_feed(&program, "\n");
    program_finish(&program); /* standard input is still open */
    expect_number("head", "exit status", program.status, 2);
    expect_text("head", "standard error", buffer_text(&program.err), "");
    program_release(&program);
}

static void test_output_full_disk_ends_the_run(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "full disk, open input",
                            .arguments = WORDS("-f-", "-t", "20"),
                            .out = STREAM_FULL,
                            .is_fed = true,
                            .limit_ms = 5000};
    program_start(&program, &launch);
    buffer_add_format(&program.input, "%s\n%s\n", scene->up.target, scene->silent.target);
    program_finish(&program); /* neither the input nor the timeout is waited for */
    expect_number("full disk, open input", "exit status", program.status, 2);
    expect_text("full disk, open input", "standard error", buffer_text(&program.err),
                ENOSPC_MESSAGE);
    program_release(&program);
}

static void test_output_lost_streams_and_the_status(void **state)
{
    static const struct {
        struct example example;
        enum stream err;
        enum stream out;
    } rows[] = {
        {{"rows lost, refused", ARGS("{refused}"), .err = ENOSPC_MESSAGE, .status = 2},
         STREAM_PIPE,
         STREAM_FULL},
        {{"usage, closed", ARGS("{up}", "--nosuch"), .status = 2}, STREAM_CLOSED, STREAM_PIPE},
        {{"usage, full disk", ARGS("{up}", "--nosuch"), .status = 2}, STREAM_FULL, STREAM_PIPE},
        {{"usage, reader gone", ARGS("{up}", "--nosuch"), .status = 2},
         STREAM_BROKEN,
         STREAM_PIPE},
        {{"up, closed", ARGS("{up}"), .out = UP, .status = 0}, STREAM_CLOSED, STREAM_PIPE},
        {{"up, full disk", ARGS("{up}"), .out = UP, .status = 0}, STREAM_FULL, STREAM_PIPE},
        {{"up, reader gone", ARGS("{up}"), .out = UP, .status = 0}, STREAM_BROKEN, STREAM_PIPE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct launch like = {.err = rows[i].err, .out = rows[i].out};
        scene_expect(*state, &rows[i].example, &like);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output_closed_streams_never_reach_the_server),
        cmocka_unit_test(test_output_quiet_needs_no_stream),
        cmocka_unit_test(test_output_closed_matters_only_for_rows),
        cmocka_unit_test(test_output_closed_input_without_files_is_fine),
        cmocka_unit_test(test_output_closed_input_as_the_list_is_an_error),
        cmocka_unit_test(test_output_lost_rows_are_an_error),
        cmocka_unit_test(test_output_reader_that_leaves_ends_the_run),
        cmocka_unit_test(test_output_full_disk_ends_the_run),
        cmocka_unit_test(test_output_lost_streams_and_the_status),
    };
    return cmocka_run_group_tests_name("cli/output", tests, scene_open, scene_release);
}
