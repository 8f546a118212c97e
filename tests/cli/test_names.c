/*
 * Names of the program itself: whose address is asked, how long a resolver may take, and what
 * COMMAND sees of that.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dns.h"
#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

enum {
    PATIENCE_MS = 4000, /* far less than the timeout of 5 s, on a busy machine too */
    LIMITED_NAMES = 5,
    HANDFUL = 3, /* questions for a name */
    NOT_POSSIBLE = 125,
    SOON_MS = 10000, /* half of the wait; it takes 0.2 to 0.7 s */
};

#ifdef __SANITIZE_THREAD__
enum { HUNG_NAMES = 200 }; /* it makes threads so slow that 650 do not begin in time */
#else
enum { HUNG_NAMES = 650 };
#endif

#define NAME "ext.example.com:{late.port}"

struct stage {
    struct scene *scene;
    struct dns dns;
    rlim_t tasks; /* processes and threads that the program may be; 0: any number */
    struct program program;
};

static void stage_open(struct stage *stage, void **state, const char *conf)
{
    stage->scene = *state;
    stage->tasks = 0;
    dns_open(&stage->dns, stage->scene->up.host, &stage->scene->folder);
    stage->dns.answer = DNS_ADDRESS;
    dns_configure(&stage->dns, conf);
    peer_refuse(&stage->scene->late, stage->scene->up.host);
}

/* In the child: root has no limit, and this user has no other process. */
static void limit_tasks(rlim_t tasks)
{
    struct rlimit limit = {tasks, tasks};
    uid_t user = 100000 + (uid_t)getpid();
    if (setrlimit(RLIMIT_NPROC, &limit) != 0 || setgid(user) != 0 || setuid(user) != 0)
        _exit(NOT_POSSIBLE);
}

static void stage_prepare(void *detail)
{
    struct stage *stage = detail;
    dns_prepare(&stage->dns);
    if (stage->tasks > 0)
        limit_tasks(stage->tasks);
}

/* Whether a child can be limited, and then still gets at what the program needs. */
static bool can_limit(struct stage *stage)
{
    const char *path = getenv("NETCHECK");
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        stage->tasks = 1;
        stage_prepare(stage);
        bool has_files = access(path != NULL ? path : "./netcheck", X_OK) == 0 &&
                         access("/etc/resolv.conf", R_OK) == 0;
        _exit(has_files && fork() < 0 ? 0 : NOT_POSSIBLE);
    }
    assert_true(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void stage_run(struct stage *stage, const struct example *example,
                      const char *const *settings)
{
    struct launch launch = {.label = example->label,
                            .arguments = example->words,
                            .settings = settings,
                            .prepare = stage_prepare,
                            .detail = stage};
    scene_start(stage->scene, &launch, &stage->program);
    dns_finish(&stage->dns, &stage->program);
}

static void stage_release(struct stage *stage)
{
    program_release(&stage->program);
    peer_release(&stage->scene->late);
    dns_release(&stage->dns);
}

/* Each family for itself would be found in two places: IPv6 by way of the search list. */
static void test_names_wildcard_of_the_search_list_is_another_machine(void **state)
{
    static const struct example examples[] = {
        {"asked", {NAME}, "down   " NAME "  {host}  refused in N\n", NULL, 1, NULL},
        {"expected down",
         {"!ext.example.com:{late.port}"},
         "down   " NAME "  {host}  refused in N (as expected)\n",
         NULL,
         0,
         NULL},
        {"-A", {"-A", NAME}, "down   " NAME "  {host}  refused in N\n", NULL, 1, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        struct stage stage;
        stage_open(&stage, state, "search corp.example\nnameserver %s\n");
        stage.dns.wild = ".corp.example";
        stage_run(&stage, &examples[i], NULL);
        scene_expect_end(stage.scene, &stage.program, examples[i].status, examples[i].out,
                         examples[i].err);
        peer_release(&stage.scene->late);
        dns_release(&stage.dns);
    }
}

/* With IPv6 alone it is the search list's machine, and that is said. */
static void test_names_completed_name_is_told(void **state)
{
    static const struct example examples[] = {
        {"-v", {"-6", "-v", "ext:{late.port}"}, .out = ", as ext.corp.example\n"},
        {"-j", {"-6", "-j", "ext:{late.port}"}, .out = ",\"canonical\":\"ext.corp.example\","},
        {"its own name", {"-4", "-j", "ext:{late.port}"}, .out = ",\"canonical\":null,"},
        {"case, final dot", {"-4", "-j", "EXT.", "{late.port}"}, .out = ",\"canonical\":null,"},
    };
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        struct stage stage;
        stage_open(&stage, state, "search corp.example\nnameserver %s\n");
        stage.dns.wild = ".corp.example";
        stage_run(&stage, &examples[i], NULL);
        buffer_add(&stage.program.out, stage.program.err.bytes, stage.program.err.len);
        watch_expect_part(examples[i].label, "output", &stage.program.out, examples[i].out);
        stage_release(&stage);
    }
}

/* Whether the program is linked with it, as its --version says. */
static bool is_musl(struct scene *scene)
{
    const struct launch launch = {.label = "--version", .arguments = WORDS("--version")};
    struct program program;
    scene_start(scene, &launch, &program);
    program_finish(&program);
    bool is_named = strstr(buffer_text(&program.out), "musl)") != NULL;
    program_release(&program);
    return is_named;
}

#define DOMAIN " a-long-name-of-some-department.example.com"

/* `label` says what is odd; the row is that of musl, and other libraries find what is there. */
static void test_names_that_musl_does_not_find_have_their_cause(void **state)
{
    static const struct {
        const char *label;
        int blanks; /* before the name in /etc/hosts */
        const char *name;
        const char *end;
        const char *search;
        const char *found;
        const char *why;
    } cases[] = {
        {"nothing", 1, "db", "\n", DOMAIN, "refused in ", NULL},
        {"search list", 1, "x", "\n", DOMAIN DOMAIN DOMAIN DOMAIN DOMAIN DOMAIN,
         " unresolved: ", "the search list, a line over 254"},
        {"long line of hosts", 600, "db", "\n", DOMAIN, "refused in ",
         "a name beyond byte 510"},
        {"end of hosts", 1, "db", "", DOMAIN, "refused in ", "a last line without a line end"},
        {"capitals in hosts", 1, "Db", "\n", DOMAIN, "refused in ",
         "this name, in other capitals"},
    };
    static const struct example example = {"musl", {"db:{late.port}"}, .out = NULL};
    bool has_limits = is_musl(*state);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct stage stage;
        char text[1024];
        char why[128];
        stage_open(&stage, state, "");
        stage.dns.answer = DNS_NO_SUCH_NAME;
        (void)snprintf(text, sizeof text, "nameserver %%s\nsearch%s\n", cases[i].search);
        dns_configure(&stage.dns, text);
        (void)snprintf(text, sizeof text, "%s%*s%s%s", stage.dns.host, cases[i].blanks, "",
                       cases[i].name, cases[i].end);
        dns_add_hosts(&stage.dns, text);
        stage_run(&stage, &example, NULL);
        bool is_limited = has_limits && cases[i].why != NULL;
        (void)snprintf(why, sizeof why, "  -  unresolved: musl cannot take %s",
                       is_limited ? cases[i].why : "");
        watch_expect_part(cases[i].label, "row", &stage.program.out,
                          is_limited ? why : cases[i].found);
        expect_number(cases[i].label, "cannot take",
                      (int64_t)watch_count(&stage.program.out, "musl cannot take"), is_limited);
        stage_release(&stage);
    }
}

static void test_names_silent_family_does_not_hold_the_other_one_up(void **state)
{
    static const struct example example = {"AAAA", {NAME}, .out = NULL};
    struct stage stage;
    stage_open(&stage, state, "nameserver %s\n");
    peer_open(&stage.scene->late);
    stage.dns.is_ipv6_silent = true;
    stage_run(&stage, &example, NULL);
    expect_number("AAAA", "status", stage.program.status, 0);
    expect_took(&stage.program, 150, PATIENCE_MS);
    stage_release(&stage);
}

static void test_names_second_name_server_is_heard_within_the_timeout(void **state)
{
    static const struct example example = {"dead first", {NAME}, .out = NULL};
    char conf[128];
    struct stage stage;
    stage_open(&stage, state, "");
    peer_open(&stage.scene->late);
    (void)snprintf(conf, sizeof conf, "nameserver %s\nnameserver %%s\n", stage.dns.also);
    dns_configure(&stage.dns, conf);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
    int dead = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(inet_pton(AF_INET, stage.dns.also, &address.sin_addr), 1);
    assert_int_equal(bind(dead, (struct sockaddr *)&address, sizeof address), 0);
    stage_run(&stage, &example, NULL);
    (void)close(dead); /* it is not asked any more */
    expect_number("dead first", "status", stage.program.status, 0);
    expect_took(&stage.program, 0, PATIENCE_MS);
    stage_release(&stage);
}

/* Nobody writes into it: who opens it to read waits. */
static void test_names_resolv_conf_that_is_a_pipe_holds_no_run_up(void **state)
{
    static const struct example example = {"pipe", {"-t0.2", NAME}, .out = NULL};
    struct stage stage;
    stage_open(&stage, state, "");
    assert_int_equal(unlink(stage.dns.conf), 0);
    assert_int_equal(mkfifo(stage.dns.conf, 0600), 0);
    stage_run(&stage, &example, NULL);
    expect_number("pipe", "status", stage.program.status, 2);
    expect_took(&stage.program, 200, PATIENCE_MS);
    assert_int_equal(unlink(stage.dns.conf), 0); /* the next test writes a file there */
    stage_release(&stage);
}

/* What was changed for the lookups is not in the environment of COMMAND. */
static void test_names_command_gets_the_environment_as_it_was(void **state)
{
    static const struct {
        const char *label;
        const char *setting;
        const char *expected;
    } cases[] = {
        {"unset", "RES_OPTIONS", "[]\n"},
        {"set", "RES_OPTIONS=ndots:2", "[ndots:2]\n"},
        {"with a timeout", "RES_OPTIONS=timeout:3", "[timeout:3]\n"},
    };
    static const struct example example = {
        "env",
        {"-q", NAME, "--", "sh", "-c", "echo \"[$RES_OPTIONS]\"; env | grep -c ^RES_"},
        .out = NULL};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct stage stage;
        stage_open(&stage, state, "nameserver %s\n");
        peer_open(&stage.scene->late);
        stage_run(&stage, &example, WORDS(cases[i].setting));
        watch_expect_part(cases[i].label, "what COMMAND saw", &stage.program.out,
                          cases[i].expected);
        watch_expect_part(cases[i].label, "variables", &stage.program.out,
                          i == 0 ? "\n0\n" : "\n1\n");
        stage_release(&stage);
    }
}

/* Each of the names before it is under way until the wait ends. */
static void test_names_hung_names_starve_nobody(void **state)
{
    static const struct example example = {
        "hung", {"--any", "--wait=20", "-t20", "-q", "-f", "hung"}, .out = NULL};
    struct stage stage;
    struct buffer list = BUFFER_EMPTY;
    stage_open(&stage, state, "nameserver %s\noptions timeout:20 attempts:1\n");
    stage.dns.answer = DNS_SILENT;
    for (int i = 0; i < HUNG_NAMES; i++)
        buffer_add_format(&list, "hung%d.test:80\n", i);
    buffer_add_text(&list, "localhost:{local.port}\n");
    char *filled = scene_filled(stage.scene, buffer_text(&list));
    folder_write(&stage.scene->folder, "hung", filled, strlen(filled));
    free(filled);
    buffer_release(&list);
    stage_run(&stage, &example, NULL);
    expect_number("hung", "status", stage.program.status, 0);
    expect_took(&stage.program, 0, SOON_MS);
    stage_release(&stage);
}

/* glibc would ask several again after 1 s, one after 2 s; musl does after 2.5 s. */
static void test_names_own_patience_with_name_servers_is_kept(void **state)
{
    static const struct {
        const char *setting;
        const char *conf;
    } cases[] = {
        {"RES_OPTIONS=timeout:20", "nameserver %s\nnameserver 127.0.0.1\n"},
        {"RES_OPTIONS", "options timeout:20\nnameserver %s\nnameserver 127.0.0.1\n"},
    };
    static const struct example example = {"own", {"-t2.3", "-q", NAME}, .out = NULL};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct stage stage;
        stage_open(&stage, state, cases[i].conf);
        stage.dns.answer = DNS_SILENT;
        stage_run(&stage, &example, WORDS(cases[i].setting));
        expect_number(cases[i].setting, "status", stage.program.status, 2);
        assert_in_range(stage.dns.asked, 1, 2); /* the second one came to the rescue */
        stage_release(&stage);
    }
}

/* With one thread they are resolved one after the other, without one it is said. */
static void test_names_few_threads_slow_down_or_are_told(void **state)
{
    static const struct example example = {
        "threads",
        {"a.test", "b.test", "c.test", "d.test", "e.test", "-p{late.port}"},
        .out = NULL};
    if (IS_SANITIZED)
        skip();
    for (rlim_t threads = 0; threads <= 1; threads++) {
        struct stage stage;
        stage_open(&stage, state, "nameserver %s\n");
        if (!can_limit(&stage)) {
            peer_release(&stage.scene->late);
            dns_release(&stage.dns);
            skip();
        }
        peer_open(&stage.scene->late);
        stage.tasks = 1 + threads;
        stage_run(&stage, &example, NULL);
        expect_number("threads", "status", stage.program.status, threads > 0 ? 0 : 2);
        expect_number(
            "threads", "rows",
            (int64_t)watch_count(&stage.program.out,
                                 threads > 0 ? "up     " : "cannot start a resolver thread"),
            LIMITED_NAMES);
        assert_in_range(stage.dns.asked, threads * LIMITED_NAMES,
                        threads * LIMITED_NAMES * HANDFUL);
        expect_took(&stage.program, 0, SOON_MS);
        stage_release(&stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_wildcard_of_the_search_list_is_another_machine),
        cmocka_unit_test(test_names_completed_name_is_told),
        cmocka_unit_test(test_names_that_musl_does_not_find_have_their_cause),
        cmocka_unit_test(test_names_silent_family_does_not_hold_the_other_one_up),
        cmocka_unit_test(test_names_second_name_server_is_heard_within_the_timeout),
        cmocka_unit_test(test_names_resolv_conf_that_is_a_pipe_holds_no_run_up),
        cmocka_unit_test(test_names_command_gets_the_environment_as_it_was),
        cmocka_unit_test(test_names_hung_names_starve_nobody),
        cmocka_unit_test(test_names_own_patience_with_name_servers_is_kept),
        cmocka_unit_test(test_names_few_threads_slow_down_or_are_told),
    };
    return cmocka_run_group_tests_name("cli: names", tests, scene_open, scene_release);
}
