#include "netcheck/source.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/expand.h"
#include "netcheck/lines.h"
#include "netcheck/os.h"

enum { EMPTY_LINES_MAX = 1000 }; /* in a row, after which the caller has its turn */

struct file {
    const char *path;
    int fd;
    struct lines lines;
};

struct source {
    const struct target_rules *rules;
    struct target **targets; /* of the operands */
    size_t target_count;
    size_t next_target;
    struct file *files;
    size_t file_count;
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
    return operand[0] != '!' && strpbrk(operand, ".:/[") == NULL;
}

/* Whether the operands are HOST PORT..., not TARGET... */
static bool is_host_and_ports(const struct source *source, const struct target *first,
                              const char *const operands[], size_t count)
{
    return source->rules->ports == NULL && first->ports.count == 0 && count > 1 &&
           looks_like_ports(operands[1]);
}

static enum error keep_target(struct source *source, struct target *target)
{
    size_t count = source->target_count + 1;
    struct target **targets = realloc(source->targets, count * sizeof(struct target *));
    if (targets == NULL) {
        target_drop(target);
        return ERROR_NO_MEMORY;
    }
    source->targets = targets;
    source->targets[source->target_count++] = target;
    return ERROR_NONE;
}

/* HOST and the ports that follow it. */
static enum error add_ports(struct target *target, const char *const operands[], size_t count,
                            struct fault *fault, size_t *bad)
{
    enum error error = ERROR_NONE;
    for (size_t i = 1; i < count && error == ERROR_NONE; i++) {
        *bad = i;
        error = ports_parse(&target->ports, operands[i], strlen(operands[i]), fault);
    }
    return error;
}

enum error source_add_operands(struct source *source, const char *const operands[],
                               size_t count, struct fault *fault, size_t *bad)
{
    for (size_t i = 0; i < count; i++) {
        struct target *target = NULL;
        *bad = i;
        enum error error = target_parse(operands[i], strlen(operands[i]), &target, fault);
        if (error != ERROR_NONE)
            return error;
        bool is_last = i == 0 && is_host_and_ports(source, target, operands, count);
        if (is_last)
            error = add_ports(target, operands, count, fault, bad);
        if (error == ERROR_NONE) {
            *bad = is_last ? 0 : i;
            error = target_apply_rules(target, source->rules, fault);
        }
        if (error != ERROR_NONE) {
            target_drop(target);
            return error;
        }
        if (keep_target(source, target) != ERROR_NONE)
            return ERROR_NO_MEMORY;
        if (is_last)
            break;
    }
    return ERROR_NONE;
}

enum error source_add_file(struct source *source, const char *path)
{
    size_t count = source->file_count + 1;
    struct file *files = realloc(source->files, count * sizeof *files);
    if (files == NULL)
        return ERROR_NO_MEMORY;
    source->files = files;
    struct file *file = &files[source->file_count];
    file->path = path;
    file->fd = STANDARD_INPUT;
    int error = strcmp(path, "-") == 0 ? 0 : os_open_input(path, &file->fd);
    if (error != 0) {
        errno = error;
        return ERROR_SYSTEM;
    }
    lines_init(&file->lines, file->fd, os_may_block(file->fd));
    source->file_count = count;
    return ERROR_NONE;
}

uint64_t source_total(const struct source *source)
{
    uint64_t total = 0;
    for (size_t i = source->next_target; i < source->target_count; i++) {
        uint64_t rows = expand_total(source->targets[i]);
        if (rows > UINT64_MAX - total)
            return UINT64_MAX;
        total += rows;
    }
    return source->next_file < source->file_count ? UINT64_MAX : total;
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
        *fault = (struct fault){.code = ERROR_PORT_TWICE, .at = at, .len = end - at};
        if (had_ports)
            return ERROR_PORT_TWICE;
        enum error error = ports_parse(&target->ports, text + at, end - at, fault);
        if (error != ERROR_NONE) {
            fault->at += at;
            return error;
        }
        at = end;
    }
    return ERROR_NONE;
}

/* "TARGET" or "HOST PORTS..." */
static enum error parse_line(const struct source *source, const char *text, size_t len,
                             struct target **parsed, struct fault *fault)
{
    size_t at = 0;
    size_t end = next_word(text, len, &at);
    struct target *target = NULL;
    enum error error = target_parse(text + at, end - at, &target, fault);
    if (error != ERROR_NONE) {
        fault->at += at;
        return error;
    }
    error = parse_line_ports(target, text, len, end, fault);
    if (error == ERROR_NONE) {
        error = target_apply_rules(target, source->rules, fault);
        fault->at += at;
    }
    if (error == ERROR_NONE)
        *parsed = target;
    else
        target_drop(target);
    return error;
}

/* A line to a target; ERROR_AGAIN: nothing on it. */
static enum error convert_line(const struct source *source, const struct file *file,
                               const struct line *line, struct target **target)
{
    struct place place = {file->path, line->number};
    struct fault fault = {.code = ERROR_LINE_LENGTH, .at = 0, .len = line->len};
    enum error error = ERROR_LINE_LENGTH;
    size_t len = line->len;
    if (!line->is_too_long) {
        len = trim_end(line->text, line->len);
        size_t at = 0;
        if (next_word(line->text, len, &at) == at)
            return ERROR_AGAIN;
        error = parse_line(source, line->text, len, target, &fault);
    }
    if (error == ERROR_NONE || error == ERROR_NO_MEMORY)
        return error;
    *target = target_new_invalid(line->text, len, &fault, &place);
    return *target != NULL ? ERROR_NONE : ERROR_NO_MEMORY;
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
        struct line line;
        if (lines == EMPTY_LINES_MAX)
            return ERROR_PAUSE;
        enum error error = lines_next(&file->lines, &line);
        if (error == ERROR_END) {
            source_skip(source);
            continue;
        }
        if (error != ERROR_NONE)
            return error;
        error = convert_line(source, file, &line, target);
        if (error != ERROR_AGAIN)
            return error;
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
