/*
 * tls: does TLS answer, also with an alert? Nothing is verified, but a certificate that has
 * expired keeps clients away: such a server is not ready.
 *
 * Source: RFC 5246 (TLS 1.2; records section 6.2.1, handshake section 7.4, alerts section 7.2),
 * RFC 8446 (TLS 1.3), RFC 6066 section 3 (server name), RFC 5746 (renegotiation), RFC 7627
 * (master secret), RFC 7685 (padding), RFC 8422 (curves).
 */
#include "netcheck/probe/question.h"

#include <stdio.h>
#include <string.h>

#include "certificate.h"
#include "netcheck/base/base.h"
#include "tls_hello.h"

enum {
    ALERT_SIZE = 2,
    ALERT_WARNING = 1,
    ALERT_FATAL = 2,
    ALERT_CLOSE_NOTIFY = 0,
    ALERT_PROTOCOL_VERSION = 70,

    /* As much of a message is looked at: of a certificate, the end stands in the first
       kilobyte unless its issuer has a very long name. */
    MESSAGE_KEPT = 4096,
};

static const struct {
    unsigned code;
    const char *words;
} alerts[] = {
    {0, "close notify"},
    {10, "unexpected message"},
    {20, "bad record MAC"},
    {22, "record overflow"},
    {40, "handshake failure"},
    {47, "illegal parameter"},
    {49, "access denied"},
    {50, "decode error"},
    {51, "decrypt error"},
    {70, "protocol version"},
    {71, "insufficient security"},
    {80, "internal error"},
    {86, "inappropriate fallback"},
    {90, "user canceled"},
    {100, "no renegotiation"},
    {109, "missing extension"},
    {110, "unsupported extension"},
    {112, "unrecognized name"},
    {115, "unknown PSK identity"},
    {116, "certificate required"},
    {120, "no application protocol"},
};

enum certificate_state {
    SHOWN_NOTHING, /* no message with certificates came */
    SHOWN_NONE,    /* one came, without any */
    SHOWN_UNREAD,  /* with one that is cut, or was not understood */
    SHOWN_END,
};

/*
 * What the answer has said so far. Messages and alerts may begin and end anywhere in records of
 * their type, so that they are put together again.
 */
struct hearing {
    bool is_strange;  /* TLS does not answer like that */
    bool is_echo;     /* it is our own hello */
    bool is_complete; /* nothing that matters can follow in clear */
    unsigned version; /* of the ServerHello; 0: none came */
    enum certificate_state certificate;
    int64_t not_after_s; /* of SHOWN_END */

    unsigned char alert[ALERT_SIZE];
    size_t alert_len;
    bool has_alert; /* `alert` is whole: level and code */

    unsigned char message[MESSAGE_HEADER + MESSAGE_KEPT]; /* the one that is coming in */
    size_t message_len;                                   /* bytes of it that came */
};

static unsigned read_16(const unsigned char *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

static size_t read_24(const unsigned char *bytes)
{
    return (size_t)bytes[0] << 16 | read_16(bytes + 1);
}

/* The version behind the extension that overrides the one before it; 0: there is none. */
static unsigned find_version(const unsigned char *extensions, size_t len)
{
    for (size_t at = 0; at + 4 <= len;) {
        unsigned type = read_16(extensions + at);
        size_t size = read_16(extensions + at + 2);
        at += 4;
        if (size > len - at)
            return 0;
        if (type == EXTENSION_VERSIONS && size == 2)
            return read_16(extensions + at);
        at += size;
    }
    return 0;
}

/* 0: it is none. */
static unsigned read_server_hello(const unsigned char *body, size_t len)
{
    enum { BEFORE_SESSION = 2 + RANDOM_SIZE, BEHIND_SESSION = 2 + 1 };
    if (len < BEFORE_SESSION + 1 || body[0] != VERSION_MAJOR)
        return 0;
    size_t session = body[BEFORE_SESSION];
    size_t at = BEFORE_SESSION + 1 + session + BEHIND_SESSION;
    if (session > SESSION_MAX || len < at)
        return 0;
    unsigned later = len >= at + 2 ? find_version(body + at + 2, len - at - 2) : 0;
    return later >= VERSION_1_3 ? later : read_16(body);
}

/* Of the list of certificates, the first is the server's own. */
static void hear_certificate(struct hearing *hearing, const unsigned char *body,
                             size_t available, size_t len)
{
    enum { LENGTH = 3, LENGTHS = 6 }; /* of the list, and of the first in it */
    hearing->certificate = SHOWN_UNREAD;
    if (available >= LENGTH && read_24(body) == 0)
        hearing->certificate = SHOWN_NONE;
    if (available < LENGTHS)
        return;
    size_t size = read_24(body + LENGTH);
    size_t left = available - LENGTHS;
    const struct certificate certificate = {
        .bytes = body + LENGTHS, .available = left < size ? left : size, .len = size};
    if (size <= len - LENGTHS && certificate_read_end(&certificate, &hearing->not_after_s))
        hearing->certificate = SHOWN_END;
}

static void hear_hello(struct hearing *hearing, const unsigned char *body, size_t len)
{
    hearing->version = read_server_hello(body, len);
    hearing->is_strange = hearing->version == 0;
    hearing->is_complete = hearing->version >= VERSION_1_3;
}

/* The message, as far as it is kept. */
static void hear_message(struct hearing *hearing)
{
    const unsigned char *body = hearing->message + MESSAGE_HEADER;
    size_t len = read_24(hearing->message + 1);
    size_t available = len < MESSAGE_KEPT ? len : MESSAGE_KEPT;
    unsigned type = hearing->message[0];
    if (type == MESSAGE_HELLO_REQUEST)
        return;
    if (hearing->version == 0 && type == MESSAGE_SERVER_HELLO)
        hear_hello(hearing, body, available);
    else if (hearing->version == 0)
        hearing->is_strange = true;
    else if (type == MESSAGE_CERTIFICATE && hearing->certificate == SHOWN_NOTHING)
        hear_certificate(hearing, body, available, len);
    else if (type == MESSAGE_SERVER_HELLO_DONE)
        hearing->is_complete = true;
    hearing->is_echo = hearing->version == 0 && type == MESSAGE_CLIENT_HELLO;
}

/* Bytes of the message that is coming in are still to come; its length itself at first. */
static size_t message_lacks(const struct hearing *hearing)
{
    size_t whole = MESSAGE_HEADER;
    if (hearing->message_len >= MESSAGE_HEADER)
        whole += read_24(hearing->message + 1);
    return whole - hearing->message_len;
}

static bool is_over(const struct hearing *hearing)
{
    return hearing->is_strange || hearing->is_complete;
}

/* Bytes of records of the type "handshake". */
static void hear_handshake(struct hearing *hearing, const unsigned char *bytes, size_t len)
{
    while (len > 0 && !is_over(hearing)) {
        size_t lacks = message_lacks(hearing);
        size_t count = len < lacks ? len : lacks;
        size_t room = hearing->message_len < sizeof hearing->message
                          ? sizeof hearing->message - hearing->message_len
                          : 0;
        memcpy(hearing->message + hearing->message_len, bytes, count < room ? count : room);
        hearing->message_len += count;
        bytes += count;
        len -= count;
        if (hearing->message_len < MESSAGE_HEADER || message_lacks(hearing) > 0)
            continue;
        hear_message(hearing);
        hearing->message_len = 0;
    }
}

/* A warning may stand before the ServerHello; an alert that is fatal, or says that nothing
   follows, is the last that comes. */
static void hear_alerts(struct hearing *hearing, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len && !is_over(hearing); i++) {
        hearing->alert[hearing->alert_len++] = bytes[i];
        if (hearing->alert_len < ALERT_SIZE)
            continue;
        unsigned level = hearing->alert[0];
        hearing->alert_len = 0;
        hearing->has_alert = level == ALERT_WARNING || level == ALERT_FATAL;
        hearing->is_strange = !hearing->has_alert && hearing->version == 0;
        hearing->is_complete =
            level != ALERT_WARNING || hearing->alert[1] == ALERT_CLOSE_NOTIFY;
    }
}

/* Whether `len` bytes can be the beginning of a record that is not encrypted yet. */
static bool is_record(const unsigned char *bytes, size_t len)
{
    bool is_type = bytes[0] == RECORD_ALERT || bytes[0] == RECORD_HANDSHAKE;
    return is_type && (len < 2 || bytes[1] == VERSION_MAJOR) &&
           (len < RECORD_HEADER || read_16(bytes + 3) <= RECORD_MAX);
}

/* All records that came, the last one perhaps not whole. */
static void hear(struct hearing *hearing, const struct answer_bytes *answer)
{
    const unsigned char *bytes = answer->bytes;
    size_t left = answer->len;
    while (left > 0 && !is_over(hearing)) {
        if (!is_record(bytes, left)) {
            /* Behind the hello of the server it is no matter any more. */
            hearing->is_strange = hearing->version == 0;
            hearing->is_complete = hearing->version != 0;
            return;
        }
        if (left < RECORD_HEADER)
            return;
        size_t len = read_16(bytes + 3);
        size_t available = left - RECORD_HEADER < len ? left - RECORD_HEADER : len;
        if (bytes[0] == RECORD_ALERT)
            hear_alerts(hearing, bytes + RECORD_HEADER, available);
        else
            hear_handshake(hearing, bytes + RECORD_HEADER, available);
        bytes += RECORD_HEADER + available;
        left -= RECORD_HEADER + available;
    }
}

/* Nothing more comes, or nothing more is looked at: what there is of a message has to do. */
static void end_hearing(struct hearing *hearing, size_t len)
{
    if (is_over(hearing))
        return;
    size_t available = hearing->message_len < sizeof hearing->message ? hearing->message_len
                                                                      : sizeof hearing->message;
    bool is_certificate = available >= MESSAGE_HEADER &&
                          hearing->message[0] == MESSAGE_CERTIFICATE &&
                          hearing->certificate == SHOWN_NOTHING;
    if (hearing->version == 0)
        hearing->is_strange = len >= ANSWER_SIZE && !hearing->has_alert;
    else if (is_certificate)
        hear_certificate(hearing, hearing->message + MESSAGE_HEADER, available - MESSAGE_HEADER,
                         read_24(hearing->message + 1));
}

/* Words */

/* "" for one that nobody knows yet. */
static const char *version_name(unsigned version)
{
    static const char *const names[] = {"SSL 3.0", "1.0", "1.1", "1.2", "1.3"};
    size_t index = version - VERSION_SSL_3;
    return index < ARRAY_LEN(names) ? names[index] : "";
}

/* The server's whole flight has no certificate in it. */
static bool has_none(const struct hearing *hearing)
{
    bool is_whole = hearing->is_complete && !hearing->has_alert;
    return hearing->certificate == SHOWN_NONE ||
           (hearing->certificate == SHOWN_NOTHING && is_whole);
}

/* Its end is told where there is a clock to compare it with, and TLS 1.3 shows none. */
static const char *certificate_words(const struct hearing *hearing)
{
    if (hearing->certificate == SHOWN_END || hearing->version >= VERSION_1_3)
        return "";
    return has_none(hearing) ? ", no certificate" : ", certificate unknown";
}

static void tell_hello(const struct hearing *hearing, struct reply *reply)
{
    const char *version = version_name(hearing->version);
    const char *protocol = hearing->version == VERSION_SSL_3 ? ""
                           : *version == '\0'                ? "TLS"
                                                             : "TLS ";
    (void)snprintf(reply->tls_version, sizeof reply->tls_version, "%s", version);
    (void)snprintf(reply->words, sizeof reply->words, "%s%s%s", protocol, version,
                   certificate_words(hearing));
    if (hearing->certificate == SHOWN_END)
        reply->tls_not_after_s = hearing->not_after_s;
}

static void tell_alert(unsigned code, struct reply *reply)
{
    const char *words = NULL;
    for (size_t i = 0; i < ARRAY_LEN(alerts); i++)
        if (alerts[i].code == code)
            words = alerts[i].words;
    /* A server that knows only older versions would have chosen one of them. */
    if (code == ALERT_PROTOCOL_VERSION)
        (void)snprintf(reply->words, sizeof reply->words, "TLS, newer than 1.2");
    else
        (void)snprintf(reply->words, sizeof reply->words, "TLS alert %u%s%s", code,
                       words != NULL ? ": " : "", words != NULL ? words : "");
}

static enum question_verdict judge(const struct answer_bytes *answer,
                                   const struct question_input *input, struct reply *reply)
{
    struct hearing hearing;
    memset(&hearing, 0, sizeof hearing);
    hear(&hearing, answer);
    if (answer->is_end)
        end_hearing(&hearing, answer->len);
    bool is_enough = is_over(&hearing) || answer->is_end;
    if (hearing.is_strange) {
        (void)snprintf(reply->words, sizeof reply->words, "%s",
                       hearing.is_echo ? "not TLS, an echo of the question" : "not TLS");
        return QUESTION_MISMATCHED;
    }
    if (!is_enough || (hearing.version == 0 && !hearing.has_alert))
        return QUESTION_MORE;
    if (hearing.version != 0)
        tell_hello(&hearing, reply);
    else
        tell_alert(hearing.alert[1], reply);
    bool is_expired = hearing.certificate == SHOWN_END && hearing.not_after_s < input->wall_s;
    return is_expired ? QUESTION_NOT_READY : QUESTION_READY;
}

const struct question question_tls = {
    .name = "tls",
    .build = tls_hello_write,
    .judge = judge,
};
