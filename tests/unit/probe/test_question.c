/*
 * What services are asked, and answers of real servers: as they came, and mutated in every way.
 *
 * The answers were caught from the servers of Debian 12 that the rows name, to the cookie of
 * `input`.
 */
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/mix.h"
#include "netcheck/probe/question.h"

static const struct question_input input = {.cookie = {0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6,
                                                       0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd,
                                                       0xce, 0xcf}};

/* Text with \0 in it, and how much that is. */
#define BYTES(text) (text), sizeof(text) - 1

static const struct {
    uint16_t port;
    const char *name;
    const char *bytes;
    size_t len;
    bool has_cookie;
    bool moves_port;
} questions[] = {
    {53, "dns", BYTES("\xc0\xc1\0\0\0\1\0\0\0\0\0\0\0\0\6\0\1"), true, false},
    {69, "tftp", BYTES("\0\1netcheck-no-such-file\0octet\0"), false, true},
    {111, "rpc",
     BYTES("\xc0\xc1\xc2\xc3\0\0\0\0\0\0\0\2\0\1\x86\xa0\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0"
           "\0\0\0\0\0\0\0\0"),
     true, false},
    {123, "ntp",
     BYTES("\x23\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
           "\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7"),
     true, false},
    {161, "snmp",
     BYTES("\x30\x3c\2\1\3\x30\x11\2\4\x40\xc1\xc2\xc3\2\3\0\xff\xe3\4\1\4\2\1\3\4\x10\x30\x0e"
           "\4\0\2\1\0\2\1\0\4\0\4\0\4\0\x30\x12\4\0\4\0\xa0\x0c\2\2\0\1\2\1\0\2\1\0\x30\0"),
     true, false},
    {500, "ike",
     BYTES("\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\0\0\0\0\0\0\0\0\0\x30\x22\x08\0\0\0\0\0\0\0\x1c"),
     true, false},
    {4500, "ike behind NAT",
     BYTES("\0\0\0\0\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\0\0\0\0\0\0\0\0\0\x30\x22\x08\0\0\0\0"
           "\0\0\0\x1c"),
     true, false},
    {5060, "sip",
     BYTES("OPTIONS sip:netcheck.invalid SIP/2.0\r\n"
           "Via: SIP/2.0/UDP netcheck.invalid;rport;"
           "branch=z9hG4bKc0c1c2c3c4c5c6c7c8c9cacbcccdcecf\r\n"
           "Max-Forwards: 0\r\n"
           "From: <sip:netcheck@netcheck.invalid>;tag=c0c1c2c3c4c5c6c7c8c9cacbcccdcecf\r\n"
           "To: <sip:netcheck.invalid>\r\n"
           "Call-ID: c0c1c2c3c4c5c6c7c8c9cacbcccdcecf\r\n"
           "CSeq: 1 OPTIONS\r\n"
           "Content-Length: 0\r\n"
           "\r\n"),
     true, false},
    {5353, "mdns",
     BYTES("\xc0\xc1\0\0\0\1\0\0\0\0\0\0\x09_services\x07_dns-sd\x04_udp\x05local\0\0\x0c\0\1"),
     true, false},
    {3478, "stun",
     BYTES("\0\1\0\0\x21\x12\xa4\x42\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb"), true,
     false},
    {5683, "coap", BYTES("\x40\0\xc0\xc1"), true, false},
    {11211, "memcached", BYTES("\xc0\xc1\0\0\0\1\0\0version\r\n"), true, false},
    {19302, "stun",
     BYTES("\0\1\0\0\x21\x12\xa4\x42\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb"), true,
     false},
    {514, "empty", BYTES(""), false, false},
    {51820, "empty", BYTES(""), false, false},
    {0, "empty", BYTES(""), false, false},
};

static void test_question_asks_what_the_port_is_known_for(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        const struct question *question = question_find(PROTOCOL_UDP, questions[i].port);
        unsigned char bytes[QUESTION_SIZE];
        memset(bytes, 0xff, sizeof bytes);
        size_t len = question->build(bytes, &input);
        claim_text(questions[i].name, "name", question->name, questions[i].name);
        claim_bytes(questions[i].name, "question", (const char *)bytes, len, questions[i].bytes,
                    questions[i].len);
        claim_number(questions[i].name, "has_cookie", question->has_cookie,
                     questions[i].has_cookie);
        claim_number(questions[i].name, "moves_port", question->moves_port,
                     questions[i].moves_port);
    }
}

/* Its first packet has 1,200 bytes, most of them 0. */
static void test_question_quic_has_the_size_of_a_first_packet(void **state)
{
    static const char begin[] = "\xc0\x1a\x2a\x3a\x4a\x08\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7"
                                "\x08\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf";
    unsigned char bytes[QUESTION_SIZE];
    char expected[1200] = {0};
    memcpy(expected, begin, sizeof begin - 1);
    memset(bytes, 0xff, sizeof bytes);
    size_t len = question_find(PROTOCOL_UDP, 443)->build(bytes, &input);
    claim_bytes("quic", "question", (const char *)bytes, len, expected, sizeof expected);
}

static void test_question_of_another_protocol_is_another(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(questions); i++)
        claim_true(questions[i].name, "TCP has another, or none",
                   question_find(PROTOCOL_TCP, questions[i].port) !=
                           question_find(PROTOCOL_UDP, questions[i].port) ||
                       strcmp(questions[i].name, "empty") == 0);
}

#define DIGITS_10  "0123456789"
#define DIGITS_50  DIGITS_10 DIGITS_10 DIGITS_10 DIGITS_10 DIGITS_10
#define DIGITS_110 DIGITS_50 DIGITS_50 DIGITS_10

/* `fixed` has a '=' for each byte that cannot be another one in an answer to our question, '.'
 * for the others. Behind its end all may be others. An answer that is shorter than `least`
 * bytes is none. */
static const struct answer {
    const char *label;
    uint16_t port;
    const char *bytes;
    size_t len;
    const char *fixed;
    size_t least;
    const char *words;
} answers[] = {
    {"dnsmasq, unbound", 53, BYTES("\xc0\xc1\x80\x85\0\1\0\0\0\0\0\0\0\0\6\0\1"),
     "==..=.......=====", 17, "DNS REFUSED"},
    {"named", 53, BYTES("\xc0\xc1\x80\5\0\1\0\0\0\0\0\0\0\0\6\0\1"), "==..=.......=====", 17,
     "DNS REFUSED"},
    {"named in charge of the root", 53,
     BYTES("\xc0\xc1\x84\0\0\1\0\1\0\1\0\1\0\0\6\0\1\0\0\6\0\1\0\0\0\1\0\x23\1a\7example\0"
           "\1b\xc0\x1e\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\2\0\1\0\0\0\1\0\2\xc0\x1c"
           "\xc0\x1c\0\1\0\1\0\0\0\1\0\4\xc0\0\2\1"),
     "==..=.......=====", 17, "DNS NOERROR"},
    {"named that lost its zone", 53, BYTES("\xc0\xc1\x80\2\0\1\0\0\0\0\0\0\0\0\6\0\1"),
     "==..=.......=====", 17, "DNS SERVFAIL"},
    {"no question", 53, BYTES("\xc0\xc1\x80\1\0\0\0\0\0\0\0\0"), "==..=", 12, "DNS FORMERR"},
    {"unknown code", 53, BYTES("\xc0\xc1\x80\x0f\0\0\0\0\0\0\0\0"), "==..=", 12, "DNS code 15"},
    {"dnsmasq", 69,
     BYTES("\0\5\0\1file /srv/tftp/netcheck-no-such-file not found for 10.90.0.1\0"), "==", 69,
     "TFTP error 1: file /srv/tftp/netcheck-no-such-file not found for 10.90.0.1"},
    {"in.tftpd", 69, BYTES("\0\5\0\1File not found\0"), "==", 19,
     "TFTP error 1: File not found"},
    {"an error without words", 69, BYTES("\0\5\0\2\0"), "==..=", 5, "TFTP error 2"},
    {"an error with foreign bytes", 69, BYTES("\0\5\0\0\x1b[2J\\\0"), "==", 10,
     "TFTP error 0: \\x1b[2J\\\\"},
    {"an error that just fits", 69, BYTES("\0\5\0\0" DIGITS_110 "abc\0"), "==", 118,
     "TFTP error 0: " DIGITS_110 "abc"},
    {"an error that does not", 69, BYTES("\0\5\0\0" DIGITS_110 "\x1b\0"), "==", 116,
     "TFTP error 0: " DIGITS_110 "..."},
    {"a file", 69, BYTES("\0\3\0\1netcheck"), "====", 4, "TFTP"},
    {"chronyd", 123,
     BYTES("\x24\2\0\xe6\0\0\0\0\0\0\0\0\x7f\x7f\1\1\xee\xb7\x5a\x19\xd2\xc0\x43\x7c"
           "\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7"
           "\xee\xb7\x5a\x1b\x1f\x8c\xae\xed\xee\xb7\x5a\x1b\x1f\xad\x7a\x1a"),
     "........................========", 48, "NTP stratum 2"},
    {"chronyd without time", 123,
     BYTES("\xe4\0\0\xe6\0\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
           "\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7"
           "\xee\xb7\x5a\x1b\x21\x89\x06\x63\xee\xb7\x5a\x1b\x21\xa7\xdd\xc6"),
     "........................========", 48, "NTP not synchronised"},
    {"ntpd", 123,
     BYTES("\x24\3\0\xe8\0\0\0\0\0\0\0\0\x7f\0\0\1\0\0\0\0\0\0\0\0"
           "\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7"
           "\xee\xb7\x5e\xdb\x31\x93\x1a\x0f\xee\xb7\x5e\xdb\x31\xa4\xcb\xc8"),
     "........................========", 48, "NTP stratum 3"},
    {"ntpd without time", 123,
     BYTES("\xe4\0\0\xe8\0\0\0\0\0\0\0\x10INIT\0\0\0\0\0\0\0\0\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7"
           "\xee\xb7\x5e\xdb\x36\x3e\xf5\xe2\xee\xb7\x5e\xdb\x36\x4b\x24\xd9"),
     "........................========", 48, "NTP not synchronised, kiss code INIT"},
    {"ntpd that is asked too often", 123,
     BYTES("\xe4\0\0\xe8\0\0\0\0\0\0\0\x10RATE\0\0\0\0\0\0\0\0\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7"
           "\0\0\0\0\0\0\0\0\xee\xb7\x5e\xdb\x36\x4b\x24\xd9"),
     "........................========", 48, "NTP kiss code RATE"},
    {"a server that lost its time", 123,
     BYTES("\xe4\2\0\xe8\0\0\0\0\0\0\0\x10\x7f\0\0\1\0\0\0\0\0\0\0\0\xc0\xc1\xc2\xc3\xc4\xc5"
           "\xc6\xc7"
           "\0\0\0\0\0\0\0\0\xee\xb7\x5e\xdb\x36\x4b\x24\xd9"),
     "........................========", 48, "NTP not synchronised"},
    {"a kiss code of foreign bytes", 123,
     BYTES(
         "\x24\0\0\xe8\0\0\0\0\0\0\0\x10X\x1b[m\0\0\0\0\0\0\0\0\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7"
         "\0\0\0\0\0\0\0\0\xee\xb7\x5e\xdb\x36\x4b\x24\xd9"),
     "........................========", 48, "NTP not synchronised"},
    {"a stratum beyond all", 123,
     BYTES("\x24\x10\0\xe8\0\0\0\0\0\0\0\x10X\x1b["
           "m\0\0\0\0\0\0\0\0\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7"
           "\0\0\0\0\0\0\0\0\xee\xb7\x5e\xdb\x36\x4b\x24\xd9"),
     "........................========", 48, "NTP not synchronised"},
    {"rpcbind", 111, BYTES("\xc0\xc1\xc2\xc3\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
     "===========.", 16, "RPC"},
    {"rpcbind that denies", 111, BYTES("\xc0\xc1\xc2\xc3\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1"),
     "===========.", 16, "RPC denied"},
    {"a server without a port mapper", 111,
     BYTES("\xc0\xc1\xc2\xc3\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"), "===========.", 16,
     "RPC without a port mapper"},
    {"rpcbind without memory", 111,
     BYTES("\xc0\xc1\xc2\xc3\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5"), "===========.", 16,
     "RPC system error"},
    {"caddy", 443,
     BYTES(
         "\xb9\0\0\0\0\x08\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf\x08\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7"
         "\0\0\0\1\xea\xfa\xca\x0a\x70\x9a\x50\xc4\xff\0\0\x1d"),
     ".======================", 27, "QUIC version 1"},
    {"a server of drafts", 443,
     BYTES(
         "\xb9\0\0\0\0\x08\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf\x08\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7"
         "\xff\0\0\x1d"),
     ".======================", 27, "QUIC, other versions than 1"},
    {"charon", 500,
     BYTES("\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\0\0\0\0\0\0\0\0\x29\x20\x22\x20\0\0\0\0\0\0\0\x24"
           "\0\0\0\x08\0\0\0\5"),
     "========..................==", 36, "IKEv2"},
    {"charon behind NAT", 4500,
     BYTES("\0\0\0\0\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\0\0\0\0\0\0\0\0\x29\x20\x22\x20\0\0\0\0"
           "\0\0\0\x24\0\0\0\x08\0\0\0\5"),
     "============..................==", 40, "IKEv2"},
    {"kamailio", 5060,
     BYTES("SIP/2.0 404 Not here\r\n"
           "Via: SIP/2.0/UDP netcheck.invalid;rport=57351;"
           "branch=z9hG4bKc0c1c2c3c4c5c6c7c8c9cacbcccdcecf;received=10.90.41.1\r\n"
           "From: <sip:netcheck@netcheck.invalid>;tag=c0c1c2c3c4c5c6c7c8c9cacbcccdcecf\r\n"
           "To: <sip:netcheck.invalid>;tag=0014ca633c51339d9395fed7aa59fb08.dd190000\r\n"
           "Call-ID: c0c1c2c3c4c5c6c7c8c9cacbcccdcecf\r\n"
           "CSeq: 1 OPTIONS\r\n"
           "Server: kamailio (5.6.3 (x86_64/linux))\r\n"
           "Content-Length: 0\r\n"
           "\r\n"),
     "========...=", 408, "SIP 404 Not here"},
    {"a proxy without a server", 5060,
     BYTES("SIP/2.0 503 Service Unavailable\r\n"
           "Call-ID: c0c1c2c3c4c5c6c7c8c9cacbcccdcecf\r\n\r\n"),
     "========...=", 78, "SIP 503 Service Unavailable"},
    {"a server that knows no OPTIONS", 5060,
     BYTES("SIP/2.0 501 Not Implemented\r\n"
           "Call-ID: c0c1c2c3c4c5c6c7c8c9cacbcccdcecf\r\n\r\n"),
     "========...=", 74, "SIP 501 Not Implemented"},
    {"avahi-daemon", 5353,
     BYTES("\xc0\xc1\x84\0\0\1\0\1\0\0\0\0\x09_services\x07_dns-sd\x04_udp\x05local\0\0\x0c\0\1"
           "\xc0\x0c\0\x0c\0\1\0\0\0\x0a\0\x0d\5_http\4_tcp\xc0\x23"),
     "==..=.......==================================", 46, "DNS NOERROR"},
    {"snmpd", 161,
     BYTES("\x30\x6e\2\1\3\x30\x11\2\4\x40\xc1\xc2\xc3\2\3\0\xff\xe3\4\1\0\2\1\3"
           "\4\x21\x30\x1f\4\x11\x80\0\x1f\x88\x80\x33\xc4\x82\x51\x94\xdb\x0c\x6b\0\0\0\0"
           "\2\1\1\2\1\x0c\4\0\4\0\4\0\x30\x33\4\x11\x80\0\x1f\x88\x80\x33\xc4\x82\x51\x94\xdb"
           "\x0c\x6b\0\0\0\0\4\0\xa8\x1c\2\1\1\2\1\0\2\1\0\x30\x11\x30\x0f\6\x0a\x2b\6\1\6\3"
           "\x0f\1\1\4\0\x41\1\1"),
     "=.====.======", 112, "SNMPv3"},
    {"an agent that writes lengths in two bytes", 161,
     BYTES("\x30\x82\0\x2d\2\1\3\x30\x81\x11\2\4\x40\xc1\xc2\xc3\2\3\0\xff\xe3\4\1\0\2\1\3\4\0"
           "\x30\x12\4\0\4\0\xa8\x0c\2\2\0\1\2\1\0\2\1\0\x30\0"),
     "=", 49, "SNMPv3"},
    {"coturn", 3478,
     BYTES("\1\1\0\x3c\x21\x12\xa4\x42\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb"
           "\0\x20\0\x08\0\1\xcb\x1b\x2b\x48\xa4\x43\0\1\0\x08\0\1\xea\x09\x0a\x5a\0\1"
           "\x80\x2b\0\x08\0\1\x0d\x96\x0a\x5a\0\x13\x80\x22\0\x14"
           "Coturn-4.6.1 'Gorst'"),
     "=.==================", 80, "STUN (Coturn-4.6.1 'Gorst')"},
    {"an error of STUN", 3478,
     BYTES("\1\x11\0\x18\x21\x12\xa4\x42\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb"
           "\0\x09\0\x0c\0\0\4\1Denied.\0\x80\x22\0\4a\\bc"),
     "=.==================", 44, "STUN error 401 (a\\\\bc)"},
    {"STUN that fails", 3478,
     BYTES("\1\x11\0\x0c\x21\x12\xa4\x42\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb"
           "\0\x09\0\4\0\0\5\0\x80\x22\0\0"),
     "=.==================", 32, "STUN error 500"},
    {"STUN whose software is not printable", 3478,
     BYTES("\1\1\0\x08\x21\x12\xa4\x42\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb"
           "\x80\x22\0\4a\x1b[m"),
     "=.==================", 28, "STUN"},
    {"STUN whose attribute goes on behind the end", 3478,
     BYTES("\1\1\0\x08\x21\x12\xa4\x42\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb"
           "\x80\x22\0\5abcd"),
     "=.==================", 28, "STUN"},
    {"memcached", 11211, BYTES("\xc0\xc1\0\0\0\1\0\0VERSION 1.6.18\r\n"),
     "================......==", 24, "memcached 1.6.18"},
    {"coap-server of libcoap", 5683, BYTES("\x70\0\xc0\xc1"), "====", 4, "CoAP"},
};

/* Of a server that cannot serve. */
static bool is_failure(const char *words)
{
    static const char *const failures[] = {
        "DNS SERVFAIL",
        "NTP not synchronised",
        "NTP not synchronised, kiss code INIT",
        "RPC system error",
        "RPC without a port mapper",
        "memcached SERVER_ERROR out of memory",
        "STUN error 500",
        "SIP 503 Service Unavailable",
    };
    for (size_t i = 0; i < ARRAY_LEN(failures); i++)
        if (strcmp(words, failures[i]) == 0)
            return true;
    return false;
}

/* On the heap, so that a sanitizer sees a judge read past the end. */
static enum question_verdict judge(uint16_t port, const char *bytes, size_t len,
                                   char words[static REPLY_WORDS])
{
    const struct question *question = question_find(PROTOCOL_UDP, port);
    struct reply *reply = reply_new();
    char *copy = copy_exactly(bytes, len);
    const struct answer_bytes answer = {(const unsigned char *)copy, len, true};
    assert_non_null(reply);
    enum question_verdict verdict = question->judge(&answer, &input, reply);
    memcpy(words, reply->words, REPLY_WORDS);
    reply_drop(reply);
    free(copy);
    return verdict;
}

static void test_question_answers_of_real_servers_are_replies(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        const struct answer *row = &answers[i];
        char words[REPLY_WORDS];
        claim_number(row->label, "verdict", judge(row->port, row->bytes, row->len, words),
                     is_failure(row->words) ? QUESTION_NOT_READY : QUESTION_READY);
        claim_text(row->label, "words", words, row->words);
    }
}

/* Whatever the bytes are: a judge says MORE, or REPLIED with printable words. */
static enum question_verdict judge_any(const struct answer *row, const char *bytes, size_t len)
{
    char words[REPLY_WORDS];
    enum question_verdict verdict = judge(row->port, bytes, len, words);
    claim_true(row->label, "verdict is MORE or REPLIED", verdict != QUESTION_MISMATCHED);
    if (verdict == QUESTION_MORE)
        return verdict;
    size_t words_len = strnlen(words, REPLY_WORDS);
    claim_true(row->label, "words are there, and end",
               words_len > 0 && words_len < REPLY_WORDS);
    for (size_t i = 0; i < words_len; i++)
        claim_true(row->label, "words are printable", words[i] >= ' ' && words[i] <= '~');
    return verdict;
}

static void test_question_cut_answers_are_none(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        for (size_t len = 0; len < answers[i].len; len++) {
            enum question_verdict verdict = judge_any(&answers[i], answers[i].bytes, len);
            if (len < answers[i].least)
                claim_number(answers[i].label, "verdict of cut ones", verdict, QUESTION_MORE);
        }
}

/* Byte `at` of the answer with some bits flipped. */
static void flip(const struct answer *row, size_t at, unsigned char bits)
{
    bool is_fixed = at < strlen(row->fixed) && row->fixed[at] == '=';
    char *bytes = copy_exactly(row->bytes, row->len);
    bytes[at] = (char)((unsigned char)bytes[at] ^ bits);
    enum question_verdict verdict = judge_any(row, bytes, row->len);
    if (is_fixed && verdict != QUESTION_MORE)
        fail_msg("%s: byte %zu ^ 0x%02x: still an answer", row->label, at, bits);
    free(bytes);
}

static void test_question_flipped_answers_are_none_where_it_matters(void **state)
{
    static const unsigned char bits[] = {0x01, 0x80, 0xff};
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        for (size_t at = 0; at < answers[i].len; at++)
            for (size_t k = 0; k < ARRAY_LEN(bits); k++)
                flip(&answers[i], at, bits[k]);
}

/* The first bytes of an answer, and noise behind them. */
static void test_question_noise_harms_nobody(void **state)
{
    char noise[700];
    uint64_t seed = 1;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        for (size_t from = 0; from <= answers[i].len; from++) {
            for (size_t k = 0; k < sizeof noise; k++)
                noise[k] = (char)mix64(seed++);
            memcpy(noise, answers[i].bytes, from);
            for (size_t len = from; len < sizeof noise; len += 1 + mix64(seed++) % 64)
                (void)judge_any(&answers[i], noise, len);
        }
}

/* Of another flow, of another service, or the question itself as an echo server returns it. */
static void test_question_foreign_answers_are_none(void **state)
{
    struct question_input other = input;
    struct reply *reply = reply_new();
    assert_non_null(reply);
    other.cookie[1] ^= 1;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        const struct answer *row = &answers[i];
        const struct question *question = question_find(PROTOCOL_UDP, row->port);
        struct answer_bytes bytes = {(const unsigned char *)row->bytes, row->len, true};
        if (question->has_cookie)
            claim_number(row->label, "of another flow", question->judge(&bytes, &other, reply),
                         QUESTION_MORE);
        for (size_t k = 0; k < ARRAY_LEN(answers); k++)
            if (strncmp(answers[k].words, row->words, 3) != 0) /* another service */
                claim_number(row->label, answers[k].label,
                             judge_any(&answers[k], row->bytes, row->len), QUESTION_MORE);
        unsigned char echo[QUESTION_SIZE];
        size_t len = question->build(echo, &input);
        claim_number(row->label, "echo", judge_any(row, (const char *)echo, len),
                     QUESTION_MORE);
    }
    reply_drop(reply);
}

/* Nearly an answer. */
static void test_question_strays_are_none(void **state)
{
    static const struct {
        const char *label;
        uint16_t port;
        const char *bytes;
        size_t len;
    } rows[] = {
        {"TFTP, more behind the text", 69, BYTES("\0\5\0\1no\0no\0")},
        {"TFTP, more than a block", 69,
         BYTES("\0\3\0\1" DIGITS_110 DIGITS_110 DIGITS_110 DIGITS_110 DIGITS_50 DIGITS_10
                   DIGITS_10 "123")},
        {"NTP, a client", 123,
         BYTES("\x23\2\0\xe8\0\0\0\0\0\0\0\0\x7f\0\0\1\0\0\0\0\0\0\0\0\xc0\xc1\xc2\xc3\xc4\xc5"
               "\xc6\xc7"
               "\0\0\0\0\0\0\0\0\xee\xb7\x5e\xdb\x36\x4b\x24\xd9")},
        {"SNMP, a length behind the end", 161, BYTES("\x30\x83\0")},
        {"SNMP, a length of too many bytes", 161, BYTES("\x30\x84\0\0\0\0")},
        {"memcached, two lines", 11211,
         BYTES("\xc0\xc1\0\0\0\1\0\0VERSION 1.6.18\r\nERROR\r\n")},
        {"CoAP, a byte more", 5683, BYTES("\x70\0\xc0\xc1\0")},
        {"QUIC, a short header", 443,
         BYTES("\x39\0\0\0\0\x08\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf\x08\xc0\xc1\xc2\xc3\xc4\xc5"
               "\xc6\xc7"
               "\0\0\0\1")},
        {"IKE, a request", 500,
         BYTES("\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\0\0\0\0\0\0\0\0\0\x20\x22\x08\0\0\0\0\0\0\0"
               "\x1c")},
        {"IKE, version 3", 500,
         BYTES("\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\0\0\0\0\0\0\0\0\0\x30\x22\x20\0\0\0\0\0\0\0"
               "\x1c")},
        {"SIP, the end of its head missing", 5060,
         BYTES("SIP/2.0 200 OK\r\nCall-ID: c0c1c2c3c4c5c6c7c8c9cacbcccdcecf\r\n")},
        {"SIP, only its body has the cookie", 5060,
         BYTES("SIP/2.0 200 OK\r\n\r\nc0c1c2c3c4c5c6c7c8c9cacbcccdcecf")},
    };
    char words[REPLY_WORDS];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        claim_number(rows[i].label, "verdict",
                     judge(rows[i].port, rows[i].bytes, rows[i].len, words), QUESTION_MORE);
}

static void test_question_empty_takes_any_answer(void **state)
{
    char words[REPLY_WORDS];
    claim_number("no byte", "verdict", judge(13, "", 0, words), QUESTION_READY);
    claim_text("no byte", "words", words, "");
    claim_number("a byte", "verdict", judge(13, "\n", 1, words), QUESTION_READY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_question_asks_what_the_port_is_known_for),
        cmocka_unit_test(test_question_quic_has_the_size_of_a_first_packet),
        cmocka_unit_test(test_question_of_another_protocol_is_another),
        cmocka_unit_test(test_question_answers_of_real_servers_are_replies),
        cmocka_unit_test(test_question_cut_answers_are_none),
        cmocka_unit_test(test_question_flipped_answers_are_none_where_it_matters),
        cmocka_unit_test(test_question_noise_harms_nobody),
        cmocka_unit_test(test_question_foreign_answers_are_none),
        cmocka_unit_test(test_question_strays_are_none),
        cmocka_unit_test(test_question_empty_takes_any_answer),
    };
    return cmocka_run_group_tests_name("question", tests, NULL, NULL);
}
