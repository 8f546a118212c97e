/*
 * der: elements of ASN.1 as bytes: a tag, a length, and so many bytes of content.
 *
 * Every byte may be hostile, and the last ones may be missing. Pure.
 *
 * Source: X.690, sections 8.1 and 10.1. A tag is one byte, a length is definite and less than
 * 2^32: of what is read here nothing has others.
 */
#ifndef NETCHECK_DER_H
#define NETCHECK_DER_H

#include <stdbool.h>
#include <stddef.h>

enum {
    DER_INTEGER = 0x02,
    DER_OCTETS = 0x04,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_SEQUENCE = 0x30,
};

/* Elements side by side, those that are not taken yet. */
struct der {
    const unsigned char *bytes; /* borrowed */
    size_t len;                 /* to the end of the last element */
    size_t available; /* of which so many are there; what is behind `len` does not count */
};

/* Take the next element, which has to have this tag. `content` is what is in it. False, with
 * both in any state: it has another, or is longer than what it is in, or is cut in its head. */
bool der_take(struct der *der, unsigned tag, struct der *content);

/* Whether the next element has this tag. */
bool der_is_next(const struct der *der, unsigned tag);

/* Whether all bytes are there. */
bool der_is_whole(const struct der *der);

#endif
