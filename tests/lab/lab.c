/*
 * lab: run a command in a network that is simulated behind a TUN device. See settings.c for
 * its usage, rules.h for the rules.
 */
#define _GNU_SOURCE /* prctl */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "command.h"
#include "network.h"
#include "player.h"
#include "settings.h"

enum {
    STATUS_USAGE = 2,
    STATUS_SKIPPED = 77, /* as test harnesses have it since automake */
    STATUS_FAILED = 125, /* as with env(1) and timeout(1) */
};

static int fail(const char *what)
{
    (void)fprintf(stderr, "lab: %s: %s\n", what, strerror(errno));
    return STATUS_FAILED;
}

/* Play the network until the command ends. */
static int play(struct player *player, char *const *words)
{
    struct command command;
    if (command_start(&command, words) != ERROR_NONE)
        return fail("cannot start the command");
    /* Not before the fork: the command has to have the slack of any program. */
    (void)prctl(PR_SET_TIMERSLACK, 1UL); /* only makes answers more punctual */
    while (!command.has_ended) {
        if (player_play(player, command.signals) != ERROR_NONE) {
            int status = fail("the device " NETWORK_DEVICE);
            command_kill(&command);
            return status;
        }
        command_turn(&command);
    }
    return command.status;
}

static int run(const struct settings *settings, FILE *stats)
{
    char reason[NETWORK_REASON_SIZE];
    int tun = network_open(reason);
    if (tun < 0) {
        (void)fprintf(stderr, "lab: skipped: %s\n", reason);
        return STATUS_SKIPPED;
    }
    struct player player;
    int status = STATUS_FAILED;
    if (player_init(&player, tun, &settings->rules, &settings->limits)) {
        status = play(&player, settings->command);
        player_finish(&player);
    } else {
        (void)fail("the network");
    }
    if (stats != NULL && !stats_write(&player.stats, stats))
        status = fail(settings->stats_path);
    player_release(&player);
    (void)close(tun); /* all that could be sent was sent */
    return status;
}

static int run_with_stats(const struct settings *settings)
{
    if (settings->stats_path == NULL)
        return run(settings, NULL);
    FILE *stats = fopen(settings->stats_path, "we");
    if (stats == NULL)
        return fail(settings->stats_path);
    int status = run(settings, stats);
    return fclose(stats) == 0 ? status : fail(settings->stats_path);
}

int main(int argc, char **argv)
{
    struct settings settings;
    int status = STATUS_USAGE;
    /* Where it was inherited as ignored, nobody would hear of a child's end. */
    const struct sigaction standard = {.sa_handler = SIG_DFL};
    (void)sigaction(SIGCHLD, &standard, NULL); /* cannot fail with such a signal */
    if (settings_parse(&settings, argc, argv)) {
        if (settings.wants_help)
            status =
                fputs(settings_help, stdout) >= 0 && fflush(stdout) == 0 ? 0 : STATUS_FAILED;
        else
            status = run_with_stats(&settings);
    }
    settings_release(&settings);
    return status;
}
