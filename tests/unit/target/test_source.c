#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../claim.h"
#include "netcheck/target/endpoint.h"
#include "netcheck/os/lines.h"
#include "netcheck/target/source.h"

enum {
    OPERANDS_MAX = 4,
    ROWS_MAX = 5,
    PATH_SIZE = 32,
};

static const struct target_rules no_rules = {.families = FAMILY_ANY};

/* A temporary file with these bytes; its path is filled in, to be removed by the caller. */
static void make_file(char path[static PATH_SIZE], const char *bytes, size_t len)
{
    (void)snprintf(path, PATH_SIZE, "/tmp/netcheck-source-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    assert_int_equal(close(fd), 0);
}

static size_t count_of(const char *const operands[static OPERANDS_MAX])
{
    size_t count = 0;
    while (count < OPERANDS_MAX && operands[count] != NULL)
        count++;
    return count;
}

static struct source *source_of_rules(const struct target_rules *rules)
{
    struct source *source = NULL;
    assert_int_equal(source_new(rules, &source), ERROR_NONE);
    assert_non_null(source);
    return source;
}

/* A source that reads a file of these bytes, which is called `path` and already removed. */
static struct source *source_of_bytes(const struct target_rules *rules,
                                      char path[static PATH_SIZE], const char *bytes,
                                      size_t len)
{
    struct source *source = source_of_rules(rules);
    make_file(path, bytes, len);
    assert_int_equal(source_add_file(source, path), ERROR_NONE);
    assert_int_equal(unlink(path), 0);
    return source;
}

/* A source of operands, which are right. */
static struct source *source_of_operands(const char *label,
                                         const char *const operands[static OPERANDS_MAX])
{
    struct source *source = source_of_rules(&no_rules);
    struct fault fault;
    size_t bad = 0;
    claim_error(label, source_add_operands(source, operands, count_of(operands), &fault, &bad),
                ERROR_NONE);
    return source;
}

/* All that comes, as "db:80 db:443", invalid lines in <>. */
static void drain(const char *label, struct source *source, struct buffer *out)
{
    struct target *target = NULL;
    enum error error;
    while ((error = source_next(source, &target)) == ERROR_NONE) {
        struct endpoints endpoints;
        struct endpoint endpoint;
        bool is_invalid = target->kind == TARGET_INVALID;
        endpoints_begin(&endpoints, target);
        while (endpoints_next(&endpoints, &endpoint)) {
            buffer_add_text(out, out->len > 0 ? " " : "");
            buffer_add_text(out, is_invalid ? "<" : "");
            endpoint_label(out, &endpoint);
            buffer_add_text(out, is_invalid ? ">" : "");
        }
    }
    claim_error(label, error, ERROR_END);
}

static void claim_drained(const char *label, struct source *source, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    drain(label, source, &out);
    claim_text(label, "rows", buffer_text(&out), expected);
    buffer_release(&out);
}

static struct target *next_target(struct source *source)
{
    struct target *target = NULL;
    assert_int_equal(source_next(source, &target), ERROR_NONE);
    assert_non_null(target);
    return target;
}

static const struct {
    const char *label;
    const char *operands[OPERANDS_MAX];
    const char *rows;
} good_operands[] = {
    {"none", {NULL}, ""},
    {"target", {"db:80"}, "db:80"},
    {"targets", {"db:80", "10.0.0.1:22", "[::1]:443"}, "db:80 10.0.0.1:22 [::1]:443"},
    {"HOST PORT", {"db", "80"}, "db:80"},
    {"HOST PORTS", {"db", "22,80-81,https"}, "db:22 db:80 db:81 db:443"},
    {"HOST PORT PORT", {"db", "22", "80,443"}, "db:22 db:80 db:443"},
    {"HOST and service", {"db", "https"}, "db:443"},
    {"HOST and service with a dash", {"db", "ms-wbt-server"}, "db:3389"},
    {"address and port", {"10.0.0.1", "22"}, "10.0.0.1:22"},
    {"bare IPv6 and port", {"::1", "80"}, "[::1]:80"},
    {"bare IPv6 that looks like one with a port", {"1::1:80", "443"}, "[1::1:80]:443"},
    {"[IPv6] and port", {"[::1]", "80"}, "[::1]:80"},
    {"scope and port", {"fe80::1%eth0", "80"}, "[fe80::1%eth0]:80"},
    {"prefix and port", {"10.0.0.2/31", "22"}, "10.0.0.2:22 10.0.0.3:22"},
    {"IPv6 prefix and port", {"1::2/127", "22"}, "[1::2]:22 [1::3]:22"},
    {"! and port", {"!db", "80"}, "db:80"},
    {"tcp:// and port", {"tcp://db", "80"}, "db:80"},
    {"URLs", {"https://db/x", "http://web/"}, "db:443 web:80"},
    {"list", {"10.0.0.1:80,10.0.0.2:81"}, "10.0.0.1:80 10.0.0.2:81"},
    {"list and more", {"db:80,web:81", "[::1]:22"}, "db:80 web:81 [::1]:22"},
    {"list of lists", {"db:80,81,[::1]:22,23"}, "db:80 db:81 [::1]:22 [::1]:23"},
    {"list with !", {"!db:80,!web:81"}, "db:80 web:81"},
    {"list of URLs", {"http://db:1/a,b:c,https://web/"}, "db:1 web:443"},
    {"URL behind a target", {"web:1,https://db/"}, "web:1 db:443"},
    {"hosts of a URL", {"mongodb://u:p,q@a:1,b:2/x"}, "a:1 b:2"},
    {"hosts of a URL, scheme's port", {"postgresql://a,b:1,[::1]/x"}, "a:5432 b:1 [::1]:5432"},
    {"hosts and ports of a URL", {"http://a:80,443,b"}, "a:80 a:443 b:80"},
    {"hosts of a URL, its service", {"redis://redis,b"}, "redis:6379 b:6379"},
    {"hosts of a URL with !", {"!http://a,b"}, "a:80 b:80"},
    {"hosts of a driver", {"jdbc:mysql://a:1,b:2/x?c=d"}, "a:1 b:2"},
    {"list of URLs of Kafka", {"PLAINTEXT://a:1,SASL_SSL://b:2"}, "a:1 b:2"},
    {"hosts of URLs", {"http://a,b/x,http://c,d"}, "a:80 b:80 c:80 d:80"},
    {"commas in a URL", {"https://u:a,b:c@db/x,y"}, "db:443"},
    {"URL in the path of a URL", {"https://db/w_100,h_200/https://web/x"}, "db:443"},
    {"URL in the query of a URL", {"http://db/?a=1,b=http://web/"}, "db:80"},
    {"list with protocols", {"db:80/tcp,web:443/TCP"}, "db:80 web:443"},
    {"list of prefixes",
     {"10.0.0.0/31:1,[::2]/127:2"},
     "10.0.0.0:1 10.0.0.1:1 [::2]:2 [::3]:2"},
    {"port/tcp", {"db", "443/tcp,80/TCP"}, "db:443 db:80"},
    {"tcp/port", {"db", "tcp/443"}, "db:443"},
    {"port and protocol", {"db", "443", "tcp", "80"}, "db:443 db:80"},
    {"protocol and port", {"db", "tcp", "443"}, "db:443"},
    {"commas at the ends of ports",
     {"db", "22,", "80-81,", "https"},
     "db:22 db:80 db:81 db:443"},
    {"commas at the ends of targets", {"db:80,", "web:81"}, "db:80 web:81"},
    {"comma behind the host", {"db,", "80"}, "db:80"},
    {"blanks beside commas", {"db:22, 80 ,web:81"}, "db:22 db:80 web:81"},
};

static const struct {
    const char *label;
    const char *operands[OPERANDS_MAX];
    size_t bad;
    struct fault fault;
} bad_operands[] = {
    {"missing port", {"db"}, 0, {FAULT_PORT_MISSING, 0, 2}},
    {"missing port of the first", {"db", "web:80"}, 0, {FAULT_PORT_MISSING, 0, 2}},
    {"missing port of the second", {"web:80", "db"}, 1, {FAULT_PORT_MISSING, 0, 2}},

    {"second is !", {"db", "!web"}, 0, {FAULT_PORT_MISSING, 0, 2}},
    {"second is an address", {"db", "10.0.0.1"}, 0, {FAULT_PORT_MISSING, 0, 2}},
    {"second is [IPv6]", {"db", "[::1]"}, 0, {FAULT_PORT_MISSING, 0, 2}},
    {"second is a URL", {"db", "https://web"}, 0, {FAULT_PORT_MISSING, 0, 2}},
    {"bare IPv6 without port", {"::1"}, 0, {FAULT_PORT_MISSING, 0, 3}},
    {"bare IPv6 with a port glued on", {"::1:80"}, 0, {FAULT_PORT_MISSING, 0, 6}},
    {"empty operand", {""}, 0, {FAULT_HOST_MISSING, 0, 0}},
    {"empty port operand", {"db", ""}, 1, {FAULT_PORT_EMPTY, 0, 0}},
    {"port 70000", {"db", "70000"}, 1, {FAULT_PORT, 0, 5}},
    {"port +80", {"db", "+80"}, 1, {FAULT_PORT, 0, 3}},
    {"port with a space", {"db", " 80"}, 1, {FAULT_PORT, 0, 3}},
    {"unknown service", {"db", "nosuch-service"}, 1, {FAULT_PORT_SERVICE, 0, 14}},
    {"third is bad", {"db", "22", "80,70000"}, 2, {FAULT_PORT, 3, 5}},
    {"port and port", {"db:80", "443"}, 1, {FAULT_HOST_NUMBER, 0, 3}},
    {"host:", {"db:"}, 0, {FAULT_PORT_EMPTY, 3, 0}},
    {"octal", {"010.0.0.1", "80"}, 0, {FAULT_QUAD, 0, 9}},
    {"prefix", {"10.0.0.0/33", "80"}, 0, {FAULT_PREFIX_IPV4, 9, 2}},
    {"not to be asked", {"0.0.0.0", "80"}, 0, {FAULT_UNSPECIFIED, 0, 7}},
    {"not to be asked, in a list", {"db:1", "a:1,[fe80::1]:2"}, 1, {FAULT_SCOPE_MISSING, 5, 7}},
    {"too many", {"[2001:db8::]/64:1"}, 0, {FAULT_PREFIX_LARGE, 13, 2}},
    {"later of a list", {"db:80,web:0"}, 0, {FAULT_PORT, 10, 1}},
    {"later of a list, host", {"db:80,a b:80"}, 0, {FAULT_HOST_BYTE, 7, 1}},
    {"list without the first port", {"db,web:80"}, 0, {FAULT_HOST_LIST, 0, 6}},
    {"target behind a URL", {"http://db/,web:443"}, 0, {FAULT_LIST_URL, 11, 7}},
    {"target behind a URL, !", {"!http://db/,!web:443"}, 0, {FAULT_LIST_URL, 12, 8}},
    {"target behind URLs", {"http://db/,http://db/,web:443"}, 0, {FAULT_LIST_URL, 22, 7}},
    {"port or host of a URL", {"http://a:1,https"}, 0, {FAULT_LIST_URL, 0, 16}},
    {"later host of a URL", {"http://a,b c"}, 0, {FAULT_HOST_BYTE, 10, 1}},
    {"hosts without a port", {"nosuch://a:1,b/x"}, 0, {FAULT_SCHEME, 0, 6}},
    {"user before a list", {"app:S3,cret@db:80"}, 0, {FAULT_USER, 0, 12}},
    {"URL behind a query", {"http://db/?a,http://web/"}, 0, {FAULT_LIST_URL, 13, 11}},
    {"comma and colon in a path of ports", {"db:80,443/a,b:1"}, 0, {FAULT_PORT_SERVICE, 6, 5}},
    {"comma and colon in a path", {"db:80/?a,b:1"}, 0, {FAULT_PORT_SERVICE, 3, 5}},
    {"comma and colon in a path, IPv6", {"[::1]:80/a,b:1"}, 0, {FAULT_PORT_SERVICE, 6, 4}},
    {"end of a list", {"db:80,"}, 0, {FAULT_PORT_EMPTY, 6, 0}},
    {"hosts with commas", {"127.0.0.1,127.0.0.2", "22"}, 0, {FAULT_HOST_LIST, 0, 19}},
    {"list without a port", {"db:80,::1"}, 0, {FAULT_PORT_MISSING, 6, 3}},
    {"list, ! in front only", {"!db:80,web:81"}, 0, {FAULT_LIST_MIXED, 7, 6}},
    {"list, ! behind only", {"db:80,!web:81"}, 0, {FAULT_LIST_MIXED, 6, 7}},
    {"port/sctp", {"db", "53/sctp"}, 1, {FAULT_PROTOCOL, 3, 4}},
    {"sctp/port", {"db", "sctp/53"}, 1, {FAULT_PROTOCOL, 0, 4}},
    {"port and sctp", {"db", "53", "sctp"}, 2, {FAULT_PROTOCOL, 0, 4}},
    {"sctp and port", {"db", "sctp", "53"}, 1, {FAULT_PROTOCOL, 0, 4}},
    {"another protocol than the host's",
     {"udp://db", "53/tcp"},
     1,
     {FAULT_PORT_PROTOCOL, 3, 3}},
    {"port behind icmp", {"icmp://db", "22"}, 1, {FAULT_PORT_USELESS, 0, 2}},
    {"word behind icmp", {"icmp://db", "web"}, 1, {FAULT_PORT_MISSING, 0, 3}},
    {"protocol alone", {"db", "tcp"}, 1, {FAULT_PORT_SERVICE, 0, 3}},
    {"comma behind the last port", {"db", "22,", "80,"}, 2, {FAULT_PORT_EMPTY, 3, 0}},
    {"later target", {"db:80", "web:443", "a b:80"}, 2, {FAULT_HOST_BYTE, 1, 1}},
};

/* As a layer above may: only port 22, and the scheme of SSH, can be asked. */
static enum fault_code judge_22(const struct endpoint *endpoint, const void *context)
{
    uint16_t service = endpoint->target->service;
    return (service != 0 ? service : endpoint->port) == *(const uint16_t *)context
               ? FAULT_NONE
               : FAULT_READY_UNKNOWN;
}

static const struct {
    const char *operands[5]; /* or one line of a file, with its end */
    size_t bad;
    struct fault fault; /* FAULT_NONE: all are good */
} judged[] = {
    {{"ssh://a:9", "b:22", "c:ssh", "[::1]:22"}, 0, {FAULT_NONE, 0, 0}},
    {{"db:22,80,443"}, 0, {FAULT_READY_UNKNOWN, 6, 2}},
    {{"db:22", "!db:20-30"}, 1, {FAULT_READY_UNKNOWN, 4, 5}},
    {{"[::1]:80"}, 0, {FAULT_READY_UNKNOWN, 6, 2}},
    {{"a:22,b:80/tcp"}, 0, {FAULT_READY_UNKNOWN, 7, 6}},
    {{"!http://u:p@db:22"}, 0, {FAULT_READY_UNKNOWN, 1, 4}},
    {{"http://a,b/x"}, 0, {FAULT_READY_UNKNOWN, 0, 4}},
    {{"foo://db:80/x"}, 0, {FAULT_READY_UNKNOWN, 9, 2}},
    {{"udp://db:80"}, 0, {FAULT_READY_UNKNOWN, 9, 2}},
    {{"icmp://db"}, 0, {FAULT_READY_UNKNOWN, 7, 2}},
    {{"db", "22", "tcp"}, 0, {FAULT_NONE, 0, 0}},
    {{"db", "22", "22,80"}, 2, {FAULT_READY_UNKNOWN, 3, 2}},
    {{"db", "80", "tcp"}, 1, {FAULT_READY_UNKNOWN, 0, 2}},
    {{"!db", "tcp", "80"}, 2, {FAULT_READY_UNKNOWN, 0, 2}},
    {{" db:22,80 # x\n"}, 0, {FAULT_READY_UNKNOWN, 7, 2}},
    {{"db;22\n"}, 0, {FAULT_NONE, 0, 0}},
    {{"db ; 22,80 ; tcp\n"}, 0, {FAULT_READY_UNKNOWN, 8, 2}},
    {{"db 80\n"}, 0, {FAULT_READY_UNKNOWN, 3, 2}},
};

static void test_source_port_that_cannot_be_asked_is_named_with_its_place(void **state)
{
    static const uint16_t port = 22;
    const struct target_rules rules = {
        .families = FAMILY_ANY, .judge = judge_22, .context = &port};
    for (size_t i = 0; i < ARRAY_LEN(judged); i++) {
        const char *label = judged[i].operands[0];
        bool is_line = strchr(label, '\n') != NULL;
        struct fault fault = {FAULT_NONE, 0, 0};
        size_t bad = 0;
        size_t count = 0;
        while (judged[i].operands[count] != NULL)
            count++;
        char path[PATH_SIZE];
        struct source *source = is_line ? source_of_bytes(&rules, path, label, strlen(label))
                                        : source_of_rules(&rules);
        if (is_line) {
            struct target *target = NULL;
            claim_error(label, source_next(source, &target), ERROR_NONE);
            fault = target->fault;
            target_drop(target);
        } else {
            enum error error =
                source_add_operands(source, judged[i].operands, count, &fault, &bad);
            bool is_good = judged[i].fault.code == FAULT_NONE;
            claim_error(label, error, is_good ? ERROR_NONE : ERROR_INVALID);
            bad = is_good ? 0 : bad;
            fault = is_good ? judged[i].fault : fault;
        }
        claim_fault(label, &fault, &judged[i].fault);
        claim_number(label, "bad", bad, judged[i].bad);
        source_free(source);
    }
}

/* The port of -p has no place in the target: the host has. */
static void test_source_port_of_option_that_cannot_be_asked_is_the_hosts(void **state)
{
    static const uint16_t port = 22;
    static const struct fault expected = {FAULT_READY_UNKNOWN, 1, 2};
    const char *const operands[] = {"!db"};
    struct ports ports;
    struct fault fault;
    size_t bad = 0;
    ports_init(&ports);
    assert_int_equal(ports_parse(&ports, "22,80", 5, &fault), ERROR_NONE);
    const struct target_rules rules = {
        .ports = &ports, .families = FAMILY_ANY, .judge = judge_22, .context = &port};
    struct source *source = source_of_rules(&rules);
    claim_error("-p", source_add_operands(source, operands, 1, &fault, &bad), ERROR_INVALID);
    claim_fault("-p", &fault, &expected);
    source_free(source);
    ports_release(&ports);
}

static void test_source_operands_become_targets(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(good_operands); i++) {
        struct source *source =
            source_of_operands(good_operands[i].label, good_operands[i].operands);
        claim_drained(good_operands[i].label, source, good_operands[i].rows);
        source_free(source);
    }
}

static void test_source_bad_operand_is_named_with_its_place(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(bad_operands); i++) {
        struct source *source = source_of_rules(&no_rules);
        struct fault fault = {FAULT_NONE, 99, 99};
        size_t bad = 99;
        size_t count = count_of(bad_operands[i].operands);
        claim_error(bad_operands[i].label,
                    source_add_operands(source, bad_operands[i].operands, count, &fault, &bad),
                    error_beside(bad_operands[i].fault.code));
        claim_number(bad_operands[i].label, "bad", bad, bad_operands[i].bad);
        claim_fault(bad_operands[i].label, &fault, &bad_operands[i].fault);
        source_free(source);
    }
}

static void test_source_operand_keeps_its_exclamation_mark(void **state)
{
    struct source *source =
        source_of_operands("!", (const char *const[OPERANDS_MAX]){"!db", "80"});
    struct target *target = next_target(source);
    assert_true(target->expects_down);
    target_drop(target);
    source_free(source);
}

/* With -p every operand is a host, however much it looks like a port. */
static void test_source_rules_hold_for_operands(void **state)
{
    static const struct {
        const char *label;
        const char *operands[OPERANDS_MAX];
        bool has_ports; /* -p 22,80 */
        unsigned families;
        bool is_numeric;
        size_t bad;
        struct fault fault;
    } rows[] = {
        {"-p, hosts", {"db", "web"}, true, FAMILY_ANY, false, 0, {FAULT_NONE, 0, 0}},
        {"-p and a port", {"db:80"}, true, FAMILY_ANY, false, 0, {FAULT_PORT_BOTH, 0, 2}},
        {"-p, number", {"db", "80"}, true, FAMILY_ANY, false, 1, {FAULT_HOST_NUMBER, 0, 2}},
        {"-n", {"db", "80"}, false, FAMILY_ANY, true, 0, {FAULT_NOT_NUMERIC, 0, 2}},
        {"-4", {"::1", "80"}, false, FAMILY_IPV4, false, 0, {FAULT_FAMILY_IPV4, 0, 3}},
        {"-6",
         {"[::1]:80", "10.0.0.1:80"},
         false,
         FAMILY_IPV6,
         false,
         1,
         {FAULT_FAMILY_IPV6, 0, 8}},
    };
    struct ports ports;
    ports_init(&ports);
    assert_int_equal(ports_add(&ports, 22, 22), ERROR_NONE);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct target_rules rules = {.ports = rows[i].has_ports ? &ports : NULL,
                                           .families = rows[i].families,
                                           .is_numeric = rows[i].is_numeric};
        struct source *source = source_of_rules(&rules);
        struct fault fault = {FAULT_NONE, 0, 0};
        size_t bad = 0;
        size_t count = count_of(rows[i].operands);
        claim_error(rows[i].label,
                    source_add_operands(source, rows[i].operands, count, &fault, &bad),
                    error_beside(rows[i].fault.code));
        if (rows[i].fault.code != FAULT_NONE) {
            claim_number(rows[i].label, "bad", bad, rows[i].bad);
            claim_fault(rows[i].label, &fault, &rows[i].fault);
        } else
            claim_drained(rows[i].label, source, "db:22 web:22");
        source_free(source);
    }
    ports_release(&ports);
}

static const struct {
    const char *label;
    const char *content;
    const char *rows; /* invalid lines in <> */
} contents[] = {
    {"empty", "", ""},
    {"target", "db:80\n", "db:80"},
    {"last line without its end", "db:80\nweb:80", "db:80 web:80"},
    {"CRLF", "db:80\r\nweb 80\r\n", "db:80 web:80"},
    {"byte-order mark",
     "\xef\xbb\xbf"
     "db:80\n",
     "db:80"},
    {"HOST PORTS", "db 22,80\n", "db:22 db:80"},
    {"HOST PORTS in words", "db 22 80\n", "db:22 db:80"},
    {"tabs", "db\t22\n", "db:22"},
    {"white space around", " \t db:80 \t \n", "db:80"},
    {"white space between", "  db  \t 80  \n", "db:80"},
    {"bare IPv6 and port", "::1 80\n", "[::1]:80"},
    {"prefix", "10.0.0.0/31:80\n", "10.0.0.0:80 10.0.0.1:80"},
    {"URL", "https://db/x#y\n", "db:443"},
    {"blank lines", "\n\ndb:80\n \n\t\n", "db:80"},
    {"blank line with CR", "\r\ndb:80\r\n", "db:80"},
    {"comment", "# all of them\ndb:80\n", "db:80"},
    {"comment behind white space", "   # all of them\n", ""},
    {"comment behind a byte-order mark", "\xef\xbb\xbf# all\ndb:80\n", "db:80"},
    {"comment behind a target", "db:80 # main\n", "db:80"},
    {"comment behind a tab", "db:80\t#main\n", "db:80"},
    {"comment behind ports", "db 80 # main # second\n", "db:80"},
    {"no comment inside a word", "db:80#main\n", "<db:80#main>"},
    {"list", "db:80,web:81 # both\nmail:25\n", "db:80 web:81 mail:25"},
    {"list and a bad one", "db:80,web:0,mail:25\n", "db:80 <web:0> mail:25"},
    {"list of bad ones", " a:0,b:0", "<a:0> <b:0>"},
    {"list and ports", "a:1,b:2 80\n", "<a:1,b:2 80>"},
    {"hosts of a URL", "mongodb://a:1,b:0,c:3/x\nd:4", "a:1 <mongodb://a:1,b:0,c:3/x> c:3 d:4"},
    {"hosts of a URL in a list", "x:1,http://u:p@a,b,http://c", "x:1 a:80 b:80 c:80"},
    {"password with a comma", "app:S3,cret@db:80", "<***@db:80>"},
    {"list at the end", "db:80,web:81", "db:80 web:81"},
    {"list with blanks", "a:1, b:2 ,c:3 , d:4,5, 6\n", "a:1 b:2 c:3 d:4 d:5 d:6"},
    {"list with blanks and bad ones", "a:0, b:0 ,c:3", "<a:0> <b:0> c:3"},
    {"list of URLs with blanks", "https://a/x, http://b/", "a:443 b:80"},
    {"list with a comma at its end", "a:1,b:2,\n", "a:1 b:2"},
    {"comma", "db,80\nweb, 81\n", "db:80 web:81"},
    {"semicolon", "db;80\nweb ; 81\n", "db:80 web:81"},
    {"tab", "db\t80\nweb\t \t81\n", "db:80 web:81"},
    {"ports behind a semicolon", "db;22,80-81, https", "db:22 db:80 db:81 db:443"},
    {"ports behind a tab", "db\t22, 80 443", "db:22 db:80 db:443"},
    {"ports behind blanks", "db 22, 80 443", "db:22 db:80 db:443"},
    {"ports in a quoted cell", "\"db\",\"22,80\"", "db:22 db:80"},
    {"quoted cells", "\"db\",\"80\"\n'web';'81'\n\"a\"\t\"1\"\n\"b\" \"2\"\n",
     "db:80 web:81 a:1 b:2"},
    {"quoted cells with blanks", "\" db \", \" 80 \"", "db:80"},
    {"quoted line", "\"a:1,b:2\"\n'db 80'\n\"db,81\"\n", "a:1 b:2 db:80 db:81"},
    {"comma at the end of a cell", "db;80,\nweb\t81,\nx 82,\n", "db:80 web:81 <x 82,>"},
    {"quoted list and nothing", "\"a:1\",\n", "a:1"},
    {"empty cells at the end", "db;80;\nweb,81,,\na:1;\n\"b\",\"2\",\"\"",
     "db:80 web:81 a:1 b:2"},
    {"hosts of each kind",
     "!db,1\n10.0.0.0/31;2\n[::1],3\n::1;4\ntcp://db,5\nfe80::1%eth0\t6\n",
     "db:1 10.0.0.0:2 10.0.0.1:2 [::1]:3 [::1]:4 db:5 [fe80::1%eth0]:6"},
    {"protocols", "db tcp/1\ndb 2 tcp\ndb tcp 3\ndb,4/tcp\n", "db:1 db:2 db:3 db:4"},
    {"YAML", "- db:1\n  - \"db:2\" # main\n-\t'db:3'\n- db 4\n", "db:1 db:2 db:3 db:4"},
    {"semicolon and comma in a URL", "https://db/a;b,c\n", "db:443"},
    {"header", "host,port\ndb,80\n", "db:80"},
    {"header behind comments", "# x\n\n \"Host\" ; \"TCP Ports\" ;\ndb;80\n", "db:80"},
    {"header of words", "Host  Port\ndb 80\n", "db:80"},
    {"header without a port", "IP Address\tNumber\ndb\t80\n", "db:80"},
    {"header that is no first line", "db,80\nhost,port\n", "db:80 <host,port>"},
    {"header twice", "host,port\nhost,port\n", "<host,port>"},
    {"a service is no header", "localhost,http\n", "localhost:80"},
    {"a wrong service is no header", "db postgress\n", "<db postgress>"},
    {"an address is no header", "10.0.0.1,port\n", "<10.0.0.1,port>"},
    {"three cells are no header", "host,port,x\n", "<host,port,x>"},
    {"prose is no header", "Host web\n", "<Host web>"},
    {"a host with a wrong service is no header", "mail-server,htps\n", "<mail-server,htps>"},
    {"invalid line between", "db:80\na b\nweb:80\n", "db:80 <a b> web:80"},
    {"invalid line without its comment", "-db:80 # main\n", "<-db:80>"},
    {"invalid line keeps its white space", "  -db:80\n", "<  -db:80>"},
};

static void test_source_lines_become_targets(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
        char path[PATH_SIZE];
        struct source *source =
            source_of_bytes(&no_rules, path, contents[i].content, strlen(contents[i].content));
        claim_drained(contents[i].label, source, contents[i].rows);
        source_free(source);
    }
}

static void test_source_target_against_the_rules_is_no_header(void **state)
{
    static const struct target_rules numeric = {.families = FAMILY_ANY, .is_numeric = true};
    static const char content[] = "node,http\n10.0.0.1,80\n";
    char path[PATH_SIZE];
    struct source *source = source_of_bytes(&numeric, path, content, strlen(content));
    claim_drained("-n", source, "<node,http> 10.0.0.1:80");
    source_free(source);
}

static const struct {
    const char *line;
    struct fault fault;
} bad_lines[] = {
    {"db", {FAULT_PORT_MISSING, 0, 2}},
    {"  db  ", {FAULT_PORT_MISSING, 2, 2}},
    {"!db", {FAULT_PORT_MISSING, 1, 2}},
    {"::1", {FAULT_PORT_MISSING, 0, 3}},
    {"::1:80", {FAULT_PORT_MISSING, 0, 6}},
    {"db:70000", {FAULT_PORT, 3, 5}},
    {"  db:70000", {FAULT_PORT, 5, 5}},
    {"db 70000", {FAULT_PORT, 3, 5}},
    {"\tdb  22,70000", {FAULT_PORT, 8, 5}},
    {"db 22 0", {FAULT_PORT, 6, 1}},
    {"db 80-22", {FAULT_PORT_REVERSED, 3, 5}},
    {"db 22,,80", {FAULT_PORT_EMPTY, 6, 0}},
    {"db nosuch-service", {FAULT_PORT_SERVICE, 3, 14}},
    {"db:80 443", {FAULT_PORT_TWICE, 6, 3}},
    {"db:80 web:80", {FAULT_COLUMN_REST, 6, 6}},
    {"db:80;main db", {FAULT_COLUMN_REST, 6, 7}},
    {"db:80;443", {FAULT_PORT_TWICE, 6, 3}},
    {"\"db:80\",\"443\"", {FAULT_PORT_TWICE, 9, 3}},
    {"db,22,80", {FAULT_COLUMN_COMMA, 6, 2}},
    {"db,22,,x", {FAULT_COLUMN_COMMA, 7, 1}},
    {"db,,22", {FAULT_COLUMN_COMMA, 4, 2}},
    {"db;80;yes", {FAULT_COLUMN_SEMICOLON, 6, 3}},
    {"\"db\";\"80\";\"a;b\"", {FAULT_COLUMN_SEMICOLON, 10, 5}},
    {"db\t80\t443", {FAULT_COLUMN_TAB, 6, 3}},
    {"db \t 80 \t\t x y", {FAULT_COLUMN_TAB, 11, 3}},
    {"db 8443 https", {FAULT_COLUMN_WORD, 8, 5}},
    {"db 22\thttps", {FAULT_COLUMN_WORD, 6, 5}},
    {"db,", {FAULT_PORT_MISSING, 0, 2}},
    {"\"db\",\"\"", {FAULT_PORT_MISSING, 1, 2}},
    {",80", {FAULT_HOST_MISSING, 0, 0}},
    {"\"\"", {FAULT_HOST_MISSING, 1, 0}},
    {"\"db\"\"x\",80", {FAULT_QUOTE, 0, 7}},
    {"db,\"80\"\"\"", {FAULT_QUOTE, 3, 6}},
    {"\"db\":80", {FAULT_QUOTE, 0, 7}},
    {"\"db,80", {FAULT_HOST_BYTE, 0, 1}},
    {"a b,80", {FAULT_PORT_SERVICE, 2, 1}},
    {"db,web:80", {FAULT_PORT_SERVICE, 3, 6}},
    {"db, 70000", {FAULT_PORT, 4, 5}},
    {"db 22;80", {FAULT_PORT, 3, 5}},
    {"db,22;80", {FAULT_PORT, 3, 5}},
    {"db 53 sctp", {FAULT_PROTOCOL, 6, 4}},
    {"db udp/0", {FAULT_PORT, 7, 1}},
    {"sctp,db,53", {FAULT_PROTOCOL, 0, 4}},
    {"db,53,dccp", {FAULT_PROTOCOL, 6, 4}},
    {"udp,db,53,x", {FAULT_COLUMN_COMMA, 10, 1}},
    {"db,53,udp,x", {FAULT_COLUMN_COMMA, 10, 1}},
    {"udp,tcp://db,53", {FAULT_PORT_PROTOCOL, 0, 3}},
    {"udp,a:1/tcp,b:2", {FAULT_PORT_PROTOCOL, 0, 1}},
    {"udp://db,53,tcp", {FAULT_PORT_PROTOCOL, 12, 3}},
    {"udp://db,53 tcp", {FAULT_PORT_PROTOCOL, 12, 3}},
    {"icmp;db;22", {FAULT_PORT_USELESS, 8, 2}},
    {"db:22 icmp", {FAULT_PORT_USELESS, 6, 4}},
    {"udp 53", {FAULT_HOST_NUMBER, 4, 2}},
    {"- db:0", {FAULT_PORT, 5, 1}},
    {"- - db:80", {FAULT_HOST_DASH, 2, 1}},
    {"-", {FAULT_HOST_DASH, 0, 1}},
    {"https://db/a, 80", {FAULT_PORT_TWICE, 14, 2}},
    {"https://db/a, b", {FAULT_COLUMN_REST, 14, 1}},
    {"db:80/a, b:1", {FAULT_PORT_SERVICE, 3, 4}},
    {"https://db 80", {FAULT_PORT_TWICE, 11, 2}},
    {":80", {FAULT_HOST_MISSING, 0, 0}},
    {"! db:80", {FAULT_HOST_MISSING, 1, 0}},
    {"-f hosts.txt", {FAULT_HOST_DASH, 0, 2}},
    {" d\x1b[31mb:80", {FAULT_HOST_BYTE, 2, 1}},
    {"db:80\r ", {FAULT_PORT, 3, 3}},
    {"[::1", {FAULT_BRACKET, 0, 4}},
    {" 010.0.0.1 80", {FAULT_QUAD, 1, 9}},
    {"10.0.0.0/33 80", {FAULT_PREFIX_IPV4, 9, 2}},
    {" 0.0.0.0-9 80", {FAULT_RANGE_UNSPECIFIED, 1, 9}},
    {"  [fe80::]/120:80", {FAULT_PREFIX_LINK_LOCAL, 3, 6}},
    {"sctp://db:53", {FAULT_PROTOCOL, 0, 4}},
    {"  db:0,web:80", {FAULT_PORT, 3, 1}},
    {"db:80,web:81 22", {FAULT_PORT_TWICE, 13, 2}},
    {"db:0 , web:1", {FAULT_PORT, 3, 1}},
};

static void test_source_bad_line_names_file_line_and_column(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(bad_lines); i++) {
        char path[PATH_SIZE];
        struct buffer content = BUFFER_EMPTY;
        buffer_add_format(&content, "# first\n\n%s\n", bad_lines[i].line);
        struct source *source = source_of_bytes(&no_rules, path, content.bytes, content.len);
        struct target *target = next_target(source);
        claim_number(bad_lines[i].line, "kind", target->kind, TARGET_INVALID);
        claim_fault(bad_lines[i].line, &target->fault, &bad_lines[i].fault);
        claim_number(bad_lines[i].line, "line", target->place.line, 3);
        claim_text(bad_lines[i].line, "source", target->place.source, path);
        target_drop(target);
        source_free(source);
        buffer_release(&content);
    }
}

static void test_source_rules_hold_for_lines(void **state)
{
    static const char content[] = " db\nweb:80\n10.0.0.1\n::1\n10.0.0.1 80\n10.0.0.1;main\n";
    static const struct fault faults[] = {
        {FAULT_NOT_NUMERIC, 1, 2}, {FAULT_PORT_BOTH, 0, 3}, {FAULT_NONE, 0, 0},
        {FAULT_FAMILY_IPV4, 0, 3}, {FAULT_PORT_BOTH, 9, 2}, {FAULT_COLUMN_REST, 9, 4},
    };
    struct ports ports;
    char path[PATH_SIZE];
    ports_init(&ports);
    assert_int_equal(ports_add(&ports, 22, 22), ERROR_NONE);
    const struct target_rules rules = {
        .ports = &ports, .families = FAMILY_IPV4, .is_numeric = true};
    struct source *source = source_of_bytes(&rules, path, content, sizeof content - 1);
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        struct target *target = next_target(source);
        claim_number(target->host, "is invalid", target->kind == TARGET_INVALID,
                     faults[i].code != FAULT_NONE);
        if (faults[i].code != FAULT_NONE)
            claim_fault(target->host, &target->fault, &faults[i]);
        else
            claim_number(target->host, "port", ports_at(&target->ports, 0), 22);
        target_drop(target);
    }
    source_free(source);
    ports_release(&ports);
}

static void test_source_line_of_wrong_bytes_or_length_is_invalid(void **state)
{
    enum { LEN = LINE_MAX_LEN + 10 };
    static char too_long[LEN];
    memset(too_long, 'a', LEN);
    const struct {
        const char *label;
        const char *line;
        size_t len;
        struct fault fault;
    } rows[] = {{"NUL", "d\0b:80", 6, {FAULT_HOST_BYTE, 1, 1}},
                {"too long", too_long, LEN, {FAULT_LINE_LENGTH, 0, LINE_MAX_LEN}}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char path[PATH_SIZE];
        struct buffer content = BUFFER_EMPTY;
        buffer_add(&content, rows[i].line, rows[i].len);
        buffer_add_text(&content, "\nweb:80\n");
        struct source *source = source_of_bytes(&no_rules, path, content.bytes, content.len);
        struct target *target = next_target(source);
        claim_number(rows[i].label, "kind", target->kind, TARGET_INVALID);
        claim_fault(rows[i].label, &target->fault, &rows[i].fault);
        claim_number(rows[i].label, "line", target->place.line, 1);
        claim_bytes(rows[i].label, "line", target->host, target->host_len, rows[i].line,
                    rows[i].len < LINE_MAX_LEN ? rows[i].len : LINE_MAX_LEN);
        target_drop(target);
        claim_drained(rows[i].label, source, "web:80");
        source_free(source);
        buffer_release(&content);
    }
}

static void test_source_operands_come_before_files_in_order(void **state)
{
    static const char *const contents_of_files[] = {"three:3\nfour:4", "",
                                                    "\xef\xbb\xbf\n-\nfive:5\n"};
    static const char *const rows[] = {"one", "two", "three", "four", "-", "five"};
    char paths[ARRAY_LEN(contents_of_files)][PATH_SIZE];
    struct target *target = NULL;
    struct source *source = source_of_rules(&no_rules);
    struct fault fault;
    size_t bad;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        make_file(paths[i], contents_of_files[i], strlen(contents_of_files[i]));
        assert_int_equal(source_add_file(source, paths[i]), ERROR_NONE);
    }
    assert_int_equal(
        source_add_operands(source, (const char *const[]){"one:1", "two:2"}, 2, &fault, &bad),
        ERROR_NONE);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        target = next_target(source);
        claim_text("all", "host", target->host, rows[i]);
        claim_number(rows[i], "is invalid", target->kind == TARGET_INVALID, i == 4);
        claim_text(rows[i], "source", target->place.source,
                   i < 2   ? NULL
                   : i < 4 ? paths[0]
                           : paths[2]);
        if (i == 4) /* each file counts its own lines */
            claim_number(rows[i], "line", target->place.line, 2);
        target_drop(target);
    }
    assert_int_equal(source_next(source, &target), ERROR_END);
    source_free(source);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        (void)unlink(paths[i]);
}

static void test_source_total_sums_the_rows_of_all_operands(void **state)
{
    static const struct {
        const char *label;
        const char *operands[OPERANDS_MAX];
        uint64_t total;
    } rows[] = {
        {"none", {NULL}, 0},
        {"one", {"db:80"}, 1},
        {"HOST PORTS", {"db", "22,8000-8009"}, 11},
        {"targets", {"db:22,80", "10.0.0.0/24:22,80", "[::1]:80"}, 515},
        {"one that fits", {"[1::]/80:1-65535"}, (UINT64_C(1) << 48) * 65535},
        {"two that do not", {"[1::]/80:1-65535", "[2::]/80:1-65535"}, UINT64_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct source *source = source_of_operands(rows[i].label, rows[i].operands);
        claim_number(rows[i].label, "total", source_total(source), rows[i].total);
        source_free(source);
    }
}

static void test_source_names_the_file_that_is_read_and_closes_it(void **state)
{
    struct source *source = source_of_rules(&no_rules);
    assert_int_equal(source_descriptor(source), -1);
    assert_null(source_path(source));
    source_set_ready(source); /* nothing to be ready: harmless */
    source_free(source);

    char path[PATH_SIZE];
    struct target *target = NULL;
    source = source_of_bytes(&no_rules, path, "db:80\n", 6);
    assert_true(source_total(source) == UINT64_MAX); /* unknown */
    int fd = source_descriptor(source);
    assert_true(fd > 2);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_string_equal(source_path(source), path);
    target_drop(next_target(source));
    assert_string_equal(source_path(source), path);
    for (int i = 0; i < 3; i++)
        assert_int_equal(source_next(source, &target), ERROR_END);
    assert_int_equal(source_descriptor(source), -1);
    assert_null(source_path(source));
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    source_free(source);
}

static void test_source_free_closes_what_was_not_read(void **state)
{
    char path[PATH_SIZE];
    struct source *source = source_of_bytes(&no_rules, path, "db:80\nweb:80\n", 13);
    int fd = source_descriptor(source);
    target_drop(next_target(source));
    source_free(source);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void test_source_free_drops_what_was_not_pulled(void **state)
{
    struct source *source = source_of_operands(
        "three", (const char *const[OPERANDS_MAX]){"one:1", "two:2", "three:3"});
    struct target *target = next_target(source);
    source_free(source); /* the sanitizer sees a leak, or a double free below */
    source_free(NULL);   /* is allowed */
    assert_string_equal(target->host, "one");
    target_drop(target);
}

static void test_source_unreadable_file_is_a_system_error(void **state)
{
    static const struct {
        const char *label;
        const char *path;
        int error;
    } rows[] = {
        {"missing", "/nonexistent/netcheck/hosts", ENOENT},
        {"empty path", "", ENOENT},
        {"folder", "/tmp", EISDIR},
        {"below a file", "/dev/null/hosts", ENOTDIR},
    };
    struct source *source = source_of_rules(&no_rules);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        errno = 0;
        claim_error(rows[i].label, source_add_file(source, rows[i].path), ERROR_SYSTEM);
        claim_number(rows[i].label, "errno", (uint64_t)errno, (uint64_t)rows[i].error);
    }
    assert_int_equal(source_descriptor(source), -1);
    source_free(source);
}

/* Standard input is `fd` until restore_input(). Returns what it was. */
static int replace_input(int fd)
{
    int saved = dup(0);
    assert_int_equal(dup2(fd, 0), 0);
    return saved;
}

static void restore_input(int saved)
{
    if (saved < 0) {
        (void)close(0); /* it was closed before */
        return;
    }
    assert_int_equal(dup2(saved, 0), 0);
    assert_int_equal(close(saved), 0);
}

static void test_source_dash_is_standard_input_and_stays_open(void **state)
{
    int ends[2];
    struct target *target = NULL;
    struct source *source = source_of_rules(&no_rules);
    assert_int_equal(pipe(ends), 0);
    int saved = replace_input(ends[0]);
    enum error added = source_add_file(source, "-");
    int fd = source_descriptor(source);
    const char *path = source_path(source);
    assert_int_equal(close(ends[1]), 0);
    source_set_ready(source);
    enum error end = source_next(source, &target);
    source_free(source);
    int flags = fcntl(0, F_GETFD);
    restore_input(saved);
    assert_int_equal(added, ERROR_NONE);
    assert_int_equal(fd, 0);
    assert_string_equal(path, "-");
    assert_int_equal(end, ERROR_END);
    assert_true(flags >= 0);
    assert_int_equal(close(ends[0]), 0);
}

static void test_source_pipe_is_read_when_it_is_ready(void **state)
{
    enum { STEPS = 5 };
    static const enum error expected[STEPS] = {ERROR_AGAIN, ERROR_NONE, ERROR_AGAIN, ERROR_NONE,
                                               ERROR_END};
    enum error results[STEPS];
    struct target *targets[2] = {NULL, NULL};
    int ends[2];
    struct source *source = source_of_rules(&no_rules);
    assert_int_equal(pipe(ends), 0);
    int saved = replace_input(ends[0]);
    assert_int_equal(source_add_file(source, "-"), ERROR_NONE);
    assert_int_equal(write(ends[1], "db:80\n#", 7), 7);
    results[0] = source_next(source, &targets[0]); /* not asked whether it is ready */
    source_set_ready(source);
    results[1] = source_next(source, &targets[0]);
    results[2] = source_next(source, &targets[1]);
    assert_int_equal(write(ends[1], " end\nweb:80\n", 12), 12);
    assert_int_equal(close(ends[1]), 0);
    source_set_ready(source);
    results[3] = source_next(source, &targets[1]);
    source_set_ready(source);
    results[4] = source_next(source, &targets[1]);
    restore_input(saved);
    assert_memory_equal(results, expected, sizeof expected);
    assert_string_equal(targets[0]->host, "db");
    assert_string_equal(targets[1]->host, "web");
    target_drop(targets[0]);
    target_drop(targets[1]);
    source_free(source);
    assert_int_equal(close(ends[0]), 0);
}

/* The writing end of a pipe cannot be read. */
static void test_source_failed_read_names_the_file(void **state)
{
    int ends[2];
    struct target *target = NULL;
    struct source *source = source_of_rules(&no_rules);
    assert_int_equal(pipe(ends), 0);
    int saved = replace_input(ends[1]);
    assert_int_equal(source_add_file(source, "-"), ERROR_NONE);
    source_set_ready(source);
    errno = 0;
    enum error error = source_next(source, &target);
    int number = errno;
    restore_input(saved);
    assert_int_equal(error, ERROR_SYSTEM);
    assert_int_equal(number, EBADF);
    assert_string_equal(source_path(source), "-");
    source_free(source);
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(ends[1]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source_port_that_cannot_be_asked_is_named_with_its_place),
        cmocka_unit_test(test_source_port_of_option_that_cannot_be_asked_is_the_hosts),
        cmocka_unit_test(test_source_operands_become_targets),
        cmocka_unit_test(test_source_bad_operand_is_named_with_its_place),
        cmocka_unit_test(test_source_operand_keeps_its_exclamation_mark),
        cmocka_unit_test(test_source_rules_hold_for_operands),
        cmocka_unit_test(test_source_lines_become_targets),
        cmocka_unit_test(test_source_target_against_the_rules_is_no_header),
        cmocka_unit_test(test_source_bad_line_names_file_line_and_column),
        cmocka_unit_test(test_source_rules_hold_for_lines),
        cmocka_unit_test(test_source_line_of_wrong_bytes_or_length_is_invalid),
        cmocka_unit_test(test_source_operands_come_before_files_in_order),
        cmocka_unit_test(test_source_total_sums_the_rows_of_all_operands),
        cmocka_unit_test(test_source_names_the_file_that_is_read_and_closes_it),
        cmocka_unit_test(test_source_free_closes_what_was_not_read),
        cmocka_unit_test(test_source_free_drops_what_was_not_pulled),
        cmocka_unit_test(test_source_unreadable_file_is_a_system_error),
        cmocka_unit_test(test_source_dash_is_standard_input_and_stays_open),
        cmocka_unit_test(test_source_pipe_is_read_when_it_is_ready),
        cmocka_unit_test(test_source_failed_read_names_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
