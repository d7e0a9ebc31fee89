/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

static int verdict = EX_TEMPFAIL;
static bool verdict_known;

void verdict_set(int status)
{
	verdict = status;
	verdict_known = true;
}

void verdict_forget(void)
{
	verdict = EX_TEMPFAIL;
	verdict_known = false;
}

int verdict_get(void)
{
	return verdict;
}

/* Writes directly to the descriptor, because heap and stdio may not work here. */
static void say(const char *text)
{
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));

	(void)ignored;
}

static void say_line(const char *text)
{
	say("postrider: ");
	say(text);
	say("\n");
}

void verdict_end(const char *why)
{
	if (!verdict_known)
		say_line(why);
	_exit(verdict);
}

void verdict_crash(const char *why)
{
	if (!verdict_known || verdict != EX_OK)
		say_line(why);
	_exit(verdict_known ? verdict : EX_SOFTWARE);
}

static void ATTR_NORETURN out_of_memory(void)
{
	verdict_end("out of memory");
}

void mem_bug(const char *what, const char *file, int line)
{
	char text[256];

	snprintf(text, sizeof(text),
		"postrider: a bug at %s:%d (%s); please report it with the command you used\n",
		file, line, what);
	say(text);
	_exit(verdict_known ? verdict : EX_SOFTWARE);
}

void *mem_alloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *mem_grow(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

char *mem_dup(const char *bytes, size_t len)
{
	char *p = mem_alloc(len + 1);

	if (len)
		memcpy(p, bytes, len);
	return p;
}

char *mem_str(const char *text)
{
	return mem_dup(text, strlen(text));
}

char *mem_fmt(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	must(n >= 0);

	char *p = mem_alloc((size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void mem_free(void *p)
{
	free(p);
}

void mem_free_at(void *p)
{
	free(*(void **)p);
}

void mem_wipe(void *p, size_t len)
{
	if (len)
		explicit_bzero(p, len);
}

static size_t in_pages(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

/*
 * Allocates whole pages, so that locking them and excluding them from dumps affects nothing else.
 * If either fails the run goes on: a small RLIMIT_MEMLOCK must not stop the mail.
 */
void *mem_secret(size_t size)
{
	size_t whole = in_pages(size);
	void *p = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		out_of_memory();
	int kept = errno; /* of a call that matters: what fails here does not */
	(void)mlock(p, whole);
#ifdef MADV_DONTDUMP
	(void)madvise(p, whole, MADV_DONTDUMP);
#endif
	errno = kept;
	return p;
}

void mem_secret_free(void *p, size_t used, size_t size)
{
	if (!p)
		return;
	mem_wipe(p, used);
	munmap(p, in_pages(size));
}

bool secret_set(struct secret *s, const char *bytes, size_t len)
{
	if (len > SECRET_MAX) {
		secret_done(s);
		return false;
	}
	char *p = mem_secret(len + 1);
	if (len)
		memcpy(p, bytes, len);
	secret_done(s);
	*s = (struct secret) { .bytes = p, .len = len };
	return true;
}

bool secret_is_set(const struct secret *s)
{
	return s->bytes != NULL;
}

void secret_copy(struct secret *to, const struct secret *from)
{
	if (from->bytes)
		(void)secret_set(to, from->bytes, from->len);
	else
		secret_done(to);
}

void secret_done(struct secret *s)
{
	mem_secret_free(s->bytes, s->len, s->len + 1);
	*s = (struct secret) { 0 };
}
