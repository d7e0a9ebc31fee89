/* SPDX-License-Identifier: MIT */
/*
 * fast_clock - loaded into the program, makes its steady clock run faster, and its waits shorter:
 * FAST_CLOCK times. So half a minute of silence is no half a minute of a test. CLOCK_SHIFT sets the
 * time of day, by so many seconds.
 */
#include <dlfcn.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static int64_t factor(void)
{
	const char *text = getenv("FAST_CLOCK");

	return text ? strtoll(text, NULL, 10) : 1;
}

int clock_gettime(clockid_t id, struct timespec *ret)
{
	static int (*real)(clockid_t, struct timespec *);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	int rc = real(id, ret);
	if (rc != 0 || (id != CLOCK_MONOTONIC && id != CLOCK_BOOTTIME))
		return rc;
	int64_t ns = ret->tv_sec * 1000000000LL + ret->tv_nsec;
	ns *= factor();
	ret->tv_sec = ns / 1000000000LL;
	ret->tv_nsec = ns % 1000000000LL;
	return 0;
}

time_t time(time_t *ret)
{
	const char *shift = getenv("CLOCK_SHIFT");
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += shift ? (time_t)strtoll(shift, NULL, 10) : 0;
	if (ret)
		*ret = now.tv_sec;
	return now.tv_sec;
}

int poll(struct pollfd *fds, nfds_t count, int ms)
{
	static int (*real)(struct pollfd *, nfds_t, int);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "poll");
	return real(fds, count, ms > 0 ? (int)(ms / factor() + 1) : ms);
}
