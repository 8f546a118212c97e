/*
 * Lines of each accepted form, changed at random: what comes out of one was written in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../claim.h"
#include "netcheck/base/ascii.h"
#include "netcheck/target/endpoint.h"
#include "netcheck/target/services.h"
#include "netcheck/target/source.h"

enum {
    PATH_SIZE = 32,
    LINE_SIZE = 96,
    CHANGED_EACH = 600, /* lines made of one form */
    CHANGES_MAX = 3,
    ENDPOINTS_MAX = 8, /* of a target; a prefix may have millions */
    SERVICE_MAX = 16,
};

static const struct target_rules no_rules = {.families = FAMILY_ANY};

static const char *const forms[] = {
    "db:80",
    "!db:22,80",
    "db 22",
    "db 22 80",
    "db 22, 80-81 443",
    "db\t5432",
    "db,1433",
    "db, 1433",
    "db;22,80",
    "db;80;",
    "a:1, b:2",
    "10.0.0.1:80,10.0.0.2:81,82",
    "10.0.0.0/30;7",
    "[::1]:80",
    "2001:db8::1,443",
    "[::1] 22",
    "\"db\",\"22,80\"",
    "'db';'80'",
    "\"a:1,b:2\"",
    "- \"h:9100\"",
    "  - h:9100 # x",
    "db tcp/443",
    "db 443 tcp",
    "db tcp 443 80",
    "db 443/tcp,80/tcp",
    "tcp://db,443",
    "https://db/x,y",
    "https://a/,http://b:8080/",
    "db https",
    "fe80::1%lo;80",
    "db,53,udp",
    "udp;db;53,123",
    "db 53 udp",
    "\"tls\",\"db\",\"443\"",
    "db\t-\ticmp",
    "icmp,10.0.0.1-3",
    "udp://db:53,123",
    "db:53/udp,80",
    "db icmp,53/udp,22",
};

static unsigned random_below(uint64_t *state, size_t limit)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((*state >> 33) % limit);
}

/* One byte is left out, put in, or replaced. */
static void change(char line[static LINE_SIZE], uint64_t *state)
{
    static const char bytes[] = " \t,;\"'#:-/!.[]%0123456789abtcpudh";
    size_t len = strlen(line);
    size_t at = random_below(state, len + 1);
    char c = bytes[random_below(state, sizeof bytes - 1)];
    unsigned way = random_below(state, 3);
    if (way == 0 && at < len)
        memmove(line + at, line + at + 1, len - at);
    else if (way == 1 && len + 2 < LINE_SIZE) {
        memmove(line + at + 1, line + at, len - at + 1);
        line[at] = c;
    } else if (at < len)
        line[at] = c;
}

/* Whether a number of the line is the port, or two with a dash between them are around it. */
static bool has_number(const char *line, uint16_t port)
{
    for (const char *c = line; *c != '\0';) {
        if (!ascii_is_digit(*c)) {
            c++;
            continue;
        }
        char *end = NULL;
        unsigned long first = strtoul(c, &end, 10);
        unsigned long last = *end == '-' ? strtoul(end + 1, NULL, 10) : first;
        if (first == port || (first <= port && port <= last))
            return true;
        c = end;
    }
    return false;
}

/* Whether it is the port of a service that the line names. */
static bool has_service(const char *line, uint16_t port)
{
    for (const char *c = line; *c != '\0'; c++)
        for (size_t len = 1; len <= SERVICE_MAX && len <= strlen(c); len++)
            if (services_port(c, len) == port)
                return true;
    return false;
}

/* Whether it is the port of a service that the line names and that speaks UDP. */
static bool has_service_of_udp(const char *line)
{
    for (const char *c = line; *c != '\0'; c++)
        for (size_t len = 1; len <= SERVICE_MAX && len <= strlen(c); len++) {
            enum protocol_id protocol = PROTOCOL_NONE;
            if (services_find(c, len, &protocol) != 0 && protocol == PROTOCOL_UDP)
                return true;
        }
    return false;
}

static bool has_word(const char *line, const char *word)
{
    for (size_t at = 0; at + strlen(word) <= strlen(line); at++) {
        const struct slice here = {line, at, at + strlen(word)};
        if (slice_is(&here, word))
            return true;
    }
    return false;
}

/* Whether a cell of the line, in quotes or not, is this word. */
static bool has_cell(const char *line, const char *word)
{
    static const char separators[] = " \t,;\"'";
    for (const char *c = line + strspn(line, separators); *c != '\0';) {
        size_t len = strcspn(c, separators);
        const struct slice cell = {c, 0, len};
        if (slice_is(&cell, word))
            return true;
        c += len;
        c += strspn(c, separators);
    }
    return false;
}

/* Three cells without a protocol among them are never a target: of a host without a colon,
   quotes and blanks. */
static bool has_third_cell(const char *line)
{
    char separator = strchr(line, ';') != NULL ? ';' : strchr(line, '\t') != NULL ? '\t' : ',';
    size_t cells = 0;
    if (strpbrk(line, " \"':#") != NULL ||
        strcspn(line, ";,\t") != strcspn(line, (char[]){separator, '\0'}))
        return false;
    for (const char *c = line; *c != '\0'; c += strspn(c, (char[]){separator, '\0'})) {
        size_t len = strcspn(c, (char[]){separator, '\0'});
        const struct slice cell = {c, 0, len};
        cells += len > 0 && !slice_is(&cell, ",") && !protocols_may_follow_port(&cell);
        c += len;
    }
    return cells > 2;
}

static void claim_written(const char *line, const struct target *target)
{
    claim_true(line, "the host is in the line", strstr(line, target->host) != NULL);
    claim_true(line, "there is no third cell", !has_third_cell(line));
    for (uint64_t i = 0; i < target->ports.total && i < ENDPOINTS_MAX; i++) {
        uint16_t port = ports_at(&target->ports, i);
        claim_true(line, "the port is in the line",
                   port == 0 || has_number(line, port) || has_service(line, port));
    }
}

/* Nothing is asked by a protocol that is not written, nor by TCP alone where UDP is. */
static void claim_protocols(const char *line, struct target *target)
{
    bool has_other = false;
    for (uint64_t i = 0; i < endpoints_per_host(target) && i < ENDPOINTS_MAX; i++) {
        struct endpoint endpoint;
        endpoints_at(target, i, &endpoint);
        bool is_tcp = endpoint.protocol == PROTOCOL_TCP;
        has_other |= !is_tcp;
        claim_true(line, "the protocol is in the line",
                   is_tcp || has_word(line, protocols_name(endpoint.protocol)) ||
                       (endpoint.protocol == PROTOCOL_UDP && has_service_of_udp(line)));
    }
    bool is_plain = strpbrk(line, "#:") == NULL;
    claim_true(line, "a protocol of the line is asked",
               !is_plain || has_other || !has_cell(line, "udp"));
}

static void add_labels(struct buffer *labels, struct target *target)
{
    struct endpoints endpoints;
    struct endpoint endpoint;
    endpoints_begin(&endpoints, target_hold(target)); /* which they drop */
    for (int i = 0; i < ENDPOINTS_MAX && endpoints_next(&endpoints, &endpoint); i++) {
        buffer_add_text(labels, target->expects_down ? "!" : "");
        endpoint_label(labels, &endpoint);
        buffer_add_text(labels, "\n");
    }
    endpoints_release(&endpoints);
}

static struct source *source_of(const struct buffer *content)
{
    char path[PATH_SIZE] = "/tmp/netcheck-source-XXXXXX";
    struct source *source = NULL;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content->bytes, content->len), content->len);
    assert_int_equal(close(fd), 0);
    assert_int_equal(source_new(&no_rules, &source), ERROR_NONE);
    assert_int_equal(source_add_file(source, path), ERROR_NONE);
    assert_int_equal(unlink(path), 0);
    return source;
}

/* The lines, each behind a line that marks it, "mark:1" and so on. */
static size_t make_lines(char (*lines)[LINE_SIZE], struct buffer *content)
{
    uint64_t state = 20260101;
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        for (int k = 0; k < CHANGED_EACH; k++) {
            char *line = lines[count++];
            (void)snprintf(line, LINE_SIZE, "%s", forms[i]);
            for (unsigned n = random_below(&state, CHANGES_MAX + 1); n > 0; n--)
                change(line, &state);
            buffer_add_format(content, "next-line:1\n%s\n", line);
        }
    return count;
}

static enum error next(struct source *source, struct target **target)
{
    enum error error = ERROR_PAUSE;
    while (error == ERROR_PAUSE)
        error = source_next(source, target);
    return error;
}

/* Hold what comes out against the line it is from; all labels go to `labels`. */
static size_t claim_all(struct source *source, char (*lines)[LINE_SIZE], struct buffer *labels)
{
    struct target *target = NULL;
    size_t line = SIZE_MAX;
    size_t good = 0;
    while (next(source, &target) == ERROR_NONE) {
        bool is_mark = strcmp(target->host, "next-line") == 0;
        line += is_mark;
        if (!is_mark && target->kind != TARGET_INVALID) {
            claim_written(lines[line], target);
            claim_protocols(lines[line], target);
            add_labels(labels, target);
            good++;
        }
        target_drop(target);
    }
    return good;
}

static void test_source_changed_line_gives_only_what_is_written(void **state)
{
    enum { COUNT = ARRAY_LEN(forms) * CHANGED_EACH };
    char(*lines)[LINE_SIZE] = malloc(COUNT * sizeof *lines);
    struct buffer content = BUFFER_EMPTY;
    struct buffer labels = BUFFER_EMPTY;
    struct buffer again = BUFFER_EMPTY;
    assert_non_null(lines);
    assert_int_equal(make_lines(lines, &content), COUNT);
    struct source *source = source_of(&content);
    size_t good = claim_all(source, lines, &labels);
    source_free(source);
    assert_true(good > COUNT / 4);

    struct target *target = NULL;
    source = source_of(&labels);
    while (next(source, &target) == ERROR_NONE) {
        add_labels(&again, target);
        target_drop(target);
    }
    source_free(source);
    claim_text("listed", "read again", buffer_text(&again), buffer_text(&labels));
    buffer_release(&content);
    buffer_release(&labels);
    buffer_release(&again);
    free(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source_changed_line_gives_only_what_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
