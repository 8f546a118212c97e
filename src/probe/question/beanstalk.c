/*
 * beanstalk: `stats` (doc/protocol.txt of beanstalkd), the command that tells whether the
 * server is draining: it then takes no more jobs, and is to be ended.
 */
#include <string.h>

#include "greeting.h"
#include "netcheck/base/ascii.h"

static const char command[] = "stats\r\n";

static size_t beanstalk_build(unsigned char bytes[static QUESTION_SIZE],
                              const struct question_input *input)
{
    (void)input;
    memcpy(bytes, command, sizeof command - 1);
    return sizeof command - 1;
}

/* The number of bytes that follow the line "OK NUMBER", without the line end behind them;
   ANSWER_SIZE: none that can follow. */
static size_t read_size(const struct answer_bytes *answer, const struct line *line)
{
    size_t size = 0;
    if (line->to <= strlen("OK "))
        return ANSWER_SIZE;
    for (size_t at = strlen("OK "); at < line->to; at++) {
        if (!ascii_is_digit((char)answer->bytes[at]))
            return ANSWER_SIZE;
        size = size * 10 + answer->bytes[at] - '0';
        if (size >= ANSWER_SIZE)
            return ANSWER_SIZE;
    }
    return size;
}

static void tell_version(const struct answer_bytes *stats, struct reply *reply)
{
    static const char key[] = "\nversion: \"";
    size_t at = answer_find(stats, key) + sizeof key - 1;
    const unsigned char *end =
        at < stats->len ? memchr(stats->bytes + at, '"', stats->len - at) : NULL;
    answer_say(reply, "beanstalk");
    if (end != NULL) {
        answer_say(reply, " ");
        answer_quote(reply, stats->bytes + at, (size_t)(end - stats->bytes) - at);
    }
}

/* The lines "NAME: VALUE" behind the first one. */
static enum question_verdict judge_stats(const struct answer_bytes *answer,
                                         const struct line *line, struct reply *reply)
{
    static const char first[] = "---\n";
    size_t size = read_size(answer, line);
    size_t left = answer->len - line->next;
    struct answer_bytes stats = {answer->bytes + line->next, size < left ? size : left, true};
    if (size == ANSWER_SIZE || size < strlen(first) || !answer_begins(&stats, first))
        return QUESTION_MISMATCHED;
    if (left < size + strlen("\r\n"))
        return greeting_await(answer);
    if (answer_find(&stats, "\ndraining: true\n") < stats.len) {
        answer_say(reply, "beanstalk draining");
        return QUESTION_NOT_READY;
    }
    tell_version(&stats, reply);
    return QUESTION_READY;
}

static enum question_verdict beanstalk_judge(const struct answer_bytes *answer,
                                             const struct question_input *input,
                                             struct reply *reply)
{
    static const struct greeting beanstalk = {.service = "beanstalk",
                                              .ready = {"OK"},
                                              .not_ready = {"OUT_OF_MEMORY", "INTERNAL_ERROR"}};
    struct line line;
    (void)input;
    enum question_verdict verdict = greeting_judge(&beanstalk, answer, &line);
    if (verdict != QUESTION_READY)
        return greeting_tell(&beanstalk, answer, reply);
    return judge_stats(answer, &line, reply);
}

const struct question question_beanstalk = {
    .name = "beanstalk", .build = beanstalk_build, .judge = beanstalk_judge};
