#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/escape.h"
#include "netcheck/target/fault.h"

#define TEN_A      "aaaaaaaaaa"
#define SIXTY_A    TEN_A TEN_A TEN_A TEN_A TEN_A TEN_A
#define SIXTYFOUR  SIXTY_A "aaaa"
#define PORT_WORDS ": allowed is 1-65535"

struct row {
    const char *label;
    const char *text;
    struct fault fault;
    struct place place;
    const char *described;
};

static const struct row rows[] = {
    {"the form of the contract",
     "db:70000",
     {FAULT_PORT, 3, 5},
     {"hosts.txt", 12, 0},
     "invalid port '70000' in 'db:70000' (hosts.txt:12:4)" PORT_WORDS},
    {"command line",
     "db:70000",
     {FAULT_PORT, 3, 5},
     {NULL, 0, 0},
     "invalid port '70000' in 'db:70000'" PORT_WORDS},
    {"the whole text",
     "70000",
     {FAULT_PORT, 0, 5},
     {NULL, 0, 0},
     "invalid port '70000'" PORT_WORDS},
    {"the whole text of a file",
     "70000",
     {FAULT_PORT, 0, 5},
     {"a", 1, 0},
     "invalid port '70000' (a:1:1)" PORT_WORDS},
    {"something missing",
     "db:",
     {FAULT_PORT_EMPTY, 3, 0},
     {"a", 2, 0},
     "empty port in 'db:' (a:2:4): write ports as 22, 22,80 or 8000-8010"},
    {"nothing at all",
     "",
     {FAULT_PORT_EMPTY, 0, 0},
     {NULL, 0, 0},
     "empty port: write ports as 22, 22,80 or 8000-8010"},
    {"an error without remedy", "x", {FAULT_NUMBER, 0, 1}, {NULL, 0, 0}, "invalid number 'x'"},
    {"a password",
     "mysql://u:S3cret@db:70000",
     {FAULT_PORT, 20, 5},
     {"a", 1, 2},
     "invalid port '70000' in 'mysql://***@db:70000' (a:1:23)" PORT_WORDS},
    {"a piece of a password",
     "mysql://u:S3cret@db",
     {FAULT_PORT_SERVICE, 10, 6},
     {NULL, 0, 0},
     "unknown service '***' in 'mysql://***@db': write the port as a number, 1-65535"},
    {"control bytes",
     "a\x1b[31m:0",
     {FAULT_PORT, 7, 1},
     {NULL, 0, 0},
     "invalid port '0' in 'a\\x1b[31m:0'" PORT_WORDS},
    {"control bytes in the piece",
     "db:\n",
     {FAULT_PORT, 3, 1},
     {NULL, 0, 0},
     "invalid port '\\x0a' in 'db:\\x0a'" PORT_WORDS},
    {"control bytes in the file name",
     "0",
     {FAULT_PORT, 0, 1},
     {"a\nb", 1, 0},
     "invalid port '0' (a\\x0ab:1:1)" PORT_WORDS},
    {"a host in Unicode",
     "https://B\xc3\xbc"
     "cher.Example:8443/x",
     {FAULT_HOST_UNICODE, 9, 2},
     {"hosts-\xc3\xbc.txt", 3, 2},
     "not ASCII '\xc3\xbc' in 'https://B\xc3\xbc"
     "cher.Example:8443/x' (hosts-\xc3\xbc.txt:3:12): "
     "write xn--bcher-kva.Example"},
    {"a list of hosts in Unicode",
     "a:1,\xc3\xbc.example:2,b:3",
     {FAULT_HOST_UNICODE, 4, 2},
     {NULL, 0, 0},
     "not ASCII '\xc3\xbc' in 'a:1,\xc3\xbc.example:2,b:3': write xn--tda.example"},
    {"a host with a mark",
     "u\xcc\x88:80",
     {FAULT_HOST_UNICODE, 1, 2},
     {NULL, 0, 0},
     "not ASCII '\\u0308' in 'u\\u0308:80': write the name in its xn-- form"},
    {"a host with what is not seen",
     "db\xe2\x80\x8b:80",
     {FAULT_HOST_UNICODE, 2, 3},
     {NULL, 0, 0},
     "not ASCII '\\u200b' in 'db\\u200b:80': leave it out"},
    {"a host with a typographic dash",
     "web\xe2\x80\x93"
     "1:80",
     {FAULT_HOST_UNICODE, 3, 3},
     {NULL, 0, 0},
     "not ASCII '\xe2\x80\x93' in 'web\xe2\x80\x93"
     "1:80': write '-' instead"},
    {"longest piece",
     SIXTYFOUR,
     {FAULT_PORT, 0, 64},
     {NULL, 0, 0},
     "invalid port '" SIXTYFOUR "'" PORT_WORDS},
    {"longest piece + 1",
     SIXTYFOUR "b",
     {FAULT_PORT, 0, 65},
     {NULL, 0, 0},
     "invalid port '" SIXTYFOUR "...'" PORT_WORDS},
    {"longest text + 1", /* it must still be seen which one is meant */
     SIXTY_A "aaaa:",
     {FAULT_PORT_EMPTY, 65, 0},
     {NULL, 0, 0},
     "empty port in '" SIXTYFOUR "...': write ports as 22, 22,80 or 8000-8010"},
    {"longest text",
     SIXTY_A ":80 ",
     {FAULT_PORT, 61, 3},
     {NULL, 0, 0},
     "invalid port '80 ' in '" SIXTY_A ":80 '" PORT_WORDS},
};

static const struct {
    const char *quad;
    const char *remedy;
} quads[] = {
    {"127.1", ": write 127.0.0.1"},
    {"0x7f.1", ": write 127.0.0.1"},
    {"010.0.0.1", ": write 10.0.0.1, or 8.0.0.1 as the C library reads it"},
    {"10.0.0.01", ": write 10.0.0.1"},
    {"010.0.0.08", ": write 10.0.0.8"},
    {"1.2.3.4.5", ": write four numbers, 0-255, as in 192.0.2.1"},
    {"1.2.3.4.", ": write four numbers, 0-255, as in 192.0.2.1"},
    {"256.1.1.1", ": write four numbers, 0-255, as in 192.0.2.1"},
    {"1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1",
     ": write four numbers, 0-255, as in 192.0.2.1"},
};

static const struct {
    enum fault_code code;
    const char *text;
    const char *remedy;
} ranges[] = {
    {FAULT_RANGE_FORM, "10.0.0.x", "10.0.0.0/24"},
    {FAULT_RANGE_FORM, "10.0.0.X", "10.0.0.0/24"},
    {FAULT_RANGE_FORM, "10.0.0.*", "10.0.0.0/24"},
    {FAULT_RANGE_FORM, "10.0.0.?", "10.0.0.0/24"},
    {FAULT_RANGE_FORM, "10.0.x.x", "10.0.0.0/16"},
    {FAULT_RANGE_FORM, "10.2.*", "10.2.0.0/16"},
    {FAULT_RANGE_FORM, "10.x", "10.0.0.0/8"},
    {FAULT_RANGE_FORM, "10.0.0.0_24", "10.0.0.0/24"},
    {FAULT_RANGE_FORM, "10.0.0.0_0", "10.0.0.0/0"},
    {FAULT_RANGE_FORM, "10.0.0.0_32", "10.0.0.0/32"},
    {FAULT_RANGE_FORM, "10.0.0.0_33", NULL},
    {FAULT_RANGE_FORM, "10.0.0.0_", NULL},
    {FAULT_RANGE_FORM, "10.0.2-3.x", "10.0.2.0/23"},
    {FAULT_RANGE_FORM, "10.0.1-2.x", "10.0.1.0-10.0.2.255"},
    {FAULT_RANGE_FORM, "10.0.2-3.0-255", "10.0.2.0/23"},
    {FAULT_RANGE_FORM, "10.2-3.0.1", "each address for itself, as in 10.2.0.1 and 10.3.0.1"},
    {FAULT_RANGE_FORM, "10.254-255.x.1",
     "each address for itself, as in 10.254.0.1 and 10.254.1.1"},
    {FAULT_RANGE_FORM, "10.2-3.0.1-9",
     "each range for itself, as in 10.2.0.1-10.2.0.9 and 10.3.0.1-10.3.0.9"},
    {FAULT_RANGE_FORM, "10.2-3.0.x",
     "each range for itself, as in 10.2.0.0/24 and 10.3.0.0/24"},
    {FAULT_RANGE_FORM, "10-0-0-1", "10.0.0.1"},
    {FAULT_RANGE_FORM, "10_0_0_1", "10.0.0.1"},
    {FAULT_RANGE_FORM, "10.0.0.[1-9]", "10.0.0.1-10.0.0.9"},
    {FAULT_RANGE_FORM, "10.0.0.{1..9}", "10.0.0.1-10.0.0.9"},
    {FAULT_RANGE_FORM, "10.0.0.1~10.0.0.9", "10.0.0.1-10.0.0.9"},
    {FAULT_RANGE_FORM,
     "10.0.0.1\xe2\x80\x90"
     "9",
     "10.0.0.1-10.0.0.9"},
    {FAULT_RANGE_FORM,
     "10.0.0.1\xe2\x80\x95"
     "9",
     "10.0.0.1-10.0.0.9"},
    {FAULT_RANGE_FORM,
     "10.0.0.1\xe2\x88\x92"
     "9",
     "10.0.0.1-10.0.0.9"},
    {FAULT_RANGE_FORM, "1-2", NULL},
    {FAULT_RANGE_FORM, "10.0.0.1-", NULL},
    {FAULT_RANGE_FORM, "10.0.0.1-256", NULL},
    {FAULT_RANGE_FORM, "10.0.0.1-09", NULL},
    {FAULT_RANGE_FORM, "10.0.0.9-1x", NULL},
    {FAULT_RANGE_FORM, "10.0-1", NULL},
    {FAULT_RANGE_FORM, "10.0.0.0.x", NULL},
    {FAULT_RANGE_FORM, "99999999999999999999.x", NULL},
    {FAULT_RANGE_FORM, SIXTYFOUR "x", NULL},
    {FAULT_RANGE_REVERSED, "10.0.0.9-1", "10.0.0.1-10.0.0.9"},
    {FAULT_RANGE_REVERSED, "10.0.1.0-10.0.0.9", "10.0.0.9-10.0.1.0"},
    {FAULT_RANGE_REVERSED, "[::9]-[::1]", "[::1]-[::9]"},
    {FAULT_RANGE_IPV6, "2001:db8::1-f", "[2001:db8::1]-[2001:db8::f]:PORTS"},
    {FAULT_RANGE_IPV6, "2001:db8::1-g",
     "[FIRST]-[LAST]:PORTS, as in [2001:db8::1]-[2001:db8::f]:22"},
    {FAULT_RANGE_IPV6, "2001:db8::1-f:22",
     "[FIRST]-[LAST]:PORTS, as in [2001:db8::1]-[2001:db8::f]:22"},
};

/* Behind what is there. */
static void claim_described(const char *label, const char *text, size_t len,
                            const struct fault *fault, const struct place *place,
                            const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    char *copy = copy_exactly(text, len);
    buffer_add_text(&out, "netcheck: ");
    fault_describe(&out, copy, len, fault, place);
    free(copy);
    claim_true(label, "what was there", strncmp(buffer_text(&out), "netcheck: ", 10) == 0);
    claim_text(label, "description", buffer_text(&out) + 10, expected);
    buffer_release(&out);
}

static void test_fault_is_described_in_one_form(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        claim_described(rows[i].label, rows[i].text, strlen(rows[i].text), &rows[i].fault,
                        &rows[i].place, rows[i].described);
    claim_described("NUL, no place", "a\0b:0", 5, &(struct fault){FAULT_PORT, 4, 1}, NULL,
                    "invalid port '0' in 'a\\x00b:0'" PORT_WORDS);
}

static void test_fault_quad_is_shown_in_its_strict_form(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(quads); i++) {
        char expected[256];
        size_t len = strlen(quads[i].quad);
        (void)snprintf(expected, sizeof expected, "not a strict dotted quad '%.64s%s'%s",
                       quads[i].quad, len > 64 ? "..." : "", quads[i].remedy);
        claim_described(quads[i].quad, quads[i].quad, len, &(struct fault){FAULT_QUAD, 0, len},
                        NULL, expected);
    }
    claim_described("in a target", "!127.1:80", 9, &(struct fault){FAULT_QUAD, 1, 5}, NULL,
                    "not a strict dotted quad '127.1' in '!127.1:80': write 127.0.0.1");
}

static void test_fault_range_is_told_the_form_to_write(void **state)
{
    static const char generic[] =
        "a prefix or a range, as in 192.0.2.0/24 or 192.0.2.1-192.0.2.9; a name has letters";
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        char expected[300];
        const char *text = ranges[i].text;
        struct buffer quoted = BUFFER_EMPTY;
        escape_quoted(&quoted, text, strlen(text));
        (void)snprintf(expected, sizeof expected, "%s %s: write %s", fault_text(ranges[i].code),
                       buffer_text(&quoted),
                       ranges[i].remedy != NULL ? ranges[i].remedy : generic);
        claim_described(text, text, strlen(text),
                        &(struct fault){ranges[i].code, 0, strlen(text)}, NULL, expected);
        buffer_release(&quoted);
    }
}

static void test_fault_at_tells_place_and_code(void **state)
{
    struct fault fault;
    const struct slice piece = {"db:70000", 3, 8};
    claim_error("a piece", fault_at(&piece, FAULT_PORT, &fault), ERROR_INVALID);
    claim_fault("a piece", &fault, &(struct fault){FAULT_PORT, 3, 5});
}

static void claim_words(const char *what, int code, const char *words)
{
    if (words[0] == '\0' || words[strlen(words) - 1] == '.')
        fail_msg("%s %d: \"%s\" is empty or ends with a full stop", what, code, words);
}

static void test_fault_and_error_all_have_words(void **state)
{
    for (int code = FAULT_NONE; code < FAULT_COUNT; code++) {
        const char *remedy = fault_remedy((enum fault_code)code);
        assert_non_null(fault_text((enum fault_code)code));
        claim_words("fault", code, fault_text((enum fault_code)code));
        if (remedy != NULL)
            claim_words("remedy of fault", code, remedy);
    }
    for (int code = ERROR_NONE; code < ERROR_COUNT; code++) {
        assert_non_null(error_text((enum error)code));
        claim_words("error", code, error_text((enum error)code));
    }
}

#define ONLY "only TCP, UDP, ICMP and TLS are asked: "

/* Where the piece first stands in the text, and what to write. */
static const struct {
    enum fault_code code;
    const char *text;
    const char *piece;
    const char *remedy;
} remedies[] = {
    {FAULT_PROTOCOL, "sctp://db:1", "sctp", ONLY "write HOST:PORT"},
    {FAULT_PROTOCOL, "quic://db:443/x", "quic", ONLY "write udp://db:443"},
    {FAULT_PROTOCOL, "db:443/quic", "quic", ONLY "write 443/udp"},
    {FAULT_PROTOCOL, "db dtls 443", "dtls", ONLY "write udp://HOST:PORT"},
    {FAULT_PROTOCOL, "!ping://db:22/x", "ping", "write icmp://db"},
    {FAULT_PROTOCOL, "icmp6://[::1]", "icmp6", "write icmp://[::1]"},
    {FAULT_PROTOCOL, "icmp6://db", "icmp6", "write icmp://db and -6"},
    {FAULT_PROTOCOL, "udp4://db:53", "udp4", "write udp://db:53 and -4"},
    {FAULT_PROTOCOL, "x+icmp://db", "icmp", "write icmp://db"},
    {FAULT_PORT_USELESS, "icmp://db:22", "22", "write icmp://db"},
    {FAULT_PORT_USELESS, "!icmp://db 22", "22", "write !icmp://db"},
    {FAULT_PORT_USELESS, "a:1,icmp://[::1]:22", "22", "write icmp://[::1]"},
    {FAULT_PORT_USELESS, "db:22/icmp", "22", "write icmp://db"},
    {FAULT_PORT_USELESS, "db:icmp/22", "22", "write icmp://db"},
    {FAULT_PORT_USELESS, "icmp;db;22", "22", "write icmp://db"},
    {FAULT_PORT_USELESS, "22", "22", "write icmp://HOST without it"},
    {FAULT_HOST_LIST, "udp://a,b:53", "a,b", "write udp://a:53,udp://b:53"},
    {FAULT_HOST_LIST, "!a,b:22", "a,b", "write !a:22,!b:22"},
    {FAULT_HOST_LIST, "x !tls://a,b", "a,b",
     "write !tls://a:PORT,!tls://b:PORT, or each for itself with -p"},
    {FAULT_HOST_LIST, "icmp://a,b", "a,b", "write icmp://a,icmp://b"},
    {FAULT_HOST_LIST, "udp://a,53", "a,53", "write udp://a:53"},
    {FAULT_HOST_LIST, "x://a,b,80", "b,80", "write b:80"},
    {FAULT_PORT_MISSING, "db", "db", "write db:PORT, db PORT, -p PORT, or icmp://db"},
    {FAULT_PORT_MISSING, "icmp", "icmp", "write icmp://HOST"},
    {FAULT_PORT_MISSING, "UDP", "UDP", "write udp://HOST:PORT"},
    {FAULT_PORT_MISSING, "!db", "db", "write !db:PORT, !db PORT, -p PORT, or !icmp://db"},
    {FAULT_PORT_MISSING, "[1::]/120", "1::", "write [1::]/120:PORT or icmp://[1::]/120"},
    {FAULT_PORT_MISSING, "![::1]", "::1", "write ![::1]:PORT or !icmp://[::1]"},
    {FAULT_PORT_MISSING, "::1:80", "::1:80",
     "write [::1:80]:PORT or icmp://[::1:80], or [::1]:80"},
    {FAULT_PORT_MISSING, "udp://db/", "db", "write udp://db:PORT, udp://db PORT, or -p PORT"},
    {FAULT_PORT_MISSING, "tls://db", "db", "write tls://db:443, tls://db PORT, or -p PORT"},
    {FAULT_PORT_MISSING, "tls://[::1]", "::1", "write tls://[::1]:443"},
    {FAULT_HOST_PATH, "icmp://db/x", "x", "write icmp://db"},
    {FAULT_HOST_PATH, "!udp://db/x", "x", "write !udp://db:PORT"},
    {FAULT_HOST_PATH, "db/x", "x", "write NAME:PORT, or a URL, https://NAME/PATH"},
    {FAULT_HOST_MISSING, "icmp://", "", "write icmp://HOST"},
    {FAULT_HOST_MISSING, "udp://", "", "write udp://HOST:PORT"},
    {FAULT_USER, "udp://u@db:53", "u@", "write udp://db:53"},
    {FAULT_SCHEME_SLASHES, "udp:192.0.2.1:53", "udp:", "write udp://192.0.2.1:53"},
    {FAULT_SCHEME_SLASHES, "!stun:stun.example.com", "stun:", "write stun://stun.example.com"},
    {FAULT_SCHEME_SLASHES, "ping:192.0.2.1", "ping:", "write icmp://192.0.2.1"},
    {FAULT_PORT_SERVICE, "U:53", "U:53", "write 53/udp"},
    {FAULT_PORT_SERVICE, "T:21-25", "T:21-25", "write 21-25/tcp"},
    {FAULT_PORT_SERVICE, "22,udp", "udp", "write it beside a port, as in 53/udp"},
    {FAULT_PORT_SERVICE, "x", "x", "write the port as a number, 1-65535"},
    {FAULT_COLUMN_COMMA, "a,1,x", "x",
     "write HOST:PORT,PORT, or cut -d, -f1,2 FILE | netcheck -f -"},
    {FAULT_COLUMN_COMMA, "x,a,1,udp", "1",
     "keep three: host, port and protocol, as in 192.0.2.1,53,udp"},
    {FAULT_COLUMN_COMMA, "a,1,ping", "ping",
     "write HOST:PORT,PORT, or cut -d, -f1,2 FILE | netcheck -f -"},
};

static void test_fault_is_told_what_to_write(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(remedies); i++) {
        const char *text = remedies[i].text;
        const char *at =
            *remedies[i].piece != '\0' ? strstr(text, remedies[i].piece) : text + strlen(text);
        struct buffer out = BUFFER_EMPTY;
        const struct slice whole = {text, 0, strlen(text)};
        const struct slice piece = {text, (size_t)(at - text),
                                    (size_t)(at - text) + strlen(remedies[i].piece)};
        fault_add_remedy(&out, remedies[i].code, &piece, &whole);
        claim_text(text, "remedy", buffer_text(&out) + 2, remedies[i].remedy);
        buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fault_is_told_what_to_write),
        cmocka_unit_test(test_fault_is_described_in_one_form),
        cmocka_unit_test(test_fault_quad_is_shown_in_its_strict_form),
        cmocka_unit_test(test_fault_range_is_told_the_form_to_write),
        cmocka_unit_test(test_fault_at_tells_place_and_code),
        cmocka_unit_test(test_fault_and_error_all_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
