/*
 * feed: write many equal lines to a command and watch when its first row comes.
 *
 *     feed COUNT LINE COMMAND [ARG]...
 *
 * The last line is held back, with the pipe open, until a first row was read or PATIENCE_MS
 * have passed without one. Prints "ROWS FIRST": the rows read in all, and the number of lines
 * that were written when the first one came, -1 for none. Exit status: that of COMMAND.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCK_SIZE = 65536, PATIENCE_MS = 10000 };

struct feed {
    char *block; /* as many whole lines as fit */
    size_t line_len;
    size_t block_len;
    long long left_len; /* bytes */
    long long written_len;
    long long rows;
    long long first_row; /* lines written by then, or -1 */
    int to;
    int from;
    bool waits;
};

static bool prepare(struct feed *feed, const char *line, long long count)
{
    feed->line_len = strlen(line) + 1;
    feed->block = malloc(BLOCK_SIZE);
    if (feed->block == NULL || feed->line_len > BLOCK_SIZE || count < 2)
        return false;
    while (feed->block_len + feed->line_len <= BLOCK_SIZE) {
        memcpy(feed->block + feed->block_len, line, feed->line_len - 1);
        feed->block_len += feed->line_len;
        feed->block[feed->block_len - 1] = '\n';
    }
    feed->left_len = count * (long long)feed->line_len;
    feed->first_row = -1;
    return true;
}

static pid_t start(struct feed *feed, char *command[])
{
    int in[2];
    int out[2];
    if (pipe(in) != 0 || pipe(out) != 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        if (dup2(in[0], 0) == 0 && dup2(out[1], 1) == 1) {
            for (int i = 0; i < 2; i++) {
                (void)close(in[i]); /* nothing left to lose */
                (void)close(out[i]);
            }
            (void)execvp(command[0], command);
            perror(command[0]);
        }
        _exit(127);
    }
    (void)close(in[0]); /* the child has them */
    (void)close(out[1]);
    feed->to = in[1];
    feed->from = out[0];
    return fcntl(feed->to, F_SETFL, O_NONBLOCK) == 0 ? child : -1;
}

/* False once the command has closed its output. */
static bool read_rows(struct feed *feed)
{
    char bytes[BLOCK_SIZE];
    ssize_t len = read(feed->from, bytes, sizeof bytes);
    if (len <= 0)
        return len < 0 && errno == EINTR;
    for (ssize_t i = 0; i < len; i++)
        feed->rows += bytes[i] == '\n';
    if (feed->first_row < 0 && feed->rows > 0)
        feed->first_row = feed->written_len / (long long)feed->line_len;
    return true;
}

static void stop_writing(struct feed *feed)
{
    (void)close(feed->to); /* the end of its input */
    feed->to = -1;
    feed->left_len = 0;
}

static void write_lines(struct feed *feed, bool is_last_held)
{
    long long may = feed->left_len - (is_last_held ? (long long)feed->line_len : 0);
    size_t offset = (size_t)(feed->written_len % (long long)feed->block_len);
    size_t len = feed->block_len - offset;
    if ((long long)len > may)
        len = (size_t)may;
    ssize_t written = write(feed->to, feed->block + offset, len);
    if (written < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (written < 0) {
        stop_writing(feed);
        return;
    }
    feed->written_len += written;
    feed->left_len -= written;
    if (feed->left_len == 0)
        stop_writing(feed);
}

static void run(struct feed *feed)
{
    for (;;) {
        bool is_last_held = feed->waits && feed->first_row < 0;
        bool has_more = feed->left_len > (is_last_held ? (long long)feed->line_len : 0);
        struct pollfd fds[] = {{.fd = feed->from, .events = POLLIN},
                               {.fd = has_more ? feed->to : -1, .events = POLLOUT}};
        bool is_waiting = feed->to >= 0 && !has_more;
        int count = poll(fds, 2, is_waiting ? PATIENCE_MS : -1);
        if (count == 0)
            feed->waits = false;
        if (count > 0 && fds[0].revents != 0 && !read_rows(feed))
            return;
        if (count > 0 && fds[1].revents != 0)
            write_lines(feed, is_last_held);
    }
}

int main(int argc, char *argv[])
{
    struct feed feed = {0};
    feed.waits = argc > 1 && strcmp(argv[1], "-w") == 0;
    int first = feed.waits ? 2 : 1;
    if (argc < first + 3 || !prepare(&feed, argv[first + 1], strtoll(argv[first], NULL, 10))) {
        (void)fprintf(stderr, "usage: feed [-w] COUNT LINE COMMAND [ARG]...\n");
        return 2;
    }
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    pid_t child = start(&feed, argv + first + 2);
    if (child < 0 || sigaction(SIGPIPE, &ignore, NULL) != 0) {
        perror("feed");
        return 2;
    }
    run(&feed);
    if (feed.to >= 0)
        stop_writing(&feed);
    int status;
    if (waitpid(child, &status, 0) != child)
        return 2;
    printf("%lld %lld\n", feed.rows, feed.first_row);
    free(feed.block);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
