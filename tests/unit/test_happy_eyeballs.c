/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/buf.h"
#include "net/happy_eyeballs.h"
#include "net/resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

static struct addrinfo list[HAPPY_EYEBALLS_MOST + 10];

/* '4' and '6', one for each address. */
static const struct addrinfo *make_list(const char *families)
{
	size_t n = strlen(families);

	for (size_t i = 0; i < n; i++)
		list[i] = (struct addrinfo) {
			.ai_family = families[i] == '6' ? AF_INET6 : AF_INET,
			.ai_next = i + 1 < n ? &list[i + 1] : NULL,
		};
	return n ? list : NULL;
}

/* Letters are places in the list. */
static void test_order(void **state)
{
	(void)state;
	static const struct {
		const char *families, *order;
	} rows[] = { { "", "" }, { "4", "a" }, { "46", "ab" }, { "64", "ab" }, { "6644", "acbd" },
		{ "4466", "acbd" }, { "666644", "aebfcd" }, { "64444", "abcde" }, { "444", "abc" },
		{ "4646", "abcd" } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct addrinfo *order[HAPPY_EYEBALLS_MOST];
		char got[HAPPY_EYEBALLS_MOST + 1] = "";
		size_t n = happy_eyeballs_order(make_list(rows[i].families), order);
		for (size_t k = 0; k < n; k++)
			got[k] = (char)('a' + (order[k] - list));
		CHECK_TEXT(rows[i].families, str_of(got), rows[i].order);
	}
}

static void test_there_are_too_many(void **state)
{
	(void)state;
	const struct addrinfo *order[HAPPY_EYEBALLS_MOST];
	char families[ARRAY_LEN(list) + 1] = "";

	memset(families, '4', ARRAY_LEN(list));
	assert_int_equal(happy_eyeballs_order(make_list(families), order), HAPPY_EYEBALLS_MOST);
}

/* A socket that listens, or one that is bound and refuses. */
static int make_port(bool listens, unsigned *ret_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	if (listens)
		assert_int_equal(listen(fd, 5), 0);
	*ret_port = ntohs(at.sin_port);
	return fd;
}

static struct addrinfo *find(const char *host, unsigned port)
{
	const struct resolve_options options = { .host = host, .port = port };
	struct err e;
	struct addrinfo *found = resolve(&options, deadline_in(60000), &e);

	assert_non_null(found);
	return found;
}

/* The living one comes last, behind one that refuses. */
static void test_one_lives(void **state)
{
	(void)state;
	unsigned dead_port, port;
	const struct addrinfo *winner;
	struct err e;
	int dead = make_port(false, &dead_port), alive = make_port(true, &port);
	struct addrinfo *first = find("127.0.0.1", dead_port), *second = find("127.0.0.1", port);
	struct happy_eyeballs_options options = { .to = first };

	first->ai_next = second;
	int fd = happy_eyeballs(&options, deadline_in(60000), &winner, &e);
	assert_true(fd >= 0);
	assert_ptr_equal(winner, second);
	close(fd);
	first->ai_next = NULL;
	assert_int_equal(happy_eyeballs(&options, deadline_in(60000), &winner, &e), -1);
	assert_int_equal(e.kind, ERR_NETWORK);
	assert_string_equal(e.what, "127.0.0.1: cannot connect: Connection refused");
	assert_int_equal(happy_eyeballs(&options, deadline_in(-1), &winner, &e), -1);
	assert_int_equal(e.kind, ERR_TIMEOUT);
	resolve_free(first);
	resolve_free(second);
	close(dead);
	close(alive);
}

/* Its queue is full: whoever connects hears nothing. */
static int make_silent(unsigned *ret_port, int ret_waiting[2])
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	int fd = make_port(false, ret_port);

	assert_int_equal(listen(fd, 0), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	for (int i = 0; i < 2; i++) {
		ret_waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(ret_waiting[i], (struct sockaddr *)&at, sizeof(at));
	}
	return fd;
}

/* One that refuses is followed at once, also where another one is still waited for. */
static void test_next_one_is_immediate(void **state)
{
	(void)state;
	unsigned port[3];
	const struct addrinfo *winner;
	struct err e;
	int waiting[2], silent = make_silent(&port[0], waiting);
	int dead = make_port(false, &port[1]), alive = make_port(true, &port[2]);
	struct addrinfo *to[3];
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < ARRAY_LEN(to); i++)
		to[i] = find("127.0.0.1", port[i]);
	to[0]->ai_next = to[1];
	to[1]->ai_next = to[2];
	for (int run = 0; run < 4 && least >= 2 * HAPPY_EYEBALLS_STAGGER_MS; run++) {
		int64_t began = clock_now();
		int fd = happy_eyeballs(&(struct happy_eyeballs_options) { .to = to[0] },
			deadline_in(60000), &winner, &e);
		assert_true(fd >= 0);
		assert_ptr_equal(winner, to[2]);
		close(fd);
		least = clock_now() - began < least ? clock_now() - began : least;
	}
	assert_true(least < 2 * HAPPY_EYEBALLS_STAGGER_MS);
	for (size_t i = 0; i < ARRAY_LEN(to); i++) {
		to[i]->ai_next = NULL;
		resolve_free(to[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(waiting); i++)
		close(waiting[i]);
	close(silent);
	close(dead);
	close(alive);
}

static void test_every_one_is_told(void **state)
{
	(void)state;
	unsigned port;
	const struct addrinfo *winner;
	struct err e;
	int dead = make_port(false, &port);
	struct addrinfo *first = find("127.0.0.1", port), *second = find("127.0.0.2", port);
	struct happy_eyeballs_options options = { .to = first };

	first->ai_next = second;
	assert_int_equal(happy_eyeballs(&options, deadline_in(60000), &winner, &e), -1);
	assert_string_equal(e.what, "none of its 2 addresses: 127.0.0.1: cannot connect: "
				    "Connection refused; 127.0.0.2: cannot connect: "
				    "Connection refused");
	first->ai_next = NULL;
	resolve_free(first);
	resolve_free(second);
	close(dead);
}

static void test_our_own_address(void **state)
{
	(void)state;
	unsigned port;
	const struct addrinfo *winner;
	struct sockaddr_in local;
	socklen_t len = sizeof(local);
	struct err e;
	int alive = make_port(true, &port);
	struct addrinfo *to = find("127.0.0.1", port), *ours = find("127.0.0.9", 0);
	struct addrinfo *foreign = find("192.0.2.1", 0);
	struct happy_eyeballs_options options = { .to = to, .from_v4 = ours };

	int fd = happy_eyeballs(&options, deadline_in(60000), &winner, &e);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&local, &len), 0);
	assert_int_equal(ntohl(local.sin_addr.s_addr), 0x7f000009);
	close(fd);
	options.from_v4 = foreign;
	assert_int_equal(happy_eyeballs(&options, deadline_in(60000), &winner, &e), -1);
	assert_int_equal(e.kind, ERR_NETWORK);
	assert_true(holds(str_of(e.what), "source_ip 192.0.2.1: Cannot assign"));
	assert_true(holds(str_of(e.hint), "an address of this machine"));
	resolve_free(to);
	resolve_free(ours);
	resolve_free(foreign);
	close(alive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_there_are_too_many),
		cmocka_unit_test(test_one_lives),
		cmocka_unit_test(test_next_one_is_immediate),
		cmocka_unit_test(test_every_one_is_told),
		cmocka_unit_test(test_our_own_address),
	};
	return cmocka_run_group_tests_name("happy_eyeballs", tests, NULL, NULL);
}
