#include "netcheck/target/secret.h"

#include <string.h>

#include "netcheck/base/address.h"
#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/base/escape.h"
#include "netcheck/target/protocols.h"

static const char mask[] = "***";

enum { MASK_LEN = sizeof mask - 1 };

/* The secrets of a text, one after another. */
struct secrets {
    struct slice rest; /* where the next one may be */
    size_t last_at;    /* the last '@'; the text's end: none */
    size_t value;      /* where the value of a secret key begins; the text's end: none */
};

static bool is_key(char c)
{
    return ascii_is_alnum(c) || c == '_' || c == '-' || c == '.';
}

static unsigned hex_value(char c)
{
    return ascii_is_digit(c) ? (unsigned)(c - '0') : (unsigned)(ascii_lower(c) - 'a' + 10);
}

/* How many bytes `c` has at `at`: 1, or 3 as "%40"; 0 where something else is there. */
static size_t mark_len(const struct slice *text, size_t at, char c)
{
    const char *p = text->text + at;
    if (at >= text->to)
        return 0;
    if (*p == c)
        return 1;
    if (*p != '%' || text->to - at < 3 || !ascii_is_hex(p[1]) || !ascii_is_hex(p[2]))
        return 0;
    return hex_value(p[1]) << 4 == ((unsigned char)c & 0xf0u) &&
                   hex_value(p[2]) == ((unsigned char)c & 0x0fu)
               ? 3
               : 0;
}

/* The place of the first `c`, or text->to. A line may be long: what is no mark costs little. */
static size_t first_mark(const struct slice *text, char c)
{
    struct slice before = {text->text, text->from, slice_find(text, c)};
    while (slice_len(&before) > 0) {
        before.from = slice_find(&before, '%');
        if (mark_len(text, before.from, c) > 0)
            return before.from;
        before.from += before.from < before.to;
    }
    return before.to;
}

/* The place of the last `c`, or text->to. */
static size_t last_mark(const struct slice *text, char c)
{
    for (size_t at = text->to; at > text->from; at--) {
        char found = text->text[at - 1];
        if ((found == c || found == '%') && mark_len(text, at - 1, c) > 0)
            return at - 1;
    }
    return text->to;
}

/* The first "://" of the word; false for none. */
static bool find_separator(const struct slice *word, struct slice *separator)
{
    struct slice rest = *word;
    for (; (rest.from = first_mark(&rest, ':')) < rest.to; rest.from++) {
        size_t end = rest.from;
        size_t len = 1;
        for (const char *c = "://"; *c != '\0' && len > 0; c++) {
            len = mark_len(word, end, *c);
            end += len;
        }
        if (len == 0)
            continue;
        *separator = (struct slice){word->text, rest.from, end};
        return true;
    }
    return false;
}

static bool has_mark(const struct slice *text, const char *marks)
{
    for (const char *c = marks; *c != '\0'; c++)
        if (first_mark(text, *c) < text->to)
            return true;
    return false;
}

/* Where the user's name may begin: behind "://", unless what stands before is no scheme. */
static size_t userinfo_start(const struct slice *word, const struct slice *separator)
{
    static const char *const drivers[] = {"jdbc:", "r2dbc:"};
    struct slice scheme = {word->text, word->from, separator->from};
    for (size_t i = 0; i < ARRAY_LEN(drivers); i++) {
        struct slice head = scheme;
        size_t len = strlen(drivers[i]);
        head.to = slice_len(&scheme) < len ? head.to : head.from + len;
        if (slice_is(&head, drivers[i]))
            return has_mark(&scheme, "/@") ? word->from : separator->to;
    }
    return has_mark(&scheme, ":/@") ? word->from : separator->to;
}

/* The port of a URL without '@', to the word's end, where it is no number. */
static bool find_port(const struct slice *word, const struct slice *separator,
                      struct slice *secret)
{
    const struct slice scheme = {word->text, word->from, separator->from};
    struct slice authority = {word->text, separator->to, word->to};
    for (const char *c = "/?#;"; *c != '\0'; c++)
        authority.to = slice_find(&authority, *c);
    struct slice port = {word->text, slice_find(&authority, ':'), authority.to};
    struct address address;
    /* Before "tcp://" and its like no user can stand: what is there is a service, misspelled.
     */
    if (slice_len(&port) < 2 || protocols_find(&scheme) != NULL ||
        slice_count(&authority, ',') > 0 || slice_count(&authority, '[') > 0 ||
        address_parse(slice_start(&authority), slice_len(&authority), &address))
        return false;
    port.from++;
    *secret = (struct slice){word->text, port.from, word->to};
    return !slice_is_number(&port);
}

/* A host, the folder of a socket, or any. */
static bool may_be_host(const struct slice *field)
{
    for (size_t at = field->from; at < field->to; at++)
        if (!is_key(field->text[at]) && field->text[at] != '/' && field->text[at] != '*')
            return false;
    return slice_len(field) > 0;
}

static bool has_other_than_hex(const struct slice *field)
{
    for (size_t at = field->from; at < field->to; at++)
        if (!ascii_is_hex(field->text[at]))
            return true;
    return false;
}

/* "HOST:PORT:DATABASE:USER:PASSWORD" of PostgreSQL's .pgpass, which no IPv6 address is. */
static bool find_in_line_of_pgpass(const struct slice *word, struct slice *secret)
{
    enum { PORT = 1, PASSWORD = 4 };
    struct slice rest = *word;
    bool is_other = false;
    for (size_t i = 0; i < PASSWORD; i++) {
        struct slice field = {rest.text, rest.from, slice_find(&rest, ':')};
        bool is_port = slice_is_number(&field) || slice_is(&field, "*");
        if (field.to == rest.to || slice_len(&field) == 0 || (i == 0 && !may_be_host(&field)) ||
            (i == PORT && !is_port))
            return false;
        is_other |= i != PORT && has_other_than_hex(&field);
        rest.from = field.to + 1;
    }
    *secret = rest;
    return is_other;
}

/* The secret of the word, which may reach behind it: to `last_at`, that of the text. */
static bool find_in_word(const struct slice *word, const struct secrets *secrets,
                         struct slice *secret)
{
    struct slice separator;
    struct slice user = *word;
    if (find_separator(word, &separator)) {
        size_t start = userinfo_start(word, &separator);
        *secret = (struct slice){word->text, start, secrets->last_at};
        if (secrets->last_at >= separator.to && secrets->last_at < secrets->rest.to)
            return true;
        if (find_port(word, &separator, secret))
            return true;
        user.to = separator.from;
    } else if (find_in_line_of_pgpass(word, secret)) {
        secret->to = secrets->rest.to;
        return true;
    }
    size_t at = last_mark(&user, '@');
    *secret = (struct slice){word->text, word->from, at};
    bool is_path = slice_len(word) > 0 && ascii_is_one_of(*slice_start(word), "/.");
    bool is_user = at < user.to && has_mark(secret, is_path ? ":" : ":/");
    secret->to = is_user && user.to == word->to ? secrets->last_at : at;
    return is_user;
}

/* Whether the key that ends at `end` is one of a secret. */
static bool is_secret_key(const struct slice *text, size_t end)
{
    static const char *const words[] = {"pass", "pwd",  "secret",     "token",
                                        "key",  "auth", "credential", "sig"};
    size_t from = end;
    while (from > text->from && is_key(text->text[from - 1]))
        from--;
    for (; from < end; from++) {
        for (size_t i = 0; i < ARRAY_LEN(words); i++) {
            struct slice head = {text->text, from, from + strlen(words[i])};
            if (head.to <= end && slice_is(&head, words[i]))
                return true;
        }
    }
    return false;
}

static bool is_blank_or_quote(char c)
{
    return ascii_is_space(c) || c == '"' || c == '\'';
}

/* The length of the mark at `at`, which may stand between a key and its value; 0 for none. A
   colon is one beside a blank or a quote; "auth:80" is a target. */
static size_t value_mark_len(const struct slice *text, size_t at)
{
    const char *c = text->text + at;
    bool is_open = at + 1 < text->to && is_blank_or_quote(c[1]);
    bool is_closed = at > text->from && is_blank_or_quote(c[-1]);
    if (*c == ':')
        return is_open || is_closed;
    return mark_len(text, at, '=');
}

/* "password=x", "PASSWORD = x", "password: x", "\"password\":\"x\"" */
static size_t find_value(const struct slice *text)
{
    for (size_t at = text->from; at < text->to; at++) {
        if (!ascii_is_one_of(text->text[at], "=:%"))
            continue;
        size_t len = value_mark_len(text, at);
        size_t end = at;
        while (len > 0 && end > text->from && is_blank_or_quote(text->text[end - 1]))
            end--;
        if (len == 0 || !is_secret_key(text, end))
            continue;
        for (at += len; at < text->to && is_blank_or_quote(text->text[at]);)
            at++;
        return at;
    }
    return text->to;
}

static struct secrets secrets_of(const char *text, size_t len)
{
    const struct slice whole = {text, 0, len};
    return (struct secrets){whole, last_mark(&whole, '@'), find_value(&whole)};
}

/* The next secret, none of which is empty; false where there is no more. */
static bool next_secret(struct secrets *secrets, struct slice *secret)
{
    struct slice *rest = &secrets->rest;
    bool has_secret = false;
    for (size_t at = rest->from; at < rest->to && !has_secret;) {
        struct slice word = {rest->text, at, at};
        while (word.to < rest->to && !ascii_is_space(rest->text[word.to]))
            word.to++;
        at = word.to + 1;
        while (word.from < word.to && ascii_is_one_of(rest->text[word.from], "!\"'"))
            word.from++;
        has_secret = slice_len(&word) > 0 && find_in_word(&word, secrets, secret) &&
                     slice_len(secret) > 0;
    }
    bool has_value = rest->from < rest->to && secrets->value < rest->to;
    if (has_value && (!has_secret || secrets->value < secret->from))
        *secret = (struct slice){rest->text, secrets->value, rest->to};
    else if (has_value && secrets->value <= secret->to)
        secret->to = rest->to;
    rest->from = has_secret || has_value ? secret->to : rest->to;
    return has_secret || has_value;
}

/* Where a place of the text is in the masked one. */
static size_t move(const char *text, size_t len, size_t at, bool is_end)
{
    struct secrets secrets = secrets_of(text, len);
    struct slice secret;
    size_t moved = at;
    while (next_secret(&secrets, &secret) && secret.from < at) {
        if (at < secret.to)
            return moved - (at - secret.from) + (is_end ? MASK_LEN : 0);
        moved = moved + MASK_LEN - slice_len(&secret);
    }
    return moved;
}

/* Whether a mark of a secret may be in it. Most lines of 64 KB that are no target have none. */
static bool may_have_secret(const struct slice *text)
{
    for (const char *c = "@%=:"; *c != '\0'; c++)
        if (slice_find(text, *c) < text->to)
            return true;
    return false;
}

void secret_mask(struct buffer *out, const char *text, size_t len, struct slice *piece)
{
    const struct slice whole = {text, 0, len};
    if (!may_have_secret(&whole)) {
        buffer_add(out, text, len);
        return;
    }
    struct secrets secrets = secrets_of(text, len);
    struct slice secret;
    size_t done = 0;
    while (next_secret(&secrets, &secret)) {
        buffer_add(out, text + done, secret.from - done);
        buffer_add_text(out, mask);
        done = secret.to;
    }
    buffer_add(out, text + done, len - done);
    if (piece == NULL)
        return;
    bool is_empty = slice_len(piece) == 0;
    piece->from = move(text, len, piece->from, is_empty);
    piece->to = is_empty ? piece->from : move(text, len, piece->to, true);
}

void secret_mask_cut(struct buffer *out, const char *text, size_t len)
{
    struct buffer whole = BUFFER_EMPTY;
    buffer_add(&whole, text, len);
    buffer_add_text(&whole, "@");
    if (!whole.has_failed)
        secret_mask(out, whole.bytes, whole.len, NULL);
    /* The '@' is the last byte, unless it is masked itself. */
    if (out->len > 0 && out->bytes[out->len - 1] == '@')
        out->len--;
    out->has_failed |= whole.has_failed;
    buffer_release(&whole);
}

void secret_quoted(struct buffer *out, const char *text, size_t len)
{
    struct buffer masked = BUFFER_EMPTY;
    secret_mask(&masked, text, len, NULL);
    escape_quoted(out, masked.bytes, masked.len);
    out->has_failed |= masked.has_failed;
    buffer_release(&masked);
}
