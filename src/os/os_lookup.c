#include "netcheck/os/name_service.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "netcheck/base/base.h"
#include "netcheck/os/musl_limits.h"
#include "os_internal.h"

static const char hosts_path[] = "/etc/hosts";
static const char conf_path[] = "/etc/resolv.conf";

static bool has_address(const struct lookup *lookup, const struct address *address)
{
    for (size_t i = 0; i < lookup->count; i++)
        if (address_equals(&lookup->addresses[i], address))
            return true;
    return false;
}

/* Some libcs give an address once for each entry of the hosts file: duplicates are dropped. */
static void take_addresses(const struct addrinfo *list, struct lookup *lookup)
{
    size_t counts[2] = {0, 0}; /* IPv4, IPv6 */
    lookup->addresses = malloc(sizeof *lookup->addresses * 2 * LOOKUP_ADDRESS_MAX);
    if (lookup->addresses == NULL) {
        lookup->lookup_error = EAI_MEMORY;
        return;
    }
    for (; list != NULL; list = list->ai_next) {
        struct address address;
        if (!address_from_socket(list->ai_addr, &address) || has_address(lookup, &address))
            continue;
        unsigned family = address_family_bit(&address);
        size_t *count = &counts[family == FAMILY_IPV6];
        if (*count == LOOKUP_ADDRESS_MAX) {
            lookup->cut |= family;
            continue;
        }
        (*count)++;
        lookup->addresses[lookup->count++] = address;
    }
    struct address *kept =
        realloc(lookup->addresses, (lookup->count + 1) * sizeof *lookup->addresses);
    if (kept != NULL)
        lookup->addresses = kept;
}

static void take_canonical(const char *host, const char *name, struct lookup *lookup)
{
    if (name == NULL)
        return;
    size_t len = lookup_name_len(name);
    if (len == lookup_name_len(host) && strncasecmp(name, host, len) == 0)
        return;
    lookup->canonical = shared_new(name);
    if (lookup->canonical != NULL)
        lookup->canonical->text[len] = '\0';
}

static void look_up(const char *host, int family, struct lookup *lookup)
{
    struct addrinfo hints;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = family;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_CANONNAME; /* costs no question (glibc 2.36, musl 1.2.3) */
    struct addrinfo *list = NULL;
    errno = 0;
    lookup->lookup_error = os_extra_find_addresses(host, &hints, &list);
    lookup->system_error = errno;
    if (lookup->lookup_error != 0)
        return;
    take_addresses(list, lookup);
    take_canonical(host, list->ai_canonname, lookup);
    freeaddrinfo(list);
}

/* Why musl does not know a name that may be in the files. */
static enum lookup_cause find_limit(const char *host, unsigned families)
{
    enum lookup_cause cause = LOOKUP_CAUSE_NONE;
    char *hosts = os_read_file(hosts_path);
    char *conf = os_read_file(conf_path);
    if (hosts != NULL)
        cause = musl_limits_hosts(hosts, host, families);
    if (cause == LOOKUP_CAUSE_NONE && conf != NULL)
        cause = musl_limits_search(conf, host);
    free(hosts);
    free(conf);
    return cause;
}

enum lookup_cause os_hang_cause(void)
{
    bool is_missing = access(conf_path, F_OK) != 0 && errno == ENOENT;
    return is_missing ? LOOKUP_CAUSE_NO_RESOLV_CONF : LOOKUP_CAUSE_NONE;
}

static bool is_nameless(const struct lookup *lookup)
{
    const int no_data = -5; /* EAI_NODATA, of glibc, and of musl from 1.2.4 on: strict POSIX
                               hides it */
    return lookup->lookup_error == EAI_NONAME || lookup->lookup_error == no_data;
}

static enum lookup_cause find_cause(const char *host, const struct lookup *lookup)
{
    if (is_nameless(lookup) && os_extra_is_musl())
        return find_limit(host, lookup->families);
    return lookup->lookup_error == EAI_AGAIN ? os_hang_cause() : LOOKUP_CAUSE_NONE;
}

void os_lookup(const char *host, struct lookup *lookup)
{
    static const int families[] = {AF_INET, AF_INET6};
    bool is_both = lookup->families == FAMILY_ANY;
    int single = lookup->families == FAMILY_IPV6 ? AF_INET6 : AF_INET;
    look_up(host, is_both ? AF_UNSPEC : single, lookup);
    for (size_t i = 0; i < ARRAY_LEN(families); i++)
        if (is_both && is_nameless(lookup) && os_extra_hides_a_family())
            look_up(host, families[i], lookup);
    lookup->cause = find_cause(host, lookup);
}
