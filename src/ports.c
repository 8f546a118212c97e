#include "netcheck/ports.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/ascii.h"
#include "netcheck/services.h"

enum { PORT_MAX = 65535 };

/* A piece of the list: `len` bytes at `text + at`. */
struct piece {
    const char *text;
    size_t at;
    size_t len;
};

static enum error fail(struct fault *fault, enum error code, const struct piece *piece)
{
    *fault = (struct fault){.code = code, .at = piece->at, .len = piece->len};
    return code;
}

static enum error parse_number(const struct piece *piece, uint16_t *port, struct fault *fault)
{
    uint32_t value = 0;
    for (size_t i = 0; i < piece->len; i++) {
        char c = piece->text[piece->at + i];
        if (!ascii_is_digit(c))
            return fail(fault, ERROR_PORT, piece);
        value = value * 10 + (uint32_t)(c - '0');
        if (value > PORT_MAX)
            return fail(fault, ERROR_PORT, piece);
    }
    if (value == 0)
        return fail(fault, ERROR_PORT, piece);
    *port = (uint16_t)value;
    return ERROR_NONE;
}

/* A service name has a letter and begins with one or with a digit; "+80" is none. */
static bool looks_like_service(const struct piece *piece)
{
    const char *text = piece->text + piece->at;
    if (piece->len == 0 || !(ascii_is_letter(text[0]) || ascii_is_digit(text[0])))
        return false;
    for (size_t i = 0; i < piece->len; i++)
        if (ascii_is_letter(text[i]))
            return true;
    return false;
}

/* Only digits and one '-' between them; "http-alt" is a name. */
static const char *find_dash(const struct piece *piece)
{
    const char *text = piece->text + piece->at;
    return piece->len > 0 && ascii_is_digit(text[0]) ? memchr(text, '-', piece->len) : NULL;
}

static enum error parse_range(const struct piece *piece, const char *dash,
                              struct port_range *range, struct fault *fault)
{
    size_t first_len = (size_t)(dash - (piece->text + piece->at));
    struct piece first = {piece->text, piece->at, first_len};
    struct piece last = {piece->text, piece->at + first_len + 1, piece->len - first_len - 1};
    if (last.len == 0)
        return fail(fault, ERROR_PORT, piece);
    enum error error = parse_number(&first, &range->first, fault);
    if (error == ERROR_NONE)
        error = parse_number(&last, &range->last, fault);
    if (error == ERROR_NONE && range->first > range->last)
        error = fail(fault, ERROR_PORT_REVERSED, piece);
    return error;
}

static enum error parse_piece(const struct piece *piece, struct port_range *range,
                              struct fault *fault)
{
    if (piece->len == 0)
        return fail(fault, ERROR_PORT_EMPTY, piece);
    if (looks_like_service(piece)) {
        uint16_t port = services_port(piece->text + piece->at, piece->len);
        range->first = range->last = port;
        return port != 0 ? ERROR_NONE : fail(fault, ERROR_PORT_SERVICE, piece);
    }
    const char *dash = find_dash(piece);
    if (dash != NULL)
        return parse_range(piece, dash, range, fault);
    enum error error = parse_number(piece, &range->first, fault);
    range->last = range->first;
    return error;
}

void ports_init(struct ports *ports)
{
    *ports = (struct ports){NULL, 0, 0};
}

void ports_release(struct ports *ports)
{
    free(ports->ranges);
    ports_init(ports);
}

enum error ports_add(struct ports *ports, uint16_t first, uint16_t last)
{
    /* Capacity is the next power of two: it needs no member of its own. */
    if ((ports->count & (ports->count - 1)) == 0) {
        size_t capacity = ports->count > 0 ? ports->count * 2 : 1;
        struct port_range *ranges = realloc(ports->ranges, capacity * sizeof *ranges);
        if (ranges == NULL)
            return ERROR_NO_MEMORY;
        ports->ranges = ranges;
    }
    ports->ranges[ports->count++] = (struct port_range){first, last, ports->total};
    ports->total += (uint64_t)(last - first) + 1;
    return ERROR_NONE;
}

enum error ports_parse(struct ports *ports, const char *text, size_t len, struct fault *fault)
{
    size_t old_count = ports->count;
    uint64_t old_total = ports->total;
    enum error error = ERROR_NONE;
    for (size_t at = 0; at <= len && error == ERROR_NONE;) {
        const char *comma = memchr(text + at, ',', len - at);
        size_t end = comma != NULL ? (size_t)(comma - text) : len;
        struct piece piece = {text, at, end - at};
        struct port_range range = {0, 0, 0};
        error = parse_piece(&piece, &range, fault);
        if (error == ERROR_NONE)
            error = ports_add(ports, range.first, range.last);
        at = end + 1;
    }
    if (error != ERROR_NONE) {
        ports->count = old_count;
        ports->total = old_total;
    }
    return error;
}

enum error ports_copy(struct ports *ports, const struct ports *from)
{
    for (size_t i = 0; i < from->count; i++)
        if (ports_add(ports, from->ranges[i].first, from->ranges[i].last) != ERROR_NONE)
            return ERROR_NO_MEMORY;
    return ERROR_NONE;
}

uint16_t ports_at(const struct ports *ports, uint64_t index)
{
    assert(index < ports->total);
    size_t low = 0;
    size_t high = ports->count - 1;
    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;
        if (ports->ranges[middle].before <= index)
            low = middle;
        else
            high = middle - 1;
    }
    const struct port_range *range = &ports->ranges[low];
    return (uint16_t)(range->first + (index - range->before));
}
