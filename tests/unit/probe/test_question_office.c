/*
 * What directories, desktops, files, messages and names are asked on a connection, and what
 * they answer: as it came from the servers of Debian 12 that the rows name, in pieces, and
 * mutated.
 */
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/probe/question.h"

static const struct question_input input = {.cookie = {0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6,
                                                       0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd,
                                                       0xce, 0xcf},
                                            .name = "chat.example.com"};

/* Text with \0 in it, and how much that is. */
#define BYTES(text) (text), sizeof(text) - 1

static const struct {
    const char *name;
    uint16_t port;
    const char *bytes;
    size_t len;
} questions[] = {
    {"dns", 53, BYTES("\0\x11\xc0\xc1\0\0\0\1\0\0\0\0\0\0\0\0\6\0\1")},
    {"ldap", 389,
     BYTES("\x30\x2a\2\1\1\x63\x25\4\0\x0a\1\0\x0a\1\0\2\1\0\2\1\0\1\1\0\x87\x0b"
           "objectClass\x30\5\4\3"
           "1.1")},
    {"smb", 445,
     BYTES("\0\0\0\x6c\xfeSMB\x40\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
           "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x24\0\4\0\1\0\0\0\0\0\0\0"
           "\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf"
           "\0\0\0\0\0\0\0\0\2\2\x10\2\0\3\2\3")},
    {"rdp", 3389, BYTES("\3\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\0\0\0\0")},
    {"xmpp", 5222,
     BYTES("<?xml version='1.0'?><stream:stream to='chat.example.com' xmlns='jabber:client' "
           "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>")},
};

static const struct answer {
    const char *label;
    uint16_t port;
    const char *bytes;
    size_t len;
    enum question_verdict verdict;
    const char *words;
} answers[] = {
    {"named", 53, BYTES("\0\x11\xc0\xc1\x80\x05\0\1\0\0\0\0\0\0\0\0\6\0\1"), QUESTION_READY,
     "DNS REFUSED"},
    {"named that lost its zone", 53, BYTES("\0\x11\xc0\xc1\x80\x02\0\1\0\0\0\0\0\0\0\0\6\0\1"),
     QUESTION_NOT_READY, "DNS SERVFAIL"},
    {"slapd", 389,
     BYTES("\x30\x09\x02\x01\x01\x64\x04\x04\x00\x30\x00\x30\x0c\x02\x01\x01\x65\x07\x0a\x01"
           "\x00\x04\x00\x04\x00"),
     QUESTION_READY, "ldap success"},
    {"slapd that wants a login", 389,
     BYTES("\x30\x23\x02\x01\x01\x65\x1e\x0a\x01\x35\x04\x00\x04\x17\x61\x75\x74\x68\x65\x6e"
           "\x74\x69\x63\x61\x74\x69\x6f\x6e\x20\x72\x65\x71\x75\x69\x72\x65\x64"),
     QUESTION_READY, "ldap unwilling to perform: authentication required"},
    {"a directory that is busy", 389,
     BYTES("\x30\x0c\x02\x01\x01\x65\x07\x0a\x01\x33\x04\x00\x04\x00"), QUESTION_NOT_READY,
     "ldap busy"},
    {"a directory whose lengths have four bytes", 389,
     BYTES("\x30\x84\x00\x00\x00\x0c\x02\x01\x01\x65\x07\x0a\x01\x34\x04\x00\x04\x00"),
     QUESTION_NOT_READY, "ldap unavailable"},
    {"a directory that disconnects", 389,
     BYTES("\x30\x24\x02\x01\x00\x78\x1f\x0a\x01\x34\x04\x00\x04\x00\x8a\x16\x31\x2e\x33\x2e"
           "\x36\x2e\x31\x2e\x34\x2e\x31\x2e\x31\x34\x36\x36\x2e\x32\x30\x30\x33\x36"),
     QUESTION_NOT_READY, "ldap unavailable"},
    {"another code", 389, BYTES("\x30\x0c\x02\x01\x01\x65\x07\x0a\x01\x20\x04\x00\x04\x00"),
     QUESTION_READY, "ldap result 32"},
    {"smbd", 445,
     BYTES(
         "\x00\x00\x00\xca\xfe\x53\x4d\x42\x40\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01"
         "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
         "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
         "\x00\x00\x00\x00\x00\x41\x00\x01\x00\x02\x03\x00\x00\x76\x6d\x00\x00\x00\x00\x00\x00"
         "\x00\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00\x00\x00\x00\x80\x00\x00\x00\x80\x00\x00"
         "\x00\x80\x00\x50\x1f\x75\xdf\x9f\x80\xdd\x01\x00\x00\x00\x00\x00\x00\x00\x00\x80\x00"
         "\x4a\x00\x00\x00\x00\x00\x60\x48\x06\x06\x2b\x06\x01\x05\x05\x02\xa0\x3e\x30\x3c\xa0"
         "\x0e\x30\x0c\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a\xa3\x2a\x30\x28\xa0\x26"
         "\x1b\x24\x6e\x6f\x74\x5f\x64\x65\x66\x69\x6e\x65\x64\x5f\x69\x6e\x5f\x52\x46\x43\x34"
         "\x31\x37\x38\x40\x70\x6c\x65\x61\x73\x65\x5f\x69\x67\x6e\x6f\x72\x65"),
     QUESTION_READY, "smb 3.0.2"},
    {"smbd of 3.1.1 alone", 445,
     BYTES("\x00\x00\x00\x49\xfe\x53\x4d\x42\x40\x00\x00\x00\xbb\x00\x00\xc0\x00\x00\x01\x00"
           "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
           "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
           "\x00\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00\x00\x00"),
     QUESTION_READY, "smb status 0xc00000bb"},
    {"a server without resources", 445,
     BYTES("\x00\x00\x00\x49\xfe\x53\x4d\x42\x40\x00\x00\x00\x05\x02\x00\xc0\x00\x00\x01\x00"
           "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
           "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
           "\x00\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00\x00\x00"),
     QUESTION_NOT_READY, "smb status 0xc0000205"},
    {"xrdp by TLS", 3389,
     BYTES("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x01\x08\x00\x01\x00\x00\x00"),
     QUESTION_READY, "rdp connection confirmed"},
    {"a server that wants CredSSP", 3389,
     BYTES("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x03\x00\x08\x00\x05\x00\x00\x00"),
     QUESTION_READY, "rdp CredSSP required"},
    {"xrdp that wants TLS, and disconnects", 3389,
     BYTES("\3\0\0\x13\x0e\xd0\0\0\x12\x34\0\3\0\x08\0\1\0\0\0\3\0\0\x09\2\xf0\x80\x21\x80"),
     QUESTION_READY, "rdp TLS required"},
    {"a failure without a name", 3389,
     BYTES("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x03\x00\x08\x00\x09\x00\x00\x00"),
     QUESTION_READY, "rdp negotiation failure 9"},
    {"a server without a choice", 3389, BYTES("\x03\x00\x00\x0b\x06\xd0\x00\x00\x12\x34\x00"),
     QUESTION_READY, "rdp connection confirmed"},
    {"prosody", 5222,
     BYTES("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xml:lang='en' "
           "xmlns:stream='http://etherx.jabber.org/streams' id=''>"
           "<stream:features"),
     QUESTION_READY, "xmpp stream opened"},
    {"prosody without a name", 5222,
     BYTES("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xml:lang='en' "
           "xmlns:stream='http://etherx.jabber.org/streams' id=''>"
           "<stream:error><improper-addressing xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"),
     QUESTION_READY, "xmpp improper-addressing"},
    {"prosody of another name", 5222,
     BYTES("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xml:lang='en' "
           "xmlns:stream='http://etherx.jabber.org/streams' id=''>"
           "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"),
     QUESTION_READY, "xmpp host-unknown"},
    {"prosody without a certificate", 5222,
     BYTES("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xml:lang='en' "
           "xmlns:stream='http://etherx.jabber.org/streams' id=''>"
           "<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"),
     QUESTION_NOT_READY, "xmpp undefined-condition"},
    {"a server that ends", 5222,
     BYTES("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xml:lang='en' "
           "xmlns:stream='http://etherx.jabber.org/streams' id=''>"
           "<stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"),
     QUESTION_NOT_READY, "xmpp system-shutdown"},
};

/* What other services say. */
static const struct {
    const char *label;
    const char *bytes;
    size_t len;
} strangers[] = {
    {"http", BYTES("HTTP/1.1 400 Bad Request\r\n\r\n")},
    {"ssh", BYTES("SSH-2.0-OpenSSH_9.2p1\r\n")},
    {"smtp", BYTES("220 mail.example.com ESMTP\r\n")},
    {"tls", BYTES("\x15\3\1\0\2\2\x46")},
    {"noughts", BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")},
    {"a sequence of nothing", BYTES("\x30\0\x30\0")},
};

/* On the heap, so that a sanitizer sees a judge read past the end. */
static enum question_verdict judge(uint16_t port, const char *bytes, size_t len, bool is_end,
                                   char words[static REPLY_WORDS])
{
    char *copy = copy_exactly(bytes, len);
    const struct answer_bytes answer = {(const unsigned char *)copy, len, is_end};
    struct reply *reply = reply_new();
    assert_non_null(reply);
    enum question_verdict verdict =
        question_find(PROTOCOL_TCP, port)->judge(&answer, &input, reply);
    memcpy(words, reply->words, REPLY_WORDS);
    claim_true("words", "printable", strpbrk(words, "\x1b\r\n") == NULL);
    reply_drop(reply);
    free(copy);
    return verdict;
}

static void test_office_questions_are_exact(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        unsigned char bytes[QUESTION_SIZE];
        const struct question *question = question_find(PROTOCOL_TCP, questions[i].port);
        size_t len = question->build(bytes, &input);
        claim_text(questions[i].name, "name", question->name, questions[i].name);
        claim_bytes(questions[i].name, "question", (const char *)bytes, len, questions[i].bytes,
                    questions[i].len);
    }
}

/* An address has no name, and no quote of a name ends what is around it. */
static void test_office_xmpp_without_a_name_asks_for_none(void **state)
{
    static const char *const names[] = {NULL, "a'b", "a<b"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        unsigned char bytes[QUESTION_SIZE + 1];
        struct question_input nameless = input;
        nameless.name = names[i];
        bytes[question_find(PROTOCOL_TCP, 5222)->build(bytes, &nameless)] = '\0';
        claim_contains("xmpp", (const char *)bytes, "<stream:stream xmlns='jabber:client' ");
    }
}

static void test_office_answers_are_told_apart(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        char words[REPLY_WORDS];
        claim_number(answers[i].label, "verdict",
                     judge(answers[i].port, answers[i].bytes, answers[i].len, false, words),
                     answers[i].verdict);
        claim_text(answers[i].label, "words", words, answers[i].words);
    }
}

/* Until its end is there, there is no verdict; where nothing more comes, it was none. An error
 * of xmpp has told enough before its own end. */
static void test_office_answers_in_pieces_wait_for_the_rest(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        for (size_t len = 1; len < answers[i].len; len++) {
            const struct answer *row = &answers[i];
            char words[REPLY_WORDS];
            enum question_verdict verdict = judge(row->port, row->bytes, len, false, words);
            if ((row->port == 5222 || len >= 19) && verdict == row->verdict && row->port != 445)
                continue;
            claim_number(row->label, "a piece", verdict, QUESTION_MORE);
            claim_number(row->label, "a piece and the end",
                         judge(row->port, row->bytes, len, true, words), QUESTION_MISMATCHED);
        }
}

static void test_office_mutated_answers_harm_nothing(void **state)
{
    static const unsigned char bits[] = {0x01, 0x04, 0x80, 0xff};
    char words[REPLY_WORDS];
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        for (size_t at = 0; at < answers[i].len; at++)
            for (size_t k = 0; k < ARRAY_LEN(bits); k++) {
                char *bytes = copy_exactly(answers[i].bytes, answers[i].len);
                bytes[at] = (char)((unsigned char)bytes[at] ^ bits[k]);
                (void)judge(answers[i].port, bytes, answers[i].len, false, words);
                claim_true(answers[i].label, "a verdict at the end",
                           judge(answers[i].port, bytes, answers[i].len, true, words) !=
                               QUESTION_MORE);
                free(bytes);
            }
}

static void test_office_other_services_are_mismatched(void **state)
{
    char words[REPLY_WORDS];
    for (size_t k = 0; k < ARRAY_LEN(questions); k++) {
        for (size_t i = 0; i < ARRAY_LEN(strangers); i++)
            claim_number(
                questions[k].name, strangers[i].label,
                judge(questions[k].port, strangers[i].bytes, strangers[i].len, true, words),
                QUESTION_MISMATCHED);
        for (size_t i = 0; i < ARRAY_LEN(answers); i++)
            if (answers[i].port != questions[k].port)
                claim_number(
                    questions[k].name, answers[i].label,
                    judge(questions[k].port, answers[i].bytes, answers[i].len, true, words),
                    QUESTION_MISMATCHED);
        claim_number(
            questions[k].name, "an echo",
            judge(questions[k].port, questions[k].bytes, questions[k].len, true, words),
            QUESTION_MISMATCHED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_office_questions_are_exact),
        cmocka_unit_test(test_office_xmpp_without_a_name_asks_for_none),
        cmocka_unit_test(test_office_answers_are_told_apart),
        cmocka_unit_test(test_office_answers_in_pieces_wait_for_the_rest),
        cmocka_unit_test(test_office_mutated_answers_harm_nothing),
        cmocka_unit_test(test_office_other_services_are_mismatched),
    };
    return cmocka_run_group_tests_name("question_office", tests, NULL, NULL);
}
