/*
 * target: one specification of what to check, parsed once.
 *
 * "db:5432", "!10.0.0.0/24:22,80". Text to struct, nothing else: no name is looked up, no
 * address of a prefix or a range is spelled out (endpoint.h does that, one at a time).
 *
 *     TARGET = [!][PROTOCOL://]HOST[:PORTS[/path]] | [!]URL
 *     PORTS  = see ports.h; none with ICMP
 *     HOST   = name | IPv4 | [IPv6] | [IPv6%scope] | [IPv6]%scope | bare IPv6 without port |
 *              any address/bits | IPv4-IPv4 | IPv4-number | [IPv6]-[IPv6] | [IPv6-IPv6] |
 *              bare IPv6-IPv6 without port
 */
#ifndef NETCHECK_TARGET_H
#define NETCHECK_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/base/address.h"
#include "netcheck/target/fault.h"
#include "netcheck/target/ports.h"
#include "netcheck/target/protocols.h"
#include "netcheck/base/slice.h"

enum target_kind {
    TARGET_NAME,    /* host is a name to be resolved */
    TARGET_ADDRESS, /* host is one address */
    TARGET_RANGE,   /* host stands for every address of a prefix or a range */
    TARGET_INVALID, /* a bad line of a file; it still gets its row */
};

struct target {
    size_t references; /* main thread only */
    enum target_kind kind;
    enum protocol_id protocol; /* how to ask, unless a port has its own; TCP where none is
                                  written, PROTOCOL_NONE for INVALID */
    bool expects_down;         /* written with '!' */
    bool is_gate;              /* --expect does not concern it */
    struct address
        address;         /* the only or first one; port 0, scope not filled in; not of NAME */
    struct address last; /* the last one, or the only one */
    uint64_t addresses;  /* how many there are, 1 for a name; UINT64_MAX for more */
    struct ports ports;  /* empty until known */
    struct fault fault;  /* INVALID: what is wrong with `host`; else why it cannot be asked,
                            with its place in the text */
    struct place place;  /* where it stands: its source, and of INVALID the rest, too;
                            place.at may have wrapped */
    const char *host;    /* as written, without brackets and port; INVALID: the whole line,
                            its passwords masked */
    size_t host_len;     /* bytes; an INVALID line may hold NUL */
    size_t host_at;      /* where the host stands in the text, for messages */
    size_t scheme_at;    /* where the scheme of a URL stands there, ... */
    size_t scheme_len;   /* ... and how long it is; 0: it is no URL */
    size_t ports_at;     /* where the text begins in which its ranges of ports have places */
    const char *scope;   /* text behind '%', or NULL */
    uint16_t service;    /* well-known port of what the URL's scheme says is spoken; 0: none */
    const char *path;    /* of a URL, also of one without its scheme, "/health?x", terminated;
                            NULL: none. It may hold secrets */
    char storage[];      /* host, scope and path, terminated */
};

struct endpoint; /* endpoint.h */

/* What the command line demands of every target. */
struct target_rules {
    const struct ports *ports; /* of -p, borrowed; NULL: each target brings its own */
    unsigned families;         /* FAMILY_ bits that may be asked */
    bool is_numeric;           /* no names (-n) */
    bool is_exclusion; /* it says what is not to be asked: ports and the rest do not matter */

    /* Why a layer above cannot ask this endpoint, or FAULT_NONE; it is pure. NULL: it can ask
       each one. */
    enum fault_code (*judge)(const struct endpoint *endpoint, const void *context);
    const void *context; /* of the judge, borrowed */
};

/*
 * Parse `len` bytes of text into a new target with one reference. Ports may be missing. A URL
 * with several hosts is refused. That it is well-formed does not mean that it can be asked: see
 * `fault` of the target.
 *
 * Returns ERROR_NONE, ERROR_NO_MEMORY, or ERROR_INVALID with what and where in `fault`.
 * Source: RFC 3986 section 3.2 (host and port of URLs), RFC 4007 section 11 (scope),
 * RFC 1035 section 2.3.4 (lengths), RFC 4632 (prefixes; bits behind the prefix are cleared),
 * nmap(1), TARGET SPECIFICATION (ranges of the last octet).
 */
enum error target_parse(const char *text, size_t len, struct target **target,
                        struct fault *fault);

/*
 * The same, of a URL with several hosts one after another: "mongodb://a:1,b:2/x".
 *
 * next  in: 0 for the first one, or what was given for the next; out: 0 where there is none
 *       behind it, also with an error
 */
enum error target_parse_next(const char *text, size_t len, size_t *next, struct target **target,
                             struct fault *fault);

/*
 * A target of kind TARGET_INVALID for a bad line. It keeps the line as people may see it
 * (secret.h), the fault's place in that, and the column of the line itself. NULL without
 * memory.
 */
struct target *target_new_invalid(const char *line, size_t len, const struct fault *fault,
                                  const struct place *place);

/*
 * Hold the target against the rules, and give it the ports of -p.
 *
 * Returns ERROR_NONE, ERROR_NO_MEMORY, or ERROR_INVALID with the target's own fault, or with
 * the host's place and one of FAULT_PORT_MISSING, FAULT_PORT_BOTH, FAULT_PORT_OPTION,
 * FAULT_FAMILY_IPV4, FAULT_FAMILY_IPV6, FAULT_NOT_NUMERIC, FAULT_PREFIX_LARGE or
 * FAULT_EXCLUSION_DOWN; or with what rules->judge() says, and the place of the scheme or port.
 */
enum error target_apply_rules(struct target *target, const struct target_rules *rules,
                              struct fault *fault);

/*
 * Whether rules->judge() refuses one of the ports, which are all there.
 *
 * index  out: which of them, the first one
 * fault  out: what it says; its place stays as it is where that of the port is not known
 */
bool target_find_refused(struct target *target, const struct target_rules *rules,
                         uint64_t *index, struct fault *fault);

/*
 * Ask it by the protocol that `word`, one beside a port, names. ERROR_NONE, or ERROR_INVALID
 * with the word's place and FAULT_PROTOCOL, FAULT_PORT_PROTOCOL where it is written with
 * another one, or FAULT_PORT_USELESS.
 */
enum error target_set_protocol(struct target *target, const struct slice *word,
                               struct fault *fault);

/* One more holder. Returns `target`. */
struct target *target_hold(struct target *target);

/* One holder less; the last one frees it. NULL is allowed. */
void target_drop(struct target *target);

#endif
