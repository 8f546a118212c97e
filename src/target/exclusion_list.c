/*
 * exclusion_list: targets with commas between them, as behind --exclude, into an exclusion.
 */
#include "netcheck/target/exclusion.h"

/* A host has a dot, a colon or a bracket; what has none may be a service. */
static bool looks_like_word(const struct slice *piece)
{
    return slice_len(piece) > 0 && slice_count(piece, '.') == 0 && slice_count(piece, ':') == 0;
}

/* Take what stands before the next comma from the list, which is behind its end with the last.
 */
static struct slice cut_piece(struct slice *list)
{
    struct slice piece = *list;
    piece.to = slice_find(list, ',');
    list->from = piece.to + 1;
    slice_trim(&piece);
    return piece;
}

static enum error parse_one(const struct slice *one, struct target **target,
                            struct fault *fault)
{
    static const struct target_rules rules = {.is_exclusion = true};
    struct target *parsed = NULL;
    enum error error = target_parse(slice_start(one), slice_len(one), &parsed, fault);
    if (error == ERROR_NONE)
        error = target_apply_rules(parsed, &rules, fault);
    if (error == ERROR_NONE)
        *target = parsed;
    else
        target_drop(parsed);
    fault->at += one->from;
    return error;
}

static enum error add_more_ports(struct target *target, const struct slice *piece,
                                 struct fault *fault)
{
    enum error error = ports_parse(&target->ports, slice_start(piece), slice_len(piece), fault);
    if (error == ERROR_INVALID)
        fault->at += piece->from;
    return error;
}

/* The target that begins the list, and with it the ports behind its commas. */
static enum error take_one(struct slice *list, struct target **target, struct fault *fault)
{
    struct slice piece = cut_piece(list);
    enum error error = parse_one(&piece, target, fault);
    bool has_ports = error == ERROR_NONE && (*target)->ports.count > 0;
    while (has_ports && error == ERROR_NONE && list->from <= list->to) {
        struct slice rest = *list;
        piece = cut_piece(&rest);
        bool is_port = ports_are_plain(&piece);
        if (looks_like_word(&piece) && !is_port)
            return fault_at(&piece, FAULT_EXCLUSION_WORD, fault);
        if (!is_port)
            break;
        error = add_more_ports(*target, &piece, fault);
        *list = rest;
    }
    return error;
}

enum error exclusion_add_list(struct exclusion *exclusion, const char *text, size_t len,
                              struct fault *fault)
{
    struct slice list = {text, 0, len};
    enum error error = ERROR_NONE;
    while (list.from <= list.to && error == ERROR_NONE) {
        struct target *target = NULL;
        error = take_one(&list, &target, fault);
        if (error == ERROR_NONE)
            error = exclusion_add(exclusion, target);
        target_drop(target);
    }
    return error;
}
