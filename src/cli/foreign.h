/*
 * foreign: options that other programs of the trade have for this job, and what to write here
 * instead: nc, nmap, fping, ping, curl, check_tcp, wait-for-it and their like.
 *
 * Knows nothing of the options here but what its texts say. A word that becomes an option loses
 * its place in the table; a letter that means something else here, and is legal, has none.
 */
#ifndef NETCHECK_FOREIGN_H
#define NETCHECK_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

struct foreign {
    /* Without their dashes, separated by blanks: letters, long names, and what stands behind
       one dash as a whole ("sT"); "iL*" has its value glued on. */
    const char *words;
    const char *remedy;   /* "write -f FILE" */
    const char *limits;   /* the remedy where -w or -c is in the same line; NULL: the same */
    const char *protocol; /* NULL: none. Else the remedy stands behind how this protocol is
                             written here, or that it is not asked */
};

extern const struct foreign foreign_table[];
extern const size_t foreign_table_len;

/*
 * The row of `len` bytes at `word`, NULL for none.
 *
 * option_len  out: how many of the bytes are the option; the rest is its value
 */
const struct foreign *foreign_find(const char *word, size_t len, size_t *option_len);

#endif
