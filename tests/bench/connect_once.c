/*
 * connect_once: the least a program can do to learn whether a port is open.
 *
 *     connect_once ADDRESS PORT      exit status 0 when it connects, 1 when not
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char *argv[])
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
        return 2;
    to.sin_port = htons((in_port_t)strtoul(argv[2], NULL, 10));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return connect(fd, (struct sockaddr *)&to, sizeof to) == 0 ? 0 : 1;
}
