/*
 * course: what a run asks when, and what becomes of its rows.
 *
 * A function table each for asking once (course_once.c), in rounds (course_rounds.c), and until
 * it is as expected (course_await.c). Private to these, to run.c, run_setup.c and screen.c.
 *
 * run.c has the loop and all that is common; what a course needs of it is declared here.
 */
#ifndef NETCHECK_COURSE_H
#define NETCHECK_COURSE_H

#include "netcheck/schedule/await.h"
#include "netcheck/report/history.h"
#include "netcheck/cli/inputs.h"
#include "netcheck/cli/options.h"
#include "netcheck/cli/pump.h"
#include "netcheck/report/report.h"
#include "netcheck/schedule/rounds.h"
#include "netcheck/cli/streams.h"
#include "netcheck/report/verdict.h"
#include "screen.h"

struct run;

struct course {
    /* As pump.next: the next row to ask. */
    enum error (*next)(struct run *run, struct endpoint *endpoint);

    /* A row is there; the receiver's to release. */
    void (*row)(struct run *run, struct result *result);

    /* When next() has something again; NEVER_NS: not before a row came. NULL: always. */
    int64_t (*due_ns)(const struct run *run);

    /* When the loop is to pass again whatever happens; NEVER_NS or NULL: never. */
    int64_t (*wake_ns)(const struct run *run);

    /* Before each turn of the loop; NULL: nothing. */
    void (*turn)(struct run *run);

    bool (*is_over)(const struct run *run);

    /* How far it is. */
    void (*count)(const struct run *run, struct progress_counts *counts);

    /* SIGQUIT: how it was so far; NULL: nothing. */
    void (*summarise)(struct run *run);

    /* The run's time is over: rows for what is not known; sets run->is_unfinished. */
    void (*conclude)(struct run *run);

    /* Last words, before everything is written out. */
    void (*finish)(struct run *run);

    /* The exit status, where nothing else went wrong. NULL: that of the verdict. */
    int (*status)(const struct run *run);
};

extern const struct course course_once;
extern const struct course course_rounds;
extern const struct course course_await;

struct run {
    const struct options *options;
    const struct course *course;
    const struct os *os;
    struct inputs inputs;
    struct resolve *resolve;
    struct probe *probe;
    struct order *order; /* NULL: rows as they finish */
    struct pump pump;
    struct verdict verdict;
    struct report report;
    struct streams streams;
    int64_t began_ns;
    int64_t end_ns;     /* -m: when the run's time is over; NEVER_NS: never */
    bool is_cut;        /* it was over before a row was known */
    bool lacks_rows;    /* it was over before each target had its row */
    bool is_unfinished; /* it was over with rows still to come: the exit status says so */
    int signal_fd;      /* -1: none are caught */
    int signal;         /* that ended the run; 0 for none */
    uint64_t descriptor_limit; /* how many this process may have open */
    bool has_failed;           /* a message was written: the exit status says so */
    bool is_stopped;           /* what is in flight is given up */

    /* Where targets are asked more than once. */
    bool is_gathered; /* all of them are in the roster */
    struct roster roster;
    struct history history;
    struct rounds rounds;
    struct await await;
    int64_t until_ns;    /* --wait: when it is enough, and not after end_ns; NEVER_NS: never */
    int64_t returned_ns; /* as probe_returned_ns() said last */
    struct screen screen;
};

/* run_setup.c. */

/* A run that has done nothing yet; to be released in any case. */
void run_init(struct run *run, const struct options *options);

/* Open the input, the terminal and the engine; has_failed where that is not possible. */
void run_open(struct run *run);

void run_release(struct run *run);

/* The pauses of a wait, of which each has chances of its own. */
struct backoff run_backoff(const struct run *run);

/* run.c. */

int64_t run_now_ns(const struct run *run);

/* The next row of the input; complains of files that cannot be read. As feed_next(). */
enum error run_pull(struct run *run, struct endpoint *endpoint);

/*
 * Put more of the input into the roster.
 *
 * Returns ERROR_NONE once all of it is there, ERROR_AGAIN, ERROR_PAUSE, or what failed.
 */
enum error run_gather(struct run *run);

/* Count the row in the history. False without memory, where the run is stopped. */
bool run_remember(struct run *run, struct result *result);

/* Print the row if rows like it are shown. */
void run_print(struct run *run, const struct result *result);

/* At the end: wait for the readers where there is much to be written, so that it stays so. */
void run_make_way(struct run *run);

/* "netcheck: WHY: how far it came"; nothing with -q. */
void run_tell_end(struct run *run, const char *why);

/* Whether the run's time is over. */
bool run_is_late(const struct run *run);

/* That not every target has its row, where that is so. */
void run_tell_rowless(struct run *run);

/* Whether rows may still be written: the run's time allows it, and their reader takes them. */
bool run_may_write(const struct run *run);

/* Until when output may be written; NEVER_NS: as long as it takes. */
int64_t run_output_end_ns(const struct run *run);

/* The run cannot go on: say why. */
void run_fail(struct run *run, enum error error);

#endif
