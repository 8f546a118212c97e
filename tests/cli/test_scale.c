/*
 * --shard, --shuffle and --rate: which targets are asked, in which order and how fast.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

static const unsigned shard_counts[] = {1, 2, 3, 7};

static const char flows[] = "db 22,80,443\n"
                            "# nothing\n"
                            "!10.1.0.0/30:23\n"
                            "bad line 1!\n"
                            "[2001:db8::]/126:80-81\n"
                            "web:70000\n"
                            "-x\n"
                            "last:1-9\n";

static const char in_flows[] = "(flows.txt:";

/* A mixed lot, of operands and of a file. `is_fed`: the file is standard input. */
struct lot {
    const char *label;
    const char *seed; /* "--shuffle=7"; NULL: in order */
    bool is_fed;
};

static void run_lot(const struct scene *scene, const struct lot *lot, const char *shard,
                    struct program *program)
{
    const char *arguments[10];
    size_t count = 0;
    arguments[count++] = "--list";
    if (lot->seed != NULL)
        arguments[count++] = lot->seed;
    if (shard != NULL)
        arguments[count++] = shard;
    arguments[count++] = "10.0.0.0/28:22,80";
    arguments[count++] = "!web:1-5";
    arguments[count++] = "-f";
    arguments[count++] = lot->is_fed ? "-" : "flows.txt";
    arguments[count] = NULL;
    struct launch launch = {.label = lot->label,
                            .arguments = arguments,
                            .folder = scene->folder.path,
                            .input = lot->is_fed ? flows : NULL};
    folder_write(&scene->folder, "flows.txt", flows, sizeof flows - 1);
    program_run(program, &launch);
}

/* Both streams of a run, line by line. */
static void add_lines(struct buffer *lines, const struct program *program)
{
    buffer_add(lines, program->out.bytes, program->out.len);
    buffer_add(lines, program->err.bytes, program->err.len);
}

/* All lines of all N shards, sorted; a shard has its share of them, give or take one. */
static void collect_shards(const struct scene *scene, const struct lot *lot, unsigned shards,
                           size_t total, struct buffer *lines)
{
    for (unsigned shard = 1; shard <= shards; shard++) {
        char option[32];
        struct program program;
        (void)snprintf(option, sizeof option, "--shard=%u/%u", shard, shards);
        run_lot(scene, lot, option, &program);
        size_t count = text_count_lines(&program.out) + text_count_lines(&program.err);
        expect_number(option, "lines", (int64_t)count,
                      (int64_t)(total / shards + (shard <= total % shards)));
        expect_number(option, "exit status", program.status, program.err.len > 0 ? 2 : 0);
        add_lines(lines, &program);
        program_release(&program);
    }
    watch_sort_lines(lines);
}

/* The same lines, the file of the messages by another name: what stands before line and column.
 */
static void rename_file(struct buffer *lines, const char *name, struct buffer *renamed)
{
    const char *from = buffer_text(lines);
    for (const char *at; (at = strstr(from, in_flows)) != NULL;) {
        buffer_add(renamed, from, (size_t)(at - from));
        buffer_add_text(renamed, name);
        from = at + strlen(in_flows);
    }
    buffer_add_text(renamed, from);
}

static void test_scale_shards_together_are_the_whole(void **state)
{
    static const struct lot lots[] = {
        {"file", NULL, false},
        {"standard input", NULL, true},
        {"shuffled", "--shuffle=7", false},
        {"each shuffled in its own way", "--shuffle", true},
    };
    static const struct lot in_order = {"whole", NULL, false};
    struct program program;
    struct buffer all = BUFFER_EMPTY;
    run_lot(*state, &in_order, NULL, &program);
    size_t total = text_count_lines(&program.out) + text_count_lines(&program.err);
    expect_number("whole", "lines", (int64_t)total, 16 * 2 + 5 + 3 + 4 + 1 + 8 + 2 + 9);
    add_lines(&all, &program);
    watch_sort_lines(&all);
    program_release(&program);
    for (size_t i = 0; i < ARRAY_LEN(lots); i++) {
        struct buffer expected = BUFFER_EMPTY;
        rename_file(&all, lots[i].is_fed ? "(-:" : in_flows, &expected);
        for (size_t j = 0; j < ARRAY_LEN(shard_counts); j++) {
            struct buffer lines = BUFFER_EMPTY;
            collect_shards(*state, &lots[i], shard_counts[j], total, &lines);
            expect_text(lots[i].label, "all shards", buffer_text(&lines),
                        buffer_text(&expected));
            buffer_release(&lines);
        }
        buffer_release(&expected);
    }
    buffer_release(&all);
}

static void test_scale_shard_is_dealt_out_in_turn(void **state)
{
    static const struct example examples[] = {
        {"1/3", ARGS("--list", "--shard=1/3", "a:1-7"), .out = "a:1\na:4\na:7\n"},
        {"2/3", ARGS("--list", "--shard=2/3", "a:1-7"), .out = "a:2\na:5\n"},
        {"3/3", ARGS("--list", "--shard", "3/3", "a:1-7"), .out = "a:3\na:6\n"},
        {"across targets", ARGS("--list", "--shard=2/2", "a:1-3", "b:1-3"),
         .out = "a:2\nb:1\nb:3\n"},
        {"of a file", ARGS("--list", "--shard=2/2", "-f-"), .out = "b:2\n",
         .input = "a:1\nb:2\n"},
    };
    scene_expect_all(*state, examples, ARRAY_LEN(examples));
}

/* It was not empty: other shards have its rows. */
static void test_scale_shard_without_rows_is_no_error(void **state)
{
    static const struct example examples[] = {
        {"operands", ARGS("--shard=3/3", "{up}", "{up}"), .out = ""},
        {"operands, shuffled", ARGS("--shuffle", "--shard=3/3", "{up}", "{up}"), .out = ""},
        {"--list", ARGS("--list", "--shard=3/3", "{up}", "{up}"), .out = ""},
        {"--list, shuffled", ARGS("--list", "--shuffle", "--shard=3/3", "{up}", "{up}"),
         .out = ""},
        {"file", ARGS("--shard=2/2", "-f-"), .input = "{up}\n"},
        {"file, shuffled", ARGS("--shuffle", "--shard=2/2", "-f-"), .input = "{up}\n"},
    };
    scene_expect_all(*state, examples, ARRAY_LEN(examples));
}

static void test_scale_shard_asks_only_its_rows(void **state)
{
    static const struct example examples[] = {
        {"1/2", ARGS("--shard=1/2", "{up}", "{refused}"), .out = "up     {up}  {host}  N ms\n"},
        {"2/2", ARGS("--shard=2/2", "{up}", "{refused}"),
         .out = "down   {refused}  {host}  refused in N ms\n", .status = 1},
        {"bad line of another shard", ARGS("--shard=2/2", "-f-"),
         .out = "up     {up}  {host}  N ms\n", .input = "bad line\n{up}\n"},
    };
    struct scene *scene = *state;
    (void)peer_count(&scene->up);
    scene_expect_all(scene, examples, ARRAY_LEN(examples));
    expect_number("shards", "connections", (int64_t)peer_count(&scene->up), 2);
}

/* Promised to be the same on every machine. */
static void test_scale_seed_gives_an_order(void **state)
{
    static const struct example examples[] = {
        {"seed 1", ARGS("--list", "--shuffle=1", "a:1-12"),
         .out = "a:4\na:10\na:12\na:1\na:8\na:9\na:2\na:3\na:6\na:7\na:5\na:11\n"},
        {"seed 1 of a shard", ARGS("--list", "--shuffle=1", "--shard=2/2", "a:1-16"),
         .out = "a:8\na:14\na:10\na:2\na:16\na:12\na:4\na:6\n"},
        {"seed 1 of a file", ARGS("--list", "--shuffle=1", "-f-"),
         .out = "d:1\ng:1\ne:1\na:1\nh:1\nf:1\nb:1\nc:1\n",
         .input = "a:1\nb:1\nc:1\nd:1\ne:1\nf:1\ng:1\nh:1\n"},
    };
    scene_expect_all(*state, examples, ARRAY_LEN(examples));
}

static void test_scale_shuffle_without_a_seed_is_another_one_each_time(void **state)
{
    (void)state;
    struct program first;
    struct program second;
    struct launch launch = {.arguments = WORDS("--list", "--shuffle", "a:1-1000")};
    program_run(&first, &launch);
    program_run(&second, &launch);
    expect_number("--shuffle", "exit status", first.status + second.status, 0);
    assert_string_not_equal(buffer_text(&first.out), buffer_text(&second.out));
    watch_sort_lines(&first.out);
    watch_sort_lines(&second.out);
    expect_text("--shuffle", "sorted", buffer_text(&first.out), buffer_text(&second.out));
    program_release(&first);
    program_release(&second);
}

static void test_scale_rows_come_in_the_shuffled_order(void **state)
{
    const struct scene *scene = *state;
    struct program list;
    struct program rows;
    struct launch launch = {.label = "--list",
                            .arguments =
                                WORDS("--list", "--shuffle=77", scene->up.host, "1000-1299")};
    program_run(&list, &launch);
    launch.label = "rows";
    launch.arguments = WORDS("--shuffle=77", scene->up.host, "1000-1299");
    program_run(&rows, &launch);
    watch_keep_targets(&rows.out);
    expect_number("--list", "lines", (int64_t)text_count_lines(&list.out), 300);
    expect_text("rows", "targets", buffer_text(&rows.out), buffer_text(&list.out));
    program_release(&list);
    program_release(&rows);
}

/* With -v a shuffle says how to repeat it. */
static void test_scale_verbose_says_the_seed(void **state)
{
    const struct scene *scene = *state;
    static const char before[] = "* shuffled as by --shuffle=";
    struct program first;
    struct program second;
    struct launch launch = {.arguments =
                                WORDS("-v", "--shuffle", "-P1", scene->up.host, "1000-1099")};
    program_run(&first, &launch);
    assert_int_equal(strncmp(buffer_text(&first.err), before, strlen(before)), 0);
    char option[48];
    const char *seed = buffer_text(&first.err) + strlen(before);
    (void)snprintf(option, sizeof option, "--shuffle=%.*s", (int)strcspn(seed, "\n"), seed);
    launch.arguments = WORDS(option, scene->up.host, "1000-1099");
    program_run(&second, &launch);
    watch_keep_targets(&first.out);
    watch_keep_targets(&second.out);
    expect_number(option, "rows", (int64_t)text_count_lines(&first.out), 100);
    expect_text(option, "targets", buffer_text(&second.out), buffer_text(&first.out));
    program_release(&first);
    program_release(&second);
}

/* The first is there at once, the others come one by one. */
static void test_scale_rate_is_not_exceeded(void **state)
{
    const struct scene *scene = *state;
    static const struct {
        const char *rate;
        const char *ports;
        int64_t count;
        int least_ms;
    } rows[] = {
        {"--rate=200", "1000-1100", 101, 500},
        {"--rate=200/s", "1000-1100", 101, 500},
        {"--rate=2000", "1000-2000", 1001, 500},
        {"--rate=4", "1000-1002", 3, 500},
        {"--rate=1", "1000", 1, 0},
    };
    struct program programs[ARRAY_LEN(rows)];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct launch launch = {.label = rows[i].rate,
                                .arguments =
                                    WORDS(rows[i].rate, scene->up.host, rows[i].ports)};
        program_start(&programs[i], &launch); /* all at the same time */
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        program_finish(&programs[i]);
        expect_number(rows[i].rate, "rows", (int64_t)text_count_lines(&programs[i].out),
                      rows[i].count);
        expect_took(&programs[i], rows[i].least_ms, 20000);
        program_release(&programs[i]);
    }
}

/* A retry is a probe as any: it does not wait itself, but the one behind it does. */
static void test_scale_rate_counts_retries(void **state)
{
    const struct scene *scene = *state;
    struct program program;
    struct launch launch = {.label = "seven probes, 10 a second",
                            .arguments =
                                WORDS("--rate=10", "-P1", "-r2", "-t1ms", scene->silent.target,
                                      scene->silent.target, scene->refused.target)};
    program_run(&program, &launch);
    expect_number(launch.label, "rows", (int64_t)text_count_lines(&program.out), 3);
    expect_took(&program, 600, 10000);
    program_release(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scale_shards_together_are_the_whole),
        cmocka_unit_test(test_scale_shard_is_dealt_out_in_turn),
        cmocka_unit_test(test_scale_shard_without_rows_is_no_error),
        cmocka_unit_test(test_scale_shard_asks_only_its_rows),
        cmocka_unit_test(test_scale_seed_gives_an_order),
        cmocka_unit_test(test_scale_shuffle_without_a_seed_is_another_one_each_time),
        cmocka_unit_test(test_scale_rows_come_in_the_shuffled_order),
        cmocka_unit_test(test_scale_verbose_says_the_seed),
        cmocka_unit_test(test_scale_rate_is_not_exceeded),
        cmocka_unit_test(test_scale_rate_counts_retries),
    };
    return cmocka_run_group_tests_name("cli/scale", tests, scene_open, scene_release);
}
