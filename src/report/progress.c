#include "netcheck/report/progress.h"

#include "netcheck/base/base.h"

static const int64_t first_ns = 1 * NS_PER_S; /* a shorter run needs none */
static const int64_t redraw_ns = 200 * NS_PER_MS;
static const int64_t line_ns = 10 * NS_PER_S; /* where every one stays */
static const int64_t memory_ns = 5 * NS_PER_S;

void progress_init(struct progress *progress, bool is_on, bool is_terminal, int64_t now_ns)
{
    *progress = (struct progress){
        .is_on = is_on,
        .is_terminal = is_terminal,
        .began_ns = now_ns,
        .due_ns = now_ns + (is_terminal ? first_ns : line_ns),
        .sampled_ns = now_ns,
    };
}

int64_t progress_due_ns(const struct progress *progress)
{
    return progress->is_on ? progress->due_ns : NEVER_NS;
}

/* An average whose weights halve about every three seconds; from the start, the plain one. */
static void sample(struct progress *progress, const struct progress_counts *counts,
                   int64_t now_ns)
{
    int64_t passed_ns = now_ns - progress->sampled_ns;
    if (passed_ns < redraw_ns / 2)
        return;
    int64_t age_ns = now_ns - progress->began_ns;
    int64_t window_ns = age_ns < memory_ns ? age_ns : memory_ns;
    double weight = passed_ns < window_ns ? (double)passed_ns / (double)window_ns : 1.0;
    double now_rate =
        (double)(counts->done - progress->sampled) * (double)NS_PER_S / (double)passed_ns;
    progress->rate += (now_rate - progress->rate) * weight;
    progress->sampled_ns = now_ns;
    progress->sampled = counts->done;
}

/* A time of which the larger part is still of interest. */
static void add_time(struct buffer *out, double time_s)
{
    static const struct {
        double below_s;
        double unit_s;
        const char *unit;
    } units[] = {{100, 1, " s"}, {6000, 60, " min"}, {360000, 3600, " h"}};
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (time_s < units[i].below_s) {
            buffer_add_decimal(out, time_s / units[i].unit_s, 0, 0);
            buffer_add_text(out, units[i].unit);
            return;
        }
    }
    buffer_add_decimal(out, time_s / 86400, 0, 0);
    buffer_add_text(out, " days");
}

static void add_left(const struct progress *progress, struct buffer *out,
                     const struct progress_counts *counts)
{
    if (counts->total == UINT64_MAX || progress->rate <= 0)
        return;
    double left_s = (double)(counts->total - counts->done) / progress->rate;
    if (left_s >= 100000 * 86400.0) /* nothing was finished for long */
        return;
    buffer_add_text(out, "  ");
    add_time(out, left_s);
    buffer_add_text(out, " left");
}

static void add_done(struct buffer *out, const struct progress_counts *counts)
{
    buffer_add_format(out, "%llu", (unsigned long long)counts->done);
    if (counts->total != UINT64_MAX)
        buffer_add_format(out, "/%llu", (unsigned long long)counts->total);
}

static void add_states(struct buffer *out, const struct progress_counts *counts)
{
    buffer_add_format(out, "  up %llu  down %llu  error %llu",
                      (unsigned long long)counts->states[STATE_UP],
                      (unsigned long long)counts->states[STATE_DOWN],
                      (unsigned long long)counts->states[STATE_ERROR]);
}

static void describe_wait(const struct progress *progress, struct buffer *out,
                          const struct progress_counts *counts, int64_t now_ns)
{
    progress_conclude(out, counts);
    bool is_bounded = counts->until_ns != NEVER_NS;
    int64_t left_ns = counts->until_ns > now_ns ? counts->until_ns - now_ns : 0;
    int64_t shown_ns = is_bounded ? left_ns : now_ns - progress->began_ns;
    buffer_add_text(out, is_bounded ? "  " : "  after ");
    add_time(out, (double)shown_ns / (double)NS_PER_S);
    buffer_add_text(out, is_bounded ? " left" : "");
}

void progress_describe(struct progress *progress, struct buffer *out,
                       const struct progress_counts *counts, int64_t now_ns)
{
    if (counts->is_waiting) {
        describe_wait(progress, out, counts, now_ns);
        return;
    }
    sample(progress, counts, now_ns);
    add_done(out, counts);
    buffer_add_text(out, "  ");
    buffer_add_decimal(out, progress->rate, 0, 0);
    buffer_add_text(out, "/s");
    add_states(out, counts);
    add_left(progress, out, counts);
}

void progress_conclude(struct buffer *out, const struct progress_counts *counts)
{
    add_done(out, counts);
    buffer_add_text(out, " as expected");
}

void progress_draw(struct progress *progress, struct buffer *out,
                   const struct progress_counts *counts, unsigned width, int64_t now_ns)
{
    if (!progress->is_on || now_ns < progress->due_ns)
        return;
    progress->due_ns = now_ns + (progress->is_terminal ? redraw_ns : line_ns);
    struct buffer line = BUFFER_EMPTY;
    progress_describe(progress, &line, counts, now_ns);
    size_t len = progress->is_terminal && line.len >= width ? width - 1 : line.len;
    if (progress->is_terminal)
        progress_hide(progress, out);
    buffer_add(out, line.bytes, len);
    if (!progress->is_terminal)
        buffer_add_text(out, "\n");
    progress->is_drawn = progress->is_terminal;
    buffer_release(&line);
}

void progress_hide(struct progress *progress, struct buffer *out)
{
    if (!progress->is_drawn)
        return;
    buffer_add_text(out, "\r\033[K"); /* ECMA-48 EL: every terminal that has a width has it */
    progress->is_drawn = false;
}
