/*
 * The questions of databases and brokers, and answers of real servers: as they came, in pieces,
 * cut, and mutated. They were caught from the servers of Debian 12 that the rows name; "made"
 * stands where one could not be brought to say it.
 */
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/probe/question.h"

static const struct question_input input = {.cookie = {0xc0, 0xc1}};

/* Text with \0 in it, and how much that is. */
#define BYTES(text) (text), sizeof(text) - 1

static const struct {
    uint16_t port;
    const char *name;
    const char *bytes;
    size_t len;
    const char *farewell;
    size_t farewell_len;
} questions[] = {
    {1883, "mqtt", BYTES("\x10\x0c\0\4MQTT\4\2\0\x0a\0\0"), BYTES("\xe0\0")},
    {2181, "zookeeper", BYTES("srvr"), NULL, 0},
    {3306, "mysql", BYTES(""),
     BYTES("\x2a\0\0\1\0\x82\0\0\0\0\0\1\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
           "netcheck\0\0\1\0\0\0\1")},
    {5432, "postgresql", BYTES("\0\0\0\x29\0\3\0\0user\0netcheck\0database\0postgres\0\0"),
     NULL, 0},
    {5672, "amqp", BYTES("AMQP\0\0\x09\1"), NULL, 0},
    {6379, "redis", BYTES("PING\r\n"), NULL, 0},
    {11211, "memcached", BYTES("version\r\n"), NULL, 0},
};

static void test_question_data_asks_what_changes_nothing(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        const struct question *question = question_find(PROTOCOL_TCP, questions[i].port);
        unsigned char bytes[QUESTION_SIZE];
        memset(bytes, 0xff, sizeof bytes);
        size_t len = question->build(bytes, &input);
        claim_text(questions[i].name, "name", question->name, questions[i].name);
        claim_bytes(questions[i].name, "question", (const char *)bytes, len, questions[i].bytes,
                    questions[i].len);
        claim_bytes(questions[i].name, "farewell", question->farewell, question->farewell_len,
                    questions[i].farewell, questions[i].farewell_len);
    }
}

#define PG_ERROR(length, state, text) \
    "E\0\0\0" length "SFATAL\0VFATAL\0C" state "\0M" text "\0\0"
#define GREETING_END                                                                      \
    "\7\0\0\0/x49^PS3\0\xfe\xf7\x08\2\0\xff\x81\x15\0\0\0\0\0\0\x1d\0\0\0A-_tL\\izLM{F\0" \
    "mysql_native_password\0"
#define SRVR(mode)                                                                         \
    "Zookeeper version: 3.8.0-${mvngit.commit.id}, built on 2024-12-29 17:54 UTC\n"        \
    "Latency min/avg/max: 0/0.0/0\nReceived: 1\nSent: 0\nConnections: 1\nOutstanding: 0\n" \
    "Zxid: 0x0\nMode: " mode "\nNode count: 5\n"

/*
 * `least` bytes are enough for the verdict; with fewer there is none while more may come, and
 * a mismatch when nothing does. UDP: a datagram, which is no answer to this question then.
 */
static const struct answer {
    const char *label;
    uint16_t port;
    const char *bytes;
    size_t len;
    size_t least;
    enum question_verdict verdict;
    const char *words;
} answers[] = {
    {"mosquitto", 1883, BYTES("\x20\2\0\0"), 4, QUESTION_READY, "MQTT accepted"},
    {"mosquitto, no anonymous clients", 1883, BYTES("\x20\2\0\5"), 4, QUESTION_READY,
     "MQTT not authorized"},
    {"mosquitto, no empty identifiers", 1883, BYTES("\x20\2\0\2"), 4, QUESTION_READY,
     "MQTT identifier rejected"},
    {"MQTT, made: unavailable", 1883, BYTES("\x20\2\0\3"), 4, QUESTION_NOT_READY,
     "MQTT server unavailable"},
    {"MQTT 5, made: version", 1883, BYTES("\x20\3\0\x84\0"), 4, QUESTION_READY,
     "MQTT another version is wanted"},
    {"MQTT 5, made: busy", 1883, BYTES("\x20\3\0\x89\0"), 4, QUESTION_NOT_READY,
     "MQTT server busy"},
    {"zookeeper", 2181, BYTES(SRVR("standalone")), 182, QUESTION_READY,
     "ZooKeeper 3.8.0, standalone"},
    {"zookeeper without a majority, read-only", 2181, BYTES(SRVR("read-only")), 181,
     QUESTION_NOT_READY, "ZooKeeper 3.8.0, read-only"},
    {"zookeeper without a majority", 2181,
     BYTES("This ZooKeeper instance is not currently serving requests\n"), 57,
     QUESTION_NOT_READY,
     "ZooKeeper: This ZooKeeper instance is not currently serving requests"},
    {"zookeeper, made: not allowed", 2181,
     BYTES("srvr is not executed because it is not in the whitelist.\n"), 56, QUESTION_READY,
     "ZooKeeper: srvr is not executed because it is not in the whitelist."},
    {"mariadb", 3306,
     BYTES("\x64\0\0\0\x0a"
           "5.5.5-10.11.19-MariaDB-0+deb12u1\0" GREETING_END),
     104, QUESTION_READY, "MySQL 10.11.19-MariaDB-0+deb12u1"},
    {"mariadb, made: its length is the first byte of postgresql's last message", 3306,
     BYTES("\x5a\0\0\0\x0a"
           "5.5.5-10.11.11-MariaDB\0" GREETING_END),
     94, QUESTION_READY, "MySQL 10.11.11-MariaDB"},
    {"MySQL, made", 3306,
     BYTES("\x4a\0\0\0\x0a"
           "8.0.36\0" GREETING_END),
     78, QUESTION_READY, "MySQL 8.0.36"},
    {"mariadb, too many connections", 3306, BYTES("\x17\0\0\0\xff\x10\4Too many connections"),
     27, QUESTION_NOT_READY, "MySQL error 1040: Too many connections"},
    {"mariadb, no user at this address", 3306,
     BYTES("\x44\0\0\0\xffj\4Host '192.0.2.1' is not allowed to connect to this MariaDB "
           "server"),
     72, QUESTION_NOT_READY,
     "MySQL error 1130: Host '192.0.2.1' is not allowed to connect to this MariaDB server"},
    {"MySQL, made: an error with its state", 3306,
     BYTES("\x1d\0\0\0\xff\x10\4#08004Too many connections"), 33, QUESTION_NOT_READY,
     "MySQL error 1040: Too many connections"},
    {"postgresql, a password", 5432, BYTES("R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"), 24,
     QUESTION_READY, "PostgreSQL asks for a password (SCRAM-SHA-256)"},
    {"postgresql, MD5", 5432, BYTES("R\0\0\0\x0c\0\0\0\5\x1e\x9a\x41\xd7"), 13, QUESTION_READY,
     "PostgreSQL asks for a password (MD5)"},
    {"postgresql, everybody, no such role", 5432,
     BYTES("R\0\0\0\x08\0\0\0\0" PG_ERROR("\x3a", "28000", "role \"netcheck\" does not exist")),
     68, QUESTION_READY, "PostgreSQL: role \"netcheck\" does not exist"},
    {"postgresql, everybody, a role", 5432,
     BYTES("R\0\0\0\x08\0\0\0\0S\0\0\0\x16"
           "application_name\0\0K\0\0\0\x0c\0\0\0\xcf\xd2\xa1"
           "\xff\x30Z\0\0\0\5I"),
     51, QUESTION_READY, "PostgreSQL asks for no password"},
    {"postgresql, no entry", 5432,
     BYTES(PG_ERROR("\x7a", "28000",
                    "no pg_hba.conf entry for host \"192.0.2.1\", user \"netcheck\", database "
                    "\"postgres\", no encryption")),
     123, QUESTION_READY,
     "PostgreSQL: no pg_hba.conf entry for host \"192.0.2.1\", user \"netcheck\", database "
     "\"postgres\", no encryption"},
    {"postgresql, starting", 5432,
     BYTES("E\0\0\0\x68SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0Fpostmaster"
           ".c\0L2422\0RProcessStartupPacket\0\0"),
     105, QUESTION_NOT_READY, "PostgreSQL: the database system is starting up"},
    {"postgresql, shutting down", 5432,
     BYTES("E\0\0\0\x6aSFATAL\0VFATAL\0C57P03\0Mthe database system is shutting "
           "down\0Fpostmaster.c\0L2432\0RProcessStartupPacket\0\0"),
     107, QUESTION_NOT_READY, "PostgreSQL: the database system is shutting down"},
    {"postgresql, full", 5432,
     BYTES("E\0\0\0USFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0Fproc.c\0L357\0R"
           "InitProcess\0\0"),
     86, QUESTION_NOT_READY, "PostgreSQL: sorry, too many clients already"},
    {"pgbouncer, full", 5432,
     BYTES("E\0\0\0BSFATAL\0C08P01\0Mno more connections allowed (max_client_conn)\0\0"), 67,
     QUESTION_NOT_READY, "PostgreSQL: no more connections allowed (max_client_conn)"},
    {"pgbouncer, its server is down", 5432,
     BYTES("E\0\0\0\x37SFATAL\0C08P01\0Mclient_login_timeout (server down)\0\0"), 56,
     QUESTION_NOT_READY, "PostgreSQL: client_login_timeout (server down)"},
    {"pgbouncer, made: its server was down", 5432,
     BYTES("E\0\0\0\x58SFATAL\0C08P01\0Mserver login has been failing, try again later "
           "(server_login_retry)\0\0"),
     89, QUESTION_NOT_READY,
     "PostgreSQL: server login has been failing, try again later (server_login_retry)"},
    {"a proxy of postgresql, made: no server behind it", 5432,
     BYTES("E\0\0\0\x2eSFATAL\0C08006\0Mno connection to a server\0\0"), 47, QUESTION_NOT_READY,
     "PostgreSQL: no connection to a server"},
    {"pgbouncer, no such database", 5432,
     BYTES("E\0\0\0\x2fSFATAL\0C08P01\0Mno such database: postgres\0\0"), 48, QUESTION_READY,
     "PostgreSQL: no such database: postgres"},
    {"postgresql, made: no process", 5432,
     BYTES("Ecould not fork new process for connection: Cannot allocate memory\n\0"), 27,
     QUESTION_NOT_READY, "PostgreSQL: could not fork new process"},
    {"rabbitmq", 5672,
     BYTES("\1\0\0\0\0\0\x4d\0\x0a\0\x0a\0\x09\0\0\0\x28\7productS\0\0\0\x08RabbitMQ\7version"
           "S\0\0\0\6"
           "3.10.8"
           "\0\0\0\x0e"
           "AMQPLAIN PLAIN\0\0\0\5"
           "en_US\xce"),
     85, QUESTION_READY, "AMQP RabbitMQ 3.10.8"},
    {"AMQP 1.0, made", 5672, BYTES("AMQP\3\1\0\0"), 8, QUESTION_READY, "AMQP 1.0.0, not 0.9.1"},
    {"redis", 6379, BYTES("+PONG\r\n"), 7, QUESTION_READY, "redis PONG"},
    {"redis, a password", 6379, BYTES("-NOAUTH Authentication required.\r\n"), 34,
     QUESTION_READY, "redis NOAUTH Authentication required."},
    {"redis, protected", 6379,
     BYTES("-DENIED Redis is running in protected mode because protected mode is enabled and "
           "no password is set for the default user. In this mode connections are only\r\n"),
     157, QUESTION_READY,
     "redis DENIED Redis is running in protected mode because protected mode is enabled and no "
     "password is set for the default use..."},
    {"redis, made: PING is renamed", 6379, BYTES("-ERR unknown command 'PING'\r\n"), 29,
     QUESTION_READY, "redis ERR unknown command 'PING'"},
    {"redis before 2.6, made: a password", 6379, BYTES("-ERR operation not permitted\r\n"), 30,
     QUESTION_READY, "redis ERR operation not permitted"},
    {"redis, loading", 6379, BYTES("-LOADING Redis is loading the dataset in memory\r\n"), 49,
     QUESTION_NOT_READY, "redis LOADING Redis is loading the dataset in memory"},
    {"redis without its master", 6379,
     BYTES("-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to "
           "'no'.\r\n"),
     83, QUESTION_NOT_READY,
     "redis MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."},
    {"redis, a script", 6379,
     BYTES("-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN "
           "NOSAVE.\r\n"),
     89, QUESTION_NOT_READY,
     "redis BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN "
     "NOSAVE."},
    {"redis, full", 6379, BYTES("-ERR max number of clients reached\r\n"), 36,
     QUESTION_NOT_READY, "redis ERR max number of clients reached"},
    {"memcached", 11211, BYTES("VERSION 1.6.18\r\n"), 16, QUESTION_READY, "memcached 1.6.18"},
    {"memcached, a password", 11211, BYTES("CLIENT_ERROR unauthenticated\r\n"), 30,
     QUESTION_READY, "memcached CLIENT_ERROR unauthenticated"},
    {"memcached, full", 11211, BYTES("ERROR Too many open connections\r\n"), 33,
     QUESTION_NOT_READY, "memcached ERROR Too many open connections"},
    {"memcached, made: busy", 11211, BYTES("SERVER_ERROR out of memory\r\n"), 28,
     QUESTION_NOT_READY, "memcached SERVER_ERROR out of memory"},
};

/* On the heap, so that a sanitizer sees a judge read past the end. */
static enum question_verdict judge_bytes(const struct question *question,
                                         const struct answer_bytes *bytes,
                                         char words[static REPLY_WORDS])
{
    struct reply *reply = reply_new();
    char *copy = copy_exactly((const char *)bytes->bytes, bytes->len);
    const struct answer_bytes answer = {(const unsigned char *)copy, bytes->len, bytes->is_end};
    assert_non_null(reply);
    enum question_verdict verdict = question->judge(&answer, &input, reply);
    memcpy(words, reply->words, REPLY_WORDS);
    reply_drop(reply);
    free(copy);
    return verdict;
}

static enum question_verdict judge(uint16_t port, const char *bytes, size_t len, bool is_end,
                                   char words[static REPLY_WORDS])
{
    const struct answer_bytes answer = {(const unsigned char *)bytes, len, is_end};
    return judge_bytes(question_find(PROTOCOL_TCP, port), &answer, words);
}

static void test_question_data_answers_of_real_servers(void **state)
{
    char words[REPLY_WORDS];
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        const struct answer *row = &answers[i];
        for (int is_end = 0; is_end <= 1; is_end++) {
            claim_number(row->label, "verdict",
                         judge(row->port, row->bytes, row->len, is_end, words), row->verdict);
            claim_text(row->label, "words", words, row->words);
        }
    }
}

static void test_question_data_pieces_of_answers_are_waited_for(void **state)
{
    char words[REPLY_WORDS];
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        const struct answer *row = &answers[i];
        for (size_t len = 1; len <= row->len; len++) {
            bool is_enough = len >= row->least;
            claim_number(row->label, "verdict of a piece",
                         judge(row->port, row->bytes, len, false, words),
                         is_enough ? row->verdict : QUESTION_MORE);
            claim_number(row->label, "verdict of a cut one",
                         judge(row->port, row->bytes, len, true, words),
                         is_enough ? row->verdict : QUESTION_MISMATCHED);
        }
    }
}

/* Whatever the bytes are, there are words where the service is named, and they are printable.
 */
static void claim_words(const struct answer *row, enum question_verdict verdict,
                        const char *words)
{
    size_t len = strnlen(words, REPLY_WORDS);
    claim_true(row->label, "words end", len < REPLY_WORDS);
    if (verdict == QUESTION_READY || verdict == QUESTION_NOT_READY)
        claim_true(row->label, "words are there", len > 0);
    for (size_t i = 0; i < len; i++)
        claim_true(row->label, "words are printable", words[i] >= ' ' && words[i] <= '~');
}

static void test_question_data_mutated_answers_harm_nothing(void **state)
{
    static const unsigned char bits[] = {1, 2, 4, 8, 16, 32, 64, 128, 255};
    char words[REPLY_WORDS];
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        const struct answer *row = &answers[i];
        char *bytes = copy_exactly(row->bytes, row->len);
        for (size_t at = 0; at < row->len * ARRAY_LEN(bits) * 2; at++) {
            unsigned char *byte = (unsigned char *)&bytes[at / 2 / ARRAY_LEN(bits)];
            *byte ^= bits[at / 2 % ARRAY_LEN(bits)];
            enum question_verdict verdict =
                judge(row->port, bytes, row->len, at % 2 == 0, words);
            claim_words(row, verdict, words);
            *byte ^= bits[at / 2 % ARRAY_LEN(bits)];
        }
        free(bytes);
    }
}

static const struct {
    const char *label;
    const char *bytes;
    size_t len;
} strangers[] = {
    {"ssh", BYTES("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u5\r\n")},
    {"http", BYTES("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n")},
    {"smtp", BYTES("220 mail.example.com ESMTP\r\n")},
    {"pop3", BYTES("+OK Dovecot ready.\r\n")},
    {"imap", BYTES("* OK [CAPABILITY IMAP4rev1] ready.\r\n")},
    {"tls alert", BYTES("\x15\3\1\0\2\2\x28")},
    {"nats", BYTES("INFO {\"server_id\":\"N\"}\r\n")},
    {"beanstalkd", BYTES("UNKNOWN_COMMAND\r\n")},
    {"a lone +", BYTES("+\r\n")},
    {"pong of another", BYTES("+PONGO\r\n")},
    {"an error of no word", BYTES("-\r\n")},
    {"an error in small letters", BYTES("-err\r\n")},
    {"an ERROR", BYTES("ERROR\r\n")},
    {"zeroes", BYTES("\0\0\0\0\0\0\0\0\0\0\0\0")},
    {"a greeting whose version is not printable", BYTES("\x4a\0\0\0\x0a"
                                                        "8.\x1b.36\0" GREETING_END)},
    {"a greeting that is short", BYTES("\x0a\0\0\0\x0a"
                                       "8.0.36\0ab")},
    {"a second packet", BYTES("\x17\0\0\1\xff\x10\4Too many connections")},
    {"ready before it asked who we are", BYTES("Z\0\0\0\5I")},
    {"a parameter before it asked who we are", BYTES("S\0\0\0\x08\x61\0b\0Z\0\0\0\5I")},
    {"a state of no transaction", BYTES("R\0\0\0\x08\0\0\0\0Z\0\0\0\5x")},
    {"ready, and too long", BYTES("R\0\0\0\x08\0\0\0\0Z\0\0\0\6II")},
    {"an error without a state", BYTES("E\0\0\0\x0eMno state\0\0")},
    {"an error whose state is cut", BYTES("E\0\0\0\x0cMno\0C57P")},
    {"a request that is short", BYTES("R\0\0\0\6\0\0")},
    {"a frame without its end", BYTES("\1\0\0\0\0\0\4\0\x0a\0\x0a\0")},
    {"a method of another class", BYTES("\1\0\0\0\0\0\4\0\x0a\0\x0b\xce")},
    {"a CONNACK with reserved flags", BYTES("\x20\2\2\0")},
    {"a CONNACK of an unknown code", BYTES("\x20\2\0\x40")},
};

static void test_question_data_strangers_do_not_match(void **state)
{
    char words[REPLY_WORDS];
    for (size_t port = 0; port < ARRAY_LEN(questions); port++) {
        for (size_t i = 0; i < ARRAY_LEN(strangers); i++)
            claim_number(
                strangers[i].label, questions[port].name,
                judge(questions[port].port, strangers[i].bytes, strangers[i].len, true, words),
                QUESTION_MISMATCHED);
        /* One who sends back what is sent. */
        if (questions[port].len > 0)
            claim_number("echo", questions[port].name,
                         judge(questions[port].port, questions[port].bytes, questions[port].len,
                               true, words),
                         QUESTION_MISMATCHED);
    }
}

/* An answer of one of these services is none of another's. */
static void test_question_data_answers_of_others_do_not_match(void **state)
{
    char words[REPLY_WORDS];
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        for (size_t port = 0; port < ARRAY_LEN(questions); port++)
            if (answers[i].port != questions[port].port)
                claim_number(
                    answers[i].label, questions[port].name,
                    judge(questions[port].port, answers[i].bytes, answers[i].len, true, words),
                    QUESTION_MISMATCHED);
}

/* The same server over UDP, whose datagram has a header before the line. */
static void test_question_data_memcached_is_busy_over_udp(void **state)
{
    static const char busy[] = "\xc0\xc1\0\0\0\1\0\0SERVER_ERROR out of memory\r\n";
    const struct answer_bytes answer = {(const unsigned char *)busy, sizeof busy - 1, true};
    char words[REPLY_WORDS];
    claim_number("busy", "verdict",
                 judge_bytes(question_find(PROTOCOL_UDP, 11211), &answer, words),
                 QUESTION_NOT_READY);
    claim_text("busy", "words", words, "memcached SERVER_ERROR out of memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_question_data_asks_what_changes_nothing),
        cmocka_unit_test(test_question_data_answers_of_real_servers),
        cmocka_unit_test(test_question_data_pieces_of_answers_are_waited_for),
        cmocka_unit_test(test_question_data_mutated_answers_harm_nothing),
        cmocka_unit_test(test_question_data_strangers_do_not_match),
        cmocka_unit_test(test_question_data_answers_of_others_do_not_match),
        cmocka_unit_test(test_question_data_memcached_is_busy_over_udp),
    };
    return cmocka_run_group_tests_name("question_data", tests, NULL, NULL);
}
