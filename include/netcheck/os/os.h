/*
 * os: the network and the clocks, as the engine asks for them.
 *
 * A table of functions, so that a test can put a scripted network on virtual time in its place.
 * What the program around the engine needs of the system has headers of its own: descriptor.h,
 * channel.h, name_service.h, signals.h, terminal.h, process.h.
 *
 * POSIX.1-2008 is os.c; everything beyond it (error queue, TCP_INFO, interface binding) is
 * os_linux.c and os_neighbours.c, with a fallback that says "unknown".
 *
 * Every function that can fail returns 0 or an errno value; errno itself is not looked at.
 */
#ifndef NETCHECK_OS_H
#define NETCHECK_OS_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/base/address.h"
#include "netcheck/os/fdset.h"
#include "netcheck/os/icmp.h"
#include "netcheck/os/transfer.h"

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

enum os_socket {
    OS_TCP,
    OS_UDP,
    OS_ECHO,     /* ICMP or ICMPv6 echo without a privilege: the system writes the identifier
                    and the checksum, and delivers only replies to it */
    OS_RAW_ECHO, /* the same for CAP_NET_RAW: identifier and, in IPv4, checksum are the
                    caller's, and every echo reply to this machine is delivered, in IPv4 with
                    its IP header */
    OS_SOCKETS,  /* how many kinds there are */
};

struct os {
    void *self; /* first argument of every function */

    /* The monotonic clock, nanoseconds. */
    int64_t (*now_ns)(void *self);

    /*
     * A socket: non-blocking, close-on-exec, keeping ICMP errors where the system can. Of echo
     * replies it also tells age and TTL. Echo is EACCES where net.ipv4.ping_group_range does
     * not allow it, raw EPERM without CAP_NET_RAW (measured on Linux 6.18).
     */
    int (*open)(void *self, enum os_socket kind, int family, int *fd);

    /* Tie the socket to source address and interface. */
    int (*bind)(void *self, int fd, const struct os_origin *origin);

    /* connect(2), once a socket. EINPROGRESS is the usual answer; 0 proves nothing. */
    int (*connect)(void *self, int fd, const struct address *address);

    /*
     * send(2) or sendto(2); never a signal. Of a socket that keeps ICMP errors it fails, and
     * sends nothing, with the errno of a report that waits to be taken, whomever that is about.
     * EPERM: this machine's firewall dropped it. EMSGSIZE: too large for the interface, where
     * fragments are forbidden.
     */
    int (*send)(void *self, int fd, struct os_outgoing *outgoing);

    /* recvmsg(2). EAGAIN: nothing has come. A report that waits makes it fail once. */
    int (*receive)(void *self, int fd, struct os_message *message);

    /* The next report of the socket (IP_RECVERR, ip(7)); false for none or unknown. */
    bool (*take_report)(void *self, int fd, struct os_report *report);

    /* How many messages the system dropped because the socket's receive buffer was full; -1
       unknown. Source: SO_MEMINFO, SK_MEMINFO_DROPS. */
    int64_t (*lost)(void *self, int fd);

    /*
     * Ask for a receive buffer of so many bytes, and return what there is, bookkeeping of the
     * system included; 0 unknown. Linux gives twice what is asked for, up to twice
     * net.core.rmem_max, and with CAP_NET_ADMIN beyond that (SO_RCVBUFFORCE, socket(7)).
     */
    size_t (*reserve)(void *self, int fd, size_t bytes);

    /* Send whole packets or none (IP_MTU_DISCOVER, IP_PMTUDISC_PROBE); 0 or an errno. */
    int (*forbid_fragments)(void *self, int fd, int family);

    /* How many bytes a packet to `address` may have, with its IP header, as far as this machine
       knows of the path; 0 unknown. Sends nothing. Source: IP_MTU, ip(7). */
    uint32_t (*path_mtu)(void *self, const struct address *address,
                         const struct os_origin *origin);

    /*
     * Whether the routing table has `address` as one that all hosts of a network listen to,
     * where connect() or send() failed with EACCES. Sends nothing.
     */
    bool (*is_broadcast)(void *self, const struct address *address,
                         const struct os_origin *origin);

    /* 64 bits that cannot be guessed. */
    uint64_t (*random)(void *self);

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
     * since it started; -1 unknown. A SYN is lost then without an error. Source:
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

#endif
