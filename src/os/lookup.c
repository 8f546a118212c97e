#include "netcheck/os/lookup.h"

#include <stdlib.h>

void lookup_release(struct lookup *lookup)
{
    free(lookup->addresses);
    lookup->addresses = NULL;
    lookup->count = 0;
    shared_drop(lookup->canonical);
    lookup->canonical = NULL;
}
