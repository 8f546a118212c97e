/*
 * slow_dns: run a command whose resolver is far away, or dead.
 *
 *     slow_dns DELAY_MS COMMAND [ARG]...
 *     slow_dns never COMMAND [ARG]...
 *
 * COMMAND gets a mount namespace in which /etc/resolv.conf names 127.0.0.1 and names are looked
 * up by DNS alone. The server answers each question DELAY_MS after it came, however many are
 * waiting: A with 127.0.0.1, all else with no record. Exit status: that of COMMAND, 77 when the
 * namespace or port 53 cannot be had (that takes root), 2 for other trouble.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    QUESTION_MAX = 300, /* header, one name, type and class */
    ANSWER_MAX = QUESTION_MAX + 16,
    WAITING_MAX = 4096,
    HEADER_LEN = 12,
    TYPE_A = 1,
    EXIT_CANNOT = 77,
    BUFFER_SIZE = 4 << 20,
};

struct answer {
    int64_t at_ms;
    struct sockaddr_in to;
    size_t len;
    unsigned char bytes[ANSWER_MAX];
};

/* First in, first out: the delay is the same for all. */
struct queue {
    struct answer answers[WAITING_MAX];
    size_t first;
    size_t count;
};

static int64_t now_ms(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The length of header and question; 0 when it is no question. */
static size_t question_len(const unsigned char *bytes, size_t len)
{
    size_t at = HEADER_LEN;
    if (len < HEADER_LEN || (bytes[2] & 0x80) != 0 || bytes[4] != 0 || bytes[5] != 1)
        return 0;
    while (at < len && bytes[at] != 0)
        at += bytes[at] + 1u;
    at += 5;
    return at <= len && at <= QUESTION_MAX ? at : 0;
}

/* Turn the question into its answer, in place. RFC 1035, section 4.1. */
static size_t make_answer(unsigned char *bytes, size_t len)
{
    static const unsigned char record[] = {0xc0, HEADER_LEN, 0, TYPE_A, 0,   1, 0, 0,
                                           0,    60,         0, 4,      127, 0, 0, 1};
    bool is_a = bytes[len - 4] == 0 && bytes[len - 3] == TYPE_A;
    bytes[2] |= 0x80;
    bytes[3] = 0x80;
    memset(bytes + 6, 0, 6);
    bytes[7] = is_a;
    if (!is_a)
        return len;
    memcpy(bytes + len, record, sizeof record);
    return len + sizeof record;
}

static void take_question(struct queue *queue, int fd, int64_t delay_ms)
{
    struct answer *answer = &queue->answers[(queue->first + queue->count) % WAITING_MAX];
    socklen_t to_len = sizeof answer->to;
    ssize_t got = recvfrom(fd, answer->bytes, QUESTION_MAX, MSG_DONTWAIT,
                           (struct sockaddr *)&answer->to, &to_len);
    if (got <= 0 || delay_ms < 0)
        return;
    size_t len = question_len(answer->bytes, (size_t)got);
    if (len == 0)
        return;
    answer->len = make_answer(answer->bytes, len);
    answer->at_ms = now_ms() + delay_ms + 1; /* never early */
    queue->count++;
}

static void send_due(struct queue *queue, int fd)
{
    while (queue->count > 0 && queue->answers[queue->first].at_ms <= now_ms()) {
        const struct answer *answer = &queue->answers[queue->first];
        (void)sendto(fd, answer->bytes, answer->len, 0, (const struct sockaddr *)&answer->to,
                     sizeof answer->to); /* who does not listen any more has no answer */
        queue->first = (queue->first + 1) % WAITING_MAX;
        queue->count--;
    }
}

/* Until this process is ended. */
static void serve(int fd, int64_t delay_ms)
{
    static struct queue queue;
    for (;;) {
        int64_t wait_ms = -1;
        if (queue.count > 0)
            wait_ms = queue.answers[queue.first].at_ms - now_ms();
        struct pollfd ready = {.fd = queue.count < WAITING_MAX ? fd : -1, .events = POLLIN};
        if (queue.count > 0 && wait_ms < 0)
            wait_ms = 0;
        if (poll(&ready, 1, (int)wait_ms) > 0)
            take_question(&queue, fd, delay_ms);
        send_due(&queue, fd);
    }
}

static int bind_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int size = BUFFER_SIZE;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size); /* only a wish */
    return fd;
}

/* Let `path` read as `text` in this mount namespace. A file that is not there is left alone. */
static bool cover(const char *path, const char *text)
{
    char name[] = "/tmp/slow_dns.XXXXXX";
    if (access(path, F_OK) != 0)
        return true;
    int fd = mkstemp(name);
    if (fd < 0)
        return false;
    size_t len = strlen(text);
    bool is_covered = write(fd, text, len) == (ssize_t)len && fchmod(fd, 0644) == 0 &&
                      mount(name, path, NULL, MS_BIND, NULL) == 0;
    (void)unlink(name); /* the mount keeps it */
    (void)close(fd);
    return is_covered;
}

static bool enter_names(void)
{
    return unshare(CLONE_NEWNS) == 0 &&
           mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           cover("/etc/resolv.conf", "nameserver 127.0.0.1\n") &&
           cover("/etc/nsswitch.conf", "hosts: dns\n");
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
        (void)fprintf(stderr, "usage: slow_dns DELAY_MS|never COMMAND [ARG]...\n");
        return 2;
    }
    int64_t delay_ms = strcmp(argv[1], "never") == 0 ? -1 : strtol(argv[1], NULL, 10);
    int fd = bind_server();
    if (fd < 0 || !enter_names()) {
        perror("slow_dns: port 53 and a mount namespace take root");
        return EXIT_CANNOT;
    }
    pid_t server = fork();
    if (server < 0) {
        perror("slow_dns");
        return 2;
    }
    if (server == 0)
        serve(fd, delay_ms);
    int status = run(argv + 2); /* `fd` stays open here: a dead resolver is not a closed port */
    (void)kill(server, SIGKILL);
    (void)waitpid(server, NULL, 0);
    return status;
}
