/*
 * token_bucket: when the next probe may be sent, so that there are at most so many a second.
 *
 * A token bucket without a clock of its own: one token each 1/N second, and a bucket that holds
 * N/50 of them (at least one), so that a pause of up to 20 ms is made up for and a longer one
 * is not. A caller that cannot wait may take a token that is not there yet; later callers
 * then wait longer.
 */
#ifndef NETCHECK_TOKEN_BUCKET_H
#define NETCHECK_TOKEN_BUCKET_H

#include <stdint.h>

enum { RATE_MAX = 1000000000 };

struct token_bucket {
    uint64_t per_second; /* 0: no limit */
    int64_t base_ns;     /* the next token comes at base_ns + taken / per_second s */
    uint64_t taken;      /* below per_second */
};

/* per_second  0: no limit; at most RATE_MAX. The first token is there at `now_ns`. */
void token_bucket_init(struct token_bucket *rate, uint64_t per_second, int64_t now_ns);

/* How many tokens there are at most: N/50, at least one; UINT64_MAX without a limit. */
uint64_t rate_bucket(const struct token_bucket *rate);

/* When the next token is there, which may be in the past; INT64_MIN without a limit. */
int64_t token_bucket_due_ns(const struct token_bucket *rate);

/* Take the next token, at its time or before it. */
void token_bucket_take(struct token_bucket *rate, int64_t now_ns);

#endif
