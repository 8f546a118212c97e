/*
 * resolution: which lookups of a name to start, and which of their answers count.
 *
 * A name is one thing. Looked up in one family at a time it may be found in two places, since
 * the search list and nsswitch.conf go on until that family has a hit. So one lookup of both
 * families goes first, and its list is the answer. Where it fails, or is silent for a moment
 * (an unanswered AAAA holds it up for seconds, and with musl one SERVFAIL fails it), a lookup
 * of each family comes to the rescue. Of these two the first that has addresses counts; the
 * other family's addresses only if the lookup of both has them, whenever that comes back, or if
 * it failed and the two were found under the same name.
 *
 * Pure: no I/O, reads no clock, knows nothing of addresses.
 *
 * Source: RFC 8305, section 3; resolv.conf(5), nsswitch.conf(5).
 */
#ifndef NETCHECK_RESOLUTION_H
#define NETCHECK_RESOLUTION_H

#include <stdbool.h>
#include <stdint.h>

enum lookup_kind {
    LOOKUP_BOTH,
    LOOKUP_IPV4,
    LOOKUP_IPV6,
    LOOKUP_KINDS,
};

enum finding {
    FINDING_NONE, /* not asked */
    FINDING_OUT,  /* asked, not answered */
    FINDING_ADDRESSES,
    FINDING_NOTHING, /* no such name, or not in this family */
    FINDING_FAILED,
};

/* How likely it is that a lookup of both families would have found the same. */
enum trust {
    TRUST_FULL,
    TRUST_SHORT, /* a name without a dot was completed from the search list, as it should be */
    TRUST_STRANGE, /* a name with dots was: as it stands it may be there in the other family */
};

struct resolution {
    unsigned families; /* FAMILY_ bits that are asked */
    unsigned told;     /* of these, whose answer was told */
    bool may_rescue;
    bool is_same; /* the lookups of one family found addresses under the same name */
    enum finding findings[LOOKUP_KINDS];
    enum trust trust[LOOKUP_KINDS];
    enum lookup_kind first;  /* of one family, the one that had addresses first; or BOTH */
    enum lookup_kind chosen; /* of one family, the one that counts; BOTH: none yet */
    int64_t rescue_ns;       /* when the lookups of one family are to be started */
    int64_t pause_ns;        /* until the next try, where that was not possible */
    int64_t settle_ns;       /* when `first` counts, although the other one is out */
};

/* Where the answers of IPv4 and IPv6 are to be taken from; valid for families just told. */
struct resolution_sources {
    enum lookup_kind of[2];
};

/* The lookup of these families, FAMILY_ bits. */
enum lookup_kind resolution_kind(unsigned families);

/*
 * Begin with the lookup of `families`, which is out from now on.
 *
 * may_rescue  of resolution_may_rescue()
 * moment_ns   after which a silent lookup of both families needs rescue
 */
void resolution_begin(struct resolution *resolution, unsigned families, bool may_rescue,
                      int64_t moment_ns, int64_t now_ns);

/*
 * A lookup came back.
 */
void resolution_answered(struct resolution *resolution, enum lookup_kind kind,
                         enum finding finding, enum trust trust, int64_t now_ns);

/* Both lookups of one family found addresses under the same name. */
void resolution_matched(struct resolution *resolution);

/* FAMILY_ bits of the lookups of one family to start now; 0: none. */
unsigned resolution_rescue(const struct resolution *resolution, int64_t now_ns);

/* One of them was started. */
void resolution_started(struct resolution *resolution, unsigned family);

/* Not all of them could be started: later again, or, where no lookup is out, never. */
void resolution_put_off(struct resolution *resolution, int64_t now_ns);

/* The answer of a lookup of one family is too old: it was started once more. */
void resolution_renew(struct resolution *resolution, unsigned family);

/* FAMILY_ bits of the families whose answer is known now and was not told yet. */
unsigned resolution_tell(struct resolution *resolution, int64_t now_ns,
                         struct resolution_sources *sources);

/* When rescue() or tell() have something although no lookup came back; NEVER_NS for never. */
int64_t resolution_due_ns(const struct resolution *resolution);

/*
 * Whether the families may be looked up one by one. Not below .local: nsswitch.conf often has
 * multicast DNS say the last word there, on IPv4 only, and IPv6 alone would go on to a
 * stranger.
 */
bool resolution_may_rescue(const char *host);

/* canonical  the name under which addresses of `host` were found; NULL: as it stands */
enum trust resolution_trust(const char *host, const char *canonical);

#endif
