/*
 * mqtt: a client that connects, without a name of its own, a user or anything to be kept (MQTT
 * 3.1.1, sections 3.1 and 3.2), and disconnects. What the server says to it is its state: that
 * it wants a user, or another version, is an answer of a server that serves.
 *
 * mosquitto logs a client that came and disconnected, or was not authorised, as it logs all.
 */
#include <string.h>

#include "answer.h"

enum {
    ANSWER = 0x20, /* CONNACK */
    HEADER_SIZE = 2,
    CODE_AT = 3,
    LENGTH_MAX = 127, /* of what follows the header, in one byte */
};

/* Version, a clean session, alive for 10 seconds; a name of no length. */
static const char hello[] = "\20\14\0\4MQTT\4\2\0\12\0\0";

/* The codes of 3.1.1; behind them what servers of MQTT 5 (section 3.2.2.2) say that know no
   other version, or cannot serve. */
static const struct {
    unsigned char code;
    bool is_ready;
    const char *words;
} codes[] = {
    {0, true, "accepted"},
    {1, true, "another version is wanted"},
    {2, true, "identifier rejected"},
    {3, false, "server unavailable"},
    {4, true, "bad user name or password"},
    {5, true, "not authorized"},
    {0x84, true, "another version is wanted"},
    {0x86, true, "bad user name or password"},
    {0x87, true, "not authorized"},
    {0x88, false, "server unavailable"},
    {0x89, false, "server busy"},
    {0x97, false, "quota exceeded"},
    {0x9f, false, "connection rate exceeded"},
};

static size_t mqtt_build(unsigned char bytes[static QUESTION_SIZE],
                         const struct question_input *input)
{
    (void)input;
    memcpy(bytes, hello, sizeof hello - 1);
    return sizeof hello - 1;
}

/* Whether it is an answer to a client that connects, as far as it has come. */
static bool may_be_answer(const struct answer_bytes *answer)
{
    const unsigned char *bytes = answer->bytes;
    return bytes[0] == ANSWER &&
           (answer->len < 2 || (bytes[1] >= HEADER_SIZE && bytes[1] <= LENGTH_MAX)) &&
           (answer->len < 3 || bytes[2] <= 1);
}

static enum question_verdict mqtt_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    (void)input;
    if (!may_be_answer(answer))
        return QUESTION_MISMATCHED;
    if (answer->len <= CODE_AT)
        return answer->is_end ? QUESTION_MISMATCHED : QUESTION_MORE;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        if (codes[i].code != answer->bytes[CODE_AT])
            continue;
        answer_say(reply, "MQTT %s", codes[i].words);
        return codes[i].is_ready ? QUESTION_READY : QUESTION_NOT_READY;
    }
    return QUESTION_MISMATCHED;
}

const struct question question_mqtt = {.name = "mqtt",
                                       .build = mqtt_build,
                                       .farewell = "\340\0", /* DISCONNECT */
                                       .farewell_len = 2,
                                       .judge = mqtt_judge};
