/* SPDX-License-Identifier: MIT */
/*
 * forked_call - a call that knows no deadline, made in a child process that can be killed.
 *
 * The call sees a copy of our memory, as it was when the call was started: nothing that it changes
 * is ever seen here, nothing that it points to has to outlive forked_call_start(), and nothing is
 * left behind of one that takes too long. Its answer, octets of its own choice, comes back through
 * a pipe. It runs with all signals blocked, and dies with us. It must not log, and must not write
 * to a descriptor of ours.
 *
 * forked_call_free() kills the child if it still runs, and has waited for it when it returns: so
 * where every call was freed, there is neither a child nor a thread of ours that a later
 * confinement (os/sandbox) would not reach. It costs a fork, a fraction of a millisecond.
 */
#ifndef OS_FORKED_CALL_H
#define OS_FORKED_CALL_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

struct forked_call;

/* Runs in the child: adds its answer to ret, whose limit it may not pass. */
typedef void forked_call_fn(const void *ctx, struct buf *ret);

enum { FORKED_CALLS_MOST = 8 };

/* To be released with forked_call_free(); NULL with ERR_OS: there is no process to be had. */
struct forked_call *forked_call_start(
	forked_call_fn *call, const void *ctx, size_t limit, struct err *e);
/*
 * Until one more of these, at most FORKED_CALLS_MOST, has ended, or the deadline has passed, or at
 * once if all have ended. False as poll_any(): at a signal that ends the run.
 */
bool forked_call_wait(
	struct forked_call *const *calls, size_t count, deadline until, struct err *e);
/* Had it ended when it was last waited for? */
bool forked_call_is_done(const struct forked_call *c);
/* What it answered; empty: it has not ended, or its process died. Borrowed. */
struct str forked_call_answer(const struct forked_call *c);
void forked_call_free(struct forked_call *c); /* NULL is fine */
void forked_call_free_at(struct forked_call **c);

/* Start, wait, free. ERR_TIMEOUT: it did not end in time. ret: its limit is that of the answer. */
bool forked_call_run(
	forked_call_fn *call, const void *ctx, deadline until, struct buf *ret, struct err *e);

#endif
