#include "netcheck/target/source.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/grow.h"
#include "netcheck/target/endpoint.h"
#include "netcheck/target/target_list.h"
#include "target_file.h"

struct source {
    const struct target_rules *rules;
    struct target **targets; /* of the operands */
    size_t target_count;
    size_t target_capacity;
    size_t next_target;
    struct target_file *files;
    size_t file_count;
    size_t file_capacity;
    size_t next_file;
    size_t told_file; /* the first one whose notes may not all be taken yet */
};

enum error source_new(const struct target_rules *rules, struct source **source)
{
    struct source *created = calloc(1, sizeof *created);
    if (created == NULL)
        return ERROR_NO_MEMORY;
    created->rules = rules;
    *source = created;
    return ERROR_NONE;
}

void source_free(struct source *source)
{
    if (source == NULL)
        return;
    for (size_t i = source->next_target; i < source->target_count; i++)
        target_drop(source->targets[i]);
    for (size_t i = 0; i < source->file_count; i++)
        target_file_release(&source->files[i]);
    free(source->targets);
    free(source->files);
    free(source);
}

/* The operand without the comma that may stand between it and the next one: "22, 80". */
static struct slice operand_at(const char *const operands[], size_t count, size_t i)
{
    struct slice operand = {operands[i], 0, strlen(operands[i])};
    if (i + 1 < count && operand.to > 1 && operands[i][operand.to - 1] == ',')
        operand.to--;
    return operand;
}

/* In "HOST PORT" the second word is no address, no URL and no target of its own. */
static bool looks_like_ports(const char *operand)
{
    return operand[0] != '!' && strpbrk(operand, ".:[") == NULL;
}

/* Whether the operands are HOST PORT..., not TARGET... Behind a host that has no ports only
   numbers are meant as some: "icmp://a b" are two targets. */
static bool is_host_and_ports(const struct source *source, const char *const operands[],
                              size_t count)
{
    struct target *first = NULL;
    struct fault fault;
    if (source->rules->ports != NULL || count < 2 || !looks_like_ports(operands[1]))
        return false;
    struct slice host = operand_at(operands, count, 0);
    struct slice second = operand_at(operands, count, 1);
    if (target_parse(host.text, host.to, &first, &fault) != ERROR_NONE)
        return false;
    bool is_open = first->ports.count == 0 &&
                   (protocols_have_ports(first->protocol) || ports_are_plain(&second));
    target_drop(first);
    return is_open;
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

/* Which of the words behind the host has the range of ports that was refused; 0: the host
   itself is. */
static size_t find_refused_word(const struct source *source, const char *const operands[],
                                size_t count, struct target *target, enum fault_code code)
{
    struct ports ports;
    struct fault fault;
    uint64_t index = 0;
    size_t found = 0;
    bool is_refused =
        target_find_refused(target, source->rules, &index, &fault) && fault.code == code;
    ports_init(&ports);
    struct ports_words words = {.ports = &ports};
    for (size_t i = 1; is_refused && i < count && found == 0; i++) {
        struct slice word = operand_at(operands, count, i);
        (void)ports_words_add(&words, &word, i + 1 == count, &fault); /* it was read before */
        found = ports.total > index ? i : 0;
    }
    ports_release(&ports);
    return found;
}

static enum error add_host_and_ports(struct source *source, const char *const operands[],
                                     size_t count, struct fault *fault, size_t *bad)
{
    struct target *target = NULL;
    struct slice host = operand_at(operands, count, 0);
    *bad = 0;
    enum error error = target_parse(host.text, host.to, &target, fault);
    if (error != ERROR_NONE)
        return error;
    struct ports_words words = {.ports = &target->ports};
    for (size_t i = 1; i < count && error == ERROR_NONE; i++) {
        struct slice word = operand_at(operands, count, i);
        *bad = i;
        error = ports_words_add(&words, &word, i + 1 == count, fault);
    }
    if (error != ERROR_NONE) {
        target_drop(target);
        return error;
    }
    *bad = 0;
    error = target_apply_rules(target, source->rules, fault);
    if (error == ERROR_NONE)
        return keep_target(source, target);
    if (error == ERROR_INVALID)
        *bad = find_refused_word(source, operands, count, target, fault->code);
    target_drop(target);
    return error;
}

static enum error add_list(struct source *source, const struct slice *operand,
                           struct fault *fault)
{
    struct target_list list;
    enum error error = ERROR_NONE;
    target_list_init(&list, operand->text, operand->to);
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
        struct slice operand = operand_at(operands, count, i);
        *bad = i;
        error = add_list(source, &operand, fault);
    }
    return error;
}

enum error source_add_file(struct source *source, const char *path)
{
    if (GROW(source->files, source->file_capacity, source->file_count + 1) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    enum error error = target_file_open(&source->files[source->file_count], path);
    source->file_count += error == ERROR_NONE;
    return error;
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

/* The file that is being read, or NULL. */
static struct target_file *current_file(const struct source *source)
{
    return source->next_file < source->file_count ? &source->files[source->next_file] : NULL;
}

void source_skip(struct source *source)
{
    target_file_close(current_file(source));
    source->next_file++;
}

enum error source_next(struct source *source, struct target **target)
{
    if (source->next_target < source->target_count) {
        *target = source->targets[source->next_target++];
        return ERROR_NONE;
    }
    for (; current_file(source) != NULL; source_skip(source)) {
        enum error error = target_file_next(current_file(source), source->rules, target);
        if (error != ERROR_END)
            return error;
    }
    return ERROR_END;
}

enum source_note source_take_note(struct source *source, struct buffer *out)
{
    for (; source->told_file < source->file_count; source->told_file++) {
        struct target_file *file = &source->files[source->told_file];
        bool is_title = file->title_note.len > 0;
        struct buffer *note = is_title ? &file->title_note : &file->layout_note;
        if (note->len > 0) {
            buffer_add(out, note->bytes, note->len);
            buffer_release(note);
            return is_title ? SOURCE_NOTE_TITLE : SOURCE_NOTE_LAYOUT;
        }
        if (source->told_file >= source->next_file)
            break; /* there may be more when more of it is read */
    }
    return SOURCE_NOTE_NONE;
}

bool source_explain(const struct source *source, const char *option, struct buffer *out)
{
    const struct target_file *file = current_file(source);
    if (file == NULL || file->encoding == NULL)
        return false;
    layout_describe_encoding(out, file->encoding, file->path, option);
    return true;
}

int source_descriptor(const struct source *source)
{
    const struct target_file *file = current_file(source);
    return file != NULL ? file->fd : -1;
}

const char *source_path(const struct source *source)
{
    const struct target_file *file = current_file(source);
    return file != NULL ? file->path : NULL;
}

void source_set_ready(struct source *source)
{
    struct target_file *file = current_file(source);
    if (file != NULL)
        lines_set_ready(&file->lines);
}
