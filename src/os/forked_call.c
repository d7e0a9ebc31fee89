/* SPDX-License-Identifier: MIT */
#include "os/forked_call.h"

#include "base/mem.h"
#include "os/file.h"
#include "os/poll.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct forked_call {
	pid_t pid; /* 0: it has ended, and was waited for */
	int out;   /* the reading end of its pipe; 0: closed */
	struct buf answer;
};

/* Runs in the child. If we died before its prctl(), another process is its parent: it ends. */
static void ATTR_NORETURN be_child(
	forked_call_fn *call, const void *ctx, size_t limit, pid_t parent, int out)
{
	struct buf answer = BUF_INIT(limit);
	struct err ignored;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(EX_OSERR);
	call(ctx, &answer);
	bool good = !answer.over && file_write_all(out, buf_str(&answer), &ignored);
	_exit(good ? EX_OK : EX_IOERR);
}

struct forked_call *forked_call_start(
	forked_call_fn *call, const void *ctx, size_t limit, struct err *e)
{
	pid_t parent = getpid();
	sigset_t all, before;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0) {
		err_os(e, ERR_OS, errno, "pipe");
		return NULL;
	}
	/* The child shares the pipe of our signal handlers, which must not run in it. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid_t pid = fork();
	if (pid == 0)
		be_child(call, ctx, limit, parent, fds[1]);
	int failed = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		err_os(e, ERR_OS, failed, "cannot start a process");
		return NULL;
	}
	struct forked_call *c = mem_alloc(sizeof(*c));
	*c = (struct forked_call) { .pid = pid, .out = fds[0], .answer = BUF_INIT(limit) };
	return c;
}

/* Waits for the child, which ends now. If it failed or was killed, its answer does not count. */
static void reap(struct forked_call *c)
{
	int status;
	pid_t got;

	do
		got = waitpid(c->pid, &status, 0);
	while (got < 0 && errno == EINTR);
	if (got != c->pid || !WIFEXITED(status) || WEXITSTATUS(status) != EX_OK)
		buf_clear(&c->answer);
	c->pid = 0;
	file_close_at(&c->out);
}

/* Reads a piece of the answer, or its end. */
static void take_piece(struct forked_call *c)
{
	char piece[4096];
	size_t n = 0;
	struct err ignored;

	if (file_read_some(c->out, piece, sizeof(piece), &n, &ignored) && n)
		buf_bytes(&c->answer, piece, n);
	else
		reap(c);
}

/* Lists the calls that have not ended, for poll_any(). */
static size_t list_running(struct forked_call *const *calls, size_t count, struct poll_one *ones,
	struct forked_call **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (forked_call_is_done(calls[i]))
			continue;
		ones[n] = (struct poll_one) { .fd = calls[i]->out, .want = POLL_READ };
		ret[n++] = calls[i];
	}
	return n;
}

bool forked_call_wait(struct forked_call *const *calls, size_t count, deadline until, struct err *e)
{
	struct poll_one ones[FORKED_CALLS_MOST];
	struct forked_call *running[FORKED_CALLS_MOST];
	bool ended = false;

	must(count <= FORKED_CALLS_MOST);
	do {
		size_t n = list_running(calls, count, ones, running);
		if (!n)
			return true;
		if (!poll_any(ones, n, until, e))
			return false;
		for (size_t i = 0; i < n; i++) {
			if (ones[i].ready)
				take_piece(running[i]);
			ended |= forked_call_is_done(running[i]);
		}
	} while (!ended && !deadline_passed(until));
	return true;
}

bool forked_call_is_done(const struct forked_call *c)
{
	return !c->pid;
}

struct str forked_call_answer(const struct forked_call *c)
{
	return c->pid ? STR("") : buf_str(&c->answer);
}

void forked_call_free(struct forked_call *c)
{
	if (!c)
		return;
	if (c->pid) {
		(void)kill(c->pid, SIGKILL);
		reap(c);
	}
	buf_done(&c->answer);
	mem_free(c);
}

void forked_call_free_at(struct forked_call **c)
{
	forked_call_free(*c);
}

bool forked_call_run(
	forked_call_fn *call, const void *ctx, deadline until, struct buf *ret, struct err *e)
{
	struct forked_call *c CLEAN_UP(forked_call_free_at) =
		forked_call_start(call, ctx, ret->limit, e);

	if (!c || !forked_call_wait(&c, 1, until, e))
		return false;
	if (!forked_call_is_done(c))
		return err_set(e, ERR_TIMEOUT, "there was no answer in time");
	buf_add(ret, forked_call_answer(c));
	return true;
}
