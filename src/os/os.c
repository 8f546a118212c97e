#include "netcheck/os/os.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "netcheck/base/base.h"
#include "os_extra.h"
#include "os_signals.h"

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

#if defined(SOCK_NONBLOCK) && defined(SOCK_CLOEXEC)
static int open_socket(int family, int *fd)
{
    *fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return *fd >= 0 ? 0 : errno;
}
#else
static int open_socket(int family, int *fd)
{
    *fd = socket(family, SOCK_STREAM, 0);
    if (*fd < 0)
        return errno;
    if (fcntl(*fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(*fd, F_SETFD, FD_CLOEXEC) == 0)
        return 0;
    int error = errno;
    (void)close(*fd); /* nothing left to lose */
    return error;
}
#endif

static int system_open(void *self, int family, int *fd)
{
    (void)self;
    int error = open_socket(family, fd);
    if (error == 0)
        (void)os_extra_prepare(*fd, family); /* without it, errno alone must do */
    return error;
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

int os_reserve_standard(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        /* "/" always exists, unlike /dev/null; reading it is EISDIR, writing it EBADF. The
           lowest free number is what open() takes, and all below `fd` are open by now. */
        if (open("/", O_RDONLY | O_CLOEXEC) != fd)
            return errno;
    }
    return 0;
}

int os_open_input(const char *path, int *fd)
{
    /* A FIFO without a writer would keep us here; select() waits for one as well. */
    int opened = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (opened < 0)
        return errno;
    struct stat status;
    int error = fstat(opened, &status) != 0 ? errno : S_ISDIR(status.st_mode) ? EISDIR : 0;
    if (error == 0 && fcntl(opened, F_SETFL, 0) != 0)
        error = errno;
    if (error != 0) {
        (void)close(opened); /* it was only looked at */
        return error;
    }
    *fd = opened;
    return 0;
}

bool os_may_block(int fd)
{
    struct stat status;
    return fstat(fd, &status) != 0 || !S_ISREG(status.st_mode);
}

bool os_is_terminal(int fd)
{
    return isatty(fd) == 1;
}

int os_read(int fd, void *bytes, size_t size, size_t *len)
{
    ssize_t count;
    do
        count = read(fd, bytes, size);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return errno;
    *len = (size_t)count;
    return 0;
}

int os_write(int fd, const void *bytes, size_t size, size_t *len)
{
    ssize_t count;
    do
        count = write(fd, bytes, size);
    while (count < 0 && errno == EINTR && os_end_signal() == 0);
    if (count < 0)
        return errno;
    *len = (size_t)count;
    return 0;
}

/* select() on one descriptor, which may have any number. */
static int wait_for(int fd, bool to_write, int64_t timeout_ns, bool *is_ready)
{
    struct fdset readable;
    struct fdset writable;
    fdset_init(&readable);
    fdset_init(&writable);
    struct fdset *set = to_write ? &writable : &readable;
    int error = ENOMEM;
    if (fdset_reserve(set, fd) == ERROR_NONE) {
        fdset_add(set, fd);
        error = system_wait(NULL, &readable, &writable, timeout_ns);
        *is_ready = error == 0 && fdset_has(set, fd);
    }
    fdset_release(&readable);
    fdset_release(&writable);
    return error;
}

bool os_is_writable(int fd)
{
    bool is_writable = false;
    return wait_for(fd, true, 0, &is_writable) == 0 && is_writable;
}

static int wait_bounded(int fd, bool to_write, int64_t timeout_ns)
{
    bool is_ready = false;
    int error = wait_for(fd, to_write, timeout_ns, &is_ready);
    if (error == 0 && !is_ready)
        return ETIMEDOUT;
    return error == EINTR ? 0 : error;
}

int os_wait_writable(int fd, int64_t timeout_ns)
{
    return wait_bounded(fd, true, timeout_ns);
}

int os_wait_readable(int fd, int64_t timeout_ns)
{
    return wait_bounded(fd, false, timeout_ns);
}

int os_close(int fd)
{
    return close(fd) == 0 ? 0 : errno;
}

static int prepare_pipe_end(int fd)
{
    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? 0
                                                                                      : errno;
}

int os_pipe(int ends[static 2])
{
    if (pipe(ends) != 0)
        return errno;
    int error = prepare_pipe_end(ends[0]);
    if (error == 0)
        error = prepare_pipe_end(ends[1]);
    if (error != 0) {
        (void)close(ends[0]); /* they were never used */
        (void)close(ends[1]);
    }
    return error;
}

static bool has_address(const struct lookup *lookup, const struct address *address)
{
    for (size_t i = 0; i < lookup->count; i++)
        if (address_equals(&lookup->addresses[i], address))
            return true;
    return false;
}

/* Some libcs give an address once for each entry of the hosts file: duplicates are dropped. */
static void take_addresses(const struct addrinfo *list, struct lookup *lookup)
{
    size_t counts[2] = {0, 0}; /* IPv4, IPv6 */
    lookup->addresses = malloc(sizeof *lookup->addresses * 2 * LOOKUP_ADDRESS_MAX);
    if (lookup->addresses == NULL) {
        lookup->lookup_error = EAI_MEMORY;
        return;
    }
    for (; list != NULL; list = list->ai_next) {
        struct address address;
        if (!address_from_socket(list->ai_addr, &address) || has_address(lookup, &address))
            continue;
        unsigned family = address_family_bit(&address);
        size_t *count = &counts[family == FAMILY_IPV6];
        if (*count == LOOKUP_ADDRESS_MAX) {
            lookup->cut |= family;
            continue;
        }
        (*count)++;
        lookup->addresses[lookup->count++] = address;
    }
    struct address *kept =
        realloc(lookup->addresses, (lookup->count + 1) * sizeof *lookup->addresses);
    if (kept != NULL)
        lookup->addresses = kept;
}

static size_t len_without_dot(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && name[len - 1] == '.' ? len - 1 : len;
}

static void take_canonical(const char *host, const char *name, struct lookup *lookup)
{
    if (name == NULL)
        return;
    size_t len = len_without_dot(name);
    if (len == len_without_dot(host) && strncasecmp(name, host, len) == 0)
        return;
    lookup->canonical = shared_new(name);
    if (lookup->canonical != NULL)
        lookup->canonical->text[len] = '\0';
}

static void look_up(const char *host, int family, struct lookup *lookup)
{
    struct addrinfo hints;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = family;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_CANONNAME; /* costs no question (glibc 2.36, musl 1.2.3) */
    struct addrinfo *list = NULL;
    errno = 0;
    lookup->lookup_error = getaddrinfo(host, NULL, &hints, &list);
    lookup->system_error = errno;
    if (lookup->lookup_error != 0)
        return;
    take_addresses(list, lookup);
    take_canonical(host, list->ai_canonname, lookup);
    freeaddrinfo(list);
}

void os_lookup(const char *host, struct lookup *lookup)
{
    static const int families[] = {AF_INET, AF_INET6};
    bool is_both = lookup->families == FAMILY_ANY;
    int single = lookup->families == FAMILY_IPV6 ? AF_INET6 : AF_INET;
    look_up(host, is_both ? AF_UNSPEC : single, lookup);
    for (size_t i = 0; i < ARRAY_LEN(families); i++)
        if (is_both && lookup->lookup_error == EAI_NONAME && os_extra_hides_a_family())
            look_up(host, families[i], lookup);
}

void os_prepare_lookups(void)
{
    os_extra_prepare_lookups();
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

const char *os_libc(void)
{
    return os_extra_libc();
}

const char *os_facilities(void)
{
    return os_extra_facilities();
}

bool os_has_interfaces(void)
{
    return os_extra_bind_interface(-1, "lo") != ENOTSUP;
}
