/*
 * settings: the lab's command line.
 *
 *     lab [OPTION]... [RULE]... -- COMMAND [ARG]...
 */
#ifndef TESTS_LAB_SETTINGS_H
#define TESTS_LAB_SETTINGS_H

#include <stdbool.h>

#include "gate.h"
#include "rules.h"

struct settings {
    struct gate_limits limits;
    struct rules rules;
    const char *stats_path; /* borrowed; NULL: no counters are written */
    char *const *command;   /* borrowed, NULL-terminated */
    bool wants_help;        /* the rest is not filled in then */
};

extern const char settings_help[];

/* Parse the arguments. False where something is wrong; standard error says what. */
bool settings_parse(struct settings *settings, int count, char *const *arguments);
void settings_release(struct settings *settings);

#endif
