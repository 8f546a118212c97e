/*
 * postgresql: the first message of a client ("Message Flow" and "Message Formats" of its
 * manual, protocol 3.0), as a user that hardly exists. A server that serves wants a password,
 * or does not know this user. One that starts, recovers, shuts down or has no place left says
 * so before. Where every user is let in, it goes on until it is ready for queries.
 *
 * The server logs nothing of a connection that is closed when it asks for a password; a message
 * that says so would be logged as a wrong answer. It logs that the user does not exist, or may
 * not come from this address, as it does for pg_isready(1).
 */
#include <string.h>

#include "answer.h"
#include "netcheck/base/ascii.h"

enum {
    TYPE_AUTHENTICATION = 'R',
    TYPE_ERROR = 'E',
    TYPE_READY = 'Z',
    HEADER_SIZE = 5, /* the type, and the length of all but the type */
    LENGTH_SIZE = 4,
    LENGTH_MAX = 8192,
    STATE_SIZE = 5, /* of an SQLSTATE */
};

/* What it asks for to authenticate. */
enum {
    REQUEST_NONE = 0,
    REQUEST_KERBEROS = 2,
    REQUEST_PASSWORD = 3,
    REQUEST_MD5 = 5,
    REQUEST_GSSAPI = 7,
    REQUEST_SSPI = 9,
    REQUEST_SASL = 10,
};

static const char startup[] =
    "\0\0\0\51\0\3\0\0user\0netcheck\0database\0postgres\0"; /* and NUL */

/* An error in the form of before 2003, with which the parent process still answers. */
static const char no_process[] = "Ecould not fork new process";

struct message {
    unsigned char type;
    size_t at;  /* where its content begins */
    size_t end; /* where it ends; SIZE_MAX: its length has not come yet */
};

static size_t postgresql_build(unsigned char bytes[static QUESTION_SIZE],
                               const struct question_input *input)
{
    (void)input;
    memcpy(bytes, startup, sizeof startup);
    return sizeof startup;
}

/* The message at `at`. Returns whether the server may say such a one before it waits for
   queries, as far as it has come: first of all whom it lets in, an error or a notice. Without
   this order the length of a greeting of MySQL reads as a message that ends all. */
static bool read_message(const struct answer_bytes *answer, size_t at, struct message *message)
{
    const char *types = at == 0 ? "REN" : "RENZSK";
    size_t len = 0;
    size_t i = 1;
    for (; i < HEADER_SIZE && at + i < answer->len; i++)
        len = len << 8 | answer->bytes[at + i];
    bool is_known = ascii_is_one_of((char)answer->bytes[at], types);
    *message = (struct message){answer->bytes[at], at + HEADER_SIZE, SIZE_MAX};
    if (i < HEADER_SIZE)
        return is_known && len <= LENGTH_MAX;
    message->end = at + 1 + len;
    return is_known && len >= LENGTH_SIZE && len <= LENGTH_MAX;
}

/* How long the text at `at` is, which ends with a NUL or with the message. */
static size_t text_len(const struct answer_bytes *answer, const struct message *message,
                       size_t at)
{
    const unsigned char *text = answer->bytes + at;
    const unsigned char *end = memchr(text, '\0', message->end - at);
    return end != NULL ? (size_t)(end - text) : message->end - at;
}

/* Where the text of this field of an error begins; message->end: it has no such field. */
static size_t find_field(const struct answer_bytes *answer, const struct message *message,
                         unsigned char field)
{
    size_t at = message->at;
    while (at < message->end && answer->bytes[at] != '\0') {
        if (answer->bytes[at] == field)
            return at + 1;
        at += 1 + text_len(answer, message, at + 1) + 1;
    }
    return message->end;
}

/* PgBouncer gives the same SQLSTATE (08P01) to all that it says itself: these words tell that
   it has no place left, or no server behind it. */
static bool is_pooler_failure(const struct answer_bytes *text)
{
    static const char *const words[] = {"no more connections allowed", "(server down)",
                                        "server_login_retry"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (answer_find(text, words[i]) < text->len)
            return true;
    return false;
}

/*
 * By the class of its SQLSTATE ("PostgreSQL Error Codes"): without resources (53), by an
 * operator's doing (57), by the system's (58) or its own fault (XX), or as a proxy without a
 * server (08001, 08006), it cannot serve. All others are about this client.
 */
static enum question_verdict judge_error(const struct answer_bytes *answer,
                                         const struct message *message, struct reply *reply)
{
    static const char *const classes[] = {"08001", "08006", "53", "57", "58", "XX"};
    size_t state = find_field(answer, message, 'C');
    size_t at = find_field(answer, message, 'M');
    if (message->end - state < STATE_SIZE || at >= message->end)
        return QUESTION_MISMATCHED;
    const struct answer_bytes text = {answer->bytes + at, text_len(answer, message, at), true};
    answer_say(reply, "PostgreSQL: ");
    answer_quote(reply, text.bytes, text.len);
    if (answer_has(answer, state, "08P01", STATE_SIZE) && is_pooler_failure(&text))
        return QUESTION_NOT_READY;
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (answer_has(answer, state, classes[i], strlen(classes[i])))
            return QUESTION_NOT_READY;
    return QUESTION_READY;
}

static void tell_method(const struct answer_bytes *answer, const struct message *message,
                        unsigned request, struct reply *reply)
{
    static const struct {
        unsigned request;
        const char *name;
    } methods[] = {{REQUEST_KERBEROS, "Kerberos"},
                   {REQUEST_PASSWORD, "in clear"},
                   {REQUEST_MD5, "MD5"},
                   {REQUEST_GSSAPI, "GSSAPI"},
                   {REQUEST_SSPI, "SSPI"}};
    size_t names = message->at + LENGTH_SIZE;
    if (request == REQUEST_SASL) /* the first one of those that it knows */
        answer_quote(reply, answer->bytes + names, text_len(answer, message, names));
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (methods[i].request == request)
            answer_say(reply, "%s", methods[i].name);
}

/* What it wants to know before it lets the user in. MORE: nothing. */
static enum question_verdict judge_request(const struct answer_bytes *answer,
                                           const struct message *message, struct reply *reply)
{
    if (message->end - message->at < LENGTH_SIZE || answer_number(answer, message->at) != 0)
        return QUESTION_MISMATCHED;
    unsigned request = answer_number(answer, message->at + 2);
    if (request == REQUEST_NONE)
        return QUESTION_MORE;
    answer_say(reply, "PostgreSQL asks for a password (");
    tell_method(answer, message, request, reply);
    answer_say(reply, ")");
    return QUESTION_READY;
}

/* It waits for queries: outside of a transaction, in one, or in one that failed. */
static enum question_verdict judge_wait(const struct answer_bytes *answer,
                                        const struct message *message, struct reply *reply)
{
    if (message->end - message->at != 1 ||
        !ascii_is_one_of((char)answer->bytes[message->at], "ITE"))
        return QUESTION_MISMATCHED;
    answer_say(reply, "PostgreSQL asks for no password");
    return QUESTION_READY;
}

static enum question_verdict judge_message(const struct answer_bytes *answer,
                                           const struct message *message, struct reply *reply)
{
    switch (message->type) {
    case TYPE_AUTHENTICATION:
        return judge_request(answer, message, reply);
    case TYPE_ERROR:
        return judge_error(answer, message, reply);
    case TYPE_READY:
        return judge_wait(answer, message, reply);
    default:
        return QUESTION_MORE;
    }
}

static enum question_verdict postgresql_judge(const struct answer_bytes *answer,
                                              const struct question_input *input,
                                              struct reply *reply)
{
    enum question_verdict more = answer->is_end ? QUESTION_MISMATCHED : QUESTION_MORE;
    struct message message = {0};
    (void)input;
    if (answer_has(answer, 0, no_process, sizeof no_process - 1)) {
        answer_say(reply, "PostgreSQL: %s", no_process + 1);
        return QUESTION_NOT_READY;
    }
    if (answer_begins(answer, no_process))
        return more;
    for (size_t at = 0; at < answer->len; at = message.end) {
        if (!read_message(answer, at, &message))
            return QUESTION_MISMATCHED;
        if (message.end > answer->len)
            return more;
        enum question_verdict verdict = judge_message(answer, &message, reply);
        if (verdict != QUESTION_MORE)
            return verdict;
    }
    return more;
}

const struct question question_postgresql = {
    .name = "postgresql", .build = postgresql_build, .judge = postgresql_judge};
