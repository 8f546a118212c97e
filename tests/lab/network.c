#define _GNU_SOURCE /* unshare, popen */

#include "network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netcheck/base/base.h"

enum { READY_MS = 10000 }; /* far more than it takes */

#define ROUTER_IPV6 "2001:db8:ffff::2" /* nobody; it is only a neighbour to route by */

/* The usual queue of 500 packets would drop what a burst of connects sends. The one neighbour
   of a point-to-point device is permanent because all namespaces share room for about 1,000
   others: a sweep of absent hosts elsewhere would cut this network off. */
static const char ipv4_setup[] = "link set lo up\n"
                                 "link set " NETWORK_DEVICE " txqueuelen 100000 up\n"
                                 "addr add " NETWORK_IPV4 "/32 dev " NETWORK_DEVICE "\n"
                                 "neigh add 0.0.0.0 dev " NETWORK_DEVICE " nud permanent\n"
                                 "route add default dev " NETWORK_DEVICE "\n";

/* By way of a router: in IPv6 each address would be a neighbour of its own otherwise. */
static const char ipv6_setup[] =
    "addr add " NETWORK_IPV6 "/64 dev " NETWORK_DEVICE " nodad\n"
    "neigh add " ROUTER_IPV6 " dev " NETWORK_DEVICE " nud permanent\n"
    "route add ::/0 via " ROUTER_IPV6 " dev " NETWORK_DEVICE "\n";

struct setting {
    const char *path; /* below /proc/sys/net */
    const char *value;
};

/* No router solicitations, no link-local address that would announce its groups. */
static const struct setting quiet_settings[] = {
    {"ipv6/conf/default/router_solicitations", "0"},
    {"ipv6/conf/default/accept_ra", "0"},
    {"ipv6/conf/default/addr_gen_mode", "1"},
};

/* Finished connections pile up in TIME_WAIT for a minute, and over the limit the kernel logs
   each; what it learned from them would alter the next ones; and the algorithm is to be the
   same on every machine. */
static const struct setting roomy_settings[] = {
    {"ipv4/tcp_max_tw_buckets", "1048576"},
    {"ipv4/tcp_no_metrics_save", "1"},
    {"ipv4/tcp_congestion_control", "reno"},
};

/* Each is worth a try: a kernel that lacks it, or a read-only /proc, has to do without. */
static void apply(const struct setting *settings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "/proc/sys/net/%s", settings[i].path);
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        ssize_t written = write(fd, settings[i].value, strlen(settings[i].value));
        (void)written; /* as said above */
        (void)close(fd);
    }
}

static int fail(char reason[static NETWORK_REASON_SIZE], const char *what)
{
    (void)snprintf(reason, NETWORK_REASON_SIZE, "%s: %s", what, strerror(errno));
    return -1;
}

static int open_device(char reason[static NETWORK_REASON_SIZE])
{
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return fail(reason, "/dev/net/tun");
    struct ifreq request;
    memset(&request, 0, sizeof request);
    memcpy(request.ifr_name, NETWORK_DEVICE, sizeof NETWORK_DEVICE);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (ioctl(fd, TUNSETIFF, &request) == 0)
        return fd;
    (void)fail(reason, "a TUN device");
    (void)close(fd); /* nothing was sent through it */
    return -1;
}

static bool run_ip(const char *commands)
{
    FILE *ip = popen("ip -batch - >&2", "w");
    if (ip == NULL)
        return false;
    bool is_written = fputs(commands, ip) >= 0;
    return pclose(ip) == 0 && is_written;
}

/* Whether packets to NETWORK_IPV6 are taken as this machine's own. */
static bool is_ipv6_local(void)
{
    struct in6_addr address;
    char start[40] = "";
    char line[256];
    bool is_found = false;
    (void)inet_pton(AF_INET6, NETWORK_IPV6, &address); /* it is one */
    for (size_t i = 0; i < sizeof address.s6_addr; i++)
        (void)snprintf(start + 2 * i, sizeof start - 2 * i, "%02x", address.s6_addr[i]);
    (void)snprintf(start + 32, sizeof start - 32, " 80 "); /* all of its 128 bits, in hex */
    FILE *routes = fopen("/proc/net/ipv6_route", "re");
    while (routes != NULL && !is_found && fgets(line, sizeof line, routes) != NULL)
        is_found = strncmp(line, start, strlen(start)) == 0;
    if (routes != NULL)
        (void)fclose(routes); /* it was only read */
    return is_found;
}

/* A worker of the kernel makes the route to a new address, some time later where namespaces
   come and go; answers would be lost until then. */
static bool await_ipv6(void)
{
    for (int i = 0; i < READY_MS; i++) {
        if (is_ipv6_local())
            return true;
        (void)poll(NULL, 0, 1); /* a signal only makes it shorter */
    }
    return false;
}

int network_open(char reason[static NETWORK_REASON_SIZE])
{
    if (geteuid() != 0) {
        (void)snprintf(reason, NETWORK_REASON_SIZE, "needs root");
        return -1;
    }
    if (system("command -v ip >/dev/null") != 0) {
        (void)snprintf(reason, NETWORK_REASON_SIZE, "needs ip (package iproute2)");
        return -1;
    }
    if (unshare(CLONE_NEWNET) != 0)
        return fail(reason, "a network namespace");
    apply(quiet_settings, ARRAY_LEN(quiet_settings));
    int fd = open_device(reason);
    if (fd < 0)
        return -1;
    bool has_ipv6 = access("/proc/sys/net/ipv6", F_OK) == 0;
    if (run_ip(ipv4_setup) && (!has_ipv6 || (run_ip(ipv6_setup) && await_ipv6()))) {
        apply(roomy_settings, ARRAY_LEN(roomy_settings));
        return fd;
    }
    (void)snprintf(reason, NETWORK_REASON_SIZE, "ip could not set up " NETWORK_DEVICE);
    (void)close(fd); /* the same */
    return -1;
}

uint64_t network_dropped(void)
{
    struct ifaddrs *all = NULL;
    uint64_t dropped = 0;
    if (getifaddrs(&all) != 0)
        return 0;
    for (const struct ifaddrs *item = all; item != NULL; item = item->ifa_next) {
        /* Counters are where the device itself is listed, not its addresses. */
        if (item->ifa_data == NULL || strcmp(item->ifa_name, NETWORK_DEVICE) != 0)
            continue;
        struct rtnl_link_stats counters;
        memcpy(&counters, item->ifa_data, sizeof counters);
        dropped = counters.tx_dropped;
    }
    freeifaddrs(all);
    return dropped;
}
