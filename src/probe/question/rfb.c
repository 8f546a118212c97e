/*
 * rfb: the version that a server of VNC sends first (RFC 6143, section 7.1.1). One that takes
 * no client now sends version 3.3 in TigerVNC, no type of security, and the reason
 * (section 7.1.2); with a server that knows no later version, which says nothing more, the
 * verdict waits for the end. Nothing is asked. TigerVNC 1.12 counts each connection without a
 * login as a failure, and takes none of the address for some seconds after
 * five.
 */
#include <string.h>

#include "answer.h"
#include "greeting.h"
#include "netcheck/base/ascii.h"

enum {
    VERSION_AT = 4,
    VERSION_SIZE = 7,
    GREETING_SIZE = 12,
    REASON_AT = GREETING_SIZE + 8, /* behind the type of security and the reason's length */
};

/* As far as it has come. */
static bool may_be_greeting(const struct answer_bytes *answer)
{
    static const char pattern[GREETING_SIZE + 1] = "RFB 000.000\n";
    for (size_t i = 0; i < GREETING_SIZE && i < answer->len; i++) {
        bool is_same = answer->bytes[i] == (unsigned char)pattern[i];
        bool is_digit = pattern[i] == '0' && ascii_is_digit((char)answer->bytes[i]);
        if (!is_same && !is_digit)
            return false;
    }
    return true;
}

/* Of a refusal: whether it is whole, as far as words can tell it. */
static bool has_reason(const struct answer_bytes *answer, size_t *len)
{
    if (answer->len < REASON_AT)
        return false;
    *len = (size_t)answer_number(answer, REASON_AT - 2);
    bool is_long = answer_number(answer, REASON_AT - 4) != 0 || *len > REPLY_WORDS;
    *len = is_long ? REPLY_WORDS : *len;
    return answer->len - REASON_AT >= *len;
}

static enum question_verdict tell_refusal(const struct answer_bytes *answer,
                                          struct reply *reply)
{
    size_t len = 0;
    bool is_whole = has_reason(answer, &len);
    if (!is_whole && !answer->is_end)
        return QUESTION_MORE;
    answer_say(reply, "rfb ");
    if (is_whole && len > 0)
        answer_quote(reply, answer->bytes + REASON_AT, len);
    else
        answer_say(reply, "refused");
    return QUESTION_NOT_READY;
}

static enum question_verdict rfb_judge(const struct answer_bytes *answer,
                                       const struct question_input *input, struct reply *reply)
{
    static const unsigned char no_type[] = {0, 0, 0, 0};
    (void)input;
    if (!may_be_greeting(answer))
        return QUESTION_MISMATCHED;
    if (answer->len < GREETING_SIZE)
        return QUESTION_MORE;
    bool is_first = answer_has(answer, VERSION_AT, "003.003", VERSION_SIZE);
    bool has_type = answer->len >= GREETING_SIZE + sizeof no_type;
    if (is_first && !has_type && !answer->is_end)
        return QUESTION_MORE;
    if (is_first && answer_has(answer, GREETING_SIZE, no_type, sizeof no_type))
        return tell_refusal(answer, reply);
    answer_say(reply, "rfb ");
    answer_quote(reply, answer->bytes + VERSION_AT, VERSION_SIZE);
    return QUESTION_READY;
}

const struct question question_rfb = {
    .name = "rfb", .build = greeting_build, .judge = rfb_judge};
