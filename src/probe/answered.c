#include "netcheck/probe/answered.h"

#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/mix.h"

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
    for (size_t i = 0; i < ARRAY_LEN(answered->losses); i++)
        answered->losses[i].lossy_ns = INT64_MIN;
}

void answered_release(struct answered *answered)
{
    recent_release(&answered->addresses);
    answered_init(answered);
}

static uint64_t hash_of(const struct address *address, enum os_socket transport)
{
    return mix64(address_hash(address) ^ mix64((uint64_t)transport + 1));
}

/* A span without answers is not counted: the last one with answers stays the one before. */
static void begin_span(struct answered_loss *loss, int64_t now_ns)
{
    loss->began_ns = now_ns;
    loss->answers[1] = loss->answers[0];
    loss->lossy[1] = loss->lossy[0];
    loss->answers[0] = loss->lossy[0] = 0;
}

void answered_note(struct answered *answered, const struct address *address,
                   enum os_socket transport, int resent, int64_t now_ns)
{
    struct answered_loss *loss = &answered->losses[transport];
    /* Where memory is short the address is not remembered, and a silence of it is plain. */
    (void)recent_put(&answered->addresses, hash_of(address, transport), 0);
    if (now_ns - loss->began_ns >= span_ns)
        begin_span(loss, now_ns);
    loss->answers[0]++;
    if (resent <= 0)
        return;
    loss->lossy[0]++;
    uint64_t lossy = loss->lossy[0] + loss->lossy[1];
    uint64_t answers = loss->answers[0] + loss->answers[1];
    if (lossy >= LOSSY_LEAST && lossy * LOSSY_SHARE >= answers)
        loss->lossy_ns = now_ns;
}

enum silence answered_judge(const struct answered *answered, const struct address *address,
                            enum os_socket transport, enum rejecter rejecter, int64_t began_ns)
{
    if (rejecter == REJECTER_ITSELF)
        return SILENCE_LIMITED;
    bool is_lossy = answered->losses[transport].lossy_ns >= began_ns;
    bool has_answered = recent_get(&answered->addresses, hash_of(address, transport), NULL);
    bool is_suspect = is_lossy || (rejecter != REJECTER_NEAR_ROUTER && has_answered);
    return is_suspect ? SILENCE_SUSPECT : SILENCE_PLAIN;
}
