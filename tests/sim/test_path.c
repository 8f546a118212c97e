/*
 * Whether silence is believed: canaries, on virtual time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crowd.h"

static const int64_t ms = NS_PER_MS;

enum { CANARIES = 3 }; /* in a round */

/* Open hosts 0..127 and silent ones 128..255, all asked at once. */
static struct drive *new_drive(enum behaviour behaviour, int64_t delay_ns)
{
    struct drive *drive = drive_new();
    drive->options.has_recheck = true;
    crowd_add(drive, 0, 128, EVERY_PORT, behaviour, delay_ns);
    crowd_add(drive, 128, 256, EVERY_PORT, BEHAVIOUR_SILENT, 0);
    drive_add(drive, "10.0.0.0/24:80");
    return drive;
}

/* Asked again, although it answered. */
static bool is_canary(const struct world_connect *connect)
{
    return connect->nth > 1 && connect->host->behaviour != BEHAVIOUR_SILENT;
}

static void test_path_clear_silence_is_believed_at_its_deadline(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum behaviour behaviour; /* of those that answer */
        int64_t delay_ms;
        int64_t timeout_ms;
    } cases[] = {
        {"up", BEHAVIOUR_OPEN, 20, 5000},
        {"refused", BEHAVIOUR_REFUSED, 20, 5000},
        {"far away", BEHAVIOUR_OPEN, 499, 5000},
        {"up within connect()", BEHAVIOUR_CONNECTED, 0, 5000},
        {"0.2 s", BEHAVIOUR_OPEN, 20, 200},
        {"1 s", BEHAVIOUR_OPEN, 20, 1000},
        {"2 s", BEHAVIOUR_OPEN, 20, 2000},
        {"3 s", BEHAVIOUR_OPEN, 20, 3000},
        {"60 s", BEHAVIOUR_OPEN, 20, 60000},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t timeout_ns = cases[i].timeout_ms * ms;
        struct drive *drive = new_drive(cases[i].behaviour, cases[i].delay_ms * ms);
        drive->options.timeout_ns = timeout_ns;
        drive_run(drive);
        claim(cases[i].label, "rows", (int64_t)drive->row_count, 256);
        claim(cases[i].label, "wrong rows", (int64_t)crowd_wrong(drive), 0);
        for (unsigned j = 128; j < 256; j++) {
            const struct result *row = &drive->rows[j];
            claim(cases[i].label, "attempts", row->attempts, 1);
            claim(cases[i].label, "connects", crowd_host(drive, j, EVERY_PORT)->asked, 1);
            claim(cases[i].label, "finished", row->finished_ns,
                  crowd_host(drive, j, EVERY_PORT)->first_at_ns + timeout_ns);
            claim(cases[i].label, "waited", row->waited_ns, timeout_ns);
        }
        claim(cases[i].label, "elapsed", crowd_elapsed_ns(drive), timeout_ns);
        claim(cases[i].label, "doubts", (int64_t)drive->traces[TRACE_RECHECK], 0);
        claim(cases[i].label, "canaries",
              (int64_t)(drive->world.connect_count - drive->row_count),
              (int64_t)drive->traces[TRACE_CANARY]);
        claim_between(cases[i].label, "canaries", (int64_t)drive->traces[TRACE_CANARY],
                      CANARIES, CANARIES * 16);
        drive_free(drive);
    }
}

/* Who answers first does so when others time out already: these wait for the first round. */
static void test_path_silence_that_waited_for_canaries_keeps_its_time(void **state)
{
    (void)state;
    struct drive *drive = new_drive(BEHAVIOUR_OPEN, 300 * ms);
    drive->options.rate = 26;
    drive->targets[0] = "10.0.0.128/25:80";
    drive_add(drive, "10.0.0.0/29:80");
    drive_run(drive);
    assert_int_equal(drive->row_count, 128 + 8);
    int64_t canary_ns = crowd_first(drive, is_canary)->from_ns;
    size_t waited = 0;
    for (unsigned i = 0; i < 128; i++) {
        const struct result *row = &drive->rows[i];
        assert_int_equal(row->outcome.reason, REASON_TIMEOUT);
        assert_int_equal(row->attempts, 1);
        assert_int_equal(row->waited_ns, 5000 * ms);
        assert_int_equal(row->finished_ns,
                         crowd_host(drive, 128 + i, EVERY_PORT)->first_at_ns + 5000 * ms);
        waited += row->finished_ns >= canary_ns && row->finished_ns < canary_ns + 300 * ms;
    }
    assert_in_range(waited, 7, 9); /* 26 a second, for 0.3 s */
    drive_free(drive);
}

static void test_path_nobody_is_asked_again_without_need(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t delay_ms;
        bool has_recheck;
        const char *targets;
    } cases[] = {
        {"nothing is silent", 20, true, "10.0.0.0/25:80"},
        {"only silent ones", 20, true, "10.0.0.128/25:80"},
        {"fewer than 64", 20, true, "10.0.0.120/28:80"},
        {"answers too late for a round", 900, true, "10.0.0.0/24:80"},
        {"switched off", 20, false, "10.0.0.0/24:80"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = new_drive(BEHAVIOUR_OPEN, cases[i].delay_ms * ms);
        drive->options.has_recheck = cases[i].has_recheck;
        drive->targets[0] = cases[i].targets;
        drive_run(drive);
        claim(cases[i].label, "canaries", (int64_t)drive->traces[TRACE_CANARY], 0);
        claim(cases[i].label, "connects", (int64_t)drive->world.connect_count,
              (int64_t)drive->row_count);
        claim(cases[i].label, "rows of one attempt", (int64_t)crowd_attempts(drive, 1),
              (int64_t)drive->row_count);
        drive_free(drive);
    }
}

static void test_path_canaries_come_three_a_second_before_a_deadline(void **state)
{
    (void)state;
    struct drive *drive = new_drive(BEHAVIOUR_OPEN, 20 * ms);
    drive_run(drive);
    /* With the last SYN of those that are silent. */
    const struct world_connect *first = crowd_first(drive, is_canary);
    assert_int_equal(first->from_ns - drive->began_ns, 4000 * ms);
    assert_int_equal(drive->traces[TRACE_CANARY], CANARIES);
    assert_int_equal(crowd_most_begun(drive, is_canary), CANARIES);
    drive_free(drive);
}

static void test_path_canaries_that_nobody_waits_for_are_closed(void **state)
{
    (void)state;
    struct drive *drive = new_drive(BEHAVIOUR_OPEN, 800 * ms);
    drive->options.rate = 300; /* so that the deadlines are spread over 0.4 s */
    drive_run(drive);
    assert_int_equal(drive->row_count, 256);
    /* The second round begins a second after the first one, and is not back before the end. */
    size_t cut_short = 0;
    for (size_t i = drive->row_count; i < drive->world.connect_count; i++) {
        const struct world_connect *connect = &drive->world.connects[i];
        cut_short += is_canary(connect) && connect->to_ns - connect->from_ns < 800 * ms;
    }
    assert_int_equal(cut_short, CANARIES);
    drive_free(drive);
}

/* Neither where canaries are lost, nor where this machine cannot send them. */
static void test_path_canaries_without_answers_then_silence_is_looked_at_again(void **state)
{
    (void)state;
    enum { ANY = 0 };
    static const struct {
        const char *label;
        enum { SHUT, UNROUTED, SHORT } trouble;
        int64_t from_ms;
        int64_t to_ms;
        unsigned attempts; /* of the silent ones */
    } cases[] = {
        {"not at all", SHUT, 0, 0, 1},
        {"before anybody is about to time out", SHUT, 100, 3700, 1},
        {"shortly before the deadline", SHUT, 3700, 4900, 2},
        {"around the deadline", SHUT, 3700, 5500, 2},
        {"long after the deadline", SHUT, 3700, 30000, 2},
        {"no route", UNROUTED, 3700, 4900, 2},
        {"no descriptors in the first round", SHORT, 3700, 3800, ANY},
        {"no descriptors in both rounds", SHORT, 3700, 4900, ANY},
        {"no descriptors until after the deadline", SHORT, 3700, 6000, ANY},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        struct drive *drive = new_drive(BEHAVIOUR_OPEN, 20 * ms);
        struct world *world = &drive->world;
        int64_t *spans[][2] = {{&world->router.shut_ns, &world->router.opened_ns},
                               {&world->unrouted_ns, &world->routed_ns},
                               {&world->short_ns, &world->supplied_ns}};
        *spans[cases[i].trouble][0] = world->now_ns + cases[i].from_ms * ms;
        *spans[cases[i].trouble][1] = world->now_ns + cases[i].to_ms * ms;
        drive_run(drive);
        claim(label, "rows", (int64_t)drive->row_count, 256);
        claim(label, "wrong rows", (int64_t)crowd_wrong(drive), 0);
        claim_between(label, "ms", crowd_elapsed_ns(drive) / ms, 5000, cases[i].to_ms + 14000);
        for (unsigned j = 128; j < 256 && cases[i].attempts != ANY; j++)
            claim(label, "attempts", drive->rows[j].attempts, cases[i].attempts);
        drive_free(drive);
    }
}

/* A link that is down for a while makes nobody who is there look silent. */
static void test_path_outage_leaves_no_wrong_verdict(void **state)
{
    (void)state;
    static const int64_t outages_ms[] = {500, 1000, 4000, 10000, 50000};
    for (size_t i = 0; i < ARRAY_LEN(outages_ms); i++) {
        struct drive *drive = drive_new();
        drive->options.has_recheck = true;
        drive->options.rate = 500;
        crowd_add_mixed(drive, 2048);
        drive_add(drive, "10.0.0.0/21:80");
        drive->world.router.shut_ns = drive->world.now_ns + 500 * ms;
        drive->world.router.opened_ns = drive->world.router.shut_ns + outages_ms[i] * ms;
        drive_run(drive);
        assert_int_equal(drive->row_count, 2048);
        assert_int_equal(crowd_wrong(drive), 0);
        assert_true(crowd_elapsed_ns(drive) <= outages_ms[i] * ms + 60000 * ms);
        drive_free(drive);
    }
}

static bool is_first(const struct world_connect *connect)
{
    return connect->nth == 1;
}

static bool is_second(const struct world_connect *connect)
{
    return connect->nth == 2 && connect->host->behaviour == BEHAVIOUR_SILENT;
}

/* What did not fit through at 1024 at a time is not sent so again. */
static void test_path_clogged_halves_the_window_afterwards(void **state)
{
    (void)state;
    struct drive *drive = new_drive(BEHAVIOUR_OPEN, 20 * ms);
    crowd_add(drive, 256, 4096, EVERY_PORT, BEHAVIOUR_SILENT, 0);
    drive->targets[0] = "10.0.0.0/20:80";
    drive->is_unordered = true;
    drive->world.router.shut_ns = drive->world.now_ns + 3000 * ms;
    drive->world.router.opened_ns = drive->world.now_ns + 6000 * ms;
    drive_run(drive);
    const struct world_connect *second = crowd_first(drive, is_second);
    assert_int_equal(drive->row_count, 4096);
    assert_int_equal(crowd_wrong(drive), 0);
    assert_int_equal(crowd_most_open(drive, is_first, drive->began_ns, second->from_ns), 1024);
    assert_int_equal(crowd_most_open(drive, is_first, second->from_ns, drive->ended_ns), 512);
    drive_free(drive);
}

static void test_path_canaries_have_no_rows_and_hold_no_place(void **state)
{
    (void)state;
    static const size_t windows[] = {64, 65, 100, 1024};
    for (size_t i = 0; i < ARRAY_LEN(windows); i++) {
        struct drive *drive = new_drive(BEHAVIOUR_OPEN, 20 * ms);
        drive->options.window = windows[i];
        drive_run(drive);
        assert_int_equal(drive->row_count, 256);
        assert_int_equal(crowd_wrong(drive), 0);
        for (size_t j = 0; j < drive->row_count; j++)
            assert_int_equal(drive->rows[j].sequence, j);
        size_t at_once = windows[i] < 256 ? windows[i] : 256;
        assert_in_range(drive->world.open_most, at_once, at_once + CANARIES);
        assert_true(drive->traces[TRACE_CANARY] >= CANARIES);
        drive_free(drive);
    }
}

/* Who answered once is gone: the path is never clear again. */
static void test_path_canaries_gone_for_good_end_in_bounded_time(void **state)
{
    (void)state;
    struct drive *drive = new_drive(BEHAVIOUR_OPEN, 20 * ms);
    for (unsigned i = 0; i < 128; i++)
        crowd_host(drive, i, EVERY_PORT)->gone_ns = drive->world.now_ns + 1000 * ms;
    drive_run(drive);
    assert_int_equal(drive->row_count, 256);
    assert_int_equal(crowd_wrong(drive), 0);
    assert_in_range(crowd_elapsed_ns(drive) / NS_PER_S, 5, 400);
    drive_free(drive);
}

/* Twelve silent ports of a host that answers, eight looks at a time, and an outage meanwhile.
 */
static void test_path_lost_during_second_looks_does_not_spin(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive->options.has_recheck = true;
    drive->options.timeout_ns = 2000 * ms;
    drive->options.window = 64;
    for (uint16_t port = 1; port <= 12; port++)
        crowd_add(drive, 0, 1, port, BEHAVIOUR_SILENT, 0);
    crowd_add(drive, 0, 1, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
    drive_add(drive, "10.0.0.0:1-100");
    drive->world.router.shut_ns = drive->world.now_ns + 3000 * ms;
    drive->world.router.opened_ns = drive->world.now_ns + 6000 * ms;
    drive_run(drive);
    assert_int_equal(drive->row_count, 100);
    assert_in_range(drive->world.waits, 1, 500);
    drive_free(drive);
}

/* 128 silent ones, and while these time out others that answer. */
static void test_path_canaries_keep_to_the_rate(void **state)
{
    (void)state;
    struct drive *drive = new_drive(BEHAVIOUR_OPEN, 20 * ms);
    drive->options.rate = 40;
    drive->options.timeout_ns = 4000 * ms;
    drive->targets[0] = "10.0.0.128/25:80";
    drive_add(drive, "10.0.0.0/25:80");
    drive_run(drive);
    assert_in_range(crowd_most_begun(drive, crowd_is_any), 40, 41);
    drive_free(drive);
}

/* Hosts whose first connect is lost with their place among the neighbours; no others answer. */
static void test_path_full_table_of_neighbours_is_looked_at_again(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t full_ms;
        int64_t lost;
        unsigned attempts;
    } cases[] = {
        {"none lost", 100, 0, 1},
        {"some lost", 100, 7, 2},
        {"lost before", 0, 7, 1},
        {"unknown for a while", 100, -1, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = drive_new();
        drive->options.has_recheck = true;
        crowd_add(drive, 0, 128, EVERY_PORT, BEHAVIOUR_OPEN, 20 * ms);
        for (unsigned j = 0; j < 128; j++)
            crowd_host(drive, j, EVERY_PORT)->deaf_connects = 1;
        drive->world.neighbours_lost = cases[i].lost;
        drive->world.neighbours_full_ns = drive->world.now_ns + cases[i].full_ms * ms;
        drive_add(drive, "10.0.0.0/25:80");
        drive_run(drive);
        claim(cases[i].label, "rows", (int64_t)drive->row_count, 128);
        claim(cases[i].label, "rows of that many attempts",
              (int64_t)crowd_attempts(drive, cases[i].attempts), 128);
        claim(cases[i].label, "traces", (int64_t)drive->traces[TRACE_NEIGHBOURS],
              cases[i].attempts > 1 ? 128 : 0);
        drive_free(drive);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path_clear_silence_is_believed_at_its_deadline),
        cmocka_unit_test(test_path_silence_that_waited_for_canaries_keeps_its_time),
        cmocka_unit_test(test_path_nobody_is_asked_again_without_need),
        cmocka_unit_test(test_path_canaries_come_three_a_second_before_a_deadline),
        cmocka_unit_test(test_path_canaries_that_nobody_waits_for_are_closed),
        cmocka_unit_test(test_path_canaries_without_answers_then_silence_is_looked_at_again),
        cmocka_unit_test(test_path_outage_leaves_no_wrong_verdict),
        cmocka_unit_test(test_path_clogged_halves_the_window_afterwards),
        cmocka_unit_test(test_path_canaries_have_no_rows_and_hold_no_place),
        cmocka_unit_test(test_path_canaries_gone_for_good_end_in_bounded_time),
        cmocka_unit_test(test_path_lost_during_second_looks_does_not_spin),
        cmocka_unit_test(test_path_canaries_keep_to_the_rate),
        cmocka_unit_test(test_path_full_table_of_neighbours_is_looked_at_again),
    };
    return cmocka_run_group_tests_name("sim: path", tests, NULL, NULL);
}
