#include "netcheck/target/target_list.h"

#include "netcheck/base/ascii.h"
#include "target_parts.h"

void target_list_init(struct target_list *list, const char *text, size_t len)
{
    *list = (struct target_list){.rest = {text, 0, len}};
}

bool target_list_is_done(const struct target_list *list)
{
    return list->has_first && list->rest.from > list->rest.to;
}

/* Whether `text` is a target with a port. */
static bool is_target(const struct slice *text)
{
    struct target *target = NULL;
    struct fault fault;
    if (target_parse(slice_start(text), slice_len(text), &target, &fault) != ERROR_NONE)
        return false;
    bool has_ports = target->ports.count > 0;
    target_drop(target);
    return has_ports;
}

/* Where the first URL ends. Behind '?' and '#' a URL may be a part of it. */
static enum error end_url(struct slice *url, const struct slice *list, struct fault *fault)
{
    struct slice part = *url;
    bool has_query = false;
    while (part.to < list->to) {
        struct slice next = {list->text, part.to + 1, list->to};
        next.to = slice_find(&next, ',');
        struct slice word = next;
        slice_trim(&word);
        bool is_url = target_parts_is_url(&word);
        has_query |= slice_count(&part, '?') > 0 || slice_count(&part, '#') > 0;
        if (is_url && !has_query)
            break;
        if (is_url || is_target(&word))
            return fault_at(&word, FAULT_LIST_URL, fault);
        part = next;
    }
    url->to = part.to;
    return ERROR_NONE;
}

enum error target_list_next(struct target_list *list, struct target **target,
                            struct fault *fault)
{
    while (list->has_first && slice_len(&list->rest) > 0 &&
           ascii_is_blank(*slice_start(&list->rest)))
        list->rest.from++;
    struct slice one = list->rest;
    bool is_url = target_parts_is_url(&one);
    one.to = is_url ? slice_find(&one, ',') : target_parts_end(&one);
    if (is_url && end_url(&one, &list->rest, fault) != ERROR_NONE) {
        list->has_first = true;
        list->rest.from = list->rest.to + 1;
        return ERROR_INVALID;
    }
    list->rest.from = one.to + 1;
    if (one.to < list->rest.to)
        slice_trim(&one);
    bool expects_down = slice_len(&one) > 0 && *slice_start(&one) == '!';
    if (!list->has_first)
        list->expects_down = expects_down;
    list->has_first = true;
    if (expects_down != list->expects_down)
        return fault_at(&one, FAULT_LIST_MIXED, fault);
    enum error error = target_parse(slice_start(&one), slice_len(&one), target, fault);
    if (error == ERROR_NONE)
        (*target)->host_at += one.from;
    fault->at += one.from;
    return error;
}
