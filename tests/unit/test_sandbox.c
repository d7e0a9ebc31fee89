/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "os/sandbox.h"
#include "os/task.h"

enum { WENT_ON = 111, ALL_THREADS_VERSION = 8 };

static void hang(void *ctx)
{
	(void)ctx;
	for (;;)
		pause();
}

static void end_at_once(void *ctx)
{
	(void)ctx;
}

static void leave(void (*call)(void *ctx))
{
	struct err e = { 0 };
	struct task *task =
		task_start(&(struct task_options) { .call = call, .release = end_at_once }, &e);

	assert_non_null(task);
	task_end(task);
}

static void talk(void)
{
	sandbox_talk(&(struct sandbox_options) { .folder = NULL });
	_exit(WENT_ON);
}

static void talk_beside_a_task(void)
{
	leave(hang);
	talk();
}

static void talk_after_a_task(void)
{
	leave(end_at_once);
	while (tasks_left())
		;
	talk();
}

static void give_up_privileges_beside_a_task(void)
{
	leave(hang);
	sandbox_privileges();
	_exit(WENT_ON);
}

static void record_beside_a_task(void)
{
	sandbox_talk(&(struct sandbox_options) { .folder = NULL });
	leave(hang);
	sandbox_record();
	_exit(WENT_ON);
}

static void talk_again_beside_a_task(void)
{
	sandbox_talk(&(struct sandbox_options) { .folder = NULL });
	leave(hang);
	talk();
}

/* No thread keeps what the process gives up: where the kernel cannot see to that, it ends. */
static void test_company(void **state)
{
	(void)state;
	bool confines_all = sandbox_version() >= ALL_THREADS_VERSION;

	assert_int_equal(dies(talk), WENT_ON);
	assert_int_equal(dies(talk_after_a_task), WENT_ON);
	assert_int_equal(dies(talk_beside_a_task), confines_all ? WENT_ON : 75);
	assert_int_equal(dies(give_up_privileges_beside_a_task), 75);
	assert_int_equal(dies(record_beside_a_task), WENT_ON);
	assert_int_equal(dies(talk_again_beside_a_task), WENT_ON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_company),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
