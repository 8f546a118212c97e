#define _GNU_SOURCE /* signalfd, prctl */

#include "command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STATUS_NOT_EXECUTABLE = 126,
    STATUS_NOT_FOUND = 127,
    STATUS_SIGNAL = 128,
};

static void become(char *const *arguments, pid_t parent, const sigset_t *mask)
{
    (void)sigprocmask(SIG_SETMASK, mask, NULL); /* cannot fail with such a mask */
    /* The second line is for a parent that is gone before the first one. */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(STATUS_SIGNAL + SIGKILL);
    (void)execvp(arguments[0], arguments);
    int status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
    (void)fprintf(stderr, "lab: cannot run '%s': %s\n", arguments[0], strerror(errno));
    _exit(status);
}

enum error command_start(struct command *command, char *const *arguments)
{
    sigset_t taken;
    sigset_t mask;
    (void)sigemptyset(&taken); /* none of the five can fail */
    (void)sigaddset(&taken, SIGCHLD);
    (void)sigaddset(&taken, SIGINT);
    (void)sigaddset(&taken, SIGTERM);
    (void)sigaddset(&taken, SIGHUP);
    *command = (struct command){.pid = -1};
    if (sigprocmask(SIG_BLOCK, &taken, &mask) != 0)
        return ERROR_SYSTEM;
    command->signals = signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC);
    if (command->signals < 0)
        return ERROR_SYSTEM;
    pid_t parent = getpid();
    command->pid = fork();
    if (command->pid == 0)
        become(arguments, parent, &mask);
    return command->pid > 0 ? ERROR_NONE : ERROR_SYSTEM;
}

static void note_end(struct command *command, int options)
{
    int status = 0;
    if (command->has_ended || waitpid(command->pid, &status, options) != command->pid)
        return;
    command->has_ended = true;
    command->status =
        WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

void command_turn(struct command *command)
{
    struct signalfd_siginfo info;
    while (read(command->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGCHLD)
            note_end(command, WNOHANG);
        else if (info.ssi_code <= 0 && !command->has_ended)
            /* From a process. Those of a terminal have reached the command already. */
            (void)kill(command->pid, (int)info.ssi_signo);
    }
}

void command_kill(struct command *command)
{
    if (command->pid <= 0 || command->has_ended)
        return;
    (void)kill(command->pid, SIGKILL);
    note_end(command, 0);
}
