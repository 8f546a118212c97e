/*
 * Waiting (--wait) over a scripted network: when it is met, and when it gives up.
 */
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "watch.h"

enum { SEEDS = 50 };

static const int64_t ms = NS_PER_MS;

/* The longest pause, and what it is given or taken. */
static const int64_t pause_most_ns = 1000 * NS_PER_MS;
static const int64_t late_ns = 50 * NS_PER_MS;

/* 192.0.2.1:80, which answers in 5 ms. */
static struct watch *new_watch(enum behaviour behaviour)
{
    struct watch *watch = watch_new();
    world_add(&watch->world, "192.0.2.1", 80, behaviour, 5 * ms);
    watch_add(watch, "192.0.2.1:80");
    return watch;
}

static int64_t after_ns(const struct watch *watch, int64_t at_ns)
{
    return watch->began_ns + at_ns;
}

/* Wait, until it is met after so long. */
static void check_met(struct watch *watch, int64_t least_ms, int64_t most_ms)
{
    watch_wait(watch);
    assert_true(watch->is_met);
    assert_in_range(watch_elapsed_ns(watch), least_ms * ms, most_ms * ms);
}

/* One more host that changes after so long. */
static void add_changing(struct watch *watch, const char *address, enum behaviour before,
                         int64_t at_ns, enum behaviour behaviour)
{
    struct world_host *host = world_add(&watch->world, address, 80, before, 5 * ms);
    world_change(host, watch->world.now_ns + at_ns, behaviour);
}

/* The port changes after so long, and the wait is over soon after. */
static void check_change(enum behaviour before, int64_t at_ns, enum behaviour behaviour,
                         const char *target, uint64_t seed)
{
    struct watch *watch = watch_new();
    watch->seed = seed;
    add_changing(watch, "192.0.2.1", before, at_ns, behaviour);
    watch_add(watch, target);
    watch->wait_ns = 60 * NS_PER_S;
    watch_wait(watch);
    assert_true(watch->is_met);
    int64_t most_ns =
        at_ns / 20 + 110 * ms < pause_most_ns ? at_ns / 10 + 120 * ms : pause_most_ns;
    if (watch_elapsed_ns(watch) < at_ns || watch_elapsed_ns(watch) > at_ns + most_ns + 10 * ms)
        fail_msg("%s changes after %lld ms, but is met after %lld ms", target,
                 (long long)(at_ns / ms), (long long)(watch_elapsed_ns(watch) / ms));
    watch_free(watch);
}

static void test_wait_is_met_soon_after_a_port_changes(void **state)
{
    (void)state;
    static const int64_t times_ms[] = {1, 99, 100, 333, 1000, 5000, 12345, 58000};
    for (size_t i = 0; i < ARRAY_LEN(times_ms); i++) {
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            check_change(BEHAVIOUR_REFUSED, times_ms[i] * ms, BEHAVIOUR_OPEN, "192.0.2.1:80",
                         seed);
            check_change(BEHAVIOUR_OPEN, times_ms[i] * ms, BEHAVIOUR_REFUSED, "!192.0.2.1:80",
                         seed);
        }
    }
}

/* A SYN is sent again each second. */
static void test_wait_is_met_soon_after_a_silent_host_answers(void **state)
{
    (void)state;
    for (int64_t at_ns = 1 * ms; at_ns < 12000 * ms; at_ns += 237 * ms) {
        struct watch *watch = watch_new();
        add_changing(watch, "192.0.2.1", BEHAVIOUR_SILENT, at_ns, BEHAVIOUR_OPEN);
        watch_add(watch, "192.0.2.1:80");
        watch_wait(watch);
        assert_true(watch->is_met);
        assert_in_range(watch_elapsed_ns(watch), at_ns, at_ns + 1005 * ms);
        watch_free(watch);
    }
}

/* The name's first address refuses in 1 ms, until it opens; the other one behaves so. */
struct half {
    const char *label;
    const char *other; /* address */
    enum behaviour behaviour;
    int64_t delay_ms; /* of the other's answers */
    int64_t ipv6_ms;  /* of the lookup; -1: never */
};

static const struct half halves[] = {
    {"second address silent", "192.0.2.2", BEHAVIOUR_SILENT, 1, 2},
    {"IPv6 silent", "2001:db8::2", BEHAVIOUR_SILENT, 1, 2},
    {"IPv6 behind a SYN proxy", "2001:db8::2", BEHAVIOUR_SPURIOUS, 1, 2},
    {"IPv6 silent, and known late", "2001:db8::2", BEHAVIOUR_SILENT, 1, 900},
    {"lookup of IPv6 hangs", "2001:db8::2", BEHAVIOUR_OPEN, 1, -1},
    {"IPv6 slow to refuse", "2001:db8::2", BEHAVIOUR_REFUSED, 4000, 2},
    {"second address slow to refuse", "192.0.2.2", BEHAVIOUR_REFUSED, 700, 2},
};

static struct watch *new_half(const struct half *half, enum behaviour first, int64_t opens_ns)
{
    struct watch *watch = watch_new();
    int64_t ipv6_ns = half->ipv6_ms < 0 ? NEVER_NS : half->ipv6_ms * ms;
    struct world_name *name = world_add_name(&watch->world, "half", 2 * ms, ipv6_ns);
    world_name_address(name, "192.0.2.1");
    world_name_address(name, half->other);
    struct world_host *host = world_add(&watch->world, "192.0.2.1", 80, first, 1 * ms);
    host->error = 113; /* EHOSTUNREACH */
    world_change(host, watch->world.now_ns + opens_ns, BEHAVIOUR_OPEN);
    world_add(&watch->world, half->other, 80, half->behaviour, half->delay_ms * ms);
    watch_add(watch, "half:80");
    watch->wait_ns = 60 * NS_PER_S;
    return watch;
}

/* The pause has grown by a twentieth of the time, and there is up to a fifth of it more. */
static int64_t pause_after_ns(int64_t waited_ns)
{
    int64_t pause_ns = 100 * ms + waited_ns / 20;
    return (pause_ns < 833 * ms ? pause_ns : 833 * ms) * 6 / 5;
}

static void check_half(const struct half *half, enum behaviour first, int64_t opens_ns,
                       uint64_t seed)
{
    struct watch *watch = new_half(half, first, opens_ns);
    watch->seed = seed;
    watch->options.retries = (unsigned)(seed % 3);
    watch_wait(watch);
    int64_t late = watch_elapsed_ns(watch) - opens_ns;
    /* At the begin of an attempt IPv6 is asked first, and for 250 ms alone. */
    if (!watch->is_met || late < 0 || late > pause_after_ns(opens_ns) + 260 * ms)
        fail_msg("%s, seed %llu: opens after %lld ms, and is met %lld ms later", half->label,
                 (unsigned long long)seed, (long long)(opens_ns / ms), (long long)(late / ms));
    watch_free(watch);
}

static void test_wait_is_met_soon_although_another_address_is_not_known(void **state)
{
    (void)state;
    static const int64_t times_ms[] = {1, 700, 2000, 4900, 5000, 7000, 12345, 58000};
    static const enum behaviour answers[] = {BEHAVIOUR_REFUSED, BEHAVIOUR_ERROR,
                                             BEHAVIOUR_IMMEDIATE, BEHAVIOUR_SELF_ALWAYS};
    for (size_t i = 0; i < ARRAY_LEN(halves); i++)
        for (size_t n = 0; n < ARRAY_LEN(times_ms); n++)
            for (uint64_t seed = 0; seed < SEEDS; seed++)
                check_half(&halves[i], answers[seed % ARRAY_LEN(answers)], times_ms[n] * ms,
                           seed);
}

/* What is asked beside it takes nothing from a handshake that is slow. */
static void test_wait_leaves_a_slow_handshake_its_time(void **state)
{
    (void)state;
    static const struct half slow = {"slow", "2001:db8::2", BEHAVIOUR_OPEN, 4900, 2};
    struct watch *watch = new_half(&slow, BEHAVIOUR_REFUSED, 60000 * ms);
    watch_wait(watch);
    assert_int_equal(watch_elapsed_ns(watch), 4902 * ms);
    assert_int_equal(watch->world.hosts[1]->asked, 1);
    assert_in_range(watch->world.hosts[0]->asked, 16, 32);
    watch_free(watch);
}

/* An attempt ends as before: with the last first answer, or its deadline. */
static void test_wait_has_no_longer_attempts_where_an_address_is_asked_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(halves); i++) {
        struct watch *watch = new_half(&halves[i], BEHAVIOUR_REFUSED, 60000 * ms);
        watch->wait_ns = 20 * NS_PER_S;
        watch_wait(watch);
        const struct watch_row *row = watch_row_of(watch, 0, 0);
        bool is_refused = halves[i].behaviour == BEHAVIOUR_REFUSED;
        int64_t most_ns = is_refused ? (halves[i].delay_ms + 3) * ms : 5000 * ms;
        if (row->reason != REASON_REFUSED || row->finished_ns - row->asked_ns > most_ns ||
            row->attempts != 1)
            fail_msg("%s: %s after %lld ms and %u attempts", halves[i].label,
                     reason_name(row->reason),
                     (long long)((row->finished_ns - row->asked_ns) / ms), row->attempts);
        watch_free(watch);
    }
}

/* The last answer stands where the next one did not come, or could not be asked for. */
static void test_wait_keeps_the_answer_where_the_next_asking_comes_to_nothing(void **state)
{
    (void)state;
    struct watch *watch = new_half(&halves[0], BEHAVIOUR_REFUSED, 60000 * ms);
    watch->world.hosts[0]->changes[0] =
        (struct world_change){watch->world.now_ns + 3000 * ms, BEHAVIOUR_SILENT};
    watch->world.short_ns = watch->world.now_ns + 1000 * ms;
    watch->world.supplied_ns = watch->world.now_ns + 2000 * ms;
    watch->wait_ns = 14 * NS_PER_S;
    watch_wait(watch);
    assert_int_equal(watch_row_of(watch, 0, 0)->reason, REASON_REFUSED);
    assert_int_equal(watch_row_of(watch, 0, 0)->finished_ns, after_ns(watch, 5000 * ms));
    assert_int_equal(watch_row_of(watch, 0, 1)->reason, REASON_TIMEOUT);
    watch_free(watch);
}

static void test_wait_asks_again_within_the_rate(void **state)
{
    (void)state;
    struct watch *watch = new_half(&halves[0], BEHAVIOUR_REFUSED, 60000 * ms);
    watch->options.rate = 2;
    watch->wait_ns = 5 * NS_PER_S;
    watch_wait(watch);
    assert_in_range(watch->world.connect_count, 6, 11);
    watch_free(watch);
}

/* With -A the addresses have to be up together, and in rounds each is asked once. */
static void test_wait_for_all_addresses_and_rounds_ask_an_address_once(void **state)
{
    (void)state;
    for (int is_rounds = 0; is_rounds <= 1; is_rounds++) {
        struct watch *watch = new_half(&halves[0], BEHAVIOUR_REFUSED, 60000 * ms);
        watch->options.is_all_addresses = !is_rounds;
        watch->wait_ns = 18 * NS_PER_S;
        watch->count = 3;
        watch->interval_ns = is_rounds ? 6 * NS_PER_S : 0;
        is_rounds ? watch_rounds(watch) : watch_wait(watch);
        assert_int_equal(watch->world.connect_count, 2 * watch->askings);
        watch_free(watch);
    }
}

static void test_wait_for_down_wants_every_port_closed(void **state)
{
    (void)state;
    struct watch *watch = new_watch(BEHAVIOUR_REFUSED);
    add_changing(watch, "192.0.2.2", BEHAVIOUR_OPEN, 2000 * ms, BEHAVIOUR_SILENT);
    watch_add(watch, "192.0.2.2:80");
    watch->expects_down = true;
    watch->options.timeout_ns = 700 * ms;
    check_met(watch, 2700, 3100);
    assert_int_equal(watch_rows_of(watch, 0), 1);
    watch_free(watch);
}

struct giving_up {
    const char *label;
    const char *targets;
    enum behaviour behaviour;
    size_t lookup_room;
    size_t window;
    unsigned retries;
    enum reason reason;
};

static const struct giving_up ends[] = {
    {"refused", "192.0.2.1:80", BEHAVIOUR_REFUSED, 99, 64, 0, REASON_REFUSED},
    {"refused, window 1", "192.0.2.1:1-500", BEHAVIOUR_REFUSED, 99, 1, 0, REASON_REFUSED},
    {"silent", "192.0.2.1:80", BEHAVIOUR_SILENT, 99, 64, 0, REASON_TIMEOUT},
    {"silent, with retries", "192.0.2.1:80", BEHAVIOUR_SILENT, 99, 64, 7, REASON_TIMEOUT},
    {"silent, window 1", "192.0.2.1:1-500", BEHAVIOUR_SILENT, 99, 1, 1, REASON_TIMEOUT},
    {"always ready", "192.0.2.1:80", BEHAVIOUR_SPURIOUS, 99, 64, 0, REASON_TIMEOUT},
    {"early wake-up", "192.0.2.1:80", BEHAVIOUR_EARLY_WAKE, 99, 64, 0, REASON_UNREACHABLE},
    {"connects to itself", "192.0.2.1:80", BEHAVIOUR_SELF_ALWAYS, 99, 64, 0, REASON_REFUSED},
    {"no such name", "nosuch:80", BEHAVIOUR_OPEN, 99, 64, 0, REASON_UNRESOLVED},
    {"name without address", "empty:80", BEHAVIOUR_OPEN, 99, 64, 0, REASON_UNRESOLVED},
    {"hanging name", "hangs:80", BEHAVIOUR_OPEN, 99, 64, 2, REASON_RESOLVE_TIMEOUT},
    {"hanging name, many ports", "hangs:1-200", BEHAVIOUR_OPEN, 99, 7, 0,
     REASON_RESOLVE_TIMEOUT},
    {"no resolver thread", "nosuch:80", BEHAVIOUR_OPEN, 0, 64, 0, REASON_LOCAL},
    {"one resolver thread", "nosuch:1-9", BEHAVIOUR_OPEN, 1, 64, 1, REASON_UNRESOLVED},
};

/* The last row that the end of the wait did not cut, or else the last one; NULL: there is none.
 */
static const struct watch_row *last_uncut(const struct watch *watch)
{
    for (size_t i = watch->row_count; i > 0; i--)
        if (watch->rows[i - 1].finished_ns < watch->until_ns)
            return &watch->rows[i - 1];
    return watch->row_count > 0 ? watch_last(watch) : NULL;
}

static void check_giving_up(const struct giving_up *giving_up, int64_t wait_ns)
{
    struct watch *watch = watch_new();
    struct world_host *host =
        world_add(&watch->world, "192.0.2.1", 0, giving_up->behaviour, 5 * ms);
    host->error = 113; /* EHOSTUNREACH */
    (void)world_add_name(&watch->world, "empty", 3 * ms, 3 * ms);
    (void)world_add_name(&watch->world, "hangs", NEVER_NS, NEVER_NS);
    watch->world.lookup_room = giving_up->lookup_room;
    watch->options.window = giving_up->window;
    watch->options.retries = giving_up->retries;
    watch_add(watch, giving_up->targets);
    watch->wait_ns = wait_ns;
    watch_wait(watch);
    int64_t late = watch_elapsed_ns(watch) - wait_ns;
    if (watch->is_met || late < 0 || late > late_ns)
        fail_msg("%s: %lld ms over the wait of %lld ms", giving_up->label,
                 (long long)(late / ms), (long long)(wait_ns / ms));
    if (watch->turns > 200 + 20 * watch->askings + (size_t)(wait_ns / ms))
        fail_msg("%s: %zu turns for %zu askings", giving_up->label, watch->turns,
                 watch->askings);
    const struct watch_row *row = last_uncut(watch);
    bool is_told = row != NULL || giving_up->reason == REASON_LOCAL;
    if (!is_told || (row != NULL && row->reason != giving_up->reason))
        fail_msg("%s: the last reason is '%s'", giving_up->label,
                 is_told ? reason_name(row->reason) : "none");
    watch_free(watch);
}

static void test_wait_gives_up_in_time(void **state)
{
    (void)state;
    static const int64_t waits_ms[] = {30, 777, 3000, 5000, 5001, 22222};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        for (size_t n = 0; n < ARRAY_LEN(waits_ms); n++)
            check_giving_up(&ends[i], waits_ms[n] * ms);
}

static void test_wait_for_long_is_few_turns(void **state)
{
    (void)state;
    struct watch *watch = new_watch(BEHAVIOUR_SILENT);
    watch->wait_ns = 24 * 3600 * NS_PER_S;
    watch_wait(watch);
    assert_int_equal(watch_elapsed_ns(watch), watch->wait_ns);
    assert_in_range(watch->turns, 17279, 7 * 17280); /* one a second at least */
    watch_free(watch);
}

static void test_wait_resolves_anew_each_time(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    watch_add_moving_name(watch, 5, 1500 * ms, BEHAVIOUR_REFUSED);
    watch_add(watch, "db:80");
    check_met(watch, 6000, 7010);
    assert_int_equal(watch->world.lookups_started, watch->askings);
    for (int i = 0; i < 4; i++)
        assert_true(watch->world.hosts[i]->asked > 0);
    watch_free(watch);
}

/* Also where a check still uses the old answer, or the other family is never answered. */
static void test_wait_resolves_anew_whatever_hangs_meanwhile(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t ipv6_ns;
        const char *before; /* address of the name; NULL: none */
        const char *targets;
        int64_t timeout_ms;
        int64_t later_ms; /* then it has another one, which is open */
        int64_t most_ms;
        bool is_any;
        bool is_alone; /* each asking has a lookup of its own */
    } cases[] = {
        {"none before", 2 * NS_PER_MS, NULL, "db:80", 5000, 7000, 8010, false, true},
        {"IPv6 hangs", NEVER_NS, NULL, "db:80", 1000, 2000, 4200, false, false},
        {"a silent port", 2 * NS_PER_MS, "192.0.2.2", "db:80-81", 5000, 2000, 3010, true,
         false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct watch *watch = watch_new();
        int64_t ipv6_ns = cases[i].ipv6_ns;
        struct world_name *name = world_add_name(&watch->world, "db", 2 * ms, ipv6_ns);
        struct world_name *later = world_add_name(&watch->world, "later", 2 * ms, ipv6_ns);
        if (cases[i].before != NULL)
            world_name_address(name, cases[i].before);
        world_name_address(later, "192.0.2.1");
        world_name_later(name, watch->world.now_ns + cases[i].later_ms * ms, later);
        world_add(&watch->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 5 * ms);
        world_add(&watch->world, "192.0.2.2", 80, BEHAVIOUR_REFUSED, 5 * ms);
        watch_add(watch, cases[i].targets);
        watch->options.timeout_ns = cases[i].timeout_ms * ms;
        watch->is_any = cases[i].is_any;
        watch_wait(watch);
        int64_t met_ms = watch_elapsed_ns(watch) / ms;
        if (!watch->is_met || met_ms < cases[i].later_ms || met_ms > cases[i].most_ms)
            fail_msg("%s: ended after %lld ms", cases[i].label, (long long)met_ms);
        if (cases[i].is_alone)
            assert_int_equal(watch->world.lookups_started, watch->askings);
        watch_free(watch);
    }
}

/* The answer of a lookup that began in an attempt before counts, also between two attempts. */
static void test_wait_takes_an_answer_that_comes_late(void **state)
{
    (void)state;
    static const int64_t timeouts_ms[] = {300, 1000, 2000, 5000};
    for (size_t i = 0; i < ARRAY_LEN(timeouts_ms); i++) {
        struct watch *watch = watch_new();
        struct world_name *name = world_add_name(&watch->world, "db", 5500 * ms, 5500 * ms);
        world_name_address(name, "192.0.2.1");
        world_add(&watch->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 5 * ms);
        watch_add(watch, "db:80");
        watch->options.timeout_ns = timeouts_ms[i] * ms;
        watch->wait_ns = 40000 * ms;
        check_met(watch, 5500, 5500 + 1210);
        watch_free(watch);
    }
}

/* All ports of a name that are due together share its lookups. */
static void test_wait_resolves_a_name_once_for_all_its_ports(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    struct world_name *name = world_add_name(&watch->world, "db", 2 * ms, 2 * ms);
    world_name_address(name, "192.0.2.1");
    world_add(&watch->world, "192.0.2.1", 0, BEHAVIOUR_OPEN, 5 * ms);
    watch_add(watch, "db:1-100");
    watch_wait(watch);
    assert_true(watch->is_met);
    assert_int_equal(watch->world.lookups_started, 1);
    watch_free(watch);
}

static void test_wait_retries_a_timeout_each_time(void **state)
{
    (void)state;
    struct watch *watch = new_watch(BEHAVIOUR_SILENT);
    watch->options.timeout_ns = 500 * ms;
    watch->options.retries = 2;
    watch->wait_ns = 3750 * ms;
    watch_wait(watch);
    /* 1.5 s each; the last one is cut in its second attempt. */
    assert_int_equal(watch->row_count, 3);
    assert_int_equal(watch->world.hosts[0]->asked, 3 + 3 + 2);
    assert_int_equal(watch_row_of(watch, 0, 0)->attempts, 3);
    assert_int_equal(watch_row_of(watch, 0, 2)->attempts, 2);
    assert_int_equal(watch_elapsed_ns(watch), 3750 * ms);
    watch_free(watch);
}

static void test_wait_asks_at_growing_pauses(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct watch *watch = new_watch(BEHAVIOUR_REFUSED);
        watch->seed = seed;
        watch->wait_ns = 60 * NS_PER_S;
        watch_wait(watch);
        int64_t pause_ns = 100 * ms;
        for (size_t n = 1; n + 1 < watch->row_count; n++) {
            int64_t gap_ns = watch->rows[n].asked_ns - watch->rows[n - 1].asked_ns;
            assert_in_range(gap_ns, 100 * ms, 1000 * ms);
            assert_in_range(gap_ns, pause_ns, pause_ns * 6 / 5 + ms);
            pause_ns += pause_ns / 20;
            pause_ns = pause_ns < 833 * ms ? pause_ns : 833 * ms;
        }
        assert_in_range(watch->row_count, 70, 100);
        watch_free(watch);
    }
}

static void test_wait_asks_at_the_interval_that_was_set(void **state)
{
    (void)state;
    static const int64_t intervals_ms[] = {10, 100, 2000, 10000};
    for (size_t i = 0; i < ARRAY_LEN(intervals_ms); i++) {
        struct watch *watch = new_watch(BEHAVIOUR_REFUSED);
        watch->interval_ns = intervals_ms[i] * ms;
        watch->wait_ns = 50 * watch->interval_ns;
        watch_wait(watch);
        assert_in_range(watch->row_count, 45, 56);
        for (size_t n = 1; n < watch->row_count; n++)
            assert_in_range(watch->rows[n].asked_ns - watch->rows[n - 1].asked_ns,
                            watch->interval_ns * 9 / 10, watch->interval_ns * 11 / 10);
        watch_free(watch);
    }
}

/* Open from the start, beside one that opens later. */
static struct watch *new_pair(int64_t opens_ns)
{
    struct watch *watch = new_watch(BEHAVIOUR_OPEN);
    add_changing(watch, "192.0.2.2", BEHAVIOUR_REFUSED, opens_ns, BEHAVIOUR_OPEN);
    watch_add(watch, "192.0.2.2:80");
    return watch;
}

static void test_wait_confirms_once_what_was_met_long_ago(void **state)
{
    (void)state;
    static const struct {
        int64_t opens_ms;
        unsigned asked; /* the one that is open from the start */
    } cases[] = {{0, 1}, {1000, 1}, {3900, 1}, {5100, 2}, {20000, 2}, {3600000, 2}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct watch *watch = new_pair(cases[i].opens_ms * ms);
        watch_wait(watch);
        assert_true(watch->is_met);
        assert_int_equal(watch->world.hosts[0]->asked, cases[i].asked);
        assert_in_range(watch_elapsed_ns(watch), cases[i].opens_ms * ms,
                        (cases[i].opens_ms + 1015) * ms);
        watch_free(watch);
    }
}

static void test_wait_goes_on_where_a_confirmation_fails(void **state)
{
    (void)state;
    struct watch *watch = new_pair(20000 * ms);
    struct world_host *host = watch->world.hosts[0];
    world_change(host, watch->world.now_ns + 10000 * ms, BEHAVIOUR_REFUSED);
    world_change(host, watch->world.now_ns + 40000 * ms, BEHAVIOUR_OPEN);
    check_met(watch, 40000, 41015);
    /* The other one is confirmed in its turn: it was met 20 s ago. */
    assert_true(watch_last(watch)->member == 1);
    assert_int_equal(watch_last(watch)->asked_ns, watch->ended_ns - 5 * ms);
    watch_free(watch);
}

static void test_wait_ends_while_it_is_confirmed(void **state)
{
    (void)state;
    struct watch *watch = new_pair(20000 * ms);
    world_change(watch->world.hosts[0], watch->world.now_ns + 10000 * ms, BEHAVIOUR_SILENT);
    watch->wait_ns = 22000 * ms;
    watch_wait(watch);
    assert_false(watch->is_met);
    assert_int_equal(watch_elapsed_ns(watch), 22000 * ms);
    assert_int_equal(watch_last(watch)->reason, REASON_TIMEOUT);
    watch_free(watch);
}

static void test_wait_for_any_ends_with_the_first(void **state)
{
    (void)state;
    struct watch *watch = new_watch(BEHAVIOUR_SILENT);
    add_changing(watch, "192.0.2.2", BEHAVIOUR_REFUSED, 9000 * ms, BEHAVIOUR_OPEN);
    watch_add(watch, "192.0.2.2:80");
    watch_add(watch, "nosuch:80");
    watch_add(watch, "192.0.2.1:70000");
    watch->is_any = true;
    check_met(watch, 9000, 10010);
    assert_int_equal(watch_rows_with(watch, REASON_INVALID), 1);
    watch_free(watch);
}

static void test_wait_is_not_begun_for_an_invalid_line(void **state)
{
    (void)state;
    struct watch *watch = new_watch(BEHAVIOUR_REFUSED);
    watch_add(watch, "192.0.2.1:70000");
    watch_add(watch, "192.0.2.9:80");
    watch_wait(watch);
    assert_false(watch->is_met);
    assert_true(watch->is_hopeless);
    assert_int_equal(watch->row_count, 3);
    assert_int_equal(watch_elapsed_ns(watch), 5000 * ms);
    watch_free(watch);
}

static void test_wait_for_all_addresses_wants_each_of_them(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    struct world_name *name = world_add_name(&watch->world, "db", 2 * ms, 2 * ms);
    world_name_address(name, "192.0.2.1");
    world_name_address(name, "192.0.2.2");
    world_add(&watch->world, "192.0.2.1", 80, BEHAVIOUR_OPEN, 5 * ms);
    struct world_host *late =
        world_add(&watch->world, "192.0.2.2", 80, BEHAVIOUR_REFUSED, 3 * ms);
    world_change(late, watch->world.now_ns + 3000 * ms, BEHAVIOUR_OPEN);
    watch_add(watch, "db:80");
    watch->options.is_all_addresses = true;
    check_met(watch, 3000, 4010);
    assert_int_equal(watch->row_count, 2 * watch->askings);
    watch_free(watch);
}

static void test_wait_with_a_window_of_1_asks_each_in_turn(void **state)
{
    (void)state;
    struct watch *watch = watch_new();
    for (int i = 0; i < 20; i++) {
        char address[ADDRESS_TEXT_SIZE];
        (void)snprintf(address, sizeof address, "192.0.2.%d", i + 1);
        struct world_host *host =
            world_add(&watch->world, address, 80, BEHAVIOUR_SILENT, 5 * ms);
        world_change(host, watch->world.now_ns + 30000 * ms, BEHAVIOUR_OPEN);
    }
    watch_add(watch, "192.0.2.0/28:80");
    watch->options.window = 1;
    watch->options.timeout_ns = 500 * ms;
    watch->wait_ns = 30000 * ms;
    watch_wait(watch);
    for (size_t member = 0; member < 16; member++)
        assert_in_range(watch_rows_of(watch, member), 3, 5);
    assert_int_equal(after_ns(watch, 30000 * ms), watch->ended_ns);
    watch_free(watch);
}

enum { STAGES = 4 };

/*
 * The name "db" as its lookups find it, each stage from a second on: an address that is open
 * (A), no such name (N), none of IPv4 and a failure of IPv6 (H), "try again" (T), silence (S),
 * or the unspecified address (0).
 */
struct vanishing {
    const char *label;
    const char *stages; /* "A2N": an address, from 2 s on no such name */
    const char *targets[2];
    unsigned how;
    int met_s; /* -1: not within 20 s */
    enum reason last;
};

enum { ANY = 1u << 0, ALL_ADDRESSES = 1u << 1, EXPECT_DOWN = 1u << 2, SLOW = 1u << 3 };

static const struct vanishing vanishings[] = {
    {"gone", "A2N", {"!db:80"}, 0, 2, REASON_GONE},
    {"gone, --expect down", "A2N", {"db:80"}, EXPECT_DOWN, 2, REASON_GONE},
    {"gone, -A", "A2N", {"!db:80"}, ALL_ADDRESSES, 2, REASON_GONE},
    {"gone, --any", "A2N", {"!db:80", "none:80"}, ANY, 2, REASON_GONE},
    {"gone before a port of it was asked", "A1N", {"!db:80-84"}, SLOW, 4, REASON_GONE},
    {"gone after a failure of the resolver", "A2T4N", {"!db:80"}, 0, 4, REASON_GONE},
    {"gone after silence", "A2S6N", {"!db:80"}, 0, 7, REASON_GONE},
    {"came late, and is gone", "N2A4N", {"!db:80"}, 0, 4, REASON_GONE},
    {"back when it is confirmed", "A2N5A15N", {"!db:80", "!192.0.2.9:80"}, 0, 15, REASON_GONE},
    {"never was", "N", {"!db:80"}, 0, -1, REASON_UNRESOLVED},
    {"never was, after a failure", "T2N", {"!db:80"}, 0, -1, REASON_UNRESOLVED},
    {"never had a real address", "02N", {"!db:80"}, 0, -1, REASON_UNRESOLVED},
    {"another one was", "A2N", {"!none:80", "!db:80"}, 0, -1, REASON_UNRESOLVED},
    {"is to be up", "A2N", {"db:81"}, 0, -1, REASON_UNRESOLVED},
    {"the resolver fails", "A2T", {"!db:80"}, 0, -1, REASON_UNRESOLVED},
    {"the resolver fails for a family", "A2H", {"!db:80"}, 0, -1, REASON_UNRESOLVED},
    {"the resolver is silent", "A2S", {"!db:80"}, 0, -1, REASON_RESOLVE_TIMEOUT},
    {"an ad blocker", "A20", {"!db:80"}, 0, -1, REASON_UNRESOLVED},
};

static struct world_name *add_stage(struct watch *watch, char kind, bool is_first)
{
    int64_t delay_ns = kind == 'S' ? NEVER_NS : 2 * ms;
    struct world_name *name =
        world_add_name(&watch->world, is_first ? "db" : "later", delay_ns, delay_ns);
    if (kind == 'A' || kind == '0')
        world_name_address(name, kind == 'A' ? "192.0.2.1" : "0.0.0.0");
    name->lookup_error[0] = kind == 'T' ? EAI_AGAIN : 0;
    name->lookup_error[1] = kind == 'T' || kind == 'H' ? EAI_AGAIN : 0;
    return name;
}

static void add_vanishing(struct watch *watch, const struct vanishing *vanishing)
{
    const char *stage = vanishing->stages;
    struct world_name *name = add_stage(watch, *stage++, true);
    while (*stage != '\0') {
        int at_s = 0;
        for (; *stage >= '0' && *stage <= '9' && stage[1] != '\0'; stage++)
            at_s = at_s * 10 + *stage - '0';
        struct world_name *next = add_stage(watch, *stage++, false);
        world_name_later(name, watch->world.now_ns + at_s * NS_PER_S, next);
        name = next;
    }
    world_add(&watch->world, "192.0.2.1", 81, BEHAVIOUR_REFUSED, 5 * ms);
    world_add(&watch->world, "192.0.2.1", 0, BEHAVIOUR_OPEN, 5 * ms);
    add_changing(watch, "192.0.2.9", BEHAVIOUR_OPEN, 8000 * ms, BEHAVIOUR_REFUSED);
    for (size_t i = 0; i < ARRAY_LEN(vanishing->targets); i++)
        if (vanishing->targets[i] != NULL)
            watch_add(watch, vanishing->targets[i]);
}

/* A name that goes with its container. */
static void test_wait_for_down_ends_when_a_name_that_was_is_gone(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(vanishings); i++) {
        const struct vanishing *vanishing = &vanishings[i];
        struct watch *watch = watch_new();
        add_vanishing(watch, vanishing);
        watch->is_any = (vanishing->how & ANY) != 0;
        watch->options.is_all_addresses = (vanishing->how & ALL_ADDRESSES) != 0;
        watch->expects_down = (vanishing->how & EXPECT_DOWN) != 0;
        watch->options.rate = (vanishing->how & SLOW) != 0 ? 1 : 0;
        watch->wait_ns = 20 * NS_PER_S;
        watch_wait(watch);
        int64_t met_ms = watch->is_met ? watch_elapsed_ns(watch) / ms : -1;
        int64_t least_ms = vanishing->met_s * 1000;
        bool is_right =
            vanishing->met_s < 0 ? met_ms < 0 : met_ms >= least_ms && met_ms <= least_ms + 1200;
        size_t rows = watch_rows_of(watch, 0);
        enum reason last = rows > 0 ? watch_row_of(watch, 0, rows - 1)->reason : REASON_COUNT;
        if (!is_right || last != vanishing->last)
            fail_msg("%s: met after %lld ms, at last %s", vanishing->label, (long long)met_ms,
                     last < REASON_COUNT ? reason_name(last) : "nothing");
        watch_free(watch);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait_is_met_soon_after_a_port_changes),
        cmocka_unit_test(test_wait_is_met_soon_after_a_silent_host_answers),
        cmocka_unit_test(test_wait_is_met_soon_although_another_address_is_not_known),
        cmocka_unit_test(test_wait_leaves_a_slow_handshake_its_time),
        cmocka_unit_test(test_wait_has_no_longer_attempts_where_an_address_is_asked_again),
        cmocka_unit_test(test_wait_keeps_the_answer_where_the_next_asking_comes_to_nothing),
        cmocka_unit_test(test_wait_asks_again_within_the_rate),
        cmocka_unit_test(test_wait_for_all_addresses_and_rounds_ask_an_address_once),
        cmocka_unit_test(test_wait_for_down_wants_every_port_closed),
        cmocka_unit_test(test_wait_for_down_ends_when_a_name_that_was_is_gone),
        cmocka_unit_test(test_wait_gives_up_in_time),
        cmocka_unit_test(test_wait_for_long_is_few_turns),
        cmocka_unit_test(test_wait_resolves_anew_each_time),
        cmocka_unit_test(test_wait_takes_an_answer_that_comes_late),
        cmocka_unit_test(test_wait_resolves_a_name_once_for_all_its_ports),
        cmocka_unit_test(test_wait_retries_a_timeout_each_time),
        cmocka_unit_test(test_wait_asks_at_growing_pauses),
        cmocka_unit_test(test_wait_asks_at_the_interval_that_was_set),
        cmocka_unit_test(test_wait_confirms_once_what_was_met_long_ago),
        cmocka_unit_test(test_wait_goes_on_where_a_confirmation_fails),
        cmocka_unit_test(test_wait_ends_while_it_is_confirmed),
        cmocka_unit_test(test_wait_for_any_ends_with_the_first),
        cmocka_unit_test(test_wait_is_not_begun_for_an_invalid_line),
        cmocka_unit_test(test_wait_for_all_addresses_wants_each_of_them),
        cmocka_unit_test(test_wait_with_a_window_of_1_asks_each_in_turn),
        cmocka_unit_test(test_wait_resolves_anew_whatever_hangs_meanwhile),
    };
    return cmocka_run_group_tests_name("sim: wait", tests, NULL, NULL);
}
