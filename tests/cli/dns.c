#define _GNU_SOURCE /* unshare */

#include "dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netcheck/base/base.h"
#include "watch.h"

enum {
    DNS_PORT = 53,
    PACKET_SIZE = 512,
    HEADER_SIZE = 12, /* RFC 1035, section 4.1.1 */
    TYPE_A = 1,
    TYPE_AAAA = 28,
    RECORD_SIZE = 16,
    NOT_POSSIBLE = 125,
};

/* Whether a child could do what dns_prepare() does. */
static bool is_possible(struct dns *dns)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dns_prepare(dns);
        _exit(0);
    }
    assert_true(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Hosts of scenes have a second byte from 100 on, this one below. */
static void choose_also(struct dns *dns)
{
    unsigned bytes[3] = {0, 0, 0};
    assert_int_equal(sscanf(dns->host, "127.%u.%u.%u", &bytes[0], &bytes[1], &bytes[2]), 3);
    (void)snprintf(dns->also, sizeof dns->also, "127.%u.%u.%u", (bytes[0] % 99 + 1) % 256,
                   bytes[1] % 256, bytes[2] % 256);
}

void dns_open(struct dns *dns, const char *host, const struct folder *folder)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(DNS_PORT)};
    char conf[64];
    *dns = (struct dns){.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                        .folder = folder};
    assert_true(dns->fd >= 0);
    assert_int_equal(inet_pton(AF_INET, host, &address.sin_addr), 1);
    (void)snprintf(dns->host, sizeof dns->host, "%s", host);
    choose_also(dns);
    (void)snprintf(conf, sizeof conf, "nameserver %%s\noptions timeout:%d attempts:1\n",
                   DNS_TIMEOUT_S);
    dns_configure(dns, conf);
    folder_write(folder, "nsswitch.conf", "hosts: files dns\n", 17);
    (void)snprintf(dns->conf, sizeof dns->conf, "%s/resolv.conf", folder->path);
    (void)snprintf(dns->switch_conf, sizeof dns->switch_conf, "%s/nsswitch.conf", folder->path);
    if (bind(dns->fd, (struct sockaddr *)&address, sizeof address) == 0 && is_possible(dns))
        return;
    dns_release(dns);
    skip();
}

void dns_configure(struct dns *dns, const char *conf)
{
    char text[1024];
    const char *at = strstr(conf, "%s");
    int before = at != NULL ? (int)(at - conf) : (int)strlen(conf);
    int len = snprintf(text, sizeof text, "%.*s%s%s", before, conf, at != NULL ? dns->host : "",
                       at != NULL ? at + 2 : "");
    assert_in_range(len, 0, sizeof text - 1);
    folder_write(dns->folder, "resolv.conf", text, (size_t)len);
}

void dns_add_hosts(struct dns *dns, const char *hosts)
{
    folder_write(dns->folder, "hosts", hosts, strlen(hosts));
    (void)snprintf(dns->hosts, sizeof dns->hosts, "%s/hosts", dns->folder->path);
}

void dns_release(struct dns *dns)
{
    (void)close(dns->fd); /* nothing is owed to anybody */
    dns->fd = -1;
}

void dns_prepare(void *detail)
{
    const struct dns *dns = detail;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(dns->conf, "/etc/resolv.conf", NULL, MS_BIND, NULL) != 0 ||
        (dns->hosts[0] != '\0' && mount(dns->hosts, "/etc/hosts", NULL, MS_BIND, NULL) != 0))
        _exit(NOT_POSSIBLE);
    /* musl has no such file. */
    if (mount(dns->switch_conf, "/etc/nsswitch.conf", NULL, MS_BIND, NULL) != 0 &&
        errno != ENOENT)
        _exit(NOT_POSSIBLE);
}

/* Append an address record for the name in the question. Returns the new length. */
static size_t add_address(unsigned char *packet, size_t len, const char *host)
{
    static const unsigned char record[] = {0xc0, HEADER_SIZE, 0, TYPE_A, 0, 1,
                                           0,    0,           0, 0,      0, 4};
    struct in_addr address;
    assert_int_equal(inet_pton(AF_INET, host, &address), 1);
    memcpy(packet + len, record, sizeof record);
    memcpy(packet + len + sizeof record, &address, sizeof address);
    packet[7]++;
    return len + sizeof record + sizeof address;
}

/* Append ::1 for the name in the question. Returns the new length. */
static size_t add_loopback(unsigned char *packet, size_t len)
{
    static const unsigned char record[] = {0xc0, HEADER_SIZE, 0, TYPE_AAAA, 0, 1,
                                           0,    0,           0, 0,         0, 16};
    memcpy(packet + len, record, sizeof record);
    memset(packet + len + sizeof record, 0, 15);
    packet[len + sizeof record + 15] = 1;
    packet[7]++;
    return len + sizeof record + 16;
}

/* Whether the name in the question ends as `wild` does; both as text. */
static bool is_wild(const struct dns *dns, const unsigned char *packet, size_t end)
{
    char name[PACKET_SIZE];
    size_t len = 0;
    for (size_t at = HEADER_SIZE; at < end && packet[at] != 0; at += packet[at] + 1u)
        len += (size_t)snprintf(name + len, sizeof name - len, ".%.*s", packet[at],
                                (const char *)packet + at + 1);
    size_t wild_len = dns->wild != NULL ? strlen(dns->wild) : 0;
    return dns->wild != NULL && wild_len < len && strcmp(name + len - wild_len, dns->wild) == 0;
}

/* RFC 1035, section 4.1.1 */
static unsigned char choose_code(enum dns_answer answer, bool is_a)
{
    enum { NO_ERROR, FORMAT_ERROR, SERVER_FAILURE, NAME_ERROR };
    bool has_failed = answer == DNS_FAILS || (answer == DNS_FAILS_FOR_IPV4 && is_a) ||
                      (answer == DNS_FAILS_FOR_IPV6 && !is_a);
    if (has_failed)
        return SERVER_FAILURE;
    if (answer == DNS_NO_SUCH_NAME)
        return NAME_ERROR;
    return answer == DNS_FORMAT_ERROR ? FORMAT_ERROR : NO_ERROR;
}

/* Turn the question in `packet` into its answer. Returns its length. */
static size_t make_answer(const struct dns *dns, unsigned char *packet, size_t len, bool is_a)
{
    bool is_below = is_wild(dns, packet, len);
    bool has_address = is_a && !is_below && dns->answer == DNS_ADDRESS;
    packet[2] |= 0x84; /* an answer, and authoritative */
    packet[3] = 0x80 | choose_code(dns->answer, is_a);
    packet[7] = packet[9] = packet[11] = 0; /* what was there (EDNS) is dropped */
    if (is_below && packet[len - 3] == TYPE_AAAA)
        len = add_loopback(packet, len);
    if (has_address)
        len = add_address(packet, len, dns->host);
    if (has_address && dns->has_also)
        len = add_address(packet, len, dns->also);
    return len;
}

/* Where the question ends, behind its type and class. */
static size_t find_end(const unsigned char *packet, size_t len)
{
    size_t at = HEADER_SIZE;
    while (at < len && packet[at] != 0)
        at += packet[at] + 1u;
    assert_true(at + 5 <= len);
    return at + 5;
}

static void answer_one(struct dns *dns)
{
    unsigned char packet[PACKET_SIZE + 2 * RECORD_SIZE];
    struct sockaddr_in client;
    socklen_t client_len = sizeof client;
    ssize_t len =
        recvfrom(dns->fd, packet, PACKET_SIZE, 0, (struct sockaddr *)&client, &client_len);
    if (len <= HEADER_SIZE)
        return;
    size_t end = find_end(packet, (size_t)len);
    bool is_a = packet[end - 3] == TYPE_A;
    dns->asked += is_a;
    if (dns->answer == DNS_SILENT || (dns->is_ipv6_silent && !is_a))
        return;
    end = make_answer(dns, packet, end, is_a);
    (void)sendto(dns->fd, packet, end, 0, (struct sockaddr *)&client, client_len);
    /* who does not get it asks again */
}

bool dns_turn(struct dns *dns, struct program *program)
{
    answer_one(dns);
    return watch_for(program, 1);
}

void dns_await(struct dns *dns, struct program *program, const char *text)
{
    while (strstr(buffer_text(&program->out), text) == NULL)
        if (!dns_turn(dns, program))
            expect_text(program->launch.label, "standard output at its end",
                        buffer_text(&program->out), text);
}

void dns_finish(struct dns *dns, struct program *program)
{
    while (dns_turn(dns, program))
        continue;
    program_finish(program);
}
