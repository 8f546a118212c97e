/*
 * What is asked, what a row says, and the exit status that follows from it.
 */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"

#define UP            "up     {up}  {host}  N ms\n"
#define REFUSED       "down   {refused}  {host}  refused in N ms\n"
#define SILENT        "down   {silent}  {host}  timeout: no answer in N ms\n"
#define UP6           "up     {up6}  ::1  N ms\n"
#define UP_LOCAL      "up     localhost:{local.port}  127.0.0.1  N ms\n"
#define SILENT_TWICE  "down   {silent}  {host}  timeout: no answer in N ms, 2 attempts\n"
#define SILENT_FINE   "down   {silent}  {host}  timeout: no answer in N ms (as expected)\n"
#define LOCAL         "error  {up}  {host}  local: cannot ask from this source: " NOT_OURS "\n"
#define NOT_OURS      "Cannot assign requested address"
#define REFUSED_FINE  "down   {refused}  {host}  refused in N ms (as expected)\n"
#define UP_UNEXPECTED "up     {up}  {host}  N ms (expected down)\n"

#define EXPECT_ALL(state, examples) scene_expect_all(*(state), examples, ARRAY_LEN(examples))

static void test_rows_open_port_is_up(void **state)
{
    static const struct example examples[] = {
        {"HOST:PORT", ARGS("{up}"), .out = UP},
        {"HOST PORT", ARGS("{host}", "{up.port}"), .out = UP},
        {"-p before", ARGS("-p", "{up.port}", "{host}"), .out = UP},
        {"-p behind", ARGS("{host}", "-p{up.port}"), .out = UP},
        {"--ports=", ARGS("{host}", "--ports={up.port}"), .out = UP},
        {"tcp://", ARGS("tcp://{up}"), .out = UP},
        {"tcp:///", ARGS("tcp://{up}/"), .out = UP},
        {"a URL", ARGS("https://me:secret@{up}/path?q=1#x"), .out = UP},
        {"IPv6", ARGS("{up6}"), .out = UP6},
        {"IPv6, HOST PORT", ARGS("::1", "{up6.port}"), .out = UP6},
        {"[IPv6], HOST PORT", ARGS("[::1]", "{up6.port}"), .out = UP6},
        {"IPv6, -p", ARGS("-p", "{up6.port}", "::1"), .out = UP6},
        {"/32", ARGS("{host}/32:{up.port}"), .out = UP},
        {"/32, HOST PORT", ARGS("{host}/32", "{up.port}"), .out = UP},
        {"/128", ARGS("[::1]/128:{up6.port}"), .out = UP6},
        {"/128, bare", ARGS("-p", "{up6.port}", "::1/128"), .out = UP6},
        {"-4 -A", ARGS("-4A", "localhost:{local.port}"), .out = UP_LOCAL},
        {"--all-addresses of an address", ARGS("--all-addresses", "{up}"), .out = UP},
        {"-4", ARGS("-4", "{up}"), .out = UP},
        {"-6", ARGS("-6", "{up6}"), .out = UP6},
        {"-n", ARGS("-n", "{up}"), .out = UP},
        {"-r", ARGS("-r", "5", "{up}"), .out = UP},
        {"-I lo", ARGS("-I", "lo", "{up}"), .out = UP},
    };
    EXPECT_ALL(state, examples);
}

static void test_rows_refused_port_is_down(void **state)
{
    static const struct example examples[] = {
        {"IPv4", ARGS("{refused}"), .out = REFUSED, .status = 1},
        {"-r, no second attempt", ARGS("-r", "5", "{refused}"), .out = REFUSED, .status = 1},
        {"IPv6", ARGS("{refused6}"), .out = "down   {refused6}  ::1  refused in N ms\n",
         .status = 1},
        {"name", ARGS("-4", "localhost", "{localrefused.port}"),
         .out = "down   localhost:{localrefused.port}  127.0.0.1  refused in N ms\n",
         .status = 1},
    };
    EXPECT_ALL(state, examples);
}

static void test_rows_silent_port_is_a_timeout_kept(void **state)
{
    static const struct {
        struct example example;
        int timeout_ms;
    } rows[] = {
        {{"-t 0.2", ARGS("-t", "0.2", "{silent}"), .out = SILENT, .status = 1}, 200},
        {{"-w 200ms", ARGS("{silent}", "-w200ms"), .out = SILENT, .status = 1}, 200},
        {{"-r 1", ARGS("-t0.2", "-r", "1", "{silent}"), .out = SILENT_TWICE, .status = 1}, 400},
        {{"-r 0", ARGS("-t", "0.2", "-r", "0", "{silent}"), .out = SILENT, .status = 1}, 200},
        {{"expected", ARGS("-t", "0.2", "!{silent}"), .out = SILENT_FINE}, 200},
        {{"1 ms", ARGS("-t", "1ms", "{silent}"), .out = SILENT, .status = 1}, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        scene_expect(*state, &rows[i].example,
                     &(struct launch){.least_ms = rows[i].timeout_ms - 1,
                                      .most_ms = rows[i].timeout_ms + 300});
}

static void test_rows_several_targets_keep_their_order_unless_unordered(void **state)
{
    static const struct example examples[] = {
        {"targets", ARGS("{refused}", "{up}", "{refused}"), .out = REFUSED UP REFUSED,
         .status = 1},
        {"the same one twice", ARGS("{up}", "{up}"), .out = UP UP},
        {"port list", ARGS("{host}", "{refused.port},{up.port},{refused.port}"),
         .out = REFUSED UP REFUSED, .status = 1},
        {"port words", ARGS("{host}", "{refused.port}", "{up.port}"), .out = REFUSED UP,
         .status = 1},
        {"glued list", ARGS("{host}:{up.port},{refused.port}"), .out = UP REFUSED, .status = 1},
        {"range of one", ARGS("{host}:{up.port}-{up.port}"), .out = UP},
        {"-p with hosts", ARGS("-p", "{up.port},{refused.port}", "{host}", "{host}"),
         .out = UP REFUSED UP REFUSED, .status = 1},
        {"-p twice", ARGS("-p", "{up.port}", "{host}", "-p", "{refused.port}"),
         .out = UP REFUSED, .status = 1},
        {"a slow one first", ARGS("-t", "0.2", "{silent}", "{up}", "{refused}"),
         .out = SILENT UP REFUSED, .status = 1},
        {"--unordered", ARGS("--unordered", "-t", "0.2", "{silent}", "{up}"), .out = UP SILENT,
         .status = 1},
        {"one at a time",
         ARGS("-P1", "-t0.1", "{silent}", "{up}", "{silent}", "{refused}", "{up}"),
         .out = SILENT UP SILENT REFUSED UP, .status = 1},
    };
    EXPECT_ALL(state, examples);
}

/* A range of three ports that are all taken, so that nothing else can answer there. */
static uint16_t open_row_of_ports(struct peer peers[3])
{
    for (int tries = 0; tries < 1000; tries++) {
        peer_refuse(&peers[0], "127.0.0.1");
        uint16_t first = peers[0].port;
        bool has_second =
            first < 65534 && peer_refuse_at(&peers[1], "127.0.0.1", (uint16_t)(first + 1));
        if (has_second && peer_refuse_at(&peers[2], "127.0.0.1", (uint16_t)(first + 2)))
            return first;
        peer_release(&peers[0]);
        if (has_second)
            peer_release(&peers[1]);
    }
    fail_msg("no three free ports in a row");
    return 0;
}

static void test_rows_range_has_a_row_for_each_port(void **state)
{
    struct peer peers[3];
    unsigned first = open_row_of_ports(peers);
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    char range[32];
    (void)snprintf(range, sizeof range, "%u-%u", first, first + 2);
    for (unsigned i = 0; i < 3; i++)
        buffer_add_format(&out, "down   127.0.0.1:%u  127.0.0.1  refused in N ms\n", first + i);
    struct launch launch = {.arguments = WORDS("127.0.0.1", range)};
    expect_run(&launch, 1, buffer_text(&out), "");
    buffer_release(&out);
    for (size_t i = 0; i < ARRAY_LEN(peers); i++)
        peer_release(&peers[i]);
}

static void test_rows_prefix_has_a_row_for_each_address(void **state)
{
    const struct scene *scene = *state;
    struct peer peers[4];
    struct buffer out = BUFFER_EMPTY;
    struct buffer target = BUFFER_EMPTY;
    buffer_add_format(&target, "127.0.0.6/30:%u", (unsigned)scene->refused.port);
    for (unsigned i = 0; i < 4; i++) {
        char host[32];
        (void)snprintf(host, sizeof host, "127.0.0.%u", 4 + i);
        assert_true(peer_refuse_at(&peers[i], host, scene->refused.port));
        buffer_add_format(&out, "down   %s:%u  %s  refused in N ms\n", host,
                          (unsigned)scene->refused.port, host);
    }
    struct launch launch = {.arguments = WORDS(buffer_text(&target))};
    expect_run(&launch, 1, buffer_text(&out), "");
    for (size_t i = 0; i < ARRAY_LEN(peers); i++)
        peer_release(&peers[i]);
    buffer_release(&target);
    buffer_release(&out);
}

static void test_rows_expected_down_turns_the_status(void **state)
{
    static const struct example examples[] = {
        {"! refused", ARGS("!{refused}"), .out = REFUSED_FINE},
        {"! up", ARGS("!{up}"), .out = UP_UNEXPECTED, .status = 1},
        {"! both", ARGS("!{refused}", "{up}"), .out = REFUSED_FINE UP},
        {"! HOST PORT", ARGS("!{host}", "{refused.port}"), .out = REFUSED_FINE},
        {"! with -p", ARGS("-p{refused.port}", "!{host}"), .out = REFUSED_FINE},
        {"--expect down, refused", ARGS("--expect", "down", "{refused}"), .out = REFUSED_FINE},
        {"--expect down, up", ARGS("--expect=down", "{up}"), .out = UP_UNEXPECTED, .status = 1},
        {"--expect down and !", ARGS("--expect=down", "!{refused}"), .out = REFUSED_FINE},
        {"--expect up", ARGS("--expect", "up", "{refused}"), .out = REFUSED, .status = 1},
        {"an error is never expected", ARGS("--expect=down", "-s192.0.2.1", "{up}"),
         .out = LOCAL, .status = 2},
    };
    EXPECT_ALL(state, examples);
}

static void test_rows_any_needs_one(void **state)
{
    static const struct example examples[] = {
        {"one up", ARGS("--any", "{refused}", "{up}"), .out = REFUSED UP},
        {"none up", ARGS("--any", "{refused}", "{refused}"), .out = REFUSED REFUSED,
         .status = 1},
        {"one as expected", ARGS("--any", "!{refused}", "!{up}"),
         .out = REFUSED_FINE UP_UNEXPECTED},
        {"all in error", ARGS("--any", "-s192.0.2.1", "{up}"), .out = LOCAL, .status = 2},
    };
    EXPECT_ALL(state, examples);
}

static void test_rows_only_shows_what_was_asked_for(void **state)
{
#define BAD                                                                             \
    "error  x  -  invalid: no port for 'x' (-:1:1): write x:PORT, x PORT, -p PORT, or " \
    "icmp://x\n"
    static const struct {
        const char *only;
        const char *out;
    } rows[] = {
        {"--only=up", UP UP_UNEXPECTED},
        {"--only=down", REFUSED REFUSED_FINE},
        {"--only=error", BAD},
        {"--only=unexpected", REFUSED UP_UNEXPECTED BAD},
        {"--only=up,error", UP UP_UNEXPECTED BAD},
        {"--only=error,up", UP UP_UNEXPECTED BAD},
        {"--only=up,down,error", UP REFUSED REFUSED_FINE UP_UNEXPECTED BAD},
        {"--only=up,unexpected", UP REFUSED UP_UNEXPECTED BAD},
    };
    static const struct example others[] = {
        {"two words", ARGS("--only", "up", "{up}"), .out = UP},
        {"nothing left", ARGS("--only=down", "{up}"), .out = ""},
        {"with --expect", ARGS("--only=unexpected", "--expect=down", "{up}", "{refused}"),
         .out = UP_UNEXPECTED, .status = 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct example example = {
            rows[i].only,
            {rows[i].only, "-f-", "{up}", "{refused}", "!{refused}", "!{up}"},
            rows[i].out,
            NULL,
            2,
            "x\n"};
        scene_expect(*state, &example, NULL);
    }
    EXPECT_ALL(state, others);
}

static void test_rows_quiet_leaves_the_status(void **state)
{
    static const struct example examples[] = {
        {"up", ARGS("-q", "{up}"), .out = ""},
        {"refused", ARGS("--quiet", "{refused}"), .out = "", .status = 1},
        {"error", ARGS("-q", "-s192.0.2.1", "{up}"), .out = "", .status = 2},
        {"with --only", ARGS("-q", "--only=up", "{up}"), .out = ""},
        {"with --json", ARGS("-qj", "{up}"), .out = ""},
    };
    EXPECT_ALL(state, examples);
}

static void test_rows_source_address_is_used_or_the_error(void **state)
{
    struct scene *scene = *state;
    static const struct example used = {"-s", ARGS("-s", "127.0.0.2", "{up}"), .out = UP};
    static const struct example foreign = {"-s", ARGS("-s192.0.2.1", "{up}"), .out = LOCAL,
                                           .status = 2};
    struct visit visit;
    (void)peer_count(&scene->up);
    scene_expect(scene, &used, NULL);
    peer_take(&scene->up, &visit);
    expect_text("-s", "source", visit.host, "127.0.0.2");
    scene_expect(scene, &foreign, NULL);
    expect_number("-s", "connections", (int64_t)peer_count(&scene->up), 0);
}

static void test_rows_nc_habits_work(void **state)
{
    static const struct example examples[] = {
        {"-z", ARGS("-z", "{host}", "{up.port}"), .out = UP},
        {"-zv -w 2", ARGS("-zv", "-w", "2", "{host}", "{up.port}"), .out = UP,
         .err = "* {up}: trying {host}\n* {up}: {host} connected in N ms\n"},
        {"-vzw2", ARGS("-vzw2", "{host}", "{refused.port}"), .out = REFUSED,
         .err = "* {refused}: trying {host}\n* {refused}: {host} refused in N ms\n",
         .status = 1},
        {"options behind", ARGS("{host}", "{up.port}", "-z", "-w", "2", "-n"), .out = UP},
        {"-z4", ARGS("-z4", "{host}", "{up.port}"), .out = UP},
    };
    EXPECT_ALL(state, examples);
}

static void test_rows_verbose_tells_of_timeout_and_retry(void **state)
{
    static const struct example examples[] = {
        {"-v -r 1", ARGS("-v", "-r1", "-t0.1", "{silent}"), .out = SILENT_TWICE,
         .err = "* {silent}: trying {host}\n* {silent}: {host} timeout\n"
                "* {silent}: no answer, attempt 2\n"
                "* {silent}: trying {host}\n* {silent}: {host} timeout\n",
         .status = 1},
        {"-v -t 500", ARGS("-v", "-t500", "{up}"), .out = UP,
         .err = "* giving up after 500 s: write 500ms if milliseconds are meant\n"
                "* {up}: trying {host}\n* {up}: {host} connected in N ms\n"},
        {"--verbose with a name", ARGS("--verbose", "-4", "localhost:{local.port}"),
         .out = UP_LOCAL,
         .err = "* localhost:{local.port}: resolving (IPv4)\n* localhost:{local.port}: IPv4: 1 "
                "address in N "
                "ms\n* localhost:{local.port}: trying 127.0.0.1\n"
                "* localhost:{local.port}: 127.0.0.1 connected in N ms\n"},
    };
    EXPECT_ALL(state, examples);
}

/* The addresses of localhost in one family, as this machine has them. */
static size_t count_addresses(int family)
{
    struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    size_t count = 0;
    if (getaddrinfo("localhost", NULL, &hints, &list) != 0)
        return 0;
    for (struct addrinfo *entry = list; entry != NULL; entry = entry->ai_next) {
        bool is_new = true;
        for (struct addrinfo *other = list; other != entry; other = other->ai_next)
            is_new = is_new && (other->ai_addrlen != entry->ai_addrlen ||
                                memcmp(other->ai_addr, entry->ai_addr, entry->ai_addrlen) != 0);
        count += is_new;
    }
    freeaddrinfo(list);
    return count;
}

static void test_rows_all_addresses_have_a_row_each(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {
        .arguments =
            WORDS("-A", "-p", strchr(scene->localrefused.target, ':') + 1, "localhost")};
    program_run(&program, &launch);
    expect_text("-A", "standard error", buffer_text(&program.err), "");
    expect_number("-A", "rows", (int64_t)text_count_lines(&program.out),
                  (int64_t)(count_addresses(AF_INET) + count_addresses(AF_INET6)));
    expect_number("-A", "exit status", program.status, 1);
    assert_non_null(strstr(buffer_text(&program.out), "  127.0.0.1  refused in "));
    program_release(&program);
}

static void test_rows_default_colour_is_off_in_a_pipe(void **state)
{
    static const struct example examples[] = {
        {"default", ARGS("{up}", "{refused}"), .out = UP REFUSED, .status = 1},
        {"auto", ARGS("--color", "auto", "{up}"), .out = UP},
        {"never", ARGS("--color=never", "{up}"), .out = UP},
        {"always", ARGS("--color=always", "{up}", "{refused}", "!{refused}", "!{up}"),
         .out = "\033[32mup\033[0m     {up}  {host}  N ms\n"
                "\033[31mdown\033[0m   {refused}  {host}  refused in N ms\n"
                "\033[32mdown\033[0m   {refused}  {host}  refused in N ms (as expected)\n"
                "\033[31mup\033[0m     {up}  {host}  N ms (expected down)\n",
         .status = 1},
        {"always, an error", ARGS("--color=always", "-s192.0.2.1", "{up}"),
         .out = "\033[33merror\033[0m  {up}  {host}  local: cannot ask from this "
                "source: " NOT_OURS "\n",
         .status = 2},
    };
    EXPECT_ALL(state, examples);
}

static void test_rows_colour_on_a_terminal(void **state)
{
#define GREEN_UP "\033[32mup\033[0m     {up}  N ms\n"
#define PLAIN_UP "up     {up}  N ms\n"
#define XTERM    "TERM=xterm"
    static const struct {
        struct example example;
        const char *settings[2];
    } rows[] = {
        {{"auto", ARGS("{up}"), .out = GREEN_UP}, ARGS("NO_COLOR", XTERM)},
        {{"dumb", ARGS("{up}"), .out = PLAIN_UP}, ARGS("NO_COLOR", "TERM=dumb")},
        {{"no TERM", ARGS("{up}"), .out = PLAIN_UP}, ARGS("NO_COLOR", "TERM")},
        {{"TERM is empty", ARGS("{up}"), .out = PLAIN_UP}, ARGS("NO_COLOR", "TERM=")},
        {{"always beats dumb", ARGS("--color=always", "{up}"), .out = GREEN_UP},
         ARGS("NO_COLOR", "TERM=dumb")},
        {{"NO_COLOR", ARGS("{up}"), .out = PLAIN_UP}, ARGS("NO_COLOR=1", XTERM)},
        {{"NO_COLOR is empty", ARGS("{up}"), .out = GREEN_UP}, ARGS("NO_COLOR=", XTERM)},
        {{"never", ARGS("--color=never", "{up}"), .out = PLAIN_UP}, ARGS("NO_COLOR", XTERM)},
        {{"always beats NO_COLOR", ARGS("--color=always", "{up}"), .out = GREEN_UP},
         ARGS("NO_COLOR=1", XTERM)},
        {{"--color auto and NO_COLOR", ARGS("--color=auto", "{up}"), .out = PLAIN_UP},
         ARGS("NO_COLOR=1", XTERM)},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct launch like = {.out = STREAM_TERMINAL,
                              .settings = WORDS(rows[i].settings[0], rows[i].settings[1])};
        scene_expect(*state, &rows[i].example, &like);
    }
}

/* What the widths are is told by test_row_columns.c; in a pipe each example above shows it. */
static void test_rows_stand_in_columns_on_a_terminal(void **state)
{
    static const struct example rows[] = {
        {"address and name", ARGS("-4", "-p{localrefused.port}", "127.0.0.10", "localhost"),
         .out = "down   127.0.0.10:{localrefused.port}              refused in N ms\n"
                "down   localhost:{localrefused.port}   127.0.0.1   refused in N ms\n",
         .status = 1},
        {"a file's are not known before",
         ARGS("-4", "-p{localrefused.port}", "127.0.0.1", "-f-"),
         .out = "down   127.0.0.1:{localrefused.port}  refused in N ms\n"
                "down   127.0.0.1:{localrefused.port}  refused in N ms\n"
                "down   localhost:{localrefused.port}  127.0.0.1  refused in N ms\n",
         .input = "127.0.0.1\nlocalhost\n", .status = 1},
    };
    const struct launch like = {.out = STREAM_TERMINAL, .settings = WORDS("TERM=dumb")};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        scene_expect(*state, &rows[i], &like);
}

static void test_rows_json_on_a_terminal_has_no_colour(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {.arguments = WORDS("-j", scene->up.target), .out = STREAM_TERMINAL};
    program_run(&program, &launch);
    assert_false(text_has_raw_bytes(&program.out));
    assert_true(text_is_json_lines(program.out.bytes, program.out.len));
    program_release(&program);
}

/* Run the words and compare their JSON, in which time and latencies are hidden. */
static void expect_json(const struct scene *scene, const struct example *example)
{
    struct program program;
    char *target = scene_filled(scene, example->words[0]);
    char *expected = scene_filled(scene, example->out);
    struct launch launch = {
        .label = example->label,
        .arguments = WORDS(target, example->words[1], example->words[2], example->words[3],
                           example->words[4]),
        .input = example->input,
    };
    program_run(&program, &launch);
    if (!text_is_json_lines(program.out.bytes, program.out.len))
        fail_msg("%s: no JSON: %s", example->label, buffer_text(&program.out));
    text_hide_json_values(&program.out);
    expect_text(example->label, "standard output", buffer_text(&program.out), expected);
    expect_text(example->label, "standard error", buffer_text(&program.err), "");
    expect_number(example->label, "exit status", program.status, example->status);
    program_release(&program);
    free(target);
    free(expected);
}

#define JSON_ASKED(peer, state, expected, as_expected)                                    \
    "{\"time\":\"T\",\"target\":\"{" peer "}\",\"protocol\":\"tcp\",\"host\":\"{host}\"," \
    "\"port\":{" peer ".port},\"address\":\"{host}\",\"state\":\"" state                  \
    "\",\"expected\":\"" expected "\",\"as_expected\":" as_expected ","
#define JSON_WHY(reason, detail, error) \
    "\"reason\":\"" reason "\",\"detail\":" detail ",\"error\":" error ","
#define JSON_TIMES(resolve_ms, connect_ms, syns, attempts, proxy)                          \
    "\"icmp\":null,\"reported_by\":null,\"resolve_ms\":" resolve_ms                        \
    ",\"connect_ms\":" connect_ms ",\"syn_retransmits\":" syns ",\"attempts\":" attempts   \
    ",\"canonical\":null,\"reply_ms\":null,\"sent\":null,\"replies\":null,\"reply\":null," \
    "\"reply_bytes\":null,\"reply_from\":null,\"ttl\":null,\"syn_proxy\":" proxy ","       \
    "\"path_mtu\":null,\"tls\":null,\"held_ms\":null,\"closed_after_ms\":null,\"labels\":" \
    "null}\n"
#define JSON_CONNECTED JSON_WHY("connected", "null", "null")
#define JSON_UP(expected, as_expected)            \
    JSON_ASKED("up", "up", expected, as_expected) \
    JSON_CONNECTED JSON_TIMES("null", "N", "0", "1", "false")
#define JSON_REFUSED(expected, as_expected)              \
    JSON_ASKED("refused", "down", expected, as_expected) \
    JSON_WHY("refused", "null", "\"ECONNREFUSED\"") JSON_TIMES("null", "N", "0", "1", "false")
#define JSON_SILENT(detail, attempts)             \
    JSON_ASKED("silent", "down", "up", "false")   \
    JSON_WHY("timeout", "\"" detail "\"", "null") \
    JSON_TIMES("null", "null", "0", attempts, "false")

static const struct example in_json[] = {
    {"up", ARGS("{up}", "-j"), .out = JSON_UP("up", "true")},
    {"--json", ARGS("{up}", "--json"), .out = JSON_UP("up", "true")},
    {"--format", ARGS("{up}", "--format", "json"), .out = JSON_UP("up", "true")},
    {"--format=", ARGS("{up}", "--format=json"), .out = JSON_UP("up", "true")},
    {"up, expected down", ARGS("!{up}", "-j"), .out = JSON_UP("down", "false"), .status = 1},
    {"refused", ARGS("{refused}", "-j"), .out = JSON_REFUSED("up", "false"), .status = 1},
    {"--expect down", ARGS("{refused}", "-j", "--expect", "down"),
     .out = JSON_REFUSED("down", "true")},
    {"timeout", ARGS("{silent}", "-j", "-t", "0.1"),
     .out = JSON_SILENT("no answer in N ms", "1"), .status = 1},
    {"timeout twice", ARGS("{silent}", "-j", "-t0.1", "-r1"),
     .out = JSON_SILENT("no answer in N ms, 2 attempts", "2"), .status = 1},
    {"name", ARGS("localhost:{local.port}", "-j", "-4"),
     .out = "{\"time\":\"T\",\"target\":\"localhost:{local.port}\",\"protocol\":\"tcp\","
            "\"host\":\"localhost\",\"port\":{local.port},\"address\":\"127.0.0.1\",\"state\":"
            "\"up\",\"expected\":\"up\",\"as_expected\":true," JSON_CONNECTED JSON_TIMES(
                "N", "N", "0", "1", "false")},
    {"local", ARGS("{up}", "-j", "-s192.0.2.1"),
     .out = JSON_ASKED("up", "error", "up", "false")
         JSON_WHY("local", "\"cannot ask from this source: " NOT_OURS "\"", "\"EADDRNOTAVAIL\"")
             JSON_TIMES("null", "null", "null", "1", "null"),
     .status = 2},
    {"invalid, foreign bytes", ARGS("{up}", "-j", "-f-"),
     .out = JSON_UP(
         "up",
         "true") "{\"time\":\"T\",\"target\":\"\\\"\\\\\\u001b\xc3\xa4\\ufffd\","
                 "\"protocol\":null,\"host\":null,\"port\":null,\"address\":null,"
                 "\"state\":\"error\",\"expected\":\"up\",\"as_expected\":false," JSON_WHY(
                     "invalid",
                     "\"invalid character in host '\\\"' in "
                     "'\\\"\\\\\\\\\\\\x1b\xc3\xa4\\\\xff' (-:1:1): a name has "
                     "letters, digits, '-', '_' and '.' (others in xn-- form)\"",
                     "null") JSON_TIMES("null", "null", "null", "0", "null"),
     .input = "\"\\\033\xc3\xa4\xff\n", .status = 2},
};

static void test_rows_json_has_every_key_in_order(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(in_json); i++)
        expect_json(*state, &in_json[i]);
}

/* The first SYN is sent again after 1 s: the row counts it. */
static void test_rows_lost_syns_are_counted(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {.arguments = WORDS("-j", "-t", "1.5", scene->silent.target)};
    program_run(&program, &launch);
    assert_non_null(strstr(buffer_text(&program.out), "\"syn_retransmits\":1,"));
    assert_non_null(strstr(buffer_text(&program.out), "\"no answer to 2 SYNs in 1.5"));
    program_release(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_open_port_is_up),
        cmocka_unit_test(test_rows_refused_port_is_down),
        cmocka_unit_test(test_rows_silent_port_is_a_timeout_kept),
        cmocka_unit_test(test_rows_several_targets_keep_their_order_unless_unordered),
        cmocka_unit_test(test_rows_range_has_a_row_for_each_port),
        cmocka_unit_test(test_rows_prefix_has_a_row_for_each_address),
        cmocka_unit_test(test_rows_expected_down_turns_the_status),
        cmocka_unit_test(test_rows_any_needs_one),
        cmocka_unit_test(test_rows_only_shows_what_was_asked_for),
        cmocka_unit_test(test_rows_quiet_leaves_the_status),
        cmocka_unit_test(test_rows_source_address_is_used_or_the_error),
        cmocka_unit_test(test_rows_nc_habits_work),
        cmocka_unit_test(test_rows_verbose_tells_of_timeout_and_retry),
        cmocka_unit_test(test_rows_all_addresses_have_a_row_each),
        cmocka_unit_test(test_rows_default_colour_is_off_in_a_pipe),
        cmocka_unit_test(test_rows_colour_on_a_terminal),
        cmocka_unit_test(test_rows_stand_in_columns_on_a_terminal),
        cmocka_unit_test(test_rows_json_on_a_terminal_has_no_colour),
        cmocka_unit_test(test_rows_json_has_every_key_in_order),
        cmocka_unit_test(test_rows_lost_syns_are_counted),
    };
    return cmocka_run_group_tests_name("cli/rows", tests, scene_open, scene_release);
}
