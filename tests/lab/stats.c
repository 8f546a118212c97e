#include "stats.h"

#include <inttypes.h>
#include <stddef.h>

#include "netcheck/base/base.h"

bool stats_write(const struct stats *stats, FILE *file)
{
    const struct stats_kind *syns = &stats->kinds[PACKET_TCP];
    const struct stats_kind *datagrams = &stats->kinds[PACKET_DATAGRAM];
    const struct stats_kind *echoes = &stats->kinds[PACKET_ECHO];
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"syns", syns->came},
        {"answered", syns->answered},
        {"lost", syns->lost},
        {"silent", syns->silent},
        {"limited", syns->limited},
        {"table_dropped", stats->table_dropped},
        {"table_peak", stats->table_peak},
        {"policed", stats->policed},
        {"backlog_dropped", stats->backlog_dropped},
        {"datagrams", datagrams->came},
        {"datagrams_answered", datagrams->answered},
        {"datagrams_lost", datagrams->lost},
        {"datagrams_silent", datagrams->silent},
        {"datagrams_limited", datagrams->limited},
        {"echoes", echoes->came},
        {"echoes_answered", echoes->answered},
        {"echoes_lost", echoes->lost},
        {"echoes_silent", echoes->silent},
        {"echoes_limited", echoes->limited},
        {"icmp_sent", stats->icmp_sent},
        {"overrun", stats->overrun},
    };
    bool is_written = true;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        is_written =
            fprintf(file, "%s %" PRIu64 "\n", rows[i].name, rows[i].value) > 0 && is_written;
    return fflush(file) == 0 && is_written;
}
