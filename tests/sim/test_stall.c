/*
 * A process that is stopped, and a machine that is suspended: what nobody was there to hear
 * proves nothing, and what was missed is not made up for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crowd.h"
#include "watch.h"

enum { SECONDS = 60, TARGETS = 30 };

static const int64_t ms = NS_PER_MS;

/* Stopped from so long after now on. */
static void stop_at(struct world *world, int64_t after_ns, int64_t length_ns)
{
    world->stop_ns = world->now_ns + after_ns;
    world->resume_ns = world->stop_ns + length_ns;
}

/* A minute of rounds of targets that answer, some of them slowly. */
static struct watch *new_minute(void)
{
    struct watch *watch = watch_new();
    world_add(&watch->world, "192.0.2.1", 0, BEHAVIOUR_OPEN, 30 * ms);
    world_add(&watch->world, "192.0.2.2", 0, BEHAVIOUR_OPEN, 700 * ms);
    watch_add(watch, "192.0.2.1:1-15");
    watch_add(watch, "192.0.2.2:1-15");
    watch->interval_ns = 1000 * ms;
    watch->end_ns = watch->world.now_ns + SECONDS * NS_PER_S;
    return watch;
}

/* How often a member was asked in [from_ns, to_ns). */
static size_t asked_between(const struct watch *watch, size_t member, int64_t from_ns,
                            int64_t to_ns)
{
    size_t count = 0;
    for (size_t i = 0; i < watch->row_count; i++) {
        const struct watch_row *row = &watch->rows[i];
        count += row->member == member && row->asked_ns >= from_ns && row->asked_ns < to_ns;
    }
    return count;
}

static void test_absence_makes_no_answering_target_down(void **state)
{
    (void)state;
    for (int64_t at_ns = 5000 * ms; at_ns < 6000 * ms; at_ns += 29 * ms) {
        struct watch *watch = new_minute();
        watch->options.timeout_ns = 900 * ms;
        stop_at(&watch->world, at_ns, 10000 * ms);
        watch_rounds(watch);
        assert_int_equal(watch->world.stops, 1);
        assert_int_equal(watch_rows_with(watch, REASON_CONNECTED), watch->row_count);
        watch_free(watch);
    }
}

static void test_absence_is_not_made_up_for(void **state)
{
    (void)state;
    for (int64_t at_ns = 5000 * ms; at_ns < 6000 * ms; at_ns += 29 * ms) {
        struct watch *watch = new_minute();
        stop_at(&watch->world, at_ns, 10000 * ms);
        int64_t resume_ns = watch->world.resume_ns;
        watch_rounds(watch);
        for (size_t member = 0; member < TARGETS; member++) {
            assert_in_range(
                asked_between(watch, member, resume_ns, resume_ns + watch->interval_ns), 0, 1);
            assert_int_equal(asked_between(watch, member, resume_ns + watch->interval_ns,
                                           resume_ns + 3 * watch->interval_ns),
                             2);
        }
        watch_free(watch);
    }
}

static void test_absence_leaves_the_slots_where_they_are(void **state)
{
    (void)state;
    struct watch *watch = new_minute();
    stop_at(&watch->world, 5432 * ms, 10000 * ms);
    watch_rounds(watch);
    for (size_t i = 0; i < watch->row_count; i++) {
        int64_t first_ns = watch->interval_ns * (int64_t)watch->rows[i].member / TARGETS;
        int64_t since_ns = watch->rows[i].asked_ns - watch->began_ns - first_ns;
        assert_int_equal(since_ns % watch->interval_ns, 0);
    }
    assert_int_equal(watch->askings + watch->rounds.missed, SECONDS * TARGETS);
    assert_in_range(watch->rounds.missed, 10 * TARGETS, 11 * TARGETS);
    watch_free(watch);
}

/* The rounds in which nobody is asked do not count. */
static void test_absence_does_not_shorten_a_count(void **state)
{
    (void)state;
    struct watch *watch = new_minute();
    watch->end_ns = NEVER_NS;
    watch->count = 20;
    stop_at(&watch->world, 5432 * ms, 10000 * ms);
    watch_rounds(watch);
    for (size_t member = 0; member < TARGETS; member++)
        assert_int_equal(watch_rows_of(watch, member), 20);
    watch_free(watch);
}

/* One silent target, asked at once, 1 s of timeout. */
static struct drive *new_silent(void)
{
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_SILENT, 0);
    drive_add(drive, "192.0.2.1:80");
    drive->options.timeout_ns = 1000 * ms;
    return drive;
}

/* What the silent target's row says where the process was stopped, or the machine suspended. */
static const struct {
    const char *label;
    bool is_suspended; /* whenever that is, its time is not in ours */
    int64_t at_ms, length_ms;
    int64_t pause_ms; /* until it is stopped again; 0: never */
    int64_t timeout_ms;
    unsigned retries;
    unsigned least, most; /* attempts */
    int64_t took_ms;      /* -1: any time */
} absences[] = {
    {"over before the deadline", false, 100, 850, 0, 1000, 0, 1, 1, 1000},
    {"up to the deadline", false, 100, 900, 0, 1000, 0, 1, 1, 1000},
    {"far over it", false, 100, 9900, 0, 1000, 0, 2, 2, 11000},
    {"a second over it", false, 600, 1400, 0, 1000, 0, 2, 2, 3000},
    {"a moment less than that", false, 600, 1399, 0, 1000, 0, 1, 1, 1999},
    {"right before it", false, 999, 10000, 0, 1000, 0, 2, 2, 11999},
    {"after it", false, 1001, 10000, 0, 1000, 0, 1, 1, 1000},
    {"with retries", false, 1500, 10000, 0, 1000, 2, 4, 4, 1500 + 10000 + 2 * 1000},
    /* One attempt has time enough in between. */
    {"again and again", false, 1000, 10000, 5001, 5000, 0, 2, 2, 16000},
    /* It never runs for a whole timeout: at some time that has to do. */
    {"without end", false, 1000, 10000, 1000, 5000, 0, 2, 100, -1},
    {"an hour right away", true, 0, 3600000, 0, 1000, 0, 1, 1, 1000},
    {"an hour in the middle", true, 500, 3600000, 0, 1000, 0, 2, 2, 2000},
    {"half a second", true, 500, 500, 0, 1000, 0, 2, 2, 2000},
    {"less", true, 500, 499, 0, 1000, 0, 1, 1, 1000},
    {"an hour afterwards", true, 1001, 3600000, 0, 1000, 0, 1, 1, 1000},
};

static void test_absence_over_the_deadline_is_no_attempt(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(absences); i++) {
        const char *label = absences[i].label;
        struct drive *drive = new_silent();
        drive->options.timeout_ns = absences[i].timeout_ms * ms;
        drive->options.retries = absences[i].retries;
        if (absences[i].is_suspended) {
            drive->world.suspended_at_ns = drive->world.now_ns + absences[i].at_ms * ms;
            drive->world.suspended_ns = absences[i].length_ms * ms;
        } else {
            stop_at(&drive->world, absences[i].at_ms * ms, absences[i].length_ms * ms);
            drive->world.stop_pause_ns = absences[i].pause_ms * ms;
        }
        drive_run(drive);
        claim(label, "reason", drive->rows[0].outcome.reason, REASON_TIMEOUT);
        claim_between(label, "attempts", drive->rows[0].attempts, absences[i].least,
                      absences[i].most);
        if (absences[i].took_ms >= 0)
            claim(label, "time", crowd_elapsed_ns(drive), absences[i].took_ms * ms);
        drive_free(drive);
    }
}

static void test_absence_asks_again_whom_it_kept_from_answering(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 20 * ms)->deaf_connects = 1;
    drive_add(drive, "192.0.2.1:80");
    drive->options.timeout_ns = 1000 * ms;
    stop_at(&drive->world, 100 * ms, 10000 * ms);
    drive_run(drive);
    assert_int_equal(drive->rows[0].outcome.reason, REASON_CONNECTED);
    assert_int_equal(drive->rows[0].attempts, 2);
    drive_free(drive);
}

/* The lookup came back while nobody was there to use it. */
static void test_absence_asks_the_addresses_that_came_meanwhile(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t ipv4_ns;
        int64_t ipv6_ns;
        unsigned families;
    } cases[] = {
        {"IPv4 only", 2000 * NS_PER_MS, 0, FAMILY_IPV4},
        {"IPv6 only", 0, 2000 * NS_PER_MS, FAMILY_IPV6},
        {"IPv4 refused before", 500 * NS_PER_MS, 2000 * NS_PER_MS, FAMILY_ANY},
        {"neither", 12000 * NS_PER_MS, 12000 * NS_PER_MS, FAMILY_ANY},
        {"IPv4 refused before, IPv6 late", 500 * NS_PER_MS, 7000 * NS_PER_MS, FAMILY_ANY},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = drive_new();
        struct world_name *name =
            world_add_name(&drive->world, "db", cases[i].ipv4_ns, cases[i].ipv6_ns);
        world_name_address(name, "192.0.2.1");
        world_name_address(name, "2001:db8::1");
        enum behaviour behaviour =
            cases[i].families == FAMILY_ANY ? BEHAVIOUR_REFUSED : BEHAVIOUR_OPEN;
        world_add(&drive->world, "192.0.2.1", 80, behaviour, 20 * ms);
        world_add(&drive->world, "2001:db8::1", 80, BEHAVIOUR_OPEN, 20 * ms);
        drive_add(drive, "db:80");
        drive->options.families = cases[i].families;
        stop_at(&drive->world, 1000 * ms, 10000 * ms);
        drive_run(drive);
        claim(cases[i].label, "reason", drive->rows[0].outcome.reason, REASON_CONNECTED);
        claim(cases[i].label, "attempts", drive->rows[0].attempts, 2);
        drive_free(drive);
    }
}

static void test_absence_shorter_than_a_second_changes_nothing(void **state)
{
    (void)state;
    struct watch *watch = new_minute();
    world_add(&watch->world, "192.0.2.3", 0, BEHAVIOUR_SILENT, 0);
    watch_add(watch, "192.0.2.3:1-30");
    watch->options.timeout_ns = 800 * ms;
    watch->interval_ns = 2000 * ms;
    stop_at(&watch->world, 3100 * ms, 999 * ms);
    watch->world.stop_pause_ns = 2345 * ms;
    watch_rounds(watch);
    assert_in_range(watch->world.stops, 15, 25);
    assert_int_equal(watch->rounds.missed, 0);
    for (size_t i = 0; i < watch->row_count; i++)
        assert_int_equal(watch->rows[i].attempts, 1);
    watch_free(watch);
}

/* Although it was noticed, and others were answered, long before the deadline. */
static void test_suspension_is_remembered_until_the_deadline(void **state)
{
    (void)state;
    struct drive *drive = new_silent();
    world_add(&drive->world, "192.0.2.2", 80, BEHAVIOUR_OPEN, 600 * ms);
    world_add(&drive->world, "192.0.2.3", 80, BEHAVIOUR_OPEN, 700 * ms);
    drive_add(drive, "192.0.2.2:80");
    drive_add(drive, "192.0.2.3:80");
    drive->world.suspended_at_ns = drive->world.now_ns + 500 * ms;
    drive->world.suspended_ns = 3600 * NS_PER_S;
    drive_run(drive);
    assert_int_equal(drive->rows[0].attempts, 2);
    assert_int_equal(drive->rows[1].attempts, 1);
    assert_int_equal(crowd_elapsed_ns(drive), 2000 * ms);
    drive_free(drive);
}

/* Its time is not in ours: the slots go on where they were. */
static void test_suspension_makes_nobody_down_in_rounds(void **state)
{
    (void)state;
    for (int64_t at_ns = 5000 * ms; at_ns < 6000 * ms; at_ns += 29 * ms) {
        struct watch *watch = new_minute();
        world_add(&watch->world, "192.0.2.3", 80, BEHAVIOUR_OPEN, 20 * ms)->deaf_connects = 6;
        watch_add(watch, "192.0.2.3:80");
        watch->options.timeout_ns = 950 * ms;
        watch->world.suspended_at_ns = watch->world.now_ns + at_ns;
        watch->world.suspended_ns = 3600 * NS_PER_S;
        watch_rounds(watch);
        for (size_t i = 0; i < watch->row_count; i++)
            if (watch->rows[i].member < TARGETS)
                assert_int_equal(watch->rows[i].reason, REASON_CONNECTED);
        assert_in_range(watch->rounds.missed, 0, TARGETS);
        watch_free(watch);
    }
}

/* select() is always a little late; nobody missed a slot for that. */
static void test_suspension_costs_no_round(void **state)
{
    (void)state;
    struct watch *watch = new_minute();
    watch->world.wake_late_ns = 60 * NS_PER_US;
    watch->world.suspended_at_ns = watch->world.now_ns + 5510 * ms;
    watch->world.suspended_ns = 3600 * NS_PER_S;
    watch_rounds(watch);
    assert_int_equal(watch->rounds.missed, 0);
    watch_free(watch);
}

static void test_absence_does_not_lengthen_a_wait(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    world_add(&watch->world, "192.0.2.1", 80, BEHAVIOUR_SILENT, 0);
    watch_add(watch, "192.0.2.1:80");
    watch->options.timeout_ns = 1000 * ms;
    watch->options.retries = 2;
    watch->wait_ns = 8000 * ms;
    stop_at(&watch->world, 1500 * ms, 10000 * ms);
    watch_wait(watch);
    assert_false(watch->is_met);
    assert_int_equal(watch_elapsed_ns(watch), 11500 * ms);
    assert_int_equal(watch_last(watch)->reason, REASON_TIMEOUT);
    watch_free(watch);
}

static void test_absence_in_a_wait_asks_everybody_once(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    world_add(&watch->world, "192.0.2.1", 0, BEHAVIOUR_REFUSED, 1 * ms);
    watch_add(watch, "192.0.2.1:1-30");
    watch->wait_ns = 60 * NS_PER_S;
    stop_at(&watch->world, 20000 * ms, 10000 * ms);
    int64_t resume_ns = watch->world.resume_ns;
    watch_wait(watch);
    for (size_t member = 0; member < TARGETS; member++)
        assert_in_range(asked_between(watch, member, resume_ns, resume_ns + 200 * ms), 1, 1);
    watch_free(watch);
}

/* Not long enough to be an stall, but the second address would have had its turn. */
static void test_absence_for_a_moment_leaves_no_address_unasked(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    struct world_name *name = world_add_name(&drive->world, "db", 1 * ms, 1 * ms);
    world_name_address(name, "192.0.2.9");
    world_name_address(name, "192.0.2.1");
    world_add(&drive->world, "192.0.2.9", 80, BEHAVIOUR_SILENT, 0);
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 30 * ms);
    drive_add(drive, "db:80");
    drive->options.timeout_ns = 400 * ms;
    stop_at(&drive->world, 100 * ms, 600 * ms);
    drive_run(drive);
    assert_int_equal(drive->rows[0].outcome.reason, REASON_CONNECTED);
    assert_int_equal(drive->rows[0].attempts, 2);
    drive_free(drive);
}

/* What the kernel noted, nothing, or what we saw: the time a stop took is never in it. */
static void test_absence_is_no_latency(void **state)
{
    (void)state;
    enum { NEVER = -1 };
    static const struct {
        const char *label;
        enum behaviour behaviour;
        int64_t delay_ms;
        unsigned lost_syns;
        int64_t stop_ms; /* after the connect */
        int64_t length_ms;
        bool is_frozen;     /* nothing tells of it, but the kernel's time is true anyway */
        int64_t connect_ms; /* -1: unknown */
    } cases[] = {
        {"up", BEHAVIOUR_OPEN, 51, 0, 20, 600, false, 51},
        {"up, frozen", BEHAVIOUR_OPEN, 51, 0, 20, 600, true, 51},
        {"up, slow", BEHAVIOUR_OPEN, 900, 0, 100, 2000, false, 900},
        {"up, over the deadline", BEHAVIOUR_OPEN, 900, 0, 100, 9000, false, 900},
        {"up, a short stop", BEHAVIOUR_OPEN, 51, 0, 50, 20, false, 51},
        {"up, a SYN lost", BEHAVIOUR_OPEN, 51, 1, 100, 2000, false, -1},
        {"up, a SYN lost, no stop", BEHAVIOUR_OPEN, 51, 1, NEVER, 0, false, 1051},
        {"up behind a proxy", BEHAVIOUR_SHUT, 10, 0, 100, 600, false, -1},
        {"refused", BEHAVIOUR_REFUSED, 51, 0, 20, 600, false, -1},
        {"refused before the stop", BEHAVIOUR_REFUSED, 51, 0, 60, 600, false, 51},
        {"refused behind the stop", BEHAVIOUR_REFUSED, 700, 0, 20, 600, false, 700},
        {"refused, no stop", BEHAVIOUR_REFUSED, 51, 0, NEVER, 0, false, 51},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases) * 2; i++) {
        struct drive *drive = drive_new();
        size_t n = i / 2;
        struct world_host *host = world_add(&drive->world, "192.0.2.1", 80, cases[n].behaviour,
                                            cases[n].delay_ms * ms);
        host->lost_syns = cases[n].lost_syns;
        host->later_ns = 200 * ms;
        drive_add(drive, "192.0.2.1:80");
        world_add(&drive->world, "192.0.2.2", 80, BEHAVIOUR_OPEN, 61 * ms);
        drive_add(drive, "192.0.2.2:80");
        if (cases[n].stop_ms != NEVER)
            stop_at(&drive->world, cases[n].stop_ms * ms, cases[n].length_ms * ms);
        drive->world.is_interrupted = i % 2 == 1;
        drive->world.is_frozen = cases[n].is_frozen;
        drive_run(drive);
        claim(cases[n].label, "time", drive->rows[0].connect_ns,
              cases[n].connect_ms < 0 ? -1 : cases[n].connect_ms * ms);
        drive_free(drive);
    }
}

/* Load makes select() return late, too: then the process was not stopped. */
static void test_absence_is_not_seen_in_a_busy_machine(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_REFUSED, 51 * ms);
    world_add(&drive->world, "192.0.2.2", 80, BEHAVIOUR_SPURIOUS, 1 * ms);
    drive_add(drive, "192.0.2.1:80");
    drive_add(drive, "192.0.2.2:80");
    drive->world.wake_late_ns = 150 * ms;
    drive_run(drive);
    assert_in_range(drive->rows[0].connect_ns, 51 * ms, 400 * ms);
    drive_free(drive);
}

static void test_absence_hides_when_a_name_was_answered(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    struct world_name *name = world_add_name(&drive->world, "db", 300 * ms, 300 * ms);
    world_name_address(name, "192.0.2.1");
    world_add(&drive->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 20 * ms);
    drive_add(drive, "db:80");
    stop_at(&drive->world, 100 * ms, 600 * ms);
    drive_run(drive);
    assert_int_equal(drive->rows[0].resolve_ns, -1);
    assert_int_equal(drive->rows[0].connect_ns, 20 * ms);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_absence_is_no_latency),
        cmocka_unit_test(test_absence_is_not_seen_in_a_busy_machine),
        cmocka_unit_test(test_absence_hides_when_a_name_was_answered),
        cmocka_unit_test(test_absence_makes_no_answering_target_down),
        cmocka_unit_test(test_absence_is_not_made_up_for),
        cmocka_unit_test(test_absence_leaves_the_slots_where_they_are),
        cmocka_unit_test(test_absence_does_not_shorten_a_count),
        cmocka_unit_test(test_absence_over_the_deadline_is_no_attempt),
        cmocka_unit_test(test_absence_asks_again_whom_it_kept_from_answering),
        cmocka_unit_test(test_absence_shorter_than_a_second_changes_nothing),
        cmocka_unit_test(test_suspension_is_remembered_until_the_deadline),
        cmocka_unit_test(test_suspension_makes_nobody_down_in_rounds),
        cmocka_unit_test(test_absence_does_not_lengthen_a_wait),
        cmocka_unit_test(test_absence_in_a_wait_asks_everybody_once),
        cmocka_unit_test(test_suspension_costs_no_round),
        cmocka_unit_test(test_absence_asks_the_addresses_that_came_meanwhile),
        cmocka_unit_test(test_absence_for_a_moment_leaves_no_address_unasked),
    };
    return cmocka_run_group_tests_name("sim: stall", tests, NULL, NULL);
}
