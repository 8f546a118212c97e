#include "netcheck/report/live_keys.h"

#include <limits.h>

#include "netcheck/base/base.h"

enum { KEY_ESCAPE = 0x1b };

/* What the sequences around pasted text do; no key has them. */
enum { PASTE_BEGINS = 200, PASTE_ENDS = 201 };

/* The verb of a letter, ^L as the byte that it sends. */
static enum live_verb verb_of_letter(unsigned char letter)
{
    static const struct {
        const char *letters;
        enum live_verb verb;
    } keys[] = {
        {"qQ", LIVE_QUIT},
        {"s", LIVE_SORT},
        {"rR\x0c\x12", LIVE_REDRAW},
        {"hH?", LIVE_HELP},
        {"jJe\r\n\x05\x0e", LIVE_LINE_DOWN},
        {"kKy\x0b\x10\x19", LIVE_LINE_UP},
        {"d\x04", LIVE_HALF_DOWN},
        {"u\x15", LIVE_HALF_UP},
        {" fz\x06\x16", LIVE_PAGE_DOWN},
        {"bw\x02", LIVE_PAGE_UP},
        {"g<", LIVE_FIRST},
        {"G>", LIVE_LAST},
        {"p%", LIVE_PERCENT},
    };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        for (const char *c = keys[i].letters; *c != '\0'; c++)
            if ((unsigned char)*c == letter)
                return keys[i].verb;
    return LIVE_NOTHING;
}

/* The verb of the key that sends ESC [ parameter last, or ESC O last. */
static enum live_verb verb_of_sequence(unsigned parameter, unsigned char last)
{
    static const struct {
        unsigned parameter;
        char last;
        enum live_verb verb;
    } keys[] = {
        {0, 'A', LIVE_LINE_UP}, {0, 'B', LIVE_LINE_DOWN}, {0, 'M', LIVE_LINE_DOWN},
        {0, 'H', LIVE_FIRST},   {0, 'F', LIVE_LAST},      {1, '~', LIVE_FIRST},
        {4, '~', LIVE_LAST},    {5, '~', LIVE_PAGE_UP},   {6, '~', LIVE_PAGE_DOWN},
        {7, '~', LIVE_FIRST},   {8, '~', LIVE_LAST},
    };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (keys[i].parameter == parameter && (unsigned char)keys[i].last == last)
            return keys[i].verb;
    return LIVE_NOTHING;
}

static bool is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

/* No number of a key that is known has more than three digits, and none has two numbers. */
static unsigned add_parameter(unsigned parameter, unsigned char byte)
{
    if (!is_digit(byte) || parameter > 99)
        return UINT_MAX;
    return parameter * 10 + (byte - (unsigned)'0');
}

static void add_number(struct live_keys *keys, unsigned char byte)
{
    size_t number = keys->number * 10 + (byte - (size_t)'0');
    keys->number = number < LIVE_NUMBER_MAX ? number : LIVE_NUMBER_MAX;
}

/* A key is complete. */
static struct live_command press(struct live_keys *keys, enum live_verb verb)
{
    const struct live_command command = {verb, keys->number};
    if (keys->is_pasted)
        return (struct live_command){.verb = LIVE_NOTHING};
    keys->number = 0;
    return command;
}

static struct live_command press_letter(struct live_keys *keys, unsigned char byte)
{
    if (keys->is_pasted || !is_digit(byte))
        return press(keys, verb_of_letter(byte));
    add_number(keys, byte);
    return (struct live_command){.verb = LIVE_NOTHING};
}

/* ESC [ M of a mouse has three bytes more; ESC [ [ of the Linux console's F1 to F5 has one. */
static unsigned count_more(const struct live_keys *keys, unsigned char byte)
{
    bool is_bare = keys->state == LIVE_KEYS_CONTROL && keys->parameter == 0;
    return !is_bare ? 0 : byte == 'M' ? 3 : byte == '[' ? 1 : 0;
}

static struct live_command continue_sequence(struct live_keys *keys, unsigned char byte)
{
    if (byte >= 0x20 && byte <= 0x3f) {
        keys->parameter = add_parameter(keys->parameter, byte);
        return (struct live_command){.verb = LIVE_NOTHING};
    }
    keys->skip = count_more(keys, byte);
    keys->state = LIVE_KEYS_PLAIN;
    if (keys->skip > 0)
        return press(keys, LIVE_NOTHING);
    if (byte == '~' && keys->parameter == PASTE_ENDS)
        keys->is_pasted = false;
    struct live_command command = press(keys, verb_of_sequence(keys->parameter, byte));
    if (byte == '~' && keys->parameter == PASTE_BEGINS)
        keys->is_pasted = true;
    return command;
}

/* Behind ESC: a sequence, or a letter with Alt, which but for one is the letter alone. */
static struct live_command begin_sequence(struct live_keys *keys, unsigned char byte)
{
    keys->state = byte == '['   ? LIVE_KEYS_CONTROL
                  : byte == 'O' ? LIVE_KEYS_SHIFT
                                : LIVE_KEYS_PLAIN;
    keys->parameter = 0;
    if (keys->state != LIVE_KEYS_PLAIN)
        return (struct live_command){.verb = LIVE_NOTHING};
    return byte == 'v' ? press(keys, LIVE_PAGE_UP) : press_letter(keys, byte);
}

struct live_command live_keys_take(struct live_keys *keys, unsigned char byte)
{
    if (keys->skip > 0) {
        keys->skip--;
        return (struct live_command){.verb = LIVE_NOTHING};
    }
    if (byte == KEY_ESCAPE) {
        keys->state = LIVE_KEYS_ESCAPE;
        return (struct live_command){.verb = LIVE_NOTHING};
    }
    if (keys->state == LIVE_KEYS_PLAIN)
        return press_letter(keys, byte);
    if (keys->state == LIVE_KEYS_ESCAPE)
        return begin_sequence(keys, byte);
    return continue_sequence(keys, byte);
}
