/* SPDX-License-Identifier: MIT */
#include "os/process.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/printable.h"
#include "os/file.h"
#include "os/poll.h"
#include "os/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	CHILDREN_MAX = 1 << 20, /* octets of a list of them */
	KILL_TURNS = 1000,      /* for one that has children faster than it dies */
	LOOK_MS = 20,
	MARKED_MAX = 65536, /* descriptors; the limit of the process may be a thousand million */
};

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

/*
 * Marks all descriptors from `first` on, also those that our caller left open. The system call is
 * made by number, as not every libc has it; before Linux 5.11 each descriptor is marked singly.
 */
static void close_on_exec(int first)
{
	enum { CLOSE_ON_EXEC = 4 };

	if (syscall(SYS_close_range, first, ~0u, CLOSE_ON_EXEC) == 0)
		return;
	for (int fd = first; fd < MARKED_MAX; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/*
 * What the helper has as its standard descriptors; an error number, or 0. Each is needed: a helper
 * that kept our standard output would print a password there.
 */
static int connect_helper(posix_spawn_file_actions_t *actions, int in, int out, int words)
{
	int failed = in >= 0 ? posix_spawn_file_actions_adddup2(actions, in, STDIN_FILENO)
			     : posix_spawn_file_actions_addopen(
				       actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	if (!failed)
		failed = posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO);
	if (!failed && words)
		failed = posix_spawn_file_actions_adddup2(actions, words, STDERR_FILENO);
	return failed;
}

/*
 * gpg asks for its passphrase at the terminal that GPG_TTY names; the usual $(tty) fails in
 * helpers, whose standard input is none.
 */
static void name_terminal(void)
{
	char path[TERMINAL_NAME_OCTETS];

	if (!getenv("GPG_TTY") && terminal_name(path))
		(void)setenv("GPG_TTY", path, 0);
}

static bool spawn(const char *command, int in, int out, struct process_child *c, struct err *e)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	char *text CLEAN_UP(mem_free_at) = mem_str(command);
	char shell[] = "sh", dash_c[] = "-c";
	char *argv[] = { shell, dash_c, text, NULL };

	close_on_exec(STDERR_FILENO + 1);
	name_terminal();
	int failed = posix_spawn_file_actions_init(&actions);
	if (failed)
		return err_os(e, ERR_OS, failed, "cannot start /bin/sh");
	posix_spawnattr_init(&attr);
	default_signals(&attr);
	failed = connect_helper(&actions, in, out, c->words);
	if (!failed)
		failed = posix_spawn(&c->pid, "/bin/sh", &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return !failed || err_os(e, ERR_OS, failed, "cannot start /bin/sh");
}

/*
 * Makes a nameless file to replace a standard error that is not a terminal, because readers of ours
 * take any text for a failure. Like any file it can be opened as /dev/stderr and truncated.
 */
static int keep_words(void)
{
	if (isatty(STDERR_FILENO))
		return 0;
	int fd = memfd_create("helper", MFD_CLOEXEC);
	if (fd >= 0 && fcntl(fd, F_SETFL, O_APPEND) == 0)
		return fd;
	file_close_at(&fd);
	return 0;
}

bool process_start(const char *command, int in, int out, struct process_child *ret, struct err *e)
{
	*ret = (struct process_child) { .words = keep_words() };
	if (!spawn(command, in, out, ret, e)) {
		ret->ended = true;
		return false;
	}
	/* By number: few libcs have a function for it. Close-on-exec by itself. */
	long end = syscall(SYS_pidfd_open, ret->pid, 0);
	ret->end = end > 0 ? (int)end : 0;
	return true;
}

static bool has_ended(struct process_child *c)
{
	if (!c->ended)
		c->ended = waitpid(c->pid, &c->status, WNOHANG) != 0;
	return c->ended;
}

/* The descriptor for poll(); none if the system has no such descriptor. */
static int end_of(const struct process_child *c)
{
	return c->end ? c->end : -1;
}

bool process_await(struct process_child *c, deadline until)
{
	unsigned ready;
	struct err ignored;

	while (!has_ended(c) && !deadline_passed(until)) {
		deadline look = !c->end ? deadline_in(LOOK_MS) : until;
		if (!poll_fd(end_of(c), POLL_READ, deadline_first(look, until), &ready, &ignored))
			break;
	}
	return c->ended;
}

void process_child_done(struct process_child *c)
{
	file_close_at(&c->end);
	file_close_at(&c->words);
}

static bool has_line(const struct buf *b)
{
	return str_find(buf_str(b), '\n') < b->len;
}

/* A running helper: its output is kept up to the end of the first line, the rest is dropped. */
struct helper {
	struct process_child child;
	int out; /* its output */
	bool closed;
	struct buf others; /* children that we had before it */
	struct terminal_state *terminal;
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
 * Waits until the helper has ended, and its output has ended or at least the line has come, because
 * processes that it left behind may hold the pipe open for ever. Checks for its end every 20 ms.
 */
static bool attend(struct helper *h, deadline until, struct buf *line, struct err *e)
{
	struct process_child *c = &h->child;
	unsigned ready;

	while (!c->ended || !(h->closed || has_line(line))) {
		deadline look = deadline_first(until, deadline_in(c->ended ? 0 : LOOK_MS));
		if (!poll_fd(h->closed ? end_of(c) : h->out, POLL_READ, look, &ready, e))
			return false;
		if (ready && !h->closed && !listen_to(h, line, e))
			return false;
		if (!ready && c->ended)
			return true; /* nothing more came from itself */
		if (!has_ended(c) && deadline_passed(until))
			return err_set(e, ERR_CONFIG, "it did not end in time and was killed");
	}
	return true;
}

/* Our children as text: process ids separated by spaces; empty if the system does not say. */
static void list_children(struct buf *ret)
{
	struct file_facts facts;
	struct err ignored;

	*ret = BUF_INIT(CHILDREN_MAX);
	if (!file_read("/proc/thread-self/children", ret, &facts, &ignored))
		buf_clear(ret);
}

static bool has_word(const struct buf *list, struct str wanted)
{
	struct str rest = buf_str(list), word;

	while ((word = str_word(&rest)).len)
		if (str_eq(word, wanted))
			return true;
	return false;
}

static bool kill_one(pid_t pid, int *ret_status)
{
	pid_t got;

	if (kill(pid, SIGKILL) != 0)
		return false;
	do
		got = waitpid(pid, ret_status, 0);
	while (got < 0 && errno == EINTR);
	return got == pid;
}

/* Kills every child that is not one of `others`; false if there was none. */
static bool kill_children(const struct buf *others)
{
	struct buf now CLEAN_UP(buf_done);
	struct str rest, word;
	bool any = false;
	int status;

	list_children(&now);
	rest = buf_str(&now);
	while ((word = str_word(&rest)).len) {
		uint64_t pid;
		if (str_number(word, &pid) && !has_word(others, word) &&
			kill_one((pid_t)pid, &status))
			any = true;
	}
	return any;
}

/* The children of each that dies become ours, so this repeats until none is left. */
static void kill_all(struct process_child *c, const struct buf *others)
{
	(void)kill_one(c->pid, &c->status);
	for (int turn = 0; turn < KILL_TURNS && kill_children(others); turn++)
		;
	c->ended = true;
}

static void stop(struct helper *h)
{
	if (h->child.ended)
		return;
	kill_all(&h->child, &h->others);
	terminal_restore(h->terminal);
}

void process_kill(struct process_child *c)
{
	struct buf others CLEAN_UP(buf_done);

	if (c->ended)
		return;
	list_children(&others);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	kill_all(c, &others);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 0);
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
	(void)prctl(PR_SET_CHILD_SUBREAPER, 0);
	file_close_at(&h->out);
	process_child_done(&h->child);
	buf_done(&h->others);
	terminal_state_free(h->terminal);
}

static void helper_init(struct helper *h)
{
	*h = (struct helper) { .terminal = terminal_save() };
	h->child = (struct process_child) { .ended = true };
	list_children(&h->others);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* Takes as much of a line as one event can hold, in whole characters; the rest stays. */
static struct str cut_piece(struct str *line)
{
	size_t n = LOG_MAX / 4 - 16;

	while (n && n < line->len && ((unsigned char)line->p[n] & 0xc0) == 0x80)
		n--;
	struct str piece = str_head(*line, n ? n : line->len);
	*line = str_from(*line, piece.len);
	return piece;
}

static void tell_line(struct str line, bool good)
{
	while (line.len) {
		struct buf shown CLEAN_UP(buf_done) = BUF_INIT(LOG_MAX - 16);
		printable_add(&shown, cut_piece(&line));
		if (good)
			log_note("helper: %s", buf_text(&shown));
		else
			log_words("%s", buf_text(&shown));
	}
}

void process_words(const struct process_child *c, struct buf *ret)
{
	char words[PROCESS_WORDS_MAX];
	struct err ignored;
	size_t n = sizeof(words);

	if (c->words && file_read_at(c->words, 0, words, &n, &ignored))
		buf_bytes(ret, words, n);
}

void process_tell_words(const struct process_child *c, bool good)
{
	struct buf words CLEAN_UP(buf_done) = BUF_INIT(PROCESS_WORDS_MAX);

	process_words(c, &words);
	struct str said = buf_str(&words);
	while (said.len)
		tell_line(str_chop(str_cut(&said, '\n'), '\r'), good);
}

bool process_first_line(const char *command, deadline until, struct secret *ret, struct err *e)
{
	struct buf out CLEAN_UP(buf_wipe_done) = BUF_INIT(SECRET_MAX + 4096);
	struct helper h CLEAN_UP(helper_done);
	int fds[2];

	helper_init(&h);
	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_os(e, ERR_OS, errno, "pipe");
	h.out = fds[0];
	bool started = process_start(command, -1, fds[1], &h.child, e);
	close(fds[1]);
	if (!started)
		return false;
	buf_reserve(&out, out.limit);
	bool attended = attend(&h, until, &out, e);
	stop(&h);
	bool good = attended && check_status(h.child.status, e) && first_line(&out, ret, e);
	process_tell_words(&h.child, good);
	return good;
}

bool process_has_more_rights(void)
{
	return getuid() != geteuid() || getgid() != getegid();
}

void process_guard_memory(void)
{
	const struct rlimit none = { 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
}
