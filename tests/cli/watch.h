/*
 * watch: what a test of a long run needs besides the harness: to wait for a message, to send a
 * signal in the middle, and to compare rows by their targets alone.
 *
 * Whatever waits here fails the test, and kills the program, once the program's limit has
 * passed.
 *
 * Such runs ask many ports of an address that is the test's own. Whether something listens on
 * all addresses at one of them is nothing a test can know: so states are not compared.
 */
#ifndef TESTS_CLI_WATCH_H
#define TESTS_CLI_WATCH_H

#include "harness.h"
#include "scene.h"

/* As program_await(), of standard error. */
void watch_message(struct program *program, const char *text);

/* Go on for `wait_ms`. False: it has ended. */
bool watch_for(struct program *program, int wait_ms);

/* Go on until standard output has `count` lines; fail the test where it ends before. */
void watch_rows(struct program *program, size_t count);

/* Go on until it has read all that was queued for its standard input. */
void watch_input(struct program *program);

/* Remove the line that says how many rounds were missed, as they are on a busy machine. */
void watch_drop_missed(struct buffer *notes);

/* scene_start() of these words, without anything special. */
void watch_start(const struct scene *scene, struct program *program, const char *label,
                 const char *const *words);

/*
 * Run the examples to their end and compare, as scene_expect_end() has it, without the line of
 * watch_drop_missed(). `like` is a launch to take the rest from; may be NULL.
 */
void watch_expect_all(const struct scene *scene, const struct example *examples, size_t count,
                      const struct launch *like);

/* Put the lines of `text` in the order of their bytes. */
void watch_sort_lines(struct buffer *text);

/* The value behind `key` in JSON, a number; -1: null. */
double watch_number(const char *row, const char *key);

/* Wait for the end of the program, compare its exit status, and release it. */
void watch_end(struct program *program, int status);

/* How often `part` stands in `text`. */
size_t watch_count(struct buffer *text, const char *part);

/* Fail where `part` does not stand in `text`, of which `what` says which text it is. */
void watch_expect_part(const char *label, const char *what, struct buffer *text,
                       const char *part);

void watch_signal(const struct program *program, int number);

/* Of rows in text only the second column is left: a target a line. */
void watch_keep_targets(struct buffer *rows);

/*
 * How long `text` is where it begins as a progress line of `total` targets (UINT64_MAX:
 * unknown) whose counts add up, from "12/75" to "error 0"; else 0.
 *
 * done  out
 */
size_t watch_progress(const char *text, uint64_t total, uint64_t *done);

/*
 * The same of a line of counts: "12 of 75 asked: 2 up, 10 down, 0 errors, in 1.5 s", without
 * "of 75" where 12 is all, or `total` is unknown.
 */
size_t watch_tally(const char *text, uint64_t total, uint64_t *done);

#endif
