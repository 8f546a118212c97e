/*
 * dns: a name server on this machine alone, whose answers a test chooses while the program
 * runs.
 *
 * The program finds it in a resolv.conf of its own, by way of a mount namespace: that takes
 * root. It answers only while dns_turn() is called.
 */
#ifndef TESTS_CLI_DNS_H
#define TESTS_CLI_DNS_H

#include "harness.h"

enum { DNS_TIMEOUT_S = 20 }; /* after which a lookup that is not answered fails */

enum dns_answer {
    DNS_SILENT,
    DNS_NO_SUCH_NAME,
    DNS_ADDRESS, /* that of `host` in dns_open() for IPv4, none for IPv6 */
    DNS_FAILS,
    DNS_FAILS_FOR_IPV4, /* for IPv6 there is no address */
    DNS_FAILS_FOR_IPV6,
    DNS_FORMAT_ERROR,
};

struct dns {
    int fd;
    char host[16];
    char also[16];  /* another address of this machine, a test's own like `host` */
    bool has_also;  /* DNS_ADDRESS is both of them */
    char conf[128]; /* path of the resolv.conf */
    char switch_conf[128];
    char hosts[128]; /* path of the hosts file; "": the system's */
    enum dns_answer answer;
    const char *wild;    /* names that end so have ::1 and no IPv4 address; NULL: none do */
    bool is_ipv6_silent; /* questions for an IPv6 address are not answered */
    const struct folder *folder;
    size_t asked; /* questions for an IPv4 address, answered or not */
};

/* On port 53 of `host`, an address of 127.0.0.0/8. Skips the test where that is not possible.
 */
void dns_open(struct dns *dns, const char *host, const struct folder *folder);
void dns_release(struct dns *dns);

/* Another resolv.conf for the programs that are started from here on; "%s" is `host`. */
void dns_configure(struct dns *dns, const char *conf);

/* Another hosts file for them. */
void dns_add_hosts(struct dns *dns, const char *hosts);

/* launch.prepare with a struct dns as its detail: the program will ask this server. */
void dns_prepare(void *detail);

/* As watch_for(), only a moment, and answer what was asked. */
bool dns_turn(struct dns *dns, struct program *program);

/* As program_await() and program_finish(). */
void dns_await(struct dns *dns, struct program *program, const char *text);
void dns_finish(struct dns *dns, struct program *program);

#endif
