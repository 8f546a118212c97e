#include "netcheck/probe/resolution.h"

#include <string.h>
#include <strings.h>

#include "netcheck/base/address.h"
#include "netcheck/base/base.h"
#include "netcheck/os/lookup.h"

/* How long the lookup of the other family may bring an answer that is more to be trusted. */
static const int64_t settle_ns[] = {
    [TRUST_FULL] = 0,
    [TRUST_SHORT] = 50 * NS_PER_MS, /* RFC 8305: Resolution Delay */
    [TRUST_STRANGE] = 1 * NS_PER_S, /* the question was lost, perhaps, and is asked again */
};

static const unsigned singles[] = {FAMILY_IPV4, FAMILY_IPV6};

enum lookup_kind resolution_kind(unsigned families)
{
    if (families == FAMILY_ANY)
        return LOOKUP_BOTH;
    return families == FAMILY_IPV6 ? LOOKUP_IPV6 : LOOKUP_IPV4;
}

static enum lookup_kind other_kind(enum lookup_kind kind)
{
    return kind == LOOKUP_IPV4 ? LOOKUP_IPV6 : LOOKUP_IPV4;
}

static bool is_settled(enum finding finding)
{
    return finding != FINDING_NONE && finding != FINDING_OUT;
}

/* Whether the lookup of both families leaves the question open. */
static bool is_open(const struct resolution *resolution)
{
    enum finding both = resolution->findings[LOOKUP_BOTH];
    return resolution->families == FAMILY_ANY &&
           (both == FINDING_OUT || both == FINDING_FAILED) &&
           resolution->told != resolution->families;
}

void resolution_begin(struct resolution *resolution, unsigned families, bool may_rescue,
                      int64_t moment_ns, int64_t now_ns)
{
    memset(resolution, 0, sizeof *resolution);
    resolution->families = families;
    resolution->may_rescue = may_rescue && families == FAMILY_ANY;
    resolution->findings[resolution_kind(families)] = FINDING_OUT;
    resolution->pause_ns = moment_ns;
    resolution->rescue_ns = now_ns + moment_ns;
    resolution->settle_ns = NEVER_NS;
}

void resolution_answered(struct resolution *resolution, enum lookup_kind kind,
                         enum finding finding, enum trust trust, int64_t now_ns)
{
    resolution->findings[kind] = finding;
    resolution->trust[kind] = trust;
    if (kind == LOOKUP_BOTH && finding == FINDING_FAILED && now_ns < resolution->rescue_ns)
        resolution->rescue_ns = now_ns;
    if (kind == LOOKUP_BOTH || finding != FINDING_ADDRESSES || resolution->first != LOOKUP_BOTH)
        return;
    resolution->first = kind;
    resolution->settle_ns = now_ns + settle_ns[trust];
}

void resolution_matched(struct resolution *resolution)
{
    resolution->is_same = true;
}

static unsigned unasked(const struct resolution *resolution)
{
    unsigned families = 0;
    for (size_t i = 0; i < ARRAY_LEN(singles); i++)
        if (resolution->findings[resolution_kind(singles[i])] == FINDING_NONE)
            families |= singles[i];
    return resolution->may_rescue && is_open(resolution) ? families : 0;
}

unsigned resolution_rescue(const struct resolution *resolution, int64_t now_ns)
{
    return now_ns >= resolution->rescue_ns ? unasked(resolution) : 0;
}

void resolution_started(struct resolution *resolution, unsigned family)
{
    resolution->findings[resolution_kind(family)] = FINDING_OUT;
}

void resolution_put_off(struct resolution *resolution, int64_t now_ns)
{
    const enum finding *findings = resolution->findings;
    bool is_out = findings[LOOKUP_BOTH] == FINDING_OUT ||
                  findings[LOOKUP_IPV4] == FINDING_OUT || findings[LOOKUP_IPV6] == FINDING_OUT;
    resolution->may_rescue &= is_out;
    resolution->rescue_ns = now_ns + resolution->pause_ns;
    resolution->pause_ns *= 2;
}

void resolution_renew(struct resolution *resolution, unsigned family)
{
    enum lookup_kind kind = resolution_kind(family);
    resolution->findings[kind] = FINDING_OUT;
    resolution->told &= ~family;
    resolution->chosen = LOOKUP_BOTH;
    resolution->first = LOOKUP_BOTH;
    resolution->settle_ns = NEVER_NS;
}

/* Of the lookups of one family, the one that counts, if that can be said by now. */
static enum lookup_kind choose(const struct resolution *resolution, int64_t now_ns)
{
    enum lookup_kind first = resolution->first;
    enum lookup_kind other = other_kind(first);
    if (resolution->chosen != LOOKUP_BOTH || first == LOOKUP_BOTH)
        return resolution->chosen;
    enum finding finding = resolution->findings[other];
    if (!is_settled(finding))
        return now_ns >= resolution->settle_ns ? first : LOOKUP_BOTH;
    bool is_better =
        finding == FINDING_ADDRESSES && resolution->trust[other] < resolution->trust[first];
    return is_better ? other : first;
}

/* Of the family of the lookup `own`, when the lookup of both families failed. */
static bool find_after_failure(const struct resolution *resolution, enum lookup_kind own,
                               enum lookup_kind *source)
{
    enum finding finding = resolution->findings[own];
    if (finding == FINDING_OUT || (finding == FINDING_NONE && resolution->may_rescue))
        return false;
    if (finding == FINDING_ADDRESSES && resolution->chosen == LOOKUP_BOTH)
        return false;
    bool is_stranger = finding == FINDING_ADDRESSES && !resolution->is_same;
    *source = finding == FINDING_NONE || is_stranger ? LOOKUP_BOTH : own;
    return true;
}

static bool find_source(const struct resolution *resolution, unsigned family,
                        enum lookup_kind *source)
{
    enum lookup_kind own = resolution_kind(family);
    enum lookup_kind other = other_kind(own);
    const enum finding *findings = resolution->findings;
    bool is_single = resolution->families != FAMILY_ANY;
    *source = is_single || resolution->chosen == own ? own : LOOKUP_BOTH;
    if (is_single)
        return is_settled(findings[own]);
    if (!is_open(resolution) || resolution->chosen == own)
        return true;
    /* Both lookups of one family together say all: nothing is mixed where one has nothing. */
    bool is_whole = findings[other] == FINDING_NOTHING || resolution->chosen == other;
    if (findings[own] == FINDING_NOTHING && is_whole) {
        *source = own;
        return true;
    }
    return findings[LOOKUP_BOTH] == FINDING_FAILED &&
           find_after_failure(resolution, own, source);
}

unsigned resolution_tell(struct resolution *resolution, int64_t now_ns,
                         struct resolution_sources *sources)
{
    unsigned families = 0;
    resolution->chosen = choose(resolution, now_ns);
    for (size_t i = 0; i < ARRAY_LEN(singles); i++) {
        bool is_wanted = (resolution->families & ~resolution->told & singles[i]) != 0;
        if (is_wanted && find_source(resolution, singles[i], &sources->of[i]))
            families |= singles[i];
    }
    resolution->told |= families;
    return families;
}

int64_t resolution_due_ns(const struct resolution *resolution)
{
    int64_t rescue_ns = unasked(resolution) != 0 ? resolution->rescue_ns : NEVER_NS;
    bool is_settling = is_open(resolution) && resolution->chosen == LOOKUP_BOTH;
    int64_t settle_at_ns = is_settling ? resolution->settle_ns : NEVER_NS;
    return rescue_ns < settle_at_ns ? rescue_ns : settle_at_ns;
}

bool resolution_may_rescue(const char *host)
{
    static const char local[] = ".local";
    size_t len = lookup_name_len(host);
    size_t local_len = sizeof local - 1;
    return len < local_len || strncasecmp(host + len - local_len, local, local_len) != 0;
}

enum trust resolution_trust(const char *host, const char *canonical)
{
    size_t len = lookup_name_len(host);
    bool is_completed =
        canonical != NULL && strncasecmp(canonical, host, len) == 0 && canonical[len] == '.';
    if (!is_completed)
        return TRUST_FULL;
    return memchr(host, '.', len) != NULL ? TRUST_STRANGE : TRUST_SHORT;
}
