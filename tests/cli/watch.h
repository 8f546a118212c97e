/*
 * watch: what a test of a long run needs besides the harness: to wait for a message, to send a
 * signal in the middle, and to compare rows by their targets alone.
 *
 * Such runs ask many ports of an address that is the test's own. Whether something listens on
 * all addresses at one of them is nothing a test can know: so states are not compared.
 */
#ifndef TESTS_CLI_WATCH_H
#define TESTS_CLI_WATCH_H

#include "harness.h"

/* As program_await(), of standard error. */
void watch_message(struct program *program, const char *text);

/* Go on for `wait_ms`. False: it has ended. */
bool watch_for(struct program *program, int wait_ms);

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

#endif
