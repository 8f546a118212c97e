/*
 * world_parts: what the files of a world share. Private to them.
 */
#ifndef NETCHECK_TESTS_WORLD_PARTS_H
#define NETCHECK_TESTS_WORLD_PARTS_H

#include "world.h"

/* This must not happen. */
void world_violate(struct world *world, const char *what);

/* A call takes its time. */
void world_spend(struct world *world);

/* The open socket; a violation where it is not open. */
struct world_socket *world_socket_of(struct world *world, int fd);

/* Who is there; NULL: nobody. */
struct world_host *world_find_host(struct world *world, const struct address *address);

enum behaviour world_behaviour_of(const struct world *world, const struct world_host *host);

/* The socket begins to ask the host, which may be NULL. */
void world_begin_asking(struct world *world, struct world_socket *socket,
                        struct world_host *host, const struct address *address);

/* Whether no route leads there now. */
bool world_is_unrouted(const struct world *world, const struct address *address);

/* When there is something to be read on the connection; NEVER_NS: never. */
int64_t world_stream_due_ns(const struct world_socket *socket);

/* As receive() of struct os, on a connection. */
int world_stream_receive(struct world *world, struct world_socket *socket,
                         struct os_message *message);

/* Let the table of functions have those of datagrams. */
void world_serve_datagrams(struct os *os);

#endif
