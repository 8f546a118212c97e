#define _XOPEN_SOURCE 700 /* posix_openpt */

#include "harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "netcheck/base/base.h"
#include "text.h"

enum {
    FIRST_OWN_FD = 10,    /* ours stay clear of the child's 0, 1 and 2 */
    LAST_CLOSED_FD = 256, /* of those that the child may inherit */
    CHUNK_SIZE = 65536,
    NOT_STARTED = 127,
    SHOWN_LEN = 600, /* bytes of a text in a failure message */
    PATH_SIZE = 4096,
};

int64_t harness_now_ns(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail */
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

bool harness_pause(int64_t deadline_ns)
{
    (void)poll(NULL, 0, POLL_MS); /* shortened by a signal, it is only a shorter pause */
    return harness_now_ns() < deadline_ns;
}

static const char *label_of(const struct launch *launch)
{
    return launch->label != NULL          ? launch->label
           : launch->arguments[0] != NULL ? launch->arguments[0]
                                          : "no arguments";
}

/* Both ends, or one descriptor twice. */
struct ends {
    int own;   /* the test's; -1: none */
    int child; /* -1: closed */
};

static int lift(int fd)
{
    assert_true(fd >= 0);
    int lifted = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_OWN_FD);
    assert_true(lifted >= 0);
    (void)close(fd); /* the copy stays */
    return lifted;
}

static void open_pipe(struct ends *ends, bool is_input)
{
    int pair[2];
    assert_int_equal(pipe(pair), 0);
    ends->own = lift(pair[is_input ? 1 : 0]);
    ends->child = lift(pair[is_input ? 0 : 1]);
    assert_int_equal(fcntl(ends->own, F_SETFL, O_NONBLOCK), 0);
}

static void open_terminal(struct ends *ends)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0);
    assert_int_equal(grantpt(master), 0);
    assert_int_equal(unlockpt(master), 0);
    ends->child = lift(open(ptsname(master), O_RDWR | O_NOCTTY));
    ends->own = lift(master);
    struct termios mode;
    assert_int_equal(tcgetattr(ends->child, &mode), 0);
    mode.c_oflag &= ~(tcflag_t)OPOST; /* bytes arrive as they were written */
    assert_int_equal(tcsetattr(ends->child, TCSANOW, &mode), 0);
    assert_int_equal(fcntl(ends->own, F_SETFL, O_NONBLOCK), 0);
}

static void open_stream(struct ends *ends, enum stream stream, bool is_input)
{
    *ends = (struct ends){-1, -1};
    switch (stream) {
    case STREAM_PIPE:
        open_pipe(ends, is_input);
        break;
    case STREAM_NULL:
        ends->child = lift(open("/dev/null", O_RDWR));
        break;
    case STREAM_FULL:
        ends->child = lift(open("/dev/full", O_RDWR));
        break;
    case STREAM_BROKEN:
        open_pipe(ends, is_input);
        (void)close(ends->own); /* that is the point */
        ends->own = -1;
        break;
    case STREAM_TERMINAL:
        open_terminal(ends);
        break;
    case STREAM_CLOSED:
        break;
    }
}

/* The rest runs in the child: no assert, only _exit. */
static void refuse_start(const char *what)
{
    (void)dprintf(2, "harness: %s: %s\n", what, strerror(errno));
    _exit(NOT_STARTED);
}

/* Of a process's life; one that has ended is still known until it is waited for. */
static int64_t starved_ns(pid_t pid)
{
    char path[64];
    long long waited_ns = 0;
    (void)snprintf(path, sizeof path, "/proc/%ld/schedstat", (long)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*d %lld", &waited_ns) != 1)
        waited_ns = 0;
    (void)fclose(file); /* it was only read */
    return waited_ns;
}

static void set_environment(const char *const *settings)
{
    (void)unsetenv("NO_COLOR"); /* cannot fail with such a name */
    for (; settings != NULL && *settings != NULL; settings++) {
        char name[64];
        size_t len = strcspn(*settings, "=");
        if (len >= sizeof name)
            _exit(NOT_STARTED);
        memcpy(name, *settings, len);
        name[len] = '\0';
        bool is_set = (*settings)[len] == '=';
        if ((is_set ? setenv(name, *settings + len + 1, 1) : unsetenv(name)) != 0)
            refuse_start("setenv");
    }
}

/* Whoever started the tests may ignore some: a shell does in its background jobs. */
static void restore_signals(void)
{
    static const int numbers[] = {SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGPIPE};
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (sigaction(numbers[i], &standard, NULL) != 0)
            refuse_start("sigaction");
}

static void place_streams(const struct ends ends[3])
{
    for (int fd = 0; fd < 3; fd++) {
        if (ends[fd].child < 0)
            (void)close(fd); /* it may be closed already */
        else if (dup2(ends[fd].child, fd) != fd)
            _exit(NOT_STARTED);
    }
    for (int fd = 3; fd < LAST_CLOSED_FD; fd++)
        (void)close(fd); /* most of them were never open */
}

static void become_program(const struct launch *launch, const char *path,
                           const struct ends ends[3])
{
    size_t count = 0;
    while (launch->arguments[count] != NULL)
        count++;
    char **arguments = calloc(count + 2, sizeof *arguments);
    if (arguments == NULL)
        _exit(NOT_STARTED);
    arguments[0] = strdup("netcheck");
    for (size_t i = 0; i < count; i++)
        arguments[i + 1] = strdup(launch->arguments[i]);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that is killed leaves nothing behind */
    (void)setpgid(0, 0);                    /* so that its children can be killed with it */
    set_environment(launch->settings);
    if (launch->folder != NULL && chdir(launch->folder) != 0)
        refuse_start(launch->folder);
    restore_signals();
    place_streams(ends);
    if (launch->prepare != NULL)
        launch->prepare(launch->detail);
    (void)execv(path, arguments);
    refuse_start(path);
}

static void find_program(char path[PATH_SIZE])
{
    const char *written = getenv("NETCHECK");
    char *found = realpath(written != NULL ? written : "./netcheck", NULL);
    if (found == NULL || strlen(found) >= PATH_SIZE || access(found, X_OK) != 0)
        fail_msg("no program to test: NETCHECK is '%s'", written != NULL ? written : "unset");
    (void)snprintf(path, PATH_SIZE, "%s", found);
    free(found);
}

void program_start(struct program *program, const struct launch *launch)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    assert_int_equal(sigaction(SIGPIPE, &ignore, NULL), 0); /* it may end unread */
    *program = (struct program){.launch = *launch, .fds = {-1, -1, -1}};
    const enum stream streams[3] = {launch->in, launch->out, launch->err};
    char path[PATH_SIZE];
    struct ends ends[3];
    find_program(path);
    for (int fd = 0; fd < 3; fd++) {
        open_stream(&ends[fd], streams[fd], fd == 0);
        program->fds[fd] = ends[fd].own;
    }
    if (launch->input != NULL)
        buffer_add(&program->input, launch->input,
                   launch->input_len > 0 ? launch->input_len : strlen(launch->input));
    int64_t starved_before_ns = starved_ns(getpid());
    program->started_ns = harness_now_ns();
    program->pid = fork();
    assert_true(program->pid >= 0);
    if (program->pid == 0)
        become_program(launch, path, ends);
    for (int fd = 0; fd < 3; fd++)
        if (ends[fd].child >= 0)
            (void)close(ends[fd].child); /* the program has its own copy */
    program->starved_ago_ns = starved_ns(getpid());
    program->late_start_ns = program->starved_ago_ns - starved_before_ns;
}

int64_t program_starved_ns(const struct program *program)
{
    int64_t late_end_ns = starved_ns(getpid()) - program->starved_ago_ns;
    return program->late_start_ns + starved_ns(program->pid) + late_end_ns;
}

static void close_end(struct program *program, int which)
{
    if (program->fds[which] >= 0)
        (void)close(program->fds[which]); /* all was read or written */
    program->fds[which] = -1;
}

void program_feed(struct program *program, const char *text)
{
    buffer_add_text(&program->input, text);
}

void program_end_input(struct program *program)
{
    program->launch.is_fed = false;
}

static void write_input(struct program *program)
{
    size_t left = program->input.len - program->fed;
    ssize_t count = 0;
    if (left > 0)
        count = write(program->fds[0], program->input.bytes + program->fed, left);
    if (count > 0)
        program->fed += (size_t)count;
    bool is_gone = count < 0 && errno != EAGAIN && errno != EINTR;
    if (is_gone || (program->fed == program->input.len && !program->launch.is_fed))
        close_end(program, 0);
}

static void read_output(struct program *program, int which, struct buffer *out)
{
    char chunk[CHUNK_SIZE];
    ssize_t count = read(program->fds[which], chunk, sizeof chunk);
    if (count > 0)
        buffer_add(out, chunk, (size_t)count);
    else if (count == 0 || (errno != EAGAIN && errno != EINTR)) /* EIO: end of a terminal */
        close_end(program, which);
}

static void move_bytes(struct program *program, int wait_ms)
{
    bool has_input =
        program->input.len > program->fed || (!program->launch.is_fed && program->pid != 0);
    struct pollfd polled[3] = {
        {.fd = has_input ? program->fds[0] : -1, .events = POLLOUT},
        {.fd = program->is_paused ? -1 : program->fds[1], .events = POLLIN},
        {.fd = program->fds[2], .events = POLLIN},
    };
    if (poll(polled, ARRAY_LEN(polled), wait_ms) <= 0)
        return;
    if (polled[0].revents != 0)
        write_input(program);
    if (polled[1].revents != 0)
        read_output(program, 1, &program->out);
    if (polled[2].revents != 0)
        read_output(program, 2, &program->err);
}

static void note_end(struct program *program)
{
    int status = 0;
    siginfo_t end = {.si_pid = 0};
    assert_int_equal(waitid(P_PID, (id_t)program->pid, &end, WEXITED | WNOHANG | WNOWAIT), 0);
    if (end.si_pid == 0) {
        program->starved_ago_ns = starved_ns(getpid());
        return;
    }
    program->elapsed_ns = harness_now_ns() - program->started_ns;
    program->starved_ns = program_starved_ns(program);
    assert_true(waitpid(program->pid, &status, 0) == program->pid);
    program->status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    program->pid = 0;
}

static int64_t deadline_of(const struct program *program)
{
    int limit_ms = program->launch.limit_ms > 0 ? program->launch.limit_ms : LIMIT_MS;
    return program->started_ns + limit_ms * NS_PER_MS;
}

/* Its group too: what it started must not outlive the test. */
static void kill_program(struct program *program)
{
    if (program->pid == 0)
        return;
    (void)kill(-program->pid, SIGKILL);
    (void)kill(program->pid, SIGKILL); /* where it has no group yet */
    (void)waitpid(program->pid, NULL, 0);
    program->pid = 0;
}

static void check_limit(struct program *program, const char *waiting_for)
{
    if (harness_now_ns() < deadline_of(program))
        return;
    kill_program(program);
    expect_text(label_of(&program->launch), "standard output when it was killed",
                buffer_text(&program->out), waiting_for);
    fail_msg("%s: killed, it had not ended in time", label_of(&program->launch));
}

bool program_turn(struct program *program, int wait_ms)
{
    if (program->pid == 0)
        return false;
    note_end(program); /* before the last bytes are read: it may write some and end at once */
    move_bytes(program, wait_ms < POLL_MS ? wait_ms : POLL_MS);
    return program->pid != 0;
}

void program_await(struct program *program, const char *text)
{
    while (strstr(buffer_text(&program->out), text) == NULL) {
        if (!program_turn(program, POLL_MS))
            expect_text(label_of(&program->launch), "standard output at its end",
                        buffer_text(&program->out), text);
        check_limit(program, text);
    }
}

void program_finish(struct program *program)
{
    while (program_turn(program, POLL_MS))
        check_limit(program, "its end");
    close_end(program, 0);
    while (program->fds[1] >= 0 || program->fds[2] >= 0) {
        move_bytes(program, POLL_MS);
        if (harness_now_ns() >= deadline_of(program))
            fail_msg("%s: ended, but something keeps its output open",
                     label_of(&program->launch));
    }
    assert_false(program->out.has_failed || program->err.has_failed ||
                 program->input.has_failed);
}

void program_run(struct program *program, const struct launch *launch)
{
    program_start(program, launch);
    program_finish(program);
}

void program_release(struct program *program)
{
    kill_program(program);
    for (int fd = 0; fd < 3; fd++)
        close_end(program, fd);
    buffer_release(&program->input);
    buffer_release(&program->out);
    buffer_release(&program->err);
}

/* From the line of the first difference on, and not too much of it. */
static void show_text(const char *name, const char *text, size_t at)
{
    size_t start = at < strlen(text) ? at : strlen(text);
    while (start > 0 && text[start - 1] != '\n')
        start--;
    (void)fprintf(stderr, "%s, from byte %zu:\n<<<%.*s>>>\n", name, start, SHOWN_LEN,
                  text + start);
}

void expect_text(const char *label, const char *what, const char *actual, const char *expected)
{
    size_t at = 0;
    while (actual[at] == expected[at] && actual[at] != '\0')
        at++;
    if (actual[at] == expected[at])
        return;
    show_text(what, actual, at);
    show_text("expected", expected, at);
    fail_msg("%s: %s is not as expected", label, what);
}

void expect_number(const char *label, const char *what, int64_t actual, int64_t expected)
{
    if (actual != expected)
        fail_msg("%s: %s is %lld, expected %lld", label, what, (long long)actual,
                 (long long)expected);
}

void expect_elapsed(const char *label, int64_t elapsed_ns, int least_ms, int most_ms)
{
    if (elapsed_ns < least_ms * NS_PER_MS || elapsed_ns > most_ms * NS_PER_MS)
        fail_msg("%s: took %lld us, expected %d-%d ms", label,
                 (long long)(elapsed_ns / NS_PER_US), least_ms, most_ms);
}

void expect_took(const struct program *program, int least_ms, int most_ms)
{
    int64_t own_ns = program->elapsed_ns - program->starved_ns;
    bool is_late = !IS_SANITIZED && own_ns > most_ms * NS_PER_MS;
    if (program->elapsed_ns < least_ms * NS_PER_MS || is_late)
        fail_msg("%s: took %lld us, %lld of it starved, expected %d-%d ms",
                 label_of(&program->launch), (long long)(program->elapsed_ns / NS_PER_US),
                 (long long)(program->starved_ns / NS_PER_US), least_ms, most_ms);
}

void expect_run(const struct launch *launch, int status, const char *out, const char *err)
{
    struct program program;
    const char *label = label_of(launch);
    program_run(&program, launch);
    text_hide_latencies(&program.out);
    text_hide_latencies(&program.err);
    expect_text(label, "standard error", buffer_text(&program.err), err);
    expect_text(label, "standard output", buffer_text(&program.out), out);
    expect_number(label, "exit status", program.status, status);
    if (launch->most_ms > 0)
        expect_took(&program, launch->least_ms, launch->most_ms);
    expect_number(label, "length without NUL", (int64_t)strlen(buffer_text(&program.out)),
                  (int64_t)program.out.len);
    program_release(&program);
}

void folder_open(struct folder *folder)
{
    (void)snprintf(folder->path, sizeof folder->path, "/tmp/netcheck-cli-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
}

static void path_in(const struct folder *folder, const char *name, char path[PATH_SIZE])
{
    int len = snprintf(path, PATH_SIZE, "%s/%s", folder->path, name);
    assert_true(len > 0 && len < PATH_SIZE);
}

void folder_write(const struct folder *folder, const char *name, const char *bytes, size_t len)
{
    char path[PATH_SIZE];
    path_in(folder, name, path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fwrite(bytes, 1, len, file) == len);
    assert_int_equal(fclose(file), 0);
}

void folder_release(struct folder *folder)
{
    DIR *listing = opendir(folder->path);
    assert_non_null(listing);
    for (struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
        char path[PATH_SIZE];
        path_in(folder, entry->d_name, path);
        if (entry->d_name[0] != '.')
            assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(closedir(listing), 0);
    assert_int_equal(rmdir(folder->path), 0);
}
