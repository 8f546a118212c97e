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
    enum protocol_id protocol; /* TCP where none is written, and of a URL */
    bool expects_down;
    bool has_prefix;
    bool has_ports;
    struct slice host;    /* without brackets and scope; of a range as it is written */
    struct slice scope;   /* behind '%'; empty for none */
    struct slice prefix;  /* behind '/' */
    struct slice ports;   /* behind ':' */
    uint16_t scheme_port; /* of a URL; 0: none */
};

/* Whether it begins as a URL, "https://", "!https://". */
bool target_parts_is_url(const struct slice *text);

/* Where the first target of a list, no URL, ends: at a comma, or at list->to. */
size_t target_parts_end(const struct slice *list);

/* Cut `len` bytes of `text`, which is borrowed. ERROR_NONE, or an error with its place. */
enum error target_parts_split(const char *text, size_t len, struct target_parts *parts,
                              struct fault *fault);

#endif
