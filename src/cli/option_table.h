/*
 * option_table: every option, a row each. Private to options.c.
 */
#ifndef NETCHECK_OPTION_TABLE_H
#define NETCHECK_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/cli/options.h"

/* One use of an option. */
struct use {
    const char *name;     /* as the user wrote it: "-t", "--timeout" */
    const char *argument; /* NULL where there is none */
    struct buffer *message;
};

struct option {
    char letter;          /* 0: none */
    const char *name;     /* without "--"; NULL: none */
    const char *argument; /* what --help calls it; "[=X]": may be left out, and only stands
                             behind '='; NULL: takes none */
    const char *help;     /* one line, with its default; NULL: the row before says it, too */
    bool (*apply)(struct options *options, const struct use *use);
};

extern const struct option option_table[];
extern const size_t option_table_len;

#endif
