#include "netcheck/base/escape.h"

#include <stdbool.h>
#include <string.h>

enum { QUOTE_LIMIT = 64 }; /* more than any address or ordinary name */

void escape_text(struct buffer *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '\\')
            buffer_add_text(out, "\\\\");
        else if (c >= 0x20 && c < 0x7f)
            buffer_add(out, &bytes[i], 1);
        else
            buffer_add_format(out, "\\x%02x", c);
    }
}

void escape_quoted(struct buffer *out, const char *bytes, size_t len)
{
    bool is_cut = len > QUOTE_LIMIT;
    buffer_add_text(out, "'");
    escape_text(out, bytes, is_cut ? QUOTE_LIMIT : len);
    buffer_add_text(out, is_cut ? "...'" : "'");
}

static bool is_continuation(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* How many bytes the well-formed UTF-8 sequence at `c` has (RFC 3629 section 4); 0 if none. */
static size_t utf8_len(const unsigned char *c, size_t len)
{
    if (c[0] < 0x80)
        return 1;
    size_t need = c[0] >= 0xc2 && c[0] <= 0xdf ? 2 : (c[0] & 0xf0) == 0xe0 ? 3 : 4;
    if (c[0] < 0xc2 || c[0] > 0xf4 || need > len)
        return 0;
    for (size_t i = 1; i < need; i++)
        if (!is_continuation(c[i]))
            return 0;
    bool is_overlong = (c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xf0 && c[1] < 0x90);
    bool is_surrogate = c[0] == 0xed && c[1] > 0x9f;
    bool is_beyond = c[0] == 0xf4 && c[1] > 0x8f;
    return is_overlong || is_surrogate || is_beyond ? 0 : need;
}

/* One character of `len` bytes that is well-formed UTF-8. */
static void json_character(struct buffer *out, const char *bytes, size_t len)
{
    unsigned char c = (unsigned char)bytes[0];
    unsigned char second = len > 1 ? (unsigned char)bytes[1] : 0;
    if (c == 0xc2 && second < 0xa0) /* C1 controls, U+0080 to U+009F */
        buffer_add_format(out, "\\u%04x", second);
    else if (c == '"' || c == '\\')
        buffer_add_format(out, "\\%c", c);
    else if (c < 0x20 || c == 0x7f)
        buffer_add_format(out, "\\u%04x", c);
    else
        buffer_add(out, bytes, len);
}

void escape_json(struct buffer *out, const char *bytes, size_t len)
{
    buffer_add_text(out, "\"");
    for (size_t i = 0; i < len;) {
        size_t n = utf8_len((const unsigned char *)bytes + i, len - i);
        if (n > 0)
            json_character(out, bytes + i, n);
        else
            buffer_add_text(out, "\\ufffd");
        i += n > 0 ? n : 1;
    }
    buffer_add_text(out, "\"");
}
