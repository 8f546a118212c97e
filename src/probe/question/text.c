/*
 * text: what the user says (--send), or nothing, for a service that begins by itself. Whatever
 * comes is an answer; what it has to be is --match's, see inquiry.c.
 */
#include "netcheck/probe/question.h"

static enum question_verdict text_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    (void)answer;
    (void)input;
    reply->is_quoted = true;
    return QUESTION_READY;
}

const struct question question_text = {.name = "text", .judge = text_judge};
