/*
 * os_internal: what the files of this folder do for each other. Private to them.
 *
 * os_extra_: beyond POSIX; ENOTSUP where the system cannot do it. 0 or an errno where not said
 * otherwise.
 */
#ifndef NETCHECK_OS_INTERNAL_H
#define NETCHECK_OS_INTERNAL_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "netcheck/os/os.h"

struct addrinfo;

/* Let a new socket keep the ICMP error that kills it. */
int os_extra_prepare(int fd, int family);

/* Let connect() choose the port of a socket that is bound to an address only. */
int os_extra_prepare_source(int fd);

int os_extra_bind_interface(int fd, const char *interface);

/* As take_icmp, tells_icmp and neighbours_lost of struct os. */
bool os_extra_take_icmp(int fd, struct icmp *icmp);
bool os_extra_tells_icmp(void);
int64_t os_extra_neighbours_lost(void);

/* Room for what recvmsg(2) says besides the bytes. */
union os_control {
    struct cmsghdr header; /* for its alignment */
    unsigned char bytes[512];
};

/* Let a socket for ICMP echo tell age and TTL; a raw one take nothing but echo replies. Without
   that, they are unknown, and the caller has more to sort out. */
void os_extra_prepare_echo(int fd, int family, bool is_raw);

/* What the header says of age and TTL; what it does not say stays. */
void os_extra_read_control(struct msghdr *header, struct os_message *message);

/* As take_report, lost and forbid_fragments of struct os. */
bool os_extra_take_report(int fd, struct os_report *report);
int64_t os_extra_lost(int fd);
int os_extra_forbid_fragments(int fd, int family);

/* Set the receive buffer to twice so many bytes, beyond the system's limit, too. False where
   that is not allowed. */
bool os_extra_force_buffer(int fd, int bytes);

/* Of a connected socket, as path_mtu of struct os. */
uint32_t os_extra_path_mtu(int fd, int family);

/* As connection of struct os; false where the system does not say. */
bool os_extra_connection(int fd, struct os_connection *connection);

/* As suspended_ns of struct os. */
int64_t os_extra_suspended_ns(void);

/*
 * Open what a terminal's or a pipe's descriptor stands for once more; -1 where that is not
 * possible.
 */
int os_extra_open_again(int fd, int flags);

/* As readlink(2), of what the descriptor stands for; -1 where that is not known. */
ssize_t os_extra_path(int fd, char *path, size_t size);

/* Whether something is mounted on this very file in the folder; false where that is not known.
 */
bool os_extra_is_mount_point(const char *path, const char *folder);

/* Bytes in a pipe that its reader has not taken yet; 0 where that is not known. */
size_t os_extra_count_untaken(int fd);

/* Columns and lines of the terminal; 0 unknown. */
void os_extra_terminal_size(int fd, unsigned *columns, unsigned *lines);

/*
 * The file that tells getservbyname(3) where to look; "" where it is always /etc/services, NULL
 * where that is not known.
 */
const char *os_extra_service_switch(void);

/* The text of a plain file, up to 1 MiB, to be freed; NULL: it is none. Never waits for one. */
char *os_read_file(const char *path);

/* Whether "no such name" for AF_UNSPEC may be true of one family only. */
bool os_extra_hides_a_family(void);

/*
 * As getaddrinfo() with no service. But that a name does not exist is said only where all who
 * were asked say so: with "hosts: dns files" glibc has the word of the last one, and calls
 * answers that it does not understand no answer.
 */
int os_extra_find_addresses(const char *host, const struct addrinfo *hints,
                            struct addrinfo **list);

/* Whether the C library is musl, with the limits of musl_limits.h. */
bool os_extra_is_musl(void);

/* Undo what os_prepare_lookups() did to the environment. */
void os_extra_restore_environment(void);

/* Hand the signal to os_take_signal(), as os_catch_signals() does; 0 or an errno. */
int os_catch_signal(int number);

/* Back to what it does by default, where it is caught so. */
void os_release_signal(int number);

/* Give back what os_prepare_signals() ignores, for the program that follows. */
void os_restore_signals(void);

/* How often SIGCONT came since it is caught. */
unsigned os_continues(void);

/*
 * Put `next` in the place of `now` for every signal that ends, by default, a program that does
 * nothing about it and could; all signals are blocked while it runs. What is ignored stays so,
 * and what others catch.
 */
void os_replace_deadly(void (*now)(int number), void (*next)(int number));

/* What handles a deadly signal of which nothing is made: SIG_DFL; or, as process 1 and once
   there is something to do before, os_die(). */
void (*os_resting_handler(void))(int number);

/*
 * What os_die() does first, which has to be safe in a signal handler. From now on each signal
 * that ends, by default, a program that does nothing about it does so by os_die(), where it can
 * be caught and is not ignored.
 */
void os_set_last_act(void (*act)(void));

/* From now on each signal that is caught writes its number into `fd`, which never blocks. */
void os_report_signals(int fd);

/*
 * What the second SIGINT or SIGTERM is handled by from now on: os_die(), or what gives the
 * terminal back before.
 */
void os_set_end_handler(void (*handler)(int number));

/* SIGTSTP was taken: give the terminal back and stop; returns when this process is continued.
 */
void os_stop_screen(void);

/* SIGCONT was taken: a shell may have changed the terminal's modes. */
void os_continue_screen(void);

#endif
