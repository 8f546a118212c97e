/*
 * ike: a message of version 3, which does not exist. What speaks version 2 says so, and keeps
 * nothing (RFC 7296, section 2.5). At the second port, where IPsec goes through NAT, four zero
 * bytes tell it from IPsec (RFC 3948, section 2.2).
 */
#include <string.h>

#include "answer.h"

enum {
    SPI_SIZE = 8, /* ours is the cookie */
    VERSION_AT = 17,
    FLAGS_AT = 19,
    LENGTH_AT = 26, /* its lower half */
    HEADER_SIZE = 28,
    VERSION_2 = 0x20,
    MASK_MAJOR = 0xf0,
    FLAG_RESPONSE = 0x20,
    MARK_SIZE = 4,
};

/* Behind our SPI: none of the responder's; no payload, version 3, IKE_SA_INIT, we began;
 * message 0, and the length. */
static const unsigned char header[] = {0,  0,    0, 0, 0, 0, 0, 0, 0, 0x30,
                                       34, 0x08, 0, 0, 0, 0, 0, 0, 0, HEADER_SIZE};
static const unsigned char mark[MARK_SIZE] = {0, 0, 0, 0};

static size_t write_message(unsigned char *bytes, const struct question_input *input)
{
    memcpy(bytes, input->cookie, SPI_SIZE);
    memcpy(bytes + SPI_SIZE, header, sizeof header);
    return HEADER_SIZE;
}

static size_t ike_build(unsigned char bytes[static QUESTION_SIZE],
                        const struct question_input *input)
{
    return write_message(bytes, input);
}

static enum question_verdict ike_judge(const struct answer_bytes *answer,
                                       const struct question_input *input, struct reply *reply)
{
    if (answer->len < HEADER_SIZE || !answer_has(answer, 0, input->cookie, SPI_SIZE) ||
        (answer->bytes[VERSION_AT] & MASK_MAJOR) != VERSION_2 ||
        (answer->bytes[FLAGS_AT] & FLAG_RESPONSE) == 0 ||
        answer_number(answer, LENGTH_AT) != answer->len)
        return QUESTION_MORE;
    answer_say(reply, "IKEv2");
    return QUESTION_READY;
}

static size_t ike_nat_build(unsigned char bytes[static QUESTION_SIZE],
                            const struct question_input *input)
{
    memcpy(bytes, mark, MARK_SIZE);
    return MARK_SIZE + write_message(bytes + MARK_SIZE, input);
}

static enum question_verdict ike_nat_judge(const struct answer_bytes *answer,
                                           const struct question_input *input,
                                           struct reply *reply)
{
    if (!answer_has(answer, 0, mark, MARK_SIZE))
        return QUESTION_MORE;
    const struct answer_bytes message = {answer->bytes + MARK_SIZE, answer->len - MARK_SIZE,
                                         answer->is_end};
    return ike_judge(&message, input, reply);
}

const struct question question_ike = {
    .name = "ike", .has_cookie = true, .build = ike_build, .judge = ike_judge};
const struct question question_ike_nat = {.name = "ike behind NAT",
                                          .has_cookie = true,
                                          .build = ike_nat_build,
                                          .judge = ike_nat_judge};
