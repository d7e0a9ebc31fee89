/* SPDX-License-Identifier: MIT */
#include "sys/proc.h"

#include "base/buf.h"
#include "sys/file.h"
#include "sys/wait.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Default dispositions and an empty mask: whatever our caller ignored is not the helper's. */
static void default_signals(posix_spawnattr_t *attr)
{
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

static bool spawn(const char *command, int out, pid_t *ret_pid, struct err *e)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	char *text CLEAN_UP(mem_free_at) = mem_str(command);
	char shell[] = "sh", dash_c[] = "-c";
	char *argv[] = { shell, dash_c, text, NULL };

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	default_signals(&attr);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	int failed = posix_spawn(ret_pid, "/bin/sh", &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return !failed || err_os(e, ERR_OS, failed, "cannot start /bin/sh");
}

static bool has_line(const struct buf *b)
{
	return str_find(buf_str(b), '\n') < b->len;
}

/* A helper at work: its output up to the end of the first line is kept, the rest thrown away. */
struct helper {
	pid_t pid;
	int out, end; /* its output; a descriptor that can be read when it has ended, or -1 */
	bool ended, closed;
	int status;
};

static bool listen_to(struct helper *h, struct buf *line, struct err *e)
{
	char piece[4096];
	size_t n;

	if (!file_read_some(h->out, piece, sizeof(piece), &n, e))
		return false;
	h->closed = n == 0;
	if (!has_line(line))
		buf_bytes(line, piece, n);
	mem_wipe(piece, sizeof(piece));
	return !line->over ||
	       err_set(e, ERR_CONFIG, "its first line is longer than %d octets", (int)SECRET_MAX);
}

/*
 * Until it has ended, and its output too or at least the line is there: what it left behind may
 * hold the pipe open for ever. Looked at every 20 ms, since poll() takes one descriptor here.
 */
static bool attend(struct helper *h, deadline until, struct buf *line, struct err *e)
{
	enum { LOOK_MS = 20 };
	unsigned ready;

	while (!h->ended || !(h->closed || has_line(line))) {
		deadline look = deadline_first(until, deadline_in(h->ended ? 0 : LOOK_MS));
		if (!wait_fd(h->closed ? h->end : h->out, WAIT_READ, look, &ready, e))
			return false;
		if (ready && !h->closed && !listen_to(h, line, e))
			return false;
		if (!ready && h->ended)
			return true; /* nothing more came from itself */
		if (!h->ended)
			h->ended = waitpid(h->pid, &h->status, WNOHANG) == h->pid;
		if (!h->ended && deadline_passed(until))
			return err_set(e, ERR_CONFIG, "it did not end in time and was killed");
	}
	return true;
}

static void stop(struct helper *h)
{
	if (h->ended)
		return;
	kill(h->pid, SIGKILL);
	while (waitpid(h->pid, &h->status, 0) < 0 && errno == EINTR)
		;
}

static bool check_status(int status, struct err *e)
{
	if (WIFSIGNALED(status))
		return err_set(e, ERR_CONFIG, "it was killed by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) == EX_TEMPFAIL)
		return err_set(e, ERR_TEMPORARY, "it reports a temporary failure (exit status 75)");
	if (WEXITSTATUS(status))
		return err_set(e, ERR_CONFIG, "it failed with exit status %d", WEXITSTATUS(status));
	return true;
}

static bool first_line(struct buf *out, struct secret *ret, struct err *e)
{
	struct str rest = buf_str(out);
	struct str line = str_chop(str_cut(&rest, '\n'), '\r');

	if (!line.len)
		return err_set(e, ERR_CONFIG, "it printed nothing");
	if (str_find(line, '\0') < line.len)
		return err_set(e, ERR_CONFIG, "it printed a NUL");
	return secret_set(ret, line.p, line.len) ||
	       err_set(e, ERR_CONFIG, "its first line is too long");
}

static void helper_done(struct helper *h)
{
	file_close_at(&h->out);
	file_close_at(&h->end);
}

bool proc_first_line(const char *command, deadline until, struct secret *ret, struct err *e)
{
	struct buf out CLEAN_UP(buf_wipe_done) = BUF_INIT(SECRET_MAX + 4096);
	struct helper h CLEAN_UP(helper_done) = { .out = -1, .end = -1 };
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_os(e, ERR_OS, errno, "pipe");
	h.out = fds[0];
	bool started = spawn(command, fds[1], &h.pid, e);
	close(fds[1]);
	if (!started)
		return false;
	h.end = pidfd_open(h.pid, 0);
	buf_reserve(&out, out.limit);
	bool attended = attend(&h, until, &out, e);
	stop(&h);
	return attended && check_status(h.status, e) && first_line(&out, ret, e);
}

void proc_guard_memory(void)
{
	const struct rlimit none = { 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
}
