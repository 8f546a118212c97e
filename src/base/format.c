#include "netcheck/base/format.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "netcheck/base/ascii.h"

enum {
    DECIMALS = 6,
    NUMBER_SIZE = 32, /* 20 digits of 64 bits, a point, a sign, and zeros before the point */
};

#define VALUE_MAX 9e18 /* below 2^63 */

struct text {
    char *out;
    size_t room;
    size_t len; /* of the whole text, be there room or not */
};

/* What stands between % and the letter. */
struct conversion {
    bool is_left;
    bool is_zero;
    int width;
    int precision; /* negative: none */
    char length;   /* 'l', 'L' for ll, 'z', or 0 */
};

static void add(struct text *text, const char *bytes, size_t len)
{
    if (text->len < text->room) {
        size_t left = text->room - text->len;
        memcpy(text->out + text->len, bytes, len < left ? len : left);
    }
    text->len += len;
}

static void add_fill(struct text *text, char fill, size_t count)
{
    while (count-- > 0)
        add(text, &fill, 1);
}

/* The sign stands before zeros, but behind spaces. */
static void add_padded(struct text *text, const struct conversion *conversion,
                       const char *bytes, size_t len)
{
    size_t width = conversion->width > 0 ? (size_t)conversion->width : 0;
    size_t fill = width > len ? width - len : 0;
    if (conversion->is_zero && !conversion->is_left) {
        size_t sign = len > 0 && bytes[0] == '-' ? 1 : 0;
        add(text, bytes, sign);
        add_fill(text, '0', fill);
        add(text, bytes + sign, len - sign);
        return;
    }
    if (!conversion->is_left)
        add_fill(text, ' ', fill);
    add(text, bytes, len);
    if (conversion->is_left)
        add_fill(text, ' ', fill);
}

static void add_string(struct text *text, struct conversion *conversion, const char *string)
{
    size_t most = conversion->precision >= 0 ? (size_t)conversion->precision : SIZE_MAX;
    const char *end = memchr(string, '\0', most);
    conversion->is_zero = false;
    add_padded(text, conversion, string, end != NULL ? (size_t)(end - string) : most);
}

/* With a point before the last `decimals` digits, and at least one digit before it. */
static void add_number(struct text *text, const struct conversion *conversion, uint64_t value,
                       unsigned base, int decimals, bool is_negative)
{
    char digits[NUMBER_SIZE];
    size_t start = sizeof digits;
    int written = 0;
    do {
        if (decimals > 0 && written == decimals)
            digits[--start] = '.';
        digits[--start] = "0123456789abcdef"[value % base];
        value /= base;
        written++;
    } while (value > 0 || written <= decimals);
    if (is_negative)
        digits[--start] = '-';
    add_padded(text, conversion, digits + start, sizeof digits - start);
}

static void add_decimal(struct text *text, const struct conversion *conversion, double value)
{
    int decimals = conversion->precision >= 0 ? conversion->precision : DECIMALS;
    assert(decimals <= FORMAT_DECIMALS_MAX);
    bool is_negative = value < 0;
    double scaled = is_negative ? -value : value;
    for (int i = 0; i < decimals; i++)
        scaled *= 10;
    if (!(scaled < VALUE_MAX)) /* NaN, too */
        scaled = VALUE_MAX;
    uint64_t rounded = (uint64_t)scaled;
    rounded += scaled - (double)rounded >= 0.5 ? 1 : 0;
    add_number(text, conversion, rounded, 10, decimals, is_negative);
}

static int take_number(const char **format, va_list *arguments)
{
    int number = 0;
    if (**format == '*') {
        ++*format;
        return va_arg(*arguments, int);
    }
    for (; ascii_is_digit(**format); ++*format)
        number = number * 10 + (**format - '0');
    return number;
}

static struct conversion take_conversion(const char **format, va_list *arguments)
{
    struct conversion conversion = {.precision = -1};
    for (; **format == '-' || **format == '0'; ++*format) {
        conversion.is_left = conversion.is_left || **format == '-';
        conversion.is_zero = conversion.is_zero || **format == '0';
    }
    conversion.width = take_number(format, arguments);
    if (**format == '.') {
        ++*format;
        conversion.precision = take_number(format, arguments);
    }
    for (; **format == 'l' || **format == 'z'; ++*format)
        conversion.length = (char)(conversion.length == 'l' ? 'L' : **format);
    return conversion;
}

static int64_t take_signed(char length, va_list *arguments)
{
    switch (length) {
    case 'l':
        return va_arg(*arguments, long);
    case 'L':
        return va_arg(*arguments, long long);
    case 'z':
        return (int64_t)va_arg(*arguments, size_t);
    default:
        return va_arg(*arguments, int);
    }
}

static uint64_t take_unsigned(char length, va_list *arguments)
{
    switch (length) {
    case 'l':
        return va_arg(*arguments, unsigned long);
    case 'L':
        return va_arg(*arguments, unsigned long long);
    case 'z':
        return va_arg(*arguments, size_t);
    default:
        return va_arg(*arguments, unsigned);
    }
}

static void convert(struct text *text, struct conversion *conversion, char letter,
                    va_list *arguments)
{
    char byte = letter;
    int64_t value = 0;
    switch (letter) {
    case 's':
        add_string(text, conversion, va_arg(*arguments, const char *));
        break;
    case 'd':
        value = take_signed(conversion->length, arguments);
        add_number(text, conversion, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, 0,
                   value < 0);
        break;
    case 'u':
    case 'x':
        add_number(text, conversion, take_unsigned(conversion->length, arguments),
                   letter == 'x' ? 16 : 10, 0, false);
        break;
    case 'f':
        add_decimal(text, conversion, va_arg(*arguments, double));
        break;
    case 'c':
        byte = (char)va_arg(*arguments, int);
        add_padded(text, conversion, &byte, 1);
        break;
    default:
        assert(letter == '%');
        add(text, &byte, 1);
    }
}

size_t format_list(char *out, size_t room, const char *format, va_list arguments)
{
    struct text text = {out, room, 0};
    /* A parameter of this type may be an array's pointer, whose address has another type. */
    va_list rest;
    va_copy(rest, arguments);
    while (*format != '\0') {
        size_t plain = strcspn(format, "%");
        add(&text, format, plain);
        format += plain;
        if (*format == '\0')
            break;
        format++;
        struct conversion conversion = take_conversion(&format, &rest);
        convert(&text, &conversion, *format, &rest);
        format += *format != '\0' ? 1 : 0;
    }
    va_end(rest);
    if (room > 0)
        out[text.len < room ? text.len : room - 1] = '\0';
    return text.len;
}

size_t format_text(char *out, size_t room, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t len = format_list(out, room, format, arguments);
    va_end(arguments);
    return len;
}
