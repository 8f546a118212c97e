#include "netcheck/target/ports.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
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

/* Where the slash or the blank between a port and its protocol is, or piece->to. */
static size_t find_gap(const struct slice *piece)
{
    size_t at = piece->from;
    while (at < piece->to && piece->text[at] != '/' && !ascii_is_blank(piece->text[at]))
        at++;
    return at;
}

/* A piece of a list as it is read. */
struct piece {
    struct slice text;         /* the port, without its protocol */
    struct slice word;         /* the protocol; empty: none is written */
    enum protocol_id protocol; /* PROTOCOL_NONE: none is written */
    bool is_spaced;            /* a blank is between them */
};

/* "443/tcp", as nmap and kubectl print it, "tcp/443", "443 tcp", "tcp 443". */
static void cut_protocol(struct piece *piece)
{
    struct slice text = piece->text;
    struct slice first = {text.text, text.from, find_gap(&text)};
    struct slice second = {text.text, first.to, text.to};
    if (first.to == text.to)
        return;
    second.from++;
    piece->is_spaced = ascii_is_blank(text.text[first.to]);
    if (piece->is_spaced)
        slice_trim(&second);
    bool is_behind = protocols_may_follow_port(&second);
    if (!is_behind && !protocols_may_follow_port(&first))
        return;
    piece->text = is_behind ? first : second;
    piece->word = is_behind ? second : first;
}

/* Whether the protocol that a word names can be asked, and with these ports. */
static enum error check_protocol(const struct ports *ports, const struct slice *word,
                                 enum protocol_id *protocol, struct fault *fault)
{
    const struct protocol_traits *traits = protocols_find(word);
    if (traits->id == PROTOCOL_NONE)
        return fault_at(word, FAULT_PROTOCOL, fault);
    if (ports->protocol != PROTOCOL_NONE && !protocols_agree(ports->protocol, traits->id))
        return fault_at(word, FAULT_PORT_PROTOCOL, fault);
    *protocol = traits->id;
    return ERROR_NONE;
}

/* The protocol of a piece, if it has one. */
static enum error strip_protocol(const struct ports *ports, struct piece *piece,
                                 struct fault *fault)
{
    cut_protocol(piece);
    if (slice_len(&piece->word) == 0)
        return ERROR_NONE;
    enum error error = check_protocol(ports, &piece->word, &piece->protocol, fault);
    if (error == ERROR_NONE && !protocols_have_ports(piece->protocol))
        return fault_at(&piece->text, FAULT_PORT_USELESS, fault);
    return error;
}

/* "icmp" in the place of a port, or what is called otherwise here. */
static bool is_portless(const struct slice *word)
{
    const struct protocol_traits *traits = protocols_find(word);
    return traits != NULL &&
           (!traits->has_ports || strcmp(traits->instead, protocols_name(PROTOCOL_ICMP)) == 0);
}

static enum error parse_portless(const struct ports *ports, const struct slice *word,
                                 struct port_range *range, struct fault *fault)
{
    range->first = range->last = 0;
    return check_protocol(ports, word, &range->protocol, fault);
}

static enum error parse_service(const struct slice *piece, struct port_range *range,
                                struct fault *fault)
{
    enum protocol_id protocol = range->protocol;
    uint16_t port = services_find(slice_start(piece), slice_len(piece), &protocol);
    if (port == 0)
        return fault_at(piece, FAULT_PORT_SERVICE, fault);
    range->first = range->last = port;
    range->is_implied = range->protocol == PROTOCOL_NONE && protocol != PROTOCOL_NONE;
    range->protocol = protocol;
    return ERROR_NONE;
}

/* range->protocol is the one that is written. */
static enum error parse_piece(const struct ports *ports, const struct slice *piece,
                              bool allows_services, struct port_range *range,
                              struct fault *fault)
{
    if (range->protocol == PROTOCOL_NONE && is_portless(piece))
        return parse_portless(ports, piece, range, fault);
    if (!protocols_have_ports(ports->protocol))
        return fault_at(piece, FAULT_PORT_USELESS, fault);
    if (ports->protocol != PROTOCOL_NONE)
        range->protocol = ports->protocol;
    if (slice_len(piece) == 0)
        return fault_at(piece, FAULT_PORT_EMPTY, fault);
    if (looks_like_service(piece))
        return allows_services ? parse_service(piece, range, fault)
                               : fault_at(piece, FAULT_COLUMN_WORD, fault);
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
    *ports = (struct ports){.ranges = NULL};
}

void ports_release(struct ports *ports)
{
    free(ports->ranges);
    ports_init(ports);
}

static enum error add_range(struct ports *ports, const struct port_range *range)
{
    /* Capacity is the next power of two, as GROW() makes it: it needs no member of its own. */
    size_t capacity = ports->count;
    bool is_full = (ports->count & (ports->count - 1)) == 0;
    if (is_full && GROW(ports->ranges, capacity, ports->count + 1) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    struct port_range *added = &ports->ranges[ports->count++];
    *added = *range;
    added->before = ports->total;
    ports->total += (uint64_t)(range->last - range->first) + 1;
    return ERROR_NONE;
}

enum error ports_add(struct ports *ports, uint16_t first, uint16_t last)
{
    return add_range(
        ports, &(struct port_range){.first = first, .last = last, .protocol = ports->protocol});
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

/* What was read of a list so far. */
struct reading {
    bool allows_services;
    enum protocol_id protocol; /* of the pieces that have none of their own; NONE: none */
    bool has_bare;             /* a piece has no protocol */
    struct slice spaced;       /* a protocol behind a blank that is not TCP; empty: none is */
};

static enum error parse_next(struct ports *ports, const struct slice *text,
                             struct reading *reading, struct fault *fault)
{
    struct piece piece = {*text, {text->text, 0, 0}, PROTOCOL_NONE, false};
    enum error error = strip_protocol(ports, &piece, fault);
    if (error != ERROR_NONE)
        return error;
    bool is_written = piece.protocol != PROTOCOL_NONE;
    struct port_range range = {.protocol = is_written ? piece.protocol : reading->protocol};
    reading->has_bare |= range.protocol == PROTOCOL_NONE && !is_portless(&piece.text);
    if (piece.is_spaced && is_written && piece.protocol != PROTOCOL_TCP)
        reading->spaced = piece.word;
    error = parse_piece(ports, &piece.text, reading->allows_services, &range, fault);
    return error == ERROR_NONE ? add_range(ports, &range) : error;
}

/* It is written in this piece of a list that begins at `from`. */
static void place_range(struct port_range *range, size_t from, const struct slice *piece)
{
    range->at = (uint16_t)(from + piece->from);
    range->len = (uint16_t)slice_len(piece);
}

static enum error parse_list(struct ports *ports, const struct slice *list,
                             struct reading *reading, struct fault *fault)
{
    const char *text = slice_start(list);
    size_t len = slice_len(list);
    struct ports old = *ports;
    enum error error = ERROR_NONE;
    for (size_t at = 0; at <= len && error == ERROR_NONE;) {
        struct slice rest = {text, at, len};
        const struct slice piece = next_piece(text, len, at);
        at = slice_find(&rest, ',') + 1;
        error = parse_next(ports, &piece, reading, fault);
        if (error == ERROR_NONE && list->from + piece.to <= UINT16_MAX)
            place_range(&ports->ranges[ports->count - 1], list->from, &piece);
    }
    /* Of "22, 53 udp" it is not clear whether the first one is meant, too. */
    bool is_unclear = reading->has_bare && slice_len(&reading->spaced) > 0;
    if (error == ERROR_NONE && is_unclear && ports->protocol == PROTOCOL_NONE)
        error = fault_at(&reading->spaced, FAULT_PORT_UNCLEAR, fault);
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
    struct reading reading = {.allows_services = true};
    return parse_list(ports, &list, &reading, fault);
}

/* Whether no protocol is written with it. */
static bool is_open(const struct port_range *range)
{
    return range->protocol == PROTOCOL_NONE || range->is_implied;
}

/* Whether "22, 53" is one word and the blank in it leaves open what "udp" beside it means. */
static bool is_unclear(const struct ports_words *words, const struct slice *word,
                       enum protocol_id protocol)
{
    return find_gap(word) < word->to && ascii_is_blank(word->text[find_gap(word)]) &&
           protocol != PROTOCOL_TCP && words->ports->protocol == PROTOCOL_NONE;
}

/* A protocol, which belongs to the ports before it, or else to those behind it. */
static enum error add_protocol(struct ports_words *words, const struct slice *word,
                               struct fault *fault)
{
    struct ports *ports = words->ports;
    enum protocol_id protocol = PROTOCOL_NONE;
    enum error error = check_protocol(ports, word, &protocol, fault);
    if (error != ERROR_NONE)
        return error;
    if (!words->is_bare) {
        words->protocol = protocol;
        return ERROR_NONE;
    }
    words->is_bare = false;
    if (is_unclear(words, &words->last, protocol))
        return fault_at(word, FAULT_PORT_UNCLEAR, fault);
    for (size_t i = words->first; i < ports->count; i++) {
        if (is_open(&ports->ranges[i]))
            ports->ranges[i].protocol = protocol;
        ports->ranges[i].is_implied = false;
    }
    return ERROR_NONE;
}

static enum error add_ports(struct ports_words *words, const struct slice *word,
                            struct fault *fault)
{
    struct ports *ports = words->ports;
    struct reading reading = {.allows_services = !words->is_column || ports->count == 0,
                              .protocol = words->protocol};
    if (words->protocol != PROTOCOL_NONE && is_unclear(words, word, words->protocol))
        return fault_at(word, FAULT_PORT_UNCLEAR, fault);
    words->first = ports->count;
    words->last = *word;
    words->is_portless = is_portless(word);
    words->protocol = PROTOCOL_NONE;
    enum error error = parse_list(ports, word, &reading, fault);
    words->is_bare = reading.has_bare;
    return error;
}

/* What a table has in the place of a port where there is none. */
static bool is_gap(const struct slice *word)
{
    static const char *const gaps[] = {"-",   "--",  "-1", "*",    "any",
                                       "all", "n/a", "na", "none", "0"};
    for (size_t i = 0; i < ARRAY_LEN(gaps); i++)
        if (slice_is(word, gaps[i]))
            return true;
    return false;
}

enum error ports_words_add(struct ports_words *words, const struct slice *word, bool is_last,
                           struct fault *fault)
{
    bool has_port = words->is_bare || (!is_last && words->protocol == PROTOCOL_NONE);
    bool is_empty = words->is_column && is_gap(word);
    if (is_empty && words->is_portless)
        return ERROR_NONE;
    if (is_empty && !is_last && words->ports->count == 0 && slice_len(&words->gap) == 0) {
        words->gap = *word;
        return ERROR_NONE;
    }
    const struct slice gap = words->gap;
    words->gap = (struct slice){NULL, 0, 0};
    if (slice_len(&gap) > 0 && !is_portless(word))
        return add_ports(words, &gap, fault);
    if (protocols_may_follow_port(word) && !is_portless(word) && has_port)
        return add_protocol(words, word, fault);
    return add_ports(words, word, fault);
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

enum error ports_parse_columns(struct ports *ports, const struct slice columns[], size_t count,
                               struct fault *fault)
{
    struct ports_words words = {.ports = ports,
                                .is_column = true,
                                .is_portless = !protocols_have_ports(ports->protocol)};
    enum error error = ERROR_NONE;
    for (size_t i = 0; i < count && error == ERROR_NONE; i++) {
        struct slice rest = columns[i];
        do {
            struct slice word = take_word(&rest);
            slice_trim(&rest);
            bool is_last = i + 1 == count && slice_len(&rest) == 0;
            error = ports_words_add(&words, &word, is_last, fault);
        } while (error == ERROR_NONE && slice_len(&rest) > 0);
    }
    return error;
}

bool ports_are_numbers(const struct slice *text)
{
    for (size_t i = text->from; i < text->to; i++)
        if (!ascii_is_digit(text->text[i]) && text->text[i] != '-')
            return false;
    return slice_len(text) > 0;
}

static bool agrees(const struct port_range *range, enum protocol_id protocol)
{
    return protocol == PROTOCOL_NONE || is_open(range) ||
           protocols_agree(protocol, range->protocol);
}

/* That of a target wins over what is not written, and over that of its transport. */
static void settle(struct port_range *range, enum protocol_id protocol)
{
    if (protocol == PROTOCOL_NONE)
        return;
    range->protocol = protocol;
    range->is_implied = false;
}

bool ports_set_protocol(struct ports *ports, enum protocol_id protocol)
{
    for (size_t i = 0; i < ports->count; i++)
        if (!agrees(&ports->ranges[i], protocol))
            return false;
    for (size_t i = 0; i < ports->count; i++)
        settle(&ports->ranges[i], protocol);
    ports->protocol = protocol;
    return true;
}

bool ports_are_plain(const struct slice *text)
{
    struct slice head = *text;
    head.to = find_gap(&head);
    if (ports_are_numbers(&head))
        return true;
    head.from = head.to + (head.to < text->to);
    head.to = text->to;
    slice_trim(&head);
    const struct slice word = {text->text, text->from, find_gap(text)};
    return protocols_may_follow_port(&word) && (ports_are_numbers(&head) || is_portless(&word));
}

enum error ports_copy(struct ports *ports, const struct ports *from)
{
    for (size_t i = 0; i < from->count; i++)
        if (!agrees(&from->ranges[i], ports->protocol))
            return ERROR_INVALID;
    for (size_t i = 0; i < from->count; i++) {
        struct port_range range = from->ranges[i];
        settle(&range, ports->protocol);
        if (add_range(ports, &range) != ERROR_NONE)
            return ERROR_NO_MEMORY;
    }
    return ERROR_NONE;
}

const struct port_range *ports_range_at(const struct ports *ports, uint64_t index)
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
    return &ports->ranges[low];
}

uint16_t ports_at(const struct ports *ports, uint64_t index)
{
    const struct port_range *range = ports_range_at(ports, index);
    return (uint16_t)(range->first + (index - range->before));
}
