/*
 * links: a network of real links, in namespaces that the test program moves itself into.
 *
 * That needs root, ip and nft. Without them the tests say "skipped".
 */
#ifndef TESTS_CLI_LINKS_H
#define TESTS_CLI_LINKS_H

/*
 * For a group fixture of cmocka: enter network and mount namespaces of its own and run `setup`,
 * a script of sh. 0, also where that is not possible here; -1: the script failed.
 */
int links_open(const char *setup);

/* Skip the test where there is no such network here. */
void links_need(void);

#endif
