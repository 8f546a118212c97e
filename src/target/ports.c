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

static enum error check_protocol(const struct slice *word, struct fault *fault)
{
    return protocols_find(word)->id != PROTOCOL_TCP ? fault_at(word, FAULT_PROTOCOL, fault)
                                                    : ERROR_NONE;
}

/* Where the slash or the blank between a port and its protocol is, or piece->to. */
static size_t find_gap(const struct slice *piece)
{
    size_t at = piece->from;
    while (at < piece->to && piece->text[at] != '/' && !ascii_is_blank(piece->text[at]))
        at++;
    return at;
}

/* "443/tcp", as nmap and kubectl print it, "tcp/443", "443 tcp", "tcp 443": the port of it. */
static enum error strip_protocol(struct slice *piece, struct fault *fault)
{
    struct slice first = {piece->text, piece->from, find_gap(piece)};
    struct slice second = {piece->text, first.to, piece->to};
    if (first.to == piece->to)
        return ERROR_NONE;
    second.from++;
    if (ascii_is_blank(piece->text[first.to]))
        slice_trim(&second);
    bool is_behind = protocols_may_follow_port(&second);
    if (!is_behind && !protocols_may_follow_port(&first))
        return ERROR_NONE;
    *piece = is_behind ? first : second;
    return check_protocol(is_behind ? &second : &first, fault);
}

static enum error parse_piece(const struct slice *piece, bool allows_services,
                              struct port_range *range, struct fault *fault)
{
    if (slice_len(piece) == 0)
        return fault_at(piece, FAULT_PORT_EMPTY, fault);
    if (looks_like_service(piece)) {
        if (!allows_services)
            return fault_at(piece, FAULT_COLUMN_WORD, fault);
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

/* The piece from `at` to the comma behind it. Blanks around commas mean nothing. */
static struct slice next_piece(const char *text, size_t len, size_t at)
{
    struct slice piece = {text, at, len};
    piece.to = slice_find(&piece, ',');
    struct slice trimmed = piece;
    slice_trim(&trimmed);
    if (at > 0)
        piece.from = trimmed.from;
    if (piece.to < len)
        piece.to = trimmed.to;
    return piece;
}

static enum error parse_list(struct ports *ports, const struct slice *list,
                             bool allows_services, struct fault *fault)
{
    const char *text = slice_start(list);
    size_t len = slice_len(list);
    struct ports old = *ports;
    enum error error = ERROR_NONE;
    for (size_t at = 0; at <= len && error == ERROR_NONE;) {
        struct slice rest = {text, at, len};
        struct slice piece = next_piece(text, len, at);
        struct port_range range = {0, 0, 0};
        at = slice_find(&rest, ',') + 1;
        error = strip_protocol(&piece, fault);
        if (error == ERROR_NONE)
            error = parse_piece(&piece, allows_services, &range, fault);
        if (error == ERROR_NONE)
            error = ports_add(ports, range.first, range.last);
    }
    if (error != ERROR_NONE) {
        ports->count = old.count;
        ports->total = old.total;
    }
    if (error == ERROR_INVALID)
        fault->at += list->from;
    return error;
}

enum error ports_parse(struct ports *ports, const char *text, size_t len, struct fault *fault)
{
    const struct slice list = {text, 0, len};
    return parse_list(ports, &list, true, fault);
}

/* A protocol belongs to the port before it, or else to the one behind it. */
enum error ports_words_add(struct ports_words *words, const struct slice *word, bool is_last,
                           struct fault *fault)
{
    bool is_protocol = protocols_may_follow_port(word);
    bool has_port = words->is_bare || (!is_last && !words->has_protocol);
    if (is_protocol && has_port) {
        words->has_protocol = !words->is_bare;
        words->is_bare = false;
        return check_protocol(word, fault);
    }
    enum error error =
        parse_list(words->ports, word, !words->is_column || words->ports->count == 0, fault);
    words->is_bare = !words->has_protocol;
    words->has_protocol = false;
    return error;
}

/* The word at or behind column->from, which goes on where a comma is beside a blank. */
static struct slice take_word(struct slice *column)
{
    struct slice word = *column;
    slice_trim(&word);
    size_t at = word.from;
    while (at < word.to) {
        struct slice rest = {word.text, at, word.to};
        while (rest.from < rest.to && !ascii_is_blank(rest.text[rest.from]))
            rest.from++;
        at = rest.from;
        slice_trim(&rest);
        bool goes_on =
            rest.from < rest.to && (rest.text[rest.from] == ',' || rest.text[at - 1] == ',');
        if (!goes_on)
            break;
        at = rest.from;
    }
    word.to = at;
    column->from = at;
    return word;
}

enum error ports_parse_column(struct ports *ports, const struct slice *column,
                              struct fault *fault)
{
    struct ports_words words = {.ports = ports, .is_column = true};
    struct slice rest = *column;
    enum error error = ERROR_NONE;
    do {
        struct slice word = take_word(&rest);
        slice_trim(&rest);
        error = ports_words_add(&words, &word, slice_len(&rest) == 0, fault);
    } while (error == ERROR_NONE && slice_len(&rest) > 0);
    return error;
}

bool ports_are_numbers(const struct slice *text)
{
    for (size_t i = text->from; i < text->to; i++)
        if (!ascii_is_digit(text->text[i]) && text->text[i] != '-')
            return false;
    return slice_len(text) > 0;
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
