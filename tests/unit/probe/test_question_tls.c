/*
 * The hello of tls, and what answers to it are: those of real servers, as they came and mutated
 * in every way, and those that no server would send.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/mix.h"
#include "netcheck/probe/question.h"
#include "tls_answers.h"

/* The time of day: on 2024-02-29 at noon, when one of the certificates ends. */
enum { WALL_S = 1709208000 };

/* Text with \0 in it, and how much that is. */
#define BYTES(text) (text), sizeof(text) - 1

enum {
    RECORD_HEADER = 5,
    MESSAGE_HEADER = 4,
    DONE_SIZE = 4, /* the message that ends a flight in clear */
    HANDSHAKE = 22,
    TYPE_HELLO = 2,
    TYPE_CERTIFICATE = 11,
    TYPE_DONE = 14,
};

static const int64_t captured_end_s = 1801627506; /* 2027-02-03 04:05:06 */

static const struct question *tls(void)
{
    return question_find(PROTOCOL_TLS, 443);
}

/* The hello */

static size_t build(const char *name, unsigned char bytes[static QUESTION_SIZE])
{
    const struct question_input input = {.cookie = "0123456789abcdef", .name = name};
    memset(bytes, 0xff, QUESTION_SIZE);
    return tls()->build(bytes, &input);
}

static size_t number(const unsigned char *bytes, size_t len)
{
    size_t value = 0;
    for (size_t i = 0; i < len; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* Where the extension begins; 0: there is none. Every length on the way has to be right. */
static size_t find_extension(const char *label, const unsigned char *bytes, size_t len,
                             unsigned type, size_t *size)
{
    size_t at = RECORD_HEADER + MESSAGE_HEADER + 2 + 32 + 1;
    at += 2 + number(bytes + at, 2);
    at += 1 + bytes[at];
    claim_number(label, "length of the extensions", number(bytes + at, 2), len - at - 2);
    size_t found = 0;
    for (at += 2; at < len; at += 4 + number(bytes + at + 2, 2)) {
        if (number(bytes + at, 2) != type)
            continue;
        found = at + 4;
        *size = number(bytes + at + 2, 2);
    }
    claim_number(label, "end of the extensions", at, len);
    return found;
}

static void test_tls_hello_is_one_whole_message_up_to_version_1_2(void **state)
{
    unsigned char bytes[QUESTION_SIZE];
    size_t len = build(NULL, bytes);
    size_t size = 0;
    claim_bytes("hello", "record", (const char *)bytes, 3, "\x16\3\1", 3);
    claim_number("hello", "length of the record", number(bytes + 3, 2), len - RECORD_HEADER);
    claim_number("hello", "type", bytes[RECORD_HEADER], 1);
    claim_number("hello", "length of the message", number(bytes + RECORD_HEADER + 1, 3),
                 len - RECORD_HEADER - MESSAGE_HEADER);
    claim_number("hello", "version", number(bytes + RECORD_HEADER + MESSAGE_HEADER, 2), 0x303);
    claim_bytes("hello", "random", (const char *)bytes + 11, 32,
                "0123456789abcdef0123456789abcdef", 32);
    claim_number("hello", "versions after 1.2", find_extension("hello", bytes, len, 43, &size),
                 0);
}

static void test_tls_hello_names_the_server_if_it_has_a_name(void **state)
{
    unsigned char bytes[QUESTION_SIZE];
    size_t size = 0;
    size_t len = build("db.example.com", bytes);
    size_t at = find_extension("name", bytes, len, 0, &size);
    claim_bytes("name", "extension", (const char *)bytes + at, size,
                BYTES("\0\x11\0\0\x0e"
                      "db.example.com"));
    len = build(NULL, bytes);
    claim_number("no name", "extension", find_extension("no name", bytes, len, 0, &size), 0);
}

/* Some load balancers drop it. */
static void test_tls_hello_is_never_of_256_to_511_bytes(void **state)
{
    char name[254] = "";
    for (size_t i = 0; i + 1 < sizeof name; i++) {
        unsigned char bytes[QUESTION_SIZE];
        size_t size = 0;
        char label[32];
        name[i] = 'a';
        (void)snprintf(label, sizeof label, "name of %zu bytes", i + 1);
        size_t len = build(name, bytes);
        size_t message_len = len - RECORD_HEADER;
        claim_true(label, "length", message_len < 256 || message_len == 512);
        claim_true(label, "name", find_extension(label, bytes, len, 0, &size) > 0);
        claim_number(label, "length of the name", size, i + 1 + 5);
    }
}

/* The answer */

struct verdict {
    enum question_verdict verdict;
    struct reply reply;
};

/* Bytes at the end of a block of exactly their size. */
static struct verdict judge(const char *bytes, size_t len, bool is_end)
{
    const struct question_input input = {.wall_s = WALL_S};
    struct reply *reply = reply_new();
    char *copy = copy_exactly(bytes, len);
    const struct answer_bytes answer = {(const unsigned char *)copy, len, is_end};
    assert_non_null(reply);
    struct verdict said = {.verdict = tls()->judge(&answer, &input, reply)};
    said.reply = *reply;
    free(copy);
    reply_drop(reply);
    assert_non_null(memchr(said.reply.words, '\0', sizeof said.reply.words));
    return said;
}

static void claim_verdict(const char *label, const struct verdict *said,
                          enum question_verdict verdict, const char *words)
{
    claim_number(label, "verdict", said->verdict, verdict);
    claim_text(label, "words", said->reply.words, words);
}

static const struct {
    const char *label;
    const char *bytes;
    size_t len;
    bool has_more; /* the verdict is known before the stream ends */
    enum question_verdict verdict;
    const char *words;
    const char *version;
    int64_t not_after_s;
} answers[] = {
    {"nginx", BYTES(nginx_answer), true, QUESTION_READY, "TLS 1.2", "1.2", captured_end_s},
    {"redis", BYTES(redis_answer), true, QUESTION_READY, "TLS 1.2", "1.2", captured_end_s},
    {"GnuTLS", BYTES(gnutls_answer), true, QUESTION_READY, "TLS 1.2", "1.2", captured_end_s},
    {"client certificate wanted", BYTES(client_certificate_answer), true, QUESTION_READY,
     "TLS 1.2", "1.2", captured_end_s},
    {"1.3 only", BYTES(only_1_3_answer), true, QUESTION_READY, "TLS, newer than 1.2", "",
     INT64_MAX},
    {"nginx, rejecting", BYTES(reject_answer), true, QUESTION_READY,
     "TLS alert 112: unrecognized name", "", INT64_MAX},

    {"alert: handshake failure", BYTES("\x15\3\3\0\2\2\x28"), true, QUESTION_READY,
     "TLS alert 40: handshake failure", "", INT64_MAX},
    {"alert: internal error", BYTES("\x15\3\1\0\2\2\x50"), true, QUESTION_READY,
     "TLS alert 80: internal error", "", INT64_MAX},
    {"alert that has no name", BYTES("\x15\3\3\0\2\2\xfa"), true, QUESTION_READY,
     "TLS alert 250", "", INT64_MAX},
    {"alert of SSL 3.0", BYTES("\x15\3\0\0\2\2\x28"), true, QUESTION_READY,
     "TLS alert 40: handshake failure", "", INT64_MAX},
    {"alert in two records", BYTES("\x15\3\3\0\1\2\x15\3\3\0\1\x28"), true, QUESTION_READY,
     "TLS alert 40: handshake failure", "", INT64_MAX},
    {"close notify", BYTES("\x15\3\3\0\2\1\0"), true, QUESTION_READY,
     "TLS alert 0: close notify", "", INT64_MAX},
    {"warning, and the end", BYTES("\x15\3\3\0\2\1\x70"), false, QUESTION_READY,
     "TLS alert 112: unrecognized name", "", INT64_MAX},
    {"warning, then an alert", BYTES("\x15\3\3\0\2\1\x70\x15\3\3\0\2\2\x28"), true,
     QUESTION_READY, "TLS alert 40: handshake failure", "", INT64_MAX},

    {"HTTP", BYTES("HTTP/1.1 400 Bad Request\r\n"), true, QUESTION_MISMATCHED, "not TLS", "",
     INT64_MAX},
    {"mail", BYTES("220 mail.example.com ESMTP\r\n"), true, QUESTION_MISMATCHED, "not TLS", "",
     INT64_MAX},
    {"SSH", BYTES("SSH-2.0-OpenSSH_9.2p1\r\n"), true, QUESTION_MISMATCHED, "not TLS", "",
     INT64_MAX},
    {"redis without TLS", BYTES("-ERR unknown command\r\n"), true, QUESTION_MISMATCHED,
     "not TLS", "", INT64_MAX},
    {"one byte that is none of TLS", BYTES("\0"), true, QUESTION_MISMATCHED, "not TLS", "",
     INT64_MAX},
    {"SSL 2", BYTES("\x80\3\0\0\1"), true, QUESTION_MISMATCHED, "not TLS", "", INT64_MAX},
    {"DTLS", BYTES("\x16\xfe\xfd\0\0"), true, QUESTION_MISMATCHED, "not TLS", "", INT64_MAX},
    {"data before a hello", BYTES("\x17\3\3\0\1\0"), true, QUESTION_MISMATCHED, "not TLS", "",
     INT64_MAX},
    {"record of the greatest size", BYTES("\x16\3\3\x48\0"), false, QUESTION_MORE, "", "",
     INT64_MAX},
    {"record over the greatest size", BYTES("\x16\3\3\x48\1"), true, QUESTION_MISMATCHED,
     "not TLS", "", INT64_MAX},
    {"alert of a level that is none", BYTES("\x15\3\3\0\2\3\x28"), true, QUESTION_MISMATCHED,
     "not TLS", "", INT64_MAX},
    {"certificate before a hello", BYTES("\x16\3\3\0\4\x0b\0\0\0"), true, QUESTION_MISMATCHED,
     "not TLS", "", INT64_MAX},
    {"hello that is too short", BYTES("\x16\3\3\0\6\2\0\0\2\3\3"), true, QUESTION_MISMATCHED,
     "not TLS", "", INT64_MAX},
    {"a hello of ours", BYTES("\x16\3\1\0\4\1\0\0\0"), true, QUESTION_MISMATCHED,
     "not TLS, an echo of the question", "", INT64_MAX},

    {"nothing", "", 0, false, QUESTION_MORE, "", "", INT64_MAX},
    {"part of a header", BYTES("\x16\3\3\0"), false, QUESTION_MORE, "", "", INT64_MAX},
    {"part of an alert", BYTES("\x15\3\3\0\2\2"), false, QUESTION_MORE, "", "", INT64_MAX},
    {"records with nothing in them", BYTES("\x16\3\3\0\0\x15\3\3\0\0\x16\3\3\0\0"), false,
     QUESTION_MORE, "", "", INT64_MAX},
    {"request for a hello", BYTES("\x16\3\3\0\4\0\0\0\0"), false, QUESTION_MORE, "", "",
     INT64_MAX},
};

static void test_tls_answers_are_told_apart(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        const char *label = answers[i].label;
        struct verdict said = judge(answers[i].bytes, answers[i].len, false);
        claim_number(label, "verdict before the end", said.verdict,
                     answers[i].has_more ? answers[i].verdict : QUESTION_MORE);
        said = judge(answers[i].bytes, answers[i].len, true);
        claim_verdict(label, &said, answers[i].verdict, answers[i].words);
        claim_text(label, "version", said.reply.tls_version, answers[i].version);
        claim_number(label, "end of the certificate", (uint64_t)said.reply.tls_not_after_s,
                     (uint64_t)answers[i].not_after_s);
    }
}

/* Answers that are put together here */

struct text {
    char bytes[80000];
    size_t len;
};

static void add(struct text *text, const char *bytes, size_t len)
{
    assert_true(text->len + len <= sizeof text->bytes);
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
}

static void add_number(struct text *text, size_t value, size_t size)
{
    while (size-- > 0) {
        char byte = (char)(value >> 8 * size & 0xff);
        add(text, &byte, 1);
    }
}

static void add_message(struct text *text, unsigned type, const char *body, size_t len)
{
    add_number(text, type, 1);
    add_number(text, len, 3);
    add(text, body, len);
}

static void add_hello(struct text *text, unsigned version, const char *extensions, size_t len)
{
    struct text body = {.len = 0};
    add_number(&body, version, 2);
    add(&body, "................................", 32);
    add(&body, "\0\xc0\x2f\0", 4);
    if (len > 0)
        add_number(&body, len, 2);
    add(&body, extensions, len);
    add_message(text, TYPE_HELLO, body.bytes, body.len);
}

/* An element of DER with the longest length that is allowed. */
static void add_element(struct text *text, unsigned tag, const char *content, size_t len)
{
    add_number(text, tag, 1);
    add_number(text, 0x84, 1);
    add_number(text, len, 4);
    add(text, content, len);
}

static void add_short(struct text *text, unsigned tag, const char *content)
{
    size_t len = strlen(content);
    assert_true(len < 128);
    add_number(text, tag, 1);
    add_number(text, len, 1);
    add(text, content, len);
}

/* A certificate that ends at `end`, a time of type `tag`, whose issuer has so many bytes. */
static void add_certificate(struct text *text, unsigned tag, const char *end, size_t issuer)
{
    static const char name[8000];
    struct text validity = {.len = 0};
    struct text signed_part = {.len = 0};
    struct text whole = {.len = 0};
    add_short(&validity, 0x17, "700101000000Z");
    add_short(&validity, tag, end);
    add(&signed_part, "\xa0\3\2\1\2\2\1\1", 8);
    add_short(&signed_part, 0x30, "algorithm");
    add_element(&signed_part, 0x30, name, issuer);
    add_element(&signed_part, 0x30, validity.bytes, validity.len);
    add_short(&signed_part, 0x30, "subject and so on");
    add_element(&whole, 0x30, signed_part.bytes, signed_part.len);
    add_element(text, 0x30, whole.bytes, whole.len);
}

static void add_certificates(struct text *text, const struct text *certificate, size_t rest)
{
    static const char others[70000];
    struct text body = {.len = 0};
    add_number(&body, 3 + certificate->len + rest, 3);
    add_number(&body, certificate->len, 3);
    add(&body, certificate->bytes, certificate->len);
    add(&body, others, rest);
    add_message(text, TYPE_CERTIFICATE, body.bytes, body.len);
}

/* Messages in records of `size` bytes at most, with `before` in front of each. */
static void put_in_records(struct text *text, const struct text *messages, size_t size,
                           const char *before, size_t before_len)
{
    for (size_t at = 0; at < messages->len; at += size) {
        size_t len = messages->len - at < size ? messages->len - at : size;
        add(text, before, before_len);
        add(text, "\x16\3\3", 3);
        add_number(text, len, 2);
        add(text, messages->bytes + at, len);
    }
}

/* What the handshake records of an answer have in them. */
static void take_messages(struct text *messages, const char *answer, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t size = number((const unsigned char *)answer + at + 3, 2);
        assert_int_equal(answer[at], HANDSHAKE);
        add(messages, answer + at + RECORD_HEADER, size);
        at += RECORD_HEADER + size;
    }
}

static void test_tls_messages_may_be_split_over_records_anywhere(void **state)
{
    static const struct {
        const char *label;
        const char *bytes;
        size_t len;
    } between[] = {
        {"nothing", "", 0},
        {"empty records", BYTES("\x16\3\3\0\0\x15\3\3\0\0")},
        {"warnings", BYTES("\x15\3\3\0\2\1\x70")},
    };
    struct text messages = {.len = 0};
    take_messages(&messages, BYTES(nginx_answer));
    for (size_t i = 0; i < ARRAY_LEN(between); i++)
        for (size_t size = 1; size < messages.len + 2; size++) {
            struct text text = {.len = 0};
            char label[64];
            (void)snprintf(label, sizeof label, "%zu bytes, %s between", size,
                           between[i].label);
            put_in_records(&text, &messages, size, between[i].bytes, between[i].len);
            struct verdict said = judge(text.bytes, text.len, false);
            claim_verdict(label, &said, QUESTION_READY, "TLS 1.2");
            claim_number(label, "end of the certificate", (uint64_t)said.reply.tls_not_after_s,
                         (uint64_t)captured_end_s);
        }
}

/* A whole flight with a certificate that ends so. */
static struct verdict judge_end(unsigned tag, const char *end, size_t issuer)
{
    struct text certificate = {.len = 0};
    struct text messages = {.len = 0};
    struct text text = {.len = 0};
    add_certificate(&certificate, tag, end, issuer);
    add_hello(&messages, 0x303, "", 0);
    add_certificates(&messages, &certificate, 0);
    add_message(&messages, TYPE_DONE, "", 0);
    put_in_records(&text, &messages, 16384, "", 0);
    return judge(text.bytes, text.len, false);
}

static void test_tls_end_of_a_certificate_is_read(void **state)
{
    enum { UTC = 0x17, GENERALIZED = 0x18 };
    static const struct {
        const char *end;
        unsigned tag;
        int64_t seconds; /* INT64_MAX: it is no date */
    } dates[] = {
        {"491231235959Z", UTC, 2524607999},
        {"500101000000Z", UTC, -631152000},
        {"700101000000Z", UTC, 0},
        {"691231235959Z", UTC, -1},
        {"240229120000Z", UTC, 1709208000},
        {"000229000000Z", UTC, 951782400},
        {"20500101000000Z", GENERALIZED, 2524608000},
        {"21000301000000Z", GENERALIZED, 4107542400},
        {"99991231235959Z", GENERALIZED, 253402300799},
        {"00010101000000Z", GENERALIZED, -62135596800},

        {"230229000000Z", UTC, INT64_MAX},
        {"21000229000000Z", GENERALIZED, INT64_MAX},
        {"240001000000Z", UTC, INT64_MAX},
        {"241301000000Z", UTC, INT64_MAX},
        {"240100000000Z", UTC, INT64_MAX},
        {"240132000000Z", UTC, INT64_MAX},
        {"240431000000Z", UTC, INT64_MAX},
        {"240101240000Z", UTC, INT64_MAX},
        {"240101006000Z", UTC, INT64_MAX},
        {"240101000060Z", UTC, INT64_MAX},
        {"2401010000Z", UTC, INT64_MAX},
        {"240101000000+0000", UTC, INT64_MAX},
        {"2401010000000", UTC, INT64_MAX},
        {"24010100000 Z", UTC, INT64_MAX},
        {"-40101000000Z", UTC, INT64_MAX},
        {"20240101000000Z", UTC, INT64_MAX},
        {"240101000000Z", GENERALIZED, INT64_MAX},
        {"20240101000000.5Z", GENERALIZED, INT64_MAX},
        {"", UTC, INT64_MAX},
        {"240101000000Z", 0x16, INT64_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
        const char *label = dates[i].end;
        struct verdict said = judge_end(dates[i].tag, dates[i].end, 20);
        bool is_date = dates[i].seconds != INT64_MAX;
        claim_verdict(label, &said,
                      dates[i].seconds < WALL_S ? QUESTION_NOT_READY : QUESTION_READY,
                      is_date ? "TLS 1.2" : "TLS 1.2, certificate unknown");
        claim_number(label, "seconds", (uint64_t)said.reply.tls_not_after_s,
                     (uint64_t)dates[i].seconds);
    }
}

/* By its length it would end behind the message that it is in. */
static void test_tls_certificate_that_leaves_its_message_is_unknown(void **state)
{
    struct text certificate = {.len = 0};
    struct text messages = {.len = 0};
    struct text text = {.len = 0};
    add_certificate(&certificate, 0x17, "270203040506Z", 20);
    add_hello(&messages, 0x303, "", 0);
    size_t at = messages.len + MESSAGE_HEADER + 3 + 2;
    add_certificates(&messages, &certificate, 0);
    messages.bytes[at]++;
    add_message(&messages, TYPE_DONE, "", 0);
    put_in_records(&text, &messages, 16384, "", 0);
    struct verdict said = judge(text.bytes, text.len, false);
    claim_verdict("one byte more", &said, QUESTION_READY, "TLS 1.2, certificate unknown");
}

static void test_tls_certificate_with_a_huge_issuer_is_unknown(void **state)
{
    struct verdict said = judge_end(0x17, "270203040506Z", 3900);
    claim_verdict("issuer of 3,900 bytes", &said, QUESTION_READY, "TLS 1.2");
    said = judge_end(0x17, "270203040506Z", 5000);
    claim_verdict("issuer of 5,000 bytes", &said, QUESTION_READY,
                  "TLS 1.2, certificate unknown");
}

static void test_tls_hello_says_the_version_and_whether_a_certificate_follows(void **state)
{
    static const struct {
        const char *label;
        unsigned version;
        const char *extensions;
        size_t len;
        const char *rest; /* messages behind it */
        size_t rest_len;
        const char *words;
        const char *tls_version;
    } hellos[] = {
        {"SSL 3.0", 0x300, "", 0, BYTES("\x0e\0\0\0"), "SSL 3.0, no certificate", "SSL 3.0"},
        {"1.0", 0x301, "", 0, BYTES("\x0e\0\0\0"), "TLS 1.0, no certificate", "1.0"},
        {"1.1", 0x302, "", 0, BYTES("\x0e\0\0\0"), "TLS 1.1, no certificate", "1.1"},
        {"1.2, an empty list", 0x303, "", 0, BYTES("\x0b\0\0\3\0\0\0\x0e\0\0\0"),
         "TLS 1.2, no certificate", "1.2"},
        {"1.2, no list", 0x303, "", 0, BYTES("\x0b\0\0\0\x0e\0\0\0"),
         "TLS 1.2, certificate unknown", "1.2"},
        {"1.2, a list beyond its end", 0x303, "", 0,
         BYTES("\x0b\0\0\6\xff\xff\xff\xff\xff\xff\x0e\0\0\0"), "TLS 1.2, certificate unknown",
         "1.2"},
        {"1.2, an empty certificate", 0x303, "", 0, BYTES("\x0b\0\0\6\0\0\3\0\0\0\x0e\0\0\0"),
         "TLS 1.2, certificate unknown", "1.2"},
        {"1.3", 0x303, BYTES("\0\x2b\0\2\3\4"), "", 0, "TLS 1.3", "1.3"},
        {"1.3 behind another extension", 0x303, BYTES("\0\x17\0\0\0\x2b\0\2\3\4"), "", 0,
         "TLS 1.3", "1.3"},
        {"one that is not known yet", 0x303, BYTES("\0\x2b\0\2\3\5"), "", 0, "TLS", ""},
        {"1.2 in the place of 1.3", 0x303, BYTES("\0\x2b\0\2\3\3"), BYTES("\x0e\0\0\0"),
         "TLS 1.2, no certificate", "1.2"},
        {"an extension beyond the end", 0x303, BYTES("\0\x2b\0\x09\3\4"), BYTES("\x0e\0\0\0"),
         "TLS 1.2, no certificate", "1.2"},
    };
    for (size_t i = 0; i < ARRAY_LEN(hellos); i++) {
        struct text messages = {.len = 0};
        struct text text = {.len = 0};
        add_hello(&messages, hellos[i].version, hellos[i].extensions, hellos[i].len);
        add(&messages, hellos[i].rest, hellos[i].rest_len);
        put_in_records(&text, &messages, 16384, "", 0);
        struct verdict said = judge(text.bytes, text.len, false);
        claim_verdict(hellos[i].label, &said, QUESTION_READY, hellos[i].words);
        claim_text(hellos[i].label, "version", said.reply.tls_version, hellos[i].tls_version);
    }
}

/* The date stands at the beginning of a chain, however long that is. */
static void test_tls_chain_that_is_too_long_still_tells_its_end(void **state)
{
    struct text certificate = {.len = 0};
    struct text messages = {.len = 0};
    struct text text = {.len = 0};
    add_certificate(&certificate, 0x17, "270203040506Z", 20);
    add_hello(&messages, 0x303, "", 0);
    add_certificates(&messages, &certificate, 70000);
    put_in_records(&text, &messages, 16384, "", 0);
    struct verdict said = judge(text.bytes, ANSWER_SIZE, false);
    claim_number("before the end", "verdict", said.verdict, QUESTION_MORE);
    said = judge(text.bytes, ANSWER_SIZE, true);
    claim_verdict("at the end", &said, QUESTION_READY, "TLS 1.2");
    claim_number("at the end", "seconds", (uint64_t)said.reply.tls_not_after_s,
                 (uint64_t)captured_end_s);
}

/* Mutations */

static size_t hello_len(const char *bytes)
{
    const unsigned char *message = (const unsigned char *)bytes + RECORD_HEADER;
    return RECORD_HEADER + MESSAGE_HEADER + number(message + 1, 3);
}

/* The hello of the server tells that it is TLS, and what is missing is said. */
static void test_tls_answer_that_is_cut_is_judged_at_the_end(void **state)
{
    for (size_t i = 0; i < 4; i++)
        for (size_t len = 0; len < answers[i].len; len++) {
            char label[64];
            bool has_hello = len >= hello_len(answers[i].bytes);
            (void)snprintf(label, sizeof label, "%s, %zu bytes", answers[i].label, len);
            struct verdict said = judge(answers[i].bytes, len, false);
            claim_number(label, "before the end", said.verdict, QUESTION_MORE);
            said = judge(answers[i].bytes, len, true);
            bool has_end = said.reply.tls_not_after_s == captured_end_s;
            claim_verdict(label, &said, has_hello ? QUESTION_READY : QUESTION_MORE,
                          !has_hello ? ""
                          : has_end  ? "TLS 1.2"
                                     : "TLS 1.2, certificate unknown");
            claim_true(label, "end of the certificate",
                       has_end || said.reply.tls_not_after_s == INT64_MAX);
        }
}

static bool is_printable(const char *words)
{
    for (; *words != '\0'; words++)
        if (*words < ' ' || *words > '~')
            return false;
    return true;
}

static void claim_sane(const char *label, const struct verdict *said)
{
    bool has_words = said->reply.words[0] != '\0';
    claim_true(label, "printable", is_printable(said->reply.words));
    claim_true(label, "words", has_words == (said->verdict != QUESTION_MORE));
}

static void test_tls_answer_with_any_byte_changed_is_judged(void **state)
{
    static const unsigned masks[] = {0x01, 0x02, 0x80, 0xff};
    for (size_t i = 0; i < 6; i++)
        for (size_t at = 0; at < answers[i].len * ARRAY_LEN(masks); at++) {
            struct text text = {.len = 0};
            add(&text, answers[i].bytes, answers[i].len);
            text.bytes[at / ARRAY_LEN(masks)] ^= (char)masks[at % ARRAY_LEN(masks)];
            struct verdict said = judge(text.bytes, text.len, at % 2 == 0);
            claim_sane(answers[i].label, &said);
        }
}

static void test_tls_answer_of_random_bytes_is_judged(void **state)
{
    uint64_t seed = 1;
    for (size_t i = 0; i < 5000; i++) {
        struct text text = {.len = 0};
        add(&text, answers[i % 6].bytes, answers[i % 6].len);
        for (size_t k = 0; k < 1 + i % 8; k++) {
            uint64_t random = mix64(seed++);
            text.bytes[random % text.len] = (char)(random >> 32);
        }
        struct verdict said = judge(text.bytes, text.len, i % 2 == 0);
        claim_sane("random", &said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls_hello_is_one_whole_message_up_to_version_1_2),
        cmocka_unit_test(test_tls_hello_names_the_server_if_it_has_a_name),
        cmocka_unit_test(test_tls_hello_is_never_of_256_to_511_bytes),
        cmocka_unit_test(test_tls_answers_are_told_apart),
        cmocka_unit_test(test_tls_messages_may_be_split_over_records_anywhere),
        cmocka_unit_test(test_tls_end_of_a_certificate_is_read),
        cmocka_unit_test(test_tls_certificate_that_leaves_its_message_is_unknown),
        cmocka_unit_test(test_tls_certificate_with_a_huge_issuer_is_unknown),
        cmocka_unit_test(test_tls_hello_says_the_version_and_whether_a_certificate_follows),
        cmocka_unit_test(test_tls_chain_that_is_too_long_still_tells_its_end),
        cmocka_unit_test(test_tls_answer_that_is_cut_is_judged_at_the_end),
        cmocka_unit_test(test_tls_answer_with_any_byte_changed_is_judged),
        cmocka_unit_test(test_tls_answer_of_random_bytes_is_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
