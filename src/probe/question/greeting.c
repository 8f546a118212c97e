#include "greeting.h"

#include <string.h>

#include "netcheck/base/ascii.h"

enum { NUMBER_SIZE = 3 };

bool line_read(const struct answer_bytes *answer, size_t from, struct line *line)
{
    if (from >= answer->len)
        return false;
    const unsigned char *bytes = answer->bytes + from;
    const unsigned char *end = memchr(bytes, '\n', answer->len - from);
    if (end == NULL)
        return false;
    size_t len = (size_t)(end - bytes);
    line->from = from;
    line->to = from + len - (len > 0 && end[-1] == '\r');
    line->next = from + len + 1;
    return true;
}

static struct answer_bytes line_bytes(const struct answer_bytes *answer,
                                      const struct line *line)
{
    return (struct answer_bytes){answer->bytes + line->from, line->to - line->from, true};
}

bool line_has_word(const struct answer_bytes *answer, const struct line *line, const char *word)
{
    const struct answer_bytes bytes = line_bytes(answer, line);
    size_t len = strlen(word);
    return answer_has(&bytes, 0, word, len) && (bytes.len == len || bytes.bytes[len] == ' ');
}

bool line_contains(const struct answer_bytes *answer, const struct line *line, const char *text)
{
    const struct answer_bytes bytes = line_bytes(answer, line);
    return answer_find(&bytes, text) < bytes.len;
}

void line_quote(const struct answer_bytes *answer, const struct line *line, struct reply *reply)
{
    answer_quote(reply, answer->bytes + line->from, line->to - line->from);
}

enum question_verdict greeting_await(const struct answer_bytes *answer)
{
    return answer->len < ANSWER_SIZE ? QUESTION_MORE : QUESTION_MISMATCHED;
}

/* Whether the answer begins with one of the words, as far as it has come. */
static bool may_be_one(const struct answer_bytes *answer, const char *const words[])
{
    for (size_t i = 0; i < GREETING_WORDS && words[i] != NULL; i++)
        if (answer_begins(answer, words[i]))
            return true;
    return false;
}

static bool has_one(const struct answer_bytes *answer, const struct line *line,
                    const char *const words[])
{
    for (size_t i = 0; i < GREETING_WORDS && words[i] != NULL; i++)
        if (line_has_word(answer, line, words[i]))
            return true;
    return false;
}

enum question_verdict greeting_judge(const struct greeting *greeting,
                                     const struct answer_bytes *answer, struct line *line)
{
    if (!may_be_one(answer, greeting->ready) && !may_be_one(answer, greeting->not_ready))
        return QUESTION_MISMATCHED;
    if (!line_read(answer, 0, line))
        return greeting_await(answer);
    if (has_one(answer, line, greeting->ready))
        return QUESTION_READY;
    return has_one(answer, line, greeting->not_ready) ? QUESTION_NOT_READY
                                                      : QUESTION_MISMATCHED;
}

enum question_verdict greeting_tell(const struct greeting *greeting,
                                    const struct answer_bytes *answer, struct reply *reply)
{
    struct line line;
    enum question_verdict verdict = greeting_judge(greeting, answer, &line);
    if (verdict == QUESTION_READY || verdict == QUESTION_NOT_READY) {
        answer_say(reply, "%s ", greeting->service);
        line_quote(answer, &line, reply);
    }
    return verdict;
}

/* Whether a number stands at the beginning, as far as it has come, and what may follow it. */
static bool may_be_numbered(const struct answer_bytes *answer)
{
    for (size_t i = 0; i < NUMBER_SIZE && i < answer->len; i++)
        if (!ascii_is_digit((char)answer->bytes[i]))
            return false;
    return answer->len <= NUMBER_SIZE ||
           ascii_is_one_of((char)answer->bytes[NUMBER_SIZE], " -\r\n");
}

/* Whether the last line of the greeting has come: one with the number and no hyphen. */
static bool is_complete(const struct answer_bytes *answer, struct line line)
{
    do {
        bool is_last = line.to - line.from == NUMBER_SIZE ||
                       (line.to - line.from > NUMBER_SIZE &&
                        answer->bytes[line.from + NUMBER_SIZE] == ' ');
        if (is_last && answer_has(answer, line.from, answer->bytes, NUMBER_SIZE))
            return true;
    } while (line_read(answer, line.next, &line));
    return false;
}

static enum question_verdict judge_number(const struct numbered *numbered,
                                          const struct answer_bytes *answer,
                                          const struct line *first)
{
    unsigned char digit = answer->bytes[0];
    if (digit == '4' || digit == '5' || answer_has(answer, 0, "120", NUMBER_SIZE))
        return QUESTION_NOT_READY;
    bool is_own = line_contains(answer, first, numbered->own) ||
                  !line_contains(answer, first, numbered->foreign);
    return is_own && answer_has(answer, 0, "220", NUMBER_SIZE) ? QUESTION_READY
                                                               : QUESTION_MISMATCHED;
}

enum question_verdict numbered_tell(const struct numbered *numbered,
                                    const struct answer_bytes *answer, struct reply *reply)
{
    struct line first;
    if (!may_be_numbered(answer))
        return QUESTION_MISMATCHED;
    if (!line_read(answer, 0, &first))
        return greeting_await(answer);
    bool is_blank = first.to == NUMBER_SIZE;
    if (first.to < NUMBER_SIZE || (!is_blank && answer->bytes[NUMBER_SIZE] < ' '))
        return QUESTION_MISMATCHED;
    enum question_verdict verdict = judge_number(numbered, answer, &first);
    if (verdict == QUESTION_MISMATCHED)
        return verdict;
    if (!is_complete(answer, first))
        return greeting_await(answer);
    answer_say(reply, "%s ", numbered->service);
    line_quote(answer, &first, reply);
    return verdict;
}

size_t greeting_build(unsigned char bytes[static QUESTION_SIZE],
                      const struct question_input *input)
{
    (void)bytes;
    (void)input;
    return 0;
}
