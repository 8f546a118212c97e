#include "netcheck/base/matcher.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expression.h"
#include "netcheck/base/base.h"
#include "netcheck/base/buffer.h"
#include "netcheck/base/unescape.h"

struct matcher {
    bool is_expression;
    regex_t expression;
    struct buffer text;
};

/* What the user wrote */

static enum error refuse(struct matcher_fault *fault, const char *words, const char *remedy)
{
    *fault = (struct matcher_fault){.words = words};
    (void)snprintf(fault->remedy, sizeof fault->remedy, "%s", remedy);
    return ERROR_INVALID;
}

static enum error parse_text(struct matcher *matcher, const char *written,
                             struct matcher_fault *fault)
{
    size_t at = 0;
    enum unescape_fault found = unescape(&matcher->text, written, &at);
    if (found != UNESCAPE_OK) {
        (void)refuse(fault, unescape_text(found), unescape_remedy(found));
        fault->has_place = true;
        fault->at = at;
        return ERROR_INVALID;
    }
    if (matcher->text.has_failed)
        return ERROR_NO_MEMORY;
    if (matcher->text.len > MATCHER_LEN_MAX)
        return refuse(fault, "text of more than 64 KiB", "no more of an answer is read");
    return ERROR_NONE;
}

/*
 * A search would begin at each byte of a line anew, and glibc then takes the square of its
 * length. From its begin on it takes each byte once.
 */
static enum error compile(struct matcher *matcher, struct buffer *translated,
                          struct matcher_fault *fault)
{
    buffer_add_text(translated, ")");
    const char *text = buffer_text(translated);
    if (translated->has_failed)
        return ERROR_NO_MEMORY;
    int error = regcomp(&matcher->expression, text, REG_EXTENDED | REG_NOSUB);
    matcher->is_expression = error == 0;
    if (error == REG_ESPACE)
        return ERROR_NO_MEMORY;
    if (error == 0)
        return ERROR_NONE;
    *fault = (struct matcher_fault){.words = "invalid expression"};
    (void)regerror(error, &matcher->expression, fault->remedy, sizeof fault->remedy);
    return ERROR_INVALID;
}

/* Between slashes. */
static enum error parse_expression(struct matcher *matcher, const char *written, size_t len,
                                   struct matcher_fault *fault)
{
    struct buffer translated = BUFFER_EMPTY;
    *fault = (struct matcher_fault){.has_place = false};
    buffer_add_text(&translated, "^.*(");
    enum error error = expression_translate(&translated, written + 1, len - 2, fault);
    fault->at++;
    if (error == ERROR_NONE)
        error = compile(matcher, &translated, fault);
    buffer_release(&translated);
    return error;
}

/* "^220", "220.*SMTP", "/^220": in a text they would be found nowhere. */
static bool looks_like_expression(const char *text)
{
    return text[text[0] == '/'] == '^' || strstr(text, ".*") != NULL;
}

static enum error parse(struct matcher *matcher, const char *written,
                        struct matcher_fault *fault)
{
    size_t len = strlen(written);
    bool is_slashed = written[0] == '/' && len > 1;
    if (len == 0)
        return refuse(fault, "empty text", "write what is to come");
    if (strcmp(written, "//") == 0)
        return refuse(fault, "empty expression", "write one, or \\x2f/ for two slashes");
    if (is_slashed && len > 3 && strcmp(written + len - 2, "/i") == 0)
        return refuse(fault, "expression with a flag",
                      "write [Aa] for a letter in any case, or \\x2fi at the end of a text");
    if (is_slashed && written[len - 1] == '/')
        return parse_expression(matcher, written, len, fault);
    if (looks_like_expression(written))
        return refuse(fault, "expression without its slashes",
                      "write '/ERE/', or in a text \\x5e for ^ and \\x2a for *");
    return parse_text(matcher, written, fault);
}

enum error matcher_new(const char *written, struct matcher **created,
                       struct matcher_fault *fault)
{
    struct matcher *matcher = calloc(1, sizeof *matcher);
    if (matcher == NULL)
        return ERROR_NO_MEMORY;
    enum error error = parse(matcher, written, fault);
    if (error == ERROR_NONE)
        *created = matcher;
    else
        matcher_free(matcher);
    return error;
}

void matcher_free(struct matcher *matcher)
{
    if (matcher == NULL)
        return;
    if (matcher->is_expression)
        regfree(&matcher->expression);
    buffer_release(&matcher->text);
    free(matcher);
}

/* The search */

static bool is_line_end(unsigned char c)
{
    return c == '\n' || c == '\0';
}

/* Where the line that has the byte at `at` ends: at its end, or that of the text. */
static size_t find_end(const struct matcher_text *text, size_t at)
{
    while (at < text->len && !is_line_end(text->bytes[at]))
        at++;
    return at;
}

/* From..to without the '\r' before a line's end. */
static struct matcher_line make_line(const struct matcher_text *text, size_t from, size_t to)
{
    bool has_return = to > from && text->bytes[to - 1] == '\r';
    return (struct matcher_line){from, to - from - has_return};
}

/* Where the bytes stand first; text->len: nowhere. */
static size_t find_bytes(const struct matcher_text *text, const struct buffer *bytes)
{
    const unsigned char *begin = text->bytes;
    size_t at = 0;
    while (bytes->len <= text->len - at) {
        size_t room = text->len - at - bytes->len + 1;
        const unsigned char *found = memchr(begin + at, bytes->bytes[0], room);
        if (found == NULL)
            break;
        if (memcmp(found, bytes->bytes, bytes->len) == 0)
            return (size_t)(found - begin);
        at = (size_t)(found - begin) + 1;
    }
    return text->len;
}

static enum error find_text(const struct matcher *matcher, const struct matcher_text *text,
                            struct matcher_line *line)
{
    size_t at = text->len > 0 ? find_bytes(text, &matcher->text) : 0;
    size_t from = at;
    if (at == text->len)
        return ERROR_END;
    while (from > 0 && !is_line_end(text->bytes[from - 1]))
        from--;
    *line = make_line(text, from, find_end(text, at + matcher->text.len - 1));
    return ERROR_NONE;
}

/* Hold it against the line, which the caller has terminated in `bytes`. */
static enum error match_line(const struct matcher *matcher, const char *bytes, bool is_whole)
{
    int error = regexec(&matcher->expression, bytes, 0, NULL, is_whole ? 0 : REG_NOTEOL);
    if (error == 0)
        return ERROR_NONE;
    return error == REG_NOMATCH ? ERROR_END : ERROR_NO_MEMORY;
}

static enum error find_expression(const struct matcher *matcher,
                                  const struct matcher_text *text, struct matcher_line *line)
{
    enum error error = ERROR_END;
    size_t from = 0;
    char *bytes = malloc(text->len + 1);
    if (bytes == NULL)
        return ERROR_NO_MEMORY;
    if (text->len > 0)
        memcpy(bytes, text->bytes, text->len);
    do {
        size_t to = find_end(text, from);
        struct matcher_line found = make_line(text, from, to);
        bytes[found.at + found.len] = '\0';
        error = match_line(matcher, bytes + from, to < text->len || text->is_end);
        if (error == ERROR_NONE)
            *line = found;
        from = to + 1;
    } while (error == ERROR_END && from < text->len);
    free(bytes);
    return error;
}

enum error matcher_find(const struct matcher *matcher, const struct matcher_text *text,
                        struct matcher_line *line)
{
    return matcher->is_expression ? find_expression(matcher, text, line)
                                  : find_text(matcher, text, line);
}
