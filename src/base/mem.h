/* SPDX-License-Identifier: MIT */
/*
 * mem - allocation that cannot fail, checks for bugs, and memory for secrets.
 *
 * mem_* return memory that the caller frees with mem_free(), and never NULL: if memory runs out,
 * the process ends with the verdict. The verdict is the exit status that is true at this moment:
 * EX_TEMPFAIL until the final reply to the message was read, then what that reply means; only
 * verdict_set() changes it. must(cond) asserts what only a bug can violate. It is active in release
 * builds too: it prints one line and ends the process (EX_SOFTWARE, or the verdict if one is set).
 *
 * struct secret holds a password or token of at most SECRET_MAX octets in memory for secrets; no
 * function prints it.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/attr.h"

#include <stdarg.h>

enum { SECRET_MAX = 65536 };

void *mem_alloc(size_t size) ATTR_NONNULL_RESULT; /* zeroed */
void *mem_grow(void *old, size_t size) ATTR_NONNULL_RESULT;
char *mem_dup(const char *bytes, size_t len) ATTR_NONNULL_RESULT; /* adds a NUL */
char *mem_str(const char *text) ATTR_NONNULL_RESULT;
char *mem_fmt(const char *fmt, ...) ATTR_PRINTF(1, 2) ATTR_NONNULL_RESULT;
void mem_free(void *p); /* NULL is fine */
void mem_wipe(void *p, size_t len);

/* Zeroed memory for secrets: locked where the system allows it, kept out of core dumps. */
void *mem_secret(size_t size) ATTR_NONNULL_RESULT;
/* Wipes the first `used` octets, all that ever held something. NULL is fine. */
void mem_secret_free(void *p, size_t used, size_t size);

/* For CLEAN_UP: frees what the pointer variable at p points to. */
void mem_free_at(void *p);

void verdict_set(int status);
/* It is not known: another message begins. */
void verdict_forget(void);
int verdict_get(void);
/* Ends the process with EX_SOFTWARE, or the verdict if one was set; says why, but if that is 0. */
void verdict_crash(const char *why) ATTR_NORETURN;
/* Ends the process with the verdict; prints why, unless a verdict was set. Signal-safe. */
void verdict_end(const char *why) ATTR_NORETURN;

#define must(cond) ((cond) ? (void)0 : mem_bug(#cond, __FILE__, __LINE__))
void mem_bug(const char *what, const char *file, int line) ATTR_NORETURN;

struct secret {
	char *bytes; /* NUL-terminated; NULL: none */
	size_t len;
};

/* Replaces the secret in s by a copy of len octets. False, with s empty, if len > SECRET_MAX. */
bool secret_set(struct secret *s, const char *bytes, size_t len);
bool secret_is_set(const struct secret *s);
void secret_copy(struct secret *to, const struct secret *from);
void secret_done(struct secret *s);

#endif
