/*
 * tftp: a file that is not there (RFC 1350). The server says so, from a port that it takes for
 * this one transfer. Nothing of the question comes back: any error, or the first part of a
 * file, is the answer.
 */
#include <string.h>

#include "answer.h"

enum {
    OPCODE_DATA = 3,
    OPCODE_ERROR = 5,
    HEADER_SIZE = 4, /* the opcode, and the number of the block or of the error */
    BLOCK_SIZE = 512,
};

static const unsigned char query[] = "\0\1netcheck-no-such-file\0octet"; /* and its NUL */

static size_t tftp_build(unsigned char bytes[static QUESTION_SIZE],
                         const struct question_input *input)
{
    (void)input;
    memcpy(bytes, query, sizeof query);
    return sizeof query;
}

/* How long the text behind the header is, which ends with a NUL, the last byte; else 0. */
static size_t text_size(const struct answer_bytes *answer)
{
    size_t size = answer->len - HEADER_SIZE;
    const unsigned char *text = answer->bytes + HEADER_SIZE;
    return size > 0 && memchr(text, '\0', size) == text + size - 1 ? size : 0;
}

static enum question_verdict tftp_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    (void)input;
    if (answer->len < HEADER_SIZE)
        return QUESTION_MORE;
    unsigned opcode = answer_number(answer, 0);
    unsigned number = answer_number(answer, 2);
    if (opcode == OPCODE_DATA && number == 1 && answer->len <= HEADER_SIZE + BLOCK_SIZE) {
        answer_say(reply, "TFTP");
        return QUESTION_READY;
    }
    size_t size = text_size(answer);
    if (opcode != OPCODE_ERROR || size == 0)
        return QUESTION_MORE;
    answer_say(reply, "TFTP error %u%s", number, size > 1 ? ": " : "");
    answer_quote(reply, answer->bytes + HEADER_SIZE, size - 1);
    return QUESTION_READY;
}

const struct question question_tftp = {
    .name = "tftp", .moves_port = true, .build = tftp_build, .judge = tftp_judge};
