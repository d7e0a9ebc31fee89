/* SPDX-License-Identifier: MIT */
#include "net/tunnel.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/printable.h"
#include "os/file.h"
#include "os/process.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LAST_WORDS = 300 };

struct tunnel {
	struct stream head;
	struct stream *socket;
	struct process_child child;
};

static struct tunnel *of(struct stream *s)
{
	return (struct tunnel *)(void *)s;
}

/* Adds the last line that the command wrote on standard error. */
static void add_last_words(const struct tunnel *t, struct err *e)
{
	struct buf words CLEAN_UP(buf_done) = BUF_INIT(PROCESS_WORDS_MAX);
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(LAST_WORDS);

	process_words(&t->child, &words);
	struct str rest = str_trim_lines(buf_str(&words));
	size_t before = str_rfind(rest, '\n');
	struct str last = before < rest.len ? str_from(rest, before + 1) : rest;
	if (!last.len)
		return;
	printable_add(&shown, str_trim_lines(str_head(last, LAST_WORDS / 4)));
	err_set(e, e->kind, "%s; it said: %s", e->what, buf_text(&shown));
}

/* The command closed its output: STREAM_EOF if it ended well, or still runs. */
static enum stream_got explain_exit(struct tunnel *t, struct err *e)
{
	int status;

	if (!process_await(&t->child, deadline_in(TUNNEL_GRACE_MS)))
		return STREAM_EOF;
	status = t->child.status;
	if (WIFSIGNALED(status))
		err_set(e, ERR_NETWORK, "the tunnel was killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127)
		err_set(e, ERR_CONFIG, "the tunnel command cannot be run (exit status %d)",
			WEXITSTATUS(status));
	else if (WEXITSTATUS(status))
		err_set(e, ERR_NETWORK, "the tunnel ended with exit status %d",
			WEXITSTATUS(status));
	else
		return STREAM_EOF;
	add_last_words(t, e);
	return STREAM_FAIL;
}

static enum stream_got tunnel_read(
	struct stream *s, char *to, size_t size, size_t *ret_n, struct err *e)
{
	enum stream_got got = stream_read(of(s)->socket, to, size, ret_n, e);

	return got == STREAM_EOF || got == STREAM_FAIL ? explain_exit(of(s), e) : got;
}

static enum stream_got tunnel_write(
	struct stream *s, struct str bytes, size_t *ret_n, struct err *e)
{
	enum stream_got got = stream_write(of(s)->socket, bytes, ret_n, e);

	if (got == STREAM_FAIL && explain_exit(of(s), e) == STREAM_EOF)
		err_set(e, ERR_NETWORK, "the tunnel has ended");
	return got;
}

static enum stream_got tunnel_flush(struct stream *s, struct err *e)
{
	return stream_flush(of(s)->socket, e);
}

static size_t tunnel_held(const struct stream *s)
{
	return stream_held(((const struct tunnel *)(const void *)s)->socket);
}

static bool tunnel_has_pending(const struct stream *s)
{
	(void)s;
	return false;
}

static void tunnel_close(struct stream *s, bool politely)
{
	struct tunnel *t = of(s);

	stream_close(t->socket, politely);
	if (!process_await(&t->child, deadline_in(TUNNEL_GRACE_MS)))
		process_kill(&t->child);
	process_tell_words(&t->child, true);
	process_child_done(&t->child);
	mem_free(t);
}

static const struct stream_ops tunnel_ops = {
	.read = tunnel_read,
	.write = tunnel_write,
	.flush = tunnel_flush,
	.held = tunnel_held,
	.has_pending = tunnel_has_pending,
	.close = tunnel_close,
};

struct stream *tunnel_open(const char *command, struct err *e)
{
	struct tunnel *t = mem_alloc(sizeof(*t));
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
		err_os(e, ERR_OS, errno, "socketpair");
		mem_free(t);
		return NULL;
	}
	bool started = process_start(command, fds[1], fds[1], &t->child, e);
	close(fds[1]);
	if (!started) {
		close(fds[0]);
		process_child_done(&t->child);
		mem_free(t);
		return NULL;
	}
	t->socket = stream_of_socket(fds[0]);
	t->head = (struct stream) { .ops = &tunnel_ops, .fd = fds[0] };
	return &t->head;
}
