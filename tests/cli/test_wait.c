/*
 * --wait: the program asks again and again until all is as expected, or until it is enough.
 */
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

enum {
    STILL_MS = 150,    /* long enough for a second round */
    LATE_MS = 2000,    /* how much later than DUR it may be on a busy machine */
    SOON_MS = 2000,    /* from the moment that a port opens to the end */
    AT_ONCE_MS = 8000, /* far less than the wait would take */
};

#define UP           "up     {up}  {host}  N\n"
#define REFUSED      "down   {refused}  {host}  refused in N\n"
#define REFUSED_FINE "down   {refused}  {host}  refused in N (as expected)\n"
#define SILENT       "down   {silent}  {host}  timeout: no answer in N\n"
#define LATE_CLOSED  "down   {late}  {host}  refused in N\n"
#define LATE_OPEN    "up     {late}  {host}  N (was down for N)\n"
#define WAITING      "netcheck: waiting up to N for "
#define ONE          WAITING "1 target\n"
#define SILENT_FINE  "down   {silent}  {host}  timeout: no answer in N (as expected)\n"
#define GAVE_UP      "netcheck: gave up after N: "

static struct scene *open_late(void **state)
{
    struct scene *scene = *state;
    peer_refuse(&scene->late, scene->up.host);
    return scene;
}

/* Without anything to wait for it is a run as without --wait, with one line more. */
static void test_wait_all_as_expected_ends_after_one_round(void **state)
{
    static const struct example examples[] = {
        {"up", ARGS("--wait=20", "{up}"), UP, .err = ONE},
        {"no end", ARGS("--wait=0", "{up}"), UP, .err = "netcheck: waiting for 1 target\n"},
        {"!", ARGS("--wait=20", "!{refused}"), REFUSED_FINE, .err = ONE},
        {"--expect down", ARGS("--wait=20", "--expect=down", "{refused}"), REFUSED_FINE,
         .err = ONE},
        {"silent, expected down", ARGS("--wait=20", "-t0.1", "!{silent}"), SILENT_FINE,
         .err = ONE},
        {"--any", ARGS("--wait=20", "--any", "-P1", "{refused}", "{up}", "{silent}"),
         .out = REFUSED UP, .err = WAITING "one of 3 targets\n"},
        {"-f", ARGS("--wait=20", "-P1", "-f-"), .input = "{up}\n!{refused}\n",
         .out = UP REFUSED_FINE, .err = WAITING "2 targets\n"},
        {"-q", ARGS("--wait=20", "-q", "{up}"), .out = NULL},
    };
    watch_expect_all(*state, examples, ARRAY_LEN(examples),
                     &(struct launch){.most_ms = AT_ONCE_MS});
}

/* Starts, and waits for the first answer of the port that is late. */
static void start_late(struct scene *scene, const struct example *example,
                       struct program *program)
{
    char *row = scene_filled(scene, " {late}  {host}  ");
    scene_start_example(scene, example, NULL, program);
    program_await(program, row);
    free(row);
}

static void test_wait_ends_soon_after_the_port_opens(void **state)
{
    static const struct example rows[] = {
        {"DUR", ARGS("--wait=20", "{late}"), .err = ONE},
        {"no end", ARGS("--wait", "0", "{late}"), .err = "netcheck: waiting for 1 target\n"},
        {"-i", ARGS("--wait=20", "-i0.05", "{late}"), .err = ONE},
        {"--any", ARGS("--wait=20", "--any", "{late}"), .err = WAITING "one of 1 target\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct scene *scene = open_late(state);
        struct program program;
        start_late(scene, &rows[i], &program);
        peer_open(&scene->late);
        int64_t opened_ns = harness_now_ns();
        program_finish(&program);
        expect_elapsed(rows[i].label, harness_now_ns() - opened_ns, 0, SOON_MS);
        scene_expect_end(scene, &program, 0, LATE_CLOSED LATE_OPEN, rows[i].err);
        peer_release(&scene->late);
    }
}

static void test_wait_ends_soon_after_the_port_closes(void **state)
{
    static const struct example rows[] = {
        {"!", ARGS("--wait=20", "!{late}"), .err = ONE},
        {"--expect down", ARGS("--wait=20", "--expect=down", "{late}"), .err = ONE},
        {"no end", ARGS("--wait=0", "!{late}"), .err = "netcheck: waiting for 1 target\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct scene *scene = open_late(state);
        struct program program;
        peer_open(&scene->late);
        start_late(scene, &rows[i], &program);
        peer_close(&scene->late);
        int64_t closed_ns = harness_now_ns();
        program_finish(&program);
        expect_elapsed(rows[i].label, harness_now_ns() - closed_ns, 0, SOON_MS);
        scene_expect_end(scene, &program, 0,
                         "up     {late}  {host}  N (expected down)\n"
                         "down   {late}  {host}  refused in N (as expected) (was up for N)\n",
                         rows[i].err);
        peer_release(&scene->late);
    }
}

/* Those that are as expected already are left alone meanwhile. */
static void test_wait_goes_on_until_the_last_one(void **state)
{
    struct scene *scene = open_late(state);
    struct program program;
    static const struct example example = {
        "three", ARGS("--wait=20", "-P1", "{up}", "!{refused}", "{late}"), .out = NULL};
    (void)peer_count(&scene->up);
    start_late(scene, &example, &program);
    assert_true(watch_for(&program, STILL_MS));
    peer_open(&scene->late);
    scene_expect_end(scene, &program, 0, UP REFUSED_FINE LATE_CLOSED LATE_OPEN,
                     WAITING "3 targets\n");
    expect_number("three", "connections", (int64_t)peer_count(&scene->up), 1);
    peer_release(&scene->late);
}

/* Nobody waits for the answer of the silent one, which would take 20 s. */
static void test_wait_any_ends_with_the_first_one(void **state)
{
    struct scene *scene = open_late(state);
    struct program program;
    static const struct example example = {
        "--any", ARGS("--wait=20", "--any", "-t20", "{silent}", "{refused}", "!{up}", "{late}"),
        .out = NULL};
    start_late(scene, &example, &program);
    peer_open(&scene->late);
    program_finish(&program);
    expect_took(&program, 0, AT_ONCE_MS);
    watch_expect_part("--any", "standard output", &program.out, "up     ");
    expect_text("--any", "standard error", buffer_text(&program.err),
                "netcheck: waiting up to 20 s for one of 4 targets\n");
    watch_end(&program, 0);
    peer_release(&scene->late);
}

#define NAME                    "localhost:{localrefused.port}"
#define NAME_CLOSED             "down   " NAME "  127.0.0.1  refused in N\n"
#define UP_BADLY                "up     {up}  {host}  N (expected down)\n"
#define SILENT_TWICE            "down   {silent}  {host}  timeout: no answer in N, 2 attempts\n"
#define LEFT(count, first, why) GAVE_UP count " not as expected, first " first ": " why "\n"
#define THRICE                  WAITING "1 target, as expected 3 times in a row\n"
#define LEFT_ONE(first, why)    ONE LEFT("1 of 1 target", first, why)

static const struct example too_late[] = {
    {"refused", ARGS("--wait=0.3", "{refused}"), REFUSED, LEFT_ONE("{refused}", "refused"),
     .status = 1},
    {"one of three", ARGS("--wait=0.3", "-P1", "{up}", "{refused}", "!{refused}"),
     UP REFUSED REFUSED_FINE,
     WAITING "3 targets\n" LEFT("1 of 3 targets", "{refused}", "refused"), .status = 1},
    {"--any", ARGS("--wait=0.3", "--any", "-P1", "{refused}", "!{up}"), REFUSED UP_BADLY,
     WAITING "one of 2 targets\n" LEFT("2 of 2 targets", "{refused}", "refused"), .status = 1},
    {"up, expected down", ARGS("--wait=0.3", "!{up}"), UP_BADLY, LEFT_ONE("{up}", "connected"),
     .status = 1},
    {"-t longer", ARGS("--wait=0.3", "-t20", "{silent}"), SILENT,
     LEFT_ONE("{silent}", "timeout"), .status = 1},
    {"-t shorter", ARGS("--wait=0.3", "-t0.05", "{silent}"), SILENT,
     LEFT_ONE("{silent}", "timeout"), .status = 1},
    {"-r", ARGS("--wait=0.3", "-t0.05", "-r1", "{silent}"), SILENT_TWICE,
     LEFT_ONE("{silent}", "timeout"), .status = 1},
    {"a name", ARGS("--wait=0.3", "-4", NAME), NAME_CLOSED, LEFT_ONE(NAME, "refused"),
     .status = 1},
    {"-A", ARGS("--wait=0.3", "-4A", NAME), NAME_CLOSED, LEFT_ONE(NAME, "refused"),
     .status = 1},
    {"-q", ARGS("--wait=0.3", "-q", "{refused}"), .status = 1},
    {"--confirm", ARGS("--wait=0.3", "--confirm=3", "{up}"), UP,
     THRICE LEFT("1 of 1 target", "{up}", "up 1 of 3 times in a row"), .status = 1},
    {"--confirm, expected down", ARGS("--wait=0.3", "--confirm=3", "!{refused}"), REFUSED_FINE,
     THRICE LEFT("1 of 1 target", "{refused}", "down 1 of 3 times in a row"), .status = 1},
    {"--confirm, never", ARGS("--wait=0.3", "--confirm=3", "{refused}"), REFUSED,
     THRICE LEFT("1 of 1 target", "{refused}", "refused"), .status = 1},
};

static void test_wait_gives_up_when_dur_has_passed(void **state)
{
    watch_expect_all(*state, too_late, ARRAY_LEN(too_late),
                     &(struct launch){.least_ms = 300, .most_ms = 300 + LATE_MS});
}

/* It was up; that nobody answered in what was left of DUR does not make it down. */
static void test_wait_cut_asking_is_not_down(void **state)
{
    static const struct example rows[] = {
        {"seen up", ARGS("--wait=0.6", "-t20", "-i50ms", "!{late}"), .out = NULL},
        {"--expect down", ARGS("--wait=0.6", "-t20", "-i50ms", "--expect=down", "{late}"),
         .out = NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct scene *scene = open_late(state);
        struct program program;
        peer_fade(&scene->late);
        start_late(scene, &rows[i], &program);
        scene_expect_end(scene, &program, 1, "up     {late}  {host}  N (expected down)\n",
                         WAITING "1 target\n" GAVE_UP
                                 "1 of 1 target not as expected, first {late}: connected\n");
        peer_release(&scene->late);
    }
}

/* As they are written, not as they are counted here. */
static void test_wait_says_how_long(void **state)
{
    static const struct {
        const char *wait;
        const char *err;
    } rows[] = {
        {"--wait=0.5", "netcheck: waiting up to 500 ms for 1 target\n"},
        {"--wait=5", "netcheck: waiting up to 5 s for 1 target\n"},
        {"--wait=90m", "netcheck: waiting up to 1 h 30 min for 1 target\n"},
        {"--wait=0ms", "netcheck: waiting for 1 target\n"},
    };
    struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct program program;
        struct launch launch = {.label = rows[i].wait,
                                .arguments = WORDS(rows[i].wait, scene->up.target)};
        program_run(&program, &launch);
        expect_text(launch.label, "standard error", buffer_text(&program.err), rows[i].err);
        program_release(&program);
    }
}

/* The turn of the second one never comes: the first one keeps the only place. */
static void test_wait_unasked_target_gets_its_row(void **state)
{
    struct scene *scene = *state;
    struct program program;
    struct launch launch = {
        .label = "-P1", .arguments = WORDS("--wait=0.3", "-P1", "-t20", "{silent}", "{up}")};
    (void)peer_count(&scene->up);
    scene_start(scene, &launch, &program);
    scene_expect_end(scene, &program, 1,
                     SILENT "error  {up}  {host}  local: the wait ended too soon to tell\n",
                     WAITING "2 targets\n" GAVE_UP
                             "2 of 2 targets not as expected, first {silent}: timeout\n");
    expect_number("-P1", "connections", (int64_t)peer_count(&scene->up), 0);
}

/* How often it was asked in 0.6 s. A busy machine only makes it less often. */
static void test_wait_pauses_between_two_askings(void **state)
{
    static const struct {
        const char *label;
        const char *words[6];
        size_t least, most;
    } rows[] = {
        {"100 ms and growing", ARGS("-v", "--wait=0.6", "{refused}"), 2, 6},
        {"-i 30 ms", ARGS("-v", "--wait=0.6", "-i30ms", "{refused}"), 2, 23},
        {"-i 2 s", ARGS("-v", "--wait=0.6", "-i2", "{refused}"), 1, 1},
        {"--confirm is not at once", ARGS("-v", "--wait=0.6", "--confirm=9", "{up}"), 1, 1},
        {"nor below 100 ms", ARGS("-v", "--wait=0.6", "-i9ms", "--confirm=9", "{up}"), 2, 7},
        {"-t counts", ARGS("-v", "--wait=0.6", "-t0.2", "{silent}"), 1, 4},
    };
    struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct program program;
        struct launch launch = {.label = rows[i].label, .arguments = rows[i].words};
        scene_start(scene, &launch, &program);
        program_finish(&program);
        size_t count = watch_count(&program.err, ": trying ");
        if (count < rows[i].least || count > rows[i].most)
            fail_msg("%s: asked %zu times, expected %zu-%zu", rows[i].label, count,
                     rows[i].least, rows[i].most);
        expect_number(rows[i].label, "rows", (int64_t)text_count_lines(&program.out), 1);
        program_release(&program);
    }
}

/* A service that starts, stops and starts again. */
static void test_wait_confirms_anew_what_stopped_again(void **state)
{
    static const struct example example = {
        "--confirm", ARGS("--wait=20", "--confirm=4", "-i0.4", "{late}", "--", "echo", "ran"),
        "down   {late}  {host}  refused in N\n"
        "up     {late}  {host}  N (was down for N)\n"
        "down   {late}  {host}  refused in N (was up for N)\n"
        "up     {late}  {host}  N (was down for N)\n"
        "ran\n",
        WAITING "1 target, as expected 4 times in a row\n", .status = 0};
    struct scene *scene = *state;
    struct program program;
    peer_refuse(&scene->late, scene->up.host);
    scene_start_example(scene, &example, NULL, &program);
    program_await(&program, "down ");
    peer_open(&scene->late);
    program_await(&program, "up ");
    peer_close(&scene->late);
    program_await(&program, "(was up for ");
    peer_open(&scene->late);
    scene_expect_end(scene, &program, 0, example.out, example.err);
    expect_number(example.label, "connections", (int64_t)peer_count(&scene->late), 4);
    peer_release(&scene->late);
}

static void test_wait_resolves_anew_each_round(void **state)
{
    struct scene *scene = *state;
    struct program program;
    struct launch launch = {
        .label = "a name",
        .arguments = WORDS("-v", "-4", "--wait=0.6", "localhost:{localrefused.port}")};
    scene_start(scene, &launch, &program);
    program_finish(&program);
    size_t rounds = watch_count(&program.err, ": trying ");
    assert_true(rounds > 1);
    expect_number("a name", "lookups", (int64_t)watch_count(&program.err, ": resolving "),
                  (int64_t)rounds);
    program_release(&program);
}

/* The second try had only what was left of DUR: that is no silence of a whole -t. */
static void test_wait_cut_try_is_not_down(void **state)
{
    struct program program;
    watch_start(*state, &program, "-r",
                WORDS("--wait=0.6", "-r9", "-t0.4", "!{silent}", "--", "echo", "ran"));
    program_finish(&program);
    assert_null(strstr(buffer_text(&program.out), "ran\n"));
    watch_expect_part("-r", "row", &program.out,
                      "local: the wait ended too soon to tell, 2 attempts\n");
    watch_end(&program, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait_all_as_expected_ends_after_one_round),
        cmocka_unit_test(test_wait_ends_soon_after_the_port_opens),
        cmocka_unit_test(test_wait_ends_soon_after_the_port_closes),
        cmocka_unit_test(test_wait_goes_on_until_the_last_one),
        cmocka_unit_test(test_wait_any_ends_with_the_first_one),
        cmocka_unit_test(test_wait_gives_up_when_dur_has_passed),
        cmocka_unit_test(test_wait_cut_asking_is_not_down),
        cmocka_unit_test(test_wait_says_how_long),
        cmocka_unit_test(test_wait_unasked_target_gets_its_row),
        cmocka_unit_test(test_wait_pauses_between_two_askings),
        cmocka_unit_test(test_wait_confirms_anew_what_stopped_again),
        cmocka_unit_test(test_wait_resolves_anew_each_round),
        cmocka_unit_test(test_wait_cut_try_is_not_down),
    };
    return cmocka_run_group_tests_name("cli/wait", tests, scene_open, scene_release);
}
