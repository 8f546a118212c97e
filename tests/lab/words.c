#include "words.h"

#include <stdio.h>
#include <string.h>

#include "hash.h"
#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/base/duration.h"
#include "netcheck/target/fault.h"

bool flaw_set(struct flaw *flaw, const char *what, const char *remedy)
{
    flaw->what = what;
    flaw->remedy = remedy;
    return false;
}

void flaw_print(const struct flaw *flaw, const char *whole)
{
    (void)fprintf(stderr, "lab: %s '%s' in '%s': %s\n", flaw->what, flaw->word, whole,
                  flaw->remedy);
}

bool words_count(const char *text, uint64_t least, uint64_t most, uint64_t *count)
{
    uint64_t value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (!ascii_is_digit(*text) || value > most)
            return false;
        value = value * 10 + (uint64_t)(*text - '0');
    }
    if (value < least || value > most)
        return false;
    *count = value;
    return true;
}

bool words_duration(const char *text, int64_t *duration_ns, struct flaw *flaw)
{
    static const int64_t most_ns = 3600 * NS_PER_S;
    int64_t parsed_ns = 0;
    enum error error = duration_parse(text, &parsed_ns);
    if (error != ERROR_NONE) {
        enum fault_code code = fault_of_duration(error);
        return flaw_set(flaw, fault_text(code), fault_remedy(code));
    }
    if (parsed_ns > most_ns)
        return flaw_set(flaw, "duration out of range", "allowed is up to 1h");
    *duration_ns = parsed_ns;
    return true;
}

bool words_chance(const char *text, uint64_t *chance, struct flaw *flaw)
{
    static const int64_t whole_ns = 100 * NS_PER_S;
    char number[WORD_SIZE];
    size_t len = strspn(text, "0123456789.");
    /* A decimal number is what a duration in seconds is: billionths instead of nanoseconds. */
    int64_t percent_ns = -1;
    if (len < sizeof number && strcmp(text + len, "%") == 0) {
        memcpy(number, text, len);
        number[len] = '\0';
        if (duration_parse(number, &percent_ns) != ERROR_NONE)
            percent_ns = -1;
    }
    if (percent_ns < 0 || percent_ns > whole_ns)
        return flaw_set(flaw, "invalid share", "write 0% to 100%, decimals allowed");
    *chance = (uint64_t)percent_ns * (CHANCE_WHOLE / 1024) / (uint64_t)(whole_ns / 1024);
    return true;
}
