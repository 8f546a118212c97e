#include "netcheck/probe/rejections.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/grow.h"
#include "netcheck/base/mix.h"

/* What a hash stands for; each kind has hashes of its own. */
enum kind {
    KIND_ITSELF, /* a target that rejects its own ports of a transport */
    KIND_ROUTER, /* another sender */
    KIND_PREFIX, /* a neighbourhood: the last sender that rejected there */
    KIND_TARGET, /* an address and port that a sender rejected */
};

/* From the near neighbourhood to the wide one. */
static const struct {
    enum rejecter by;
    unsigned ipv4_bits;
    unsigned ipv6_bits;
} prefixes[] = {{REJECTER_NEAR_ROUTER, 24, 64}, {REJECTER_FAR_ROUTER, 16, 48}};

/* By then Linux has paid for a minute of errors at its slowest, and others were slow, too. */
static const int64_t memory_ns = 60 * NS_PER_S;

void rejections_init(struct rejections *rejections)
{
    memset(rejections, 0, sizeof *rejections);
    recent_init(&rejections->known, REJECTIONS_HASHES, true);
}

void rejections_release(struct rejections *rejections)
{
    recent_release(&rejections->known);
    free(rejections->senders);
    rejections_init(rejections);
}

static uint64_t hash_of(enum kind kind, uint64_t more, const struct address *address)
{
    uint64_t hash = mix64(address_hash(address) ^ mix64(more * 8 + (uint64_t)kind + 1));
    return hash != 0 ? hash : 1;
}

static uint64_t prefix_hash(const struct address *target, size_t prefix)
{
    struct address masked = *target;
    bool is_ipv4 = address_family(target) == AF_INET;
    unsigned bits = is_ipv4 ? prefixes[prefix].ipv4_bits : prefixes[prefix].ipv6_bits;
    address_mask(&masked, bits);
    return hash_of(KIND_PREFIX, bits, &masked);
}

static uint64_t router_hash(const struct address *sender)
{
    return hash_of(KIND_ROUTER, 0, sender);
}

static uint64_t itself_hash(const struct address *sender, enum os_socket transport)
{
    return hash_of(KIND_ITSELF, (uint64_t)transport, sender);
}

/* The sender behind the hash; NULL where there is none, or where a later one took its place. */
static struct rejections_sender *find(const struct rejections *rejections, uint64_t hash)
{
    uint32_t number = 0;
    if (!recent_get(&rejections->known, hash, &number))
        return NULL;
    size_t place = number % REJECTIONS_SENDERS;
    bool is_it = place < rejections->count && rejections->senders[place].number == number;
    return is_it ? &rejections->senders[place] : NULL;
}

/* Of too many senders the one that was met first makes room. NULL: no memory. */
static struct rejections_sender *find_or_add(struct rejections *rejections, uint64_t hash,
                                             const struct address *sender)
{
    struct rejections_sender *found = find(rejections, hash);
    bool is_full = rejections->count == REJECTIONS_SENDERS;
    if (found != NULL)
        return found;
    if (!is_full &&
        GROW(rejections->senders, rejections->capacity, rejections->count + 1) != ERROR_NONE)
        return NULL;
    found = &rejections->senders[rejections->met % REJECTIONS_SENDERS];
    *found = (struct rejections_sender){.sender = *sender, .number = rejections->met++};
    rejections->count += !is_full;
    return found;
}

/* Of an address and its port, by one sender. */
static uint64_t target_hash(const struct rejections_sender *known, const struct address *target)
{
    return hash_of(KIND_TARGET, (uint64_t)known->number << 16 | address_port(target), target);
}

/* That a packet was too large: hosts say so without a limit (Linux: icmpv4_xrlim_allow()), as
   the path's MTU could not be found otherwise. */
static bool is_unlimited(const struct icmp *icmp)
{
    bool is_ipv6 = address_family(&icmp->sender) == AF_INET6;
    return is_ipv6 ? icmp->type == 2 : icmp->type == 3 && icmp->code == 4;
}

void rejections_note(struct rejections *rejections, const struct icmp *icmp,
                     const struct address *target, enum os_socket transport, int64_t now_ns)
{
    if (!icmp->is_set || icmp->is_own || is_unlimited(icmp))
        return;
    struct address asked = *target;
    address_unmap(&asked);
    bool is_router = !address_equals(&icmp->sender, &asked);
    uint64_t hash =
        is_router ? router_hash(&icmp->sender) : itself_hash(&icmp->sender, transport);
    struct rejections_sender *known = find_or_add(rejections, hash, &icmp->sender);
    if (known == NULL)
        return;
    struct recent *hashes = &rejections->known;
    known->last_ns = now_ns;
    known->count += !recent_get(hashes, target_hash(known, &asked), NULL);
    (void)recent_put(hashes, target_hash(known, &asked), 0);
    (void)recent_put(hashes, hash, known->number);
    for (size_t i = 0; is_router && i < ARRAY_LEN(prefixes); i++)
        (void)recent_put(hashes, prefix_hash(&asked, i), known->number);
}

/* What the sender, which may be NULL, may owe the target. */
static struct rejection judge(const struct rejections *rejections, enum rejecter by,
                              const struct rejections_sender *known,
                              const struct address *target, int64_t began_ns)
{
    struct rejection rejection;
    memset(&rejection, 0, sizeof rejection);
    if (known == NULL || known->last_ns < began_ns - memory_ns)
        return rejection;
    bool was_rejected = recent_get(&rejections->known, target_hash(known, target), NULL);
    rejection.by = by;
    rejection.sender = known->sender;
    rejection.others = known->count - (was_rejected && known->count > 0);
    return rejection;
}

struct rejection rejections_find(const struct rejections *rejections,
                                 const struct address *target, enum os_socket transport,
                                 int64_t began_ns)
{
    struct address asked = *target;
    address_unmap(&asked);
    struct rejection found =
        judge(rejections, REJECTER_ITSELF, find(rejections, itself_hash(&asked, transport)),
              &asked, began_ns);
    for (size_t i = 0; i < ARRAY_LEN(prefixes) && found.by == REJECTER_NONE; i++) {
        const struct rejections_sender *router = find(rejections, prefix_hash(&asked, i));
        found = judge(rejections, prefixes[i].by, router, &asked, began_ns);
    }
    return found;
}
