/*
 * inquiry: the question of a flow, with what it is made of; and what the verdict on its answer
 * means for the row. Shared by what asks questions: of datagrams, and on connections.
 */
#ifndef NETCHECK_INQUIRY_H
#define NETCHECK_INQUIRY_H

#include "netcheck/probe/protocol.h"
#include "netcheck/probe/question.h"

/* A name has 253 bytes at most, a final dot and a terminator. */
enum { SERVER_NAME_SIZE = 256 };

/* Borrows from the context. Not to be copied: input.name may point into it. */
struct inquiry {
    const struct question *question; /* NULL: nothing is asked */
    struct question_input input;
    char name[SERVER_NAME_SIZE];
};

void inquiry_init(struct inquiry *inquiry, const struct flow *flow,
                  const struct flow_context *context);

/*
 * The bytes of the question: in `room`, or the user's own.
 *
 * bytes  out: the first one
 *
 * Returns how many there are.
 */
size_t inquiry_build(const struct inquiry *inquiry, unsigned char room[static QUESTION_SIZE],
                     const unsigned char **bytes);

/*
 * Judge what has come. With MORE, `answer` is as it was; else its outcome is set, and its reply
 * unless there was no memory for it, which the outcome says then.
 *
 * An answer that has to match, and does not, is NOT_READY, whose outcome says mismatched.
 */
enum question_verdict inquiry_judge(const struct inquiry *inquiry,
                                    const struct answer_bytes *bytes,
                                    struct flow_answer *answer);

#endif
