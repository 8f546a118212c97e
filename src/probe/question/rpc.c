/*
 * rpc: the procedure of the port mapper that does nothing (RFC 1833, section 3; RFC 5531,
 * section 9). That the server would not take the call is an answer, too. One without that
 * program, or without memory, cannot serve.
 */
#include <string.h>

#include "answer.h"

enum {
    ID_SIZE = 4,
    REPLY_SIZE = 12,
    VERIFIER_SIZE = 8, /* its kind and length; here it is empty */
    STATUS_AT = REPLY_SIZE + VERIFIER_SIZE,
};

/* Behind the call's number: a call of version 2, program 100000, version 2, procedure 0, no
 * credentials, no verifier. */
static const unsigned char call[] = {0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0x86, 0xa0,
                                     0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0,    0,
                                     0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,    0};

/* A reply, which says that the call was accepted, or not. */
static const unsigned char accepted[] = {0, 0, 0, 1, 0, 0, 0, 0};
static const unsigned char denied[] = {0, 0, 0, 1, 0, 0, 0, 1};

/* Behind an empty verifier: no such program, or no memory for the call. */
static const unsigned char unavailable[] = {0, 0, 0, 0, 0, 0, 0, 1};
static const unsigned char failed[] = {0, 0, 0, 0, 0, 0, 0, 5};

static size_t rpc_build(unsigned char bytes[static QUESTION_SIZE],
                        const struct question_input *input)
{
    memcpy(bytes, input->cookie, ID_SIZE);
    memcpy(bytes + ID_SIZE, call, sizeof call);
    return ID_SIZE + sizeof call;
}

static enum question_verdict rpc_judge(const struct answer_bytes *answer,
                                       const struct question_input *input, struct reply *reply)
{
    bool is_accepted = answer_has(answer, ID_SIZE, accepted, sizeof accepted);
    bool is_denied = answer_has(answer, ID_SIZE, denied, sizeof denied);
    if (!answer_has(answer, 0, input->cookie, ID_SIZE) || (!is_accepted && !is_denied) ||
        answer->len % 4 != 0 || answer->len == REPLY_SIZE)
        return QUESTION_MORE;
    bool is_unavailable = answer_has(answer, STATUS_AT - 4, unavailable, sizeof unavailable);
    bool has_failed = answer_has(answer, STATUS_AT - 4, failed, sizeof failed);
    answer_say(reply, !is_accepted     ? "RPC denied"
                      : is_unavailable ? "RPC without a port mapper"
                      : has_failed     ? "RPC system error"
                                       : "RPC");
    return is_accepted && (is_unavailable || has_failed) ? QUESTION_NOT_READY : QUESTION_READY;
}

const struct question question_rpc = {
    .name = "rpc", .has_cookie = true, .build = rpc_build, .judge = rpc_judge};
