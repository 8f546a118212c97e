/*
 * os_extra: what os_linux.c does for the other os*.c. Private to them.
 *
 * 0 or an errno where not said otherwise; ENOTSUP where the system cannot do it.
 */
#ifndef NETCHECK_OS_EXTRA_H
#define NETCHECK_OS_EXTRA_H

#include <sys/resource.h>

#include "netcheck/os/os.h"

/* Let a new socket keep the ICMP error that kills it. */
int os_extra_prepare(int fd, int family);

/* Let connect() choose the port of a socket that is bound to an address only. */
int os_extra_prepare_source(int fd);

int os_extra_bind_interface(int fd, const char *interface);

/* As take_icmp, tells_icmp and neighbours_lost of struct os. */
bool os_extra_take_icmp(int fd, struct icmp *icmp);
bool os_extra_tells_icmp(void);
int64_t os_extra_neighbours_lost(void);

/* As connection of struct os; false where the system does not say. */
bool os_extra_connection(int fd, struct os_connection *connection);

/* As suspended_ns of struct os. */
int64_t os_extra_suspended_ns(void);

/*
 * Open what a terminal's or a pipe's descriptor stands for once more; -1 where that is not
 * possible.
 */
int os_extra_open_again(int fd, int flags);

/* Columns and lines of the terminal; 0 unknown. */
void os_extra_terminal_size(int fd, unsigned *columns, unsigned *lines);

/* As setrlimit(RLIMIT_NOFILE). */
int os_extra_limit_descriptors(const struct rlimit *limit);

/*
 * The file that tells getservbyname(3) where to look; "" where it is always /etc/services, NULL
 * where that is not known.
 */
const char *os_extra_service_switch(void);

/* Whether "no such name" for AF_UNSPEC may be true of one family only. */
bool os_extra_hides_a_family(void);

/* As os_prepare_lookups(). */
void os_extra_prepare_lookups(void);

/* Undo what os_extra_prepare_lookups() did to the environment. */
void os_extra_restore_environment(void);

/* The C library by name. */
const char *os_extra_libc(void);

/* As os_facilities(). */
const char *os_extra_facilities(void);

#endif
