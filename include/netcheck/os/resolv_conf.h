/*
 * resolv_conf: how long to wait for name servers, where the user does not say.
 *
 * Knows the format of resolv.conf(5) as glibc reads it: a keyword begins its line and a blank
 * follows, options are words between blanks. Reads no file.
 */
#ifndef NETCHECK_RESOLV_CONF_H
#define NETCHECK_RESOLV_CONF_H

/*
 * Options to add to RES_OPTIONS so that a second name server is heard within the usual timeout.
 *
 * res_options  what RES_OPTIONS says; NULL: it is not set
 * text         resolv.conf; "": there is none
 *
 * Returns a literal, or NULL where "timeout:" or "attempts:" is given in either place.
 *
 * glibc gives each name server 5 s, as long as -t is by default: the second one would never be
 * heard. With these numbers a dead first server costs a second, and one server, or both, may
 * still take 5.5 s to answer, which "timeout:1" alone would never let through.
 */
const char *resolv_conf_patience(const char *res_options, const char *text);

#endif
