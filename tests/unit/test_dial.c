/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/buf.h"
#include "net/dial.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static char folder[] = "/tmp/test-dial-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[300];

	text_fmt(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* A socket at that path; nobody listens if queue < 0. */
static int make_socket(const char *path, int queue)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	text_fmt(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	if (queue >= 0)
		assert_int_equal(listen(fd, queue), 0);
	return fd;
}

static bool dial_path(const char *path, deadline until, struct dial_result *ret, struct err *e)
{
	const struct dial_options options = { .host = "", .socket = path };

	return dial(&options, until, ret, e);
}

static bool try(const char *path, struct dial_result *ret, struct err *e)
{
	*e = (struct err) { 0 };
	return dial_path(path, deadline_in(60000), ret, e);
}

static void test_octets_go_both_ways(void **state)
{
	(void)state;
	struct dial_result got;
	char text[10];
	unsigned ready;
	size_t n;
	struct err e;
	int listener = make_socket(in_folder("open"), 5);

	assert_true(try(in_folder("open"), &got, &e));
	assert_string_equal(got.peer, in_folder("open"));
	assert_string_equal(got.local, "localhost");
	int server = accept(listener, NULL, NULL);
	assert_int_equal(stream_read(got.stream, text, sizeof(text), &n, &e), STREAM_AGAIN);
	assert_int_equal(write(server, "220 x", 5), 5);
	assert_true(stream_wait(got.stream, false, deadline_in(60000), &ready, &e));
	assert_int_equal(stream_unread(got.stream), 5);
	assert_int_equal(stream_read(got.stream, text, sizeof(text), &n, &e), STREAM_OK);
	assert_true(n == 5 && memcmp(text, "220 x", 5) == 0);
	assert_int_equal(stream_write(got.stream, STR("QUIT"), &n, &e), STREAM_OK);
	assert_int_equal(read(server, text, sizeof(text)), 4);
	stream_close(got.stream, true);
	assert_int_equal(read(server, text, sizeof(text)), 0);
	close(server);
	close(listener);
}

static void check_refused(const char *path, enum err_kind kind, const char *said, const char *hint)
{
	struct dial_result got;
	struct err e;

	CHECK_ROW(path, try(path, &got, &e), false);
	CHECK_ROW(path, e.kind, kind);
	CHECK_ROW(path, holds(str_of(e.what), path), true);
	CHECK_ROW(e.what, holds(str_of(e.what), said), true);
	CHECK_ROW(e.hint, holds(str_of(e.hint), hint), true);
}

static void test_what_is_no_server(void **state)
{
	(void)state;
	int listener = make_socket(in_folder("quiet"), -1);
	int file = open(in_folder("file"), O_CREAT | O_WRONLY, 0600);

	close(make_socket(in_folder("gone"), 5));
	check_refused(in_folder("none"), ERR_NETWORK, "No such file", "check the path");
	check_refused(in_folder("file/none"), ERR_NETWORK, "Not a directory", "check the path");
	check_refused(in_folder("quiet"), ERR_NETWORK, "refused", "that the server is up");
	check_refused(in_folder("gone"), ERR_NETWORK, "refused", "that the server is up");
	check_refused(in_folder("file"), ERR_NETWORK, "refused", "that the server is up");
	check_refused(folder, ERR_NETWORK, "refused", "that the server is up");
	close(listener);
	close(file);
}

static void test_no_right_to_it(void **state)
{
	(void)state;
	bool is_root = geteuid() == 0;
	int listener = make_socket(in_folder("closed"), 5);

	assert_int_equal(chmod(in_folder("closed"), 0), 0);
	assert_int_equal(chmod(folder, 0711), 0);
	if (is_root)
		assert_int_equal(seteuid(65534), 0);
	check_refused(in_folder("closed"), ERR_NETWORK, "Permission denied", "the right to write");
	if (is_root)
		assert_int_equal(seteuid(0), 0);
	close(listener);
}

static void test_length(void **state)
{
	(void)state;
	enum { MOST = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1 };
	char path[MOST + 2] = "";
	struct dial_result got;
	struct err e;

	text_fmt(path, sizeof(path), "%s", in_folder(""));
	memset(path + strlen(path), 'x', MOST - strlen(path));
	int listener = make_socket(path, 5);
	assert_true(try(path, &got, &e));
	assert_int_equal(strlen(got.peer), DIAL_ADDRESS_MAX - 1);
	assert_true(str_starts(str_of(path), str_of(got.peer)));
	stream_close(got.stream, false);
	unlink(path);
	path[MOST] = 'x';
	check_refused(path, ERR_CONFIG, "at most 107 octets", "symbolic link");
	close(listener);
}

/* A server that takes no connections: its queue is full. */
static void test_deadline(void **state)
{
	(void)state;
	struct dial_result got[8];
	size_t count = 0;
	struct err e;
	int listener = make_socket(in_folder("full"), 0);

	assert_false(dial_path(in_folder("full"), deadline_in(-1), &got[0], &e));
	assert_int_equal(e.kind, ERR_TIMEOUT);
	while (count < ARRAY_LEN(got) &&
		dial_path(in_folder("full"), deadline_in(100), &got[count], &e))
		count++;
	assert_true(count > 0 && count < ARRAY_LEN(got));
	assert_int_equal(e.kind, ERR_TIMEOUT);
	assert_true(holds(str_of(e.what), in_folder("full")));
	while (count)
		stream_close(got[--count].stream, false);
	close(listener);
}

static void test_loopback(void **state)
{
	(void)state;
	static const char *const near[] = { "localhost", "LocalHost.", "a.localhost", "127.0.0.1",
		"127.9.9.9", "::1" };
	static const char *const far[] = { "", "localhost.example", "notlocalhost", "128.0.0.1",
		"::2", "127.0.0.1.example" };

	for (size_t i = 0; i < ARRAY_LEN(near); i++)
		CHECK_ROW(near[i], resolve_is_loopback(near[i]), true);
	for (size_t i = 0; i < ARRAY_LEN(far); i++)
		CHECK_ROW(far[i], resolve_is_loopback(far[i]), false);
}

static void check_way(
	const char *row, const struct dial_options *options, bool local, const char *wrong)
{
	struct err e;

	CHECK_ROW(row, dial_is_local(options), local);
	CHECK_ROW(row, dial_check(options, &e), !wrong);
	if (wrong) {
		CHECK_ROW(row, e.kind, ERR_CONFIG);
		CHECK_ROW(e.what, holds(str_of(e.what), wrong), true);
	}
}

/* What is known without a network. */
static void test_ways(void **state)
{
	(void)state;
	static const struct {
		struct dial_options options;
		bool local;
		const char *wrong;
	} rows[] = {
		{ { .host = "localhost" }, true, NULL },
		{ { .host = "mail.example" }, false, NULL },
		{ { .host = "localhost", .proxy = "localhost" }, false, NULL },
		{ { .host = "localhost", .tunnel = "cat" }, false, NULL },
		{ { .host = "mail.example", .socket = "/s" }, true, NULL },
		{ { .host = "h", .sources = "192.0.2.1\n2001:db8::1\n" }, false, NULL },
		{ { .host = "h", .sources = "192.0.2.1\n192.0.2.2\n" }, false,
			"one of its family" },
		{ { .host = "h", .sources = "name\n" }, false, "no IP address" },
		{ { .host = "h", .sources = "192.0.2.1\n", .family = RESOLVE_IPV6 }, false,
			"asks for IPv6" },
		{ { .host = "h", .sources = "192.0.2.1\n::1\n", .family = RESOLVE_IPV6 }, false,
			NULL },
		{ { .host = "h", .socket = "/s", .sources = "name\n" }, true, NULL },
	};
	char row[10];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		text_fmt(row, sizeof(row), "%zu", i);
		check_way(row, &rows[i].options, rows[i].local, rows[i].wrong);
	}
}

static void test_literals(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum resolve_family family;
	} rows[] = { { "192.0.2.1", RESOLVE_IPV4 }, { "::1", RESOLVE_IPV6 },
		{ "2001:db8::7", RESOLVE_IPV6 }, { "localhost", RESOLVE_ANY },
		{ "a.example", RESOLVE_ANY }, { "", RESOLVE_ANY } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_ROW(rows[i].text, resolve_literal(rows[i].text), rows[i].family);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	static const char *const names[] = { "open", "quiet", "gone", "file", "closed", "full" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unlink(in_folder(names[i]));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_octets_go_both_ways),
		cmocka_unit_test(test_what_is_no_server),
		cmocka_unit_test(test_no_right_to_it),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_literals),
	};
	return cmocka_run_group_tests_name("dial", tests, make_folder, remove_folder);
}
