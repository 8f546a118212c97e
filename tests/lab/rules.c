#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "netcheck/base/address.h"
#include "netcheck/base/base.h"

static const char manners[] = "write one of open, refused, silent, half, shut, icmp=TYPE/CODE";

static struct host host_of(const struct address *address)
{
    struct host host = {0, 0, address_family(address) == AF_INET6};
    const unsigned char *bytes = address->socket.ipv6.sin6_addr.s6_addr;
    if (!host.is_ipv6)
        host.low = ntohl(address->socket.ipv4.sin_addr.s_addr);
    for (size_t i = 0; host.is_ipv6 && i < 8; i++) {
        host.high = host.high << 8 | bytes[i];
        host.low = host.low << 8 | bytes[8 + i];
    }
    return host;
}

static struct host mask_of(unsigned bits, bool is_ipv6)
{
    struct address ones;
    memset(&ones, 0xff, sizeof ones);
    ones.socket.any.sa_family = is_ipv6 ? AF_INET6 : AF_INET;
    address_mask(&ones, bits);
    return host_of(&ones);
}

/* The address at `text`, of `len` bytes, with the prefix length behind it. */
static bool set_prefix(struct rule *rule, const char *text, size_t len, const char *bits_text,
                       struct flaw *flaw)
{
    struct address address;
    bool is_ipv6 = text[0] == '[';
    if (is_ipv6)
        len = len > 1 && text[len - 1] == ']' ? len - 2 : 0;
    if (!address_parse(is_ipv6 ? text + 1 : text, len, &address) ||
        (address_family(&address) == AF_INET6) != is_ipv6)
        return flaw_set(flaw, "invalid address", "write 10.0.0.0/8 or [2001:db8::]/32");
    uint64_t bits = address_bits(&address);
    if (bits_text != NULL && !words_count(bits_text, 0, bits, &bits))
        return flaw_set(flaw, "invalid prefix length", "allowed is /0-/32, in IPv6 /0-/128");
    address_mask(&address, (unsigned)bits);
    rule->prefix = host_of(&address);
    rule->mask = mask_of((unsigned)bits, is_ipv6);
    return true;
}

static bool set_ports(struct rule *rule, const char *text, struct flaw *flaw)
{
    struct fault fault;
    enum error error = ports_parse(&rule->ports, text, strlen(text), &fault);
    if (error == ERROR_NONE)
        return true;
    if (error == ERROR_NO_MEMORY)
        return flaw_set(flaw, error_text(error), "write fewer ports");
    (void)snprintf(flaw->word, sizeof flaw->word, "%.*s", (int)fault.len, text + fault.at);
    return flaw_set(flaw, fault_text(fault.code), fault_remedy(fault.code));
}

enum {
    KIND_TCP = 1u << PACKET_TCP,
    KIND_ECHO = 1u << PACKET_ECHO,
    KIND_DATAGRAM = 1u << PACKET_DATAGRAM,
};

/* Set the kinds of packets, and move `target` behind the protocol. */
static bool take_protocol(struct rule *rule, const char **target, struct flaw *flaw)
{
    static const struct {
        const char *name;
        unsigned kinds;
    } protocols[] = {{"tcp://", KIND_TCP}, {"udp://", KIND_DATAGRAM}, {"icmp://", KIND_ECHO}};
    rule->kinds = KIND_TCP | KIND_ECHO;
    if (strstr(*target, "://") == NULL)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(protocols); i++) {
        size_t len = strlen(protocols[i].name);
        if (strncmp(*target, protocols[i].name, len) != 0)
            continue;
        rule->kinds = protocols[i].kinds;
        *target += len;
        return true;
    }
    return flaw_set(flaw, "unknown protocol", "write tcp://, udp:// or icmp://");
}

/* [PROTOCOL://]PREFIX[:PORTS] */
static bool take_target(struct rule *rule, const char *target, struct flaw *flaw)
{
    char word[WORD_SIZE];
    if (!take_protocol(rule, &target, flaw))
        return false;
    (void)snprintf(word, sizeof word, "%s", target);
    char *tail = word[0] == '[' ? strchr(word, ']') : word;
    tail = tail != NULL ? tail : word;
    char *colon = strchr(tail, ':');
    if (colon != NULL)
        *colon = '\0';
    char *slash = strchr(tail, '/');
    if (slash != NULL)
        *slash = '\0';
    if (!set_prefix(rule, word, strlen(word), slash != NULL ? slash + 1 : NULL, flaw))
        return false;
    if (colon != NULL && rule->kinds == KIND_ECHO)
        return flaw_set(flaw, "ports in", "write icmp:// without ports");
    return colon == NULL || set_ports(rule, colon + 1, flaw);
}

static bool set_manner(struct rule *rule, enum manner manner, struct flaw *flaw)
{
    if (rule->manner != MANNER_NONE)
        return flaw_set(flaw, "second answer", manners);
    rule->manner = manner;
    return true;
}

static bool take_open(struct rule *rule, const char *value, struct flaw *flaw)
{
    (void)value;
    return set_manner(rule, MANNER_OPEN, flaw);
}

static bool take_refused(struct rule *rule, const char *value, struct flaw *flaw)
{
    (void)value;
    return set_manner(rule, MANNER_REFUSED, flaw);
}

static bool take_silent(struct rule *rule, const char *value, struct flaw *flaw)
{
    (void)value;
    return set_manner(rule, MANNER_SILENT, flaw);
}

static bool take_half(struct rule *rule, const char *value, struct flaw *flaw)
{
    (void)value;
    return set_manner(rule, MANNER_HALF, flaw);
}

static bool take_shut(struct rule *rule, const char *value, struct flaw *flaw)
{
    (void)value;
    return set_manner(rule, MANNER_SHUT, flaw);
}

static bool take_done(struct rule *rule, const char *value, struct flaw *flaw)
{
    rule->has_done = true;
    return words_duration(value, &rule->done_ns, flaw);
}

static bool take_reset(struct rule *rule, const char *value, struct flaw *flaw)
{
    rule->has_reset = true;
    return words_duration(value, &rule->reset_ns, flaw);
}

/* The types whose message quotes a packet and has no field of its own but the MTU. */
static bool is_error_type(uint64_t type, bool is_ipv6)
{
    return is_ipv6 ? type >= 1 && type <= 4 : type == 3 || type == 11 || type == 12;
}

static bool take_icmp(struct rule *rule, const char *value, struct flaw *flaw)
{
    char type_text[4];
    uint64_t type = 0;
    uint64_t code = 0;
    size_t len = strcspn(value, "/");
    (void)snprintf(type_text, sizeof type_text, "%.*s", (int)len, value);
    if (len >= sizeof type_text || value[len] != '/' ||
        !words_count(type_text, 0, UINT8_MAX, &type) ||
        !words_count(value + len + 1, 0, UINT8_MAX, &code) ||
        !is_error_type(type, rule->prefix.is_ipv6))
        return flaw_set(flaw, "invalid ICMP error",
                        "write TYPE/CODE with a type of 3, 11 or 12, in IPv6 of 1 to 4");
    rule->type = (uint8_t)type;
    rule->code = (uint8_t)code;
    return set_manner(rule, MANNER_ICMP, flaw);
}

static bool take_from(struct rule *rule, const char *value, struct flaw *flaw)
{
    struct address address;
    if (!address_parse(value, strlen(value), &address) ||
        host_of(&address).is_ipv6 != rule->prefix.is_ipv6)
        return flaw_set(flaw, "invalid sender", "write an address of the prefix's family");
    rule->sender = host_of(&address);
    rule->has_sender = true;
    return true;
}

static bool take_rtt(struct rule *rule, const char *value, struct flaw *flaw)
{
    return words_duration(value, &rule->rtt_ns, flaw);
}

static bool take_jitter(struct rule *rule, const char *value, struct flaw *flaw)
{
    return words_duration(value, &rule->jitter_ns, flaw);
}

static bool take_loss(struct rule *rule, const char *value, struct flaw *flaw)
{
    return words_chance(value, &rule->loss, flaw);
}

static bool take_share(struct rule *rule, const char *value, struct flaw *flaw)
{
    return words_chance(value, &rule->share, flaw);
}

static bool take_hosts(struct rule *rule, const char *value, struct flaw *flaw)
{
    return words_chance(value, &rule->hosts, flaw);
}

static bool take_backlog(struct rule *rule, const char *value, struct flaw *flaw)
{
    uint64_t count = 0;
    if (!words_count(value, 1, UINT32_MAX, &count))
        return flaw_set(flaw, "invalid backlog", "write a number from 1");
    rule->backlog = (uint32_t)count;
    return true;
}

static bool take_limit(struct rule *rule, const char *value, struct flaw *flaw)
{
    return words_duration(value, &rule->limit_ns, flaw);
}

static bool take_over(struct rule *rule, const char *value, struct flaw *flaw)
{
    uint64_t len = 0;
    if (!words_count(value, 1, UINT16_MAX, &len))
        return flaw_set(flaw, "invalid length", "write a number of bytes from 1 to 65535");
    rule->over = (uint16_t)len;
    return true;
}

static bool take_also(struct rule *rule, const char *value, struct flaw *flaw)
{
    (void)value;
    (void)flaw;
    rule->has_next = true;
    return true;
}

static bool take_port(struct rule *rule, const char *value, struct flaw *flaw)
{
    uint64_t port = 0;
    if (!words_count(value, 1, UINT16_MAX, &port))
        return flaw_set(flaw, "invalid port", "allowed is 1-65535");
    rule->sender_port = (uint16_t)port;
    return true;
}

/* A number of bytes, or the place of one. */
static bool set_place(const char *value, size_t *place, bool *has_place, struct flaw *flaw)
{
    uint64_t count = 0;
    if (!words_count(value, 0, PACKET_DATA_MAX, &count))
        return flaw_set(flaw, "invalid number", "allowed is 0-65507");
    *place = (size_t)count;
    *has_place = true;
    return true;
}

static bool take_size(struct rule *rule, const char *value, struct flaw *flaw)
{
    return set_place(value, &rule->size, &rule->has_size, flaw);
}

static bool take_junk(struct rule *rule, const char *value, struct flaw *flaw)
{
    return set_place(value, &rule->junk_at, &rule->has_junk, flaw);
}

static bool take_flip(struct rule *rule, const char *value, struct flaw *flaw)
{
    return set_place(value, &rule->flip_at, &rule->has_flip, flaw);
}

static bool take_echo(struct rule *rule, const char *value, struct flaw *flaw)
{
    (void)value;
    (void)flaw;
    rule->has_echo = rule->answers_echo = true;
    return true;
}

static bool take_noecho(struct rule *rule, const char *value, struct flaw *flaw)
{
    (void)value;
    (void)flaw;
    rule->has_echo = true;
    rule->answers_echo = false;
    return true;
}

/* A name that ends in '=' has a value. */
static const struct {
    const char *name;
    bool (*take)(struct rule *rule, const char *value, struct flaw *flaw);
} words[] = {
    {"open", take_open},     {"refused", take_refused},  {"silent", take_silent},
    {"icmp=", take_icmp},    {"from=", take_from},       {"rtt=", take_rtt},
    {"loss=", take_loss},    {"jitter=", take_jitter},   {"share=", take_share},
    {"hosts=", take_hosts},  {"backlog=", take_backlog}, {"echo", take_echo},
    {"noecho", take_noecho}, {"half", take_half},        {"shut", take_shut},
    {"done=", take_done},    {"reset=", take_reset},     {"limit=", take_limit},
    {"over=", take_over},    {"also", take_also},        {"port=", take_port},
    {"size=", take_size},    {"junk=", take_junk},       {"flip=", take_flip},
};

static bool take_word(struct rule *rule, const char *word, struct flaw *flaw)
{
    size_t equals = strcspn(word, "=");
    size_t name_len = word[equals] == '=' ? equals + 1 : equals;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strlen(words[i].name) == name_len && memcmp(words[i].name, word, name_len) == 0)
            return words[i].take(rule, word + name_len, flaw);
    return flaw_set(flaw, "unknown word",
                    "write open, refused, silent, half, shut, icmp=TYPE/CODE, from=ADDR, "
                    "done=DUR, reset=DUR, rtt=DUR, jitter=DUR, loss=P%, share=P%, hosts=P%, "
                    "over=N, backlog=N, limit=DUR, echo, noecho, also, port=N, size=N, junk=N "
                    "or flip=N");
}

/* A word that the rule's answer, or its protocol, leaves without a meaning. */
struct vain_word {
    bool is_in_vain;
    const char *word;
    const char *remedy;
};

static bool flaw_vain_word(const struct vain_word *words_in_vain, size_t count,
                           struct flaw *flaw)
{
    for (size_t i = 0; i < count; i++) {
        if (!words_in_vain[i].is_in_vain)
            continue;
        (void)snprintf(flaw->word, sizeof flaw->word, "%s", words_in_vain[i].word);
        return flaw_set(flaw, "no use for", words_in_vain[i].remedy);
    }
    return true;
}

/* Words of one protocol. */
static bool check_protocol(const struct rule *rule, struct flaw *flaw)
{
    static const char no_tcp[] = "write it with tcp://, or without a protocol";
    static const char no_message[] = "write it with udp:// or icmp://";
    static const char no_echo[] = "write it without a protocol";
    bool is_tcp = (rule->kinds & KIND_TCP) != 0;
    bool is_plain = rule->kinds == (KIND_TCP | KIND_ECHO);
    enum manner manner = rule->manner;
    const struct vain_word in_vain[] = {
        {!is_tcp && manner == MANNER_HALF, "half", no_tcp},
        {!is_tcp && manner == MANNER_SHUT, "shut", no_tcp},
        {!is_tcp && rule->has_reset, "reset=", no_tcp},
        {!is_tcp && rule->backlog > 0, "backlog=", no_tcp},
        {rule->kinds == KIND_ECHO && manner == MANNER_REFUSED, "refused",
         "write icmp=TYPE/CODE: an echo request has no port"},
        {is_tcp && rule->has_next, "also", no_message},
        {is_tcp && rule->has_size, "size=", no_message},
        {is_tcp && rule->has_junk, "junk=", no_message},
        {is_tcp && rule->has_flip, "flip=", no_message},
        {!is_plain && rule->has_echo, rule->answers_echo ? "echo" : "noecho", no_echo},
    };
    return flaw_vain_word(in_vain, ARRAY_LEN(in_vain), flaw);
}

/* Words of one answer. */
static bool check_manner(const struct rule *rule, struct flaw *flaw)
{
    static const char no_error[] = "write it with icmp=TYPE/CODE";
    enum manner manner = rule->manner;
    bool is_open = manner == MANNER_OPEN;
    bool is_half = manner == MANNER_HALF || manner == MANNER_SHUT;
    bool is_datagram = rule->kinds == KIND_DATAGRAM;
    bool is_error = manner == MANNER_ICMP || (is_datagram && manner == MANNER_REFUSED);
    bool is_silent = manner == MANNER_SILENT;
    bool is_message = (rule->kinds & KIND_TCP) == 0 && !is_silent;
    const struct vain_word in_vain[] = {
        {rule->has_sender && !is_error && !is_message, "from=", no_error},
        {rule->limit_ns > 0 && !is_error, "limit=", no_error},
        {rule->backlog > 0 && !is_open, "backlog=", "write it with open"},
        {rule->has_done && !is_half, "done=", "write it with half or shut"},
        {rule->has_reset && !is_half && !is_open, "reset=", "write it with open, half or shut"},
        {rule->sender_port > 0 && !(is_datagram && is_open),
         "port=", "write it with udp:// and open"},
        {is_silent && rule->has_size, "size=", "write it with an answer"},
        {is_silent && rule->has_junk, "junk=", "write it with an answer"},
        {is_silent && rule->has_flip, "flip=", "write it with an answer"},
    };
    return flaw_vain_word(in_vain, ARRAY_LEN(in_vain), flaw);
}

/* What only shows once all words are read. */
static bool finish_rule(struct rule *rule, struct flaw *flaw)
{
    if (rule->manner == MANNER_NONE)
        return flaw_set(flaw, "no answer behind", manners);
    if (!check_protocol(rule, flaw) || !check_manner(rule, flaw))
        return false;
    if (!rule->has_echo)
        rule->answers_echo = rule->manner == MANNER_OPEN || rule->manner == MANNER_REFUSED;
    return true;
}

/* Copy the next word into flaw->word. False at the end of the text. */
static bool next_word(const char **text, struct flaw *flaw)
{
    *text += strspn(*text, " \t");
    size_t len = strcspn(*text, " \t");
    (void)snprintf(flaw->word, sizeof flaw->word, "%.*s", (int)len, *text);
    *text += len;
    return len > 0;
}

static bool parse_rule(struct rule *rule, const char *text, struct flaw *flaw)
{
    char word[WORD_SIZE];
    bool is_target = true;
    while (next_word(&text, flaw) || is_target) {
        memcpy(word, flaw->word, sizeof word);
        if (strlen(word) == sizeof word - 1)
            return flaw_set(flaw, "word too long", "allowed are 254 bytes");
        if (is_target ? !take_target(rule, word, flaw) : !take_word(rule, word, flaw))
            return false;
        is_target = false;
    }
    memcpy(flaw->word, word, sizeof word);
    return finish_rule(rule, flaw);
}

bool rules_init(struct rules *rules, size_t capacity)
{
    *rules = (struct rules){.items = calloc(capacity + 1, sizeof *rules->items)};
    return rules->items != NULL;
}

void rules_release(struct rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        ports_release(&rules->items[i].ports);
    free(rules->items);
    *rules = (struct rules){NULL, 0, 0};
}

bool rules_add(struct rules *rules, const char *text, struct flaw *flaw)
{
    struct rule *rule = &rules->items[rules->count++];
    *rule = (struct rule){.share = CHANCE_WHOLE, .hosts = CHANCE_WHOLE};
    ports_init(&rule->ports);
    return parse_rule(rule, text, flaw);
}

static bool holds_host(const struct rule *rule, const struct host *host)
{
    return rule->prefix.is_ipv6 == host->is_ipv6 &&
           (host->high & rule->mask.high) == rule->prefix.high &&
           (host->low & rule->mask.low) == rule->prefix.low;
}

static bool holds_port(const struct rule *rule, uint16_t port)
{
    for (size_t i = 0; i < rule->ports.count; i++)
        if (port >= rule->ports.ranges[i].first && port <= rule->ports.ranges[i].last)
            return true;
    return rule->ports.count == 0;
}

/* Whether share= and hosts= leave the endpoint in. */
static bool is_chosen(const struct rules *rules, size_t index, const struct packet *packet)
{
    const struct rule *rule = &rules->items[index];
    if (rule->share == CHANCE_WHOLE && rule->hosts == CHANCE_WHOLE)
        return true;
    uint64_t hash = hash_mix(hash_mix(rules->seed, index), packet->target.high);
    hash = hash_mix(hash, packet->target.low);
    return hash_is_within(hash, rule->hosts) &&
           hash_is_within(hash_mix(hash, packet->target_port), rule->share);
}

static bool holds_packet(const struct rule *rule, const struct packet *packet)
{
    if ((rule->kinds & 1u << packet->kind) == 0 || !holds_host(rule, &packet->target))
        return false;
    if (packet->kind != PACKET_ECHO && !holds_port(rule, packet->target_port))
        return false;
    return rule->over == 0 || (packet->is_whole && packet->len > rule->over);
}

const struct rule *rules_find(const struct rules *rules, const struct packet *packet,
                              const struct rule *last)
{
    size_t first = last != NULL ? (size_t)(last - rules->items) + 1 : 0;
    for (size_t i = first; i < rules->count; i++)
        if (holds_packet(&rules->items[i], packet) && is_chosen(rules, i, packet))
            return &rules->items[i];
    return NULL;
}

bool rule_is_error(const struct rule *rule, enum packet_kind kind)
{
    /* An echo request that a rule of TCP rejects by ICMP is not what it is for. */
    bool is_meant = kind != PACKET_ECHO || rule->kinds == KIND_ECHO;
    return is_meant && (rule->manner == MANNER_ICMP ||
                        (kind == PACKET_DATAGRAM && rule->manner == MANNER_REFUSED));
}
