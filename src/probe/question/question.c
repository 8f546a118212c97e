#include "netcheck/probe/question.h"

#include "netcheck/base/base.h"

static const struct {
    enum protocol_id protocol;
    uint16_t port;
    const struct question *question;
} rows[] = {
#define QUESTION_ROW(protocol, port, name) {protocol, port, &question_##name},
    QUESTIONS(QUESTION_ROW)
#undef QUESTION_ROW
};

/* The row of the port, or else the one for all ports of the protocol; NULL: there is neither.
 */
static const struct question *find_row(enum protocol_id protocol, uint16_t port)
{
    const struct question *found = NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].protocol != protocol)
            continue;
        if (rows[i].port == port)
            return rows[i].question;
        if (rows[i].port == 0)
            found = rows[i].question;
    }
    return found;
}

const struct question *question_find(enum protocol_id protocol, uint16_t port)
{
    const struct question *found = find_row(protocol, port);
    return found != NULL ? found : &question_empty;
}

const struct question *question_of_service(const struct endpoint *endpoint)
{
    uint16_t service = endpoint->target->service;
    const struct question *found =
        find_row(endpoint->protocol, service != 0 ? service : endpoint->port);
    return found != &question_empty ? found : NULL;
}

const struct question *question_choose(const struct endpoint *endpoint,
                                       const struct ask_options *ask)
{
    if (ask->is_ready)
        return question_of_service(endpoint);
    return endpoint->protocol == PROTOCOL_TCP
               ? NULL
               : question_find(endpoint->protocol, endpoint->port);
}

enum fault_code question_refuse(const struct endpoint *endpoint, const void *context)
{
    const struct ask_options *ask = context;
    if (!ask->is_ready)
        return FAULT_NONE;
    if (endpoint->protocol == PROTOCOL_ICMP)
        return FAULT_READY_ECHO;
    const struct question *question = question_of_service(endpoint);
    if (question == NULL)
        return FAULT_READY_UNKNOWN;
    bool fits = question->fits == NULL || question->fits(endpoint);
    return fits ? FAULT_NONE : FAULT_READY_PATH;
}
