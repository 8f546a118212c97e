#include "netcheck/os/service_table.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/mix.h"
#include "netcheck/base/slice.h"

enum {
    FIRST_SLOTS = 1024,
    PORT_MAX = 65535,
};

struct service_slot {
    uint32_t at; /* of its name, in `names` */
    uint16_t port;
    uint8_t len; /* 0: the slot is empty */
};

void service_table_release(struct service_table *table)
{
    buffer_release(&table->names);
    free(table->slots);
    *table = (struct service_table)SERVICE_TABLE_EMPTY;
}

static uint64_t hash(const char *name, size_t len)
{
    uint64_t value = len;
    for (size_t i = 0; i < len; i++)
        value = value * 31 + (unsigned char)name[i];
    return mix64(value);
}

/* Where the name is, or the empty slot where it is to be; capacity is not 0. */
static struct service_slot *find_slot(const struct service_table *table, const char *name,
                                      size_t len)
{
    size_t mask = table->capacity - 1;
    size_t index = (size_t)hash(name, len) & mask;
    struct service_slot *slot = &table->slots[index];
    while (slot->len != 0 &&
           (slot->len != len || memcmp(table->names.bytes + slot->at, name, len) != 0)) {
        index = (index + 1) & mask;
        slot = &table->slots[index];
    }
    return slot;
}

bool service_table_find(const struct service_table *table, const char *name, size_t len,
                        uint16_t *port)
{
    if (table->capacity == 0 || len == 0 || len > SERVICE_NAME_MAX)
        return false;
    const struct service_slot *slot = find_slot(table, name, len);
    if (slot->len == 0)
        return false;
    *port = slot->port;
    return true;
}

/* At least every second slot stays empty. */
static bool grow(struct service_table *table)
{
    if (table->count < table->capacity / 2)
        return true;
    const struct service_table old = *table;
    size_t capacity = old.capacity > 0 ? old.capacity * 2 : FIRST_SLOTS;
    struct service_slot *slots = calloc(capacity, sizeof *slots);
    if (slots == NULL)
        return false;
    table->slots = slots;
    table->capacity = capacity;
    for (size_t i = 0; i < old.capacity; i++) {
        const struct service_slot *slot = &old.slots[i];
        if (slot->len != 0)
            *find_slot(table, old.names.bytes + slot->at, slot->len) = *slot;
    }
    free(old.slots);
    return true;
}

bool service_table_add(struct service_table *table, const char *name, size_t len, uint16_t port)
{
    if (len == 0 || len > SERVICE_NAME_MAX)
        return true;
    size_t at = table->names.len;
    if (at > UINT32_MAX - len || !grow(table))
        return false;
    struct service_slot *slot = find_slot(table, name, len);
    if (slot->len != 0)
        return true;
    buffer_add(&table->names, name, len);
    if (table->names.has_failed)
        return false;
    *slot = (struct service_slot){(uint32_t)at, port, (uint8_t)len};
    table->count++;
    return true;
}

/* The next line, without its comment. False behind the last one. */
static bool take_line(struct slice *rest, struct slice *line)
{
    if (slice_len(rest) == 0)
        return false;
    *line = (struct slice){rest->text, rest->from, slice_find(rest, '\n')};
    rest->from = line->to < rest->to ? line->to + 1 : rest->to;
    line->to = slice_find(line, '#');
    return true;
}

/* The next word, which blanks end. False where there is none. */
static bool take_word(struct slice *rest, struct slice *word)
{
    while (rest->from < rest->to && ascii_is_space(rest->text[rest->from]))
        rest->from++;
    *word = (struct slice){rest->text, rest->from, rest->from};
    while (word->to < rest->to && !ascii_is_space(rest->text[word->to]))
        word->to++;
    rest->from = word->to;
    return slice_len(word) > 0;
}

/* Of "80/tcp" where that is the transport; 0 for anything else. */
static uint16_t port_of(const struct slice *word, const char *transport)
{
    size_t slash = slice_find(word, '/');
    size_t len = strlen(transport);
    uint32_t port = 0;
    for (size_t i = word->from; i < slash; i++) {
        if (!ascii_is_digit(word->text[i]) || port > PORT_MAX)
            return 0;
        port = port * 10 + (uint32_t)(word->text[i] - '0');
    }
    bool is_meant =
        word->to - slash == len + 1 && memcmp(word->text + slash + 1, transport, len) == 0;
    return is_meant && port <= PORT_MAX ? (uint16_t)port : 0;
}

static bool read_line(struct service_table *table, const char *transport, struct slice *line)
{
    struct slice name;
    struct slice word;
    if (!take_word(line, &name) || !take_word(line, &word))
        return true;
    uint16_t port = port_of(&word, transport);
    bool is_kept = true;
    for (bool has_name = port != 0; has_name && is_kept; has_name = take_word(line, &name))
        is_kept = service_table_add(table, slice_start(&name), slice_len(&name), port);
    return is_kept;
}

bool service_table_read(struct service_table *table, const char *transport, const char *text,
                        size_t len)
{
    struct slice rest = {text, 0, len};
    struct slice line;
    while (take_line(&rest, &line))
        if (!read_line(table, transport, &line))
            return false;
    return true;
}

/* Of a line "services: db files"; what is in brackets says what to do between them. */
static bool has_only_file(struct slice *line, bool has_db)
{
    struct slice word;
    while (take_word(line, &word))
        if (!slice_is(&word, "files") && (has_db || !slice_is(&word, "db")))
            return false;
    return true;
}

bool service_sources_are_file(const char *text, size_t len, bool has_db)
{
    struct slice rest = {text, 0, len};
    struct slice line;
    while (take_line(&rest, &line)) {
        struct slice head = {text, line.from, slice_find(&line, ':')};
        struct slice word;
        line.from = head.to < line.to ? head.to + 1 : line.to;
        if (take_word(&head, &word) && slice_is(&word, "services") &&
            !has_only_file(&line, has_db))
            return false;
    }
    return true;
}
