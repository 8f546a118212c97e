/*
 * loopback: run a command where exactly one port is open.
 *
 *     loopback PORT COMMAND [ARG]...
 *
 * COMMAND runs in a new network namespace that has nothing but loopback. Until it ends, PORT of
 * 127.0.0.1 is listened on, and what connects is accepted and closed; a datagram to PORT of any
 * address of 127.0.0.0/8 is answered from there. Exit status: that of COMMAND, 77 when
 * namespaces cannot be made here (that takes root), 2 for other trouble.
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

enum {
    BACKLOG = 4096,
    EXIT_CANNOT = 77,
    DATAGRAM_ROOM = 64 * 1024 * 1024, /* so that no datagram of a burst is lost */
    DATAGRAM_SIZE = 2048,
};

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

/* A socket for datagrams to the port, which says where each one was sent to. */
static int receive_on(in_port_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    int room = DATAGRAM_ROOM;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0 ||
        setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
        return -1;
    return fd;
}

/* Answer what comes until this process is ended, by something else than what came. What
   recvmsg() says of where a datagram was sent to, sendmsg() takes as where the answer comes
   from. */
static void answer(int fd)
{
    for (;;) {
        unsigned char bytes[DATAGRAM_SIZE];
        union {
            struct cmsghdr header; /* for its alignment */
            unsigned char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
        } control;
        struct sockaddr_in sender;
        struct iovec vector = {bytes, sizeof bytes};
        struct msghdr message = {.msg_name = &sender,
                                 .msg_namelen = sizeof sender,
                                 .msg_iov = &vector,
                                 .msg_iovlen = 1,
                                 .msg_control = control.bytes,
                                 .msg_controllen = sizeof control.bytes};
        ssize_t len = recvmsg(fd, &message, 0);
        if (len < 0)
            continue;
        bytes[0] = '!';
        vector.iov_len = 1;
        (void)sendmsg(fd, &message, 0); /* what is lost shows on the other side */
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

/* A process that serves the descriptor; -1: there is none. */
static pid_t begin(int fd, void (*serve_it)(int fd))
{
    pid_t server = fd < 0 ? -1 : fork();
    if (server == 0)
        serve_it(fd);
    if (fd >= 0)
        (void)close(fd); /* the server has it */
    return server;
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
    in_port_t port = (in_port_t)strtoul(argv[1], NULL, 10);
    bool is_up = raise_loopback();
    const pid_t servers[] = {begin(is_up ? listen_on(port) : -1, serve),
                             begin(is_up ? receive_on(port) : -1, answer)};
    bool has_servers = servers[0] > 0 && servers[1] > 0;
    if (!has_servers)
        perror("loopback");
    int status = has_servers ? run(argv + 2) : 2;
    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
        if (servers[i] <= 0)
            continue;
        (void)kill(servers[i], SIGKILL); /* it has no other end */
        (void)waitpid(servers[i], NULL, 0);
    }
    return status;
}
