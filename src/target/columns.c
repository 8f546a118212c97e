#include "columns.h"

#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/target/protocols.h"
#include "netcheck/target/services.h"
#include "netcheck/target/target.h"
#include "url.h"

static const char blanks[] = " \t";

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

/* Where the first of these characters is, or slice->to. */
static size_t find_any(const struct slice *slice, const char *characters)
{
    size_t at = slice->from;
    while (at < slice->to && !ascii_is_one_of(slice->text[at], characters))
        at++;
    return at;
}

/* Where the text ends: before a comment and before trailing white space. */
static struct slice trim_line(const char *text, size_t len)
{
    struct slice line = {text, 0, len};
    for (size_t i = 0; i < len && line.to == len; i++)
        if (text[i] == '#' && (i == 0 || ascii_is_blank(text[i - 1])))
            line.to = i;
    while (line.to > 0 && ascii_is_blank(text[line.to - 1]))
        line.to--;
    return line;
}

/* Where the quote is that closes the one it begins with. slice->from: it begins with none, or
   with one that is not closed and is a character like any other. */
static size_t find_closing(const struct slice *slice)
{
    if (slice_len(slice) == 0 || !is_quote(*slice_start(slice)))
        return slice->from;
    struct slice inside = {slice->text, slice->from + 1, slice->to};
    size_t at = slice_find(&inside, *slice_start(slice));
    return at < slice->to ? at : slice->from;
}

static bool is_quoted(const struct slice *slice)
{
    return find_closing(slice) > slice->from;
}

bool columns_unquote(struct slice *cell)
{
    if (!is_quoted(cell) || find_closing(cell) + 1 != cell->to)
        return false;
    *cell = (struct slice){cell->text, cell->from + 1, cell->to - 1};
    slice_trim(cell);
    return true;
}

/* Where a cell ends that begins at `from`: at a separator outside of quotes. */
static size_t find_end(const struct slice *line, size_t from, const char *separators)
{
    struct slice rest = {line->text, from, line->to};
    slice_trim(&rest);
    rest.from = find_closing(&rest);
    return find_any(&rest, separators);
}

/* Whether it begins with the scheme of a URL. "tcp://" is none: that has no path. */
static bool begins_url(const struct slice *text)
{
    struct slice scheme = {text->text, text->from, slice_find(text, ':')};
    if (slice_len(&scheme) > 0 && *slice_start(&scheme) == '!')
        scheme.from++;
    return url_begins(text) && protocols_find(&scheme) == NULL;
}

/* Where a list of targets ends: at a blank that is beside no comma. A URL may end with a comma:
   behind it only another URL is one of the list. */
static size_t find_list_end(const struct slice *line)
{
    size_t at = line->from;
    bool is_url = begins_url(line);
    while (at < line->to) {
        struct slice rest = {line->text, at, line->to};
        at = rest.from = find_any(&rest, blanks);
        slice_trim(&rest);
        bool has_comma =
            slice_len(&rest) > 0 && (*slice_start(&rest) == ',' || line->text[at - 1] == ',');
        if (!has_comma || (is_url && !begins_url(&rest)))
            return at;
        at = rest.from;
    }
    return at;
}

/* Whether the cell before a comma is a target with its port, or meant as one. */
static bool has_port(const struct slice *cell)
{
    struct target *target = NULL;
    struct fault fault;
    enum error error = target_parse(slice_start(cell), slice_len(cell), &target, &fault);
    bool is_whole = error != ERROR_NONE ? slice_count(cell, ':') > 0 : target->ports.count > 0;
    target_drop(target);
    return is_whole;
}

/* Commas and blanks at the end of a list or a cell are empty cells. */
static void drop_empty(struct slice *cell)
{
    while (slice_len(cell) > 0 && ascii_is_one_of(cell->text[cell->to - 1], ", \t"))
        cell->to--;
}

/* The first cell; the return value is where the rest begins. */
static size_t read_first(const struct slice *line, struct slice *first)
{
    bool is_url = begins_url(line);
    *first = *line;
    first->to = is_url ? find_any(line, blanks) : find_end(line, line->from, " \t,;");
    struct slice rest = {line->text, first->to, line->to};
    slice_trim(&rest);
    bool has_comma = slice_len(&rest) > 0 && *slice_start(&rest) == ',';
    bool is_list = has_comma && !is_quoted(line) && slice_len(first) > 0 && has_port(first);
    if (!is_url && !is_list)
        return first->to;
    size_t end = find_list_end(line);
    first->to = end;
    if (!is_url)
        drop_empty(first);
    return end;
}

static void refuse(struct columns *columns, const struct slice *piece, enum fault_code code)
{
    columns->kind = COLUMNS_INVALID;
    (void)fault_at(piece, code, &columns->fault); /* the kind says it */
}

/* Whether this cell may be the third one: it says by what protocol to ask, or the one before it
   does. */
static bool may_be_third(const struct columns *columns, const struct slice *cell)
{
    return slice_len(&columns->protocol) == 0 && slice_len(&columns->third) == 0 &&
           (protocols_may_follow_port(cell) || protocols_may_follow_port(&columns->second));
}

/* Behind the second cell one of protocols may follow, and empty ones. */
static void read_others(struct columns *columns, const struct slice *line, size_t at,
                        const char *separators)
{
    static const struct {
        char separator;
        enum fault_code code;
    } rows[] = {
        {',', FAULT_COLUMN_COMMA}, {';', FAULT_COLUMN_SEMICOLON}, {'\t', FAULT_COLUMN_TAB}};
    for (size_t end = at; at < line->to; at = end + 1) {
        end = find_end(line, at, separators);
        struct slice cell = {line->text, at, end};
        slice_trim(&cell);
        struct slice inside = cell;
        (void)columns_unquote(&inside); /* quoted or not */
        if (slice_len(&inside) == 0)
            continue;
        if (may_be_third(columns, &inside)) {
            columns->third = inside;
            columns->kind = COLUMNS_PAIR;
            continue;
        }
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
            if (rows[i].separator == separators[0])
                refuse(columns, &cell, rows[i].code);
        return;
    }
}

/* The cells behind the first one. `at` is where that ended. */
static void read_rest(struct columns *columns, const struct slice *line, size_t at)
{
    struct slice rest = {line->text, at, line->to};
    slice_trim(&rest);
    struct slice gap = {line->text, at, rest.from};
    char separators[] = {'\0', '\0'}; /* blanks separate no further cells */
    bool has_separator = slice_len(&rest) > 0 && ascii_is_one_of(*slice_start(&rest), ",;");
    if (has_separator)
        separators[0] = *slice_start(&rest);
    else if (slice_count(&gap, '\t') > 0)
        separators[0] = '\t';
    struct slice second = {line->text, has_separator ? rest.from + 1 : rest.from, line->to};
    size_t end = second.to = find_end(line, second.from, separators);
    slice_trim(&second);
    if (separators[0] != '\0')
        drop_empty(&second);
    columns->second = second;
    bool is_whole = !is_quoted(&second) || columns_unquote(&columns->second);
    columns->kind = slice_len(&columns->second) > 0 ? COLUMNS_PAIR : COLUMNS_TARGETS;
    if (is_whole)
        read_others(columns, line, end + 1, separators);
    else
        refuse(columns, &second, FAULT_QUOTE);
}

/* "udp,192.0.2.1,53": the line goes on behind its protocol. False: it begins with none. */
static bool take_protocol(struct columns *columns, struct slice *line, size_t at)
{
    struct slice protocol = columns->first;
    struct slice rest = {line->text, at, line->to};
    (void)columns_unquote(&protocol); /* quoted or not */
    slice_trim(&rest);
    if (slice_len(&rest) > 0 && ascii_is_one_of(*slice_start(&rest), ",;"))
        rest.from++;
    slice_trim(&rest);
    if (slice_len(&rest) == 0 || !protocols_may_follow_port(&protocol))
        return false;
    columns->protocol = protocol;
    *line = rest;
    return true;
}

/* "- " of a list in YAML. */
static void drop_dash(struct slice *line)
{
    if (slice_len(line) < 2 || *slice_start(line) != '-' ||
        !ascii_is_blank(line->text[line->from + 1]))
        return;
    line->from++;
    slice_trim(line);
}

/* Whether it can only be ports, or nothing: "22", "80, 443", "8000-8010", "-1". */
static bool is_ports_or_gap(const struct slice *cell)
{
    for (size_t i = cell->from; i < cell->to; i++)
        if (!ascii_is_digit(cell->text[i]) && !ascii_is_one_of(cell->text[i], "-, "))
            return false;
    return true;
}

/* "tcp,22,192.0.2.1", as firewalls print it. Only what can be no port is taken for the host:
   "tcp 22 open" stays refused. */
static void put_host_first(struct columns *columns)
{
    struct slice ports = columns->first;
    struct slice *host = &columns->second;
    (void)columns_unquote(&ports); /* quoted or not */
    bool is_host = (slice_count(host, '.') > 0 || slice_count(host, ':') > 1) &&
                   find_any(host, blanks) == host->to;
    if (columns->kind != COLUMNS_PAIR || slice_len(&columns->protocol) == 0 || !is_host ||
        slice_len(&columns->third) > 0 || !is_ports_or_gap(&ports))
        return;
    columns->first = *host;
    columns->second = ports;
    if (slice_len(&ports) == 0)
        columns->kind = COLUMNS_TARGETS;
}

void columns_read(const char *text, size_t len, struct columns *columns)
{
    *columns = (struct columns){.kind = COLUMNS_NONE, .text = trim_line(text, len)};
    struct slice line = columns->text;
    slice_trim(&line);
    if (slice_len(&line) == 0)
        return;
    drop_dash(&line);
    if (columns_unquote(&line) && slice_len(&line) == 0) {
        columns->kind = COLUMNS_TARGETS;
        columns->first = line;
        return;
    }
    size_t at = read_first(&line, &columns->first);
    if (take_protocol(columns, &line, at))
        at = read_first(&line, &columns->first);
    read_rest(columns, &line, at);
    put_host_first(columns);
    if (slice_len(&columns->protocol) > 0 &&
        protocols_find(&columns->protocol)->id == PROTOCOL_NONE)
        refuse(columns, &columns->protocol, FAULT_PROTOCOL);
    struct slice first = columns->first;
    if (is_quoted(&first) && !columns_unquote(&columns->first))
        refuse(columns, &first, FAULT_QUOTE);
}

/* The next run of letters at or behind word->from. False: there is none. */
static bool next_letters(const struct slice *cell, struct slice *word)
{
    word->from = word->to;
    while (word->from < cell->to && !ascii_is_letter(cell->text[word->from]))
        word->from++;
    word->to = word->from;
    while (word->to < cell->to && ascii_is_letter(cell->text[word->to]))
        word->to++;
    return word->to > word->from;
}

static bool starts_with(const struct slice *word, const char *start)
{
    struct slice head = {word->text, word->from, word->from + strlen(start)};
    return head.to <= word->to && slice_is(&head, start);
}

static bool ends_with(const struct slice *word, const char *end)
{
    size_t len = strlen(end);
    struct slice tail = {word->text, word->to - len, word->to};
    return len <= slice_len(word) && slice_is(&tail, end);
}

bool columns_speak_of_ports(const struct slice *cell)
{
    struct slice word = {cell->text, cell->from, cell->from};
    while (next_letters(cell, &word))
        if (starts_with(&word, "port") || ends_with(&word, "port") || ends_with(&word, "ports"))
            return true;
    return slice_is(cell, "service") || slice_is(cell, "services");
}

bool columns_speak_of_hosts(const struct slice *cell)
{
    static const char *const nouns[] = {
        "host",    "hosts",  "hostname", "ip",     "ips",     "addr",    "address", "ipaddress",
        "name",    "server", "servers",  "fqdn",   "dns",     "domain",  "node",    "nodes",
        "machine", "target", "targets",  "device", "devices", "computer"};
    struct slice word = {cell->text, cell->from, cell->from};
    while (next_letters(cell, &word)) {
        if (ends_with(&word, "name"))
            return true;
        for (size_t i = 0; i < ARRAY_LEN(nouns); i++)
            if (slice_is(&word, nouns[i]))
                return true;
    }
    return false;
}

/* Whether it has no digit, dot, colon or the like: those are of hosts and ports. */
static bool is_title(const struct slice *cell)
{
    for (size_t i = cell->from; i < cell->to; i++) {
        char c = cell->text[i];
        bool is_ascii = (unsigned char)c < 0x80;
        if (is_ascii && !ascii_is_letter(c) && !ascii_is_one_of(c, " _-/()"))
            return false;
    }
    return slice_len(cell) > 0;
}

bool columns_speak_of_protocols(const struct slice *cell)
{
    struct slice word = {cell->text, cell->from, cell->from};
    while (next_letters(cell, &word))
        if (starts_with(&word, "proto") || ends_with(&word, "protocol"))
            return true;
    return false;
}

/* The two cells of a title beside one of protocols. False: it has another number of them. */
static bool read_title(const struct slice *line, const char *separators, struct slice *first,
                       struct slice *second)
{
    struct slice rest = *line;
    size_t count = 0;
    bool has_protocol = false;
    while (slice_len(&rest) > 0) {
        struct slice cell = {rest.text, rest.from, find_any(&rest, separators)};
        rest.from = cell.to + (cell.to < rest.to);
        slice_trim(&cell);
        (void)columns_unquote(&cell); /* quoted or not */
        if (!has_protocol && columns_speak_of_protocols(&cell)) {
            has_protocol = true;
            continue;
        }
        if (count < 2)
            *(count == 0 ? first : second) = cell;
        count += count < 2 || slice_len(&cell) > 0;
        if (separators[0] == ' ')
            slice_trim(&rest);
    }
    return count == 2;
}

bool columns_are_title(const struct slice *text, bool is_strict)
{
    struct slice line = *text;
    struct slice first;
    struct slice second;
    slice_trim(&line);
    size_t at = find_any(&line, "\t,;");
    bool has_separator = at < line.to;
    char separators[] = {' ', '\0'};
    if (has_separator)
        separators[0] = line.text[at];
    if (!read_title(&line, separators, &first, &second))
        return false;
    const struct slice lead = {line.text, line.from, find_any(&line, separators)};
    if (columns_speak_of_protocols(&lead) && columns_speak_of_ports(&first)) {
        const struct slice ports = first;
        first = second;
        second = ports;
    }
    if (!is_title(&first) || !is_title(&second) ||
        services_port(slice_start(&second), slice_len(&second)) != 0)
        return false;
    /* "mail-server,htps" is a host and a mistake. */
    bool has_hosts = columns_speak_of_hosts(&first) && slice_count(&first, '-') == 0;
    if (columns_speak_of_ports(&second))
        return has_hosts || !is_strict;
    return has_hosts && has_separator && !is_strict;
}
