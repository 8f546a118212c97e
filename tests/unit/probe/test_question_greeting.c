/*
 * Services that greet first: the answers of real servers to --ready, healthy and not, as they
 * came, in pieces, cut and mutated, and those of other services.
 *
 * They were caught from the servers of Debian 12 that the rows name; a row without a server has
 * the words of the document that its question names.
 */
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/probe/question.h"

/* Text with \0 in it, and how much that is. */
#define BYTES(text) (text), sizeof(text) - 1

static const struct question *question_of(uint16_t port)
{
    return question_find(PROTOCOL_TCP, port);
}

static enum question_verdict judge(uint16_t port, const char *bytes, size_t len, bool is_end,
                                   char words[static REPLY_WORDS])
{
    static const struct question_input input = {.cookie = {0}};
    char *copy = copy_exactly(bytes, len);
    struct reply *reply = reply_new();
    const struct answer_bytes answer = {(const unsigned char *)copy, len, is_end};
    assert_non_null(reply);
    enum question_verdict verdict = question_of(port)->judge(&answer, &input, reply);
    memcpy(words, reply->words, REPLY_WORDS);
    reply_drop(reply);
    free(copy);
    return verdict;
}

/* What is said */

static const struct {
    uint16_t port;
    const char *name;
    const char *asked;
    const char *farewell;
} questions[] = {
    {21, "ftp", "", "QUIT\r\n"},       {22, "ssh", "SSH-2.0-netcheck\r\n", NULL},
    {25, "smtp", "", "QUIT\r\n"},      {110, "pop3", "", "QUIT\r\n"},
    {143, "imap", "", "a LOGOUT\r\n"}, {587, "smtp", "", "QUIT\r\n"},
    {873, "rsync", "", NULL},          {4222, "nats", "", NULL},
    {5900, "rfb", "", NULL},           {11300, "beanstalk", "stats\r\n", NULL},
};

static void test_greeting_questions_say_no_more_than_clients_do(void **state)
{
    static const struct question_input input = {.cookie = {0}};
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        const struct question *question = question_of(questions[i].port);
        unsigned char bytes[QUESTION_SIZE];
        size_t len = question->build(bytes, &input);
        claim_text(questions[i].name, "name", question->name, questions[i].name);
        claim_bytes(questions[i].name, "question", (const char *)bytes, len, questions[i].asked,
                    strlen(questions[i].asked));
        claim_text(questions[i].name, "farewell", question->farewell, questions[i].farewell);
    }
}

/* Answers */

#define STATS(size, draining)                                                           \
    "OK " size                                                                          \
    "\r\n---\ncurrent-jobs-urgent: 0\npid: 115\nversion: \"1.12\"\ndraining: " draining \
    "\nos: #1\n\r\n"

static const struct answer {
    uint16_t port;
    const char *label;
    const char *bytes;
    size_t len;
    enum question_verdict verdict;
    const char *words;
    size_t fixed; /* so many bytes are of the protocol: another one there is no answer */
    size_t least; /* of its bytes there is a verdict; 0: all */
} answers[] = {
    {22, "openssh", BYTES("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10\r\n"), QUESTION_READY,
     "ssh SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10", 4, 0},
    {22, "openssh, its keys behind", BYTES("SSH-2.0-OpenSSH_9.2p1\r\n\0\0\4<\t\x14\xf5\n\n"),
     QUESTION_READY, "ssh SSH-2.0-OpenSSH_9.2p1", 4, 23},
    {22, "ssh, lines before", BYTES("Welcome.\r\n\r\nSSH-1.99-x\n"), QUESTION_READY,
     "ssh SSH-1.99-x", 0, 0},
    {22, "openssh, MaxStartups", BYTES("Exceeded MaxStartups\r\n"), QUESTION_NOT_READY,
     "ssh Exceeded MaxStartups", 0, 0},
    {22, "openssh, penalty", BYTES("Not allowed at this time\r\n"), QUESTION_NOT_READY,
     "ssh Not allowed at this time", 0, 0},
    {25, "postfix", BYTES("220 mail.example.com ESMTP Postfix\r\n"), QUESTION_READY,
     "smtp 220 mail.example.com ESMTP Postfix", 4, 0},
    {587, "smtp, lines",
     BYTES("220-mail.example.com ESMTP Exim\r\n220-No bulk.\r\n220 Go on.\r\n"), QUESTION_READY,
     "smtp 220-mail.example.com ESMTP Exim", 4, 0},
    {25, "smtp, no text", BYTES("220\r\n"), QUESTION_READY, "smtp 220", 3, 0},
    {25, "postfix, too many clients",
     BYTES("421 4.7.0 mail.example.com Error: too many connections from 192.0.2.1\r\n"),
     QUESTION_NOT_READY,
     "smtp 421 4.7.0 mail.example.com Error: too many connections from 192.0.2.1", 0, 0},
    {25, "postfix, rejected",
     BYTES("554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied\r\n"),
     QUESTION_NOT_READY,
     "smtp 554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied", 0, 0},
    {25, "smtp, no mail here", BYTES("521 mail.example.com does not accept mail\r\n"),
     QUESTION_NOT_READY, "smtp 521 mail.example.com does not accept mail", 0, 0},
    {21, "vsftpd", BYTES("220 (vsFTPd 3.0.3)\r\n"), QUESTION_READY, "ftp 220 (vsFTPd 3.0.3)", 4,
     0},
    {21, "ftp, lines", BYTES("220-Hello.\r\n 1 of 5 users\r\n220 Go on.\r\n"), QUESTION_READY,
     "ftp 220-Hello.", 4, 0},
    {21, "vsftpd, max_clients",
     BYTES("421 There are too many connected users, please try later.\r\n"), QUESTION_NOT_READY,
     "ftp 421 There are too many connected users, please try later.", 0, 0},
    {21, "vsftpd, OOPS",
     BYTES("500 OOPS: vsftpd: not found: directory given in 'secure_chroot_dir':/nowhere\r\n"),
     QUESTION_NOT_READY,
     "ftp 500 OOPS: vsftpd: not found: directory given in 'secure_chroot_dir':/nowhere", 0, 0},
    {21, "ftp, later", BYTES("120 Service ready in 5 minutes.\r\n"), QUESTION_NOT_READY,
     "ftp 120 Service ready in 5 minutes.", 0, 0},
    {110, "dovecot, pop3", BYTES("+OK Dovecot (Debian) ready.\r\n"), QUESTION_READY,
     "pop3 +OK Dovecot (Debian) ready.", 3, 0},
    {110, "pop3, error", BYTES("-ERR [SYS/TEMP] try later\r\n"), QUESTION_NOT_READY,
     "pop3 -ERR [SYS/TEMP] try later", 4, 0},
    {143, "dovecot, imap",
     BYTES("* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ "
           "AUTH=PLAIN] Dovecot (Debian) ready.\r\n"),
     QUESTION_READY, "imap * OK Dovecot (Debian) ready.", 4, 0},
    {143, "imap, no text", BYTES("* OK\r\n"), QUESTION_READY, "imap * OK", 4, 0},
    {143, "imap, PREAUTH", BYTES("* PREAUTH IMAP4rev1 you are logged in\r\n"), QUESTION_READY,
     "imap * PREAUTH IMAP4rev1 you are logged in", 9, 0},
    {143, "imap, BYE", BYTES("* BYE Server shutting down.\r\n"), QUESTION_NOT_READY,
     "imap * BYE Server shutting down.", 5, 0},
    {143, "dovecot, no auth process",
     BYTES("* OK Waiting for authentication process to respond..\r\n"), QUESTION_NOT_READY,
     "imap * OK Waiting for authentication process to respond..", 4, 0},
    {873, "rsync", BYTES("@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4\n"), QUESTION_READY,
     "rsync @RSYNCD: 32.0 sha512 sha256 sha1 md5 md4", 9, 0},
    {873, "rsync, error", BYTES("@ERROR: max connections (1) reached -- try again later\n"),
     QUESTION_NOT_READY, "rsync @ERROR: max connections (1) reached -- try again later", 7, 0},
    {5900, "tigervnc", BYTES("RFB 003.008\n"), QUESTION_READY, "rfb 003.008", 4, 0},
    {5900, "tigervnc, failures",
     BYTES("RFB 003.003\n\0\0\0\0\0\0\0\x1aToo many security failures"), QUESTION_NOT_READY,
     "rfb Too many security failures", 4, 0},
    {5900, "rfb, no reason", BYTES("RFB 003.003\n\0\0\0\0\0\0\0\0"), QUESTION_NOT_READY,
     "rfb refused", 4, 0},
    {5900, "rfb, a type at once", BYTES("RFB 003.003\n\0\0\0\1"), QUESTION_READY, "rfb 003.003",
     4, 0},
    {4222, "nats",
     BYTES("INFO {\"server_id\":\"NCA3\",\"version\":\"2.9.10\",\"port\":4222} \r\n"),
     QUESTION_READY, "nats 2.9.10", 6, 0},
    {4222, "nats, no version", BYTES("INFO {\"version\":\"}\r\n"), QUESTION_READY, "nats INFO",
     6, 0},
    {4222, "nats, too many clients",
     BYTES("INFO {\"version\":\"2.9.10\"} \r\n-ERR 'maximum connections exceeded'\r\n"),
     QUESTION_NOT_READY, "nats -ERR 'maximum connections exceeded'", 6, 0},
    {4222, "nats, an error at once", BYTES("-ERR 'maximum connections exceeded'\r\n"),
     QUESTION_NOT_READY, "nats -ERR 'maximum connections exceeded'", 6, 0},
    {11300, "beanstalkd", BYTES(STATS("75", "false")), QUESTION_READY, "beanstalk 1.12", 3, 0},
    {11300, "beanstalkd, draining", BYTES(STATS("74", "true")), QUESTION_NOT_READY,
     "beanstalk draining", 3, 0},
    {11300, "beanstalk, no memory", BYTES("OUT_OF_MEMORY\r\n"), QUESTION_NOT_READY,
     "beanstalk OUT_OF_MEMORY", 13, 0},
};

static size_t least_of(const struct answer *row)
{
    return row->least != 0 ? row->least : row->len;
}

static void test_greeting_answers_of_real_servers_are_judged(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        const struct answer *row = &answers[i];
        char words[REPLY_WORDS];
        claim_number(row->label, "verdict",
                     judge(row->port, row->bytes, row->len, false, words), row->verdict);
        claim_text(row->label, "words", words, row->words);
    }
}

/* A part of an answer is waited for; at its end it is no sign of a service. */
static void test_greeting_answers_in_pieces_are_waited_for(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        for (size_t len = 1; len < least_of(&answers[i]); len++) {
            const struct answer *row = &answers[i];
            char words[REPLY_WORDS];
            enum question_verdict verdict = judge(row->port, row->bytes, len, false, words);
            /* nats: what has come first is a whole answer */
            if (row->port != 4222 || row->verdict == QUESTION_READY)
                claim_number(row->label, "verdict of a piece", verdict, QUESTION_MORE);
            verdict = judge(row->port, row->bytes, len, true, words);
            /* rfb: version 3.3 that nothing follows */
            bool may_be_ready = row->port == 4222 || row->port == 5900;
            claim_true(row->label, "a cut answer is not ready",
                       verdict != QUESTION_READY || may_be_ready);
        }
}

/* Byte `at` with some bits flipped, as a whole answer. */
static void flip(const struct answer *row, size_t at, unsigned char bits)
{
    char words[REPLY_WORDS];
    char *bytes = copy_exactly(row->bytes, row->len);
    bytes[at] = (char)((unsigned char)bytes[at] ^ bits);
    enum question_verdict verdict = judge(row->port, bytes, row->len, true, words);
    claim_true(row->label, "another byte there is no answer",
               at >= row->fixed || verdict != QUESTION_READY);
    bool has_words = verdict == QUESTION_READY || verdict == QUESTION_NOT_READY;
    claim_true(row->label, "words are there with a verdict",
               has_words == (words[0] != '\0') && strnlen(words, REPLY_WORDS) < REPLY_WORDS);
    for (size_t i = 0; words[i] != '\0'; i++)
        claim_true(row->label, "words are printable", words[i] >= ' ' && words[i] <= '~');
    free(bytes);
}

static void test_greeting_flipped_answers_are_none_where_it_matters(void **state)
{
    static const unsigned char bits[] = {0x01, 0x02, 0x20, 0x80, 0xff};
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        for (size_t at = 0; at < answers[i].len; at++)
            for (size_t k = 0; k < ARRAY_LEN(bits); k++)
                flip(&answers[i], at, bits[k]);
}

/* Other services */

static const struct {
    const char *label;
    const char *bytes;
    size_t len;
} foreign[] = {
    {"web server", BYTES("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n")},
    {"redis", BYTES("-ERR unknown command\r\n")},
    {"memcached", BYTES("STAT pid 1\r\nEND\r\n")},
    {"memcached, an error", BYTES("ERROR\r\n")},
    {"mysql", BYTES("J\0\0\0\n8.0.0\0\1\0\0\0")},
    {"TLS alert", BYTES("\x15\3\1\0\2\2\x46")},
    {"news", BYTES("200 news.example.com ready\r\n")},
    {"daytime", BYTES("30 NOV 2026 07:40:39 UTC\r\n")},
    {"an echo", BYTES("SSH-2.0-netcheck\r\n")},
    {"an echo of stats", BYTES("stats\r\n")},
    {"a line end", BYTES("\n")},
    {"a blank answer", BYTES("\r\n\r\n")},
    {"numbers alone", BYTES("22\n220\n")},
    {"a long number", BYTES("2200 ready\r\n")},
    {"a longer word", BYTES("OKAY 1\r\n")},
    {"another OK", BYTES("OK\r\n")},
    {"an OK of hostile size", BYTES("OK 18446744073709551617\r\n---\n")},
    {"an OK of no stats", BYTES("OK 4\r\nabc\n\r\n")},
};

static const char *name_of(uint16_t port)
{
    return question_of(port)->name;
}

static void test_greeting_answers_of_other_services_are_none(void **state)
{
    char words[REPLY_WORDS];
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        uint16_t port = questions[i].port;
        for (size_t k = 0; k < ARRAY_LEN(foreign); k++)
            /* "-ERR" is what a mailbox says */
            if (port != 110 || strcmp(foreign[k].label, "redis") != 0)
                claim_number(foreign[k].label, name_of(port),
                             judge(port, foreign[k].bytes, foreign[k].len, true, words),
                             QUESTION_MISMATCHED);
        for (size_t k = 0; k < ARRAY_LEN(answers); k++) {
            const struct answer *row = &answers[k];
            bool is_own = strcmp(name_of(port), name_of(row->port)) == 0;
            /* a greeting of smtp and ftp that names neither is both */
            bool is_alike = strstr(row->bytes, "TP") == NULL && row->bytes[0] == '2';
            if (!is_own && !is_alike)
                claim_true(row->label, name_of(port),
                           judge(port, row->bytes, row->len, true, words) != QUESTION_READY);
        }
    }
}

static void test_greeting_without_end_is_none(void **state)
{
    char words[REPLY_WORDS];
    char *bytes = malloc(ANSWER_SIZE);
    assert_non_null(bytes);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        const struct answer *row = &answers[i];
        memset(bytes, 'x', ANSWER_SIZE);
        memcpy(bytes, row->bytes, least_of(row) - 1);
        bytes[3] = row->bytes[3] == ' ' && row->bytes[0] == '2' ? '-' : row->bytes[3];
        if (row->port != 5900 && row->port != 4222 && row->port != 11300)
            claim_number(row->label, "64 KiB of it",
                         judge(row->port, bytes, ANSWER_SIZE, false, words),
                         QUESTION_MISMATCHED);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_greeting_questions_say_no_more_than_clients_do),
        cmocka_unit_test(test_greeting_answers_of_real_servers_are_judged),
        cmocka_unit_test(test_greeting_answers_in_pieces_are_waited_for),
        cmocka_unit_test(test_greeting_flipped_answers_are_none_where_it_matters),
        cmocka_unit_test(test_greeting_answers_of_other_services_are_none),
        cmocka_unit_test(test_greeting_without_end_is_none),
    };
    return cmocka_run_group_tests_name("greeting", tests, NULL, NULL);
}
