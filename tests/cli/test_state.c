/*
 * What a run remembers of the ones before (--state).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

#define STATE "--state", "s", "--on-change"
#define HEAD  "netcheck-state\t1\n"

static void add_time(struct buffer *out, long ago_s)
{
    char text[32];
    time_t at = time(NULL) - ago_s;
    struct tm utc;
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&at, &utc));
    buffer_add_text(out, text);
}

/*
 * The state file as `line` of one target, in which @N@ is the time N seconds ago, or nothing
 * for NULL; the last run was 5 minutes ago.
 */
static void write_state(const struct scene *scene, const char *line)
{
    struct buffer text = BUFFER_EMPTY;
    char *filled = scene_filled(scene, line);
    buffer_add_text(&text, HEAD "run\t");
    add_time(&text, 300);
    buffer_add_text(&text, "\t1\t");
    add_time(&text, 600);
    buffer_add_text(&text, "\n");
    for (const char *at = filled; *at != '\0'; at++) {
        if (*at != '@') {
            buffer_add(&text, at, 1);
            continue;
        }
        char *end = NULL;
        add_time(&text, strtol(at + 1, &end, 10));
        at = end;
    }
    buffer_add_text(&text, "\nend\t1\n");
    folder_write(&scene->folder, "s", text.bytes, text.len);
    buffer_release(&text);
    free(filled);
}

static void read_state(const struct scene *scene, struct buffer *out)
{
    char path[128];
    char piece[4096];
    (void)snprintf(path, sizeof path, "%s/s", scene->folder.path);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    buffer_add(out, piece, fread(piece, 1, sizeof piece, file));
    (void)fclose(file);
}

/* The line of the target, from its state on, without its times. */
static void expect_remembered(const struct scene *scene, const char *label,
                              const char *expected)
{
    struct buffer text = BUFFER_EMPTY;
    struct buffer line = BUFFER_EMPTY;
    read_state(scene, &text);
    const char *at = strstr(buffer_text(&text), "\ttcp\t-\t");
    const char *end = at != NULL ? strchr(at, '\n') : NULL;
    for (at += at != NULL ? strlen("\ttcp\t-\t") : 0; end != NULL && at < end; at++) {
        bool is_time = strncmp(at, "20", 2) == 0;
        buffer_add(&line, is_time ? "T" : *at == '\t' ? " " : at, 1);
        at += is_time ? strlen("2026-11-29T03:05:02Z") - 1 : 0;
    }
    expect_text(label, "state file", buffer_text(&line), expected);
    buffer_release(&line);
    buffer_release(&text);
}

#define UP(rest)          "{up}\ttcp\t-\tup\tconnected\t" rest
#define DOWN(rest)        "{refused}\ttcp\t-\tdown\trefused\t" rest
#define WAS(target, rest) "{" target "}\ttcp\t-\t" rest

static const struct {
    const char *before; /* line of the state file */
    struct example example;
    const char *after;
} rows[] = {
    {UP("@90000@\t-\t-\t0\t-"),
     {"the same", ARGS(STATE, "{up}"), .out = NULL},
     "up connected T - - 0 -"},
    {WAS("refused", "up\tconnected\t@90100@\t-\t-\t0\t-"),
     {"another state", ARGS(STATE, "{refused}"), .status = 1,
      .out = "down   {refused}  {host}  refused in N ms (was up for 1 d 1 h)\n"},
     "down refused T T - 0 -"},
    {WAS("refused", "up\tconnected\t@90100@\t-\t-\t0\t-"),
     {"all rows", ARGS("--state=s", "{refused}"), .status = 1,
      .out = "down   {refused}  {host}  refused in N ms (was up for 1 d 1 h)\n"},
     "down refused T T - 0 -"},
    {WAS("refused", "up\tconnected\t@90100@\t-\t-\t0\t-"),
     {"not confirmed", ARGS(STATE, "--confirm=3", "{refused}"), .status = 1},
     "up connected T - down 1 T"},
    {WAS("refused", "up\tconnected\t@90400@\t-\tdown\t2\t@300@"),
     {"confirmed", ARGS(STATE, "--confirm=3", "{refused}"), .status = 1,
      .out = "down   {refused}  {host}  refused in N ms (was up for 1 d 1 h)\n"},
     "down refused T T - 0 -"},
    {DOWN("@90100@\t@3500@\t-\t0\t-"),
     {"a reminder", ARGS(STATE, "--remind=1h", "{refused}"), .status = 1,
      .out = "down   {refused}  {host}  refused in N ms (still, down for 1 d 1 h)\n"},
     "down refused T T - 0 -"},
    {DOWN("@90100@\t@3400@\t-\t0\t-"),
     {"no reminder yet", ARGS(STATE, "--remind=1h", "{refused}"), .status = 1},
     "down refused T T - 0 -"},
    {UP("@90100@\t-\t-\t0\t-"),
     {"another expectation", ARGS(STATE, "!{up}"), .status = 1,
      .out = "up     {up}  {host}  N ms (expected down) (new, up for 1 d 1 h)\n"},
     "up connected T T - 0 - - down"},
    {WAS("up", "error\tlocal\t@7300@\t@7300@\t-\t0\t-\tup"),
     {"after an error local", ARGS(STATE, "{up}"),
      .out = "up     {up}  {host}  N ms (unknown for 2 h 1 min, up before)\n"},
     "up connected T T - 0 -"},
    {WAS("up", "error\tlocal\t@-90000@\t-\t-\t0\t-\tup"),
     {"the clock was set back", ARGS(STATE, "{up}"),
      .out = "up     {up}  {host}  N ms (unknown, up before)\n"},
     "up connected T T - 0 -"},
    {WAS("refused", "up\tconnected\t@90100@\t-\t-\t0\t-"),
     {"-q", ARGS(STATE, "-q", "{refused}"), .status = 1},
     "down refused T - - 0 - - - - up T T - -"},
    {WAS("refused", "up\tconnected\t@90100@\t-\t-\t0\t-"),
     {"--only", ARGS(STATE, "--only=up", "{refused}"), .status = 1},
     "down refused T - - 0 - - - - up T T - -"},
    {WAS("up", "down\trefused\t@90100@\t@90100@\t-\t0\t-"),
     {"a recovery and -q", ARGS(STATE, "-q", "{up}"), .out = NULL},
     "up connected T - - 0 - - - - down T T T -"},
    {WAS("up", "up\tconnected\t@3500@\t-\t-\t0\t-\t-\t-\t-\tdown\t@93500@\t@3500@\t@93500@"
               "\t-"),
     {"a recovery that was not told", ARGS(STATE, "{up}"),
      .out = "up     {up}  {host}  N ms (was down for 1 d 1 h)\n"},
     "up connected T T - 0 -"},
    {WAS("up", "up\tconnected\t@3500@\t-\t-\t0\t-\t-\t-\t-\terror\t@10700@\t@3500@\t-\tup"),
     {"the end of an error local that was not told", ARGS(STATE, "{up}"),
      .out = "up     {up}  {host}  N ms (unknown for 2 h, up before)\n"},
     "up connected T T - 0 -"},
    {WAS("refused", "down\trefused\t@300@\t-\t-\t0\t-\t-\t-\t-\tup\t@90300@\t@300@\t-\t-"),
     {"a change that was not told", ARGS(STATE, "{refused}"), .status = 1,
      .out = "down   {refused}  {host}  refused in N ms (was up for 1 d 1 h)\n"},
     "down refused T T - 0 -"},
    {DOWN("@90100@\t-\t-\t0\t-"),
     {"what was not told", ARGS(STATE, "{refused}"), .status = 1,
      .out = "down   {refused}  {host}  refused in N ms (new, down for 1 d 1 h)\n"},
     "down refused T T - 0 -"},
    {"db:1\ttcp\t-\tup\tconnected\t@90100@\t-\t-\t0\t-",
     {"another list", ARGS(STATE, "{refused}"), .status = 1,
      .out = "down   {refused}  {host}  refused in N ms (new)\n"},
     "down refused T T - 0 -"},
    {UP("@90100@\t-\t-\t0\t-"),
     {"twice", ARGS(STATE, "-v", "--only=down", "{up}", "{up}"), .out = NULL, .err = "*"},
     "up connected T - - 0 -"},
    {UP("@90100@\t-\t-\t0\t-"),
     {"an invalid line", ARGS(STATE, "{up}", "-f", "-"), .input = "what\n", .status = 2,
      .out =
          "error  what  -  invalid: no port for 'what' (-:1:1): write what:PORT, what PORT, -p "
          "PORT, or icmp://what\n"},
     "up connected T - - 0 -"},
};

static void test_state_says_what_is_news(void **state)
{
    const struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct program program;
        bool has_notes = rows[i].example.err != NULL;
        write_state(scene, rows[i].before);
        if (has_notes) {
            scene_start_example(scene, &rows[i].example, NULL, &program);
            program_finish(&program);
            assert_non_null(strstr(buffer_text(&program.err),
                                   " is there more than once: the worst of its rows is "
                                   "remembered\n"));
            program_release(&program);
        } else {
            scene_expect(scene, &rows[i].example, NULL);
        }
        expect_remembered(scene, rows[i].example.label, rows[i].after);
    }
}

/* It says how things are, and not what is news. */
static void test_state_rows_are_told_and_documents_tell_nothing(void **state)
{
    static const struct {
        const char *format;
        const char *after;
    } formats[] = {
        {"text", "down refused T T - 0 -"},
        {"json", "down refused T T - 0 -"},
        {"csv", "down refused T T - 0 -"},
        {"html", "down refused T - - 0 - - - - up T T - -"},
        {"junit", "down refused T - - 0 - - - - up T T - -"},
        {"nagios", "down refused T - - 0 - - - - up T T - -"},
        {"prometheus", "down refused T - - 0 - - - - up T T - -"},
    };
    const struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        struct program program;
        const char *format = formats[i].format;
        struct launch launch = {.label = format,
                                .arguments =
                                    WORDS("--state=s", "--format", format, "{refused}"),
                                .out = STREAM_NULL};
        write_state(scene, WAS("refused", "up\tconnected\t@90100@\t-\t-\t0\t-"));
        scene_start(scene, &launch, &program);
        program_finish(&program);
        program_release(&program);
        expect_remembered(scene, format, formats[i].after);
    }
}

/* Up, down, up, as cron would ask: two mails. */
static void test_state_service_that_restarts_is_two_pieces_of_news(void **state)
{
    struct scene *scene = *state;
    static const struct example nothing = {"nothing", ARGS(STATE, "{late}"), .out = NULL};
    static const struct example down = {"down", ARGS(STATE, "-j", "{late}"), .status = 1};
    folder_write(&scene->folder, "s", "", 0);
    peer_listen(&scene->late, scene->up.host);
    scene_expect(scene, &nothing, NULL);
    scene_expect(scene, &nothing, NULL);
    peer_close(&scene->late);
    struct program program;
    scene_start_example(scene, &down, NULL, &program);
    program_finish(&program);
    const char *row = buffer_text(&program.out);
    assert_non_null(strstr(row, "\"previous_state\":\"up\",\"previous_ms\":"));
    assert_non_null(strstr(row, "\"change\":\"changed\"}\n"));
    program_release(&program);
    scene_expect(scene, &(struct example){"down", ARGS(STATE, "{late}"), .status = 1}, NULL);
    peer_open(&scene->late);
    scene_start_example(scene, &nothing, NULL, &program);
    program_finish(&program);
    assert_non_null(strstr(buffer_text(&program.out), "(was down"));
    program_release(&program);
    scene_expect(scene, &nothing, NULL);
    peer_release(&scene->late);
}

static const struct {
    const char *label;
    const char *text; /* of the file s */
    const char *path; /* that is given; NULL: s */
    const char *message;
} refusals[] = {
    {"a list", "{up}\n", NULL,
     "state file 's' is no state file of netcheck: write another path"},
    {"a newer version", "netcheck-state\t2\nend\t0\n", NULL,
     "state file 's' was written by a newer netcheck: use that one"},
    {"cut short", HEAD, NULL, "state file 's' is cut short: move it away to begin anew"},
    {"a bad line", HEAD "x\nend\t0\n", NULL,
     "state file 's': line 2 is not as it should be: mend it, or move the file away to begin "
     "anew"},
    {"no folder", "", "no/where/s",
     "cannot open state file 'no/where/s': No such file or directory: mkdir -p 'no/where'"},
    {"a folder", "", ".", "cannot open state file '.': Is a directory"},
    {"a device", "", "/dev/null",
     "state file '/dev/null' is no regular file: write another path"},
};

static void test_state_file_that_cannot_be_used_stays_as_it_is(void **state)
{
    const struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        struct buffer message = BUFFER_EMPTY;
        struct buffer text = BUFFER_EMPTY;
        char *before = scene_filled(scene, refusals[i].text);
        const char *path = refusals[i].path != NULL ? refusals[i].path : "s";
        buffer_add_format(&message, "netcheck: %s\n", refusals[i].message);
        folder_write(&scene->folder, "s", before, strlen(before));
        scene_expect(scene,
                     &(struct example){refusals[i].label, ARGS("--state", path, "{up}"),
                                       .err = buffer_text(&message), .status = 2},
                     NULL);
        read_state(scene, &text);
        expect_text(refusals[i].label, "state file", buffer_text(&text), before);
        buffer_release(&text);
        buffer_release(&message);
        free(before);
    }
    folder_write(&scene->folder, "s", "", 0);
    scene_expect(scene,
                 &(struct example){"the same as -o", ARGS("--state", "s", "-o", "./s", "{up}"),
                                   .err = "netcheck: -o and --state would write one file: "
                                          "write another path for one\n",
                                   .status = 2},
                 NULL);
}

static void take_stream(void *detail)
{
    int file = open("s", O_RDWR);
    if (file < 0 || dup2(file, *(const int *)detail) < 0)
        _exit(EXIT_FAILURE);
    (void)close(file);
}

/* What is replaced would lose what is read from it, or told there; a list that is empty for
   once would become a state file. */
static void test_state_file_is_no_other_file_of_the_run(void **state)
{
    static const struct {
        struct example example; /* its texts are in the file where it is a stream's */
        const char *why;
        int fd;
    } cases[] = {
        {{"rows", ARGS(STATE, "{up}"), .status = 2},
         "netcheck: standard output and --state would write one file: write another path\n",
         STDOUT_FILENO},
        {{"notes", ARGS(STATE, "{up}"), .status = 2},
         "netcheck: standard error and --state would write one file: write another path\n",
         STDERR_FILENO},
        {{"list", ARGS(STATE, "-f./s"), .status = 2},
         "netcheck: targets are read from the file of --state: write another path\n",
         STDIN_FILENO},
        {{"list, standard input", ARGS(STATE, "-f-"), .status = 2},
         "netcheck: targets are read from the file of --state: write another path\n",
         STDIN_FILENO},
        {{"list of exclusions", ARGS(STATE, "--exclude-file=s", "{up}"), .status = 2},
         "netcheck: --exclude-file and --state have one file: write another path\n",
         STDIN_FILENO},
        {{"not read", ARGS(STATE, "{up}"), .status = 0}, "", STDIN_FILENO},
    };
    const struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int fd = cases[i].fd;
        struct program program;
        const struct launch like = {.prepare = take_stream, .detail = &fd};
        folder_write(&scene->folder, "s", "", 0);
        scene_start_example(scene, &cases[i].example, &like, &program);
        program_finish(&program);
        if (fd == STDERR_FILENO)
            read_state(scene, &program.err);
        expect_number(cases[i].example.label, "status", program.status,
                      cases[i].example.status);
        expect_text(cases[i].example.label, "told", buffer_text(&program.err), cases[i].why);
        program_release(&program);
    }
}

static bool has_file(const struct scene *scene, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", scene->folder.path, name);
    return access(path, F_OK) == 0;
}

/* Nothing was asked: a state file that was not there is not there, and nothing else is. */
static void test_state_file_of_a_refused_run_is_not_made(void **state)
{
    static const struct example examples[] = {
        {"-o", ARGS("--state=new", "--format=html", "-o", "no/where", "{up}"), .out = NULL},
        {"the second -o",
         ARGS("--state=new", "--format=html", "-o", "page", "-o", "no/where", "{up}"),
         .out = NULL},
        {"-o to the same", ARGS("--state=new", "--format=html", "-o", "new", "{up}"),
         .out = NULL},
        {"-o to its temporary file",
         ARGS("--state=new", "--format=html", "-o", ".new.new", "{up}"), .out = NULL},
        {"a list", ARGS("--state=new", "-f", "no/where"), .out = NULL},
        {"excluded", ARGS("--state=new", "--exclude-file=no/where", "{up}"), .out = NULL},
        {"a gate", ARGS("--state=new", "--gate=:", "{up}"), .out = NULL},
        {"an interface",
         ARGS("--state=new", "--format=html", "-o", "page", "-I", "nosuch0", "{up}"),
         .out = NULL},
        {"a target", ARGS("--state=new", "--format=html", "-o", "page", "{host}:x"),
         .out = NULL},
        {"its own folder", ARGS("--state=new/", "{up}"), .out = NULL},
    };
    const struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        struct program program;
        scene_start_example(scene, &examples[i], NULL, &program);
        program_finish(&program);
        expect_number(examples[i].label, "status", program.status, 2);
        expect_number(examples[i].label, "state file", has_file(scene, "new"), false);
        expect_number(examples[i].label, "its temporary file", has_file(scene, ".new.new"),
                      false);
        expect_number(examples[i].label, "output", has_file(scene, "page"), false);
        program_release(&program);
    }
}

static void refuse_files(void *detail)
{
    const struct rlimit none = {0, 0};
    (void)detail;
    (void)sigaction(SIGXFSZ, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    (void)setrlimit(RLIMIT_FSIZE, &none);
}

/* What could not be printed was not told; and what could not be kept is said. */
static void test_state_of_a_run_that_failed_is_the_one_before(void **state)
{
    const struct scene *scene = *state;
    static const struct {
        const char *label;
        struct launch launch;
        const char *err;
    } cases[] = {
        {"a full disk of the rows",
         {.out = STREAM_FULL},
         "cannot write rows to standard output"},
        {"a reader that is gone", {.out = STREAM_BROKEN}, ""},
        {"a full disk of the state",
         {.prepare = refuse_files},
         "netcheck: cannot write state file 's': File too large\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct program program;
        static const struct example example = {NULL, ARGS(STATE, "{refused}"), .status = 2};
        write_state(scene, WAS("refused", "up\tconnected\t@90100@\t-\t-\t0\t-"));
        scene_start_example(scene, &example, &cases[i].launch, &program);
        program_finish(&program);
        expect_number(cases[i].label, "status", program.status, 2);
        if (i != 0)
            watch_expect_part(cases[i].label, "standard error", &program.err, cases[i].err);
        program_release(&program);
        expect_remembered(scene, cases[i].label, "up connected T - - 0 -");
    }
}

static void test_state_of_a_run_that_a_signal_ended_is_the_one_before(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "a signal",
                            .arguments = WORDS(STATE, "-t20", "{refused}", "{silent}")};
    write_state(scene, WAS("refused", "up\tconnected\t@90100@\t-\t-\t0\t-"));
    scene_start(scene, &launch, &program);
    program_await(&program, "(was up for ");
    watch_signal(&program, SIGTERM);
    program_finish(&program);
    program_release(&program);
    expect_remembered(scene, "a signal", "up connected T - - 0 -");
}

/* The one that asks in rounds remembers each, and its end; meanwhile no other one runs. */
static void test_state_in_rounds_is_kept_and_locked(void **state)
{
    struct scene *scene = *state;
    struct program program;
    struct buffer message = BUFFER_EMPTY;
    struct launch launch = {.label = "rounds",
                            .arguments = WORDS(STATE, "-i50ms", "-t1", "{late}")};
    folder_write(&scene->folder, "s", "", 0);
    peer_refuse(&scene->late, scene->up.host);
    scene_start(scene, &launch, &program);
    program_await(&program, "refused in ");
    buffer_add_format(&message,
                      "netcheck: state file 's' is in use by another run (process %lld): "
                      "nothing was asked\n",
                      (long long)program.pid);
    scene_expect(scene,
                 &(struct example){"another run", ARGS("--state", "s", "{up}"),
                                   .err = buffer_text(&message), .status = 2},
                 NULL);
    peer_open(&scene->late);
    program_await(&program, "(was down");
    watch_signal(&program, SIGTERM);
    program_finish(&program);
    expect_number("rounds", "rows", (int64_t)text_count_lines(&program.out), 2);
    expect_remembered(scene, "rounds", "up connected T T - 0 -");
    peer_release(&scene->late);
    program_release(&program);
    buffer_release(&message);
}

/* Rounds in which a gate was all that was asked are none of the others'. */
static void test_state_in_rounds_has_what_a_gate_held_back(void **state)
{
    struct scene *scene = *state;
    struct program program;
    struct buffer text = BUFFER_EMPTY;
    char *known = scene_filled(scene, "\n{refused}\ttcp\t-\tdown\t");
    struct launch launch = {
        .label = "gate",
        .arguments = WORDS("--state=s", "-i50ms", "-t1", "--gate={late}", "{refused}", "{up}")};
    write_state(scene, DOWN("@90000@\t@90000@\t-\t0\t-"));
    peer_refuse(&scene->late, scene->up.host);
    scene_start(scene, &launch, &program);
    program_await(&program, "seq=3 ");
    peer_open(&scene->late);
    program_await(&program, scene->up.target); /* behind the other one */
    watch_signal(&program, SIGTERM);
    program_finish(&program);
    read_state(scene, &text);
    watch_expect_part("gate", "state file", &text, known);
    expect_number("gate", "new", (int64_t)watch_count(&program.out, "new"), 1); /* the gate */
    peer_release(&scene->late);
    scene->late = (struct peer){.fd = -1};
    program_release(&program);
    buffer_release(&text);
    free(known);
}

/* A full disk that stays full is told once, and no end of rounds that go on. */
static void test_state_in_rounds_that_cannot_be_written_is_told_once(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "a full disk",
                            .prepare = refuse_files,
                            .arguments = WORDS("--state=s", "-c23", "-i100ms", "{refused}")};
    folder_write(&scene->folder, "s", "", 0);
    scene_start(scene, &launch, &program);
    program_finish(&program);
    expect_number("a full disk", "status", program.status, 2);
    expect_number("a full disk", "told", (int64_t)watch_count(&program.err, "cannot write"), 1);
    expect_number("a full disk", "rows", (int64_t)text_count_lines(&program.out), 23);
    program_release(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state_says_what_is_news),
        cmocka_unit_test(test_state_rows_are_told_and_documents_tell_nothing),
        cmocka_unit_test(test_state_service_that_restarts_is_two_pieces_of_news),
        cmocka_unit_test(test_state_file_that_cannot_be_used_stays_as_it_is),
        cmocka_unit_test(test_state_file_is_no_other_file_of_the_run),
        cmocka_unit_test(test_state_file_of_a_refused_run_is_not_made),
        cmocka_unit_test(test_state_of_a_run_that_failed_is_the_one_before),
        cmocka_unit_test(test_state_of_a_run_that_a_signal_ended_is_the_one_before),
        cmocka_unit_test(test_state_in_rounds_is_kept_and_locked),
        cmocka_unit_test(test_state_in_rounds_has_what_a_gate_held_back),
        cmocka_unit_test(test_state_in_rounds_that_cannot_be_written_is_told_once),
    };
    return cmocka_run_group_tests(tests, scene_open, scene_release);
}
