/*
 * Names of the program itself: whose address is asked, how long a resolver may take, and what
 * COMMAND sees of that.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns.h"
#include "harness.h"
#include "netcheck/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

enum {
    PATIENCE_MS = 4000, /* far less than the timeout of 5 s, on a busy machine too */
    HUNG_NAMES = 650,
    SOON_MS = 10000, /* half of the wait; it takes 0.2 to 0.7 s */
};

#define NAME "ext.example.com:{late.port}"

struct stage {
    struct scene *scene;
    struct dns dns;
    struct program program;
};

static void stage_open(struct stage *stage, void **state, const char *conf)
{
    stage->scene = *state;
    dns_open(&stage->dns, stage->scene->up.host, &stage->scene->folder);
    stage->dns.answer = DNS_ADDRESS;
    dns_configure(&stage->dns, conf);
    peer_refuse(&stage->scene->late, stage->scene->up.host);
}

static void stage_run(struct stage *stage, const struct example *example,
                      const char *const *settings)
{
    struct launch launch = {.label = example->label,
                            .arguments = example->words,
                            .settings = settings,
                            .prepare = dns_prepare,
                            .detail = &stage->dns};
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
        {"-j",
         {"-6", "-j", "ext:{late.port}"},
         .out = ",\"canonical\":\"ext.corp.example\"}\n"},
        {"its own name", {"-4", "-j", "ext:{late.port}"}, .out = ",\"canonical\":null}\n"},
        {"case, final dot",
         {"-4", "-j", "EXT.", "{late.port}"},
         .out = ",\"canonical\":null}\n"},
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

static void test_names_silent_family_does_not_hold_the_other_one_up(void **state)
{
    static const struct example example = {"AAAA", {NAME}, .out = NULL};
    struct stage stage;
    stage_open(&stage, state, "nameserver %s\n");
    peer_open(&stage.scene->late);
    stage.dns.is_ipv6_silent = true;
    stage_run(&stage, &example, NULL);
    expect_number("AAAA", "status", stage.program.status, 0);
    expect_elapsed("AAAA", stage.program.elapsed_ns, 150, PATIENCE_MS);
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
    expect_elapsed("dead first", stage.program.elapsed_ns, 0, PATIENCE_MS);
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
    expect_elapsed("hung", stage.program.elapsed_ns, 0, SOON_MS);
    stage_release(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_wildcard_of_the_search_list_is_another_machine),
        cmocka_unit_test(test_names_completed_name_is_told),
        cmocka_unit_test(test_names_silent_family_does_not_hold_the_other_one_up),
        cmocka_unit_test(test_names_second_name_server_is_heard_within_the_timeout),
        cmocka_unit_test(test_names_command_gets_the_environment_as_it_was),
        cmocka_unit_test(test_names_hung_names_starve_nobody),
    };
    return cmocka_run_group_tests_name("cli: names", tests, scene_open, scene_release);
}
