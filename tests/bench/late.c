/*
 * late: a port that opens while somebody waits for it.
 *
 *     late FILE PORT DELAY_MS COMMAND [ARG]...
 *
 * Starts COMMAND, listens on PORT of 127.0.0.1 after DELAY_MS, and waits for COMMAND's end.
 * Appends one line to FILE, as measure.c does: seconds from listen() to that end, three zeros,
 * and COMMAND's exit status. Its own exit status: 0, or 1 where COMMAND ended before.
 */
#define _DEFAULT_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now_s(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void sleep_ms(long ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0)
        continue;
}

/* What connects is left to the backlog: nobody here waits for an answer beyond the handshake.
 */
static bool listen_on(in_port_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    return fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
           bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 64) == 0;
}

int main(int argc, char *argv[])
{
    if (argc < 5) {
        (void)fprintf(stderr, "usage: late FILE PORT DELAY_MS COMMAND [ARG]...\n");
        return 2;
    }
    pid_t child;
    int status = 0;
    int error = posix_spawnp(&child, argv[4], NULL, NULL, argv + 4, environ);
    if (error != 0) {
        (void)fprintf(stderr, "late: %s: %s\n", argv[4], strerror(error));
        return 2;
    }
    sleep_ms(strtol(argv[3], NULL, 10));
    bool is_early = waitpid(child, &status, WNOHANG) == child;
    double begun_s = now_s();
    if (!is_early && !listen_on((in_port_t)strtol(argv[2], NULL, 10))) {
        perror("late: listen");
        return 2;
    }
    if (!is_early && waitpid(child, &status, 0) != child)
        return 2;
    FILE *notes = fopen(argv[1], "a");
    if (notes == NULL)
        return 2;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    (void)fprintf(notes, "%.6f 0 0 0 %d\n", now_s() - begun_s, code);
    return fclose(notes) == 0 && !is_early ? 0 : 1;
}
