/*
 * "-- COMMAND" after a wait or after rounds: when it runs, and that it finds the process as the
 * program found it.
 */
#define _XOPEN_SOURCE 700 /* realpath */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

enum {
    SOON_MS = 2000,    /* from the moment that a port opens until COMMAND runs */
    AT_ONCE_MS = 8000, /* far less than the wait would take */
    UNSHARE_OPTIONS = 3,
};

#define UP       "up     {up}  {host}  N\n"
#define UP_TWICE "up     {up}  {host}  seq=1  N\nup     {up}  {host}  seq=2  N\n"
#define REFUSED  "down   {refused}  {host}  refused in N\n"
#define OPENED \
    "down   {late}  {host}  refused in N\nup     {late}  {host}  N (was down for N)\n"
#define WAITING "netcheck: waiting up to N for "
#define TWICE   "-c2", "-i0.3"

/* What they come to, which -q leaves. */
#define SUMMED(name)                                        \
    "--- {" name "} ---\n2 sent, 2 up, 0% loss, up for N\n" \
    "min/avg/max/mdev N/N/N/N, jitter N\np50/p95/p99 N/N/N\n"
#define SUMMED_REFUSED \
    "--- {refused} ---\n2 sent, 0 up, 100% loss, down for N, longest outage N\n"

static void test_wait_command_runs_soon_after_the_port_opens(void **state)
{
    struct scene *scene = *state;
    struct program program;
    peer_refuse(&scene->late, scene->up.host);
    watch_start(scene, &program, "opens late",
                WORDS("--wait=20", "{late}", "--", "echo", "ran"));
    program_await(&program, "refused in ");
    peer_open(&scene->late);
    int64_t opened_ns = harness_now_ns();
    program_finish(&program);
    expect_elapsed("opens late", harness_now_ns() - opened_ns, 0, SOON_MS);
    scene_expect_end(scene, &program, 0, OPENED "ran\n", WAITING "1 target\n");
    peer_release(&scene->late);
}

/* What the program says comes before what COMMAND says. */
static void test_wait_command_comes_last(void **state)
{
    static const struct example examples[] = {
        {"--wait", ARGS("--wait=20", "{up}", "--", "sh", "-c", "echo ran; echo ran >&2"),
         .out = UP "ran\n", .err = WAITING "1 target\nran\n"},
        {"-c", ARGS(TWICE, "{up}", "--", "sh", "-c", "echo ran; echo ran >&2"),
         .out = UP_TWICE "ran\n",
         .err = "\n--- {up} ---\n2 sent, 2 up, 0% loss, up for N\n"
                "min/avg/max/mdev N/N/N/N, jitter N\np50/p95/p99 N/N/N\nran\n"},
        {"-c, -q", ARGS(TWICE, "-q", "{up}", "--", "echo", "ran"), .out = "ran\n",
         .err = "\n" SUMMED("up")},
        {"-c, --any", ARGS(TWICE, "-q", "--any", "{refused}", "{up}", "--", "echo", "ran"),
         .out = "ran\n", .err = "\n" SUMMED_REFUSED SUMMED("up")},
        {"the rest of standard input", ARGS("--wait=20", "-q", "{up}", "--", "cat"),
         .input = "all of it\n", .out = "all of it\n"},
    };
    watch_expect_all(*state, examples, ARRAY_LEN(examples), NULL);
}

static void test_wait_command_does_not_run_otherwise(void **state)
{
    static const struct example examples[] = {
        {"DUR has passed", ARGS("--wait=0.2", "-q", "{up}", "{refused}", "--", "echo", "ran"),
         .status = 1},
        {"DUR has passed, --any",
         ARGS("--wait=0.2", "-q", "--any", "{refused}", "!{up}", "--", "echo", "ran"),
         .status = 1},
        {"silent", ARGS("--wait=0.2", "-q", "{silent}", "--", "echo", "ran"), .status = 1},
        {"-c, refused", ARGS(TWICE, "-q", "{up}", "{refused}", "--", "echo", "ran"),
         .err = "\n" SUMMED("up") SUMMED_REFUSED, .status = 1},
        {"-c, a bad line", ARGS(TWICE, "-q", "-f-", "--", "echo", "ran"),
         .input = "{up}\nbad\n", .err = "\n" SUMMED("up"), .status = 2},
    };
    watch_expect_all(*state, examples, ARRAY_LEN(examples), NULL);
}

/* All is answered, and was as expected but for the first time. */
static void test_wait_command_after_rounds_wants_every_row(void **state)
{
    struct scene *scene = *state;
    struct program program;
    peer_refuse(&scene->late, scene->up.host);
    watch_start(scene, &program, "-c", WORDS("-c2", "-i0.3", "{late}", "--", "echo", "ran"));
    program_await(&program, "seq=1  refused in ");
    peer_open(&scene->late);
    program_finish(&program);
    assert_null(strstr(buffer_text(&program.out), "ran\n"));
    watch_end(&program, 1);
    peer_release(&scene->late);
}

static void test_wait_command_status_is_ours(void **state)
{
#define NOT_RUN(name, why) "netcheck: cannot run '" name "': " why "\n"
    static const struct example examples[] = {
        {"0", ARGS("--wait=20", "-q", "{up}", "--", "true"), .status = 0},
        {"7", ARGS("--wait=20", "-q", "{up}", "--", "sh", "-c", "exit 7"), .status = 7},
        {"a signal", ARGS("--wait=20", "-q", "{up}", "--", "sh", "-c", "kill -TERM $$"),
         .status = -SIGTERM},
        {"not found", ARGS("--wait=20", "-q", "{up}", "--", "./nosuch"),
         .err = NOT_RUN("./nosuch", "No such file or directory"), .status = 127},
        {"not to be run", ARGS("--wait=20", "-q", "{up}", "--", "./"),
         .err = NOT_RUN("./", "Permission denied"), .status = 126},
        {"-c, 7", ARGS(TWICE, "-q", "{up}", "--", "sh", "-c", "exit 7"),
         .err = "\n" SUMMED("up"), .status = 7},
        {"-c, not found", ARGS(TWICE, "-q", "{up}", "--", "./nosuch"),
         .err = "\n" SUMMED("up") NOT_RUN("./nosuch", "No such file or directory"),
         .status = 127},
        {"-c, not to be run", ARGS(TWICE, "-q", "{up}", "--", "./"),
         .err = "\n" SUMMED("up") NOT_RUN("./", "Permission denied"), .status = 126},
    };
    watch_expect_all(*state, examples, ARRAY_LEN(examples), NULL);
}

/* Also while others are still being asked: the sockets are open when COMMAND begins. */
static void test_wait_command_has_no_descriptor_too_many(void **state)
{
    static const struct example examples[] = {
        {"--any",
         ARGS("--wait=20", "-q", "--any", "{silent}", "{up}", "--", "ls", "/proc/self/fd"),
         .out = "0\n1\n2\n3\n"},
        {"a name",
         ARGS("--wait=20", "-q", "localhost:{local.port}", "--", "ls", "/proc/self/fd"),
         .out = "0\n1\n2\n3\n"},
        {"-f", ARGS("--wait=20", "-q", "-f-", "--", "ls", "/proc/self/fd"), .input = "{up}\n",
         .out = "0\n1\n2\n3\n"},
        {"-c", ARGS(TWICE, "-q", "{up}", "localhost:{local.port}", "--", "ls", "/proc/self/fd"),
         .out = "0\n1\n2\n3\n",
         .err = "\n" SUMMED("up") "--- localhost:{local.port} ---\n"
                                  "2 sent, 2 up, 0% loss, up for N\n"
                                  "min/avg/max/mdev N/N/N/N, jitter N\np50/p95/p99 N/N/N\n"},
    };
    if (access("/proc/self/fd", R_OK) != 0)
        skip();
    watch_expect_all(*state, examples, ARRAY_LEN(examples), NULL);
}

/* What a process gets from the one before it. A shell would set a variable of its own. */
/* Of signals the first 32: libc has two of its own behind them, for threads. */
#define INHERITED                                                                \
    "sed -n 's/^\\(Sig[BIC].*\\)\\(........\\)$/\\1 \\2/p' /proc/self/status | " \
    "sed 's/\t.* /\t/'; ulimit -Sn; ulimit -Hn; umask; pwd; env | grep -v ^_= "  \
    "| sort"

static void change_mask(int how, const int *signals, size_t count)
{
    sigset_t set;
    (void)sigemptyset(&set);
    for (size_t i = 0; i < count; i++)
        (void)sigaddset(&set, signals[i]);
    if (sigprocmask(how, &set, NULL) != 0)
        _exit(127);
}

static void ignore_some(void *detail)
{
    static const int signals[] = {SIGINT, SIGQUIT, SIGUSR1, SIGPIPE, SIGCHLD};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)detail;
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        if (sigaction(signals[i], &ignore, NULL) != 0)
            _exit(127);
}

static void block_some(void *detail)
{
    static const int signals[] = {SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE};
    struct rlimit limit;
    (void)detail;
    change_mask(SIG_BLOCK, signals, ARRAY_LEN(signals));
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        _exit(127);
    limit.rlim_cur = 123;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        _exit(127);
}

/* The same command without the program in front of it. */
static void run_alone(struct scene *scene, const struct launch *like, struct program *program)
{
    char *before = getenv("NETCHECK") != NULL ? strdup(getenv("NETCHECK")) : NULL;
    struct launch launch = *like;
    launch.arguments = WORDS("-c", INHERITED);
    launch.settings = WORDS(before != NULL ? "NETCHECK=same" : "NETCHECK", "FOREIGN=a b\n\xff");
    assert_int_equal(setenv("NETCHECK", "/bin/sh", 1), 0);
    scene_start(scene, &launch, program);
    assert_int_equal(before != NULL ? setenv("NETCHECK", before, 1) : unsetenv("NETCHECK"), 0);
    free(before);
    program_finish(program);
}

static void test_wait_command_finds_everything_as_it_was(void **state)
{
    static const struct {
        const char *label;
        void (*prepare)(void *detail);
        const char *mode[3];
    } rows[] = {
        {"--wait", NULL, {"--wait=20", "-q", "-q"}},
        {"--wait, signals ignored", ignore_some, {"--wait=20", "-q", "-q"}},
        {"--wait, signals blocked", block_some, {"--wait=20", "-q", "-q"}},
        {"-c", NULL, {TWICE, "-q"}},
        {"-c, signals ignored", ignore_some, {TWICE, "-q"}},
        {"-c, signals blocked", block_some, {TWICE, "-q"}},
    };
    if (access("/proc/self/status", R_OK) != 0)
        skip();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct launch launch = {.label = rows[i].label, .prepare = rows[i].prepare};
        struct program alone;
        struct program program;
        run_alone(*state, &launch, &alone);
        assert_non_null(strstr(buffer_text(&alone.out), "SigIgn:\t"));
        launch.arguments = WORDS(rows[i].mode[0], rows[i].mode[1], rows[i].mode[2], "{up}",
                                 "localhost:{local.port}", "--", "sh", "-c", INHERITED);
        launch.settings = WORDS(getenv("NETCHECK") != NULL ? "NETCHECK=same" : "NETCHECK",
                                "FOREIGN=a b\n\xff");
        scene_start(*state, &launch, &program);
        program_finish(&program);
        expect_text(rows[i].label, "what it inherits", buffer_text(&program.out),
                    buffer_text(&alone.out));
        expect_number(rows[i].label, "exit status", program.status, 0);
        program_release(&alone);
        program_release(&program);
    }
}

static void test_wait_command_takes_the_process_over(void **state)
{
    struct program program;
    char expected[32];
    watch_start(*state, &program, "process id",
                WORDS("--wait=20", "-q", "{up}", "--", "sh", "-c", "echo $$"));
    (void)snprintf(expected, sizeof expected, "%ld\n", (long)program.pid);
    scene_expect_end(*state, &program, 0, expected, NULL);
}

/* The only child of a process; 0: none yet. */
static pid_t find_child(pid_t parent)
{
    char path[64];
    long child = 0;
    (void)snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)parent,
                   (long)parent);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%ld", &child) != 1)
        child = 0;
    (void)fclose(file); /* it was only read */
    return (pid_t)child;
}

/* "unshare --pid --fork --mount-proc WORDS...", whose own words have {netcheck}. */
static void start_as_first(struct scene *scene, const struct example *example,
                           struct program *program)
{
    static const char unshare[] = "/usr/bin/unshare";
    const char *words[EXAMPLE_WORDS + 1] = {"--pid", "--fork", "--mount-proc"};
    const char *written = getenv("NETCHECK");
    char *before = written != NULL ? strdup(written) : NULL;
    char *netcheck = realpath(written != NULL ? written : "./netcheck", NULL);
    for (size_t i = 0; example->words[i] != NULL; i++) {
        assert_true(UNSHARE_OPTIONS + i < EXAMPLE_WORDS);
        bool is_name = strcmp(example->words[i], "{netcheck}") == 0;
        words[UNSHARE_OPTIONS + i] = is_name ? netcheck : example->words[i];
    }
    struct launch launch = {.label = example->label, .arguments = words};
    assert_int_equal(setenv("NETCHECK", unshare, 1), 0);
    scene_start(scene, &launch, program);
    assert_int_equal(before != NULL ? setenv("NETCHECK", before, 1) : unsetenv("NETCHECK"), 0);
    free(before);
    free(netcheck);
}

static void need_process_namespace(struct scene *scene)
{
    static const struct example example = {"unshare", ARGS("true"), .out = NULL};
    struct program program;
    if (access("/usr/bin/unshare", X_OK) != 0)
        skip();
    start_as_first(scene, &example, &program);
    program_finish(&program);
    bool is_possible = program.status == 0;
    program_release(&program);
    if (!is_possible)
        skip();
}

/* As process 1 of a container, which no signal ends that it does not catch. */
static void test_wait_command_as_process_1_a_signal_ends_the_wait(void **state)
{
    static const struct example example = {
        "process 1", ARGS("{netcheck}", "--wait=20", "{refused}", "--", "echo", "ran"),
        .out = NULL};
    static const int ends[] = {SIGTERM, SIGINT};
    need_process_namespace(*state);
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct program program;
        start_as_first(*state, &example, &program);
        program_await(&program, "refused in ");
        pid_t child = find_child(program.pid);
        assert_true(child > 0);
        assert_int_equal(kill(child, ends[i]), 0);
        program_finish(&program);
        expect_took(&program, 0, AT_ONCE_MS);
        scene_expect_end(*state, &program, 128 + ends[i], REFUSED,
                         WAITING "1 target\nnetcheck: ended by a signal: 0/1 as expected\n");
    }
}

static void test_wait_command_stays_process_1(void **state)
{
    static const struct example example = {
        "process 1",
        ARGS("{netcheck}", "--wait=20", "-q", "{up}", "--", "sh", "-c", "echo $$; exit 7"),
        .out = NULL};
    struct program program;
    need_process_namespace(*state);
    start_as_first(*state, &example, &program);
    scene_expect_end(*state, &program, 7, "1\n", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait_command_runs_soon_after_the_port_opens),
        cmocka_unit_test(test_wait_command_comes_last),
        cmocka_unit_test(test_wait_command_does_not_run_otherwise),
        cmocka_unit_test(test_wait_command_after_rounds_wants_every_row),
        cmocka_unit_test(test_wait_command_status_is_ours),
        cmocka_unit_test(test_wait_command_has_no_descriptor_too_many),
        cmocka_unit_test(test_wait_command_finds_everything_as_it_was),
        cmocka_unit_test(test_wait_command_takes_the_process_over),
        cmocka_unit_test(test_wait_command_as_process_1_a_signal_ends_the_wait),
        cmocka_unit_test(test_wait_command_stays_process_1),
    };
    return cmocka_run_group_tests_name("cli/wait: command", tests, scene_open, scene_release);
}
