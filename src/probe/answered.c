#include "netcheck/probe/answered.h"

#include <string.h>

#include "netcheck/base/base.h"

enum {
    /* Too many: a tenth of the answers, which a steady loss of 5 % does not reach by chance. */
    LOSSY_SHARE = 10,
    LOSSY_LEAST = 8,
};

/* Longer than the second between two SYNs, so that answers to both are counted together. */
static const int64_t span_ns = 2 * NS_PER_S;

void answered_init(struct answered *answered)
{
    memset(answered, 0, sizeof *answered);
    recent_init(&answered->addresses, ANSWERED_ADDRESSES, false);
    answered->lossy_ns = INT64_MIN;
}

void answered_release(struct answered *answered)
{
    recent_release(&answered->addresses);
    answered_init(answered);
}

/* A span without answers is not counted: the last one with answers stays the one before. */
static void begin_span(struct answered *answered, int64_t now_ns)
{
    answered->began_ns = now_ns;
    answered->answers[1] = answered->answers[0];
    answered->lossy[1] = answered->lossy[0];
    answered->answers[0] = answered->lossy[0] = 0;
}

void answered_note(struct answered *answered, const struct address *address,
                   int syn_retransmits, int64_t now_ns)
{
    /* Where memory is short the address is not remembered, and a silence of it is plain. */
    (void)recent_put(&answered->addresses, address_hash(address), 0);
    if (now_ns - answered->began_ns >= span_ns)
        begin_span(answered, now_ns);
    answered->answers[0]++;
    if (syn_retransmits <= 0)
        return;
    answered->lossy[0]++;
    uint64_t lossy = answered->lossy[0] + answered->lossy[1];
    uint64_t answers = answered->answers[0] + answered->answers[1];
    if (lossy >= LOSSY_LEAST && lossy * LOSSY_SHARE >= answers)
        answered->lossy_ns = now_ns;
}

/* Whether too many SYNs of those that answered were lost since `began_ns`. */
static bool is_lossy(const struct answered *answered, int64_t began_ns)
{
    return answered->lossy_ns >= began_ns;
}

static bool has(const struct answered *answered, const struct address *address)
{
    return recent_get(&answered->addresses, address_hash(address), NULL);
}

enum silence answered_judge(const struct answered *answered, const struct address *address,
                            enum rejecter rejecter, int64_t began_ns)
{
    if (rejecter == REJECTER_ITSELF)
        return SILENCE_LIMITED;
    bool is_suspect = is_lossy(answered, began_ns) ||
                      (rejecter != REJECTER_NEAR_ROUTER && has(answered, address));
    return is_suspect ? SILENCE_SUSPECT : SILENCE_PLAIN;
}
