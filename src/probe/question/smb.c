/*
 * smb: which dialect of version 2 or 3 do we speak ([MS-SMB2], sections 2.2.3 and 2.2.4)? It
 * is the first message of every client; no session is set up. A server without resources says
 * that; one with which we share no dialect serves others.
 */
#include <string.h>

#include "answer.h"

enum {
    PREFIX_SIZE = 4, /* 0 and the length of the message */
    HEADER_SIZE = 64,
    MESSAGE_AT = PREFIX_SIZE,
    STATUS_AT = MESSAGE_AT + 8, /* the lowest byte first, as everywhere in a message */
    COMMAND_AT = MESSAGE_AT + 12,
    FLAGS_AT = MESSAGE_AT + 16,
    FLAG_RESPONSE = 1,
    BODY_AT = MESSAGE_AT + HEADER_SIZE,
    CLIENT_AT = BODY_AT + 12, /* the client's id, here the cookie */
    DIALECTS_AT = BODY_AT + 36,
    DIALECT_AT = BODY_AT + 4, /* of the answer */
    ANSWER_LEAST = BODY_AT + 9,
    BODY_SIZE = 36, /* of the question, without its dialects */
};

static const unsigned char magic[] = {0xfe, 'S', 'M', 'B', HEADER_SIZE, 0};

/* 2.0.2, 2.1, 3.0, 3.0.2; every server of 3.1.1 knows one of these, unless it is told not to.
 */
static const unsigned char dialects[] = {0x02, 2, 0x10, 2, 0, 3, 2, 3};
static const unsigned char body[] = {BODY_SIZE, 0, sizeof dialects / 2, 0, 1};

static size_t smb_build(unsigned char bytes[static QUESTION_SIZE],
                        const struct question_input *input)
{
    const size_t len = DIALECTS_AT + sizeof dialects;
    memset(bytes, 0, len);
    bytes[PREFIX_SIZE - 1] = (unsigned char)(len - PREFIX_SIZE);
    memcpy(bytes + MESSAGE_AT, magic, sizeof magic);
    memcpy(bytes + BODY_AT, body, sizeof body);
    memcpy(bytes + CLIENT_AT, input->cookie, FLOW_COOKIE_SIZE);
    memcpy(bytes + DIALECTS_AT, dialects, sizeof dialects);
    return len;
}

static uint32_t status_of(const struct answer_bytes *answer)
{
    uint32_t status = 0;
    for (size_t i = 4; i > 0; i--)
        status = status << 8 | answer->bytes[STATUS_AT + i - 1];
    return status;
}

/* The server lacks something, or is switched off: [MS-ERREF], section 2.3.1. */
static bool is_failure(uint32_t status)
{
    static const uint32_t codes[] = {0xc000009a, 0xc0000205, 0xc00000d0, 0xc0000080,
                                     0xc0000017};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (status == codes[i])
            return true;
    return false;
}

/* A whole answer. */
static enum question_verdict judge_message(const struct answer_bytes *answer,
                                           struct reply *reply)
{
    static const unsigned char negotiate[] = {0, 0};
    uint32_t status = status_of(answer);
    if (!answer_has(answer, COMMAND_AT, negotiate, sizeof negotiate) ||
        (answer->bytes[FLAGS_AT] & FLAG_RESPONSE) == 0)
        return QUESTION_MISMATCHED;
    if (status != 0)
        answer_say(reply, "smb status 0x%08lx", (unsigned long)status);
    else
        answer_say(reply, "smb %u.%u.%u", (unsigned)answer->bytes[DIALECT_AT + 1],
                   (unsigned)answer->bytes[DIALECT_AT] >> 4,
                   (unsigned)answer->bytes[DIALECT_AT] & 0xf);
    return is_failure(status) ? QUESTION_NOT_READY : QUESTION_READY;
}

static enum question_verdict smb_judge(const struct answer_bytes *answer,
                                       const struct question_input *input, struct reply *reply)
{
    (void)input;
    static const unsigned char session[] = {0};
    if (!answer_may_have(answer, 0, session, sizeof session) ||
        !answer_may_have(answer, MESSAGE_AT, magic, sizeof magic))
        return QUESTION_MISMATCHED;
    size_t len = answer->len >= PREFIX_SIZE
                     ? (size_t)answer->bytes[1] << 16 | answer_number(answer, 2)
                     : HEADER_SIZE;
    if (len < ANSWER_LEAST - PREFIX_SIZE && answer->len >= PREFIX_SIZE)
        return QUESTION_MISMATCHED;
    if (answer->len < PREFIX_SIZE || answer->len - PREFIX_SIZE < len)
        return answer->is_end ? QUESTION_MISMATCHED : QUESTION_MORE;
    return judge_message(answer, reply);
}

const struct question question_smb = {.name = "smb", .build = smb_build, .judge = smb_judge};
