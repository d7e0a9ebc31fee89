/* SPDX-License-Identifier: MIT */
/* What the other side's kernel has acknowledged. */
#include "unit.h"

#include "base/clock.h"
#include "net/stream.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 65536, SMALL = 4096, MOST = 64 };

/* A TCP connection over loopback whose other end has little room; *ret_peer is that end. */
static struct stream *connect_pair(int *ret_peer)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd, room = SMALL;
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)), 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	*ret_peer = accept(listener, NULL, NULL);
	assert_true(*ret_peer >= 0);
	close(listener);
	return stream_of_socket(fd);
}

/* Writes until the kernel takes no more. */
static void fill(struct stream *s)
{
	static char piece[PIECE];
	size_t n;
	struct err e;

	for (unsigned i = 0; i < MOST; i++)
		if (stream_write(s, str_n(piece, sizeof(piece)), &n, &e) != STREAM_OK)
			return;
	fail_msg("the kernel takes everything");
}

/* Reads so many octets at the other end. */
static void drain(int peer, uint64_t n)
{
	static char piece[PIECE];

	while (n) {
		ssize_t got = read(peer, piece, n < sizeof(piece) ? (size_t)n : sizeof(piece));
		assert_true(got > 0);
		n -= (uint64_t)got;
	}
}

static bool is_soon_acknowledged(const struct stream *s, uint64_t n)
{
	deadline until = deadline_in(10000);

	while (!stream_is_acknowledged(s, n) && !deadline_passed(until))
		usleep(1000);
	return stream_is_acknowledged(s, n);
}

static void test_tcp(void **state)
{
	(void)state;
	int peer;
	struct stream *s = connect_pair(&peer);

	assert_int_equal(stream_written(s), 0);
	assert_true(stream_is_acknowledged(s, 0));
	fill(s);
	uint64_t first = stream_written(s);
	assert_true(first > 2 * SMALL);
	assert_false(stream_is_acknowledged(s, first));
	assert_true(is_soon_acknowledged(s, 1));
	drain(peer, first);
	assert_true(is_soon_acknowledged(s, first));
	/* What is written afterwards does not count. */
	fill(s);
	assert_true(stream_written(s) > first);
	assert_true(stream_is_acknowledged(s, first));
	assert_false(stream_is_acknowledged(s, stream_written(s)));
	close(peer);
	stream_close(s, false);
}

/* Other sockets do not tell, and are believed. */
static void test_unix(void **state)
{
	(void)state;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	struct stream *s = stream_of_socket(ends[0]);
	fill(s);
	assert_true(stream_is_acknowledged(s, stream_written(s)));
	close(ends[1]);
	stream_close(s, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_unix),
	};
	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
