#include "netcheck/os/lookup.h"

#include <netdb.h>
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

void lookup_copy(const struct lookup *from, unsigned family, struct lookup *answer)
{
    *answer = (struct lookup){
        .families = family,
        .lookup_error = from->lookup_error,
        .system_error = from->system_error,
        .cause = from->cause,
        .cut = from->cut & family,
    };
    if (from->count == 0)
        return;
    answer->addresses = malloc(from->count * sizeof *answer->addresses);
    if (answer->addresses == NULL) {
        answer->lookup_error = EAI_MEMORY;
        return;
    }
    for (size_t i = 0; i < from->count; i++)
        if (address_family_bit(&from->addresses[i]) == family)
            answer->addresses[answer->count++] = from->addresses[i];
    if (answer->count > 0)
        answer->canonical = shared_hold(from->canonical);
}
