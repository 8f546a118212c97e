/*
 * target_parts: the text of a target cut into host, scope, prefix and ports.
 *
 * Private to target. What the parts hold is not judged here, but for what decides where they
 * end: URLs, brackets, bare IPv6 addresses, and what ss(8) and kubectl print.
 */
#ifndef NETCHECK_TARGET_PARTS_H
#define NETCHECK_TARGET_PARTS_H

#include <stdint.h>

#include "netcheck/base/slice.h"
#include "netcheck/target/fault.h"
#include "netcheck/target/protocols.h"

struct target_parts {
    enum protocol_id protocol; /* PROTOCOL_NONE where none is written, and of a URL of TCP */
    bool expects_down;
    bool has_prefix;
    bool has_ports;
    struct slice host;    /* without brackets and scope; of a range as it is written */
    struct slice scope;   /* behind '%'; empty for none */
    struct slice prefix;  /* behind '/' */
    struct slice ports;   /* behind ':' */
    struct slice scheme;  /* of a URL; empty: it is none */
    uint16_t scheme_port; /* of a URL; 0: none */
    uint16_t service;     /* the same, see url.h */
    struct slice path;    /* of a URL, or behind a port; empty: none */
};

/* Where the first target of a list, no URL, ends: at a comma, or at list->to. */
size_t target_parts_end(const struct slice *list);

/*
 * Cut `text`, whose bytes are borrowed.
 *
 * next  of a URL with several hosts: which of them, as target_parse_next() has it
 *
 * ERROR_NONE, or an error with its place; `next` is set even then.
 */
enum error target_parts_split(const struct slice *text, size_t *next,
                              struct target_parts *parts, struct fault *fault);

#endif
