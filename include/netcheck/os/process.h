/*
 * process: this process, its limits and its end, and the system that it runs on.
 *
 * Every function that can fail returns 0 or an errno value.
 */
#ifndef NETCHECK_PROCESS_H
#define NETCHECK_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Raise the soft limit of descriptors to the hard one.
 *
 * limit  out; how many descriptors this process may have open
 */
int os_raise_descriptor_limit(uint64_t *limit);

/*
 * Become `arguments[0]`, found along PATH, with signals, limits and environment as this program
 * got them.
 * Returns only on failure, with errno.
 */
int os_execute(char *const arguments[]);

/* End now: no handler runs and no thread is waited for. The caller has flushed what matters. */
_Noreturn void os_exit(int status);

/* 64 bits that are different each time. */
uint64_t os_random(void);

/* The C library by name ("glibc 2.36", "musl", "unknown libc"). */
const char *os_libc(void);

/*
 * What is built in beyond POSIX, a word each: icmp-errors (which ICMP error, and who sent it),
 * syn-retransmits (lost SYNs), handshakes (whether the other side finished it, or a SYN proxy),
 * interface (-I), neighbours (overflows of the neighbour table), suspension (how long the
 * machine slept). "" for none.
 */
const char *os_facilities(void);

/* Whether this system can bind a socket to an interface (-I). */
bool os_has_interfaces(void);

#endif
