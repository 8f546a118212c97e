#include "netcheck/cli/sink.h"

#include <stddef.h>

#include "netcheck/base/base.h"

void sinks_add(struct sinks *sinks, struct sink *sink)
{
    struct sink **link = &sinks->first;
    while (*link != NULL)
        link = &(*link)->next;
    sink->next = NULL;
    *link = sink;
}

void sinks_release(struct sinks *sinks)
{
    struct sink *sink = sinks->first;
    sinks->first = NULL;
    while (sink != NULL) {
        struct sink *next = sink->next; /* `sink` may be part of what is freed */
        sink->release(sink->self);
        sink = next;
    }
}

void sinks_row(struct sinks *sinks, const struct result *result)
{
    for (struct sink *sink = sinks->first; sink != NULL; sink = sink->next)
        if (sink->row != NULL)
            sink->row(sink->self, result);
}

int64_t sinks_due_ns(const struct sinks *sinks, int64_t now_ns)
{
    int64_t first_ns = NEVER_NS;
    for (const struct sink *sink = sinks->first; sink != NULL; sink = sink->next) {
        int64_t due_ns = sink->due_ns != NULL ? sink->due_ns(sink->self, now_ns) : NEVER_NS;
        first_ns = due_ns < first_ns ? due_ns : first_ns;
    }
    return first_ns;
}

enum error sinks_tick(struct sinks *sinks, const struct sink_moment *moment)
{
    enum error error = ERROR_NONE;
    for (struct sink *sink = sinks->first; sink != NULL && error == ERROR_NONE;
         sink = sink->next)
        if (sink->tick != NULL)
            error = sink->tick(sink->self, moment);
    return error;
}

void sinks_watch(const struct sinks *sinks, struct probe_watch *watch)
{
    for (const struct sink *sink = sinks->first; sink != NULL; sink = sink->next)
        if (sink->watch != NULL)
            sink->watch(sink->self, watch);
}

void sinks_hear(struct sinks *sinks)
{
    for (struct sink *sink = sinks->first; sink != NULL; sink = sink->next)
        if (sink->hear != NULL)
            sink->hear(sink->self);
}

void sinks_redraw(struct sinks *sinks)
{
    for (struct sink *sink = sinks->first; sink != NULL; sink = sink->next)
        if (sink->redraw != NULL)
            sink->redraw(sink->self);
}

void sinks_hide(struct sinks *sinks)
{
    for (struct sink *sink = sinks->first; sink != NULL; sink = sink->next)
        if (sink->hide != NULL)
            sink->hide(sink->self);
}

void sinks_finish(struct sinks *sinks)
{
    for (struct sink *sink = sinks->first; sink != NULL; sink = sink->next)
        if (sink->finish != NULL)
            sink->finish(sink->self);
}

bool sinks_hold_terminal(const struct sinks *sinks)
{
    const struct sink *sink = sinks->first;
    while (sink != NULL && !sink->holds_terminal)
        sink = sink->next;
    return sink != NULL;
}
