/*
 * run_parts: what a run consists of, and what does its parts of the work.
 *
 * run_build.c puts it together, and run.c runs it: its loop() is the way of a row, and it calls
 * run_outputs.c for the files of -o, run_memory.c for --state, run_status.c for the exit status
 * and run_words.c for what is said of the run as a whole. What asking once (mode_once.c), in
 * rounds (mode_rounds.c) and until as expected (mode_wait.c) say differently is in struct mode.
 */
#ifndef NETCHECK_RUN_PARTS_H
#define NETCHECK_RUN_PARTS_H

#include "netcheck/cli/inputs.h"
#include "netcheck/cli/options.h"
#include "netcheck/os/state_file.h"
#include "netcheck/report/history.h"
#include "netcheck/report/kept_rows.h"
#include "netcheck/report/memory.h"
#include "netcheck/report/report.h"
#include "netcheck/report/tally.h"
#include "netcheck/report/verdict.h"
#include "netcheck/schedule/entries.h"
#include "netcheck/schedule/gate.h"
#include "netcheck/schedule/once.h"
#include "netcheck/schedule/pipeline.h"
#include "netcheck/schedule/rounds.h"
#include "netcheck/schedule/wait.h"
#include "netcheck/cli/row_sink.h"
#include "netcheck/cli/sink.h"
#include "outputs.h"
#include "streams.h"

struct run;

/* What differs in words between asking once, in rounds, and until as expected. */
struct mode {
    bool asks_again; /* entries and history are in use */

    /* How far it is. */
    void (*count)(const struct run *run, struct progress_counts *counts);

    /* Append what is said once all targets are known. NULL: nothing. */
    void (*announce)(const struct run *run, struct buffer *out);

    /* Why it ended early, to be said with the counts; NULL, or the function is NULL: nothing.
     */
    const char *(*end)(const struct run *run);

    /*
     * What its rows come to, for the line of counts. NULL: there is no such line, since its
     * summaries say more.
     */
    struct tally (*tally)(const struct run *run);

    /* Append more that is to be said at the end. NULL: nothing. */
    void (*explain)(const struct run *run, struct buffer *out);

    /* Append what the rows of one entry come to. NULL: there are no summaries. */
    void (*summarise)(const struct run *run, size_t entry, struct buffer *out);

    /* Append what is said below all summaries. NULL: nothing. */
    void (*conclude)(const struct run *run, struct buffer *out);
};

extern const struct mode mode_once;
extern const struct mode mode_rounds;
extern const struct mode mode_wait;

/* What the files had when they were written last, in rounds. */
struct rewritten {
    uint64_t rounds; /* 0: they were not yet */
    uint64_t rows;   /* of the run, so far */
    int64_t at_ns;
    int64_t busy_until_ns; /* the disk has not taken them, and is not looked at before */
};

struct run {
    const struct options *options;
    const struct mode *mode;
    const struct os *os;
    struct inputs inputs;
    struct resolve *resolve;
    struct probe *probe;
    struct order *order; /* NULL: rows as they finish */
    struct pipeline pipeline;
    union { /* the schedule of the mode */
        struct once once;
        struct rounds rounds;
        struct wait wait;
    } schedule;
    struct gate gate; /* where inputs_have_gate(): in rounds the first entry */
    struct entries entries;
    struct history history;
    struct verdict verdict;
    struct tally tally; /* of the rows that are not in the history */
    struct report report;
    struct row_columns columns; /* of its rows, where they go to a terminal */
    struct streams streams;
    struct sinks sinks;
    struct row_sink row_sink;
    struct outputs outputs;
    struct kept_rows kept; /* rows for the outputs that are in no history */
    struct rewritten rewritten;
    struct memory memory; /* of --state */
    struct state_file state_file;
    uint64_t remembered_rounds; /* rounds that the state file has */
    int64_t remember_ns;        /* when it may have the next one */
    int save_error;             /* of the last time it was written, as an errno value; or 0 */

    int64_t began_ns;
    int64_t end_ns;            /* -m: when the run's time is over; NEVER_NS: never */
    int64_t until_ns;          /* no attempt lasts longer: the end of a wait, or end_ns */
    int64_t output_end_ns;     /* until when output may be written; NEVER_NS: for ever */
    uint64_t descriptor_limit; /* how many this process may have open */

    int signal_fd; /* -1: none are caught */
    int signal;    /* that ended the run; 0 for none */

    bool is_gated;  /* there is a gate, and its last answer is not as expected, or is still to
                       come first: nothing else was asked, or not since then */
    bool is_plugin; /* its answer is a plugin's: see plugin.h */
    int plugin_status;     /* which it gave last */
    struct buffer failure; /* the first one that is to be told in it; empty: none */
    struct buffer hint;    /* what a file of bad lines looks like: told where no failure is */

    bool is_stopped;    /* what is in flight is given up */
    bool has_failed;    /* a message was written: the exit status says so */
    bool is_unfinished; /* the run's time was over with rows still to come: so does that */
    bool has_lost;      /* an output could not be written, which was said */
    bool lacks_rows;    /* there is no time left to write a row for each target */
    bool has_memory;    /* --state */
};

/*
 * Put a run together from its options and open its outputs, inputs, and engine. has_failed,
 * with a message written, where that is not possible.
 *
 * run  to be released in any case; stays at its place
 */
void run_build(struct run *run, const struct options *options);

void run_release(struct run *run);

/*
 * Write the files of -o and, at the end of the run, standard output where its format is a
 * document.
 */
void run_write_outputs(struct run *run, bool is_end);

/* In rounds: write the files where that is due. */
void run_rewrite_outputs(struct run *run);

/* When it will be; NEVER_NS: not before another row. */
int64_t run_rewrite_ns(const struct run *run);

/* Keep a failure for a plugin's answer, where it is the first one. */
void run_keep_failure(struct run *run, const char *text);

/* Keep the first line of the notes from `start` on for it, which is no failure by itself. */
void run_keep_hint(struct run *run, size_t start);

/* Open and read what is remembered; once the outputs are open, too, compare them with it.
   has_failed, with a message written, where it cannot be used. */
void run_memory_open(struct run *run);
void run_memory_check(struct run *run);

void run_memory_release(struct run *run);

/* A row that counts: say in its `change` what is news. ERROR_NONE or ERROR_NO_MEMORY. */
enum error run_memory_row(struct run *run, struct result *result);

/* A round, or the run, is over and all of it is written: leave it to the next run. */
void run_memory_end_round(struct run *run, int64_t now_ns);
void run_memory_end(struct run *run);

/* How far it is, in numbers. */
struct progress_counts run_count_progress(const struct run *run);

/* Say so, when a signal asks for it. Not beside the live view: it says the same, and a line in
   its middle would tear it. */
void run_tell_progress(struct run *run);

/* Last words, behind the last row: why it ended early, or its line of counts. */
void run_tell_end(struct run *run);

/* The exit status that the rows come to so far. */
int run_status(struct run *run);

/* The same, of the rows that `verdict` has counted. */
int run_status_by(struct run *run, const struct verdict *verdict);

#endif
