/*
 * url: the hosts of a URL of any scheme.
 *
 * Private to target. Of a URL only hosts, ports and the scheme's port count. RFC 3986 is not
 * enough for what people have: "postgresql+asyncpg://", "jdbc:mysql://", "SASL_SSL://", several
 * hosts, passwords with a '/' or '#' in them.
 */
#ifndef NETCHECK_URL_H
#define NETCHECK_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/base/slice.h"
#include "netcheck/target/fault.h"
#include "netcheck/target/protocols.h"

struct url {
    struct slice scheme;       /* as written: "jdbc:mysql", "x+y" */
    struct slice hosts;        /* "a", "a:1,b:2": without the user before and the path behind */
    struct slice path;         /* behind the hosts, "/health?x"; without a fragment */
    uint16_t port;             /* of the scheme; 0: none is known */
    uint16_t service;          /* well-known port of what the scheme says is spoken, which of
                                  "x+tls" is HTTPS's; 0: not known */
    enum protocol_id protocol; /* PROTOCOL_UDP of a scheme that speaks it, PROTOCOL_TCP of any
                                  other that is known; else PROTOCOL_NONE */
};

/* Where the first "://" is, or text->to. */
size_t url_separator(const struct slice *text);

/* Whether it begins as a URL, with "scheme://", perhaps behind a '!'. */
bool url_begins(const struct slice *text);

/*
 * Cut a text that has a "://" in it. Nothing that may be a piece of a password becomes a host:
 * an '@' of which that is not sure is refused. Paths of http and ws may have one.
 *
 * Returns ERROR_NONE, or ERROR_INVALID with FAULT_SCHEME, _SCHEME_BOTH, _PROTOCOL, _SOCKET,
 * _SRV, _URL_GLUED, _URL_HOSTLESS, _URL_AT or _URL_MANY, and the place. Source: RFC 3986
 * section 3, connection strings of libpq, MongoDB, JDBC and Kafka.
 */
enum error url_split(const struct slice *text, struct url *url, struct fault *fault);

/* Where the host that begins at `from` ends, its ports included: at a comma or hosts->to. */
size_t url_host_end(const struct slice *hosts, size_t from);

/*
 * Whether "host" of `text`, that is no URL, has something before it that ends with an '@'.
 * ERROR_NONE, or ERROR_INVALID with FAULT_USER, FAULT_URL_AT, FAULT_SOCKET or
 * FAULT_URL_HOSTLESS.
 */
enum error url_refuse_parts(const struct slice *text, struct fault *fault);

#endif
