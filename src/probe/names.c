#include "netcheck/probe/names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "netcheck/base/base.h"
#include "netcheck/base/heap.h"
#include "netcheck/probe/outcome.h"
#include "netcheck/probe/resolution.h"

enum { BUCKETS = 1024 };

/* Less than the pause before a target is asked again. */
static const int64_t failed_reuse_ns = 100 * NS_PER_MS;
/* The lookups of a name that began together. */
struct asking {
    struct list link;     /* in the name's list */
    struct heap_node due; /* when resolution_due_ns() is */
    struct name *name;
    int64_t began_ns;
    int64_t patience_ns; /* how long they may hang until another one begins */
    size_t out;          /* lookups that did not come back yet */
    struct resolution resolution;
    struct lookup results[LOOKUP_KINDS];
};

struct names {
    const struct resolver *resolver;
    int64_t reuse_ns;
    int64_t patience_ns;
    int64_t moment_ns;
    bool is_scarce; /* a name was refused for want of a thread: no lookup is rescued */
    size_t asking_count;
    struct heap due;
    struct list kept; /* names with an answer that was not used yet; the oldest first */
    size_t kept_count;
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

static struct asking *asking_of(struct list *link)
{
    return CONTAINER_OF(link, struct asking, link);
}

static size_t answer_index(unsigned family)
{
    return family == FAMILY_IPV6 ? 1 : 0;
}

static void end_asking(struct names *names, struct asking *asking)
{
    for (size_t i = 0; i < ARRAY_LEN(asking->results); i++)
        lookup_release(&asking->results[i]);
    if (asking->name->source == asking)
        asking->name->source = NULL;
    heap_remove(&names->due, &asking->due);
    list_remove(&asking->link);
    names->asking_count--;
    free(asking);
}

static void forget_answers(struct names *names, struct name *name)
{
    for (size_t i = 0; i < ARRAY_LEN(name->answers); i++)
        lookup_release(&name->answers[i]);
    if (!list_is_empty(&name->kept))
        names->kept_count--;
    list_remove(&name->kept);
    name->known = 0;
    name->source = NULL;
}

static void destroy(struct names *names, struct name *name)
{
    while (!list_is_empty(&name->askings))
        end_asking(names, asking_of(name->askings.next)); /* NOLINT: it leaves the list */
    forget_answers(names, name);
    list_remove(&name->same_hash);
    free(name);
}

/*
 * A name without users goes, unless a lookup of it is out or its answer is kept. Of one that is
 * remembered the answers go: the next user asks anew.
 */
static void tidy(struct names *names, struct name *name)
{
    bool is_kept = !list_is_empty(&name->kept);
    if (!list_is_empty(&name->users) || !list_is_empty(&name->askings) || is_kept)
        return;
    if (name->had_address)
        forget_answers(names, name);
    else
        destroy(names, name);
}

static int64_t keep_ns(const struct names *names)
{
    bool is_longer = names->patience_ns != NEVER_NS && names->patience_ns > names->reuse_ns;
    return is_longer ? names->patience_ns : names->reuse_ns;
}

/* Failed with "try again", which may be over in a moment. */
static bool is_temporary(const struct lookup *lookup)
{
    if (lookup->lookup_error == 0)
        return false;
    struct outcome outcome = outcome_of_lookup(lookup->lookup_error, lookup->system_error);
    return outcome_is_temporary(&outcome);
}

static bool has_failed_for_now(const struct name *name)
{
    for (size_t i = 0; i < ARRAY_LEN(name->answers); i++)
        if ((name->known & (1u << i)) != 0 && is_temporary(&name->answers[i]))
            return true;
    return false;
}

/* Whether the answers are too old to be used. */
static bool is_stale(const struct names *names, const struct name *name, int64_t now_ns)
{
    int64_t limit_ns = list_is_empty(&name->kept) ? names->reuse_ns : keep_ns(names);
    if (limit_ns > failed_reuse_ns && has_failed_for_now(name))
        limit_ns = failed_reuse_ns;
    return now_ns - name->answered_ns >= limit_ns;
}

/* Drop answers that were kept long enough, and the oldest of too many. */
static void drop_kept(struct names *names, int64_t now_ns)
{
    struct list *link = names->kept.next;
    while (link != &names->kept) {
        struct name *name = CONTAINER_OF(link, struct name, kept);
        if (names->kept_count <= NAMES_KEPT_MAX && !is_stale(names, name, now_ns))
            return;
        link = link->next;
        forget_answers(names, name);
        tidy(names, name);
    }
}

static struct name *find(struct names *names, const char *host, unsigned families)
{
    struct list *bucket = bucket_of(names, host);
    for (struct list *link = bucket->next; link != bucket; link = link->next)
        if (name_of(link)->families == families && strcmp(name_of(link)->host, host) == 0)
            return name_of(link);
    return NULL;
}

/* The lookups that began last, or NULL. */
static struct asking *newest(const struct name *name)
{
    return list_is_empty(&name->askings) ? NULL : asking_of(name->askings.previous);
}

/* Twice as long as for the last ones, where they still hang. */
static int64_t choose_patience(const struct names *names, struct name *name)
{
    const struct asking *last = newest(name);
    if (last == NULL || last->patience_ns >= NEVER_NS / 2)
        return names->patience_ns;
    return last->patience_ns * 2;
}

static enum error start(struct names *names, struct asking *asking, unsigned families)
{
    const struct resolver *resolver = names->resolver;
    enum error error = resolver->start(resolver->self, asking->name->host, families, asking);
    if (error == ERROR_NONE)
        asking->out++;
    return error;
}

static void schedule(struct names *names, struct asking *asking)
{
    int64_t due_ns = resolution_due_ns(&asking->resolution);
    if (due_ns == NEVER_NS)
        heap_remove(&names->due, &asking->due);
    else
        heap_set(&names->due, &asking->due, due_ns);
}

/* Begin to look the name up; what is known of it so far counts no longer. */
static enum error ask(struct names *names, struct name *name, int64_t now_ns)
{
    if (names->resolver->room(names->resolver->self) == 0)
        return ERROR_AGAIN;
    if (heap_reserve(&names->due, names->asking_count + 1) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    struct asking *asking = calloc(1, sizeof *asking);
    if (asking == NULL)
        return ERROR_NO_MEMORY;
    list_init(&asking->link);
    asking->name = name;
    enum error error = start(names, asking, name->families);
    if (error != ERROR_NONE) {
        free(asking);
        return error;
    }
    asking->began_ns = now_ns;
    asking->patience_ns = choose_patience(names, name);
    resolution_begin(&asking->resolution, name->families, resolution_may_rescue(name->host),
                     names->moment_ns, now_ns);
    forget_answers(names, name);
    list_append(&name->askings, &asking->link);
    names->asking_count++;
    schedule(names, asking);
    return ERROR_NONE;
}

static bool has_addresses(const struct name *name)
{
    return ((name->known & FAMILY_IPV4) != 0 && name->answers[0].count > 0) ||
           ((name->known & FAMILY_IPV6) != 0 && name->answers[1].count > 0);
}

static bool found_addresses(const struct asking *asking)
{
    for (size_t i = 0; i < ARRAY_LEN(asking->results); i++)
        if (asking->results[i].count > 0)
            return true;
    return false;
}

/* FAMILY_ bits of what was just told that counts for the name. */
static unsigned choose_accepted(struct names *names, struct asking *asking, unsigned families,
                                const struct resolution_sources *sources)
{
    struct name *name = asking->name;
    bool is_found = found_addresses(asking);
    if (name->source == asking)
        return families;
    if (!is_found && newest(name) != asking)
        return 0;
    if (name->known == 0 || (is_found && !has_addresses(name))) {
        forget_answers(names, name);
        return families;
    }
    /* Another one was first; the lookup of both families may still complete it. */
    for (unsigned i = 0; i < ARRAY_LEN(sources->of); i++)
        if (sources->of[i] != LOOKUP_BOTH)
            families &= ~(1u << i);
    return families & ~name->known;
}

/* Tell the name what is known of it now. Returns FAMILY_ bits. */
static unsigned publish(struct names *names, struct asking *asking, int64_t now_ns)
{
    static const unsigned singles[] = {FAMILY_IPV4, FAMILY_IPV6};
    struct resolution_sources sources = {{LOOKUP_BOTH, LOOKUP_BOTH}};
    struct name *name = asking->name;
    unsigned told = resolution_tell(&asking->resolution, now_ns, &sources);
    unsigned families = told != 0 ? choose_accepted(names, asking, told, &sources) : 0;
    if (families == 0)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(singles); i++)
        if ((families & singles[i]) != 0)
            lookup_copy(&asking->results[sources.of[i]], singles[i], &name->answers[i]);
    name->known |= families;
    name->source = asking;
    name->began_ns = asking->began_ns;
    name->answered_ns = now_ns;
    if (list_is_empty(&name->users) && list_is_empty(&name->kept)) {
        list_append(&names->kept, &name->kept);
        names->kept_count++;
    }
    return families;
}

/*
 * Whether a lookup may come to the rescue. Where the first one failed, it takes that one's
 * place; else only a thread that no other name needs.
 */
static bool has_rescuer(const struct names *names, const struct asking *asking)
{
    const struct resolver *resolver = names->resolver;
    if (list_is_empty(&asking->name->users))
        return false;
    if (asking->resolution.findings[LOOKUP_BOTH] == FINDING_FAILED)
        return resolver->room(resolver->self) > 0;
    return !names->is_scarce && resolver->spare(resolver->self) > 0;
}

static void rescue(struct names *names, struct asking *asking, int64_t now_ns)
{
    unsigned families = resolution_rescue(&asking->resolution, now_ns);
    if (families == 0)
        return;
    for (unsigned family = FAMILY_IPV4; family <= FAMILY_IPV6; family <<= 1) {
        if ((families & family) == 0 || !has_rescuer(names, asking) ||
            start(names, asking, family) != ERROR_NONE)
            continue;
        resolution_started(&asking->resolution, family);
        families &= ~family;
    }
    if (families != 0)
        resolution_put_off(&asking->resolution, now_ns);
}

/* Something came back, or is due. Returns FAMILY_ bits of what is known of its name by that. */
static unsigned go_on(struct names *names, struct asking *asking, int64_t now_ns)
{
    struct name *name = asking->name;
    rescue(names, asking, now_ns);
    unsigned families = publish(names, asking, now_ns);
    schedule(names, asking);
    if (asking->out == 0 && resolution_due_ns(&asking->resolution) == NEVER_NS)
        end_asking(names, asking);
    if (list_is_empty(&name->users)) {
        families = 0;
        tidy(names, name);
    }
    return families;
}

static enum finding finding_of(const struct lookup *lookup)
{
    if (lookup->lookup_error == 0)
        return lookup->count > 0 ? FINDING_ADDRESSES : FINDING_NOTHING;
    struct outcome outcome = outcome_of_lookup(lookup->lookup_error, lookup->system_error);
    bool is_nothing =
        outcome.reason != REASON_LOCAL && outcome_says_no_address(lookup->lookup_error);
    return is_nothing ? FINDING_NOTHING : FINDING_FAILED;
}

static bool is_same_name(const struct lookup *a, const struct lookup *b)
{
    if (a->count == 0 || b->count == 0)
        return false;
    if (a->canonical == NULL || b->canonical == NULL)
        return a->canonical == b->canonical;
    size_t len = strlen(a->canonical->text);
    return len == strlen(b->canonical->text) &&
           strncasecmp(a->canonical->text, b->canonical->text, len) == 0;
}

static void note(struct asking *asking, const struct lookup *lookup, int64_t now_ns)
{
    enum lookup_kind kind = resolution_kind(lookup->families);
    const struct shared *canonical = lookup->canonical;
    asking->out--;
    asking->results[kind] = *lookup;
    resolution_answered(
        &asking->resolution, kind, finding_of(lookup),
        resolution_trust(asking->name->host, canonical != NULL ? canonical->text : NULL),
        now_ns);
    if (is_same_name(&asking->results[LOOKUP_IPV4], &asking->results[LOOKUP_IPV6]))
        resolution_matched(&asking->resolution);
}

/* An answer in one family that is old is asked for again, while the lookup of both hangs. */
static void renew(struct names *names, struct asking *asking)
{
    struct name *name = asking->name;
    for (unsigned family = FAMILY_IPV4; family <= FAMILY_IPV6; family <<= 1) {
        enum lookup_kind kind = resolution_kind(family);
        /* Where that is not possible now, the old answer has to do. */
        if ((name->known & family) == 0 || names->resolver->spare(names->resolver->self) == 0 ||
            start(names, asking, family) != ERROR_NONE)
            continue;
        resolution_renew(&asking->resolution, family);
        lookup_release(&asking->results[kind]);
        lookup_release(&name->answers[answer_index(family)]);
        name->known &= ~family;
    }
}

/* What a user that joins a name does with what is known of it and under way. */
enum join {
    JOIN_USE,    /* the answer is fresh, or is on its way and does not hang too long */
    JOIN_FORGET, /* the same, but the old answer does not count any more */
    JOIN_RENEW,  /* the lookup of both families hangs; what is old is asked for again */
    JOIN_ASK,    /* new lookups */
};

static enum join choose_join(const struct names *names, const struct name *name, int64_t now_ns)
{
    const struct asking *last = newest(name);
    bool is_old = is_stale(names, name, now_ns);
    if (name->known == name->families && !is_old)
        return JOIN_USE;
    if (last == NULL || now_ns - last->began_ns >= last->patience_ns)
        return JOIN_ASK;
    unsigned told = last->resolution.told;
    if (!is_old)
        return (told & ~name->known) == 0 ? JOIN_USE : JOIN_ASK;
    if (told == 0)
        return JOIN_FORGET;
    return told != name->families && name->source == last ? JOIN_RENEW : JOIN_ASK;
}

/* Whether the lookups that are out will tell what is not known. */
static bool is_awaited(const struct name *name)
{
    const struct asking *last = newest(name);
    return last != NULL && (last->resolution.told & ~name->known) == 0;
}

static struct name *create(struct names *names, const char *host, unsigned families)
{
    size_t len = strlen(host);
    struct name *name = calloc(1, sizeof *name + len + 1);
    if (name == NULL)
        return NULL;
    list_init(&name->users);
    list_init(&name->askings);
    list_init(&name->same_hash);
    list_init(&name->kept);
    name->families = families;
    memcpy(name->host, host, len + 1);
    list_append(bucket_of(names, host), &name->same_hash);
    return name;
}

/* Begin what a user that joins now needs. */
static enum error bring_up_to_date(struct names *names, struct name *name, int64_t now_ns)
{
    enum error error = ERROR_NONE;
    switch (choose_join(names, name, now_ns)) {
    case JOIN_USE:
        break;
    case JOIN_FORGET:
        forget_answers(names, name);
        break;
    case JOIN_RENEW:
        renew(names, newest(name));
        break;
    case JOIN_ASK:
        error = ask(names, name, now_ns);
        names->is_scarce = error == ERROR_AGAIN;
        /* A lookup that hangs is better than to stand in line for a thread. */
        if (error == ERROR_AGAIN && is_awaited(name))
            error = ERROR_NONE;
        break;
    }
    return error;
}

struct names *names_new(const struct resolver *resolver, int64_t reuse_ns, int64_t patience_ns,
                        int64_t moment_ns)
{
    struct names *names = calloc(1, sizeof *names);
    if (names == NULL)
        return NULL;
    names->resolver = resolver;
    names->reuse_ns = reuse_ns;
    names->patience_ns = patience_ns;
    names->moment_ns = moment_ns;
    heap_init(&names->due);
    list_init(&names->kept);
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
            destroy(names, name_of(names->buckets[i].next)); /* NOLINT: it leaves the list */
    heap_release(&names->due);
    free(names);
}

enum error names_join(struct names *names, const char *host, unsigned families,
                      struct list *user, int64_t now_ns, struct name **name)
{
    drop_kept(names, now_ns);
    struct name *joined = find(names, host, families);
    if (joined == NULL)
        joined = create(names, host, families);
    if (joined == NULL)
        return ERROR_NO_MEMORY;
    enum error error = bring_up_to_date(names, joined, now_ns);
    if (error != ERROR_NONE) {
        tidy(names, joined);
        return error;
    }
    if (!list_is_empty(&joined->kept))
        names->kept_count--;
    list_remove(&joined->kept);
    list_append(&joined->users, user);
    *name = joined;
    return ERROR_NONE;
}

void names_leave(struct names *names, struct name *name, struct list *user)
{
    list_remove(user);
    tidy(names, name);
}

bool names_take(struct names *names, int64_t now_ns, struct name **name, unsigned *families)
{
    struct lookup lookup;
    const struct heap_node *first;
    while (names->resolver->take(names->resolver->self, &lookup)) {
        struct asking *asking = lookup.tag;
        *name = asking->name;
        note(asking, &lookup, now_ns);
        *families = go_on(names, asking, now_ns);
        if (*families != 0)
            return true;
    }
    while ((first = heap_first(&names->due)) != NULL && first->at_ns <= now_ns) {
        struct asking *asking = CONTAINER_OF(first, struct asking, due);
        *name = asking->name;
        *families = go_on(names, asking, now_ns);
        if (*families != 0)
            return true;
    }
    return false;
}

int64_t names_due_ns(const struct names *names)
{
    const struct heap_node *first = heap_first(&names->due);
    return first != NULL ? first->at_ns : NEVER_NS;
}

const struct lookup *name_answer(const struct name *name, unsigned family)
{
    return (name->known & family) != 0 ? &name->answers[answer_index(family)] : NULL;
}
