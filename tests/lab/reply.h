/*
 * reply: the bytes with which a rule answers a datagram, an echo request, or anything by an
 * ICMP error. Pure: the same rule and packet give the same bytes.
 */
#ifndef TESTS_LAB_REPLY_H
#define TESTS_LAB_REPLY_H

#include <stddef.h>

#include "packet.h"
#include "rules.h"

/* Build the answer in `out` and return its length in bytes. */
size_t reply_build(const struct rule *rule, const struct packet *packet,
                   unsigned char out[static PACKET_MAX_LEN]);

/* The ICMP error of a rule that answers by one, see rule_is_error(). */
size_t reply_build_error(const struct rule *rule, const struct packet *packet,
                         unsigned char out[static PACKET_MAX_LEN]);

/* Who sends that error. */
struct host reply_error_sender(const struct rule *rule, const struct packet *packet);

#endif
