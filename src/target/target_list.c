#include "netcheck/target/target_list.h"

#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/target/services.h"
#include "target_parts.h"
#include "url.h"

void target_list_init(struct target_list *list, const char *text, size_t len)
{
    *list = (struct target_list){.rest = {text, 0, len}};
}

bool target_list_is_done(const struct target_list *list)
{
    return list->has_first && list->rest.from > list->rest.to && list->next_host == 0;
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
    struct slice part = {url->text, url_separator(url) + 3, url->to};
    bool has_path = false;
    bool has_query = false;
    while (part.to < list->to) {
        struct slice next = {list->text, part.to + 1, list->to};
        next.to = slice_find(&next, ',');
        struct slice word = next;
        slice_trim(&word);
        bool is_url = url_begins(&word);
        has_query |= slice_count(&part, '?') > 0 || slice_count(&part, '#') > 0;
        has_path |= has_query || slice_find(&part, '/') < part.to;
        if (is_url && !has_query)
            break;
        if (is_url || (has_path && is_target(&word)))
            return fault_at(&word, FAULT_LIST_URL, fault);
        part = next;
    }
    url->to = part.to;
    return ERROR_NONE;
}

/* An '@' before any "://" is no part of a target: the text is refused as a whole. */
static bool has_user(const struct slice *text)
{
    size_t at = slice_find(text, '@');
    return at < text->to && at < url_separator(text);
}

/* The URL or target at the start of `rest`, which goes on behind it. */
static enum error next_one(struct target_list *list, struct fault *fault)
{
    while (list->has_first && slice_len(&list->rest) > 0 &&
           ascii_is_blank(*slice_start(&list->rest)))
        list->rest.from++;
    struct slice one = list->rest;
    bool is_url = url_begins(&one);
    if (is_url)
        one.to = slice_find(&one, ',');
    else if (!has_user(&one))
        one.to = target_parts_end(&one);
    enum error error = is_url ? end_url(&one, &list->rest, fault) : ERROR_NONE;
    if (error != ERROR_NONE)
        one.to = list->rest.to;
    list->rest.from = one.to + 1;
    if (one.to < list->rest.to)
        slice_trim(&one);
    list->one = one;
    return error;
}

/* "http://a:1,https": a port of the host before it, or a host? */
static bool is_unclear_host(const struct slice *url, size_t at)
{
    struct slice host = {url->text, at, url->to};
    struct slice before = {url->text, at - 1, at - 1};
    for (const char *c = ",/?#"; *c != '\0'; c++)
        host.to = slice_find(&host, *c);
    while (before.from > url->from && !ascii_is_one_of(url->text[before.from - 1], ",/@"))
        before.from--;
    return slice_count(&before, ':') > 0 &&
           services_port(slice_start(&host), slice_len(&host)) != 0;
}

enum error target_list_next(struct target_list *list, struct target **target,
                            struct fault *fault)
{
    enum error error = list->next_host == 0 ? next_one(list, fault) : ERROR_NONE;
    const struct slice one = list->one;
    bool expects_down = slice_len(&one) > 0 && *slice_start(&one) == '!';
    if (!list->has_first)
        list->expects_down = expects_down;
    list->has_first = true;
    if (error != ERROR_NONE)
        return error;
    if (expects_down != list->expects_down)
        return fault_at(&one, FAULT_LIST_MIXED, fault);
    if (list->next_host != 0 && is_unclear_host(&one, one.from + list->next_host)) {
        list->next_host = 0;
        return fault_at(&one, FAULT_LIST_URL, fault);
    }
    error =
        target_parse_next(slice_start(&one), slice_len(&one), &list->next_host, target, fault);
    if (error == ERROR_NONE) {
        (*target)->host_at += one.from;
        (*target)->scheme_at += one.from;
        (*target)->ports_at += one.from;
        (*target)->fault.at += one.from;
    }
    fault->at += one.from;
    return error;
}
