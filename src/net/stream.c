/* SPDX-License-Identifier: MIT */
#include "net/stream.h"

#include "base/mem.h"
#include "os/poll.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static enum stream_got after(int os_errno, const char *what, struct err *e)
{
	if (os_errno == EAGAIN)
		return STREAM_AGAIN;
	err_os(e, ERR_NETWORK, os_errno, "%s", what);
	return STREAM_FAIL;
}

/*
 * The kernel puts off an acknowledgement for 40 ms, and a server that writes the replies to one
 * flight one by one may wait for it with the second. It falls back to that by itself.
 */
static void acknowledge_at_once(int fd)
{
#ifdef TCP_QUICKACK
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on)); /* no matter on AF_UNIX */
#else
	(void)fd;
#endif
}

static enum stream_got socket_read(
	struct stream *s, char *to, size_t size, size_t *ret_n, struct err *e)
{
	ssize_t n;

	do
		n = recv(s->fd, to, size, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return after(errno, "the connection broke", e);
	*ret_n = (size_t)n;
	acknowledge_at_once(s->fd);
	return n ? STREAM_OK : STREAM_EOF;
}

static enum stream_got socket_write(
	struct stream *s, struct str bytes, size_t *ret_n, struct err *e)
{
	ssize_t n;

	do
		n = send(s->fd, bytes.p, bytes.len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return after(errno, "the connection broke", e);
	*ret_n = (size_t)n;
	s->written += (uint64_t)n;
	return STREAM_OK;
}

static enum stream_got socket_flush(struct stream *s, struct err *e)
{
	(void)s;
	(void)e;
	return STREAM_OK;
}

static size_t socket_held(const struct stream *s)
{
	(void)s;
	return 0;
}

static bool socket_has_pending(const struct stream *s)
{
	(void)s;
	return false;
}

static void socket_close(struct stream *s, bool politely)
{
	(void)politely;
	close(s->fd);
	mem_free(s);
}

static const struct stream_ops socket_ops = {
	.read = socket_read,
	.write = socket_write,
	.flush = socket_flush,
	.held = socket_held,
	.has_pending = socket_has_pending,
	.close = socket_close,
};

struct stream *stream_of_socket(int fd)
{
	struct stream *s = mem_alloc(sizeof(*s));
	int on = 1;

	*s = (struct stream) { .ops = &socket_ops, .fd = fd };
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* no matter on AF_UNIX */
	return s;
}

enum stream_got stream_read(struct stream *s, char *to, size_t size, size_t *ret_n, struct err *e)
{
	return s->ops->read(s, to, size, ret_n, e);
}

enum stream_got stream_write(struct stream *s, struct str bytes, size_t *ret_n, struct err *e)
{
	return s->ops->write(s, bytes, ret_n, e);
}

enum stream_got stream_flush(struct stream *s, struct err *e)
{
	return s->ops->flush(s, e);
}

size_t stream_held(const struct stream *s)
{
	return s->ops->held(s);
}

uint64_t stream_written(const struct stream *socket)
{
	return socket->written;
}

/* The octets that the kernel has to send or to send again, the last ones that it took. */
static uint64_t count_unacknowledged(int fd)
{
#if defined(__linux__) && defined(TIOCOUTQ)
	int protocol = 0, n = 0;
	socklen_t len = sizeof(protocol);

	if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0 &&
		protocol == IPPROTO_TCP && ioctl(fd, TIOCOUTQ, &n) == 0 && n > 0)
		return (uint64_t)n;
#else
	(void)fd;
#endif
	return 0;
}

bool stream_is_acknowledged(const struct stream *socket, uint64_t n)
{
	uint64_t since = socket->written - n;

	return count_unacknowledged(socket->fd) <= since;
}

bool stream_wait(
	struct stream *s, bool to_write, deadline until, unsigned *ret_ready, struct err *e)
{
	if (s->ops->has_pending(s)) {
		*ret_ready = POLL_READ;
		return true;
	}
	return poll_fd(s->fd, POLL_READ | (to_write ? POLL_WRITE : 0), until, ret_ready, e);
}

size_t stream_unread(const struct stream *s)
{
	int n = 0;

	return ioctl(s->fd, FIONREAD, &n) == 0 && n > 0 ? (size_t)n : 0;
}

void stream_close(struct stream *s, bool politely)
{
	if (s)
		s->ops->close(s, politely);
}
