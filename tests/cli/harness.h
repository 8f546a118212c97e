/*
 * harness: starts the program under test and catches all it does.
 *
 * The program is the path in the environment variable NETCHECK, ./netcheck without it. It knows
 * nothing of the network: see peer.h.
 *
 * Both output streams are read while the program runs, so that it never waits for the test; a
 * program that is still running after its limit is killed and fails the test. Waiting is
 * polling in steps of POLL_MS, always with an end.
 */
#ifndef TESTS_CLI_HARNESS_H
#define TESTS_CLI_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "netcheck/base/buffer.h"

enum {
    POLL_MS = 2,
    LIMIT_MS = 30000, /* of a run that does not say otherwise */
};

/* ASan and TSan take memory, threads and much processor time of their own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { IS_SANITIZED = true };
#else
enum { IS_SANITIZED = false };
#endif

/* A NULL-terminated list of strings in place. */
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

enum stream {
    STREAM_PIPE, /* the test's own end: feeds standard input, or captures */
    STREAM_NULL, /* /dev/null */
    STREAM_CLOSED,
    STREAM_FULL,     /* /dev/full: every write is ENOSPC */
    STREAM_BROKEN,   /* a pipe that nobody reads */
    STREAM_TERMINAL, /* captured, by way of a pseudo terminal */
};

struct launch {
    const char *label;             /* for failure messages; NULL: the arguments will do */
    const char *const *arguments;  /* behind the program's name */
    const char *const *settings;   /* environment: "NAME=VALUE"; "NAME" removes; NULL: as is */
    const char *folder;            /* working directory; NULL: the test's own */
    const char *input;             /* first bytes of standard input; NULL: none */
    size_t input_len;              /* bytes; 0: up to the terminator */
    bool is_fed;                   /* standard input stays open until program_end_input() */
    enum stream in, out, err;      /* STREAM_PIPE where not said */
    void (*prepare)(void *detail); /* in the child, just before exec; may be NULL */
    void *detail;
    int limit_ms; /* 0: LIMIT_MS */
    int least_ms; /* what expect_run() lets it take, as expect_took() has it */
    int most_ms;  /* 0: anything */
};

struct program {
    struct launch launch;
    pid_t pid;      /* 0: not running */
    int fds[3];     /* the test's ends; -1: none */
    bool is_paused; /* nothing is read from its standard output */
    size_t fed;     /* bytes of `input` that were written */
    int64_t started_ns;
    int64_t late_start_ns;  /* how long the test was starved while it started the program */
    int64_t starved_ago_ns; /* the test, in all, when it last saw the program run */
    struct buffer input;

    struct buffer out; /* what it wrote so far */
    struct buffer err;
    int status;         /* after program_finish(): its exit status, or minus its signal */
    int64_t elapsed_ns; /* from before fork() to its end, monotonic */
    int64_t starved_ns; /* as program_starved_ns() had it at the end */
};

/* Start the program. It has no descriptor above 2, and its signals are as by default. */
void program_start(struct program *program, const struct launch *launch);

/* Queue bytes for standard input; they are written as the program reads. */
void program_feed(struct program *program, const char *text);

/* Standard input ends behind what was queued. */
void program_end_input(struct program *program);

/* Read, write and look whether it ended, for at most `wait_ms`. False: it has ended. */
bool program_turn(struct program *program, int wait_ms);

/* Wait until its standard output has `text` in it; fail the test where that never comes. */
void program_await(struct program *program, const char *text);

/* Wait for its end. */
void program_finish(struct program *program);

/* Start and finish. */
void program_run(struct program *program, const struct launch *launch);

/*
 * How long the program was ready to run and had no processor, and the test, when it started the
 * program and since it last saw it run; 0 where the kernel does not say. On a busy machine the
 * program seems to be later by that much, at most.
 */
int64_t program_starved_ns(const struct program *program);

/* Free what was captured; a program that still runs is killed. */
void program_release(struct program *program);

/*
 * Run it and compare status, standard output and standard error with what is expected. In both
 * texts every latency ("0.42 ms") reads "N ms".
 */
void expect_run(const struct launch *launch, int status, const char *out, const char *err);

/* Fail, with both texts, where they differ. `what` says which text it is. */
void expect_text(const char *label, const char *what, const char *actual, const char *expected);

void expect_number(const char *label, const char *what, int64_t actual, int64_t expected);

/* Fail where `elapsed_ns` is not between `least_ms` and `most_ms`. */
void expect_elapsed(const char *label, int64_t elapsed_ns, int least_ms, int most_ms);

/*
 * Fail where a program took less than `least_ms`, or more than `most_ms` without being starved;
 * with a sanitizer only the former: the rest is its time, not the program's.
 */
void expect_took(const struct program *program, int least_ms, int most_ms);

/* The monotonic clock. */
int64_t harness_now_ns(void);

/* At most POLL_MS, between two looks at something; false once `deadline_ns` has passed. */
bool harness_pause(int64_t deadline_ns);

/* A folder of its own below /tmp for the files of a test. */
struct folder {
    char path[64];
};

void folder_open(struct folder *folder);
void folder_write(const struct folder *folder, const char *name, const char *bytes, size_t len);

/* Remove the folder and the files in it. */
void folder_release(struct folder *folder);

#endif
