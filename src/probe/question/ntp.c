/*
 * ntp: the time, as a client asks for it (RFC 5905, section 7.3). What we call our time is the
 * cookie: a server copies it and does not look at it.
 */
#include <string.h>

#include "answer.h"

enum {
    PACKET_SIZE = 48,
    VERSION_4_CLIENT = 4 << 3 | 3,
    MASK_MODE = 7,
    MODE_SERVER = 4,
    LEAP_SHIFT = 6,
    LEAP_UNKNOWN = 3,
    STRATUM_AT = 1,
    STRATUM_MAX = 15,
    CODE_AT = 12, /* of the reference's name, where the stratum is 0 a "kiss code" */
    CODE_SIZE = 4,
    ORIGIN_AT = 24,
    TRANSMIT_AT = 40,
    TIME_SIZE = 8,
};

static size_t ntp_build(unsigned char bytes[static QUESTION_SIZE],
                        const struct question_input *input)
{
    memset(bytes, 0, PACKET_SIZE);
    bytes[0] = VERSION_4_CLIENT;
    memcpy(bytes + TRANSMIT_AT, input->cookie, TIME_SIZE);
    return PACKET_SIZE;
}

/* How long the code is that says why it tells no time, such as "RATE"; 0: none. */
static size_t code_len(const struct answer_bytes *answer)
{
    size_t len = answer->bytes[STRATUM_AT] == 0 ? CODE_SIZE : 0;
    while (len > 0 && answer->bytes[CODE_AT + len - 1] == '\0')
        len--;
    return answer_is_printable(answer, CODE_AT, len) ? len : 0;
}

/* A code tells of something else than that the server has no time, unless it is one of these.
 */
static bool is_synchronised(const struct answer_bytes *answer)
{
    unsigned stratum = answer->bytes[STRATUM_AT];
    if (code_len(answer) > 0)
        return !answer_has(answer, CODE_AT, "INIT", CODE_SIZE) &&
               !answer_has(answer, CODE_AT, "STEP", CODE_SIZE);
    return answer->bytes[0] >> LEAP_SHIFT != LEAP_UNKNOWN && stratum > 0 &&
           stratum <= STRATUM_MAX;
}

static enum question_verdict ntp_judge(const struct answer_bytes *answer,
                                       const struct question_input *input, struct reply *reply)
{
    if (answer->len < PACKET_SIZE || (answer->bytes[0] & MASK_MODE) != MODE_SERVER ||
        !answer_has(answer, ORIGIN_AT, input->cookie, TIME_SIZE))
        return QUESTION_MORE;
    size_t code = code_len(answer);
    if (!is_synchronised(answer))
        answer_say(reply, "NTP not synchronised%s", code > 0 ? ", kiss code " : "");
    else if (code > 0)
        answer_say(reply, "NTP kiss code ");
    else
        answer_say(reply, "NTP stratum %u", (unsigned)answer->bytes[STRATUM_AT]);
    answer_quote(reply, answer->bytes + CODE_AT, code);
    return is_synchronised(answer) ? QUESTION_READY : QUESTION_NOT_READY;
}

const struct question question_ntp = {
    .name = "ntp", .has_cookie = true, .build = ntp_build, .judge = ntp_judge};
