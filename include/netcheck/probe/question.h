/*
 * question: what a service is asked, and how its answer is judged.
 *
 * A question changes nothing on the server and needs no secret. Its judge is pure: bytes in, a
 * verdict and words out; every byte may be hostile. A new question is a file here and a row in
 * question.c.
 */
#ifndef NETCHECK_QUESTION_H
#define NETCHECK_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/probe/protocol.h"
#include "netcheck/probe/reply.h"

enum {
    QUESTION_SIZE = 1024,        /* room for the bytes of a question */
    ANSWER_SIZE = 64 * 1024,     /* more of an answer is not looked at */
};

/* What a question is made of, besides its own bytes. */
struct question_input {
    unsigned char cookie[FLOW_COOKIE_SIZE]; /* to come back in the answer */
    const char *name; /* of the server, as TLS wants to know it; NULL: it has none */
};

/* What has come so far. */
struct answer_bytes {
    const unsigned char *bytes;
    size_t len;
    bool is_end; /* nothing more comes: it is a datagram, or the stream has ended */
};

enum question_verdict {
    QUESTION_MORE,       /* no verdict yet: of a datagram, that it is no answer to this question */
    QUESTION_REPLIED,    /* the service answered; reply->words say what */
    QUESTION_MISMATCHED, /* something else answered */
};

struct question {
    const char *name;          /* "dns" */
    enum protocol_id protocol; /* by which it is asked */
    uint16_t port;             /* that it is known for; 0: every other one */
    bool has_cookie;           /* an answer carries the cookie, or part of it, so that its sender
                                  is one that read the question */
    bool moves_port;           /* the answer comes from another port of the same address */

    /* Write the question and return its length, which may be 0. */
    size_t (*build)(unsigned char bytes[static QUESTION_SIZE],
                    const struct question_input *input);

    /* reply: new, its bytes kept; the judge fills in words and what it found. */
    enum question_verdict (*judge)(const struct answer_bytes *answer,
                                   const struct question_input *input, struct reply *reply);
};

/* What a service at the port is asked by the protocol; never NULL. */
const struct question *question_find(enum protocol_id protocol, uint16_t port);

#endif
