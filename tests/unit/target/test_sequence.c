#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../claim.h"
#include "netcheck/target/sequence.h"

enum {
    OPERANDS_MAX = 5,
    PATH_SIZE = 32,
    LABEL_SIZE = 96,
    CALLS_MAX = 100000, /* of sequence_next() for one row: more is for ever */
};

static const struct target_rules no_rules = {.families = FAMILY_ANY};

/* What is to be asked: operands, and a file unless `content` is NULL. */
struct input {
    const char *label;
    const char *operands[OPERANDS_MAX];
    const char *content;
    uint64_t total;
};

static const struct input inputs[] = {
    {"one row", {"db:80"}, NULL, 1},
    {"names", {"db:80", "!web:22,443", "x.example:1-5"}, NULL, 8},
    {"prefix and ports", {"10.0.0.0/27:22,80,443"}, NULL, 96},
    {"prefixes",
     {"10.0.0.0/30:1-3", "db:9", "[2001:db8::]/125:80", "10.1.0.7/32:5"},
     NULL,
     12 + 1 + 8 + 1},
    {"ranges",
     {"10.0.0.5-10:1-3", "db:9", "[2001:db8::ffff]-[2001:db8::1:2]:80", "10.1.0.7-7:5"},
     NULL,
     18 + 1 + 4 + 1},
    {"file", {NULL}, "db:80\nweb 22 443\n\n10.0.0.0/29:80 # all\n::1 22\n", 12},
    {"invalid lines", {NULL}, "a b\n-db:80\ndb\nweb:70000\n", 4},
    {"all of it",
     {"db:80", "10.0.0.0/29:22,80", "!web:1-5"},
     "a b\n\n# nothing\n10.1.0.0/30:7\n-db\nname 1 2 3\n::1 80\nweb:70000\nlast:1-9\n",
     1 + 16 + 5 + 1 + 4 + 1 + 3 + 1 + 1 + 9},
};

struct tap {
    struct source *source;
    char path[PATH_SIZE]; /* of its file */
    struct sequence sequence;
};

/* The path is borrowed by the source. */
static void add_file(struct source *source, char path[static PATH_SIZE], const char *content)
{
    size_t len = strlen(content);
    (void)snprintf(path, PATH_SIZE, "/tmp/netcheck-sequence-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_true(write(fd, content, len) == (ssize_t)len);
    assert_int_equal(close(fd), 0);
    enum error error = source_add_file(source, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(error, ERROR_NONE);
}

static struct source *open_source(const struct input *input, char path[static PATH_SIZE])
{
    struct source *source = NULL;
    struct fault fault;
    size_t bad = 0;
    size_t count = 0;
    while (count < OPERANDS_MAX && input->operands[count] != NULL)
        count++;
    assert_int_equal(source_new(&no_rules, &source), ERROR_NONE);
    claim_error(input->label, source_add_operands(source, input->operands, count, &fault, &bad),
                ERROR_NONE);
    if (input->content != NULL)
        add_file(source, path, input->content);
    return source;
}

static void tap_open(struct tap *tap, const struct input *input,
                     const struct sequence_options *options)
{
    tap->source = open_source(input, tap->path);
    sequence_init(&tap->sequence, tap->source, options);
}

static void tap_close(struct tap *tap)
{
    sequence_release(&tap->sequence);
    source_free(tap->source);
}

/* The next row or the error instead of it; a PAUSE is counted and passed over. */
static enum error next_row(const char *label, struct sequence *sequence,
                           struct endpoint *endpoint, size_t *pauses)
{
    for (int calls = 0; calls < CALLS_MAX; calls++) {
        enum error error = sequence_next(sequence, endpoint);
        if (error != ERROR_PAUSE)
            return error;
        (*pauses)++;
    }
    fail_msg("%s: PAUSE for ever", label);
    return ERROR_PAUSE;
}

/* Rows in the order in which they came, as text. */
struct rows {
    char **texts;
    size_t count;
    size_t pauses; /* that lay between them */
};

static char *text_of(const struct endpoint *endpoint)
{
    struct buffer text = BUFFER_EMPTY;
    bool is_invalid = endpoint->target->kind == TARGET_INVALID;
    buffer_add_text(&text, is_invalid ? "<" : endpoint->target->expects_down ? "!" : "");
    endpoint_label(&text, endpoint);
    buffer_add_text(&text, is_invalid ? ">" : "");
    char *copy = strdup(buffer_text(&text));
    assert_non_null(copy);
    buffer_release(&text);
    return copy;
}

static void drain(const char *label, struct sequence *sequence, struct rows *rows)
{
    struct endpoint endpoint;
    enum error error;
    *rows = (struct rows){NULL, 0, 0};
    while ((error = next_row(label, sequence, &endpoint, &rows->pauses)) == ERROR_NONE) {
        if ((rows->count & (rows->count + 1)) == 0) { /* 2^n - 1: no room for one more */
            size_t capacity = (rows->count + 1) * 2;
            rows->texts = realloc(rows->texts, capacity * sizeof *rows->texts);
            assert_non_null(rows->texts);
        }
        rows->texts[rows->count++] = text_of(&endpoint);
    }
    claim_error(label, error, ERROR_END);
    claim_error(label, sequence_next(sequence, &endpoint), ERROR_END);
}

static void rows_release(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        free(rows->texts[i]);
    free(rows->texts);
}

/* All rows of the shard. */
static void collect(const struct input *input, const struct sequence_options *options,
                    struct rows *rows)
{
    struct tap tap;
    tap_open(&tap, input, options);
    drain(input->label, &tap.sequence, rows);
    claim_true(input->label, "targets at all", tap.sequence.has_targets);
    tap_close(&tap);
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void sort(struct rows *rows)
{
    if (rows->count > 0)
        qsort(rows->texts, rows->count, sizeof *rows->texts, compare_texts);
}

static bool is_same(const struct rows *left, const struct rows *right)
{
    for (size_t i = 0; i < left->count && left->count == right->count; i++)
        if (strcmp(left->texts[i], right->texts[i]) != 0)
            return false;
    return left->count == right->count;
}

static const struct sequence_options whole = {.shards = 1};

/* Row J of shard K is row J * N + K - 1 of the whole: no row is lost, none comes twice. */
static void claim_dealt(const struct input *input, const struct rows *all, uint64_t shards)
{
    size_t sum = 0;
    for (uint64_t shard = 0; shard < shards; shard++) {
        char label[LABEL_SIZE];
        struct rows rows;
        const struct sequence_options options = {.shard = shard, .shards = shards};
        (void)snprintf(label, sizeof label, "%s, %u/%u", input->label, (unsigned)shard + 1,
                       (unsigned)shards);
        collect(input, &options, &rows);
        for (size_t i = 0; i < rows.count; i++) {
            size_t index = i * (size_t)shards + (size_t)shard;
            claim_true(label, "no row too many", index < all->count);
            claim_text(label, "row", rows.texts[i], all->texts[index]);
        }
        sum += rows.count;
        rows_release(&rows);
    }
    claim_number(input->label, "rows of all shards", sum, all->count);
}

static void test_sequence_shards_deal_the_rows_out_in_turn(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(inputs); i++) {
        struct rows all;
        collect(&inputs[i], &whole, &all);
        claim_number(inputs[i].label, "rows", all.count, inputs[i].total);
        for (uint64_t shards = 1; shards <= 7; shards++)
            claim_dealt(&inputs[i], &all, shards);
        rows_release(&all);
    }
}

/* All rows in the order in which they were written. */
static void test_sequence_one_shard_of_one_is_all_rows_in_order(void **state)
{
    static const struct input input = {
        "mixed", {"db:443,22", "!10.0.0.0/31:1-2"}, "a b\n# nothing\n::1 80\nweb:70000\n", 9};
    static const char *const expected[] = {
        "db:443",      "db:22", "!10.0.0.0:1", "!10.0.0.0:2", "!10.0.0.1:1",
        "!10.0.0.1:2", "<a b>", "[::1]:80",    "<web:70000>",
    };
    struct rows rows;
    collect(&input, &whole, &rows);
    claim_number("mixed", "rows", rows.count, ARRAY_LEN(expected));
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        claim_text("mixed", "row", rows.texts[i], expected[i]);
    rows_release(&rows);
}

/* Collect both orders of the options. They differ where there are many rows. */
static void claim_same_rows(const struct input *input, const struct sequence_options *options,
                            size_t *pauses)
{
    const struct sequence_options in_order = {.shard = options->shard,
                                              .shards = options->shards};
    struct rows ordered;
    struct rows shuffled;
    collect(input, &in_order, &ordered);
    collect(input, options, &shuffled);
    *pauses = shuffled.pauses;
    claim_true(input->label, "another order",
               ordered.count < 1000 || !is_same(&ordered, &shuffled));
    sort(&ordered);
    sort(&shuffled);
    claim_true(input->label, "the same rows", is_same(&ordered, &shuffled));
    rows_release(&ordered);
    rows_release(&shuffled);
}

static void test_sequence_shuffled_shard_has_the_rows_of_the_shard(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(inputs); i++) {
        struct sequence_options options = {.seed = 9, .is_shuffled = true};
        size_t pauses;
        for (options.shards = 1; options.shards <= 7; options.shards++)
            for (options.shard = 0; options.shard < options.shards; options.shard++)
                claim_same_rows(&inputs[i], &options, &pauses);
    }
}

static void test_sequence_same_seed_gives_the_same_order(void **state)
{
    static const struct sequence_options options[] = {
        {.shards = 1, .seed = 1, .is_shuffled = true},
        {.shards = 1, .seed = 1, .is_shuffled = true},
        {.shards = 1, .seed = 2, .is_shuffled = true},
        {.shards = 1, .seed = 1},
    };
    struct rows rows[ARRAY_LEN(options)];
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        collect(&inputs[ARRAY_LEN(inputs) - 1], &options[i], &rows[i]);
    for (size_t i = 1; i < ARRAY_LEN(options); i++)
        assert_true(is_same(&rows[0], &rows[i]) == (i == 1));
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        rows_release(&rows[i]);
}

/* Known from the start where there is no file, and after the first row when shuffled. */
static void test_sequence_total_is_that_of_the_shard(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(inputs); i++) {
        for (uint64_t shard = 0; shard < 5; shard++) {
            struct sequence_options options = {.shard = shard, .shards = 5};
            uint64_t total = inputs[i].total / 5 + (shard < inputs[i].total % 5);
            struct tap tap;
            struct rows rows;
            tap_open(&tap, &inputs[i], &options);
            claim_number(inputs[i].label, "total", tap.sequence.total,
                         inputs[i].content != NULL ? UINT64_MAX : total);
            tap_close(&tap);
            options.is_shuffled = true;
            tap_open(&tap, &inputs[i], &options);
            drain(inputs[i].label, &tap.sequence, &rows);
            claim_number(inputs[i].label, "total of what was read", tap.sequence.total, total);
            claim_number(inputs[i].label, "rows", rows.count, total);
            rows_release(&rows);
            tap_close(&tap);
        }
    }
}

static const struct os no_os; /* no interface is named */

static struct exclusion *exclusion_of(const char *list)
{
    struct exclusion *exclusion = NULL;
    struct fault fault;
    assert_int_equal(exclusion_new(&no_os, &exclusion), ERROR_NONE);
    claim_error(list, exclusion_add_list(exclusion, list, strlen(list), &fault), ERROR_NONE);
    assert_int_equal(exclusion_close(exclusion), ERROR_NONE);
    return exclusion;
}

/* Whether the exclusion has the row, by its text. */
static bool is_excluded(const struct exclusion *exclusion, const char *text)
{
    struct target *target = NULL;
    struct fault fault;
    if (*text == '<')
        return false;
    claim_error(text, target_parse(text, strlen(text), &target, &fault), ERROR_NONE);
    bool is_excluded = exclusion_rows(exclusion, target, 0) > 0;
    target_drop(target);
    return is_excluded;
}

/* The rows are those of the same options without the exclusion, but for what it has. */
static void claim_passed_over(const struct input *input, struct sequence_options options,
                              const struct exclusion *exclusion)
{
    struct rows all;
    struct rows rows;
    struct tap tap;
    size_t kept = 0;
    collect(input, &options, &all);
    options.exclusion = exclusion;
    tap_open(&tap, input, &options);
    drain(input->label, &tap.sequence, &rows);
    for (size_t i = 0; i < all.count; i++) {
        if (is_excluded(exclusion, all.texts[i]))
            continue;
        claim_true(input->label, "a row is there", kept < rows.count);
        claim_text(input->label, "row", rows.texts[kept++], all.texts[i]);
    }
    claim_number(input->label, "rows", rows.count, kept);
    claim_number(input->label, "excluded", tap.sequence.excluded, all.count - kept);
    claim_number(input->label, "has_rows", tap.sequence.has_rows, kept > 0);
    if (tap.sequence.total != UINT64_MAX)
        claim_number(input->label, "total", tap.sequence.total, kept);
    rows_release(&all);
    rows_release(&rows);
    tap_close(&tap);
}

/* In order, shuffled, and in shards, which stay what they are. */
static void test_sequence_passes_over_what_is_excluded(void **state)
{
    static const char *const lists[] = {
        "192.0.2.1",
        "db,10.0.0.1-5,10.0.0.30:22,80,web:2-3,[2001:db8::]/126,10.1.0.0/31",
        "0.0.0.0/0:1-22",
        "0.0.0.0/0,::/0,db,web,name,last,x.example",
    };
    for (size_t j = 0; j < ARRAY_LEN(lists); j++) {
        struct exclusion *exclusion = exclusion_of(lists[j]);
        for (size_t i = 0; i < 2 * ARRAY_LEN(inputs); i++) {
            struct sequence_options options = {.seed = 9, .is_shuffled = i % 2 == 1};
            for (options.shards = 1; options.shards <= 5; options.shards++)
                for (options.shard = 0; options.shard < options.shards; options.shard++)
                    claim_passed_over(&inputs[i / 2], options, exclusion);
        }
        exclusion_free(exclusion);
    }
}

/* Half of a huge prefix in one step, and one row after the other not for ever in one call. */
static void test_sequence_jumps_over_a_range_and_pauses_among_single_rows(void **state)
{
    static const struct {
        const char *list;
        uint64_t shards;
        enum error first;
        uint64_t excluded; /* after the first call */
        const char *row;   /* the first one */
    } cases[] = {
        {"[1::]/81", 1, ERROR_NONE, UINT64_C(1) << 48, "[1::8000:0:0]:1"},
        {"[1::]/81", 3, ERROR_NONE, (UINT64_C(1) << 48) / 3 + 1, "[1::8000:0:1]:1"},
        {"[1::]/81", UINT64_MAX, ERROR_END, 1, NULL},
        {"[1::]/112:1,[1::]/112:2", 1, ERROR_PAUSE, 1024, "[1::1:0]:1"},
        {"[1::]/112:1,[1::]/112:2", 2, ERROR_PAUSE, 1024, "[1::1:0]:1"},
    };
    static const struct input input = {"half", {"[1::]/80:1-2"}, NULL, 0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct tap tap;
        struct endpoint endpoint;
        size_t pauses = 0;
        struct exclusion *exclusion = exclusion_of(cases[i].list);
        const struct sequence_options options = {.shards = cases[i].shards,
                                                 .exclusion = exclusion};
        tap_open(&tap, &input, &options);
        enum error error = sequence_next(&tap.sequence, &endpoint);
        claim_error(cases[i].list, error, cases[i].first);
        claim_number(cases[i].list, "excluded", tap.sequence.excluded, cases[i].excluded);
        if (error == ERROR_PAUSE)
            error = next_row(cases[i].list, &tap.sequence, &endpoint, &pauses);
        if (error == ERROR_NONE) {
            char *text = text_of(&endpoint);
            claim_text(cases[i].list, "row", text, cases[i].row);
            free(text);
        }
        tap_close(&tap);
        exclusion_free(exclusion);
    }
}

/* The first row, or what there is instead, and then the total. */
static enum error first_row(const struct input *input, const struct sequence_options *options,
                            bool *has_targets, uint64_t *total)
{
    struct tap tap;
    struct endpoint endpoint;
    tap_open(&tap, input, options);
    enum error error = sequence_next(&tap.sequence, &endpoint);
    *has_targets = tap.sequence.has_targets;
    *total = tap.sequence.total;
    tap_close(&tap);
    return error;
}

static void test_sequence_without_rows_ends_at_once(void **state)
{
    static const struct {
        struct input input;
        bool has_targets; /* of others */
    } rows[] = {
        {{"operands", {"db:80", "web:22,443"}, NULL, 3}, true},
        {{"file", {NULL}, "db:80\na b\nweb:443\n", 3}, true},
        {{"no input", {NULL}, NULL, 0}, false},
        {{"empty file", {NULL}, "", 0}, false},
        {{"comments", {NULL}, "# nothing\n\n", 0}, false},
    };
    static const uint64_t shards[] = {4, 1000, UINT64_MAX, 1};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t j = 0; j < 2 * ARRAY_LEN(shards); j++) {
            const struct sequence_options options = {
                .shard = shards[j / 2] - 1, .shards = shards[j / 2], .is_shuffled = j % 2 == 1};
            bool has_targets;
            uint64_t total;
            if (rows[i].has_targets && options.shard < 3)
                continue; /* there are rows */
            claim_error(rows[i].input.label,
                        first_row(&rows[i].input, &options, &has_targets, &total), ERROR_END);
            claim_number(rows[i].input.label, "has_targets", has_targets, rows[i].has_targets);
            claim_true(rows[i].input.label, "no total but 0",
                       total == 0 || total == UINT64_MAX);
        }
    }
}

static const struct {
    struct input input;
    enum error shuffled;
} large[] = {
    {{"2^62", {"[1::]/80:1-16384"}, NULL, 0}, ERROR_NONE},
    {{"2^62 + 1", {"[1::]/80:1-16384", "db:80"}, NULL, 0}, ERROR_RANGE},
    {{"1 + 2^62", {"db:80", "[1::]/80:1-16384"}, NULL, 0}, ERROR_RANGE},
    {{"1 + 2^62 - 2^48", {"db:80", "[1::]/80:1-16383"}, NULL, 0}, ERROR_NONE},
    {{"largest target", {"[1::]/80:1-65535"}, NULL, 0}, ERROR_RANGE},
    {{"over 2^64", {"[1::]/80:1-65535", "[2::]/80:1-65535"}, NULL, 0}, ERROR_RANGE},
    {{"2^62 and a bad line", {"[1::]/80:1-16384"}, "a b\n", 0}, ERROR_RANGE},
};

static void test_sequence_shuffle_of_more_than_2_to_the_62_is_refused(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(large); i++) {
        struct sequence_options options = {.shards = 1};
        bool has_targets;
        uint64_t total;
        claim_error(large[i].input.label,
                    first_row(&large[i].input, &options, &has_targets, &total), ERROR_NONE);
        options.is_shuffled = true;
        claim_error(large[i].input.label,
                    first_row(&large[i].input, &options, &has_targets, &total),
                    large[i].shuffled);
    }
}

/* Thousands of addresses are passed over at once, and the last row is reached. */
static void test_sequence_shard_of_a_huge_prefix_finds_its_row(void **state)
{
    static const struct input input = {"huge", {"db:80", "[1::]/80:1-65535"}, NULL, 0};
    const uint64_t shards = (UINT64_C(1) << 48) * 65535 + 1; /* as many as there are rows */
    const struct sequence_options options = {.shard = shards - 1, .shards = shards};
    struct rows rows;
    collect(&input, &options, &rows);
    claim_number("huge", "rows", rows.count, 1);
    claim_text("huge", "row", rows.texts[0], "[1::ffff:ffff:ffff]:65535");
    rows_release(&rows);
}

enum { LINES = 5000 };

/* Lines "h1:1", "h2:1" ..., every tenth invalid. To be freed by the caller. */
static char *write_lines(void)
{
    struct buffer text = BUFFER_EMPTY;
    for (int i = 1; i <= LINES; i++)
        buffer_add_format(&text, i % 10 == 0 ? "bad %d!\n" : "h%d:1\n", i);
    char *copy = strdup(buffer_text(&text));
    assert_non_null(copy);
    buffer_release(&text);
    return copy;
}

/* What is in flight has deadlines: rows of others are passed over some at a time. */
static void test_sequence_pauses_among_rows_of_others_and_loses_none(void **state)
{
    static const struct {
        uint64_t shard;
        uint64_t shards;
        size_t count;
        const char *first;
    } cases[] = {
        {0, 3000, 2, "h1:1"},
        {2998, 3000, 1, "h2999:1"},
        {2999, 3000, 1, "<bad 3000!>"},
        {1999, 3000, 2, "<bad 2000!>"},
        {LINES - 1, LINES, 1, "<bad 5000!>"},
        {LINES, LINES + 1, 0, NULL},
        {UINT64_MAX - 1, UINT64_MAX, 0, NULL},
    };
    char *content = write_lines();
    const struct input input = {"many lines", {NULL}, content, LINES};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct sequence_options options = {.shard = cases[i].shard,
                                                 .shards = cases[i].shards};
        char label[LABEL_SIZE];
        struct rows rows;
        (void)snprintf(label, sizeof label, "%llu/%llu", (unsigned long long)cases[i].shard + 1,
                       (unsigned long long)cases[i].shards);
        collect(&input, &options, &rows);
        claim_number(label, "rows", rows.count, cases[i].count);
        if (rows.count > 0)
            claim_text(label, "first row", rows.texts[0], cases[i].first);
        claim_true(label, "pauses, and not many",
                   rows.pauses >= 2 && rows.pauses <= LINES / 100);
        rows_release(&rows);
    }
    free(content);
}

static void test_sequence_of_many_lines_pauses_only_while_it_is_shuffled(void **state)
{
    const struct sequence_options options = {.shards = 1, .is_shuffled = true, .seed = 3};
    char *content = write_lines();
    const struct input input = {"many lines", {NULL}, content, LINES};
    struct rows rows;
    size_t pauses;
    collect(&input, &whole, &rows);
    assert_int_equal(rows.count, LINES);
    assert_int_equal(rows.pauses, 0);
    rows_release(&rows);
    claim_same_rows(&input, &options, &pauses);
    assert_in_range(pauses, 2, LINES / 100);
    free(content);
}

/* A sequence of a pipe, whose writing end is `*fd`. */
static void tap_open_pipe(struct tap *tap, const struct sequence_options *options, int *fd)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    (void)snprintf(tap->path, sizeof tap->path, "/dev/fd/%d", ends[0]);
    assert_int_equal(source_new(&no_rules, &tap->source), ERROR_NONE);
    assert_int_equal(source_add_file(tap->source, tap->path), ERROR_NONE);
    assert_int_equal(close(ends[0]), 0); /* it was opened again */
    sequence_init(&tap->sequence, tap->source, options);
    *fd = ends[1];
}

static void feed_pipe(struct tap *tap, int fd, const char *text)
{
    assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    source_set_ready(tap->source);
}

static void claim_next(const char *label, struct tap *tap, const char *expected)
{
    struct endpoint endpoint;
    claim_error(label, sequence_next(&tap->sequence, &endpoint), ERROR_NONE);
    char *text = text_of(&endpoint);
    claim_text(label, "row", text, expected);
    free(text);
}

static void test_sequence_waits_for_a_stream(void **state)
{
    struct tap tap;
    struct endpoint endpoint;
    int fd = -1;
    tap_open_pipe(&tap, &whole, &fd);
    claim_error("empty", sequence_next(&tap.sequence, &endpoint), ERROR_AGAIN);
    feed_pipe(&tap, fd, "db:22,80\nwe");
    claim_next("a line and a half", &tap, "db:22");
    claim_next("a line and a half", &tap, "db:80");
    claim_error("half a line", sequence_next(&tap.sequence, &endpoint), ERROR_AGAIN);
    feed_pipe(&tap, fd, "b:443\n");
    claim_next("the other half", &tap, "web:443");
    assert_int_equal(close(fd), 0);
    source_set_ready(tap.source);
    claim_error("end", sequence_next(&tap.sequence, &endpoint), ERROR_END);
    tap_close(&tap);
}

/* While it waits, a shard remembers how many rows of others it has yet to pass over. */
static void test_sequence_shard_waits_for_its_rows_of_a_stream(void **state)
{
    const struct sequence_options options = {.shard = 2, .shards = 3};
    struct tap tap;
    struct endpoint endpoint;
    int fd = -1;
    tap_open_pipe(&tap, &options, &fd);
    feed_pipe(&tap, fd, "h0:1\n");
    claim_error("one row", sequence_next(&tap.sequence, &endpoint), ERROR_AGAIN);
    assert_true(tap.sequence.has_targets);
    feed_pipe(&tap, fd, "a b\n");
    claim_error("two rows", sequence_next(&tap.sequence, &endpoint), ERROR_AGAIN);
    feed_pipe(&tap, fd, "h2:1-5\n");
    claim_next("first row", &tap, "h2:1");
    claim_next("second row", &tap, "h2:4");
    claim_error("one left over", sequence_next(&tap.sequence, &endpoint), ERROR_AGAIN);
    feed_pipe(&tap, fd, "h7:1\nh8:1\n");
    claim_next("third row", &tap, "h8:1");
    assert_int_equal(close(fd), 0);
    tap_close(&tap);
}

static void test_sequence_shuffle_waits_for_the_end_of_a_stream(void **state)
{
    const struct sequence_options options = {.shards = 1, .is_shuffled = true, .seed = 1};
    struct tap tap;
    struct endpoint endpoint;
    struct rows rows;
    int fd = -1;
    tap_open_pipe(&tap, &options, &fd);
    for (int i = 0; i < 3; i++) {
        claim_error("open", sequence_next(&tap.sequence, &endpoint), ERROR_AGAIN);
        feed_pipe(&tap, fd, "db:1-4\n");
    }
    claim_error("open", sequence_next(&tap.sequence, &endpoint), ERROR_AGAIN);
    assert_true(tap.sequence.total == UINT64_MAX);
    assert_int_equal(close(fd), 0);
    source_set_ready(tap.source);
    drain("closed", &tap.sequence, &rows);
    assert_int_equal(rows.count, 12);
    assert_int_equal(tap.sequence.total, 12);
    rows_release(&rows);
    tap_close(&tap);
}

/* What was kept before the end is dropped: the sanitizer sees what is not. */
static void test_sequence_release_drops_what_was_not_asked(void **state)
{
    for (int is_shuffled = 0; is_shuffled <= 1; is_shuffled++) {
        const struct sequence_options options = {.shards = 2, .is_shuffled = is_shuffled == 1};
        struct tap tap;
        struct endpoint endpoint;
        tap_open(&tap, &inputs[ARRAY_LEN(inputs) - 1], &options);
        claim_error("first", sequence_next(&tap.sequence, &endpoint), ERROR_NONE);
        struct target *target = target_hold(endpoint.target);
        claim_true("held twice", "more than one reference", target->references > 1);
        tap_close(&tap);
        claim_number("released", "references", target->references, 1);
        target_drop(target);
    }
}

/* Reading it fails, opening it does not; the files around it are read. */
static void test_sequence_goes_on_behind_a_file_that_fails(void **state)
{
    static const char failing[] = "/proc/self/mem";
    static const struct input input = {"around it", {"db:80"}, "web:443\n", 2};
    if (access(failing, R_OK) != 0)
        skip();
    for (int is_shuffled = 0; is_shuffled <= 1; is_shuffled++) {
        const struct sequence_options options = {.shards = 1, .is_shuffled = is_shuffled == 1};
        char last[PATH_SIZE];
        struct tap tap;
        struct rows rows;
        size_t count = 0;
        enum error error;
        struct endpoint endpoint;
        tap_open(&tap, &input, &options);
        assert_int_equal(source_add_file(tap.source, failing), ERROR_NONE);
        add_file(tap.source, last, "last:1\n");
        while ((error = sequence_next(&tap.sequence, &endpoint)) == ERROR_NONE)
            count++;
        claim_error("in front of it", error, ERROR_SYSTEM);
        claim_text("file", "path", source_path(tap.source), failing);
        source_skip(tap.source);
        drain("behind it", &tap.sequence, &rows);
        claim_number("both", "rows", count + rows.count, 3);
        rows_release(&rows);
        tap_close(&tap);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequence_shards_deal_the_rows_out_in_turn),
        cmocka_unit_test(test_sequence_one_shard_of_one_is_all_rows_in_order),
        cmocka_unit_test(test_sequence_shuffled_shard_has_the_rows_of_the_shard),
        cmocka_unit_test(test_sequence_same_seed_gives_the_same_order),
        cmocka_unit_test(test_sequence_total_is_that_of_the_shard),
        cmocka_unit_test(test_sequence_passes_over_what_is_excluded),
        cmocka_unit_test(test_sequence_jumps_over_a_range_and_pauses_among_single_rows),
        cmocka_unit_test(test_sequence_without_rows_ends_at_once),
        cmocka_unit_test(test_sequence_shuffle_of_more_than_2_to_the_62_is_refused),
        cmocka_unit_test(test_sequence_shard_of_a_huge_prefix_finds_its_row),
        cmocka_unit_test(test_sequence_pauses_among_rows_of_others_and_loses_none),
        cmocka_unit_test(test_sequence_of_many_lines_pauses_only_while_it_is_shuffled),
        cmocka_unit_test(test_sequence_waits_for_a_stream),
        cmocka_unit_test(test_sequence_shard_waits_for_its_rows_of_a_stream),
        cmocka_unit_test(test_sequence_shuffle_waits_for_the_end_of_a_stream),
        cmocka_unit_test(test_sequence_release_drops_what_was_not_asked),
        cmocka_unit_test(test_sequence_goes_on_behind_a_file_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
