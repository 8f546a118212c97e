#include "netcheck/base/duration.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"

struct unit {
    const char *name;
    int64_t unit_ns;
};

static const struct unit units[] = {
    {"", NS_PER_S},       {"ms", NS_PER_MS},      {"s", NS_PER_S},
    {"m", 60 * NS_PER_S}, {"h", 3600 * NS_PER_S},
};

static int64_t find_unit(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (strcmp(name, units[i].name) == 0)
            return units[i].unit_ns;
    return 0;
}

/* value * unit_ns + add_ns, or -1 where that does not fit. */
static int64_t multiply_add(int64_t value, int64_t unit_ns, int64_t add_ns)
{
    if (value > (INT64_MAX - add_ns) / unit_ns)
        return -1;
    return value * unit_ns + add_ns;
}

enum error duration_parse(const char *text, int64_t *duration_ns)
{
    const char *end = text;
    while (ascii_is_digit(*end))
        end++;
    const char *fraction = end;
    size_t fraction_len = 0;
    if (*end == '.') {
        fraction = ++end;
        while (ascii_is_digit(*end))
            end++;
        fraction_len = (size_t)(end - fraction);
        if (fraction_len == 0)
            return ERROR_INVALID;
    }
    int64_t unit_ns = find_unit(end);
    if (!ascii_is_digit(*text) || unit_ns == 0)
        return ERROR_INVALID;

    int64_t fraction_ns = 0;
    int64_t digit_ns = unit_ns / 10;
    for (size_t i = 0; i < fraction_len; i++, digit_ns /= 10)
        fraction_ns += (fraction[i] - '0') * digit_ns;

    int64_t whole = 0;
    for (const char *p = text; ascii_is_digit(*p); p++) {
        whole = multiply_add(whole, 10, *p - '0');
        if (whole < 0)
            return ERROR_RANGE;
    }
    int64_t total_ns = multiply_add(whole, unit_ns, fraction_ns);
    if (total_ns < 0)
        return ERROR_RANGE;
    *duration_ns = total_ns;
    return ERROR_NONE;
}
