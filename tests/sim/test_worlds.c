/*
 * Thousands of random worlds, each from its seed: whatever the network does, every target gets
 * its row, in order, in time, with a reason that is true, and nothing stays open.
 *
 * NETCHECK_WORLD=SEED runs a single one. NETCHECK_ROWS=FILE adds every row to FILE, as JSON:
 * two builds that behave the same write the same bytes.
 */
#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drive.h"
#include "netcheck/base/mix.h"
#include "netcheck/probe/bound.h"
#include "netcheck/probe/congestion.h"
#include "netcheck/report/report.h"

enum {
    WORLDS = 6000,
    CROWDS = 150, /* worlds behind them in which many are in flight at a time */
    TARGETS_MAX = 60,
    CROWD_MAX = 240,
    HOSTS = 24,
    NAMES = 12,
    TEXT_SIZE = 40,
    DESCRIPTORS_FEW = 12,
};

static const int64_t ms = NS_PER_MS;

/* splitmix64 */
static uint64_t next_random(uint64_t *seed)
{
    uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static unsigned below(uint64_t *seed, unsigned limit)
{
    return (unsigned)(next_random(seed) % limit);
}

struct texts {
    char hosts[HOSTS][TEXT_SIZE];
    char names[NAMES][TEXT_SIZE];
    char targets[CROWD_MAX][TEXT_SIZE];
};

static void make_hosts(struct drive *drive, struct texts *texts, uint64_t *seed)
{
    static const int errors[] = {EHOSTUNREACH, ENETUNREACH, EACCES, ENOPROTOOPT};
    for (unsigned i = 0; i < HOSTS; i++) {
        if (i % 2 == 0)
            (void)snprintf(texts->hosts[i], TEXT_SIZE, "192.0.2.%u", i + 1);
        else
            (void)snprintf(texts->hosts[i], TEXT_SIZE, "2001:db8::%x", i + 1);
        enum behaviour behaviour = (enum behaviour)below(seed, BEHAVIOUR_SHUT_RESET + 1);
        struct world_host *host = world_add(&drive->world, texts->hosts[i], 0, behaviour,
                                            (int64_t)below(seed, 1200) * ms);
        host->error = errors[below(seed, ARRAY_LEN(errors))];
        if (below(seed, 3) != 0)
            host->later_ns = (int64_t)below(seed, 1200) * ms;
    }
}

static int64_t random_delay_ns(uint64_t *seed)
{
    return below(seed, 6) == 0 ? NEVER_NS : (int64_t)below(seed, 900) * ms;
}

static void make_names(struct drive *drive, struct texts *texts, uint64_t *seed)
{
    static const int errors[] = {0, 0, 0, EAI_NONAME, EAI_AGAIN};
    for (unsigned i = 0; i < NAMES; i++) {
        (void)snprintf(texts->names[i], TEXT_SIZE, "name%u", i);
        struct world_name *name = world_add_name(&drive->world, texts->names[i],
                                                 random_delay_ns(seed), random_delay_ns(seed));
        for (unsigned n = below(seed, 5); n > 0; n--)
            world_name_address(name, texts->hosts[below(seed, HOSTS)]);
        name->lookup_error[0] = errors[below(seed, ARRAY_LEN(errors))];
        name->lookup_error[1] = errors[below(seed, ARRAY_LEN(errors))];
    }
}

static void make_targets(struct drive *drive, struct texts *texts, unsigned most,
                         uint64_t *seed)
{
    unsigned count = 1 + below(seed, most);
    for (unsigned i = 0; i < count; i++) {
        char *text = texts->targets[i];
        unsigned port = 1 + below(seed, 9);
        unsigned host = below(seed, HOSTS);
        if (below(seed, 3) == 0)
            (void)snprintf(text, TEXT_SIZE, "name%u:%u", below(seed, NAMES + 1), port);
        else if (host % 2 == 0)
            (void)snprintf(text, TEXT_SIZE, "192.0.2.%u:%u", host + 1, port);
        else
            (void)snprintf(text, TEXT_SIZE, "[2001:db8::%x]:%u-%u", host + 1, port, port + 2);
        drive_add(drive, text);
    }
}

struct limits {
    unsigned timeout_ms; /* at most, as all of these */
    unsigned window_least, window_more;
    unsigned one_in; /* so many worlds has few descriptors */
    unsigned descriptors_least, descriptors_more;
    unsigned stop_ms, stopped_ms;
};

static void make_limits(struct drive *drive, const struct limits *limits, uint64_t *seed)
{
    drive->options.timeout_ns = (int64_t)(1 + below(seed, limits->timeout_ms)) * ms;
    drive->options.retries = below(seed, 3);
    drive->options.window = limits->window_least + below(seed, limits->window_more);
    drive->options.is_all_addresses = below(seed, 4) == 0;
    drive->is_unordered = below(seed, 4) == 0;
    drive->order_slack = below(seed, 64);
    drive->world.call_cost_ns = below(seed, 3) * 1000;
    if (below(seed, limits->one_in) == 0)
        drive->world.descriptor_limit =
            limits->descriptors_least + below(seed, limits->descriptors_more);
    if (below(seed, 3) == 0)
        drive->world.lookup_room = 2 + below(seed, 8);
    if (below(seed, 4) == 0)
        drive->world.interrupts = 2 + below(seed, 9);
    if (below(seed, 5) == 0) {
        drive->world.stop_ns = drive->world.now_ns + (int64_t)below(seed, limits->stop_ms) * ms;
        drive->world.resume_ns =
            drive->world.stop_ns + (int64_t)below(seed, limits->stopped_ms) * ms;
    }
}

/* In each third world connections are held, and half of the servers say something or close. */
static void add_holds(struct drive *drive, uint64_t seed)
{
    if (below(&seed, 3) != 0)
        return;
    drive->options.ask.hold_ns = (int64_t)(1 + below(&seed, 2000)) * ms;
    for (size_t i = 0; i < drive->world.host_count; i++) {
        struct world_host *host = drive->world.hosts[i];
        int64_t after_ns = (int64_t)below(&seed, 1000) * ms;
        if (below(&seed, 3) == 0)
            world_act(host, after_ns, 1 + below(&seed, 300000), 0);
        if (below(&seed, 2) == 0)
            world_act(host, after_ns + (int64_t)below(&seed, 1500) * ms, 0,
                      below(&seed, 2) == 0 ? ECONNRESET : 0);
    }
}

/* In each fourth world half of the targets are asked by UDP; the others stay as they are. */
static void mix_protocols(struct drive *drive, uint64_t seed)
{
    if (below(&seed, 4) != 0)
        return;
    for (size_t i = 0; i < drive->target_count; i++)
        if (below(&seed, 2) == 0)
            drive->protocols[i] = PROTOCOL_UDP;
}

static struct drive *make_world(struct texts *texts, uint64_t *seed)
{
    static const struct limits limits = {1500, 1, 40, 3, 0, DESCRIPTORS_FEW, 2000, 3000};
    struct drive *drive = drive_new();
    make_hosts(drive, texts, seed);
    make_names(drive, texts, seed);
    make_targets(drive, texts, TARGETS_MAX, seed);
    make_limits(drive, &limits, seed);
    return drive;
}

/* Hosts that answer some connects and not others, and a path that does not carry them all. */
static void make_losses(struct drive *drive, uint64_t *seed)
{
    struct world *world = &drive->world;
    for (size_t i = 0; i < world->host_count; i++) {
        struct world_host *host = world->hosts[i];
        host->lost_syns = below(seed, 4) == 0 ? 1 + below(seed, 2) : 0;
        host->deaf_connects = below(seed, 4) == 0 ? below(seed, 20) : 0;
        if (below(seed, 6) == 0)
            host->gone_ns = world->now_ns + (int64_t)below(seed, 4000) * ms;
    }
    if (below(seed, 2) == 0) {
        world->router.table_limit = 8 + below(seed, 100);
        world->router.expire_ns = (int64_t)(1000 + below(seed, 4000)) * ms;
    }
    if (below(seed, 4) == 0) {
        world->router.policer.each_ns = (int64_t)(2 + below(seed, 20)) * ms;
        world->router.policer.burst_ns = 100 * ms;
    }
}

/* What connects to itself is this machine, which is not far away. */
static void bring_near(struct world *world)
{
    for (size_t i = 0; i < world->host_count; i++) {
        struct world_host *host = world->hosts[i];
        if (host->behaviour == BEHAVIOUR_SELF_ONCE || host->behaviour == BEHAVIOUR_SELF_ALWAYS)
            host->delay_ns = 1 * ms;
    }
}

/* Many targets, of which many are in flight together, with a second look at the silent ones. */
static struct drive *make_crowd(struct texts *texts, uint64_t *seed)
{
    static const struct limits limits = {
        3000, CONGESTION_LEAST, 200, 4, CONGESTION_LEAST, 100, 9000, 9000};
    struct drive *drive = drive_new();
    make_hosts(drive, texts, seed);
    make_names(drive, texts, seed);
    bring_near(&drive->world);
    if (below(seed, 4) != 0)
        make_losses(drive, seed);
    make_targets(drive, texts, CROWD_MAX, seed);
    drive->options.has_recheck = true;
    make_limits(drive, &limits, seed);
    if (below(seed, 3) == 0) {
        drive->world.unrouted_ns = drive->world.now_ns + (int64_t)below(seed, 2000) * ms;
        drive->world.routed_ns = drive->world.unrouted_ns + (int64_t)below(seed, 2000) * ms;
    }
    return drive;
}

/* Each sequence once (with -A its rows in a block), in order unless unordered. */
static void check_rows_complete(const struct drive *drive, unsigned long long world)
{
    static unsigned char seen[DRIVE_ROWS];
    memset(seen, 0, sizeof seen);
    unsigned expected_row = 0;
    uint64_t expected = 0;
    size_t complete = 0;
    for (size_t i = 0; i < drive->row_count; i++) {
        const struct result *row = &drive->rows[i];
        if (!drive->is_unordered && row->sequence != expected)
            fail_msg("world %llu: row %zu is out of order", world, i);
        if (row->row != expected_row || seen[row->sequence])
            fail_msg("world %llu: row %zu is torn or twice there", world, i);
        expected_row = row->row + 1 == row->rows ? 0 : row->row + 1;
        if (expected_row == 0) {
            seen[row->sequence] = 1;
            complete++;
            expected++;
        }
    }
    if (complete != drive->sequence_count)
        fail_msg("world %llu: %zu of %zu targets have rows", world, complete,
                 drive->sequence_count);
}

/* When a connection to the host is closed behind its handshake; NEVER_NS: never. */
static int64_t closed_after_ns(const struct world_host *host)
{
    for (size_t i = 0; i < host->act_count; i++)
        if (host->acts[i].len == 0)
            return host->acts[i].after_ns;
    return NEVER_NS;
}

static const struct world_host *host_of(const struct drive *drive,
                                        const struct address *address)
{
    for (size_t i = 0; i < drive->world.host_count; i++)
        if (address_equals(&drive->world.hosts[i]->address, address))
            return drive->world.hosts[i];
    return NULL;
}

/* Whether an answer of this host may be lost on its way. */
static bool is_lossy(const struct drive *drive, const struct world_host *host)
{
    const struct router *router = &drive->world.router;
    return router->table_limit > 0 || router->policer.each_ns > 0 || host->lost_syns > 0 ||
           host->deaf_connects > 0 || host->gone_ns != NEVER_NS;
}

/* The same of a service: what is of connections alone is silence of UDP. */
static bool is_possible_by_udp(const struct drive *drive, const struct world_host *host,
                               enum reason reason)
{
    enum behaviour behaviour = host->behaviour;
    bool answers = behaviour == BEHAVIOUR_OPEN || behaviour == BEHAVIOUR_CONNECTED;
    bool fails = behaviour == BEHAVIOUR_ERROR || behaviour == BEHAVIOUR_EARLY_WAKE ||
                 behaviour == BEHAVIOUR_IMMEDIATE;
    if (reason == REASON_REPLIED)
        return answers;
    if (reason == REASON_REFUSED)
        return behaviour == BEHAVIOUR_REFUSED || behaviour == BEHAVIOUR_SELF_ONCE ||
               behaviour == BEHAVIOUR_SELF_ALWAYS;
    if (reason == REASON_TIMEOUT)
        return behaviour != BEHAVIOUR_IMMEDIATE &&
               (behaviour != BEHAVIOUR_CONNECTED || is_lossy(drive, host));
    bool is_failure = reason == REASON_UNREACHABLE || reason == REASON_PROHIBITED;
    return is_failure && (fails || drive->world.routed_ns > 0);
}

/* Whether the host could have given this answer. */
static bool is_possible(const struct drive *drive, const struct world_host *host,
                        const struct result *row)
{
    enum behaviour behaviour = host->behaviour;
    int64_t hold_ns = drive->options.ask.hold_ns;
    if (row->endpoint.protocol == PROTOCOL_UDP)
        return is_possible_by_udp(drive, host, row->outcome.reason);
    switch ((int)row->outcome.reason) { /* not every reason is a host's to give */
    case REASON_CLOSED:
        return hold_ns > 0 &&
               (behaviour == BEHAVIOUR_RESET || behaviour == BEHAVIOUR_SHUT ||
                drive->world.stop_ns != NEVER_NS ||
                row->measures.closed_after_ns >= closed_after_ns(host) - 55 * ms);
    case REASON_CONNECTED:
        if (hold_ns > 0 && (row->measures.held_ns < hold_ns || closed_after_ns(host) < hold_ns))
            return false;
        return behaviour == BEHAVIOUR_OPEN || behaviour == BEHAVIOUR_CONNECTED ||
               behaviour == BEHAVIOUR_RESET ||
               (behaviour == BEHAVIOUR_SHUT && host->later_ns != NEVER_NS);
    case REASON_REFUSED:
        return behaviour == BEHAVIOUR_REFUSED || behaviour == BEHAVIOUR_SELF_ONCE ||
               behaviour == BEHAVIOUR_SELF_ALWAYS || behaviour == BEHAVIOUR_HALF_RESET ||
               (behaviour == BEHAVIOUR_SHUT_RESET && host->later_ns != NEVER_NS);
    case REASON_TIMEOUT:
        if (row->outcome.remark == REMARK_PROXY_SILENT)
            return behaviour == BEHAVIOUR_SHUT || behaviour == BEHAVIOUR_SHUT_RESET;
        return behaviour != BEHAVIOUR_IMMEDIATE &&
               (behaviour != BEHAVIOUR_CONNECTED || is_lossy(drive, host));
    case REASON_UNREACHABLE:
    case REASON_PROHIBITED:
        return drive->world.routed_ns > 0 || behaviour == BEHAVIOUR_ERROR ||
               behaviour == BEHAVIOUR_EARLY_WAKE || behaviour == BEHAVIOUR_IMMEDIATE;
    default:
        return false;
    }
}

/* By when the slowest open address of the name must have answered; NEVER_NS: there is none. */
static int64_t best_case_ns(const struct drive *drive, const struct world_name *name)
{
    int64_t best_ns = NEVER_NS;
    int64_t stagger_ns = (int64_t)(name->count[0] + name->count[1]) * 250 * ms;
    for (size_t family = 0; family < 2; family++) {
        if (name->lookup_error[family] != 0 || name->delay_ns[family] == NEVER_NS)
            continue;
        for (size_t i = 0; i < name->count[family]; i++) {
            const struct world_host *host = host_of(drive, &name->addresses[family][i]);
            int64_t at_ns = name->delay_ns[family] + 55 * ms + stagger_ns + host->delay_ns;
            bool is_closed = closed_after_ns(host) < NEVER_NS; /* the others wait meanwhile */
            if (drive->options.ask.hold_ns > 0 && is_closed)
                return NEVER_NS;
            if (host->behaviour == BEHAVIOUR_OPEN && at_ns < best_ns)
                best_ns = at_ns;
        }
    }
    return best_ns;
}

static void check_row_true(const struct drive *drive, const struct result *row,
                           unsigned long long world)
{
    bool is_name = row->endpoint.target->kind == TARGET_NAME;
    const struct world_host *host = host_of(drive, &row->endpoint.address);
    bool has_address = address_family(&row->endpoint.address) != AF_UNSPEC;
    /* Few descriptors may leave an address of a name unasked, none at all any address. */
    size_t enough = is_name ? DESCRIPTORS_FEW + 4 * drive->options.window : 1;
    bool is_short = drive->world.descriptor_limit < enough;
    bool is_true = true;
    if (outcome_state(&row->outcome) != STATE_ERROR)
        is_true = has_address && host != NULL && is_possible(drive, host, row);
    else if (row->outcome.reason == REASON_LOCAL)
        is_true = is_short || row->outcome.remark == REMARK_RESOLVER;
    else
        is_true = is_name;
    if (!is_true)
        fail_msg("world %llu: %s:%u is '%s', which cannot be", world,
                 row->endpoint.target->host, row->endpoint.port,
                 reason_name(row->outcome.reason));
}

/* A name whose open address could be asked in time is up. */
static void check_name_fair(const struct drive *drive, const struct result *row,
                            unsigned long long world)
{
    bool is_calm = drive->world.descriptor_limit > DRIVE_ROWS / 2 &&
                   drive->world.lookup_room == WORLD_SOCKETS &&
                   drive->world.stop_ns == NEVER_NS;
    if (row->endpoint.target->kind != TARGET_NAME || !is_calm ||
        drive->options.is_all_addresses || outcome_state(&row->outcome) == STATE_UP)
        return;
    for (size_t i = 0; i < drive->world.name_count; i++) {
        const struct world_name *name = &drive->world.names[i];
        if (strcmp(name->host, row->endpoint.target->host) == 0 &&
            best_case_ns(drive, name) < drive->options.timeout_ns)
            fail_msg("world %llu: %s:%u could have been up, but is '%s'", world, name->host,
                     row->endpoint.port, reason_name(row->outcome.reason));
    }
}

/* A numeric target that answers well before the timeout is never called silent. */
static void check_row_fair(const struct drive *drive, const struct result *row,
                           unsigned long long world)
{
    if (row->endpoint.target->kind == TARGET_NAME || row->outcome.reason != REASON_TIMEOUT)
        return;
    const struct world_host *host = host_of(drive, &row->endpoint.address);
    enum behaviour behaviour = host->behaviour;
    bool is_tcp = row->endpoint.protocol == PROTOCOL_TCP;
    bool is_proxied =
        is_tcp && (behaviour == BEHAVIOUR_SHUT || behaviour == BEHAVIOUR_SHUT_RESET);
    bool is_reset =
        is_tcp && (behaviour == BEHAVIOUR_RESET || behaviour == BEHAVIOUR_HALF_RESET);
    bool answers = behaviour == BEHAVIOUR_OPEN || behaviour == BEHAVIOUR_REFUSED ||
                   behaviour == BEHAVIOUR_ERROR || is_reset ||
                   (is_proxied && host->later_ns != NEVER_NS);
    int64_t answer_ns = host->delay_ns + (is_proxied && answers ? host->later_ns : 0);
    if (answers && !is_lossy(drive, host) && answer_ns + 2 * ms < drive->options.timeout_ns)
        fail_msg("world %llu: %s answers in %lld ms, but is called silent", world,
                 row->endpoint.target->host, (long long)(host->delay_ns / ms));
}

/* One attempt never takes longer than the timeout, but for the time the process was stopped. */
static void check_row_in_time(const struct drive *drive, const struct result *row,
                              unsigned long long world)
{
    int64_t stopped_ns =
        drive->world.stop_ns == NEVER_NS ? 0 : drive->world.resume_ns - drive->world.stop_ns;
    int64_t limit_ns = drive->options.timeout_ns + stopped_ns + 5 * ms;
    if (row->outcome.reason == REASON_LOCAL)
        return;
    if (row->waited_ns > limit_ns + drive->options.ask.hold_ns || row->connect_ns > limit_ns ||
        row->resolve_ns > limit_ns)
        fail_msg("world %llu: %s:%u took %lld ms, the timeout is %lld ms", world,
                 row->endpoint.target->host, row->endpoint.port,
                 (long long)(row->waited_ns / ms), (long long)(drive->options.timeout_ns / ms));
}

/* A target is asked once, again as often as was wished, when it is doubtful four times, after
   an outage and where the process was stopped once more. */
static void check_row_attempts(const struct drive *drive, const struct result *row,
                               unsigned long long world)
{
    unsigned most = 1 + drive->options.retries + (drive->options.has_recheck ? 5 : 0) +
                    (drive->world.stop_ns == NEVER_NS ? 0 : 1);
    if (row->attempts > most)
        fail_msg("world %llu: %s:%u was asked %u times", world, row->endpoint.target->host,
                 row->endpoint.port, row->attempts);
}

/* Where descriptors or threads are short, as if one target were asked after the other. */
static size_t least_window(const struct drive *drive)
{
    bool is_short = drive->world.descriptor_limit <= drive->options.window * 4 + 20 ||
                    drive->world.lookup_room <= drive->options.window * 2;
    return is_short ? 1 : drive->options.window;
}

/* Names that find no thread wait for one, at most a minute (or -t) behind each that hangs. */
static int64_t thread_wait_ns(const struct drive *drive)
{
    size_t threads = drive->world.lookup_room > 0 ? drive->world.lookup_room : 1;
    int64_t each_ns =
        drive->options.timeout_ns > 60 * NS_PER_S ? drive->options.timeout_ns : 60 * NS_PER_S;
    if (threads >= drive->sequence_count * 3)
        return 0;
    return (int64_t)((drive->sequence_count + threads - 1) / threads) * each_ns;
}

/* In every network. */
static void check_time_bounded(const struct drive *drive, unsigned long long world)
{
    const struct bound bound = {
        .window = least_window(drive),
        .attempts = (uint64_t)drive->options.retries + 1,
        .timeout_ns = drive->options.timeout_ns + drive->options.ask.hold_ns + 5 * ms,
        .rate = drive->options.rate,
    };
    int64_t stopped_ns =
        drive->world.stop_ns == NEVER_NS ? 0 : drive->world.resume_ns - drive->world.stop_ns;
    int64_t most_ns = drive->options.has_recheck
                          ? bound_run_ns(&bound, drive->sequence_count)
                          : bound_asking_ns(&bound, drive->sequence_count);
    most_ns += thread_wait_ns(drive);
    /* What was under way when the process was stopped is asked anew. */
    if (stopped_ns > 0)
        most_ns += stopped_ns + drive->options.timeout_ns + drive->options.ask.hold_ns;
    if (drive->ended_ns - drive->began_ns > most_ns)
        fail_msg("world %llu: took %lld ms, at most %lld", world,
                 (long long)((drive->ended_ns - drive->began_ns) / ms),
                 (long long)(most_ns / ms));
}

static void write_rows(const struct drive *drive, unsigned long long world)
{
    const char *path = getenv("NETCHECK_ROWS");
    if (path == NULL)
        return;
    const struct report report = {.wall_offset_ns = 0};
    struct buffer rows = BUFFER_EMPTY;
    for (size_t i = 0; i < drive->row_count; i++)
        report_json.row(&rows, &report, &drive->rows[i]);
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    assert_true(fprintf(file, "world %llu\n%s", world, buffer_text(&rows)) > 0);
    assert_int_equal(fclose(file), 0);
    buffer_release(&rows);
}

static void run_world(unsigned long long world)
{
    static struct texts texts;
    uint64_t seed = world;
    struct drive *drive =
        world > WORLDS ? make_crowd(&texts, &seed) : make_world(&texts, &seed);
    mix_protocols(drive, seed);
    add_holds(drive, mix64(seed));
    drive_run(drive);
    write_rows(drive, world);
    check_time_bounded(drive, world);
    check_rows_complete(drive, world);
    for (size_t i = 0; i < drive->row_count; i++) {
        check_row_true(drive, &drive->rows[i], world);
        check_row_fair(drive, &drive->rows[i], world);
        check_name_fair(drive, &drive->rows[i], world);
        check_row_in_time(drive, &drive->rows[i], world);
        check_row_attempts(drive, &drive->rows[i], world);
    }
    drive_free(drive);
}

static void test_worlds_keep_every_promise(void **state)
{
    (void)state;
    const char *single = getenv("NETCHECK_WORLD");
    if (single != NULL) {
        run_world(strtoull(single, NULL, 10));
        return;
    }
    for (unsigned long long world = 1; world <= WORLDS + CROWDS; world++)
        run_world(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worlds_keep_every_promise),
    };
    return cmocka_run_group_tests_name("sim: random worlds", tests, NULL, NULL);
}
