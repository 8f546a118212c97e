#include "router.h"

static void expire(struct router *router, int64_t now_ns)
{
    for (size_t i = router->count; i-- > 0;)
        if (router->entries[i].until_ns <= now_ns)
            router->entries[i] = router->entries[--router->count];
}

/* The flow's entry, or the place for a new one. */
static struct router_entry *find(struct router *router, size_t flow)
{
    size_t i = 0;
    while (i < router->count && router->entries[i].flow != flow)
        i++;
    return &router->entries[i];
}

bool policer_pass(struct policer *policer, int64_t now_ns)
{
    int64_t due_ns = policer->due_ns > now_ns ? policer->due_ns : now_ns;
    if (policer->each_ns == 0)
        return true;
    if (due_ns - now_ns > policer->burst_ns)
        return false;
    policer->due_ns = due_ns + policer->each_ns;
    return true;
}

bool router_pass(struct router *router, size_t flow, int64_t now_ns)
{
    expire(router, now_ns);
    struct router_entry *entry = find(router, flow);
    bool is_new = entry == &router->entries[router->count];
    bool is_full = router->table_limit > 0 && router->count == router->table_limit;
    bool is_shut = (now_ns >= router->shut_ns && now_ns < router->opened_ns) ||
                   (router->beat_ns > 0 && now_ns / router->beat_ns % 2 == 1);
    if (is_shut || (is_new && (is_full || !policer_pass(&router->policer, now_ns)))) {
        router->dropped++;
        return false;
    }
    if (router->table_limit == 0)
        return true;
    router->count += is_new;
    *entry = (struct router_entry){flow, now_ns + router->expire_ns};
    return true;
}

void router_answered(struct router *router, size_t flow, int64_t at_ns)
{
    struct router_entry *entry = find(router, flow);
    if (entry != &router->entries[router->count])
        entry->until_ns = at_ns;
}
