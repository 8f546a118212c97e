/*
 * loopback: run a command where exactly one port is open.
 *
 *     loopback PORT COMMAND [ARG]...
 *
 * COMMAND runs in a new network namespace that has nothing but loopback. Until it ends, PORT of
 * 127.0.0.1 is listened on, and what connects is accepted and closed. Exit status: that of
 * COMMAND, 77 when namespaces cannot be made here (that takes root), 2 for other trouble.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKLOG = 4096, EXIT_CANNOT = 77 };

static bool raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) != 0)
        return false;
    request.ifr_flags |= IFF_UP | IFF_RUNNING;
    return ioctl(fd, SIOCSIFFLAGS, &request) == 0 && close(fd) == 0;
}

static int listen_on(in_port_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, BACKLOG) != 0)
        return -1;
    return fd;
}

/* Accept and close until this process is ended. */
static void serve(int listener)
{
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0)
            (void)close(fd); /* nothing left to lose */
    }
}

static int run(char *command[])
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        (void)execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 2;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char *argv[])
{
    if (argc < 3) {
        (void)fprintf(stderr, "usage: loopback PORT COMMAND [ARG]...\n");
        return 2;
    }
    if (unshare(CLONE_NEWNET) != 0) {
        perror("loopback: a network namespace takes root");
        return EXIT_CANNOT;
    }
    int listener = -1;
    if (raise_loopback())
        listener = listen_on((in_port_t)strtoul(argv[1], NULL, 10));
    pid_t server = listener < 0 ? -1 : fork();
    if (server < 0) {
        perror("loopback");
        return 2;
    }
    if (server == 0)
        serve(listener);
    (void)close(listener); /* the server has it */
    int status = run(argv + 2);
    (void)kill(server, SIGKILL); /* it has no other end */
    (void)waitpid(server, NULL, 0);
    return status;
}
