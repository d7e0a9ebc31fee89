/* SPDX-License-Identifier: MIT */
/*
 * stream - non-blocking octets in layers that stack (socket, TLS on a socket).
 *
 * Reading and writing never wait; stream_wait() does, with a deadline. What a write accepted may
 * still be in a layer's buffer; the kernel has it once stream_flush() returns STREAM_OK.
 * STREAM_EOF is the other side's orderly end. A layer owns the one below it. EINTR is handled here.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/clock.h"
#include "base/err.h"

enum stream_got { STREAM_OK, STREAM_AGAIN, STREAM_EOF, STREAM_FAIL };

struct stream;

struct stream_ops {
	enum stream_got (*read)(
		struct stream *s, char *to, size_t size, size_t *ret_n, struct err *e);
	enum stream_got (*write)(struct stream *s, struct str bytes, size_t *ret_n, struct err *e);
	enum stream_got (*flush)(struct stream *s, struct err *e);
	size_t (*held)(const struct stream *s);
	bool (*has_pending)(const struct stream *s);
	void (*close)(struct stream *s, bool politely);
};

/* The head of every layer. */
struct stream {
	const struct stream_ops *ops;
	int fd;
	uint64_t written; /* octets that the kernel took; of a socket alone, see below */
};

/* Takes over a connected socket, made non-blocking. */
struct stream *stream_of_socket(int fd);

enum stream_got stream_read(struct stream *s, char *to, size_t size, size_t *ret_n, struct err *e);
enum stream_got stream_write(struct stream *s, struct str bytes, size_t *ret_n, struct err *e);
enum stream_got stream_flush(struct stream *s, struct err *e);
/* How many octets that stream_write() accepted are not with the kernel yet. */
size_t stream_held(const struct stream *s);
/*
 * How many octets of a connection the kernel has taken, and whether the other side's kernel has
 * acknowledged the first n of them. Both want the lowest layer. Only TCP on Linux can tell that
 * octets were not acknowledged.
 */
uint64_t stream_written(const struct stream *socket);
bool stream_is_acknowledged(const struct stream *socket, uint64_t n);
/* Waits until s can be read or, with to_write, written; *ret_ready as for poll_fd(). */
bool stream_wait(
	struct stream *s, bool to_write, deadline until, unsigned *ret_ready, struct err *e);
/* How many octets wait in the kernel, to check that nothing precedes a TLS handshake. */
size_t stream_unread(const struct stream *s);
/* politely: send TLS close_notify, but do not wait for the answer. NULL is fine. */
void stream_close(struct stream *s, bool politely);

#endif
