/* SPDX-License-Identifier: MIT */
/*
 * mem - memory that cannot fail, bugs that end the process, secrets that forget.
 *
 * mem_* return owned memory, to be released with mem_free(), and never NULL: out of memory ends
 * the process with the verdict. The verdict is the exit status that is true at this moment:
 * EX_TEMPFAIL until the final reply to the message was read, then what that reply means; only
 * verdict_set() changes it. must(cond) states what a bug alone can break: it is on in release
 * builds, prints one line and ends the process (EX_SOFTWARE, or the verdict once one is set).
 *
 * struct secret holds a password or token of at most SECRET_MAX octets in memory for secrets, and
 * has no path to a printf.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/attr.h"

#include <stdarg.h>

enum { SECRET_MAX = 65536 };

void *mem_alloc(size_t size) ATTR_NONNULL_RESULT; /* zeroed */
void *mem_grow(void *old, size_t size) ATTR_NONNULL_RESULT;
char *mem_dup(const char *bytes, size_t len) ATTR_NONNULL_RESULT; /* with a NUL behind */
char *mem_str(const char *text) ATTR_NONNULL_RESULT;
char *mem_fmt(const char *fmt, ...) ATTR_PRINTF(1, 2) ATTR_NONNULL_RESULT;
void mem_free(void *p); /* NULL is fine */
void mem_wipe(void *p, size_t len);

/* Zeroed memory for secrets: locked where the system allows it, kept out of core dumps. */
void *mem_secret(size_t size) ATTR_NONNULL_RESULT;
void mem_secret_free(void *p, size_t size); /* wiped; NULL is fine */

/* For CLEAN_UP: frees what the pointer variable at p points to. */
void mem_free_at(void *p);

void verdict_set(int status);
int verdict_get(void);
/* Ends the process with it, at once; says why in a line unless the verdict is known. */
void verdict_end(const char *why) ATTR_NORETURN;

#define must(cond) ((cond) ? (void)0 : mem_bug(#cond, __FILE__, __LINE__))
void mem_bug(const char *what, const char *file, int line) ATTR_NORETURN;

struct secret {
	char *bytes; /* NULL: none; else NUL-terminated */
	size_t len;
};

/* Copies len octets into s, wiping what it held. False, with s empty, when len > SECRET_MAX. */
bool secret_set(struct secret *s, const char *bytes, size_t len);
bool secret_is_set(const struct secret *s);
void secret_copy(struct secret *to, const struct secret *from);
void secret_done(struct secret *s);

#endif
