#include "netcheck/base/token_bucket.h"

#include "netcheck/base/base.h"

enum { BUCKETS_PER_SECOND = 50 };

void token_bucket_init(struct token_bucket *rate, uint64_t per_second, int64_t now_ns)
{
    *rate = (struct token_bucket){.per_second = per_second, .base_ns = now_ns};
}

/* How long `tokens` take, at most a second's worth: no overflow below RATE_MAX. */
static int64_t tokens_ns(const struct token_bucket *rate, uint64_t tokens)
{
    return (int64_t)(tokens * (uint64_t)NS_PER_S / rate->per_second);
}

int64_t token_bucket_due_ns(const struct token_bucket *rate)
{
    return rate->per_second == 0 ? INT64_MIN : rate->base_ns + tokens_ns(rate, rate->taken);
}

uint64_t rate_bucket(const struct token_bucket *rate)
{
    if (rate->per_second == 0)
        return UINT64_MAX;
    uint64_t tokens = rate->per_second / BUCKETS_PER_SECOND;
    return tokens > 0 ? tokens : 1;
}

void token_bucket_take(struct token_bucket *rate, int64_t now_ns)
{
    if (rate->per_second == 0)
        return;
    int64_t full_ns = now_ns - tokens_ns(rate, rate_bucket(rate) - 1);
    int64_t due_ns = token_bucket_due_ns(rate);
    if (due_ns < full_ns)
        rate->base_ns += full_ns - due_ns; /* the bucket ran over */
    rate->taken++;
    if (rate->taken < rate->per_second)
        return;
    rate->taken = 0;
    rate->base_ns += NS_PER_S;
}
