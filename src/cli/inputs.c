#include "netcheck/cli/inputs.h"

#include <errno.h>
#include <string.h>

#include "netcheck/cli/message.h"
#include "netcheck/os/process.h"
#include "netcheck/probe/question.h"
#include "netcheck/target/secret.h"
#include "exclude.h"

static void fail(struct inputs *inputs, const char *what)
{
    message_say("%s", what);
    inputs->has_failed = true;
}

static void fail_error(struct inputs *inputs, enum error error)
{
    message_error(error);
    inputs->has_failed = true;
}

static void fail_file(struct inputs *inputs, const char *path, int error)
{
    struct buffer text = BUFFER_EMPTY;
    message_unreadable(&text, path, strerror(error));
    fail(inputs, buffer_text(&text));
    buffer_release(&text);
}

/* where  how it was written, where it is no operand */
static void fail_operand(struct inputs *inputs, const char *operand, const struct fault *fault,
                         const char *where)
{
    struct buffer text = BUFFER_EMPTY;
    fault_describe(&text, operand, strlen(operand), fault, NULL);
    question_add_known(&text, fault->code);
    buffer_add_text(&text, where);
    fail(inputs, buffer_text(&text));
    buffer_release(&text);
}

/* Say what is wrong with --gate: "X 'db:22,80' Y". */
static void fail_gate(struct inputs *inputs, const char *what, const char *gate,
                      const char *remedy)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_add_format(&text, "%s ", what);
    secret_quoted(&text, gate, strlen(gate));
    buffer_add_text(&text, remedy);
    fail(inputs, buffer_text(&text));
    buffer_release(&text);
}

/* The one endpoint that the text of --gate stands for. */
static void take_gate(struct inputs *inputs, struct source *source, const char *gate)
{
    struct target *target = NULL;
    if (source_total(source) != 1) {
        fail_gate(inputs, "--gate is one target with one port, and", gate,
                  " is more: write HOST:PORT or icmp://HOST");
        return;
    }
    if (source_next(source, &target) != ERROR_NONE)
        return;
    target->is_gate = true;
    endpoints_at(target, 0, &inputs->gate);
    if (inputs->exclusion != NULL && exclusion_rows(inputs->exclusion, target, 0) > 0)
        fail_gate(inputs, "the gate", gate, " is excluded: leave it, or --exclude, out");
}

/* The gate brings its port: those of -p are for the targets. */
static void read_gate(struct inputs *inputs, const char *gate)
{
    struct target_rules rules = inputs->rules;
    struct source *source = NULL;
    struct fault fault = {.code = FAULT_NONE};
    size_t bad = 0;
    rules.ports = NULL;
    enum error error = source_new(&rules, &source);
    if (error == ERROR_NONE)
        error = source_add_operands(source, &gate, 1, &fault, &bad);
    if (error == ERROR_NONE)
        take_gate(inputs, source, gate);
    else if (error == ERROR_INVALID && fault.code == FAULT_PORT_MISSING)
        fail_gate(inputs, "no port for --gate", gate, ": write HOST:PORT or icmp://HOST");
    else if (error == ERROR_INVALID)
        fail_operand(inputs, gate, &fault, " (--gate)");
    else
        fail_error(inputs, error);
    source_free(source);
}

static void add_operands(struct inputs *inputs, const struct options *options)
{
    struct fault fault;
    size_t bad = 0;
    enum error error = source_add_operands(inputs->source, options->operands,
                                           options->operand_count, &fault, &bad);
    if (error == ERROR_NO_MEMORY)
        fail_error(inputs, error);
    else if (error != ERROR_NONE)
        fail_operand(inputs, options->operands[bad], &fault, "");
}

static void add_files(struct inputs *inputs, const struct options *options)
{
    for (size_t i = 0; i < options->file_count && !inputs->has_failed; i++) {
        enum error error = source_add_file(inputs->source, options->files[i]);
        if (error == ERROR_SYSTEM)
            fail_file(inputs, options->files[i], errno);
        else if (error != ERROR_NONE)
            fail_error(inputs, error);
    }
}

void inputs_open(struct inputs *inputs, const struct options *options, int64_t end_ns)
{
    memset(inputs, 0, sizeof *inputs);
    inputs->rules = (struct target_rules){
        .ports = options->ports.count > 0 ? &options->ports : NULL,
        .families = options->probe.families,
        .is_numeric = options->is_numeric,
        .judge = question_refuse,
        .context = &options->probe.ask,
    };
    if (source_new(&inputs->rules, &inputs->source) != ERROR_NONE) {
        fail_error(inputs, ERROR_NO_MEMORY);
        return;
    }
    add_operands(inputs, options);
    add_files(inputs, options);
    if (!inputs->has_failed)
        inputs->has_failed = !exclude_read(options, end_ns, &inputs->exclusion);
    if (!inputs->has_failed && options->gate != NULL)
        read_gate(inputs, options->gate);
    struct sequence_options sequence_options = {
        .shard = options->shard,
        .shards = options->shards,
        .is_shuffled = options->is_shuffled,
        .seed = options->has_seed || !options->is_shuffled ? options->seed : os_random(),
        .exclusion = inputs->exclusion,
    };
    sequence_init(&inputs->sequence, inputs->source, &sequence_options);
}

void inputs_release(struct inputs *inputs)
{
    sequence_release(&inputs->sequence);
    target_drop(inputs->gate.target);
    source_free(inputs->source);
    exclusion_free(inputs->exclusion);
    inputs->gate.target = NULL;
    inputs->source = NULL;
    inputs->exclusion = NULL;
}

bool inputs_have_gate(const struct inputs *inputs)
{
    return inputs->gate.target != NULL;
}

void inputs_skip(struct inputs *inputs, struct buffer *out)
{
    int error = errno;
    if (!source_explain(inputs->source, "-f", out))
        message_unreadable(out, source_path(inputs->source), strerror(error));
    inputs->has_failed = true;
    source_skip(inputs->source);
}

void inputs_tell(struct inputs *inputs, const struct options *options, struct buffer *out)
{
    struct buffer text = BUFFER_EMPTY;
    enum source_note note;
    while (inputs->source != NULL &&
           (note = source_take_note(inputs->source, &text)) != SOURCE_NOTE_NONE) {
        if (note == SOURCE_NOTE_TITLE && options->is_verbose)
            buffer_add_format(out, "* %s\n", buffer_text(&text));
        if (note == SOURCE_NOTE_LAYOUT && !options->is_quiet)
            buffer_add_format(out, "netcheck: %s\n", buffer_text(&text));
        buffer_release(&text);
    }
}

void inputs_tell_excluded(const struct inputs *inputs, const struct options *options,
                          struct buffer *out)
{
    unsigned long long excluded = inputs->sequence.excluded;
    if (options->is_verbose && excluded > 0)
        buffer_add_format(out, "* %llu target%s excluded\n", excluded,
                          excluded == 1 ? "" : "s");
}

void inputs_check_empty(struct inputs *inputs)
{
    const struct sequence *sequence = &inputs->sequence;
    /* A shard may be empty, also for what is excluded. */
    bool is_whole = sequence->options.shards == 1;
    if (inputs->has_failed)
        return;
    if (!sequence->has_targets)
        fail(inputs, "no targets: every file is empty");
    else if (is_whole && sequence->excluded > 0 && !sequence->has_rows)
        fail(inputs, "no targets: all are excluded");
}
