/* SPDX-License-Identifier: MIT */
/* How far something has got, in the columns there are. */
#include "unit.h"

#include "ui/transfer_speed.h"

enum { MIB = 1 << 20 };

static void check(const struct transfer_speed *g, size_t columns, const char *wanted)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(200);

	buf_add(&out, STR("x"));
	transfer_speed_text(g, columns, &out);
	CHECK_TEXT(wanted, str_from(buf_str(&out), 1), wanted);
}

static void test_columns(void **state)
{
	struct transfer_speed g;

	(void)state;
	transfer_speed_init(&g, 1000, 100 * MIB);
	transfer_speed_at(&g, 11000, 12 * MIB);
	check(&g, 80, "12.0 MiB of 100.0 MiB (12%), 1.2 MiB/s, 74 s left");
	check(&g, 49, "12.0 MiB of 100.0 MiB (12%), 1.2 MiB/s, 74 s left");
	check(&g, 48, "12%, 1.2 MiB/s, 74 s left");
	check(&g, 24, "12%, 74 s left");
	check(&g, 13, "12%");
	check(&g, 3, "12%");
	check(&g, 2, "");
	check(&g, 0, "");
}

static void test_values(void **state)
{
	(void)state;
	static const struct {
		uint64_t all, done;
		int64_t ms;
		const char *text;
	} rows[] = {
		{ 0, 0, 0, "0.0 KiB, 0.0 KiB/s" },
		{ 0, 3 * MIB, 2000, "3.0 MiB, 1.5 MiB/s" },
		{ 1000, 0, 0, "0.0 KiB of 1.0 KiB (0%), 0.0 KiB/s" },
		{ 1000, 0, 5000, "0.0 KiB of 1.0 KiB (0%), 0.0 KiB/s" },
		{ 4 * MIB, 4 * MIB, 1000, "4.0 MiB of 4.0 MiB (100%), 4.0 MiB/s" },
		{ 4 * MIB, 5 * MIB, 1000, "5.0 MiB of 4.0 MiB (100%), 5.0 MiB/s" },
		{ 1000 * MIB, 999 * MIB, 999000,
			"999.0 MiB of 1000.0 MiB (99%), 1.0 MiB/s, 1 s left" },
		{ 200 * MIB, 100 * MIB, 101000,
			"100.0 MiB of 200.0 MiB (50%), 1013.9 KiB/s, 2 min left" },
		{ 3ULL << 40, 1ULL << 30, 60000, "1.0 GiB of 3.0 TiB (0%), 17.1 MiB/s, 52 h left" },
		{ 1ULL << 50, 1, 60000, "0.0 KiB of 1024.0 TiB (0%), 0.0 KiB/s" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct transfer_speed g;
		transfer_speed_init(&g, 7, rows[i].all);
		transfer_speed_at(&g, rows[i].ms + 7, rows[i].done);
		check(&g, 100, rows[i].text);
	}
}

/* The rate is that of the last seconds, not that of all the time. */
static void test_rate(void **state)
{
	struct transfer_speed g;
	int64_t ms = 0;
	uint64_t done = 0;

	(void)state;
	transfer_speed_init(&g, 0, 1000 * MIB);
	for (; ms < 60000; ms += 100, done += MIB)
		transfer_speed_at(&g, ms, done);
	for (; ms < 70000; ms += 100, done += MIB / 10)
		transfer_speed_at(&g, ms, done);
	check(&g, 100, "609.9 MiB of 1000.0 MiB (60%), 1.0 MiB/s, 7 min left");
	transfer_speed_at(&g, ms + 100000, done); /* it stood still */
	check(&g, 20, "60%, 4 h left");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_rate),
	};

	return cmocka_run_group_tests_name("transfer_speed", tests, NULL, NULL);
}
