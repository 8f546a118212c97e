#include "netcheck/target/ports.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/grow.h"
#include "netcheck/target/protocols.h"
#include "netcheck/target/services.h"

enum { PORT_MAX = 65535 };

static enum error parse_number(const struct slice *number, uint16_t *port, struct fault *fault)
{
    uint32_t value = 0;
    for (size_t i = number->from; i < number->to; i++) {
        char c = number->text[i];
        if (!ascii_is_digit(c))
            return fault_at(number, FAULT_PORT, fault);
        value = value * 10 + (uint32_t)(c - '0');
        if (value > PORT_MAX)
            return fault_at(number, FAULT_PORT, fault);
    }
    if (value == 0)
        return fault_at(number, FAULT_PORT, fault);
    *port = (uint16_t)value;
    return ERROR_NONE;
}

/* A service name has a letter and begins with one or with a digit; "+80" is none. */
static bool looks_like_service(const struct slice *piece)
{
    const char *text = slice_start(piece);
    if (!ascii_is_letter(text[0]) && !ascii_is_digit(text[0]))
        return false;
    for (size_t i = 0; i < slice_len(piece); i++)
        if (ascii_is_letter(text[i]))
            return true;
    return false;
}

static enum error parse_range(const struct slice *piece, size_t dash, struct port_range *range,
                              struct fault *fault)
{
    struct slice first = {piece->text, piece->from, dash};
    struct slice last = {piece->text, dash + 1, piece->to};
    if (slice_len(&last) == 0)
        return fault_at(piece, FAULT_PORT, fault);
    enum error error = parse_number(&first, &range->first, fault);
    if (error == ERROR_NONE)
        error = parse_number(&last, &range->last, fault);
    if (error == ERROR_NONE && range->first > range->last)
        error = fault_at(piece, FAULT_PORT_REVERSED, fault);
    return error;
}

/* "443/tcp", as nmap and kubectl print it: the piece ends before the slash. */
static enum error strip_protocol(struct slice *piece, struct fault *fault)
{
    size_t slash = slice_find(piece, '/');
    struct slice word = {piece->text, slash < piece->to ? slash + 1 : slash, piece->to};
    if (!protocols_may_follow_port(&word))
        return ERROR_NONE;
    if (protocols_find(&word)->id != PROTOCOL_TCP)
        return fault_at(&word, FAULT_PROTOCOL, fault);
    piece->to = slash;
    return ERROR_NONE;
}

static enum error parse_piece(const struct slice *piece, struct port_range *range,
                              struct fault *fault)
{
    if (slice_len(piece) == 0)
        return fault_at(piece, FAULT_PORT_EMPTY, fault);
    if (looks_like_service(piece)) {
        uint16_t port = services_port(slice_start(piece), slice_len(piece));
        range->first = range->last = port;
        return port != 0 ? ERROR_NONE : fault_at(piece, FAULT_PORT_SERVICE, fault);
    }
    /* Only digits and one '-' between them; "http-alt" is a name. */
    size_t dash = slice_find(piece, '-');
    if (ascii_is_digit(*slice_start(piece)) && dash < piece->to)
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
    /* Capacity is the next power of two, as GROW() makes it: it needs no member of its own. */
    size_t capacity = ports->count;
    bool is_full = (ports->count & (ports->count - 1)) == 0;
    if (is_full && GROW(ports->ranges, capacity, ports->count + 1) != ERROR_NONE)
        return ERROR_NO_MEMORY;
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
        struct slice piece = {text, at, len};
        piece.to = slice_find(&piece, ',');
        at = piece.to + 1;
        struct port_range range = {0, 0, 0};
        error = strip_protocol(&piece, fault);
        if (error == ERROR_NONE)
            error = parse_piece(&piece, &range, fault);
        if (error == ERROR_NONE)
            error = ports_add(ports, range.first, range.last);
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
