/* SPDX-License-Identifier: MIT */
#include "os/terminal.h"

#include "base/buf.h"
#include "base/clock.h"
#include "os/file.h"
#include "os/interrupt.h"
#include "os/poll.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

enum { LINE_MAX_OCTETS = 4096, LOOK_MS = 50 };

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU };

/* A question under way: what must be restored after it. */
struct question {
	int fd;
	bool quiet; /* the settings were changed */
	struct termios before;
	struct sigaction old[ARRAY_LEN(signals)];
};

static volatile sig_atomic_t caught;

static void note_signal(int number)
{
	caught = number;
}

static int open_tty(void)
{
	return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

/* /dev/tty is another device than the terminal that it stands for. */
static bool is_terminal(const char *path, unsigned device)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == (dev_t)device;
}

bool terminal_name(char ret_path[TERMINAL_NAME_OCTETS])
{
	int fd CLEAN_UP(file_close_at) = open_tty();
	unsigned device = 0;

#ifdef TIOCGDEV
	if (fd < 0 || ioctl(fd, TIOCGDEV, &device) != 0)
		return false;
#endif
	/* Pseudo-terminals are numbered through; the consoles are /dev/tty1 and so on. */
	text_fmt(ret_path, TERMINAL_NAME_OCTETS, "/dev/pts/%u",
		minor(device) + 256 * (major(device) - 136));
	if (is_terminal(ret_path, device))
		return true;
	text_fmt(ret_path, TERMINAL_NAME_OCTETS, "/dev/tty%u", minor(device));
	return is_terminal(ret_path, device);
}

bool terminal_is_there(void)
{
	int fd CLEAN_UP(file_close_at) = isatty(STDERR_FILENO) ? open_tty() : -1;

	return fd >= 0;
}

static void catch_signals(struct question *q)
{
	struct sigaction noted = { .sa_handler = note_signal };

	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		sigaction(signals[i], NULL, &q->old[i]);
		if (q->old[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &noted, NULL);
	}
}

static void question_done(struct question *q)
{
	if (q->fd < 0)
		return;
	if (q->quiet)
		(void)tcsetattr(q->fd, TCSANOW, &q->before);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaction(signals[i], &q->old[i], NULL);
	close(q->fd);
}

/* That nobody can be asked is no shortage of anything, EIO least of all: the terminal has gone. */
static bool no_terminal(struct err *e, const char *what)
{
	return err_set(e, ERR_CONFIG, "%s: %s", what, strerror(errno));
}

/* Turns echo off, and discards what was typed before the question. */
static bool hush(struct question *q, struct err *e)
{
	struct termios quiet;

	if (tcgetattr(q->fd, &q->before) != 0)
		return no_terminal(e, "the terminal cannot be asked");
	quiet = q->before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	quiet.c_iflag |= ICRNL;
	q->quiet = tcsetattr(q->fd, TCSAFLUSH, &quiet) == 0;
	return q->quiet || no_terminal(e, "the terminal cannot be asked");
}

/* Writes what the terminal takes without blocking: signals must work while output is stopped. */
static void write_unstoppable(int fd, struct str text)
{
	ssize_t ignored = write(fd, text.p, text.len);

	(void)ignored;
}

/* Takes what was typed; false at the end of the input, or when a signal interrupts. */
static bool take_typed(int fd, struct buf *line, struct err *e)
{
	char piece[LINE_MAX_OCTETS];
	ssize_t n = read(fd, piece, sizeof(piece));

	if (n < 0)
		return no_terminal(e, "the terminal cannot be read");
	if (n == 0)
		return err_set(e, ERR_CONFIG, "no password was typed");
	buf_bytes(line, piece, (size_t)n);
	mem_wipe(piece, sizeof(piece));
	return true;
}

/* Checks for a signal between waits, as poll() does not report one that came before it. */
static bool read_line(int fd, unsigned seconds, struct buf *line, struct err *e)
{
	deadline until = deadline_in((int64_t)seconds * 1000);
	unsigned ready;

	while (str_find(buf_str(line), '\n') == line->len && !line->over) {
		if (caught)
			return false;
		if (!poll_fd(fd, POLL_READ, deadline_first(until, deadline_in(LOOK_MS)), &ready, e))
			return false;
		if (ready && !take_typed(fd, line, e))
			return false;
		if (!ready && deadline_passed(until))
			return err_set(e, ERR_CONFIG, "no password was typed within %u s", seconds);
	}
	return true;
}

static bool take_answer(const struct buf *line, struct secret *ret, struct err *e)
{
	struct str typed = str_head(buf_str(line), str_find(buf_str(line), '\n'));

	if (line->over || typed.len >= LINE_MAX_OCTETS - 1) /* the terminal cuts it there */
		return err_set(e, ERR_CONFIG, "what was typed is too long for a password");
	if (!typed.len)
		return err_set(e, ERR_CONFIG, "no password was typed");
	return secret_set(ret, typed.p, typed.len) ||
	       err_set(e, ERR_CONFIG, "what was typed is too long for a password");
}

/* False with `caught` set means that a signal came; everything is restored. */
static bool ask_once(const char *text, unsigned seconds, struct secret *ret, struct err *e)
{
	struct buf line CLEAN_UP(buf_wipe_done) = BUF_INIT(LINE_MAX_OCTETS);
	struct question q CLEAN_UP(question_done) = { .fd = open_tty() };

	caught = 0;
	if (q.fd < 0)
		return err_os(e, ERR_CONFIG, errno, "/dev/tty");
	buf_reserve(&line, line.limit);
	catch_signals(&q);
	if (!hush(&q, e))
		return false;
	write_unstoppable(q.fd, str_of(text));
	bool typed = read_line(q.fd, seconds, &line, e);
	write_unstoppable(q.fd, STR("\n"));
	return typed && take_answer(&line, ret, e);
}

bool terminal_ask(const char *question, unsigned seconds, struct secret *ret, struct err *e)
{
	for (;;) {
		bool good = ask_once(question, seconds, ret, e);
		if (!caught)
			return good;
		/* Its own effect: the end, or a stop, after which someone is there again. */
		kill(getpid(), caught);
		if (interrupt_signal())
			return interrupt_err(e);
		if (good)
			return true;
	}
}

/* --- the terminal under a helper --- */

struct terminal_state {
	int fd;
	struct termios before;
};

static bool is_ours(int fd)
{
	return tcgetpgrp(fd) == getpgrp();
}

unsigned terminal_columns(int fd)
{
	struct winsize size;
	uint64_t columns = 0;

	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
		columns = size.ws_col;
	else
		(void)str_number(str_of(getenv("COLUMNS")), &columns);
	return columns < TERMINAL_COLUMNS_MAX ? (unsigned)columns : TERMINAL_COLUMNS_MAX;
}

bool terminal_is_foreground(int fd)
{
	return !isatty(fd) || is_ours(fd);
}

struct terminal_state *terminal_save(void)
{
	struct terminal_state s = { .fd = open_tty() };

	if (s.fd < 0)
		return NULL;
	if (!is_ours(s.fd) || tcgetattr(s.fd, &s.before) != 0) {
		close(s.fd);
		return NULL;
	}
	struct terminal_state *saved = mem_alloc(sizeof(*saved));
	*saved = s;
	return saved;
}

void terminal_restore(struct terminal_state *s)
{
	if (s && is_ours(s->fd))
		(void)tcsetattr(s->fd, TCSANOW, &s->before);
}

void terminal_state_free(struct terminal_state *s)
{
	if (!s)
		return;
	close(s->fd);
	mem_free(s);
}
