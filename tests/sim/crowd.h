/*
 * crowd: many numbered hosts for a drive, and what its rows and connects have to say.
 *
 * Host N is 10.0.x.y with N = 256 x + y, so that "10.0.0.0/24:80" asks the first 256. Where
 * every host has one port and is asked once, row N is about host N.
 */
#ifndef NETCHECK_TESTS_CROWD_H
#define NETCHECK_TESTS_CROWD_H

#include <stddef.h>
#include <stdint.h>

#include "drive.h"

enum { EVERY_PORT = 0 };

/* Assertions that name the row of the table they failed in. */
void claim(const char *label, const char *what, int64_t actual, int64_t expected);
void claim_between(const char *label, const char *what, int64_t actual, int64_t least,
                   int64_t most);

/* Hosts from..to-1 of one kind; ports that were added before stay as they are. */
void crowd_add(struct drive *drive, unsigned from, unsigned to, uint16_t port,
               enum behaviour behaviour, int64_t delay_ns);

/* Hosts 0..count-1, of five neighbours three open, one refused and one silent. */
void crowd_add_mixed(struct drive *drive, unsigned count);

/* The one that was added for this port. Fails the test where there is none. */
struct world_host *crowd_host(struct drive *drive, unsigned number, uint16_t port);

/* Rows in order that say something else than host N, one port each, would have. */
size_t crowd_wrong(const struct drive *drive);

/* Rows with so many attempts. */
size_t crowd_attempts(const struct drive *drive, unsigned attempts);

/* For what follows: every connect counts. */
bool crowd_is_any(const struct world_connect *connect);

/* The most connects that were open at a time from `from_ns` on and before `to_ns`, of those
   that `counts`. */
size_t crowd_most_open(const struct drive *drive,
                       bool (*counts)(const struct world_connect *connect), int64_t from_ns,
                       int64_t to_ns);

/* The most that began within one second. */
size_t crowd_most_begun(const struct drive *drive,
                        bool (*counts)(const struct world_connect *connect));

/* The first of those that `counts`. Fails the test where there is none. */
const struct world_connect *crowd_first(const struct drive *drive,
                                        bool (*counts)(const struct world_connect *connect));

int64_t crowd_elapsed_ns(const struct drive *drive);

#endif
