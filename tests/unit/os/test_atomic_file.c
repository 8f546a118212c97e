/*
 * Files that are whole or as they were, in a folder of the test's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include "../claim.h"
#include "netcheck/os/atomic_file.h"

enum { LONG_NAME = 255, BIG = 100000 };

static char folder[] = "/tmp/netcheck-atomic-XXXXXX";

/* The working folder is what the names of the tests are in. */
static int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    char command[sizeof folder + 16];
    (void)state;
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static void claim_int(const char *label, const char *what, int actual, int expected)
{
    claim_number(label, what, (uint64_t)actual, (uint64_t)expected);
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* "" where there is none. */
static const char *get(const char *path)
{
    static char text[64];
    FILE *file = fopen(path, "r");
    size_t len = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    text[len] = '\0';
    if (file != NULL)
        assert_int_equal(fclose(file), 0);
    return text;
}

static int count_hidden(void)
{
    int count = 0;
    DIR *files = opendir(".");
    assert_non_null(files);
    for (struct dirent *entry; (entry = readdir(files)) != NULL;)
        count += entry->d_name[0] == '.' && strlen(entry->d_name) > 2;
    assert_int_equal(closedir(files), 0);
    return count;
}

static int write_whole(const char *path, const char *text)
{
    struct atomic_file file;
    int error = atomic_file_open(&file, path);
    if (error == 0)
        error = atomic_file_write(&file, text, strlen(text));
    if (error == 0)
        error = atomic_file_commit(&file);
    atomic_file_release(&file);
    return error;
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static void test_atomic_file_is_old_until_committed(void **state)
{
    struct atomic_file file;
    put("page", "old");
    assert_int_equal(atomic_file_open(&file, "page"), 0);
    assert_int_equal(fcntl(file.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(strncmp(file.temporary, ".page.", 6), 0);
    assert_int_equal(atomic_file_write(&file, "new", 3), 0);
    assert_string_equal(get("page"), "old");
    assert_int_equal(atomic_file_commit(&file), 0);
    assert_string_equal(get("page"), "new");
    atomic_file_release(&file);
    assert_int_equal(atomic_file_open(&file, "page"), 0);
    assert_int_equal(atomic_file_write(&file, "lost", 4), 0);
    atomic_file_release(&file);
    assert_string_equal(get("page"), "new");
    assert_int_equal(count_hidden(), 0);
}

static void test_atomic_file_has_the_mode_of_the_old_one_or_of_the_umask(void **state)
{
    static const mode_t masks[] = {0, 022, 027, 077};
    static const mode_t modes[] = {0600, 0644, 0664, 0666, 0755, 0444};
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        mode_t before = umask(masks[i]);
        assert_int_equal(write_whole("new", "text"), 0);
        (void)umask(before);
        claim_number("umask", "mode", mode_of("new"), 0666 & ~masks[i]);
        assert_int_equal(unlink("new"), 0);
    }
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        put("old", "text");
        assert_int_equal(chmod("old", modes[i]), 0);
        assert_int_equal(write_whole("old", "text"), 0);
        claim_number("old", "mode", mode_of("old"), modes[i]);
        assert_int_equal(unlink("old"), 0);
    }
}

static void test_atomic_file_links_stay_and_lead_there(void **state)
{
    struct stat status;
    static const struct {
        const char *link;
        const char *to;
        const char *file;
    } rows[] = {
        {"l1", "there", "there"},  {"l2", "dangling", "dangling"},
        {"sub/l3", "../up", "up"}, {"sub/l4", "side", "sub/side"},
        {"l5", "l1", "there"},     {"l6", "./sub/../far", "far"},
    };
    assert_int_equal(mkdir("sub", 0777), 0);
    put("there", "old");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(symlink(rows[i].to, rows[i].link), 0);
        claim_int(rows[i].link, "error", write_whole(rows[i].link, rows[i].link), 0);
        claim_text(rows[i].link, "text", get(rows[i].file), rows[i].link);
        assert_int_equal(lstat(rows[i].link, &status), 0);
        claim_true(rows[i].link, "a link", S_ISLNK(status.st_mode));
    }
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_int_equal(write_whole("loop", ""), ELOOP);
}

static void make_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(close(fd), 0);
}

static void test_atomic_file_what_cannot_be_replaced_is_told_when_opened(void **state)
{
    static const struct {
        const char *path;
        int error;
    } rows[] = {
        {"", ENOENT},           {"nowhere/a", ENOENT},     {"folder", EISDIR},
        {"folder/", EISDIR},    {"folder/.", EISDIR},      {"new/", EISDIR},
        {"file/", ENOTDIR},     {"file/a", ENOTDIR},       {"fifo", ENXIO},
        {"socket", EOPNOTSUPP}, {"/dev/fd/987654", EBADF}, {"/dev/fd/", EISDIR},
        {"/dev/fd/x", ENOENT},
    };
    assert_int_equal(mkdir("folder", 0777), 0);
    assert_int_equal(mkfifo("fifo", 0666), 0);
    make_socket("socket");
    put("file", "old");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        claim_int(rows[i].path, "error", write_whole(rows[i].path, "text"), rows[i].error);
    assert_int_equal(count_hidden(), 0);
}

static void test_atomic_file_any_name_is_one(void **state)
{
    char longest[LONG_NAME + 1];
    memset(longest, 'n', LONG_NAME);
    longest[LONG_NAME] = '\0';
    const char *const names[] = {longest, "a\nb", " ", "-", "\xff", ".hidden", "'\"$`\\"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        claim_int(names[i], "error", write_whole(names[i], "text"), 0);
        claim_text(names[i], "text", get(names[i]), "text");
        assert_int_equal(unlink(names[i]), 0);
    }
}

static void test_atomic_file_what_keeps_nothing_is_written_directly(void **state)
{
    int ends[2];
    char path[32];
    char text[8] = "";
    assert_int_equal(pipe(ends), 0);
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    assert_int_equal(write_whole(path, "rows"), 0);
    assert_int_equal(read(ends[0], text, sizeof text), 4);
    assert_string_equal(text, "rows");
    assert_int_equal(write_whole("/dev/null", "rows"), 0);
    assert_int_equal(write_whole("/dev/full", "rows"), ENOSPC);
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_int_equal(write_whole(path, "rows"), EBADF); /* for reading only */
    assert_int_equal(fcntl(ends[1], F_SETFD, FD_CLOEXEC), 0);
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    assert_int_equal(write_whole(path, "rows"), EBADF); /* this program's own */
}

static void test_atomic_file_reader_that_takes_nothing_is_given_up(void **state)
{
    static char bytes[BIG];
    struct atomic_file file;
    assert_int_equal(mkfifo("stuck", 0666), 0);
    int reader = open("stuck", O_RDONLY | O_NONBLOCK);
    assert_int_equal(atomic_file_open(&file, "stuck"), 0);
    file.until_ns = 0;
    assert_int_equal(atomic_file_write(&file, bytes, sizeof bytes), ETIMEDOUT);
    assert_int_equal(close(reader), 0);
    assert_int_equal(atomic_file_write(&file, "x", 1), EPIPE);
    atomic_file_release(&file);
}

static void test_atomic_file_same_place_is_known_by_any_name(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        bool is_same;
    } rows[] = {
        {"one", "one", true},           {"one", "./one", true},
        {"one", "two", false},          {"one", "hard", true},
        {"one", "soft", true},          {"fresh", "./fresh", true},
        {"fresh", "fresher", false},    {"fresh", "in/fresh", false},
        {"fresh", "to/../fresh", true}, {"in/fresh", "to/fresh", true},
        {"in/fresh", "hanging", true},  {"/dev/null", "/dev/null", false},
        {"one", "/dev/null", false},
    };
    put("one", "");
    put("two", "");
    assert_int_equal(link("one", "hard"), 0);
    assert_int_equal(symlink("one", "soft"), 0);
    assert_int_equal(mkdir("in", 0777), 0);
    assert_int_equal(symlink("in", "to"), 0);
    assert_int_equal(symlink("to/fresh", "hanging"), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct atomic_file a;
        struct atomic_file b;
        assert_int_equal(atomic_file_open(&a, rows[i].a), 0);
        assert_int_equal(atomic_file_open(&b, rows[i].b), 0);
        claim_number(rows[i].b, rows[i].a, atomic_file_is_same(&a, &b), rows[i].is_same);
        claim_number(rows[i].a, rows[i].b, atomic_file_is_same(&b, &a), rows[i].is_same);
        atomic_file_release(&a);
        atomic_file_release(&b);
    }
}

/* A write that fails at every byte in turn, as on a full disk. */
static void test_atomic_file_that_does_not_fit_leaves_the_old_one(void **state)
{
    static const char text[] = "rows that are longer";
    struct rlimit before;
    (void)sigaction(SIGXFSZ, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (size_t room = 0; room <= strlen(text); room++) {
        struct rlimit limit = {.rlim_cur = room, .rlim_max = before.rlim_max};
        put("full", "old");
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        int error = write_whole("full", text);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        claim_int("full", "error", error, room < strlen(text) ? EFBIG : 0);
        claim_text("full", "text", get("full"), room < strlen(text) ? "old" : text);
        claim_int("full", "left behind", count_hidden(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_atomic_file_is_old_until_committed),
        cmocka_unit_test(test_atomic_file_has_the_mode_of_the_old_one_or_of_the_umask),
        cmocka_unit_test(test_atomic_file_links_stay_and_lead_there),
        cmocka_unit_test(test_atomic_file_what_cannot_be_replaced_is_told_when_opened),
        cmocka_unit_test(test_atomic_file_any_name_is_one),
        cmocka_unit_test(test_atomic_file_what_keeps_nothing_is_written_directly),
        cmocka_unit_test(test_atomic_file_reader_that_takes_nothing_is_given_up),
        cmocka_unit_test(test_atomic_file_same_place_is_known_by_any_name),
        cmocka_unit_test(test_atomic_file_that_does_not_fit_leaves_the_old_one),
    };
    (void)sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
