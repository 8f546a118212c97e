#include "netcheck/os/name_service.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "netcheck/base/base.h"
#include "os_internal.h"

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
    lookup->lookup_error = getaddrinfo(host, NULL, &hints, &list);
    lookup->system_error = errno;
    if (lookup->lookup_error != 0)
        return;
    take_addresses(list, lookup);
    take_canonical(host, list->ai_canonname, lookup);
    freeaddrinfo(list);
}

void os_lookup(const char *host, struct lookup *lookup)
{
    static const int families[] = {AF_INET, AF_INET6};
    bool is_both = lookup->families == FAMILY_ANY;
    int single = lookup->families == FAMILY_IPV6 ? AF_INET6 : AF_INET;
    look_up(host, is_both ? AF_UNSPEC : single, lookup);
    for (size_t i = 0; i < ARRAY_LEN(families); i++)
        if (is_both && lookup->lookup_error == EAI_NONAME && os_extra_hides_a_family())
            look_up(host, families[i], lookup);
}
