/* SPDX-License-Identifier: MIT */
/*
 * inject - loaded into the program, has one of its calls fail.
 *
 *   FAULT_ALLOCATION=N   the N-th allocation fails, by whichever function; the others do not
 *   FAULT_SHORT=1        reading and writing move a single octet at a time
 *   FAULT_COUNT=FILE     how many allocations there were is written into the file at the end
 *
 * Only the process itself is concerned, no helper that it starts.
 */
/* glibc would have functions of its own inline. */
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t size);

static long allocations, fails_at;
static int count_fd = -1; /* opened at once, as later no file may be */
static bool is_short, started;
static pid_t ours;

__attribute__((constructor)) static void start(void)
{
	const char *at = getenv("FAULT_ALLOCATION"), *octets = getenv("FAULT_SHORT");

	fails_at = at ? atol(at) : 0;
	is_short = octets != NULL;
	ours = getpid();
	const char *count = getenv("FAULT_COUNT");
	int fd = count ? open(count, O_WRONLY | O_TRUNC | O_CLOEXEC) : -1;
	if (fd >= 0) {
		count_fd = fcntl(fd, F_DUPFD_CLOEXEC, 100);
		close(fd);
	}
	started = true;
}

static void report(void)
{
	char text[30];

	if (count_fd < 0 || getpid() != ours)
		return;
	int n = snprintf(text, sizeof(text), "%ld\n", allocations);
	(void)!write(count_fd, text, (size_t)n);
}

__attribute__((destructor)) static void end(void)
{
	report();
}

static bool fails(void)
{
	if (!started || getpid() != ours || ++allocations != fails_at)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}

/* The next function of that name, as a pointer to a function of any type. */
static void find(const char *name, void *ret)
{
	void *found = dlsym(RTLD_NEXT, name);

	memcpy(ret, &found, sizeof(found));
}

static size_t some(size_t size)
{
	return is_short && size > 1 ? 1 : size;
}

ssize_t read(int fd, void *to, size_t size)
{
	static ssize_t (*real)(int, void *, size_t);

	if (!real)
		find("read", &real);
	return real(fd, to, some(size));
}

ssize_t write(int fd, const void *bytes, size_t size)
{
	static ssize_t (*real)(int, const void *, size_t);

	if (!real)
		find("write", &real);
	return real(fd, bytes, some(size));
}

ssize_t recv(int fd, void *to, size_t size, int flags)
{
	static ssize_t (*real)(int, void *, size_t, int);

	if (!real)
		find("recv", &real);
	return real(fd, to, some(size), flags);
}

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
	static ssize_t (*real)(int, const void *, size_t, int);

	if (!real)
		find("send", &real);
	return real(fd, bytes, some(size), flags);
}
