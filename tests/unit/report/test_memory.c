/*
 * What is remembered from run to run: its text, read and written, and a year of runs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../src/report/memory_runs.h"
#include "../../../src/report/memory_text.h"
#include "../claim.h"
#include "../rows.h"
#include "netcheck/report/memory.h"

#define HEAD                 "netcheck-state\t1\n"
#define RUN                  "run\t2026-11-29T03:05:02Z\t1\t2026-11-29T03:00:02Z\n"
#define NAMES                "#target\tprotocol\taddress\tstate\treason\tsince\ttold\tnext\tcount\tfirst\n"
#define TIME                 "2026-11-20T10:00:01Z"
#define TIME2                "2026-11-29T03:00:02Z"
#define PLAIN                "\t" TIME "\t-\t-\t0\t-\n"
#define BELIEF               "\t" TIME "\t-\t-\t0\t-\t-\t-\t-\t"
#define DB                   "db:5432\ttcp\t-\tup\tconnected" PLAIN
#define ONE(line)            HEAD RUN NAMES line "end\t1\n"
#define RUNS                 "#history\ttarget\tprotocol\taddress\truns\tconnect_ms\n"
#define RUN_OF(codes, times) "history\tdb:5432\ttcp\t-\t" codes "\t" times "\n"

static const struct memory_options plain = {.confirmations = 1};

/* `part` bytes at a time, each of them with nothing behind it. */
static enum memory_fault read_parts(struct memory *memory, const char *text, size_t len,
                                    size_t part, size_t *line)
{
    struct memory_reader reader;
    bool is_wanted = true;
    memory_reader_init(&reader, memory);
    for (size_t at = 0; at < len && is_wanted; at += part) {
        size_t next = part < len - at ? part : len - at;
        char *bytes = copy_exactly(text + at, next);
        is_wanted = memory_reader_add(&reader, bytes, next);
        free(bytes);
    }
    return memory_reader_end(&reader, line);
}

static enum memory_fault parse(struct memory *memory, const char *text, size_t len,
                               size_t *line)
{
    memory_init(memory, &plain);
    return read_parts(memory, text, len, len + 1, line);
}

static void write_whole(struct memory *memory, struct buffer *out)
{
    size_t place = 0;
    while (memory_format(memory, &place, out))
        continue;
}

static void claim_text_of(const char *label, struct memory *memory, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    write_whole(memory, &out);
    claim_text(label, "state file", buffer_text(&out), expected);
    buffer_release(&out);
}

static struct memory memory_of(bool is_by_address)
{
    struct memory memory;
    const struct memory_options options = {.is_by_address = is_by_address};
    memory_init(&memory, &options);
    return memory;
}

/* A row at `now_s`, "" for no address. Returns its news. */
static enum news add(struct memory *memory, const char *text, const char *address,
                     enum reason reason, int64_t now_s)
{
    struct result result = row_of(text, address, outcome_of(reason));
    claim_error(text, memory_add(memory, &result, now_s, true), ERROR_NONE);
    enum news news = result.change.news;
    result_release(&result);
    return news;
}

/* What is written as it was read. */
static const char *const texts[] = {
    HEAD "run\t2026-11-29T03:05:02Z\t0\t-\n" NAMES "end\t0\n",
    ONE(DB),
    HEAD
    "run\t2026-11-29T03:05:02Z\t6\t2026-11-29T03:00:02Z\n" NAMES
    "db:23\ttcp\t-\tdown\trefused" PLAIN "db:5432\ttcp\t-\tup\tconnected\t" TIME "\t" TIME2
    "\t-\t0\t-\n"
    "fw:22\ttcp\t-\tdown\tprohibited\t" TIME "\t" TIME2 "\t-\t0\t-\n"
    "nosuch:443\ttcp\t-\terror\tunresolved\t" TIME "\t" TIME2 "\t-\t0\t-\n"
    "silent:22\ttcp\t-\tup\tconnected\t" TIME "\t-\tdown\t1\t" TIME2 "\n"
    "udp://web:53\tudp\t192.0.2.1\tup\treplied" PLAIN RUNS RUN_OF(
        "u90", "0.8,0.8,0.9,0.04,"
               "0.1,12.3,1021,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,"
               "0.8,0.8,"
               "0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0."
               "8,0.8,"
               "0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0."
               "8,0.8,"
               "0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0.8,0."
               "8,-,-,0") "history\tsilent:22\ttcp\t-\tu2t1u1\t21.3,21.1,-,0.04\nend\t6\n",
    ONE("a:1\ttcp\t-\terror\tlocal\t" TIME "\t-\t-\t0\t-\tup\n"),
    ONE("a:1\ttcp\t-\tup\tmatched\t" TIME "\t" TIME2 "\t-\t0\t-\t-\tdown\n"),
    ONE("a:1\ttcp\t-\terror\tlocal\t" TIME "\t-\t-\t0\t-\tdown\t-\t" TIME2 "\n"),
    ONE("a:1\ttcp\t-\tdown\tnot-ready\t1970-01-01T00:00:00Z\t9999-12-31T23:59:59Z\t-\t0\t-\n"),
    ONE("a:1\ttcp\t-\tdown\ttoobig\t2000-02-29T23:59:59Z\t2100-02-28T00:00:00Z\t-\t0\t-\n"),
    ONE("a:1\ttcp\t-\tdown\tclosed\t2000-03-01T00:00:00Z\t2100-03-01T00:00:00Z\t-\t0\t-\n"),
    ONE("a:1\ttcp\t-\tdown\tgone\t2024-12-31T23:59:59Z\t2025-01-01T00:00:00Z\t-\t0\t-\n"),
    ONE("a:1\ttcp\t-\tdown\ttimeout\t" TIME "\t-\terror\t1000000\t" TIME2 "\n"),
    ONE("a:1\ttcp\t-\tup\tready" BELIEF "down\t" TIME "\t" TIME2 "\t" TIME "\t-\n"),
    ONE("a:1\ttcp\t-\tdown\tclosed" BELIEF "up\t-\t" TIME2 "\t-\t-\n"),
    ONE("a:1\ttcp\t-\tup\tready" BELIEF "error\t" TIME "\t" TIME2 "\t-\tunknown\n"),
    ONE("a:1\ttcp\t-\tup\tready" BELIEF "error\t" TIME "\t" TIME2 "\t" TIME "\tdown\n"),
    ONE("a:1\ttcp\t-\terror\tlocal\t" TIME "\t-\tdown\t1\t" TIME2 "\tup\t-\t" TIME2
        "\tup\t" TIME "\t" TIME2 "\t-\t-\n"),
};

static void test_memory_text_is_written_as_it_was_read(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct memory memory;
        size_t line = 0;
        claim_number(texts[i], "fault", parse(&memory, texts[i], strlen(texts[i]), &line),
                     MEMORY_FAULT_NONE);
        claim_text_of(texts[i], &memory, texts[i]);
        memory_release(&memory);
    }
}

#define BAD(line) ONE(line), MEMORY_FAULT_LINE, 4

static const struct {
    const char *label;
    const char *text;
    enum memory_fault fault;
    size_t line;
} faults[] = {
    {"nothing", "", MEMORY_FAULT_NONE, 1},
    {"not sorted",
     HEAD RUN "b:1\ttcp\t-\tup\tready" PLAIN "a:1\ttcp\t-\tup\tready" PLAIN "end\t2\n",
     MEMORY_FAULT_NONE, 4},
    {"more columns",
     ONE("a:1\ttcp\t-\terror\tlocal\t" TIME "\t-\t-\t0\t-\tup\t-\t-\t-\t-\t-\t-\t-\tx\ty\n"),
     MEMORY_FAULT_NONE, 4},
    {"more columns of a belief",
     ONE("a:1\ttcp\t-\tup\tready" BELIEF "down\t-\t" TIME "\t-\t-\tx\ty\n"), MEMORY_FAULT_NONE,
     4},
    {"no belief, and more behind it", ONE("a:1\ttcp\t-\tup\tready" BELIEF "-\tx\n"),
     MEMORY_FAULT_NONE, 4},
    {"no run", HEAD NAMES "end\t0\n", MEMORY_FAULT_NONE, 2},
    {"a list", "db:5432\nweb:80\n", MEMORY_FAULT_FOREIGN, 1},
    {"a byte", "n", MEMORY_FAULT_FOREIGN, 1},
    {"version 0", "netcheck-state\t0\nend\t0\n", MEMORY_FAULT_FOREIGN, 1},
    {"no version", "netcheck-state\t\nend\t0\n", MEMORY_FAULT_FOREIGN, 1},
    {"version 2", "netcheck-state\t2\nsomething else", MEMORY_FAULT_NEWER, 1},
    {"in the first line", "netcheck-state\t1", MEMORY_FAULT_CUT, 1},
    {"behind the first line", HEAD, MEMORY_FAULT_CUT, 1},
    {"no end", HEAD RUN NAMES DB, MEMORY_FAULT_CUT, 1},
    {"end without its line end", HEAD RUN NAMES DB "end\t1", MEMORY_FAULT_CUT, 1},
    {"end of two", HEAD RUN NAMES DB "end\t2\n", MEMORY_FAULT_CUT, 4},
    {"end of none", HEAD RUN NAMES DB "end\t0\n", MEMORY_FAULT_CUT, 4},
    {"behind the end", ONE(DB) "\n", MEMORY_FAULT_CUT, 1},
    {"twice", HEAD RUN NAMES DB DB "end\t2\n", MEMORY_FAULT_DOUBLE, 5},
    {"two runs", HEAD RUN RUN "end\t0\n", MEMORY_FAULT_LINE, 3},
    {"an empty line", HEAD RUN NAMES "\nend\t0\n", MEMORY_FAULT_LINE, 4},
    {"CRLF",
     "netcheck-state\t1\r\n#\r\ndb:5432\ttcp\t-\tup\tconnected\t" TIME
     "\t-\t-\t0\t-\r\nend\t1\r\n",
     MEMORY_FAULT_NONE, 3},
    {"CR CR LF", BAD("db:5432\ttcp\t-\tup\tconnected\t" TIME "\t-\t-\t0\t-\r\r\n")},
    {"a merge of two", HEAD RUN NAMES "<<<<<<< HEAD\n" DB "=======\n" DB ">>>>>>> x\nend\t1\n",
     MEMORY_FAULT_LINE, 4},
    {"too few columns", BAD("db:5432\ttcp\t-\tup\tconnected\t" TIME "\t-\t-\t0\n")},
    {"no key", BAD("\ttcp\t-\tup\tconnected" PLAIN)},
    {"no such state", BAD("db:5432\ttcp\t-\tUp\tconnected" PLAIN)},
    {"no such reason", BAD("db:5432\ttcp\t-\tup\tclear" PLAIN)},
    {"the reason of another state", BAD("db:5432\ttcp\t-\tup\trefused" PLAIN)},
    {"invalid", BAD("db:5432\ttcp\t-\terror\tinvalid" PLAIN)},
    {"no since", BAD("db:5432\ttcp\t-\tup\tconnected\t-\t-\t-\t0\t-\n")},
    {"month 13", BAD("db:5432\ttcp\t-\tup\tconnected\t2026-13-01T00:00:00Z\t-\t-\t0\t-\n")},
    {"30 February", BAD("db:5432\ttcp\t-\tup\tconnected\t2024-02-30T00:00:00Z\t-\t-\t0\t-\n")},
    {"29 February", BAD("db:5432\ttcp\t-\tup\tconnected\t2023-02-29T00:00:00Z\t-\t-\t0\t-\n")},
    {"hour 24", BAD("db:5432\ttcp\t-\tup\tconnected\t2026-12-01T24:00:00Z\t-\t-\t0\t-\n")},
    {"1969", BAD("db:5432\ttcp\t-\tup\tconnected\t1969-12-31T23:59:59Z\t-\t-\t0\t-\n")},
    {"a local time", BAD("db:5432\ttcp\t-\tup\tconnected\t2026-12-01T00:00:00+\t-\t-\t0\t-\n")},
    {"next without a count", BAD("a:1\ttcp\t-\tup\tready\t" TIME "\t-\tdown\t0\t-\n")},
    {"next without a time", BAD("a:1\ttcp\t-\tup\tready\t" TIME "\t-\tdown\t1\t-\n")},
    {"next is what is", BAD("a:1\ttcp\t-\tup\tready\t" TIME "\t-\tup\t1\t" TIME "\n")},
    {"a count of more",
     BAD("a:1\ttcp\t-\tup\tready\t" TIME "\t-\tdown\t1000000001\t" TIME "\n")},
    {"known of what is known", BAD("a:1\ttcp\t-\tup\tready\t" TIME "\t-\t-\t0\t-\tup\n")},
    {"a belief in what is", BAD("a:1\ttcp\t-\tup\tready" BELIEF "up\t-\t" TIME "\t-\t-\n")},
    {"a belief in no state", BAD("a:1\ttcp\t-\tup\tready" BELIEF "on\t-\t" TIME "\t-\t-\n")},
    {"a belief without its end", BAD("a:1\ttcp\t-\tup\tready" BELIEF "down\t-\t-\t-\t-\n")},
    {"a belief that is cut short",
     BAD("a:1\ttcp\t-\tup\tready" BELIEF "down\t-\t" TIME "\t-\n")},
    {"a belief since no time",
     BAD("a:1\ttcp\t-\tup\tready" BELIEF "down\tx\t" TIME "\t-\t-\n")},
    {"a belief told at no time",
     BAD("a:1\ttcp\t-\tup\tready" BELIEF "down\t-\t" TIME "\tx\t-\n")},
    {"a belief in what this machine could not ask, and was down",
     BAD("a:1\ttcp\t-\tup\tready" BELIEF "down\t-\t" TIME "\t-\tunknown\n")},
    {"a belief in what this machine could not ask, after what it could not ask",
     BAD("a:1\ttcp\t-\tup\tready" BELIEF "error\t-\t" TIME "\t-\terror\n")},
    {"history of another", HEAD RUN NAMES DB RUNS "history\tdb\ttcp\t-\tu1\t1\nend\t1\n",
     MEMORY_FAULT_LINE, 6},
    {"history twice", HEAD RUN NAMES DB RUN_OF("u1", "1") RUN_OF("u1", "1") "end\t1\n",
     MEMORY_FAULT_DOUBLE, 6},
    {"history of 91", ONE(DB RUN_OF("u91", "1")), MEMORY_FAULT_LINE, 5},
    {"history of 0", ONE(DB RUN_OF("u0", "1")), MEMORY_FAULT_LINE, 5},
    {"no such code", ONE(DB RUN_OF("U1", "1")), MEMORY_FAULT_LINE, 5},
    {"too few times", ONE(DB RUN_OF("u2", "1")), MEMORY_FAULT_LINE, 5},
    {"too many times", ONE(DB RUN_OF("u1", "1,1")), MEMORY_FAULT_LINE, 5},
    {"no time", ONE(DB RUN_OF("u1", "x")), MEMORY_FAULT_LINE, 5},
    {"a point too many", ONE(DB RUN_OF("u1", "1.")), MEMORY_FAULT_LINE, 5},
};

static void test_memory_faults_have_their_line(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        struct memory memory;
        size_t line = 0;
        enum memory_fault fault = parse(&memory, faults[i].text, strlen(faults[i].text), &line);
        claim_number(faults[i].label, "fault", fault, faults[i].fault);
        claim_number(faults[i].label, "line", line, faults[i].line);
        memory_release(&memory);
    }
}

/* Wherever the bytes are split, they say the same: a text, whole and cut off everywhere. */
static void claim_same_in_parts(const char *label, const char *text)
{
    for (size_t len = strlen(text);; len--) {
        struct memory memory;
        size_t line = 0;
        enum memory_fault fault = parse(&memory, text, len, &line);
        for (size_t part = 1; part < 30 && part < len; part += part < 3 ? 1 : 9) {
            struct memory other = memory_of(false);
            size_t other_line = 0;
            claim_number(label, "fault", read_parts(&other, text, len, part, &other_line),
                         fault);
            claim_number(label, "line", other_line, line);
            if (fault == MEMORY_FAULT_NONE) {
                struct buffer out = BUFFER_EMPTY;
                write_whole(&memory, &out);
                claim_text_of(label, &other, buffer_text(&out));
                buffer_release(&out);
            }
            memory_release(&other);
        }
        memory_release(&memory);
        if (len == 0)
            return;
    }
}

static void test_memory_reader_takes_bytes_split_anywhere(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        claim_same_in_parts(texts[i], texts[i]);
    for (size_t i = 0; i < ARRAY_LEN(faults); i++)
        claim_same_in_parts(faults[i].label, faults[i].text);
}

/* What cannot become one is not read to its end, and a state file is. */
static void test_memory_reader_says_whether_more_matters(void **state)
{
    static const struct {
        const char *label;
        const char *text;
        bool is_wanted;
    } cases[] = {
        {"nothing", "", true},
        {"a begin", "netcheck-sta", true},
        {"no version yet", "netcheck-state\t1", true},
        {"a version, and nothing behind it", HEAD, true},
        {"a line", HEAD DB, true},
        {"a bad line: the end may be missing, too", HEAD "x\ny\n", true},
        {"as long as its first word", "netcheck-state\t", true},
        {"other words as long", "netcheck-stade\t", false},
        {"another one", "db:5432\ndb:5433\nweb:80\n", false},
        {"without a line end", "\177ELF, and no line end in it", false},
        {"a newer one", "netcheck-state\t2\nx", false},
        {"no version", "netcheck-state\tx\nx", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct memory memory = memory_of(false);
        struct memory_reader reader;
        size_t line = 0;
        memory_reader_init(&reader, &memory);
        claim_true(cases[i].label, cases[i].text,
                   memory_reader_add(&reader, cases[i].text, strlen(cases[i].text)) ==
                       cases[i].is_wanted);
        (void)memory_reader_end(&reader, &line);
        memory_release(&memory);
    }
}

/* No line is lost where one part ends and the next one begins. */
static void test_memory_format_has_parts_of_a_bounded_size(void **state)
{
    struct memory memory = memory_of(false);
    struct buffer text = BUFFER_EMPTY;
    size_t place = 0;
    size_t parts = 0;
    bool has_more = true;
    memory.has_runs = true;
    for (int i = 0; i < 3000; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "a:%d", i + 1);
        (void)add(&memory, name, "", REASON_REFUSED, 100);
    }
    for (; has_more; parts++) {
        struct buffer part = BUFFER_EMPTY;
        has_more = memory_format(&memory, &place, &part);
        claim_true("part", "size", part.len > 0 && part.len < 66000);
        buffer_add(&text, part.bytes, part.len);
        buffer_release(&part);
    }
    memory_release(&memory);
    claim_true("parts", "several", parts > 2);
    size_t line = 0;
    claim_number("parts", "fault", parse(&memory, text.bytes, text.len, &line),
                 MEMORY_FAULT_NONE);
    claim_number("parts", "targets", memory.count, 3000);
    claim_text_of("parts", &memory, buffer_text(&text));
    buffer_release(&text);
    memory_release(&memory);
}

/* A fault, or what is written again as it is. */
static void claim_sound(const char *label, const char *text, size_t len)
{
    struct memory memory;
    struct memory again;
    size_t line = 0;
    if (parse(&memory, text, len, &line) == MEMORY_FAULT_NONE) {
        struct buffer out = BUFFER_EMPTY;
        write_whole(&memory, &out);
        claim_number(label, "fault of its own text", parse(&again, out.bytes, out.len, &line),
                     MEMORY_FAULT_NONE);
        claim_text_of(label, &again, buffer_text(&out));
        buffer_release(&out);
        memory_release(&again);
    }
    memory_release(&memory);
}

static void test_memory_damaged_text_is_a_fault_or_sound(void **state)
{
    static const char bytes[] = {'\0', '\t', '\n', '0', '9', '-', 'u', '#', '\\', (char)0xff};
    static const size_t chosen[] = {2, 5, 14};
    for (size_t i = 0; i < ARRAY_LEN(chosen); i++) {
        const char *text = texts[chosen[i]];
        size_t len = strlen(text);
        char *copy = copy_exactly(text, len);
        for (size_t at = 0; at < len; at++) {
            claim_sound("cut", text, at);
            for (size_t b = 0; b < ARRAY_LEN(bytes); b++) {
                copy[at] = bytes[b];
                claim_sound("changed", copy, len);
            }
            copy[at] = text[at];
        }
        free(copy);
    }
}

/* As far as what is as expected can be told from what is not. */
static void test_memory_each_reason_has_its_letter(void **state)
{
    for (enum reason a = 0; a < REASON_COUNT; a++) {
        bool is_up = outcome_state(&(struct outcome){.reason = a}) == STATE_UP;
        claim_true(reason_name(a), "a small letter",
                   memory_code(a) >= 'a' && memory_code(a) <= 'z');
        claim_number(reason_name(a), "u", memory_code(a) == 'u', is_up);
        for (enum reason b = 0; b < a && !is_up; b++)
            claim_true(reason_name(a), reason_name(b), memory_code(a) != memory_code(b));
    }
}

/* Rows */

/* A row of a round, "" for no address. Returns its news. */
static enum news add_in_round(struct memory *memory, uint64_t round, const char *address,
                              enum reason reason)
{
    struct result result = row_of("db:1", address, outcome_of(reason));
    result.round = round;
    claim_error("db:1", memory_add(memory, &result, 100 * (int64_t)round, true), ERROR_NONE);
    enum news news = result.change.news;
    result_release(&result);
    return news;
}

static void end(struct memory *memory, int64_t at_s, bool is_whole)
{
    claim_error("end", memory_end_run(memory, at_s, is_whole), ERROR_NONE);
}

/* As the next process finds it. */
static void load_again(struct memory *memory)
{
    struct buffer out = BUFFER_EMPTY;
    const struct memory_options options = memory->options;
    size_t line = 0;
    write_whole(memory, &out);
    memory_release(memory);
    memory_init(memory, &options);
    claim_number("again", "fault", read_parts(memory, out.bytes, out.len, 1000, &line),
                 MEMORY_FAULT_NONE);
    claim_text_of("again", memory, buffer_text(&out));
    buffer_release(&out);
}

static void test_memory_what_left_the_list_is_forgotten(void **state)
{
    struct memory memory = memory_of(false);
    (void)add(&memory, "a:1", "192.0.2.1", REASON_CONNECTED, 100);
    (void)add(&memory, "b:1", "192.0.2.1", REASON_CONNECTED, 100);
    end(&memory, 100, true);
    load_again(&memory);
    (void)add(&memory, "a:1", "192.0.2.2", REASON_CONNECTED, 200);
    end(&memory, 200, false); /* the list was not read to its end */
    load_again(&memory);
    claim_text_of("kept", &memory,
                  HEAD "run\t1970-01-01T00:03:20Z\t2\t1970-01-01T00:01:40Z\n" NAMES
                       "a:1\ttcp\t-\tup\tconnected\t1970-01-01T00:01:40Z\t-\t-\t0\t-\n"
                       "b:1\ttcp\t-\tup\tconnected\t1970-01-01T00:01:40Z\t-\t-\t0\t-\t-\t-\t"
                       "1970-01-01T00:01:40Z\nend\t2\n");
    (void)add(&memory, "b:1", "192.0.2.2", REASON_CONNECTED, 300);
    end(&memory, 300, true);
    load_again(&memory);
    end(&memory, 350, true); /* the list is lost */
    load_again(&memory);
    claim_number("a", "last run", (uint64_t)memory.run_s, 300);
    claim_number("a", "entries", memory.count, 1);
    claim_number("a is new", "news", add(&memory, "a:1", "", REASON_REFUSED, 400), NEWS_NEW);
    claim_number("b was up", "news", add(&memory, "b:1", "", REASON_REFUSED, 400),
                 NEWS_CHANGED);
    memory_release(&memory);
}

static void test_memory_addresses_are_kept_apart_and_know_each_other(void **state)
{
    static const struct {
        const char *label;
        const char *address[2]; /* of a run */
        enum reason reason[2];
        enum news news[2];
        size_t count;
    } runs[] = {
        {"new",
         {"192.0.2.1", "192.0.2.2"},
         {REASON_CONNECTED, REASON_REFUSED},
         {NEWS_NONE, NEWS_NEW},
         2},
        {"the same",
         {"192.0.2.1", "192.0.2.2"},
         {REASON_CONNECTED, REASON_REFUSED},
         {NEWS_NONE, NEWS_NONE},
         2},
        {"no address", {"", NULL}, {REASON_UNRESOLVED, 0}, {NEWS_CHANGED, 0}, 1},
        {"addresses again",
         {"192.0.2.2", "192.0.2.9"},
         {REASON_CONNECTED, REASON_CONNECTED},
         {NEWS_CHANGED, NEWS_CHANGED},
         2},
        {"another one",
         {"192.0.2.2", "192.0.2.7"},
         {REASON_CONNECTED, REASON_REFUSED},
         {NEWS_NONE, NEWS_NEW},
         2},
    };
    struct memory memory = memory_of(true);
    for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
        for (size_t j = 0; j < 2 && runs[i].address[j] != NULL; j++)
            claim_number(runs[i].label, "news",
                         add(&memory, "db:1", runs[i].address[j], runs[i].reason[j],
                             100 * (int64_t)(i + 1)),
                         runs[i].news[j]);
        end(&memory, 100 * (int64_t)(i + 1), true);
        claim_number(runs[i].label, "entries", memory.count, runs[i].count);
        load_again(&memory);
    }
    memory_release(&memory);
}

/* Whether or not the file is written in between, rounds say what single runs say. */
static void test_memory_addresses_in_rounds_are_as_in_single_runs(void **state)
{
    static const struct {
        const char *address;
        enum reason reason;
        enum news news;
    } rounds[] = {
        {"192.0.2.1", REASON_CONNECTED, NEWS_NONE},
        {"192.0.2.1", REASON_CONNECTED, NEWS_NONE},
        {"", REASON_UNRESOLVED, NEWS_CHANGED},
        {"", REASON_UNRESOLVED, NEWS_NONE},
        {"192.0.2.1", REASON_CONNECTED, NEWS_CHANGED},
        {"", REASON_UNRESOLVED, NEWS_CHANGED},
        {"192.0.2.1", REASON_REFUSED, NEWS_CHANGED},
        {"192.0.2.9", REASON_REFUSED, NEWS_NEW},
        {"192.0.2.9", REASON_CONNECTED, NEWS_CHANGED},
        {"192.0.2.1", REASON_REFUSED, NEWS_NEW},
    };
    for (uint64_t pause = 1; pause <= 3; pause++) {
        struct memory memory = memory_of(true);
        (void)add(&memory, "db:1", "192.0.2.1", REASON_CONNECTED, 50);
        end(&memory, 50, true);
        load_again(&memory);
        for (uint64_t i = 0; i < ARRAY_LEN(rounds); i++) {
            enum news news = add_in_round(&memory, i + 1, rounds[i].address, rounds[i].reason);
            claim_number("round", rounds[i].address, news, rounds[i].news);
            if (i % pause == 0)
                end(&memory, 100 * (int64_t)(i + 1), true);
        }
        claim_number("rounds", "entries", memory.count <= 3, true);
        memory_release(&memory);
    }
}

/* The next process can read it, whatever the clock was. */
static void test_memory_of_a_clock_that_is_far_off_is_a_file(void **state)
{
    static const int64_t clocks[] = {-1,           0, 1, -315619200, INT64_C(253402300800),
                                     INT64_MAX / 2};
    for (size_t i = 0; i < ARRAY_LEN(clocks); i++)
        for (int64_t interval_s = 0; interval_s <= 3600; interval_s += 1800) {
            struct memory memory = memory_of(false);
            memory.options.interval_s = interval_s;
            (void)add(&memory, "db:1", "", REASON_REFUSED, clocks[i]);
            end(&memory, clocks[i], true);
            load_again(&memory);
            (void)add(&memory, "db:1", "", REASON_CONNECTED, 100);
            end(&memory, clocks[i], true);
            load_again(&memory);
            memory_release(&memory);
        }
}

/* What a gate kept back was asked before the last rounds; runs go on at their pace. */
static void test_memory_of_rounds_has_when_each_was_asked(void **state)
{
    struct memory memory = memory_of(false);
    memory.options.interval_s = 100;
    (void)add(&memory, "a:1", "", REASON_CONNECTED, 1000);
    (void)add(&memory, "b:1", "", REASON_CONNECTED, 1000);
    end(&memory, 1000, true);
    (void)add_in_round(&memory, 12, "", REASON_CONNECTED);
    end(&memory, 1300, true);
    claim_text_of("asked", &memory,
                  HEAD "run\t1970-01-01T00:21:40Z\t3\t1970-01-01T00:20:00Z\n" NAMES
                       "a:1\ttcp\t-\tup\tconnected\t1970-01-01T00:16:40Z\t-\t-\t0\t-\t-\t-\t"
                       "1970-01-01T00:16:40Z\n"
                       "b:1\ttcp\t-\tup\tconnected\t1970-01-01T00:16:40Z\t-\t-\t0\t-\t-\t-\t"
                       "1970-01-01T00:16:40Z\n"
                       "db:1\ttcp\t-\tup\tconnected\t1970-01-01T00:20:00Z\t-\t-\t0\t-\n"
                       "end\t3\n");
    memory_release(&memory);
}

static void test_memory_of_a_target_that_is_there_twice_the_worse_row_counts(void **state)
{
    static const struct {
        const char *label;
        enum reason rows[3];
        enum reason remembered;
    } cases[] = {
        {"down first", {REASON_REFUSED, REASON_CONNECTED, REASON_CONNECTED}, REASON_REFUSED},
        {"down last", {REASON_CONNECTED, REASON_CONNECTED, REASON_TIMEOUT}, REASON_TIMEOUT},
        {"an error", {REASON_REFUSED, REASON_LOCAL, REASON_TIMEOUT}, REASON_LOCAL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct memory memory = memory_of(false);
        memory.has_runs = true;
        for (size_t j = 0; j < 3; j++)
            (void)add(&memory, "db:1", "", cases[i].rows[j], 100);
        struct target *target = target_of("db:1");
        const struct endpoint endpoint = {
            .target = target, .port = 1, .protocol = PROTOCOL_TCP};
        const struct remembered *remembered = memory_find(&memory, &endpoint);
        claim_true(cases[i].label, "is there", remembered != NULL);
        claim_number(cases[i].label, "reason", remembered->reason, cases[i].remembered);
        struct memory_run runs[MEMORY_RUNS];
        claim_number(cases[i].label, "runs", memory_runs_list(remembered->runs, runs), 1);
        claim_number(cases[i].label, "doubles", memory.doubles, 2);
        target_drop(target);
        memory_release(&memory);
    }
}

static void test_memory_invalid_line_is_told_and_not_kept(void **state)
{
    struct memory memory = memory_of(false);
    for (int i = 0; i < 2; i++) {
        struct result row =
            invalid_of("what\tis", 7, (struct fault){FAULT_PORT_MISSING, 0, 4}, "list", 3);
        claim_error("invalid", memory_add(&memory, &row, 100, true), ERROR_NONE);
        claim_number("invalid", "news", row.change.news, NEWS_NEW);
        claim_true("invalid", "not found", memory_find(&memory, &row.endpoint) == NULL);
        result_release(&row);
    }
    claim_number("invalid", "entries", memory.count, 0);
    memory_release(&memory);
}

static void test_memory_has_the_last_runs(void **state)
{
    struct memory memory = memory_of(false);
    memory.has_runs = true;
    for (int64_t i = 0; i < MEMORY_RUNS + 10; i++) {
        (void)add(&memory, "db:1", "", i < MEMORY_RUNS ? REASON_READY : REASON_TOOBIG, i);
        end(&memory, i, true);
        load_again(&memory);
    }
    struct buffer out = BUFFER_EMPTY;
    write_whole(&memory, &out);
    claim_contains("runs", buffer_text(&out), "history\tdb:1\ttcp\t-\tu80b10\t-,-,");
    buffer_release(&out);
    memory_release(&memory);
}

/* A year of cron */

enum {
    TARGETS = 6,
    MINUTES_5 = 300,
    YEAR_RUNS = 365 * 24 * 12,
};

/* A target of the year: what it is, and what is known of it. */
struct service {
    enum state state;
    enum state confirmed;
    enum state told; /* to the reader last, or without saying; STATE_COUNT: nothing yet */
    bool is_known;   /* it is remembered */
    bool is_listed;
    enum state seen; /* in the last run that was remembered, ... */
    size_t streak;   /* ... and for how many of them in a row */
};

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

static void live_on(struct service *service, uint64_t *seed)
{
    static const enum state states[] = {STATE_UP, STATE_UP, STATE_DOWN, STATE_ERROR};
    if (next_random(seed) % 50 == 0)
        service->state = states[next_random(seed) % ARRAY_LEN(states)];
}

/* What a run has to say of it, and with NEWS_CHANGED what it was before. Reminders apart. */
static enum news meet(struct service *service, bool is_shown, size_t confirm,
                      enum state *before)
{
    enum state state = service->state;
    bool is_new = !service->is_known;
    service->streak = service->seen == state && !is_new ? service->streak + 1 : 1;
    service->seen = state;
    service->is_known = true;
    bool is_same = !is_new && state == service->confirmed;
    if (!is_new && !is_same && service->streak < confirm)
        return NEWS_NONE;
    if (is_new)
        service->told = STATE_COUNT;
    *before = is_same ? service->told : service->confirmed;
    service->confirmed = state;
    bool is_news =
        is_new || service->told == STATE_COUNT ? state != STATE_UP : service->told != state;
    if (is_shown || (service->told == STATE_COUNT && state == STATE_UP))
        service->told = state;
    if (is_new || (is_same && *before == STATE_COUNT))
        return is_news && (is_new || is_shown) ? NEWS_NEW : NEWS_NONE;
    return !is_same || (is_shown && is_news) ? NEWS_CHANGED : NEWS_NONE;
}

static void claim_news(const struct service *service, struct service *then, bool is_shown,
                       size_t confirm, const struct change *change)
{
    enum state before = STATE_COUNT;
    *then = *service;
    enum news news = meet(then, is_shown, confirm, &before);
    bool may_remind = is_shown && news == NEWS_NONE && then->confirmed != STATE_UP;
    if (!may_remind || change->news != NEWS_REMINDER)
        claim_number("year", "news", change->news, news);
    if (news == NEWS_CHANGED)
        claim_number("year", "before", change->before, before);
    claim_true("year", "length", change->lasted_ns >= -1 && change->unasked_ns >= 0);
    /* Nothing that lasts stays untold, nor that it ended. */
    claim_true("year", "what lasts is told",
               !is_shown || then->streak < confirm || then->told == then->state);
}

/* One run of them. is_lost: it is killed before it remembers. */
static void run_once(struct memory *memory, struct service *services, int64_t now_s,
                     bool is_shown, bool is_lost)
{
    static const enum reason reasons[] = {REASON_CONNECTED, REASON_REFUSED, REASON_UNRESOLVED};
    struct buffer before = BUFFER_EMPTY;
    write_whole(memory, &before);
    for (size_t i = 0; i < TARGETS; i++) {
        struct service *service = &services[i];
        struct service then;
        char text[] = "a:1";
        text[0] = (char)('a' + i);
        if (!service->is_listed)
            continue;
        struct result row = row_of(text, "", outcome_of(reasons[service->state]));
        claim_error("year", memory_add(memory, &row, now_s, is_shown), ERROR_NONE);
        claim_news(service, &then, is_shown, memory->options.confirmations, &row.change);
        if (!is_lost)
            *service = then;
        result_release(&row);
    }
    if (is_lost) {
        const struct memory_options options = memory->options;
        size_t line = 0;
        memory_release(memory);
        memory_init(memory, &options);
        (void)read_parts(memory, before.bytes, before.len, before.len, &line);
    } else {
        end(memory, now_s, true);
        load_again(memory);
    }
    buffer_release(&before);
}

/* Of so many runs in a hundred the reader sees nothing. */
static void play_year(size_t confirm, uint64_t hidden_percent, uint64_t seed)
{
    struct service services[TARGETS] = {{.state = STATE_UP}};
    struct memory memory = memory_of(false);
    int64_t now_s = 1795921202;
    memory.options.confirmations = confirm;
    memory.options.remind_s = 24 * 3600;
    for (size_t i = 0; i < YEAR_RUNS; i++) {
        uint64_t dice = next_random(&seed) % 1000;
        now_s += MINUTES_5 + (int64_t)(next_random(&seed) % 5) - 2;
        now_s += dice == 0 ? 2 * 24 * 3600 : dice == 1 ? -3 * 3600 : 0;
        for (size_t j = 0; j < TARGETS; j++) {
            live_on(&services[j], &seed);
            if (dice == 2 && j == i % TARGETS)
                services[j].is_listed = !services[j].is_listed;
            services[j].is_known &= services[j].is_listed;
        }
        if (i == 0)
            for (size_t j = 0; j < TARGETS; j++)
                services[j].is_listed = true;
        bool is_shown = next_random(&seed) % 100 >= hidden_percent;
        run_once(&memory, services, now_s, is_shown, dice >= 3 && dice < 8);
    }
    memory_release(&memory);
}

static void test_memory_year_of_runs_tells_each_lasting_change_once(void **state)
{
    play_year(1, 0, 1);
    play_year(3, 0, 2);
    play_year(1, 50, 3);
    play_year(3, 90, 4);
}

static void test_memory_interval_is_the_shorter_of_two(void **state)
{
    static const struct {
        const char *label;
        int64_t previous_s;
        int64_t run_s;
        int64_t interval_s;
    } cases[] = {
        {"the first run", MEMORY_NEVER, MEMORY_NEVER, 0},
        {"the second run", MEMORY_NEVER, 700, 300},
        {"as before", 400, 700, 300},
        {"a run is missing", 300, 400, 100},
        {"an earlier one was", 100, 700, 300},
        {"the clock was set back", 700, 1001, 0},
        {"and before", 800, 700, 300},
        {"in the same second", 700, 1000, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct memory memory = {.run_s = cases[i].run_s,
                                      .previous_s = cases[i].previous_s};
        claim_number(cases[i].label, "interval", (uint64_t)memory_interval_s(&memory, 1000),
                     (uint64_t)cases[i].interval_s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_interval_is_the_shorter_of_two),
        cmocka_unit_test(test_memory_text_is_written_as_it_was_read),
        cmocka_unit_test(test_memory_faults_have_their_line),
        cmocka_unit_test(test_memory_reader_takes_bytes_split_anywhere),
        cmocka_unit_test(test_memory_reader_says_whether_more_matters),
        cmocka_unit_test(test_memory_format_has_parts_of_a_bounded_size),
        cmocka_unit_test(test_memory_damaged_text_is_a_fault_or_sound),
        cmocka_unit_test(test_memory_each_reason_has_its_letter),
        cmocka_unit_test(test_memory_what_left_the_list_is_forgotten),
        cmocka_unit_test(test_memory_addresses_are_kept_apart_and_know_each_other),
        cmocka_unit_test(test_memory_addresses_in_rounds_are_as_in_single_runs),
        cmocka_unit_test(test_memory_of_a_clock_that_is_far_off_is_a_file),
        cmocka_unit_test(test_memory_of_rounds_has_when_each_was_asked),
        cmocka_unit_test(test_memory_of_a_target_that_is_there_twice_the_worse_row_counts),
        cmocka_unit_test(test_memory_invalid_line_is_told_and_not_kept),
        cmocka_unit_test(test_memory_has_the_last_runs),
        cmocka_unit_test(test_memory_year_of_runs_tells_each_lasting_change_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
