/*
 * demo: the main job on loopback, for "make run": one target up, one down, one error.
 *
 *     demo NETCHECK          listens on a free port, reserves a second one without listening,
 *                            and runs NETCHECK on both and on a name that does not exist
 *     demo NETCHECK ARG...   runs NETCHECK with the user's own arguments
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TARGET_SIZE = 32 };

/* Bind a free loopback port, which stays taken until the program ends. */
static bool take_port(bool listens, char target[TARGET_SIZE])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 ||
        (listens && listen(fd, 8) != 0) ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return false;
    (void)snprintf(target, TARGET_SIZE, "127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    return true;
}

static int run(char *const arguments[])
{
    for (size_t i = 0; arguments[i] != NULL; i++)
        printf("%s%s", i == 0 ? "$ " : " ", arguments[i]);
    printf("\n");
    if (fflush(stdout) != 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        (void)execv(arguments[0], arguments);
        _exit(127);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return -1;
    printf("exit status %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return fflush(stdout);
}

int main(int argc, char *argv[])
{
    char open_port[TARGET_SIZE];
    char closed_port[TARGET_SIZE];
    if (argc < 2 || !take_port(true, open_port) || !take_port(false, closed_port)) {
        perror("demo");
        return 1;
    }
    if (argc > 2) {
        (void)execv(argv[1], argv + 1);
        perror(argv[1]);
        return 127;
    }
    char name[] = "no-such-name.invalid:443";
    char *arguments[] = {argv[1], open_port, closed_port, name, NULL};
    return run(arguments) == 0 ? 0 : 1;
}
