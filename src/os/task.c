/* SPDX-License-Identifier: MIT */
#include "os/task.h"

#include "base/mem.h"
#include "os/file.h"
#include "os/poll.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum state { WORKING, DONE, LEFT };

struct task {
	struct task_options options;
	pthread_t thread;
	atomic_int state; /* the thread or task_end(), whichever is second, releases all */
	int end, signal;  /* a pipe: its writing end is closed when the call has ended */
	bool joined;
};

static atomic_uint left_count;

static void release_task(struct task *t)
{
	t->options.release(t->options.ctx);
	mem_free(t);
}

static void *work(void *arg)
{
	struct task *t = arg;
	int end = t->signal;

	t->options.call(t->options.ctx);
	if (atomic_exchange(&t->state, DONE) == LEFT) {
		release_task(t);
		atomic_fetch_sub(&left_count, 1);
	}
	close(end);
	return NULL;
}

/* Starts the thread with all signals blocked: the first thread takes them. */
static int start_thread(struct task *t)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&t->thread, NULL, work, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

struct task *task_start(const struct task_options *options, struct err *e)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0) {
		err_os(e, ERR_OS, errno, "pipe");
		return NULL;
	}
	struct task *t = mem_alloc(sizeof(*t));
	t->options = *options;
	t->end = fds[0];
	t->signal = fds[1];
	int failed = start_thread(t);
	if (!failed)
		return t;
	close(fds[0]);
	close(fds[1]);
	mem_free(t);
	err_os(e, ERR_OS, failed, "cannot start a thread");
	return NULL;
}

/* Joins the thread: after this, what the call wrote may be read. */
static void join(struct task *t)
{
	pthread_join(t->thread, NULL);
	t->joined = true;
}

bool tasks_wait(struct task *const *tasks, size_t count, deadline until, struct err *e)
{
	struct poll_one ones[TASKS_MOST];
	struct task *working[TASKS_MOST];
	size_t n = 0;

	must(count <= TASKS_MOST);
	for (size_t i = 0; i < count; i++) {
		if (tasks[i]->joined)
			continue;
		ones[n] = (struct poll_one) { .fd = tasks[i]->end, .want = POLL_READ };
		working[n++] = tasks[i];
	}
	if (n && !poll_any(ones, n, until, e))
		return false;
	for (size_t i = 0; i < n; i++)
		if (ones[i].ready)
			join(working[i]);
	return true;
}

bool task_is_done(const struct task *t)
{
	return t->joined;
}

void task_end(struct task *t)
{
	if (!t)
		return;
	pthread_t thread = t->thread;
	file_close_at(&t->end);
	atomic_fetch_add(&left_count, 1);
	if (!t->joined && atomic_exchange(&t->state, LEFT) != DONE) {
		pthread_detach(thread); /* t is the thread's now */
		return;
	}
	atomic_fetch_sub(&left_count, 1);
	if (!t->joined)
		join(t);
	release_task(t);
}

unsigned tasks_left(void)
{
	return atomic_load(&left_count);
}
