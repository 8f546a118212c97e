#include "netcheck/base/unescape.h"

#include <string.h>

#include "netcheck/base/ascii.h"

static const struct {
    const char *text;
    const char *remedy;
} words[UNESCAPE_COUNT] = {
    [UNESCAPE_UNKNOWN] = {"unknown escape",
                          "write \\\\ for a backslash, or one of \\r \\n \\t \\0 \\xHH"},
    [UNESCAPE_LONE] = {"lone backslash", "write \\\\ for a backslash"},
    [UNESCAPE_HEX] = {"\\x without two hexadecimal digits", "write them, as in \\x0a"},
    [UNESCAPE_OCTAL] = {"octal escape", "write it in two hexadecimal digits, as in \\x1b"},
};

/* The value of a hexadecimal digit; -1 for another byte. */
static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *digit = c != '\0' ? strchr(digits, ascii_lower(c)) : NULL;
    return digit != NULL ? (int)(digit - digits) : -1;
}

static enum unescape_fault read_hex(const char *digits, unsigned char *byte)
{
    int high = digit_of(digits[0]);
    int low = high >= 0 ? digit_of(digits[1]) : -1;
    if (low < 0)
        return UNESCAPE_HEX;
    *byte = (unsigned char)(high << 4 | low);
    return UNESCAPE_OK;
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

enum unescape_fault unescape_one(const char *text, unsigned char *byte, size_t *len)
{
    static const char names[] = "abfnrtv\\\"'?";
    static const char bytes[] = "\a\b\f\n\r\t\v\\\"'?";
    char name = text[1];
    *len = name == 'x' ? 4 : 2;
    *byte = 0;
    if (name == '\0')
        return UNESCAPE_LONE;
    if (name == 'x')
        return read_hex(text + 2, byte);
    if (is_octal(name))
        return name != '0' || is_octal(text[2]) ? UNESCAPE_OCTAL : UNESCAPE_OK;
    const char *found = strchr(names, name);
    if (found == NULL)
        return UNESCAPE_UNKNOWN;
    *byte = (unsigned char)bytes[found - names];
    return UNESCAPE_OK;
}

enum unescape_fault unescape(struct buffer *out, const char *text, size_t *at)
{
    for (const char *p = text; *p != '\0';) {
        unsigned char byte = (unsigned char)*p;
        size_t len = 1;
        enum unescape_fault fault = *p == '\\' ? unescape_one(p, &byte, &len) : UNESCAPE_OK;
        if (fault != UNESCAPE_OK) {
            *at = (size_t)(p - text);
            return fault;
        }
        buffer_add(out, &byte, 1);
        p += len;
    }
    return UNESCAPE_OK;
}

const char *unescape_text(enum unescape_fault fault)
{
    return words[fault].text;
}

const char *unescape_remedy(enum unescape_fault fault)
{
    return words[fault].remedy;
}
