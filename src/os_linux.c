/*
 * os_linux: what POSIX does not have, and the fallback where Linux is not there either.
 */
#ifdef __linux__
#define _GNU_SOURCE /* TCP_INFO, SO_BINDTODEVICE, IP_RECVERR */
#endif

#include "os_extra.h"

#include <errno.h>
#include <string.h>

#ifdef __linux__

#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

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

int os_extra_syn_retransmits(int fd)
{
    struct tcp_info info;
    memset(&info, 0, sizeof info);
    socklen_t len = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 ||
        len < offsetof(struct tcp_info, tcpi_total_retrans) + sizeof info.tcpi_total_retrans)
        return -1;
    return (int)info.tcpi_total_retrans;
}

unsigned os_extra_terminal_width(int fd)
{
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

const char *os_extra_libc(void)
{
#ifdef _CS_GNU_LIBC_VERSION
    static char name[64];
    if (confstr(_CS_GNU_LIBC_VERSION, name, sizeof name) > 0)
        return name;
#endif
    return "musl";
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

int os_extra_syn_retransmits(int fd)
{
    (void)fd;
    return -1;
}

unsigned os_extra_terminal_width(int fd)
{
    (void)fd;
    return 0;
}

const char *os_extra_libc(void)
{
    return "unknown libc";
}

#endif
