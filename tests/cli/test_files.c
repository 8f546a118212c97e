/*
 * Targets from files and from standard input: what a line may be, and how lines become rows.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

#define UP                   "up     {up}  {host}  N ms\n"
#define REFUSED              "down   {refused}  {host}  refused in N ms\n"
#define MISSING_REMEDY(host) "write " host ":PORT, " host " PORT, -p PORT, or icmp://" host "\n"

#define EXPECT_ALL(state, examples) scene_expect_all(*(state), examples, ARRAY_LEN(examples))

static void write_file(const struct scene *scene, const char *name, const char *text)
{
    struct buffer filled = BUFFER_EMPTY;
    scene_fill(scene, &filled, text);
    folder_write(&scene->folder, name, filled.bytes, filled.len);
    buffer_release(&filled);
}

static void test_files_are_read_in_order(void **state)
{
    static const struct example examples[] = {
        {"-f FILE", ARGS("-f", "one"), .out = UP REFUSED, .status = 1},
        {"-fFILE", ARGS("-fone"), .out = UP REFUSED, .status = 1},
        {"--file", ARGS("--file", "two"), .out = REFUSED UP, .status = 1},
        {"--file=", ARGS("--file=two"), .out = REFUSED UP, .status = 1},
        {"several", ARGS("-f", "one", "-f", "two"), .out = UP REFUSED REFUSED UP, .status = 1},
        {"the same one twice", ARGS("-fone", "-fone"), .out = UP REFUSED UP REFUSED,
         .status = 1},
        {"-f -", ARGS("-f", "-"), .out = REFUSED UP, .input = "{refused}\n{up}\n", .status = 1},
        {"-f- between files", ARGS("-fone", "-f-", "-ftwo"), .out = UP REFUSED UP REFUSED UP,
         .input = "{up}\n", .status = 1},
        {"operands come first", ARGS("-ftwo", "{up}", "{up}"), .out = UP UP REFUSED UP,
         .status = 1},
        {"standard input unasked", ARGS("{up}"), .out = UP, .input = "{refused}\n"},
        {"an empty one among them", ARGS("-f-", "-fone"), .out = UP REFUSED, .status = 1},
    };
    write_file(*state, "one", "{up}\n{refused}\n");
    write_file(*state, "two", "{refused}\n{up}\n");
    EXPECT_ALL(state, examples);
}

static void test_files_line_forms_are_understood(void **state)
{
    static const struct {
        const char *label;
        const char *input;
        const char *out;
    } rows[] = {
        {"TARGET", "{up}\n", UP},
        {"no line feed at the end", "{up}", UP},
        {"HOST PORT", "{host} {up.port}\n", UP},
        {"HOST, tab, PORT", "{host}\t{up.port}\n", UP},
        {"HOST PORT PORT", "{host}  {up.port} \t {up.port}\n", UP UP},
        {"HOST PORT,PORT", "{host} {up.port},{up.port}\n", UP UP},
        {"HOST:PORT,PORT", "{host}:{up.port},{up.port}\n", UP UP},
        {"HOST,PORT", "{host},{up.port}\n", UP},
        {"HOST;PORT, a list of ports", "{host};{up.port}, {up.port}\n", UP UP},
        {"quoted cells", "\"{host}\",\"{up.port}\"\n", UP},
        {"TARGET, TARGET", "{up}, {up}\n", UP UP},
        {"HOST PORT tcp", "{host} {up.port} tcp\n", UP},
        {"YAML", "  - \"{up}\"\n", UP},
        {"header", "host;port\n{host};{up.port}\n", UP},
        {"white space around", " \t{up}\t \n", UP},
        {"CRLF", "{up}\r\n{up}\r\n", UP UP},
        {"CRLF, HOST PORT", "{host} {up.port}\r\n", UP},
        {"CRLF, none at the end", "{up}\r\n{up}\r", UP UP},
        {"CRLF, blank", "\r\n{up}\r\n\r\n", UP},
        {"CRLF, comment", "# one\r\n{up} # two\r\n", UP},
        {"byte-order mark", "\xef\xbb\xbf{up}\n", UP},
        {"byte-order mark, CRLF", "\xef\xbb\xbf{up}\r\n", UP},
        {"byte-order mark, comment", "\xef\xbb\xbf# one\n{up}\n", UP},
        {"byte-order mark, blank", "\xef\xbb\xbf\n{up}\n", UP},
        {"blank lines", "\n\n{up}\n \n\t\n{up}\n\n", UP UP},
        {"comment", "# {refused}\n{up}\n", UP},
        {"comment without space", "#{refused}\n{up}\n", UP},
        {"comment behind white space", " \t# {refused}\n{up}\n", UP},
        {"comment behind a target", "{up} # {refused}\n{up}\t#\n", UP UP},
        {"comment with anything in it", "# \033 \xff ' :::\n{up}\n", UP},
        {"expected down", "!{refused}\n",
         "down   {refused}  {host}  refused in N ms (as expected)\n"},
        {"URL", "https://{up}/#x\n", UP},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct example example = {
            rows[i].label, {"-f", "-"}, .out = rows[i].out, .input = rows[i].input};
        scene_expect(*state, &example, NULL);
    }
}

static void test_files_ports_of_the_option_go_with_hosts(void **state)
{
    static const struct example examples[] = {
        {"-p", ARGS("-p{up.port}", "-f-"), .out = UP UP, .input = "{host}\n{host} # a\n"},
        {"-p and ports of its own", ARGS("-p{up.port}", "-f-"),
         .out = "error  d 80  -  invalid: port given with -p and with '80' in 'd 80' "
                "(-:1:3): write it once\n" UP,
         .input = "d 80\n{host}\n", .status = 2},
    };
    EXPECT_ALL(state, examples);
}

static void test_files_bad_line_is_a_row_with_its_place(void **state)
{
    static const struct {
        const char *line;
        const char *label; /* NULL: the line */
        const char *words; /* behind "invalid: " */
    } rows[] = {
        {"db:70000", NULL, "invalid port '70000' in 'db:70000' (-:3:4): allowed is 1-65535\n"},
        {"  db:0", NULL, "invalid port '0' in '  db:0' (-:3:6): allowed is 1-65535\n"},
        {"db 22 0", NULL, "invalid port '0' in 'db 22 0' (-:3:7): allowed is 1-65535\n"},
        {"db:22 80", NULL,
         "port given twice '80' in 'db:22 80' (-:3:7): write it once, with the host or "
         "behind it\n"},
        {"db", NULL, "no port for 'db' (-:3:1): " MISSING_REMEDY("db")},
        {"db # 80", "db", "no port for 'db' (-:3:1): " MISSING_REMEDY("db")},
        {"db\r", "db", "no port for 'db' (-:3:1): " MISSING_REMEDY("db")},
        {"-db:80", NULL, "invalid host '-db:80' (-:3:1): it begins with a letter or a digit\n"},
        {"--help", NULL, "invalid host '--help' (-:3:1): it begins with a letter or a digit\n"},
        {"[::1", NULL, "bracket without its end '[::1' (-:3:1): write [ADDRESS]:PORT\n"},
        {"127.1:80", NULL,
         "not a strict dotted quad '127.1' in '127.1:80' (-:3:1): write 127.0.0.1\n"},
        {"0.0.0.0:80", NULL,
         "unspecified address '0.0.0.0' in '0.0.0.0:80' (-:3:1): it would ask this machine "
         "itself; write 127.0.0.1 or ::1 for that\n"},
        {"10.0.0.0/33:80", NULL,
         "invalid prefix length '33' in '10.0.0.0/33:80' (-:3:10): allowed is /0-/32 after an "
         "IPv4 address\n"},
        {"\xef\xbb\xbf"
         "db:80",
         "\\ufeffdb:80", "not ASCII '\\ufeff' in '\\ufeffdb:80' (-:3:1): leave it out\n"},
        {"db:80#x", NULL,
         "unknown service '80#x' in 'db:80#x' (-:3:4): write the port as a number, 1-65535\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buffer input = BUFFER_EMPTY;
        struct buffer out = BUFFER_EMPTY;
        buffer_add_format(&input, "{up}\n\n%s\n{refused}\n", rows[i].line);
        buffer_add_format(&out, UP "error  %s  -  invalid: %s" REFUSED,
                          rows[i].label != NULL ? rows[i].label : rows[i].line, rows[i].words);
        struct example example = {rows[i].line,
                                  {"-f-"},
                                  .out = buffer_text(&out),
                                  .input = buffer_text(&input),
                                  .status = 2};
        scene_expect(*state, &example, NULL);
        buffer_release(&input);
        buffer_release(&out);
    }
}

#define A_ROW    "error  a  -  invalid: no port for 'a' (-:2:1): " MISSING_REMEDY("a")
#define B_ROW    "error  b  -  invalid: no port for 'b' (-:3:1): " MISSING_REMEDY("b")
#define A_HEADER "* header 'Host;Port' skipped (-:1)\n"
#define A_GUESS  "netcheck: standard input looks like a list of hosts: netcheck -p PORTS -f -\n"

static void test_files_notes_stand_beside_the_rows(void **state)
{
    static const char input[] = "Host;Port\na\nb\n";
    static const struct example examples[] = {
        {"once", ARGS("-f-"), .out = A_ROW B_ROW, .err = A_GUESS, .input = input, .status = 2},
        {"-v", ARGS("-v", "-f-"), .out = A_ROW B_ROW, .err = A_HEADER A_GUESS, .input = input,
         .status = 2},
        {"-q", ARGS("-q", "-f-"), .input = input, .status = 2},
        {"shuffled", ARGS("--shuffle=3", "-f-"), .out = A_ROW B_ROW, .err = A_GUESS,
         .input = input, .status = 2},
        {"another shard's lines", ARGS("--shard=3/3", "-f-"), .err = A_GUESS, .input = input},
        {"a header and nothing else", ARGS("-v", "-f-"),
         .err = A_HEADER "netcheck: no targets: every file is empty\n", .input = "Host;Port\n",
         .status = 2},
        {"a target among them", ARGS("-f-"), .out = A_ROW B_ROW UP,
         .input = "Host;Port\na\nb\n{up}\n", .status = 2},
    };
    EXPECT_ALL(state, examples);
}

#define WIDE "netcheck: 'wide' is UTF-16: iconv -f UTF-16 -t UTF-8 wide | netcheck -f -\n"

/* Windows writes it; the other files and the operands are asked all the same. */
static void test_files_utf16_is_one_message(void **state)
{
    static const char wide[] = "\xff\xfe"
                               "d\0b\0:\0"
                               "8\0"
                               "0\0\r\0\n\0w\0:\0"
                               "1\0\n\0";
    static const struct example examples[] = {
        {"between others", ARGS("{up}", "-f", "one", "-f", "wide", "-f", "one"),
         .out = UP UP UP, .err = WIDE, .status = 2},
        {"waiting", ARGS("-q", "--wait=5", "{up}", "-f", "wide"), .err = WIDE, .status = 2},
    };
    const struct scene *scene = *state;
    folder_write(&scene->folder, "wide", wide, sizeof wide - 1);
    write_file(scene, "one", "{up}\n");
    EXPECT_ALL(state, examples);
}

static void test_files_each_file_counts_its_own_lines(void **state)
{
    static const struct example examples[] = {
        {"two files", ARGS("-f", "bad", "-f", "./bad"),
         .out = UP "error  x  -  invalid: no port for 'x' (bad:2:1): " MISSING_REMEDY("x") UP
         "error  x  -  invalid: no port for 'x' (./bad:2:1): " MISSING_REMEDY("x"),
         .status = 2},
        {"foreign name", ARGS("-f", "\033[31m"),
         .out = "error  x  -  invalid: no port for 'x' (\\x1b[31m:1:1): " MISSING_REMEDY("x"),
         .status = 2},
    };
    write_file(*state, "bad", "{up}\nx\n");
    write_file(*state, "\033[31m", "x\n");
    EXPECT_ALL(state, examples);
}

static void test_files_line_too_long_is_one_row(void **state)
{
    enum { LIMIT = 65535, SHOWN = 320 };
    static const size_t lens[] = {LIMIT, LIMIT + 1, 3 * LIMIT, 1000000};
    for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
        struct buffer input = BUFFER_EMPTY;
        struct buffer out = BUFFER_EMPTY;
        bool is_too_long = lens[i] > LIMIT;
        char shown[SHOWN + 1] = "";
        memset(shown, 'a', SHOWN);
        for (size_t k = 0; k < lens[i]; k++)
            buffer_add_text(&input, "a");
        buffer_add_text(&input, "\n{up}\n");
        buffer_add_format(&out, "error  %s...  -  invalid: %s '%.64s...' (-:1:1): %s\n" UP,
                          shown, is_too_long ? "line too long" : "name too long", shown,
                          is_too_long ? "allowed are 65535 bytes" : "allowed are 253 bytes");
        struct example example = {"long line", ARGS("-f-"), .out = buffer_text(&out),
                                  .input = buffer_text(&input), .status = 2};
        scene_expect(*state, &example, NULL);
        buffer_release(&input);
        buffer_release(&out);
    }
}

/* A line of each byte alone and one inside a name, but for what ends or hides the line. */
static size_t every_byte(struct buffer *input)
{
    size_t count = 0;
    for (int byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        if (c == '\n' || c == '#' || c == '\r' || c == ' ' || c == '\t')
            continue;
        buffer_add(input, &c, 1);
        buffer_add_text(input, "\nnot:a:target");
        buffer_add(input, &c, 1);
        buffer_add_text(input, ":\n");
        count += c == ',' ? 3 : 2; /* the comma makes a list of two */
    }
    return count;
}

static void test_files_foreign_bytes_never_come_out_raw(void **state)
{
    static const char *const formats[] = {"--format=text", "--format=json"};
    struct buffer input = BUFFER_EMPTY;
    size_t count = every_byte(&input);
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        struct program program;
        struct launch launch = {.label = formats[i],
                                .arguments = WORDS("-f", "-", formats[i]),
                                .input = input.bytes,
                                .input_len = input.len};
        program_run(&program, &launch);
        expect_number(formats[i], "exit status", program.status, 2);
        expect_number(formats[i], "rows", (int64_t)text_count_lines(&program.out),
                      (int64_t)count);
        expect_number(formats[i], "raw bytes", text_has_raw_bytes(&program.out), false);
        bool is_json = text_is_json_lines(program.out.bytes, program.out.len);
        expect_number(formats[i], "JSON", is_json, i == 1);
        expect_text(formats[i], "standard error", buffer_text(&program.err), "");
        program_release(&program);
    }
    buffer_release(&input);
}

static void test_files_nul_is_a_byte_as_any(void **state)
{
    static const char input[] = "db\0:80\n\0\nx\0y://db:80\n";
    (void)state;
    struct launch launch = {.label = "NUL",
                            .arguments = WORDS("-f-"),
                            .input = input,
                            .input_len = sizeof input - 1};
    expect_run(
        &launch, 2,
        "error  db\\x00:80  -  invalid: invalid character in host '\\x00' in 'db\\x00:80' "
        "(-:1:3): a name has letters, digits, '-', '_' and '.' (others in xn-- form)\n"
        "error  \\x00  -  invalid: invalid character in host '\\x00' (-:2:1): a name has "
        "letters, digits, '-', '_' and '.' (others in xn-- form)\n"
        "error  x\\x00y://db:80  -  invalid: unknown scheme 'x\\x00y' in 'x\\x00y://db:80' "
        "(-:3:1): write HOST:PORT or tcp://HOST:PORT\n",
        "");
}

static void test_files_first_row_comes_before_the_input_ends(void **state)
{
    const struct scene *scene = *state;
    static const struct {
        const char *line;
        const char *row;
    } rows[] = {
        {"{up}\n", "up     {up}  "},
        {"# nothing\n{refused}\n", "down   {refused}  "},
        {"bad\n", "error  bad  -  "},
        {"!{refused}\n", "(as expected)\n"},
    };
    struct program program;
    struct launch launch = {.label = "fed", .arguments = WORDS("-f", "-"), .is_fed = true};
    program_start(&program, &launch);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buffer line = BUFFER_EMPTY;
        struct buffer row = BUFFER_EMPTY;
        scene_fill(scene, &line, rows[i].line);
        scene_fill(scene, &row, rows[i].row);
        expect_number("fed", "rows before the line", (int64_t)text_count_lines(&program.out),
                      (int64_t)i);
        program_feed(&program, buffer_text(&line));
        program_await(&program, buffer_text(&row));
        buffer_release(&line);
        buffer_release(&row);
    }
    program_end_input(&program);
    program_finish(&program);
    expect_number("fed", "rows", (int64_t)text_count_lines(&program.out), ARRAY_LEN(rows));
    watch_end(&program, 2);
}

static void test_files_line_counts_when_it_ends(void **state)
{
    struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "half a line", .arguments = WORDS("-f-"), .is_fed = true};
    (void)peer_count(&scene->up);
    program_start(&program, &launch);
    program_feed(&program, scene->up.target);
    buffer_add_format(&program.input, "\n%s ", scene->up.host);
    program_await(&program, "up     ");
    expect_number("half a line", "connections", (int64_t)peer_count(&scene->up), 1);
    char rest[16];
    (void)snprintf(rest, sizeof rest, "%u", (unsigned)scene->up.port);
    program_feed(&program, rest);
    program_end_input(&program);
    program_finish(&program);
    expect_number("half a line", "connections", (int64_t)peer_count(&scene->up), 1);
    watch_end(&program, 0);
}

/* A silent target is not held up by standard input that stays open, nor the reverse. */
static void test_files_timeout_is_kept_while_input_is_open(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {
        .label = "open input", .arguments = WORDS("-f-", "-t0.2"), .is_fed = true};
    program_start(&program, &launch);
    program_feed(&program, scene->silent.target);
    program_feed(&program, "\n");
    program_await(&program, "timeout: no answer in ");
    program.elapsed_ns = harness_now_ns() - program.started_ns;
    program.starved_ns = program_starved_ns(&program);
    expect_took(&program, 199, 500);
    program_end_input(&program);
    watch_end(&program, 1);
}

enum { MANY = 20000 };

/* Many targets and the rows they give: every hundredth is up, every thousandth bad. */
static void write_many(const struct scene *scene, struct buffer *input, struct buffer *out)
{
    for (int i = 1; i <= MANY; i++) {
        if (i % 1000 == 0) {
            buffer_add_format(input, "bad-%d\n", i);
            buffer_add_format(
                out,
                "error  bad-%d  -  invalid: no port for 'bad-%d' (-:%d:1): " MISSING_REMEDY(
                    "bad-%d"),
                i, i, i, i, i, i);
            continue;
        }
        scene_fill(scene, input, i % 100 == 0 ? "{up}\n" : "{refused}\n");
        scene_fill(scene, out, i % 100 == 0 ? UP : REFUSED);
    }
}

static void test_files_many_targets_stay_in_order(void **state)
{
    struct buffer input = BUFFER_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    write_many(*state, &input, &out);
    struct launch launch = {.label = "20,000 targets",
                            .arguments = WORDS("-f-"),
                            .input = input.bytes,
                            .input_len = input.len};
    expect_run(&launch, 2, buffer_text(&out), "");
    buffer_release(&input);
    buffer_release(&out);
}

static void test_files_slow_targets_do_not_mix_the_order(void **state)
{
    struct buffer input = BUFFER_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    for (int i = 0; i < 200; i++) {
        bool is_slow = i % 7 == 0;
        scene_fill(*state, &input, is_slow ? "{silent}\n" : "{refused}\n");
        scene_fill(*state, &out,
                   is_slow ? "down   {silent}  {host}  timeout: no answer in N ms\n" : REFUSED);
    }
    struct launch launch = {.label = "slow ones",
                            .arguments = WORDS("-f-", "-t0.3", "-P8"),
                            .input = input.bytes,
                            .input_len = input.len};
    expect_run(&launch, 1, buffer_text(&out), "");
    buffer_release(&input);
    buffer_release(&out);
}

enum { TAKEN_MOST = 1 << 20 };

/* How much of an endless input it takes while nobody reads its output; no more than that. */
static size_t feed_until_it_stops(struct program *program, const char *line)
{
    enum { STEP = 1000, STILL_MS = 500 };
    int64_t still_since_ns = harness_now_ns();
    while (program->fed <= TAKEN_MOST &&
           harness_now_ns() - still_since_ns < STILL_MS * NS_PER_MS) {
        size_t before = program->fed;
        for (int i = 0; i < STEP && program->input.len - program->fed < 65536; i++)
            program_feed(program, line);
        assert_true(program_turn(program, POLL_MS));
        if (program->fed > before)
            still_since_ns = harness_now_ns();
    }
    return program->fed;
}

static void test_files_output_that_nobody_reads_stops_the_input(void **state)
{
    (void)state;
    struct program program;
    struct launch launch = {
        .label = "paused reader", .arguments = WORDS("-f-"), .is_fed = true, .limit_ms = 8000};
    program_start(&program, &launch);
    program.is_paused = true;
    size_t taken = feed_until_it_stops(&program, "x\n");
    if (taken > TAKEN_MOST)
        fail_msg("it took %zu bytes of input that it could not answer", taken);
    program.is_paused = false;
    program_end_input(&program);
    program_finish(&program);
    expect_number("paused reader", "exit status", program.status, 2);
    expect_number("paused reader", "rows", (int64_t)text_count_lines(&program.out),
                  (int64_t)(program.input.len / 2));
    program_release(&program);
}

/* In the child: standard output is the file `detail`, which never makes it wait. */
static void write_to_file(void *detail)
{
    int fd = open(detail, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || dup2(fd, 1) != 1)
        _exit(127);
    (void)close(fd); /* the copy stays */
}

static size_t count_lines_of(const char *path)
{
    size_t count = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (int c = fgetc(file); c != EOF; c = fgetc(file))
        count += c == '\n';
    assert_int_equal(fclose(file), 0);
    return count;
}

/* All rows wait for the first one, and then come at once. */
static void test_files_slow_target_before_many_holds_up_nothing(void **state)
{
    enum { COUNT = 20000 };
    const struct scene *scene = *state;
    char path[128];
    struct buffer input = BUFFER_EMPTY;
    struct program program;
    (void)snprintf(path, sizeof path, "%s/rows", scene->folder.path);
    scene_fill(scene, &input, "{silent}\n");
    for (int i = 1; i < COUNT; i++)
        buffer_add_format(&input, "%s\n", scene->refused.target);
    struct launch launch = {.label = "a slow one first",
                            .arguments = WORDS("-f-", "-t0.3"),
                            .input = input.bytes,
                            .input_len = input.len,
                            .prepare = write_to_file,
                            .detail = path,
                            .limit_ms = 20000};
    program_run(&program, &launch);
    expect_number("a slow one first", "rows", (int64_t)count_lines_of(path), COUNT);
    expect_number("a slow one first", "exit status", program.status, 1);
    buffer_release(&input);
    program_release(&program);
}

/* The processor time the program took so far. */
static int64_t cpu_ns(const struct program *program)
{
    clockid_t clock;
    struct timespec time;
    assert_int_equal(clock_getcpuclockid(program->pid, &clock), 0);
    assert_int_equal(clock_gettime(clock, &time), 0);
    return (int64_t)time.tv_sec * NS_PER_S + time.tv_nsec;
}

/* Rows that nobody reads, and a line that waits to be read: it must wait too, not turn round.
 */
static void test_files_waiting_for_the_reader_takes_no_time(void **state)
{
    enum { COUNT = 5000, WATCH_MS = 400 };
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {
        .label = "waiting", .arguments = WORDS("-f-", "-t0.3"), .is_fed = true};
    program_start(&program, &launch);
    program.is_paused = true;
    buffer_add_format(&program.input, "%s\n", scene->silent.target);
    for (int i = 0; i < COUNT; i++)
        buffer_add_format(&program.input, "%s\n", scene->refused.target);
    int64_t deadline_ns = harness_now_ns() + 800 * NS_PER_MS; /* by then the rows are there */
    while (harness_now_ns() < deadline_ns)
        assert_true(program_turn(&program, POLL_MS));
    program_feed(&program, "bad\n");
    int64_t before_ns = cpu_ns(&program);
    deadline_ns = harness_now_ns() + WATCH_MS * NS_PER_MS;
    while (harness_now_ns() < deadline_ns)
        assert_true(program_turn(&program, POLL_MS));
    expect_elapsed("processor time while it waits", cpu_ns(&program) - before_ns, 0,
                   WATCH_MS / 4);
    program.is_paused = false;
    program_end_input(&program);
    program_finish(&program);
    expect_number("waiting", "rows", (int64_t)text_count_lines(&program.out), COUNT + 2);
    program_release(&program);
}

/* Some bytes of the output at a time, with pauses in which the pipe is full. */
static void test_files_slow_reader_gets_every_row(void **state)
{
    struct program program;
    struct buffer input = BUFFER_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    write_many(*state, &input, &out);
    struct launch launch = {.label = "slow reader",
                            .arguments = WORDS("-f-"),
                            .input = input.bytes,
                            .input_len = input.len};
    program_start(&program, &launch);
    do {
        program.is_paused = !program.is_paused;
        int64_t deadline_ns = harness_now_ns() + 10 * NS_PER_MS;
        while (program.is_paused && harness_pause(deadline_ns))
            (void)program_turn(&program, 0);
    } while (program_turn(&program, POLL_MS));
    program.is_paused = false;
    program_finish(&program);
    text_hide_latencies(&program.out);
    expect_text("slow reader", "standard output", buffer_text(&program.out), buffer_text(&out));
    expect_number("slow reader", "exit status", program.status, 2);
    buffer_release(&input);
    buffer_release(&out);
    program_release(&program);
}

/* Reading it fails, opening it does not: what was asked until then still has its row. */
static void test_files_read_error_loses_no_row(void **state)
{
    static const struct example example = {
        "/proc/self/mem", ARGS("{up}", "-f", "/proc/self/mem"), .out = UP,
        .err = "netcheck: cannot read '/proc/self/mem': Input/output error\n", .status = 2};
    FILE *file = fopen("/proc/self/mem", "r");
    if (file == NULL) {
        (void)printf("skipped: no file whose reading fails\n");
        skip();
    }
    (void)fclose(file); /* it was only looked for */
    scene_expect(*state, &example, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_are_read_in_order),
        cmocka_unit_test(test_files_line_forms_are_understood),
        cmocka_unit_test(test_files_ports_of_the_option_go_with_hosts),
        cmocka_unit_test(test_files_bad_line_is_a_row_with_its_place),
        cmocka_unit_test(test_files_notes_stand_beside_the_rows),
        cmocka_unit_test(test_files_utf16_is_one_message),
        cmocka_unit_test(test_files_each_file_counts_its_own_lines),
        cmocka_unit_test(test_files_line_too_long_is_one_row),
        cmocka_unit_test(test_files_foreign_bytes_never_come_out_raw),
        cmocka_unit_test(test_files_nul_is_a_byte_as_any),
        cmocka_unit_test(test_files_first_row_comes_before_the_input_ends),
        cmocka_unit_test(test_files_line_counts_when_it_ends),
        cmocka_unit_test(test_files_timeout_is_kept_while_input_is_open),
        cmocka_unit_test(test_files_many_targets_stay_in_order),
        cmocka_unit_test(test_files_slow_targets_do_not_mix_the_order),
        cmocka_unit_test(test_files_output_that_nobody_reads_stops_the_input),
        cmocka_unit_test(test_files_slow_target_before_many_holds_up_nothing),
        cmocka_unit_test(test_files_waiting_for_the_reader_takes_no_time),
        cmocka_unit_test(test_files_slow_reader_gets_every_row),
        cmocka_unit_test(test_files_read_error_loses_no_row),
    };
    return cmocka_run_group_tests_name("cli/files", tests, scene_open, scene_release);
}
