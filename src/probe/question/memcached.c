/*
 * memcached: its version (doc/protocol.txt of memcached, "UDP protocol" and "version"). A
 * server that cannot do it says "SERVER_ERROR", which is an answer, too.
 */
#include <string.h>

#include "answer.h"

enum { ID_SIZE = 2, HEADER_SIZE = 8 };

/* Behind the request's number: the first of one datagram, and the command. */
static const unsigned char frame[] = {0, 0, 0, 1, 0, 0};
static const char command[] = "version\r\n";

static const char server_error[] = "SERVER_ERROR ";
static const char *const answers[] = {"VERSION ", server_error, "CLIENT_ERROR ", "ERROR\r\n"};

static size_t memcached_build(unsigned char bytes[static QUESTION_SIZE],
                              const struct question_input *input)
{
    memcpy(bytes, input->cookie, ID_SIZE);
    memcpy(bytes + ID_SIZE, frame, sizeof frame);
    memcpy(bytes + HEADER_SIZE, command, sizeof command - 1);
    return HEADER_SIZE + sizeof command - 1;
}

/* Bytes behind the header that are one line, which ends with "\r\n", without that; else 0. */
static size_t line_len(const struct answer_bytes *answer)
{
    static const char end[] = "\r\n";
    size_t len = answer->len - HEADER_SIZE;
    if (len < 2 || !answer_has(answer, answer->len - 2, end, 2) ||
        memchr(answer->bytes + HEADER_SIZE, '\n', len - 1) != NULL)
        return 0;
    return len - 2;
}

static bool begins_as_answer(const struct answer_bytes *answer)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        if (answer_has(answer, HEADER_SIZE, answers[i], strlen(answers[i])))
            return true;
    return false;
}

static enum question_verdict memcached_judge(const struct answer_bytes *answer,
                                             const struct question_input *input,
                                             struct reply *reply)
{
    if (answer->len < HEADER_SIZE || !answer_has(answer, 0, input->cookie, ID_SIZE) ||
        !answer_has(answer, ID_SIZE, frame, sizeof frame) || line_len(answer) == 0 ||
        !begins_as_answer(answer))
        return QUESTION_MORE;
    static const char version[] = "VERSION ";
    bool is_version = answer_has(answer, HEADER_SIZE, version, sizeof version - 1);
    size_t skipped = is_version ? sizeof version - 1 : 0;
    answer_say(reply, "memcached ");
    answer_quote(reply, answer->bytes + HEADER_SIZE + skipped, line_len(answer) - skipped);
    bool is_failure = answer_has(answer, HEADER_SIZE, server_error, sizeof server_error - 1);
    return is_failure ? QUESTION_NOT_READY : QUESTION_READY;
}

const struct question question_memcached = {.name = "memcached",
                                            .has_cookie = true,
                                            .build = memcached_build,
                                            .judge = memcached_judge};
