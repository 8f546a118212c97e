/*
 * The first answer of every service, before the questions of all others that are asked on a
 * connection: whole, cut and growing, it is ready for its own service alone.
 */
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/buffer.h"
#include "netcheck/probe/question.h"

static const struct question_input input = {.cookie = {0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6,
                                                       0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd,
                                                       0xce, 0xcf}};

static const struct {
    enum protocol_id protocol;
    const struct question *question;
} rows[] = {
#define QUESTION_ROW(protocol, port, name) {protocol, &question_##name},
    QUESTIONS(QUESTION_ROW)
#undef QUESTION_ROW
};

/* Text with \0 in it, and how much that is. */
#define BYTES(text) (text), sizeof(text) - 1

/* That of SMB is as much as its question's judge wants of it. */
static const struct sample {
    const char *service;
    const char *bytes;
    size_t len;
} samples[] = {
    {"amqp", BYTES("\1\0\0\0\0\0\x05\0\x0a\0\x0a\0\xce")},
    {"amqp", BYTES("AMQP\0\1\0\0")},
    {"beanstalk", BYTES("OK 9\r\n---\npid: \r\n")},
    {"dns", BYTES("\0\x11\xc0\xc1\x80\x05\0\1\0\0\0\0\0\0\0\0\6\0\1")},
    {"ftp", BYTES("220 (vsFTPd 3.0.3)\r\n")},
    {"http", BYTES("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")},
    {"imap", BYTES("* OK ready.\r\n")},
    {"ldap", BYTES("\x30\x0c\2\1\1\x65\7\x0a\1\0\4\0\4\0")},
    {"memcached", BYTES("VERSION 1.6.18\r\n")},
    {"mqtt", BYTES("\x20\2\0\0")},
    {"nats", BYTES("INFO {\"version\":\"2.9.10\"} \r\n")},
    {"pop3", BYTES("+OK ready.\r\n")},
    {"postgresql", BYTES("R\0\0\0\x0c\0\0\0\5\x1e\x9a\x41\xd7")},
    {"postgresql", BYTES("E\0\0\0\x1eSFATAL\0C28000\0Mno such role\0\0")},
    {"rdp", BYTES("\3\0\0\x13\x0e\xd0\0\0\x12\x34\0\2\1\x08\0\1\0\0\0")},
    {"rdp", BYTES("\3\0\0\x0b\6\xd0\0\0\x12\x34\0")},
    {"redis", BYTES("+PONG\r\n")},
    {"redis", BYTES("-NOAUTH Authentication required.\r\n")},
    {"rfb", BYTES("RFB 003.008\n")},
    {"rsync", BYTES("@RSYNCD: 32.0 sha512 md4\n")},
    {"smb", BYTES("\0\0\0\x49\xfeSMB\x40\0\0\0\xbb\0\0\xc0\0\0\1\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0"
                  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x09"
                  "\0\0\0\0\0\0\0\0")},
    {"smtp", BYTES("220 mail.example.com ESMTP\r\n")},
    {"ssh", BYTES("SSH-2.0-OpenSSH_9.2p1\r\n\0\0\4<\t\x14")},
    {"tls", BYTES("\x15\3\1\0\2\2\x46")},
    {"xmpp", BYTES("<?xml version='1.0'?><stream:stream id=''><stream:features/>")},
    {"zookeeper", BYTES("Zookeeper version: 3.8.0-1, built\nMode: leader\n")},
};

static enum question_verdict judge(const struct question *question, const char *bytes,
                                   size_t len, bool is_end)
{
    char *copy = copy_exactly(bytes, len);
    struct reply *reply = reply_new();
    const struct answer_bytes answer = {(const unsigned char *)copy, len, is_end};
    assert_non_null(reply);
    enum question_verdict verdict = question->judge(&answer, &input, reply);
    reply_drop(reply);
    free(copy);
    return verdict;
}

/* An error in the one form that mailboxes and redis share tells no more than that. */
static bool is_shared(const struct sample *sample)
{
    return sample->bytes[0] == '-';
}

/* Whether the verdict says that it is this service, be it that it serves or not. */
static bool is_taken(enum question_verdict verdict)
{
    return verdict == QUESTION_READY || verdict == QUESTION_NOT_READY;
}

static void claim_stranger(const struct question *question, const struct sample *sample,
                           size_t len)
{
    for (int is_end = 0; is_end <= 1; is_end++) {
        enum question_verdict verdict = judge(question, sample->bytes, len, is_end);
        claim_true(sample->service, question->name,
                   !is_taken(verdict) || (is_shared(sample) && verdict == QUESTION_NOT_READY));
    }
}

static void claim_own_alone(const struct sample *sample)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct question *question = rows[i].question;
        if (rows[i].protocol != PROTOCOL_TCP)
            continue;
        if (strcmp(question->name, sample->service) == 0)
            claim_number(sample->service, "whole",
                         judge(question, sample->bytes, sample->len, true), QUESTION_READY);
        else
            for (size_t len = 1; len <= sample->len; len++)
                claim_stranger(question, sample, len);
    }
}

static void test_pairs_answers_are_ready_for_their_own_service_alone(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        claim_own_alone(&samples[i]);
}

/* Its first byte is its length, which may be that of any other protocol's first byte. */
static void test_pairs_greetings_of_mysql_of_any_length_are_its_own(void **state)
{
    for (size_t len = 24; len < 0x100; len++) {
        struct buffer out = BUFFER_EMPTY;
        const char head[] = {(char)len, 0, 0, 0, 10};
        buffer_add(&out, head, sizeof head);
        buffer_add_text(&out, "8.0.36");
        while (out.len < 4 + len)
            buffer_add(&out, "", 1);
        const struct sample sample = {"mysql", out.bytes, out.len};
        claim_own_alone(&sample);
        buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs_answers_are_ready_for_their_own_service_alone),
        cmocka_unit_test(test_pairs_greetings_of_mysql_of_any_length_are_its_own),
    };
    return cmocka_run_group_tests_name("pairs", tests, NULL, NULL);
}
