#include "netcheck/target/exclusion.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/base/grow.h"
#include "netcheck/base/mix.h"
#include "netcheck/target/endpoint.h"

enum {
    LEAF = 65536, /* the node of port 0; node n has 2n and 2n + 1 below it */
    EACH_PORT = 0,
    WHOLE_HOST = 1, /* each port, and what has none */
    NODES = 2 * LEAF,
    STEPS = 18,              /* the nodes that have a port: WHOLE_HOST, EACH_PORT, 16 more */
    PLANES = PROTOCOL_COUNT, /* of nodes: plane 0 is every protocol */
    SCOPE_ANY = 0,
    NAME_SIZE = 256, /* a name has 253 bytes at most, a final dot and a terminator */
};

/* In the place of an interface: only where it is written as IPv6. */
static const uint32_t scope_mapped = UINT32_MAX;

static const uint64_t rows_max = UINT64_C(1) << 62;

/* ::ffff:0.0.0.0/96 */
static const unsigned char mapped_first[ADDRESS_BYTES] = {[10] = 0xff, [11] = 0xff};
static const unsigned char mapped_last[ADDRESS_BYTES] = {
    [10] = 0xff, [11] = 0xff, [12] = 0xff, [13] = 0xff, [14] = 0xff, [15] = 0xff};
static const unsigned char before_mapped[ADDRESS_BYTES] = {
    [10] = 0xff, [11] = 0xfe, [12] = 0xff, [13] = 0xff, [14] = 0xff, [15] = 0xff};
static const unsigned char behind_mapped[ADDRESS_BYTES] = {[9] = 1};

/* Addresses first..last with the ports of a node. */
struct span {
    uint32_t node;  /* plane * NODES + node */
    uint32_t scope; /* the interface's number, or SCOPE_ANY */
    unsigned char first[ADDRESS_BYTES];
    unsigned char last[ADDRESS_BYTES];
};

/* A name with the ports of a node. */
struct named {
    uint32_t node;
    char *name; /* in small letters, without a final dot */
};

struct exclusion {
    const struct os *os;
    struct span *spans;
    size_t span_count;
    size_t span_capacity;
    struct named *names;
    size_t name_count;
    size_t name_capacity;
    size_t *places;     /* a hash table: 1 + the index of a name, 0 for none */
    size_t place_count; /* a power of two, twice as many as names at least */
    bool has_scopes;
    uint64_t used[PLANES * NODES / 64]; /* nodes that have something, a bit each */
};

static void mark(struct exclusion *exclusion, uint32_t node)
{
    exclusion->used[node / 64] |= UINT64_C(1) << node % 64;
}

static bool is_used(const struct exclusion *exclusion, uint32_t node)
{
    return (exclusion->used[node / 64] >> node % 64 & 1) != 0;
}

static int compare_bytes(const unsigned char *a, const unsigned char *b)
{
    return memcmp(a, b, ADDRESS_BYTES);
}

/* By node, then by interface, then by the first address. */
static int compare_keys(const struct span *a, const struct span *b)
{
    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    if (a->scope != b->scope)
        return a->scope < b->scope ? -1 : 1;
    return compare_bytes(a->first, b->first);
}

static int compare_spans(const void *a, const void *b)
{
    return compare_keys(a, b);
}

/* FNV-1a of the name, mixed with the node. */
static uint64_t hash_of(const char *name, uint32_t node)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ node;
    for (const char *p = name; *p != '\0'; p++)
        hash = (hash ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
    return mix64(hash);
}

/* Where the name is in the table, or the free place where it belongs. */
static size_t *find_place(const struct exclusion *exclusion, const char *name, uint32_t node)
{
    size_t at = (size_t)hash_of(name, node) & (exclusion->place_count - 1);
    for (;; at = (at + 1) & (exclusion->place_count - 1)) {
        size_t *place = &exclusion->places[at];
        if (*place == 0)
            return place;
        const struct named *named = &exclusion->names[*place - 1];
        if (named->node == node && strcmp(named->name, name) == 0)
            return place;
    }
}

enum error exclusion_new(const struct os *os, struct exclusion **exclusion)
{
    struct exclusion *created = calloc(1, sizeof *created);
    if (created == NULL)
        return ERROR_NO_MEMORY;
    created->os = os;
    *exclusion = created;
    return ERROR_NONE;
}

void exclusion_free(struct exclusion *exclusion)
{
    if (exclusion == NULL)
        return;
    for (size_t i = 0; i < exclusion->name_count; i++)
        free(exclusion->names[i].name);
    free(exclusion->names);
    free(exclusion->places);
    free(exclusion->spans);
    free(exclusion);
}

static enum error add_span(struct exclusion *exclusion, const struct span *span)
{
    if (GROW(exclusion->spans, exclusion->span_capacity, exclusion->span_count + 1) !=
        ERROR_NONE)
        return ERROR_NO_MEMORY;
    exclusion->spans[exclusion->span_count++] = *span;
    mark(exclusion, span->node);
    return ERROR_NONE;
}

/* The part of `span` that lies in first..last, if there is one. */
static enum error add_part(struct exclusion *exclusion, const struct span *span,
                           const unsigned char *first, const unsigned char *last)
{
    struct span part = *span;
    if (compare_bytes(part.first, first) < 0)
        memcpy(part.first, first, ADDRESS_BYTES);
    if (compare_bytes(part.last, last) > 0)
        memcpy(part.last, last, ADDRESS_BYTES);
    if (compare_bytes(part.first, part.last) > 0)
        return ERROR_NONE;
    return add_span(exclusion, &part);
}

/* Who writes ::/0 does not mean IPv4, whose addresses are among these here. */
static enum error add_addresses(struct exclusion *exclusion, const struct span *span)
{
    static const unsigned char lowest[ADDRESS_BYTES];
    unsigned char highest[ADDRESS_BYTES];
    memset(highest, 0xff, sizeof highest);
    bool is_mapped = compare_bytes(span->first, mapped_first) >= 0 &&
                     compare_bytes(span->last, mapped_last) <= 0;
    if (is_mapped)
        return add_span(exclusion, span);
    struct span only = *span;
    only.scope = scope_mapped;
    enum error error = add_part(exclusion, span, lowest, before_mapped);
    if (error == ERROR_NONE)
        error = add_part(exclusion, span, behind_mapped, highest);
    if (error == ERROR_NONE)
        error = add_part(exclusion, &only, mapped_first, mapped_last);
    return error;
}

/* In small letters, without a final dot, terminated. */
static void normalise(const struct target *target, char name[static NAME_SIZE])
{
    size_t len = target->host_len < NAME_SIZE ? target->host_len : NAME_SIZE - 1;
    for (size_t i = 0; i < len; i++)
        name[i] = ascii_lower(target->host[i]);
    name[len] = '\0';
    if (len > 0 && name[len - 1] == '.')
        name[len - 1] = '\0';
}

static enum error add_name(struct exclusion *exclusion, const struct target *target,
                           uint32_t node)
{
    char name[NAME_SIZE];
    normalise(target, name);
    if (GROW(exclusion->names, exclusion->name_capacity, exclusion->name_count + 1) !=
        ERROR_NONE)
        return ERROR_NO_MEMORY;
    char *copy = malloc(strlen(name) + 1);
    if (copy == NULL)
        return ERROR_NO_MEMORY;
    memcpy(copy, name, strlen(name) + 1);
    struct named *named = &exclusion->names[exclusion->name_count++];
    named->node = node;
    named->name = copy;
    mark(exclusion, node);
    return ERROR_NONE;
}

/* The number of an interface that is written as a number or a name; SCOPE_ANY: there is none.
 */
static uint32_t find_scope(const struct exclusion *exclusion, const char *scope)
{
    const struct slice text = {scope, 0, strlen(scope)};
    uint32_t index = 0;
    if (!slice_is_number(&text))
        return exclusion->os->interface_index(exclusion->os->self, scope, &index) == 0
                   ? index
                   : SCOPE_ANY;
    for (size_t i = 0; i < text.to && index < UINT32_MAX / 10; i++)
        index = index * 10 + (uint32_t)(scope[i] - '0');
    return index;
}

static enum error add_node(struct exclusion *exclusion, const struct target *target,
                           uint32_t node)
{
    if (target->kind == TARGET_NAME)
        return add_name(exclusion, target, node);
    struct span span = {.node = node, .scope = SCOPE_ANY};
    address_bytes(&target->address, span.first);
    address_bytes(&target->last, span.last);
    if (target->scope != NULL) {
        span.scope = find_scope(exclusion, target->scope);
        if (span.scope == SCOPE_ANY)
            return ERROR_NONE; /* nothing can be asked there */
        exclusion->has_scopes = true;
    }
    return address_family(&target->address) == AF_INET6 ? add_addresses(exclusion, &span)
                                                        : add_span(exclusion, &span);
}

/* Where the nodes of a protocol begin. */
static uint32_t plane_of(enum protocol_id protocol)
{
    return (uint32_t)protocol * NODES;
}

/* The nodes that together have the ports of the range, and no others. Only a protocol that is
   written counts: "db:ntp" is port 123. */
static enum error add_ports(struct exclusion *exclusion, const struct target *target,
                            const struct port_range *range)
{
    uint32_t plane = plane_of(range->is_implied ? PROTOCOL_NONE : range->protocol);
    if (range->last == 0)
        return add_node(exclusion, target, plane + WHOLE_HOST);
    if (range->first == 1 && range->last == UINT16_MAX)
        return add_node(exclusion, target, plane + EACH_PORT);
    enum error error = ERROR_NONE;
    uint32_t low = LEAF + (range->first == 1 ? 0u : range->first); /* there is no port 0 */
    uint32_t high = LEAF + (uint32_t)range->last + 1;
    for (; low < high && error == ERROR_NONE; low >>= 1, high >>= 1) {
        if ((low & 1) != 0)
            error = add_node(exclusion, target, plane + low++);
        if ((high & 1) != 0 && error == ERROR_NONE)
            error = add_node(exclusion, target, plane + --high);
    }
    return error;
}

enum error exclusion_add(struct exclusion *exclusion, const struct target *target)
{
    if (target->ports.count == 0)
        return add_node(exclusion, target, plane_of(target->ports.protocol) + WHOLE_HOST);
    enum error error = ERROR_NONE;
    for (size_t i = 0; i < target->ports.count && error == ERROR_NONE; i++)
        error = add_ports(exclusion, target, &target->ports.ranges[i]);
    return error;
}

/* The spans are sorted: those that overlap become one. */
static void merge(struct exclusion *exclusion)
{
    struct span *spans = exclusion->spans;
    size_t count = 0;
    for (size_t i = 0; i < exclusion->span_count; i++) {
        struct span *kept = count > 0 ? &spans[count - 1] : NULL;
        bool is_overlap = kept != NULL && kept->node == spans[i].node &&
                          kept->scope == spans[i].scope &&
                          compare_bytes(spans[i].first, kept->last) <= 0;
        if (!is_overlap)
            spans[count++] = spans[i];
        else if (compare_bytes(spans[i].last, kept->last) > 0)
            memcpy(kept->last, spans[i].last, ADDRESS_BYTES);
    }
    exclusion->span_count = count;
}

static enum error place_names(struct exclusion *exclusion)
{
    size_t count = 2;
    while (count / 2 < exclusion->name_count)
        count *= 2;
    exclusion->places = calloc(count, sizeof *exclusion->places);
    if (exclusion->places == NULL)
        return ERROR_NO_MEMORY;
    exclusion->place_count = count;
    for (size_t i = 0; i < exclusion->name_count; i++)
        *find_place(exclusion, exclusion->names[i].name, exclusion->names[i].node) = i + 1;
    return ERROR_NONE;
}

enum error exclusion_close(struct exclusion *exclusion)
{
    if (exclusion->span_count > 0)
        qsort(exclusion->spans, exclusion->span_count, sizeof *exclusion->spans, compare_spans);
    merge(exclusion);
    return place_names(exclusion);
}

/* The span of this node and interface that has the address key->first; NULL: none. */
static const struct span *find_span(const struct exclusion *exclusion, const struct span *key)
{
    size_t low = 0;
    size_t high = exclusion->span_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_keys(&exclusion->spans[middle], key) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    const struct span *span = low > 0 ? &exclusion->spans[low - 1] : NULL;
    bool holds = span != NULL && span->node == key->node && span->scope == key->scope &&
                 compare_bytes(key->first, span->last) <= 0;
    return holds ? span : NULL;
}

/* The nodes that have a port of a protocol, those with the most ports first. */
struct path {
    uint32_t planes[3];
    size_t plane_count;
    uint32_t leaf;
    uint32_t steps;
};

/* What excludes a port of TCP excludes TLS, which asks there, too. */
static struct path path_of(enum protocol_id protocol, uint16_t port)
{
    bool has_port = protocols_have_ports(protocol);
    struct path path = {.planes = {plane_of(PROTOCOL_NONE), plane_of(protocol)},
                        .plane_count = 2,
                        .leaf = LEAF + (uint32_t)port,
                        .steps = has_port ? STEPS : 1};
    bool is_carried = protocol != PROTOCOL_TCP && protocols_agree(protocol, PROTOCOL_TCP);
    if (is_carried)
        path.planes[path.plane_count++] = plane_of(PROTOCOL_TCP);
    return path;
}

static uint32_t path_node(const struct path *path, uint32_t step)
{
    if (step <= 1)
        return step == 0 ? WHOLE_HOST : EACH_PORT;
    return path->leaf >> (STEPS - 1 - step);
}

/* The span of a node that has key->first; NULL: none. */
static const struct span *find_in_node(const struct exclusion *exclusion, struct span *key,
                                       uint32_t scope)
{
    const uint32_t scopes[] = {SCOPE_ANY, scope};
    const struct span *found = NULL;
    if (!is_used(exclusion, key->node))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(scopes) && found == NULL; i++) {
        key->scope = scopes[i];
        if (i == 0 || key->scope != SCOPE_ANY)
            found = find_span(exclusion, key);
    }
    return found;
}

/* The span that has the address and its port, the one with the most ports; NULL: none. */
static const struct span *find_address(const struct exclusion *exclusion,
                                       const struct address *address, enum protocol_id protocol,
                                       uint32_t scope)
{
    const struct span *found = NULL;
    const struct path path = path_of(protocol, address_port(address));
    struct span key = {.node = 0};
    address_bytes(address, key.first);
    bool is_mapped = address_family(address) == AF_INET6 &&
                     compare_bytes(key.first, mapped_first) >= 0 &&
                     compare_bytes(key.first, mapped_last) <= 0;
    for (uint32_t step = 0; step < path.steps && found == NULL; step++) {
        for (size_t i = 0; i < path.plane_count && found == NULL; i++) {
            key.node = path.planes[i] + path_node(&path, step);
            found = find_in_node(exclusion, &key, is_mapped ? scope_mapped : scope);
        }
    }
    return found;
}

/* Whether a node excludes the name of the target with this endpoint's port. */
static bool find_name(const struct exclusion *exclusion, const struct endpoint *endpoint,
                      uint32_t *node)
{
    char name[NAME_SIZE];
    if (exclusion->name_count == 0)
        return false;
    normalise(endpoint->target, name);
    const struct path path = path_of(endpoint->protocol, endpoint->port);
    for (uint32_t step = 0; step < path.steps; step++) {
        for (size_t i = 0; i < path.plane_count; i++) {
            *node = path.planes[i] + path_node(&path, step);
            if (is_used(exclusion, *node) && *find_place(exclusion, name, *node) != 0)
                return true;
        }
    }
    return false;
}

/* Whether what excludes one row of a host excludes all of them. */
static bool is_whole(const struct target *target, uint32_t node)
{
    bool is_each = node % NODES == EACH_PORT;
    bool is_of_all = node < NODES || target->ports.protocol != PROTOCOL_NONE;
    for (size_t i = 0; i < target->ports.count && is_each; i++)
        is_each = target->ports.ranges[i].last > 0;
    return is_of_all && (node % NODES == WHOLE_HOST || is_each);
}

static uint64_t rows_of_name(const struct exclusion *exclusion, const struct target *target,
                             const struct endpoint *endpoint, uint64_t index)
{
    uint32_t node = 0;
    if (!find_name(exclusion, endpoint, &node))
        return 0;
    return is_whole(target, node) ? endpoints_per_host(target) - index : 1;
}

static uint64_t rows_of_address(const struct exclusion *exclusion, const struct target *target,
                                const struct endpoint *endpoint, uint64_t index)
{
    uint32_t scope = target->scope != NULL && exclusion->has_scopes
                         ? find_scope(exclusion, target->scope)
                         : SCOPE_ANY;
    const struct span *span =
        find_address(exclusion, &endpoint->address, endpoint->protocol, scope);
    if (span == NULL)
        return 0;
    uint64_t ports = endpoints_per_host(target);
    if (ports > 1 && !is_whole(target, span->node))
        return 1;
    unsigned char bytes[ADDRESS_BYTES];
    address_bytes(&endpoint->address, bytes);
    uint64_t left = target->addresses - index / ports - 1; /* addresses behind this one */
    uint64_t distance = address_bytes_distance(bytes, span->last);
    uint64_t more = distance < left ? distance : left;
    return (more + 1) * ports - index % ports;
}

uint64_t exclusion_rows(const struct exclusion *exclusion, struct target *target,
                        uint64_t index)
{
    struct endpoint endpoint;
    if (target->kind == TARGET_INVALID)
        return 0;
    endpoints_at(target, index, &endpoint);
    uint64_t rows = target->kind == TARGET_NAME
                        ? rows_of_name(exclusion, target, &endpoint, index)
                        : rows_of_address(exclusion, target, &endpoint, index);
    return rows < rows_max ? rows : rows_max;
}

bool exclusion_holds(const struct exclusion *exclusion, const struct address *address,
                     enum protocol_id protocol)
{
    return find_address(exclusion, address, protocol, address_scope(address)) != NULL;
}
