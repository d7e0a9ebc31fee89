/* SPDX-License-Identifier: MIT */
/*
 * odd_calls - loaded into the program, has calls fail that never do: ODD_CALLS names which.
 *
 *   spawn   a helper cannot get its standard output
 *   read    a file named "stuck" has nothing to read now, although poll() says it has
 *   random  there are no random numbers
 *   "open PATH ERRNO", "read PATH ERRNO"   this file cannot be opened, or be read
 *   "library FUNCTION CODE"   a function of GnuTLS or GNU SASL returns that code
 *   "crash FUNCTION ERRNO", "abort FUNCTION ERRNO"   it crashes, with that errno
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static int is_odd(const char *call)
{
	const char *text = getenv("ODD_CALLS");

	return text && strcmp(text, call) == 0;
}

int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int fd, int to)
{
	static int (*real)(posix_spawn_file_actions_t *, int, int);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "posix_spawn_file_actions_adddup2");
	return to == STDOUT_FILENO && is_odd("spawn") ? EBADF : real(actions, fd, to);
}

/* What a call on that path or of that function fails with; 0: it does not. */
static int failure(const char *call, const char *path)
{
	char what[16], meant[PATH_MAX];
	const char *text = getenv("ODD_CALLS");
	int code;

	if (!text || !path || sscanf(text, "%15s %4095s %d", what, meant, &code) != 3)
		return 0;
	return strcmp(what, call) == 0 && strcmp(meant, path) == 0 ? code : 0;
}

static int open_file(const char *path, int flags, mode_t mode)
{
	int failed = failure("open", path);
	int (*real)(const char *, int, ...);

	*(void **)&real = dlsym(RTLD_NEXT, "open64");
	if (!failed)
		return real(path, flags, mode);
	errno = failed;
	return -1;
}

/* The name of it is open64, as offsets have 64 bits. */
int open(const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	mode_t mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_file(path, flags, mode);
}

ssize_t getrandom(void *to, size_t size, unsigned flags)
{
	static ssize_t (*real)(void *, size_t, unsigned);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "getrandom");
	if (is_odd("random")) {
		errno = ENOSYS;
		return -1;
	}
	return real(to, size, flags);
}

/* errno is what a failed allocation before it left. */
static void crash(const char *name)
{
	int *volatile nowhere = NULL;
	int as_if = failure("crash", name), aborts = failure("abort", name);

	errno = as_if ? as_if : aborts ? aborts : errno;
	if (as_if)
		*nowhere = 1;
	if (aborts)
		abort();
}

#define LIBRARY(name)                                         \
	int name(long a, long b, long c, long d, long e);     \
	int name(long a, long b, long c, long d, long e)      \
	{                                                     \
		int (*real)(long, long, long, long, long);    \
		int failed = failure("library", #name);       \
		crash(#name);                                 \
		*(void **)&real = dlsym(RTLD_NEXT, #name);    \
		return failed ? failed : real(a, b, c, d, e); \
	}

LIBRARY(gnutls_global_init)
LIBRARY(gnutls_init)
LIBRARY(gnutls_handshake)
LIBRARY(gnutls_certificate_allocate_credentials)
LIBRARY(gnutls_priority_init2)
LIBRARY(gnutls_credentials_set)
LIBRARY(gnutls_server_name_set)
LIBRARY(gnutls_record_send)
LIBRARY(gnutls_x509_crt_init)
LIBRARY(gnutls_deinit)
LIBRARY(gsasl_init)
LIBRARY(gsasl_client_start)
LIBRARY(gsasl_step)
LIBRARY(gsasl_saslprep)

static int is_stuck(int fd, char path[PATH_MAX])
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, PATH_MAX - 1);
	path[n > 0 ? n : 0] = '\0';
	return n > 6 && memcmp(path + n - 6, "/stuck", 6) == 0;
}

ssize_t read(int fd, void *to, size_t size)
{
	static ssize_t (*real)(int, void *, size_t);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "read");
	char path[PATH_MAX];
	bool stuck = getenv("ODD_CALLS") && is_stuck(fd, path);
	int failed = getenv("ODD_CALLS") ? failure("read", path) : 0;
	if (failed || (is_odd("read") && stuck)) {
		errno = failed ? failed : EAGAIN;
		return -1;
	}
	return real(fd, to, size);
}
