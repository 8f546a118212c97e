#include "netcheck/base/utf8.h"

#include "netcheck/base/base.h"

static bool is_continuation(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

size_t utf8_decode(const char *bytes, size_t len, uint32_t *character)
{
    const unsigned char *c = (const unsigned char *)bytes;
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t need = c[0] < 0x80                    ? 1
                  : c[0] >= 0xc2 && c[0] <= 0xdf ? 2
                  : (c[0] & 0xf0) == 0xe0        ? 3
                  : c[0] >= 0xf0 && c[0] <= 0xf4 ? 4
                                                 : 0;
    if (need == 0 || need > len)
        return 0;
    uint32_t value = c[0] & masks[need];
    for (size_t i = 1; i < need; i++) {
        if (!is_continuation(c[i]))
            return 0;
        value = value << 6 | (c[i] & 0x3fu);
    }
    bool is_overlong = (need == 3 && value < 0x800) || (need == 4 && value < 0x10000);
    bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
    if (is_overlong || is_surrogate || value > 0x10ffff)
        return 0;
    *character = value;
    return need;
}

size_t utf8_cut(const char *bytes, size_t len, size_t most)
{
    uint32_t character;
    if (len <= most)
        return len;
    for (size_t back = 1; back < 4 && back <= most; back++)
        if (utf8_decode(bytes + most - back, len - (most - back), &character) > back)
            return most - back;
    return most;
}

bool utf8_is_visible(uint32_t character)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } hidden[] = {
        {0x00, 0x1f},          {0x7f, 0xa0},     {0xad, 0xad},       {0x300, 0x36f},
        {0x483, 0x489},        {0x61c, 0x61c},   {0x115f, 0x1160},   {0x1680, 0x1680},
        {0x17b4, 0x17b5},      {0x180b, 0x180f}, {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff},
        {0x2000, 0x200f},      {0x2028, 0x202f}, {0x205f, 0x206f},   {0x20d0, 0x20ff},
        {0x2800, 0x2800},      {0x3000, 0x3000}, {0x3164, 0x3164},   {0xd800, 0xf8ff},
        {0xfe00, 0xfe0f},      {0xfe20, 0xfe2f}, {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
        {0xfff0, 0xfffb},      {0xfffe, 0xffff}, {0x1bca0, 0x1bca3}, {0x1d165, 0x1d182},
        {0xe0000, UINT32_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
        if (character >= hidden[i].first && character <= hidden[i].last)
            return false;
    return true;
}

bool utf8_is_dash(uint32_t character)
{
    return (character >= 0x2010 && character <= 0x2015) || character == 0x2212 ||
           character == 0xfe58 || character == 0xfe63 || character == 0xff0d;
}
