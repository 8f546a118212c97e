/*
 * rdp: a request for a connection ([MS-RDPBCGR], sections 2.2.1.1 and 2.2.1.2), without TLS:
 * a server that agrees to TLS waits for its hello. One that wants TLS or more says so, and
 * serves. xrdp logs eight errors of a client that leaves after a confirmation, with TLS or
 * without. Nothing tells whether a session can be had: that takes a login.
 */
#include <string.h>

#include "answer.h"

enum {
    LENGTH_AT = 2,
    PLAIN_SIZE = 11, /* of a server that knows no choice of security */
    FULL_SIZE = 19,
    CODE_AT = 5, /* of X.224 */
    TYPE_AT = 11,
    VALUE_AT = 15, /* its first byte, the lowest */
    TYPE_RESPONSE = 2,
    TYPE_FAILURE = 3,
};

static const unsigned char request[FULL_SIZE] = {3, 0, 0, FULL_SIZE, 14, 0xe0, 0, 0, 0, 0,
                                                 0, 1, 0, 8,         0,  0,    0, 0, 0};

/* By their codes: [MS-RDPBCGR], section 2.2.1.2.2. */
static const char *const failures[] = {"negotiation failure",
                                       "TLS required",
                                       "TLS not allowed",
                                       "no certificate for TLS",
                                       "inconsistent flags",
                                       "CredSSP required",
                                       "TLS with a certificate required"};

static size_t rdp_build(unsigned char bytes[static QUESTION_SIZE],
                        const struct question_input *input)
{
    (void)input;
    memcpy(bytes, request, FULL_SIZE);
    return FULL_SIZE;
}

/* Whether what is there can be the confirmation: both lengths agree. xrdp sends
 * more behind one that says no. */
static bool is_confirm(const struct answer_bytes *answer, unsigned size)
{
    const unsigned char head[] = {3,   0, 0, (unsigned char)size, (unsigned char)(size - 5),
                                  0xd0};
    return answer_may_have(answer, 0, head, sizeof head);
}

static enum question_verdict rdp_judge(const struct answer_bytes *answer,
                                       const struct question_input *input, struct reply *reply)
{
    (void)input;
    bool is_plain = is_confirm(answer, PLAIN_SIZE);
    if (!is_plain && !is_confirm(answer, FULL_SIZE))
        return QUESTION_MISMATCHED;
    if (answer->len < (is_plain ? PLAIN_SIZE : FULL_SIZE))
        return answer->is_end ? QUESTION_MISMATCHED : QUESTION_MORE;
    unsigned type = is_plain ? TYPE_RESPONSE : answer->bytes[TYPE_AT];
    unsigned value = is_plain ? 0 : answer->bytes[VALUE_AT];
    if (type == TYPE_FAILURE && value < ARRAY_LEN(failures))
        answer_say(reply, "rdp %s", failures[value]);
    else if (type == TYPE_FAILURE)
        answer_say(reply, "rdp negotiation failure %u", value);
    else if (type == TYPE_RESPONSE)
        answer_say(reply, "rdp connection confirmed");
    else
        return QUESTION_MISMATCHED;
    return QUESTION_READY;
}

const struct question question_rdp = {.name = "rdp", .build = rdp_build, .judge = rdp_judge};
