/*
 * columns: what a line of a file is: nothing, a list of targets, or a host and its ports.
 *
 * Private to target. It finds where the cells of a line begin and end, and judges neither hosts
 * nor ports: of a cell before a comma it only asks whether it has its port already, and so
 * begins a list of targets. Cells are separated by one kind: a comma, a semicolon, tabs, or
 * blanks; what stands behind the host decides which. Blanks around a separator mean nothing,
 * and a cell may stand in quotes.
 */
#ifndef NETCHECK_COLUMNS_H
#define NETCHECK_COLUMNS_H

#include <stdbool.h>

#include "netcheck/base/slice.h"
#include "netcheck/target/fault.h"

enum columns_kind {
    COLUMNS_NONE,    /* blank, or a comment */
    COLUMNS_TARGETS, /* `first` is a target or a list of them; nothing is behind it */
    COLUMNS_PAIR,    /* `first` is a host, or wrong, `second` a column of ports, or empty; it or
                        `third` may be one of protocols */
    COLUMNS_INVALID, /* `fault` says why */
};

struct columns {
    enum columns_kind kind;
    struct slice text;     /* of the line, without comment and white space at its end */
    struct slice protocol; /* the cell before `first`, of a protocol; empty: there is none */
    struct slice first;    /* of "tcp,22,192.0.2.1" the third cell, and `second` its ports */
    struct slice second;
    struct slice third; /* empty: there is none */
    struct fault fault; /* FAULT_QUOTE, FAULT_PROTOCOL, or FAULT_COLUMN_ but _WORD and _REST */
};

/*
 * Cut a line of `len` bytes without its end. All slices are parts of `text`.
 *
 * "- " in front, as YAML has it, is left out, as are quotes around the whole line, quotes
 * around a cell, and empty cells at the end.  Source: RFC 4180 (commas, quotes).
 */
void columns_read(const char *text, size_t len, struct columns *columns);

/*
 * Whether a line that is no target is the title of two columns: "host,port", "IP
 * Address;Ports"; one of protocols may stand beside them. The second cell speaks of ports; or
 * the cells have a separator that no prose has, and the first one speaks of hosts. Where
 * `is_strict`, it is both. A second cell that is a service is that of a target, which something
 * else was against.
 */
bool columns_are_title(const struct slice *text, bool is_strict);

/* Whether a title is one of ports: "Port", "tcp_ports", "DestinationPort", "Service". */
bool columns_speak_of_ports(const struct slice *cell);

/* Whether a title is one of hosts: "Host", "IP Address", "server_name", "ComputerName". */
bool columns_speak_of_hosts(const struct slice *cell);

/* Whether a title is one of protocols: "Protocol", "IP proto". */
bool columns_speak_of_protocols(const struct slice *cell);

/* Where a cell is one quoted text and nothing else, make it the text in the quotes. */
bool columns_unquote(struct slice *cell);

#endif
