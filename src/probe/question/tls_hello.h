/*
 * tls_hello: a ClientHello up to TLS 1.2, to which a server shows its certificate in clear;
 * what follows would need cryptography, and is not asked for. And the numbers of the protocol
 * that the judge of the answer needs, too.
 *
 * Source: RFC 5246 and the documents that tls.c names.
 */
#ifndef NETCHECK_TLS_HELLO_H
#define NETCHECK_TLS_HELLO_H

#include "netcheck/probe/question.h"

enum {
    RECORD_ALERT = 21,
    RECORD_HANDSHAKE = 22,
    RECORD_HEADER = 5,
    RECORD_MAX = 16384 + 2048, /* bytes of content; an encrypted record has the most */

    MESSAGE_HELLO_REQUEST = 0,
    MESSAGE_CLIENT_HELLO = 1,
    MESSAGE_SERVER_HELLO = 2,
    MESSAGE_CERTIFICATE = 11,
    MESSAGE_SERVER_HELLO_DONE = 14,
    MESSAGE_HEADER = 4,

    EXTENSION_VERSIONS = 43,

    VERSION_SSL_3 = 0x0300,
    VERSION_1_0 = 0x0301,
    VERSION_1_2 = 0x0303,
    VERSION_1_3 = 0x0304,
    VERSION_MAJOR = 3,

    RANDOM_SIZE = 32,
    SESSION_MAX = 32, /* bytes of a session identifier */
};

/* The bytes of the question, see struct question. */
size_t tls_hello_write(unsigned char bytes[static QUESTION_SIZE],
                       const struct question_input *input);

#endif
