#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"

enum {
    BACKLOG = 4096,
    ANSWER_MS = 300, /* loopback answers within the call; this much later it never will */
    VISIT_MS = 10000,
};

struct socket_address {
    struct sockaddr_storage storage;
    socklen_t len;
};

static void make_address(struct socket_address *address, const char *host, uint16_t port)
{
    memset(address, 0, sizeof *address);
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (inet_pton(AF_INET, host, &ipv4.sin_addr) == 1) {
        memcpy(&address->storage, &ipv4, sizeof ipv4);
        address->len = sizeof ipv4;
    } else {
        assert_int_equal(inet_pton(AF_INET6, host, &ipv6.sin6_addr), 1);
        memcpy(&address->storage, &ipv6, sizeof ipv6);
        address->len = sizeof ipv6;
    }
}

static int open_socket(const struct socket_address *address)
{
    int fd = socket(address->storage.ss_family, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
    return fd;
}

static uint16_t bound_port(int fd)
{
    struct sockaddr_storage storage;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    socklen_t len = sizeof storage;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&storage, &len), 0);
    memcpy(&ipv4, &storage, sizeof ipv4);
    memcpy(&ipv6, &storage, sizeof ipv6);
    return ntohs(storage.ss_family == AF_INET6 ? ipv6.sin6_port : ipv4.sin_port);
}

/* False where the port is taken, or the address not there. */
static bool bind_peer(struct peer *peer, const char *host, uint16_t port)
{
    struct socket_address address;
    make_address(&address, host, port);
    *peer = (struct peer){.fd = open_socket(&address)};
    if (peer->fd < 0)
        return false;
    if (bind(peer->fd, (struct sockaddr *)&address.storage, address.len) != 0) {
        peer_release(peer);
        return false;
    }
    bool is_ipv6 = address.storage.ss_family == AF_INET6;
    peer->port = bound_port(peer->fd);
    (void)snprintf(peer->host, sizeof peer->host, "%s", host);
    (void)snprintf(peer->target, sizeof peer->target, is_ipv6 ? "[%s]:%u" : "%s:%u", host,
                   (unsigned)peer->port);
    return true;
}

bool peer_has_ipv6(void)
{
    struct peer peer;
    bool has_it = bind_peer(&peer, "::1", 0);
    peer_release(&peer);
    return has_it;
}

void peer_listen(struct peer *peer, const char *host)
{
    assert_true(bind_peer(peer, host, 0));
    assert_int_equal(listen(peer->fd, BACKLOG), 0);
}

void peer_refuse(struct peer *peer, const char *host)
{
    assert_true(bind_peer(peer, host, 0));
}

bool peer_refuse_at(struct peer *peer, const char *host, uint16_t port)
{
    return bind_peer(peer, host, port);
}

void peer_open(struct peer *peer)
{
    assert_int_equal(listen(peer->fd, BACKLOG), 0);
}

void peer_close(struct peer *peer)
{
    struct peer closed = *peer;
    peer_release(peer);
    assert_true(bind_peer(peer, closed.host, closed.port));
}

void peer_fade(struct peer *peer)
{
    assert_int_equal(listen(peer->fd, 0), 0);
}

/* One more connection. True where it was answered. */
static bool fill(struct peer *peer)
{
    struct socket_address address;
    make_address(&address, peer->host, peer->port);
    int fd = open_socket(&address);
    assert_true(fd >= 0);
    peer->fillers[peer->filler_count++] = fd;
    if (connect(fd, (struct sockaddr *)&address.storage, address.len) == 0)
        return true;
    assert_int_equal(errno, EINPROGRESS);
    struct pollfd polled = {.fd = fd, .events = POLLOUT};
    return poll(&polled, 1, ANSWER_MS) > 0;
}

void peer_silence(struct peer *peer, const char *host)
{
    assert_true(bind_peer(peer, host, 0));
    assert_int_equal(listen(peer->fd, 0), 0);
    while (fill(peer))
        assert_true(peer->filler_count < PEER_FILLERS);
}

size_t peer_count(struct peer *peer)
{
    size_t count = 0;
    for (;;) {
        int fd = accept(peer->fd, NULL, NULL);
        if (fd < 0)
            break;
        (void)close(fd); /* only its coming counts */
        count++;
    }
    assert_true(errno == EAGAIN || errno == EWOULDBLOCK);
    return count;
}

void peer_wake(struct peer *peer)
{
    (void)peer_count(peer);
    peer_open(peer);
}

static void note_host(struct visit *visit, const struct sockaddr_storage *storage)
{
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    memcpy(&ipv4, storage, sizeof ipv4);
    memcpy(&ipv6, storage, sizeof ipv6);
    const void *address = storage->ss_family == AF_INET6 ? (const void *)&ipv6.sin6_addr
                                                         : (const void *)&ipv4.sin_addr;
    assert_non_null(inet_ntop(storage->ss_family, address, visit->host, sizeof visit->host));
}

static void await_readable(int fd)
{
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    if (poll(&polled, 1, VISIT_MS) <= 0)
        fail_msg("nothing came to a port in %d ms", VISIT_MS);
}

void peer_take(struct peer *peer, struct visit *visit)
{
    struct sockaddr_storage storage;
    socklen_t len = sizeof storage;
    *visit = (struct visit){.bytes = 0};
    await_readable(peer->fd);
    int fd = accept(peer->fd, (struct sockaddr *)&storage, &len);
    assert_true(fd >= 0);
    note_host(visit, &storage);
    char chunk[512];
    ssize_t count = 0;
    do {
        await_readable(fd);
        count = read(fd, chunk, sizeof chunk);
        visit->bytes += count > 0 ? (size_t)count : 0;
    } while (count > 0);
    visit->is_clean = count == 0;
    (void)close(fd); /* it was only looked at */
}

void peer_release(struct peer *peer)
{
    for (size_t i = 0; i < peer->filler_count; i++)
        (void)close(peer->fillers[i]); /* nothing was sent */
    if (peer->port != 0 || peer->fd > 0)
        (void)close(peer->fd); /* the same */
    *peer = (struct peer){.fd = -1};
}
