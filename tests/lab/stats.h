/*
 * stats: what became of the packets, counted.
 *
 * `overrun` above 0 says that the lab was the bottleneck. Every other packet that came is in
 * exactly one of `answered`, `lost`, `silent` and `limited` of its kind, and with TCP in
 * `table_dropped`, `policed` and `backlog_dropped`, or its answer was still waiting when the
 * command ended; but each rule that answers it counts, where also lets several do so.
 */
#ifndef TESTS_LAB_STATS_H
#define TESTS_LAB_STATS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "packet.h"

/* Of SYNs, of datagrams or of echo requests. */
struct stats_kind {
    uint64_t came;     /* repeated ones too */
    uint64_t answered; /* by whatever, ICMP errors too */
    uint64_t lost;     /* by loss=, no room to wait, a refused write */
    uint64_t silent;   /* that nobody was there to answer */
    uint64_t limited;  /* that limit= left without an ICMP error */
};

struct stats {
    struct stats_kind kinds[PACKET_KIND_COUNT];
    uint64_t table_dropped;   /* SYNs that found the connection table full */
    uint64_t table_peak;      /* most half-open connections at a time; 0 without --table */
    uint64_t policed;         /* SYNs over --rate-limit */
    uint64_t icmp_sent;       /* answers that were ICMP errors */
    uint64_t backlog_dropped; /* SYNs over backlog= */
    uint64_t overrun;         /* packets that came faster than the lab could take them */
};

/* One "name value" a line: "syns 4", "datagrams_lost 1". False where that fails. */
bool stats_write(const struct stats *stats, FILE *file);

#endif
