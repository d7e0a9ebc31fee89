/* SPDX-License-Identifier: MIT */
/*
 * blocked_send - loaded into the program, lets send() take nothing for a while: BLOCKED_SEND="N M"
 * has the N-th call, counted from 1, and M - 1 calls behind it, fail with EAGAIN.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
	static ssize_t (*real)(int, const void *, size_t, int);
	static unsigned calls;
	const char *text = getenv("BLOCKED_SEND");
	unsigned from = 0, count = 0;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "send");
	calls++;
	if (text && sscanf(text, "%u %u", &from, &count) == 2 && calls >= from &&
		calls < from + count) {
		errno = EAGAIN;
		return -1;
	}
	return real(fd, bytes, size, flags);
}
