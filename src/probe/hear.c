/*
 * hear: what came while the engine slept. Events are only noted: nothing is begun, so that no
 * descriptor changes its owner between select() and the look at it. Private to the engine.
 */
#include "engine.h"

#include "netcheck/base/base.h"

static void hear_names(struct probe *probe, int64_t now_ns)
{
    if (probe->names == NULL)
        return;
    bool has_answer = sockets_is_readable(&probe->sockets, probe->resolver->fd);
    if (has_answer) {
        /* The thread of the lookup may take another one. */
        probe->has_freed = true;
        thread_wait_end(&probe->threads);
    }
    if (has_answer || now_ns >= names_due_ns(probe->names))
        addresses_hear(probe, now_ns);
}

static void hear_sockets(struct probe *probe, unsigned event, int64_t now_ns)
{
    struct owner owner;
    for (int fd = sockets_next(&probe->sockets, event, 0, &owner); fd >= 0;
         fd = sockets_next(&probe->sockets, event, fd + 1, &owner)) {
        if (owner.kind == OWNER_LANE) {
            flow_hear_lane(probe, owner.lane, now_ns);
            continue;
        }
        if (check_is_decided(owner.check))
            continue;
        flow_hear(probe, owner.check, owner.candidate, now_ns);
        queue_wake(probe, owner.check);
    }
}

/* Whether the time that the flow waits for has come. At the deadline it has its last look
   anyway, and what is sent then can have no answer; for what is held the deadline is none. */
static bool is_due(const struct check *check, size_t index, int64_t now_ns)
{
    const struct candidate *candidate = &check->candidates.items[index];
    bool has_time = now_ns < check->race.deadline_ns || candidate->state == CANDIDATE_HELD;
    return candidate->flow.wake_ns <= now_ns && has_time && !check_is_decided(check);
}

static void hear_timers(struct probe *probe, int64_t now_ns)
{
    struct check *check;
    while ((check = queue_take_due(probe, now_ns)) != NULL) {
        for (size_t i = 0; i < check->candidates.count; i++)
            if (is_due(check, i, now_ns))
                flow_hear(probe, check, i, now_ns);
        queue_wake(probe, check);
    }
}

void hear_all(struct probe *probe, int64_t now_ns)
{
    hear_names(probe, now_ns);
    hear_sockets(probe, FLOW_WRITABLE, now_ns);
    hear_sockets(probe, FLOW_READABLE, now_ns);
    hear_timers(probe, now_ns);
}
