/*
 * memory_text: what reading and writing a state file have in common.
 *
 * Lines of columns with a tab between them; targets sorted by their bytes, so that diff(1)
 * shows what has changed. netcheck-formats(5) promises the form.
 */
#ifndef NETCHECK_MEMORY_TEXT_H
#define NETCHECK_MEMORY_TEXT_H

#include <stdint.h>

#include "netcheck/probe/outcome.h"

#define MEMORY_MAGIC "netcheck-state\t"

enum {
    MEMORY_VERSION = 1,
    MEMORY_TIME_LEN = 20, /* "2026-11-29T03:05:02Z" */
};

/* The letter of what a run came to; all that are up share one. */
char memory_code(enum reason reason);

/* Days from 1 March of the year 0 to this day; months and days count from 1. */
int64_t memory_day_of(int64_t year, int64_t month, int64_t day);

#endif
