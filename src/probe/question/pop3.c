/* pop3: the greeting (RFC 1939, section 4). */
#include "greeting.h"

static enum question_verdict pop3_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    static const struct greeting pop3 = {
        .service = "pop3", .ready = {"+OK"}, .not_ready = {"-ERR"}};
    (void)input;
    return greeting_tell(&pop3, answer, reply);
}

const struct question question_pop3 = {
    .name = "pop3", .build = greeting_build, .farewell = "QUIT\r\n", .judge = pop3_judge};
