/*
 * watch: targets that are asked again and again, in rounds or until they are as expected, in a
 * world; driven as the program drives them, without its output.
 */
#ifndef NETCHECK_TESTS_WATCH_H
#define NETCHECK_TESTS_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/schedule/wait.h"
#include "netcheck/probe/probe.h"
#include "netcheck/schedule/entries.h"
#include "netcheck/schedule/rounds.h"
#include "world.h"

enum { WATCH_TARGETS = 1024 };

/* One row of an answer, as it came. */
struct watch_row {
    size_t member;
    struct address address;
    enum reason reason;
    enum remark remark;
    bool is_expected;
    bool is_last; /* of the answer */
    unsigned attempts;
    bool is_cut;
    int64_t asked_ns;
    int64_t began_ns; /* when work on its last attempt began, after waits for this machine */
    int64_t finished_ns;
};

struct watch {
    struct world world;
    struct probe_options options;
    const char *targets[WATCH_TARGETS]; /* as on the command line */
    size_t target_count;
    bool expects_down;

    /* Of rounds. */
    const char *gate_target; /* asked first, as member 0; NULL: none */
    uint64_t count;          /* how many; 0: until end_ns */
    int64_t interval_ns; /* from one to the next; in wait the fixed pause, 0: the growing one */
    int64_t end_ns;      /* then it is over, whatever is under way */

    /* Of wait. */
    int64_t wait_ns; /* 0: for ever */
    bool is_any;
    uint64_t seed;

    struct driver *driver; /* while it runs: watch.c's */
    struct entries entries;
    struct gate gate;
    struct rounds rounds;
    struct wait wait;
    struct watch_row *rows; /* in the order they came */
    size_t row_count;
    size_t row_capacity;
    size_t askings; /* members that were taken to be asked */
    size_t turns;   /* of the loop */
    int64_t began_ns;
    int64_t until_ns;
    int64_t ended_ns;
    bool is_met;
    bool is_hopeless;
};

/* An empty world, the options of such a run, no targets. watch_free() frees it. */
struct watch *watch_new(void);

/* One more target. */
void watch_add(struct watch *watch, const char *target);

/* The name "db" with another address after each `step_ns`; what is asked there on port 80
   behaves as `before` says, and is open at the last one. */
void watch_add_moving_name(struct watch *watch, int count, int64_t step_ns,
                           enum behaviour before);

/*
 * Ask the targets in rounds, or until they are as expected. Fails the test on a violation, on
 * an error, where a member is asked twice at a time or past the gate, and where something is
 * left open.
 */
void watch_rounds(struct watch *watch);
void watch_wait(struct watch *watch);

int64_t watch_elapsed_ns(const struct watch *watch);

/* The n-th row of a member, from 0. Fails the test where there is none. */
const struct watch_row *watch_row_of(const struct watch *watch, size_t member, size_t n);

/* How many rows a member has; those with `reason`. */
size_t watch_rows_of(const struct watch *watch, size_t member);
size_t watch_rows_with(const struct watch *watch, enum reason reason);

/* The last row. */
const struct watch_row *watch_last(const struct watch *watch);

void watch_free(struct watch *watch);

#endif
