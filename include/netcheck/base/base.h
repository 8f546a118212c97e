/*
 * base: the handful of helpers that every module may use.
 *
 * Depends on nothing but the C library.
 */
#ifndef NETCHECK_BASE_H
#define NETCHECK_BASE_H

#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* The struct of type `type` whose member `member` is at `pointer`. */
#define CONTAINER_OF(pointer, type, member) \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

/*
 * Behind a prototype: argument number `format_at` is a format of printf(3) for those from
 * number `first_at` on. A compiler that can then compares them.
 */
#ifdef __GNUC__
#define PRINTF_LIKE(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#else
#define PRINTF_LIKE(format_at, first_at)
#endif

/* A point in time that never comes. */
#define NEVER_NS INT64_MAX

#endif
