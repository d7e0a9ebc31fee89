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

static bool too_slow(struct err *e)
{
	return err_set(e, ERR_CONFIG, "it did not end in time and was killed");
}

static bool has_line(const struct buf *b)
{
	return str_find(buf_str(b), '\n') < b->len;
}

/*
 * Output up to the end of the first line, or the end of file. Grandchildren may hold the pipe open
 * for ever: what matters is the line.
 */
static bool collect(int fd, deadline until, struct buf *line, struct err *e)
{
	char piece[4096];
	unsigned ready;
	size_t n = 1;

	while (n && !has_line(line)) {
		if (!wait_fd(fd, WAIT_READ, until, &ready, e))
			return false;
		if (!ready)
			return too_slow(e);
		if (!file_read_some(fd, piece, sizeof(piece), &n, e))
			return false;
		buf_bytes(line, piece, n);
		mem_wipe(piece, sizeof(piece));
		if (line->over)
			return err_set(e, ERR_CONFIG, "its first line is longer than %d octets",
				(int)SECRET_MAX);
	}
	return true;
}

/* Waits for the helper itself, which may go on after its first line; then it is killed. */
static bool reap(pid_t pid, deadline until, int *ret_status, struct err *e)
{
	int fd CLEAN_UP(file_close_at) = pidfd_open(pid, 0);
	unsigned ready = WAIT_READ;

	if (fd >= 0 && !wait_fd(fd, WAIT_READ, until, &ready, e))
		return false;
	if (!ready)
		kill(pid, SIGKILL);
	pid_t got;
	do
		got = waitpid(pid, ret_status, 0);
	while (got < 0 && errno == EINTR);
	if (!ready)
		return too_slow(e);
	return got == pid || err_os(e, ERR_OS, errno, "waitpid");
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
	struct str line = str_head(buf_str(out), str_find(buf_str(out), '\n'));

	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	if (!line.len)
		return err_set(e, ERR_CONFIG, "it printed nothing");
	if (str_find(line, '\0') < line.len)
		return err_set(e, ERR_CONFIG, "it printed a NUL");
	return secret_set(ret, line.p, line.len) ||
	       err_set(e, ERR_CONFIG, "its first line is too long");
}

bool proc_first_line(const char *command, deadline until, struct secret *ret, struct err *e)
{
	struct buf out CLEAN_UP(buf_wipe_done) = BUF_INIT(SECRET_MAX + 4096);
	int fds[2], status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_os(e, ERR_OS, errno, "pipe");
	int from CLEAN_UP(file_close_at) = fds[0];
	bool started = spawn(command, fds[1], &pid, e);
	close(fds[1]);
	if (!started)
		return false;
	buf_reserve(&out, out.limit);
	bool collected = collect(from, until, &out, e);
	if (!collected)
		kill(pid, SIGKILL);
	struct err late;
	bool reaped = reap(pid, until, &status, collected ? e : &late);
	return collected && reaped && check_status(status, e) && first_line(&out, ret, e);
}

void proc_guard_memory(void)
{
	const struct rlimit none = { 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
}
