#include "html_groups.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/base/ascii.h"

/* What a row stands in a group by. */
struct key {
    enum html_group_kind kind;
    const struct target *target;
    size_t row;
};

static struct key key_of(const struct document *document, size_t row)
{
    const struct target *target = document->rows[row].result->endpoint.target;
    enum html_group_kind kind = target->place.source != NULL   ? HTML_GROUP_FILE
                                : target->kind == TARGET_RANGE ? HTML_GROUP_RANGE
                                                               : HTML_GROUP_HOST;
    return (struct key){kind, target, row};
}

/* As names of hosts are compared: in small letters. */
static int compare_hosts(const char *a, const char *b)
{
    while (*a != '\0' && ascii_lower(*a) == ascii_lower(*b)) {
        a++;
        b++;
    }
    return (unsigned char)ascii_lower(*a) - (unsigned char)ascii_lower(*b);
}

static int compare_ranges(const struct target *a, const struct target *b)
{
    int family = address_family(&a->address);
    if (family != address_family(&b->address))
        return family < address_family(&b->address) ? -1 : 1;
    int order = address_compare(&a->address, &b->address);
    return order != 0 ? order : address_compare(&a->last, &b->last);
}

/* 0: they are of one group. */
static int compare_names(const struct key *a, const struct key *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    switch (a->kind) {
    case HTML_GROUP_FILE:
        return strcmp(a->target->place.source, b->target->place.source);
    case HTML_GROUP_HOST:
        return compare_hosts(a->target->host, b->target->host);
    case HTML_GROUP_RANGE:
        return compare_ranges(a->target, b->target);
    case HTML_GROUP_SINGLES:
        break;
    }
    return 0;
}

static int compare_keys(const void *left, const void *right)
{
    const struct key *a = left;
    const struct key *b = right;
    int order = compare_names(a, b);
    return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

/* How many keys from `first` on have the same name. */
static size_t run_of(const struct key *keys, size_t first, size_t count)
{
    size_t len = 1;
    while (first + len < count && compare_names(&keys[first], &keys[first + len]) == 0)
        len++;
    return len;
}

static bool is_single_host(const struct key *keys, size_t first, size_t len)
{
    return len == 1 && keys[first].kind == HTML_GROUP_HOST;
}

/* Put the hosts of one row together, if there are several. */
static void join_singles(struct key *keys, size_t count)
{
    size_t singles = 0;
    size_t len;
    for (size_t i = 0; i < count; i += len) {
        len = run_of(keys, i, count);
        singles += is_single_host(keys, i, len);
    }
    if (singles < 2)
        return;
    for (size_t i = 0; i < count; i += len) {
        len = run_of(keys, i, count);
        if (is_single_host(keys, i, len))
            keys[i].kind = HTML_GROUP_SINGLES;
    }
    qsort(keys, count, sizeof *keys, compare_keys);
}

static int compare_groups(const void *left, const void *right)
{
    const struct html_group *a = left;
    const struct html_group *b = right;
    if ((a->unexpected > 0) != (b->unexpected > 0))
        return a->unexpected > 0 ? -1 : 1;
    return (a->rows[0] > b->rows[0]) - (a->rows[0] < b->rows[0]);
}

static void fill(struct html_groups *groups, const struct document *document,
                 const struct key *keys)
{
    size_t len;
    for (size_t i = 0; i < document->count; i += len) {
        struct html_group *group = &groups->items[groups->count++];
        len = run_of(keys, i, document->count);
        *group = (struct html_group){.kind = keys[i].kind,
                                     .target = keys[i].target,
                                     .rows = &groups->places[i],
                                     .count = len};
        for (size_t j = 0; j < len; j++) {
            size_t row = keys[i + j].row;
            groups->places[i + j] = row;
            group->unexpected +=
                !result_is_expected(document->rows[row].result, document->report->expects_down);
        }
    }
    qsort(groups->items, groups->count, sizeof *groups->items, compare_groups);
}

enum error html_groups_make(struct html_groups *groups, const struct document *document)
{
    size_t count = document->count;
    struct key *keys = malloc((count + 1) * sizeof *keys);
    *groups = (struct html_groups){
        .items = malloc((count + 1) * sizeof *groups->items),
        .places = malloc((count + 1) * sizeof *groups->places),
    };
    bool has_room = keys != NULL && groups->items != NULL && groups->places != NULL;
    if (has_room) {
        for (size_t i = 0; i < count; i++)
            keys[i] = key_of(document, i);
        qsort(keys, count, sizeof *keys, compare_keys);
        join_singles(keys, count);
        fill(groups, document, keys);
    }
    free(keys);
    return has_room ? ERROR_NONE : ERROR_NO_MEMORY;
}

void html_groups_release(struct html_groups *groups)
{
    free(groups->items);
    free(groups->places);
    *groups = (struct html_groups){0};
}
