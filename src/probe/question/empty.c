/*
 * empty: an empty datagram, for a service of which nothing better is known. Most programs
 * ignore one; the system answers for a port where nothing listens; echo, daytime and the like
 * answer whatever comes. What comes back cannot be told from any other datagram.
 */
#include "netcheck/probe/question.h"

static size_t empty_build(unsigned char bytes[static QUESTION_SIZE],
                          const struct question_input *input)
{
    (void)bytes;
    (void)input;
    return 0;
}

static enum question_verdict empty_judge(const struct answer_bytes *answer,
                                         const struct question_input *input,
                                         struct reply *reply)
{
    (void)answer;
    (void)input;
    (void)reply;
    return QUESTION_READY;
}

const struct question question_empty = {
    .name = "empty", .build = empty_build, .judge = empty_judge};
