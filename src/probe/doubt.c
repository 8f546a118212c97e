#include "netcheck/probe/doubt.h"

#include <string.h>

#include "netcheck/base/base.h"

enum {
    /* Too many: a tenth of the answers, which a steady loss of 5 % does not reach by chance. */
    LOSSY_SHARE = 10,
    LOSSY_LEAST = 8,
};

/* Over the second between two SYNs, so that answers to both are counted together. */
static const int64_t slice_ns = 2 * NS_PER_S;

void doubt_init(struct doubt *doubt)
{
    memset(doubt, 0, sizeof *doubt);
    recent_init(&doubt->answered, DOUBT_ADDRESSES, false);
    doubt->lossy_ns = INT64_MIN;
}

void doubt_release(struct doubt *doubt)
{
    recent_release(&doubt->answered);
    doubt_init(doubt);
}

/* A slice without answers is none: what was before it stays the one before. */
static void begin_slice(struct doubt *doubt, int64_t now_ns)
{
    doubt->slice_ns = now_ns;
    doubt->answers[1] = doubt->answers[0];
    doubt->lossy[1] = doubt->lossy[0];
    doubt->answers[0] = doubt->lossy[0] = 0;
}

void doubt_answer(struct doubt *doubt, const struct address *address, int syn_retransmits,
                  int64_t now_ns)
{
    /* Where memory is short it is not remembered, and so not asked twice. */
    (void)recent_put(&doubt->answered, address_hash(address), 0);
    if (now_ns - doubt->slice_ns >= slice_ns)
        begin_slice(doubt, now_ns);
    doubt->answers[0]++;
    if (syn_retransmits <= 0)
        return;
    doubt->lossy[0]++;
    uint64_t lossy = doubt->lossy[0] + doubt->lossy[1];
    uint64_t answers = doubt->answers[0] + doubt->answers[1];
    if (lossy >= LOSSY_LEAST && lossy * LOSSY_SHARE >= answers)
        doubt->lossy_ns = now_ns;
}

bool doubt_is_lossy(const struct doubt *doubt, int64_t began_ns)
{
    return doubt->lossy_ns >= began_ns;
}

bool doubt_has(const struct doubt *doubt, const struct address *address, int64_t began_ns)
{
    return doubt_is_lossy(doubt, began_ns) ||
           recent_get(&doubt->answered, address_hash(address), NULL);
}
