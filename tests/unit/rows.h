/*
 * rows: results of every kind, for tests of what is written about them. Main thread only.
 */
#ifndef NETCHECK_TESTS_UNIT_ROWS_H
#define NETCHECK_TESTS_UNIT_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "netcheck/report/report.h"

/* The monotonic time of each row, and what makes 2026-11-23 03:00:00.123456789 of it. */
extern const int64_t rows_finished_ns;
extern const int64_t rows_wall_offset_ns;

/* The target that `text` is, with one reference. */
struct target *target_of(const char *text);

/* "" is no address. */
struct address address_of(const char *text);
struct icmp icmp_of(const char *sender, uint8_t type, uint8_t code);

/* An outcome that no errno alone says. */
struct outcome remark_of(enum reason reason, enum remark remark, int error);

/* A row about the first endpoint of `text`, at `address` ("" for none), asked once. */
struct result row_of(const char *text, const char *address, struct outcome outcome);

/* Such rows: up in 0.812 ms; down in 0.412 ms by an errno, or by ICMP. */
struct result up_of(const char *text, const char *address);
struct result down_of(const char *text, const char *address, int error);
struct result icmp_row(const char *text, const char *address, int error, struct icmp icmp);

/* What was asked once came back with these bytes, after 0.612 ms. */
struct result answered_of(const char *text, const char *address, enum reason reason,
                          const char *bytes, size_t len);

/* "db:5432" at 10.0.0.5. */
struct result timeout_of(int64_t waited_ns, int syn_retransmits);

/* Never asked: without an address, or a bad line of a file. */
struct result error_of(const char *text, struct outcome outcome);
struct result invalid_of(const char *line, size_t len, struct fault fault, const char *source,
                         size_t number);

/* What the format writes about the row, whose references are dropped. */
void claim_row(const char *label, const char *format, struct report report,
               struct result result, const char *expected);

#endif
