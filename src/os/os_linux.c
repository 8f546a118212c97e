/*
 * os_linux: what POSIX does not have, or a fallback where Linux is not there.
 */
#ifdef __linux__
#define _GNU_SOURCE /* TCP_INFO, SO_BINDTODEVICE, IP_RECVERR */
#endif

#include "os_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
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
#ifndef IP_MTU
#define IP_MTU 14
#endif
#ifndef IPV6_MTU
#define IPV6_MTU 24
#endif
#ifndef SO_RCVBUFFORCE
#define SO_RCVBUFFORCE 33
#endif
#ifndef SO_MEMINFO /* since Linux 4.12 */
#define SO_MEMINFO 55
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

/* Of linux/in.h, linux/in6.h, linux/icmp.h, linux/icmpv6.h, asm-generic/socket.h and
   linux/sock_diag.h, where a libc need not ship them. */
enum {
    MTU_PROBE = 3,      /* IP_PMTUDISC_PROBE, IPV6_PMTUDISC_PROBE */
    RAW_LEVEL = 255,    /* SOL_RAW */
    RAW_FILTER = 1,     /* ICMP_FILTER */
    RAW_FILTER6 = 1,    /* ICMPV6_FILTER, of level IPPROTO_ICMPV6 */
    ECHO_REPLY = 0,     /* type of ICMP */
    ECHO_REPLY6 = 129,  /* type of ICMPv6 */
    MEMORY_DROPS = 8,   /* SK_MEMINFO_DROPS: which of its numbers */
    MEMORY_NUMBERS = 9, /* SK_MEMINFO_VARS */
};

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

void os_extra_prepare_echo(int fd, int family, bool is_raw)
{
    (void)switch_on(fd, SOL_SOCKET, SO_TIMESTAMPNS);
    if (family == AF_INET6)
        (void)switch_on(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT);
    else
        (void)switch_on(fd, IPPROTO_IP, IP_RECVTTL);
    if (!is_raw)
        return;
    /* A bit a type that is not wanted. */
    uint32_t unwanted = ~(UINT32_C(1) << ECHO_REPLY);
    uint32_t unwanted6[8];
    memset(unwanted6, 0xff, sizeof unwanted6);
    unwanted6[ECHO_REPLY6 / 32] &= ~(UINT32_C(1) << (ECHO_REPLY6 % 32));
    if (family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_ICMPV6, RAW_FILTER6, unwanted6, sizeof unwanted6);
    else
        (void)setsockopt(fd, RAW_LEVEL, RAW_FILTER, &unwanted, sizeof unwanted);
}

/* The stamp is of the wall clock, which may be set in between: then the age is unknown. */
static int64_t age_of(const struct cmsghdr *header)
{
    struct timespec stamp;
    struct timespec now;
    memcpy(&stamp, CMSG_DATA(header), sizeof stamp);
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return -1;
    int64_t age_ns =
        (int64_t)(now.tv_sec - stamp.tv_sec) * NS_PER_S + now.tv_nsec - stamp.tv_nsec;
    return age_ns >= 0 ? age_ns : -1;
}

static bool is_control(const struct cmsghdr *header, int level, int type, size_t size)
{
    return header->cmsg_level == level && header->cmsg_type == type &&
           header->cmsg_len >= CMSG_LEN(size);
}

void os_extra_read_control(struct msghdr *message_header, struct os_message *message)
{
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message_header); header != NULL;
         header = CMSG_NXTHDR(message_header, header)) {
        int ttl = 0;
        if (is_control(header, SOL_SOCKET, SCM_TIMESTAMPNS, sizeof(struct timespec)))
            message->age_ns = age_of(header);
        if (!is_control(header, IPPROTO_IP, IP_TTL, sizeof ttl) &&
            !is_control(header, IPPROTO_IPV6, IPV6_HOPLIMIT, sizeof ttl))
            continue;
        memcpy(&ttl, CMSG_DATA(header), sizeof ttl);
        message->ttl = ttl;
    }
}

int os_extra_forbid_fragments(int fd, int family)
{
    int probe = MTU_PROBE;
    int result = family == AF_INET6
                     ? setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &probe, sizeof probe)
                     : setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &probe, sizeof probe);
    return result == 0 ? 0 : errno;
}

bool os_extra_force_buffer(int fd, int bytes)
{
    return setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) == 0;
}

uint32_t os_extra_path_mtu(int fd, int family)
{
    int mtu = 0;
    socklen_t len = sizeof mtu;
    int result = family == AF_INET6 ? getsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &mtu, &len)
                                    : getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &len);
    return result == 0 && mtu > 0 ? (uint32_t)mtu : 0;
}

int64_t os_extra_lost(int fd)
{
    uint32_t numbers[MEMORY_NUMBERS];
    socklen_t len = sizeof numbers;
    bool is_known =
        getsockopt(fd, SOL_SOCKET, SO_MEMINFO, numbers, &len) == 0 && len >= sizeof numbers;
    return is_known ? (int64_t)numbers[MEMORY_DROPS] : -1;
}

/* The sender of an ICMP error: SO_EE_OFFENDER of linux/errqueue.h, behind the error. */
static void read_icmp(const struct cmsghdr *header, const struct extended_error *error,
                      struct icmp *icmp)
{
    struct sockaddr_storage sender;
    size_t len = header->cmsg_len - CMSG_LEN(0);
    memset(&sender, 0, sizeof sender);
    icmp->is_set = true;
    icmp->type = error->type;
    icmp->code = error->code;
    if (len > sizeof *error) {
        size_t rest = len - sizeof *error;
        memcpy(&sender, CMSG_DATA(header) + sizeof *error,
               rest < sizeof sender ? rest : sizeof sender);
    }
    if (!address_from_socket((struct sockaddr *)&sender, &icmp->sender))
        icmp->sender.socket.any.sa_family = AF_UNSPEC;
    if (error->origin == ORIGIN_ICMP)
        address_unmap(&icmp->sender);
    /* Who it was may be unknown, but not which protocol it spoke. */
    if (address_family(&icmp->sender) == AF_UNSPEC)
        icmp->sender.socket.any.sa_family = error->origin == ORIGIN_ICMP6 ? AF_INET6 : AF_INET;
    address_set_port(&icmp->sender, 0);
}

static bool read_extended_error(const struct cmsghdr *header, struct os_report *report)
{
    struct extended_error error;
    if (!is_control(header, IPPROTO_IP, IP_RECVERR, sizeof error) &&
        !is_control(header, IPPROTO_IPV6, IPV6_RECVERR, sizeof error))
        return false;
    memcpy(&error, CMSG_DATA(header), sizeof error);
    report->error = (int)error.error;
    if (report->error == EMSGSIZE)
        report->mtu = error.information;
    if (error.origin == ORIGIN_ICMP || error.origin == ORIGIN_ICMP6)
        read_icmp(header, &error, &report->icmp);
    return true;
}

bool os_extra_take_report(int fd, struct os_report *report)
{
    union os_control control;
    struct sockaddr_storage target;
    memset(report, 0, sizeof *report);
    memset(&target, 0, sizeof target);
    struct iovec vector = {report->quote, sizeof report->quote};
    struct msghdr message = {
        .msg_name = &target,
        .msg_namelen = sizeof target,
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    ssize_t len = recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (len < 0)
        return false;
    report->quote_len = (size_t)len;
    if (!address_from_socket((struct sockaddr *)&target, &report->target))
        report->target.socket.any.sa_family = AF_UNSPEC;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL;
         header = CMSG_NXTHDR(&message, header))
        if (read_extended_error(header, report))
            return true;
    return false;
}

/* What this machine itself reports is the socket's error as well. */
bool os_extra_take_icmp(int fd, struct icmp *icmp)
{
    struct os_report report;
    memset(icmp, 0, sizeof *icmp);
    if (!os_extra_take_report(fd, &report))
        return false;
    *icmp = report.icmp;
    return icmp->is_set;
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

/* The mount that holds the file, by its number in proc(5); -1: not known. */
static long find_mount(const char *path)
{
    static const char key[] = "mnt_id:";
    char text[256] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_PATH);
    if (fd < 0)
        return -1;
    (void)snprintf(text, sizeof text, "/proc/self/fdinfo/%d", fd);
    int info = open(text, O_RDONLY | O_CLOEXEC);
    ssize_t len = info >= 0 ? read(info, text, sizeof text - 1) : -1;
    (void)close(fd); /* both were only looked at */
    if (info >= 0)
        (void)close(info);
    text[len > 0 ? len : 0] = '\0';
    const char *found = strstr(text, key);
    return found != NULL ? strtol(found + strlen(key), NULL, 10) : -1;
}

bool os_extra_is_mount_point(const char *path, const char *folder)
{
    long mount = find_mount(path);
    return mount >= 0 && mount != find_mount(folder);
}

/* pipe(7): FIONREAD tells it at both ends. */
size_t os_extra_count_untaken(int fd)
{
    int count = 0;
    return ioctl(fd, FIONREAD, &count) == 0 && count > 0 ? (size_t)count : 0;
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

void os_extra_prepare_echo(int fd, int family, bool is_raw)
{
    (void)fd;
    (void)family;
    (void)is_raw;
}

void os_extra_read_control(struct msghdr *header, struct os_message *message)
{
    (void)header;
    (void)message;
}

bool os_extra_take_report(int fd, struct os_report *report)
{
    (void)fd;
    (void)report;
    return false;
}

int64_t os_extra_lost(int fd)
{
    (void)fd;
    return -1;
}

int os_extra_forbid_fragments(int fd, int family)
{
    (void)fd;
    (void)family;
    return ENOTSUP;
}

bool os_extra_force_buffer(int fd, int bytes)
{
    (void)fd;
    (void)bytes;
    return false;
}

uint32_t os_extra_path_mtu(int fd, int family)
{
    (void)fd;
    (void)family;
    return 0;
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

bool os_extra_is_mount_point(const char *path, const char *folder)
{
    (void)path;
    (void)folder;
    return false;
}

ssize_t os_extra_path(int fd, char *path, size_t size)
{
    (void)fd;
    (void)path;
    (void)size;
    return -1;
}

size_t os_extra_count_untaken(int fd)
{
    (void)fd;
    return 0;
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
