#include "netcheck/base/escape.h"

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/base/utf8.h"

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

/* One character of `len` bytes that is well-formed UTF-8. */
static void readable_character(struct buffer *out, const char *bytes, size_t len,
                               uint32_t character)
{
    if (character < 0x80)
        escape_text(out, bytes, len);
    else if (utf8_is_visible(character))
        buffer_add(out, bytes, len);
    else
        buffer_add_format(out, character <= 0xffff ? "\\u%04x" : "\\U%08x",
                          (unsigned)character);
}

void escape_readable(struct buffer *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t character;
        size_t n = utf8_decode(bytes + i, len - i, &character);
        if (n > 0)
            readable_character(out, bytes + i, n, character);
        else
            escape_text(out, bytes + i, 1);
        i += n > 0 ? n : 1;
    }
}

void escape_quoted(struct buffer *out, const char *bytes, size_t len)
{
    size_t shown = utf8_cut(bytes, len, QUOTE_LIMIT);
    buffer_add_text(out, "'");
    escape_readable(out, bytes, shown);
    buffer_add_text(out, shown < len ? "...'" : "'");
}

/* One character of `len` bytes that is well-formed UTF-8, or one byte of none. */
static void prometheus_character(struct buffer *out, const char *bytes, size_t len,
                                 uint32_t character)
{
    bool is_control = character < 0x20 || (character >= 0x7f && character < 0xa0);
    if (character == '\n')
        buffer_add_text(out, "\\n");
    else if (character == '"' || character == '\\')
        buffer_add_format(out, "\\%c", (int)character);
    else if (!is_control)
        buffer_add(out, bytes, len);
    else
        for (size_t i = 0; i < len; i++)
            buffer_add_format(out, "\\\\x%02x", (unsigned char)bytes[i]);
}

void escape_prometheus(struct buffer *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t character = 0; /* as of a byte of none */
        size_t n = utf8_decode(bytes + i, len - i, &character);
        prometheus_character(out, bytes + i, n > 0 ? n : 1, n > 0 ? character : 0);
        i += n > 0 ? n : 1;
    }
}

static const char *reference_to(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* Whether a byte stays as it is beside any other. */
static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7f && reference_to(c) == NULL;
}

void escape_markup(struct buffer *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = 0;
        while (i + n < len && is_plain(bytes[i + n]))
            n++;
        buffer_add(out, bytes + i, n);
        i += n;
        if (i == len)
            break;
        const char *reference = reference_to(bytes[i]);
        uint32_t character;
        n = utf8_decode(bytes + i, len - i, &character);
        if (reference != NULL)
            buffer_add_text(out, reference);
        else if (n > 0)
            readable_character(out, bytes + i, n, character);
        else
            escape_text(out, bytes + i, 1);
        i += n > 0 ? n : 1;
    }
}

/* Without printf, which for lines of control bytes takes longer than all else of a run. */
static void json_control(struct buffer *out, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    const char escaped[] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 0xf]};
    buffer_add(out, escaped, sizeof escaped);
}

/* One character of `len` bytes that is well-formed UTF-8. */
static void json_character(struct buffer *out, const char *bytes, size_t len)
{
    unsigned char c = (unsigned char)bytes[0];
    unsigned char second = len > 1 ? (unsigned char)bytes[1] : 0;
    unsigned char third = len > 2 ? (unsigned char)bytes[2] : 0;
    if (c == 0xc2 && second < 0xa0) /* C1 controls, U+0080 to U+009F */
        buffer_add_format(out, "\\u%04x", second);
    else if (c == 0xe2 && second == 0x80 && (third == 0xa8 || third == 0xa9))
        buffer_add_text(out, third == 0xa8 ? "\\u2028" : "\\u2029"); /* ends of lines to some */
    else if (c == '"' || c == '\\')
        buffer_add_format(out, "\\%c", c);
    else if (c < 0x20 || c == 0x7f)
        json_control(out, c);
    else
        buffer_add(out, bytes, len);
}

void escape_json(struct buffer *out, const char *bytes, size_t len)
{
    buffer_add_text(out, "\"");
    for (size_t i = 0; i < len;) {
        uint32_t character;
        size_t n = utf8_decode(bytes + i, len - i, &character);
        if (n > 0)
            json_character(out, bytes + i, n);
        else
            buffer_add_text(out, "\\ufffd");
        i += n > 0 ? n : 1;
    }
    buffer_add_text(out, "\"");
}
