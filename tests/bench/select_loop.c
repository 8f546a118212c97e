/*
 * select_loop: the least a program can do to ask many ports. No names, no rows, no reasons, and
 * SO_ERROR alone decides, which is not always right. What it needs is the limit for all others.
 *
 *     select_loop [-u] [-v] WINDOW TIMEOUT_MS ADDRESS COUNT PORT[-LAST]
 *
 * Asks COUNT consecutive addresses from ADDRESS on, every port of each; with -u by one empty
 * datagram, and any that comes back is an answer. Prints
 * "UP DOWN TIMEOUT ERROR", the numbers of each verdict; with -v before that a line
 * "ADDRESS PORT VERDICT" for each.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BURST_MIN = 64, BURST_SHARE = 16, RESERVE = 16, NONE = -1 };
enum verdict { VERDICT_UP, VERDICT_DOWN, VERDICT_TIMEOUT, VERDICT_ERROR, VERDICT_COUNT };

static const char *const verdict_names[] = {"up", "down", "timeout", "error"};

/* Of each descriptor. All time out after the same time, so the oldest are always first. */
struct probe {
    int64_t deadline_ns;
    uint32_t host;
    uint16_t port;
    int older;
    int newer;
};

struct loop {
    struct probe *probes;
    fd_set *asked;
    fd_set *ready;
    size_t sets;
    int oldest;
    int newest;
    int end; /* one above the highest descriptor */
    int window;
    int in_flight;
    int64_t timeout_ns;
    uint32_t host;
    uint64_t hosts_left;
    uint32_t port;
    uint32_t first_port;
    uint32_t last_port;
    bool is_udp;
    bool is_verbose;
    long counts[VERDICT_COUNT];
};

static int64_t now_ns(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void count_verdict(struct loop *loop, const struct probe *probe, enum verdict verdict)
{
    loop->counts[verdict]++;
    if (loop->is_verbose)
        printf("%u.%u.%u.%u %u %s\n", probe->host >> 24, probe->host >> 16 & 255,
               probe->host >> 8 & 255, probe->host & 255, probe->port, verdict_names[verdict]);
}

static enum verdict verdict_of(int error)
{
    switch (error) {
    case 0:
        return VERDICT_UP;
    case ETIMEDOUT:
        return VERDICT_TIMEOUT;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
        return VERDICT_DOWN;
    default:
        return VERDICT_ERROR;
    }
}

static void link_newest(struct loop *loop, int fd)
{
    loop->probes[fd].older = loop->newest;
    loop->probes[fd].newer = NONE;
    if (loop->newest != NONE)
        loop->probes[loop->newest].newer = fd;
    else
        loop->oldest = fd;
    loop->newest = fd;
}

static void finish(struct loop *loop, int fd, enum verdict verdict)
{
    const struct probe *probe = &loop->probes[fd];
    count_verdict(loop, probe, verdict);
    if (probe->older != NONE)
        loop->probes[probe->older].newer = probe->newer;
    else
        loop->oldest = probe->newer;
    if (probe->newer != NONE)
        loop->probes[probe->newer].older = probe->older;
    else
        loop->newest = probe->older;
    FD_CLR(fd % FD_SETSIZE, &loop->asked[fd / FD_SETSIZE]);
    loop->in_flight--;
    (void)close(fd); /* nothing left to lose */
}

static void start_one(struct loop *loop)
{
    struct probe probe = {.host = loop->host, .port = (uint16_t)loop->port};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(probe.port)};
    to.sin_addr.s_addr = htonl(probe.host);
    int fd = socket(AF_INET, (loop->is_udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        perror("select_loop");
        exit(2);
    }
    int error = connect(fd, (struct sockaddr *)&to, sizeof to) == 0 ? 0 : errno;
    if (loop->is_udp && error == 0)
        error = send(fd, "", 0, 0) == 0 ? EINPROGRESS : errno;
    if (error != EINPROGRESS) {
        count_verdict(loop, &probe, verdict_of(error));
        (void)close(fd); /* nothing left to lose */
        return;
    }
    probe.deadline_ns = now_ns() + loop->timeout_ns;
    loop->probes[fd] = probe;
    link_newest(loop, fd);
    FD_SET(fd % FD_SETSIZE, &loop->asked[fd / FD_SETSIZE]);
    if (fd >= loop->end)
        loop->end = fd + 1;
    loop->in_flight++;
}

static void start_some(struct loop *loop)
{
    /* The larger the window, the dearer a select(): 64 connects, or a 16th of the window. */
    int burst = loop->window / BURST_SHARE;
    if (burst < BURST_MIN)
        burst = BURST_MIN;
    for (int i = 0; i < burst && loop->hosts_left > 0 && loop->in_flight < loop->window; i++) {
        start_one(loop);
        if (++loop->port > loop->last_port) {
            loop->port = loop->first_port;
            loop->host++;
            loop->hosts_left--;
        }
    }
}

static int wait_ready(struct loop *loop)
{
    bool is_in_haste = loop->hosts_left > 0 && loop->in_flight < loop->window;
    int64_t left_ns = is_in_haste ? 0 : loop->probes[loop->oldest].deadline_ns - now_ns();
    if (left_ns < 0)
        left_ns = 0;
    int64_t left_us = (left_ns + 999) / 1000;
    struct timeval timeout = {.tv_sec = left_us / 1000000, .tv_usec = left_us % 1000000};
    size_t used = ((size_t)loop->end + FD_SETSIZE - 1) / FD_SETSIZE;
    memcpy(loop->ready, loop->asked, used * sizeof *loop->ready);
    fd_set *readable = loop->is_udp ? loop->ready : NULL;
    fd_set *writable = loop->is_udp ? NULL : loop->ready;
    return select(loop->end, readable, writable, NULL, &timeout);
}

static int error_of(const struct loop *loop, int fd)
{
    int error = 0;
    socklen_t len = sizeof error;
    unsigned char bytes[2048];
    if (loop->is_udp)
        return recv(fd, bytes, sizeof bytes, 0) >= 0 ? 0 : errno;
    (void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len); /* cannot fail here */
    return error;
}

static void look_at_ready(struct loop *loop, int count)
{
    for (int fd = 0; fd < loop->end && count > 0; fd++) {
        if (!FD_ISSET(fd % FD_SETSIZE, &loop->ready[fd / FD_SETSIZE]))
            continue;
        finish(loop, fd, verdict_of(error_of(loop, fd)));
        count--;
    }
}

static void run(struct loop *loop)
{
    while (loop->hosts_left > 0 || loop->in_flight > 0) {
        start_some(loop);
        if (loop->in_flight == 0)
            continue;
        int count = wait_ready(loop);
        if (count > 0)
            look_at_ready(loop, count);
        int64_t at_ns = now_ns();
        while (loop->oldest != NONE && loop->probes[loop->oldest].deadline_ns <= at_ns)
            finish(loop, loop->oldest, VERDICT_TIMEOUT);
    }
}

/* As many descriptors as the system gives; the window is cut to fit. */
static bool prepare(struct loop *loop)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    limit.rlim_cur = limit.rlim_max;
    if (limit.rlim_max > 1u << 20 || setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    int fds = (int)limit.rlim_cur;
    if (loop->window > fds - RESERVE)
        loop->window = fds - RESERVE;
    loop->sets = (size_t)fds / FD_SETSIZE + 1;
    loop->probes = calloc((size_t)fds, sizeof *loop->probes);
    loop->asked = calloc(loop->sets, sizeof *loop->asked);
    loop->ready = calloc(loop->sets, sizeof *loop->ready);
    loop->oldest = loop->newest = NONE;
    return loop->probes != NULL && loop->asked != NULL && loop->ready != NULL;
}

static bool parse(struct loop *loop, char *argv[])
{
    struct in_addr address;
    char *end;
    loop->window = (int)strtol(argv[0], NULL, 10);
    loop->timeout_ns = strtol(argv[1], NULL, 10) * INT64_C(1000000);
    loop->hosts_left = strtoull(argv[3], NULL, 10);
    loop->port = loop->first_port = (uint32_t)strtoul(argv[4], &end, 10);
    loop->last_port = *end == '-' ? (uint32_t)strtoul(end + 1, NULL, 10) : loop->port;
    if (inet_pton(AF_INET, argv[2], &address) != 1)
        return false;
    loop->host = ntohl(address.s_addr);
    return loop->window > 0;
}

int main(int argc, char *argv[])
{
    struct loop loop = {0};
    int first = 1;
    for (; first < argc && argv[first][0] == '-'; first++) {
        loop.is_udp |= strcmp(argv[first], "-u") == 0;
        loop.is_verbose |= strcmp(argv[first], "-v") == 0;
    }
    if (argc != first + 5 || !parse(&loop, argv + first)) {
        (void)fprintf(
            stderr,
            "usage: select_loop [-u] [-v] WINDOW TIMEOUT_MS ADDRESS COUNT PORT[-LAST]\n");
        return 2;
    }
    if (!prepare(&loop)) {
        perror("select_loop");
        return 2;
    }
    run(&loop);
    printf("%ld %ld %ld %ld\n", loop.counts[VERDICT_UP], loop.counts[VERDICT_DOWN],
           loop.counts[VERDICT_TIMEOUT], loop.counts[VERDICT_ERROR]);
    return fflush(stdout) == 0 ? 0 : 2;
}
