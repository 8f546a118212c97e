/*
 * suggest: the way out of a fault, in the user's own words.
 *
 * Private to target; fault.c says which fault has which.
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

/* The host around the piece in ASCII: "write xn--bcher-kva.example". */
suggest_function suggest_ascii;

/* The URL with a port: "write foo://db:PORT/x". */
suggest_function suggest_port_of_url;

/* The target with a port: "write db:PORT, db PORT, or -p PORT", "write [::1]:PORT". */
suggest_function suggest_port;

/* An IPv6 address apart from the port behind it. */
suggest_function suggest_unglued;

/* What stands in brackets without them, unless it might be meant as an IPv6 address. */
suggest_function suggest_unbracketed;

/* The text with HOST where the piece is. */
suggest_function suggest_whole;

/* Each host of a list with the port: "write a:80,b:80". */
suggest_function suggest_each;

/* The URL that stands behind the piece. */
suggest_function suggest_url;

/* The host and port that stand behind the piece. */
suggest_function suggest_host;

/* How a URL has its password; of what is none, that it goes without. */
suggest_function suggest_encoded;

#endif
