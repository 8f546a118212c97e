/*
 * endpoint: one host or address with a port; and the endpoints of a target, one at a time.
 *
 * A target has every address of its prefix or range times every port. The cursor walks over an
 * index space and spells nothing out in memory, so that a /8 with 65,535 ports costs as much as
 * a single address.
 */
#ifndef NETCHECK_ENDPOINT_H
#define NETCHECK_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"
#include "netcheck/target/target.h"

/* What one row is about. A plain value that borrows its target. */
struct endpoint {
    struct target *target;
    struct address address;    /* with port; AF_UNSPEC while the name is not resolved */
    uint16_t port;             /* 0 for an invalid target, and where the protocol has none */
    enum protocol_id protocol; /* how to ask it; PROTOCOL_NONE for an invalid target */
    size_t member;             /* 0, and the caller's: the engine hands it back with each row */
};

/* The cursor. */
struct endpoints {
    struct target *target; /* held while the cursor stands on it; NULL: none is left */
    uint64_t next;         /* index of the next row */
};

/* Stand before the first row of `target`; the caller's reference moves into the cursor. */
void endpoints_begin(struct endpoints *endpoints, struct target *target);

/* The next row, hosts outside, ports inside. False at the end, where the target is dropped. */
bool endpoints_next(struct endpoints *endpoints, struct endpoint *endpoint);

/*
 * Pass over `count` rows, or as many as are left; the target is dropped where none is left.
 * Returns how many could not be passed over.
 */
uint64_t endpoints_skip(struct endpoints *endpoints, uint64_t count);

/* Drop the target before the end. */
void endpoints_release(struct endpoints *endpoints);

/* How many rows the target has; 1 for an invalid one. */
uint64_t endpoints_total(const struct target *target);

/* How many of them each of its addresses has, or its name; 0 where ports are missing. */
uint64_t endpoints_per_host(const struct target *target);

/* Row `index` of the target, 0 <= index < endpoints_total(). */
void endpoints_at(struct target *target, uint64_t index, struct endpoint *endpoint);

/*
 * A row, of the target or not, whose label and whose address are at least as long as those of
 * each of its rows. Not of an invalid target.
 */
void endpoints_widest(struct target *target, struct endpoint *endpoint);

/* Append the row's host as the user wrote it, or the address that a prefix or range led
 * to. Raw bytes.
 */
void endpoint_host(struct buffer *out, const struct endpoint *endpoint);

/* Append "host:port", "[v6]:port", "udp://host:port", "icmp://host", or the line of an invalid
 * target as it is. Raw bytes. */
void endpoint_label(struct buffer *out, const struct endpoint *endpoint);

#endif
