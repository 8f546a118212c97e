#include "netcheck/os/lookup.h"

#include <stdlib.h>
#include <string.h>

size_t lookup_name_len(const char *host)
{
    size_t len = strlen(host);
    return len > 0 && host[len - 1] == '.' ? len - 1 : len;
}

void lookup_release(struct lookup *lookup)
{
    free(lookup->addresses);
    lookup->addresses = NULL;
    lookup->count = 0;
    shared_drop(lookup->canonical);
    lookup->canonical = NULL;
}
