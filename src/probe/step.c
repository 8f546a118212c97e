/*
 * step: does what checks decide to do next. Private to the engine.
 */
#include "engine.h"

static void step_check(struct probe *probe, struct check *check, int64_t now_ns)
{
    for (;;) {
        /* The time of an attempt begins when its turn has come, or a busy machine would let it
           pass with nothing asked. */
        if (check->phase == CHECK_PAUSE)
            now_ns = probe->os->now_ns(probe->os->self);
        const struct moment moment = moment_of(probe, check, now_ns);
        const struct step step = check_next(check, &moment);
        switch (step.kind) {
        case STEP_RESOLVE:
            addresses_find(probe, check, now_ns);
            if (check->queue != QUEUE_RUNNABLE)
                return;
            break;
        case STEP_RETRY:
            trace_retry(probe, check, &step.outcome);
            break;
        case STEP_ASK:
            now_ns = flow_ask(probe, check, step.candidate);
            break;
        case STEP_EXPIRE:
            flow_expire(probe, check, step.candidate, now_ns);
            break;
        case STEP_SLEEP:
            if (check->phase == CHECK_PAUSE && step.until_ns <= now_ns)
                break;
            queue_sleep(probe, check, step.until_ns);
            return;
        case STEP_SHORT:
            finish_put_back(probe, check, now_ns);
            return;
        case STEP_JUDGE:
            finish_or_recheck(probe, check, now_ns);
            return;
        case STEP_DONE:
            finish_check(probe, check);
            return;
        }
    }
}

void step_all(struct probe *probe, int64_t now_ns)
{
    struct check *check;
    while ((check = queue_first(probe, QUEUE_RUNNABLE)) != NULL)
        step_check(probe, check, now_ns);
    flow_close_lanes(probe);
}
