#include "watch.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "netcheck/base.h"

void watch_message(struct program *program, const char *text)
{
    while (strstr(buffer_text(&program->err), text) == NULL)
        if (!program_turn(program, POLL_MS))
            expect_text(program->launch.label, "standard error at its end",
                        buffer_text(&program->err), text);
}

bool watch_for(struct program *program, int wait_ms)
{
    int64_t deadline_ns = harness_now_ns() + wait_ms * NS_PER_MS;
    while (harness_now_ns() < deadline_ns)
        if (!program_turn(program, POLL_MS))
            return false;
    return true;
}

void watch_signal(const struct program *program, int number)
{
    assert_true(program->pid > 0);
    assert_int_equal(kill(program->pid, number), 0);
}

void watch_keep_targets(struct buffer *rows)
{
    struct buffer targets = BUFFER_EMPTY;
    for (const char *line = buffer_text(rows); *line != '\0';) {
        const char *target = line + strcspn(line, " \n");
        target += strspn(target, " ");
        buffer_add(&targets, target, strcspn(target, " \n"));
        buffer_add_text(&targets, "\n");
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    buffer_release(rows);
    *rows = targets;
}

size_t watch_progress(const char *text, uint64_t total, uint64_t *done)
{
    unsigned long long counts[4] = {0, 0, 0, 0};
    char slash[32] = "";
    int begin = 0;
    int end = 0;
    if (total != UINT64_MAX)
        (void)snprintf(slash, sizeof slash, "/%llu", (unsigned long long)total);
    (void)sscanf(text, "%llu%n", &counts[0], &begin);
    if (begin == 0 || strncmp(text + begin, slash, strlen(slash)) != 0)
        return 0;
    begin += (int)strlen(slash);
    int speed = 0; /* not in a message about the end */
    (void)sscanf(text + begin, "  %*u/s%n", &speed);
    begin += speed;
    (void)sscanf(text + begin, "  up %llu  down %llu  error %llu%n", &counts[1], &counts[2],
                 &counts[3], &end);
    if (end == 0 || counts[1] + counts[2] + counts[3] != counts[0] || counts[0] > total)
        return 0;
    *done = counts[0];
    return (size_t)(begin + end);
}
