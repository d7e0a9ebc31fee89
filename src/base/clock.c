/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef CLOCK_BOOTTIME
#define CLOCK_STEADY CLOCK_BOOTTIME
#else
#define CLOCK_STEADY CLOCK_MONOTONIC
#endif

int64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_STEADY, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

deadline deadline_in(int64_t ms)
{
	int64_t now = clock_now();

	return ms >= DEADLINE_NEVER - now ? DEADLINE_NEVER : now + ms;
}

deadline deadline_first(deadline a, deadline b)
{
	return a < b ? a : b;
}

bool deadline_passed(deadline d)
{
	return d != DEADLINE_NEVER && clock_now() >= d;
}

int deadline_left(deadline d)
{
	if (d == DEADLINE_NEVER)
		return -1;
	int64_t left = d - clock_now();
	return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* The offset of local time from UTC, in minutes, and the local time itself. */
static long local_time(time_t t, struct tm *ret_tm)
{
	struct tm tm = { 0 };

	localtime_r(&t, &tm);
	*ret_tm = tm;
	return tm.tm_gmtoff / 60;
}

void clock_date_5322(time_t t, char ret_text[CLOCK_DATE_MAX])
{
	static const char day[] = "SunMonTueWedThuFriSat";
	static const char month[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm;
	long offset = local_time(t, &tm);
	long size = labs(offset);

	snprintf(ret_text, CLOCK_DATE_MAX, "%.3s, %02d %.3s %04d %02d:%02d:%02d %c%02ld%02ld",
		day + 3 * tm.tm_wday, tm.tm_mday, month + 3 * tm.tm_mon, tm.tm_year + 1900,
		tm.tm_hour, tm.tm_min, tm.tm_sec, offset < 0 ? '-' : '+', size / 60, size % 60);
}

void clock_date_3339(time_t t, char ret_text[CLOCK_DATE_MAX])
{
	struct tm tm;
	long offset = local_time(t, &tm);
	long size = labs(offset);

	snprintf(ret_text, CLOCK_DATE_MAX, "%04d-%02d-%02dT%02d:%02d:%02d%c%02ld:%02ld",
		tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		offset < 0 ? '-' : '+', size / 60, size % 60);
}

void clock_date(time_t t, const char *format, char *ret, size_t size)
{
	struct tm tm;

	(void)local_time(t, &tm);
	if (!strftime(ret, size, format, &tm))
		ret[0] = '\0';
}
