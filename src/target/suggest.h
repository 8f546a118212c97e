/*
 * suggest: the way out of a fault, in the user's own words.
 *
 * Private to target; fault.c says which fault has which. A new one is a function of this type,
 * in suggest_port.c where the port or the protocol is wrong or missing, else in suggest.c.
 */
#ifndef NETCHECK_SUGGEST_H
#define NETCHECK_SUGGEST_H

#include <stddef.h>

#include "netcheck/base/buffer.h"
#include "netcheck/base/slice.h"

/*
 * Append what to write instead of `len` bytes at `piece`, which are a part of `text`. Any
 * bytes: what is repeated of them is escaped, and nothing long is.
 */
typedef void suggest_function(struct buffer *out, const char *piece, size_t len,
                              const struct slice *text);

/* The URL with a port: "write foo://db:PORT/x". */
suggest_function suggest_port_of_url;

/* The target with a port, or without one by ICMP: "write db:PORT, db PORT, -p PORT, or
 * icmp://db", "write [::1]:PORT or icmp://[::1]", "write tls://db:443". */
suggest_function suggest_port;

/* What are asked, and how to write it: "only TCP, UDP, ICMP and TLS are asked: write
 * udp://db:443". */
suggest_function suggest_protocol;

/* The target without its port, "write icmp://db". */
suggest_function suggest_portless;

/* What "U:53" of nmap is here, "write 53/udp"; of other ports what is allowed. */
suggest_function suggest_number;
suggest_function suggest_service;

/* An IPv6 address apart from the port behind it. */
suggest_function suggest_unglued;

/* The host around the piece in ASCII: "write xn--bcher-kva.example". */
suggest_function suggest_ascii;

/* What to keep of a line with more cells than are read, by what separates them. */
suggest_function suggest_comma_columns;
suggest_function suggest_semicolon_columns;
suggest_function suggest_tab_columns;
suggest_function suggest_word_columns;

/* The target of a protocol without its path: "write icmp://db"; else NAME:PORT or a URL. */
suggest_function suggest_pathless;

/* The URL that was meant: "write udp://192.0.2.1:53". */
suggest_function suggest_slashes;

/* What stands in brackets without them, unless it might be meant as an IPv6 address. */
suggest_function suggest_unbracketed;

/* The text with HOST where the piece is. */
suggest_function suggest_whole;

/* Each host of a list with the port: "write a:80,b:80". */
suggest_function suggest_each;

/* The URL that stands behind the piece. */
suggest_function suggest_url;

/* The host and port that stand behind the piece, with the protocol before it. */
suggest_function suggest_host;

/* How a URL has its password; of what is none, that it goes without. */
suggest_function suggest_encoded;

#endif
