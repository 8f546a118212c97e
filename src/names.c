#include "netcheck/names.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base.h"

enum { BUCKETS = 1024 };

/* Less than the pause before a target is asked again. */
static const int64_t failed_reuse_ns = 100 * NS_PER_MS;

struct names {
    const struct resolver *resolver;
    int64_t reuse_ns;
    int64_t patience_ns;
    struct list buckets[BUCKETS];
};

/* FNV-1a, 32 bits. */
static struct list *bucket_of(struct names *names, const char *host)
{
    uint32_t hash = UINT32_C(2166136261);
    for (const char *p = host; *p != '\0'; p++)
        hash = (hash ^ (unsigned char)*p) * UINT32_C(16777619);
    return &names->buckets[hash % BUCKETS];
}

static struct name *name_of(struct list *link)
{
    return CONTAINER_OF(link, struct name, same_hash);
}

static size_t answer_index(unsigned family)
{
    return family == FAMILY_IPV6 ? 1 : 0;
}

static void destroy(struct name *name)
{
    list_remove(&name->same_hash);
    for (size_t i = 0; i < ARRAY_LEN(name->answers); i++)
        free(name->answers[i].addresses);
    free(name);
}

/* When the last lookup came back. */
static int64_t last_ns(const struct name *name)
{
    const int64_t *answered_ns = name->answered_ns;
    return answered_ns[0] > answered_ns[1] ? answered_ns[0] : answered_ns[1];
}

/* Whether a lookup failed with "try again", which may be over in a moment. */
static bool has_failed_for_now(const struct name *name)
{
    for (size_t i = 0; i < ARRAY_LEN(name->answers); i++)
        if (name->answers[i].lookup_error == EAI_AGAIN)
            return true;
    return false;
}

/* Whether a user may still wait for what the name's lookups bring, or use what they brought. */
static bool is_fresh(const struct names *names, const struct name *name, int64_t now_ns)
{
    if (name->pending != 0)
        return now_ns - name->began_ns < name->patience_ns;
    bool is_short = has_failed_for_now(name) && failed_reuse_ns < names->reuse_ns;
    return now_ns - last_ns(name) < (is_short ? failed_reuse_ns : names->reuse_ns);
}

static struct name *find(struct names *names, const char *host, unsigned families,
                         int64_t now_ns)
{
    struct list *bucket = bucket_of(names, host);
    for (struct list *link = bucket->next; link != bucket; link = link->next) {
        struct name *name = name_of(link);
        if (name->families == families && strcmp(name->host, host) == 0 &&
            is_fresh(names, name, now_ns))
            return name;
    }
    return NULL;
}

/* Twice as long as for the last one of that name that still hangs. */
static int64_t choose_patience(struct names *names, const char *host)
{
    int64_t patience_ns = names->patience_ns;
    struct list *bucket = bucket_of(names, host);
    for (struct list *link = bucket->next; link != bucket; link = link->next) {
        const struct name *name = name_of(link);
        if (name->pending != 0 && name->patience_ns < NEVER_NS / 2 &&
            strcmp(name->host, host) == 0 && name->patience_ns * 2 > patience_ns)
            patience_ns = name->patience_ns * 2;
    }
    return patience_ns;
}

/* An answer that old is asked for again, while a lookup in the other family still hangs. */
static void renew(struct names *names, struct name *name, int64_t now_ns)
{
    static const unsigned families[] = {FAMILY_IPV4, FAMILY_IPV6};
    const struct resolver *resolver = names->resolver;
    for (size_t i = 0; i < ARRAY_LEN(families); i++) {
        const struct lookup *answer = name_answer(name, families[i]);
        bool is_old = answer != NULL && name->pending != 0 &&
                      now_ns - name->answered_ns[i] >= names->reuse_ns;
        /* Where that is not possible now, the old answer has to do. */
        if (!is_old || resolver->room(resolver->self) == 0 ||
            resolver->start(resolver->self, name->host, families[i], name) != ERROR_NONE)
            continue;
        name->pending |= families[i];
        free(name->answers[i].addresses);
        name->answers[i].addresses = NULL;
    }
}

static enum error create(struct names *names, const char *host, unsigned families,
                         int64_t now_ns, struct name **created)
{
    size_t need = (families & FAMILY_IPV4 ? 1u : 0u) + (families & FAMILY_IPV6 ? 1u : 0u);
    if (names->resolver->room(names->resolver->self) < need)
        return ERROR_AGAIN;
    size_t len = strlen(host);
    struct name *name = malloc(sizeof *name + len + 1);
    if (name == NULL)
        return ERROR_NO_MEMORY;
    memset(name, 0, sizeof *name);
    list_init(&name->users);
    list_init(&name->same_hash);
    name->families = families;
    name->began_ns = now_ns;
    name->patience_ns = choose_patience(names, host);
    memcpy(name->host, host, len + 1);

    static const unsigned order[] = {FAMILY_IPV4, FAMILY_IPV6};
    enum error error = ERROR_NONE;
    for (size_t i = 0; i < ARRAY_LEN(order) && error == ERROR_NONE; i++) {
        if ((families & order[i]) == 0)
            continue;
        error = names->resolver->start(names->resolver->self, name->host, order[i], name);
        if (error == ERROR_NONE)
            name->pending |= order[i];
    }
    list_append(bucket_of(names, host), &name->same_hash);
    name->families = name->pending;
    if (error == ERROR_NONE)
        *created = name;
    else if (name->pending == 0)
        destroy(name);
    else
        names->resolver->abandon(names->resolver->self, name); /* its answer will be dropped */
    return error;
}

struct names *names_new(const struct resolver *resolver, int64_t reuse_ns, int64_t patience_ns)
{
    struct names *names = malloc(sizeof *names);
    if (names == NULL)
        return NULL;
    names->resolver = resolver;
    names->reuse_ns = reuse_ns;
    names->patience_ns = patience_ns;
    for (size_t i = 0; i < BUCKETS; i++)
        list_init(&names->buckets[i]);
    return names;
}

void names_free(struct names *names)
{
    if (names == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        while (!list_is_empty(&names->buckets[i]))
            destroy(name_of(names->buckets[i].next)); /* NOLINT: it leaves the list */
    free(names);
}

enum error names_join(struct names *names, const char *host, unsigned families,
                      struct list *user, int64_t now_ns, struct name **name)
{
    struct name *joined = find(names, host, families, now_ns);
    if (joined != NULL) {
        renew(names, joined, now_ns);
    } else {
        enum error error = create(names, host, families, now_ns, &joined);
        if (error != ERROR_NONE)
            return error;
    }
    list_append(&joined->users, user);
    *name = joined;
    return ERROR_NONE;
}

void names_leave(struct names *names, struct name *name, struct list *user)
{
    list_remove(user);
    if (!list_is_empty(&name->users))
        return;
    if (name->pending == 0)
        destroy(name);
    else
        names->resolver->abandon(names->resolver->self, name);
}

bool names_take(struct names *names, int64_t now_ns, struct name **name, unsigned *family)
{
    struct lookup lookup;
    while (names->resolver->take(names->resolver->self, &lookup)) {
        struct name *answered = lookup.tag;
        answered->pending &= ~lookup.family;
        size_t index = answer_index(lookup.family);
        answered->answered_ns[index] = now_ns;
        answered->answers[index] = lookup;
        if (list_is_empty(&answered->users)) {
            if (answered->pending == 0)
                destroy(answered);
            continue;
        }
        *name = answered;
        *family = lookup.family;
        return true;
    }
    return false;
}

size_t name_users(const struct name *name)
{
    size_t count = 0;
    for (const struct list *link = name->users.next; link != &name->users; link = link->next)
        count++;
    return count;
}

const struct lookup *name_answer(const struct name *name, unsigned family)
{
    bool is_there = (name->families & family) != 0 && (name->pending & family) == 0;
    return is_there ? &name->answers[answer_index(family)] : NULL;
}
