/*
 * measure: run a command and note what it cost.
 *
 *     measure [-n RUNS] FILE COMMAND [ARG]...
 *
 * Appends one line a run to FILE: wall, user and system seconds, peak resident KiB, exit status
 * (128 + the signal when one ended it). Times are of the command and of all it waited for. The
 * exit status is the command's last one.
 */
#define _DEFAULT_SOURCE
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now_s(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* The exit status, or -1 when the command could not be run. */
static int run(FILE *notes, char *command[])
{
    pid_t child;
    struct rusage cost;
    int status;
    double begun_s = now_s();
    int error = posix_spawnp(&child, command[0], NULL, NULL, command, environ);
    if (error != 0) {
        (void)fprintf(stderr, "measure: %s: %s\n", command[0], strerror(error));
        return -1;
    }
    if (wait4(child, &status, 0, &cost) != child)
        return -1;
    double wall_s = now_s() - begun_s;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    (void)fprintf(notes, "%.6f %.6f %.6f %ld %d\n", wall_s, seconds(cost.ru_utime),
                  seconds(cost.ru_stime), cost.ru_maxrss, code);
    return code;
}

int main(int argc, char *argv[])
{
    long runs = 1;
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        runs = strtol(argv[2], NULL, 10);
        first = 3;
    }
    if (argc < first + 2) {
        (void)fprintf(stderr, "usage: measure [-n RUNS] FILE COMMAND [ARG]...\n");
        return 2;
    }
    FILE *notes = fopen(argv[first], "a");
    if (notes == NULL) {
        perror(argv[first]);
        return 2;
    }
    int code = 0;
    for (long i = 0; i < runs && code >= 0; i++)
        code = run(notes, argv + first + 1);
    return fclose(notes) == 0 && code >= 0 ? code : 127;
}
