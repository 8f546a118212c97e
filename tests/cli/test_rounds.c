/*
 * -c and -i: every target again and again, a row each time, and a summary at the end.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

#define FAST "-i150ms" /* no turn is missed on a busy machine either */

enum { STILL_MS = 500 }; /* some fast rounds */

#define UP(n)      "up     {up}  {host}  seq=" n "  N\n"
#define REFUSED(n) "down   {refused}  {host}  seq=" n "  refused in N\n"
#define NO_SOURCE(n)                                                                        \
    "error  192.0.2.2:9  192.0.2.2  seq=" n "  local: cannot ask from this source: Cannot " \
    "assign requested address\n"
#define TITLE(name)    "--- {" name "} ---\n"
#define LATENCIES      "min/avg/max/mdev N/N/N/N, jitter N\np50/p95/p99 N/N/N\n"
#define LATENCIES_OF_1 "min/avg/max/mdev N/N/N/N\np50/p95/p99 N/N/N\n"
#define DOWN_TIMES     "down for N, longest outage N\n"

static void run_example(const struct scene *scene, const struct example *example,
                        const struct launch *like, struct program *program)
{
    scene_start_example(scene, example, like, program);
    program_finish(program);
    watch_drop_missed(&program->err);
}

static void run(const struct scene *scene, struct program *program, const char *label,
                const char *const *words)
{
    watch_start(scene, program, label, words);
    program_finish(program);
    watch_drop_missed(&program->err);
}

static const struct example of_one_target[] = {
    {"once", ARGS("-c1", "{up}"), .out = UP("1"),
     .err = "\n" TITLE("up") "1 sent, 1 up, 0% loss, up for N\n" LATENCIES_OF_1},
    {"up", ARGS("-c3", FAST, "{up}"), .out = UP("1") UP("2") UP("3"),
     .err = "\n" TITLE("up") "3 sent, 3 up, 0% loss, up for N\n" LATENCIES},
    {"refused", ARGS("--count=2", FAST, "{refused}"), .out = REFUSED("1") REFUSED("2"),
     .err = "\n" TITLE("refused") "2 sent, 0 up, 100% loss, " DOWN_TIMES, .status = 1},
    {"expected down", ARGS("-c1", "!{refused}"),
     .out = "down   {refused}  {host}  seq=1  refused in N (as expected)\n",
     .err = "\n--- {refused} (expected down) ---\n1 sent, 0 up, 100% loss, " DOWN_TIMES},
    {"-r", ARGS("-c2", "-i0.3", "-t0.05", "-r1", "{silent}"),
     .out = "down   {silent}  {host}  seq=1  timeout: no answer in N, 2 attempts\n"
            "down   {silent}  {host}  seq=2  timeout: no answer in N, 2 attempts\n",
     .err = "\n" TITLE("silent") "2 sent, 0 up, 100% loss, " DOWN_TIMES, .status = 1},
    {"a name", ARGS("-4", "-c2", FAST, "localhost:{localrefused.port}"),
     .out = "down   localhost:{localrefused.port}  127.0.0.1  seq=1  refused in N\n"
            "down   localhost:{localrefused.port}  127.0.0.1  seq=2  refused in N\n",
     .err = "\n--- localhost:{localrefused.port} ---\n2 sent, 0 up, 100% loss, " DOWN_TIMES,
     .status = 1},
    {"-A", ARGS("-4A", "-c2", FAST, "localhost:{localrefused.port}"),
     .out = "down   localhost:{localrefused.port}  127.0.0.1  seq=1  refused in N\n"
            "down   localhost:{localrefused.port}  127.0.0.1  seq=2  refused in N\n",
     .err = "\n--- localhost:{localrefused.port} 127.0.0.1 ---\n"
            "2 sent, 0 up, 100% loss, " DOWN_TIMES,
     .status = 1},
    {"error", ARGS("-c2", FAST, "-s192.0.2.1", "192.0.2.2:9"),
     .out = NO_SOURCE("1") NO_SOURCE("2"),
     .err = "\n--- 192.0.2.2:9 ---\n2 sent, 0 up, 2 errors, error for N\n", .status = 2},
};

/* In the child: rows go to a file; NULL: where they went before. */
static void write_to_file(void *detail)
{
    const char *path = detail;
    int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : 1;
    if (fd < 0 || dup2(fd, 1) != 1)
        _exit(127);
}

static void test_rounds_summary_on_a_terminal_names_the_file_of_rows(void **state)
{
    static const struct {
        const char *label;
        const char *option;
        const char *name; /* of the file */
        enum stream out;  /* where there is none */
        enum stream err;
        const char *told; /* in the place of the name */
    } rows[] = {
        {"file", "-z", "log.txt", STREAM_NULL, STREAM_TERMINAL, "log.txt"},
        {"in another script", "-z", "\xc3\xbc.txt", STREAM_NULL, STREAM_TERMINAL,
         "\xc3\xbc.txt"},
        {"escaped", "-z", "a\033\\", STREAM_NULL, STREAM_TERMINAL, "a\\x1b\\\\"},
        {"summary in a pipe", "-z", "log.txt", STREAM_NULL, STREAM_PIPE, NULL},
        {"no rows", "-q", "log.txt", STREAM_NULL, STREAM_TERMINAL, NULL},
        {"device", "-z", NULL, STREAM_NULL, STREAM_TERMINAL, NULL},
        {"pipe", "-z", NULL, STREAM_PIPE, STREAM_TERMINAL, NULL},
        {"terminal", "-z", NULL, STREAM_TERMINAL, STREAM_TERMINAL, NULL},
    };
    const struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct program program;
        char path[128] = "";
        struct buffer start = BUFFER_EMPTY;
        (void)snprintf(path, sizeof path, "%s/%s", scene->folder.path,
                       rows[i].name != NULL ? rows[i].name : "");
        buffer_add_text(&start, "\n");
        if (rows[i].told != NULL)
            buffer_add_format(&start, "rows: %s/%s\n", scene->folder.path, rows[i].told);
        buffer_add_text(&start, "--- ");
        struct launch launch = {.label = rows[i].label,
                                .arguments = WORDS("-c1", rows[i].option, scene->up.target),
                                .out = rows[i].out,
                                .err = rows[i].err,
                                .prepare = write_to_file,
                                .detail = rows[i].name != NULL ? path : NULL};
        program_run(&program, &launch);
        const char *text = buffer_text(&program.err);
        if (strncmp(text, buffer_text(&start), start.len) != 0)
            expect_text(rows[i].label, "standard error", text, buffer_text(&start));
        buffer_release(&start);
        program_release(&program);
    }
}

static void test_rounds_rows_and_summary(void **state)
{
    watch_expect_all(*state, of_one_target, ARRAY_LEN(of_one_target), NULL);
}

/* Compare the lines, in whichever order: a busy machine misses rounds, and then it is another.
 */
static void expect_lines(const struct scene *scene, const char *label, struct buffer *actual,
                         const char *lines)
{
    struct buffer expected = BUFFER_EMPTY;
    scene_fill(scene, &expected, lines != NULL ? lines : "");
    text_hide_times(actual);
    watch_sort_lines(actual);
    watch_sort_lines(&expected);
    expect_text(label, "sorted lines", buffer_text(actual), buffer_text(&expected));
    buffer_release(&expected);
}

static const struct example of_several_targets[] = {
    {"two", ARGS("-c2", "-i0.4", "{up}", "{refused}"),
     .out = UP("1") REFUSED("1") UP("2") REFUSED("2"),
     .err = "\n" TITLE("up") "2 sent, 2 up, 0% loss, up for N\n" LATENCIES TITLE(
         "refused") "2 sent, 0 up, 100% loss, " DOWN_TIMES,
     .status = 1},
    {"--any", ARGS("-c1", "-i0.4", "--any", "{refused}", "{up}"), .out = REFUSED("1") UP("1"),
     .err = "\n" TITLE("refused") "1 sent, 0 up, 100% loss, " DOWN_TIMES TITLE(
         "up") "1 sent, 1 up, 0% loss, up for N\n" LATENCIES_OF_1},
    {"--only", ARGS("-c1", "-i0.4", "--only=unexpected", "{up}", "{refused}"),
     .out = REFUSED("1"),
     .err = "\n" TITLE("up") "1 sent, 1 up, 0% loss, up for N\n" LATENCIES_OF_1 TITLE(
         "refused") "1 sent, 0 up, 100% loss, " DOWN_TIMES,
     .status = 1},
    {"a bad line is asked once", ARGS("-c2", "-i0.4", "-f-"), .input = "bad\n{up}\n",
     .out = "error  bad  -  seq=1  invalid: no port for 'bad' (-:1:1): write bad:PORT, "
            "bad PORT, -p PORT, or icmp://bad\n" UP("1") UP("2"),
     .err = "\n" TITLE("up") "2 sent, 2 up, 0% loss, up for N\n" LATENCIES, .status = 2},
    {"no targets", ARGS("-c2", "-f-"), .err = "netcheck: no targets: every file is empty\n",
     .status = 2},
    {"-q", ARGS("-c2", FAST, "-q", "{up}", "{refused}"),
     .err = "\n" TITLE("up") "2 sent, 2 up, 0% loss, up for N\n" LATENCIES TITLE(
         "refused") "2 sent, 0 up, 100% loss, " DOWN_TIMES,
     .status = 1},
};

static void test_rounds_of_several_targets(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(of_several_targets); i++) {
        struct program program;
        run_example(*state, &of_several_targets[i], NULL, &program);
        expect_lines(*state, of_several_targets[i].label, &program.err,
                     of_several_targets[i].err);
        expect_lines(*state, of_several_targets[i].label, &program.out,
                     of_several_targets[i].out);
        watch_end(&program, of_several_targets[i].status);
    }
}

/* The last row alone is as expected. */
static void test_rounds_status_counts_all_rows(void **state)
{
    static const struct example example = {"-c2", ARGS("-c2", "-i0.3", "{late}"), .out = NULL};
    struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "-c2", .arguments = example.words};
    peer_refuse(&scene->late, scene->up.host);
    scene_start(scene, &launch, &program);
    program_await(&program, "seq=1  refused");
    peer_open(&scene->late);
    program_finish(&program);
    watch_drop_missed(&program.err);
    scene_expect_end(scene, &program, 1,
                     "down   {late}  {host}  seq=1  refused in N\n"
                     "up     {late}  {host}  seq=2  N\n",
                     "\n" TITLE("late") "2 sent, 1 up, 50% loss, up for N, " DOWN_TIMES
                                        "min/avg/max/mdev N/N/N/N\np50/p95/p99 N/N/N\n");
    peer_release(&scene->late);
}

static void test_rounds_come_an_interval_apart(void **state)
{
    static const struct {
        struct example example;
        int least_ms, most_ms;
    } rows[] = {
        {{"-i0.2", ARGS("-q", "-c3", "-i0.2", "{up}"), .out = NULL}, 400, 8000},
        {{"default", ARGS("-q", "-c2", "{up}"), .out = NULL}, 1000, 8000},
        {{"once", ARGS("-q", "-c1", "-i60", "{up}"), .out = NULL}, 0, 8000},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct program program;
        run_example(*state, &rows[i].example, NULL, &program);
        expect_took(&program, rows[i].least_ms, rows[i].most_ms);
        watch_end(&program, 0);
    }
}

/* What takes longer than the interval misses rounds, which are not made up for. */
static void test_rounds_that_are_missed_are_counted(void **state)
{
    struct program program;
    watch_start(*state, &program, "slow", WORDS("-c2", "-i20ms", "-t0.3", "{silent}"));
    program_finish(&program);
    unsigned long long missed = 0;
    const char *note = strstr(buffer_text(&program.err), "\nnetcheck: ");
    assert_non_null(note);
    assert_int_equal(sscanf(note,
                            "\nnetcheck: %llu times a target was not asked: it was still "
                            "being asked, or netcheck did not run\n",
                            &missed),
                     1);
    assert_true(missed >= 14); /* of the first asking alone */
    expect_number("slow", "rows", (int64_t)text_count_lines(&program.out), 2);
    program_release(&program);
}

static void test_rounds_json_has_the_summary_among_the_rows(void **state)
{
    struct program program;
    run(*state, &program, "-j", WORDS("-j", "-c2", "-i0.4", "{up}", "{refused}"));
    const char *text = buffer_text(&program.out);
    assert_true(text_is_json_lines(text, program.out.len));
    expect_text("-j", "standard error", buffer_text(&program.err), "");
    expect_number("-j", "lines", (int64_t)text_count_lines(&program.out), 6);
    expect_number("-j", "first rows", (int64_t)watch_count(&program.out, ",\"seq\":1}\n"), 2);
    expect_number("-j", "second rows", (int64_t)watch_count(&program.out, ",\"seq\":2}\n"), 2);
    expect_number("-j", "changes", (int64_t)watch_count(&program.out, "previous_"), 0);
    const char *up = strstr(text, "\n{\"summary\":{\"time\":\"");
    assert_non_null(up);
    const char *refused = strstr(up + 1, "\n{\"summary\":{\"time\":\"");
    assert_non_null(refused);
    if (watch_number(up, "\"up\":") == 0) { /* a round was missed */
        const char *first = up;
        up = refused;
        refused = first;
    }
    assert_true(watch_number(up, "\"sent\":") == 2 && watch_number(refused, "\"sent\":") == 2);
    assert_true(watch_number(up, "\"up\":") == 2 && watch_number(refused, "\"up\":") == 0);
    assert_true(watch_number(up, "\"down\":") == 0 && watch_number(refused, "\"down\":") == 2);
    assert_true(watch_number(up, "\"errors\":") == 0);
    assert_true(watch_number(up, "\"loss_percent\":") == 0);
    assert_true(watch_number(refused, "\"loss_percent\":") == 100);
    double least = watch_number(up, "\"min_ms\":");
    double mean = watch_number(up, "\"avg_ms\":");
    double most = watch_number(up, "\"max_ms\":");
    assert_true(least >= 0 && mean >= least && most >= mean);
    assert_true(watch_number(refused, "\"min_ms\":") == -1);
    assert_true(watch_number(refused, "\"longest_outage_ms\":") > 0);
    program_release(&program);
}

static void test_rounds_json_without_rows_is_the_summary(void **state)
{
    struct program program;
    run(*state, &program, "-jq", WORDS("-jq", "-c2", FAST, "{up}"));
    const char *text = buffer_text(&program.out);
    assert_true(text_is_json_lines(text, program.out.len));
    expect_number("-jq", "lines", (int64_t)text_count_lines(&program.out), 1);
    assert_int_equal(strncmp(text, "{\"summary\":{", 12), 0);
    expect_text("-jq", "standard error", buffer_text(&program.err), "");
    program_release(&program);
}

/* A table has one header, a document is written once: what the rows come to is for people. */
static void test_rounds_summary_is_for_people_where_the_format_has_none(void **state)
{
    static const struct {
        const char *name;
        const char *parts[2]; /* of standard output: one row of the second round, and its end */
    } formats[] = {{"csv", {",up,up,true,connected,", ",2,\n"}},
                   {"junit", {" tests=\"1\" failures=\"0\" ", "\n</testsuites>\n"}}};
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        struct program program;
        run(*state, &program, formats[i].name,
            WORDS("-c2", FAST, "--format", (char *)formats[i].name, "{up}"));
        for (size_t k = 0; k < 2; k++)
            assert_non_null(strstr(buffer_text(&program.out), formats[i].parts[k]));
        assert_null(strstr(buffer_text(&program.out), "---"));
        assert_non_null(strstr(buffer_text(&program.err), " ---\n2 sent, 2 up, 0% loss, "));
        program_release(&program);
    }
}

static void test_rounds_may_have_time_stamps(void **state)
{
    struct program program;
    char before[32] = "";
    run(*state, &program, "-D", WORDS("-D", "-c3", FAST, "{up}"));
    const char *row = buffer_text(&program.out);
    for (size_t i = 0; i < 3; i++, row = strchr(row, '\n') + 1) {
        int len = 0;
        (void)sscanf(row, "%*4u-%*2u-%*2uT%*2u:%*2u:%*2u.%*3uZ  %n", &len);
        expect_number("-D", "length of the stamp", len, 26);
        assert_int_equal(strncmp(row + len, "up     ", 7), 0);
        assert_true(strncmp(before, row, 24) <= 0); /* they sort */
        memcpy(before, row, 24);
    }
    assert_int_equal(strncmp(buffer_text(&program.err), "\n--- ", 5), 0);
    program_release(&program);
}

/* Open, closed and open again; `program` sees each. It runs until a signal. */
static void flap(struct scene *scene, const char *option, struct program *program)
{
    struct launch launch = {.label = option,
                            .arguments = WORDS(option, "--on-change", "-c0", FAST, "{late}")};
    bool is_json = strcmp(option, "-j") == 0;
    peer_refuse(&scene->late, scene->up.host);
    scene_start(scene, &launch, program);
    program_await(program, is_json ? "\"refused\"" : "  refused in ");
    assert_true(watch_for(program, STILL_MS)); /* more rounds of the same */
    peer_open(&scene->late);
    program_await(program, is_json ? "\"previous_state\":\"down\"" : " (was down for ");
    assert_true(watch_for(program, STILL_MS));
    peer_close(&scene->late);
    program_await(program, is_json ? "\"previous_state\":\"up\"" : " (was up for ");
    watch_signal(program, SIGTERM);
    program_finish(program);
    peer_release(&scene->late);
}

/* The number of the row, which depends on the machine. */
static void hide_numbers(struct buffer *text)
{
    struct buffer made = BUFFER_EMPTY;
    for (const char *p = buffer_text(text); *p != '\0'; p++) {
        buffer_add(&made, p, 1);
        if (strncmp(p, "seq=1 ", 6) != 0 && strncmp(p, "seq=", 4) == 0) {
            buffer_add_text(&made, "eq=M");
            p += 3 + strspn(p + 4, "0123456789");
        }
    }
    buffer_release(text);
    *text = made;
}

static void test_rounds_on_change_prints_transitions_alone(void **state)
{
    struct program program;
    flap(*state, "-z", &program);
    hide_numbers(&program.out);
    text_hide_times(&program.out);
    const char *text = buffer_text(&program.out);
    expect_number("text", "rows", (int64_t)text_count_lines(&program.out), 3);
    watch_expect_part("text", "rows", &program.out, "  seq=1  refused in N\nup     ");
    watch_expect_part("text", "rows", &program.out, "  seq=M  N (was down for N)\ndown   ");
    assert_non_null(strstr(text, "  seq=M  refused in N (was up for N)\n"));
    program_release(&program);
}

static void test_rounds_on_change_in_json(void **state)
{
    struct program program;
    flap(*state, "-j", &program);
    assert_true(text_is_json_lines(buffer_text(&program.out), program.out.len));
    expect_number("-j", "lines", (int64_t)text_count_lines(&program.out), 3 + 1);
    expect_number("-j", "first",
                  (int64_t)watch_count(&program.out, "\"seq\":1,\"previous_state\":null,"
                                                     "\"previous_ms\":null,\"since\":\"2"),
                  1);
    expect_number("-j", "new", (int64_t)watch_count(&program.out, "\"change\":\"new\"}\n"), 1);
    expect_number("-j", "changed",
                  (int64_t)watch_count(&program.out, "\"change\":\"changed\"}\n"), 2);
    double up_ms =
        watch_number(buffer_text(&program.out), "\"previous_state\":\"up\",\"previous_ms\":");
    assert_true(up_ms > 0 && up_ms < LIMIT_MS);
    program_release(&program);
}

static void test_rounds_port_that_falls_silent_is_a_change(void **state)
{
    struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "fades",
                            .arguments =
                                WORDS("--on-change", "-c0", "-i50ms", "-t0.2", "{late}")};
    peer_refuse(&scene->late, scene->up.host);
    peer_fade(&scene->late);
    scene_start(scene, &launch, &program);
    program_await(&program, " timeout: no answer in ");
    watch_signal(&program, SIGTERM);
    program_finish(&program);
    buffer_release(&program.err);
    hide_numbers(&program.out);
    scene_expect_end(scene, &program, -SIGTERM,
                     "up     {late}  {host}  seq=1  N\n"
                     "down   {late}  {host}  seq=M  timeout: no answer in N (was up for N)\n",
                     NULL);
    peer_release(&scene->late);
}

/* Rows of bars below the summary of what was up, and there alone. */
static void test_rounds_histogram_has_ten_rows(void **state)
{
    static const struct {
        const char *setting;
        const char *bar;
        const char *no_bar;
    } rows[] = {{"LC_ALL=C", "  #", "\xe2\x96"}, {"LC_ALL=C.UTF-8", "\xe2\x96\x88", "#"}};
    static const struct example example = {
        "--histogram", ARGS("--histogram", "-c20", "-i2ms", "{up}", "{refused}"), .out = NULL};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct program program;
        struct launch like = {.settings = WORDS(rows[i].setting)};
        run_example(*state, &example, &like, &program);
        const char *text = strstr(buffer_text(&program.err), "p50/p95/p99 ");
        assert_non_null(text);
        size_t count = 0;
        for (text = strchr(text, '\n') + 1; strncmp(text, "  ", 2) == 0; count++)
            text = strchr(text, '\n') + 1;
        expect_number(rows[i].setting, "rows", (int64_t)count, 10);
        expect_number(rows[i].setting, "all rows", (int64_t)watch_count(&program.err, "\n  "),
                      10);
        watch_expect_part(rows[i].setting, "bars", &program.err, rows[i].bar);
        expect_number(rows[i].setting, "other bars",
                      (int64_t)watch_count(&program.err, rows[i].no_bar), 0);
        program_release(&program);
    }
}

/* A row that does not get out ends what would never end. */
static void test_rounds_lost_rows_end_it(void **state)
{
    static const struct {
        const char *label;
        enum stream out;
        const char *err;
    } rows[] = {
        {"/dev/full", STREAM_FULL,
         "netcheck: cannot write standard output: No space left on device\n"},
        {"closed", STREAM_CLOSED,
         "netcheck: cannot write standard output: Bad file descriptor\n"},
        {"nobody reads", STREAM_BROKEN, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows) * 2; i++) {
        struct program program;
        struct launch launch = {.label = rows[i / 2].label,
                                .arguments =
                                    WORDS(i % 2 == 0 ? "-z" : "-j", "-c0", FAST, "{up}"),
                                .out = rows[i / 2].out};
        scene_start(*state, &launch, &program);
        scene_expect_end(*state, &program, 2, NULL, rows[i / 2].err);
    }
}

/* The reader goes away in the middle. */
static void test_rounds_reader_that_leaves_ends_it(void **state)
{
    struct program program;
    struct launch launch = {.label = "leaves", .arguments = WORDS("-i10ms", "{up}")};
    scene_start(*state, &launch, &program);
    program_await(&program, "seq=3 ");
    (void)close(program.fds[1]); /* that is the point */
    program.fds[1] = -1;
    program_finish(&program);
    expect_text("leaves", "standard error", buffer_text(&program.err), "");
    watch_end(&program, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds_rows_and_summary),
        cmocka_unit_test(test_rounds_summary_on_a_terminal_names_the_file_of_rows),
        cmocka_unit_test(test_rounds_of_several_targets),
        cmocka_unit_test(test_rounds_status_counts_all_rows),
        cmocka_unit_test(test_rounds_come_an_interval_apart),
        cmocka_unit_test(test_rounds_that_are_missed_are_counted),
        cmocka_unit_test(test_rounds_json_has_the_summary_among_the_rows),
        cmocka_unit_test(test_rounds_json_without_rows_is_the_summary),
        cmocka_unit_test(test_rounds_summary_is_for_people_where_the_format_has_none),
        cmocka_unit_test(test_rounds_may_have_time_stamps),
        cmocka_unit_test(test_rounds_on_change_prints_transitions_alone),
        cmocka_unit_test(test_rounds_on_change_in_json),
        cmocka_unit_test(test_rounds_port_that_falls_silent_is_a_change),
        cmocka_unit_test(test_rounds_histogram_has_ten_rows),
        cmocka_unit_test(test_rounds_lost_rows_end_it),
        cmocka_unit_test(test_rounds_reader_that_leaves_ends_it),
    };
    return cmocka_run_group_tests_name("cli/rounds", tests, scene_open, scene_release);
}
