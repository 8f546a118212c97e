/*
 * -o FILE: what the files have, when they are replaced, and that they are whole or as they
 * were.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"

#define UP       "up     {up}  {host}  N ms\n"
#define REFUSED  "down   {refused}  {host}  refused in N ms\n"
#define OLD      "old\n"
#define LEFT     "netcheck: 'f' is left as it was: not every target has a row\n"
#define NOTHING  "gone"
#define FILE_MAX 65536

/* A run that begins with the file "f", and what that has then. */
struct case_of_file {
    struct example example;
    const char *file; /* its text, or NOTHING */
};

static void path_of(const struct scene *scene, const char *name, char path[static 128])
{
    (void)snprintf(path, 128, "%s/%s", scene->folder.path, name);
}

/* The file's text, to be freed; NOTHING where it is not there. */
static char *read_file(const struct scene *scene, const char *name)
{
    static char bytes[FILE_MAX];
    char path[128];
    path_of(scene, name, path);
    FILE *file = fopen(path, "r");
    size_t len = file != NULL ? fread(bytes, 1, sizeof bytes - 1, file) : 0;
    bytes[len] = '\0';
    if (file == NULL)
        return strdup(NOTHING);
    (void)fclose(file);
    return strdup(bytes);
}

static void expect_file(const struct scene *scene, const char *label, const char *name,
                        const char *expected)
{
    char *text = read_file(scene, name);
    char *wanted = scene_filled(scene, expected);
    struct buffer hidden = BUFFER_EMPTY;
    buffer_add_text(&hidden, text);
    text_hide_latencies(&hidden);
    expect_text(label, name, buffer_text(&hidden), wanted);
    buffer_release(&hidden);
    free(wanted);
    free(text);
}

/* How many temporary files there are; they are removed. */
static int count_hidden(const struct scene *scene)
{
    int count = 0;
    DIR *files = opendir(scene->folder.path);
    assert_non_null(files);
    for (struct dirent *entry; (entry = readdir(files)) != NULL;)
        if (entry->d_name[0] == '.' && strlen(entry->d_name) > 2) {
            assert_int_equal(unlinkat(dirfd(files), entry->d_name, 0), 0);
            count++;
        }
    assert_int_equal(closedir(files), 0);
    return count;
}

static void expect_cases(const struct scene *scene, const struct case_of_file *cases,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        folder_write(&scene->folder, "f", OLD, strlen(OLD));
        scene_expect(scene, &cases[i].example, NULL);
        expect_file(scene, cases[i].example.label, "f", cases[i].file);
        expect_number(cases[i].example.label, "temporary files", count_hidden(scene), 0);
    }
}

static void test_outputs_have_the_rows_of_the_run(void **state)
{
    static const struct case_of_file cases[] = {
        {{"beside standard output", ARGS("-of", "{up}", "{refused}"), .out = UP REFUSED,
          .status = 1},
         UP REFUSED},
        {{"-q", ARGS("-qof", "{up}"), .out = ""}, UP},
        {{"--only of the file", ARGS("--only=down", "-of", "{up}", "{refused}"),
          .out = UP REFUSED, .status = 1},
         REFUSED},
        {{"--only of standard output", ARGS("-of", "--only=down", "{up}", "{refused}"),
          .out = REFUSED, .status = 1},
         UP REFUSED},
        {{"--wait", ARGS("-qof", "--wait=5", "{up}"), .status = 0}, UP},
        {{"--wait that ends", ARGS("-qof", "--wait=.2", "{up}", "{refused}"), .status = 1},
         UP REFUSED},
        {{"an invalid line", ARGS("-qof", "-f-"), .input = "x y z\n{up}\n", .status = 2},
         "error  x y z  -  invalid: unknown service 'y' in 'x y z' (-:1:3): write the port as "
         "a number, 1-65535\n" UP},
        {{"COMMAND finds it", ARGS("-qof", "{up}", "--", "cat", "f"), .out = UP}, UP},
        {{"/dev/fd", ARGS("-qo/dev/stdout", "{up}"), .out = UP}, OLD},
        {{"-v", ARGS("-vof", "{up}"), .out = UP,
          .err = "* {up}: trying {host}\n* {up}: {host} connected in N ms\n"
                 "* wrote 'f': 1 row\n"},
         UP},
    };
    expect_cases(*state, cases, ARRAY_LEN(cases));
}

static void test_outputs_that_cannot_be_are_told_before_the_first_probe(void **state)
{
#define CANNOT(name, why) "netcheck: cannot write '" name "': " why "\n"
    static const struct case_of_file cases[] = {
        {{"no folder", ARGS("-ono/f", "{up}"),
          .err = CANNOT("no/f", "No such file or directory: make its folder first, with "
                                "mkdir -p"),
          .status = 2},
         OLD},
        {{"a folder", ARGS("-o.", "{up}"),
          .err = CANNOT(".", "Is a directory: name a file in it"), .status = 2},
         OLD},
        {{"one file twice", ARGS("-of", "-o./f", "{up}"),
          .err = CANNOT("./f", "another -o has the same file: name two"), .status = 2},
         OLD},
        {{"standard output twice", ARGS("-o/dev/stdout", "{up}"),
          .err = CANNOT("/dev/stdout", "the rows of standard output go there: leave -o out, "
                                       "name another file, or add -q"),
          .status = 2},
         OLD},
        {{"the list of targets", ARGS("-ff", "-of"),
          .err = CANNOT("f", "targets are read from it: name another file"), .status = 2},
         OLD},
        {{"the list of exclusions", ARGS("--exclude-file=f", "-of", "{up}"),
          .err = CANNOT("f", "it is read by --exclude-file: name another file"), .status = 2},
         OLD},
        {{"no such descriptor", ARGS("-qo/dev/fd/3", "{up}"),
          .err = CANNOT("/dev/fd/3", "Bad file descriptor: open it for writing, as in 3>FILE"),
          .status = 2},
         OLD},
        {{"no terminal", ARGS("-o/dev/tty", "{up}"),
          .err = CANNOT("/dev/tty", "No such device"), .status = 2},
         OLD},
    };
    expect_cases(*state, cases, ARRAY_LEN(cases));
}

/* In the child: a stream of it is the file "f". */
static void take_stream(void *detail)
{
    int file = open("f", O_RDWR | O_APPEND);
    if (file < 0 || dup2(file, *(const int *)detail) < 0)
        _exit(EXIT_FAILURE);
    (void)close(file);
}

/* What is replaced would lose what is read from it, or what is told there. */
static void test_outputs_are_no_stream_of_the_run(void **state)
{
#define TOLD "what else is told goes there: name another file"
    static const struct {
        struct example example; /* its texts are NULL where they are in the file */
        const char *why;
        int fd;
    } cases[] = {
        {{"list", ARGS("-f-", "-of"), .status = 2},
         "targets are read from it: name another file",
         STDIN_FILENO},
        {{"list of exclusions", ARGS("--exclude-file=-", "-o./f", "{up}"), .status = 2},
         "it is read by --exclude-file: name another file",
         STDIN_FILENO},
        {{"notes", ARGS("-of", "{up}"), .status = 2}, TOLD, STDERR_FILENO},
        {{"summary", ARGS("-qc1", "-of", "{up}"), .status = 2}, TOLD, STDOUT_FILENO},
        {{"not read", ARGS("-qof", "{up}"), .status = 0}, NULL, STDIN_FILENO},
    };
    const struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].example.label;
        int fd = cases[i].fd;
        struct program program;
        const struct launch like = {.prepare = take_stream, .detail = &fd};
        folder_write(&scene->folder, "f", OLD, strlen(OLD));
        scene_start_example(scene, &cases[i].example, &like, &program);
        program_finish(&program);
        char *file = read_file(scene, "f");
        buffer_add_text(&program.err, file);
        expect_number(label, "status", program.status, cases[i].example.status);
        assert_true(cases[i].why == NULL ||
                    (strncmp(file, OLD, strlen(OLD)) == 0 &&
                     strstr(buffer_text(&program.err), cases[i].why) != NULL));
        free(file);
        program_release(&program);
    }
}

/* An empty list is no reason to forget what was known of the one before. */
static void test_outputs_of_a_run_without_its_list_are_left(void **state)
{
#define NO_TARGETS(why) "netcheck: no targets: " why "\n"
#define AS_IT_WAS       "netcheck: 'f' is left as it was\n"
    static const struct case_of_file cases[] = {
        {{"empty", ARGS("-of", "-f-"), .input = "# none\n",
          .err = NO_TARGETS("every file is empty") AS_IT_WAS, .status = 2},
         OLD},
        {{"empty, a document", ARGS("--format=html", "-of", "-f/dev/null"),
          .err = NO_TARGETS("every file is empty") AS_IT_WAS, .status = 2},
         OLD},
        {{"excluded", ARGS("-of", "--exclude={host}", "{up}"),
          .err = NO_TARGETS("all are excluded") AS_IT_WAS, .status = 2},
         OLD},
        {{"excluded, --wait", ARGS("-of", "--wait=1", "--exclude={host}", "{up}"),
          .err = NO_TARGETS("all are excluded") AS_IT_WAS, .status = 2},
         OLD},
        {{"excluded, rounds", ARGS("-of", "-c1", "--exclude={host}", "{up}"),
          .err = NO_TARGETS("all are excluded") AS_IT_WAS, .status = 2},
         OLD},
        {{"unreadable", ARGS("-of", "-f/proc/self/mem", "{up}"), .out = UP,
          .err = "netcheck: cannot read '/proc/self/mem': Input/output error\n" AS_IT_WAS,
          .status = 2},
         OLD},
        {{"a shard without targets", ARGS("-of", "--shard=2/2", "{up}"), .out = ""}, ""},
    };
    expect_cases(*state, cases, ARRAY_LEN(cases));
}

static void test_outputs_failure_costs_one_file_and_the_command(void **state)
{
    static const struct case_of_file cases[] = {
        {{"one of two", ARGS("-q", "-o/dev/full", "-of", "{up}", "--", "echo", "ran"),
          .err = CANNOT("/dev/full", "No space left on device"), .status = 2},
         UP},
    };
    expect_cases(*state, cases, ARRAY_LEN(cases));
}

/* What begins at `text` is there so often. */
static int count_of(const char *text, const char *part)
{
    int count = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}

static void test_outputs_in_rounds_have_the_last_rows_and_tell_a_failure_once(void **state)
{
    static const struct example example = {
        "rounds", ARGS("-o/dev/full", "-of", "-i1.1", "-c3", "--on-change", "{refused}"),
        .status = 2};
    const struct scene *scene = *state;
    struct program program;
    scene_start_example(scene, &example, NULL, &program);
    program_finish(&program);
    expect_number("rounds", "status", program.status, 2);
    expect_number("rounds", "rows", count_of(buffer_text(&program.out), "\n"), 1);
    expect_number("rounds", "notes", count_of(buffer_text(&program.err), "No space"), 1);
    expect_file(scene, "rounds", "f", "down   {refused}  {host}  seq=3  refused in N ms\n");
    program_release(&program);
}

/* The reader of standard output may go away, or have no room: the file has all rows. */
static void test_outputs_are_whole_where_standard_output_is_lost(void **state)
{
    static const enum stream streams[] = {STREAM_BROKEN, STREAM_FULL};
    const struct scene *scene = *state;
    struct buffer list = BUFFER_EMPTY;
    struct buffer rows = BUFFER_EMPTY;
    for (int i = 0; i < 600; i++) {
        buffer_add_text(&list, "{refused}\n");
        buffer_add_text(&rows, REFUSED);
    }
    for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
        const struct launch like = {.out = streams[i]};
        struct example example = {"lost", {"-of", "-f-", "-P1"}, .status = 2};
        example.input = buffer_text(&list);
        example.err = streams[i] == STREAM_FULL
                          ? "netcheck: cannot write standard output: No space left on device\n"
                          : "";
        scene_expect(scene, &example, &like);
        expect_file(scene, "lost", "f", buffer_text(&rows));
    }
    buffer_release(&list);
    buffer_release(&rows);
}

static void expect_signalled(const struct scene *scene, const struct example *example,
                             const char *file)
{
    struct program program;
    folder_write(&scene->folder, "f", OLD, strlen(OLD));
    scene_start_example(scene, example, NULL, &program);
    program_await(&program, "refused");
    (void)kill(program.pid, SIGTERM);
    program_finish(&program);
    expect_number(example->label, "signal", program.status, -SIGTERM);
    expect_number(example->label, "note",
                  strstr(buffer_text(&program.err), "'f' is left as it was") != NULL,
                  strcmp(file, OLD) == 0);
    program_release(&program);
    expect_file(scene, example->label, "f", file);
    expect_number(example->label, "temporary files", count_hidden(scene), 0);
}

static void test_outputs_of_a_run_that_a_signal_ends_lack_no_rows(void **state)
{
    static const struct example once = {"once", ARGS("-of", "{refused}", "{silent}"),
                                        .status = 0};
    static const struct example wait = {
        "wait", ARGS("-of", "--wait=0", "{refused}", "{silent}"), .status = 0};
    static const struct example first = {
        "first round", ARGS("-of", "-i1", "{refused}", "{silent}"), .status = 0};
    static const struct example later = {"rounds", ARGS("-of", "-i100", "{refused}"),
                                         .status = 0};
    expect_signalled(*state, &once, OLD);
    expect_signalled(*state, &wait, OLD);
    expect_signalled(*state, &first, OLD);
    expect_signalled(*state, &later, "down   {refused}  {host}  seq=1  refused in N ms\n");
}

static bool await_file(const struct scene *scene, const char *text)
{
    int64_t deadline_ns = harness_now_ns() + 10 * NS_PER_S;
    for (;;) {
        char *file = read_file(scene, "f");
        bool has_text = strstr(file, text) != NULL;
        free(file);
        if (has_text || !harness_pause(deadline_ns))
            return has_text;
    }
}

/* A target that takes longer than the interval does not hold the others' news up. */
static void test_outputs_in_rounds_are_written_beside_a_slow_target(void **state)
{
    static const struct example example = {
        "slow", ARGS("-of", "-i1", "-t2", "-r0", "{refused}", "{silent}"), .status = 0};
    const struct scene *scene = *state;
    struct program program;
    folder_write(&scene->folder, "f", OLD, strlen(OLD));
    scene_start_example(scene, &example, NULL, &program);
    assert_true(await_file(scene, "seq=3  refused"));
    assert_true(await_file(scene, "seq=4  refused"));
    assert_true(await_file(scene, "seq=5  refused"));
    (void)kill(program.pid, SIGKILL);
    program_release(&program);
}

#define WELL     "\xe2\x9c\x93 1 as expected -"
#define NOT_WELL "\xe2\x9c\x97 1 of 1 not as expected -"

/* What a target was in an earlier round is over. Each row turns the port over, which refuses.
 */
static void test_outputs_in_rounds_tell_how_it_is_now(void **state)
{
    static const struct example rows[] = {
        /* with what the file has before and after that */
        {"up again", ARGS("-qi1", "--format=html", "-of", "{late}"), .out = NOT_WELL,
         .err = WELL},
        {"none", ARGS("-qi1", "--any", "--format=html", "-of", "{late}"), .out = WELL,
         .err = NOT_WELL},
        {"plugin", ARGS("-qi1", "--format=nagios", "-of", "{late}"),
         .out = " CRITICAL: ", .err = " OK: "},
    };
    struct scene *scene = *state;
    peer_refuse(&scene->late, scene->up.host);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct program program;
        folder_write(&scene->folder, "f", OLD, strlen(OLD));
        scene_start_example(scene, &rows[i], NULL, &program);
        expect_number(rows[i].label, "before", await_file(scene, rows[i].out), true);
        (i % 2 == 0 ? peer_open : peer_close)(&scene->late);
        expect_number(rows[i].label, "after", await_file(scene, rows[i].err), true);
        (void)kill(program.pid, SIGKILL);
        program_release(&program);
    }
    peer_release(&scene->late);
}

/* All that is known is that the gate is not as expected: that is the news. */
static void test_outputs_in_rounds_tell_of_the_gate_alone(void **state)
{
    static const struct example example = {
        "gate", ARGS("-qof", "-i1", "--gate={refused}", "{up}"), .status = 0};
    const struct scene *scene = *state;
    struct program program;
    folder_write(&scene->folder, "f", OLD, strlen(OLD));
    scene_start_example(scene, &example, NULL, &program);
    assert_true(await_file(scene, "seq=2  refused"));
    (void)kill(program.pid, SIGKILL);
    program_release(&program);
}

/* The path of the program from any folder. */
static void find_program(char *path, size_t size)
{
    const char *program = getenv("NETCHECK");
    program = program != NULL ? program : "netcheck";
    if (program[0] != '/' && getcwd(path, size - strlen(program) - 1) != NULL)
        strncat(path, "/", size - strlen(path) - 1);
    strncat(path, program, size - strlen(path) - 1);
}

/* The program, which is killed at its call number `at`; true: it came that far. */
static bool run_killed_at(const struct scene *scene, char *const words[], int at)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        (void)dup2(null, STDOUT_FILENO);
        (void)dup2(null, STDERR_FILENO);
        if (chdir(scene->folder.path) == 0 && ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
            (void)execv(words[0], words);
        _exit(EXIT_FAILURE);
    }
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
    if (WIFEXITED(status))
        return false;
    for (int i = 0; i < at && !WIFEXITED(status); i++) {
        assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
    }
    bool is_there = !WIFEXITED(status);
    (void)kill(pid, SIGKILL);
    if (is_there)
        assert_int_equal(waitpid(pid, &status, 0), pid);
    return is_there;
}

/* Whether it has begun to write by its call number `at`, at which it is killed. */
static bool has_begun(const struct scene *scene, char *const words[], int at)
{
    return !run_killed_at(scene, words, at) || count_hidden(scene) > 0;
}

/* Before and after each of them: the file is the old one, and from some call on the new one. */
static void test_outputs_killed_at_every_system_call_are_old_or_new(void **state)
{
    enum { STRIDE = 16 }; /* through what the loader calls */
    if (IS_SANITIZED)
        skip(); /* the leak sanitizer traces, too */
    const struct scene *scene = *state;
    char program[1024] = "";
    char *target = scene_filled(scene, "{refused}");
    char *const words[] = {program, (char *)"-of", target, NULL};
    int news = 0;
    int left = 0;
    int at = 1;
    find_program(program, sizeof program);
    while (!has_begun(scene, words, at + STRIDE))
        at += STRIDE;
    for (bool is_there = true; is_there; at++) {
        folder_write(&scene->folder, "f", OLD, strlen(OLD));
        is_there = run_killed_at(scene, words, at);
        left += count_hidden(scene);
        char *text = read_file(scene, "f");
        bool is_old = strcmp(text, OLD) == 0;
        free(text);
        news += !is_old;
        if (!is_old)
            expect_file(scene, "killed", "f", REFUSED);
        assert_true(!is_old || news == 0);
    }
    assert_true(news > 4); /* the rename, and what comes behind it */
    assert_true(left > 10);
    free(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outputs_have_the_rows_of_the_run),
        cmocka_unit_test(test_outputs_that_cannot_be_are_told_before_the_first_probe),
        cmocka_unit_test(test_outputs_are_no_stream_of_the_run),
        cmocka_unit_test(test_outputs_of_a_run_without_its_list_are_left),
        cmocka_unit_test(test_outputs_failure_costs_one_file_and_the_command),
        cmocka_unit_test(test_outputs_in_rounds_have_the_last_rows_and_tell_a_failure_once),
        cmocka_unit_test(test_outputs_are_whole_where_standard_output_is_lost),
        cmocka_unit_test(test_outputs_of_a_run_that_a_signal_ends_lack_no_rows),
        cmocka_unit_test(test_outputs_in_rounds_are_written_beside_a_slow_target),
        cmocka_unit_test(test_outputs_in_rounds_tell_how_it_is_now),
        cmocka_unit_test(test_outputs_in_rounds_tell_of_the_gate_alone),
        cmocka_unit_test(test_outputs_killed_at_every_system_call_are_old_or_new),
    };
    return cmocka_run_group_tests(tests, scene_open, scene_release);
}
