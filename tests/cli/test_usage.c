/*
 * Bad usage: exit status 2, one line on standard error, nothing on standard output, and no
 * target of the same call is asked. And the two texts that are no run at all.
 */
#include <stdio.h>
#include <stdlib.h>
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

#define ALLOWED_PORTS      ": allowed is 1-65535"
#define PORTS_REMEDY       ": write ports as 22, 22,80 or 8000-8010"
#define SERVICE_REMEDY     ": write the port as a number, 1-65535"
#define BRACKET_REMEDY     ": write [ADDRESS]:PORT"
#define QUAD_REMEDY        ": write four numbers, 0-255, as in 192.0.2.1"
#define UNSPECIFIED_REMEDY ": it would ask this machine itself; write 127.0.0.1 or ::1 for that"
#define SCOPE_REMEDY       ": write ADDRESS%INTERFACE, as in fe80::1%eth0"
#define BYTE_REMEDY        ": a name has letters, digits, '-', '_' and '.' (others in xn-- form)"
#define DASH_REMEDY        ": it begins with a letter or a digit"
#define ONLY_IPV4          ": only IPv4 was asked for (-4 or -s)"
#define DURATION_REMEDY \
    ": write seconds, decimals allowed, or a number with ms, s, m, h or d, also joined: 1m30s"
#define ALLOWED_STATES ": allowed is up, down, error and unexpected"
#define ABSENT         ": No such file or directory"
#define NO_TARGETS     "no targets: write HOST PORT, HOST:PORT or -f FILE; see netcheck --help"
#define EMPTY          "no targets: every file is empty"

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

/* Words that are no call, and what is said of them. */
struct refusal {
    const char *words[9];
    const char *said;
};

/* `is_behind`: a target that would answer stands before the words. */
static void expect_refused(struct scene *scene, const struct refusal *refusal, bool is_behind)
{
    char err[1024];
    struct example example = {refusal->said, {"{up}"}, .err = err, .status = 2};
    memcpy(&example.words[is_behind], refusal->words, sizeof refusal->words);
    (void)snprintf(err, sizeof err, "netcheck: %s\n", refusal->said);
    (void)peer_count(&scene->up);
    scene_expect(scene, &example, NULL);
    expect_number(example.label, "connections", (int64_t)peer_count(&scene->up), 0);
}

static const struct refusal refusals[] = {
    /* ports */
    {{"127.0.0.1"},
     "no port for '127.0.0.1': write 127.0.0.1:PORT, 127.0.0.1 PORT, -p PORT, or "
     "icmp://127.0.0.1"},
    {{"db"}, "no port for 'db': write db:PORT, db PORT, -p PORT, or icmp://db"},
    {{"10.0.0.0/24"},
     "no port for '10.0.0.0' in '10.0.0.0/24': write 10.0.0.0/24:PORT, 10.0.0.0/24 PORT, -p "
     "PORT, "
     "or icmp://10.0.0.0/24"},
    {{"icmp://db:22"}, "ICMP has no port '22' in 'icmp://db:22': write icmp://db"},
    {{"-f", "live", "icmp://db", "22"}, "ICMP has no port '22': write icmp://HOST without it"},
    {{"-f", "live", "udp://db", "53/tcp"},
     "not the protocol of its target 'tcp' in '53/tcp': write it once, before the host or "
     "beside the port"},
    {{"-f", "live", "-p", "53/udp", "db", "tcp://web"},
     "-p has another protocol than 'web' in 'tcp://web': write it once, before the host or "
     "with "
     "-p"},
    {{"tls://db"},
     "no port for 'db' in 'tls://db': write tls://db:443, tls://db PORT, or -p PORT"},
    {{"udp://224.0.0.1:53"},
     "a group, not a host '224.0.0.1' in 'udp://224.0.0.1:53': write the address of one host"},
    {{"240.0.0.0/4:22"},
     "prefix holds multicast or broadcast '240.0.0.0' in '240.0.0.0/4:22': those are groups, "
     "not hosts; leave them out"},
    {{"127.0.0.1:0"}, "invalid port '0' in '127.0.0.1:0'" ALLOWED_PORTS},
    {{"-f", "live", "127.0.0.1", "0"}, "invalid port '0'" ALLOWED_PORTS},
    {{"-f", "live", "-p", "0", "db"}, "invalid port '0'" ALLOWED_PORTS " (-p)"},
    {{"db:65536"}, "invalid port '65536' in 'db:65536'" ALLOWED_PORTS},
    {{"db:70000"}, "invalid port '70000' in 'db:70000'" ALLOWED_PORTS},
    {{"db:68536"}, "invalid port '68536' in 'db:68536'" ALLOWED_PORTS},
    {{"db:4294967376"}, "invalid port '4294967376' in 'db:4294967376'" ALLOWED_PORTS},
    {{"db:+80"}, "invalid port '+80' in 'db:+80'" ALLOWED_PORTS},
    {{"db: 80"}, "invalid port ' 80' in 'db: 80'" ALLOWED_PORTS},
    {{"-f", "live", "db", " 80"}, "invalid port ' 80'" ALLOWED_PORTS},
    {{"db:80 "}, "invalid port '80 ' in 'db:80 '" ALLOWED_PORTS},
    {{"db:80-22"}, "reversed port range '80-22' in 'db:80-22': write the lower port first"},
    {{"db:80-"}, "invalid port '80-' in 'db:80-'" ALLOWED_PORTS},
    {{"db:-80"}, "invalid port '-80' in 'db:-80'" ALLOWED_PORTS},
    {{"db:0-5"}, "invalid port '0' in 'db:0-5'" ALLOWED_PORTS},
    {{"db:1-65536"}, "invalid port '65536' in 'db:1-65536'" ALLOWED_PORTS},
    {{"db:22,,80"}, "empty port in 'db:22,,80'" PORTS_REMEDY},
    {{"db:22,"}, "empty port in 'db:22,'" PORTS_REMEDY},
    {{"host:"}, "empty port in 'host:'" PORTS_REMEDY},
    {{"db:nosuchservice"},
     "unknown service 'nosuchservice' in 'db:nosuchservice'" SERVICE_REMEDY},
    {{"db:0x50"}, "unknown service '0x50' in 'db:0x50'" SERVICE_REMEDY},
    {{"-f", "live", "db", "80", "{up}"}, "invalid port '{up}'" ALLOWED_PORTS},
    {{"-f", "live", "-p", "22", "db:80"},
     "port given with -p and with 'db' in 'db:80': write it once"},
    /* addresses */
    {{"[::1"}, "bracket without its end '[::1'" BRACKET_REMEDY},
    {{"[::1:80"}, "bracket without its end '[::1:80'" BRACKET_REMEDY},
    {{"[::1]80"}, "unexpected text '80' in '[::1]80'" BRACKET_REMEDY},
    {{"[1.2.3.4]:80"},
     "invalid IPv6 address '1.2.3.4' in '[1.2.3.4]:80': brackets are for IPv6, write "
     "1.2.3.4:80"},
    {{"::1:80"}, "no port for '::1:80': write [::1:80]:PORT or icmp://[::1:80], or [::1]:80"},
    {{"1.2.3.4.5:80"}, "not a strict dotted quad '1.2.3.4.5' in '1.2.3.4.5:80'" QUAD_REMEDY},
    {{"1.2.3.256:80"}, "not a strict dotted quad '1.2.3.256' in '1.2.3.256:80'" QUAD_REMEDY},
    {{"010.0.0.1:80"},
     "not a strict dotted quad '010.0.0.1' in '010.0.0.1:80': write 10.0.0.1, or 8.0.0.1 as "
     "the C library reads it"},
    {{"127.1:80"}, "not a strict dotted quad '127.1' in '127.1:80': write 127.0.0.1"},
    {{"-f", "live", "0x7f.1", "80"}, "not a strict dotted quad '0x7f.1': write 127.0.0.1"},
    {{"0.0.0.0:80"}, "unspecified address '0.0.0.0' in '0.0.0.0:80'" UNSPECIFIED_REMEDY},
    {{"-f", "live", "::", "80"}, "unspecified address '::'" UNSPECIFIED_REMEDY},
    {{"[::]:80"}, "unspecified address '::' in '[::]:80'" UNSPECIFIED_REMEDY},
    {{"[::ffff:0.0.0.0]:80"},
     "unspecified address '::ffff:0.0.0.0' in '[::ffff:0.0.0.0]:80'" UNSPECIFIED_REMEDY},
    {{"-f", "live", "fe80::1", "80"},
     "link-local address without its interface 'fe80::1'" SCOPE_REMEDY},
    {{"[fe80::1]:80"},
     "link-local address without its interface 'fe80::1' in '[fe80::1]:80'" SCOPE_REMEDY},
    {{"10.0.0.0/33:80"},
     "invalid prefix length '33' in '10.0.0.0/33:80': allowed is /0-/32 after an IPv4 address"},
    {{"[2001:db8::]/129:80"},
     "invalid prefix length '129' in '[2001:db8::]/129:80': allowed is /0-/128 after an IPv6 "
     "address"},
    {{"10.0.0.0/:80"},
     "invalid prefix length in '10.0.0.0/:80': allowed is /0-/32 after an IPv4 address"},
    {{"0.0.0.0/30:80"},
     "prefix holds the unspecified address '0.0.0.0' in '0.0.0.0/30:80': it would ask this "
     "machine itself; leave it out"},
    /* hosts */
    {{":80"}, "missing host in ':80': write HOST:80"},
    {{""}, "missing host: write HOST:PORT"},
    {{"80"}, "number in place of a host '80': write HOST:PORT, or HOST PORT"},
    {{A63 "." A63 "." A63 "." A62 ":80"},
     "name too long '" A63 "....' in '" A63 "....': allowed are 253 bytes"},
    {{A64 ":80"},
     "label too long '" A64 "' in '" A64 "...': allowed are 63 bytes between two dots"},
    {{"a..b:80"}, "empty label in 'a..b:80': write one dot between two labels"},
    {{"a\nb:80"}, "invalid character in host '\\x0a' in 'a\\x0ab:80'" BYTE_REMEDY},
    {{"a\033[31m:80"}, "invalid character in host '\\x1b' in 'a\\x1b[31m:80'" BYTE_REMEDY},
    {{"\177:80"}, "invalid character in host '\\x7f' in '\\x7f:80'" BYTE_REMEDY},
    {{"\xc3\xa4:80"}, "not ASCII '\xc3\xa4' in '\xc3\xa4:80': write xn--4ca"},
    {{"a\xe2\x80\xae:80"}, "not ASCII '\\u202e' in 'a\\u202e:80': leave it out"},
    {{"a\xc3:80"}, "invalid character in host '\\xc3' in 'a\\xc3:80'" BYTE_REMEDY},
    {{"a b:80"}, "invalid character in host ' ' in 'a b:80'" BYTE_REMEDY},
    {{"!-db:80"}, "invalid host '-db:80' in '!-db:80'" DASH_REMEDY},
    {{"tcp://-db:80"}, "invalid host '-db:80' in 'tcp://-db:80'" DASH_REMEDY},
    {{"-"}, "a host never is '-': write -f - to read targets from standard input"},
    {{"127.0.0.1,127.0.0.2", "22"},
     "hosts without a port each '127.0.0.1,127.0.0.2': write "
     "127.0.0.1:PORT,127.0.0.2:PORT, or each for itself with -p"},
    {{"db,web:80"}, "hosts without a port each 'db,web' in 'db,web:80': write db:80,web:80"},
    {{"db,443"}, "hosts without a port each 'db,443': write db:443"},
    {{",db"}, "hosts without a port each ',db': write HOST:PORT,HOST:PORT"},
    {{"[web]:22"},
     "invalid IPv6 address 'web' in '[web]:22': brackets are for IPv6, write web:22"},
    {{"[web]"}, "invalid IPv6 address 'web' in '[web]': brackets are for IPv6, write web:PORT"},
    {{"[1:2]:22"},
     "invalid IPv6 address '1:2' in '[1:2]:22': write [ADDRESS]:PORT, as in [::1]:80"},
    {{"!1::/120"},
     "no port for '1::' in '!1::/120': write ![1::]/120:PORT or !icmp://[1::]/120"},
    {{"1:2:3:4:5:6:7:8:80"},
     "no IPv6 address, or one with a port glued on '1:2:3:4:5:6:7:8:80': write "
     "[1:2:3:4:5:6:7:8]:80"},
    {{"db/health"},
     "path or prefix behind a name 'health' in 'db/health': write NAME:PORT, or a URL, "
     "https://NAME/PATH"},
    {{"https:///x"}, "missing host in 'https:///x': write https://HOST/x"},
    {{"foo://db/x"}, "unknown scheme 'foo' in 'foo://db/x': write its port, foo://db:PORT/x"},
    {{"80://db"}, "unknown scheme '80' in '80://db': write HOST:PORT or tcp://HOST:PORT"},
    {{"://db:80"}, "unknown scheme in '://db:80': write HOST:PORT or tcp://HOST:PORT"},
    {{"unix:///run/x"},
     "file of a socket in place of a host 'unix' in 'unix:///run/x': it is not reached over a "
     "network: write HOST:PORT"},
    {{"mongodb+srv://db.example"},
     "SRV record in place of a host 'srv' in 'mongodb+srv://db.example': write HOST:PORT of "
     "each server"},
    {{"file:///x"}, "URL without a host 'file' in 'file:///x': write HOST:PORT"},
    {{"db:tcp://10.1.0.10:80"},
     "URL glued to 'db:' in 'db:tcp://10.1.0.10:80': write tcp://10.1.0.10:80"},
    {{"user@db:22"}, "user in front of a host 'user@' in 'user@db:22': write db:22"},
    {{"jdbc:oracle:thin:@//db:1521/x"},
     "user in front of a host '***@' in '***@//db:1521/x': write db:1521/x"},
    {{"jdbc:oracle:thin:@db:1521:x"},
     "user in front of a host '***@' in '***@db:1521:x': write db:1521"},
    {{"jdbc:oracle:thin:@(HOST=db)"},
     "user in front of a host '***@' in '***@(HOST=db)': write HOST:PORT"},
    {{"jdbc:oracle:thin:app/S3cret@db:1521:x"},
     "unclear end of user and password '@' in '***@db:1521:x': write HOST:PORT without them"},
    {{"postgres://app:S3/cret@db/x"},
     "unclear end of user and password '@' in 'postgres://***@db/x': write %2F, %23, %3F and "
     "%40 for /, #, ? and @ in them"},
    {{"-f", "live", "http://a:80,b", "443"},
     "number in place of a host '443': write HOST:PORT, or HOST PORT"},
    {{"-4", "[::1]:80"}, "not an IPv4 address '::1' in '[::1]:80'" ONLY_IPV4},
    {{"-6"}, "not an IPv6 address '{host}' in '{up}': only IPv6 was asked for (-6 or -s)"},
    {{"-s", "127.0.0.1", "[::1]:80"}, "not an IPv4 address '::1' in '[::1]:80'" ONLY_IPV4},
    /* The longest ones: with -n no name is looked up, but that it is too long is said first. */
    {{"-n", A63 "." A63 "." A63 "." A53 ".invalid:80"},
     "not an address '" A63 "....' in '" A63 "....': -n allows no names"},
    {{"-n", A63 ":80"}, "not an address '" A63 "' in '" A63 ":...': -n allows no names"},
    {{"-n", "localhost:80"},
     "not an address 'localhost' in 'localhost:80': -n allows no names"},
    /* options */
    {{"-Y"}, "unknown option '-Y': see netcheck --help"},
    {{"-zvY"}, "unknown option '-Y' in '-zvY': see netcheck --help"},
    {{"-="}, "unknown option '-=': see netcheck --help"},
    {{"-5"}, "unknown option '-5': see netcheck --help"},
    {{"--timout", "5"},
     "unknown option '--timout': the nearest is --timeout; see netcheck --help"},
    {{"--jsn=1"}, "unknown option '--jsn': the nearest is --json; see netcheck --help"},
    {{"--log=https://me:s3cret@db"}, "unknown option '--log': write -o FILE"},
    {{"-H", "db", "-p", "5432", "-w", "1", "-c", "2"},
     "unknown option '-H': write HOST without it, --warn DUR for -w and --crit DUR for -c, and "
     "--format nagios; here -w is the timeout and -c counts rounds"},
    {{"-iL", "live"}, "unknown option '-iL': write -f FILE"},
    {{"--path=/s3cret"},
     "unknown option '--path': write the URL, as in --ready http://HOST:PORT/PATH"},
    {{"-L"},
     "unknown option '-L': HTTP is asked as --ready asks it: leave it out, or write --ready "
     "and "
     "the URL"},
    {{"--completion", "tcsh"},
     "unknown shell 'tcsh' for --completion: allowed is bash, zsh or fish"},
    {{"--quiet=1"}, "unexpected argument of --quiet: it takes none"},
    {{"-t", "0.5.5"}, "invalid duration '0.5.5' for -t" DURATION_REMEDY},
    {{"-t", "-1"}, "invalid duration '-1' for -t" DURATION_REMEDY},
    {{"-t", "1e999"}, "invalid duration '1e999' for -t" DURATION_REMEDY},
    {{"-t", ""}, "invalid duration '' for -t" DURATION_REMEDY},
    {{"-t", "nan"}, "invalid duration 'nan' for -t" DURATION_REMEDY},
    {{"-w", "5x"}, "invalid duration '5x' for -w" DURATION_REMEDY},
    {{"-t", "0"}, "duration out of range '0' for -t: it must be more than 0"},
    {{"--timeout=99999999999999"},
     "duration out of range '99999999999999' for --timeout: allowed is up to 292 years"},
    {{"-t"}, "missing argument of -t: write -t DUR"},
    {{"--ports"}, "missing argument of --ports: write --ports PORTS"},
    {{"-P", "0"}, "invalid number '0' for -P: allowed is 1-1000000"},
    {{"-P", "1000001"}, "invalid number '1000001' for -P: allowed is 1-1000000"},
    {{"-r", "-1"}, "invalid number '-1' for -r: allowed is 0-1000000"},
    {{"--expect", "open"},
     "invalid state 'open' for --expect: allowed is up or down; for what a service says write "
     "--match"},
    {{"--only", "up,open"}, "invalid list 'up,open' for --only" ALLOWED_STATES},
    {{"--only", "up,"}, "invalid list 'up,' for --only" ALLOWED_STATES},
    {{"--color", "blue"}, "invalid word 'blue' for --color: allowed is auto, always or never"},
    {{"-s", "localhost"},
     "invalid address 'localhost' for -s: write an IPv4 or IPv6 address of this machine; a "
     "text to send is --send TEXT"},
    {{"-s", "0.0.0.0"}, "unspecified address '0.0.0.0' for -s: leave the option out"},
    {{"-I", "no\nsuch"}, "no interface 'no\\x0asuch' for -I: No such device"},
    {{"-4", "-6"}, "-4 and -6 exclude each other: leave one out, or both"},
    {{"-6", "-s", "127.0.0.1"},
     "the address of -s is not of the family that -4 or -6 asks for"},
    {{"--"}, "missing COMMAND after '--': write it, or leave '--' out"},
    /* options about time */
    {{"--wait", ""}, "invalid duration '' for --wait" DURATION_REMEDY},
    {{"-c", "-1"}, "invalid number '-1' for -c: allowed is 0-1000000000"},
    {{"-i", "0"}, "interval too short '0' for -i: allowed is 1ms and more"},
    {{"--wait=5", "-c2", "--", "echo", "ran"},
     "--wait ends when all is as expected, -c and --live do not: leave one out"},
    {{"--on-change"}, "--on-change compares with the time before: add --state FILE, -c or -i"},
    {{"--histogram"}, "--histogram is a part of the summary: add -c or -i"},
    {{"-D", "-j"}, "-D is for text, other formats have the time anyway: leave it out"},
    {{"-c0", "--", "echo", "ran"}, "without end COMMAND would never run: write -c N"},
    {{"--progress=always", "-c2"},
     "--progress goes towards an end, -c and -i have rows instead: leave it out"},
    {{"--wait=20", "db"}, "no port for 'db': write db:PORT, db PORT, -p PORT, or icmp://db"},
    {{"-c0", "-f", "nosuch"}, "cannot read 'nosuch'" ABSENT},
};

static void test_usage_bad_words_are_refused(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        expect_refused(*state, &refusals[i], strcmp(refusals[i].words[0], "-f") != 0);
}

static const struct refusal bad_files[] = {
    {{"{up}", "-f", ""}, "empty file name '' for -f: write a path, or - for standard input"},
    {{"{up}", "-f", "."}, "cannot read '.': Is a directory"},
    {{"{up}", "-f", "nosuch"}, "cannot read 'nosuch'" ABSENT},
    {{"-f", "live", "-f", "nosuch"}, "cannot read 'nosuch'" ABSENT},
    {{"{up}", "-f", "\033[31m"}, "cannot read '\\x1b[31m'" ABSENT},
    {{NULL}, NO_TARGETS},
    {{"-v", "-t", "1"}, NO_TARGETS},
    {{"--", "true"}, NO_TARGETS},
    {{"-f", "empty"}, EMPTY},
    {{"-f", "comments", "-f", "empty"}, EMPTY},
    {{"-f", "-"}, EMPTY},
};

static void test_usage_bad_files_are_refused(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(bad_files); i++)
        expect_refused(*state, &bad_files[i], false);
}

static void test_usage_live_view_needs_a_terminal_that_draws(void **state)
{
    static const struct {
        const char *label;
        const char *setting;
        enum stream out;
        const char *err;
    } rows[] = {
        {"dumb", "TERM=dumb", STREAM_TERMINAL,
         "netcheck: --live cannot draw with TERM=dumb: use -c 0 instead, which prints rows\n"},
        {"empty", "TERM=", STREAM_TERMINAL,
         "netcheck: --live cannot draw without TERM: set it, or use -c 0, which prints rows\n"},
        {"unset", "TERM", STREAM_TERMINAL,
         "netcheck: --live cannot draw without TERM: set it, or use -c 0, which prints rows\n"},
        {"pipe", "TERM=xterm", STREAM_PIPE,
         "netcheck: --live needs a terminal: leave it out, or do not redirect standard "
         "output\n"},
    };
    struct scene *scene = *state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *target = scene_filled(scene, "{up}");
        const struct launch launch = {.label = rows[i].label,
                                      .arguments = WORDS("--live", "--color=always", target),
                                      .settings = WORDS(rows[i].setting),
                                      .out = rows[i].out};
        struct program program;
        program_run(&program, &launch);
        expect_text(rows[i].label, "standard output", buffer_text(&program.out), "");
        expect_text(rows[i].label, "standard error", buffer_text(&program.err), rows[i].err);
        expect_number(rows[i].label, "exit status", program.status, 2);
        expect_number(rows[i].label, "connections", (int64_t)peer_count(&scene->up), 0);
        program_release(&program);
        free(target);
    }
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
        "netcheck ",
        ")\nprotocols: tcp udp icmp tls\nformats: text json csv nagios "
        "prometheus junit html\n",
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
        cmocka_unit_test(test_usage_bad_words_are_refused),
        cmocka_unit_test(test_usage_bad_files_are_refused),
        cmocka_unit_test(test_usage_live_view_needs_a_terminal_that_draws),
        cmocka_unit_test(test_usage_texts_are_printed_whole),
        cmocka_unit_test(test_usage_no_variable_holds_options),
        cmocka_unit_test(test_usage_version_says_what_is_built_in),
        cmocka_unit_test(test_usage_help_lost_is_an_error),
    };
    return cmocka_run_group_tests_name("cli/usage", tests, open_files, scene_release);
}
