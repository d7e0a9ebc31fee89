/* SPDX-License-Identifier: MIT */
/*
 * task - makes a call that has no deadline in a thread of its own, so that waiting for it has one.
 *
 * If task_start() succeeds, the task owns the context. The call may write to the context, and we
 * may read it after task_is_done() has returned true, until task_end(). If the call has ended,
 * task_end() releases the context. Otherwise the thread is left behind and releases it when the
 * call ends; so a context must not point to anything that others release.
 *
 * A thread that is left behind keeps its rights, even if we give them up later (os/sandbox). A call
 * that may be left behind before that is therefore made in a process (os/forked_call), or checked
 * by tasks_left(). A task handles no signals.
 */
#ifndef OS_TASK_H
#define OS_TASK_H

#include "base/clock.h"
#include "base/err.h"

struct task;

struct task_options {
	void (*call)(void *ctx);
	void (*release)(void *ctx);
	void *ctx;
};

enum { TASKS_MOST = 8 };

/* End it with task_end(). NULL with ERR_OS if there is no thread: the caller keeps ctx. */
struct task *task_start(const struct task_options *options, struct err *e);
/*
 * Waits until one more of these tasks, at most TASKS_MOST, is done, or until the deadline; does not
 * wait if all are done. False as for poll_any(): at a signal that ends the run.
 */
bool tasks_wait(struct task *const *tasks, size_t count, deadline until, struct err *e);
/* Whether the task was done at the last wait. */
bool task_is_done(const struct task *t);
void task_end(struct task *t); /* NULL is fine */

/* How many threads that were left behind still run. */
unsigned tasks_left(void);

#endif
