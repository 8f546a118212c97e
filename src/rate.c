#include "netcheck/rate.h"

#include "netcheck/base.h"

enum { BUCKETS_PER_SECOND = 50 };

void rate_init(struct rate *rate, uint64_t per_second, int64_t now_ns)
{
    *rate = (struct rate){.per_second = per_second, .base_ns = now_ns};
}

/* How long `tokens` take, at most a second's worth: no overflow below RATE_MAX. */
static int64_t tokens_ns(const struct rate *rate, uint64_t tokens)
{
    return (int64_t)(tokens * (uint64_t)NS_PER_S / rate->per_second);
}

int64_t rate_due_ns(const struct rate *rate)
{
    return rate->per_second == 0 ? INT64_MIN : rate->base_ns + tokens_ns(rate, rate->taken);
}

void rate_take(struct rate *rate, int64_t now_ns)
{
    if (rate->per_second == 0)
        return;
    uint64_t bucket = rate->per_second / BUCKETS_PER_SECOND;
    int64_t full_ns = now_ns - (bucket > 1 ? tokens_ns(rate, bucket - 1) : 0);
    int64_t due_ns = rate_due_ns(rate);
    if (due_ns < full_ns)
        rate->base_ns += full_ns - due_ns; /* the bucket ran over */
    rate->taken++;
    if (rate->taken < rate->per_second)
        return;
    rate->taken = 0;
    rate->base_ns += NS_PER_S;
}
