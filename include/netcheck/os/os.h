/*
 * os: the only caller of the operating system.
 *
 * What the engine asks of the network and the clock is a table of functions, so that a test can
 * put a scripted network on virtual time in its place. The rest (files, limits, signals) is
 * plain functions, used by the program around the engine.
 *
 * POSIX.1-2008 is os.c, os_services.c for names of services, os_channel.c for writing without
 * waiting, os_process.c for what concerns the process itself and os_terminal.c for its
 * terminal; everything beyond it (error queue, TCP_INFO, interface binding) is os_linux.c, with
 * a fallback that says "unknown".
 *
 * Every function that can fail returns 0 or an errno value; errno itself is not looked at.
 */
#ifndef NETCHECK_OS_H
#define NETCHECK_OS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/address.h"
#include "netcheck/os/fdset.h"
#include "netcheck/os/lookup.h"
#include "netcheck/probe/outcome.h"

/* The descriptors that every program starts with. */
enum {
    STANDARD_INPUT = 0,
    STANDARD_OUTPUT = 1,
    STANDARD_ERROR = 2,
};

/* From where to ask. All zero: wherever the routing table says. */
struct os_origin {
    struct address source; /* -s; AF_UNSPEC for none; port 0 */
    const char *interface; /* -I, borrowed; NULL for none */
};

/*
 * What the system knows of one connect(), finished, failed or not. Without TCP_INFO only
 * is_established is known, and the other members say the most harmless thing.
 */
struct os_connection {
    bool is_established;  /* both sides finished the handshake, and no reset came since */
    bool is_acknowledged; /* the other side acknowledged our SYN at some time; else true */
    bool is_window_shut;  /* it takes no data yet: its window is 0; else false */
    int64_t rtt_ns;       /* from the SYN to its acknowledgement; -1 unknown */
    int syn_retransmits;  /* how often the SYN was sent again; -1 unknown */
};

/* Nothing is known. */
static inline struct os_connection os_connection_unknown(void)
{
    return (struct os_connection){.is_acknowledged = true, .rtt_ns = -1, .syn_retransmits = -1};
}

struct os {
    void *self; /* first argument of every function */

    /* The monotonic clock, nanoseconds. */
    int64_t (*now_ns)(void *self);

    /* A TCP socket: non-blocking, close-on-exec, keeping ICMP errors where the system can. */
    int (*open)(void *self, int family, int *fd);

    /* Tie the socket to source address and interface. */
    int (*bind)(void *self, int fd, const struct os_origin *origin);

    /* connect(2), once a socket. EINPROGRESS is the usual answer; 0 proves nothing. */
    int (*connect)(void *self, int fd, const struct address *address);

    /*
     * Whether this machine has an address of its own to ask `address` from: where connect()
     * fails with EADDRNOTAVAIL, no local port is left then. True where that is unknown. Sends
     * nothing: connect(2) of a datagram socket chooses the address in the same way, and no port
     * of TCP.
     */
    bool (*has_source)(void *self, const struct address *address,
                       const struct os_origin *origin);

    /*
     * One call. Source: TCP_INFO, tcp(7); without it getpeername(2), which also succeeds where
     * the other side sent a bare SYN and nothing more.
     */
    void (*connection)(void *self, int fd, struct os_connection *connection);

    /* getsockname(2). */
    int (*local)(void *self, int fd, struct address *address);

    /* SO_ERROR, which reading clears: 0 for none. */
    int (*take_error)(void *self, int fd);

    /* The ICMP error that the kernel kept for this socket. False for none or unknown. */
    bool (*take_icmp)(void *self, int fd, struct icmp *icmp);

    /* Whether take_icmp() knows of every ICMP error, so that others are this machine's own. */
    bool (*tells_icmp)(void *self);

    /*
     * How often this machine had no place for one more neighbour (ARP, neighbour discovery)
     * since it started; -1 unknown. A SYN is lost then, and nobody is told. Source:
     * ndts_table_fulls, rtnetlink(7).
     */
    int64_t (*neighbours_lost)(void *self);

    /* How long this machine was suspended since it started; 0 where unknown. */
    int64_t (*suspended_ns)(void *self);

    /* How often this process was let go on after it was stopped, as far as signals tell it. */
    unsigned (*continues)(void *self);

    /* close(2), with FIN where connected. */
    void (*close)(void *self, int fd);

    /* Close with RST: nothing lingers, the port is free at once. */
    void (*abort)(void *self, int fd);

    /*
     * select(2) on both sets, which then hold what is ready. timeout_ns: 0 and more, NEVER_NS
     * waits without end. 0, or an errno, after which both sets are empty: EINTR is a normal
     * wake-up.
     */
    int (*wait)(void *self, struct fdset *readable, struct fdset *writable, int64_t timeout_ns);

    /* if_nametoindex(3): the index of an interface by name; ENXIO or ENODEV for none. */
    int (*interface_index)(void *self, const char *name, uint32_t *index);

    /* if_indextoname(3): whether there is such an interface; ENXIO for none. */
    int (*find_interface)(void *self, uint32_t index);
};

/* The table that asks the real system. It has no state. */
extern const struct os os_system;

/* Wall clock, nanoseconds since 1970. */
int64_t os_wall_ns(void);

/*
 * Occupy those of the descriptors 0, 1, 2 that were closed at the start, so that no socket gets
 * their number and is written to as if it were standard output. Reading or writing them fails
 * as it would have.
 */
int os_reserve_standard(void);

/* Open for reading, close-on-exec, without waiting for the writer of a FIFO. EISDIR for a
   directory. */
int os_open_input(const char *path, int *fd);

/* Whether a read from the descriptor may wait: everything but a regular file. */
bool os_may_block(int fd);

bool os_is_terminal(int fd);

/* One read(2), repeated after EINTR. `len` is 0 at the end. */
int os_read(int fd, void *bytes, size_t size, size_t *len);

/* One write(2); `len` is what was taken. Repeated after EINTR, but once os_end_signal() is set.
 */
int os_write(int fd, const void *bytes, size_t size, size_t *len);

/* So many bytes stay in one piece in a pipe that others write to, too. Source: write(2). */
#ifdef PIPE_BUF
enum { OS_WHOLE_MAX = PIPE_BUF };
#else
enum { OS_WHOLE_MAX = 512 };
#endif

/*
 * A descriptor that is written to without ever waiting for its reader. The flags of what it
 * stands for are shared with other programs, a shell first of all, and are left alone.
 */
struct os_channel {
    int fd;      /* as it was given; borrowed */
    int wait_fd; /* what os_wait_writable() is to be asked about */
    enum {
        OS_CHANNEL_PLAIN,   /* write(2) to wait_fd does not wait: a file, or non-blocking */
        OS_CHANNEL_SOCKET,  /* send(2) can say so each time */
        OS_CHANNEL_CAREFUL, /* only what select(2) has vouched for is written */
    } way;
    size_t piece; /* the most bytes for one write */
};

/*
 * A terminal or a pipe is opened once more, non-blocking; where that is not possible (it
 * belongs to another user, there is no /proc), what select(2) promises is used, and a pipe that
 * others write to may make a write wait. Close it before `fd`.
 */
void os_channel_open(struct os_channel *channel, int fd);
void os_channel_close(struct os_channel *channel);

/* One write of at most channel->piece bytes; `len` is what was taken. EAGAIN: nothing now. */
int os_channel_write(struct os_channel *channel, const void *bytes, size_t size, size_t *len);

/* Whether both descriptors stand for the same file, pipe or terminal. */
bool os_is_same_file(int a, int b);

/* Whether a write would be taken at once; false when in doubt. */
bool os_is_writable(int fd);

/*
 * Wait until a write would be taken, at most so long: ETIMEDOUT. NEVER_NS: without end. Any
 * signal that is caught ends the wait, too, with 0.
 */
int os_wait_writable(int fd, int64_t timeout_ns);

/* Wait until a read would not wait, at most so long; ETIMEDOUT. NEVER_NS: without end. */
int os_wait_readable(int fd, int64_t timeout_ns);

int os_close(int fd);

/* A pipe, both ends non-blocking and close-on-exec. */
int os_pipe(int ends[static 2]);

/*
 * Look `host` up in lookup->families and fill in the rest of `lookup`. Blocks without bound;
 * any thread. getaddrinfo(3) with AI_CANONNAME, without service and AI_ADDRCONFIG.
 */
void os_lookup(const char *host, struct lookup *lookup);

/*
 * Before the first os_lookup(), and before there is another thread: let a lookup get to the
 * second name server in time for the usual timeout. os_execute() undoes it.
 *
 * Where the C library waits for one name server after the other (glibc): RES_OPTIONS, unless
 * the user says there or in resolv.conf(5) how long to wait.
 */
void os_prepare_lookups(void);

/*
 * The TCP port of a service, in lower case, or 0 for an unknown one. Reads /etc/services at
 * the first call and no more; where the system has services from elsewhere, too, it asks
 * getservbyname(3) for each name once. Main thread only.
 */
uint16_t os_service_port(const char *name);

/*
 * From now on a write to a closed pipe fails with EPIPE, and one that makes a file larger than
 * its limit with EFBIG, instead of ending the program. As process 1, every signal whose default
 * is to end a program ends this one at once, with status 128 and its number: the system itself
 * does nothing then (pid_namespaces(7)). What is ignored at the start stays so.
 */
void os_prepare_signals(void);

/* What a signal asks for; os_take_signal() hands them out one by one. */
enum os_signal {
    OS_SIGNAL_NONE,
    OS_SIGNAL_END,      /* SIGINT or SIGTERM: finish, then os_die() */
    OS_SIGNAL_PROGRESS, /* SIGUSR1, or SIGINFO where there is one: say how far it is */
    OS_SIGNAL_SUMMARY,  /* SIGQUIT: say how it was so far */
    OS_SIGNAL_REDRAW,   /* SIGWINCH, or was stopped: see os_enter_screen() */
};

/* Signals that are caught only where something is made of them. */
enum {
    OS_CATCH_SUMMARY = 1u << 0, /* SIGQUIT, which otherwise ends the program */
};

/*
 * From now on SIGINT, SIGTERM, SIGUSR1, SIGCONT and SIGINFO make a descriptor readable instead
 * of ending the program, but the second SIGINT or SIGTERM ends it at once. One that is ignored
 * at the start stays so (nohup, a shell's background job).
 *
 * also  OS_CATCH_ bits
 * fd    out; readable while there is a signal to take
 */
int os_catch_signals(unsigned also, int *fd);

/*
 * From now on SIGINT and SIGTERM end this program at once; those that came before can still be
 * taken. The other signals stay harmless until its end, or until os_execute() has succeeded.
 */
void os_end_at_once(void);

/*
 * The SIGINT or SIGTERM that came, taken or not; 0 for none. From then on no call here waits
 * for more than a second: see os_write() and os_wait_writable().
 */
int os_end_signal(void);

/* The oldest signal that was not taken yet; with OS_SIGNAL_END, its number. Does not wait. */
enum os_signal os_take_signal(int fd, int *number);

/*
 * The terminal that keys come from, whatever standard input is: for reading and writing,
 * non-blocking, close-on-exec. To be closed. ENXIO where this program has none.
 */
int os_open_terminal(int *fd);

/* Its columns and lines; 80 and 24 where nobody knows. */
void os_terminal_size(int fd, unsigned *columns, unsigned *lines);

/*
 * Make the terminal a screen: keys come one by one and unseen (Ctrl-C and Ctrl-Z stay signals),
 * and `enter` is written to `screen_fd`; in the background, as soon as os_show_screen() finds
 * itself in the foreground. Whatever signal then ends this program, `leave` is written and the
 * terminal as before, SIGKILL excepted, what somebody else caught (a sanitizer), and a stack
 * that has run over.
 *
 * From now on os_take_signal() also hands out OS_SIGNAL_REDRAW: after SIGWINCH, and, with
 * SIGTSTP, after it has given the terminal back, stopped this program and made the terminal a
 * screen again; so SIGTSTP is obeyed when it is taken, and no frame is torn.
 *
 * keys_fd, screen_fd  terminals; open until os_leave_screen()
 * enter, leave        borrowed as long; `leave` must work in the middle of what else is written
 *
 * Main thread; the others block these signals. Once os_catch_signals() was called.
 */
int os_enter_screen(int keys_fd, int screen_fd, const char *enter, const char *leave);

/*
 * Whether the terminal is a screen and ours: write frames and read keys only then. It is not
 * while this program is in the background, where a key that was typed for somebody else would
 * stop it. Nobody is told when it comes back to the foreground: ask before each frame.
 */
bool os_show_screen(void);

/* The terminal as it was before. Does nothing where it is. */
void os_leave_screen(void);

/* End as by this signal, so that a shell sees it. */
_Noreturn void os_die(int number);

/* 64 bits that are different each time. */
uint64_t os_random(void);

/* How many columns the terminal behind the descriptor has; 80 where nobody knows. */
unsigned os_terminal_width(int fd);

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
