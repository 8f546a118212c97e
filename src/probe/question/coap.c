/*
 * coap: a ping, an empty message that wants to be confirmed (RFC 7252, section 4.3). What
 * cannot do anything with it, which is everybody, resets it.
 */
#include <string.h>

#include "answer.h"

enum { HEAD_SIZE = 2, ID_SIZE = 2 };

/* Version, type and length of the token; code. */
static const unsigned char confirmable[HEAD_SIZE] = {0x40, 0};
static const unsigned char reset[HEAD_SIZE] = {0x70, 0};

static size_t coap_build(unsigned char bytes[static QUESTION_SIZE],
                         const struct question_input *input)
{
    memcpy(bytes, confirmable, HEAD_SIZE);
    memcpy(bytes + HEAD_SIZE, input->cookie, ID_SIZE);
    return HEAD_SIZE + ID_SIZE;
}

static enum question_verdict coap_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    if (answer->len != HEAD_SIZE + ID_SIZE || !answer_has(answer, 0, reset, HEAD_SIZE) ||
        !answer_has(answer, HEAD_SIZE, input->cookie, ID_SIZE))
        return QUESTION_MORE;
    answer_say(reply, "CoAP");
    return QUESTION_READY;
}

const struct question question_coap = {
    .name = "coap", .has_cookie = true, .build = coap_build, .judge = coap_judge};
