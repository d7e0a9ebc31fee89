/* SPDX-License-Identifier: MIT */
/*
 * forked_call - makes a call that has no deadline in a child process that can be killed.
 *
 * The call works on a copy of our memory from the time when it started: its changes are not visible
 * here, memory that it uses need not outlive forked_call_start(), and a call that takes too long
 * leaves nothing behind. Its answer, any octets, comes back through a pipe. It runs with all
 * signals blocked, and dies with us. It must not log, and must not write to a descriptor of ours.
 *
 * forked_call_free() kills the child if it still runs, and waits for it. When every call is freed,
 * there is neither a child nor a thread that a later confinement (os/sandbox) would not reach. A
 * call costs a fork, a fraction of a millisecond.
 */
#ifndef OS_FORKED_CALL_H
#define OS_FORKED_CALL_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

struct forked_call;

/* Runs in the child; adds its answer to ret, within ret's limit. */
typedef void forked_call_fn(const void *ctx, struct buf *ret);

enum { FORKED_CALLS_MOST = 8 };

/* Release with forked_call_free(). NULL with ERR_OS if no process can be made. */
struct forked_call *forked_call_start(
	forked_call_fn *call, const void *ctx, size_t limit, struct err *e);
/*
 * Waits until one more of these calls, at most FORKED_CALLS_MOST, has ended, or until the deadline;
 * does not wait if all have ended. False as for poll_any(): at a signal that ends the run.
 */
bool forked_call_wait(
	struct forked_call *const *calls, size_t count, deadline until, struct err *e);
/* Whether the call had ended at the last wait. */
bool forked_call_is_done(const struct forked_call *c);
/* The answer, borrowed; empty if the call has not ended or its process died. */
struct str forked_call_answer(const struct forked_call *c);
void forked_call_free(struct forked_call *c); /* NULL is fine */
void forked_call_free_at(struct forked_call **c);

/* Starts, waits, frees. ERR_TIMEOUT if too late. ret's limit is the limit of the answer. */
bool forked_call_run(
	forked_call_fn *call, const void *ctx, deadline until, struct buf *ret, struct err *e);

#endif
