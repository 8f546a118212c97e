/*
 * memcached: its version (doc/protocol.txt of memcached, "version"; over UDP with a header,
 * "UDP protocol"). A server that wants a user first says so, and serves; one that is asked too
 * much, or has too many clients, says that in the place of its version. It logs nothing of
 * this.
 */
#include <string.h>

#include "answer.h"

enum { ID_SIZE = 2, HEADER_SIZE = 8 };

/* Behind the request's number: the first of one datagram, and the command. */
static const unsigned char frame[] = {0, 0, 0, 1, 0, 0};
static const char command[] = "version\r\n";
static const char version[] = "VERSION ";

static const struct {
    const char *begin;
    enum question_verdict verdict;
} answers[] = {
    {version, QUESTION_READY},
    {"CLIENT_ERROR ", QUESTION_READY},
    {"SERVER_ERROR ", QUESTION_NOT_READY},
    {"ERROR Too many open connections", QUESTION_NOT_READY},
};

static size_t memcached_build(unsigned char bytes[static QUESTION_SIZE],
                              const struct question_input *input)
{
    memcpy(bytes, input->cookie, ID_SIZE);
    memcpy(bytes + ID_SIZE, frame, sizeof frame);
    memcpy(bytes + HEADER_SIZE, command, sizeof command - 1);
    return HEADER_SIZE + sizeof command - 1;
}

/* A whole line, without its end. MORE: it is none of memcached's. */
static enum question_verdict judge_line(const struct answer_bytes *line, struct reply *reply)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        if (!answer_has(line, 0, answers[i].begin, strlen(answers[i].begin)))
            continue;
        size_t skipped = answers[i].begin == version ? sizeof version - 1 : 0;
        answer_say(reply, "memcached ");
        answer_quote(reply, line->bytes + skipped, line->len - skipped);
        return answers[i].verdict;
    }
    return QUESTION_MORE;
}

/* The line behind the header must be all that there is. */
static enum question_verdict memcached_judge(const struct answer_bytes *answer,
                                             const struct question_input *input,
                                             struct reply *reply)
{
    if (answer->len < HEADER_SIZE || !answer_has(answer, 0, input->cookie, ID_SIZE) ||
        !answer_has(answer, ID_SIZE, frame, sizeof frame))
        return QUESTION_MORE;
    struct answer_bytes line = {answer->bytes + HEADER_SIZE, answer->len - HEADER_SIZE, true};
    size_t end = answer_find(&line, "\r\n");
    if (end + 2 != line.len || answer_find(&line, "\n") != end + 1)
        return QUESTION_MORE;
    line.len = end;
    return judge_line(&line, reply);
}

static size_t stream_build(unsigned char bytes[static QUESTION_SIZE],
                           const struct question_input *input)
{
    (void)input;
    memcpy(bytes, command, sizeof command - 1);
    return sizeof command - 1;
}

static enum question_verdict stream_judge(const struct answer_bytes *answer,
                                          const struct question_input *input,
                                          struct reply *reply)
{
    (void)input;
    struct answer_bytes line = {answer->bytes, answer_find(answer, "\r\n"), true};
    bool is_begun = false;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        is_begun = is_begun || answer_begins(answer, answers[i].begin);
    if (!is_begun)
        return QUESTION_MISMATCHED;
    if (line.len == answer->len)
        return answer->is_end ? QUESTION_MISMATCHED : QUESTION_MORE;
    enum question_verdict verdict = judge_line(&line, reply);
    return verdict != QUESTION_MORE ? verdict : QUESTION_MISMATCHED;
}

const struct question question_memcached = {.name = "memcached",
                                            .has_cookie = true,
                                            .build = memcached_build,
                                            .judge = memcached_judge};

const struct question question_memc_tcp = {
    .name = "memcached", .build = stream_build, .judge = stream_judge};
