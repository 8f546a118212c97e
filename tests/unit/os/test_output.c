/*
 * Where lines go, and how many at a time: into pipes, sockets, terminals and files whose other
 * end is the test's.
 */
#define _XOPEN_SOURCE 700 /* posix_openpt */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "../claim.h"
#include "netcheck/os/output.h"
#include "netcheck/os/channel.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/os/os.h"

enum {
    HANG_S = 60, /* a write that waits is ended by SIGALRM */
    LINE_LEN = 60,
    LINES_LINGERING = 1000, /* they fit a pipe */
    SLOW_STEPS = 100,       /* of a reader, before its first read */
};

static void test_output_piece_is_whole_lines_where_one_fits(void **state)
{
    static const struct {
        const char *label;
        const char *bytes;
        size_t most;
        size_t piece;
    } rows[] = {
        {"one byte", "a", 4, 1},
        {"a line", "a\n", 4, 2},
        {"all of it", "ab\nc\n", 5, 5},
        {"one more than fits", "ab\ncd\n", 5, 3},
        {"a line of the most", "abc\nd\n", 4, 4},
        {"a line too long", "abcd\ne\n", 4, 4},
        {"the rest of it", "\ne\nfg\n", 4, 3},
        {"no line's end", "ab\ncd", 8, 3},
        {"no line", "abcdef", 4, 4},
        {"a byte at a time", "ab\n", 1, 1},
        {"without a limit", "ab\ncd\n", SIZE_MAX, 6},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        claim_number(rows[i].label, "piece",
                     output_piece(rows[i].bytes, strlen(rows[i].bytes), rows[i].most),
                     rows[i].piece);
}

/* Both ends of something that bytes go through. */
struct way {
    const char *label;
    bool (*open)(int ends[2]); /* [0] reads, without waiting; [1] writes, and may wait */
    bool is_whole;             /* never a part of a line */
    size_t lines;              /* more than it holds */
    size_t piece;              /* it cannot be opened again: so much is vouched for; else 0 */
};

static bool open_pipe(int ends[2])
{
    return pipe(ends) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

static bool open_socket(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 &&
           fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

static bool open_terminal(int ends[2])
{
    struct termios modes;
    ends[0] = posix_openpt(O_RDWR | O_NOCTTY);
    if (ends[0] < 0 || grantpt(ends[0]) != 0 || unlockpt(ends[0]) != 0)
        return false;
    ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY);
    if (ends[1] < 0 || tcgetattr(ends[1], &modes) != 0)
        return false;
    modes.c_oflag &= ~(tcflag_t)OPOST; /* bytes arrive as they were written */
    return tcsetattr(ends[1], TCSANOW, &modes) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

static const struct way ways[] = {
    {"pipe", open_pipe, true, 20000, 0},
    {"socket", open_socket, false, 20000, 0},
    {"terminal", open_terminal, false, 20000, 0},
    {"another user's pipe", open_pipe, true, 20000, OS_WHOLE_MAX},
    {"another user's terminal", open_terminal, false, 1500, 1},
};

static void open_way(const struct way *way, int ends[2], struct output *output)
{
    claim_true(way->label, "open", way->open(ends));
    output_init(output, ends[1]);
    if (way->piece == 0)
        return;
    output->has_channel = true;
    output->channel = (struct os_channel){
        .fd = ends[1], .wait_fd = ends[1], .way = OS_CHANNEL_CAREFUL, .piece = way->piece};
}

static void close_way(int ends[2], struct output *output)
{
    output_release(output);
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(ends[1]), 0);
}

static void add_lines(struct buffer *buffer, size_t count, int len)
{
    for (size_t i = 0; i < count; i++)
        buffer_add_format(buffer, "%0*zu\n", len - 1, i);
}

/* What can be read now. */
static void read_all(int fd, struct buffer *into)
{
    char bytes[4096];
    ssize_t len;
    while ((len = read(fd, bytes, sizeof bytes)) > 0)
        buffer_add(into, bytes, (size_t)len);
}

static void test_output_flush_waits_for_nobody_and_loses_nothing(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        int ends[2];
        struct output output;
        struct buffer expected = BUFFER_EMPTY;
        struct buffer actual = BUFFER_EMPTY;
        open_way(&ways[i], ends, &output);
        add_lines(&expected, ways[i].lines, LINE_LEN);
        add_lines(&output.buffer, ways[i].lines, LINE_LEN);
        claim_true(ways[i].label, "congested", output_is_congested(&output));
        while (output.buffer.len > 0) {
            output_flush(&output);
            read_all(ends[0], &actual);
            bool is_line = actual.bytes[actual.len - 1] == '\n';
            claim_true(ways[i].label, "whole lines", is_line || !ways[i].is_whole);
        }
        claim_number(ways[i].label, "error", (uint64_t)output.error, 0);
        claim_text(ways[i].label, "what was read", buffer_text(&actual),
                   buffer_text(&expected));
        buffer_release(&expected);
        buffer_release(&actual);
        close_way(ends, &output);
    }
}

/* The shell's terminal, or the pipe of others, must not become non-blocking. */
static void test_output_flush_leaves_the_flags_of_others_alone(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        int ends[2];
        struct output output;
        open_way(&ways[i], ends, &output);
        int flags = fcntl(ends[1], F_GETFL);
        buffer_add_text(&output.buffer, "line\n");
        output_flush(&output);
        claim_number(ways[i].label, "left", output.buffer.len, 0);
        claim_number(ways[i].label, "flags", (uint64_t)fcntl(ends[1], F_GETFL),
                     (uint64_t)flags);
        close_way(ends, &output);
    }
}

static void test_output_drain_gives_a_reader_up(void **state)
{
    for (size_t i = 0; i < 2 * ARRAY_LEN(ways); i++) {
        const struct way *way = &ways[i / 2];
        int ends[2];
        struct output output;
        open_way(way, ends, &output);
        add_lines(&output.buffer, way->lines, LINE_LEN);
        if (i % 2 == 0)
            output.patience_ns = 0;
        else
            output.until_ns = os_system.now_ns(NULL);
        output_drain(&output);
        claim_number(way->label, "error", (uint64_t)output.error, ETIMEDOUT);
        claim_number(way->label, "left", output.buffer.len, 0);
        close_way(ends, &output);
    }
}

static void test_output_line_that_is_too_long_goes_out_in_parts(void **state)
{
    enum { LONG_LEN = 3 * OS_WHOLE_MAX + 100 };
    int ends[2];
    struct output output;
    struct buffer expected = BUFFER_EMPTY;
    struct buffer actual = BUFFER_EMPTY;
    open_way(&ways[0], ends, &output);
    add_lines(&expected, 1, LONG_LEN);
    add_lines(&expected, 1, LINE_LEN);
    buffer_add(&output.buffer, expected.bytes, expected.len);
    output_drain(&output);
    read_all(ends[0], &actual);
    assert_false(output.is_in_line);
    claim_text("two lines", "what was read", buffer_text(&actual), buffer_text(&expected));
    buffer_release(&expected);
    buffer_release(&actual);
    close_way(ends, &output);
}

/* It is in the middle of a line then, and nothing may be written behind that. */
static void test_output_knows_where_a_line_was_cut(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        int ends[2];
        struct output output;
        struct buffer actual = BUFFER_EMPTY;
        open_way(&ways[i], ends, &output);
        add_lines(&output.buffer, 1, (int)ways[i].lines * LINE_LEN);
        output_flush(&output);
        claim_true(ways[i].label, "within the line", output.is_in_line);
        while (output.buffer.len > 0) {
            read_all(ends[0], &actual);
            output_flush(&output);
        }
        claim_true(ways[i].label, "behind the line", !output.is_in_line);
        buffer_release(&actual);
        close_way(ends, &output);
    }
}

static void test_output_discard_forgets_what_is_left(void **state)
{
    int ends[2];
    struct output output;
    struct buffer actual = BUFFER_EMPTY;
    open_way(&ways[0], ends, &output);
    add_lines(&output.buffer, ways[0].lines, LINE_LEN);
    output_flush(&output);
    read_all(ends[0], &actual);
    output_discard(&output);
    buffer_add_text(&output.buffer, "next\n");
    output_drain(&output);
    buffer_release(&actual);
    read_all(ends[0], &actual);
    claim_text("discard", "what was read", buffer_text(&actual), "next\n");
    buffer_release(&actual);
    close_way(ends, &output);
}

/* As Nagios does: little at a time, and only a little more once the writer has ended. */
static void read_until_end(int fd, pid_t writer, struct buffer *into)
{
    char bytes[4096];
    bool has_ended = false;
    for (int i = 0; i < SLOW_STEPS && !has_ended; i++) {
        (void)poll(NULL, 0, 1);
        has_ended = waitpid(writer, NULL, WNOHANG) == writer;
    }
    while (true) {
        ssize_t len = read(fd, bytes, sizeof bytes);
        if (len > 0)
            buffer_add(into, bytes, (size_t)len);
        if (has_ended)
            return;
        has_ended = waitpid(writer, NULL, WNOHANG) == writer;
    }
}

static void test_output_that_lingers_is_read_before_the_writer_ends(void **state)
{
    int ends[2];
    struct output output;
    struct buffer expected = BUFFER_EMPTY;
    struct buffer actual = BUFFER_EMPTY;
    open_way(&ways[0], ends, &output);
    add_lines(&expected, LINES_LINGERING, LINE_LEN);
    pid_t writer = fork();
    if (writer == 0) {
        output.linger_ns = HANG_S * NS_PER_S;
        add_lines(&output.buffer, LINES_LINGERING, LINE_LEN);
        output_close(&output);
        _exit(0);
    }
    read_until_end(ends[0], writer, &actual);
    claim_text("slow", "what was read", buffer_text(&actual), buffer_text(&expected));
    buffer_release(&expected);
    buffer_release(&actual);
    close_way(ends, &output);
}

/* One that reads once the writer has ended has it all by one read: it is not waited for. */
static void test_output_that_lingers_leaves_a_short_answer_in_the_pipe(void **state)
{
    char answer[64];
    int ends[2];
    struct output output;
    open_way(&ways[0], ends, &output);
    output.linger_ns = 2 * HANG_S * NS_PER_S;
    buffer_add_text(&output.buffer, "line\n");
    output_close(&output);
    ends[1] = dup(ends[0]); /* close_way() closes both */
    assert_int_equal(read(ends[0], answer, sizeof answer), 5);
    close_way(ends, &output);
}

static void test_output_waits_only_for_the_reader_of_a_pipe(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        int ends[2];
        struct output output;
        open_way(&ways[i], ends, &output);
        buffer_add_text(&output.buffer, "line\n");
        output_drain(&output);
        int error = os_wait_taken(ends[1], 0, 1);
        claim_number(ways[i].label, "error", (uint64_t)error,
                     ways[i].open == open_pipe ? ETIMEDOUT : 0);
        close_way(ends, &output);
    }
}

static void test_output_waits_for_what_one_more_read_would_leave(void **state)
{
    static const struct {
        const char *label;
        size_t most; /* of the 5 bytes that are there */
        bool is_gone;
        int error;
    } rows[] = {
        {"one too many", 4, false, ETIMEDOUT},
        {"the most", 5, false, 0},
        {"the reader is gone", 0, true, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int ends[2];
        struct output output;
        open_way(&ways[0], ends, &output);
        buffer_add_text(&output.buffer, "line\n");
        output_drain(&output);
        if (rows[i].is_gone)
            assert_int_equal(close(ends[0]), 0);
        int64_t timeout_ns = rows[i].is_gone ? 2 * HANG_S * NS_PER_S : 1;
        int error = os_wait_taken(ends[1], rows[i].most, timeout_ns);
        claim_number(rows[i].label, "error", (uint64_t)error, (uint64_t)rows[i].error);
        if (rows[i].is_gone)
            ends[0] = dup(ends[1]); /* close_way() closes both */
        close_way(ends, &output);
    }
}

static void test_output_is_the_same_file_by_any_name(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        int ends[2];
        int others[2];
        claim_true(ways[i].label, "open", ways[i].open(ends) && ways[i].open(others));
        int copy = dup(ends[1]);
        claim_true(ways[i].label, "the same", os_is_same_file(ends[1], copy));
        claim_true(ways[i].label, "another", !os_is_same_file(ends[1], others[1]));
        assert_int_equal(close(copy), 0);
        claim_true(ways[i].label, "none", !os_is_same_file(ends[1], copy));
        for (size_t j = 0; j < 2; j++)
            (void)close(ends[j]), (void)close(others[j]); /* nothing was written */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output_piece_is_whole_lines_where_one_fits),
        cmocka_unit_test(test_output_flush_waits_for_nobody_and_loses_nothing),
        cmocka_unit_test(test_output_flush_leaves_the_flags_of_others_alone),
        cmocka_unit_test(test_output_drain_gives_a_reader_up),
        cmocka_unit_test(test_output_line_that_is_too_long_goes_out_in_parts),
        cmocka_unit_test(test_output_knows_where_a_line_was_cut),
        cmocka_unit_test(test_output_discard_forgets_what_is_left),
        cmocka_unit_test(test_output_that_lingers_is_read_before_the_writer_ends),
        cmocka_unit_test(test_output_that_lingers_leaves_a_short_answer_in_the_pipe),
        cmocka_unit_test(test_output_waits_only_for_the_reader_of_a_pipe),
        cmocka_unit_test(test_output_waits_for_what_one_more_read_would_leave),
        cmocka_unit_test(test_output_is_the_same_file_by_any_name),
    };
    (void)alarm(HANG_S);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
