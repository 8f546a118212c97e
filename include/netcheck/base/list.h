/*
 * list: a ring of links that live inside other structs; nothing is allocated.
 *
 * An empty list and a link that is in no list point to themselves.
 */
#ifndef NETCHECK_LIST_H
#define NETCHECK_LIST_H

#include <stdbool.h>

struct list {
    struct list *previous;
    struct list *next;
};

static inline void list_init(struct list *list)
{
    list->previous = list;
    list->next = list;
}

static inline bool list_is_empty(const struct list *list)
{
    return list->next == list;
}

/* Put `link`, which is in no list, last. */
static inline void list_append(struct list *list, struct list *link)
{
    link->previous = list->previous;
    link->next = list;
    list->previous->next = link;
    list->previous = link;
}

/* Take `link` out of its list, if it is in one. */
static inline void list_remove(struct list *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    list_init(link);
}

#endif
