#include "netcheck/base/duration.h"

#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"

struct unit {
    const char *name;
    const char *other_names; /* what it is called elsewhere, separated by blanks */
    int64_t unit_ns;
};

/* In the order in which they are joined. */
static const struct unit units[] = {
    {"d", "day days", 86400 * NS_PER_S},
    {"h", "hr hrs hour hours", 3600 * NS_PER_S},
    {"m", "min mins minute minutes", 60 * NS_PER_S},
    {"s", "sec secs second seconds", NS_PER_S},
    {"ms", "msec msecs millis millisecond milliseconds", NS_PER_MS},
};

enum { UNIT_COUNT = ARRAY_LEN(units), UNIT_SECONDS = 3 };

/* "1.5h": its digits, and its unit. */
struct part {
    const char *whole;
    size_t whole_len;
    const char *fraction;
    size_t fraction_len;
    size_t unit; /* its index */
    bool has_unit;
};

static size_t count_digits(const char *text)
{
    size_t count = 0;
    while (ascii_is_digit(text[count]))
        count++;
    return count;
}

static size_t find_unit(const char *name, size_t len)
{
    size_t i = 0;
    while (i < UNIT_COUNT &&
           (strlen(units[i].name) != len || memcmp(units[i].name, name, len) != 0))
        i++;
    return i;
}

/* Read the part that `text` begins with. Returns what is behind it, or NULL for none. */
static const char *read_part(const char *text, struct part *part)
{
    *part = (struct part){.whole = text, .whole_len = count_digits(text), .unit = UNIT_SECONDS};
    text += part->whole_len;
    if (*text == '.') {
        part->fraction = ++text;
        part->fraction_len = count_digits(text);
        text += part->fraction_len;
    }
    if (part->whole_len + part->fraction_len == 0)
        return NULL;
    size_t len = strcspn(text, ".0123456789");
    part->has_unit = len > 0;
    if (part->has_unit)
        part->unit = find_unit(text, len);
    return part->unit < UNIT_COUNT ? text + len : NULL;
}

/* value * unit_ns + add_ns, or -1 where that does not fit. */
static int64_t multiply_add(int64_t value, int64_t unit_ns, int64_t add_ns)
{
    if (value > (INT64_MAX - add_ns) / unit_ns)
        return -1;
    return value * unit_ns + add_ns;
}

/* add_ns and the part, or -1 where that does not fit. */
static int64_t add_part(int64_t add_ns, const struct part *part)
{
    int64_t unit_ns = units[part->unit].unit_ns;
    int64_t fraction_ns = 0;
    /* From the last digit to the first, so that nothing is lost but what is below a nanosecond
       in the end. */
    for (size_t i = part->fraction_len; i > 0; i--)
        fraction_ns = ((part->fraction[i - 1] - '0') * unit_ns + fraction_ns) / 10;
    int64_t whole = 0;
    for (size_t i = 0; i < part->whole_len && whole >= 0; i++)
        whole = multiply_add(whole, 10, part->whole[i] - '0');
    if (whole < 0 || add_ns > INT64_MAX - fraction_ns)
        return -1;
    return multiply_add(whole, unit_ns, add_ns + fraction_ns);
}

enum error duration_parse(const char *text, int64_t *duration_ns)
{
    int64_t total_ns = 0; /* -1: it does not fit */
    size_t next = 0;      /* the largest unit that may come */
    const char *behind = NULL;
    for (const char *p = text; p == text || *p != '\0'; p = behind) {
        struct part part;
        behind = read_part(p, &part);
        if (behind == NULL || part.unit < next)
            return ERROR_INVALID;
        bool is_whole = p == text && *behind == '\0';
        if (!part.has_unit && !is_whole)
            return ERROR_INVALID;
        next = part.unit + 1;
        if (total_ns >= 0)
            total_ns = add_part(total_ns, &part);
    }
    if (total_ns < 0)
        return ERROR_RANGE;
    *duration_ns = total_ns;
    return ERROR_NONE;
}

/* What may be meant: the number of each unit, "" for none. */
struct guess {
    char numbers[UNIT_COUNT][24];
    size_t last;   /* the unit of the latest part */
    bool is_plain; /* one number without a unit */
};

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p;
}

/* Whether a comma in it may separate thousands: "1,000" is either of two numbers. */
static bool is_ambiguous(const char *text, size_t len)
{
    const char *comma = memchr(text, ',', len);
    return comma != NULL && text[0] != '0' && comma > text && text + len - comma == 4;
}

/* "0,5" as "0.5", "1_000" as "1000". */
static bool guess_number(struct guess *guess, size_t unit, const char *text, size_t len)
{
    char *number = guess->numbers[unit];
    size_t number_len = 0;
    if (len >= sizeof guess->numbers[unit] || is_ambiguous(text, len) || number[0] != '\0')
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == ',')
            c = '.';
        if (c != '_')
            number[number_len++] = c;
    }
    number[number_len] = '\0';
    guess->last = unit;
    return number_len > 0;
}

/* The unit that `len` letters name, here or elsewhere, in capitals or not. */
static size_t guess_unit(const char *letters, size_t len)
{
    char name[16];
    if (len >= sizeof name)
        return UNIT_COUNT;
    for (size_t i = 0; i < len; i++)
        name[i] = ascii_lower(letters[i]);
    size_t unit = find_unit(name, len);
    for (size_t i = 0; unit == UNIT_COUNT && i < UNIT_COUNT; i++) {
        const char *p = units[i].other_names;
        for (; *p != '\0'; p += strspn(p, " ")) {
            size_t other_len = strcspn(p, " ");
            if (other_len == len && memcmp(p, name, len) == 0)
                unit = i;
            p += other_len;
        }
    }
    return unit;
}

/* Read a number and its unit. Returns what is behind them, or NULL where they are none. */
static const char *guess_part(struct guess *guess, const char *p, const char *end)
{
    const char *number = p;
    bool is_first = guess->last == UNIT_COUNT;
    while (p < end && (ascii_is_digit(*p) || ascii_is_one_of(*p, ".,_")))
        p++;
    size_t number_len = (size_t)(p - number);
    const char *letters = p = skip_blanks(p, end);
    while (p < end && ascii_is_letter(*p))
        p++;
    size_t unit = UNIT_COUNT;
    if (p > letters)
        unit = guess_unit(letters, (size_t)(p - letters));
    else if (p == end)
        unit = is_first ? UNIT_SECONDS : guess->last + 1;
    guess->is_plain = is_first && p == letters;
    bool is_part = unit < UNIT_COUNT && guess_number(guess, unit, number, number_len);
    return is_part ? skip_blanks(p, end) : NULL;
}

bool duration_suggest(const char *text, size_t len, struct buffer *out)
{
    struct guess guess = {.last = UNIT_COUNT};
    const char *end = text + len;
    const char *p = skip_blanks(text, end);
    if (p < end && *p == '+')
        p++;
    do {
        p = guess_part(&guess, p, end);
    } while (p != NULL && p < end);
    if (p == NULL)
        return false;
    struct buffer form = BUFFER_EMPTY;
    for (size_t i = 0; i < UNIT_COUNT; i++)
        if (guess.numbers[i][0] != '\0')
            buffer_add_format(&form, "%s%s", guess.numbers[i],
                              guess.is_plain ? "" : units[i].name);
    int64_t duration_ns = 0;
    bool is_valid = duration_parse(buffer_text(&form), &duration_ns) == ERROR_NONE;
    if (is_valid)
        buffer_add(out, form.bytes, form.len);
    buffer_release(&form);
    return is_valid;
}
