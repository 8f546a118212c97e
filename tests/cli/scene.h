/*
 * scene: one port of each kind, and examples whose texts name them.
 *
 * In the texts of an example these stand for what the system chose:
 *
 *     {up} {refused} {silent} {up6} {refused6}     the target: 127.12.34.56:4711, [::1]:4712
 *     {late}                                       the same of a port that the test opens
 * itself {local} {localrefused}                       the same on 127.0.0.1, for "localhost"
 *     {up.port} {refused.port} ...                 its port
 *     {host}                                       the address of {up}, {refused} and {silent}
 *
 * {host} is an address of this process alone: whoever sweeps the ports of 127.0.0.1 at the same
 * time does not count as a visit.
 */
#ifndef TESTS_CLI_SCENE_H
#define TESTS_CLI_SCENE_H

#include "harness.h"
#include "peer.h"

enum { EXAMPLE_WORDS = 12 };

struct scene {
    struct peer up;
    struct peer refused;
    struct peer silent;
    struct peer late; /* of zeros; a test's own, on {host} */
    struct peer local;
    struct peer localrefused;
    struct peer up6; /* of zeros without IPv6 */
    struct peer refused6;
    struct folder folder; /* the program runs in it */
};

/* The words in a row of a table: clang-format breaks rows that have braces of their own. */
#define ARGS(...)   \
    {               \
        __VA_ARGS__ \
    }

/* A command line and all it is to do. */
struct example {
    const char *label;
    const char *words[EXAMPLE_WORDS + 1]; /* NULL-terminated */
    const char *out;                      /* as expect_run() has it; NULL: nothing */
    const char *err;
    int status;
    const char *input; /* standard input */
};

/* cmocka group fixtures; the state is a struct scene. */
int scene_open(void **state);
int scene_release(void **state);

/* Append `text` with its names replaced. */
void scene_fill(const struct scene *scene, struct buffer *out, const char *text);

/* The same as a string that the caller frees; NULL is taken as "". */
char *scene_filled(const struct scene *scene, const char *text);

/* Start it in the scene's folder, with the names in its arguments and its input replaced. */
void scene_start(const struct scene *scene, const struct launch *launch,
                 struct program *program);

/*
 * Wait for the end of the program, compare, also how long it took, and release it. In both
 * texts every time reads N, as text_hide_times() has it; NULL stands for no text.
 */
void scene_expect_end(const struct scene *scene, struct program *program, int status,
                      const char *out, const char *err);

/* Run the example and compare. `like` is a launch to take the rest from; may be NULL. */
void scene_expect(const struct scene *scene, const struct example *example,
                  const struct launch *like);

/* The same for a whole table; rows that name an IPv6 port are passed over without IPv6. */
void scene_expect_all(const struct scene *scene, const struct example *examples, size_t count);

/* Start the example's command line. `like` is a launch to take the rest from; may be NULL. */
void scene_start_example(const struct scene *scene, const struct example *example,
                         const struct launch *like, struct program *program);

#endif
