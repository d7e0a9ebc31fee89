/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/err.h"

#include <errno.h>

static void test_words(void **state)
{
	(void)state;
	struct err e;
	assert_false(err_set(&e, ERR_TIMEOUT, "no greeting within %d s", 5));
	assert_string_equal(e.what, "no greeting within 5 s");
	assert_false(err_in(&e, "account %s", "work"));
	assert_string_equal(e.what, "account work: no greeting within 5 s");
	assert_false(err_hint(&e, "try %s", "again"));
	assert_false(err_said(&e, 550, "5.1.1", STR("550 5.1.1 no such user")));
	assert_string_equal(e.hint, "try again");
	assert_string_equal(e.said, "550 5.1.1 no such user");
	assert_int_equal(e.reply, 550);
	assert_string_equal(err_enhanced(&e), "5.1.1");
	assert_false(err_os(&e, ERR_OS, ENOENT, "open %s", "x"));
	assert_string_equal(e.what, "open x: No such file or directory");
	assert_int_equal(e.os, ENOENT);
	assert_string_equal(e.said, "");
	assert_string_equal(err_enhanced(&e), "4.3.0");
}

/* Its own words may be given to a new error of the same place. */
static void test_own_words(void **state)
{
	(void)state;
	struct err e;
	err_set(&e, ERR_DATA, "inner");
	err_set(&e, ERR_CONFIG, "%s", e.what);
	assert_string_equal(e.what, "inner");
	err_os(&e, ERR_OS, EIO, "outer: %s", e.what);
	assert_string_equal(e.what, "outer: inner: Input/output error");
}

static void test_cut(void **state)
{
	(void)state;
	struct err e;
	char longest[2000];
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';

	err_set(&e, ERR_DATA, "%s", longest);
	assert_int_equal(strlen(e.what), sizeof(e.what) - 1);
	err_in(&e, "context");
	assert_int_equal(strlen(e.what), sizeof(e.what) - 1);
	assert_memory_equal(e.what, "context: xxx", 12);
	err_in(&e, "%s", longest);
	assert_int_equal(strlen(e.what), sizeof(e.what) - 1);
	err_os(&e, ERR_OS, ENOENT, "%s", longest);
	assert_int_equal(strlen(e.what), sizeof(e.what) - 1);
	assert_true(str_ends_same(str_of(e.what), STR("xxx...: No such file or directory")));
	err_hint(&e, "%s", longest);
	assert_int_equal(strlen(e.hint), sizeof(e.hint) - 1);
	err_said(&e, 250, longest, str_n(longest, 1500));
	assert_int_equal(strlen(e.said), sizeof(e.said) - 1);
	assert_int_equal(strlen(e.enhanced), sizeof(e.enhanced) - 1);
}

static void test_kinds(void **state)
{
	(void)state;
	for (int kind = 0; kind < ERR_KIND_COUNT; kind++) {
		struct err e;
		err_set(&e, (enum err_kind)kind, "x");
		const char *name = err_phrase((enum err_kind)kind), *enhanced = err_enhanced(&e);
		assert_true(name && name[0]);
		CHECK_ROW(name, err_is_temporary(&e), err_status(&e) == 75);
		CHECK_ROW(name, err_status(&e) == 0, kind == ERR_NONE);
		CHECK_ROW(name, strlen(enhanced), 5);
		if (err_is_temporary(&e)) /* what is temporary never says 5 */
			CHECK_ROW(name, enhanced[0], '4');
	}
}

static void test_statuses(void **state)
{
	(void)state;
	size_t count;
	const struct err_status_row *rows = err_status_rows(&count);
	for (int kind = 0; kind < ERR_KIND_COUNT; kind++) {
		struct err e;
		size_t found = 0;
		err_set(&e, (enum err_kind)kind, "x");
		for (size_t i = 0; i < count; i++)
			found += rows[i].status == err_status(&e);
		CHECK_ROW(err_phrase((enum err_kind)kind), found, 1);
	}
	for (size_t i = 1; i < count; i++)
		CHECK_ROW(rows[i].name, rows[i].status > rows[i - 1].status, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_own_words),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_statuses),
	};
	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
