/*
 * http: GET of the URL's path (RFC 9110, RFC 9112), with the target's host or --server-name as
 * Host. An answer of 2xx, 3xx or 4xx comes from a service that serves, be it that the path is
 * not there or not for us; 5xx says that it cannot, or what is behind it.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "netcheck/base/address.h"
#include "netcheck/base/ascii.h"

#ifndef NETCHECK_VERSION
#define NETCHECK_VERSION "unknown"
#endif

enum {
    TARGET_MAX = 800,  /* bytes of the path as it is sent: FAULT_READY_PATH */
    PORT_IMPLIED = 80, /* which Host leaves out */
    STATUS_AT = 9,     /* behind "HTTP/1.1 " */
    STATUS_END = 12,
};

/* What ends the status, and its reason. */
static const char status_end[] = " \r\n";

/* What RFC 3986 allows nowhere: it would end the line, or be read in several ways. */
static bool is_encoded(char c)
{
    return (unsigned char)c <= ' ' || (unsigned char)c >= 0x7f;
}

/* "/health?x" as it is sent, terminated. False where it does not fit. */
static bool write_target(const char *path, char out[static TARGET_MAX + 1])
{
    size_t len = 0;
    if (path == NULL || path[0] != '/')
        out[len++] = '/';
    for (const char *p = path != NULL ? path : ""; *p != '\0'; p++) {
        size_t need = is_encoded(*p) ? 3 : 1;
        if (len + need > TARGET_MAX)
            return false;
        if (need == 1)
            out[len] = *p;
        else
            (void)snprintf(out + len, 4, "%%%02X", (unsigned)(unsigned char)*p);
        len += need;
    }
    out[len] = '\0';
    return true;
}

static bool http_fits(const struct endpoint *endpoint)
{
    char target[TARGET_MAX + 1];
    return write_target(endpoint->target->path, target);
}

/* "db", "192.0.2.1", "[2001:db8::1]": an interface means nothing to the server. */
static void write_host(const struct question_input *input, char out[static ADDRESS_TEXT_SIZE])
{
    char text[ADDRESS_TEXT_SIZE];
    address_format(&input->endpoint->address, text);
    text[strcspn(text, "%")] = '\0';
    bool is_ipv6 = strchr(text, ':') != NULL;
    (void)snprintf(out, ADDRESS_TEXT_SIZE, is_ipv6 ? "[%.60s]" : "%.60s", text);
}

static size_t http_build(unsigned char bytes[static QUESTION_SIZE],
                         const struct question_input *input)
{
    char target[TARGET_MAX + 1] = "/";
    char host[ADDRESS_TEXT_SIZE] = "";
    char port[sizeof ":65535"] = "";
    (void)write_target(input->endpoint->target->path, target); /* http_fits() */
    if (input->name == NULL)
        write_host(input, host);
    if (input->endpoint->port != PORT_IMPLIED)
        (void)snprintf(port, sizeof port, ":%u", (unsigned)input->endpoint->port);
    bool is_held = input->ask->hold_ns > 0; /* a server that is asked to close does */
    int len = snprintf((char *)bytes, QUESTION_SIZE,
                       "GET %s HTTP/1.1\r\n"
                       "Host: %s%s\r\n"
                       "User-Agent: netcheck/" NETCHECK_VERSION "\r\n"
                       "Accept: */*\r\n"
                       "Connection: %s\r\n"
                       "\r\n",
                       target, input->name != NULL ? input->name : host, port,
                       is_held ? "keep-alive" : "close");
    assert(len > 0 && len < QUESTION_SIZE);
    return (size_t)len;
}

/* Whether the bytes from `at` on can be a status line, as far as they are there. */
static bool is_status(const struct answer_bytes *answer, size_t at)
{
    static const char form[] = "HTTP/#.# ###";
    for (size_t i = 0; i < STATUS_END && at + i < answer->len; i++) {
        char c = (char)answer->bytes[at + i];
        if (form[i] == '#' ? !ascii_is_digit(c) : c != form[i])
            return false;
    }
    return at + STATUS_END >= answer->len ||
           ascii_is_one_of((char)answer->bytes[at + STATUS_END], status_end);
}

/* Behind the next `text` from `at` on; answer->len: there is none. */
static size_t find_behind(const struct answer_bytes *answer, size_t at, const char *text)
{
    const struct answer_bytes rest = {answer->bytes + at, answer->len - at, answer->is_end};
    size_t found = answer_find(&rest, text);
    return found < rest.len ? at + found + strlen(text) : answer->len;
}

/* Where the last status line begins: answers of 1xx may come before it. */
static size_t pass_interim(const struct answer_bytes *answer)
{
    size_t at = 0;
    while (at + STATUS_END <= answer->len && is_status(answer, at) &&
           answer->bytes[at + STATUS_AT] == '1') {
        size_t next = find_behind(answer, at, "\r\n\r\n");
        if (next == answer->len)
            return next;
        at = next;
    }
    return at;
}

static void tell(struct reply *reply, const unsigned char *status, size_t len)
{
    while (len > 0 && ascii_is_one_of((char)status[len - 1], status_end))
        len--;
    answer_say(reply, "HTTP ");
    answer_quote(reply, status, len);
}

static enum question_verdict http_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    (void)input;
    size_t at = pass_interim(answer);
    if (!is_status(answer, at))
        return QUESTION_MISMATCHED;
    size_t end = find_behind(answer, at, "\n");
    bool is_whole = end < answer->len || (answer->len > at && answer->bytes[end - 1] == '\n');
    if (!is_whole && !answer->is_end)
        return QUESTION_MORE;
    if (at + STATUS_END >= answer->len)
        return QUESTION_MISMATCHED; /* cut: perhaps not even in its status */
    char class = (char)answer->bytes[at + STATUS_AT];
    if (class < '2' || class > '5')
        return QUESTION_MISMATCHED;
    tell(reply, answer->bytes + at + STATUS_AT, end - at - STATUS_AT);
    return class == '5' ? QUESTION_NOT_READY : QUESTION_READY;
}

const struct question question_http = {
    .name = "http", .build = http_build, .judge = http_judge, .fits = http_fits};
