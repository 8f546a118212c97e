/*
 * layout: what a file of no targets looks like, and the command that makes targets of it.
 *
 * Private to target. It sees the first lines of a file as they are refused; one target among
 * them, and nothing is said.
 */
#ifndef NETCHECK_LAYOUT_H
#define NETCHECK_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/base/buffer.h"
#include "netcheck/target/fault.h"

enum { LAYOUT_LINES = 10 };

/* Of zeros: nothing seen yet. */
struct layout {
    struct buffer sample; /* the lines seen, a line feed before each, long ones cut */
    size_t lines;
    enum fault_code reason; /* why the first one was refused */
    bool is_mixed;          /* another one was refused for another reason */
    bool is_decided;
};

void layout_release(struct layout *layout);

/* A line is or has a target: there is nothing to be said. */
void layout_accept(struct layout *layout);

/* A line was refused. */
void layout_refuse(struct layout *layout, const struct slice *line, enum fault_code reason);

/* Whether layout_decide() is due although the file goes on. */
bool layout_is_due(const struct layout *layout);

/*
 * Append what the file looks like and what to type, once, without a line's end:
 *
 *     'inventory' looks like an Ansible inventory: awk '...' inventory | netcheck -p 22 -f -
 *
 * Nothing where too few lines were seen, or they look like nothing and have no common fault.
 *
 * path       of the file, "-" for standard input
 * has_ports  -p is given
 */
void layout_decide(struct layout *layout, const char *path, bool has_ports, struct buffer *out);

/* The encoding of a file by its first line where it has no bytes of ASCII, as iconv(1) calls it
 * ("UTF-16"); NULL: it may have. */
const char *layout_encoding(const char *text, size_t len);

/* Append "'list.txt' is UTF-16: iconv -f UTF-16 -t UTF-8 list.txt | netcheck -f -", with the
 * option for its bytes. */
void layout_describe_encoding(struct buffer *out, const char *encoding, const char *path,
                              const char *option);

#endif
