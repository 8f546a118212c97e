/*
 * command: the program that runs in the simulated network.
 *
 * The signals that matter come through a descriptor: its end, and SIGINT, SIGTERM and SIGHUP
 * that are to be passed on to it.
 */
#ifndef TESTS_LAB_COMMAND_H
#define TESTS_LAB_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "netcheck/base/error.h"

struct command {
    pid_t pid;
    int signals; /* readable when command_turn() has something to do */
    bool has_ended;
    int status; /* once it has ended: its exit status, or 128 + signal */
};

/*
 * Start `arguments` (NULL-terminated, the program's name first). It dies with this process.
 * What cannot be executed says so on standard error and has a status of 126 or 127.
 *
 * Returns ERROR_NONE, or ERROR_SYSTEM: errno says why.
 */
enum error command_start(struct command *command, char *const *arguments);

/* Take in the signals that came: pass them on, or note its end. Does not block. */
void command_turn(struct command *command);

/* Kill it, if it still runs. */
void command_kill(struct command *command);

#endif
