/*
 * verdict: from rows to the exit status. Pure.
 */
#ifndef NETCHECK_VERDICT_H
#define NETCHECK_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/probe/result.h"

/* Exit statuses are part of the contract. */
enum {
    STATUS_EXPECTED = 0,   /* all as expected; with --any: at least one */
    STATUS_UNEXPECTED = 1, /* something was not */
    STATUS_ERROR = 2,      /* an error row, bad usage, or the program itself failed */
};

struct verdict {
    bool expects_down; /* --expect down */
    bool is_any;       /* --any */
    uint64_t expected;
    uint64_t unexpected; /* up or down, but not as expected */
    uint64_t errors;
};

void verdict_init(struct verdict *verdict, bool expects_down, bool is_any);

/* Count one row. With --any one of the targets has to be as expected; a gate that is says
   nothing of them. */
void verdict_add(struct verdict *verdict, const struct result *result);

/* The exit status of what was counted. */
int verdict_status(const struct verdict *verdict);

#endif
