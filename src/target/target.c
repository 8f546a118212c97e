#include "netcheck/target/target.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "netcheck/base/buffer.h"
#include "netcheck/target/protocols.h"
#include "netcheck/target/secret.h"
#include "target_parts.h"

static enum error parse_ports(const struct target_parts *parts, struct target *target,
                              struct fault *fault)
{
    bool is_empty = slice_len(&parts->ports) == 0;
    bool is_url = slice_len(&parts->scheme) > 0;
    if (!parts->has_ports && !is_url)
        return ERROR_NONE;
    /* "https://host:/" has the scheme's port too: RFC 3986 section 3.2.3. */
    if (is_url && is_empty)
        return ports_add(&target->ports, parts->scheme_port, parts->scheme_port);
    enum error error = ports_parse(&target->ports, slice_start(&parts->ports),
                                   slice_len(&parts->ports), fault);
    if (error != ERROR_NONE)
        fault->at += parts->ports.from;
    return error;
}

/* Room for a text and one NUL behind each of its three parts. */
static struct target *allocate(size_t text_len)
{
    struct target *target = malloc(sizeof *target + text_len + 3);
    if (target == NULL)
        return NULL;
    memset(target, 0, sizeof *target);
    target->references = 1;
    target->addresses = 1;
    ports_init(&target->ports);
    target->host = target->storage;
    return target;
}

/* The host, and of a scoped address "%SCOPE" behind it; then the path. */
static void store_text(struct target *target, const struct target_parts *parts)
{
    char *end = target->storage + slice_len(&parts->host);
    target->host_at = parts->host.from;
    target->scheme_at = parts->scheme.from;
    target->scheme_len = slice_len(&parts->scheme);
    target->ports_at = parts->ports.from;
    memcpy(target->storage, slice_start(&parts->host), slice_len(&parts->host));
    if (parts->scope.to > 0) {
        *end++ = '%';
        target->scope = end;
        memcpy(end, slice_start(&parts->scope), slice_len(&parts->scope));
        end += slice_len(&parts->scope);
    }
    *end = '\0';
    target->host_len = (size_t)(end - target->storage);
    if (slice_len(&parts->path) == 0)
        return;
    target->path = ++end;
    memcpy(end, slice_start(&parts->path), slice_len(&parts->path));
    end[slice_len(&parts->path)] = '\0';
}

enum error target_parse_next(const char *text, size_t len, size_t *next, struct target **target,
                             struct fault *fault)
{
    *fault = (struct fault){.code = FAULT_NONE, .at = 0, .len = len};
    struct target_parts parts;
    enum error error = target_parts_split(&(struct slice){text, 0, len}, next, &parts, fault);
    if (error != ERROR_NONE)
        return error;
    struct target *parsed =
        allocate(slice_len(&parts.host) + slice_len(&parts.scope) + slice_len(&parts.path));
    if (parsed == NULL)
        return ERROR_NO_MEMORY;
    parsed->protocol = parts.protocol != PROTOCOL_NONE ? parts.protocol : PROTOCOL_TCP;
    parsed->ports.protocol = parts.protocol;
    parsed->expects_down = parts.expects_down;
    parsed->service = parts.service;
    error = host_judge(&parts, parsed, fault);
    if (error == ERROR_NONE)
        error = parse_ports(&parts, parsed, fault);
    if (error != ERROR_NONE) {
        target_drop(parsed);
        return error;
    }
    store_text(parsed, &parts);
    *target = parsed;
    return ERROR_NONE;
}

enum error target_parse(const char *text, size_t len, struct target **target,
                        struct fault *fault)
{
    struct target *parsed = NULL;
    size_t next = 0;
    enum error error = target_parse_next(text, len, &next, &parsed, fault);
    if (error != ERROR_NONE)
        return error;
    if (next == 0) {
        *target = parsed;
        return ERROR_NONE;
    }
    target_drop(parsed);
    return fault_at(&(struct slice){text, next - 1, next}, FAULT_URL_HOSTS, fault);
}

struct target *target_new_invalid(const char *line, size_t len, const struct fault *fault,
                                  const struct place *place)
{
    struct buffer shown = BUFFER_EMPTY;
    struct slice piece = {NULL, fault->at, fault->at + fault->len};
    bool is_cut = fault->code == FAULT_LINE_LENGTH;
    if (is_cut)
        secret_mask_cut(&shown, line, len);
    else
        secret_mask(&shown, line, len, &piece);
    struct target *target = shown.has_failed ? NULL : allocate(shown.len);
    if (target != NULL) {
        target->kind = TARGET_INVALID;
        target->fault = (struct fault){fault->code, piece.from, slice_len(&piece)};
        if (is_cut)
            target->fault.len = shown.len;
        target->place = *place;
        /* The column stays that of the user's line; the difference may be below 0. */
        target->place.at += fault->at - target->fault.at;
        target->host_len = shown.len;
        memcpy(target->storage, buffer_text(&shown), shown.len);
        target->storage[shown.len] = '\0';
    }
    buffer_release(&shown);
    return target;
}

enum error target_set_protocol(struct target *target, const struct slice *word,
                               struct fault *fault)
{
    const struct protocol_traits *traits = protocols_find(word);
    struct ports *ports = &target->ports;
    if (traits == NULL || traits->id == PROTOCOL_NONE)
        return fault_at(word, FAULT_PROTOCOL, fault);
    if (ports->protocol != PROTOCOL_NONE)
        return protocols_agree(ports->protocol, traits->id)
                   ? ERROR_NONE
                   : fault_at(word, FAULT_PORT_PROTOCOL, fault);
    if (!traits->has_ports && ports->count > 0)
        return fault_at(word, FAULT_PORT_USELESS, fault);
    if (!ports_set_protocol(ports, traits->id))
        return fault_at(word, FAULT_PORT_PROTOCOL, fault);
    target->protocol = traits->id;
    return ERROR_NONE;
}

struct target *target_hold(struct target *target)
{
    target->references++;
    return target;
}

void target_drop(struct target *target)
{
    if (target == NULL || --target->references > 0)
        return;
    ports_release(&target->ports);
    free(target);
}
