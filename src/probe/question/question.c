#include "netcheck/probe/question.h"

static const struct {
    enum protocol_id protocol;
    uint16_t port;
    const struct question *question;
} rows[] = {
#define QUESTION_ROW(protocol, port, name) {protocol, port, &question_##name},
    QUESTIONS(QUESTION_ROW)
#undef QUESTION_ROW
};

const struct question *question_find(enum protocol_id protocol, uint16_t port)
{
    const struct question *found = &question_empty;
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
