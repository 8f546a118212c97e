/*
 * Bad usage: exit status 2, one line on standard error, nothing on standard output, and no
 * target of the same call is asked. And the two texts that are no run at all.
 */
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"

#define A9  "aaaaaaaaa"
#define A53 A9 A9 A9 A9 A9 "aaaaaaaa"
#define A62 A53 A9
#define A63 A62 "a"
#define A64 A63 "a"

#define DURATION_REMEDY    "write seconds, decimals allowed, or a number with ms, s, m or h\n"
#define PORTS_REMEDY       "write ports as 22, 22,80 or 8000-8010\n"
#define QUAD_REMEDY        "write four numbers, 0-255, as in 192.0.2.1\n"
#define BYTE_REMEDY        "a name has letters, digits, '-', '_' and '.' (others in xn-- form)\n"
#define UNSPECIFIED_REMEDY "it would ask this machine itself; write 127.0.0.1 or ::1 for that\n"
#define NO_TARGETS \
    "netcheck: no targets: write HOST PORT, HOST:PORT or -f FILE; see netcheck --help\n"

/* The files that the examples name; "live" has a target that would answer. */
static int open_files(void **state)
{
    (void)scene_open(state);
    const struct scene *scene = *state;
    struct buffer live = BUFFER_EMPTY;
    scene_fill(scene, &live, "{up}\n");
    folder_write(&scene->folder, "live", live.bytes, live.len);
    folder_write(&scene->folder, "empty", "", 0);
    folder_write(&scene->folder, "comments", "# one\n\n \t\n", 10);
    buffer_release(&live);
    return 0;
}

static void expect_refused(void **state, const struct example *examples, size_t count)
{
    struct scene *scene = *state;
    (void)peer_count(&scene->up);
    for (size_t i = 0; i < count; i++) {
        struct example example = examples[i];
        example.status = 2;
        scene_expect(scene, &example, NULL);
        expect_number(example.label, "connections", (int64_t)peer_count(&scene->up), 0);
    }
}

static const struct example bad_ports[] = {
    {"none",
     {"{up}", "127.0.0.1"},
     .err = "netcheck: missing port '127.0.0.1': write HOST:PORT, HOST PORT, or -p PORT "
            "HOST\n"},
    {"none, a name",
     {"{up}", "db"},
     .err = "netcheck: missing port 'db': write HOST:PORT, HOST PORT, or -p PORT HOST\n"},
    {"none, in a prefix",
     {"{up}", "10.0.0.0/24"},
     .err = "netcheck: missing port '10.0.0.0' in '10.0.0.0/24': write HOST:PORT, HOST "
            "PORT, or -p PORT HOST\n"},
    {"0",
     {"{up}", "127.0.0.1:0"},
     .err = "netcheck: invalid port '0' in '127.0.0.1:0': allowed is 1-65535\n"},
    {"0, as a word",
     {"-f", "live", "127.0.0.1", "0"},
     .err = "netcheck: invalid port '0': allowed is 1-65535\n"},
    {"0, with -p",
     {"-f", "live", "-p", "0", "db"},
     .err = "netcheck: invalid port '0': allowed is 1-65535 (-p)\n"},
    {"65536",
     {"{up}", "db:65536"},
     .err = "netcheck: invalid port '65536' in 'db:65536': allowed is 1-65535\n"},
    {"70000",
     {"{up}", "db:70000"},
     .err = "netcheck: invalid port '70000' in 'db:70000': allowed is 1-65535\n"},
    {"68536, 3000 to libc",
     {"{up}", "db:68536"},
     .err = "netcheck: invalid port '68536' in 'db:68536': allowed is 1-65535\n"},
    {"2^32 + 80",
     {"{up}", "db:4294967376"},
     .err = "netcheck: invalid port '4294967376' in 'db:4294967376': allowed is 1-65535\n"},
    {"+80",
     {"{up}", "db:+80"},
     .err = "netcheck: invalid port '+80' in 'db:+80': allowed is 1-65535\n"},
    {"space",
     {"{up}", "db: 80"},
     .err = "netcheck: invalid port ' 80' in 'db: 80': allowed is 1-65535\n"},
    {"space, as a word",
     {"-f", "live", "db", " 80"},
     .err = "netcheck: invalid port ' 80': allowed is 1-65535\n"},
    {"space behind",
     {"{up}", "db:80 "},
     .err = "netcheck: invalid port '80 ' in 'db:80 ': allowed is 1-65535\n"},
    {"reversed",
     {"{up}", "db:80-22"},
     .err = "netcheck: reversed port range '80-22' in 'db:80-22': write the lower port "
            "first\n"},
    {"half a range",
     {"{up}", "db:80-"},
     .err = "netcheck: invalid port '80-' in 'db:80-': allowed is 1-65535\n"},
    {"-80",
     {"{up}", "db:-80"},
     .err = "netcheck: invalid port '-80' in 'db:-80': allowed is 1-65535\n"},
    {"range from 0",
     {"{up}", "db:0-5"},
     .err = "netcheck: invalid port '0' in 'db:0-5': allowed is 1-65535\n"},
    {"range to 65536",
     {"{up}", "db:1-65536"},
     .err = "netcheck: invalid port '65536' in 'db:1-65536': allowed is 1-65535\n"},
    {"two commas",
     {"{up}", "db:22,,80"},
     .err = "netcheck: empty port in 'db:22,,80': " PORTS_REMEDY},
    {"comma at the end",
     {"{up}", "db:22,"},
     .err = "netcheck: empty port in 'db:22,': " PORTS_REMEDY},
    {"colon and nothing",
     {"{up}", "host:"},
     .err = "netcheck: empty port in 'host:': " PORTS_REMEDY},
    {"unknown service",
     {"{up}", "db:nosuchservice"},
     .err = "netcheck: unknown service 'nosuchservice' in 'db:nosuchservice': write the "
            "port as a number, 1-65535\n"},
    {"hexadecimal",
     {"{up}", "db:0x50"},
     .err = "netcheck: unknown service '0x50' in 'db:0x50': write the port as a number, "
            "1-65535\n"},
    {"target for a port",
     {"db", "80", "{up}"},
     .err = "netcheck: invalid port '{up}': allowed is 1-65535\n"},
    {"given twice",
     {"-f", "live", "-p", "22", "db:80"},
     .err = "netcheck: port given twice 'db' in 'db:80': write it once: with -p, or with "
            "the host\n"},
};

static void test_usage_bad_ports_are_refused(void **state)
{
    expect_refused(state, bad_ports, ARRAY_LEN(bad_ports));
}

static const struct example bad_addresses[] = {
    {"open bracket",
     {"{up}", "[::1"},
     .err = "netcheck: missing ']' '[::1': write [ADDRESS]:PORT\n"},
    {"open bracket, with port",
     {"{up}", "[::1:80"},
     .err = "netcheck: missing ']' '[::1:80': write [ADDRESS]:PORT\n"},
    {"junk behind bracket",
     {"{up}", "[::1]80"},
     .err = "netcheck: unexpected text after ']' '80' in '[::1]80': write [ADDRESS]:PORT\n"},
    {"IPv4 in brackets",
     {"{up}", "[1.2.3.4]:80"},
     .err = "netcheck: invalid IPv6 address '1.2.3.4' in '[1.2.3.4]:80': write "
            "[ADDRESS]:PORT, as in [::1]:80\n"},
    {"port glued on",
     {"{up}", "::1:80"},
     .err = "netcheck: IPv6 address without a port, or with one glued on '::1:80': write "
            "[ADDRESS]:PORT\n"},
    {"five numbers",
     {"{up}", "1.2.3.4.5:80"},
     .err = "netcheck: not a strict dotted quad '1.2.3.4.5' in '1.2.3.4.5:80': " QUAD_REMEDY},
    {"256",
     {"{up}", "1.2.3.256:80"},
     .err = "netcheck: not a strict dotted quad '1.2.3.256' in '1.2.3.256:80': " QUAD_REMEDY},
    {"octal",
     {"{up}", "010.0.0.1:80"},
     .err = "netcheck: not a strict dotted quad '010.0.0.1' in '010.0.0.1:80': write "
            "10.0.0.1, or 8.0.0.1 as the C library reads it\n"},
    {"short",
     {"{up}", "127.1:80"},
     .err = "netcheck: not a strict dotted quad '127.1' in '127.1:80': write 127.0.0.1\n"},
    {"hexadecimal",
     {"-f", "live", "0x7f.1", "80"},
     .err = "netcheck: not a strict dotted quad '0x7f.1': write 127.0.0.1\n"},
    {"0.0.0.0",
     {"{up}", "0.0.0.0:80"},
     .err = "netcheck: unspecified address '0.0.0.0' in '0.0.0.0:80': " UNSPECIFIED_REMEDY},
    {"::",
     {"-f", "live", "::", "80"},
     .err = "netcheck: unspecified address '::': " UNSPECIFIED_REMEDY},
    {"[::]",
     {"{up}", "[::]:80"},
     .err = "netcheck: unspecified address '::' in '[::]:80': " UNSPECIFIED_REMEDY},
    {"::ffff:0.0.0.0",
     {"{up}", "[::ffff:0.0.0.0]:80"},
     .err = "netcheck: unspecified address '::ffff:0.0.0.0' in "
            "'[::ffff:0.0.0.0]:80': " UNSPECIFIED_REMEDY},
    {"no scope",
     {"-f", "live", "fe80::1", "80"},
     .err = "netcheck: link-local address without its interface 'fe80::1': write "
            "ADDRESS%INTERFACE, as in fe80::1%eth0\n"},
    {"no scope, brackets",
     {"{up}", "[fe80::1]:80"},
     .err = "netcheck: link-local address without its interface 'fe80::1' in "
            "'[fe80::1]:80': write ADDRESS%INTERFACE, as in fe80::1%eth0\n"},
    {"/33",
     {"{up}", "10.0.0.0/33:80"},
     .err = "netcheck: invalid prefix length '33' in '10.0.0.0/33:80': allowed is /0-/32 "
            "after an IPv4 address\n"},
    {"/129",
     {"{up}", "[2001:db8::]/129:80"},
     .err = "netcheck: invalid prefix length '129' in '[2001:db8::]/129:80': allowed is "
            "/0-/128 after an IPv6 address\n"},
    {"/ and nothing",
     {"{up}", "10.0.0.0/:80"},
     .err = "netcheck: invalid prefix length in '10.0.0.0/:80': allowed is /0-/32 after an "
            "IPv4 address\n"},
    {"prefix with 0.0.0.0",
     {"{up}", "0.0.0.0/30:80"},
     .err = "netcheck: prefix holds the unspecified address '0.0.0.0' in '0.0.0.0/30:80': "
            "it would ask this machine itself; leave it out\n"},
};

static void test_usage_bad_addresses_are_refused(void **state)
{
    expect_refused(state, bad_addresses, ARRAY_LEN(bad_addresses));
}

static const struct example bad_hosts[] = {
    {"missing", {"{up}", ":80"}, .err = "netcheck: missing host in ':80': write HOST:PORT\n"},
    {"empty", {"{up}", ""}, .err = "netcheck: missing host: write HOST:PORT\n"},
    {"a number",
     {"{up}", "80"},
     .err = "netcheck: a number is no host '80': write HOST:PORT, or HOST PORT\n"},
    {"254 bytes",
     {"{up}", A63 "." A63 "." A63 "." A62 ":80"},
     .err = "netcheck: name too long '" A63 "....' in '" A63 "....': allowed are 253 bytes\n"},
    {"label of 64",
     {"{up}", A64 ":80"},
     .err = "netcheck: label too long '" A64 "' in '" A64
            "...': allowed are 63 bytes between two dots\n"},
    {"two dots",
     {"{up}", "a..b:80"},
     .err = "netcheck: empty label in name in 'a..b:80': write one dot between two labels\n"},
    {"line feed",
     {"{up}", "a\nb:80"},
     .err = "netcheck: invalid character in host '\\x0a' in 'a\\x0ab:80': " BYTE_REMEDY},
    {"escape",
     {"{up}", "a\033[31m:80"},
     .err = "netcheck: invalid character in host '\\x1b' in 'a\\x1b[31m:80': " BYTE_REMEDY},
    {"DEL",
     {"{up}", "\177:80"},
     .err = "netcheck: invalid character in host '\\x7f' in '\\x7f:80': " BYTE_REMEDY},
    {"UTF-8",
     {"{up}", "\xc3\xa4:80"},
     .err = "netcheck: invalid character in host '\\xc3' in '\\xc3\\xa4:80': " BYTE_REMEDY},
    {"space",
     {"{up}", "a b:80"},
     .err = "netcheck: invalid character in host ' ' in 'a b:80': " BYTE_REMEDY},
    {"dash",
     {"{up}", "!-db:80"},
     .err = "netcheck: host begins with '-' '-db:80' in '!-db:80': a host begins with a "
            "letter or a digit\n"},
    {"dash behind scheme",
     {"{up}", "tcp://-db:80"},
     .err = "netcheck: host begins with '-' '-db:80' in 'tcp://-db:80': a host begins with "
            "a letter or a digit\n"},
    {"dash alone",
     {"{up}", "-"},
     .err = "netcheck: a host never is '-': write -f - to read targets from standard input\n"},
    {"unknown scheme",
     {"{up}", "foo://db:53"},
     .err = "netcheck: unknown scheme 'foo' in 'foo://db:53': write HOST:PORT or "
            "tcp://HOST:PORT\n"},
    {"-4 with IPv6",
     {"-4", "{up}", "[::1]:80"},
     .err = "netcheck: not an IPv4 address '::1' in '[::1]:80': only IPv4 was asked for "
            "(-4 or -s)\n"},
    {"-6 with IPv4",
     {"-6", "{up}"},
     .err = "netcheck: not an IPv6 address '{host}' in '{up}': only IPv6 was asked for "
            "(-6 or -s)\n"},
    {"-s 127.0.0.1 with IPv6",
     {"-s", "127.0.0.1", "{up}", "[::1]:80"},
     .err = "netcheck: not an IPv4 address '::1' in '[::1]:80': only IPv4 was asked for "
            "(-4 or -s)\n"},
    {"-n with a name",
     {"-n", "{up}", "localhost:80"},
     .err = "netcheck: not an address 'localhost' in 'localhost:80': -n allows no names\n"},
};

static void test_usage_bad_hosts_are_refused(void **state)
{
    expect_refused(state, bad_hosts, ARRAY_LEN(bad_hosts));
}

static const struct example bad_options[] = {
    {"unknown",
     {"{up}", "--timout", "5"},
     .err = "netcheck: unknown option '--timout': the nearest is --timeout; see netcheck "
            "--help\n"},
    {"unknown, with =",
     {"{up}", "--jsn=1"},
     .err = "netcheck: unknown option '--jsn=1': the nearest is --json; see netcheck "
            "--help\n"},
    {"--completion for a shell that has none",
     {"--completion", "tcsh"},
     .err = "netcheck: unknown shell 'tcsh' for --completion: allowed is bash, zsh or fish\n"},
    {"unneeded argument",
     {"{up}", "--quiet=1"},
     .err = "netcheck: unexpected argument of --quiet: it takes none\n"},
    {"-t 0.5.5",
     {"-t", "0.5.5", "{up}"},
     .err = "netcheck: invalid duration '0.5.5' for -t: " DURATION_REMEDY},
    {"-t -1",
     {"-t", "-1", "{up}"},
     .err = "netcheck: invalid duration '-1' for -t: " DURATION_REMEDY},
    {"-t 1e999",
     {"-t", "1e999", "{up}"},
     .err = "netcheck: invalid duration '1e999' for -t: " DURATION_REMEDY},
    {"-t, empty",
     {"-t", "", "{up}"},
     .err = "netcheck: invalid duration '' for -t: " DURATION_REMEDY},
    {"-t nan",
     {"-t", "nan", "{up}"},
     .err = "netcheck: invalid duration 'nan' for -t: " DURATION_REMEDY},
    {"-w 5x",
     {"-w", "5x", "{up}"},
     .err = "netcheck: invalid duration '5x' for -w: " DURATION_REMEDY},
    {"-t 0",
     {"-t", "0", "{up}"},
     .err = "netcheck: duration out of range '0' for -t: it must be more than 0\n"},
    {"--timeout, too long",
     {"{up}", "--timeout=99999999999999"},
     .err = "netcheck: duration out of range '99999999999999' for --timeout: allowed is up "
            "to 292 years\n"},
    {"-t alone", {"{up}", "-t"}, .err = "netcheck: missing argument of -t: write -t DUR\n"},
    {"--ports alone",
     {"{up}", "--ports"},
     .err = "netcheck: missing argument of --ports: write --ports PORTS\n"},
    {"-P 0",
     {"-P", "0", "{up}"},
     .err = "netcheck: invalid number '0' for -P: allowed is 1-1000000\n"},
    {"-P 1000001",
     {"-P", "1000001", "{up}"},
     .err = "netcheck: invalid number '1000001' for -P: allowed is 1-1000000\n"},
    {"-r -1",
     {"-r", "-1", "{up}"},
     .err = "netcheck: invalid number '-1' for -r: allowed is 0-1000000\n"},
    {"--expect",
     {"--expect", "open", "{up}"},
     .err = "netcheck: invalid state 'open' for --expect: allowed is up or down\n"},
    {"--only",
     {"--only", "up,open", "{up}"},
     .err = "netcheck: invalid list 'up,open' for --only: allowed is up, down, error and "
            "unexpected\n"},
    {"--only, comma behind",
     {"--only", "up,", "{up}"},
     .err = "netcheck: invalid list 'up,' for --only: allowed is up, down, error and "
            "unexpected\n"},
    {"--color",
     {"--color", "blue", "{up}"},
     .err = "netcheck: invalid word 'blue' for --color: allowed is auto, always or never\n"},
    {"-s, a name",
     {"-s", "localhost", "{up}"},
     .err = "netcheck: invalid address 'localhost' for -s: write an IPv4 or IPv6 address "
            "of this machine\n"},
    {"-s 0.0.0.0",
     {"-s", "0.0.0.0", "{up}"},
     .err = "netcheck: unspecified address '0.0.0.0' for -s: leave the option out\n"},
    {"-I",
     {"-I", "no\nsuch", "{up}"},
     .err = "netcheck: no interface 'no\\x0asuch' for -I: No such device\n"},
    {"-4 -6",
     {"-4", "-6", "{up}"},
     .err = "netcheck: -4 and -6 exclude each other: leave one out, or both\n"},
    {"-6 and -s IPv4",
     {"-6", "-s", "127.0.0.1", "{up}"},
     .err = "netcheck: the address of -s is not of the family that -4 or -6 asks for\n"},
    {"no COMMAND",
     {"{up}", "--"},
     .err = "netcheck: missing COMMAND after '--': write it, or leave '--' out\n"},
};

static void test_usage_bad_options_are_refused(void **state)
{
    expect_refused(state, bad_options, ARRAY_LEN(bad_options));
}

static const struct example bad_times[] = {
    {"--wait, empty",
     {"--wait", "", "{up}"},
     .err = "netcheck: invalid duration '' for --wait: " DURATION_REMEDY},
    {"-c -1",
     {"-c", "-1", "{up}"},
     .err = "netcheck: invalid number '-1' for -c: allowed is 0-1000000000\n"},
    {"-i 0",
     {"-i", "0", "{up}"},
     .err = "netcheck: interval too short '0' for -i: allowed is 1ms and more\n"},
    {"--wait -c",
     {"--wait=5", "-c2", "{up}", "--", "echo", "ran"},
     .err = "netcheck: --wait ends when all is as expected, -c and --live do not: leave one "
            "out\n"},
    {"--on-change",
     {"--on-change", "{up}"},
     .err = "netcheck: --on-change compares with the time before: add -c or -i\n"},
    {"--histogram",
     {"--histogram", "{up}"},
     .err = "netcheck: --histogram is a part of the summary: add -c or -i\n"},
    {"-D -j",
     {"-D", "-j", "{up}"},
     .err = "netcheck: -D is for text, other formats have the time anyway: leave it out\n"},
    {"-c 0 and COMMAND",
     {"-c0", "{up}", "--", "echo", "ran"},
     .err = "netcheck: without end COMMAND would never run: write -c N\n"},
    {"--progress",
     {"--progress=always", "-c2", "{up}"},
     .err = "netcheck: --progress goes towards an end, -c and -i have rows instead: leave it "
            "out\n"},
    {"--wait, a bad target",
     {"--wait=20", "{up}", "db"},
     .err = "netcheck: missing port 'db': write HOST:PORT, HOST PORT, or -p PORT HOST\n"},
    {"-c, a missing file",
     {"-c0", "{up}", "-f", "nosuch"},
     .err = "netcheck: cannot read 'nosuch': No such file or directory\n"},
};

static void test_usage_bad_options_about_time_are_refused(void **state)
{
    expect_refused(state, bad_times, ARRAY_LEN(bad_times));
}

/* Which option is near to one letter is the program's affair; that it is refused is not. */
static void test_usage_unknown_letter_is_refused(void **state)
{
    static const struct {
        const char *word;
        const char *quoted;
    } rows[] = {{"-k", "'-k'"},
                {"-vk", "'-k' in '-vk'"},
                {"-zvx", "'-x' in '-zvx'"},
                {"-=", "'-='"},
                {"-5", "'-5'"}};
    struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *word = rows[i].word;
        struct program program;
        struct launch launch = {.label = word, .arguments = WORDS(scene->up.target, word)};
        char start[64];
        int len =
            snprintf(start, sizeof start, "netcheck: unknown option %s: ", rows[i].quoted);
        program_run(&program, &launch);
        expect_text(word, "standard output", buffer_text(&program.out), "");
        if (strncmp(buffer_text(&program.err), start, (size_t)len) != 0)
            expect_text(word, "start of standard error", buffer_text(&program.err), start);
        expect_number(word, "exit status", program.status, 2);
        expect_number(word, "connections", (int64_t)peer_count(&scene->up), 0);
        program_release(&program);
    }
}

static const struct example bad_files[] = {
    {"no name",
     {"{up}", "-f", ""},
     .err = "netcheck: empty file name '' for -f: write a path, or - for standard input\n"},
    {"directory", {"{up}", "-f", "."}, .err = "netcheck: cannot read '.': Is a directory\n"},
    {"missing",
     {"{up}", "-f", "nosuch"},
     .err = "netcheck: cannot read 'nosuch': No such file or directory\n"},
    {"missing behind a good one",
     {"-f", "live", "-f", "nosuch"},
     .err = "netcheck: cannot read 'nosuch': No such file or directory\n"},
    {"foreign bytes",
     {"{up}", "-f", "\033[31m"},
     .err = "netcheck: cannot read '\\x1b[31m': No such file or directory\n"},
    {"nothing at all", {NULL}, .err = NO_TARGETS},
    {"options only", {"-v", "-t", "1"}, .err = NO_TARGETS},
    {"a command only", {"--", "true"}, .err = NO_TARGETS},
    {"empty file", {"-f", "empty"}, .err = "netcheck: no targets: every file is empty\n"},
    {"comments only",
     {"-f", "comments", "-f", "empty"},
     .err = "netcheck: no targets: every file is empty\n"},
    {"empty standard input", {"-f", "-"}, .err = "netcheck: no targets: every file is empty\n"},
};

static void test_usage_bad_files_are_refused(void **state)
{
    expect_refused(state, bad_files, ARRAY_LEN(bad_files));
}

static void test_usage_longest_name_is_no_usage_error(void **state)
{
    /* With -n no name is looked up: that the name is too long would be said first. */
    static const struct example examples[] = {
        {"253 bytes",
         {"-n", A63 "." A63 "." A63 "." A53 ".invalid:80"},
         .err = "netcheck: not an address '" A63 "....' in '" A63 "....': -n allows no names\n",
         .status = 2},
        {"label of 63",
         {"-n", A63 ":80"},
         .err = "netcheck: not an address '" A63 "' in '" A63 ":...': -n allows no names\n",
         .status = 2},
    };
    scene_expect_all(*state, examples, ARRAY_LEN(examples));
}

static void read_text(const char *word, struct program *program)
{
    struct launch launch = {.arguments = WORDS(word)};
    program_run(program, &launch);
    expect_text(word, "standard error", buffer_text(&program->err), "");
    expect_number(word, "exit status", program->status, 0);
}

/* What the texts are is told to unit tests: each of these is another one. */
static void test_usage_texts_are_printed_whole(void **state)
{
    static const struct {
        const char *word;
        const char *begin;
        const char *end;
    } rows[] = {
        {"-h", "netcheck: is it reachable",
         "\nAll options: netcheck --help. The manual: man netcheck\n"},
        {"--help", "netcheck: is it reachable", "\nThe manual: man netcheck\n"},
        {"--completion=bash", "# netcheck's completion for bash",
         "\ncomplete -F _netcheck netcheck\n"},
        {"--completion=zsh", "#compdef netcheck\n", "\nfi\n"},
        {"--completion=fish", "# netcheck's completion for fish.\n", "\n"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct program program;
        read_text(rows[i].word, &program);
        const char *text = buffer_text(&program.out);
        size_t len = strlen(rows[i].end);
        if (strstr(text, rows[i].begin) != text)
            expect_text(rows[i].word, "beginning", text, rows[i].begin);
        if (program.out.len < len || strcmp(text + program.out.len - len, rows[i].end) != 0)
            expect_text(rows[i].word, "end", text, rows[i].end);
        program_release(&program);
    }
}

/* Scripts must be repeatable: no variable has options in it. */
static void test_usage_no_variable_holds_options(void **state)
{
    static const char *const settings[] = {"NETCHECK_OPTIONS=--no-such-option",
                                           "NETCHECK_OPTS=-q", "NETCHECK=-q", NULL};
    struct launch launch = {.arguments = WORDS("--list", "127.0.0.1:1"), .settings = settings};
    struct program program;
    (void)state;
    program_run(&program, &launch);
    expect_text("--list", "standard output", buffer_text(&program.out), "127.0.0.1:1\n");
    expect_text("--list", "standard error", buffer_text(&program.err), "");
    expect_number("--list", "exit status", program.status, 0);
    program_release(&program);
}

static void test_usage_version_says_what_is_built_in(void **state)
{
    static const char *const words[] = {"--version", "-V"};
    static const char *const parts[] = {
        "netcheck ", ")\nprotocols: tcp\nformats: text json\n",
        "\nbeyond POSIX: icmp-errors syn-retransmits handshakes "
        "interface neighbours suspension\n"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct program program;
        read_text(words[i], &program);
        expect_number(words[i], "lines", (int64_t)text_count_lines(&program.out), 4);
        const char *text = buffer_text(&program.out);
        for (size_t j = 0; j < ARRAY_LEN(parts); j++)
            if (strstr(text, parts[j]) == NULL)
                expect_text(words[i], "standard output", text, parts[j]);
        program_release(&program);
    }
}

static void test_usage_help_lost_is_an_error(void **state)
{
    static const struct {
        const char *word;
        enum stream out;
        const char *err;
    } rows[] = {
        {"--help", STREAM_FULL,
         "netcheck: cannot write standard output: No space left on device\n"},
        {"--version", STREAM_FULL,
         "netcheck: cannot write standard output: No space left on device\n"},
        {"--help", STREAM_CLOSED,
         "netcheck: cannot write standard output: Bad file descriptor\n"},
        {"--completion=zsh", STREAM_FULL,
         "netcheck: cannot write standard output: No space left on device\n"},
        {"--help", STREAM_BROKEN, ""},
        {"--version", STREAM_BROKEN, ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct launch launch = {.arguments = WORDS(rows[i].word), .out = rows[i].out};
        expect_run(&launch, 2, "", rows[i].err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usage_bad_ports_are_refused),
        cmocka_unit_test(test_usage_bad_addresses_are_refused),
        cmocka_unit_test(test_usage_bad_hosts_are_refused),
        cmocka_unit_test(test_usage_bad_options_are_refused),
        cmocka_unit_test(test_usage_bad_options_about_time_are_refused),
        cmocka_unit_test(test_usage_unknown_letter_is_refused),
        cmocka_unit_test(test_usage_bad_files_are_refused),
        cmocka_unit_test(test_usage_longest_name_is_no_usage_error),
        cmocka_unit_test(test_usage_texts_are_printed_whole),
        cmocka_unit_test(test_usage_no_variable_holds_options),
        cmocka_unit_test(test_usage_version_says_what_is_built_in),
        cmocka_unit_test(test_usage_help_lost_is_an_error),
    };
    return cmocka_run_group_tests_name("cli/usage", tests, open_files, scene_release);
}
