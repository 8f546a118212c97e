/*
 * order: finished rows back into input order, within a fixed window.
 *
 * A row waits here until all before it are there. When the first of the window is slow, the
 * window fills and order_has_room() says so: the pipeline stops asking, and memory stays flat.
 * It is full by the number of rows, or by their size: an invalid line may be a thousand times
 * as long as a row is otherwise, and a name may have many addresses.
 *
 * Invariants: first <= sequence < first + capacity for all rows held; slots[s % capacity] is
 * the slot of sequence s.
 */
#ifndef NETCHECK_ORDER_H
#define NETCHECK_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/error.h"
#include "netcheck/probe/result.h"

struct order;

/*
 * capacity   sequences in the window, 1 and more
 * bytes_max  that rows may hold beyond what one plain row a sequence takes
 *
 * Returns ERROR_NONE or ERROR_NO_MEMORY.
 */
enum error order_new(size_t capacity, size_t bytes_max, struct order **order);

/* Release what is held. NULL is allowed. */
void order_free(struct order *order);

/*
 * Whether an endpoint may be asked as `sequence`: its row will fit into the window. The next
 * one in order always does. Its row may be put in then, however large it has become.
 */
bool order_has_room(const struct order *order, uint64_t sequence);

/*
 * Put a row in; its reference to the target moves. Rows of one sequence come in their own order
 * and all of them, see result.rows.
 *
 * Returns ERROR_NONE, or ERROR_NO_MEMORY: the row was released.
 */
enum error order_put(struct order *order, struct result *result);

/*
 * Do not wait for the sequences before the next row that is held: they will not come any more.
 * False where none is held. A row of such a sequence must not be put in later.
 */
bool order_skip(struct order *order);

/* Whether the next row in order is there. */
bool order_has_next(struct order *order);

/* The next row in order; false while it is missing. The caller releases it. */
bool order_take(struct order *order, struct result *result);

#endif
