/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "os/process.h"

#include <errno.h>
#include <signal.h>

static bool run(const char *command, int64_t ms, struct secret *ret, struct err *e)
{
	return process_first_line(command, deadline_in(ms), ret, e);
}

static void test_first_line(void **state)
{
	(void)state;
	static const struct {
		const char *command, *wanted; /* NULL: it fails */
		enum err_kind kind;
	} rows[] = {
		{ "echo secret", "secret", 0 },
		{ "printf 'secret\\r\\nmore\\n'", "secret", 0 },
		{ "printf secret", "secret", 0 },
		{ "echo secret; exec >&-; true", "secret", 0 },
		{ "read x || echo nothing to read", "nothing to read", 0 },
		{ "true", NULL, ERR_CONFIG },
		{ "echo; echo secret", NULL, ERR_CONFIG },
		{ "printf 'a\\0b\\n'", NULL, ERR_CONFIG },
		{ "echo secret; exit 1", NULL, ERR_CONFIG },
		{ "echo secret; exit 75", NULL, ERR_TEMPORARY },
		{ "echo secret; kill -9 $$", NULL, ERR_CONFIG },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct secret got CLEAN_UP(secret_done) = { 0 };
		struct err e = { 0 };
		bool good = run(rows[i].command, 60000, &got, &e);
		CHECK_ROW(rows[i].command, good, rows[i].wanted != NULL);
		if (good)
			CHECK_TEXT(rows[i].command, str_n(got.bytes, got.len), rows[i].wanted);
		else
			CHECK_ROW(rows[i].command, e.kind, rows[i].kind);
		CHECK_ROW(rows[i].command, holds(str_of(e.what), "secret"), false);
	}
}

/* Whatever a helper started is gone with it: children, orphans, daemons. */
static void test_killed_with_all_it_started(void **state)
{
	(void)state;
	static const char *const commands[] = {
		"sleep 600",
		"sleep 600 & sleep 600",
		"(sleep 600 & sleep 600 &) ; sleep 600",
		"setsid sh -c 'sleep 600 & setsid sleep 600 & sleep 600' & sleep 600",
		"(trap '' TERM INT HUP; sleep 600) & sleep 600 | sleep 600",
		"echo secret; sleep 600",
		"while :; do sleep 600 & done",
		"sleep 600 & head -c 200000 /dev/zero | tr '\\0' x",
	};

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		struct secret got CLEAN_UP(secret_done) = { 0 };
		struct err e;
		CHECK_ROW(commands[i], run(commands[i], 200, &got, &e), false);
		CHECK_ROW(commands[i], e.kind, ERR_CONFIG);
		CHECK_ROW(commands[i], holds(str_of(e.what), "killed") || i == 7, true);
		CHECK_ROW(commands[i], waitpid(-1, NULL, WNOHANG), -1);
		CHECK_ROW(commands[i], errno, ECHILD);
	}
}

/* Those that were there before are none of its. */
static void test_other_children_live_on(void **state)
{
	(void)state;
	struct secret got CLEAN_UP(secret_done) = { 0 };
	struct err e;
	pid_t other = fork();

	if (other == 0)
		for (;;)
			pause();
	assert_true(other > 0);
	assert_false(run("sleep 600 & sleep 600", 200, &got, &e));
	assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
	kill(other, SIGKILL);
	assert_int_equal(waitpid(other, NULL, 0), other);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* A helper that ends may leave an agent behind, which goes on. */
static void test_left_behind(void **state)
{
	(void)state;
	struct secret got CLEAN_UP(secret_done) = { 0 };
	struct err e;

	assert_true(run("sleep 600 2>/dev/null >&2 & echo $!", 60000, &got, &e));
	uint64_t pid = 0;
	assert_true(str_number(str_n(got.bytes, got.len), &pid));
	assert_int_equal(waitpid((pid_t)pid, NULL, WNOHANG), 0); /* it lives, adopted */
	kill((pid_t)pid, SIGKILL);
	assert_int_equal(waitpid((pid_t)pid, NULL, 0), (pid_t)pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_line),
		cmocka_unit_test(test_killed_with_all_it_started),
		cmocka_unit_test(test_other_children_live_on),
		cmocka_unit_test(test_left_behind),
	};
	return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
