/* SPDX-License-Identifier: MIT */
/*
 * clock - monotonic deadlines and the dates of mail and logs.
 *
 * A deadline is an absolute time in milliseconds of a clock that no one can set and that runs
 * on while the machine sleeps (CLOCK_BOOTTIME on Linux, else CLOCK_MONOTONIC).
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/attr.h"

#include <time.h>

typedef int64_t deadline;
#define DEADLINE_NEVER INT64_MAX

int64_t clock_now(void); /* milliseconds since some fixed point */
deadline deadline_in(int64_t ms);
deadline deadline_first(deadline a, deadline b);
bool deadline_passed(deadline d);
/* Milliseconds left, for poll(): 0 when passed, -1 for DEADLINE_NEVER. */
int deadline_left(deadline d);

enum { CLOCK_DATE_MAX = 48 };

/* "Thu, 01 Jan 2026 00:00:00 +0000" in local time, names in English (RFC 5322 section 3.3). */
void clock_date_5322(time_t t, char ret_text[CLOCK_DATE_MAX]);
/* Formats as strftime(3), cut to fit. */
void clock_date(time_t t, const char *format, char *ret, size_t size);
/* "2026-01-01T00:00:00+00:00" (RFC 3339). */
void clock_date_3339(time_t t, char ret_text[CLOCK_DATE_MAX]);

#endif
