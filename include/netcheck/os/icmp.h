/*
 * icmp: an ICMP error, as the kernel keeps it for a socket.
 */
#ifndef NETCHECK_ICMP_H
#define NETCHECK_ICMP_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/base/address.h"

/* An ICMP error that killed an attempt. */
struct icmp {
    bool is_set;
    uint8_t type;
    uint8_t code;
    struct address sender; /* who said so; its port is 0 */
    bool is_own;           /* the sender is this machine: no answer from the neighbour, say */
};

#endif
