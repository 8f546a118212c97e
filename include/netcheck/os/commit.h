/*
 * commit: a written file takes its place in a thread of its own.
 *
 * A busy disk may take seconds to sync a file. Meanwhile answers come in whose time is
 * measured: the thread that waits for them must not wait for the disk.
 */
#ifndef NETCHECK_COMMIT_H
#define NETCHECK_COMMIT_H

#include <stdbool.h>

#include "netcheck/os/atomic_file.h"

struct commit;

/*
 * Begin atomic_file_commit() of the file, which is taken: what is left may be released or
 * opened anew. NULL without memory or a thread; the file is then still the caller's.
 */
struct commit *commit_begin(struct atomic_file *file);

/* Whether commit_end() would not wait. Any thread; does not block. */
bool commit_is_done(struct commit *commit);

/* Wait for it, release the file and free the commit. What atomic_file_commit() returned. */
int commit_end(struct commit *commit);

#endif
