#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netcheck/base/base.h"
#include "text.h"

static struct scene the_scene; /* of the one test program this is linked to */

int scene_open(void **state)
{
    char host[PEER_TEXT_SIZE];
    unsigned pid = (unsigned)getpid();
    (void)snprintf(host, sizeof host, "127.%u.%u.%u", 100 + pid / 62500 % 100,
                   1 + pid / 250 % 250, 1 + pid % 250);
    peer_listen(&the_scene.up, host);
    peer_refuse(&the_scene.refused, host);
    peer_silence(&the_scene.silent, host);
    peer_listen(&the_scene.local, "127.0.0.1");
    peer_refuse(&the_scene.localrefused, "127.0.0.1");
    if (peer_has_ipv6()) {
        peer_listen(&the_scene.up6, "::1");
        peer_refuse(&the_scene.refused6, "::1");
    }
    folder_open(&the_scene.folder);
    *state = &the_scene;
    return 0;
}

int scene_release(void **state)
{
    struct scene *scene = *state;
    peer_release(&scene->up);
    peer_release(&scene->refused);
    peer_release(&scene->silent);
    peer_release(&scene->late);
    peer_release(&scene->local);
    peer_release(&scene->localrefused);
    peer_release(&scene->up6);
    peer_release(&scene->refused6);
    folder_release(&scene->folder);
    return 0;
}

/* The name at `text` ("{up}") as its value. Returns the length of the name; 0: it is none. */
static size_t fill_name(const struct scene *scene, struct buffer *out, const char *text)
{
    const struct {
        const char *name;
        const struct peer *peer;
    } rows[] = {
        {"up", &scene->up},         {"refused", &scene->refused},
        {"silent", &scene->silent}, {"late", &scene->late},
        {"local", &scene->local},   {"localrefused", &scene->localrefused},
        {"up6", &scene->up6},       {"refused6", &scene->refused6},
    };
    if (strncmp(text, "{host}", 6) == 0) {
        buffer_add_text(out, scene->up.host);
        return 6;
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t len = strlen(rows[i].name);
        if (text[0] != '{' || strncmp(text + 1, rows[i].name, len) != 0)
            continue;
        const char *tail = text + 1 + len;
        if (tail[0] == '}') {
            buffer_add_text(out, rows[i].peer->target);
            return len + 2;
        }
        if (strncmp(tail, ".port}", 6) == 0) {
            buffer_add_format(out, "%u", (unsigned)rows[i].peer->port);
            return len + 7;
        }
    }
    return 0;
}

void scene_fill(const struct scene *scene, struct buffer *out, const char *text)
{
    while (*text != '\0') {
        size_t len = fill_name(scene, out, text);
        if (len == 0)
            buffer_add(out, text, 1);
        text += len > 0 ? len : 1;
    }
}

char *scene_filled(const struct scene *scene, const char *text)
{
    struct buffer out = BUFFER_EMPTY;
    scene_fill(scene, &out, text != NULL ? text : "");
    char *copy = strdup(buffer_text(&out));
    assert_non_null(copy);
    buffer_release(&out);
    return copy;
}

struct words {
    char *filled[EXAMPLE_WORDS + 1]; /* NULL-terminated */
};

static void words_fill(struct words *words, const struct scene *scene,
                       const char *const *written)
{
    size_t count = 0;
    for (; written[count] != NULL; count++) {
        assert_true(count < EXAMPLE_WORDS);
        words->filled[count] = scene_filled(scene, written[count]);
    }
    words->filled[count] = NULL;
}

static void words_release(struct words *words)
{
    for (size_t i = 0; words->filled[i] != NULL; i++)
        free(words->filled[i]);
}

void scene_start(const struct scene *scene, const struct launch *launch,
                 struct program *program)
{
    struct words words;
    struct launch filled = *launch;
    char *input = scene_filled(scene, launch->input);
    words_fill(&words, scene, launch->arguments);
    filled.arguments = (const char *const *)words.filled;
    filled.input = input;
    filled.folder = scene->folder.path;
    program_start(program, &filled);
    program->launch = *launch;
    words_release(&words);
    free(input);
}

void scene_expect_end(const struct scene *scene, struct program *program, int status,
                      const char *out, const char *err)
{
    const char *label = program->launch.label;
    char *filled_out = scene_filled(scene, out);
    char *filled_err = scene_filled(scene, err);
    program_finish(program);
    if (program->launch.most_ms > 0)
        expect_took(program, program->launch.least_ms, program->launch.most_ms);
    text_hide_times(&program->out);
    text_hide_times(&program->err);
    expect_text(label, "standard error", buffer_text(&program->err), filled_err);
    expect_text(label, "standard output", buffer_text(&program->out), filled_out);
    expect_number(label, "exit status", program->status, status);
    free(filled_out);
    free(filled_err);
    program_release(program);
}

void scene_expect(const struct scene *scene, const struct example *example,
                  const struct launch *like)
{
    struct words words;
    words_fill(&words, scene, example->words);
    char *out = scene_filled(scene, example->out);
    char *err = scene_filled(scene, example->err);
    char *input = scene_filled(scene, example->input);
    struct launch launch = like != NULL ? *like : (struct launch){.label = NULL};
    launch.label = example->label;
    launch.arguments = (const char *const *)words.filled;
    launch.folder = scene->folder.path;
    if (launch.input == NULL)
        launch.input = input;
    expect_run(&launch, example->status, out, err);
    words_release(&words);
    free(out);
    free(err);
    free(input);
}

static bool needs_ipv6(const struct example *example)
{
    for (size_t i = 0; example->words[i] != NULL; i++)
        if (strstr(example->words[i], "6}") != NULL || strstr(example->words[i], "6.port}"))
            return true;
    return false;
}

void scene_expect_all(const struct scene *scene, const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (scene->up6.port == 0 && needs_ipv6(&examples[i]))
            (void)printf("skipped: %s: no IPv6 on loopback\n", examples[i].label);
        else
            scene_expect(scene, &examples[i], NULL);
    }
}

void scene_start_example(const struct scene *scene, const struct example *example,
                         const struct launch *like, struct program *program)
{
    struct launch launch = like != NULL ? *like : (struct launch){.limit_ms = 0};
    launch.label = example->label;
    launch.arguments = example->words;
    if (example->input != NULL)
        launch.input = example->input;
    scene_start(scene, &launch, program);
}
