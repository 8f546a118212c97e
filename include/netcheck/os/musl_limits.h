/*
 * musl_limits: what musl passes over in the files that it resolves names with, where other C
 * libraries do not: it says "no such name" then.
 *
 * Knows the formats of hosts(5) and resolv.conf(5). Reads no file; pure.
 *
 * Source: musl 1.2.3, name_from_hosts() in src/network/lookup_name.c and __get_resolv_conf() in
 * src/network/resolvconf.c; each limit was tried, to the byte, with musl 1.2.3.
 */
#ifndef NETCHECK_MUSL_LIMITS_H
#define NETCHECK_MUSL_LIMITS_H

#include "netcheck/os/lookup.h"

enum {
    MUSL_HOSTS_LINE_MAX = 510, /* bytes of a line of hosts, up to the end of a name */
    MUSL_CONF_LINE_MAX = 254,  /* of a line of resolv.conf, without its end */
};

/*
 * Why musl does not find `host` in one of `families` (FAMILY_ bits), although `text`, which is
 * that of the hosts file, has it; LOOKUP_CAUSE_NONE where it has not, or musl finds it.
 */
enum lookup_cause musl_limits_hosts(const char *text, const char *host, unsigned families);

/*
 * LOOKUP_CAUSE_SEARCH_LIST where the last search list of `text`, which is resolv.conf, is one
 * that musl passes over, and `host` one that it would search for: with fewer dots than `ndots`
 * and none at its end. Else LOOKUP_CAUSE_NONE.
 */
enum lookup_cause musl_limits_search(const char *text, const char *host);

#endif
