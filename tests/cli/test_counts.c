/*
 * The line of counts at the end of a run of many rows: where it is said, and of what.
 */
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

#define FIVE     "{refused.port},{refused.port},{refused.port},{refused.port},{refused.port}"
#define TEN      "{host}:" FIVE "," FIVE
#define ELEVEN   TEN ",{refused.port}"
#define TWELVE   ELEVEN ",{up.port}"
#define ALL_DOWN "11 asked: 0 up, 11 down, 0 errors, in N\n"
#define ONE_UP   "12 asked: 1 up, 11 down, 0 errors, in N\n"

/* On standard error, a terminal where not said otherwise, is nothing else. */
static const struct {
    struct example example;
    enum stream err;
} lines[] = {
    {{"ten", ARGS("{host}:" FIVE, "{host}:" FIVE), .status = 1}, STREAM_TERMINAL},
    {{"eleven", ARGS(ELEVEN), .err = ALL_DOWN, .status = 1}, STREAM_TERMINAL},
    {{"in a pipe", ARGS(ELEVEN), .status = 1}, STREAM_PIPE},
    {{"-q", ARGS("-q", ELEVEN), .status = 1}, STREAM_TERMINAL},
    {{"-j", ARGS("-j", ELEVEN), .err = ALL_DOWN, .status = 1}, STREAM_TERMINAL},
    {{"rows not shown", ARGS("--only=up", TWELVE), .err = ONE_UP, .status = 1},
     STREAM_TERMINAL},
    {{"no row shown", ARGS("--only=error", TWELVE), .err = ONE_UP, .status = 1},
     STREAM_TERMINAL},
    {{"as they finish", ARGS("--unordered", TWELVE), .err = ONE_UP, .status = 1},
     STREAM_TERMINAL},
    {{"--any", ARGS("--any", TWELVE), .err = ONE_UP}, STREAM_TERMINAL},
    {{"!", ARGS("!" TWELVE),
      .err = "12 asked: 1 up, 11 down, 0 errors, 1 not as expected, in N\n", .status = 1},
     STREAM_TERMINAL},
    {{"--expect down, all", ARGS("--expect=down", ELEVEN), .err = ALL_DOWN}, STREAM_TERMINAL},
    {{"an error", ARGS("--expect=down", "-f-", ELEVEN),
      .err = "12 asked: 0 up, 11 down, 1 error, 1 not as expected, in N\n", .status = 2,
      .input = "bad\n"},
     STREAM_TERMINAL},
    {{"a shard of ten", ARGS("--shard=1/2", TEN, TEN), .status = 1}, STREAM_TERMINAL},
    {{"a shard of eleven", ARGS("--shard=1/2", ELEVEN, TEN), .err = ALL_DOWN, .status = 1},
     STREAM_TERMINAL},
    {{"-A", ARGS("-A", ELEVEN), .err = ALL_DOWN, .status = 1}, STREAM_TERMINAL},
    {{"--list", ARGS("--list", ELEVEN), .out = NULL}, STREAM_TERMINAL},
    {{"a wait that is met", ARGS("--progress=never", "--wait=9", "!" ELEVEN),
      .err = "netcheck: waiting up to N for 11 targets\n" ALL_DOWN},
     STREAM_TERMINAL},
    {{"a wait that is not", ARGS("--progress=never", "--wait=0.3", TWELVE),
      .err = "netcheck: waiting up to N for 12 targets\nnetcheck: gave up after N: 11 of 12 "
             "targets not as expected, first {refused}: refused\n" ONE_UP,
      .status = 1},
     STREAM_TERMINAL},
    {{"a wait too short to ask all", ARGS("--rate=1", "--wait=0.3", "{silent}", ELEVEN),
      .err = "netcheck: waiting up to N for 12 targets\nnetcheck: gave up after N: 12 of 12 "
             "targets not as expected, first {silent}: timeout\n12 asked: 0 up, 1 down, 11 "
             "errors, in N\n",
      .status = 1},
     STREAM_TERMINAL},
    {{"an impossible wait", ARGS("--wait=9", "-f-", ELEVEN),
      .err = "netcheck: not waited: what could not be read never is as expected\n"
             "12 asked: 0 up, 11 down, 1 error, in N\n",
      .status = 2, .input = "bad\n"},
     STREAM_TERMINAL},
    {{"-qv", ARGS("-q", "-v", ELEVEN), .status = 1}, STREAM_PIPE},
    {{"-v", ARGS("-v", ELEVEN), .err = ALL_DOWN, .status = 1}, STREAM_PIPE},
    {{"-v, ten", ARGS("-v", TEN), .status = 1}, STREAM_PIPE},
};

/* Of what -v says only what it says of the run. */
static void drop_steps(struct buffer *text)
{
    struct buffer rest = BUFFER_EMPTY;
    for (const char *line = buffer_text(text); *line != '\0';) {
        size_t len = strcspn(line, "\n");
        len += line[len] == '\n';
        if (strncmp(line, "* ", 2) != 0)
            buffer_add(&rest, line, len);
        line += len;
    }
    buffer_release(text);
    *text = rest;
}

static void test_counts_are_said_where_rows_are_too_many_to_count(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct launch like = {.out = STREAM_NULL, .err = lines[i].err};
        struct program program;
        scene_start_example(*state, &lines[i].example, &like, &program);
        program_finish(&program);
        drop_steps(&program.err);
        scene_expect_end(*state, &program, lines[i].example.status, NULL, lines[i].example.err);
    }
}

/* Its summaries say more. */
static void test_counts_are_not_said_of_rounds(void **state)
{
    static const struct example example = {"-c", ARGS("-c1", ELEVEN), .status = 1};
    struct launch like = {.out = STREAM_NULL, .err = STREAM_TERMINAL};
    struct program program;
    scene_start_example(*state, &example, &like, &program);
    program_finish(&program);
    assert_null(strstr(buffer_text(&program.err), " asked: "));
    program_release(&program);
}

/* In the child: both streams are one terminal. */
static void join_streams(void *detail)
{
    (void)detail;
    if (dup2(1, 2) != 2)
        _exit(127);
}

static void test_counts_stand_behind_the_last_row_on_one_terminal(void **state)
{
    static const struct example example = {"one terminal", ARGS(ELEVEN), .out = NULL};
    struct launch like = {.out = STREAM_TERMINAL, .prepare = join_streams};
    struct program program;
    scene_start_example(*state, &example, &like, &program);
    program_finish(&program);
    text_hide_times(&program.out);
    expect_number(example.label, "lines", (int64_t)text_count_lines(&program.out), 12);
    const char *text = buffer_text(&program.out);
    assert_true(program.out.len > strlen(ALL_DOWN));
    expect_text(example.label, "end", text + program.out.len - strlen(ALL_DOWN), ALL_DOWN);
    program_release(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_are_said_where_rows_are_too_many_to_count),
        cmocka_unit_test(test_counts_are_not_said_of_rounds),
        cmocka_unit_test(test_counts_stand_behind_the_last_row_on_one_terminal),
    };
    return cmocka_run_group_tests_name("cli/counts", tests, scene_open, scene_release);
}
