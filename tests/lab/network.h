/*
 * network: a network namespace for this process and its children, with one way out.
 *
 * The way out is the TUN device NETWORK_DEVICE. The namespace goes with its last process.
 * Needs root, /dev/net/tun and ip (iproute2).
 */
#ifndef TESTS_LAB_NETWORK_H
#define TESTS_LAB_NETWORK_H

#include <stdint.h>

#define NETWORK_DEVICE "lab0"
#define NETWORK_IPV4   "192.0.2.1"
#define NETWORK_IPV6   "2001:db8:ffff::1"

enum { NETWORK_REASON_SIZE = 128 };

/*
 * Move into a namespace of its own and open the device in it, non-blocking and close-on-exec.
 *
 * Returns the descriptor, or -1 with what is missing here in `reason`.
 */
int network_open(char reason[static NETWORK_REASON_SIZE]);

/* How many packets the device dropped because its queue was full. */
uint64_t network_dropped(void);

#endif
