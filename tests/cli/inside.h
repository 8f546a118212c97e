/*
 * inside: runs programs in the simulated network of tests/lab, and reads its counters.
 *
 * The lab is the path in the environment variable NETCHECK_LAB, INSIDE_LAB without it. Where it
 * is not possible (it needs root, /dev/net/tun and ip) the tests say "skipped".
 */
#ifndef TESTS_CLI_INSIDE_H
#define TESTS_CLI_INSIDE_H

#include "harness.h"

#define INSIDE_LAB "build/plain/tests/lab/lab"

/* A program that has run, and the counters of the network that it ran in. */
struct inside {
    const char *label;
    struct folder folder; /* it ran in here */
    struct program program;
};

/*
 * cmocka group fixtures. From the first one on the harness starts the lab where it would start
 * the program under test; that one is inside_netcheck(), and inside_self() this test program.
 */
int inside_open(void **state);
int inside_release(void **state);
const char *inside_netcheck(void);
const char *inside_self(void);

/* Skip the test where there is no lab here. */
void inside_need_lab(void);

/*
 * Run "lab LAB... -- PROGRAM ARGUMENT...", which must leave standard error empty. Latencies
 * stay as they are. inside_end() frees it.
 */
void inside_run(struct inside *inside, const char *label, const char *const *lab,
                const char *program, const char *const *arguments);
void inside_end(struct inside *inside);

/* A target, the network's rules for it, and what its row says of it. */
struct inside_habit {
    const char *target;
    const char *rules[4]; /* NULL-terminated */
    const char *state;
    const char *row; /* behind the target, every latency "N ms" */
    int least_ms;    /* that the latency in it is at least; 0: it has none, or any */
};

/* How all targets of a table are asked, in one run. */
struct inside_question {
    const char *label;
    const char *script; /* of a shell, which starts the program as "$@"; NULL: only that */
    const char *const *options;
    const char *counters; /* as inside_expect_counters() has it; NULL: anything */
};

/* Ask them, and compare row by row. */
void inside_expect_habits(const struct inside_question *question,
                          const struct inside_habit *habits, size_t count);

/* The number of lines in what the program wrote that begin with `state`. */
int64_t inside_count(struct inside *inside, const char *state);

/* One of the counters of --stats. */
int64_t inside_counter(const struct inside *inside, const char *name);

/* Several of them: "syns 4 lost 1". */
void inside_expect_counters(const struct inside *inside, const char *counters);

/* Fail where `actual` is not least..most. */
void inside_expect_between(const char *label, int64_t actual, int64_t least, int64_t most);

#endif
