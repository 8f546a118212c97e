/*
 * Signals that would end a program which does nothing about them: in its last moment, as
 * process 1 of a container, and at a file's largest size.
 */
#define _GNU_SOURCE /* unshare */

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

enum {
    RUNS = 60,         /* short ones, each with a storm of signals until its end */
    STILL_MS = 100,    /* long enough to see that a run goes on */
    AT_ONCE_MS = 5000, /* far less than the runs that are ended would take */
};

/* A line of /proc/PID/status, signal N as bit N - 1; 0 where there is no process any more. */
static unsigned long long mask_in(const char *status, const char *name)
{
    const char *mask = strstr(status, name);
    return mask != NULL ? strtoull(mask + strlen(name), NULL, 16) : 0;
}

static unsigned long long read_mask(pid_t pid, const char *name)
{
    char path[64];
    char text[4096];
    (void)snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    int fd = open(path, O_RDONLY);
    ssize_t len = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        (void)close(fd); /* it was only read */
    text[len > 0 ? len : 0] = '\0';
    return mask_in(text, name);
}

static bool is_caught(pid_t pid, int number)
{
    return (read_mask(pid, "SigCgt:") >> (number - 1) & 1) != 0;
}

static void test_signals_deadly_ones_are_harmless_in_the_last_moment(void **state)
{
    static const struct {
        struct example example;
        int number;
    } rows[] = {
        {{"SIGUSR1", ARGS("-q", "-t3ms", "{silent}"), .out = NULL}, SIGUSR1},
        {{"SIGQUIT in rounds", ARGS("-q", "-c1", "-t3ms", "{silent}"), .out = NULL}, SIGQUIT},
        {{"SIGUSR1 while waiting", ARGS("-q", "--wait=3ms", "{silent}"), .out = NULL}, SIGUSR1},
    };
    for (int i = 0; i < RUNS; i++) {
        size_t row = (size_t)i % ARRAY_LEN(rows);
        struct program program;
        scene_start_example(*state, &rows[row].example, NULL, &program);
        while (!is_caught(program.pid, rows[row].number) && program_turn(&program, 0))
            continue;
        while (program_turn(&program, 0))
            watch_signal(&program, rows[row].number);
        watch_end(&program, 1);
    }
}

/* In the child: all signals as by default. */
static void restore_all(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number <= SIGRTMAX; number++)
        (void)sigaction(number, &standard, NULL); /* some cannot be set */
}

/* In the child: SIGHUP is ignored, as nohup has it, and nothing else. */
static void ignore_hangup(void *detail)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)detail;
    restore_all();
    if (sigaction(SIGHUP, &ignore, NULL) != 0)
        _exit(127);
}

static void test_signals_deadly_ones_are_a_commands_as_they_were(void **state)
{
    static const struct example example = {
        "COMMAND", ARGS("-q", "{up}", "--", "grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"),
        .out = NULL};
    struct launch like = {.prepare = ignore_hangup};
    struct program program;
    const char *label = example.label;
    scene_start_example(*state, &example, &like, &program);
    program_finish(&program);
    expect_number(label, "blocked", (int64_t)mask_in(buffer_text(&program.out), "SigBlk:"), 0);
    unsigned long long ignored = mask_in(buffer_text(&program.out), "SigIgn:");
    /* Not those that the C library keeps for itself: it changes them where it has threads. */
    for (int number = 1; number <= SIGRTMAX; number++)
        if (sigaction(number, NULL, &(struct sigaction){.sa_flags = 0}) != 0)
            ignored &= ~(1ULL << (number - 1));
    expect_number(label, "ignored", (int64_t)ignored, 1LL << (SIGHUP - 1));
    program_release(&program);
}

/* In the child: all signals as by default, and no core. */
static void restore_without_core(void *detail)
{
    struct rlimit none = {0, 0};
    (void)detail;
    restore_all();
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        _exit(127);
}

/* Files of the outputs or the state in the folder, be they temporary. They are removed. */
static int64_t take_files(const struct scene *scene)
{
    int64_t count = 0;
    DIR *folder = opendir(scene->folder.path);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (strstr(entry->d_name, "left") != NULL) {
            count++;
            assert_int_equal(unlinkat(dirfd(folder), entry->d_name, 0), 0);
        }
    assert_int_equal(closedir(folder), 0);
    return count;
}

/* It ends with that status, and leaves so many files. */
static void expect_end(const struct scene *scene, const char *label, struct program *program,
                       int status, int64_t files)
{
    program_finish(program);
    expect_number(label, "status", program->status, status);
    expect_number(label, "files", take_files(scene), files);
    program_release(program);
}

#define FILES \
    "--state=left-s", "--format=html", "-o", "left-page", "--format=csv", "-o", "left-csv"

static const struct {
    const char *label;
    int number; /* 0: SIGRTMIN */
} leavers[] = {
    {"SIGHUP", SIGHUP},   {"SIGINT", SIGINT},   {"SIGTERM", SIGTERM},     {"SIGQUIT", SIGQUIT},
    {"SIGUSR2", SIGUSR2}, {"SIGALRM", SIGALRM}, {"SIGVTALRM", SIGVTALRM}, {"SIGPROF", SIGPROF},
    {"SIGTRAP", SIGTRAP}, {"SIGXCPU", SIGXCPU}, {"SIGSYS", SIGSYS},       {"SIGIO", SIGIO},
    {"SIGRTMIN", 0},
};

/* It dies of that signal, as by default, and nothing of it stays. */
static void test_signals_deadly_ones_leave_no_file_behind(void **state)
{
    struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(leavers); i++) {
        struct program program;
        int number = leavers[i].number != 0 ? leavers[i].number : SIGRTMIN;
        struct launch launch = {.label = leavers[i].label,
                                .prepare = restore_without_core,
                                .arguments = WORDS("-v", FILES, "-t20", "{silent}")};
        scene_start(scene, &launch, &program);
        watch_message(&program, ": trying ");
        assert_true(watch_for(&program, 0));
        watch_signal(&program, number);
        expect_end(scene, launch.label, &program, -number, 0);
    }
}

/* The first one waits for the reader of standard output, which takes nothing. */
static void test_signals_deadly_second_one_leaves_no_file_behind(void **state)
{
    struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "SIGTERM twice",
                            .prepare = restore_without_core,
                            .arguments = WORDS(FILES, "--unordered", "-v", "{host}:1000-9999")};
    scene_start(scene, &launch, &program);
    program_await(&program, "127.");
    program.is_paused = true;
    assert_true(watch_for(&program, 3 * STILL_MS));
    watch_signal(&program, SIGTERM);
    assert_true(watch_for(&program, STILL_MS)); /* within 50 ms the second is none */
    watch_signal(&program, SIGTERM);
    program.is_paused = false;
    expect_end(scene, launch.label, &program, -SIGTERM, 0);
}

/* In rounds, with files that were written: these stay, and nothing else. */
static void test_signals_deadly_ones_in_rounds_leave_what_was_written(void **state)
{
    struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "rounds",
                            .prepare = restore_without_core,
                            .arguments = WORDS(FILES, "-i20ms", "{up}")};
    scene_start(scene, &launch, &program);
    program_await(&program, "seq=9 ");
    watch_signal(&program, SIGHUP);
    expect_end(scene, launch.label, &program, -SIGHUP, 3);
}

/* A state file that was not there is this run's own only while it is empty. */
static void test_signals_deadly_ones_leave_what_another_program_wrote(void **state)
{
    struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "written meanwhile",
                            .prepare = restore_without_core,
                            .arguments = WORDS("-v", FILES, "-t20", "{silent}")};
    scene_start(scene, &launch, &program);
    watch_message(&program, ": trying ");
    assert_true(watch_for(&program, 0));
    folder_write(&scene->folder, "left-s", "x", 1);
    watch_signal(&program, SIGHUP);
    expect_end(scene, launch.label, &program, -SIGHUP, 1);
}

/* As under nohup(1): the run goes on, and ends by what ends it. */
static void test_signals_deadly_ones_that_are_ignored_stay_so(void **state)
{
    struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "nohup",
                            .prepare = ignore_hangup,
                            .arguments = WORDS("-v", FILES, "-t0.5", "{silent}")};
    scene_start(scene, &launch, &program);
    watch_message(&program, ": trying ");
    watch_signal(&program, SIGHUP);
    expect_end(scene, launch.label, &program, 1, 3);
}

/* In the child: standard output is a file that takes 4 KiB. */
static void limit_file(void *detail)
{
    struct rlimit limit = {4096, 4096};
    int fd = open("rows", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    (void)detail;
    if (fd < 0 || dup2(fd, 1) != 1 || setrlimit(RLIMIT_FSIZE, &limit) != 0)
        _exit(127);
}

static void test_signals_deadly_limit_of_a_file_is_a_failed_write(void **state)
{
    static const struct example example = {
        "RLIMIT_FSIZE", ARGS("-j", "{host}:1000-1099"),
        .err = "netcheck: cannot write standard output: File too large\n", .status = 2};
    scene_expect(*state, &example, &(struct launch){.prepare = limit_file});
}

/* Process 1 of a namespace, by its number outside of it. */
struct container {
    bool ignores_hangup;
    pid_t pid;
};

/* In the child: what follows is process 1, and this process passes its exit status on. */
static void contain(void *detail)
{
    struct container *container = detail;
    struct rlimit none = {0, 0};
    int status = 0;
    restore_all();
    if (container->ignores_hangup)
        ignore_hangup(NULL);
    if (setrlimit(RLIMIT_CORE, &none) != 0 || unshare(CLONE_NEWPID) != 0)
        _exit(127);
    pid_t pid = fork();
    if (pid == 0)
        return;
    container->pid = pid;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        _exit(127);
    _exit(WEXITSTATUS(status));
}

static struct container *new_container(void)
{
    if (geteuid() != 0) {
        (void)printf("skipped: a process 1 takes root\n");
        skip();
    }
    struct container *container = mmap(NULL, sizeof *container, PROT_READ | PROT_WRITE,
                                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(container != MAP_FAILED);
    return container;
}

static void start_contained(struct scene *scene, const struct example *example,
                            struct container *container, struct program *program)
{
    struct launch like = {.prepare = contain, .detail = container, .is_fed = true};
    scene_start_example(scene, example, &like, program);
}

/* Ends a run that would go on for long: with 128 and the signal's number. */
static void expect_end_at_once(struct program *program, const struct container *container,
                               int number)
{
    int64_t sent_ns = harness_now_ns();
    assert_int_equal(kill(container->pid, number), 0);
    while (program_turn(program, POLL_MS) &&
           harness_now_ns() - sent_ns < AT_ONCE_MS * NS_PER_MS)
        continue;
    expect_elapsed(program->launch.label, harness_now_ns() - sent_ns, 0, AT_ONCE_MS - 1);
    expect_number(program->launch.label, "exit status", program->status, 128 + number);
    program_release(program);
}

static void test_signals_deadly_ones_end_process_1_at_once(void **state)
{
    static const struct example examples[] = {
        {"--wait", ARGS("-v", "--wait=20", "-t20", "{silent}"), .out = NULL},
        {"once", ARGS("-v", "-t20", "{silent}"), .out = NULL},
        {"rounds", ARGS("-v", "-c0", "-t20", "{silent}"), .out = NULL},
        {"names", ARGS("-v", "-t20", "{silent}", "localhost:1"), .out = NULL},
    };
    static const int numbers[] = {SIGHUP,  SIGINT,  SIGTERM, SIGQUIT, SIGUSR2,
                                  SIGALRM, SIGPROF, SIGSYS,  SIGIO,   0};
    struct container *container = new_container();
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct program program;
        size_t mode = numbers[i] == SIGQUIT ? 0 : i % ARRAY_LEN(examples);
        start_contained(*state, &examples[mode], container, &program);
        watch_message(&program, ": trying ");
        expect_end_at_once(&program, container, numbers[i] != 0 ? numbers[i] : SIGRTMIN);
    }
    (void)munmap(container, sizeof *container);
}

/* It is not in its loop then: it reads, or its rows are not taken. */
static void test_signals_deadly_ones_end_process_1_that_hangs(void **state)
{
    static const struct example examples[] = {
        {"--list", ARGS("--list", "{up}", "-f-"), .out = NULL},
        {"--list that is not taken", ARGS("--list", "10.0.0.0/8:1"), .out = NULL},
        {"the end is not taken", ARGS("--unordered", "-v", "{host}:1000-9999"), .out = NULL},
    };
    struct container *container = new_container();
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        struct program program;
        start_contained(*state, &examples[i], container, &program);
        program_await(&program, "127.");
        program.is_paused = true;
        assert_true(watch_for(&program, 3 * STILL_MS));
        expect_end_at_once(&program, container, i % 2 == 0 ? SIGHUP : SIGTERM);
    }
    (void)munmap(container, sizeof *container);
}

static void test_signals_deadly_ones_that_mean_something_end_no_process_1(void **state)
{
    static const struct example example = {"rounds", ARGS("-c0", "-i20ms", "{up}"),
                                           .out = NULL};
    struct container *container = new_container();
    struct program program;
    container->ignores_hangup = true;
    start_contained(*state, &example, container, &program);
    program_await(&program, "seq=2 ");
    assert_int_equal(kill(container->pid, SIGHUP), 0);
    assert_int_equal(kill(container->pid, SIGUSR1), 0);
    watch_message(&program, "netcheck: ");
    assert_int_equal(kill(container->pid, SIGQUIT), 0);
    watch_message(&program, "p50/p95/p99 ");
    watch_rows(&program, text_count_lines(&program.out) + 1);
    expect_end_at_once(&program, container, SIGTERM);
    (void)munmap(container, sizeof *container);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signals_deadly_ones_are_harmless_in_the_last_moment),
        cmocka_unit_test(test_signals_deadly_ones_are_a_commands_as_they_were),
        cmocka_unit_test(test_signals_deadly_ones_leave_no_file_behind),
        cmocka_unit_test(test_signals_deadly_second_one_leaves_no_file_behind),
        cmocka_unit_test(test_signals_deadly_ones_in_rounds_leave_what_was_written),
        cmocka_unit_test(test_signals_deadly_ones_leave_what_another_program_wrote),
        cmocka_unit_test(test_signals_deadly_ones_that_are_ignored_stay_so),
        cmocka_unit_test(test_signals_deadly_limit_of_a_file_is_a_failed_write),
        cmocka_unit_test(test_signals_deadly_ones_end_process_1_at_once),
        cmocka_unit_test(test_signals_deadly_ones_end_process_1_that_hangs),
        cmocka_unit_test(test_signals_deadly_ones_that_mean_something_end_no_process_1),
    };
    return cmocka_run_group_tests_name("cli/signals: deadly", tests, scene_open, scene_release);
}
