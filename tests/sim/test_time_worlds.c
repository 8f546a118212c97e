/*
 * Hundreds of random worlds, each from its seed, in which targets are asked again and again, in
 * rounds or until they are as expected: each is asked when it should be, and every answer
 * counts.
 *
 * NETCHECK_WORLD=SEED runs a single one.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "watch.h"

enum {
    WORLDS = 600,
    GATE_EVERY = 6,
    HOSTS = 12,
    NAMES = 8,
    TARGETS_MAX = 20,
    TEXT_SIZE = 40,
    MEMBERS_MAX = TARGETS_MAX * 3,
    ROUNDS_MAX = 60,
};

static const int64_t ms = NS_PER_MS;

/* splitmix64 */
static unsigned below(uint64_t *seed, unsigned limit)
{
    uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (unsigned)((z ^ (z >> 31)) % limit);
}

struct texts {
    char hosts[HOSTS][TEXT_SIZE];
    char names[NAMES][TEXT_SIZE];
    char targets[TARGETS_MAX][TEXT_SIZE];
};

static enum behaviour random_behaviour(uint64_t *seed)
{
    if (below(seed, 2) == 0)
        return below(seed, 2) == 0 ? BEHAVIOUR_OPEN : BEHAVIOUR_REFUSED;
    return (enum behaviour)below(seed, BEHAVIOUR_CONNECTED + 1);
}

/* Hosts that change up to three times in the first minute. */
static void make_hosts(struct watch *watch, struct texts *texts, uint64_t *seed)
{
    static const int errors[] = {EHOSTUNREACH, ENETUNREACH, EACCES, ENOPROTOOPT};
    for (unsigned i = 0; i < HOSTS; i++) {
        const char *network = i % 2 == 0 ? "192.0.2." : "2001:db8::";
        (void)snprintf(texts->hosts[i], TEXT_SIZE, "%s%u", network, i + 1);
        struct world_host *host =
            world_add(&watch->world, texts->hosts[i], 0, random_behaviour(seed),
                      (int64_t)below(seed, below(seed, 2) == 0 ? 50 : 1500) * ms);
        host->error = errors[below(seed, ARRAY_LEN(errors))];
        int64_t at_ns = watch->world.now_ns;
        for (unsigned n = below(seed, 4); n > 0; n--) {
            at_ns += (int64_t)below(seed, 20000) * ms;
            world_change(host, at_ns, random_behaviour(seed));
        }
    }
}

static int64_t random_delay_ns(uint64_t *seed)
{
    return below(seed, 8) == 0 ? NEVER_NS : (int64_t)below(seed, 900) * ms;
}

/* The second half is what the first half is later. */
static void make_names(struct watch *watch, struct texts *texts, uint64_t *seed)
{
    for (unsigned i = 0; i < NAMES; i++) {
        (void)snprintf(texts->names[i], TEXT_SIZE, "name%u", i);
        struct world_name *name = world_add_name(&watch->world, texts->names[i],
                                                 random_delay_ns(seed), random_delay_ns(seed));
        for (unsigned n = below(seed, 4); n > 0; n--)
            world_name_address(name, texts->hosts[below(seed, HOSTS)]);
        if (i >= NAMES / 2)
            world_name_later(&watch->world.names[i - NAMES / 2],
                             watch->world.now_ns + (int64_t)below(seed, 20000) * ms, name);
    }
}

static void make_targets(struct watch *watch, struct texts *texts, uint64_t *seed)
{
    for (unsigned i = 0, count = 1 + below(seed, TARGETS_MAX); i < count; i++) {
        char *text = texts->targets[i];
        const char *not = below(seed, 4) == 0 ? "!" : "";
        unsigned port = 1 + below(seed, 9);
        unsigned host = below(seed, HOSTS);
        if (below(seed, 3) == 0)
            (void)snprintf(text, TEXT_SIZE, "%sname%u:%u", not, below(seed, NAMES / 2), port);
        else if (host % 2 == 0)
            (void)snprintf(text, TEXT_SIZE, "%s192.0.2.%u:%u", not, host + 1, port);
        else
            (void)snprintf(text, TEXT_SIZE, "%s[2001:db8::%u]:%u-%u", not, host + 1, port,
                           port + 2);
        watch_add(watch, text);
    }
}

/* What may go wrong here. */
static void make_trouble(struct watch *watch, uint64_t *seed)
{
    struct world *world = &watch->world;
    world->call_cost_ns = below(seed, 3) * 1000;
    world->wake_late_ns = below(seed, 3) * 50000;
    if (below(seed, 4) == 0)
        world->interrupts = 2 + below(seed, 9);
    if (below(seed, 4) == 0)
        world->descriptor_limit = 1 + below(seed, 20);
    if (below(seed, 4) == 0)
        world->lookup_room = below(seed, 8);
    if (below(seed, 3) == 0) {
        world->stop_ns = world->now_ns + (int64_t)below(seed, 20000) * ms;
        world->resume_ns = world->stop_ns + (int64_t)(1 + below(seed, 12000)) * ms;
        world->stop_pause_ns =
            below(seed, 2) == 0 ? 0 : (int64_t)(6000 + below(seed, 9000)) * ms;
    }
    if (below(seed, 4) == 0) {
        world->suspended_at_ns = world->now_ns + (int64_t)below(seed, 20000) * ms;
        world->suspended_ns = (int64_t)below(seed, 4000000) * ms;
    }
}

static struct watch *make_world(struct texts *texts, uint64_t *seed)
{
    struct watch *watch = watch_new();
    make_hosts(watch, texts, seed);
    make_names(watch, texts, seed);
    make_targets(watch, texts, seed);
    make_trouble(watch, seed);
    watch->expects_down = below(seed, 5) == 0;
    watch->seed = *seed;
    watch->options.timeout_ns = (int64_t)(20 + below(seed, 2000)) * ms;
    watch->options.retries = below(seed, 3);
    watch->options.window = below(seed, 3) == 0 ? 1 + below(seed, 10) : 100;
    watch->options.is_all_addresses = below(seed, 4) == 0;
    return watch;
}

/* The rows of each asking, none torn, none too many. */
static void check_rows(const struct watch *watch, unsigned long long world)
{
    size_t answers = 0;
    for (size_t i = 0; i < watch->row_count; i++) {
        const struct watch_row *row = &watch->rows[i];
        bool is_first = i == 0 || watch->rows[i - 1].is_last;
        answers += row->is_last;
        if (!is_first && row->member != watch->rows[i - 1].member)
            fail_msg("world %llu: row %zu is torn", world, i);
        if (row->finished_ns < row->asked_ns)
            fail_msg("world %llu: row %zu is answered before it is asked", world, i);
    }
    if (answers + watch->entries.out != watch->askings)
        fail_msg("world %llu: %zu answers to %zu questions", world, answers, watch->askings);
}

static const struct world_host *find_host(const struct watch *watch,
                                          const struct watch_row *row)
{
    for (size_t i = 0; i < watch->world.host_count; i++)
        if (address_equals(&watch->world.hosts[i]->address, &row->address))
            return watch->world.hosts[i];
    return NULL;
}

/* Whether the row's target has one address, which always answers well before the timeout, and
   that one was not cut short by the end. */
static bool is_reliable(const struct watch *watch, const struct watch_row *row)
{
    const struct world_host *host = find_host(watch, row);
    bool is_name = watch->entries.items[row->member].endpoint.target->kind == TARGET_NAME;
    return !is_name && !row->is_cut && host != NULL && host->change_count == 0 &&
           (host->behaviour == BEHAVIOUR_OPEN || host->behaviour == BEHAVIOUR_REFUSED) &&
           host->delay_ns + 5 * ms < watch->options.timeout_ns &&
           host->delay_ns + 5 * ms < watch->until_ns - row->began_ns;
}

/* No target that answers is called silent, whether we run or not; none is asked too often. */
static void check_truth(const struct watch *watch, unsigned long long world)
{
    unsigned most = 1 + watch->options.retries + watch->world.stops +
                    (watch->world.suspended_ns > 0 ? 1 : 0);
    for (size_t i = 0; i < watch->row_count; i++) {
        const struct watch_row *row = &watch->rows[i];
        if (row->reason == REASON_TIMEOUT && is_reliable(watch, row))
            fail_msg("world %llu: row %zu is called silent, but answers", world, i);
        if (row->attempts > most)
            fail_msg("world %llu: row %zu was asked %u times", world, i, row->attempts);
    }
}

/* Nothing is done over and over. */
static void check_turns(const struct watch *watch, unsigned long long world)
{
    size_t connects = watch->world.connect_count;
    size_t most =
        1000 + 60 * (watch->askings + connects) + (size_t)(watch_elapsed_ns(watch) / (20 * ms));
    if (watch->turns > most)
        fail_msg("world %llu: %zu turns for %zu askings and %zu connects", world, watch->turns,
                 watch->askings, connects);
}

/* How long after the begin of its slot the row's target was asked. */
static int64_t late_ns(const struct watch *watch, const struct watch_row *row)
{
    int64_t count = (int64_t)watch->entries.count;
    int64_t whole_ns = watch->interval_ns / count * (int64_t)row->member;
    int64_t rest_ns = watch->interval_ns % count * (int64_t)row->member / count;
    return (row->asked_ns - watch->began_ns - whole_ns - rest_ns) % watch->interval_ns;
}

/* With room for all and nothing in the way, each is asked when its slot begins. */
static void check_slots(const struct watch *watch, unsigned long long world)
{
    bool is_calm = watch->options.window >= watch->entries.count &&
                   watch->world.descriptor_limit > MEMBERS_MAX * 8 &&
                   watch->world.stop_ns == NEVER_NS && watch->world.lookup_room > MEMBERS_MAX;
    size_t members = watch->gate_target != NULL ? 1 : watch->entries.count;
    for (size_t i = 0; i < watch->row_count; i++) {
        if (watch->rows[i].member >= members)
            continue; /* it may have waited for the gate */
        int64_t late = late_ns(watch, &watch->rows[i]);
        if (late < 0 || (is_calm && late > 5 * ms))
            fail_msg("world %llu: row %zu is asked %lld us after its slot", world, i,
                     (long long)(late / NS_PER_US));
    }
}

/* Every slot that has begun was asked or is counted, but for the one that is waited for. */
static void check_missed(const struct watch *watch, unsigned long long world)
{
    uint64_t slots = 0;
    uint64_t accounted = watch->rounds.missed + watch->askings;
    for (size_t i = 0; i < watch->entries.count; i++) {
        const struct entry *member = &watch->entries.items[i];
        slots += member->slot + (member->asked > 0 && member->timer.slot == 0);
    }
    if (accounted != slots)
        fail_msg("world %llu: of %llu slots %llu are accounted for", world,
                 (unsigned long long)slots, (unsigned long long)accounted);
}

static void check_counted(const struct watch *watch, unsigned long long world)
{
    bool is_closed = watch->gate.state == GATE_CLOSED; /* what was late is not asked any more */
    for (size_t i = 0; i < watch->entries.count && watch->count > 0; i++) {
        const struct entry *member = &watch->entries.items[i];
        uint64_t rounds = member->asked + member->passed;
        if (rounds < watch->count && is_closed && i > 0)
            continue;
        if (member->asked > watch->count || rounds < watch->count)
            fail_msg("world %llu: member %zu was asked %llu times", world, i,
                     (unsigned long long)member->asked);
    }
}

/* Every answer of the gate that was not as expected counts, and no other. */
static void check_gate(const struct watch *watch, unsigned long long world)
{
    uint64_t closed = 0;
    bool is_failing = false;
    for (size_t i = 0; i < watch->row_count && watch->gate_target != NULL; i++) {
        const struct watch_row *row = &watch->rows[i];
        if (row->member > 0)
            continue;
        is_failing |= !row->is_expected;
        closed += row->is_last && is_failing;
        is_failing &= !row->is_last;
    }
    if (closed != watch->rounds.closed)
        fail_msg("world %llu: the gate was closed %llu times, not %llu", world,
                 (unsigned long long)closed, (unsigned long long)watch->rounds.closed);
}

static void run_rounds(struct watch *watch, unsigned long long world, uint64_t *seed)
{
    watch->interval_ns = (int64_t)(1 + below(seed, below(seed, 2) == 0 ? 200 : 5000)) * ms;
    if (below(seed, 2) == 0)
        watch->count = 1 + below(seed, ROUNDS_MAX);
    else
        watch->end_ns = watch->world.now_ns + 40 * NS_PER_S;
    if (world % GATE_EVERY == 0)
        watch->gate_target = watch->targets[watch->target_count - 1][0] == '['
                                 ? "192.0.2.1:7"
                                 : watch->targets[watch->target_count - 1];
    watch_rounds(watch);
    check_rows(watch, world);
    check_truth(watch, world);
    check_turns(watch, world);
    check_slots(watch, world);
    if (watch->gate_target == NULL)
        check_missed(watch, world);
    check_counted(watch, world);
    check_gate(watch, world);
}

/* No later than it was said, but for the time in which it did not run. */
static void check_end(const struct watch *watch, unsigned long long world)
{
    int64_t late = watch->ended_ns - watch->until_ns;
    bool was_stopped = watch->world.stops > 0;
    if (late > 50 * ms && !was_stopped)
        fail_msg("world %llu: %lld ms late", world, (long long)(late / ms));
    if (!watch->is_met && !watch->is_hopeless && late < 0)
        fail_msg("world %llu: given up %lld ms too early", world, (long long)(-late / ms));
    if (!was_stopped)
        for (size_t i = 0; i < watch->row_count; i++)
            if (watch->rows[i].asked_ns >= watch->until_ns)
                fail_msg("world %llu: row %zu is asked after the end", world, i);
}

/* A target that was as expected is asked again only to confirm it, 5 s later. */
static void check_confirmations(const struct watch *watch, unsigned long long world)
{
    int64_t met_ns[MEMBERS_MAX];
    bool is_failing = false;
    for (size_t i = 0; i < MEMBERS_MAX; i++)
        met_ns[i] = INT64_MIN;
    for (size_t i = 0; i < watch->row_count; i++) {
        const struct watch_row *row = &watch->rows[i];
        if (met_ns[row->member] != INT64_MIN && row->asked_ns - met_ns[row->member] < 4999 * ms)
            fail_msg("world %llu: row %zu asks for what was there before", world, i);
        is_failing |= !row->is_expected;
        if (!row->is_last)
            continue;
        met_ns[row->member] = is_failing ? INT64_MIN : row->finished_ns;
        is_failing = false;
    }
}

static void run_wait(struct watch *watch, unsigned long long world, uint64_t *seed)
{
    watch->wait_ns = (int64_t)(1 + below(seed, 60000)) * ms;
    watch->is_any = below(seed, 5) == 0;
    watch->interval_ns = below(seed, 4) == 0 ? (int64_t)(1 + below(seed, 3000)) * ms : 0;
    watch_wait(watch);
    check_rows(watch, world);
    check_truth(watch, world);
    check_turns(watch, world);
    check_end(watch, world);
    if (!watch->options.is_all_addresses)
        check_confirmations(watch, world);
}

static void run_world(unsigned long long world)
{
    static struct texts texts;
    uint64_t seed = world;
    struct watch *watch = make_world(&texts, &seed);
    if (world % 2 == 0)
        run_rounds(watch, world, &seed);
    else
        run_wait(watch, world, &seed);
    watch_free(watch);
}

static void test_time_worlds_keep_every_promise(void **state)
{
    (void)state;
    const char *single = getenv("NETCHECK_WORLD");
    if (single != NULL) {
        run_world(strtoull(single, NULL, 10));
        return;
    }
    for (unsigned long long world = 1; world <= WORLDS; world++)
        run_world(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_worlds_keep_every_promise),
    };
    return cmocka_run_group_tests_name("sim: random worlds in time", tests, NULL, NULL);
}
