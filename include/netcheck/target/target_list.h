/*
 * target_list: several targets in one text, with commas between them.
 *
 * It finds where each of them ends; target.h parses them.
 */
#ifndef NETCHECK_TARGET_LIST_H
#define NETCHECK_TARGET_LIST_H

#include <stdbool.h>

#include "netcheck/base/slice.h"
#include "netcheck/target/target.h"

/*
 * Targets with commas between them, as kubectl prints endpoints: "10.0.0.1:80,10.0.0.2:80". A
 * comma ends a target that has a colon if one follows before the next comma; otherwise it is
 * one of a list of ports. Blanks beside a comma mean nothing. A URL may have several hosts.
 * Behind a URL, which may have commas, a URL must follow; what could be meant as a target there
 * is refused. A single target is a list, too.
 */
struct target_list {
    struct slice rest; /* what was not handed out yet; the text is borrowed */
    struct slice one;  /* what the last target was taken from */
    size_t next_host;  /* of it, if it is a URL; 0: no other host. From its start */
    bool has_first;
    bool expects_down; /* the first one has '!', and so must the others */
};

void target_list_init(struct target_list *list, const char *text, size_t len);

/* Whether all were handed out. */
bool target_list_is_done(const struct target_list *list);

/*
 * The next target, as target_parse() gives it, with the fault's place in the whole text. There
 * must be one. After an error the one behind it can be taken.
 *
 * Returns what target_parse() does; also with FAULT_LIST_MIXED or FAULT_LIST_URL.
 */
enum error target_list_next(struct target_list *list, struct target **target,
                            struct fault *fault);

#endif
