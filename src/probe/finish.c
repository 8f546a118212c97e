#include "engine.h"

#include "netcheck/base/base.h"

void finish_stop(struct probe *probe, struct check *check)
{
    flow_stop_all(probe, check);
    addresses_leave(probe, check);
}

/* Why the silence of its addresses proves little, where that is known. */
static void explain_silence(const struct probe *probe, struct check *check)
{
    for (size_t i = 0; i < check->candidates.count; i++) {
        struct candidate *candidate = &check->candidates.items[i];
        if (check_is_silent_at(check, i))
            candidate->rejection =
                rejections_find(&probe->rejections, &candidate->address, check->race.begin_ns);
    }
}

void finish_check(struct probe *probe, struct check *check)
{
    explain_silence(probe, check);
    recall_note(probe, check);
    finish_stop(probe, check);
    if (check->purpose == PURPOSE_CANARY) {
        path_answered(probe, check);
        queue_recycle(probe, check);
        return;
    }
    look_finish(probe, check);
    recall_finish(probe, check);
    queue_move(probe, check, QUEUE_DONE);
    if (!check->is_given_up)
        probe->progress_ns = check->finished_ns;
    probe->has_freed = true;
    if (probe->limit < probe->ceiling)
        probe->limit++;
}

void finish_or_doubt(struct probe *probe, struct check *check, int64_t now_ns)
{
    enum belief belief = check_is_silent(check) ? look_judge(probe, check, now_ns) : BELIEF_YES;
    if (belief != BELIEF_YES) {
        look_park(probe, check, belief, now_ns);
    } else if (!recall_park(probe, check, now_ns)) {
        check_believe(check, now_ns);
        finish_check(probe, check);
    }
}

void finish_put_back(struct probe *probe, struct check *check, int64_t now_ns)
{
    finish_stop(probe, check);
    if (check->short_since_ns == NEVER_NS)
        check->short_since_ns = now_ns;
    check->short_last_ns = now_ns;
    queue_move(probe, check, QUEUE_SHORT);
    size_t working = queue_under_way(probe);
    check->short_alone = working == 0 ? check->short_alone + 1 : 0;
    /* Not below half: what was short a moment may be there again. */
    size_t half = (probe->limit + 1) / 2;
    probe->limit = working > half ? working : half;
}
