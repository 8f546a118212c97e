/*
 * service_table: the ports of services by name, and which files say so.
 *
 * Knows the format of /etc/services and of /etc/nsswitch.conf, and reads no file. Names are
 * kept as they are written: capitals matter.
 *
 * Invariants: capacity is 0 or a power of two, and more than the count.
 */
#ifndef NETCHECK_SERVICE_TABLE_H
#define NETCHECK_SERVICE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"

enum { SERVICE_NAME_MAX = 255 };

struct service_table {
    struct buffer names;
    struct service_slot *slots; /* owned */
    size_t capacity;
    size_t count;
};

#define SERVICE_TABLE_EMPTY      \
    {                            \
        BUFFER_EMPTY, NULL, 0, 0 \
    }

/* Forget everything; the table is empty and usable again. */
void service_table_release(struct service_table *table);

/* Whether `name` is in it; port  out. */
bool service_table_find(const struct service_table *table, const char *name, size_t len,
                        uint16_t *port);

/*
 * Keep the port of a name, any number, unless it is there already or longer than
 * SERVICE_NAME_MAX. False without memory, where the name is not kept.
 */
bool service_table_add(struct service_table *table, const char *name, size_t len,
                       uint16_t port);

/*
 * Add the names and aliases of the services of a transport, "tcp" or "udp", of a text in the
 * format of /etc/services. What is no such line is passed over. False without memory.
 */
bool service_table_read(struct service_table *table, const char *transport, const char *text,
                        size_t len);

/*
 * Whether a text in the format of /etc/nsswitch.conf sends a question for a service
 * to /etc/services alone; so does one without a line about services.
 *
 * has_db  the source "db" has something to say, as a file of its own
 */
bool service_sources_are_file(const char *text, size_t len, bool has_db);

#endif
