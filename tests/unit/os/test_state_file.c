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
#include "netcheck/base/buffer.h"
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

static int read_whole(struct state_file *file, struct buffer *text)
{
    char part[2];
    size_t len = 0;
    int error;
    do {
        error = state_file_read(file, part, sizeof part, &len);
        if (error == 0)
            buffer_add(text, part, len);
    } while (error == 0 && len > 0);
    return error;
}

/* In two parts. */
static int replace(struct state_file *file, const char *bytes, size_t len)
{
    int error = state_file_write(file, bytes, len / 2);
    if (error == 0)
        error = state_file_write(file, bytes + len / 2, len - len / 2);
    return state_file_replace(file, error);
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
            int error = read_whole(&file, &text);
            int len = snprintf(number, sizeof number, "%ld",
                               strtol(buffer_text(&text), NULL, 10) + 1);
            if (error != 0 || replace(&file, number, (size_t)len) != 0)
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

/* As another program does: it is not replaced. */
static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
}

static void claim_content(const char *label, const char *path, const char *expected)
{
    struct state_file file;
    struct buffer text = BUFFER_EMPTY;
    int64_t holder = 0;
    claim_number(label, "problem", state_file_open(&file, path, &holder), STATE_FILE_FINE);
    claim_number(label, "error", (uint64_t)read_whole(&file, &text), 0);
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
        claim_number("own", "error", (uint64_t)replace(&file, "x", 1), 0);
    }
    state_file_release(&file);
}

static void test_state_file_forgets_what_is_not_whole(void **state)
{
    struct state_file file;
    char path[64];
    int64_t holder = 0;
    path_of(path, "f");
    claim_number("whole", "problem", state_file_open(&file, path, &holder), STATE_FILE_FINE);
    claim_number("whole", "error", (uint64_t)replace(&file, "whole", 5), 0);
    for (int i = 0; i < 2; i++) {
        claim_number("part", "error", (uint64_t)state_file_write(&file, "part", 4), 0);
        claim_number("part", "error", (uint64_t)state_file_replace(&file, ENOSPC), ENOSPC);
    }
    state_file_release(&file);
    claim_content("part", path, "whole");
    claim_number("next", "problem", state_file_open(&file, path, &holder), STATE_FILE_FINE);
    claim_number("part", "error", (uint64_t)state_file_write(&file, "part", 4), 0);
    claim_number("part", "error", (uint64_t)state_file_replace(&file, ENOSPC), ENOSPC);
    claim_number("next", "error", (uint64_t)replace(&file, "next", 4), 0);
    state_file_release(&file);
    claim_content("next", path, "next");
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
    claim_number("link", "error", (uint64_t)replace(&file, "through", 7), 0);
    state_file_release(&file);
    claim_content("link", path, "through");
    assert_int_equal(lstat(link, &status), 0);
    claim_true("link", "stays", S_ISLNK(status.st_mode));
    assert_int_equal(stat(path, &status), 0);
    claim_number("mode", "bits", status.st_mode & 07777, 0640);
    claim_true("temporary", "gone", lstat(temporary, &status) != 0);
}

static int open_as(uid_t user, const char *path)
{
    struct state_file file;
    int64_t holder = 0;
    if (setgid(user) != 0 || setuid(user) != 0)
        return -1;
    enum state_file_problem problem = state_file_open(&file, path, &holder);
    state_file_release(&file);
    return (int)problem;
}

/* What rename() would refuse at the end is known before anything is asked. */
static void test_state_file_of_another_user_is_not_replaced_in_a_sticky_folder(void **state)
{
    static const struct {
        const char *label;
        mode_t folder;
        uid_t owner; /* of the folder */
        uid_t file;  /* whose the file is */
        uid_t user;
        int problem;
    } rows[] = {
        {"any folder", 0777, 0, 0, OTHER, STATE_FILE_FINE},
        {"as /tmp", 01777, 0, 0, OTHER, STATE_FILE_KEPT},
        {"one's own file", 01777, 0, OTHER, OTHER, STATE_FILE_FINE},
        {"one's own folder", 01755, OTHER, 0, OTHER, STATE_FILE_FINE},
        {"root", 01755, OTHER, OTHER, 0, STATE_FILE_FINE},
    };
    char path[64];
    if (geteuid() != 0)
        skip();
    path_of(path, "f");
    assert_int_equal(chmod(path, 0666), 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int end = -1;
        assert_int_equal(chown(folder, rows[i].owner, 0), 0);
        assert_int_equal(chown(path, rows[i].file, 0), 0);
        assert_int_equal(chmod(folder, rows[i].folder), 0);
        pid_t child = fork();
        if (child == 0)
            _exit(open_as(rows[i].user, path));
        assert_int_equal(waitpid(child, &end, 0), child);
        assert_int_equal(chown(folder, 0, 0), 0);
        assert_int_equal(chown(path, 0, 0), 0);
        assert_int_equal(chmod(folder, 0700), 0);
        claim_true(rows[i].label, "exits", WIFEXITED(end));
        claim_number(rows[i].label, "problem", (uint64_t)WEXITSTATUS(end),
                     (uint64_t)rows[i].problem);
    }
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
    int error = replace(&file, "member", 6);
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

/* Of "new", or through a link to it. */
static void expect_there(const char *label, bool is_there)
{
    struct stat status;
    char path[64];
    path_of(path, "new");
    claim_number(label, "is there", lstat(path, &status) == 0, is_there);
    path_of(path, ".new.new");
    claim_true(label, "no temporary file", lstat(path, &status) != 0);
}

static void test_state_file_that_was_made_and_not_written_goes(void **state)
{
    static const struct {
        const char *label;
        const char *given;    /* the path; NULL: "new" itself */
        const char *before;   /* what it was; NULL: not there */
        const char *by_other; /* what another program writes meanwhile */
        const char *written;
        bool is_replaced; /* by an empty one of another program */
        bool stays;
    } rows[] = {
        {"new", .stays = false},
        {"new, by a link", "to-new", .stays = false},
        {"new, written", .written = "x", .stays = true},
        {"new, written with nothing", .written = "", .stays = true},
        {"empty before", .before = "", .stays = true},
        {"old", .before = "x", .stays = true},
        {"written by another program", .by_other = "x", .stays = true},
        {"replaced by another program", .is_replaced = true, .stays = true},
    };
    char path[64];
    char link[64];
    char other[64];
    path_of(path, "new");
    path_of(link, "to-new");
    path_of(other, "other");
    assert_int_equal(symlink("new", link), 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct state_file file;
        int64_t holder = 0;
        const char *label = rows[i].label;
        if (rows[i].before != NULL)
            write_file(path, rows[i].before);
        claim_number(label, "problem",
                     state_file_open(&file, rows[i].given != NULL ? link : path, &holder),
                     STATE_FILE_FINE);
        if (rows[i].by_other != NULL)
            write_file(path, rows[i].by_other);
        if (rows[i].is_replaced) {
            write_file(other, "");
            assert_int_equal(rename(other, path), 0);
        }
        if (rows[i].written != NULL)
            claim_number(label, "error",
                         (uint64_t)replace(&file, rows[i].written, strlen(rows[i].written)), 0);
        state_file_release(&file);
        expect_there(label, rows[i].stays);
        (void)unlink(path); /* or it is not there */
    }
    claim_true("link", "stays", unlink(link) == 0);
}

/* Names as long as a folder takes them, which are the same but for their end. */
static void test_state_file_any_name_is_one(void **state)
{
    static const size_t lens[] = {1, 249, 250, 251, 255};
    static const char *const ends[] = {"a", "b"};
    for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
        struct state_file files[ARRAY_LEN(ends)];
        char paths[ARRAY_LEN(ends)][320];
        char name[256];
        int64_t holder = 0;
        memset(name, 'x', lens[i] - 1);
        name[lens[i] - 1] = '\0';
        for (size_t j = 0; j < ARRAY_LEN(ends); j++) {
            (void)snprintf(paths[j], sizeof paths[j], "%s/%s%s", folder, name, ends[j]);
            claim_number(name, "problem", state_file_open(&files[j], paths[j], &holder),
                         STATE_FILE_FINE);
        }
        for (size_t j = 0; j < ARRAY_LEN(ends); j++)
            claim_number(name, "error", (uint64_t)replace(&files[j], ends[j], 1), 0);
        for (size_t j = 0; j < ARRAY_LEN(ends); j++) {
            state_file_release(&files[j]);
            claim_content(name, paths[j], ends[j]);
            assert_int_equal(unlink(paths[j]), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state_file_of_six_processes_loses_nothing),
        cmocka_unit_test(test_state_file_in_use_names_the_process),
        cmocka_unit_test(test_state_file_forgets_what_is_not_whole),
        cmocka_unit_test(test_state_file_keeps_link_and_mode),
        cmocka_unit_test(test_state_file_of_another_user_is_not_replaced_in_a_sticky_folder),
        cmocka_unit_test(test_state_file_keeps_its_group),
        cmocka_unit_test(test_state_file_that_was_made_and_not_written_goes),
        cmocka_unit_test(test_state_file_any_name_is_one),
    };
    return cmocka_run_group_tests(tests, open_folder, remove_folder);
}
