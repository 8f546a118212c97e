/*
 * A file that several processes read and replace, and nothing of it is lost.
 */
#define _DEFAULT_SOURCE /* setgroups(2) */
#define _XOPEN_SOURCE   700

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../claim.h"
#include "netcheck/os/state_file.h"

enum { PROCESSES = 6, RUNS = 100, TRIES_MAX = 10000000 };

/* Numbers that need no name on this machine. */
enum { GROUP = 54321, OTHER = 54322 };

static char folder[] = "/tmp/netcheck-state-XXXXXX";

static void path_of(char path[static 64], const char *name)
{
    (void)snprintf(path, 64, "%s/%s", folder, name);
}

static int open_folder(void **state)
{
    return mkdtemp(folder) != NULL ? 0 : 1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"f", "link", ".f.new", ".new.new", "new"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char path[64];
        path_of(path, names[i]);
        (void)unlink(path); /* some are not there */
    }
    return rmdir(folder);
}

/* In a child: the number in the file, and one more. */
static void count(const char *path)
{
    for (int run = 0, tries = 0; run < RUNS && tries < TRIES_MAX; tries++) {
        struct state_file file;
        struct buffer text = BUFFER_EMPTY;
        char number[24];
        int64_t holder = 0;
        if (state_file_open(&file, path, &holder) == STATE_FILE_FINE) {
            int error = state_file_read(&file, &text);
            int len = snprintf(number, sizeof number, "%ld",
                               strtol(buffer_text(&text), NULL, 10) + 1);
            if (error != 0 || state_file_write(&file, number, (size_t)len) != 0)
                _exit(1);
            run++;
        } else {
            (void)sched_yield();
        }
        state_file_release(&file);
        buffer_release(&text);
    }
    _exit(0);
}

static void claim_content(const char *label, const char *path, const char *expected)
{
    struct state_file file;
    struct buffer text = BUFFER_EMPTY;
    int64_t holder = 0;
    claim_number(label, "problem", state_file_open(&file, path, &holder), STATE_FILE_FINE);
    claim_number(label, "error", (uint64_t)state_file_read(&file, &text), 0);
    claim_text(label, "content", buffer_text(&text), expected);
    state_file_release(&file);
    buffer_release(&text);
}

static void test_state_file_of_six_processes_loses_nothing(void **state)
{
    char path[64];
    pid_t children[PROCESSES];
    path_of(path, "f");
    for (size_t i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            count(path);
    }
    for (size_t i = 0; i < PROCESSES; i++) {
        int status = 1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    claim_content("six", path, "600");
}

/* It stays locked while it is replaced. */
static void test_state_file_in_use_names_the_process(void **state)
{
    struct state_file file;
    char path[64];
    int64_t holder = 0;
    path_of(path, "f");
    claim_number("own", "problem", state_file_open(&file, path, &holder), STATE_FILE_FINE);
    for (int i = 0; i < 2; i++) {
        int status = 1;
        pid_t child = fork();
        if (child == 0) {
            struct state_file other;
            enum state_file_problem problem = state_file_open(&other, path, &holder);
            _exit(problem == STATE_FILE_IN_USE && holder == (int64_t)getppid() ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        claim_number(i == 0 ? "opened" : "written", "status", (uint64_t)status, 0);
        claim_number("own", "error", (uint64_t)state_file_write(&file, "x", 1), 0);
    }
    state_file_release(&file);
}

/* A link stays, a mode stays, and what a run left behind that was killed does not. */
static void test_state_file_keeps_link_and_mode(void **state)
{
    struct state_file file;
    struct stat status;
    char path[64];
    char link[64];
    char temporary[64];
    int64_t holder = 0;
    path_of(path, "f");
    path_of(link, "link");
    path_of(temporary, ".f.new");
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(symlink("f", link), 0);
    assert_int_equal(symlink("/etc/passwd", temporary), 0);
    claim_number("link", "problem", state_file_open(&file, link, &holder), STATE_FILE_FINE);
    claim_number("link", "error", (uint64_t)state_file_write(&file, "through", 7), 0);
    state_file_release(&file);
    claim_content("link", path, "through");
    assert_int_equal(lstat(link, &status), 0);
    claim_true("link", "stays", S_ISLNK(status.st_mode));
    assert_int_equal(stat(path, &status), 0);
    claim_number("mode", "bits", status.st_mode & 07777, 0640);
    claim_true("temporary", "gone", lstat(temporary, &status) != 0);
}

/* A member of the file's group who may not give the file back to its owner. */
static int write_as_member(const char *path)
{
    const gid_t group = GROUP;
    struct state_file file;
    int64_t holder = 0;
    if (setgroups(1, &group) != 0 || setgid(OTHER) != 0 || setuid(OTHER) != 0)
        return 1;
    if (state_file_open(&file, path, &holder) != STATE_FILE_FINE)
        return 2;
    int error = state_file_write(&file, "member", 6);
    state_file_release(&file);
    return error != 0 ? 3 : 0;
}

static void test_state_file_keeps_its_group(void **state)
{
    struct stat status;
    char path[64];
    int end = 1;
    path_of(path, "f");
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(folder, 0777), 0);
    assert_int_equal(chown(path, 0, GROUP), 0);
    assert_int_equal(chmod(path, 0660), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(write_as_member(path));
    assert_int_equal(waitpid(child, &end, 0), child);
    assert_int_equal(chmod(folder, 0700), 0);
    claim_number("member", "status", (uint64_t)end, 0);
    assert_int_equal(stat(path, &status), 0);
    claim_number("member", "group", status.st_gid, GROUP);
    claim_number("member", "mode", status.st_mode & 07777, 0660);
}

static void test_state_file_that_is_not_written_stays(void **state)
{
    struct state_file file;
    struct stat status;
    char path[64];
    int64_t holder = 0;
    path_of(path, "new");
    claim_number("new", "problem", state_file_open(&file, path, &holder), STATE_FILE_FINE);
    state_file_release(&file);
    claim_content("new", path, "");
    path_of(path, ".new.new");
    claim_true("temporary", "gone", lstat(path, &status) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state_file_of_six_processes_loses_nothing),
        cmocka_unit_test(test_state_file_in_use_names_the_process),
        cmocka_unit_test(test_state_file_keeps_link_and_mode),
        cmocka_unit_test(test_state_file_keeps_its_group),
        cmocka_unit_test(test_state_file_that_is_not_written_stays),
    };
    return cmocka_run_group_tests(tests, open_folder, remove_folder);
}
