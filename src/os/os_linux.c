/*
 * os_linux: what POSIX does not have, or a fallback where Linux is not there.
 */
#ifdef __linux__
#define _GNU_SOURCE /* TCP_INFO, SO_BINDTODEVICE, IP_RECVERR */
#endif

#include "os_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__

#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>

#include "netcheck/base/base.h"
#include "netcheck/os/process.h"

/* Not in every libc's headers: linux/in.h, since Linux 4.2. */
#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif
#ifndef IP_RECVERR
#define IP_RECVERR 11
#endif
#ifndef IPV6_RECVERR
#define IPV6_RECVERR 25
#endif

/* struct sock_extended_err of linux/errqueue.h, which a libc need not ship. */
struct extended_error {
    uint32_t error;
    uint8_t origin;
    uint8_t type;
    uint8_t code;
    uint8_t padding;
    uint32_t information;
    uint32_t data;
};

enum { ORIGIN_ICMP = 2, ORIGIN_ICMP6 = 3 };

static int switch_on(int fd, int level, int option)
{
    int on = 1;
    return setsockopt(fd, level, option, &on, sizeof on) == 0 ? 0 : errno;
}

/* The kernel then keeps the ICMP error that kills the connect (ip(7)); no privilege needed. */
int os_extra_prepare(int fd, int family)
{
    return family == AF_INET6 ? switch_on(fd, IPPROTO_IPV6, IPV6_RECVERR)
                              : switch_on(fd, IPPROTO_IP, IP_RECVERR);
}

/* The port is then chosen by connect(), which may share one among destinations (ip(7)). */
int os_extra_prepare_source(int fd)
{
    return switch_on(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
}

int os_extra_bind_interface(int fd, const char *interface)
{
    socklen_t len = (socklen_t)strlen(interface);
    return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, len) == 0 ? 0 : errno;
}

static bool read_extended_error(const struct cmsghdr *header, struct icmp *icmp)
{
    bool is_error = (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_RECVERR) ||
                    (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_RECVERR);
    struct extended_error error;
    size_t len = header->cmsg_len - CMSG_LEN(0);
    if (!is_error || header->cmsg_len < CMSG_LEN(sizeof error))
        return false;
    memcpy(&error, CMSG_DATA(header), sizeof error);
    if (error.origin != ORIGIN_ICMP && error.origin != ORIGIN_ICMP6)
        return false;
    icmp->is_set = true;
    icmp->type = error.type;
    icmp->code = error.code;

    /* Behind it, the sender: SO_EE_OFFENDER of linux/errqueue.h. */
    struct sockaddr_storage sender;
    memset(&sender, 0, sizeof sender);
    if (len > sizeof error) {
        size_t rest = len - sizeof error;
        memcpy(&sender, CMSG_DATA(header) + sizeof error,
               rest < sizeof sender ? rest : sizeof sender);
    }
    if (!address_from_socket((struct sockaddr *)&sender, &icmp->sender))
        icmp->sender.socket.any.sa_family = AF_UNSPEC;
    if (error.origin == ORIGIN_ICMP)
        address_unmap(&icmp->sender);
    /* Who it was may be unknown, but not which protocol it spoke. */
    if (address_family(&icmp->sender) == AF_UNSPEC)
        icmp->sender.socket.any.sa_family = error.origin == ORIGIN_ICMP6 ? AF_INET6 : AF_INET;
    address_set_port(&icmp->sender, 0);
    return true;
}

bool os_extra_take_icmp(int fd, struct icmp *icmp)
{
    union {
        struct cmsghdr header; /* for its alignment */
        unsigned char bytes[512];
    } control;
    unsigned char payload[64];
    struct iovec vector = {payload, sizeof payload};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    memset(icmp, 0, sizeof *icmp);
    if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
        return false;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL;
         header = CMSG_NXTHDR(&message, header))
        if (read_extended_error(header, icmp))
            return true;
    return false;
}

bool os_extra_tells_icmp(void)
{
    return true;
}

/* Where the members of struct tcp_info of linux/tcp.h begin, of which a libc may ship but the
   first ones. The kernel only ever adds behind them. */
enum {
    INFO_STATE = 0,     /* 8 bits */
    INFO_RTT = 68,      /* 32 bits, microseconds */
    INFO_RETRANS = 100, /* 32 bits, tcpi_total_retrans */
    INFO_ACKED = 120,   /* 64 bits, tcpi_bytes_acked, with the SYN; since Linux 4.1 */
    INFO_WINDOW = 228,  /* 32 bits, tcpi_snd_wnd; since Linux 5.4 */
    INFO_WINDOW_END = 232,
};

/* tcpi_state, of linux/tcp_states.h. */
enum {
    STATE_SYN_SENT = 2,
    STATE_SYN_RECV = 3,
    STATE_CLOSE = 7,
};

static uint32_t word_at(const unsigned char *bytes, size_t at)
{
    uint32_t word;
    memcpy(&word, bytes + at, sizeof word);
    return word;
}

bool os_extra_connection(int fd, struct os_connection *connection)
{
    unsigned char info[INFO_WINDOW_END];
    socklen_t len = sizeof info;
    memset(info, 0, sizeof info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len) != 0 || len < INFO_ACKED)
        return false;
    unsigned char state = info[INFO_STATE];
    uint32_t rtt_us = word_at(info, INFO_RTT);
    uint64_t acked;
    memcpy(&acked, info + INFO_ACKED, sizeof acked);
    *connection = (struct os_connection){
        .is_established =
            state != STATE_SYN_SENT && state != STATE_SYN_RECV && state != STATE_CLOSE,
        .is_acknowledged = acked != 0 || rtt_us != 0,
        .is_window_shut = len >= INFO_WINDOW_END && word_at(info, INFO_WINDOW) == 0,
        .rtt_ns = rtt_us != 0 ? rtt_us * NS_PER_US : -1,
        .syn_retransmits = (int)word_at(info, INFO_RETRANS),
    };
    return true;
}

/* CLOCK_BOOTTIME goes on while the machine is suspended, CLOCK_MONOTONIC does not. */
int64_t os_extra_suspended_ns(void)
{
    struct timespec boot;
    struct timespec monotonic;
    if (clock_gettime(CLOCK_MONOTONIC, &monotonic) != 0 ||
        clock_gettime(CLOCK_BOOTTIME, &boot) != 0)
        return 0;
    return (int64_t)(boot.tv_sec - monotonic.tv_sec) * NS_PER_S + boot.tv_nsec -
           monotonic.tv_nsec;
}

/* proc(5). To open the master of a pseudo terminal would make a new one (ptmx(4)). */
int os_extra_open_again(int fd, int flags)
{
    char path[32];
    unsigned number = 0;
    if (ioctl(fd, TIOCGPTN, &number) == 0)
        return -1;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, flags);
}

ssize_t os_extra_path(int fd, char *path, size_t size)
{
    char link[64];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return readlink(link, path, size);
}

void os_extra_terminal_size(int fd, unsigned *columns, unsigned *lines)
{
    struct winsize size;
    bool is_known = ioctl(fd, TIOCGWINSZ, &size) == 0;
    *columns = is_known ? size.ws_col : 0;
    *lines = is_known ? size.ws_row : 0;
}

const char *os_extra_service_switch(void)
{
#ifdef __GLIBC__
    return "/etc/nsswitch.conf";
#else
    return ""; /* musl */
#endif
}

const char *os_libc(void)
{
#ifdef __GLIBC__ /* musl has confstr(), too, but knows nothing to say */
    static char name[64];
    if (confstr(_CS_GNU_LIBC_VERSION, name, sizeof name) > 0)
        return name;
#endif
    return "musl";
}

const char *os_facilities(void)
{
    return "icmp-errors syn-retransmits handshakes interface neighbours suspension";
}

#else

int os_extra_prepare(int fd, int family)
{
    (void)fd;
    (void)family;
    return ENOTSUP;
}

int os_extra_prepare_source(int fd)
{
    (void)fd;
    return ENOTSUP;
}

int os_extra_bind_interface(int fd, const char *interface)
{
    (void)fd;
    (void)interface;
    return ENOTSUP;
}

bool os_extra_take_icmp(int fd, struct icmp *icmp)
{
    (void)fd;
    (void)icmp;
    return false;
}

bool os_extra_tells_icmp(void)
{
    return false;
}

bool os_extra_connection(int fd, struct os_connection *connection)
{
    (void)fd;
    (void)connection;
    return false;
}

int64_t os_extra_suspended_ns(void)
{
    return 0;
}

/* A terminal by its name; a pipe has none. */
int os_extra_open_again(int fd, int flags)
{
    char path[256];
    return ttyname_r(fd, path, sizeof path) == 0 ? open(path, flags) : -1;
}

ssize_t os_extra_path(int fd, char *path, size_t size)
{
    (void)fd;
    (void)path;
    (void)size;
    return -1;
}

void os_extra_terminal_size(int fd, unsigned *columns, unsigned *lines)
{
    (void)fd;
    *columns = 0;
    *lines = 0;
}

const char *os_extra_service_switch(void)
{
    return NULL;
}

const char *os_libc(void)
{
    return "unknown libc";
}

const char *os_facilities(void)
{
    return "";
}

#endif
