/*
 * grow: makes room in an array on the heap, the same way for every array.
 *
 * The owner keeps the array, how many items it has room for (the capacity), and how many of
 * them are in use, which is no matter of this module.
 */
#ifndef NETCHECK_GROW_H
#define NETCHECK_GROW_H

#include <stddef.h>

#include "netcheck/base/error.h"

/*
 * GROW(array, capacity, need): make room for `need` items at least.
 *
 * array     an lvalue of pointer type: NULL, or from malloc(3); to be freed by its owner
 * capacity  an lvalue of type size_t: for how many items there is room, 0 with NULL
 * need      items
 *
 * Where there is room already, nothing changes. Otherwise the new capacity is the larger of
 * `need` and twice the old one, so that adding items one by one takes time in proportion to
 * their number. The old items are kept; the room behind them is not initialised.
 *
 * Returns NONE, or NO_MEMORY, also where the size overflows; array and capacity are then as
 * they were.
 */
#define GROW(array, capacity, need)           \
    grow_array(&(array), &(capacity), (need), \
               sizeof((array)[0])) /* NOLINT(bugprone-sizeof-expression): or a pointer */

/* What GROW() calls. `array` is the address of the pointer, of any type. */
enum error grow_array(void *array, size_t *capacity, size_t need, size_t item_size);

#endif
