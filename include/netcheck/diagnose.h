/*
 * diagnose: what the program says of itself on standard error. Besides main.c the only place
 * that prints.
 */
#ifndef NETCHECK_DIAGNOSE_H
#define NETCHECK_DIAGNOSE_H

/*
 * Write "netcheck: ", the formatted text and a line end to standard error, in one piece.
 * Foreign bytes in it must be escaped by the caller. A failure is ignored: there is nobody left
 * to tell.
 */
void diagnose(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
