/*
 * The real kernel's verdicts, across a link: firewalls, routes, absent hosts, dead resolvers.
 *
 * The test moves itself into a network namespace of its own, with a second one behind a veth
 * pair; neither has a way out. That needs root, ip and nft: without them it says "skipped".
 */
#define _GNU_SOURCE /* setns */

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "links.h"
#include "peer.h"
#include "text.h"
#include "watch.h"

static const char setup[] =
    "exec 2>&1; set -e\n"
    "mkdir -p /run/netns && mount -t tmpfs none /run/netns && mount -t tmpfs none /mnt\n"
    "ip link set lo up && ip netns add far\n"
    "ip link add near type veth peer name far netns far\n"
    "ip addr add 10.66.0.1/24 dev near && ip link set near up\n"
    "for i in 0 1 2 3 4 5 6 7; do\n"
    "  ip addr add 10.66.0.1$i/24 dev near; ip -6 addr add fd66::1$i/64 dev near nodad\n"
    "done\n"
    "ip -6 addr add fd66::1/64 dev near nodad\n"
    "ip route add 10.70.0.0/16 via 10.66.0.2; ip -6 route add fd70::/64 via fd66::2\n"
    "ip route add prohibit 10.66.2.0/24\n"
    "ip route add blackhole 10.66.3.0/24\n"
    "ip route add unreachable 10.66.4.0/24\n"
    "ip netns exec far sh -ec '\n"
    "  ip link set lo up; ip link set far up\n"
    "  ip addr add 10.66.0.2/24 dev far; ip -6 addr add fd66::2/64 dev far nodad\n"
    "  echo 0 > /proc/sys/net/ipv4/icmp_ratelimit; echo 0 > /proc/sys/net/ipv6/icmp/ratelimit\n"
    "  echo 1 > /proc/sys/net/ipv4/ip_forward\n"
    "  echo 1 > /proc/sys/net/ipv6/conf/all/forwarding\n"
    "  ip route add unreachable 10.70.0.0/16; ip -6 route add unreachable fd70::/64\n"
    "  nft -f -' <<'EOF'\n"
    "table inet t {\n"
    "  chain in {\n"
    "    type filter hook input priority 0;\n"
    "    udp dport 53 drop\n"
    "    tcp dport 83 drop\n"
    "    tcp dport 2999 accept\n"
    "    tcp dport 2500-3999 reject with icmpx port-unreachable\n"
    "    tcp dport 84 reject with tcp reset\n"
    "    meta nfproto ipv4 tcp dport 80 reject with icmp type admin-prohibited\n"
    "    meta nfproto ipv4 tcp dport 81 reject with icmp type host-unreachable\n"
    "    meta nfproto ipv4 tcp dport 82 reject with icmp type port-unreachable\n"
    "    meta nfproto ipv4 tcp dport 85 reject with icmp type host-prohibited\n"
    "    meta nfproto ipv4 tcp dport 86 reject with icmp type net-prohibited\n"
    "    meta nfproto ipv4 tcp dport 87 reject with icmp type net-unreachable\n"
    "    meta nfproto ipv4 tcp dport 88 reject with icmp type prot-unreachable\n"
    "    meta nfproto ipv6 tcp dport 80 reject with icmpv6 type admin-prohibited\n"
    "    meta nfproto ipv6 tcp dport 81 reject with icmpv6 type addr-unreachable\n"
    "    meta nfproto ipv6 tcp dport 82 reject with icmpv6 type port-unreachable\n"
    "    meta nfproto ipv6 tcp dport 87 reject with icmpv6 type no-route\n"
    "  }\n"
    "}\n"
    "EOF\n"
    /* A SYN proxy before the far ports 90 to 92; the last one's server hears nothing. */
    "ip netns exec far sh -c '\n"
    "  nft -f - && echo 0 > /proc/sys/net/netfilter/nf_conntrack_tcp_loose' <<'EOF' ||"
    " touch /mnt/no-synproxy\n"
    "table inet s {\n"
    "  chain before {\n"
    "    type filter hook prerouting priority raw\n"
    "    tcp dport 90-92 tcp flags syn notrack\n"
    "  }\n"
    "  chain in {\n"
    "    type filter hook input priority 0\n"
    "    tcp dport 90-92 ct state invalid,untracked"
    " synproxy mss 1460 wscale 7 timestamp sack-perm\n"
    "    ct state invalid drop\n"
    "  }\n"
    "  chain out {\n"
    "    type filter hook output priority 0\n"
    "    tcp dport 92 drop\n"
    "  }\n"
    "}\n"
    "EOF\n"
    /* Names: one whose first address is dead, one that ad blockers answer, a dead resolver. */
    "printf '%s\\n' '127.0.0.1 localhost' '10.66.0.99 twice' '127.0.0.1 twice' "
    "'fd66::99 dual' '127.0.0.1 dual' '0.0.0.0 blocked' > /mnt/hosts\n"
    "echo nameserver 10.66.0.2 > /mnt/resolv.conf\n"
    "echo 'hosts: files dns' > /mnt/nsswitch.conf\n"
    "for file in hosts resolv.conf nsswitch.conf; do\n"
    "  touch /etc/$file; mount --bind /mnt/$file /etc/$file\n"
    "done\n";

static int open_network(void **state)
{
    (void)state;
    return links_open(setup);
}

static const struct {
    const char *label;
    const char *words[6];
    int status;
    const char *out;
} verdicts[] = {
    {"icmp errors name reason and sender",
     ARGS("-t", "2.5", "10.66.0.2:80-82,84-89", "[fd66::2]:80-82,87"), 1,
     "down   10.66.0.2:80  10.66.0.2  prohibited: administratively prohibited, "
     "said 10.66.0.2 (ICMP 3/13)\n"
     "down   10.66.0.2:81  10.66.0.2  unreachable: host unreachable, "
     "said 10.66.0.2 (ICMP 3/1)\n"
     "down   10.66.0.2:82  10.66.0.2  refused: port unreachable, said 10.66.0.2 (ICMP 3/3)\n"
     "down   10.66.0.2:84  10.66.0.2  refused in N ms\n"
     "down   10.66.0.2:85  10.66.0.2  prohibited: host administratively prohibited, "
     "said 10.66.0.2 (ICMP 3/10)\n"
     "down   10.66.0.2:86  10.66.0.2  prohibited: network administratively prohibited, "
     "said 10.66.0.2 (ICMP 3/9)\n"
     "down   10.66.0.2:87  10.66.0.2  unreachable: network unreachable, "
     "said 10.66.0.2 (ICMP 3/0)\n"
     "down   10.66.0.2:88  10.66.0.2  unreachable: protocol unreachable, "
     "said 10.66.0.2 (ICMP 3/2)\n"
     "down   10.66.0.2:89  10.66.0.2  refused in N ms\n"
     "down   [fd66::2]:80  fd66::2  prohibited: administratively prohibited, "
     "said fd66::2 (ICMPv6 1/1)\n"
     "down   [fd66::2]:81  fd66::2  unreachable: address unreachable, "
     "said fd66::2 (ICMPv6 1/3)\n"
     "down   [fd66::2]:82  fd66::2  refused: port unreachable, said fd66::2 (ICMPv6 1/4)\n"
     "down   [fd66::2]:87  fd66::2  unreachable: no route to destination, "
     "said fd66::2 (ICMPv6 1/0)\n"},
    {"mapped address hears icmp of ipv4", ARGS("[::ffff:10.66.0.2]:80,87"), 1,
     "down   [::ffff:10.66.0.2]:80  ::ffff:10.66.0.2  prohibited: "
     "administratively prohibited, said 10.66.0.2 (ICMP 3/13)\n"
     "down   [::ffff:10.66.0.2]:87  ::ffff:10.66.0.2  unreachable: "
     "network unreachable, said 10.66.0.2 (ICMP 3/0)\n"},
    {"routes say no at once",
     ARGS("10.66.2.1:80", "10.66.3.1:80", "10.66.4.1:80", "10.99.0.1:80"), 1,
     "down   10.66.2.1:80  10.66.2.1  prohibited: prohibited by a route or firewall\n"
     "down   10.66.3.1:80  10.66.3.1  unreachable: blackhole route\n"
     "down   10.66.4.1:80  10.66.4.1  unreachable: no route from this machine\n"
     "down   10.99.0.1:80  10.99.0.1  unreachable: no route from this machine\n"},
    {"dropped port is a timeout with its syns", ARGS("-t", "1.5", "10.66.0.2:83"), 1,
     "down   10.66.0.2:83  10.66.0.2  timeout: no answer to 2 SYNs in 1.5 s\n"},
    {"absent host is unreachable says this machine", ARGS("-t", "5", "10.66.0.98:80"), 1,
     "down   10.66.0.98:80  10.66.0.98  unreachable: host unreachable, "
     "said 10.66.0.1, this machine (ICMP 3/1)\n"},
    {"unspecified address is unresolved", ARGS("-4", "blocked:443"), 2,
     "error  blocked:443  -  unresolved: resolves to the unspecified address\n"},
};

static void test_network_verdicts_are_those_of_the_path(void **state)
{
    (void)state;
    links_need();
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        const struct launch launch = {.label = verdicts[i].label,
                                      .arguments = verdicts[i].words};
        expect_run(&launch, verdicts[i].status, verdicts[i].out, "");
    }
}

static void test_network_json_tells_this_machine_from_a_router(void **state)
{
    (void)state;
    links_need();
    static const struct {
        const char *target;
        const char *said;
    } cases[] = {
        {"10.66.0.2:80",
         "\"reason\":\"prohibited\",\"detail\":\"administratively prohibited, said 10.66.0.2 "
         "(ICMP 3/13)\",\"error\":\"EHOSTUNREACH\",\"icmp\":{\"type\":3,\"code\":13},"
         "\"reported_by\":\"10.66.0.2\""},
        {"10.66.2.1:80", "\"error\":\"EACCES\",\"icmp\":null,\"reported_by\":\"this machine\""},
        {"10.66.3.1:80", "\"error\":\"EINVAL\",\"icmp\":null,\"reported_by\":\"this machine\""},
        {"10.99.0.1:80",
         "\"error\":\"ENETUNREACH\",\"icmp\":null,\"reported_by\":\"this machine\""},
        {"[fd99::1]:80",
         "\"error\":\"ENETUNREACH\",\"icmp\":null,\"reported_by\":\"this machine\""},
        {"10.66.0.2:87", "\"icmp\":{\"type\":3,\"code\":0},\"reported_by\":\"10.66.0.2\""},
        {"10.66.0.2:89", "\"error\":\"ECONNREFUSED\",\"icmp\":null,\"reported_by\":null"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct program program = {0};
        const struct launch launch = {.arguments = WORDS("-j", cases[i].target)};
        program_run(&program, &launch);
        if (strstr(buffer_text(&program.out), cases[i].said) == NULL)
            fail_msg("%s: no %s in %s", cases[i].target, cases[i].said,
                     buffer_text(&program.out));
        program_release(&program);
    }
}

/* The route comes back half a second later: after one pause. */
static void test_network_route_that_comes_back_is_found_by_retries(void **state)
{
    (void)state;
    links_need();
    const struct launch launch = {.arguments = WORDS("-r", "3", "10.71.0.1:80")};
    struct program program = {0};
    assert_int_equal(system("(sleep 0.5; exec ip route add 10.71.0.0/16 via 10.66.0.2) &"), 0);
    program_run(&program, &launch);
    text_hide_latencies(&program.out);
    expect_text("route", "standard output", buffer_text(&program.out),
                "down   10.71.0.1:80  10.71.0.1  unreachable: network unreachable, "
                "said 10.66.0.2 (ICMP 3/0), 2 attempts\n");
    expect_took(&program, 1000, 1500);
    program_release(&program);
}

/* How often a host of its own sends ICMP errors again, as Linux has it or without a limit. */
static void limit_icmp(bool is_limited)
{
    const char *command =
        is_limited ? "ip netns exec far sh -c 'echo 1000 > /proc/sys/net/ipv4/icmp_ratelimit;"
                     "echo 100 > /proc/sys/net/ipv6/icmp/ratelimit'"
                   : "ip netns exec far sh -c 'echo 0 > /proc/sys/net/ipv4/icmp_ratelimit;"
                     "echo 0 > /proc/sys/net/ipv6/icmp/ratelimit'";
    assert_int_equal(system(command), 0);
}

/* Hosts and routers that reject by ICMP send only so many errors. The rest ends in time, too.
 */
static void test_network_rejections_beyond_the_limit_are_told_as_such(void **state)
{
    (void)state;
    links_need();
    static const struct {
        const char *label;
        const char *targets[3];
        size_t rows;
    } cases[] = {
        {"host", ARGS("10.66.0.2:3000-3999"), 1000},
        {"host, IPv6", ARGS("[fd66::2]:3000-3999"), 1000},
        {"host, one port resets", ARGS("10.66.0.2:2500-3499"), 1000},
        {"prefix", ARGS("10.70.0.0/22:80"), 1024},
        {"prefix, IPv6", ARGS("[fd70::]/118:80"), 1024},
        {"prefix, others answer", ARGS("10.66.0.2:4000-4099", "10.70.0.0/22:80"), 1124},
        {"all addresses", ARGS("-A", "10.66.0.2:3000-3099"), 100},
        {"a round", ARGS("-c1", "-i0.1", "10.66.0.2:3000-3099"), 100},
    };
    limit_icmp(true);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        /* The limit is one for each client. */
        char source[16];
        bool is_ipv6 = strchr(cases[i].targets[0], '[') != NULL;
        (void)snprintf(source, sizeof source, is_ipv6 ? "fd66::1%zu" : "10.66.0.1%zu", i);
        const struct launch launch = {.label = cases[i].label,
                                      .arguments =
                                          WORDS("-t", "2", "-s", source, cases[i].targets[0],
                                                cases[i].targets[1], cases[i].targets[2])};
        struct program program = {0};
        program_run(&program, &launch);
        expect_number(cases[i].label, "status", program.status, 1);
        size_t silent = watch_count(&program.out, "timeout: ");
        expect_number(cases[i].label, "silent rows that say why",
                      (int64_t)watch_count(&program.out, is_ipv6 ? ", fd66::2 rejected "
                                                                 : ", 10.66.0.2 rejected "),
                      (int64_t)silent);
        expect_number(cases[i].label, "rows", (int64_t)watch_count(&program.out, "down  "),
                      (int64_t)cases[i].rows);
        assert_true(silent >= 60);
        expect_took(&program, 2000, 3000);
        program_release(&program);
    }
    limit_icmp(false);
}

static void test_network_dead_first_address_costs_a_moment(void **state)
{
    (void)state;
    links_need();
    static const char *const names[] = {"twice", "dual"};
    struct peer peer;
    peer_listen(&peer, "127.0.0.1");
    char port[8];
    (void)snprintf(port, sizeof port, "%u", (unsigned)peer.port);
    for (size_t i = 0; i < 2; i++) {
        const struct launch launch = {.arguments = WORDS(names[i], port)};
        struct program program = {0};
        program_run(&program, &launch);
        expect_number(names[i], "status", program.status, 0);
        expect_took(&program, 0, 1500);
        program_release(&program);
    }
    peer_release(&peer);
}

/* Listen on every address of the far side. The socket stays there. */
static int listen_far(uint16_t port)
{
    struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int near = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    int far = open("/run/netns/far", O_RDONLY | O_CLOEXEC);
    assert_true(near >= 0 && far >= 0);
    assert_int_equal(setns(far, CLONE_NEWNET), 0);
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(setns(near, CLONE_NEWNET), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(close(near), 0);
    assert_int_equal(close(far), 0);
    return fd;
}

static void test_network_syn_proxy_is_no_server(void **state)
{
    (void)state;
    links_need();
    if (access("/mnt/no-synproxy", F_OK) == 0)
        skip(); /* the kernel has none */
    int fd = listen_far(90);
    const struct launch launch = {.arguments =
                                      WORDS("-t", "0.6", "10.66.0.2:90-92", "[fd66::2]:90-92")};
    expect_run(&launch, 1,
               "up     10.66.0.2:90  10.66.0.2  N ms\n"
               "down   10.66.0.2:91  10.66.0.2  refused in N ms, "
               "by the server behind a SYN proxy\n"
               "down   10.66.0.2:92  10.66.0.2  timeout: accepted by a SYN proxy, "
               "no server behind it answered in N ms\n"
               "up     [fd66::2]:90  fd66::2  N ms\n"
               "down   [fd66::2]:91  fd66::2  refused in N ms, "
               "by the server behind a SYN proxy\n"
               "down   [fd66::2]:92  fd66::2  timeout: accepted by a SYN proxy, "
               "no server behind it answered in N ms\n",
               "");
    assert_int_equal(close(fd), 0);
}

static void test_network_dead_resolver_ends_in_time(void **state)
{
    (void)state;
    links_need();
    const struct launch launch = {.arguments =
                                      WORDS("-t", "2", "no-answer.example:80", "localhost:9")};
    struct program program = {0};
    program_run(&program, &launch);
    expect_number("dead resolver", "status", program.status, 2);
    expect_took(&program, 1999, 2500);
    text_hide_latencies(&program.out);
    expect_text(
        "dead resolver", "standard output", buffer_text(&program.out),
        "error  no-answer.example:80  -  resolve-timeout: the resolver did not answer in "
        "2 s\n"
        "down   localhost:9  127.0.0.1  refused in N ms\n");
    program_release(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_network_verdicts_are_those_of_the_path),
        cmocka_unit_test(test_network_json_tells_this_machine_from_a_router),
        cmocka_unit_test(test_network_route_that_comes_back_is_found_by_retries),
        cmocka_unit_test(test_network_rejections_beyond_the_limit_are_told_as_such),
        cmocka_unit_test(test_network_dead_first_address_costs_a_moment),
        cmocka_unit_test(test_network_syn_proxy_is_no_server),
        cmocka_unit_test(test_network_dead_resolver_ends_in_time),
    };
    return cmocka_run_group_tests_name("cli: network", tests, open_network, NULL);
}
