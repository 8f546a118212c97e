#include "target_file.h"

#include <errno.h>
#include <string.h>

#include "netcheck/base/escape.h"
#include "netcheck/os/descriptor.h"

enum { EMPTY_LINES_MAX = 1000 }; /* in a row, after which the caller has its turn */

/* The cells behind the first one, without those that are empty. Returns how many. */
static size_t cells_of(const struct columns *columns, struct slice cells[static 2])
{
    size_t count = 0;
    if (slice_len(&columns->second) > 0)
        cells[count++] = columns->second;
    if (slice_len(&columns->third) > 0)
        cells[count++] = columns->third;
    return count;
}

/* What stands behind a host that has its ports: ports again, or something else. */
static enum error refuse_rest(const struct slice cells[], size_t count, bool has_option,
                              struct fault *fault)
{
    struct ports ports;
    struct slice rest = {cells[0].text, cells[0].from, cells[count - 1].to};
    ports_init(&ports);
    enum error error = ports_parse_columns(&ports, cells, count, fault);
    ports_release(&ports);
    if (error == ERROR_NO_MEMORY)
        return error;
    if (error != ERROR_NONE)
        return fault_at(&rest, FAULT_COLUMN_REST, fault);
    return fault_at(&rest, has_option ? FAULT_PORT_BOTH : FAULT_PORT_TWICE, fault);
}

static bool is_ipv6(const struct target *target)
{
    return target->kind != TARGET_NAME && address_family(&target->address) == AF_INET6;
}

/* What stands behind the first cell, which is one target: ports, or a protocol, or both. */
static enum error add_cells(struct target_file *file, const struct target_rules *rules,
                            struct target *target, struct fault *fault)
{
    struct slice cells[2];
    size_t count = cells_of(&file->columns, cells);
    bool has_option = rules->ports != NULL;
    bool is_protocol = count == 1 && protocols_may_follow_port(&cells[0]);
    /* netstat(8) glues the port on: what is missing then is told of the address. */
    bool is_open = target->ports.count == 0 && !(is_protocol && is_ipv6(target));
    if (!has_option && is_open) {
        target->ports_at = 0 - file->columns.first.from; /* they are places in the line */
        return ports_parse_columns(&target->ports, cells, count, fault);
    }
    return is_protocol ? target_set_protocol(target, &cells[0], fault)
                       : refuse_rest(cells, count, has_option, fault);
}

/* HOST and PORTS. */
static enum error parse_pair(struct target_file *file, const struct target_rules *rules,
                             struct target **parsed, struct fault *fault)
{
    struct target *target = NULL;
    const struct columns *columns = &file->columns;
    struct slice cells[2];
    enum error error = target_list_next(&file->list, &target, fault);
    fault->at += columns->first.from;
    if (error == ERROR_NONE && !target_list_is_done(&file->list))
        error = refuse_rest(cells, cells_of(columns, cells), rules->ports != NULL, fault);
    else if (error == ERROR_NONE && slice_len(&columns->protocol) > 0)
        error = target_set_protocol(target, &columns->protocol, fault);
    if (error == ERROR_NONE)
        error = add_cells(file, rules, target, fault);
    if (error == ERROR_NONE)
        *parsed = target;
    else
        target_drop(target);
    return error;
}

/* One of the targets of a line. Where the line names a protocol, it is that of all. */
static enum error parse_listed(struct target_file *file, struct target **parsed,
                               struct fault *fault)
{
    const struct columns *columns = &file->columns;
    struct target *target = NULL;
    enum error error = target_list_next(&file->list, &target, fault);
    file->has_list = !target_list_is_done(&file->list);
    if (error == ERROR_NONE && slice_len(&columns->protocol) > 0) {
        error = target_set_protocol(target, &columns->protocol, fault);
        if (error != ERROR_NONE)
            *fault = (struct fault){fault->code, target->host_at, target->host_len};
    }
    fault->at += columns->first.from;
    if (error == ERROR_NONE)
        *parsed = target;
    else
        target_drop(target);
    return error;
}

/* The next target of the line, before it is held against the rules. */
static enum error parse_next(struct target_file *file, const struct target_rules *rules,
                             struct target **parsed, struct fault *fault)
{
    file->has_list = false;
    switch (file->columns.kind) {
    case COLUMNS_NONE:
    case COLUMNS_TARGETS:
        break;
    case COLUMNS_PAIR:
        return parse_pair(file, rules, parsed, fault);
    case COLUMNS_INVALID:
        *fault = file->columns.fault;
        return ERROR_INVALID;
    }
    return parse_listed(file, parsed, fault);
}

/* The same, held against the rules. */
static enum error take_next(struct target_file *file, const struct target_rules *rules,
                            struct target **parsed, struct fault *fault)
{
    struct target *target = NULL;
    enum error error = parse_next(file, rules, &target, fault);
    if (error != ERROR_NONE)
        return error;
    error = target_apply_rules(target, rules, fault);
    fault->at += file->columns.first.from;
    if (error == ERROR_NONE)
        *parsed = target;
    else
        target_drop(target);
    return error;
}

/* The next target of the line; a bad one is a row of its own. Of a list only that one is shown:
 * with the whole line in each of its rows a line of 64 KB would become a GB. */
static enum error convert_next(struct target_file *file, const struct target_rules *rules,
                               struct target **target)
{
    struct place place = {file->path, file->line.number, 0};
    struct fault fault = {FAULT_NONE, 0, 0};
    struct slice shown = file->columns.text;
    bool is_list = file->has_list;
    enum error error = take_next(file, rules, target, &fault);
    if (error == ERROR_NONE)
        (*target)->place.source = file->path;
    if (error == ERROR_NONE || error == ERROR_NO_MEMORY)
        return error;
    if (is_list || file->has_list) {
        shown.from = file->columns.first.from + file->list.one.from;
        shown.to = file->columns.first.from + file->list.one.to;
        place.at = shown.from;
        fault.at -= shown.from;
    }
    *target = target_new_invalid(slice_start(&shown), slice_len(&shown), &fault, &place);
    return *target != NULL ? ERROR_NONE : ERROR_NO_MEMORY;
}

/* ERROR_AGAIN: nothing on the line. */
static enum error begin_line(struct target_file *file)
{
    const struct line *line = &file->line;
    struct columns *columns = &file->columns;
    const struct slice whole = {line->text, 0, line->len};
    if (line->is_too_long) {
        *columns = (struct columns){.kind = COLUMNS_INVALID, .text = whole};
        (void)fault_at(&whole, FAULT_LINE_LENGTH, &columns->fault); /* the kind says it */
    } else
        columns_read(line->text, line->len, columns);
    target_list_init(&file->list, slice_start(&columns->first), slice_len(&columns->first));
    return columns->kind != COLUMNS_NONE ? ERROR_NONE : ERROR_AGAIN;
}

/* "header 'host,port' (hosts.csv:1) is no target: skipped" */
static void tell_title(struct target_file *file)
{
    struct buffer *out = &file->title_note;
    buffer_add_text(out, "header ");
    escape_quoted(out, slice_start(&file->columns.text), slice_len(&file->columns.text));
    buffer_add_text(out, " skipped (");
    escape_text(out, file->path, strlen(file->path));
    buffer_add_format(out, ":%zu)", file->line.number);
}

/* The first target of a line. ERROR_AGAIN: the line is a header. */
static enum error convert_first(struct target_file *file, const struct target_rules *rules,
                                struct target **target)
{
    bool was_first = !file->has_begun;
    enum error error = convert_next(file, rules, target);
    if (error != ERROR_NONE)
        return error;
    file->has_begun = true;
    if ((*target)->kind != TARGET_INVALID) {
        layout_accept(&file->layout);
        return ERROR_NONE;
    }
    /* A line that is no exclusion would let its host be asked. */
    if (was_first && columns_are_title(&file->columns.text, rules->is_exclusion)) {
        target_drop(*target);
        file->has_list = false;
        tell_title(file);
        return ERROR_AGAIN;
    }
    layout_refuse(&file->layout, &file->columns.text, (*target)->fault.code);
    return ERROR_NONE;
}

static void decide_layout(struct target_file *file, const struct target_rules *rules)
{
    layout_decide(&file->layout, file->path, rules->ports != NULL, &file->layout_note);
}

/* A line. ERROR_AGAIN: it has no target. */
static enum error take_line(struct target_file *file, const struct target_rules *rules,
                            struct target **target)
{
    if (file->line.number == 1)
        file->encoding = layout_encoding(file->line.text, file->line.len);
    if (file->encoding != NULL)
        return ERROR_SYSTEM;
    enum error error = begin_line(file);
    if (error == ERROR_NONE)
        error = convert_first(file, rules, target);
    if (layout_is_due(&file->layout))
        decide_layout(file, rules);
    return error;
}

enum error target_file_next(struct target_file *file, const struct target_rules *rules,
                            struct target **target)
{
    if (file->encoding != NULL)
        return ERROR_SYSTEM;
    if (file->has_list)
        return convert_next(file, rules, target);
    for (int lines = 0; lines < EMPTY_LINES_MAX; lines++) {
        enum error error = lines_next(&file->lines, &file->line);
        if (error == ERROR_END)
            decide_layout(file, rules);
        else if (error == ERROR_NONE)
            error = take_line(file, rules, target);
        else if (error == ERROR_AGAIN)
            return error;
        if (error != ERROR_AGAIN)
            return error;
    }
    return ERROR_PAUSE;
}

enum error target_file_open(struct target_file *file, const char *path)
{
    *file = (struct target_file){.path = path, .fd = STANDARD_INPUT};
    int error = strcmp(path, "-") == 0 ? 0 : os_open_input(path, &file->fd);
    if (error != 0) {
        errno = error;
        return ERROR_SYSTEM;
    }
    lines_init(&file->lines, file->fd, os_may_block(file->fd));
    return ERROR_NONE;
}

void target_file_close(struct target_file *file)
{
    lines_release(&file->lines);
    layout_release(&file->layout);
    if (file->fd > STANDARD_INPUT)
        (void)os_close(file->fd); /* it was only read */
    file->fd = -1;
}

void target_file_release(struct target_file *file)
{
    target_file_close(file);
    buffer_release(&file->title_note);
    buffer_release(&file->layout_note);
}
