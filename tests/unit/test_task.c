/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/mem.h"
#include "os/interrupt.h"
#include "os/task.h"

#include <signal.h>

/* A call that ends when its pipe is closed, and tells by another one that it was released. */
struct context {
	int until, released, result;
};

static void wait_for_close(void *ctx)
{
	struct context *c = ctx;
	char octet;

	while (read(c->until, &octet, 1) > 0)
		;
	c->result = 42;
}

static void tell_release(void *ctx)
{
	struct context *c = ctx;

	close(c->until);
	close(c->released);
	mem_free(c);
}

/* go: closed, the call ends; gone: readable (its end) once it is released. */
struct job {
	struct context *context;
	struct task *task;
	int go, gone;
};

static struct job begin(void)
{
	struct job job = { .context = mem_alloc(sizeof(*job.context)) };
	struct err e = { 0 };
	int go[2], gone[2];

	assert_int_equal(pipe(go) | pipe(gone), 0);
	*job.context = (struct context) { .until = go[0], .released = gone[1] };
	job.go = go[1];
	job.gone = gone[0];
	job.task = task_start(
		&(struct task_options) {
			.call = wait_for_close, .release = tell_release, .ctx = job.context },
		&e);
	assert_non_null(job.task);
	return job;
}

static void await_release(const struct job *job)
{
	char octet;

	assert_int_equal(read(job->gone, &octet, 1), 0);
	close(job->gone);
}

static void test_ends(void **state)
{
	(void)state;
	struct job job = begin();
	struct err e = { 0 };

	assert_true(tasks_wait(&job.task, 1, deadline_in(0), &e));
	assert_false(task_is_done(job.task));
	close(job.go);
	assert_true(tasks_wait(&job.task, 1, deadline_in(60000), &e));
	assert_true(task_is_done(job.task));
	assert_true(tasks_wait(&job.task, 1, DEADLINE_NEVER, &e));
	assert_int_equal(job.context->result, 42);
	task_end(job.task);
	await_release(&job);
	assert_int_equal(tasks_left(), 0);
}

static void test_several(void **state)
{
	(void)state;
	struct job jobs[] = { begin(), begin(), begin() };
	struct task *const tasks[] = { jobs[0].task, jobs[1].task, jobs[2].task };
	struct err e = { 0 };

	close(jobs[1].go);
	assert_true(tasks_wait(tasks, 3, deadline_in(60000), &e));
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		assert_int_equal(task_is_done(tasks[i]), i == 1);
	close(jobs[0].go);
	close(jobs[2].go);
	while (!task_is_done(tasks[0]) || !task_is_done(tasks[2]))
		assert_true(tasks_wait(tasks, 3, deadline_in(60000), &e));
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		task_end(tasks[i]);
		await_release(&jobs[i]);
	}
	task_end(NULL);
}

/* It is counted until its call ends, and releases its context by itself. */
static void test_left_behind(void **state)
{
	(void)state;
	struct job job = begin();

	task_end(job.task);
	assert_int_equal(tasks_left(), 1);
	close(job.go);
	await_release(&job);
	while (tasks_left())
		;
}

static void test_interrupted(void **state)
{
	(void)state;
	struct job job = begin();
	struct err e = { 0 };

	interrupt_init();
	kill(getpid(), SIGTERM);
	assert_false(tasks_wait(&job.task, 1, deadline_in(60000), &e));
	assert_int_equal(e.kind, ERR_INTERRUPTED);
	close(job.go);
	task_end(job.task);
	await_release(&job);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_left_behind),
		cmocka_unit_test(test_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
