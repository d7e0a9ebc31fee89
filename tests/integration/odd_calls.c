/* SPDX-License-Identifier: MIT */
/*
 * odd_calls - loaded into the program, has calls fail that never do: ODD_CALLS names which.
 *
 *   spawn   a helper cannot get its standard output
 *   read    a file named "stuck" has nothing to read now, although poll() says it has
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static int is_stuck(int fd)
{
	char link[64], path[PATH_MAX];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path));
	return n > 6 && memcmp(path + n - 6, "/stuck", 6) == 0;
}

ssize_t read(int fd, void *to, size_t size)
{
	static ssize_t (*real)(int, void *, size_t);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "read");
	if (is_odd("read") && is_stuck(fd)) {
		errno = EAGAIN;
		return -1;
	}
	return real(fd, to, size);
}
