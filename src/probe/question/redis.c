/*
 * redis: PING (the protocol RESP, and the command's page, of redis.io). A server that loads its
 * data, whose script runs too long, or that has lost its master, says so in the place of an
 * answer; one that wants a password first serves. It logs nothing of this.
 */
#include <string.h>

#include "answer.h"

static const char command[] = "PING\r\n";
static const char pong[] = "+PONG";

static size_t redis_build(unsigned char bytes[static QUESTION_SIZE],
                          const struct question_input *input)
{
    (void)input;
    memcpy(bytes, command, sizeof command - 1);
    return sizeof command - 1;
}

/* Errors of a server that serves others, or would serve us with a password. */
static bool is_of_client(const struct answer_bytes *answer)
{
    static const char *const errors[] = {"-NOAUTH ", "-NOPERM ", "-DENIED ",
                                         "-ERR operation not permitted",
                                         "-ERR unknown command"};
    for (size_t i = 0; i < ARRAY_LEN(errors); i++)
        if (answer_has(answer, 0, errors[i], strlen(errors[i])))
            return true;
    return false;
}

/* Whether the line, or as much of it as has come, is an answer: the pong, or an error, which
   begins with a word in capitals. */
static bool may_be_answer(const struct answer_bytes *answer, size_t end)
{
    if (answer->bytes[0] != '-')
        return answer_begins(answer, pong) && (end == answer->len || end == sizeof pong - 1);
    size_t at = 1;
    while (at < end && answer->bytes[at] >= 'A' && answer->bytes[at] <= 'Z')
        at++;
    bool is_cut = at == answer->len;
    return is_cut || (at > 1 && (at == end || answer->bytes[at] == ' '));
}

static enum question_verdict redis_judge(const struct answer_bytes *answer,
                                         const struct question_input *input,
                                         struct reply *reply)
{
    (void)input;
    size_t end = answer_find(answer, "\r\n");
    if (!may_be_answer(answer, end))
        return QUESTION_MISMATCHED;
    if (end == answer->len)
        return answer->is_end ? QUESTION_MISMATCHED : QUESTION_MORE;
    answer_say(reply, "redis ");
    answer_quote(reply, answer->bytes + 1, end - 1);
    bool is_ready = answer->bytes[0] == '+' || is_of_client(answer);
    return is_ready ? QUESTION_READY : QUESTION_NOT_READY;
}

const struct question question_redis = {
    .name = "redis", .build = redis_build, .judge = redis_judge};
