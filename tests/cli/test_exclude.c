/*
 * --exclude and --exclude-file: what is excluded is not asked and not looked up; nor is a text
 * of digits, dots and marks of ranges ever looked up as a name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns.h"
#include "harness.h"
#include "netcheck/base/base.h"
#include "netcheck/base/mix.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

enum { TEXTS = 500, LONGEST = 18 };

#define EXPECT_ALL(state, examples) scene_expect_all(*(state), examples, ARRAY_LEN(examples))

#define REFUSED "down   {refused}  {host}  refused in N ms\n"
#define UP      "up     {up}  {host}  N ms\n"
#define NONE    "netcheck: no targets: all are excluded\n"
#define LOCAL   "localhost:{local.port}"
#define ONLY    "unresolved: resolves only to excluded addresses\n"

static void expect_no_visits(struct scene *scene, const char *label)
{
    expect_number(label, "connections",
                  (int64_t)(peer_count(&scene->up) + peer_count(&scene->local)), 0);
}

static void test_exclude_leaves_out_what_it_has_and_nothing_else(void **state)
{
    static const struct example examples[] = {
        {"an address", ARGS("{up}", "[::1]:1", "--exclude", "{host}", "--exclude=::1"),
         .err = NONE, .status = 2},
        {"a port", ARGS("{up}", "{refused}", "--exclude", "{up}"), .out = REFUSED, .status = 1},
        {"another port", ARGS("--exclude", "{refused}", "{refused}", "{refused}"), .err = NONE,
         .status = 2},
        {"a name, which needs no lookup",
         ARGS("LOCALHOST.:{local.port}", "--exclude", "localhost"), .err = NONE, .status = 2},
        {"as IPv6", ARGS("[::ffff:{host}]:{up.port}", "--exclude", "{host}"), .err = NONE,
         .status = 2},
        {"what an excluded name stands for is another target",
         ARGS("{refused}", "--exclude", "localhost"), .out = REFUSED, .status = 1},
        {"of a name", ARGS("-4", LOCAL, "--exclude", "127.0.0.0/8"),
         .out = "error  " LOCAL "  -  " ONLY, .status = 2},
        {"of a name, -A", ARGS("-4A", LOCAL, "--exclude", "127.0.0.1:{local.port}"),
         .out = "error  " LOCAL "  -  " ONLY, .status = 2},
        {"of a name, -v", ARGS("-4v", LOCAL, "--exclude", "127.0.0.1"),
         .out = "error  " LOCAL "  -  " ONLY,
         .err = "* " LOCAL ": resolving (IPv4)\n* " LOCAL ": IPv4: 1 address in N ms\n* " LOCAL
                ": 1 IPv4 address excluded\n",
         .status = 2},
        {"-v", ARGS("-v", "{up}", "{up}", "--exclude", "{up}"),
         .err = "0 asked: 0 up, 0 down, 0 errors, 2 excluded, in N ms\n" NONE, .status = 2},
        {"-c", ARGS("-c2", "-i0.01", "-q", "{up}", "--exclude", "{up}"), .err = NONE,
         .status = 2},
        {"--wait", ARGS("--wait", "5", "{up}", "--exclude", "{up}"), .err = NONE, .status = 2},
        {"COMMAND", ARGS("{up}", "--exclude", "{up}", "--", "echo", "run"), .err = NONE,
         .status = 2},
        {"a shard may be empty", ARGS("--shard=1/2", "{up}", "{refused}", "--exclude", "{up}"),
         .status = 0},
    };
    struct scene *scene = *state;
    expect_no_visits(scene, "before");
    EXPECT_ALL(state, examples);
    expect_no_visits(scene, "excluded");
}

static void test_exclude_file_has_targets_with_or_without_ports(void **state)
{
    struct scene *scene = *state;
    static const char skip[] = "\xef\xbb\xbf# not these\r\n\n10.0.0.0/30 # all\r\n"
                               "db 22 80\n[2001:db8::1]:443\n10.0.0.9-10:22\nhttps://web/x";
    static const struct example examples[] = {
        {"file",
         ARGS("--list", "-v", "--exclude-file", "skip", "--exclude", "10.0.0.4",
              "10.0.0.0/29:1", "db.:22-23", "[2001:db8::1]:443,80", "10.0.0.8-11:22",
              "web:80,443"),
         .out = "10.0.0.5:1\n10.0.0.6:1\n10.0.0.7:1\ndb.:23\n[2001:db8::1]:80\n10.0.0.8:22\n"
                "10.0.0.11:22\nweb:80\n",
         .err = "* 10 targets excluded\n"},
        {"protocols", ARGS("--list", "--exclude-file", "-", "10.0.0.0/30:53,53/udp,icmp"),
         .out = "10.0.0.1:53\nicmp://10.0.0.1\nicmp://10.0.0.2\nudp://10.0.0.3:53\n",
         .input = "10.0.0.0\n10.0.0.1,53,udp\n10.0.0.2 53\nicmp,10.0.0.3\n10.0.0.3 "
                  "53/tcp\n"},
        {"standard input", ARGS("--list", "--exclude-file", "-", "10.0.0.0/31:1"),
         .out = "10.0.0.1:1\n", .input = "10.0.0.0\n"},
        {"UTF-16", ARGS("--list", "--exclude-file", "utf16", "10.0.0.1:1"),
         .err = "netcheck: 'utf16' is UTF-16: iconv -f UTF-16 -t UTF-8 utf16 | netcheck "
                "--exclude-file -\n",
         .status = 2},
        {"header", ARGS("--list", "--exclude-file", "-", "10.0.0.1:1", "10.0.0.2:1"),
         .input = "host,port\n10.0.0.1,1\n", .out = "10.0.0.2:1\n"},
        {"empty", ARGS("--list", "--exclude-file", "-", "10.0.0.1:1"), .out = "10.0.0.1:1\n",
         .input = "# none\n"},
    };
    folder_write(&scene->folder, "skip", skip, sizeof skip - 1);
    folder_write(&scene->folder, "utf16",
                 "\xff\xfe"
                 "1\0\n",
                 6);
    EXPECT_ALL(state, examples);
}

static void test_exclude_that_is_wrong_ends_it_before_anything_is_asked(void **state)
{
    struct scene *scene = *state;
    static const struct example examples[] = {
        {"port", ARGS("{up}", "--exclude", "a,b:0"),
         .err = "netcheck: invalid port '0' in 'a,b:0': allowed is 1-65535 (--exclude)\n",
         .status = 2},
        {"no range", ARGS("{up}", "--exclude", "10.0.0.*"),
         .err = "netcheck: no address, prefix or range '10.0.0.*': write 10.0.0.0/24 "
                "(--exclude)\n",
         .status = 2},
        {"!", ARGS("{up}", "--exclude", "!db:22"),
         .err = "netcheck: unexpected '!' before 'db' in '!db:22': leave it out (--exclude)\n",
         .status = 2},
        {"empty", ARGS("{up}", "--exclude="),
         .err = "netcheck: missing host: write HOST:PORT (--exclude)\n", .status = 2},
        {"a line", ARGS("{up}", "--exclude-file", "-"),
         .err = "netcheck: invalid port '0' in 'db:0' (-:2:4): allowed is 1-65535\n",
         .input = "10.0.0.1\ndb:0\n", .status = 2},
        {"a first line that is no sure header", ARGS("{up}", "--exclude-file", "-"),
         .input = "web services\n",
         .err =
             "netcheck: unknown service 'services' in 'web services' (-:1:5): write the port "
             "as a number, 1-65535\n",
         .status = 2},
        {"! of a line", ARGS("{up}", "--exclude-file", "-"),
         .err = "netcheck: unexpected '!' before 'db' in '  !db' (-:1:4): leave it out\n",
         .input = "  !db\n", .status = 2},
        {"no file", ARGS("{up}", "--exclude-file", "nosuch"),
         .err = "netcheck: cannot read 'nosuch': No such file or directory\n", .status = 2},
        {"a folder", ARGS("{up}", "--exclude-file", "/"),
         .err = "netcheck: cannot read '/': Is a directory\n", .status = 2},
        {"one input for two", ARGS("-f-", "--exclude-file", "-"),
         .err =
             "netcheck: -f - and --exclude-file - would read one standard input: write a file "
             "for one\n",
         .input = "{up}\n", .status = 2},
    };
    expect_no_visits(scene, "before");
    EXPECT_ALL(state, examples);
    expect_no_visits(scene, "wrong");
}

/* Its standard input never ends. */
static void test_exclude_file_is_read_within_the_run_s_time(void **state)
{
    (void)state;
    struct launch launch = {
        .label = "-m", .arguments = WORDS("-m0.1", "--exclude-file=-", "db:1"), .is_fed = true};
    expect_run(&launch, 2, "", "netcheck: cannot read '-': the run's time was over\n");
}

static void run_with_dns(struct scene *scene, struct dns *dns, const struct example *example,
                         struct program *program)
{
    struct launch launch = {.label = example->label,
                            .arguments = example->words,
                            .input = example->input,
                            .prepare = dns_prepare,
                            .detail = dns};
    dns_open(dns, scene->up.host, &scene->folder);
    dns->answer = DNS_ADDRESS;
    dns_configure(dns, "nameserver %s\n");
    scene_start(scene, &launch, program);
    dns_finish(dns, program);
}

static void test_exclude_of_a_name_spares_its_lookup(void **state)
{
    static const struct {
        struct example example;
        size_t asked;
    } cases[] = {
        {{"excluded", ARGS("a.example.com:1", "--exclude", "A.example.com."), .err = NONE,
          .status = 2},
         0},
        {{"another port", ARGS("a.example.com:{up.port}", "--exclude", "a.example.com:1"),
          .out = "up     a.example.com:{up.port}  {host}  N\n"},
         1},
        {{"its address", ARGS("a.example.com:{up.port}", "--exclude", "{host}"),
          .out = "error  a.example.com:{up.port}  -  " ONLY, .status = 2},
         1},
    };
    struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dns dns;
        struct program program;
        (void)peer_count(&scene->up);
        run_with_dns(scene, &dns, &cases[i].example, &program);
        expect_number(cases[i].example.label, "questions", (int64_t)dns.asked,
                      (int64_t)cases[i].asked);
        expect_number(cases[i].example.label, "connections", (int64_t)peer_count(&scene->up),
                      cases[i].example.status == 0);
        scene_expect_end(scene, &program, cases[i].example.status, cases[i].example.out,
                         cases[i].example.err);
        dns_release(&dns);
    }
}

/* A digit, and then any of what addresses and ranges are made of. */
static void add_text(struct buffer *out, uint64_t *seed)
{
    static const char marks[] = "0123456789...--*xX_";
    *seed = mix64(*seed + 1);
    size_t len = 1 + *seed % LONGEST;
    buffer_add_format(out, "%u", (unsigned)(*seed >> 32) % 10);
    for (size_t i = 1; i < len; i++) {
        *seed = mix64(*seed + 1);
        buffer_add(out, &marks[*seed % (sizeof marks - 1)], 1);
    }
    buffer_add_text(out, "\n");
}

static void test_exclude_nothing_of_digits_and_marks_is_looked_up(void **state)
{
    struct scene *scene = *state;
    struct buffer texts = BUFFER_EMPTY;
    struct dns dns;
    struct program program;
    uint64_t seed = 1;
    buffer_add_text(&texts, "10.0.0.1-9\n10.0.0.x\n10.0.0.*\n10.2-3.0.1\n10.0.0.0_24\n10.0.0\n"
                            "1-2\n10.0.0.1-\n10-0-0-1\n10.0.0.1..9\n10.0.0.[1-9]\n"
                            "10.0.0.1-09\n10.0.0.1-10.0.0.256\n10.0.0.1-10.0.0.9-10.0.0.20\n");
    for (int i = 0; i < TEXTS; i++)
        add_text(&texts, &seed);
    const struct example example = {"patterns", ARGS("-p9", "-f-", "--exclude", "0.0.0.0/0"),
                                    .input = buffer_text(&texts)};
    run_with_dns(scene, &dns, &example, &program);
    expect_number("patterns", "questions", (int64_t)dns.asked, 0);
    expect_number("patterns", "exit status", program.status, 2);
    assert_true(text_count_lines(&program.out) > TEXTS * 9 / 10);
    assert_null(strstr(buffer_text(&program.out), "unresolved"));
    program_release(&program);
    buffer_release(&texts);
    dns_release(&dns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exclude_leaves_out_what_it_has_and_nothing_else),
        cmocka_unit_test(test_exclude_file_has_targets_with_or_without_ports),
        cmocka_unit_test(test_exclude_that_is_wrong_ends_it_before_anything_is_asked),
        cmocka_unit_test(test_exclude_file_is_read_within_the_run_s_time),
        cmocka_unit_test(test_exclude_of_a_name_spares_its_lookup),
        cmocka_unit_test(test_exclude_nothing_of_digits_and_marks_is_looked_up),
    };
    return cmocka_run_group_tests_name("cli/exclude", tests, scene_open, scene_release);
}
