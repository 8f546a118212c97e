#include "netcheck/probe/question.h"

static size_t build_empty(unsigned char bytes[static QUESTION_SIZE],
                          const struct question_input *input)
{
    (void)bytes;
    (void)input;
    return 0;
}

/* Whatever comes back, something answered. */
static enum question_verdict judge_any(const struct answer_bytes *answer,
                                       const struct question_input *input, struct reply *reply)
{
    (void)answer;
    (void)input;
    (void)reply;
    return QUESTION_REPLIED;
}

static const struct question empty = {
    .name = "empty", .protocol = PROTOCOL_UDP, .build = build_empty, .judge = judge_any};

const struct question *question_find(enum protocol_id protocol, uint16_t port)
{
    (void)protocol;
    (void)port;
    return &empty;
}
