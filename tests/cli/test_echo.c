/*
 * ICMP echo across real links, by those who may ask and those who may not.
 *
 * The test moves itself into a network namespace of its own: near (here) - far - end, the last
 * link of which is narrow. That needs root, ip and nft: without them it says "skipped".
 */
#define _GNU_SOURCE /* setresuid */

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"
#include "links.h"
#include "text.h"

static const char setup[] =
    "exec 2>&1; set -e\n"
    "mkdir -p /run/netns && mount -t tmpfs none /run/netns\n"
    "ip link set lo up && ip netns add far && ip netns add end\n"
    "ip link add near type veth peer name far netns far\n"
    "ip addr add 10.66.0.1/24 broadcast 10.66.0.255 dev near\n"
    "ip -6 addr add fd66::1/64 dev near nodad; ip -6 addr add fe80::1/64 dev near nodad\n"
    "ip link set near up; echo 50 > /proc/sys/net/ipv4/neigh/near/retrans_time_ms\n"
    "ip route add default via 10.66.0.2; ip -6 route add default via fd66::2\n"
    "ip route add prohibit 10.66.2.0/24; ip route add blackhole 10.66.3.0/24\n"
    "ip -6 route add unreachable fd63::/64\n"
    "ip netns exec far sh -ec '\n"
    "  ip link set lo up; ip link set far up\n"
    "  for i in 2 3 4; do ip addr add 10.66.0.$i/24 dev far; done\n"
    "  ip -6 addr add fd66::2/64 dev far nodad; ip -6 addr add fe80::2/64 dev far nodad\n"
    "  ip link add to_end type veth peer name end netns end; ip link set to_end mtu 1400 up\n"
    "  ip addr add 10.67.0.1/24 dev to_end; ip -6 addr add fd67::1/64 dev to_end nodad\n"
    "  echo 0 > /proc/sys/net/ipv4/icmp_ratemask; echo 0 > /proc/sys/net/ipv6/icmp/ratelimit\n"
    "  echo 1 > /proc/sys/net/ipv4/ip_forward\n"
    "  echo 1 > /proc/sys/net/ipv6/conf/all/forwarding\n"
    "  ip route add 10.71.0.0/16 via 10.67.0.2; ip route add unreachable 10.70.0.0/16; ip -6 "
    "route add unreachable fd70::/64\n"
    "  nft -f -' <<'EOF'\n"
    "table inet t {\n"
    "  chain in {\n"
    "    type filter hook input priority 0;\n"
    "    ip daddr 10.66.0.3 icmp type echo-request reject with icmp type admin-prohibited\n"
    "    ip daddr 10.66.0.4 drop\n"
    "  }\n"
    "  chain through {\n"
    "    type filter hook forward priority 0;\n"
    "    ip daddr 10.71.0.0/16 reject with icmp type host-unreachable\n" /* without a limit */
    "  }\n"
    "}\n"
    "EOF\n"
    "ip netns exec end sh -ec '\n"
    "  ip link set lo up; ip link set end mtu 1400 up\n"
    "  ip addr add 10.67.0.2/24 dev end; ip -6 addr add fd67::2/64 dev end nodad\n"
    "  ip route add default via 10.67.0.1; ip -6 route add default via fd67::1'\n"
    "nft -f - <<'EOF'\n"
    "table inet t {\n"
    "  chain out {\n"
    "    type filter hook output priority 0;\n"
    "    ip daddr 10.66.0.5 drop\n"
    "  }\n"
    "}\n"
    "EOF\n";

static int open_network(void **state)
{
    (void)state;
    return links_open(setup);
}

/* Whether the kernel gives ping sockets to every group, or to none. */
static void allow_groups(bool is_allowed)
{
    const char *range = is_allowed ? "0 2147483647" : "1 0";
    int fd = open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, range, strlen(range)), strlen(range));
    assert_int_equal(close(fd), 0);
}

enum { NOBODY = 65534, FAILED = 99 };

static void become_nobody(void *detail)
{
    (void)detail;
    if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
        setresuid(NOBODY, NOBODY, NOBODY) != 0)
        _exit(FAILED);
}

/* As a program that has the file capability. */
static void become_nobody_with_raw_sockets(void *detail)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct data[2] = {{.effective = 1u << CAP_NET_RAW,
                                                    .permitted = 1u << CAP_NET_RAW,
                                                    .inheritable = 1u << CAP_NET_RAW}};
    if (prctl(PR_SET_KEEPCAPS, 1L, 0L, 0L, 0L) != 0)
        _exit(FAILED);
    become_nobody(detail);
    if (syscall(SYS_capset, &header, data) != 0 ||
        prctl(PR_CAP_AMBIENT, (long)PR_CAP_AMBIENT_RAISE, (long)CAP_NET_RAW, 0L, 0L) != 0)
        _exit(FAILED);
}

static const struct asker {
    const char *label;
    void (*prepare)(void *detail);
    bool has_group;
} askers[] = {
    {"root, raw", NULL, false},
    {"root, ping", NULL, true},
    {"nobody, ping", become_nobody, true},
    {"nobody, raw", become_nobody_with_raw_sockets, false},
};

enum { ASKERS = sizeof askers / sizeof askers[0], WORDS_MAX = 12, ROWS_MAX = 8 };

/* What each asker sees; of a row how it begins, up to what there may be more of. */
static const struct {
    const char *label;
    const char *words[WORDS_MAX];
    int status;
    const char *rows[ROWS_MAX];
} verdicts[] = {
    {"hosts that answer",
     {"icmp://127.0.0.1", "icmp://[::1]", "icmp://10.67.0.2", "icmp://[fd67::2]",
      "icmp://[fe80::2%near]", "icmp://[::ffff:10.66.0.2]"},
     0,
     {"up     icmp://127.0.0.1  127.0.0.1  N", "up     icmp://[::1]  ::1  N",
      "up     icmp://10.67.0.2  10.67.0.2  N", "up     icmp://[fd67::2]  fd67::2  N",
      "up     icmp://[fe80::2%near]  fe80::2%", "up     icmp://[::ffff:10.66.0.2]  ::ffff"}},
    {"from an address, through an interface",
     {"-s", "fd66::1", "-I", "near", "icmp://[fd66::2]", "icmp://[fe80::2%near]"},
     0,
     {"up     icmp://[fd66::2]  fd66::2  N", "up     icmp://[fe80::2%near]  fe80::2%"}},
    {"from an address that is not there",
     {"-s", "10.66.0.77", "icmp://10.66.0.2"},
     2,
     {"error  icmp://10.66.0.2  10.66.0.2  local: cannot ask from this source"}},
    {"ICMP errors name reason and sender",
     {"icmp://10.66.0.3", "icmp://10.70.0.1", "icmp://[fd70::1]", "icmp://10.66.0.99"},
     1,
     {"down   icmp://10.66.0.3  10.66.0.3  prohibited: administratively prohibited, "
      "said 10.66.0.3 (ICMP 3/13)",
      "down   icmp://10.70.0.1  10.70.0.1  unreachable: host unreachable, "
      "said 10.66.0.2 (ICMP 3/1)",
      "down   icmp://[fd70::1]  fd70::1  unreachable: no route to destination, "
      "said fd66::2 (ICMPv6 1/0)",
      "down   icmp://10.66.0.99  10.66.0.99  unreachable: host unreachable, "
      "said 10.66.0.1, this machine (ICMP 3/1)"}},
    {"this machine says no at once",
     {"icmp://10.66.2.1", "icmp://10.66.3.1", "icmp://[fd63::1]", "icmp://10.66.0.5"},
     1,
     {"down   icmp://10.66.2.1  10.66.2.1  prohibited: prohibited by a route or firewall",
      "down   icmp://10.66.3.1  10.66.3.1  unreachable: blackhole route",
      "down   icmp://[fd63::1]  fd63::1  unreachable: no route from this machine",
      "down   icmp://10.66.0.5  10.66.0.5  prohibited: prohibited by a local firewall"}},
    {"silence",
     {"-t", "1.2", "icmp://10.66.0.4"},
     1,
     {"down   icmp://10.66.0.4  10.66.0.4  timeout"}},
    {"addresses of many hosts",
     {"icmp://10.66.0.255", "!udp://10.66.0.255:53"},
     1,
     {"down   icmp://10.66.0.255  10.66.0.255  unreachable: a broadcast address, not a host",
      "down   udp://10.66.0.255:53  10.66.0.255  unreachable: a broadcast address, not a "
      "host"}},
    {"what fits", /* a path of 1400 bytes */
     {"--size", "1372", "icmp://10.67.0.2"},
     0,
     {"up     icmp://10.67.0.2  10.67.0.2  N"}},
    {"what fits in IPv6",
     {"--size", "1352", "icmp://[fd67::2]"},
     0,
     {"up     icmp://[fd67::2]"}},
    {"what does not fit the path",
     {"--size", "1373", "icmp://10.67.0.2", "icmp://[fd67::2]", "icmp://10.66.0.2"},
     1,
     {"down   icmp://10.67.0.2  10.67.0.2  toobig: ",
      "down   icmp://[fd67::2]  fd67::2  toobig: ", "up     icmp://10.66.0.2  10.66.0.2  N"}},
    {"what does not fit the interface",
     {"--size", "1473", "icmp://10.66.0.2", "icmp://127.0.0.1"},
     1,
     {"down   icmp://10.66.0.2  10.66.0.2  toobig: ", "up     icmp://127.0.0.1  127.0.0.1  N"}},
};

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static void run_as(const struct asker *asker, const char *const *words, struct program *program)
{
    const struct launch launch = {
        .label = asker->label, .arguments = words, .prepare = asker->prepare};
    allow_groups(asker->has_group);
    program_run(program, &launch);
}

static void expect_rows(const char *label, struct program *program, const char *const *rows)
{
    text_hide_times(&program->out);
    const char *line = buffer_text(&program->out);
    for (size_t i = 0; i < ROWS_MAX && rows[i] != NULL; i++) {
        if (!begins_with(line, rows[i]))
            fail_msg("%s: %s: row %zu does not begin '%s':\n%s", label, program->launch.label,
                     i, rows[i], buffer_text(&program->out));
        line += strcspn(line, "\n") + 1;
    }
    expect_text(label, "rest of the output", line, "");
}

static void test_echo_rows_are_the_same_by_ping_and_raw_sockets(void **state)
{
    (void)state;
    links_need();
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0] * ASKERS; i++) {
        size_t row = i / ASKERS;
        struct program program;
        run_as(&askers[i % ASKERS], verdicts[row].words, &program);
        expect_rows(verdicts[row].label, &program, verdicts[row].rows);
        expect_number(verdicts[row].label, "status", program.status, verdicts[row].status);
        program_release(&program);
    }
}

static void test_echo_that_is_not_allowed_says_what_would_help(void **state)
{
    (void)state;
    static const struct asker nobody = {"nobody", become_nobody, false};
    struct program program;
    links_need();
    run_as(&nobody, WORDS("icmp://127.0.0.1", "icmp://[::1]"), &program);
    expect_text("not allowed", "output", buffer_text(&program.out),
                "error  icmp://127.0.0.1  127.0.0.1  local: ping is not allowed here: "
                "set net.ipv4.ping_group_range, or give CAP_NET_RAW\n"
                "error  icmp://[::1]  ::1  local: ping is not allowed here: "
                "set net.ipv4.ping_group_range, or give CAP_NET_RAW\n");
    expect_number("not allowed", "status", program.status, 2);
    program_release(&program);
}

/* 256 addresses that are this machine's, and errors of others that wait while they are asked:
   each row is that of its own target. */
static void test_echo_of_many_takes_nobodys_error_for_another(void **state)
{
    (void)state;
    static const char *const words[] = {"--unordered",         "-t", "2", "icmp://10.71.1.0/24",
                                        "icmp://127.1.0.0/24", NULL};
    links_need();
    for (size_t i = 0; i < ASKERS; i++) {
        struct program program;
        run_as(&askers[i], words, &program);
        const char *out = buffer_text(&program.out);
        size_t up = 0;
        size_t unreachable = 0;
        for (const char *line = out; *line != '\0'; line = strchr(line, '\n') + 1) {
            up += begins_with(line, "up     icmp://127.1.0.");
            unreachable += begins_with(line, "down   icmp://10.71.1.");
        }
        expect_number(askers[i].label, "up", (int64_t)up, 256);
        expect_number(askers[i].label, "unreachable", (int64_t)unreachable, 256);
        expect_number(askers[i].label, "silent", strstr(out, "timeout") != NULL, 0);
        program_release(&program);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo_rows_are_the_same_by_ping_and_raw_sockets),
        cmocka_unit_test(test_echo_that_is_not_allowed_says_what_would_help),
        cmocka_unit_test(test_echo_of_many_takes_nobodys_error_for_another),
    };
    return cmocka_run_group_tests_name("cli: echo", tests, open_network, NULL);
}
