#include "watch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "netcheck/base/base.h"
#include "text.h"

/* As program_turn(); fails the test where the program's limit has passed. */
static bool turn(struct program *program, const char *waiting_for)
{
    int limit_ms = program->launch.limit_ms > 0 ? program->launch.limit_ms : LIMIT_MS;
    if (harness_now_ns() < program->started_ns + limit_ms * NS_PER_MS)
        return program_turn(program, POLL_MS);
    const char *label = program->launch.label;
    program_release(program);
    fail_msg("%s: killed, it was still waited for: %s", label, waiting_for);
    return false;
}

void watch_message(struct program *program, const char *text)
{
    bool is_running = true;
    while (strstr(buffer_text(&program->err), text) == NULL) {
        if (!is_running)
            expect_text(program->launch.label, "standard error at its end",
                        buffer_text(&program->err), text);
        is_running = turn(program, text);
    }
}

bool watch_for(struct program *program, int wait_ms)
{
    int64_t deadline_ns = harness_now_ns() + wait_ms * NS_PER_MS;
    while (harness_now_ns() < deadline_ns)
        if (!turn(program, "more time"))
            return false;
    return true;
}

void watch_rows(struct program *program, size_t count)
{
    for (size_t seen = 0; seen < count; seen = text_count_lines(&program->out))
        if (!turn(program, "rows") && text_count_lines(&program->out) < count)
            fail_msg("%s: ended after %zu of %zu lines", program->launch.label,
                     text_count_lines(&program->out), count);
}

void watch_input(struct program *program)
{
    int left = 1;
    while (program->fed < program->input.len || left > 0) {
        assert_true(turn(program, "its reading of standard input"));
        assert_int_equal(ioctl(program->fds[0], FIONREAD, &left), 0);
    }
}

void watch_drop_missed(struct buffer *notes)
{
    struct buffer kept = BUFFER_EMPTY;
    for (const char *line = buffer_text(notes); *line != '\0';) {
        size_t len = strcspn(line, "\n");
        const char *said = strstr(line, " times a target was not asked when ");
        len += line[len] == '\n';
        if (said == NULL || said > line + len)
            buffer_add(&kept, line, len);
        line += len;
    }
    buffer_release(notes);
    *notes = kept;
}

void watch_start(const struct scene *scene, struct program *program, const char *label,
                 const char *const *words)
{
    struct launch launch = {.label = label, .arguments = words};
    scene_start(scene, &launch, program);
}

void watch_expect_all(const struct scene *scene, const struct example *examples, size_t count,
                      const struct launch *like)
{
    for (size_t i = 0; i < count; i++) {
        struct program program;
        scene_start_example(scene, &examples[i], like, &program);
        program_finish(&program);
        watch_drop_missed(&program.err);
        scene_expect_end(scene, &program, examples[i].status, examples[i].out, examples[i].err);
    }
}

static int compare_lines(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

void watch_sort_lines(struct buffer *text)
{
    size_t count = text_count_lines(text);
    char **lines = calloc(count + 1, sizeof *lines);
    struct buffer sorted = BUFFER_EMPTY;
    char *rest = strdup(buffer_text(text));
    assert_non_null(lines);
    assert_non_null(rest);
    char *line = rest;
    for (size_t i = 0; i < count; i++) {
        lines[i] = line;
        line = strchr(line, '\n');
        *line++ = '\0';
    }
    assert_string_equal(line, ""); /* the last one has an end too */
    qsort(lines, count, sizeof *lines, compare_lines);
    for (size_t i = 0; i < count; i++)
        buffer_add_format(&sorted, "%s\n", lines[i]);
    free(lines);
    free(rest);
    buffer_release(text);
    *text = sorted;
}

double watch_number(const char *row, const char *key)
{
    const char *at = strstr(row, key);
    if (at == NULL)
        fail_msg("no %s in %s", key, row);
    at += strlen(key);
    return strncmp(at, "null", 4) == 0 ? -1 : strtod(at, NULL);
}

void watch_end(struct program *program, int status)
{
    program_finish(program);
    const char *label = program->launch.label;
    expect_number(label != NULL ? label : program->launch.arguments[0], "exit status",
                  program->status, status);
    program_release(program);
}

size_t watch_count(struct buffer *text, const char *part)
{
    size_t count = 0;
    for (const char *p = buffer_text(text); (p = strstr(p, part)) != NULL; p += strlen(part))
        count++;
    return count;
}

void watch_expect_part(const char *label, const char *what, struct buffer *text,
                       const char *part)
{
    if (strstr(buffer_text(text), part) == NULL)
        expect_text(label, what, buffer_text(text), part);
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

size_t watch_tally(const char *text, uint64_t total, uint64_t *done)
{
    unsigned long long counts[4] = {0, 0, 0, 0};
    struct buffer line = BUFFER_EMPTY;
    if (sscanf(text, "%llu", &counts[0]) != 1)
        return 0;
    const char *up = strstr(text, "asked: ");
    if (up == NULL || sscanf(up, "asked: %llu up, %llu down, %llu error", &counts[1],
                             &counts[2], &counts[3]) != 3)
        return 0;
    buffer_add_format(&line, "%llu", counts[0]);
    if (total != UINT64_MAX && counts[0] < total)
        buffer_add_format(&line, " of %llu", (unsigned long long)total);
    buffer_add_format(&line, " asked: %llu up, %llu down, %llu error%s, in ", counts[1],
                      counts[2], counts[3], counts[3] == 1 ? "" : "s");
    size_t len = line.len;
    bool is_right = strncmp(text, buffer_text(&line), len) == 0 &&
                    counts[1] + counts[2] + counts[3] == counts[0];
    buffer_release(&line);
    *done = counts[0];
    return is_right ? len + strcspn(text + len, "\n") : 0;
}
