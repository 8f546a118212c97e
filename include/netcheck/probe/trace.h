/*
 * trace: what the engine did, step by step, for -v. Plain values; report/trace.c words them.
 */
#ifndef NETCHECK_TRACE_H
#define NETCHECK_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "netcheck/target/endpoint.h"
#include "netcheck/probe/outcome.h"
#include "netcheck/probe/reply.h"
#include "netcheck/base/shared.h"

enum trace_kind {
    TRACE_RESOLVING,  /* lookups of the name were started or joined */
    TRACE_ANSWER,     /* a lookup came back: `family`, `count` addresses or `outcome` */
    TRACE_CUT,        /* the answer had more addresses than are asked: `count` of them are */
    TRACE_EXCLUDED,   /* `count` addresses of the answer are excluded */
    TRACE_TRYING,     /* an address is being asked */
    TRACE_FAILED,     /* an address failed: `outcome`, `took_ns` */
    TRACE_CONNECTED,  /* an address answered: `outcome`, `took_ns` */
    TRACE_RESENT,     /* no reply yet: the question was sent again */
    TRACE_PROXIED,    /* a SYN proxy answered: the server behind it is awaited */
    TRACE_AGAIN,      /* self-connect: the address is asked again */
    TRACE_PUT_BACK,   /* this machine is short of something (`outcome`): the target waits */
    TRACE_RECHECK,    /* no answer, perhaps for our own traffic: asked once more later */
    TRACE_NEIGHBOURS, /* the same, and this machine's table of neighbours ran over */
    TRACE_OUTAGE,   /* this machine failed (`outcome`), perhaps for a moment: asked once more */
    TRACE_CANARY,   /* asked again to see whether the path is clear: it answered before */
    TRACE_RETRY,    /* no answer, or `outcome`: attempt number `count` begins */
    TRACE_BELIEVED, /* no answer, and no recheck from here on: these have had their time */
};

struct trace {
    enum trace_kind kind;
    struct endpoint endpoint; /* holds a reference; the address is the one concerned */
    struct outcome outcome;
    unsigned family; /* FAMILY_ bits */
    size_t count;
    int64_t took_ns;
    int ttl;                  /* of the answer; 0 and less: unknown */
    struct shared *canonical; /* TRACE_ANSWER: as in struct lookup; held */
    struct reply *reply;      /* what an address answered; held; NULL: nothing */
};

/* Drop what it holds. */
void trace_release(struct trace *trace);

#endif
