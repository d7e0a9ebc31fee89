/* SPDX-License-Identifier: MIT */
/*
 * no_memory - there is no memory any more once a server has said something.
 *
 * Loaded before the program (LD_PRELOAD). After recv() has read octets with the text $NO_MEMORY in
 * them, every allocation fails.
 */
/* glibc would have a recv() of its own inline. */
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t size);

static bool is_empty;

static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

void *malloc(size_t size)
{
	return is_empty ? no_memory() : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return is_empty ? no_memory() : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	return is_empty ? no_memory() : __libc_realloc(p, size);
}

ssize_t recv(int fd, void *to, size_t size, int flags)
{
	static ssize_t (*real)(int, void *, size_t, int);
	const char *mark = getenv("NO_MEMORY");

	if (!real) {
		void *found = dlsym(RTLD_NEXT, "recv");
		memcpy(&real, &found, sizeof(real));
	}
	ssize_t n = real(fd, to, size, flags);
	if (n > 0 && mark && memmem(to, (size_t)n, mark, strlen(mark)))
		is_empty = true;
	return n;
}
