#include "netcheck/target/services.h"

#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/os/name_service.h"

enum { NAME_SIZE = 64 };

struct service {
    const char *name;
    uint16_t port;
};

static const struct service known[] = {
    {"ftp", 21},
    {"ssh", 22},
    {"sftp", 22},
    {"telnet", 23},
    {"smtp", 25},
    {"domain", 53},
    {"dns", 53},
    {"http", 80},
    {"ws", 80},
    {"pop", 110},
    {"pop3", 110},
    {"imap", 143},
    {"ldap", 389},
    {"https", 443},
    {"wss", 443},
    {"smb", 445},
    {"cifs", 445},
    {"smtps", 465},
    {"submissions", 465},
    {"rtsp", 554},
    {"submission", 587},
    {"ldaps", 636},
    {"dot", 853},
    {"rsync", 873},
    {"ftps", 990},
    {"imaps", 993},
    {"pop3s", 995},
    {"mssql", 1433},
    {"sqlserver", 1433},
    {"oracle", 1521},
    {"mqtt", 1883},
    {"rtmp", 1935},
    {"nfs", 2049},
    {"zk", 2181},
    {"zookeeper", 2181},
    {"mysql", 3306},
    {"mysql2", 3306},
    {"mariadb", 3306},
    {"percona", 3306},
    {"rdp", 3389},
    {"ms-wbt-server", 3389},
    {"nats", 4222},
    {"xmpp", 5222},
    {"xmpps", 5223},
    {"postgresql", 5432},
    {"postgres", 5432},
    {"pgsql", 5432},
    {"postgis", 5432},
    {"timescale", 5432},
    {"timescaledb", 5432},
    {"amqps", 5671},
    {"amqp", 5672},
    {"rfb", 5900},
    {"vnc", 5900},
    {"redis", 6379},
    {"keydb", 6379},
    {"valkey", 6379},
    {"rediss", 6379},
    {"valkeys", 6379},
    {"bolt", 7687},
    {"neo4j", 7687},
    {"mqtts", 8883},
    {"cassandra", 9042},
    {"kafka", 9092},
    {"memcache", 11211},
    {"memcached", 11211},
    {"beanstalk", 11300},
    {"beanstalkd", 11300},
    {"mongodb", 27017},
};

/* Asked over UDP unless somebody says otherwise, also where IANA has the port for TCP, too. */
static const struct service known_of_udp[] = {
    {"tftp", 69},    {"ntp", 123},     {"snmp", 161},   {"snmptrap", 162},
    {"syslog", 514}, {"radius", 1812}, {"stun", 3478},  {"turn", 3478},
    {"mdns", 5353},  {"coap", 5683},   {"coaps", 5684},
};

static uint16_t find_known(const struct service *services, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(services[i].name, name) == 0)
            return services[i].port;
    return 0;
}

static uint16_t find_of_system(const char *name, enum protocol_id *protocol)
{
    if (*protocol != PROTOCOL_NONE)
        return os_service_port(name, protocols_transport(*protocol));
    uint16_t port = os_service_port(name, protocols_transport(PROTOCOL_TCP));
    if (port != 0)
        return port;
    port = os_service_port(name, protocols_transport(PROTOCOL_UDP));
    if (port != 0)
        *protocol = PROTOCOL_UDP;
    return port;
}

/* In small letters, terminated. False: no service has such a name. */
static bool copy_name(const char *name, size_t len, char copy[static NAME_SIZE])
{
    if (len == 0 || len >= NAME_SIZE || memchr(name, '\0', len) != NULL)
        return false;
    for (size_t i = 0; i < len; i++)
        copy[i] = ascii_lower(name[i]);
    copy[len] = '\0';
    return true;
}

uint16_t services_find(const char *name, size_t len, enum protocol_id *protocol)
{
    char copy[NAME_SIZE];
    if (!copy_name(name, len, copy))
        return 0;
    uint16_t port = find_known(known, ARRAY_LEN(known), copy);
    if (port != 0)
        return port;
    port = find_known(known_of_udp, ARRAY_LEN(known_of_udp), copy);
    if (port == 0)
        return find_of_system(copy, protocol);
    if (*protocol == PROTOCOL_NONE)
        *protocol = PROTOCOL_UDP;
    return port;
}

bool services_speak_tls(const char *name, size_t len)
{
    static const char *const names[] = {
        "tls",   "ssl",   "https",  "wss",     "smtps",    "submissions",
        "ldaps", "dot",   "ftps",   "imaps",   "pop3s",    "xmpps",
        "amqps", "mqtts", "rediss", "valkeys", "sasl_ssl",
    };
    char copy[NAME_SIZE];
    if (!copy_name(name, len, copy))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i], copy) == 0)
            return true;
    return false;
}

uint16_t services_port(const char *name, size_t len)
{
    enum protocol_id protocol = PROTOCOL_NONE;
    return services_find(name, len, &protocol);
}
