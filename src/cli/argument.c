#include "argument.h"

#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/base/duration.h"
#include "netcheck/target/secret.h"

bool argument_refuse(const struct use *use, const char *what, const char *remedy)
{
    buffer_add_format(use->message, "%s ", what);
    secret_quoted(use->message, use->argument, strlen(use->argument));
    buffer_add_format(use->message, " for %s", use->name);
    if (remedy != NULL)
        buffer_add_format(use->message, ": %s", remedy);
    return false;
}

bool argument_refuse_fault(const struct use *use, enum fault_code code)
{
    (void)argument_refuse(use, fault_text(code), NULL);
    const struct slice whole = {use->argument, 0, strlen(use->argument)};
    fault_add_remedy(use->message, code, &whole, &whole);
    return false;
}

/* A number without a unit, so large that milliseconds may be meant. */
static bool is_large(const char *text, int64_t duration_ns)
{
    char last = text[strlen(text) - 1];
    return duration_ns >= OPTIONS_LARGE_S * NS_PER_S && (ascii_is_digit(last) || last == '.');
}

bool argument_duration(const struct use *use, int64_t least_ns, enum fault_code small,
                       const char **large, int64_t *duration_ns)
{
    int64_t parsed_ns = 0;
    enum error error = duration_parse(use->argument, &parsed_ns);
    if (error != ERROR_NONE)
        return argument_refuse_fault(use, fault_of_duration(error));
    if (parsed_ns < least_ns)
        return argument_refuse_fault(use, small);
    *large = is_large(use->argument, parsed_ns) ? use->argument : NULL;
    *duration_ns = parsed_ns;
    return true;
}

bool argument_digits(const char *text, const char **end, uint64_t *value)
{
    uint64_t parsed = 0;
    const char *p = text;
    for (; ascii_is_digit(*p); p++) {
        unsigned digit = (unsigned)(*p - '0');
        if (parsed > (UINT64_MAX - digit) / 10)
            return false;
        parsed = parsed * 10 + digit;
    }
    *end = p;
    *value = parsed;
    return p > text;
}

bool argument_count(const struct use *use, size_t least, size_t most, size_t *count)
{
    const char *end = NULL;
    uint64_t value = 0;
    if (argument_digits(use->argument, &end, &value) && *end == '\0' && value >= least &&
        value <= most) {
        *count = (size_t)value;
        return true;
    }
    (void)argument_refuse(use, fault_text(FAULT_NUMBER), NULL);
    buffer_add_format(use->message, ": allowed is %zu-%zu", least, most);
    return false;
}

bool argument_find_word(option_word *word, const char *text, size_t len, size_t *index)
{
    for (size_t i = 0; word(i) != NULL; i++) {
        if (strlen(word(i)) != len || memcmp(word(i), text, len) != 0)
            continue;
        *index = i;
        return true;
    }
    return false;
}

bool argument_refuse_words(const struct use *use, const char *what, option_word *word)
{
    (void)argument_refuse(use, what, "allowed is");
    for (size_t i = 0; word(i) != NULL; i++) {
        const char *separator = i == 0 ? " " : word(i + 1) != NULL ? ", " : " or ";
        buffer_add_format(use->message, "%s%s", separator, word(i));
    }
    return false;
}
