/*
 * greeting: what the questions of services that speak in lines share. Such a service greets
 * first, so that there is often nothing to ask but to listen.
 *
 * A line ends with LF, and a CR before it is left out.
 */
#ifndef NETCHECK_GREETING_H
#define NETCHECK_GREETING_H

#include "answer.h"

/* Bytes from..to of the answer; the line behind it begins at `next`. */
struct line {
    size_t from;
    size_t to;
    size_t next;
};

/* Read the line at `from`. False: its end has not come. */
bool line_read(const struct answer_bytes *answer, size_t from, struct line *line);

/* Whether it is this word, or begins with it and a space. */
bool line_has_word(const struct answer_bytes *answer, const struct line *line,
                   const char *word);

/* Whether this text stands somewhere in it. */
bool line_contains(const struct answer_bytes *answer, const struct line *line,
                   const char *text);

/* Behind the words of the reply the line. */
void line_quote(const struct answer_bytes *answer, const struct line *line,
                struct reply *reply);

/* The verdict where the rest of a line or of a reply has not come: MORE while it can come. */
enum question_verdict greeting_await(const struct answer_bytes *answer);

enum { GREETING_WORDS = 2 };

/* A greeting of one line, by what it begins with. Words that are not needed are NULL. */
struct greeting {
    const char *service;
    const char *ready[GREETING_WORDS];
    const char *not_ready[GREETING_WORDS];
};

/* The verdict of the first line, without words. line: out, with READY and NOT_READY. */
enum question_verdict greeting_judge(const struct greeting *greeting,
                                     const struct answer_bytes *answer, struct line *line);

/* The same, with the whole line behind the name of the service as words. */
enum question_verdict greeting_tell(const struct greeting *greeting,
                                    const struct answer_bytes *answer, struct reply *reply);

/*
 * A greeting that begins with a number of three digits, on one line or more (RFC 5321, section
 * 4.2; RFC 959, section 4.2). 220 is ready; 120 and what begins with 4 or 5 is not.
 *
 * own, foreign  a greeting with `foreign` in its first line, and without `own`, is of another
 *               service that greets alike
 */
struct numbered {
    const char *service;
    const char *own;
    const char *foreign;
};

enum question_verdict numbered_tell(const struct numbered *numbered,
                                    const struct answer_bytes *answer, struct reply *reply);

/* The question of a service that is not asked. */
size_t greeting_build(unsigned char bytes[static QUESTION_SIZE],
                      const struct question_input *input);

#endif
