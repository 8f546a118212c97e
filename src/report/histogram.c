/*
 * histogram: how the connect times are distributed, as bars.
 */
#include "netcheck/report/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "netcheck/base/base.h"

enum {
    ROWS = 10,
    LABEL_WIDTH = 18, /* "134218 - 136315 ms": no bound has more than six characters */
    BAR_WIDTH = 40,   /* with margin, label and the largest count: 79 columns */
    EIGHTHS = 8,
};

/* Rows of the same width from from_ns on. */
struct scale {
    int64_t from_ns;
    int64_t width_ns;
};

struct histogram {
    struct scale scale;
    bool is_open; /* the last row has no end */
    uint64_t counts[ROWS];
    uint64_t most;   /* of counts[] */
    int count_width; /* characters of the largest count */
    int bound_width; /* characters of the last bound */
    int decimals;    /* of bounds in milliseconds */
    bool is_unicode;
};

static int64_t bound_of(const struct scale *scale, int row)
{
    return scale->from_ns + row * scale->width_ns;
}

/*
 * The last latency that rows of the same width must reach. What lies behind Tukey's outer fence
 * is not among them, or a single lost SYN (1 s) would press everything else into the first row:
 * three quarters of the latencies decide where it stands, however far away the others are; of
 * an exponential tail 1 % is behind it.
 */
static int64_t find_end(const struct stats *stats)
{
    int64_t quarter_ns = stats_quantile(stats, 25);
    int64_t three_quarters_ns = stats_quantile(stats, 75);
    int64_t fence_ns = three_quarters_ns + 3 * (three_quarters_ns - quarter_ns);
    uint64_t inside =
        quantiles_count(&stats->quantiles, 0, fence_ns + quantiles_width(fence_ns));
    double total = (double)stats->quantiles.total;
    return stats_quantile(stats, 100 * ((double)inside - 0.5) / total); /* of rank `inside` */
}

/* `rows` rows, each a multiple of step_ns; what does not fill them is put in the middle. */
static struct scale fit_scale(int64_t from_ns, int64_t to_ns, int64_t step_ns, int rows)
{
    int64_t first = from_ns / step_ns;
    int64_t steps = to_ns / step_ns - first + 1;
    int64_t steps_a_row = (steps + rows - 1) / rows;
    int64_t used_rows = (steps + steps_a_row - 1) / steps_a_row;
    int64_t margin = (rows - used_rows) / 2 * steps_a_row;
    first -= margin < first ? margin : first;
    return (struct scale){first * step_ns, steps_a_row * step_ns};
}

/*
 * Each row is a whole number of buckets of the quantiles: a row with one bucket more than its
 * neighbours would show a peak that is not there.
 */
static struct scale choose_scale(const struct stats *stats)
{
    int64_t to_ns = find_end(stats);
    int rows = to_ns + quantiles_width(to_ns) < stats->max_ns ? ROWS - 1 : ROWS;
    int64_t widest_ns = quantiles_width(to_ns);
    int64_t step_ns = 0;
    struct scale scale = {0, 0};
    while (step_ns < widest_ns) {
        step_ns = widest_ns;
        scale = fit_scale(stats->min_ns, to_ns, step_ns, rows);
        widest_ns = quantiles_width(bound_of(&scale, ROWS) - 1);
    }
    return scale;
}

/* The first row begins at 0 and the last one never ends, so that nothing is lost. */
static void count_rows(struct histogram *histogram, const struct quantiles *quantiles)
{
    for (int i = 0; i < ROWS; i++) {
        int64_t from_ns = i > 0 ? bound_of(&histogram->scale, i) : 0;
        int64_t to_ns = i + 1 < ROWS ? bound_of(&histogram->scale, i + 1) : INT64_MAX;
        histogram->counts[i] = quantiles_count(quantiles, from_ns, to_ns);
        if (histogram->counts[i] > histogram->most)
            histogram->most = histogram->counts[i];
    }
}

static double to_milliseconds(int64_t duration_ns)
{
    return (double)duration_ns / (double)NS_PER_MS;
}

/* Enough decimals to tell one bound from the next. */
static int choose_decimals(int64_t width_ns)
{
    if (width_ns < NS_PER_MS / 10)
        return 3;
    return width_ns < NS_PER_MS ? 2 : width_ns < 10 * NS_PER_MS ? 1 : 0;
}

static void add_label(struct buffer *out, const struct histogram *histogram, int row)
{
    size_t start = out->len;
    double from_ms = to_milliseconds(bound_of(&histogram->scale, row));
    double to_ms = to_milliseconds(bound_of(&histogram->scale, row + 1));
    buffer_add_decimal(out, from_ms, histogram->decimals, histogram->bound_width);
    if (histogram->is_open && row + 1 == ROWS) {
        buffer_add_text(out, " ms and more");
    } else {
        buffer_add_text(out, " - ");
        buffer_add_decimal(out, to_ms, histogram->decimals, histogram->bound_width);
        buffer_add_text(out, " ms");
    }
    size_t len = out->len - start;
    buffer_add_format(out, "%*s", len < LABEL_WIDTH ? LABEL_WIDTH - (int)len : 0, "");
}

/* Blocks of n eighths are U+2588 (full) to U+258F (one eighth). */
static void add_blocks(struct buffer *out, uint64_t eighths)
{
    for (; eighths >= EIGHTHS; eighths -= EIGHTHS)
        buffer_add_text(out, "\xe2\x96\x88");
    const char part[] = {'\xe2', '\x96', (char)(0x90 - eighths)};
    if (eighths > 0)
        buffer_add(out, part, sizeof part);
}

/* The smallest count that is not 0 still has a bar. */
static void add_bar(struct buffer *out, const struct histogram *histogram, uint64_t count)
{
    uint64_t longest = histogram->is_unicode ? BAR_WIDTH * EIGHTHS : BAR_WIDTH;
    uint64_t length = (count * longest + histogram->most / 2) / histogram->most;
    if (count == 0)
        return;
    if (length == 0)
        length = 1;
    buffer_add_text(out, "  ");
    if (histogram->is_unicode)
        add_blocks(out, length);
    else
        while (length-- > 0)
            buffer_add_text(out, "#");
}

void report_histogram(struct buffer *out, const struct stats *stats, bool is_unicode)
{
    struct histogram histogram = {.is_unicode = is_unicode};
    if (stats->quantiles.total == 0)
        return;
    histogram.scale = choose_scale(stats);
    histogram.is_open = stats->max_ns >= bound_of(&histogram.scale, ROWS);
    count_rows(&histogram, &stats->quantiles);
    histogram.decimals = choose_decimals(histogram.scale.width_ns);
    histogram.count_width = (int)snprintf(NULL, 0, "%" PRIu64, histogram.most);
    histogram.bound_width = (int)snprintf(NULL, 0, "%.*f", histogram.decimals,
                                          to_milliseconds(bound_of(&histogram.scale, ROWS)));
    for (int i = 0; i < ROWS; i++) {
        buffer_add_text(out, "  ");
        add_label(out, &histogram, i);
        buffer_add_format(out, "  %*" PRIu64, histogram.count_width, histogram.counts[i]);
        add_bar(out, &histogram, histogram.counts[i]);
        buffer_add_text(out, "\n");
    }
}
