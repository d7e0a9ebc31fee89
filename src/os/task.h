/* SPDX-License-Identifier: MIT */
/*
 * task - a call that knows no deadline, in a thread of its own: who waits for it has one.
 *
 * Its context is the task's from task_start() on, if that succeeds. The call may write to it, and
 * we may read it once task_is_done() said so, until task_end(). That releases it at once where the
 * call has ended. Where it has not, the thread is left behind with all of it, and releases it when
 * the call ends at last; so a context may point to nothing that somebody else releases.
 *
 * A thread that is left behind keeps the rights that it began with: nothing that is given up later
 * (os/sandbox) is taken from it. What may have to be left before that is therefore done in a
 * process that can be killed (os/forked_call), or is counted by tasks_left(). Signals are never a
 * task's.
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

/* To be ended with task_end(). NULL with ERR_OS: there is no thread; the context is the caller's.
 */
struct task *task_start(const struct task_options *options, struct err *e);
/*
 * Until one more of these, at most TASKS_MOST, is done, or the deadline has passed, or at once if
 * all are done. False as poll_any(): at a signal that ends the run.
 */
bool tasks_wait(struct task *const *tasks, size_t count, deadline until, struct err *e);
/* Was it done when it was last waited for? */
bool task_is_done(const struct task *t);
void task_end(struct task *t); /* NULL is fine */

/* How many threads that were left behind are still at work. */
unsigned tasks_left(void);

#endif
