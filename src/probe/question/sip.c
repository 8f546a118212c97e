/*
 * sip: what can you do (RFC 3261, section 11)? Nobody is called by that, and it goes to no
 * other server: its way ends here. Whatever the server says is an answer; it comes to the port
 * that asked (RFC 3581).
 */
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "netcheck/base/ascii.h"

enum {
    CODE_AT = 8, /* behind "SIP/2.0 " */
    CODE_SIZE = 3,
    HEX_SIZE = 2 * FLOW_COOKIE_SIZE + 1,
};

/* Each %s is the cookie. */
static const char request[] = "OPTIONS sip:netcheck.invalid SIP/2.0\r\n"
                              "Via: SIP/2.0/UDP netcheck.invalid;rport;branch=z9hG4bK%s\r\n"
                              "Max-Forwards: 0\r\n"
                              "From: <sip:netcheck@netcheck.invalid>;tag=%s\r\n"
                              "To: <sip:netcheck.invalid>\r\n"
                              "Call-ID: %s\r\n"
                              "CSeq: 1 OPTIONS\r\n"
                              "Content-Length: 0\r\n"
                              "\r\n";

static void write_cookie(char hex[static HEX_SIZE], const struct question_input *input)
{
    for (size_t i = 0; i < FLOW_COOKIE_SIZE; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", input->cookie[i]);
}

static size_t sip_build(unsigned char bytes[static QUESTION_SIZE],
                        const struct question_input *input)
{
    char hex[HEX_SIZE];
    write_cookie(hex, input);
    return (size_t)snprintf((char *)bytes, QUESTION_SIZE, request, hex, hex, hex);
}

/* Whether it begins with "SIP/2.0", a code and a blank. */
static bool has_status(const struct answer_bytes *answer)
{
    if (!answer_has(answer, 0, "SIP/2.0 ", CODE_AT) ||
        !answer_has(answer, CODE_AT + CODE_SIZE, " ", 1))
        return false;
    for (size_t i = 0; i < CODE_SIZE; i++)
        if (!ascii_is_digit((char)answer->bytes[CODE_AT + i]))
            return false;
    return true;
}

/* It fails; the other codes from 500 on tell of a method or version that it does not have. */
static bool is_failure(const struct answer_bytes *answer)
{
    static const char *const codes[] = {"500", "502", "503", "504"};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (answer_has(answer, CODE_AT, codes[i], CODE_SIZE))
            return true;
    return false;
}

static enum question_verdict sip_judge(const struct answer_bytes *answer,
                                       const struct question_input *input, struct reply *reply)
{
    char hex[HEX_SIZE];
    write_cookie(hex, input);
    size_t end = answer_find(answer, "\r\n\r\n");
    size_t line_end = answer_find(answer, "\r\n");
    if (!has_status(answer) || end == answer->len || answer_find(answer, hex) > end)
        return QUESTION_MORE;
    answer_say(reply, "SIP ");
    answer_quote(reply, answer->bytes + CODE_AT, line_end - CODE_AT);
    return is_failure(answer) ? QUESTION_NOT_READY : QUESTION_READY;
}

const struct question question_sip = {
    .name = "sip", .has_cookie = true, .build = sip_build, .judge = sip_judge};
