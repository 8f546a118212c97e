#include "netcheck/base/grow.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum error grow_array(void *array, size_t *capacity, size_t need, size_t item_size)
{
    size_t most = PTRDIFF_MAX / item_size;
    if (need <= *capacity)
        return ERROR_NONE;
    size_t wanted = need > 2 * *capacity ? need : 2 * *capacity;
    if (wanted > most)
        return ERROR_NO_MEMORY;
    /* Copied, because a pointer of another type must not be read as a void pointer. */
    void *items;
    memcpy(&items, array, sizeof items);
    void *grown = realloc(items, wanted * item_size);
    if (grown == NULL)
        return ERROR_NO_MEMORY;
    memcpy(array, &grown, sizeof grown);
    *capacity = wanted;
    /* cppcheck-suppress memleak; the caller's pointer has it now */
    return ERROR_NONE;
}
