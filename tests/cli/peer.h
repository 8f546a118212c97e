/*
 * peer: the other side of a probe, on a loopback port that the system chose.
 */
#ifndef TESTS_CLI_PEER_H
#define TESTS_CLI_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PEER_FILLERS = 8,
    PEER_TEXT_SIZE = 64,
};

struct peer {
    int fd; /* -1: none */
    uint16_t port;
    char host[PEER_TEXT_SIZE];   /* "127.0.0.1", "::1" */
    char target[PEER_TEXT_SIZE]; /* "127.0.0.1:4711", "[::1]:4711" */
    int fillers[PEER_FILLERS];   /* connections that fill the backlog of a silent port */
    size_t filler_count;
};

/* What a connection brought. */
struct visit {
    char host[PEER_TEXT_SIZE]; /* where it came from */
    size_t bytes;              /* that were received */
    bool is_clean;             /* it ended with FIN, not with RST */
};

/* A port that accepts: the system does, and peer_count() or peer_take() look later. */
void peer_listen(struct peer *peer, const char *host);

/* A port that is taken, but nobody listens: it refuses, and nothing else can get it. */
void peer_refuse(struct peer *peer, const char *host);

/* The same on a port of the caller's choice; false where it is taken. */
bool peer_refuse_at(struct peer *peer, const char *host, uint16_t port);

/* A port that refuses, or one that was closed, accepts from now on. */
void peer_open(struct peer *peer);

/* An open port refuses from now on; fails the test in the rare case that it is lost. */
void peer_close(struct peer *peer);

/*
 * A port that refuses accepts one or two connections from now on, and then never answers: they
 * fill its backlog.
 */
void peer_fade(struct peer *peer);

/* A port that never answers: its backlog is full, so the system drops every SYN. */
void peer_silence(struct peer *peer, const char *host);

/* A silent port answers from now on. */
void peer_wake(struct peer *peer);

/* Whether this machine has IPv6 on its loopback. */
bool peer_has_ipv6(void);

/* Accept and close all connections that came so far, and count them. */
size_t peer_count(struct peer *peer);

/* Accept one connection and read it to its end; fails the test where none comes. */
void peer_take(struct peer *peer, struct visit *visit);

/* Close its sockets. A peer of zeros is none. */
void peer_release(struct peer *peer);

#endif
