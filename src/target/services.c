#include "netcheck/target/services.h"

#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/os/name_service.h"

enum { NAME_SIZE = 64 };

static const struct {
    const char *name;
    uint16_t port;
} known[] = {
    {"ftp", 21},         {"ssh", 22},          {"sftp", 22},
    {"telnet", 23},      {"smtp", 25},         {"domain", 53},
    {"dns", 53},         {"http", 80},         {"ws", 80},
    {"pop3", 110},       {"imap", 143},        {"ldap", 389},
    {"https", 443},      {"wss", 443},         {"smtps", 465},
    {"rtsp", 554},       {"submission", 587},  {"ldaps", 636},
    {"imaps", 993},      {"pop3s", 995},       {"mssql", 1433},
    {"sqlserver", 1433}, {"oracle", 1521},     {"mqtt", 1883},
    {"rtmp", 1935},      {"nfs", 2049},        {"mysql", 3306},
    {"mariadb", 3306},   {"rdp", 3389},        {"ms-wbt-server", 3389},
    {"nats", 4222},      {"postgresql", 5432}, {"postgres", 5432},
    {"xmpp", 5222},      {"amqp", 5672},       {"amqps", 5671},
    {"vnc", 5900},       {"redis", 6379},      {"rediss", 6379},
    {"bolt", 7687},      {"neo4j", 7687},      {"mqtts", 8883},
    {"cassandra", 9042}, {"kafka", 9092},      {"memcached", 11211},
    {"mongodb", 27017},
};

uint16_t services_port(const char *name, size_t len)
{
    char copy[NAME_SIZE];
    if (len == 0 || len >= sizeof copy || memchr(name, '\0', len) != NULL)
        return 0;
    for (size_t i = 0; i < len; i++)
        copy[i] = ascii_lower(name[i]);
    copy[len] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(known[i].name, copy) == 0)
            return known[i].port;
    return os_service_port(copy);
}
