#include "unknown.h"

#include <stdint.h>
#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/base/escape.h"
#include "netcheck/base/slice.h"
#include "netcheck/base/utf8.h"
#include "netcheck/target/fault.h"
#include "netcheck/target/ports.h"
#include "netcheck/target/protocols.h"
#include "netcheck/target/target.h"
#include "foreign.h"
#include "option_table.h"

enum {
    NAME_LIMIT = 32,   /* longer than any option: nothing is near to more */
    SHORT_NAME = 5,    /* up to so many letters one may be wrong, in longer names two */
    NEAR_MAX = 3,      /* more than so many are no help */
    TARGET_LIMIT = 64, /* longer ones are not repeated */
    LETTER_SIZE = 6,   /* a dash, a character of UTF-8 and a NUL */
};

/* How many bytes of "name=value" are its name: values may be passwords, in URLs for instance.
 */
static size_t name_len(const char *name)
{
    return strcspn(name, "=:/@");
}

static void add_unknown(struct buffer *out, const char *word, size_t len)
{
    buffer_add_text(out, "unknown option ");
    escape_quoted(out, word, len);
}

/* Whether one of the words before "--" begins with `start`. */
static bool has_word(char *const argv[], const char *start)
{
    for (size_t i = 1; argv[i] != NULL && strcmp(argv[i], "--") != 0; i++)
        if (strncmp(argv[i], start, strlen(start)) == 0)
            return true;
    return false;
}

/* Whether a word is a target that can be shown as it is, with ports or without. */
static bool is_target(const char *word, bool has_ports)
{
    struct target *target = NULL;
    struct fault fault;
    bool is_plain = word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789.:,/%_-[]")] == '\0' &&
                    strstr(word, "://") == NULL && strlen(word) < TARGET_LIMIT;
    if (!is_plain || target_parse(word, strlen(word), &target, &fault) != ERROR_NONE)
        return false;
    bool is_meant = (target->ports.count > 0) == has_ports;
    target_drop(target);
    return is_meant;
}

/* "udp://db:53" where the last words are "db 53" or "db:53"; else "udp://HOST:PORT". */
static void add_target(struct buffer *out, char *const argv[],
                       const struct protocol_traits *traits)
{
    size_t count = 1;
    while (argv[count] != NULL && strcmp(argv[count], "--") != 0)
        count++;
    const char *last = count > 1 ? argv[count - 1] : "-";
    const char *before = count > 2 ? argv[count - 2] : "-";
    const struct slice ports = {last, 0, strlen(last)};
    buffer_add_format(out, ": write %s://", traits->name);
    if (traits->has_ports && ports_are_plain(&ports) && is_target(before, false))
        buffer_add_format(out, strchr(before, ':') != NULL ? "[%s]:%s" : "%s:%s", before, last);
    else if (is_target(last, traits->has_ports))
        buffer_add_text(out, last);
    else
        buffer_add_text(out, traits->has_ports ? "HOST:PORT" : "HOST");
}

/* "write udp://HOST:PORT; ...", or that this protocol is not asked. */
static void add_protocol(struct buffer *out, char *const argv[], const struct foreign *foreign)
{
    size_t len = strlen(foreign->protocol);
    const struct slice word = {foreign->protocol, 0, len};
    const struct protocol_traits *traits = protocols_find(&word);
    bool is_asked = traits != NULL && traits->id != PROTOCOL_NONE;
    if (is_asked)
        add_target(out, argv, traits);
    else
        fault_add_remedy(out, FAULT_PROTOCOL, &word, &word);
    buffer_add_text(out, foreign->remedy);
}

static void add_foreign(struct buffer *out, char *const argv[], const struct foreign *foreign)
{
    bool has_limits = foreign->limits != NULL &&
                      (has_word(argv, "-w") || has_word(argv, "-c") ||
                       has_word(argv, "--warning") || has_word(argv, "--critical"));
    if (foreign->protocol != NULL)
        add_protocol(out, argv, foreign);
    else
        buffer_add_format(out, ": %s", has_limits ? foreign->limits : foreign->remedy);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * How many letters must be put in, left out, replaced or swapped with their neighbour: the
 * distance of optimal string alignment, of which three rows of the matrix are enough.
 */
static size_t distance(const char *a, size_t a_len, const char *b)
{
    size_t rows[3][NAME_LIMIT + 1];
    size_t b_len = strlen(b);
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *before = rows[(i + 2) % 3];
        const size_t *two_before = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t replaced = before[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(replaced, least(row[j - 1], before[j]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], two_before[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

/* How far the name of an option is from what was written; 0 for its beginning. */
static size_t distance_to(const struct option *option, const char *name, size_t len)
{
    if (option->name == NULL)
        return SIZE_MAX;
    if (strncmp(option->name, name, len) == 0)
        return 0;
    size_t far = distance(name, len, option->name);
    return far <= (len > SHORT_NAME ? 2 : 1) ? far : SIZE_MAX;
}

/* The nearest names, in the order of the table. Returns how many, also where not all have room.
 */
static size_t find_near(const char *written, size_t len, const char *near[NEAR_MAX])
{
    char name[NAME_LIMIT];
    size_t best = SIZE_MAX - 1;
    size_t count = 0;
    if (len == 0 || len > sizeof name)
        return 0;
    for (size_t i = 0; i < len; i++)
        name[i] = ascii_lower(written[i]);
    for (size_t i = 0; i < option_table_len; i++) {
        size_t far = distance_to(&option_table[i], name, len);
        if (far < best)
            count = 0;
        if (far > best || far == SIZE_MAX)
            continue;
        best = far;
        if (count < NEAR_MAX)
            near[count] = option_table[i].name;
        count++;
    }
    return count;
}

/* ": the nearest are --a, --b and --c" */
static void add_near(struct buffer *out, const char *name, size_t len)
{
    const char *near[NEAR_MAX];
    size_t count = find_near(name, len, near);
    buffer_add_text(out, ": ");
    if (count > 0 && count <= NEAR_MAX) {
        buffer_add_text(out, count == 1 ? "the nearest is" : "the nearest are");
        for (size_t i = 0; i < count; i++) {
            const char *separator = i == 0 ? "" : i + 1 < count ? "," : " and";
            buffer_add_format(out, "%s --%s", separator, near[i]);
        }
        buffer_add_text(out, "; ");
    }
    buffer_add_text(out, "see netcheck --help");
}

void unknown_name(struct buffer *out, char *const argv[], const char *written)
{
    const char *name = written + 2;
    size_t len = name_len(name);
    size_t option_len = 0;
    const struct foreign *foreign = len > 1 ? foreign_find(name, len, &option_len) : NULL;
    add_unknown(out, written, 2 + len);
    if (foreign != NULL)
        add_foreign(out, argv, foreign);
    else if (len == 1 && option_with_letter(*name) != NULL)
        buffer_add_format(out, ": write -%c", *name);
    else
        add_near(out, name, len);
}

void unknown_letter(struct buffer *out, char *const argv[], const char *written, size_t at)
{
    uint32_t character; /* of several bytes, or a byte that is none */
    size_t len = utf8_decode(written + at, strlen(written + at), &character);
    len = len > 0 ? len : 1;
    size_t option_len = 0;
    const struct foreign *foreign = foreign_find(written + at, 1, &option_len);
    char name[LETTER_SIZE] = "-";
    memcpy(name + 1, written + at, len);
    add_unknown(out, name, 1 + len);
    if (at > 1) {
        buffer_add_text(out, " in ");
        escape_quoted(out, written, at + len);
    }
    if (foreign != NULL)
        add_foreign(out, argv, foreign);
    else
        buffer_add_text(out, ": see netcheck --help");
}

bool unknown_whole(struct buffer *out, char *const argv[], const char *written)
{
    const char *word = written + 1;
    size_t len = name_len(word);
    size_t option_len = 0;
    const struct foreign *foreign = len > 1 ? foreign_find(word, len, &option_len) : NULL;
    bool is_name = len > 1 && option_with_name(word, len) != NULL;
    if (is_name) {
        add_unknown(out, written, 1 + len);
        buffer_add_format(out, ": write --%.*s", (int)len, word);
    } else if (foreign != NULL) {
        add_unknown(out, written, 1 + option_len);
        add_foreign(out, argv, foreign);
    } else if (has_word(argv, "-H")) {
        unknown_letter(out, argv, "-H", 1);
    } else if (word[0] == 'h' && word[1] != '\0') {
        buffer_add_text(out, "-h prints help and takes no argument: write HOST without -h");
    } else {
        return false;
    }
    return true;
}

/* How many bytes at `word` are a dash that is not ASCII; 0 for none. */
static size_t long_dash_len(const char *word)
{
    uint32_t character;
    size_t len = *word != '\0' ? utf8_decode(word, strlen(word), &character) : 0;
    return len > 0 && utf8_is_dash(character) ? len : 0;
}

bool unknown_dash(struct buffer *out, const char *word)
{
    size_t dash_len = long_dash_len(word);
    if (dash_len == 0)
        return false;
    const char *name = word + dash_len;
    while (long_dash_len(name) > 0)
        name += long_dash_len(name);
    name += strspn(name, "-");
    size_t len = name_len(name);
    buffer_add_text(out, "a long dash begins no option: write ");
    if (*name == '\0')
        buffer_add_text(out, "-- before COMMAND");
    else if (option_with_name(name, len) != NULL)
        buffer_add_format(out, "--%.*s", (int)len, name);
    else if (option_with_letter(*name) != NULL)
        buffer_add_format(out, "-%c", *name);
    else
        buffer_add_text(out, "- or --");
    return true;
}
