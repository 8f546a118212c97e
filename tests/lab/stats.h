/*
 * stats: what became of the packets, counted.
 *
 * `overrun` above 0 says that the lab was the bottleneck. Every other SYN that came is in
 * exactly one of `answered`, `lost`, `silent`, `table_dropped`, `policed` and
 * `backlog_dropped`, or its answer was still waiting when the command ended.
 */
#ifndef TESTS_LAB_STATS_H
#define TESTS_LAB_STATS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct stats {
    uint64_t syns;            /* SYNs that came, repeated ones too */
    uint64_t answered;        /* of them, those answered by SYN/ACK, RST or ICMP */
    uint64_t lost;            /* SYNs and echoes: by loss=, no room to wait, a refused write */
    uint64_t table_dropped;   /* SYNs that found the connection table full */
    uint64_t table_peak;      /* most half-open connections at a time; 0 without --table */
    uint64_t policed;         /* SYNs over --rate-limit */
    uint64_t icmp_sent;       /* answers that were ICMP errors */
    uint64_t echo;            /* echo replies sent */
    uint64_t silent;          /* SYNs that nobody was there to answer */
    uint64_t backlog_dropped; /* SYNs over backlog= */
    uint64_t overrun;         /* packets that came faster than the lab could take them */
};

/* One "name value" a line, named and ordered as the members. False where that fails. */
bool stats_write(const struct stats *stats, FILE *file);

#endif
