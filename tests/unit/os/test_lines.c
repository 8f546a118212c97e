#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../claim.h"
#include "netcheck/os/lines.h"

enum {
    LINES_MAX = 5,
    CHUNK = 32768, /* what lines.c reads at a time: its edges are where it may err */
    MEMORY_LIMIT = 2 * (LINE_MAX_LEN + CHUNK), /* a line and a chunk, and room to grow */
};

static void must_write(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, bytes, len);
        assert_true(written > 0);
        bytes += written;
        len -= (size_t)written;
    }
}

/* An open temporary file with these bytes, at its beginning. */
static int file_of(const char *bytes, size_t len)
{
    char path[] = "/tmp/netcheck-lines-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    must_write(fd, bytes, len);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void set_non_blocking(int fd)
{
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
}

/* Lines of a new pipe, whose writing end is returned. */
static int init_pipe(struct lines *lines, bool is_blocking)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    lines_init(lines, ends[0], is_blocking);
    return ends[1];
}

static void finish(struct lines *lines)
{
    lines_release(lines);
    assert_int_equal(close(lines->fd), 0);
}

/* Through the pauses that a long stretch without a line brings. */
static enum error next_line(struct lines *lines, struct line *line)
{
    enum error error;
    do
        error = lines_next(lines, line);
    while (error == ERROR_PAUSE);
    return error;
}

static void claim_next(const char *label, struct lines *lines, const struct line *expected)
{
    struct line line = {NULL, 0, 0, !expected->is_too_long};
    claim_error(label, next_line(lines, &line), ERROR_NONE);
    claim_number(label, "number", line.number, expected->number);
    claim_number(label, "is_too_long", line.is_too_long, expected->is_too_long);
    claim_bytes(label, "line", line.text, line.len, expected->text, expected->len);
}

/* The next line is number `number`, these `len` bytes, and not too long. */
static void claim_line(const char *label, struct lines *lines, size_t number, const char *text,
                       size_t len)
{
    claim_next(label, lines, &(struct line){text, len, number, false});
}

/* The next line is too long, and begins with `text`. */
static void claim_too_long(const char *label, struct lines *lines, size_t number,
                           const char *text)
{
    claim_next(label, lines, &(struct line){text, LINE_MAX_LEN, number, true});
}

static void claim_result(const char *label, struct lines *lines, enum error expected)
{
    struct line line;
    claim_error(label, next_line(lines, &line), expected);
}

static const struct {
    const char *label;
    const char *content;
    const char *lines[LINES_MAX]; /* NULL behind the last one */
} contents[] = {
    {"nothing", "", {NULL}},
    {"one line", "one\n", {"one"}},
    {"line end alone", "\n", {""}},
    {"two line ends", "\n\n", {"", ""}},
    {"last line without its end", "one\ntwo", {"one", "two"}},
    {"only line without its end", "one", {"one"}},
    {"blank line between", "one\n\ntwo\n", {"one", "", "two"}},
    {"CRLF", "one\r\ntwo\r\n", {"one", "two"}},
    {"CRLF alone", "\r\n", {""}},
    {"CRLF and LF", "one\r\ntwo\nthree\r\n", {"one", "two", "three"}},
    {"CRLF, last line without", "one\r\ntwo", {"one", "two"}},
    {"CR inside a line", "one\rtwo\n", {"one\rtwo"}},
    {"white space is kept", " one \t\n", {" one \t"}},
    {"mark", "\xef\xbb\xbfone\ntwo\n", {"one", "two"}},
    {"mark, line without its end", "\xef\xbb\xbfone", {"one"}},
    {"mark and CRLF", "\xef\xbb\xbfone\r\n", {"one"}},
    {"mark and a blank line", "\xef\xbb\xbf\r\none\n", {"", "one"}},
    {"mark alone", "\xef\xbb\xbf", {""}},
    {"mark of the second line is kept", "one\n\xef\xbb\xbftwo\n", {"one", "\xef\xbb\xbftwo"}},
    {"second mark is kept", "\xef\xbb\xbf\xef\xbb\xbfone\n", {"\xef\xbb\xbfone"}},
    {"mark cut short is kept", "\xef\xbb\n", {"\xef\xbb"}},
    {"mark inside a line is kept", "a\xef\xbb\xbf\n", {"a\xef\xbb\xbf"}},
    {"bytes that are not UTF-8", "\xff\xfe\n\x80", {"\xff\xfe", "\x80"}},
};

static void test_lines_come_without_ends_and_mark(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
        struct lines lines;
        lines_init(&lines, file_of(contents[i].content, strlen(contents[i].content)), false);
        size_t count = 0;
        for (; contents[i].lines[count] != NULL; count++)
            claim_line(contents[i].label, &lines, count + 1, contents[i].lines[count],
                       strlen(contents[i].lines[count]));
        for (int again = 0; again < 3; again++)
            claim_result(contents[i].label, &lines, ERROR_END);
        finish(&lines);
    }
}

static void test_lines_nul_byte_is_part_of_a_line(void **state)
{
    struct lines lines;
    lines_init(&lines, file_of("a\0b\n\0\n\0", 7), false);
    claim_line("inside", &lines, 1, "a\0b", 3);
    claim_line("alone", &lines, 2, "\0", 1);
    claim_line("last", &lines, 3, "\0", 1);
    claim_result("end", &lines, ERROR_END);
    finish(&lines);
}

/* Line ends, CR and LF apart, at each place around a chunk's edge. */
static void test_lines_are_whole_across_chunks(void **state)
{
    enum { SIZE = 4 * CHUNK };
    char *content = malloc(SIZE);
    assert_non_null(content);
    for (size_t len = CHUNK - 4; len <= CHUNK + 4; len++) {
        memset(content, 'a', SIZE);
        memcpy(content + len, "\r\nshort\n", 8);
        size_t last = 2 * CHUNK - 2; /* and one that ends with the file, over an edge again */
        struct lines lines;
        lines_init(&lines, file_of(content, len + 8 + last), false);
        claim_line("first", &lines, 1, content, len);
        claim_line("second", &lines, 2, "short", 5);
        claim_line("third", &lines, 3, content + len + 8, last);
        claim_result("end", &lines, ERROR_END);
        finish(&lines);
    }
    free(content);
}

/* `len` letters, then `end`. To be freed. */
static char *letters(size_t len, const char *end)
{
    size_t end_len = strlen(end);
    char *text = malloc(len + end_len);
    assert_non_null(text);
    for (size_t i = 0; i < len; i++)
        text[i] = (char)('a' + i % 26);
    memcpy(text + len, end, end_len);
    return text;
}

/* LINE_MAX_LEN counts bytes "without line end", and CRLF is one. */
static void test_lines_longest_is_whole(void **state)
{
    static const char *const ends[] = {"\nb\n", "\r\nb\n", "\n", ""};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        char *text = letters(LINE_MAX_LEN, ends[i]);
        struct lines lines;
        lines_init(&lines, file_of(text, LINE_MAX_LEN + strlen(ends[i])), false);
        claim_line("longest", &lines, 1, text, LINE_MAX_LEN);
        if (strchr(ends[i], 'b') != NULL)
            claim_line("next", &lines, 2, "b", 1);
        claim_result("end", &lines, ERROR_END);
        finish(&lines);
        free(text);
    }
}

static void test_lines_too_long_is_handed_out_once_with_its_beginning(void **state)
{
    static const struct {
        const char *label;
        size_t len;
        const char *end;
        const char *next; /* NULL: nothing more */
    } rows[] = {
        {"longest + 1", LINE_MAX_LEN + 1, "\nnext\n", "next"},
        {"longest + 2", LINE_MAX_LEN + 2, "\nnext\n", "next"},
        {"longest + 1, CRLF", LINE_MAX_LEN + 1, "\r\nnext\n", "next"},
        {"whole chunks", 3 * CHUNK, "\nnext", "next"},
        {"whole chunks with the line end", 3 * CHUNK - 1, "\nnext", "next"},
        {"many chunks", 10 * CHUNK + 1, "\nnext\n", "next"},
        {"blank line behind", 200000, "\n\n", ""},
        {"nothing behind", 200000, "\n", NULL},
        {"longest + 1 at the end of the file", LINE_MAX_LEN + 1, "", NULL},
        {"many chunks at the end of the file", 10 * CHUNK, "", NULL},
        {"4 MiB", 4 * 1024 * 1024, "\nnext\n", "next"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *text = letters(rows[i].len, rows[i].end);
        struct lines lines;
        lines_init(&lines, file_of(text, rows[i].len + strlen(rows[i].end)), false);
        claim_too_long(rows[i].label, &lines, 1, text);
        if (rows[i].next != NULL)
            claim_line(rows[i].label, &lines, 2, rows[i].next, strlen(rows[i].next));
        claim_result(rows[i].label, &lines, ERROR_END);
        claim_true(rows[i].label, "little memory", lines.buffer.capacity <= MEMORY_LIMIT);
        finish(&lines);
        free(text);
    }
}

static void test_lines_two_too_long_are_told_apart(void **state)
{
    struct buffer content = BUFFER_EMPTY;
    char *text = letters(100000, "\n");
    buffer_add_text(&content, "first\n");
    buffer_add(&content, text, 100001);
    buffer_add(&content, text, 100001);
    buffer_add_text(&content, "last\n");
    struct lines lines;
    lines_init(&lines, file_of(content.bytes, content.len), false);
    claim_line("first", &lines, 1, "first", 5);
    claim_too_long("second", &lines, 2, text);
    claim_too_long("third", &lines, 3, text);
    claim_line("last", &lines, 4, "last", 4);
    claim_result("end", &lines, ERROR_END);
    finish(&lines);
    buffer_release(&content);
    free(text);
}

static void test_lines_many_are_numbered_and_do_not_grow_the_memory(void **state)
{
    enum { COUNT = 100000 };
    struct buffer content = BUFFER_EMPTY;
    for (int i = 1; i <= COUNT; i++)
        buffer_add_format(&content, "%d.example.com:5432\r\n", i);
    struct lines lines;
    lines_init(&lines, file_of(content.bytes, content.len), false);
    for (size_t i = 1; i <= COUNT; i++) {
        char expected[64];
        int len = snprintf(expected, sizeof expected, "%zu.example.com:5432", i);
        claim_line("one of many", &lines, i, expected, (size_t)len);
    }
    claim_result("end", &lines, ERROR_END);
    assert_true(lines.buffer.capacity <= MEMORY_LIMIT);
    finish(&lines);
    buffer_release(&content);
}

static void test_lines_blocking_is_read_once_for_each_ready(void **state)
{
    struct lines lines;
    int fd = init_pipe(&lines, true);
    must_write(fd, "one\ntwo\nthree\nfo", 16);
    claim_result("not ready", &lines, ERROR_AGAIN);
    claim_result("not ready, again", &lines, ERROR_AGAIN);
    lines_set_ready(&lines);
    claim_line("first", &lines, 1, "one", 3);
    claim_line("second", &lines, 2, "two", 3);
    claim_line("third", &lines, 3, "three", 5);
    claim_result("half a line", &lines, ERROR_AGAIN); /* a second read would wait for ever */
    must_write(fd, "ur\nfi", 5);
    claim_result("not ready again", &lines, ERROR_AGAIN);
    lines_set_ready(&lines);
    claim_line("the other half", &lines, 4, "four", 4);
    claim_result("rest", &lines, ERROR_AGAIN);
    must_write(fd, "ve", 2);
    assert_int_equal(close(fd), 0);
    lines_set_ready(&lines);
    claim_result("end not read yet", &lines, ERROR_AGAIN);
    lines_set_ready(&lines);
    claim_line("last", &lines, 5, "five", 4);
    claim_result("end", &lines, ERROR_END);
    claim_result("again", &lines, ERROR_END);
    lines_release(&lines);
    assert_int_equal(fcntl(lines.fd, F_GETFD), 0); /* it is left open */
    assert_int_equal(close(lines.fd), 0);
}

static void test_lines_of_a_pipe_are_whole_wherever_it_is_cut(void **state)
{
    static const char content[] = "\xef\xbb\xbfone\r\ntwo\n\nfour";
    const size_t len = sizeof content - 1;
    for (size_t cut = 0; cut <= len; cut++) {
        struct lines lines;
        struct line line;
        struct buffer seen = BUFFER_EMPTY;
        int fd = init_pipe(&lines, false);
        set_non_blocking(lines.fd);
        for (int part = 0; part < 2; part++) {
            must_write(fd, part == 0 ? content : content + cut, part == 0 ? cut : len - cut);
            if (part == 1)
                assert_int_equal(close(fd), 0);
            while (next_line(&lines, &line) == ERROR_NONE)
                buffer_add_format(&seen, "%zu:%.*s|", line.number, (int)line.len, line.text);
        }
        assert_string_equal(buffer_text(&seen), "1:one|2:two|3:|4:four|");
        claim_result("end", &lines, ERROR_END);
        buffer_release(&seen);
        finish(&lines);
    }
}

static void test_lines_of_a_pipe_come_byte_by_byte(void **state)
{
    static const char content[] = "\xef\xbb\xbf"
                                  "a\r\n\nbc\n";
    struct buffer seen = BUFFER_EMPTY;
    struct lines lines;
    struct line line;
    int fd = init_pipe(&lines, true);
    for (size_t i = 0; i < sizeof content - 1; i++) {
        must_write(fd, content + i, 1);
        lines_set_ready(&lines);
        while (next_line(&lines, &line) == ERROR_NONE)
            buffer_add_format(&seen, "%zu:%.*s@%zu|", line.number, (int)line.len, line.text, i);
    }
    /* Each line comes with the byte that ends it. */
    assert_string_equal(buffer_text(&seen), "1:a@5|2:@6|3:bc@9|");
    buffer_release(&seen);
    finish(&lines);
    (void)close(fd);
}

static void test_lines_too_long_of_a_pipe_is_handed_out_once(void **state)
{
    struct lines lines;
    struct line line;
    char *text = letters(CHUNK, "");
    size_t long_lines = 0;
    int fd = init_pipe(&lines, true);
    for (int i = 0; i < 8; i++) {
        must_write(fd, text, CHUNK);
        lines_set_ready(&lines);
        while (next_line(&lines, &line) == ERROR_NONE)
            long_lines += line.is_too_long;
    }
    assert_int_equal(long_lines, 1);
    must_write(fd, "\nnext\n", 6);
    lines_set_ready(&lines);
    claim_line("next", &lines, 2, "next", 4);
    finish(&lines);
    (void)close(fd);
    free(text);
}

static void test_lines_empty_non_blocking_pipe_is_asked_later(void **state)
{
    static const bool blocking[] = {false, true}; /* another process may have set O_NONBLOCK */
    for (size_t i = 0; i < ARRAY_LEN(blocking); i++) {
        struct lines lines;
        int fd = init_pipe(&lines, blocking[i]);
        set_non_blocking(lines.fd);
        lines_set_ready(&lines);
        claim_result("empty", &lines, ERROR_AGAIN);
        must_write(fd, "one\n", 4);
        lines_set_ready(&lines);
        claim_line("filled", &lines, 1, "one", 3);
        lines_set_ready(&lines);
        claim_result("empty again", &lines, ERROR_AGAIN);
        finish(&lines);
        (void)close(fd);
    }
}

/* The writing end of a pipe cannot be read. */
static void test_lines_failed_read_is_a_system_error(void **state)
{
    int ends[2];
    struct lines lines;
    assert_int_equal(pipe(ends), 0);
    lines_init(&lines, ends[1], false);
    errno = 0;
    claim_result("writing end", &lines, ERROR_SYSTEM);
    assert_int_equal(errno, EBADF);
    finish(&lines);
    (void)close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_come_without_ends_and_mark),
        cmocka_unit_test(test_lines_nul_byte_is_part_of_a_line),
        cmocka_unit_test(test_lines_are_whole_across_chunks),
        cmocka_unit_test(test_lines_longest_is_whole),
        cmocka_unit_test(test_lines_too_long_is_handed_out_once_with_its_beginning),
        cmocka_unit_test(test_lines_two_too_long_are_told_apart),
        cmocka_unit_test(test_lines_many_are_numbered_and_do_not_grow_the_memory),
        cmocka_unit_test(test_lines_blocking_is_read_once_for_each_ready),
        cmocka_unit_test(test_lines_of_a_pipe_are_whole_wherever_it_is_cut),
        cmocka_unit_test(test_lines_of_a_pipe_come_byte_by_byte),
        cmocka_unit_test(test_lines_too_long_of_a_pipe_is_handed_out_once),
        cmocka_unit_test(test_lines_empty_non_blocking_pipe_is_asked_later),
        cmocka_unit_test(test_lines_failed_read_is_a_system_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
