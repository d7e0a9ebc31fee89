/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/clock.h"

#include <limits.h>
#include <stdlib.h>

/* Rules of POSIX, so that the test needs no zone files. */
static const char india[] = "IST-5:30", york[] = "EST5EDT,M3.2.0,M11.1.0";

static void test_dates(void **state)
{
	(void)state;
	static const struct {
		const char *zone;
		time_t t;
		const char *mail, *log;
	} rows[] = {
		{ "UTC0", 0, "Thu, 01 Jan 1970 00:00:00 +0000", "1970-01-01T00:00:00+00:00" },
		{ "UTC0", 1767225600, "Thu, 01 Jan 2026 00:00:00 +0000",
			"2026-01-01T00:00:00+00:00" },
		{ "UTC0", 951825599, "Tue, 29 Feb 2000 11:59:59 +0000",
			"2000-02-29T11:59:59+00:00" },
		{ "UTC0", 4102444800, "Fri, 01 Jan 2100 00:00:00 +0000",
			"2100-01-01T00:00:00+00:00" },
		{ "UTC0", -1, "Wed, 31 Dec 1969 23:59:59 +0000", "1969-12-31T23:59:59+00:00" },
		{ india, 1767225600, "Thu, 01 Jan 2026 05:30:00 +0530",
			"2026-01-01T05:30:00+05:30" },
		{ york, 1767225600, "Wed, 31 Dec 2025 19:00:00 -0500",
			"2025-12-31T19:00:00-05:00" },
		{ york, 1782864000, "Tue, 30 Jun 2026 20:00:00 -0400",
			"2026-06-30T20:00:00-04:00" },
		{ "NST3:30", 1767225600, "Wed, 31 Dec 2025 20:30:00 -0330",
			"2025-12-31T20:30:00-03:30" },
		{ "LHI-14", 1767225600, "Thu, 01 Jan 2026 14:00:00 +1400",
			"2026-01-01T14:00:00+14:00" },
	};
	char text[CLOCK_DATE_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		setenv("TZ", rows[i].zone, 1);
		tzset();
		clock_date_5322(rows[i].t, text);
		CHECK_TEXT(rows[i].zone, str_of(text), rows[i].mail);
		clock_date_3339(rows[i].t, text);
		CHECK_TEXT(rows[i].zone, str_of(text), rows[i].log);
	}
}

static void test_dates_far(void **state)
{
	(void)state;
	static const time_t rows[] = { 253402300800, -62135596801, INT64_MAX, INT64_MIN };
	char text[CLOCK_DATE_MAX];

	setenv("TZ", "UTC0", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		clock_date_5322(rows[i], text);
		assert_true(strlen(text) < CLOCK_DATE_MAX);
		clock_date_3339(rows[i], text);
		assert_true(strlen(text) < CLOCK_DATE_MAX);
	}
}

static void test_deadlines(void **state)
{
	(void)state;
	int64_t now = clock_now();
	assert_true(clock_now() >= now);
	assert_true(deadline_passed(now));
	assert_true(deadline_passed(deadline_in(0)));
	assert_false(deadline_passed(deadline_in(60000)));
	assert_false(deadline_passed(DEADLINE_NEVER));
	assert_int_equal(deadline_left(now - 1000), 0);
	assert_int_equal(deadline_left(DEADLINE_NEVER), -1);
	assert_in_range(deadline_left(deadline_in(60000)), 50000, 60000);
	assert_int_equal(deadline_left(now + ((int64_t)INT_MAX * 8)), INT_MAX);
	assert_true(deadline_in(INT64_MAX) == DEADLINE_NEVER);
	assert_true(deadline_first(5, DEADLINE_NEVER) == 5);
	assert_true(deadline_first(7, 5) == 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_dates_far),
		cmocka_unit_test(test_deadlines),
	};
	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
