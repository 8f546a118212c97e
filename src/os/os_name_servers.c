/*
 * os_name_servers: how long the C library waits for one name server before it asks the next.
 */
#ifdef __linux__
#define _GNU_SOURCE /* environ, asprintf() */
#endif

#include "netcheck/os/name_service.h"
#include "os_internal.h"

#ifdef __GLIBC__

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netcheck/os/resolv_conf.h"

static struct {
    char **inherited; /* as it was given to us; NULL: it still is that one */
    char **changed;
} environment;

/* A name server that fails for one family, beside "no address" for the other one. */
bool os_extra_hides_a_family(void)
{
    return true;
}

/* Where a service could not be asked, errno (nss_dns/dns-host.c) or h_errno still say so. */
int os_extra_find_addresses(const char *host, const struct addrinfo *hints,
                            struct addrinfo **list)
{
    h_errno = 0;
    int error = getaddrinfo(host, NULL, hints, list);
    if (error != EAI_NONAME && error != EAI_NODATA)
        return error;
    if (errno == EAGAIN)
        return EAI_AGAIN;
    return h_errno == NO_RECOVERY ? EAI_FAIL : error;
}

bool os_extra_is_musl(void)
{
    return false;
}

/* For as many name servers as there are; NULL where the user has said how long to wait. */
static const char *choose_patience(void)
{
    char *text = os_read_file("/etc/resolv.conf");
    const char *patience =
        resolv_conf_patience(getenv("RES_OPTIONS"), text != NULL ? text : "");
    free(text);
    return patience;
}

/*
 * A new environment beside the old one: a lookup that hangs may read either of them when
 * COMMAND gets the old one back.
 */
void os_prepare_lookups(void)
{
    static const char name[] = "RES_OPTIONS=";
    const char *patience = choose_patience();
    const char *old = getenv("RES_OPTIONS");
    size_t count = 0;
    while (environ != NULL && environ[count] != NULL)
        count++;
    if (patience == NULL || environment.inherited != NULL)
        return;
    char **changed = calloc(count + 2, sizeof *changed);
    char *entry = NULL;
    if (changed == NULL || asprintf(&entry, "%s%s%s%s", name, old != NULL ? old : "",
                                    old != NULL ? " " : "", patience) < 0) {
        free(changed); /* glibc's own times have to do */
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], name, sizeof name - 1) != 0)
            changed[kept++] = environ[i];
    changed[kept] = entry;
    environment.inherited = environ;
    environment.changed = changed;
    environ = changed;
}

void os_extra_restore_environment(void)
{
    if (environment.inherited != NULL)
        environ = environment.inherited;
}

#else

#include <netdb.h>

int os_extra_find_addresses(const char *host, const struct addrinfo *hints,
                            struct addrinfo **list)
{
    return getaddrinfo(host, NULL, hints, list);
}

/* musl 1.2.3: NXDOMAIN for IPv6 hides the IPv4 address that came with it. */
bool os_extra_hides_a_family(void)
{
#ifdef __linux__
    return true;
#else
    return false;
#endif
}

bool os_extra_is_musl(void)
{
#ifdef __linux__
    return true;
#else
    return false;
#endif
}

/* musl asks all name servers at once. */
void os_prepare_lookups(void)
{
}

void os_extra_restore_environment(void)
{
}

#endif
