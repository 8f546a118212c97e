#include "crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_SIZE = 16 };

void claim(const char *label, const char *what, int64_t actual, int64_t expected)
{
    if (actual != expected)
        fail_msg("%s: %s is %lld, expected %lld", label, what, (long long)actual,
                 (long long)expected);
}

void claim_between(const char *label, const char *what, int64_t actual, int64_t least,
                   int64_t most)
{
    if (actual < least || actual > most)
        fail_msg("%s: %s is %lld, expected %lld-%lld", label, what, (long long)actual,
                 (long long)least, (long long)most);
}

static void write_address(char text[static TEXT_SIZE], unsigned number)
{
    (void)snprintf(text, TEXT_SIZE, "10.0.%u.%u", number / 256 % 256, number % 256);
}

void crowd_add(struct drive *drive, unsigned from, unsigned to, uint16_t port,
               enum behaviour behaviour, int64_t delay_ns)
{
    for (unsigned i = from; i < to; i++) {
        char text[TEXT_SIZE];
        write_address(text, i);
        (void)world_add(&drive->world, text, port, behaviour, delay_ns);
    }
}

void crowd_add_mixed(struct drive *drive, unsigned count)
{
    static const enum behaviour kinds[] = {BEHAVIOUR_OPEN, BEHAVIOUR_OPEN, BEHAVIOUR_OPEN,
                                           BEHAVIOUR_REFUSED, BEHAVIOUR_SILENT};
    for (unsigned i = 0; i < count; i++)
        crowd_add(drive, i, i + 1, EVERY_PORT, kinds[i % ARRAY_LEN(kinds)],
                  (20 + i % 50) * NS_PER_MS);
}

struct world_host *crowd_host(struct drive *drive, unsigned number, uint16_t port)
{
    char text[TEXT_SIZE];
    struct address address;
    write_address(text, number);
    assert_true(address_parse(text, strlen(text), &address));
    for (size_t i = 0; i < drive->world.host_count; i++) {
        struct world_host *host = drive->world.hosts[i];
        if (address_equals(&host->address, &address) && address_port(&host->address) == port)
            return host;
    }
    fail_msg("no host %u with port %u", number, port);
    return NULL;
}

static enum reason expected_reason(enum behaviour behaviour)
{
    if (behaviour == BEHAVIOUR_SILENT)
        return REASON_TIMEOUT;
    return behaviour == BEHAVIOUR_REFUSED ? REASON_REFUSED : REASON_CONNECTED;
}

size_t crowd_wrong(const struct drive *drive)
{
    size_t wrong = 0;
    for (size_t i = 0; i < drive->row_count; i++) {
        const struct result *row = &drive->rows[i];
        const struct world_host *host = drive->world.hosts[row->sequence];
        assert_true(address_equals(&host->address, &row->endpoint.address));
        wrong += row->outcome.reason != expected_reason(host->behaviour);
    }
    return wrong;
}

size_t crowd_attempts(const struct drive *drive, unsigned attempts)
{
    size_t count = 0;
    for (size_t i = 0; i < drive->row_count; i++)
        count += drive->rows[i].attempts == attempts;
    return count;
}

bool crowd_is_any(const struct world_connect *connect)
{
    (void)connect;
    return true;
}

/* Connects that began after `since_ns` and at the latest at `at_ns`, and were open after. */
static size_t count_connects(const struct drive *drive,
                             bool (*counts)(const struct world_connect *connect),
                             int64_t since_ns, int64_t at_ns, int64_t open_ns)
{
    size_t count = 0;
    for (size_t i = 0; i < drive->world.connect_count; i++) {
        const struct world_connect *connect = &drive->world.connects[i];
        if (connect->from_ns > at_ns)
            break;
        count += connect->from_ns > since_ns && connect->to_ns > open_ns && counts(connect);
    }
    return count;
}

/* That is when one of them begins. */
size_t crowd_most_open(const struct drive *drive,
                       bool (*counts)(const struct world_connect *connect), int64_t from_ns,
                       int64_t to_ns)
{
    size_t most = 0;
    assert_in_range(drive->world.connect_count, 1, WORLD_CONNECTS);
    for (size_t i = 0; i < drive->world.connect_count; i++) {
        int64_t at_ns = drive->world.connects[i].from_ns;
        if (at_ns < from_ns || at_ns >= to_ns || !counts(&drive->world.connects[i]))
            continue;
        size_t count = count_connects(drive, counts, INT64_MIN, at_ns, at_ns);
        most = count > most ? count : most;
    }
    return most;
}

size_t crowd_most_begun(const struct drive *drive,
                        bool (*counts)(const struct world_connect *connect))
{
    size_t most = 0;
    assert_in_range(drive->world.connect_count, 1, WORLD_CONNECTS);
    for (size_t i = 0; i < drive->world.connect_count; i++) {
        int64_t at_ns = drive->world.connects[i].from_ns;
        if (!counts(&drive->world.connects[i]))
            continue;
        size_t count = count_connects(drive, counts, at_ns - NS_PER_S, at_ns, INT64_MIN);
        most = count > most ? count : most;
    }
    return most;
}

const struct world_connect *crowd_first(const struct drive *drive,
                                        bool (*counts)(const struct world_connect *connect))
{
    assert_in_range(drive->world.connect_count, 1, WORLD_CONNECTS);
    for (size_t i = 0; i < drive->world.connect_count; i++)
        if (counts(&drive->world.connects[i]))
            return &drive->world.connects[i];
    fail_msg("no such connect");
    return NULL;
}

int64_t crowd_elapsed_ns(const struct drive *drive)
{
    return drive->ended_ns - drive->began_ns;
}
