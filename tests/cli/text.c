#include "text.h"

#include <string.h>

#include "netcheck/base/base.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* `made` takes the place of what `text` holds. */
static void replace(struct buffer *text, struct buffer *made)
{
    buffer_release(text);
    *text = *made;
}

void text_hide_latencies(struct buffer *text)
{
    struct buffer made = BUFFER_EMPTY;
    const char *p = buffer_text(text);
    const char *end = p + text->len;
    while (p < end) {
        size_t len = is_digit(*p) ? strspn(p, "0123456789.") : 0;
        bool is_latency =
            len > 0 && (strncmp(p + len, " ms", 3) == 0 || strncmp(p + len, "s;", 2) == 0);
        if (is_latency)
            buffer_add_text(&made, "N");
        else
            buffer_add(&made, p, len > 0 ? len : 1);
        p += len > 0 ? len : 1;
    }
    replace(text, &made);
}

/* How long the unit at `text` is; 0: it is none. */
static size_t match_unit(const char *text)
{
    size_t len = strncmp(text, " ms", 3) == 0 ? 3 : strncmp(text, " s", 2) == 0 ? 2 : 0;
    if (strncmp(text, "s;", 2) == 0) /* of performance data */
        return 1;
    bool goes_on = (text[len] >= 'a' && text[len] <= 'z') || is_digit(text[len]);
    return goes_on ? 0 : len;
}

void text_hide_times(struct buffer *text)
{
    struct buffer made = BUFFER_EMPTY;
    const char *p = buffer_text(text);
    const char *end = p + text->len;
    while (p < end) {
        size_t len = is_digit(*p) ? strspn(p, "0123456789./") : 0;
        size_t unit_len = len > 0 ? match_unit(p + len) : 0;
        const char *number_end = p + (len > 0 ? len : 1);
        if (unit_len == 0)
            buffer_add(&made, p, (size_t)(number_end - p));
        else
            buffer_add_text(&made, "N");
        for (; unit_len > 0 && p < number_end; p++)
            if (*p == '/')
                buffer_add_text(&made, "/N");
        p = number_end + unit_len;
    }
    replace(text, &made);
}

size_t text_count_lines(const struct buffer *text)
{
    size_t count = 0;
    for (size_t i = 0; i < text->len; i++)
        count += text->bytes[i] == '\n';
    return count;
}

bool text_has_raw_bytes(const struct buffer *text)
{
    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->bytes[i];
        if (c != '\n' && (c < 0x20 || c >= 0x7f))
            return true;
    }
    return false;
}

/* What is still to be read. */
struct cursor {
    const char *at;
    const char *end;
};

static bool take_byte(struct cursor *cursor, char c)
{
    if (cursor->at == cursor->end || *cursor->at != c)
        return false;
    cursor->at++;
    return true;
}

static bool take_word(struct cursor *cursor, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(cursor->end - cursor->at) < len || memcmp(cursor->at, word, len) != 0)
        return false;
    cursor->at += len;
    return true;
}

static size_t take_digits(struct cursor *cursor)
{
    const char *start = cursor->at;
    while (cursor->at < cursor->end && is_digit(*cursor->at))
        cursor->at++;
    return (size_t)(cursor->at - start);
}

static bool take_number(struct cursor *cursor)
{
    (void)take_byte(cursor, '-');
    bool is_zero = take_byte(cursor, '0');
    size_t digits = take_digits(cursor);
    if (is_zero ? digits > 0 : digits == 0)
        return false;
    if (take_byte(cursor, '.') && take_digits(cursor) == 0)
        return false;
    if (take_byte(cursor, 'e') || take_byte(cursor, 'E')) {
        if (!take_byte(cursor, '+'))
            (void)take_byte(cursor, '-');
        return take_digits(cursor) > 0;
    }
    return true;
}

/* RFC 3629 section 4, as ranges of the first and the second byte. */
static bool take_utf8(struct cursor *cursor)
{
    static const struct {
        unsigned char first, last, second_least, second_most;
        size_t len;
    } rows[] = {
        {0x20, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    const unsigned char *c = (const unsigned char *)cursor->at;
    size_t left = (size_t)(cursor->end - cursor->at);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (left < rows[i].len || c[0] < rows[i].first || c[0] > rows[i].last)
            continue;
        if (rows[i].len > 1 && (c[1] < rows[i].second_least || c[1] > rows[i].second_most))
            return false;
        for (size_t k = 2; k < rows[i].len; k++)
            if ((c[k] & 0xc0) != 0x80)
                return false;
        cursor->at += rows[i].len;
        return true;
    }
    return false;
}

static bool take_escape(struct cursor *cursor)
{
    if (cursor->at == cursor->end)
        return false;
    char c = *cursor->at++;
    if (c != 'u')
        return c != '\0' && strchr("\"\\/bfnrt", c) != NULL;
    for (int i = 0; i < 4; i++, cursor->at++)
        if (cursor->at == cursor->end || !is_hex(*cursor->at))
            return false;
    return true;
}

static bool take_string(struct cursor *cursor)
{
    if (!take_byte(cursor, '"'))
        return false;
    while (!take_byte(cursor, '"')) {
        if (take_byte(cursor, '\\')) {
            if (!take_escape(cursor))
                return false;
        } else if (cursor->at == cursor->end || !take_utf8(cursor)) {
            return false;
        }
    }
    return true;
}

static bool take_value(struct cursor *cursor, int depth);

static bool take_member(struct cursor *cursor, int depth)
{
    return take_string(cursor) && take_byte(cursor, ':') && take_value(cursor, depth);
}

static bool take_object(struct cursor *cursor, int depth)
{
    if (!take_byte(cursor, '{'))
        return false;
    if (take_byte(cursor, '}'))
        return true;
    do
        if (!take_member(cursor, depth))
            return false;
    while (take_byte(cursor, ','));
    return take_byte(cursor, '}');
}

/* No arrays: this program has none. */
static bool take_value(struct cursor *cursor, int depth)
{
    if (cursor->at == cursor->end || depth > 4)
        return false;
    if (*cursor->at == '{')
        return take_object(cursor, depth + 1);
    if (*cursor->at == '"')
        return take_string(cursor);
    return take_word(cursor, "null") || take_word(cursor, "true") ||
           take_word(cursor, "false") || take_number(cursor);
}

bool text_is_json_lines(const char *text, size_t len)
{
    struct cursor cursor = {text, text + len};
    while (cursor.at < cursor.end)
        if (!take_object(&cursor, 0) || !take_byte(&cursor, '\n'))
            return false;
    return true;
}

/* How long `text` is where it looks like `pattern`, in which '0' stands for a digit; else 0. */
static size_t match(const char *text, const char *pattern)
{
    size_t len = strlen(pattern);
    for (size_t i = 0; i < len; i++)
        if (pattern[i] == '0' ? !is_digit(text[i]) : text[i] != pattern[i])
            return 0;
    return len;
}

static size_t match_milliseconds(const char *text)
{
    size_t whole = strspn(text, "0123456789");
    size_t fraction = match(text + whole, ".000");
    return whole > 0 && fraction > 0 && !is_digit(text[whole + fraction]) ? whole + fraction
                                                                          : 0;
}

static size_t match_time(const char *text)
{
    return match(text, "\"0000-00-00T00:00:00.000000Z\"");
}

void text_hide_json_values(struct buffer *text)
{
    static const struct {
        const char *key;
        const char *shown;
        size_t (*match)(const char *text);
    } rows[] = {
        {"\"time\":", "\"T\"", match_time},
        {"\"resolve_ms\":", "N", match_milliseconds},
        {"\"connect_ms\":", "N", match_milliseconds},
        {"\"reply_ms\":", "N", match_milliseconds},
    };
    struct buffer made = BUFFER_EMPTY;
    const char *p = buffer_text(text);
    const char *end = p + text->len;
    while (p < end) {
        size_t hidden = 0;
        for (size_t i = 0; i < ARRAY_LEN(rows) && hidden == 0; i++) {
            size_t key_len = strlen(rows[i].key);
            bool has_key = strncmp(p, rows[i].key, key_len) == 0;
            hidden = has_key ? rows[i].match(p + key_len) : 0;
            if (hidden > 0) {
                buffer_add_format(&made, "%s%s", rows[i].key, rows[i].shown);
                p += key_len + hidden;
            }
        }
        if (hidden == 0)
            buffer_add(&made, p++, 1);
    }
    replace(text, &made);
    text_hide_latencies(text);
}
