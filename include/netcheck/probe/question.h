/*
 * question: what a service is asked, and how its answer is judged.
 *
 * A question changes nothing on the server and needs no secret. Its judge is pure: bytes in, a
 * verdict and words out; every byte may be hostile. A new question is a row of QUESTIONS and a
 * file here that defines question_NAME.
 */
#ifndef NETCHECK_QUESTION_H
#define NETCHECK_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/probe/protocol.h"
#include "netcheck/probe/reply.h"
#include "netcheck/probe/stream.h"
#include "netcheck/target/fault.h"

/*
 * By which protocol it is asked, at which port (0: every one without a row of its own), and its
 * name. The same port of another protocol is another service.
 */
#define QUESTIONS(ROW)                  \
    ROW(PROTOCOL_TCP, 21, ftp)          \
    ROW(PROTOCOL_TCP, 22, ssh)          \
    ROW(PROTOCOL_TCP, 25, smtp)         \
    ROW(PROTOCOL_TCP, 53, dns_tcp)      \
    ROW(PROTOCOL_TCP, 80, http)         \
    ROW(PROTOCOL_TCP, 110, pop3)        \
    ROW(PROTOCOL_TCP, 143, imap)        \
    ROW(PROTOCOL_TCP, 389, ldap)        \
    ROW(PROTOCOL_TCP, 443, tls)         \
    ROW(PROTOCOL_TCP, 445, smb)         \
    ROW(PROTOCOL_TCP, 465, tls)         \
    ROW(PROTOCOL_TCP, 587, smtp)        \
    ROW(PROTOCOL_TCP, 636, tls)         \
    ROW(PROTOCOL_TCP, 853, tls)         \
    ROW(PROTOCOL_TCP, 873, rsync)       \
    ROW(PROTOCOL_TCP, 990, tls)         \
    ROW(PROTOCOL_TCP, 993, tls)         \
    ROW(PROTOCOL_TCP, 995, tls)         \
    ROW(PROTOCOL_TCP, 1883, mqtt)       \
    ROW(PROTOCOL_TCP, 2181, zookeeper)  \
    ROW(PROTOCOL_TCP, 3306, mysql)      \
    ROW(PROTOCOL_TCP, 3389, rdp)        \
    ROW(PROTOCOL_TCP, 4222, nats)       \
    ROW(PROTOCOL_TCP, 5222, xmpp)       \
    ROW(PROTOCOL_TCP, 5223, tls)        \
    ROW(PROTOCOL_TCP, 5432, postgresql) \
    ROW(PROTOCOL_TCP, 5671, tls)        \
    ROW(PROTOCOL_TCP, 5672, amqp)       \
    ROW(PROTOCOL_TCP, 5900, rfb)        \
    ROW(PROTOCOL_TCP, 6379, redis)      \
    ROW(PROTOCOL_TCP, 8000, http)       \
    ROW(PROTOCOL_TCP, 8008, http)       \
    ROW(PROTOCOL_TCP, 8080, http)       \
    ROW(PROTOCOL_TCP, 8443, tls)        \
    ROW(PROTOCOL_TCP, 8883, tls)        \
    ROW(PROTOCOL_TCP, 11211, memc_tcp)  \
    ROW(PROTOCOL_TCP, 11300, beanstalk) \
    ROW(PROTOCOL_UDP, 53, dns)          \
    ROW(PROTOCOL_UDP, 69, tftp)         \
    ROW(PROTOCOL_UDP, 111, rpc)         \
    ROW(PROTOCOL_UDP, 123, ntp)         \
    ROW(PROTOCOL_UDP, 161, snmp)        \
    ROW(PROTOCOL_UDP, 443, quic)        \
    ROW(PROTOCOL_UDP, 500, ike)         \
    ROW(PROTOCOL_UDP, 3478, stun)       \
    ROW(PROTOCOL_UDP, 4500, ike_nat)    \
    ROW(PROTOCOL_UDP, 5060, sip)        \
    ROW(PROTOCOL_UDP, 5353, mdns)       \
    ROW(PROTOCOL_UDP, 5683, coap)       \
    ROW(PROTOCOL_UDP, 11211, memcached) \
    ROW(PROTOCOL_UDP, 19302, stun)      \
    ROW(PROTOCOL_UDP, 0, empty)         \
    ROW(PROTOCOL_TLS, 0, tls)

enum {
    QUESTION_SIZE = 1280,     /* room for the bytes of a question */
    ANSWER_SIZE = STREAM_MAX, /* more of an answer is not looked at */
};

/* What a question is made of, besides its own bytes. The pointers are borrowed. */
struct question_input {
    unsigned char cookie[FLOW_COOKIE_SIZE]; /* to come back in the answer */
    const char *name; /* of the server, as it is to be asked for; NULL: it has none */
    const struct endpoint *endpoint;
    const struct ask_options *ask;
    int64_t wall_s; /* now, seconds since 1970 */
};

/* What has come so far. */
struct answer_bytes {
    const unsigned char *bytes;
    size_t len;
    bool is_end; /* nothing more comes: it is a datagram, or the stream has ended */
};

enum question_verdict {
    QUESTION_MORE,  /* no verdict yet: of a datagram, that it is no answer to this question */
    QUESTION_READY, /* the service serves; reply->words say what it said */
    QUESTION_NOT_READY,  /* it answered that it cannot serve yet, or not now; the same */
    QUESTION_MISMATCHED, /* something else answered */
};

struct question {
    const char *name; /* "dns" */
    bool has_cookie;  /* an answer carries the cookie, or part of it, so that its sender is one
                         that read the question */
    bool is_provisional; /* an error may follow at once what is READY on a connection, which
                            is listened to a moment longer */
    bool moves_port;     /* the answer comes from another port of the same address */

    /* Write the question and return its length, which may be 0. NULL: it is what the user says
       (ask->send). */
    size_t (*build)(unsigned char bytes[static QUESTION_SIZE],
                    const struct question_input *input);

    /* Whether the question to this endpoint fits; NULL: each one does. */
    bool (*fits)(const struct endpoint *endpoint);

    const char *farewell; /* said on a connection after the verdict, so that the server does not
                             complain of a client that is gone; NULL: nothing */
    size_t farewell_len;  /* bytes of it; 0: it is a text that ends with NUL */

    /* reply: new, its bytes kept; the judge fills in words and what it found. */
    enum question_verdict (*judge)(const struct answer_bytes *answer,
                                   const struct question_input *input, struct reply *reply);
};

#define QUESTION_DECLARATION(protocol, port, name) extern const struct question question_##name;
QUESTIONS(QUESTION_DECLARATION)
#undef QUESTION_DECLARATION

/* What --send says, be it nothing, as for a banner; any bytes answer it. */
extern const struct question question_text;

/*
 * What a service at the port is asked by the protocol; that of `empty` for a protocol without
 * a row.
 */
const struct question *question_find(enum protocol_id protocol, uint16_t port);

/*
 * What the service at the endpoint is asked to learn whether it serves (--ready): that of the
 * scheme which is written, or else of the port. NULL: none is known.
 */
const struct question *question_of_service(const struct endpoint *endpoint);

/* What the endpoint is asked in this run; NULL: nothing but for a connection. */
const struct question *question_choose(const struct endpoint *endpoint,
                                       const struct ask_options *ask);

/*
 * Why the endpoint cannot be asked in this run: FAULT_NONE, or FAULT_TEXT_PROTOCOL, or one of
 * FAULT_READY_. A judge of struct target_rules.
 *
 * context  struct ask_options
 */
enum fault_code question_refuse(const struct endpoint *endpoint, const void *context);

/* Append "; known are " and all questions behind the words of a fault whose way out they are.
 */
void question_add_known(struct buffer *out, enum fault_code code);

#endif
