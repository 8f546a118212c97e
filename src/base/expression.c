#include "expression.h"

#include <stdio.h>
#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/base/unescape.h"

static const char line_remedy[] = "it is held against each line by itself: write ^ or $ for "
                                  "its begin or end";

/* How many characters the expression is when all its repetitions are written out, as the C
   library may do. */
struct level {
    size_t total; /* of what stands between two parentheses */
    size_t last;  /* of the last piece there, which a repetition repeats */
};

struct walk {
    const char *text; /* terminated */
    size_t at;
    struct buffer *out;
    struct level levels[MATCHER_DEPTH_MAX + 1];
    size_t depth;
    struct matcher_fault *fault;
};

static bool refuse(struct walk *walk, const char *words, const char *remedy)
{
    struct matcher_fault *fault = walk->fault;
    fault->words = words;
    (void)snprintf(fault->remedy, sizeof fault->remedy, "%s", remedy);
    fault->has_place = true;
    fault->at = walk->at;
    return false;
}

static struct level *level_of(struct walk *walk)
{
    return &walk->levels[walk->depth];
}

static bool copy(struct walk *walk, size_t len)
{
    buffer_add(walk->out, walk->text + walk->at, len);
    walk->at += len;
    return true;
}

/* A piece of so many characters, which are in `out` already. */
static bool count(struct walk *walk, size_t size)
{
    struct level *level = level_of(walk);
    level->last = size;
    level->total += size;
    if (level->total > MATCHER_SIZE_MAX)
        return refuse(walk, "too long, with all its repetitions", "repeat less");
    return true;
}

/* The last piece stands there `times` times. */
static bool repeat(struct walk *walk, size_t times)
{
    size_t last = level_of(walk)->last;
    if (times < 2)
        return true;
    if (!count(walk, last * (times - 1)))
        return false;
    level_of(walk)->last = last * times;
    return true;
}

/* Escapes */

/* What other programs have, and POSIX has only in other words. */
static const struct {
    char name;
    const char *meaning;
} classes[] = {
    {'d', "[0-9]"},        {'D', "[^0-9]"},       {'s', "[[:space:]]"},
    {'S', "[^[:space:]]"}, {'w', "[[:alnum:]_]"}, {'W', "[^[:alnum:]_]"},
};

static const char *find_class(char name)
{
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (classes[i].name == name)
            return classes[i].meaning;
    return NULL;
}

static bool add_byte(struct walk *walk, unsigned char byte, size_t len)
{
    if (byte == '\n' || byte == '\0')
        return refuse(walk, "end of a line", line_remedy);
    if (ascii_is_one_of((char)byte, ".[]\\()*+?{}|^$"))
        buffer_add_text(walk->out, "\\");
    buffer_add(walk->out, &byte, 1);
    walk->at += len;
    return count(walk, 1);
}

static bool refuse_escape(struct walk *walk, enum unescape_fault fault)
{
    return refuse(walk, unescape_text(fault),
                  fault == UNESCAPE_UNKNOWN ? "write \\\\ for a backslash"
                                            : unescape_remedy(fault));
}

/* Behind the backslash stands a letter or a digit. */
static bool take_letter(struct walk *walk)
{
    const char *text = walk->text + walk->at;
    const char *meaning = find_class(text[1]);
    unsigned char byte = 0;
    size_t len = 0;
    if (meaning != NULL) {
        buffer_add_text(walk->out, meaning);
        walk->at += 2;
        return count(walk, 1);
    }
    if (text[1] >= '1' && text[1] <= '9')
        return refuse(walk, "back-reference", "write out what is to come again");
    if (text[1] == 'r' || text[1] == 'n' || text[1] == '0')
        return refuse(walk, "end of a line", line_remedy);
    enum unescape_fault fault =
        text[1] == 'b' ? UNESCAPE_UNKNOWN : unescape_one(text, &byte, &len);
    return fault == UNESCAPE_OK ? add_byte(walk, byte, len) : refuse_escape(walk, fault);
}

static bool take_escape(struct walk *walk)
{
    char name = walk->text[walk->at + 1];
    if (name == '\0')
        return refuse_escape(walk, UNESCAPE_LONE);
    if (ascii_is_alnum(name))
        return take_letter(walk);
    if (ascii_is_one_of(name, "<>`'\n"))
        return refuse_escape(walk, UNESCAPE_UNKNOWN);
    return copy(walk, 2) && count(walk, 1);
}

/* Brackets */

/* Bytes up to the end of "[:alpha:]" and the like within brackets; 0: there is none. */
static size_t class_len(const char *text)
{
    if (text[0] != '[' || !ascii_is_one_of(text[1], ":.="))
        return 0;
    const char end[] = {text[1], ']', '\0'};
    const char *found = strstr(text + 2, end);
    return found != NULL ? (size_t)(found - text) + 2 : 0;
}

/* In brackets a backslash stands for itself: "[\n]" would be a backslash or an n. */
static bool take_bracketed(struct walk *walk)
{
    const char *text = walk->text + walk->at;
    size_t class = class_len(text);
    if (text[0] == '\n')
        return refuse(walk, "end of a line", line_remedy);
    if (text[0] == '\\' && (ascii_is_alnum(text[1]) || text[1] == ']'))
        return refuse(walk, "escape within [ ]",
                      "there a backslash is one: write []a], [0-9], [[:space:]] or the like");
    if (class > 0)
        return copy(walk, class);
    return copy(walk, text[0] == '\\' && text[1] == '\\' ? 2 : 1);
}

/* What is not closed is regcomp's to refuse. */
static bool take_bracket(struct walk *walk)
{
    (void)copy(walk, walk->text[walk->at + 1] == '^' ? 2 : 1);
    if (walk->text[walk->at] == ']')
        (void)copy(walk, 1);
    while (walk->text[walk->at] != '\0' && walk->text[walk->at] != ']')
        if (!take_bracketed(walk))
            return false;
    if (walk->text[walk->at] == ']')
        (void)copy(walk, 1);
    return count(walk, 1);
}

/* Repetitions and parentheses */

/* A number; more than any that is allowed for one that is larger. */
static size_t read_number(const char **p)
{
    size_t number = 0;
    for (; ascii_is_digit(**p); (*p)++)
        if (number <= MATCHER_REPEAT_MAX)
            number = number * 10 + (size_t)(**p - '0');
    return number;
}

/* "{3}", "{3,}", "{3,5}", whose end regcomp looks for; another brace is one for some C
   libraries alone. */
static bool take_brace(struct walk *walk)
{
    const char *p = walk->text + walk->at + 1;
    if (!ascii_is_digit(*p) || level_of(walk)->last == 0)
        return refuse(walk, "brace that repeats nothing", "write \\{ for a brace");
    size_t least = read_number(&p);
    size_t most = least;
    bool is_range = *p == ',';
    bool is_open = is_range && !ascii_is_digit(p[1]);
    p += is_range;
    if (is_range && !is_open)
        most = read_number(&p);
    if (least > MATCHER_REPEAT_MAX || most > MATCHER_REPEAT_MAX)
        return refuse(walk, "too many repetitions", "allowed is 255");
    if (!repeat(walk, is_open ? least + 1 : most))
        return false;
    return copy(walk, (size_t)(p - walk->text) - walk->at);
}

static bool open_group(struct walk *walk)
{
    if (walk->depth == MATCHER_DEPTH_MAX)
        return refuse(walk, "too many parentheses in another", "allowed is 32");
    walk->levels[++walk->depth] = (struct level){0, 0};
    return copy(walk, 1);
}

static bool close_group(struct walk *walk)
{
    if (walk->depth == 0)
        return refuse(walk, "parenthesis that closes nothing", "write \\) for a parenthesis");
    size_t size = level_of(walk)->total;
    walk->depth--;
    return copy(walk, 1) && count(walk, size > 0 ? size : 1);
}

static bool take(struct walk *walk)
{
    switch (walk->text[walk->at]) {
    case '\\':
        return take_escape(walk);
    case '[':
        return take_bracket(walk);
    case '{':
        return take_brace(walk);
    case '(':
        return open_group(walk);
    case ')':
        return close_group(walk);
    case '+':
        return repeat(walk, 2) && copy(walk, 1); /* glibc writes x+ as xx* */
    case '|':
        level_of(walk)->last = 0;
        return copy(walk, 1);
    case '*':
    case '?':
        return copy(walk, 1);
    case '\n':
        return refuse(walk, "end of a line", line_remedy);
    default:
        return copy(walk, 1) && count(walk, 1);
    }
}

enum error expression_translate(struct buffer *out, const char *written, size_t len,
                                struct matcher_fault *fault)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_add(&text, written, len);
    struct walk walk = {.text = buffer_text(&text), .out = out, .fault = fault};
    bool is_valid = true;
    while (is_valid && walk.text[walk.at] != '\0')
        is_valid = take(&walk);
    bool has_failed = text.has_failed || out->has_failed;
    buffer_release(&text);
    if (has_failed)
        return ERROR_NO_MEMORY;
    return is_valid ? ERROR_NONE : ERROR_INVALID;
}
