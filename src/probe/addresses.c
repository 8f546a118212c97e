/*
 * addresses: finds the addresses of checks, by their names and interfaces. Private to the
 * engine.
 */
#include "engine.h"

#include <errno.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"

static struct check *check_of_user(struct list *user)
{
    return CONTAINER_OF(user, struct check, name_user);
}

/* The interface behind '%', by number or by name. 0 or an errno. */
static int find_scope(const struct probe *probe, const char *scope, uint32_t *found)
{
    uint32_t index = 0;
    for (const char *p = scope; *p != '\0'; p++) {
        if (!ascii_is_digit(*p) || index > UINT32_MAX / 10 - 1)
            return probe->os->interface_index(probe->os->self, scope, found);
        index = index * 10 + (uint32_t)(*p - '0');
    }
    *found = index;
    return index != 0 ? probe->os->find_interface(probe->os->self, index) : ENXIO;
}

/* An address as it stands, but for its interface. */
static void find_numeric(struct probe *probe, struct check *check, const struct moment *moment)
{
    struct address *address = &check->endpoint.address;
    const char *scope = check->endpoint.target->scope;
    uint32_t index = 0;
    int error = scope != NULL ? find_scope(probe, scope, &index) : 0;
    if (scope != NULL)
        address_set_scope(address, index);
    if (error == 0) {
        check_found(check, address, moment);
        return;
    }
    struct outcome outcome = outcome_of(REASON_LOCAL);
    outcome.error = error;
    if (!outcome_is_shortage(error, AF_UNSPEC))
        outcome.remark = REMARK_INTERFACE;
    check_unresolved(check, &outcome, moment);
}

/* Keep in mind that the name has an address; the check knows whether it had one before. */
static void remember(const struct probe *probe, struct check *check, bool has_address)
{
    bool is_down_expected = probe->options.expects_down || check->endpoint.target->expects_down;
    if (!probe->options.remembers_names || !is_down_expected)
        return;
    check->had_address = check->name->had_address;
    check->name->had_address |= has_address;
}

/* The check takes what it does not know yet. */
static void tell(struct probe *probe, struct check *check, unsigned family, int64_t now_ns)
{
    const struct lookup *lookup = name_answer(check->name, family);
    struct trace trace = {.kind = TRACE_ANSWER, .family = family, .count = lookup->count};
    bool is_hidden = stall_hides(&probe->stall, check->race.begin_ns);
    trace.took_ns = is_hidden ? -1 : now_ns - check->race.begin_ns;
    if (lookup->lookup_error != 0)
        trace.outcome = outcome_of_lookup(lookup->lookup_error, lookup->system_error);
    outcome_add_cause(&trace.outcome, lookup->cause);
    trace.canonical = lookup->canonical;
    trace_check(probe, check, NULL, &trace);
    trace.kind = TRACE_CUT;
    if (lookup->cut != 0 && !check->name->is_cut_told)
        trace_check(probe, check, NULL, &trace);
    check->name->is_cut_told |= lookup->cut != 0;
    size_t before = check->excluded;
    if (!check_resolved(check, family, lookup, trace.took_ns, now_ns))
        probe->is_out_of_memory = true;
    remember(probe, check, check->candidates.count > 0);
    trace.kind = TRACE_EXCLUDED;
    trace.count = check->excluded - before;
    if (trace.count > 0)
        trace_check(probe, check, NULL, &trace);
}

static void tell_families(struct probe *probe, struct check *check, unsigned families,
                          int64_t now_ns)
{
    for (unsigned family = FAMILY_IPV6; family >= FAMILY_IPV4; family >>= 1)
        if ((families & family) != 0 && check_awaits_any(check, family))
            tell(probe, check, family, now_ns);
}

/* The name could not be asked. */
static void fail_name(struct check *check, enum error error, const struct moment *moment)
{
    struct outcome outcome = outcome_of(REASON_LOCAL);
    outcome.error = error == ERROR_NO_MEMORY ? ENOMEM : errno;
    outcome.remark = error == ERROR_THREAD ? REMARK_THREAD : REMARK_NONE;
    check_unresolved(check, &outcome, moment);
}

static void find_by_name(struct probe *probe, struct check *check, const struct moment *moment)
{
    unsigned asked = probe->options.families;
    enum error error = names_join(probe->names, check->endpoint.target->host, asked,
                                  &check->name_user, moment->now_ns, &check->name);
    if (error == ERROR_AGAIN) {
        queue_move(probe, check, QUEUE_RESOLVER);
        return;
    }
    if (error != ERROR_NONE) {
        fail_name(check, error, moment);
        return;
    }
    check_awaits(check, asked, moment);
    const struct trace trace = {.kind = TRACE_RESOLVING, .family = asked};
    trace_check(probe, check, NULL, &trace);
    tell_families(probe, check, check->name->known, moment->now_ns);
}

void addresses_leave(struct probe *probe, struct check *check)
{
    if (check->name != NULL)
        names_leave(probe->names, check->name, &check->name_user);
    check->name = NULL;
}

void addresses_find(struct probe *probe, struct check *check, int64_t now_ns)
{
    const struct moment moment = moment_of(probe, check, now_ns);
    addresses_leave(probe, check);
    if (address_family(&check->endpoint.address) == AF_UNSPEC)
        find_by_name(probe, check, &moment);
    else
        find_numeric(probe, check, &moment);
}

/* The name of the check was answered in these families; it may know some of them already. */
static void hear(struct probe *probe, struct check *check, unsigned families, int64_t now_ns)
{
    if (!check_awaits_any(check, families))
        return;
    if (check->phase == CHECK_PAUSE) {
        now_ns = probe->os->now_ns(probe->os->self);
        const struct moment moment = moment_of(probe, check, now_ns);
        const struct step step = check_retry(check, &moment);
        trace_retry(probe, check, &step.outcome);
    }
    tell_families(probe, check, families, now_ns);
    queue_wake(probe, check);
}

void addresses_hear(struct probe *probe, int64_t now_ns)
{
    struct name *name;
    unsigned families;
    /* Nothing joins or leaves a name before its users go on. */
    while (names_take(probe->names, now_ns, &name, &families))
        for (struct list *user = name->users.next; user != &name->users; user = user->next)
            hear(probe, check_of_user(user), families, now_ns);
}
