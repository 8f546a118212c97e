/*
 * --wait for a name: each round resolves it anew, and that it does not resolve yet is one more
 * thing to wait for.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "dns.h"
#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

enum {
    ASKED_MS = 1000,    /* after which each address was asked */
    ASKED_LATE_MS = 20, /* starved for so long it may be */
    BUSY_TRIES = 20,
    LATE_MS = 2000,    /* how much later than DUR it may be on a busy machine */
    AT_ONCE_MS = 8000, /* far less than the wait would take */
};

#define NAME       "late.test:{late.port}"
#define UNRESOLVED "error  " NAME "  -  unresolved: "
#define HUNG       "error  " NAME "  -  resolve-timeout: the resolver did not answer in N"
#define WAITING    "netcheck: waiting up to N for 1 target\n"
#define GAVE_UP \
    WAITING "netcheck: gave up after N: 1 of 1 target not as expected, first " NAME ": "

struct stage {
    struct scene *scene;
    struct dns dns;
    struct peer also; /* at the other address of the name; port 0: none */
    struct program program;
};

/* The name server is there and the port refuses. */
static void stage_open(struct stage *stage, void **state, enum dns_answer answer)
{
    stage->scene = *state;
    stage->also = (struct peer){.fd = -1};
    dns_open(&stage->dns, stage->scene->up.host, &stage->scene->folder);
    stage->dns.answer = answer;
    peer_refuse(&stage->scene->late, stage->scene->up.host);
}

/* The name has two addresses, and both refuse. */
static void stage_open_two(struct stage *stage, void **state)
{
    stage_open(stage, state, DNS_ADDRESS);
    stage->dns.has_also = true;
    assert_true(peer_refuse_at(&stage->also, stage->dns.also, stage->scene->late.port));
}

/* The name has two addresses: one of them never answers, the other one refuses. */
static void stage_open_half_silent(struct stage *stage, void **state, bool is_first_silent)
{
    stage_open(stage, state, DNS_ADDRESS);
    struct peer *late = &stage->scene->late;
    struct peer *silent = is_first_silent ? late : &stage->also;
    struct peer *refusing = is_first_silent ? &stage->also : late;
    stage->dns.has_also = true;
    peer_release(late);
    peer_silence(silent, is_first_silent ? stage->dns.host : stage->dns.also);
    assert_true(peer_refuse_at(refusing, is_first_silent ? stage->dns.also : stage->dns.host,
                               silent->port));
}

static void stage_start(struct stage *stage, const char *label, const char *const *words)
{
    struct launch launch = {
        .label = label, .arguments = words, .prepare = dns_prepare, .detail = &stage->dns};
    scene_start(stage->scene, &launch, &stage->program);
}

/* All but the program. */
static void stage_close(struct stage *stage)
{
    peer_release(&stage->also);
    peer_release(&stage->scene->late);
    dns_release(&stage->dns);
}

static void stage_release(struct stage *stage, int status)
{
    watch_end(&stage->program, status);
    stage_close(stage);
}

static void stage_end(struct stage *stage, int status, const char *out, const char *err)
{
    dns_finish(&stage->dns, &stage->program);
    scene_expect_end(stage->scene, &stage->program, status, out, err);
    stage_close(stage);
}

/* Which words the C library has for it is its affair. */
static void hide_words(struct buffer *text, const char *before)
{
    struct buffer made = BUFFER_EMPTY;
    const char *rest = buffer_text(text);
    for (const char *at; (at = strstr(rest, before)) != NULL;) {
        at += strlen(before);
        buffer_add(&made, rest, (size_t)(at - rest));
        buffer_add_text(&made, "WORDS");
        rest = at + strcspn(at, "\n(");
    }
    buffer_add_text(&made, rest);
    buffer_release(text);
    *text = made;
}

static void test_wait_names_appear_later(void **state)
{
    struct stage stage;
    stage_open(&stage, state, DNS_NO_SUCH_NAME);
    stage_start(&stage, "appears", WORDS("--wait=20", NAME));
    dns_await(&stage.dns, &stage.program, " unresolved: ");
    for (size_t asked = stage.dns.asked; stage.dns.asked < asked + 2;)
        assert_true(dns_turn(&stage.dns, &stage.program)); /* the wait goes on */
    stage.dns.answer = DNS_ADDRESS;
    dns_await(&stage.dns, &stage.program, "  refused in ");
    peer_open(&stage.scene->late);
    dns_finish(&stage.dns, &stage.program);
    hide_words(&stage.program.out, "unresolved: ");
    stage_end(&stage, 0,
              UNRESOLVED "WORDS\n"
                         "down   " NAME "  {host}  refused in N (was error for N)\n"
                         "up     " NAME "  {host}  N (was down for N)\n",
              WAITING);
}

/* It goes with its container. As JSON too, and COMMAND runs. */
static void test_wait_names_that_go_are_down_where_that_is_wanted(void **state)
{
    struct stage stage;
    stage_open(&stage, state, DNS_ADDRESS);
    peer_open(&stage.scene->late);
    stage_start(&stage, "goes", WORDS("--wait=20", "!" NAME, "--", "echo", "ran"));
    dns_await(&stage.dns, &stage.program, "up     ");
    stage.dns.answer = DNS_NO_SUCH_NAME;
    dns_finish(&stage.dns, &stage.program);
    stage_end(&stage, 0,
              "up     " NAME "  {host}  N (expected down)\n"
              "down   " NAME "  -  gone: the name no longer resolves (as expected) "
              "(was up for N)\nran\n",
              WAITING);

    stage_open(&stage, state, DNS_ADDRESS);
    peer_open(&stage.scene->late);
    stage_start(&stage, "goes, -j", WORDS("--wait=20", "-j", "--expect", "down", NAME));
    dns_await(&stage.dns, &stage.program, "\"up\"");
    stage.dns.answer = DNS_NO_SUCH_NAME;
    dns_finish(&stage.dns, &stage.program);
    watch_expect_part(
        "goes, -j", "rows", &stage.program.out,
        "\"address\":null,\"state\":\"down\",\"expected\":\"down\","
        "\"as_expected\":true,\"reason\":\"gone\",\"detail\":\"the name no longer resolves\"");
    stage_release(&stage, 0);
}

/* A name server that fails says nothing of the name: COMMAND waits until one says so. */
static void test_wait_names_that_cannot_be_asked_for_are_not_gone(void **state)
{
    static const struct {
        const char *label;
        enum dns_answer answer;
        const char *services;
    } rows[] = {
        {"fails", DNS_FAILS, "hosts: files dns\n"},
        {"fails, and another service knows no such name", DNS_FAILS, "hosts: dns files\n"},
        {"fails for IPv4", DNS_FAILS_FOR_IPV4, "hosts: files dns\n"},
        {"fails for IPv6", DNS_FAILS_FOR_IPV6, "hosts: files dns\n"},
        {"fails for IPv4, and another service", DNS_FAILS_FOR_IPV4, "hosts: dns files\n"},
        {"format error", DNS_FORMAT_ERROR, "hosts: files dns\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct stage stage;
        stage_open(&stage, state, DNS_ADDRESS);
        folder_write(stage.dns.folder, "nsswitch.conf", rows[i].services,
                     strlen(rows[i].services));
        peer_open(&stage.scene->late);
        stage_start(&stage, rows[i].label, WORDS("--wait=20", "!" NAME, "--", "echo", "ran"));
        dns_await(&stage.dns, &stage.program, "up     ");
        stage.dns.answer = rows[i].answer;
        dns_await(&stage.dns, &stage.program, " unresolved: ");
        stage.dns.answer = DNS_NO_SUCH_NAME;
        dns_finish(&stage.dns, &stage.program);
        hide_words(&stage.program.out, "unresolved: ");
        stage_end(&stage, 0,
                  "up     " NAME "  {host}  N (expected down)\n" UNRESOLVED
                  "WORDS(was up for N)\n"
                  "down   " NAME "  -  gone: the name no longer resolves (as expected) "
                  "(was error for N)\nran\n",
                  WAITING);
    }
}

/*
 * What is not known at the end of DUR, which a lookup that hangs does not outlast; cut short it
 * would say less than what was known.
 */
static void test_wait_names_that_do_not_resolve_are_the_reason(void **state)
{
    static const struct {
        const char *label;
        const char *words[6];
        enum dns_answer first, then;
        int dur_ms;
        const char *out;
        const char *err;
    } rows[] = {
        {"never", ARGS("--wait=0.5", NAME, "--", "echo", "ran"), DNS_NO_SUCH_NAME,
         DNS_NO_SUCH_NAME, 500, UNRESOLVED "WORDS\n", GAVE_UP "unresolved\n"},
        {"never, !", ARGS("--wait=0.5", "!" NAME, "--", "echo", "ran"), DNS_NO_SUCH_NAME,
         DNS_NO_SUCH_NAME, 500, UNRESOLVED "WORDS\n", GAVE_UP "unresolved\n"},
        {"hangs", ARGS("--wait=0.5", "-t20", NAME), DNS_SILENT, DNS_SILENT, 500, HUNG "\n",
         GAVE_UP "resolve-timeout\n"},
        {"cut", ARGS("--wait=0.8", "-t20", NAME), DNS_NO_SUCH_NAME, DNS_SILENT, 800,
         UNRESOLVED "WORDS\n", GAVE_UP "unresolved\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct stage stage;
        stage_open(&stage, state, rows[i].first);
        stage_start(&stage, rows[i].label, rows[i].words);
        if (rows[i].then != rows[i].first)
            dns_await(&stage.dns, &stage.program, " unresolved: ");
        stage.dns.answer = rows[i].then;
        dns_finish(&stage.dns, &stage.program);
        expect_took(&stage.program, rows[i].dur_ms, rows[i].dur_ms + LATE_MS);
        assert_true(stage.dns.asked > 1 || rows[i].first == DNS_SILENT);
        hide_words(&stage.program.out, "unresolved: ");
        stage_end(&stage, 1, rows[i].out, rows[i].err);
    }
}

/* Both are errors: the row says what is new, but no state was left. The lookup that hangs goes
   on meanwhile, and fails in the end, which may be one more row. */
static void test_wait_names_new_reason_is_a_row(void **state)
{
    struct stage stage;
    stage_open(&stage, state, DNS_NO_SUCH_NAME);
    stage_start(&stage, "reasons", WORDS("--wait=20", "-t0.3", NAME));
    dns_await(&stage.dns, &stage.program, " unresolved: ");
    stage.dns.answer = DNS_SILENT;
    dns_await(&stage.dns, &stage.program, " resolve-timeout: ");
    peer_open(&stage.scene->late);
    stage.dns.answer = DNS_ADDRESS;
    int64_t answered_ns = harness_now_ns();
    dns_finish(&stage.dns, &stage.program);
    expect_elapsed("reasons", harness_now_ns() - answered_ns, 0, AT_ONCE_MS);
    text_hide_times(&stage.program.out);
    char *hung = scene_filled(stage.scene, "\n" HUNG "\n");
    char *up = scene_filled(stage.scene, "\nup     " NAME "  {host}  N (was error for N)\n");
    watch_expect_part("reasons", "standard output", &stage.program.out, hung);
    watch_expect_part("reasons", "standard output", &stage.program.out, up);
    free(hung);
    free(up);
    stage_release(&stage, 0);
}

/* While another port of the name is being asked all the time: its answer is not kept. */
static void test_wait_names_that_move_are_found(void **state)
{
    struct stage stage;
    stage_open_two(&stage, state);
    stage.dns.has_also = false;
    peer_open(&stage.also);
    stage_start(&stage, "moves",
                WORDS("--wait=20", "--any", "-t20", "late.test:{silent.port}", NAME));
    dns_await(&stage.dns, &stage.program, "refused in ");
    memcpy(stage.dns.host, stage.dns.also, sizeof stage.dns.host);
    dns_finish(&stage.dns, &stage.program);
    expect_took(&stage.program, 0, AT_ONCE_MS);
    watch_expect_part("moves", "standard output", &stage.program.out, stage.also.host);
    stage_release(&stage, 0);
}

/* A row each, and a target only where each is as expected. */
static void test_wait_names_all_addresses_have_to_be_up(void **state)
{
    struct stage stage;
    stage_open_two(&stage, state);
    peer_open(&stage.also);
    stage_start(&stage, "-A", WORDS("--wait=20", "-A", NAME));
    dns_await(&stage.dns, &stage.program, "refused in ");
    peer_open(&stage.scene->late);
    dns_finish(&stage.dns, &stage.program);
    watch_expect_part("-A", "standard output", &stage.program.out, stage.also.host);
    watch_expect_part("-A", "standard output", &stage.program.out, " (was down for ");
    expect_number("-A", "rows", (int64_t)text_count_lines(&stage.program.out), 3);
    expect_number("-A", "rows up", (int64_t)watch_count(&stage.program.out, "up     "), 2);
    stage_release(&stage, 0);
}

/* It is asked again although the attempt still waits for the other address. */
static void test_wait_names_silent_address_does_not_hide_one_that_opens(void **state)
{
    struct stage stage;
    stage_open_half_silent(&stage, state, false);
    stage_start(&stage, "half", WORDS("--wait=25", "-t20", NAME));
    for (int64_t end_ns = harness_now_ns() + ASKED_MS * NS_PER_MS; harness_now_ns() < end_ns;)
        assert_true(dns_turn(&stage.dns, &stage.program));
    peer_open(&stage.scene->late);
    int64_t opened_ns = harness_now_ns();
    dns_finish(&stage.dns, &stage.program);
    expect_elapsed("half", harness_now_ns() - opened_ns, 0, LATE_MS);
    stage_end(&stage, 0, "up     " NAME "  {host}  N\n", WAITING);
}

/* Refused by one address, but the silent one might still have answered. */
static void test_wait_names_half_known_is_not_down(void **state)
{
    struct stage stage;
    stage_open_half_silent(&stage, state, false);
    stage_start(&stage, "!, cut", WORDS("--wait=0.5", "-t20", "!" NAME));
    dns_finish(&stage.dns, &stage.program);
    watch_expect_part("!, cut", "rows", &stage.program.out,
                      " local: the wait ended too soon to tell\n");
    stage_release(&stage, 1);
}

/* An address that is asked 50 ms after the start was not asked all the time: no row of silence.
 */
static bool was_asked_late(struct program *program)
{
    return program->starved_ns > ASKED_LATE_MS * NS_PER_MS &&
           strstr(buffer_text(&program->out), "the wait ended too soon to tell") != NULL;
}

/* One address silent until DUR has passed, the other one refusing. */
static void expect_two_rows(void **state, bool is_first_silent)
{
    struct stage stage;
    stage_open_half_silent(&stage, state, is_first_silent);
    stage_start(&stage, "-A, cut", WORDS("--wait=0.5", "-t20", "-A", NAME));
    dns_finish(&stage.dns, &stage.program);
    for (int i = 0; i < BUSY_TRIES && was_asked_late(&stage.program); i++) {
        program_release(&stage.program);
        stage_start(&stage, "-A, cut", WORDS("--wait=0.5", "-t20", "-A", NAME));
        dns_finish(&stage.dns, &stage.program);
    }
    expect_number("-A, cut", "rows", (int64_t)text_count_lines(&stage.program.out), 2);
    watch_expect_part("-A, cut", "rows", &stage.program.out, " refused in ");
    watch_expect_part("-A, cut", "rows", &stage.program.out, " timeout: no answer in ");
    stage_release(&stage, 1);
}

/* Each address has its row, also one whose asking was cut by the end of DUR. */
static void test_wait_names_silent_address_has_its_row(void **state)
{
    expect_two_rows(state, true);
    expect_two_rows(state, false);
}

/* The one that answers is not the reason. */
static void test_wait_names_reason_is_that_of_the_failing_address(void **state)
{
    static const char why[] = "expected, first " NAME ": refused\n";
    for (int i = 0; i < 2; i++) { /* whichever comes first */
        struct stage stage;
        stage_open_two(&stage, state);
        peer_open(i == 0 ? &stage.also : &stage.scene->late);
        stage_start(&stage, "-A", WORDS("--wait=0.5", "-A", NAME));
        dns_finish(&stage.dns, &stage.program);
        char *filled = scene_filled(stage.scene, why);
        watch_expect_part("-A", "standard error", &stage.program.err, filled);
        free(filled);
        stage_release(&stage, 1);
    }
}

/* COMMAND takes the place of a process in which a lookup still hangs. */
static void test_wait_names_that_hang_do_not_hold_the_command_up(void **state)
{
    struct stage stage;
    stage_open(&stage, state, DNS_SILENT);
    stage_start(
        &stage, "--any",
        WORDS("--wait=20", "-q", "--any", "-t20", NAME, "{up}", "--", "ls", "/proc/self/fd"));
    dns_finish(&stage.dns, &stage.program);
    expect_took(&stage.program, 0, AT_ONCE_MS);
    stage_end(&stage, 0, "0\n1\n2\n3\n", NULL);
}

static void test_wait_names_that_hang_do_not_hold_a_signal_up(void **state)
{
    struct stage stage;
    stage_open(&stage, state, DNS_SILENT);
    stage_start(&stage, "SIGTERM", WORDS("--wait=20", "-t20", NAME));
    while (stage.dns.asked == 0)
        assert_true(dns_turn(&stage.dns, &stage.program));
    watch_signal(&stage.program, SIGTERM);
    dns_finish(&stage.dns, &stage.program);
    expect_took(&stage.program, 0, AT_ONCE_MS);
    stage_end(&stage, -SIGTERM, NULL, WAITING "netcheck: ended by a signal: 0/1 as expected\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait_names_half_known_is_not_down),
        cmocka_unit_test(test_wait_names_silent_address_does_not_hide_one_that_opens),
        cmocka_unit_test(test_wait_names_appear_later),
        cmocka_unit_test(test_wait_names_that_go_are_down_where_that_is_wanted),
        cmocka_unit_test(test_wait_names_that_cannot_be_asked_for_are_not_gone),
        cmocka_unit_test(test_wait_names_that_do_not_resolve_are_the_reason),
        cmocka_unit_test(test_wait_names_new_reason_is_a_row),
        cmocka_unit_test(test_wait_names_that_move_are_found),
        cmocka_unit_test(test_wait_names_reason_is_that_of_the_failing_address),
        cmocka_unit_test(test_wait_names_all_addresses_have_to_be_up),
        cmocka_unit_test(test_wait_names_silent_address_has_its_row),
        cmocka_unit_test(test_wait_names_that_hang_do_not_hold_the_command_up),
        cmocka_unit_test(test_wait_names_that_hang_do_not_hold_a_signal_up),
    };
    return cmocka_run_group_tests_name("cli/wait: names", tests, scene_open, scene_release);
}
