#define _GNU_SOURCE /* unshare */

#include "links.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "harness.h"

static const char *why_not;

int links_open(const char *setup)
{
    if (geteuid() != 0)
        why_not = "needs root";
    else if (system("command -v ip nft >/dev/null") != 0)
        why_not = "needs ip and nft (packages iproute2 and nftables)";
    else if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0 ||
             mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        why_not = "no namespaces here";
    else if (system(setup) != 0)
        return -1;
    if (why_not != NULL)
        print_message("skipped: %s\n", why_not);
    return 0;
}

void links_need(void)
{
    if (why_not != NULL)
        skip();
}
