#include "netcheck/base/shared.h"

#include <stdlib.h>
#include <string.h>

struct shared *shared_new(const char *text)
{
    size_t size = strlen(text) + 1;
    struct shared *shared = malloc(sizeof *shared + size);
    if (shared == NULL)
        return NULL;
    shared->holders = 1;
    memcpy(shared->text, text, size);
    return shared;
}

struct shared *shared_hold(struct shared *shared)
{
    if (shared != NULL)
        shared->holders++;
    return shared;
}

void shared_drop(struct shared *shared)
{
    if (shared != NULL && --shared->holders == 0)
        free(shared);
}
