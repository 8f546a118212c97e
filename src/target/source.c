#include "netcheck/target/source.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/grow.h"
#include "netcheck/target/endpoint.h"
#include "netcheck/target/target_list.h"
#include "netcheck/os/lines.h"
#include "netcheck/os/descriptor.h"

enum { EMPTY_LINES_MAX = 1000 }; /* in a row, after which the caller has its turn */

struct file {
    const char *path;
    int fd;
    struct lines lines;
    struct line line; /* read last */
    size_t line_len;  /* of it, without comment and white space at its end */
    struct target_list list;
    size_t list_at; /* where the list begins on the line */
    bool has_list;  /* more of its targets are to come */
};

struct source {
    const struct target_rules *rules;
    struct target **targets; /* of the operands */
    size_t target_count;
    size_t target_capacity;
    size_t next_target;
    struct file *files;
    size_t file_count;
    size_t file_capacity;
    size_t next_file;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

enum error source_new(const struct target_rules *rules, struct source **source)
{
    struct source *created = calloc(1, sizeof *created);
    if (created == NULL)
        return ERROR_NO_MEMORY;
    created->rules = rules;
    *source = created;
    return ERROR_NONE;
}

static void close_file(struct file *file)
{
    lines_release(&file->lines);
    if (file->fd > STANDARD_INPUT)
        (void)os_close(file->fd); /* it was only read */
    file->fd = -1;
}

void source_free(struct source *source)
{
    if (source == NULL)
        return;
    for (size_t i = source->next_target; i < source->target_count; i++)
        target_drop(source->targets[i]);
    for (size_t i = source->next_file; i < source->file_count; i++)
        close_file(&source->files[i]);
    free(source->targets);
    free(source->files);
    free(source);
}

/* In "HOST PORT" the second word is no address, no URL and no target of its own. */
static bool looks_like_ports(const char *operand)
{
    return operand[0] != '!' && strpbrk(operand, ".:[") == NULL;
}

/* Whether the operands are HOST PORT..., not TARGET... */
static bool is_host_and_ports(const struct source *source, const char *const operands[],
                              size_t count)
{
    struct target *first = NULL;
    struct fault fault;
    if (source->rules->ports != NULL || count < 2 || !looks_like_ports(operands[1]) ||
        target_parse(operands[0], strlen(operands[0]), &first, &fault) != ERROR_NONE)
        return false;
    bool has_ports = first->ports.count > 0;
    target_drop(first);
    return !has_ports;
}

static enum error keep_target(struct source *source, struct target *target)
{
    size_t need = source->target_count + 1;
    if (GROW(source->targets, source->target_capacity, need) != ERROR_NONE) {
        target_drop(target);
        return ERROR_NO_MEMORY;
    }
    source->targets[source->target_count++] = target;
    return ERROR_NONE;
}

/* Hold it against the rules and keep it; a target that is refused is dropped. */
static enum error accept_target(struct source *source, struct target *target,
                                struct fault *fault)
{
    enum error error = target_apply_rules(target, source->rules, fault);
    if (error == ERROR_NONE)
        return keep_target(source, target);
    target_drop(target);
    return error;
}

static enum error add_host_and_ports(struct source *source, const char *const operands[],
                                     size_t count, struct fault *fault, size_t *bad)
{
    struct target *target = NULL;
    *bad = 0;
    enum error error = target_parse(operands[0], strlen(operands[0]), &target, fault);
    if (error != ERROR_NONE)
        return error;
    for (size_t i = 1; i < count && error == ERROR_NONE; i++) {
        *bad = i;
        error = ports_parse(&target->ports, operands[i], strlen(operands[i]), fault);
    }
    if (error != ERROR_NONE) {
        target_drop(target);
        return error;
    }
    *bad = 0;
    return accept_target(source, target, fault);
}

static enum error add_list(struct source *source, const char *operand, struct fault *fault)
{
    struct target_list list;
    enum error error = ERROR_NONE;
    target_list_init(&list, operand, strlen(operand));
    while (error == ERROR_NONE && !target_list_is_done(&list)) {
        struct target *target = NULL;
        error = target_list_next(&list, &target, fault);
        if (error == ERROR_NONE)
            error = accept_target(source, target, fault);
    }
    return error;
}

enum error source_add_operands(struct source *source, const char *const operands[],
                               size_t count, struct fault *fault, size_t *bad)
{
    enum error error = ERROR_NONE;
    if (is_host_and_ports(source, operands, count))
        return add_host_and_ports(source, operands, count, fault, bad);
    for (size_t i = 0; i < count && error == ERROR_NONE; i++) {
        *bad = i;
        error = add_list(source, operands[i], fault);
    }
    return error;
}

enum error source_add_file(struct source *source, const char *path)
{
    if (GROW(source->files, source->file_capacity, source->file_count + 1) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    struct file *file = &source->files[source->file_count];
    *file = (struct file){.path = path, .fd = STANDARD_INPUT};
    int error = strcmp(path, "-") == 0 ? 0 : os_open_input(path, &file->fd);
    if (error != 0) {
        errno = error;
        return ERROR_SYSTEM;
    }
    lines_init(&file->lines, file->fd, os_may_block(file->fd));
    source->file_count++;
    return ERROR_NONE;
}

uint64_t source_total(const struct source *source)
{
    uint64_t total = 0;
    for (size_t i = source->next_target; i < source->target_count; i++) {
        uint64_t rows = endpoints_total(source->targets[i]);
        if (rows > UINT64_MAX - total)
            return UINT64_MAX;
        total += rows;
    }
    return source->next_file < source->file_count ? UINT64_MAX : total;
}

struct target *source_operand(const struct source *source, size_t index)
{
    return index < source->target_count ? source->targets[index] : NULL;
}

/* Where the line's text ends: before a comment and before trailing white space. */
static size_t trim_end(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '#' && (i == 0 || is_blank(text[i - 1]))) {
            len = i;
            break;
        }
    }
    while (len > 0 && is_blank(text[len - 1]))
        len--;
    return len;
}

/* The word at or behind `at`: `at` becomes its start, the return value is its end. */
static size_t next_word(const char *text, size_t len, size_t *at)
{
    while (*at < len && is_blank(text[*at]))
        (*at)++;
    size_t end = *at;
    while (end < len && !is_blank(text[end]))
        end++;
    return end;
}

/* The words behind the host, each a list of ports; none where the host brought its own. */
static enum error parse_line_ports(struct target *target, const char *text, size_t len,
                                   size_t at, struct fault *fault)
{
    bool had_ports = target->ports.count > 0;
    for (size_t end = next_word(text, len, &at); at < len; end = next_word(text, len, &at)) {
        *fault = (struct fault){.code = FAULT_PORT_TWICE, .at = at, .len = end - at};
        if (had_ports)
            return ERROR_INVALID;
        enum error error = ports_parse(&target->ports, text + at, end - at, fault);
        if (error != ERROR_NONE) {
            fault->at += at;
            return error;
        }
        at = end;
    }
    return ERROR_NONE;
}

/* The next target of the line: of its list, or with the ports behind it. */
static enum error parse_next(const struct source *source, struct file *file,
                             struct target **parsed, struct fault *fault)
{
    struct target *target = NULL;
    enum error error = target_list_next(&file->list, &target, fault);
    file->has_list = !target_list_is_done(&file->list);
    fault->at += file->list_at;
    if (error != ERROR_NONE)
        return error;
    error = parse_line_ports(target, file->line.text, file->line_len,
                             file->list_at + file->list.rest.to, fault);
    if (error == ERROR_NONE) {
        error = target_apply_rules(target, source->rules, fault);
        fault->at += file->list_at;
    }
    if (error == ERROR_NONE)
        *parsed = target;
    else
        target_drop(target);
    return error;
}

/* The next target of the line; a bad one is a row of its own. Of a list only that one is shown:
 * with the whole line in each of its rows a line of 64 KB would become a GB. */
static enum error convert_next(const struct source *source, struct file *file,
                               struct target **target)
{
    struct place place = {file->path, file->line.number, 0};
    struct fault fault = {.code = FAULT_LINE_LENGTH, .at = 0, .len = file->line_len};
    enum error error =
        file->line.is_too_long ? ERROR_INVALID : parse_next(source, file, target, &fault);
    if (error == ERROR_NONE || error == ERROR_NO_MEMORY)
        return error;
    size_t len = file->line_len;
    if (!file->line.is_too_long && (file->list.one.from > 0 || file->has_list)) {
        place.at = file->list_at + file->list.one.from;
        len = slice_len(&file->list.one);
        fault.at -= place.at;
    }
    *target = target_new_invalid(file->line.text + place.at, len, &fault, &place);
    return *target != NULL ? ERROR_NONE : ERROR_NO_MEMORY;
}

/* "TARGET[,TARGET...]" or "HOST PORTS..." begins; ERROR_AGAIN: nothing on the line. */
static enum error begin_line(struct file *file)
{
    size_t at = 0;
    file->line_len = file->line.len;
    if (file->line.is_too_long)
        return ERROR_NONE;
    file->line_len = trim_end(file->line.text, file->line.len);
    size_t end = next_word(file->line.text, file->line_len, &at);
    target_list_init(&file->list, file->line.text + at, end - at);
    file->list.is_single = end < file->line_len;
    file->list_at = at;
    return end > at ? ERROR_NONE : ERROR_AGAIN;
}

void source_skip(struct source *source)
{
    close_file(&source->files[source->next_file]);
    source->next_file++;
}

enum error source_next(struct source *source, struct target **target)
{
    if (source->next_target < source->target_count) {
        *target = source->targets[source->next_target++];
        return ERROR_NONE;
    }
    for (int lines = 0; source->next_file < source->file_count; lines++) {
        struct file *file = &source->files[source->next_file];
        if (file->has_list)
            return convert_next(source, file, target);
        if (lines == EMPTY_LINES_MAX)
            return ERROR_PAUSE;
        enum error error = lines_next(&file->lines, &file->line);
        if (error == ERROR_END) {
            source_skip(source);
            continue;
        }
        if (error != ERROR_NONE)
            return error;
        if (begin_line(file) == ERROR_NONE)
            return convert_next(source, file, target);
    }
    return ERROR_END;
}

int source_descriptor(const struct source *source)
{
    return source->next_file < source->file_count ? source->files[source->next_file].fd : -1;
}

const char *source_path(const struct source *source)
{
    return source->next_file < source->file_count ? source->files[source->next_file].path
                                                  : NULL;
}

void source_set_ready(struct source *source)
{
    if (source->next_file < source->file_count)
        lines_set_ready(&source->files[source->next_file].lines);
}
