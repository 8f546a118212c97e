#include "netcheck/base/punycode.h"

#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/base/utf8.h"

enum {
    LABEL_MAX_LEN = 63,
    /* RFC 3492 section 5 */
    BASE = 36,
    T_MIN = 1,
    T_MAX = 26,
    SKEW = 38,
    DAMP = 700,
    FIRST_BIAS = 72,
    FIRST_CODE = 0x80,
};

/* What becomes of the characters of a range. */
enum change {
    KEEP,      /* small already, or of a script without capitals */
    ADD,       /* the small one is `step` behind */
    PAIR_EVEN, /* capitals are even, the small one is the next */
    PAIR_ODD,  /* capitals are odd */
};

struct range {
    uint32_t first;
    uint32_t last;
    enum change change;
    int32_t step;
};

/* What is missing is not known: ligatures, marks, what normalization would change. */
static const struct range ranges[] = {
    {0xc0, 0xd6, ADD, 32},
    {0xd8, 0xde, ADD, 32},
    {0xdf, 0xf6, KEEP, 0},
    {0xf8, 0xff, KEEP, 0},
    {0x100, 0x12f, PAIR_EVEN, 0},
    {0x131, 0x131, KEEP, 0},
    {0x134, 0x137, PAIR_EVEN, 0},
    {0x138, 0x138, KEEP, 0},
    {0x139, 0x13e, PAIR_ODD, 0},
    {0x141, 0x148, PAIR_ODD, 0},
    {0x14a, 0x177, PAIR_EVEN, 0},
    {0x178, 0x178, ADD, 0xff - 0x178},
    {0x179, 0x17e, PAIR_ODD, 0},
    {0x1cd, 0x1dc, PAIR_ODD, 0},
    {0x1dd, 0x1dd, KEEP, 0},
    {0x1de, 0x1ef, PAIR_EVEN, 0},
    {0x1f8, 0x21f, PAIR_EVEN, 0},
    {0x222, 0x233, PAIR_EVEN, 0},
    {0x386, 0x386, ADD, 38},
    {0x388, 0x38a, ADD, 37},
    {0x38c, 0x38c, ADD, 64},
    {0x38e, 0x38f, ADD, 63},
    {0x391, 0x3a1, ADD, 32},
    {0x3a3, 0x3ab, ADD, 32},
    {0x390, 0x390, KEEP, 0},
    {0x3ac, 0x3ce, KEEP, 0},
    {0x400, 0x40f, ADD, 80},
    {0x410, 0x42f, ADD, 32},
    {0x430, 0x45f, KEEP, 0},
    {0x460, 0x481, PAIR_EVEN, 0},
    {0x48a, 0x4bf, PAIR_EVEN, 0},
    {0x4c1, 0x4ce, PAIR_ODD, 0},
    {0x4d0, 0x52f, PAIR_EVEN, 0},
    {0x531, 0x556, ADD, 48},
    {0x561, 0x586, KEEP, 0},
    {0x5d0, 0x5ea, KEEP, 0}, /* Hebrew */
    {0x621, 0x63f, KEEP, 0}, /* Arabic */
    {0x641, 0x64a, KEEP, 0}, /* without tatweel */
    {0x671, 0x674, KEEP, 0},
    {0x679, 0x6d3, KEEP, 0},
    {0x904, 0x928, KEEP, 0}, /* Devanagari, without what the nukta composes */
    {0x92a, 0x930, KEEP, 0},
    {0x932, 0x933, KEEP, 0},
    {0x935, 0x939, KEEP, 0},
    {0x93e, 0x94d, KEEP, 0},
    {0xe01, 0xe32, KEEP, 0}, /* Thai */
    {0xe34, 0xe3a, KEEP, 0},
    {0xe40, 0xe4e, KEEP, 0},
    {0x10d0, 0x10fa, KEEP, 0}, /* Georgian */
    {0x1e00, 0x1e95, PAIR_EVEN, 0},
    {0x1e96, 0x1e99, KEEP, 0},
    {0x1ea0, 0x1eff, PAIR_EVEN, 0},
    {0x3005, 0x3005, KEEP, 0}, /* repeats an ideograph */
    {0x3041, 0x3096, KEEP, 0}, /* kana */
    {0x30a1, 0x30fa, KEEP, 0},
    {0x30fc, 0x30fc, KEEP, 0},
    {0x3400, 0x4dbf, KEEP, 0}, /* ideographs */
    {0x4e00, 0x9fff, KEEP, 0},
    {0xac00, 0xd7a3, KEEP, 0}, /* Hangul */
    {0xff0d, 0xff0d, ADD, 0x20 - 0xff00},
    {0xff10, 0xff19, ADD, 0x20 - 0xff00},
    {0xff21, 0xff3a, ADD, 0x40 - 0xff00}, /* small, too */
    {0xff41, 0xff5a, ADD, 0x20 - 0xff00},
    {0x20000, 0x2a6df, KEEP, 0},
};

static bool is_dot(uint32_t c)
{
    return c == '.' || c == 0x3002 || c == 0xff0e || c == 0xff61;
}

/* The small form; false where it is not known. */
static bool fold(uint32_t c, uint32_t *folded)
{
    if (c < 0x80) {
        bool is_allowed = ascii_is_letter((char)c) || ascii_is_digit((char)c) || c == '-';
        *folded = (unsigned char)ascii_lower((char)c);
        return is_allowed || c == '_';
    }
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        const struct range *range = &ranges[i];
        if (c < range->first || c > range->last)
            continue;
        bool is_capital = (range->change == PAIR_EVEN && c % 2 == 0) ||
                          (range->change == PAIR_ODD && c % 2 == 1);
        *folded = range->change == ADD ? (uint32_t)((int32_t)c + range->step) : c + is_capital;
        return true;
    }
    return false;
}

/* RFC 3492 section 6.1 */
static uint32_t adapt(uint32_t delta, uint32_t count, bool is_first)
{
    uint32_t k = 0;
    delta = is_first ? delta / DAMP : delta / 2;
    delta += delta / count;
    for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static void add_digit(struct buffer *out, uint32_t digit)
{
    char c = (char)(digit < 26 ? 'a' + digit : '0' + digit - 26);
    buffer_add(out, &c, 1);
}

static void add_delta(struct buffer *out, uint32_t delta, uint32_t bias)
{
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
        if (delta < t)
            break;
        add_digit(out, t + (delta - t) % (BASE - t));
        delta = (delta - t) / (BASE - t);
    }
    add_digit(out, delta);
}

static uint32_t least_from(const uint32_t *label, size_t count, uint32_t from)
{
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; i < count; i++)
        if (label[i] >= from && label[i] < least)
            least = label[i];
    return least;
}

/* RFC 3492 section 6.3; at most 63 characters below 2^18: nothing overflows 32 bits. */
static void encode(struct buffer *out, const uint32_t *label, size_t count)
{
    uint32_t done = 0;
    for (size_t i = 0; i < count; i++) {
        if (label[i] >= FIRST_CODE)
            continue;
        char c = (char)label[i];
        buffer_add(out, &c, 1);
        done++;
    }
    uint32_t basic = done;
    if (basic > 0)
        buffer_add_text(out, "-");
    uint32_t code = FIRST_CODE;
    uint32_t delta = 0;
    uint32_t bias = FIRST_BIAS;
    for (; done < count; code++, delta++) {
        uint32_t next = least_from(label, count, code);
        delta += (next - code) * (done + 1);
        code = next;
        for (size_t i = 0; i < count; i++) {
            delta += label[i] < code;
            if (label[i] != code)
                continue;
            add_delta(out, delta, bias);
            bias = adapt(delta, done + 1, done == basic);
            delta = 0;
            done++;
        }
    }
}

/* The characters of the label at `name`, folded; its bytes, or 0 where it is not known. */
static size_t read_label(const char *name, size_t len, uint32_t label[LABEL_MAX_LEN],
                         size_t *count)
{
    size_t at = 0;
    uint32_t c;
    for (*count = 0; at < len; (*count)++) {
        size_t n = utf8_decode(name + at, len - at, &c);
        if (n > 0 && is_dot(c))
            break;
        if (n == 0 || *count == LABEL_MAX_LEN || !fold(c, &label[*count]))
            return 0;
        at += n;
    }
    return at;
}

/* As it is where it is ASCII. */
static bool add_label(struct buffer *out, const char *name, size_t len, const uint32_t *label,
                      size_t count)
{
    size_t start = out->len;
    bool is_ascii = least_from(label, count, FIRST_CODE) == UINT32_MAX;
    if (is_ascii && len == count)
        buffer_add(out, name, len);
    for (size_t i = 0; is_ascii && len != count && i < count; i++)
        buffer_add_format(out, "%c", (char)label[i]);
    if (!is_ascii) {
        buffer_add_text(out, "xn--");
        encode(out, label, count);
    }
    return out->len - start <= LABEL_MAX_LEN;
}

bool punycode_name(struct buffer *out, const char *name, size_t len)
{
    size_t start = out->len;
    bool is_known = len > 0;
    for (size_t at = 0; at < len && is_known;) {
        uint32_t label[LABEL_MAX_LEN];
        size_t count = 0;
        size_t bytes = read_label(name + at, len - at, label, &count);
        is_known = bytes > 0 && add_label(out, name + at, bytes, label, count);
        at += bytes;
        if (at < len) {
            uint32_t dot;
            buffer_add_text(out, ".");
            at += utf8_decode(name + at, len - at, &dot);
        }
    }
    if (!is_known)
        out->len = start;
    return is_known;
}
