#include "world_parts.h"

#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netcheck/base/grow.h"
#include "netcheck/base/mix.h"

static const int64_t early_ns = NS_PER_MS / 5;

/* Between two SYNs of a connect: Linux 6.18 sends the first ones each second. */
static const int64_t syn_pause_ns = 1 * NS_PER_S;

enum { IDLE_WAITS_MAX = 2000 };

void world_violate(struct world *world, const char *what)
{
    if (world->violation == NULL)
        world->violation = what;
}

void world_spend(struct world *world)
{
    world->now_ns += world->call_cost_ns;
}

struct world_socket *world_socket_of(struct world *world, int fd)
{
    bool is_valid = fd >= WORLD_FIRST_FD && fd < WORLD_SOCKETS && world->sockets[fd].is_open;
    if (!is_valid)
        world_violate(world, "a descriptor was used that is not open");
    return is_valid ? &world->sockets[fd] : &world->sockets[0];
}

static int64_t world_now(void *self)
{
    return ((struct world *)self)->now_ns;
}

static int world_open(void *self, enum os_socket kind, int family, int *fd)
{
    struct world *world = self;
    (void)family;
    world_spend(world);
    if (kind == OS_RAW_ECHO)
        return EPERM;
    if (world->shortages > 0) {
        world->shortages--;
        return world->open_error;
    }
    bool is_short = world->now_ns >= world->short_ns && world->now_ns < world->supplied_ns;
    if (is_short || world->open_count >= world->descriptor_limit)
        return world->open_error;
    for (int i = WORLD_FIRST_FD; i < WORLD_SOCKETS; i++) {
        if (world->sockets[i].is_open)
            continue;
        memset(&world->sockets[i], 0, sizeof world->sockets[i]);
        world->sockets[i].is_open = true;
        world->sockets[i].kind = kind;
        world->sockets[i].number = ++world->sockets_opened;
        world->sockets[i].ready_ns = world->sockets[i].answer_ns = NEVER_NS;
        world->sockets[i].next_syn_ns = NEVER_NS;
        world->sockets_end = i >= world->sockets_end ? i + 1 : world->sockets_end;
        world->open_count++;
        if (world->open_count > world->open_most)
            world->open_most = world->open_count;
        *fd = i;
        return 0;
    }
    return EMFILE;
}

static int world_bind(void *self, int fd, const struct os_origin *origin)
{
    (void)world_socket_of(self, fd);
    (void)origin;
    return 0;
}

struct world_host *world_find_host(struct world *world, const struct address *address)
{
    for (size_t i = 0; i < world->host_count; i++) {
        struct world_host *host = world->hosts[i];
        uint16_t port = address_port(&host->address);
        if (address_equals(&host->address, address) &&
            (port == 0 || port == address_port(address)))
            return host;
    }
    return NULL;
}

enum behaviour world_behaviour_of(const struct world *world, const struct world_host *host)
{
    enum behaviour behaviour = host->behaviour;
    for (size_t i = 0; i < host->change_count; i++)
        if (world->now_ns >= host->changes[i].at_ns)
            behaviour = host->changes[i].behaviour;
    return behaviour;
}

static void race_answer(struct world *world, struct world_socket *socket)
{
    struct world_host *host = socket->host;
    enum behaviour behaviour = socket->behaviour = world_behaviour_of(world, host);
    bool is_self = behaviour == BEHAVIOUR_SELF_ALWAYS ||
                   (behaviour == BEHAVIOUR_SELF_ONCE && socket->nth == 1);
    socket->was_self = is_self;
    bool is_muted = behaviour == BEHAVIOUR_ERROR && host->icmp_limit != NULL &&
                    !policer_pass(host->icmp_limit, world->now_ns);
    if (behaviour == BEHAVIOUR_SILENT || behaviour == BEHAVIOUR_HALF || is_muted)
        return;
    socket->answer_ns = world->now_ns + host->delay_ns;
    socket->ready_ns = socket->answer_ns;
    if (behaviour == BEHAVIOUR_EARLY_WAKE)
        socket->ready_ns -= early_ns;
    if (behaviour == BEHAVIOUR_CONNECTED)
        socket->answer_ns = socket->ready_ns = world->now_ns;
    router_answered(&world->router, socket->flow, socket->answer_ns);
}

/* One SYN, now: lost at the router, lost at the host, or answered. */
static void send_syn(struct world *world, struct world_socket *socket)
{
    const struct world_host *host = socket->host;
    if (socket->syns++ == 0)
        socket->syn_ns = world->now_ns;
    socket->next_syn_ns = world->now_ns + syn_pause_ns;
    bool is_late = socket->answer_ns != NEVER_NS; /* the answer is on its way */
    bool passes = router_pass(&world->router, socket->flow, world->now_ns);
    if (is_late || !passes || host == NULL || world->now_ns >= host->gone_ns)
        return;
    if (socket->syns > host->lost_syns && socket->nth > host->deaf_connects)
        race_answer(world, socket);
}

/* The descriptor whose SYN is to be sent again first; -1 for none. */
static int next_to_send(const struct world *world)
{
    int first = -1;
    int64_t first_ns = NEVER_NS;
    for (int fd = WORLD_FIRST_FD; fd < world->sockets_end; fd++) {
        const struct world_socket *socket = &world->sockets[fd];
        bool is_waiting = socket->is_open && socket->next_syn_ns < socket->answer_ns;
        if (!is_waiting || socket->next_syn_ns >= first_ns)
            continue;
        first = fd;
        first_ns = socket->next_syn_ns;
    }
    return first;
}

static void note_connect(struct world *world, const struct world_socket *socket)
{
    if (socket->flow >= WORLD_CONNECTS)
        return;
    if (GROW(world->connects, world->connect_capacity, socket->flow + 1) != ERROR_NONE)
        world_violate(world, "there is no memory for a connect");
    else
        world->connects[socket->flow] = (struct world_connect){
            socket->host, socket->address, socket->nth, world->now_ns, NEVER_NS};
}

static void note_closed(struct world *world, struct world_socket *socket)
{
    if (!socket->is_open)
        return;
    world->open_count--;
    datagrams_forget(&world->datagrams, (int)(socket - world->sockets));
    if (socket->is_asked && socket->flow < WORLD_CONNECTS &&
        socket->flow < world->connect_capacity)
        world->connects[socket->flow].to_ns = world->now_ns;
    socket->is_open = false;
}

/* Whether connects to the host hold every local port there is for it. */
static bool is_out_of_ports(const struct world *world, const struct world_host *host)
{
    unsigned used = 0;
    for (int fd = WORLD_FIRST_FD; fd < world->sockets_end; fd++)
        used += world->sockets[fd].is_open && world->sockets[fd].host == host;
    return host->ports > 0 && used >= host->ports;
}

static bool world_has_source(void *self, const struct address *address,
                             const struct os_origin *origin)
{
    const struct world_host *host = world_find_host(self, address);
    (void)origin;
    return host == NULL || !host->has_no_source;
}

void world_begin_asking(struct world *world, struct world_socket *socket,
                        struct world_host *host, const struct address *address)
{
    socket->is_asked = true;
    socket->address = *address;
    socket->host = host;
    if (host != NULL && host->asked++ == 0)
        host->first_at_ns = world->now_ns;
    socket->nth = host != NULL ? host->asked : 0;
    socket->flow = world->connect_count++;
    note_connect(world, socket);
}

bool world_is_unrouted(const struct world *world, const struct address *address)
{
    return !address_is_loopback(address) && world->now_ns >= world->unrouted_ns &&
           world->now_ns < world->routed_ns;
}

static int world_connect(void *self, int fd, const struct address *address)
{
    struct world *world = self;
    struct world_socket *socket = world_socket_of(world, fd);
    world_spend(world);
    if (socket->kind != OS_TCP)
        return 0; /* it only says where it asks from */
    if (socket->is_asked)
        world_violate(world, "connect() was called twice on one socket");
    if (address_port(address) == 0)
        world_violate(world, "port 0 was asked");
    socket->is_asked = true;
    socket->address = *address;
    struct world_host *host = world_find_host(world, address);
    if (host != NULL && is_out_of_ports(world, host))
        return EADDRNOTAVAIL;
    world_begin_asking(world, socket, host, address);
    socket->behaviour = host != NULL ? world_behaviour_of(world, host) : BEHAVIOUR_SILENT;
    if (world_is_unrouted(world, address))
        return ENETUNREACH;
    if (socket->behaviour == BEHAVIOUR_IMMEDIATE)
        return host->error;
    send_syn(world, socket);
    bool is_done = socket->behaviour == BEHAVIOUR_CONNECTED;
    return is_done && socket->answer_ns <= world->now_ns ? 0 : EINPROGRESS;
}

static bool has_answer(const struct world *world, const struct world_socket *socket)
{
    return socket->is_asked && socket->host != NULL && world->now_ns >= socket->answer_ns;
}

/* What comes behind the answer is there. */
static bool has_later(const struct world *world, const struct world_socket *socket)
{
    int64_t later_ns = socket->host->later_ns;
    return later_ns != NEVER_NS && world->now_ns >= socket->answer_ns + later_ns;
}

static bool is_connected(const struct world *world, const struct world_socket *socket)
{
    if (!has_answer(world, socket))
        return false;
    enum behaviour behaviour = socket->behaviour;
    return behaviour == BEHAVIOUR_OPEN || behaviour == BEHAVIOUR_CONNECTED ||
           behaviour == BEHAVIOUR_SHUT ||
           (behaviour == BEHAVIOUR_SHUT_RESET && !has_later(world, socket)) || socket->was_self;
}

static void world_connection(void *self, int fd, struct os_connection *connection)
{
    struct world *world = self;
    struct world_socket *socket = world_socket_of(world, fd);
    enum behaviour behaviour = socket->behaviour;
    world_spend(world);
    bool is_connected_now = is_connected(world, socket);
    bool is_shut =
        behaviour == BEHAVIOUR_SHUT_RESET ||
        (behaviour == BEHAVIOUR_SHUT && is_connected_now && !has_later(world, socket));
    *connection = (struct os_connection){
        .is_established = is_connected_now,
        .is_acknowledged =
            has_answer(world, socket) && (is_connected_now || behaviour == BEHAVIOUR_RESET ||
                                          behaviour == BEHAVIOUR_SHUT_RESET),
        .is_window_shut = is_shut,
        .rtt_ns = is_connected_now ? socket->answer_ns - socket->syn_ns : -1,
        .syn_retransmits = socket->syns > 0 ? (int)socket->syns - 1 : 0,
    };
}

static int world_local(void *self, int fd, struct address *address)
{
    struct world *world = self;
    struct world_socket *socket = world_socket_of(world, fd);
    bool is_ipv6 = address_family(&socket->address) == AF_INET6;
    const char *text = is_ipv6 ? "2001:db8:ffff::1" : "198.18.0.1";
    *address = socket->address;
    socket->was_seen = true;
    if (socket->was_self)
        return 0;
    (void)address_parse(text, strlen(text), address);
    address_set_port(address, 65000);
    return 0;
}

static int pending_error(const struct world_socket *socket)
{
    switch (socket->behaviour) {
    case BEHAVIOUR_REFUSED:
    case BEHAVIOUR_SELF_ONCE:
        return ECONNREFUSED;
    case BEHAVIOUR_ERROR:
    case BEHAVIOUR_EARLY_WAKE:
        return socket->host->error;
    case BEHAVIOUR_RESET:
    case BEHAVIOUR_HALF_RESET:
    case BEHAVIOUR_SHUT_RESET:
        return ECONNRESET;
    case BEHAVIOUR_OPEN:
    case BEHAVIOUR_SILENT:
    case BEHAVIOUR_HALF:
    case BEHAVIOUR_SHUT:
    case BEHAVIOUR_IMMEDIATE:
    case BEHAVIOUR_SPURIOUS:
    case BEHAVIOUR_SELF_ALWAYS:
    case BEHAVIOUR_CONNECTED:
        break;
    }
    return 0;
}

/* Read and clear, as SO_ERROR. */
static int world_take_error(void *self, int fd)
{
    struct world *world = self;
    struct world_socket *socket = world_socket_of(world, fd);
    world_spend(world);
    if (!has_answer(world, socket) || socket->error_taken || is_connected(world, socket))
        return 0;
    int error = pending_error(socket);
    socket->error_taken = error != 0;
    return error;
}

static bool world_take_icmp(void *self, int fd, struct icmp *icmp)
{
    struct world_socket *socket = world_socket_of(self, fd);
    memset(icmp, 0, sizeof *icmp);
    if (socket->host == NULL || !socket->host->icmp.is_set)
        return false;
    if (pending_error(socket) != 0 && !socket->error_taken)
        world_violate(self, "the error queue was read before SO_ERROR");
    *icmp = socket->host->icmp;
    return true;
}

static bool world_tells_icmp(void *self)
{
    (void)self;
    return true;
}

static int64_t world_suspended_ns(void *self)
{
    const struct world *world = self;
    return world->now_ns >= world->suspended_at_ns ? world->suspended_ns : 0;
}

static unsigned world_continues(void *self)
{
    const struct world *world = self;
    return world->is_frozen ? 0 : world->stops;
}

static int64_t world_neighbours_lost(void *self)
{
    const struct world *world = self;
    return world->now_ns >= world->neighbours_full_ns ? world->neighbours_lost : 0;
}

static void world_close(void *self, int fd)
{
    struct world *world = self;
    struct world_socket *socket = world_socket_of(world, fd);
    world_spend(world);
    if (socket->kind == OS_TCP && socket->was_self && socket->was_seen)
        world_violate(world, "a self-connected socket was closed without RST");
    note_closed(world, socket);
}

static void world_abort(void *self, int fd)
{
    struct world *world = self;
    note_closed(world, world_socket_of(world, fd));
}

void world_deliver(struct world *world, const struct datagram *datagram)
{
    if (!datagrams_add(&world->datagrams, datagram))
        world_violate(world, "more datagrams are on their way than the test has room for");
}

/* What the host says to a datagram. */
static void answer_datagram(struct world *world, const struct world_host *host, int fd,
                            uint64_t key, enum behaviour behaviour)
{
    struct datagram answer = {
        .fd = fd,
        .at_ns = world->now_ns + host->delay_ns,
        .key = key,
        .sender = host->address,
        .error = behaviour == BEHAVIOUR_REFUSED ? ECONNREFUSED
                 : behaviour == BEHAVIOUR_ERROR ? host->error
                                                : 0,
        .is_void = behaviour == BEHAVIOUR_SELF_ALWAYS ||
                   (behaviour == BEHAVIOUR_SELF_ONCE && host->asked == 1),
    };
    for (unsigned i = 0; i <= world->copies; i++, answer.at_ns += 100 * NS_PER_MS)
        world_deliver(world, &answer);
}

int world_send(struct world *world, int fd, const struct address *address, uint64_t key,
               unsigned nth)
{
    struct world_host *host = world_find_host(world, address);
    (void)world_socket_of(world, fd);
    world_spend(world);
    world->datagrams_sent++;
    world->last_key = key;
    if (host == NULL)
        return 0;
    if (nth == 1 && host->asked++ == 0)
        host->first_at_ns = world->now_ns;
    enum behaviour behaviour = world_behaviour_of(world, host);
    if (behaviour == BEHAVIOUR_IMMEDIATE)
        return host->error;
    bool is_lost = nth <= host->lost_syns || host->asked <= host->deaf_connects ||
                   world->now_ns >= host->gone_ns;
    if (behaviour != BEHAVIOUR_SILENT && !is_lost)
        answer_datagram(world, host, fd, key, behaviour);
    return 0;
}

bool world_receive(struct world *world, int fd, struct datagram *datagram)
{
    (void)world_socket_of(world, fd);
    world_spend(world);
    return datagrams_take(&world->datagrams, fd, world->now_ns, datagram);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When the next thing happens that the caller of wait() asked for. */
static int64_t next_event(const struct world *world, const struct fdset *readable,
                          const struct fdset *writable)
{
    int64_t at_ns = NEVER_NS;
    for (int fd = fdset_next(writable, 0); fd >= 0; fd = fdset_next(writable, fd + 1))
        at_ns = earlier(at_ns, world->sockets[fd].ready_ns);
    if (fdset_has(readable, WORLD_RESOLVER_FD))
        for (size_t i = 0; i < world->lookup_count; i++)
            at_ns = earlier(at_ns, world->lookups[i].due_ns);
    for (size_t i = 0; i < world->datagrams.count; i++)
        if (fdset_has(readable, world->datagrams.items[i].fd))
            at_ns = earlier(at_ns, world->datagrams.items[i].at_ns);
    for (int fd = fdset_next(readable, WORLD_FIRST_FD); fd >= 0;
         fd = fdset_next(readable, fd + 1))
        if (world->sockets[fd].kind == OS_TCP)
            at_ns = earlier(at_ns, world_stream_due_ns(&world->sockets[fd]));
    return at_ns;
}

/* When there is something to be read on the descriptor. */
static int64_t readable_ns(struct world *world, int fd)
{
    const struct world_socket *socket = world_socket_of(world, fd);
    if (!socket->is_open)
        return NEVER_NS;
    return socket->kind == OS_TCP ? world_stream_due_ns(socket)
                                  : datagrams_due_ns(&world->datagrams, fd);
}

static void keep_ready(struct world *world, struct fdset *readable, struct fdset *writable)
{
    for (int fd = fdset_next(writable, 0); fd >= 0; fd = fdset_next(writable, fd + 1)) {
        if (!world_socket_of(world, fd)->is_open || world->sockets[fd].ready_ns > world->now_ns)
            fdset_remove(writable, fd);
    }
    bool is_due = false;
    for (size_t i = 0; i < world->lookup_count; i++)
        is_due |= world->lookups[i].due_ns <= world->now_ns;
    if (!is_due)
        fdset_remove(readable, WORLD_RESOLVER_FD);
    for (int fd = fdset_next(readable, WORLD_FIRST_FD); fd >= 0;
         fd = fdset_next(readable, fd + 1))
        if (readable_ns(world, fd) > world->now_ns)
            fdset_remove(readable, fd);
}

/* Send one SYN again that is due by `until_ns`. Returns its descriptor; -1 for none. */
static int send_again(struct world *world, int64_t until_ns)
{
    int fd = next_to_send(world);
    if (fd < 0 || world->sockets[fd].next_syn_ns > until_ns)
        return -1;
    struct world_socket *socket = &world->sockets[fd];
    if (socket->next_syn_ns > world->now_ns)
        world->now_ns = socket->next_syn_ns;
    send_syn(world, socket);
    return fd;
}

/* Let time pass until something happens that is waited for, at most `until_ns`. False where
   nothing ever will. */
static bool pass_time(struct world *world, const struct fdset *readable,
                      const struct fdset *writable, int64_t until_ns)
{
    until_ns = earlier(until_ns, next_event(world, readable, writable));
    for (int fd; until_ns != NEVER_NS && (fd = send_again(world, until_ns)) >= 0;)
        if (fdset_has(writable, fd))
            until_ns = earlier(until_ns, world->sockets[fd].ready_ns);
    if (until_ns != NEVER_NS && until_ns > world->now_ns)
        world->now_ns = until_ns;
    return until_ns != NEVER_NS;
}

/* The process is stopped, if it is time for it; the network is not. */
static void stop(struct world *world)
{
    int64_t length_ns = world->resume_ns - world->stop_ns;
    if (world->now_ns < world->stop_ns)
        return;
    if (world->now_ns < world->resume_ns) {
        while (send_again(world, world->resume_ns) >= 0)
            continue;
        world->now_ns = world->resume_ns;
        world->stops++;
    }
    for (; world->stop_pause_ns > 0 && world->now_ns >= world->resume_ns;
         world->resume_ns = world->stop_ns + length_ns)
        world->stop_ns = world->resume_ns + world->stop_pause_ns;
}

static int world_wait(void *self, struct fdset *readable, struct fdset *writable,
                      int64_t timeout_ns)
{
    struct world *world = self;
    if (timeout_ns < 0)
        world_violate(world, "wait() with a negative time");
    world->waits++;
    int64_t before_ns = world->now_ns;
    int64_t until_ns = timeout_ns == NEVER_NS ? NEVER_NS : world->now_ns + timeout_ns;
    if (!pass_time(world, readable, writable, until_ns)) {
        world_violate(world, "wait() without end: nothing will ever happen");
        return EBADF;
    }
    if (until_ns != NEVER_NS && world->now_ns == until_ns)
        world->now_ns += world->wake_late_ns;
    unsigned stops = world->stops;
    stop(world);
    bool is_interrupted = world->is_interrupted && world->stops != stops;
    world->idle_waits = world->now_ns == before_ns ? world->idle_waits + 1 : 0;
    if (world->idle_waits > IDLE_WAITS_MAX)
        world_violate(world, "wait() is called again and again without time passing");
    if (is_interrupted || (world->interrupts != 0 && world->waits % world->interrupts == 0)) {
        fdset_clear(readable);
        fdset_clear(writable);
        return EINTR;
    }
    keep_ready(world, readable, writable);
    return 0;
}

/* The same in every run of a test. */
static uint64_t world_random(void *self)
{
    struct world *world = self;
    return mix64(++world->randoms);
}

static int world_interface_index(void *self, const char *name, uint32_t *index)
{
    (void)self;
    *index = strcmp(name, "eth0") == 0 ? 2 : 0;
    return *index != 0 ? 0 : ENODEV;
}

static int world_find_interface(void *self, uint32_t index)
{
    (void)self;
    return index < 10 ? 0 : ENXIO;
}

static size_t resolver_room(void *self)
{
    const struct world *world = self;
    return world->lookup_count < world->lookup_room ? world->lookup_room - world->lookup_count
                                                    : 0;
}

static size_t resolver_spare(void *self)
{
    const struct world *world = self;
    return world->lookup_count < world->lookup_spare ? resolver_room(self) : 0;
}

/* When the lookup is answered: of both families, when the later one is. */
static int64_t answer_ns(const struct world *world, const struct world_name *name,
                         unsigned families)
{
    int64_t ipv4_ns = name->delay_ns[0];
    int64_t ipv6_ns = name->delay_ns[1];
    int64_t delay_ns = families == FAMILY_IPV6 ? ipv6_ns : ipv4_ns;
    if (families == FAMILY_ANY && ipv6_ns > delay_ns)
        delay_ns = ipv6_ns;
    if (families == FAMILY_ANY && name->has_both)
        delay_ns = name->both_ns;
    return delay_ns == NEVER_NS ? NEVER_NS : world->now_ns + delay_ns;
}

static enum error resolver_start(void *self, const char *host, unsigned families, void *tag)
{
    struct world *world = self;
    if (resolver_room(world) == 0)
        world_violate(world, "a lookup was started although there was no room");
    errno = world->thread_error;
    if (world->thread_error != 0)
        return ERROR_THREAD;
    if (world->lookup_count >= world->lookup_threads)
        return ERROR_AGAIN;
    world->lookups_started++;
    struct world_lookup *lookup = &world->lookups[world->lookup_count++];
    *lookup = (struct world_lookup){world->now_ns + NS_PER_MS, NULL, families, tag};
    for (size_t i = 0; i < world->name_count; i++)
        if (strcmp(world->names[i].host, host) == 0)
            lookup->name = &world->names[i];
    if (lookup->name == NULL)
        return ERROR_NONE;
    lookup->name->asked++;
    while (lookup->name->later != NULL && world->now_ns >= lookup->name->later_ns)
        lookup->name = lookup->name->later;
    lookup->due_ns = answer_ns(world, lookup->name, families);
    return ERROR_NONE;
}

static void add_found(struct lookup *lookup, const struct world_name *name, size_t index)
{
    if (name->lookup_error[index] != 0 || lookup->addresses == NULL)
        return;
    memcpy(lookup->addresses + lookup->count, name->addresses[index],
           name->count[index] * sizeof(struct address));
    lookup->count += name->count[index];
}

/* As glibc does: a family that failed is passed over where the other one has addresses. */
static void fill_lookup(const struct world_lookup *from, struct lookup *lookup)
{
    const struct world_name *name = from->name;
    size_t worse = from->families == FAMILY_IPV6 ? 1 : 0;
    memset(lookup, 0, sizeof *lookup);
    lookup->tag = from->tag;
    lookup->families = from->families;
    lookup->lookup_error = EAI_NONAME;
    if (name == NULL)
        return;
    lookup->addresses = calloc(2 * ARRAY_LEN(name->addresses[0]), sizeof *lookup->addresses);
    for (size_t i = 0; i < 2; i++) {
        unsigned lacks = from->families == FAMILY_ANY ? name->both_lacks : 0;
        if ((from->families & ~lacks & (1u << i)) == 0)
            continue;
        add_found(lookup, name, i);
        bool is_worse = name->lookup_error[i] != 0 && name->lookup_error[i] != EAI_NONAME;
        worse = is_worse ? i : worse;
    }
    lookup->lookup_error = lookup->count > 0                ? 0
                           : name->lookup_error[worse] != 0 ? name->lookup_error[worse]
                                                            : EAI_NONAME;
    lookup->system_error = name->system_error[worse];
    if (from->families == FAMILY_ANY && name->both_error != 0) {
        lookup->count = 0;
        lookup->lookup_error = name->both_error;
    }
    if (lookup->count > 0 && name->canonical != NULL)
        lookup->canonical = shared_new(name->canonical);
    lookup->cut = name->is_cut && lookup->count > 0 ? from->families : 0;
}

static bool resolver_take(void *self, struct lookup *lookup)
{
    struct world *world = self;
    for (size_t i = 0; i < world->lookup_count; i++) {
        if (world->lookups[i].due_ns > world->now_ns)
            continue;
        fill_lookup(&world->lookups[i], lookup);
        world->lookups[i] = world->lookups[--world->lookup_count];
        return true;
    }
    return false;
}

static enum lookup_cause resolver_hang_cause(void *self)
{
    const struct world *world = self;
    return world->hang_cause;
}

void world_init(struct world *world)
{
    world->now_ns = NS_PER_S;
    world->descriptor_limit = WORLD_SOCKETS - WORLD_FIRST_FD;
    world->open_error = EMFILE;
    world->lookup_room = world->lookup_spare = world->lookup_threads = WORLD_SOCKETS;
    world->stop_ns = NEVER_NS;
    world->neighbours_full_ns = NEVER_NS;
    world->os = (struct os){
        .self = world,
        .now_ns = world_now,
        .open = world_open,
        .random = world_random,
        .bind = world_bind,
        .connect = world_connect,
        .has_source = world_has_source,
        .connection = world_connection,
        .local = world_local,
        .take_error = world_take_error,
        .take_icmp = world_take_icmp,
        .tells_icmp = world_tells_icmp,
        .neighbours_lost = world_neighbours_lost,
        .suspended_ns = world_suspended_ns,
        .continues = world_continues,
        .close = world_close,
        .abort = world_abort,
        .wait = world_wait,
        .interface_index = world_interface_index,
        .find_interface = world_find_interface,
    };
    world_serve_datagrams(&world->os);
    world->resolver = (struct resolver){
        .self = world,
        .fd = WORLD_RESOLVER_FD,
        .room = resolver_room,
        .spare = resolver_spare,
        .start = resolver_start,
        .take = resolver_take,
        .hang_cause = resolver_hang_cause,
    };
}

void world_release(struct world *world)
{
    for (size_t i = 0; i < world->host_count; i++)
        free(world->hosts[i]);
    datagrams_release(&world->datagrams);
    free(world->connects);
    free(world->flows);
}

struct world_host *world_add(struct world *world, const char *address, uint16_t port,
                             enum behaviour behaviour, int64_t delay_ns)
{
    assert_in_range(world->host_count, 0, WORLD_HOSTS - 1);
    struct world_host *host = calloc(1, sizeof *host);
    assert_non_null(host);
    world->hosts[world->host_count++] = host;
    if (!address_parse(address, strlen(address), &host->address))
        world_violate(world, "the test wrote an invalid address");
    address_set_port(&host->address, port);
    host->behaviour = behaviour;
    host->delay_ns = delay_ns;
    host->later_ns = NEVER_NS;
    host->gone_ns = NEVER_NS;
    return host;
}

void world_change(struct world_host *host, int64_t at_ns, enum behaviour behaviour)
{
    if (host->change_count == WORLD_CHANGES)
        abort();
    host->changes[host->change_count++] = (struct world_change){at_ns, behaviour};
}

struct world_name *world_add_name(struct world *world, const char *host, int64_t ipv4_ns,
                                  int64_t ipv6_ns)
{
    struct world_name *name = &world->names[world->name_count++];
    memset(name, 0, sizeof *name);
    name->host = host;
    name->delay_ns[0] = ipv4_ns;
    name->delay_ns[1] = ipv6_ns;
    return name;
}

void world_name_later(struct world_name *name, int64_t at_ns, struct world_name *later)
{
    name->later = later;
    name->later_ns = at_ns;
}

void world_name_address(struct world_name *name, const char *text)
{
    struct address address;
    if (!address_parse(text, strlen(text), &address))
        abort();
    size_t index = address_family(&address) == AF_INET6 ? 1 : 0;
    name->addresses[index][name->count[index]++] = address;
}
