#include "netcheck/os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "netcheck/base/base.h"
#include "netcheck/os/process.h"
#include "os_internal.h"

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(clock, &now); /* cannot fail for these two clocks */
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int64_t system_now_ns(void *self)
{
    (void)self;
    return clock_ns(CLOCK_MONOTONIC);
}

static void system_close(void *self, int fd)
{
    (void)self;
    (void)close(fd); /* the socket is gone whatever close says */
}

/* The arguments of socket(2) besides the family. */
static int type_of(enum os_socket kind)
{
    return kind == OS_TCP ? SOCK_STREAM : kind == OS_RAW_ECHO ? SOCK_RAW : SOCK_DGRAM;
}

static int protocol_of(enum os_socket kind, int family)
{
    bool is_echo = kind == OS_ECHO || kind == OS_RAW_ECHO;
    return !is_echo ? 0 : family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
}

#if defined(SOCK_NONBLOCK) && defined(SOCK_CLOEXEC)
static int open_socket(enum os_socket kind, int family, int *fd)
{
    int type = type_of(kind) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    *fd = socket(family, type, protocol_of(kind, family));
    return *fd >= 0 ? 0 : errno;
}
#else
static int open_socket(enum os_socket kind, int family, int *fd)
{
    *fd = socket(family, type_of(kind), protocol_of(kind, family));
    if (*fd < 0)
        return errno;
    if (fcntl(*fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(*fd, F_SETFD, FD_CLOEXEC) == 0)
        return 0;
    int error = errno;
    (void)close(*fd); /* nothing left to lose */
    return error;
}
#endif

static int system_open(void *self, enum os_socket kind, int family, int *fd)
{
    (void)self;
    int error = open_socket(kind, family, fd);
    if (error != 0)
        return error;
    (void)os_extra_prepare(*fd, family); /* without it, errno alone must do */
    if (kind == OS_ECHO || kind == OS_RAW_ECHO)
        os_extra_prepare_echo(*fd, family, kind == OS_RAW_ECHO);
    return 0;
}

static int system_bind(void *self, int fd, const struct os_origin *origin)
{
    (void)self;
    if (origin->interface != NULL) {
        int error = os_extra_bind_interface(fd, origin->interface);
        if (error != 0)
            return error;
    }
    if (address_family(&origin->source) == AF_UNSPEC)
        return 0;
    (void)os_extra_prepare_source(fd); /* without it ports run out earlier, nothing else */
    const struct address *source = &origin->source;
    return bind(fd, &source->socket.any, (socklen_t)address_len(source)) == 0 ? 0 : errno;
}

static int system_connect(void *self, int fd, const struct address *address)
{
    (void)self;
    return connect(fd, &address->socket.any, (socklen_t)address_len(address)) == 0 ? 0 : errno;
}

static int system_send(void *self, int fd, struct os_outgoing *outgoing)
{
    (void)self;
    const struct address *to = outgoing->to;
    ssize_t taken = sendto(fd, outgoing->bytes, outgoing->len, MSG_NOSIGNAL,
                           to != NULL ? &to->socket.any : NULL,
                           to != NULL ? (socklen_t)address_len(to) : 0);
    outgoing->taken = taken >= 0 ? (size_t)taken : 0;
    return taken >= 0 ? 0 : errno;
}

static int system_receive(void *self, int fd, struct os_message *message)
{
    (void)self;
    struct sockaddr_storage sender;
    struct iovec vector = {message->bytes, message->size};
    union os_control control;
    struct msghdr header = {
        .msg_name = &sender,
        .msg_namelen = sizeof sender,
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    ssize_t len = recvmsg(fd, &header, 0);
    if (len < 0)
        return errno;
    message->len = (size_t)len;
    message->is_truncated = (header.msg_flags & MSG_TRUNC) != 0;
    message->sender.socket.any.sa_family = AF_UNSPEC;
    if (header.msg_namelen > 0)
        (void)address_from_socket((const struct sockaddr *)&sender, &message->sender);
    message->age_ns = -1;
    message->ttl = -1;
    os_extra_read_control(&header, message);
    return 0;
}

static bool system_take_report(void *self, int fd, struct os_report *report)
{
    (void)self;
    return os_extra_take_report(fd, report);
}

static int64_t system_lost(void *self, int fd)
{
    (void)self;
    return os_extra_lost(fd);
}

static size_t system_reserve(void *self, int fd, size_t bytes)
{
    (void)self;
    int size = bytes < INT_MAX ? (int)bytes : INT_MAX;
    socklen_t len = sizeof size;
    if (!os_extra_force_buffer(fd, size))
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, len); /* what there is comes next */
    return getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len) == 0 && size > 0 ? (size_t)size
                                                                               : 0;
}

static int system_forbid_fragments(void *self, int fd, int family)
{
    (void)self;
    return os_extra_forbid_fragments(fd, family);
}

/* A datagram socket that is connected knows the path; nothing is sent by it. */
static uint32_t system_path_mtu(void *self, const struct address *address,
                                const struct os_origin *origin)
{
    int fd = socket(address_family(address), SOCK_DGRAM, 0);
    if (fd < 0)
        return 0;
    bool is_connected =
        system_bind(self, fd, origin) == 0 && system_connect(self, fd, address) == 0;
    uint32_t mtu = is_connected ? os_extra_path_mtu(fd, address_family(address)) : 0;
    (void)close(fd); /* it was only asked */
    return mtu;
}

static uint64_t system_random(void *self)
{
    (void)self;
    return os_random();
}

static bool system_has_source(void *self, const struct address *address,
                              const struct os_origin *origin)
{
    int fd = socket(address_family(address), SOCK_DGRAM, 0);
    if (fd < 0)
        return true;
    bool is_bound = system_bind(self, fd, origin) == 0;
    bool has_source = !is_bound || system_connect(self, fd, address) != EADDRNOTAVAIL;
    (void)close(fd); /* it was only asked */
    return has_source;
}

/* connect(2) of a datagram socket refuses such an address, unless SO_BROADCAST allows it. */
static bool system_is_broadcast(void *self, const struct address *address,
                                const struct os_origin *origin)
{
    int on = 1;
    int fd = socket(address_family(address), SOCK_DGRAM, 0);
    if (fd < 0)
        return false;
    bool is_refused =
        system_bind(self, fd, origin) == 0 && system_connect(self, fd, address) == EACCES;
    bool is_broadcast = is_refused &&
                        setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) == 0 &&
                        system_connect(self, fd, address) == 0;
    (void)close(fd); /* it was only asked */
    return is_broadcast;
}

typedef int name_call(int fd, struct sockaddr *restrict socket, socklen_t *restrict len);

static int ask_name(name_call *call, int fd, struct address *address)
{
    struct sockaddr_storage storage;
    socklen_t len = sizeof storage;
    if (call(fd, (struct sockaddr *)&storage, &len) != 0)
        return errno;
    return address_from_socket((const struct sockaddr *)&storage, address) ? 0 : EAFNOSUPPORT;
}

static void system_connection(void *self, int fd, struct os_connection *connection)
{
    (void)self;
    struct address peer;
    if (os_extra_connection(fd, connection))
        return;
    *connection = os_connection_unknown();
    connection->is_established = ask_name(getpeername, fd, &peer) == 0;
}

static int system_local(void *self, int fd, struct address *address)
{
    (void)self;
    return ask_name(getsockname, fd, address);
}

static int system_take_error(void *self, int fd)
{
    (void)self;
    int error = 0;
    socklen_t len = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 ? error : errno;
}

static bool system_take_icmp(void *self, int fd, struct icmp *icmp)
{
    (void)self;
    return os_extra_take_icmp(fd, icmp);
}

static bool system_tells_icmp(void *self)
{
    (void)self;
    return os_extra_tells_icmp();
}

static int64_t system_suspended_ns(void *self)
{
    (void)self;
    return os_extra_suspended_ns();
}

static unsigned system_continues(void *self)
{
    (void)self;
    return os_continues();
}

static int64_t system_neighbours_lost(void *self)
{
    (void)self;
    return os_extra_neighbours_lost();
}

static void system_abort(void *self, int fd)
{
    (void)self;
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger,
                     sizeof linger); /* else FIN, as usual */
    (void)close(fd);
}

/* Rounded up: waking before a deadline would only mean to wait once more. */
static struct timeval *to_timeval(int64_t timeout_ns, struct timeval *timeout)
{
    if (timeout_ns == NEVER_NS)
        return NULL;
    int64_t timeout_us = timeout_ns / NS_PER_US + (timeout_ns % NS_PER_US != 0);
    /* A day is as good as any: the caller recomputes, and some systems refuse over 10^8 s. */
    int64_t limit_us = 86400 * (NS_PER_S / NS_PER_US);
    if (timeout_us > limit_us)
        timeout_us = limit_us;
    timeout->tv_sec = (time_t)(timeout_us / 1000000);
    timeout->tv_usec = (suseconds_t)(timeout_us % 1000000);
    return timeout;
}

static int system_wait(void *self, struct fdset *readable, struct fdset *writable,
                       int64_t timeout_ns)
{
    (void)self;
    struct timeval timeout;
    int end = readable->end > writable->end ? readable->end : writable->end;
    /* select() reads `end` bits of both: the shorter set must have them too. */
    if (end > 0 && (fdset_reserve(readable, end - 1) != ERROR_NONE ||
                    fdset_reserve(writable, end - 1) != ERROR_NONE))
        return ENOMEM;
    int count =
        select(end, readable->sets, writable->sets, NULL, to_timeval(timeout_ns, &timeout));
    int error = count < 0 ? errno : 0;
    if (count <= 0) {
        fdset_clear(readable);
        fdset_clear(writable);
    }
    return error;
}

static int system_interface_index(void *self, const char *name, uint32_t *index)
{
    (void)self;
    *index = if_nametoindex(name);
    return *index != 0 ? 0 : errno;
}

static int system_find_interface(void *self, uint32_t index)
{
    char name[IF_NAMESIZE];
    (void)self;
    return if_indextoname(index, name) != NULL ? 0 : errno;
}

const struct os os_system = {
    .self = NULL,
    .now_ns = system_now_ns,
    .open = system_open,
    .bind = system_bind,
    .connect = system_connect,
    .send = system_send,
    .receive = system_receive,
    .take_report = system_take_report,
    .lost = system_lost,
    .reserve = system_reserve,
    .forbid_fragments = system_forbid_fragments,
    .path_mtu = system_path_mtu,
    .is_broadcast = system_is_broadcast,
    .random = system_random,
    .has_source = system_has_source,
    .connection = system_connection,
    .local = system_local,
    .take_error = system_take_error,
    .take_icmp = system_take_icmp,
    .tells_icmp = system_tells_icmp,
    .neighbours_lost = system_neighbours_lost,
    .suspended_ns = system_suspended_ns,
    .continues = system_continues,
    .close = system_close,
    .abort = system_abort,
    .wait = system_wait,
    .interface_index = system_interface_index,
    .find_interface = system_find_interface,
};

int64_t os_wall_ns(void)
{
    return clock_ns(CLOCK_REALTIME);
}

uint64_t os_random(void)
{
    uint64_t value = 0;
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t len = read(fd, &value, sizeof value);
        (void)close(fd); /* it was only read */
        if (len == (ssize_t)sizeof value)
            return value;
    }
    return (uint64_t)os_wall_ns() ^ (uint64_t)getpid() << 48;
}
