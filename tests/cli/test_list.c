/*
 * --list: what would be asked, as targets that can be read again; nothing is asked.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

#define EXPECT_ALL(state, examples) scene_expect_all(*(state), examples, ARRAY_LEN(examples))

static void test_list_has_a_line_for_each_target(void **state)
{
    static const struct example examples[] = {
        {"name", ARGS("--list", "db:80"), .out = "db:80\n"},
        {"name as written", ARGS("--list", "DB.Example.:80"), .out = "DB.Example.:80\n"},
        {"HOST PORT", ARGS("--list", "db", "80"), .out = "db:80\n"},
        {"IPv6, every libc the same: IPv4-compatible", ARGS("--list", "[::7:8]/127:1"),
         .out = "[::7:8]:1\n[::7:9]:1\n"},
        {"IPv6, every libc the same: IPv4-mapped", ARGS("--list", "[::ffff:192.0.2.0]/128:1"),
         .out = "[::ffff:192.0.2.0]:1\n"},
        {"IPv6, every libc the same: two runs of zeros",
         ARGS("--list", "[0:0:1:0:0:2:3:4]/128:1", "[1:0:0:2:0:0:3:4]/128:1",
              "[0:0:0:1:0:0:0:2]/128:1"),
         .out = "[::1:0:0:2:3:4]:1\n[1::2:0:0:3:4]:1\n[::1:0:0:0:2]:1\n"},
        {"protocols", ARGS("--list", "db", "53/udp,443/tcp", "udp", "123", "icmp", "25"),
         .out = "udp://db:53\ndb:443\nudp://db:123\nicmp://db\ndb:25\n"},
        {"protocols before hosts",
         ARGS("--list", "-p443", "udp://a", "tls://b", "icmp://c", "!tls://[::1]", "d"),
         .out = "udp://a:443\ntls://b:443\nicmp://c\n!tls://[::1]:443\nd:443\n"},
        {"protocols of -p", ARGS("--list", "-p22,53/udp,icmp", "10.0.0.0/31"),
         .out = "10.0.0.0:22\nudp://10.0.0.0:53\nicmp://10.0.0.0\n10.0.0.1:22\n"
                "udp://10.0.0.1:53\nicmp://10.0.0.1\n"},
        {"protocols, a shard", ARGS("--list", "--shard=2/2", "-p22,53/udp,icmp", "10.0.0.0/31"),
         .out = "udp://10.0.0.0:53\n10.0.0.1:22\nicmp://10.0.0.1\n"},
        {"two targets, one without ports", ARGS("--list", "icmp://a", "b:1"),
         .out = "icmp://a\nb:1\n"},
        {"services of UDP", ARGS("--list", "a:ntp", "ntp://b", "udp://c:domain", "tcp://d:ntp"),
         .out = "udp://a:123\nudp://b:123\nudp://c:53\nd:123\n"},
        {"port list", ARGS("--list", "db", "443,22,80-81,https"),
         .out = "db:443\ndb:22\ndb:80\ndb:81\ndb:443\n"},
        {"-p with hosts", ARGS("--list", "-p22,80", "db", "web"),
         .out = "db:22\ndb:80\nweb:22\nweb:80\n"},
        {"!", ARGS("--list", "!db:23", "db:22"), .out = "!db:23\ndb:22\n"},
        {"! of a prefix", ARGS("--list", "!10.0.0.1/31:22,23"),
         .out = "!10.0.0.0:22\n!10.0.0.0:23\n!10.0.0.1:22\n!10.0.0.1:23\n"},
        {"IPv6", ARGS("--list", "[2001:DB8::1]:80"), .out = "[2001:DB8::1]:80\n"},
        {"IPv6, HOST PORT", ARGS("--list", "::1", "80"), .out = "[::1]:80\n"},
        {"IPv6, !", ARGS("--list", "![::1]:80"), .out = "![::1]:80\n"},
        {"IPv6, -p", ARGS("--list", "-p80", "::1"), .out = "[::1]:80\n"},
        {"IPv6 with its interface", ARGS("--list", "[fe80::1%eth0]:80"),
         .out = "[fe80::1%eth0]:80\n"},
        {"prefix of IPv6", ARGS("--list", "[2001:DB8::7]/127:443"),
         .out = "[2001:db8::6]:443\n[2001:db8::7]:443\n"},
        {"URL without its secret", ARGS("--list", "https://me:secret@db/path?q=1"),
         .out = "db:443\n"},
        {"--expect stays an option", ARGS("--list", "--expect=down", "db:80"),
         .out = "db:80\n"},
        {"file", ARGS("--list", "-f-"), .out = "db:80\n!web:22\n!web:23\n[::1]:443\n",
         .input = "# all\n\ndb:80 # main\n!web 22 23\r\n ::1 443"},
        {"operands come first", ARGS("--list", "-f-", "a:1"), .out = "a:1\nb:2\n",
         .input = "b:2\n"},
    };
    EXPECT_ALL(state, examples);
}

static void test_list_spells_out_ranges_of_addresses(void **state)
{
    static const struct example examples[] = {
        {"range, -p", ARGS("--list", "-p22", "!10.0.0.255-10.0.1.0"),
         .out = "!10.0.0.255:22\n!10.0.1.0:22\n"},
        {"range, HOST PORT", ARGS("--list", "10.0.0.1-2", "22,80"),
         .out = "10.0.0.1:22\n10.0.0.1:80\n10.0.0.2:22\n10.0.0.2:80\n"},
        {"range of IPv6", ARGS("--list", "[2001:DB8::F]-[2001:DB8::10]:443"),
         .out = "[2001:db8::f]:443\n[2001:db8::10]:443\n"},
        {"range of IPv6, HOST PORT", ARGS("--list", "2001:db8::f-2001:db8::10", "443"),
         .out = "[2001:db8::f]:443\n[2001:db8::10]:443\n"},
        {"lists of ranges", ARGS("--list", "10.0.0.1-2:1,[::2]-[::3]:4,5,[::9]:6"),
         .out = "10.0.0.1:1\n10.0.0.2:1\n[::2]:4\n[::2]:5\n[::3]:4\n[::3]:5\n[::9]:6\n"},
        {"ranges of a file", ARGS("--list", "-f-"),
         .out = "10.0.0.1:22\n10.0.0.2:22\n[::2]:22\n[::3]:22\n",
         .input = "10.0.0.1-2 22 # both\n[::2]-[::3]:22\n"},
        {"-4 and a range of IPv6", ARGS("--list", "-4", "[::2]-[::3]:22"),
         .err =
             "netcheck: not an IPv4 address '[::2]-[::3]' in '[::2]-[::3]:22': only IPv4 was "
             "asked for (-4 or -s)\n",
         .status = 2},
        {"no range", ARGS("--list", "10.0.0.x:22"),
         .err = "netcheck: no address, prefix or range '10.0.0.x' in '10.0.0.x:22': write "
                "10.0.0.0/24\n",
         .status = 2},
    };
    EXPECT_ALL(state, examples);
}

static void test_list_asks_nothing(void **state)
{
    struct scene *scene = *state;
    static const struct example examples[] = {
        {"a port", ARGS("--list", "{up}"), .out = "{up}\n"},
        {"-v", ARGS("--list", "-v", "{up}"), .out = "{up}\n"},
        {"name", ARGS("--list", "localhost:{local.port}"), .out = "localhost:{local.port}\n"},
    };
    (void)peer_count(&scene->up);
    (void)peer_count(&scene->local);
    EXPECT_ALL(state, examples);
    expect_number("--list", "connections",
                  (int64_t)(peer_count(&scene->up) + peer_count(&scene->local)), 0);
}

static void test_list_bad_line_is_a_message_with_its_place(void **state)
{
    const struct scene *scene = *state;
    static const char flows[] = "db:80\n  web:70000\n# nothing\na b\n!mail 25\n";
    static const struct example example = {
        "bad lines",
        ARGS("--list", "-f", "flows.txt", "-f-"),
        .out = "db:80\n!mail:25\nlast:1\n",
        .err =
            "netcheck: invalid port '70000' in '  web:70000' (flows.txt:2:7): allowed is "
            "1-65535\n"
            "netcheck: unknown service 'b' in 'a b' (flows.txt:4:3): write the port as a "
            "number, 1-65535\n"
            "netcheck: no port for 'x' (-:1:1): write x:PORT, x PORT, -p PORT, or icmp://x\n",
        .input = "x\nlast:1\n",
        .status = 2};
    folder_write(&scene->folder, "flows.txt", flows, sizeof flows - 1);
    scene_expect(scene, &example, NULL);
}

static void test_list_foreign_bytes_never_come_out_raw(void **state)
{
    (void)state;
    struct program program;
    struct launch launch = {.label = "escape sequence",
                            .arguments = WORDS("--list", "-f-"),
                            .input = "d\x1b[31mb:80\n\xff:1\ndb:80\n"};
    program_run(&program, &launch);
    assert_false(text_has_raw_bytes(&program.out));
    assert_false(text_has_raw_bytes(&program.err));
    expect_text(launch.label, "standard output", buffer_text(&program.out), "db:80\n");
    expect_number(launch.label, "messages", (int64_t)text_count_lines(&program.err), 2);
    watch_end(&program, 2);
}

static void test_list_of_what_cannot_be_read_is_an_error(void **state)
{
    static const struct example examples[] = {
        {"no such file", ARGS("--list", "-f", "nosuchfile"),
         .err = "netcheck: cannot read 'nosuchfile': No such file or directory\n", .status = 2},
        {"nothing in it", ARGS("--list", "-f-"),
         .err = "netcheck: no targets: every file is empty\n", .input = "# nothing\n",
         .status = 2},
        {"bad operand", ARGS("--list", "db:80", "web:70000"),
         .err = "netcheck: invalid port '70000' in 'web:70000': allowed is 1-65535\n",
         .status = 2},
        {"too many rows to shuffle", ARGS("--list", "--shuffle", "[1::]/80:1-65535"),
         .err = "netcheck: too many rows to shuffle: allowed are 2^62\n", .status = 2},
    };
    EXPECT_ALL(state, examples);
}

/* What is printed is read again, and gives the same. */
static void test_list_is_a_list_of_targets(void **state)
{
    (void)state;
    struct program first;
    struct launch launch = {.label = "first",
                            .arguments = WORDS("--list", "db:22,80", "!10.0.0.0/28:1-9",
                                               "[2001:db8::]/126:443", "![fe80::1%lo]:80",
                                               "https://a.example/x", "!DB.:7")};
    program_run(&first, &launch);
    expect_number("first", "exit status", first.status, 0);
    expect_number("first", "lines", (int64_t)text_count_lines(&first.out),
                  2 + 16 * 9 + 4 + 1 + 1 + 1);
    const char *listed = buffer_text(&first.out);
    struct launch again = {.label = "again",
                           .arguments = WORDS("--list", "-f-"),
                           .input = listed,
                           .input_len = first.out.len};
    expect_run(&again, 0, listed, "");
    program_release(&first);
}

static void test_list_of_many_is_complete(void **state)
{
    (void)state;
    struct program program;
    struct launch launch = {.arguments = WORDS("--list", "10.0.0.0/16", "1,2")};
    program_run(&program, &launch);
    expect_number("/16", "lines", (int64_t)text_count_lines(&program.out), 131072);
    const char *end = buffer_text(&program.out) + program.out.len;
    expect_text("/16", "end", end - strlen("10.0.255.255:2\n"), "10.0.255.255:2\n");
    expect_text("/16", "standard error", buffer_text(&program.err), "");
    watch_end(&program, 0);
}

static void test_list_that_is_lost_is_an_error(void **state)
{
    static const struct {
        struct example example;
        enum stream out;
    } rows[] = {
        {{"full disk", ARGS("--list", "db:80"),
          .err = "netcheck: cannot write standard output: No space left on device\n",
          .status = 2},
         STREAM_FULL},
        {{"full disk, many", ARGS("--list", "10.0.0.0/8", "1-65535"),
          .err = "netcheck: cannot write standard output: No space left on device\n",
          .status = 2},
         STREAM_FULL},
        {{"closed", ARGS("--list", "db:80"),
          .err = "netcheck: cannot write standard output: Bad file descriptor\n", .status = 2},
         STREAM_CLOSED},
        {{"reader gone", ARGS("--list", "db:80"), .status = 2}, STREAM_BROKEN},
        {{"reader gone, many", ARGS("--list", "10.0.0.0/8", "1-65535"), .status = 2},
         STREAM_BROKEN},
        {{"/dev/null", ARGS("--list", "db:80"), .status = 0}, STREAM_NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct launch like = {.out = rows[i].out, .limit_ms = 10000};
        scene_expect(*state, &rows[i].example, &like);
    }
}

/* As `netcheck --list ... | head` does: 2^40 rows, and the reader leaves after some. */
static void test_list_ends_when_its_reader_leaves(void **state)
{
    (void)state;
    struct program program;
    struct launch launch = {.label = "head",
                            .arguments = WORDS("--list", "10.0.0.0/8", "1-65535"),
                            .limit_ms = 10000};
    program_start(&program, &launch);
    program_await(&program, "10.0.0.0:100\n");
    (void)close(program.fds[1]); /* the reader leaves */
    program.fds[1] = -1;
    program_finish(&program);
    expect_number("head", "exit status", program.status, 2);
    expect_text("head", "standard error", buffer_text(&program.err), "");
    program_release(&program);
}

static void test_list_line_comes_before_the_input_ends(void **state)
{
    (void)state;
    struct program program;
    struct launch launch = {
        .label = "open input", .arguments = WORDS("--list", "-f-"), .is_fed = true};
    program_start(&program, &launch);
    program_feed(&program, "db:80\nwe");
    program_await(&program, "db:80\n");
    program_feed(&program, "b:22\n");
    program_await(&program, "web:22\n");
    program_end_input(&program);
    program_finish(&program);
    expect_text("open input", "standard output", buffer_text(&program.out), "db:80\nweb:22\n");
    watch_end(&program, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_has_a_line_for_each_target),
        cmocka_unit_test(test_list_spells_out_ranges_of_addresses),
        cmocka_unit_test(test_list_asks_nothing),
        cmocka_unit_test(test_list_bad_line_is_a_message_with_its_place),
        cmocka_unit_test(test_list_foreign_bytes_never_come_out_raw),
        cmocka_unit_test(test_list_of_what_cannot_be_read_is_an_error),
        cmocka_unit_test(test_list_is_a_list_of_targets),
        cmocka_unit_test(test_list_of_many_is_complete),
        cmocka_unit_test(test_list_that_is_lost_is_an_error),
        cmocka_unit_test(test_list_ends_when_its_reader_leaves),
        cmocka_unit_test(test_list_line_comes_before_the_input_ends),
    };
    return cmocka_run_group_tests_name("cli/list", tests, scene_open, scene_release);
}
