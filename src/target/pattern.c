#include "pattern.h"

#include <stdint.h>
#include <string.h>

#include "netcheck/base/address.h"
#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/base/utf8.h"

enum {
    PLAIN_SIZE = 64, /* more than two addresses have */
    OCTETS = 4,
    OCTET_MAX = 255,
};

/* What each octet of an address may be, as nmap reads it. */
struct octets {
    unsigned low[OCTETS];
    unsigned high[OCTETS];
};

/* How many bytes a dash at `text` has that a word processor made of '-'; 0 for none. */
static size_t dash_len(const char *text, size_t len)
{
    uint32_t character;
    size_t n = utf8_decode(text, len, &character);
    return n > 0 && utf8_is_dash(character) ? n : 0;
}

static bool is_quad(const char *text, size_t len)
{
    struct address address;
    return address_parse(text, len, &address) && address_family(&address) == AF_INET;
}

static bool is_mark(char c)
{
    return ascii_is_one_of(c, "-*xX_~?[]{}");
}

/* "10.0.0.1..9" */
static bool has_dots_behind_address(const struct slice *host)
{
    for (size_t i = host->from; i + 2 < host->to; i++)
        if (host->text[i] == '.' && host->text[i + 1] == '.')
            return is_quad(slice_start(host), i - host->from);
    return false;
}

bool pattern_is_numeric(const struct slice *host)
{
    bool has_mark = has_dots_behind_address(host);
    if (slice_len(host) == 0 || !ascii_is_digit(*slice_start(host)))
        return false;
    for (size_t i = host->from; i < host->to; i++) {
        size_t dash = dash_len(host->text + i, host->to - i);
        char c = host->text[i];
        if (dash == 0 && !is_mark(c) && !ascii_is_digit(c) && c != '.')
            return false;
        has_mark |= dash > 0 || is_mark(c);
        i += dash > 0 ? dash - 1 : 0;
    }
    return has_mark;
}

/* The one mark that stands for all of a kind: 'x', '-', none for brackets. */
static char plain_mark(char c)
{
    if (c == '*' || c == 'X' || c == '?')
        return 'x';
    if (c == '~')
        return '-';
    return c;
}

/* The text with one mark for each kind. False where it is too long to be meant. */
static bool make_plain(const char *text, size_t len, char plain[static PLAIN_SIZE])
{
    size_t to = 0;
    for (size_t i = 0; i < len && to < PLAIN_SIZE - 1; i++) {
        size_t dash = dash_len(text + i, len - i);
        bool is_double = i > 0 && i + 1 < len && text[i] == '.' && text[i + 1] == '.';
        if (dash > 0 || is_double) {
            plain[to++] = '-';
            i += dash > 0 ? dash - 1 : 1;
        } else if (strchr("[]{}", text[i]) == NULL) {
            plain[to++] = plain_mark(text[i]);
        }
    }
    plain[to] = '\0';
    return to < PLAIN_SIZE - 1;
}

/* A number without leading zeros, 0..most, up to `end`. */
static bool read_number(const char **text, unsigned most, unsigned *number)
{
    const char *p = *text;
    unsigned value = 0;
    for (; ascii_is_digit(*p) && value <= most; p++)
        value = value * 10 + (unsigned)(*p - '0');
    bool has_zero = **text == '0' && p - *text > 1;
    bool is_valid = p > *text && value <= most && !has_zero;
    *number = value;
    *text = p;
    return is_valid;
}

/* "7", "2-3", "x" */
static bool read_octet(const char **text, unsigned *low, unsigned *high)
{
    *low = 0;
    *high = OCTET_MAX;
    if (**text == 'x') {
        (*text)++;
        return true;
    }
    if (!read_number(text, OCTET_MAX, low))
        return false;
    *high = *low;
    if (**text != '-')
        return true;
    (*text)++;
    return read_number(text, OCTET_MAX, high) && *low <= *high;
}

/* "10.2-3.0.x", and "10.2.x" for all that begins so. */
static bool read_octets(const char *text, struct octets *octets)
{
    size_t count = 0;
    for (bool is_more = true; is_more; count++) {
        if (count == OCTETS || !read_octet(&text, &octets->low[count], &octets->high[count]))
            return false;
        is_more = *text == '.';
        if (is_more)
            text++;
    }
    bool ends_wild = text[-1] == 'x';
    for (; ends_wild && count < OCTETS; count++) {
        octets->low[count] = 0;
        octets->high[count] = OCTET_MAX;
    }
    return *text == '\0' && count == OCTETS;
}

static void add_quad(struct buffer *out, uint32_t quad)
{
    buffer_add_format(out, "%u.%u.%u.%u", (unsigned)(quad >> 24), (unsigned)(quad >> 16 & 255),
                      (unsigned)(quad >> 8 & 255), (unsigned)(quad & 255));
}

/* An address, a prefix or a range: what first..last is written as. */
static void add_span(struct buffer *out, uint32_t first, uint32_t last)
{
    uint64_t size = (uint64_t)last - first + 1;
    unsigned bits = 32;
    add_quad(out, first);
    if (size == 1)
        return;
    for (uint64_t rest = size; rest > 1; rest >>= 1)
        bits--;
    if ((size & (size - 1)) == 0 && (first & (size - 1)) == 0) {
        buffer_add_format(out, "/%u", bits);
        return;
    }
    buffer_add_text(out, "-");
    add_quad(out, last);
}

static uint32_t join(const unsigned octets[static OCTETS])
{
    return octets[0] << 24 | octets[1] << 16 | octets[2] << 8 | octets[3];
}

/* Where the octets begin that run without a gap: 255 of the last one, then 0 of the next. */
static size_t find_run(const struct octets *octets)
{
    size_t run = OCTETS - 1;
    while (run > 0 && octets->low[run] == 0 && octets->high[run] == OCTET_MAX)
        run--;
    return run;
}

static void suggest_octets(struct buffer *out, const struct octets *octets)
{
    size_t run = find_run(octets);
    struct octets one = *octets;
    bool has_gaps = false;
    size_t next = 0;
    for (size_t i = 0; i < run; i++) {
        if (octets->low[i] == octets->high[i])
            continue;
        has_gaps = true;
        next = i;
        one.high[i] = one.low[i];
    }
    bool is_address = join(one.low) == join(one.high);
    buffer_add_format(out, "write %s",
                      !has_gaps    ? ""
                      : is_address ? "each address for itself, as in "
                                   : "each range for itself, as in ");
    add_span(out, join(one.low), join(one.high));
    if (!has_gaps)
        return;
    one.low[next]++;
    one.high[next]++;
    buffer_add_text(out, " and ");
    add_span(out, join(one.low), join(one.high));
}

/* "10.0.0.0_24" */
static bool suggest_prefix(struct buffer *out, const char *plain)
{
    const char *mark = strchr(plain, '_');
    if (mark == NULL || !is_quad(plain, (size_t)(mark - plain)))
        return false;
    unsigned bits = 0;
    const char *end = mark + 1;
    if (!read_number(&end, 32, &bits) || *end != '\0')
        return false;
    buffer_add_format(out, "write %.*s/%u", (int)(mark - plain), plain, bits);
    return true;
}

/* "10-0-0-1", as names in a cloud are made of addresses. */
static bool suggest_address(struct buffer *out, const char *plain)
{
    char quad[PLAIN_SIZE];
    memcpy(quad, plain, strlen(plain) + 1);
    for (char *p = quad; *p != '\0'; p++)
        if (*p == '-' || *p == '_')
            *p = '.';
    if (strchr(plain, '.') != NULL || !is_quad(quad, strlen(quad)))
        return false;
    buffer_add_format(out, "write %s", quad);
    return true;
}

/* A range whose mark was another one. */
static bool suggest_range(struct buffer *out, const char *plain)
{
    const char *dash = strchr(plain, '-');
    bool is_range = dash != NULL && is_quad(plain, (size_t)(dash - plain)) &&
                    is_quad(dash + 1, strlen(dash + 1));
    if (is_range)
        buffer_add_format(out, "write %s", plain);
    return is_range;
}

void pattern_suggest(struct buffer *out, const char *piece, size_t len,
                     const struct slice *text)
{
    (void)text;
    char plain[PLAIN_SIZE];
    struct octets octets;
    bool is_short = make_plain(piece, len, plain);
    if (is_short && (suggest_prefix(out, plain) || suggest_address(out, plain) ||
                     suggest_range(out, plain)))
        return;
    if (is_short && read_octets(plain, &octets))
        suggest_octets(out, &octets);
    else
        buffer_add_text(out, "write a prefix or a range, as in 192.0.2.0/24 or "
                             "192.0.2.1-192.0.2.9; a name has letters");
}

void pattern_suggest_forward(struct buffer *out, const char *piece, size_t len,
                             const struct slice *text)
{
    (void)text;
    const char *dash = memchr(piece, '-', len);
    size_t first_len = dash != NULL ? (size_t)(dash - piece) : len;
    size_t last_len = dash != NULL ? len - first_len - 1 : 0;
    size_t last_dot = first_len;
    bool is_short = dash != NULL && memchr(dash + 1, '.', last_len) == NULL &&
                    memchr(dash + 1, ':', last_len) == NULL;
    while (is_short && last_dot > 0 && piece[last_dot - 1] != '.')
        last_dot--;
    buffer_add_text(out, "write ");
    if (is_short)
        buffer_add(out, piece, last_dot);
    if (dash != NULL)
        buffer_add(out, dash + 1, last_len);
    buffer_add_text(out, "-");
    buffer_add(out, piece, first_len);
}

void pattern_suggest_long(struct buffer *out, const char *piece, size_t len,
                          const struct slice *text)
{
    (void)text;
    const char *dash = memchr(piece, '-', len);
    size_t first_len = dash != NULL ? (size_t)(dash - piece) : 0;
    size_t stem = first_len;
    while (stem > 0 && piece[stem - 1] != ':')
        stem--;
    char last[PLAIN_SIZE];
    size_t last_len = dash != NULL ? len - first_len - 1 : 0;
    struct address address;
    bool fits = dash != NULL && stem + last_len < sizeof last &&
                memchr(dash + 1, ':', last_len) == NULL;
    if (fits) {
        memcpy(last, piece, stem);
        memcpy(last + stem, dash + 1, last_len);
    }
    if (fits && address_parse(piece, first_len, &address) &&
        address_parse(last, stem + last_len, &address))
        buffer_add_format(out, "write [%.*s]-[%.*s]:PORTS", (int)first_len, piece,
                          (int)(stem + last_len), last);
    else
        buffer_add_text(out,
                        "write [FIRST]-[LAST]:PORTS, as in [2001:db8::1]-[2001:db8::f]:22");
}
