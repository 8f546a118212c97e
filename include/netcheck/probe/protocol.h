/*
 * protocol: how one address is asked, behind one interface.
 *
 * An attempt is a descriptor that becomes writable when something is known. A protocol says
 * what that something is; when to start, how long to wait and what to do next is the engine's.
 *
 * Held on paper against what may come. UDP: a connected socket whose start() also sends, and
 * whose answer makes it readable; it needs a row that says which of the two the engine waits
 * for, and send and receive in struct os. ICMP shares one descriptor among thousands of
 * attempts: start() sends under a key and hands out no descriptor, and one more function drains
 * the shared one and names the attempts that were answered. Neither changes what is here. Two
 * things of TCP stand in the engine: the count of lost SYNs and the answer to self-connects.
 */
#ifndef NETCHECK_PROTOCOL_H
#define NETCHECK_PROTOCOL_H

#include "netcheck/os/os.h"
#include "netcheck/probe/outcome.h"
#include "netcheck/target/protocols.h"

enum protocol_step {
    PROTOCOL_PENDING, /* nothing final yet */
    PROTOCOL_DONE,    /* `outcome` says what was learned; the descriptor may be closed */
    PROTOCOL_AGAIN,   /* void: close the descriptor with abort() and ask again */
    PROTOCOL_SHORT, /* this machine's shortage, see outcome_is_shortage(); nothing was asked */
};

struct protocol {
    const char *name; /* as in PROTOCOL:// and in output */

    /*
     * Ask `address`. With PROTOCOL_PENDING `fd` is an open descriptor, which the caller closes;
     * otherwise it is -1 and `outcome` is set. Never AGAIN.
     */
    enum protocol_step (*start)(const struct os *os, const struct address *address,
                                const struct os_origin *origin, int *fd,
                                struct outcome *outcome);

    /*
     * Look what became of it: after a wake-up, and once more at the deadline. Never SHORT.
     * A PROTOCOL_PENDING after a wake-up means that the wake-up was spurious, or no more than a
     * first sign: the caller looks again after a pause of at least 1 ms, never at once.
     *
     * outcome     out, but with AGAIN; with PENDING, what it comes to if that remains all
     * connection  out; what the system told of it, unknown where it was not asked
     */
    enum protocol_step (*look)(const struct os *os, const struct address *address, int fd,
                               struct outcome *outcome, struct os_connection *connection);
};

extern const struct protocol protocol_tcp;

/* How a target of this protocol is asked; `id` is not PROTOCOL_NONE. */
const struct protocol *protocol_of(enum protocol_id id);

#endif
