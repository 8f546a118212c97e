#include "html_strip.h"

#include "memory_runs.h"

enum {
    LINE_TOP = 1, /* of the line of latencies, in the 24 units of the picture's height */
    LINE_HEIGHT = 11,
};

enum kind {
    KIND_EXPECTED,
    KIND_UNEXPECTED,
    KIND_ERROR,
};

static enum kind kind_of(enum reason reason, bool expects_down)
{
    enum state state = reason_state(reason);
    if (state == STATE_ERROR)
        return KIND_ERROR;
    return (state == STATE_DOWN) == expects_down ? KIND_EXPECTED : KIND_UNEXPECTED;
}

/* Without printf, which for the hundred numbers of a strip takes longer than all else of a
   row. */
static void add_number(struct buffer *out, int number)
{
    char digits[12];
    size_t at = sizeof digits;
    unsigned rest = number < 0 ? 0u - (unsigned)number : (unsigned)number;
    do
        digits[--at] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (number < 0)
        digits[--at] = '-';
    buffer_add(out, digits + at, sizeof digits - at);
}

static struct html_runs count_runs(const struct memory_run *items, size_t count,
                                   bool expects_down)
{
    struct html_runs runs = {.count = count, .most_ns = -1};
    for (size_t i = 0; i < count; i++) {
        const struct memory_run *run = &items[i];
        if (kind_of(run->reason, expects_down) != KIND_EXPECTED)
            continue;
        runs.expected++;
        if (run->latency_ns > runs.most_ns)
            runs.most_ns = run->latency_ns;
    }
    return runs;
}

/* Of an invalid line nothing is remembered. */
static size_t list_runs(const struct remembered *remembered, struct memory_run *items)
{
    return remembered != NULL ? memory_runs_list(remembered->runs, items) : 0;
}

struct html_runs html_runs_of(const struct remembered *remembered, bool expects_down)
{
    struct memory_run items[MEMORY_RUNS];
    size_t count = list_runs(remembered, items);
    return count_runs(items, count, expects_down);
}

/* The bars of one kind; the place of run 0 is behind those that are missing. */
static void add_bars(struct buffer *out, const enum kind *kinds, size_t count, enum kind kind)
{
    static const char *const beginnings[] = {
        [KIND_EXPECTED] = "<path class=\"k\" d=\"",
        [KIND_UNEXPECTED] = "<path class=\"x\" d=\"",
        [KIND_ERROR] = "<path class=\"e\" d=\"",
    };
    bool has_begun = false;
    size_t len;
    for (size_t i = 0; i < count; i += len) {
        for (len = 1; i + len < count && kinds[i + len] == kinds[i];)
            len++;
        if (kinds[i] != kind)
            continue;
        buffer_add_text(out, has_begun ? "" : beginnings[kind]);
        buffer_add_text(out, "M");
        add_number(out, (int)(MEMORY_RUNS - count + i));
        buffer_add_text(out, kind == KIND_EXPECTED ? " 19h" : " 12h");
        add_number(out, (int)len);
        has_begun = true;
    }
    buffer_add_text(out, has_begun ? "\"/>" : "");
}

static int height_of(int64_t latency_ns, int64_t most_ns)
{
    double share = most_ns > 0 ? (double)latency_ns / (double)most_ns : 0;
    return LINE_TOP + LINE_HEIGHT - (int)(share * LINE_HEIGHT + 0.5);
}

static void add_level(struct buffer *out, int *level)
{
    if (*level > 0) {
        buffer_add_text(out, "h");
        add_number(out, *level);
    }
    *level = 0;
}

/* From one latency to the next; equal ones are joined. */
static void add_steps(struct buffer *out, const struct memory_run *runs, size_t count,
                      int64_t most_ns)
{
    int level = 0;
    int before = height_of(runs[0].latency_ns, most_ns);
    for (size_t i = 1; i < count; i++) {
        int height = height_of(runs[i].latency_ns, most_ns);
        if (height == before) {
            level++;
            continue;
        }
        add_level(out, &level);
        buffer_add_text(out, height < before ? "l1" : "l1 ");
        add_number(out, height - before);
        before = height;
    }
    add_level(out, &level);
}

/* It is broken where there was no answer, or another one; one answer alone makes no line. */
static void add_line(struct buffer *out, const struct memory_run *runs, const enum kind *kinds,
                     size_t count, int64_t most_ns)
{
    bool has_begun = false;
    size_t len;
    for (size_t i = 0; i < count; i += len + 1) {
        for (len = 0; i + len < count && kinds[i + len] == KIND_EXPECTED &&
                      runs[i + len].latency_ns >= 0;)
            len++;
        if (len < 2)
            continue;
        buffer_add_text(out, has_begun ? "M" : "<path class=\"l\" d=\"M");
        add_number(out, (int)(MEMORY_RUNS - count + i));
        buffer_add_text(out, " ");
        add_number(out, height_of(runs[i].latency_ns, most_ns));
        add_steps(out, runs + i, len, most_ns);
        has_begun = true;
    }
    buffer_add_text(out, has_begun ? "\"/>" : "");
}

void html_strip(struct buffer *out, const struct remembered *remembered, bool expects_down)
{
    struct memory_run runs[MEMORY_RUNS];
    enum kind kinds[MEMORY_RUNS];
    size_t count = list_runs(remembered, runs);
    if (count == 0)
        return;
    struct html_runs totals = count_runs(runs, count, expects_down);
    for (size_t i = 0; i < count; i++)
        kinds[i] = kind_of(runs[i].reason, expects_down);
    buffer_add_text(out, "<svg viewBox=\"0 0 90 24\" preserveAspectRatio=\"none\" role=\"img\" "
                         "aria-label=\"");
    add_number(out, (int)totals.expected);
    buffer_add_text(out, " of the last ");
    add_number(out, (int)totals.count);
    buffer_add_text(out, totals.count == 1 ? " run as expected\">" : " runs as expected\">");
    for (enum kind kind = KIND_EXPECTED; kind <= KIND_ERROR; kind++)
        add_bars(out, kinds, count, kind);
    add_line(out, runs, kinds, count, totals.most_ns);
    buffer_add_text(out, "</svg>");
}
