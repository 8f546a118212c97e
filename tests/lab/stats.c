#include "stats.h"

#include <inttypes.h>
#include <stddef.h>

#include "netcheck/base/base.h"

bool stats_write(const struct stats *stats, FILE *file)
{
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"syns", stats->syns},
        {"answered", stats->answered},
        {"lost", stats->lost},
        {"table_dropped", stats->table_dropped},
        {"table_peak", stats->table_peak},
        {"policed", stats->policed},
        {"icmp_sent", stats->icmp_sent},
        {"echo", stats->echo},
        {"silent", stats->silent},
        {"backlog_dropped", stats->backlog_dropped},
        {"overrun", stats->overrun},
    };
    bool is_written = true;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        is_written =
            fprintf(file, "%s %" PRIu64 "\n", rows[i].name, rows[i].value) > 0 && is_written;
    return fflush(file) == 0 && is_written;
}
