#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/target/target.h"

enum { NAME_SIZE = 300 };

static const struct {
    const char *text;
    const char *host;
    size_t host_at;
    uint16_t first_port; /* 0: no ports */
    uint64_t total;
} names[] = {
    {"db", "db", 0, 0, 0},
    {"db:5432", "db", 0, 5432, 1},
    {"db:1", "db", 0, 1, 1},
    {"db:65535", "db", 0, 65535, 1},
    {"db:22,80,443", "db", 0, 22, 3},
    {"db:8000-8010", "db", 0, 8000, 11},
    {"db:https", "db", 0, 443, 1},
    {"db:ssh,80,8000-8001", "db", 0, 22, 4},
    {"db.example.com.:80", "db.example.com.", 0, 80, 1},
    {"DB.Example.COM:80", "DB.Example.COM", 0, 80, 1},
    {"my_host-1.example:22", "my_host-1.example", 0, 22, 1},
    {"_ldap._tcp.example:389", "_ldap._tcp.example", 0, 389, 1},
    {"xn--bcher-kva.example:80", "xn--bcher-kva.example", 0, 80, 1},
    {"3com.example:80", "3com.example", 0, 80, 1},
    {"1.2.3.com:80", "1.2.3.com", 0, 80, 1},
    {"1.2.3.4a:80", "1.2.3.4a", 0, 80, 1},
    {"0xfg:80", "0xfg", 0, 80, 1},
    {"0x7f.example:80", "0x7f.example", 0, 80, 1},
    {"tcp://db:80", "db", 6, 80, 1},
    {"tcp://db:80/", "db", 6, 80, 1},
    {"tcp://db", "db", 6, 0, 0},
    {"TCP://db:80", "db", 6, 80, 1}, /* RFC 3986 section 3.1 */
    {"https://db", "db", 8, 443, 1},
    {"https://db/", "db", 8, 443, 1},
    {"http://db/", "db", 7, 80, 1},
    {"HTTPS://db/", "db", 8, 443, 1},
    {"https://db/path/to?q=a:1#x", "db", 8, 443, 1},
    {"https://db?q=a/b@c:1", "db", 8, 443, 1},
    {"https://db#a@b", "db", 8, 443, 1},
    {"https://db:8443/path", "db", 8, 8443, 1},
    {"https://db:8443", "db", 8, 8443, 1},
    {"https://user@db/", "db", 13, 443, 1},
    {"https://user:secret@db/", "db", 20, 443, 1},
    {"https://user:secret@db:8443/", "db", 20, 8443, 1},
    {"https://user@home@db/", "db", 18, 443, 1},
    {"https://-u:[x]@db/a", "db", 15, 443, 1},
    {"https://db/a://b", "db", 8, 443, 1},
    {"postgres://u:p@db/name", "db", 15, 5432, 1},
    {"redis://db", "db", 8, 6379, 1},
    {"nosuchscheme://db:80/x", "db", 15, 80, 1},
    {"postgresql+asyncpg://u:p@db:5433/x", "db", 25, 5433, 1},
    {"postgresql+asyncpg://u:p@db/x", "db", 25, 5432, 1},
    {"mysql+pymysql://db", "db", 16, 3306, 1},
    {"git+ssh://git@db/x", "db", 14, 22, 1},
    {"svn+https://db/x", "db", 12, 443, 1},
    {"redis+tls://db", "db", 12, 6379, 1},
    {"x+mysql://db", "db", 10, 3306, 1},
    {"PLAINTEXT://k:9092", "k", 12, 9092, 1},
    {"SASL_SSL://k:9093", "k", 11, 9093, 1},
    {"jdbc:postgresql://db:5433/x", "db", 18, 5433, 1},
    {"jdbc:postgresql://db/x", "db", 18, 5432, 1},
    {"jdbc:tc:postgresql:13://db/x", "db", 24, 5432, 1},
    {"jdbc:sqlserver://db:1434;user=sa;password=x", "db", 17, 1434, 1},
    {"sqlserver://db:1434;user=sa;password=x", "db", 12, 1434, 1},
    {"jdbc:sqlserver://db;user=sa", "db", 17, 1433, 1},
    {"jdbc:sqlserver://db:1434;user=sa@x", "db", 17, 1434, 1},
    {"postgres://u:p@ss@db/x", "db", 18, 5432, 1},
    {"postgres://u:p%40ss@db/x", "db", 20, 5432, 1},
    {"postgres://u:p@db/x?mail=a@b.example", "db", 15, 5432, 1},
    {"postgres://db:80?mail=a@b.example", "db", 11, 80, 1},
    {"https://db/@user", "db", 8, 443, 1},
    {"https://db:8443/?mail=a@b:c", "db", 8, 8443, 1},
    {"ws://db/x#a@b", "db", 5, 80, 1},
    {"http://db:80,443/x", "db", 7, 80, 2},
    {"db:80/?mail=a@b.example", "db", 0, 80, 1},
    {"data:5432", "data", 0, 5432, 1},
    {"db:8080/", "db", 0, 8080, 1},
    {"db:8080/health?of=24", "db", 0, 8080, 1},
    {"db:80,443/health", "db", 0, 80, 2},
    {"db:443/tcp", "db", 0, 443, 1},
    {"db:80/TCP,443/tcp", "db", 0, 80, 2},
    {"db:8000-8010/tcp", "db", 0, 8000, 11},
    {"db:https/tcp", "db", 0, 443, 1},
    {"db:8080/ping", "db", 0, 8080, 1},
    {"udp:53", "udp", 0, 53, 1},
};

/* The host is "db". */
static const struct {
    const char *text;
    uint16_t first_port; /* 0: no ports */
    const char *protocol;
} with_protocol[] = {
    {"udp://db:53", 53, "udp"},
    {"UDP://db:53/udp", 53, "udp"},
    {"udp://db", 0, "udp"},
    {"udp://db:ntp", 123, "udp"},
    {"tls://db:443", 443, "tls"},
    {"tls://db:443/path", 443, "tls"},
    {"tls://db:443/tcp", 443, "tls"},
    {"icmp://db", 0, "icmp"},
    {"icmp://db/", 0, "icmp"},
    {"ntp://db", 123, "udp"},
    {"snmp://u@db:1161", 1161, "udp"},
    {"tftp://db/file", 69, "udp"},
    {"coap://db/x", 5683, "udp"},
    {"coap+tcp://db:5683", 5683, "tcp"},
    {"dns://db/example.com", 53, "udp"},
    {"dns+tcp://db", 53, "tcp"},
    {"dns+https://db", 443, "tcp"},
    {"https://db:ntp", 123, "tcp"},
    {"jdbc:mysql://db:snmp/x", 161, "tcp"},
    {"x+tcp://db:ntp", 123, "tcp"},
    {"ssl://db:ntp", 123, "tcp"},
    {"x://db:ntp", 123, "udp"},
    {"db:udp/53", 53, "udp"},
    {"db:udp/domain,22", 53, "udp"},
    {"db:tls/443/path", 443, "tls"},
    {"db:tcp/8000-8010", 8000, "tcp"},
    {"udp://db:udp/53", 53, "udp"},
    {"db:53/udp/path", 53, "udp"},
    {"https+udp://db", 443, "udp"},
    {"rtp://db:5004", 5004, "udp"},
    {"syslog+udp://db:514", 514, "udp"},
    {"x+udp://db:9", 9, "udp"},
    {"udp+x://db:9", 9, "udp"},
    {"syslog+tls://db:6514", 6514, "tcp"},
    {"https+tls://db", 443, "tcp"},
    {"tls+tcp://db:443", 443, "tcp"},
};

static const struct {
    const char *text;
    enum target_kind kind;
    const char *host;
    size_t host_at;
    const char *address; /* the first one */
    unsigned prefix_bits;
    const char *scope;
    uint16_t first_port; /* 0: no ports */
} addresses[] = {
    {"10.0.0.5:22", TARGET_ADDRESS, "10.0.0.5", 0, "10.0.0.5", 0, NULL, 22},
    {"10.0.0.5", TARGET_ADDRESS, "10.0.0.5", 0, "10.0.0.5", 0, NULL, 0},
    {"0.0.0.1:1", TARGET_ADDRESS, "0.0.0.1", 0, "0.0.0.1", 0, NULL, 1},
    {"223.255.255.255:1", TARGET_ADDRESS, "223.255.255.255", 0, "223.255.255.255", 0, NULL, 1},
    {"240.0.0.0:1", TARGET_ADDRESS, "240.0.0.0", 0, "240.0.0.0", 0, NULL, 1},
    {"255.255.255.254:1", TARGET_ADDRESS, "255.255.255.254", 0, "255.255.255.254", 0, NULL, 1},
    {"[feff::1]:1", TARGET_ADDRESS, "feff::1", 1, "feff::1", 0, NULL, 1},
    {"tcp://10.0.0.5:22", TARGET_ADDRESS, "10.0.0.5", 6, "10.0.0.5", 0, NULL, 22},
    {"https://10.0.0.5/24", TARGET_ADDRESS, "10.0.0.5", 8, "10.0.0.5", 0, NULL, 443},
    {"[::1]:80", TARGET_ADDRESS, "::1", 1, "::1", 0, NULL, 80},
    {"[::1]", TARGET_ADDRESS, "::1", 1, "::1", 0, NULL, 0},
    {"::1", TARGET_ADDRESS, "::1", 0, "::1", 0, NULL, 0},
    {"1::1:80", TARGET_ADDRESS, "1::1:80", 0, "1::1:80", 0, NULL, 0},
    {"[2001:DB8::1]:https", TARGET_ADDRESS, "2001:DB8::1", 1, "2001:db8::1", 0, NULL, 443},
    {"1:2:3:4:5:6:7:8", TARGET_ADDRESS, "1:2:3:4:5:6:7:8", 0, "1:2:3:4:5:6:7:8", 0, NULL, 0},
    {"::ffff:10.0.0.1", TARGET_ADDRESS, "::ffff:10.0.0.1", 0, "::ffff:10.0.0.1", 0, NULL, 0},
    {"[fec0::1]:80", TARGET_ADDRESS, "fec0::1", 1, "fec0::1", 0, NULL, 80},
    {"https://[::1]/x", TARGET_ADDRESS, "::1", 9, "::1", 0, NULL, 443},
    {"https://u:p@[::1]:8443/x", TARGET_ADDRESS, "::1", 13, "::1", 0, NULL, 8443},
    {"tcp://[::1]:80", TARGET_ADDRESS, "::1", 7, "::1", 0, NULL, 80},
    {"[fe80::1%eth0]:80", TARGET_ADDRESS, "fe80::1%eth0", 1, "fe80::1", 0, "eth0", 80},
    {"[fe80::1]%eth0:80", TARGET_ADDRESS, "fe80::1%eth0", 1, "fe80::1", 0, "eth0", 80},
    {"[fe80::1]%eth0", TARGET_ADDRESS, "fe80::1%eth0", 1, "fe80::1", 0, "eth0", 0},
    {"[fe80::5]%eth0/120:1", TARGET_RANGE, "fe80::5%eth0", 1, "fe80::", 120, "eth0", 1},
    {"http://[fe80::1%25eth0]/", TARGET_ADDRESS, "fe80::1%eth0", 8, "fe80::1", 0, "eth0", 80},
    {"nosuchscheme://[fe80::1%25eth0]:80/", TARGET_ADDRESS, "fe80::1%eth0", 16, "fe80::1", 0,
     "eth0", 80},
    {"http://[fe80::1%eth0]/", TARGET_ADDRESS, "fe80::1%eth0", 8, "fe80::1", 0, "eth0", 80},
    {"[fe80::1%25]:80", TARGET_ADDRESS, "fe80::1%25", 1, "fe80::1", 0, "25", 80},
    {"[fe80::1%2]:80", TARGET_ADDRESS, "fe80::1%2", 1, "fe80::1", 0, "2", 80},
    {"fe80::1%eth0", TARGET_ADDRESS, "fe80::1%eth0", 0, "fe80::1", 0, "eth0", 0},
    {"febf::1%eth0.5", TARGET_ADDRESS, "febf::1%eth0.5", 0, "febf::1", 0, "eth0.5", 0},
    {"10.0.0.0/24:22", TARGET_RANGE, "10.0.0.0", 0, "10.0.0.0", 24, NULL, 22},
    {"10.0.0.0/24", TARGET_RANGE, "10.0.0.0", 0, "10.0.0.0", 24, NULL, 0},
    {"10.0.0.77/24:22", TARGET_RANGE, "10.0.0.77", 0, "10.0.0.0", 24, NULL, 22},
    {"10.1.2.3/32:22", TARGET_RANGE, "10.1.2.3", 0, "10.1.2.3", 32, NULL, 22},
    {"10.1.2.3/31:22", TARGET_RANGE, "10.1.2.3", 0, "10.1.2.2", 31, NULL, 22},
    {"200.1.2.3/3:22", TARGET_RANGE, "200.1.2.3", 0, "192.0.0.0", 3, NULL, 22},
    {"240.0.0.0/5:22", TARGET_RANGE, "240.0.0.0", 0, "240.0.0.0", 5, NULL, 22},
    {"tcp://10.0.0.0/24:22", TARGET_RANGE, "10.0.0.0", 6, "10.0.0.0", 24, NULL, 22},
    {"[2001:db8::ff]/120:443", TARGET_RANGE, "2001:db8::ff", 1, "2001:db8::", 120, NULL, 443},
    {"[2001:db8::1]/128:1", TARGET_RANGE, "2001:db8::1", 1, "2001:db8::1", 128, NULL, 1},
    {"[2001:db8::1]/80:1", TARGET_RANGE, "2001:db8::1", 1, "2001:db8::", 80, NULL, 1},
    {"[2001:db8::]/120", TARGET_RANGE, "2001:db8::", 1, "2001:db8::", 120, NULL, 0},
    {"2001:db8::1/120", TARGET_RANGE, "2001:db8::1", 0, "2001:db8::", 120, NULL, 0},
    {"[fe80::5%eth0]/120:1", TARGET_RANGE, "fe80::5%eth0", 1, "fe80::", 120, "eth0", 1},
    {"fe80::5%eth0/120", TARGET_RANGE, "fe80::5%eth0", 0, "fe80::", 120, "eth0", 0},
};

static const struct {
    const char *text;
    const char *host; /* as it stands in the text */
    const char *first;
    const char *last;
    uint64_t addresses;
    uint16_t first_port; /* 0: no ports */
} ranges[] = {
    {"10.0.0.1-9:22", "10.0.0.1-9", "10.0.0.1", "10.0.0.9", 9, 22},
    {"10.0.0.1-9", "10.0.0.1-9", "10.0.0.1", "10.0.0.9", 9, 0},
    {"10.0.0.0-0:22", "10.0.0.0-0", "10.0.0.0", "10.0.0.0", 1, 22},
    {"10.0.0.0-255:22,80", "10.0.0.0-255", "10.0.0.0", "10.0.0.255", 256, 22},
    {"10.0.0.5-10.0.0.5:22", "10.0.0.5-10.0.0.5", "10.0.0.5", "10.0.0.5", 1, 22},
    {"10.0.0.1-10.0.1.9:22", "10.0.0.1-10.0.1.9", "10.0.0.1", "10.0.1.9", 265, 22},
    {"0.0.0.1-223.255.255.255:1", "0.0.0.1-223.255.255.255", "0.0.0.1", "223.255.255.255",
     UINT64_C(0xdfffffff), 1},
    {"240.0.0.0-255.255.255.254:1", "240.0.0.0-255.255.255.254", "240.0.0.0", "255.255.255.254",
     (1 << 28) - 1, 1},
    {"!10.0.0.1-9:22", "10.0.0.1-9", "10.0.0.1", "10.0.0.9", 9, 22},
    {"tcp://10.0.0.1-9:22", "10.0.0.1-9", "10.0.0.1", "10.0.0.9", 9, 22},
    {"https://10.0.0.1-9/x", "10.0.0.1-9", "10.0.0.1", "10.0.0.9", 9, 443},
    {"[2001:db8::1]-[2001:db8::f]:22", "[2001:db8::1]-[2001:db8::f]", "2001:db8::1",
     "2001:db8::f", 15, 22},
    {"![2001:db8::1]-[2001:db8::f]", "[2001:db8::1]-[2001:db8::f]", "2001:db8::1",
     "2001:db8::f", 15, 0},
    {"[2001:db8::1-2001:db8::f]:22", "2001:db8::1-2001:db8::f", "2001:db8::1", "2001:db8::f",
     15, 22},
    {"2001:db8::1-2001:db8::f", "2001:db8::1-2001:db8::f", "2001:db8::1", "2001:db8::f", 15, 0},
    {"[2001:db8::]-[2001:db8::ffff:ffff:ffff]:1", "[2001:db8::]-[2001:db8::ffff:ffff:ffff]",
     "2001:db8::", "2001:db8::ffff:ffff:ffff", UINT64_C(1) << 48, 1},
    {"[fdff::]-[fdff::1]:1", "[fdff::]-[fdff::1]", "fdff::", "fdff::1", 2, 1},
    {"[::ffff:0.0.0.1]-[::ffff:0.0.0.2]:1", "[::ffff:0.0.0.1]-[::ffff:0.0.0.2]",
     "::ffff:0.0.0.1", "::ffff:0.0.0.2", 2, 1},
};

/* Names, although they have digits and dashes: a letter is in them. */
static const char *const dashed_names[] = {
    "1and1.example", "3com.example", "0x.example",  "10-0-0-1.default.pod",
    "10.0.0.1-web",  "db-1-9",       "1-2.example", "x.10.0.0",
    "10.0.0.1-9.a",  "9-a",          "x1-2",        "ip-10-0-0-1",
    "10.0.0.1-9.xz", "a.b.c.1-9",
};

static const struct {
    const char *text;
    const char *host;
    size_t host_at;
} expected_down[] = {
    {"!db:80", "db", 1},
    {"!10.0.0.5:80", "10.0.0.5", 1},
    {"!10.0.0.0/24:22", "10.0.0.0", 1},
    {"![::1]:80", "::1", 2},
    {"!::1", "::1", 1},
    {"!tcp://db:80", "db", 7},
    {"!https://u@db/", "db", 11},
};

struct bad_row {
    const char *text;
    struct fault fault;
};

static const struct bad_row bad_ports[] = {
    {"db:", {FAULT_PORT_EMPTY, 3, 0}},
    {"db:0", {FAULT_PORT, 3, 1}},
    {"db:80 ", {FAULT_PORT, 3, 3}},
    {"db:22,,80", {FAULT_PORT_EMPTY, 6, 0}},
    {"web:80:90", {FAULT_PORT, 4, 5}},
    {"10.0.0.5:", {FAULT_PORT_EMPTY, 9, 0}},
    {"10.0.0.5:0", {FAULT_PORT, 9, 1}},
    {"10.0.0.5:80/24", {FAULT_PREFIX_PLACE, 12, 2}},
    {"db:80/24", {FAULT_PREFIX_PLACE, 6, 2}},
    {"db:80/a,443", {FAULT_PORT_SERVICE, 3, 4}},
    {"db:53/sctp", {FAULT_PROTOCOL, 6, 4}},
    {"db:443/quic/x", {FAULT_PROTOCOL, 7, 4}},
    {"db:22/icmp", {FAULT_PORT_USELESS, 3, 2}},
    {"icmp://db:22", {FAULT_PORT_USELESS, 10, 2}},
    {"!icmp://[::1]:22,80", {FAULT_PORT_USELESS, 14, 2}},
    {"icmp://db:", {FAULT_PORT_USELESS, 10, 0}},
    {"tcp://db:53/udp", {FAULT_PORT_PROTOCOL, 12, 3}},
    {"udp://db:53,443/tcp", {FAULT_PORT_PROTOCOL, 16, 3}},
    {"tls://db:53/udp", {FAULT_PORT_PROTOCOL, 12, 3}},
    {"tcp://db:443/tls", {FAULT_PORT_PROTOCOL, 13, 3}},
    {"udp://db:icmp", {FAULT_PORT_PROTOCOL, 9, 4}},
    {"db:80/tcp/x,443", {FAULT_PORT_SERVICE, 3, 8}},
    {"db:53/sctp/", {FAULT_PROTOCOL, 6, 4}},
    {"db:80/tcp,53/DCCP", {FAULT_PROTOCOL, 13, 4}},
    {"db:/health", {FAULT_PORT_EMPTY, 3, 0}},
    {"10.0.0.0/24:70000", {FAULT_PORT, 12, 5}},
    {"[::1]:", {FAULT_PORT_EMPTY, 6, 0}},
    {"[::1]:70000", {FAULT_PORT, 6, 5}},
    {"[2001:db8::]/120:0", {FAULT_PORT, 17, 1}},
    {"!db:0", {FAULT_PORT, 4, 1}},
    {"tcp://db:0", {FAULT_PORT, 9, 1}},
    {"https://u@db:70000/x", {FAULT_PORT, 13, 5}},
    {"10.0.0.5:80:81", {FAULT_PORT, 9, 5}},
    {"::1:80:", {FAULT_PORT_GLUED, 0, 7}},
    {"::1:99999", {FAULT_PORT_GLUED, 0, 9}},
    {"1:2:3:4:5:6:7:8:80", {FAULT_PORT_GLUED, 0, 18}},
    {"!1:2:3:4:5:6:7:8:80", {FAULT_PORT_GLUED, 1, 18}},
    {"2001:db8::/120:443", {FAULT_PORT_GLUED, 0, 18}},
    {"fe80::1%eth0:80", {FAULT_PORT_GLUED, 0, 15}},
};

static const struct bad_row bad_hosts[] = {
    {"", {FAULT_HOST_MISSING, 0, 0}},
    {":", {FAULT_HOST_MISSING, 0, 0}},
    {":80", {FAULT_HOST_MISSING, 0, 0}},
    {"/24:80", {FAULT_HOST_MISSING, 0, 0}},
    {"!", {FAULT_HOST_MISSING, 1, 0}},
    {"!:80", {FAULT_HOST_MISSING, 1, 0}},
    {"tcp://", {FAULT_HOST_MISSING, 6, 0}},
    {"icmp://", {FAULT_HOST_MISSING, 7, 0}},
    {"https://", {FAULT_HOST_MISSING, 8, 0}},
    {"https:///path", {FAULT_HOST_MISSING, 8, 0}},
    {"https://user@/", {FAULT_HOST_MISSING, 13, 0}},
    {"80", {FAULT_HOST_NUMBER, 0, 2}},
    {"80:22", {FAULT_HOST_NUMBER, 0, 2}},
    {"0:80", {FAULT_HOST_NUMBER, 0, 1}},
    {"2130706433:80", {FAULT_HOST_NUMBER, 0, 10}},
    {"0x7f000001:80", {FAULT_HOST_NUMBER, 0, 10}},
    {"-", {FAULT_HOST_DASH, 0, 1}},
    {"-db:80", {FAULT_HOST_DASH, 0, 6}},
    {"--timeout", {FAULT_HOST_DASH, 0, 9}},
    {"!-db:80", {FAULT_HOST_DASH, 1, 6}},
    {"tcp://-db:80", {FAULT_HOST_DASH, 6, 6}},
    {"https://user@-db/", {FAULT_HOST_DASH, 13, 3}},
    {"a\x01"
     "b:80",
     {FAULT_HOST_BYTE, 1, 1}},
    {"a\tb:80", {FAULT_HOST_BYTE, 1, 1}},
    {"db\n:80", {FAULT_HOST_BYTE, 2, 1}},
    {"db\x7f:80", {FAULT_HOST_BYTE, 2, 1}},
    {"a\x1b[31m:80", {FAULT_HOST_BYTE, 1, 1}},
    {" db:80", {FAULT_HOST_BYTE, 0, 1}},
    {"a b:80", {FAULT_HOST_BYTE, 1, 1}},
    {"db :80", {FAULT_HOST_BYTE, 2, 1}},
    {"\xc3\xbc:80", {FAULT_HOST_UNICODE, 0, 2}},
    {"!a\xe4\xb8\xad.b:80", {FAULT_HOST_UNICODE, 2, 3}},
    {"https://u@a\xf0\x9f\x8e\x89/", {FAULT_HOST_UNICODE, 11, 4}},
    {"a\xc3:80", {FAULT_HOST_BYTE, 1, 1}},
    {"a\xff:80", {FAULT_HOST_BYTE, 1, 1}},
    {"*.example:80", {FAULT_HOST_BYTE, 0, 1}},
    {"a,b:80", {FAULT_HOST_LIST, 0, 3}},
    {"db]:80", {FAULT_HOST_BYTE, 2, 1}},
    {"!!db:80", {FAULT_HOST_BYTE, 1, 1}},
    {"user@db:80", {FAULT_USER, 0, 5}},
    {"!app:S3@db:80", {FAULT_USER, 1, 7}},
    {"//app:S3@db", {FAULT_USER, 0, 9}},
    {"tcp://u@db:80", {FAULT_USER, 6, 2}},
    {"udp://u:pw@db:53", {FAULT_USER, 6, 5}},
    {"icmp://u:pw@db", {FAULT_USER, 7, 5}},
    {"app/S3@//db:1521/x", {FAULT_URL_AT, 6, 1}},
    {"db:80/@x", {FAULT_URL_AT, 6, 1}},
    {"/run/x.sock", {FAULT_SOCKET, 0, 11}},
    {"/run/x", {FAULT_SOCKET, 0, 6}},
    {"unix:/run/x", {FAULT_SOCKET, 0, 4}},
    {"file:/x", {FAULT_URL_HOSTLESS, 0, 4}},
    {"mailto:me@example.com", {FAULT_URL_HOSTLESS, 0, 6}},
    {"db%eth0:80", {FAULT_HOST_BYTE, 2, 1}},
    {"10.0.0.1%eth0:80", {FAULT_SCOPE_IPV4, 8, 5}},
    {"*:80", {FAULT_UNSPECIFIED, 0, 1}},
    {"https://a b/", {FAULT_HOST_BYTE, 9, 1}},
    {".:80", {FAULT_LABEL_EMPTY, 0, 0}},
    {".db:80", {FAULT_LABEL_EMPTY, 0, 0}},
    {"a..b:80", {FAULT_LABEL_EMPTY, 2, 0}},
    {"db..:80", {FAULT_LABEL_EMPTY, 3, 0}},
    {"10..0.1:80", {FAULT_LABEL_EMPTY, 3, 0}},
};

static const struct bad_row bad_addresses[] = {
    {"1.2.3.4.5:80", {FAULT_QUAD, 0, 9}},
    {"1.2.3:80", {FAULT_QUAD, 0, 5}},
    {"127.1:80", {FAULT_QUAD, 0, 5}},
    {"127.1", {FAULT_QUAD, 0, 5}},
    {"0x7f.1:80", {FAULT_QUAD, 0, 6}},
    {"0X7F.0.0.1:80", {FAULT_QUAD, 0, 10}},
    {"010.0.0.1:80", {FAULT_QUAD, 0, 9}},
    {"10.0.0.01:80", {FAULT_QUAD, 0, 9}},
    {"256.1.1.1:80", {FAULT_QUAD, 0, 9}},
    {"1.1.1.256:80", {FAULT_QUAD, 0, 9}},
    {"1.2.3.4.:80", {FAULT_QUAD, 0, 8}},
    {"!127.1:80", {FAULT_QUAD, 1, 5}},
    {"https://127.1/", {FAULT_QUAD, 8, 5}},
    {"010.0.0.0/8:80", {FAULT_QUAD, 0, 9}},
    {"0.0.0.0:80", {FAULT_UNSPECIFIED, 0, 7}},
    {"::", {FAULT_UNSPECIFIED, 0, 2}},
    {"[::]:80", {FAULT_UNSPECIFIED, 1, 2}},
    {"[0:0:0:0:0:0:0:0]:80", {FAULT_UNSPECIFIED, 1, 15}},
    {"[::ffff:0.0.0.0]:80", {FAULT_UNSPECIFIED, 1, 14}},
    {"https://[::]/", {FAULT_UNSPECIFIED, 9, 2}},
    {"224.0.0.0:1", {FAULT_GROUP, 0, 9}},
    {"239.255.255.255:1", {FAULT_GROUP, 0, 15}},
    {"255.255.255.255:1", {FAULT_GROUP, 0, 15}},
    {"udp://224.0.0.251:5353", {FAULT_GROUP, 6, 11}},
    {"icmp://[ff02::1%eth0]", {FAULT_GROUP, 8, 7}},
    {"ff00::", {FAULT_GROUP, 0, 6}},
    {"[::ffff:224.0.0.1]:1", {FAULT_GROUP, 1, 16}},
    {"[", {FAULT_BRACKET, 0, 1}},
    {"[::1", {FAULT_BRACKET, 0, 4}},
    {"[::1:80", {FAULT_BRACKET, 0, 7}},
    {"![::1", {FAULT_BRACKET, 1, 4}},
    {"[]:80", {FAULT_BRACKET_ADDRESS, 1, 0}},
    {"[db]:80", {FAULT_BRACKET_ADDRESS, 1, 2}},
    {"[1.2.3.4]:80", {FAULT_BRACKET_ADDRESS, 1, 7}},
    {"[::g]:80", {FAULT_BRACKET_ADDRESS, 1, 3}},
    {"[::1 ]:80", {FAULT_BRACKET_ADDRESS, 1, 4}},
    {"[:::1]:80", {FAULT_BRACKET_ADDRESS, 1, 4}},
    {"[1:2:3]:80", {FAULT_BRACKET_ADDRESS, 1, 5}},
    {"[[::1]]:80", {FAULT_BRACKET_ADDRESS, 1, 4}},
    {"[%eth0]:80", {FAULT_BRACKET_ADDRESS, 1, 0}},
    {"[::1]80", {FAULT_BRACKET_AFTER, 5, 2}},
    {"[::1]x:80", {FAULT_BRACKET_AFTER, 5, 4}},
    {"[::1]]:80", {FAULT_BRACKET_AFTER, 5, 4}},
    {"[::1] :80", {FAULT_BRACKET_AFTER, 5, 4}},
    {"fe80::1", {FAULT_SCOPE_MISSING, 0, 7}},
    {"[fe80::1]:80", {FAULT_SCOPE_MISSING, 1, 7}},
    {"febf::1", {FAULT_SCOPE_MISSING, 0, 7}},
    {"[fe80::1%]:80", {FAULT_SCOPE, 9, 0}},
    {"fe80::1%", {FAULT_SCOPE, 8, 0}},
    {"[::1%lo]:80", {FAULT_SCOPE, 5, 2}},
    {"2001:db8::1%eth0", {FAULT_SCOPE, 12, 4}},
    {"[fe80::1%a b]:80", {FAULT_SCOPE, 9, 3}},
    {"[fe80::1]%:80", {FAULT_SCOPE, 10, 0}},
    {"[::1]%lo:80", {FAULT_SCOPE, 6, 2}},
    {"[fe80::1%eth0]%eth0:80", {FAULT_BRACKET_AFTER, 14, 8}},
    {"[fe80::1%\x01]:80", {FAULT_SCOPE, 9, 1}},
    {"[fe80::1%\x1f]:80", {FAULT_SCOPE, 9, 1}},
    {"[fe80::1%\x7f]:80", {FAULT_SCOPE, 9, 1}},
};

static const struct bad_row bad_prefixes[] = {
    {"10.0.0.0/33:22", {FAULT_PREFIX_IPV4, 9, 2}},
    {"10.0.0.0/33", {FAULT_PREFIX_IPV4, 9, 2}},
    {"10.0.0.0/:22", {FAULT_PREFIX_IPV4, 9, 0}},
    {"10.0.0.0/", {FAULT_PREFIX_IPV4, 9, 0}},
    {"10.0.0.0/-1:22", {FAULT_PREFIX_IPV4, 9, 2}},
    {"10.0.0.0/+8:22", {FAULT_PREFIX_IPV4, 9, 2}},
    {"10.0.0.0/ 8:22", {FAULT_PREFIX_IPV4, 9, 2}},
    {"10.0.0.0/8x:22", {FAULT_PREFIX_IPV4, 9, 2}},
    {"10.0.0.0/8/8:22", {FAULT_PREFIX_IPV4, 9, 3}},
    {"10.0.0.0/255.0.0.0:22", {FAULT_PREFIX_IPV4, 9, 9}},
    {"10.0.0.0/4294967304:22", {FAULT_PREFIX_IPV4, 9, 10}},
    {"10.0.0.0/99999999999999999999:22", {FAULT_PREFIX_IPV4, 9, 20}},
    {"db/24:22", {FAULT_HOST_PATH, 3, 2}},
    {"db/path", {FAULT_HOST_PATH, 3, 4}},
    {"icmp://db/24", {FAULT_HOST_PATH, 10, 2}},
    {"udp://db/x", {FAULT_HOST_PATH, 9, 1}},
    {"[2001:db8::]/129:1", {FAULT_PREFIX_IPV6, 13, 3}},
    {"[2001:db8::]/:1", {FAULT_PREFIX_IPV6, 13, 0}},
    {"[2001:db8::]/x:1", {FAULT_PREFIX_IPV6, 13, 1}},
    {"[2001:db8::]/4294967416:1", {FAULT_PREFIX_IPV6, 13, 10}},
    {"2001:db8::/129", {FAULT_PREFIX_IPV6, 11, 3}},
    {"2001:db8::/", {FAULT_PREFIX_IPV6, 11, 0}},
    {"[2001:db8::]/79:1", {FAULT_PREFIX_LARGE, 13, 2}},
    {"[2001:db8::]/3:1", {FAULT_PREFIX_LARGE, 13, 1}},
    {"2001:db8::/64", {FAULT_PREFIX_LARGE, 11, 2}},
    {"10.0.0.0/0:22", {FAULT_PREFIX_UNSPECIFIED, 0, 8}},
    {"0.0.0.0/32:22", {FAULT_PREFIX_UNSPECIFIED, 0, 7}},
    {"0.0.0.5/8:22", {FAULT_PREFIX_UNSPECIFIED, 0, 7}},
    {"[::]/120:22", {FAULT_PREFIX_UNSPECIFIED, 1, 2}},
    {"[::1]/120:22", {FAULT_PREFIX_UNSPECIFIED, 1, 3}},
    {"[::ffff:0.0.0.5]/120:22", {FAULT_PREFIX_UNSPECIFIED, 1, 14}},
    {"192.0.0.0/2:22", {FAULT_PREFIX_GROUP, 0, 9}},
    {"224.0.0.9/32:22", {FAULT_PREFIX_GROUP, 0, 9}},
    {"icmp://255.255.255.0/24", {FAULT_PREFIX_GROUP, 7, 13}},
    {"[ff05::]/120:22", {FAULT_PREFIX_GROUP, 1, 6}},
    {"[::ffff:239.0.0.0]/104:22", {FAULT_PREFIX_GROUP, 1, 16}},
    {"[fe80::]/120:22", {FAULT_PREFIX_LINK_LOCAL, 1, 6}},
    {"fe80::/120", {FAULT_PREFIX_LINK_LOCAL, 0, 6}},
    {"[::1%lo]/120:22", {FAULT_SCOPE, 5, 2}},
    /* ::ffff:0.0.0.0 need not be the first address of its prefix. */
    {"[::fffe:0:0]/95:22", {FAULT_PREFIX_UNSPECIFIED, 1, 10}},
    {"[::8000:0:0]/81:22", {FAULT_PREFIX_UNSPECIFIED, 1, 10}},
};

static const struct bad_row bad_ranges[] = {
    {"10.0.0.9-1:22", {FAULT_RANGE_REVERSED, 0, 10}},
    {"10.0.0.9-10.0.0.8:22", {FAULT_RANGE_REVERSED, 0, 17}},
    {"[2001:db8::f]-[2001:db8::1]:22", {FAULT_RANGE_REVERSED, 0, 27}},
    {"[2001:db8::f-2001:db8::1]:22", {FAULT_RANGE_REVERSED, 1, 23}},
    {"10.0.0.0-10.0.0.8/24:22", {FAULT_RANGE_PREFIX, 18, 2}},
    {"10.0.0.0-8/24", {FAULT_RANGE_PREFIX, 11, 2}},
    {"[2001:db8::1]-[2001:db8::f]/120:22", {FAULT_RANGE_PREFIX, 28, 3}},
    {"[2001:db8::1-2001:db8::f]/120:22", {FAULT_RANGE_PREFIX, 26, 3}},
    {"2001:db8::1-2001:db8::f/120", {FAULT_RANGE_PREFIX, 24, 3}},
    {"[10.0.0.1]-[2001:db8::1]:22", {FAULT_RANGE_MIXED, 0, 24}},
    {"[2001:db8::1]-[10.0.0.1]:22", {FAULT_RANGE_MIXED, 0, 24}},
    {"[fe80::1%eth0]-[fe80::9%eth0]:22", {FAULT_RANGE_SCOPE, 0, 29}},
    {"[fe80::1]%eth0-[fe80::9]%eth0:22", {FAULT_RANGE_SCOPE, 10, 10}},
    {"[fe80::1%eth0-fe80::9%eth0]:22", {FAULT_RANGE_SCOPE, 9, 17}},
    {"[fe80::1-fe80::9%eth0]:22", {FAULT_RANGE_SCOPE, 17, 4}},
    {"fe80::1%eth0-fe80::9%eth0", {FAULT_RANGE_SCOPE, 0, 25}},
    {"[fe80::1]-[fe80::9]:22", {FAULT_RANGE_LINK_LOCAL, 0, 19}},
    {"[febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff]-[fec0::]:22", {FAULT_RANGE_LINK_LOCAL, 0, 50}},
    {"[fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff]-[fe80::]:22", {FAULT_RANGE_LINK_LOCAL, 0, 50}},
    {"223.255.255.255-224.0.0.0:22", {FAULT_RANGE_GROUP, 0, 25}},
    {"239.255.255.255-240.0.0.0:22", {FAULT_RANGE_GROUP, 0, 25}},
    {"10.0.0.1-255.255.255.255:22", {FAULT_RANGE_GROUP, 0, 24}},
    {"[ff02::1]-[ff02::2]:22", {FAULT_RANGE_GROUP, 0, 19}},
    {"0.0.0.0-9:22", {FAULT_RANGE_UNSPECIFIED, 0, 9}},
    {"[::]-[::9]:22", {FAULT_RANGE_UNSPECIFIED, 0, 10}},
    {"[::fffe:ffff:ffff]-[::ffff:0.0.0.1]:22", {FAULT_RANGE_UNSPECIFIED, 0, 35}},
    {"[2001:db8::]-[2001:db8::1:0:0:0]:1", {FAULT_PREFIX_LARGE, 0, 32}},
    {"[2001:db8::]-[3001:db8::]:1", {FAULT_PREFIX_LARGE, 0, 25}},
    {"10.0.0.1-256:22", {FAULT_RANGE_FORM, 0, 12}},
    {"10.0.0.1-1000:22", {FAULT_RANGE_FORM, 0, 13}},
    {"10.0.0.1-09:22", {FAULT_RANGE_FORM, 0, 11}},
    {"10.0.0.1-00:22", {FAULT_RANGE_FORM, 0, 11}},
    {"10.0.0.01-9:22", {FAULT_RANGE_FORM, 0, 11}},
    {"010.0.0.1-10.0.0.9:22", {FAULT_RANGE_FORM, 0, 18}},
    {"10.0.0.1-10.0.0.256:22", {FAULT_RANGE_FORM, 0, 19}},
    {"10.0.0.1-5-9:22", {FAULT_RANGE_FORM, 0, 12}},
    {"10.0.0.1-10.0.0.5-9:22", {FAULT_RANGE_FORM, 0, 19}},
    {"10.0.0.1-:22", {FAULT_RANGE_FORM, 0, 9}},
    {"10.0.0.1--9:22", {FAULT_RANGE_FORM, 0, 11}},
    {"10.0.0.1-1.9:22", {FAULT_RANGE_FORM, 0, 12}},
    {"10.0.0-1:22", {FAULT_RANGE_FORM, 0, 8}},
    {"10.0.0.x:22", {FAULT_RANGE_FORM, 0, 8}},
    {"10.0.0.X", {FAULT_RANGE_FORM, 0, 8}},
    {"10.0.0.*:22", {FAULT_RANGE_FORM, 0, 8}},
    {"10.0.0.x/24:22", {FAULT_RANGE_FORM, 0, 8}},
    {"10.2-3.0.1:22", {FAULT_RANGE_FORM, 0, 10}},
    {"10.0.0.0_24:22", {FAULT_RANGE_FORM, 0, 11}},
    {"1-2:22", {FAULT_RANGE_FORM, 0, 3}},
    {"1_2:22", {FAULT_RANGE_FORM, 0, 3}},
    {"10x:22", {FAULT_RANGE_FORM, 0, 3}},
    {"1-2.:22", {FAULT_RANGE_FORM, 0, 4}},
    {"10-0-0-1:22", {FAULT_RANGE_FORM, 0, 8}},
    {"10.0.0.[1-9]:22", {FAULT_RANGE_FORM, 0, 12}},
    {"10.0.0.{1..9}:22", {FAULT_RANGE_FORM, 0, 13}},
    {"10.0.0.1..9:22", {FAULT_RANGE_FORM, 0, 11}},
    {"10.0.0.1~9:22", {FAULT_RANGE_FORM, 0, 10}},
    {"10.0.0.1\xe2\x80\x93"
     "9:22",
     {FAULT_RANGE_FORM, 0, 12}},
    {"!tcp://10.0.0.x:22", {FAULT_RANGE_FORM, 7, 8}},
    {"[2001:db8::1-f]:22", {FAULT_RANGE_IPV6, 1, 13}},
    {"2001:db8::1-f", {FAULT_RANGE_IPV6, 0, 13}},
    {"[2001:db8::1]-2001:db8::f", {FAULT_RANGE_IPV6, 0, 25}},
    {"[2001:db8::1]-[2001:db8::f", {FAULT_RANGE_IPV6, 0, 26}},
    {"[2001:db8::1]-:22", {FAULT_RANGE_IPV6, 0, 17}},
    {"[2001:db8::1]-[]:22", {FAULT_RANGE_IPV6, 0, 16}},
    {"[2001:db8::1]-[2001:db8::g]:22", {FAULT_RANGE_IPV6, 0, 27}},
    {"[2001:db8::1]-[2001:db8::2]-[2001:db8::3]:22", {FAULT_BRACKET_AFTER, 27, 17}},
    {"[2001:db8::1-2001:db8::2-2001:db8::3]:22", {FAULT_RANGE_IPV6, 1, 35}},
};

static const struct bad_row bad_schemes[] = {
    {"nosuchscheme://db", {FAULT_SCHEME, 0, 12}},
    {"!nosuchscheme://db/x", {FAULT_SCHEME, 1, 12}},
    {"nosuchscheme://db:/x", {FAULT_SCHEME, 0, 12}},
    {"x+y://db", {FAULT_SCHEME, 0, 3}},
    {"jdbc:x://db", {FAULT_SCHEME, 0, 6}},
    {"://db:80", {FAULT_SCHEME, 0, 0}},
    {"80://db:80", {FAULT_SCHEME, 0, 2}},
    {" https://db", {FAULT_SCHEME, 0, 6}},
    {"db:80/a://b", {FAULT_SCHEME, 0, 7}},
    {"sctp://db:80", {FAULT_PROTOCOL, 0, 4}},
    {"quic://db:443", {FAULT_PROTOCOL, 0, 4}},
    {"dtls://db:443", {FAULT_PROTOCOL, 0, 4}},
    {"ping://db", {FAULT_PROTOCOL, 0, 4}},
    {"icmpv6://[::1]", {FAULT_PROTOCOL, 0, 6}},
    {"udp6://db:53", {FAULT_PROTOCOL, 0, 4}},
    {"x+icmp://db", {FAULT_PROTOCOL, 2, 4}},
    {"icmp+x://db", {FAULT_PROTOCOL, 0, 4}},
    {"syslog+sctp://db:514", {FAULT_PROTOCOL, 7, 4}},
    {"tcp+udp://db:53", {FAULT_SCHEME_BOTH, 0, 7}},
    {"dns+udp+tls://db", {FAULT_SCHEME_BOTH, 0, 11}},
    {"udp:192.0.2.1:53", {FAULT_SCHEME_SLASHES, 0, 4}},
    {"!tcp:db:80", {FAULT_SCHEME_SLASHES, 1, 4}},
    {"stun:stun.example.com", {FAULT_SCHEME_SLASHES, 0, 5}},
    {"ping:[::1]", {FAULT_SCHEME_SLASHES, 0, 5}},
    {"!sctp://db:53", {FAULT_PROTOCOL, 1, 4}},
    {"SCTP://db:53", {FAULT_PROTOCOL, 0, 4}},
    {"unix:///run/x", {FAULT_SOCKET, 0, 4}},
    {"http+unix://%2Frun%2Fx/y", {FAULT_SOCKET, 5, 4}},
    {"postgresql:///x?host=/run", {FAULT_SOCKET, 13, 12}},
    {"postgresql://%2Frun/x", {FAULT_SOCKET, 13, 8}},
    {"mysql://u:p@/x?unix_socket=/run/y", {FAULT_SOCKET, 8, 25}},
    {"postgresql:///x", {FAULT_HOST_MISSING, 13, 0}},
    {"file:///etc/hosts", {FAULT_URL_HOSTLESS, 0, 4}},
    {"mongodb+srv://u:p@db.example/x", {FAULT_SRV, 8, 3}},
    {"db:tcp://10.1.0.10:80", {FAULT_URL_GLUED, 0, 3}},
    {"scm:git:ssh://git@db/x", {FAULT_URL_GLUED, 0, 8}},
    {"mongodb://a:1,b:2/x", {FAULT_URL_HOSTS, 13, 1}},
    /* an '@' that may end a password */
    {"sqlserver://db;x=p@w:1", {FAULT_URL_AT, 18, 1}},
    {"postgres://app:S3/cret@db/x", {FAULT_URL_AT, 22, 1}},
    {"postgres://app:80/cret@db/x", {FAULT_URL_AT, 22, 1}},
    {"postgres://app:80#cret@db/x", {FAULT_URL_AT, 22, 1}},
    {"postgres://app:S3?cret@db/x", {FAULT_URL_AT, 22, 1}},
    {"postgres://app:80?a=cret@db/x", {FAULT_URL_AT, 24, 1}},
    {"postgres://app?a=cret@db", {FAULT_URL_AT, 21, 1}},
    {"postgres://app:S3?a=cret@db", {FAULT_URL_AT, 24, 1}},
    {"postgres://u:p@db/x/y@z", {FAULT_URL_AT, 21, 1}},
    {"https://u:p@ss/w@db/x", {FAULT_URL_AT, 16, 1}},
    {"amqp://u:p@a:1,v:q@b:2", {FAULT_URL_AT, 18, 1}},
};

/* target_parse() of exactly `len` bytes; what must not be asked is refused, as by the rules. */
static enum error parse(const char *text, size_t len, struct target **target,
                        struct fault *fault)
{
    char *copy = copy_exactly(text, len);
    struct target *parsed = *target;
    enum error error = target_parse(copy, len, &parsed, fault);
    free(copy);
    if (error == ERROR_NONE && parsed->fault.code != FAULT_NONE) {
        *fault = parsed->fault;
        target_drop(parsed);
        return ERROR_INVALID;
    }
    *target = parsed;
    return error;
}

/* A target that must be right. */
static struct target *target_of(const char *text)
{
    struct target *target = NULL;
    struct fault fault;
    claim_error(text, parse(text, strlen(text), &target, &fault), ERROR_NONE);
    assert_non_null(target);
    return target;
}

/* What is spoken, by its well-known port, and what is asked for there; path NULL: nothing. */
static const struct {
    const char *text;
    uint16_t service;
    const char *path;
} asked[] = {
    {"http://db:9/health?x=1#y", 80, "/health?x=1"},
    {"http://db", 80, NULL},
    {"http://db?x", 80, "?x"},
    {"ws://db/a", 80, "/a"},
    {"https://db:9", 443, NULL},
    {"git+https://db", 443, NULL},
    {"rediss://db", 443, NULL},
    {"nats+tls://db:9", 443, NULL},
    {"tls+nats://db:9", 443, NULL},
    {"REDIS+SSL://db", 443, NULL},
    {"postgres://u:p@db/x", 5432, "/x"},
    {"postgresql+asyncpg://db/x?ssl=require", 5432, "/x?ssl=require"},
    {"jdbc:postgresql://db/x", 5432, "/x"},
    {"postgis://db", 5432, NULL},
    {"valkey://db", 6379, NULL},
    {"zk://db", 2181, NULL},
    {"cifs://db", 445, NULL},
    {"git+ssh://db", 22, NULL},
    {"dns://db", 53, NULL},
    {"foo://db:5432", 0, NULL},
    {"tcp://db:5432", 0, NULL},
    {"db:postgresql", 0, NULL},
    {"db:8080/health?x=1#y", 0, "/health?x=1"},
    {"[::1]:8080/a", 0, "/a"},
    {"db:8080/", 0, "/"},
    {"db:53/udp/path", 0, NULL},
    {"db:tcp/443", 0, NULL},
};

static struct target *target_of(const char *text);

static void test_target_knows_what_is_spoken_and_the_path(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        struct target *target = target_of(asked[i].text);
        claim_number(asked[i].text, "service", target->service, asked[i].service);
        claim_text(asked[i].text, "path", target->path != NULL ? target->path : "-",
                   asked[i].path != NULL ? asked[i].path : "-");
        target_drop(target);
    }
}

static void claim_first_port(const char *label, const struct target *target, uint16_t port)
{
    claim_true(label, "ports are there", (target->ports.total > 0) == (port > 0));
    if (port > 0)
        claim_number(label, "first port", ports_at(&target->ports, 0), port);
}

static void claim_bad_bytes(const char *label, const char *text, size_t len,
                            const struct fault *expected)
{
    struct target *const untouched = (struct target *)(void *)&(char){0};
    struct target *target = untouched;
    struct fault fault = {FAULT_NONE, 99, 99};
    claim_error(label, parse(text, len, &target, &fault), ERROR_INVALID);
    claim_fault(label, &fault, expected);
    claim_true(label, "result is untouched", target == untouched);
}

static void claim_bad(const struct bad_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        claim_bad_bytes(rows[i].text, rows[i].text, strlen(rows[i].text), &rows[i].fault);
}

static void test_target_name_is_parsed(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *label = names[i].text;
        struct target *target = target_of(names[i].text);
        claim_number(label, "kind", target->kind, TARGET_NAME);
        claim_number(label, "protocol", target->protocol, PROTOCOL_TCP);
        claim_text(label, "host", target->host, names[i].host);
        claim_number(label, "host_len", target->host_len, strlen(names[i].host));
        claim_number(label, "host_at", target->host_at, names[i].host_at);
        claim_number(label, "ports", target->ports.total, names[i].total);
        claim_first_port(label, target, names[i].first_port);
        claim_text(label, "scope", target->scope, NULL);
        claim_number(label, "expects_down", target->expects_down, false);
        target_drop(target);
    }
}

static void test_target_protocol_is_that_before_the_host(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(with_protocol); i++) {
        const char *label = with_protocol[i].text;
        struct target *target = target_of(label);
        bool has_ports =
            target->ports.count > 0 && target->ports.ranges[0].protocol != PROTOCOL_NONE;
        claim_text(label, "host", target->host, "db");
        claim_text(
            label, "protocol",
            protocols_name(has_ports ? target->ports.ranges[0].protocol : target->protocol),
            with_protocol[i].protocol);
        claim_first_port(label, target, with_protocol[i].first_port);
        target_drop(target);
    }
}

static void test_target_address_or_prefix_is_parsed(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
        const char *label = addresses[i].text;
        struct target *target = target_of(addresses[i].text);
        char text[ADDRESS_TEXT_SIZE];
        address_format(&target->address, text);
        claim_number(label, "kind", target->kind, addresses[i].kind);
        claim_number(label, "protocol", target->protocol, PROTOCOL_TCP);
        claim_text(label, "host", target->host, addresses[i].host);
        claim_number(label, "host_len", target->host_len, strlen(addresses[i].host));
        claim_number(label, "host_at", target->host_at, addresses[i].host_at);
        claim_text(label, "address", text, addresses[i].address);
        claim_number(label, "port of the address", address_port(&target->address), 0);
        unsigned bits = address_bits(&target->address) - addresses[i].prefix_bits;
        bool is_range = addresses[i].kind == TARGET_RANGE;
        claim_number(label, "addresses", target->addresses, is_range ? UINT64_C(1) << bits : 1);
        claim_text(label, "scope", target->scope, addresses[i].scope);
        claim_first_port(label, target, addresses[i].first_port);
        claim_number(label, "expects_down", target->expects_down, false);
        target_drop(target);
    }
}

static void test_target_range_is_parsed(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        const char *label = ranges[i].text;
        struct target *target = target_of(label);
        char text[ADDRESS_TEXT_SIZE];
        claim_number(label, "kind", target->kind, TARGET_RANGE);
        claim_text(label, "host", target->host, ranges[i].host);
        claim_true(label, "place of the host",
                   memcmp(label + target->host_at, target->host, target->host_len) == 0);
        address_format(&target->address, text);
        claim_text(label, "first", text, ranges[i].first);
        address_format(&target->last, text);
        claim_text(label, "last", text, ranges[i].last);
        claim_number(label, "addresses", target->addresses, ranges[i].addresses);
        claim_first_port(label, target, ranges[i].first_port);
        claim_number(label, "expects_down", target->expects_down, *label == '!');
        target_drop(target);
    }
}

static void test_target_with_a_letter_stays_a_name(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(dashed_names); i++) {
        struct target *target = target_of(dashed_names[i]);
        claim_number(dashed_names[i], "kind", target->kind, TARGET_NAME);
        target_drop(target);
    }
}

static void test_target_exclamation_mark_expects_down(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(expected_down); i++) {
        const char *label = expected_down[i].text;
        struct target *target = target_of(expected_down[i].text);
        claim_number(label, "expects_down", target->expects_down, true);
        claim_text(label, "host", target->host, expected_down[i].host);
        claim_number(label, "host_at", target->host_at, expected_down[i].host_at);
        target_drop(target);
    }
}

static void test_target_bad_one_is_rejected_with_its_place(void **state)
{
    claim_bad(bad_ports, ARRAY_LEN(bad_ports));
    claim_bad(bad_hosts, ARRAY_LEN(bad_hosts));
    claim_bad(bad_addresses, ARRAY_LEN(bad_addresses));
    claim_bad(bad_prefixes, ARRAY_LEN(bad_prefixes));
    claim_bad(bad_ranges, ARRAY_LEN(bad_ranges));
    claim_bad(bad_schemes, ARRAY_LEN(bad_schemes));
}

static void test_target_url_has_at_most_100_hosts(void **state)
{
    for (size_t hosts = 100; hosts <= 101; hosts++) {
        struct buffer url = BUFFER_EMPTY;
        struct target *target = NULL;
        struct fault fault;
        size_t next = 0;
        buffer_add_text(&url, "nats://a");
        while (url.len < strlen("nats://a") + 2 * (hosts - 1))
            buffer_add_text(&url, ",a");
        enum error error =
            target_parse_next(buffer_text(&url), url.len, &next, &target, &fault);
        target_drop(target);
        claim_number(buffer_text(&url), "error", error,
                     hosts > 100 ? ERROR_INVALID : ERROR_NONE);
        if (hosts > 100)
            assert_int_equal(fault.code, FAULT_URL_MANY);
        buffer_release(&url);
    }
}

static void test_target_nul_byte_is_rejected(void **state)
{
    static const struct {
        const char *label;
        const char *text;
        size_t len;
        struct fault fault;
    } rows[] = {
        {"in a name", "a\0b:80", 6, {FAULT_HOST_BYTE, 1, 1}},
        {"behind an address", "10.0.0.1\0:80", 12, {FAULT_HOST_BYTE, 8, 1}},
        {"in brackets", "[::1\0]:80", 9, {FAULT_BRACKET_ADDRESS, 1, 4}},
        {"in a scope", "[fe80::1%a\0]:80", 15, {FAULT_SCOPE, 9, 2}},
        {"in a port", "db:80\0", 6, {FAULT_PORT, 3, 3}},
        {"in a prefix", "10.0.0.0/8\0:22", 14, {FAULT_PREFIX_IPV4, 9, 2}},
        {"in a scheme", "https\0://db", 11, {FAULT_SCHEME, 0, 6}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        claim_bad_bytes(rows[i].label, rows[i].text, rows[i].len, &rows[i].fault);
}

static void test_target_bytes_behind_the_length_are_not_read(void **state)
{
    struct target *target = NULL;
    struct fault fault;
    assert_int_equal(target_parse("db:8080", 5, &target, &fault), ERROR_NONE);
    assert_int_equal(ports_at(&target->ports, 0), 80);
    target_drop(target);
}

/* `len` bytes of labels of 63, as "aaa...a.aaa...a.aa"; in front of `end`. */
static void make_name(char name[static NAME_SIZE], size_t len, const char *end)
{
    for (size_t i = 0; i < len; i++)
        name[i] = i % 64 == 63 ? '.' : 'a';
    (void)snprintf(name + len, NAME_SIZE - len, "%s", end);
}

static void test_target_name_has_at_most_253_bytes(void **state)
{
    static const struct {
        size_t len;
        const char *end;
        enum fault_code code;
    } rows[] = {{63, "", FAULT_NONE},
                {253, "", FAULT_NONE},
                {253, ".", FAULT_NONE},
                {254, "", FAULT_HOST_LENGTH},
                {254, ".", FAULT_HOST_LENGTH}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char name[NAME_SIZE];
        make_name(name, rows[i].len, rows[i].end);
        size_t len = strlen(name);
        if (rows[i].code != FAULT_NONE) {
            claim_bad_bytes(name, name, len, &(struct fault){rows[i].code, 0, len});
            continue;
        }
        struct target *target = target_of(name);
        claim_number(name, "kind", target->kind, TARGET_NAME);
        claim_number(name, "host_len", target->host_len, len);
        target_drop(target);
    }
}

static void test_target_label_of_64_bytes_is_too_long(void **state)
{
    static const struct {
        const char *before;
        const char *behind;
    } rows[] = {{"db.", ".example:80"}, {"", ""}, {"db.", ".:80"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[NAME_SIZE];
        int len = snprintf(text, sizeof text, "%sa%063d%s", rows[i].before, 0, rows[i].behind);
        claim_bad_bytes(text, text, (size_t)len,
                        &(struct fault){FAULT_LABEL_LENGTH, strlen(rows[i].before), 64});
    }
}

static const struct {
    const char *text;
    const char *options;
    struct fault fault;
} rules_rows[] = {
    {"db:80", "", {FAULT_NONE, 0, 2}},
    {"10.0.0.1:80", "n", {FAULT_NONE, 0, 8}},
    {"10.0.0.1:80", "4", {FAULT_NONE, 0, 8}},
    {"[::1]:80", "6", {FAULT_NONE, 1, 3}},
    {"db:80", "4", {FAULT_NONE, 0, 2}},
    {"db:80", "6", {FAULT_NONE, 0, 2}},
    {"db", "", {FAULT_PORT_MISSING, 0, 2}},
    {"!db", "", {FAULT_PORT_MISSING, 1, 2}},
    {"tcp://db", "", {FAULT_PORT_MISSING, 6, 2}},
    {"10.0.0.1", "", {FAULT_PORT_MISSING, 0, 8}},
    {"10.0.0.0/8", "", {FAULT_PORT_MISSING, 0, 8}},
    {"::1", "", {FAULT_PORT_MISSING, 0, 3}},
    {"::1:80", "", {FAULT_PORT_MISSING, 0, 6}},
    {"[::1]", "", {FAULT_PORT_MISSING, 1, 3}},
    {"1::/120", "", {FAULT_PORT_MISSING, 0, 3}},
    {"fe80::1%lo", "", {FAULT_PORT_MISSING, 0, 10}},
    {"db:80", "p", {FAULT_PORT_BOTH, 0, 2}},
    {"https://db", "p", {FAULT_PORT_BOTH, 8, 2}},
    {"db:80", "n", {FAULT_NOT_NUMERIC, 0, 2}},
    {"db", "pn", {FAULT_NOT_NUMERIC, 0, 2}},
    {"[::1]:80", "4", {FAULT_FAMILY_IPV4, 1, 3}},
    {"[1::]/120:80", "4", {FAULT_FAMILY_IPV4, 1, 3}},
    {"10.0.0.1:80", "6", {FAULT_FAMILY_IPV6, 0, 8}},
    {"10.0.0.0/8:80", "6", {FAULT_FAMILY_IPV6, 0, 8}},
    {"icmp://db", "", {FAULT_NONE, 0, 0}},
    {"icmp://db", "p", {FAULT_NONE, 0, 0}},
    {"udp://db", "", {FAULT_PORT_MISSING, 6, 2}},
    {"tls://db", "p", {FAULT_NONE, 0, 0}},
    {"udp://db", "p", {FAULT_NONE, 0, 0}},
    {"tcp://db", "P", {FAULT_PORT_OPTION, 6, 2}},
    {"tls://db", "P", {FAULT_PORT_OPTION, 6, 2}},
    {"udp://db", "P", {FAULT_NONE, 0, 0}},
    {"icmp://db", "P", {FAULT_NONE, 0, 0}},
    {"db", "P", {FAULT_NONE, 0, 0}},
    {"icmp://[::1]", "4", {FAULT_FAMILY_IPV4, 8, 3}},
    {"[2001:db8::]/80:1-65535,1", "", {FAULT_PREFIX_LARGE, 1, 10}}, /* beyond counting */
};

/* As the options of these letters make them; -p is 22,80-89, and all of UDP for -P. */
static struct target_rules rules_of(const char *options, const struct ports *ports)
{
    return (struct target_rules){.ports = strpbrk(options, "pP") != NULL ? ports : NULL,
                                 .families = strchr(options, '4') != NULL   ? FAMILY_IPV4
                                             : strchr(options, '6') != NULL ? FAMILY_IPV6
                                                                            : FAMILY_ANY,
                                 .is_numeric = strchr(options, 'n') != NULL};
}

static void make_ports(struct ports *ports)
{
    ports_init(ports);
    assert_int_equal(ports_add(ports, 22, 22), ERROR_NONE);
    assert_int_equal(ports_add(ports, 80, 89), ERROR_NONE);
}

static void test_target_is_held_against_the_rules(void **state)
{
    struct ports ports;
    make_ports(&ports);
    for (size_t i = 0; i < ARRAY_LEN(rules_rows); i++) {
        char label[64];
        const struct fault *expected = &rules_rows[i].fault;
        (void)snprintf(label, sizeof label, "%s under -%s", rules_rows[i].text,
                       rules_rows[i].options);
        struct target *target = target_of(rules_rows[i].text);
        const struct target_rules rules = rules_of(rules_rows[i].options, &ports);
        bool is_udp = strchr(rules_rows[i].options, 'P') != NULL;
        for (size_t j = 0; j < ports.count; j++)
            ports.ranges[j].protocol = is_udp ? PROTOCOL_UDP : PROTOCOL_NONE;
        struct fault fault = {FAULT_NONE, 99, 99};
        claim_error(label, target_apply_rules(target, &rules, &fault),
                    error_beside(expected->code));
        if (expected->code != FAULT_NONE)
            claim_fault(label, &fault, expected);
        target_drop(target);
    }
    ports_release(&ports);
}

static void test_target_takes_the_ports_of_the_rules(void **state)
{
    struct ports ports;
    struct fault fault;
    make_ports(&ports);
    const struct target_rules rules = rules_of("p", &ports);
    struct target *target = target_of("::1");
    assert_int_equal(target_apply_rules(target, &rules, &fault), ERROR_NONE);
    ports_release(&ports); /* borrowed: the target has its own copy */
    assert_int_equal(target->ports.total, 11);
    assert_int_equal(ports_at(&target->ports, 0), 22);
    assert_int_equal(ports_at(&target->ports, 10), 89);
    target_drop(target);
}

/* A cell beside the target says by what to ask it. */
static void test_target_takes_the_protocol_of_a_cell(void **state)
{
    static const struct {
        const char *text;
        const char *word;
        enum protocol_id protocol;
        enum fault_code code;
    } rows[] = {
        {"db:53", "udp", PROTOCOL_UDP, FAULT_NONE},
        {"db", "ICMP", PROTOCOL_ICMP, FAULT_NONE},
        {"db:443", "tls", PROTOCOL_TLS, FAULT_NONE},
        {"tls://db:443", "tcp", PROTOCOL_TLS, FAULT_NONE},
        {"udp://db:53", "udp", PROTOCOL_UDP, FAULT_NONE},
        {"db:ntp", "tcp", PROTOCOL_TCP, FAULT_NONE},
        {"udp://db:53", "tcp", PROTOCOL_UDP, FAULT_PORT_PROTOCOL},
        {"db:53/udp", "tcp", PROTOCOL_TCP, FAULT_PORT_PROTOCOL},
        {"db:22", "icmp", PROTOCOL_TCP, FAULT_PORT_USELESS},
        {"db:22", "sctp", PROTOCOL_TCP, FAULT_PROTOCOL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct target *target = target_of(rows[i].text);
        const struct slice word = {rows[i].word, 0, strlen(rows[i].word)};
        struct fault fault = {FAULT_NONE, 0, 0};
        claim_error(rows[i].text, target_set_protocol(target, &word, &fault),
                    error_beside(rows[i].code));
        claim_fault(rows[i].text, &fault,
                    &(struct fault){rows[i].code, 0, rows[i].code != FAULT_NONE ? word.to : 0});
        claim_number(rows[i].text, "protocol", target->protocol, rows[i].protocol);
        target_drop(target);
    }
}

static void test_target_invalid_keeps_line_fault_and_place(void **state)
{
    static const size_t lens[] = {7, 0};
    for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
        char line[] = "db\0x:80";
        const struct fault fault = {FAULT_HOST_BYTE, 2, 1};
        const struct place place = {"hosts.txt", 12, 0};
        struct target *target = target_new_invalid(line, lens[i], &fault, &place);
        assert_non_null(target);
        memset(line, 'z', sizeof line); /* the line is copied */
        assert_int_equal(target->kind, TARGET_INVALID);
        claim_bytes("line", "host", target->host, target->host_len, "db\0x:80", lens[i]);
        assert_int_equal(target->host[lens[i]], '\0');
        claim_fault("line", &target->fault, &fault);
        assert_string_equal(target->place.source, "hosts.txt");
        assert_int_equal(target->place.line, 12);
        assert_int_equal(target->ports.total, 0);
        assert_false(target->expects_down);
        target_drop(target);
    }
}

static void test_target_is_freed_by_its_last_holder(void **state)
{
    struct target *target = target_of("db:80");
    assert_int_equal(target->references, 1);
    assert_ptr_equal(target_hold(target), target);
    assert_int_equal(target->references, 2);
    target_drop(target);
    assert_int_equal(target->references, 1);
    assert_string_equal(target->host, "db");
    target_drop(target);
    target_drop(NULL); /* is allowed */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_target_knows_what_is_spoken_and_the_path),
        cmocka_unit_test(test_target_name_is_parsed),
        cmocka_unit_test(test_target_protocol_is_that_before_the_host),
        cmocka_unit_test(test_target_address_or_prefix_is_parsed),
        cmocka_unit_test(test_target_range_is_parsed),
        cmocka_unit_test(test_target_with_a_letter_stays_a_name),
        cmocka_unit_test(test_target_exclamation_mark_expects_down),
        cmocka_unit_test(test_target_bad_one_is_rejected_with_its_place),
        cmocka_unit_test(test_target_url_has_at_most_100_hosts),
        cmocka_unit_test(test_target_nul_byte_is_rejected),
        cmocka_unit_test(test_target_bytes_behind_the_length_are_not_read),
        cmocka_unit_test(test_target_name_has_at_most_253_bytes),
        cmocka_unit_test(test_target_label_of_64_bytes_is_too_long),
        cmocka_unit_test(test_target_is_held_against_the_rules),
        cmocka_unit_test(test_target_takes_the_protocol_of_a_cell),
        cmocka_unit_test(test_target_takes_the_ports_of_the_rules),
        cmocka_unit_test(test_target_invalid_keeps_line_fault_and_place),
        cmocka_unit_test(test_target_is_freed_by_its_last_holder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
