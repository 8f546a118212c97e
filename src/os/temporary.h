/*
 * temporary: files that this process has made, and that are removed if a signal ends it.
 *
 * Private to this folder. Main thread only; a file that another thread gives its final name is
 * not there any more by its temporary one, which does no harm.
 */
#ifndef NETCHECK_TEMPORARY_H
#define NETCHECK_TEMPORARY_H

#include <sys/types.h>

struct temporary;

/*
 * open(2), and from then on, until temporary_forget(), each signal that would end this program
 * removes the file before it does; no such signal gets in between. Only SIGKILL leaves it. What
 * is ignored or caught stays so.
 *
 * made  out; where a descriptor is returned
 *
 * Returns a descriptor, or -1 with errno.
 */
int temporary_open(struct temporary **made, const char *path, int flags, mode_t mode);

/* The same from now on for a file that is there, as long as it is empty. NULL without memory.
 */
struct temporary *temporary_while_empty(const char *path);

/* The file may stay, or is gone; NULL is allowed. */
void temporary_forget(struct temporary *made);

#endif
