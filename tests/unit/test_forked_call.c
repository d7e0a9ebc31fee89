/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "os/forked_call.h"
#include "os/interrupt.h"

#include <errno.h>
#include <signal.h>

enum { LIMIT = 300000 };

static void say_number(const void *ctx, struct buf *ret)
{
	buf_fmt(ret, "%d", *(const int *)ctx);
}

static void say_much(const void *ctx, struct buf *ret)
{
	(void)ctx;
	for (int i = 0; i < LIMIT; i++)
		buf_char(ret, 'x');
}

static void say_too_much(const void *ctx, struct buf *ret)
{
	say_much(ctx, ret);
	buf_char(ret, 'x');
}

static void die(const void *ctx, struct buf *ret)
{
	(void)ctx;
	buf_fmt(ret, "never said");
	raise(SIGKILL);
}

static void hang(const void *ctx, struct buf *ret)
{
	(void)ctx;
	(void)ret;
	for (;;)
		pause();
}

static bool has_no_child(void)
{
	return waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;
}

static void test_answers(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		forked_call_fn *call;
		size_t wanted;
	} rows[] = {
		{ "short", say_number, 2 },
		{ "longer than a pipe holds", say_much, LIMIT },
		{ "longer than its limit", say_too_much, 0 },
		{ "killed", die, 0 },
	};
	int number = 42;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf got CLEAN_UP(buf_done) = BUF_INIT(LIMIT);
		struct err e = { 0 };
		CHECK_ROW(rows[i].name,
			forked_call_run(rows[i].call, &number, deadline_in(60000), &got, &e), true);
		CHECK_ROW(rows[i].name, got.len, rows[i].wanted);
		CHECK_ROW(rows[i].name, has_no_child(), true);
	}
}

static void test_deadline(void **state)
{
	(void)state;
	struct buf got CLEAN_UP(buf_done) = BUF_INIT(LIMIT);
	struct err e = { 0 };

	assert_false(forked_call_run(hang, NULL, deadline_in(20), &got, &e));
	assert_int_equal(e.kind, ERR_TIMEOUT);
	assert_int_equal(got.len, 0);
	assert_true(has_no_child());
}

/* The first that ends is told; who is not waited for goes with the call. */
static void test_several(void **state)
{
	(void)state;
	const int numbers[] = { 1, 2 };
	struct err e = { 0 };
	struct forked_call *calls[] = {
		forked_call_start(hang, NULL, LIMIT, &e),
		forked_call_start(say_number, &numbers[0], LIMIT, &e),
		forked_call_start(say_number, &numbers[1], LIMIT, &e),
	};

	while (!forked_call_is_done(calls[1]) || !forked_call_is_done(calls[2]))
		assert_true(forked_call_wait(calls, 3, deadline_in(60000), &e));
	assert_false(forked_call_is_done(calls[0]));
	CHECK_TEXT("1", forked_call_answer(calls[1]), "1");
	CHECK_TEXT("2", forked_call_answer(calls[2]), "2");
	CHECK_TEXT("none", forked_call_answer(calls[0]), "");
	assert_true(forked_call_wait(calls + 1, 2, DEADLINE_NEVER, &e));
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		forked_call_free(calls[i]);
	forked_call_free(NULL);
	assert_true(has_no_child());
}

/* A signal to the child alone is nothing to us; one to us ends the wait. */
static void signal_itself(const void *ctx, struct buf *ret)
{
	raise(SIGTERM);
	say_number(ctx, ret);
}

static void signal_parent(const void *ctx, struct buf *ret)
{
	kill(getppid(), SIGTERM);
	hang(ctx, ret);
}

static void test_interrupted(void **state)
{
	(void)state;
	struct buf got CLEAN_UP(buf_done) = BUF_INIT(LIMIT);
	struct err e = { 0 };
	int number = 7;

	interrupt_init();
	assert_true(forked_call_run(signal_itself, &number, deadline_in(60000), &got, &e));
	CHECK_TEXT("itself", buf_str(&got), "7");
	assert_false(forked_call_run(signal_parent, NULL, deadline_in(60000), &got, &e));
	assert_int_equal(e.kind, ERR_INTERRUPTED);
	assert_true(has_no_child());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
