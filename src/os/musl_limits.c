#include "netcheck/os/musl_limits.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NDOTS_MAX = 15 };

static const char blanks[] = " \t\r\v\f";

/* A word of a line. */
struct word {
    const char *start;
    size_t len;
};

/* The next word before `end`, from `at` on; false: there is none. */
static bool next_word(const char *at, const char *end, struct word *word)
{
    at += strspn(at, blanks);
    if (at >= end)
        return false;
    word->start = at;
    word->len = strcspn(at, " \t\r\v\f\n");
    if (word->len > (size_t)(end - at))
        word->len = (size_t)(end - at);
    return true;
}

/* The name stands there in a line of hosts that is of use. */
static enum lookup_cause judge_name(const char *line, const struct word *name, const char *host)
{
    const char *end = name->start + name->len;
    if (end - line > MUSL_HOSTS_LINE_MAX)
        return LOOKUP_CAUSE_HOSTS_LINE;
    if (*end == '\0')
        return LOOKUP_CAUSE_HOSTS_END;
    if (memcmp(name->start, host, name->len) != 0)
        return LOOKUP_CAUSE_HOSTS_CASE;
    return LOOKUP_CAUSE_NONE;
}

/* A line of hosts, up to its end or comment. */
static enum lookup_cause judge_line(const char *line, const char *end, const char *host,
                                    unsigned families)
{
    struct word word;
    struct address address;
    if (!next_word(line, end, &word) || !address_parse(word.start, word.len, &address) ||
        (address_family_bit(&address) & families) == 0)
        return LOOKUP_CAUSE_NONE;
    while (next_word(word.start + word.len, end, &word))
        if (word.len == strlen(host) && strncasecmp(word.start, host, word.len) == 0)
            return judge_name(line, &word, host);
    return LOOKUP_CAUSE_NONE;
}

enum lookup_cause musl_limits_hosts(const char *text, const char *host, unsigned families)
{
    enum lookup_cause cause = LOOKUP_CAUSE_NONE;
    for (const char *line = text; *line != '\0' && cause == LOOKUP_CAUSE_NONE;) {
        size_t len = strcspn(line, "\n");
        cause = judge_line(line, line + strcspn(line, "#\n"), host, families);
        line += len;
        line += *line == '\n';
    }
    return cause;
}

static bool has_keyword(const char *line, const char *keyword)
{
    size_t len = strlen(keyword);
    return strncmp(line, keyword, len) == 0 && isspace((unsigned char)line[len]);
}

/* The value of ndots in a line of options, else as before. */
static unsigned long read_ndots(const char *line, size_t len, unsigned long before)
{
    static const char word[] = "ndots:";
    const char *at = strstr(line, word);
    if (at == NULL || at >= line + len || !isdigit((unsigned char)at[sizeof word - 1]))
        return before;
    unsigned long ndots = strtoul(at + sizeof word - 1, NULL, 10);
    return ndots < NDOTS_MAX ? ndots : NDOTS_MAX;
}

static bool is_searched(const char *host, unsigned long ndots)
{
    unsigned long dots = 0;
    for (const char *p = host; *p != '\0'; p++)
        dots += *p == '.';
    return dots < ndots && lookup_name_len(host) == strlen(host);
}

enum lookup_cause musl_limits_search(const char *text, const char *host)
{
    unsigned long ndots = 1;
    bool is_passed_over = false;
    for (const char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        if (has_keyword(line, "search") || has_keyword(line, "domain"))
            is_passed_over = len > MUSL_CONF_LINE_MAX;
        else if (has_keyword(line, "options"))
            ndots = read_ndots(line, len, ndots);
        line += len;
        line += *line == '\n';
    }
    return is_passed_over && is_searched(host, ndots) ? LOOKUP_CAUSE_SEARCH_LIST
                                                      : LOOKUP_CAUSE_NONE;
}
