/*
 * UDP through the whole engine, on virtual time.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crowd.h"
#include "watch.h"

static const int64_t ms = NS_PER_MS;

enum {
    PORT = 5000,      /* for which no question is known */
    AT_ONCE = 6,      /* ICMP errors, as Linux has it */
    BUFFER_ROOM = 277 /* small datagrams in a receive buffer */
};

static size_t count_reason(const struct drive *drive, enum reason reason)
{
    size_t count = 0;
    for (size_t i = 0; i < drive->row_count; i++)
        count += drive->rows[i].outcome.reason == reason;
    return count;
}

/* What a service does, and what its row says then. */
static const struct {
    const char *label;
    enum behaviour behaviour;
    int error;
    unsigned lost;
    unsigned decoys;
    enum reason reason;
    int64_t latency_ms; /* -1: none */
    int64_t ends_ms;    /* when the run does */
    int sent, replies;
} services[] = {
    {"is its own socket", BEHAVIOUR_SELF_ALWAYS, 0, 0, 0, REASON_REFUSED, 20, 60, 1, 1},
    {"is its own socket once", BEHAVIOUR_SELF_ONCE, 0, 0, 0, REASON_REFUSED, 20, 40, 1, 0},
    {"replies", BEHAVIOUR_OPEN, 0, 0, 0, REASON_REPLIED, 20, 20, 1, 1},
    {"replies to the second", BEHAVIOUR_OPEN, 0, 1, 0, REASON_REPLIED, 1020, 1020, 2, 1},
    {"replies to the third", BEHAVIOUR_OPEN, 0, 2, 0, REASON_REPLIED, 3020, 3020, 3, 1},
    {"replies at once", BEHAVIOUR_CONNECTED, 0, 0, 0, REASON_REPLIED, 0, 0, 1, 1},
    {"replies behind others", BEHAVIOUR_OPEN, 0, 0, 1000, REASON_REPLIED, 20, 20, 1, 1},
    {"refuses", BEHAVIOUR_REFUSED, 0, 0, 0, REASON_REFUSED, 20, 20, 1, 0},
    {"refuses the third", BEHAVIOUR_REFUSED, 0, 2, 0, REASON_REFUSED, 3020, 3020, 3, 0},
    {"is unreachable", BEHAVIOUR_ERROR, EHOSTUNREACH, 0, 0, REASON_UNREACHABLE, 20, 20, 1, 0},
    {"wakes before the error", BEHAVIOUR_EARLY_WAKE, ENETUNREACH, 0, 0, REASON_UNREACHABLE, -1,
     -1, 1, 0},
    {"wakes for nothing", BEHAVIOUR_SPURIOUS, 0, 0, 0, REASON_TIMEOUT, -1, 5000, 3, 0},
    {"is silent", BEHAVIOUR_SILENT, 0, 0, 0, REASON_TIMEOUT, -1, 5000, 3, 0},
    {"cannot be asked", BEHAVIOUR_IMMEDIATE, EACCES, 0, 0, REASON_PROHIBITED, 0, 0, 0, 0},
};

static void test_udp_row_says_what_the_service_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(services); i++) {
        const char *label = services[i].label;
        struct drive *drive = drive_new();
        struct world_host *host =
            world_add(&drive->world, "192.0.2.1", PORT, services[i].behaviour, 20 * ms);
        host->error = services[i].error;
        host->lost_syns = services[i].lost;
        host->decoys = services[i].decoys;
        drive_add(drive, "udp://192.0.2.1:5000");
        drive_run(drive);
        const struct result *row = &drive->rows[0];
        claim(label, "reason", row->outcome.reason, services[i].reason);
        claim(label, "sent", row->measures.sent, services[i].sent);
        claim(label, "replies", row->measures.replies, services[i].replies);
        claim(label, "connect time", row->connect_ns, -1);
        claim(label, "traces", (int64_t)drive->traces[TRACE_RESENT],
              services[i].sent > 1 ? services[i].sent - 1 : 0);
        if (services[i].ends_ms >= 0) {
            claim(label, "time", crowd_elapsed_ns(drive), services[i].ends_ms * ms);
            claim(label, "reply time", row->reply_ns,
                  services[i].latency_ms >= 0 ? services[i].latency_ms * ms : -1);
        }
        drive_free(drive);
    }
}

/* Broadcast and group, which a name may lead to. */
static void test_udp_address_of_many_is_no_host(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        enum reason reason;
        enum remark remark;
    } cases[] = {{"192.0.2.255", REASON_UNREACHABLE, REMARK_BROADCAST},
                 {"224.0.0.251", REASON_LOCAL, REMARK_MULTICAST}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = drive_new();
        struct world_name *name = world_add_name(&drive->world, "db", 1 * ms, 1 * ms);
        struct world_host *host =
            world_add(&drive->world, cases[i].address, EVERY_PORT, BEHAVIOUR_IMMEDIATE, 0);
        host->error = EACCES;
        host->is_broadcast = true;
        world_name_address(name, cases[i].address);
        drive->options.retries = 1;
        drive_add(drive, "udp://db:5000");
        drive_run(drive);
        claim(cases[i].address, "reason", drive->rows[0].outcome.reason, cases[i].reason);
        claim(cases[i].address, "remark", drive->rows[0].outcome.remark, cases[i].remark);
        claim(cases[i].address, "attempts", drive->rows[0].attempts, 1);
        drive_free(drive);
    }
}

/* The same host, asked by both in one run: three ports in this order. */
static void test_udp_and_tcp_are_one_run(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    static const enum reason reasons[] = {REASON_REPLIED, REASON_CONNECTED, REASON_REFUSED,
                                          REASON_TIMEOUT, REASON_REPLIED};
    (void)world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 10 * ms);
    (void)world_add(&drive->world, "192.0.2.1", 81, BEHAVIOUR_REFUSED, 10 * ms);
    (void)world_add(&drive->world, "192.0.2.1", 82, BEHAVIOUR_SILENT, 0);
    drive_add(drive, "udp://192.0.2.1:80");
    drive_add(drive, "192.0.2.1:80");
    drive_add(drive, "udp://192.0.2.1:81");
    drive_add(drive, "192.0.2.1:82");
    drive_add(drive, "udp://192.0.2.1:80");
    drive_run(drive);
    claim("mix", "rows", (int64_t)drive->row_count, ARRAY_LEN(reasons));
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        claim("mix", "reason", drive->rows[i].outcome.reason, reasons[i]);
    claim("mix", "SYN proxy", drive->rows[1].measures.is_reply, false);
    drive_free(drive);
}

static void test_udp_addresses_of_a_name_race(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    struct world_name *name = world_add_name(&drive->world, "db", 1 * ms, 1 * ms);
    world_name_address(name, "2001:db8::1");
    world_name_address(name, "192.0.2.1");
    (void)world_add(&drive->world, "192.0.2.1", PORT, BEHAVIOUR_OPEN, 20 * ms);
    drive_add(drive, "udp://db:5000");
    drive_run(drive);
    claim("race", "reason", drive->rows[0].outcome.reason, REASON_REPLIED);
    claim("race", "time", crowd_elapsed_ns(drive), 271 * ms);
    drive_free(drive);
}

/* What a DNS server makes of a question: the same as an answer, with an error. */
static void refuse_query(struct datagram *answer)
{
    answer->bytes[2] |= 0x80;
    answer->bytes[3] = 5;
}

static void answer_tftp(struct datagram *answer)
{
    static const unsigned char error[] = "\0\5\0\1no";
    memcpy(answer->bytes, error, sizeof error);
    answer->len = sizeof error;
}

static void forge(struct datagram *answer)
{
    refuse_query(answer);
    answer->bytes[0]++;
}

/* Where an answer may come from, by what is asked. */
static void test_udp_answer_from_elsewhere_counts_with_its_cookie(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const char *target;
        void (*answer)(struct datagram *answer);
        const char *from;
        uint16_t from_port;
        enum reason reason;
        bool is_told;
    } cases[] = {
        {"DNS", "udp://192.0.2.1:53", refuse_query, NULL, 0, REASON_REPLIED, false},
        {"another address", "udp://192.0.2.1:53", refuse_query, "192.0.2.2", 0, REASON_REPLIED,
         true},
        {"another port", "udp://192.0.2.1:53", refuse_query, NULL, 54, REASON_REPLIED, true},
        {"forged", "udp://192.0.2.1:53", forge, NULL, 0, REASON_TIMEOUT, false},
        {"forged elsewhere", "udp://192.0.2.1:53", forge, "192.0.2.2", 0, REASON_TIMEOUT,
         false},
        {"TFTP", "udp://192.0.2.1:69", answer_tftp, NULL, 40000, REASON_REPLIED, true},
        {"TFTP, another address", "udp://192.0.2.1:69", answer_tftp, "192.0.2.2", 0,
         REASON_TIMEOUT, false},
        {"unknown, another address", "udp://192.0.2.1:5000", NULL, "192.0.2.2", 0,
         REASON_TIMEOUT, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        struct drive *drive = drive_new();
        struct world_host *host =
            world_add(&drive->world, "192.0.2.1", EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
        host->answer = cases[i].answer;
        host->answers_from = cases[i].from;
        host->answers_port = cases[i].from_port;
        drive_add(drive, cases[i].target);
        drive_run(drive);
        const struct result *row = &drive->rows[0];
        const struct reply *reply = row->measures.reply;
        claim(label, "reason", row->outcome.reason, cases[i].reason);
        claim(label, "a reply", reply != NULL, cases[i].reason == REASON_REPLIED);
        claim(label, "told", reply != NULL && address_family(&reply->from) != AF_UNSPEC,
              cases[i].is_told);
        claim(label, "sent", row->measures.sent, reply != NULL ? 1 : 3);
        drive_free(drive);
    }
}

/* Closed ports of one host, which says so by ICMP only so often. */

static struct drive *ask_closed(const char *target, struct policer *limit, uint64_t rate)
{
    struct drive *drive = drive_new();
    struct world_host *host =
        world_add(&drive->world, "192.0.2.1", EVERY_PORT, BEHAVIOUR_REFUSED, 1 * ms);
    host->icmp_limit = limit;
    drive->options.has_recheck = true;
    drive->options.rate = rate;
    drive_add(drive, target);
    drive_run(drive);
    return drive;
}

/* All at once: the limit lets some through at 0, 1 and 3 s. */
static void test_udp_silence_beside_rejections_says_so_and_is_believed(void **state)
{
    (void)state;
    struct policer limit = {1000 * ms, (AT_ONCE - 1) * 1000 * ms, 0};
    struct drive *drive = ask_closed("udp://192.0.2.1:3000-3999", &limit, 0);
    claim_between("closed", "refused", (int64_t)count_reason(drive, REASON_REFUSED),
                  AT_ONCE + 2, AT_ONCE + 4);
    claim("closed", "attempts", (int64_t)crowd_attempts(drive, 1), 1000);
    claim("closed", "time", crowd_elapsed_ns(drive), 5000 * ms);
    for (size_t i = 0; i < drive->row_count; i++) {
        const struct result *row = &drive->rows[i];
        bool is_silent = row->outcome.reason == REASON_TIMEOUT;
        claim("closed", "rejecter", row->rejection.by,
              is_silent ? REJECTER_ITSELF : REJECTER_NONE);
        if (is_silent)
            claim_between("closed", "others", (int64_t)row->rejection.others, AT_ONCE, 10);
    }
    drive_free(drive);
}

static void test_udp_slow_enough_finds_every_closed_port(void **state)
{
    (void)state;
    struct policer limit = {1000 * ms, (AT_ONCE - 1) * 1000 * ms, 0};
    struct drive *drive = ask_closed("udp://192.0.2.1:3000-3029", &limit, 1);
    claim("slow", "refused", (int64_t)count_reason(drive, REASON_REFUSED), 30);
    claim("slow", "sent", (int64_t)drive->world.datagrams_sent, 30);
    claim_between("slow", "s", crowd_elapsed_ns(drive) / NS_PER_S, 29, 30);
    drive_free(drive);
}

/* A TCP port of the same host is silent, which its UDP ports say nothing about. */
static void test_udp_rejections_explain_no_silence_of_tcp(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    (void)world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_SILENT, 0);
    (void)world_add(&drive->world, "192.0.2.1", EVERY_PORT, BEHAVIOUR_REFUSED, 1 * ms);
    drive_add(drive, "udp://192.0.2.1:3000-3009");
    drive_add(drive, "192.0.2.1:80");
    drive_run(drive);
    claim("TCP", "reason", drive->rows[10].outcome.reason, REASON_TIMEOUT);
    claim("TCP", "rejecter", drive->rows[10].rejection.by, REJECTER_NONE);
    drive_free(drive);
}

/* Second look */

/* 256 answer, and 64 of them are silent on another port: by which is that asked once more? */
static void test_udp_silence_among_answers_is_believed(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const char *answering, *silent;
        int64_t rechecked;
    } cases[] = {
        {"TCP beside TCP", "10.0.0.0/24:80", "10.0.0.0/26:81", 64},
        {"UDP beside TCP", "10.0.0.0/24:80", "udp://10.0.0.0/26:81", 0},
        {"UDP beside UDP", "udp://10.0.0.0/24:80", "udp://10.0.0.0/26:81", 0},
        {"TCP beside UDP", "udp://10.0.0.0/24:80", "10.0.0.0/26:81", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = drive_new();
        drive->options.has_recheck = true;
        crowd_add(drive, 0, 64, 81, BEHAVIOUR_SILENT, 0);
        crowd_add(drive, 0, 256, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
        drive_add(drive, cases[i].answering);
        drive_add(drive, cases[i].silent);
        drive_run(drive);
        claim(cases[i].label, "rechecked", (int64_t)crowd_attempts(drive, 2),
              cases[i].rechecked);
        claim(cases[i].label, "silent", (int64_t)count_reason(drive, REASON_TIMEOUT), 64);
        drive_free(drive);
    }
}

/* What was lost of UDP speaks for loss of UDP alone, and its services are no canaries. */
static void test_udp_answers_raise_no_doubt_about_tcp(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->options.has_recheck = true;
    crowd_add(drive, 0, 256, 80, BEHAVIOUR_OPEN, 20 * ms);
    for (size_t i = 0; i < 256; i += 2)
        drive->world.hosts[i]->lost_syns = 1;
    crowd_add(drive, 256, 512, EVERY_PORT, BEHAVIOUR_SILENT, 0);
    drive_add(drive, "udp://10.0.0.0/24:80");
    drive_add(drive, "10.0.1.0/24:80");
    drive_run(drive);
    claim("loss", "rechecks", (int64_t)drive->traces[TRACE_RECHECK], 0);
    claim("loss", "canaries", (int64_t)drive->traces[TRACE_CANARY], 0);
    claim("loss", "time", crowd_elapsed_ns(drive), 5000 * ms);
    drive_free(drive);
}

/* 256 answer and then no longer, so that canaries find the path congested: by whose word are
   the silent ones asked once more? */
static void test_udp_canaries_of_echo_speak_for_echo_alone(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const char *answering, *silent;
        bool is_rechecked;
    } cases[] = {
        {"TCP by TCP", "10.0.0.0/24:80", "10.0.1.0/24:80", true},
        {"echo by TCP", "10.0.0.0/24:80", "icmp://10.0.1.0/24", true},
        {"echo by echo", "icmp://10.0.0.0/24", "icmp://10.0.1.0/24", true},
        {"TCP by echo", "icmp://10.0.0.0/24", "10.0.1.0/24:80", false},
        {"UDP by echo", "icmp://10.0.0.0/24", "udp://10.0.1.0/24:80", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = drive_new();
        drive->options.has_recheck = true;
        crowd_add(drive, 0, 256, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
        for (size_t host = 0; host < 256; host++)
            world_change(drive->world.hosts[host], drive->world.now_ns + 1000 * ms,
                         BEHAVIOUR_SILENT);
        drive_add(drive, cases[i].answering);
        drive_add(drive, cases[i].silent);
        drive_run(drive);
        claim(cases[i].label, "rechecked", drive->traces[TRACE_RECHECK] > 0,
              cases[i].is_rechecked);
        claim(cases[i].label, "silent", (int64_t)count_reason(drive, REASON_TIMEOUT), 256);
        drive_free(drive);
    }
}

/* Rate and rounds */

/* 60 silent targets are 180 datagrams. */
static void test_udp_rate_counts_what_is_sent_again(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->options.rate = 10;
    drive_add(drive, "udp://192.0.2.1:3000-3059");
    drive_run(drive);
    const struct world *world = &drive->world;
    int64_t last_ns = world->connects[59].from_ns - world->connects[0].from_ns;
    claim("rate", "sent", (int64_t)world->datagrams_sent, 180);
    /* When the last target is begun, all but its own next two and those of some before it have
       been sent. */
    claim_between("rate", "last begun, in ms", last_ns / ms, 12000, 18000);
    claim_between("rate", "s", crowd_elapsed_ns(drive) / NS_PER_S, 17, 23);
    drive_free(drive);
}

/* A datagram that leaves with the end of its time has none to be answered in. */
static void test_udp_and_echo_are_not_asked_again_at_their_deadline(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        int64_t timeout_ms;
        int sent;
    } cases[] = {
        {"udp://192.0.2.1:5000", 999, 1},  {"udp://192.0.2.1:5000", 1000, 1},
        {"udp://192.0.2.1:5000", 1001, 2}, {"udp://192.0.2.1:5000", 3000, 2},
        {"udp://192.0.2.1:5000", 3001, 3}, {"icmp://192.0.2.1", 1000, 1},
        {"icmp://192.0.2.1", 1001, 2},     {"icmp://192.0.2.1", 3000, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = drive_new();
        drive->options.timeout_ns = cases[i].timeout_ms * ms;
        drive_add(drive, cases[i].target);
        drive_run(drive);
        claim(cases[i].target, "told", drive->rows[0].measures.sent, cases[i].sent);
        claim(cases[i].target, "sent", (int64_t)drive->world.datagrams_sent, cases[i].sent);
        drive_free(drive);
    }
}

static void test_udp_rounds_send_once(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->options.ask.is_sent_once = true;
    drive_add(drive, "udp://192.0.2.1:3000-3009");
    drive_run(drive);
    claim("once", "sent", (int64_t)drive->world.datagrams_sent, 10);
    claim("once", "told", drive->rows[0].measures.sent, 1);
    claim("once", "time", crowd_elapsed_ns(drive), 5000 * ms);
    drive_free(drive);
}

/* What goes out at the deadline, nobody could answer. */
static void test_udp_and_echo_send_nothing_at_the_deadline(void **state)
{
    static const struct {
        const char *label;
        int64_t timeout_ms;
        int sent;
    } cases[] = {{"1 s", 1000, 1}, {"1.1 s", 1100, 2}, {"3 s", 3000, 2}, {"3.1 s", 3100, 3}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = drive_new();
        drive->options.timeout_ns = cases[i].timeout_ms * ms;
        drive_add(drive, "udp://192.0.2.1:3000");
        drive_add(drive, "icmp://192.0.2.1");
        drive_run(drive);
        claim(cases[i].label, "datagrams", drive->rows[0].measures.sent, cases[i].sent);
        claim(cases[i].label, "echo requests", drive->rows[1].measures.sent, cases[i].sent);
        claim(cases[i].label, "time", crowd_elapsed_ns(drive), cases[i].timeout_ms * ms);
        drive_free(drive);
    }
}

/* A service that is refused until it is there. */
static void test_udp_wait_is_met_when_the_service_replies(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    struct world_host *host =
        world_add(&watch->world, "192.0.2.1", PORT, BEHAVIOUR_REFUSED, 5 * ms);
    world_change(host, watch->world.now_ns + 3000 * ms, BEHAVIOUR_OPEN);
    watch_add(watch, "udp://192.0.2.1:5000");
    watch_wait(watch);
    assert_true(watch->is_met);
    assert_int_equal(watch_last(watch)->reason, REASON_REPLIED);
    assert_in_range(watch_elapsed_ns(watch), 3000 * ms, 4100 * ms);
    watch_free(watch);
}

/* Hostile peers */

/* Each call takes time, and one service floods: the others are told no later for it. */
static void test_udp_flood_keeps_no_other_target_waiting(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->world.call_cost_ns = 10 * NS_PER_US;
    crowd_add(drive, 0, 1, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    drive->world.hosts[0]->decoys = 5000;
    crowd_add(drive, 1, 2, EVERY_PORT, BEHAVIOUR_OPEN, 25 * ms);
    drive_add(drive, "udp://10.0.0.0:80");
    drive_add(drive, "udp://10.0.0.1:80");
    drive_add(drive, "10.0.0.1:80");
    drive_run(drive);
    claim("flood", "up", (int64_t)count_reason(drive, REASON_REPLIED), 2);
    claim_between("flood", "its ms", drive->rows[0].reply_ns / ms, 50, 500);
    claim_between("flood", "another's ms", drive->rows[1].reply_ns / ms, 25, 28);
    drive_free(drive);
}

/* So many come that the answer finds no room: silence proves nothing. */
static void test_udp_answer_that_may_be_lost_here_is_asked_for_once_more(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    struct world_host *host =
        world_add(&drive->world, "192.0.2.1", PORT, BEHAVIOUR_OPEN, 20 * ms);
    host->decoys = 2 * BUFFER_ROOM;
    drive->world.call_cost_ns = NS_PER_US;
    drive->world.receive_room = BUFFER_ROOM;
    drive_add(drive, "udp://192.0.2.1:5000");
    drive_run(drive);
    claim("lost", "reason", drive->rows[0].outcome.reason, REASON_LOCAL);
    claim("lost", "remark", drive->rows[0].outcome.remark, REMARK_LOST);
    claim("lost", "asked", host->asked, 2);
    claim_between("lost", "ms", crowd_elapsed_ns(drive) / ms, 10000, 10100);
    drive_free(drive);
}

/* Errors about other datagrams, among them one that makes the next send() fail. */
static void test_udp_rejection_of_another_datagram_is_passed_over(void **state)
{
    (void)state;
    static const enum behaviour behaviours[] = {BEHAVIOUR_ERROR, BEHAVIOUR_EARLY_WAKE};
    for (size_t i = 0; i < ARRAY_LEN(behaviours); i++) {
        struct drive *drive = drive_new();
        struct world_host *host =
            world_add(&drive->world, "192.0.2.1", PORT, behaviours[i], 1000 * ms);
        host->error = ECONNREFUSED;
        host->rejects = "192.0.2.9";
        world_change(host, drive->world.now_ns + 2500 * ms, BEHAVIOUR_OPEN);
        drive_add(drive, "udp://192.0.2.1:5000");
        drive_run(drive);
        claim("other", "reason", drive->rows[0].outcome.reason, REASON_REPLIED);
        claim("other", "time", crowd_elapsed_ns(drive), 4000 * ms);
        drive_free(drive);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_udp_row_says_what_the_service_does),
        cmocka_unit_test(test_udp_address_of_many_is_no_host),
        cmocka_unit_test(test_udp_and_tcp_are_one_run),
        cmocka_unit_test(test_udp_addresses_of_a_name_race),
        cmocka_unit_test(test_udp_answer_from_elsewhere_counts_with_its_cookie),
        cmocka_unit_test(test_udp_silence_beside_rejections_says_so_and_is_believed),
        cmocka_unit_test(test_udp_slow_enough_finds_every_closed_port),
        cmocka_unit_test(test_udp_rejections_explain_no_silence_of_tcp),
        cmocka_unit_test(test_udp_silence_among_answers_is_believed),
        cmocka_unit_test(test_udp_answers_raise_no_doubt_about_tcp),
        cmocka_unit_test(test_udp_canaries_of_echo_speak_for_echo_alone),
        cmocka_unit_test(test_udp_rate_counts_what_is_sent_again),
        cmocka_unit_test(test_udp_and_echo_are_not_asked_again_at_their_deadline),
        cmocka_unit_test(test_udp_rounds_send_once),
        cmocka_unit_test(test_udp_and_echo_send_nothing_at_the_deadline),
        cmocka_unit_test(test_udp_wait_is_met_when_the_service_replies),
        cmocka_unit_test(test_udp_flood_keeps_no_other_target_waiting),
        cmocka_unit_test(test_udp_answer_that_may_be_lost_here_is_asked_for_once_more),
        cmocka_unit_test(test_udp_rejection_of_another_datagram_is_passed_over),
    };
    return cmocka_run_group_tests_name("sim: UDP", tests, NULL, NULL);
}
