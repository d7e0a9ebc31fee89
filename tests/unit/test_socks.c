/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "net/socks.h"

#define OCTETS(literal)                         \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}

struct row {
	const char *name, *host, *user;
	struct str says; /* the proxy */
	struct str hears;
	enum err_kind kind;
	const char *error;
};

static const struct row rows[] = {
	{ "name", "a.example", NULL,
		OCTETS("\5\0"
		       "\5\0\0\1\x7f\0\0\1\0\x50"),
		OCTETS("\5\1\0"
		       "\5\1\0\3\x09"
		       "a.example\2\x4b"),
		ERR_NONE, NULL },
	{ "IPv4", "192.0.2.7", NULL,
		OCTETS("\5\0"
		       "\5\0\0\1\x7f\0\0\1\0\x50"),
		OCTETS("\5\1\0"
		       "\5\1\0\1\xc0\0\2\7\2\x4b"),
		ERR_NONE, NULL },
	{ "IPv6", "2001:db8::7", NULL,
		OCTETS("\5\0"
		       "\5\0\0\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\0\x50"),
		OCTETS("\5\1\0"
		       "\5\1\0\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7\2\x4b"),
		ERR_NONE, NULL },
	{ "a name in the reply", "h", NULL,
		OCTETS("\5\0"
		       "\5\0\0\3\5proxy\0\x50"),
		OCTETS("\5\1\0"
		       "\5\1\0\3\1h\2\x4b"),
		ERR_NONE, NULL },
	{ "an empty name in the reply", "h", NULL,
		OCTETS("\5\0"
		       "\5\0\0\3\0\0\x50"),
		OCTETS("\5\1\0"
		       "\5\1\0\3\1h\2\x4b"),
		ERR_NONE, NULL },
	{ "user", "h", "joe",
		OCTETS("\5\2"
		       "\1\0"
		       "\5\0\0\1\0\0\0\0\0\0"),
		OCTETS("\5\2\0\2"
		       "\1\3joe\6secret"
		       "\5\1\0\3\1h\2\x4b"),
		ERR_NONE, NULL },
	{ "user not wanted", "h", "joe",
		OCTETS("\5\0"
		       "\5\0\0\1\0\0\0\0\0\0"),
		OCTETS("\5\2\0\2"
		       "\5\1\0\3\1h\2\x4b"),
		ERR_NONE, NULL },
	{ "user refused", "h", "joe",
		OCTETS("\5\2"
		       "\1\1"),
		OCTETS("\5\2\0\2"
		       "\1\3joe\6secret"),
		ERR_NOPERM, "user name or the password" },
	{ "user wanted", "h", NULL, OCTETS("\5\xff"), OCTETS("\5\1\0"), ERR_NOPERM,
		"without a user name" },
	{ "method not offered", "h", NULL, OCTETS("\5\2"), OCTETS("\5\1\0"), ERR_NETWORK,
		"does not speak SOCKS5" },
	{ "GSSAPI", "h", "joe", OCTETS("\5\1"), OCTETS("\5\2\0\2"), ERR_NETWORK,
		"does not speak SOCKS5" },
	{ "SOCKS4", "h", NULL, OCTETS("\0\x5a"), OCTETS("\5\1\0"), ERR_NETWORK,
		"does not speak SOCKS5" },
	{ "HTTP", "h", NULL, OCTETS("HT"), OCTETS("\5\1\0"), ERR_NETWORK, "does not speak SOCKS5" },
	{ "wrong answer to user", "h", "joe",
		OCTETS("\5\2"
		       "\5\0"),
		OCTETS("\5\2\0\2"
		       "\1\3joe\6secret"),
		ERR_NETWORK, "does not speak SOCKS5" },
	{ "wrong version in reply", "h", NULL,
		OCTETS("\5\0"
		       "\4\0\0\1\0"),
		OCTETS("\5\1\0"
		       "\5\1\0\3\1h\2\x4b"),
		ERR_NETWORK, "does not speak SOCKS5" },
	{ "wrong type of address", "h", NULL,
		OCTETS("\5\0"
		       "\5\0\0\2\0"),
		OCTETS("\5\1\0"
		       "\5\1\0\3\1h\2\x4b"),
		ERR_NETWORK, "does not speak SOCKS5" },
	{ "refused", "h", NULL,
		OCTETS("\5\0"
		       "\5\5\0\1\0"),
		OCTETS("\5\1\0"
		       "\5\1\0\3\1h\2\x4b"),
		ERR_NETWORK, "refused the connection" },
	{ "not allowed", "h", NULL,
		OCTETS("\5\0"
		       "\5\2\0\1\0"),
		OCTETS("\5\1\0"
		       "\5\1\0\3\1h\2\x4b"),
		ERR_NETWORK, "rules do not allow" },
	{ "unknown reply", "h", NULL,
		OCTETS("\5\0"
		       "\5\x63\0\1\0"),
		OCTETS("\5\1\0"
		       "\5\1\0\3\1h\2\x4b"),
		ERR_NETWORK, "unknown reply 99" },
};

static bool play(const struct row *row, struct buf *heard, struct err *e)
{
	struct secret password CLEAN_UP(secret_done) = { 0 };
	struct socks_options options = {
		.host = row->host, .port = 587, .user = row->user, .password = &password
	};
	struct socks s CLEAN_UP(socks_done);
	struct str says = row->says;

	assert_true(secret_set(&password, "secret", 6));
	assert_true(socks_begin(&s, &options, e));
	while (s.wanted) {
		buf_add(heard, buf_str(&s.out));
		buf_wipe(&s.out);
		CHECK_ROW(row->name, s.wanted <= SOCKS_WANTED_MAX, true);
		CHECK_ROW(row->name, says.len >= s.wanted, true);
		struct str piece = str_head(says, s.wanted);
		says = str_from(says, s.wanted);
		if (!socks_take(&s, (const unsigned char *)piece.p, e))
			return false;
	}
	CHECK_ROW(row->name, says.len, 0);
	return true;
}

static void test_handshakes(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf heard CLEAN_UP(buf_done) = BUF_INIT(1000);
		struct err e = { 0 };
		CHECK_ROW(rows[i].name, play(&rows[i], &heard, &e), !rows[i].error);
		CHECK_ROW(rows[i].name, e.kind, rows[i].kind);
		CHECK_ROW(rows[i].name, str_eq(buf_str(&heard), rows[i].hears), true);
		if (rows[i].error)
			CHECK_ROW(e.what, holds(str_of(e.what), rows[i].error), true);
	}
}

static void test_what_does_not_fit(void **state)
{
	(void)state;
	struct secret password CLEAN_UP(secret_done) = { 0 };
	struct socks s;
	char text[257];
	struct err e;

	memset(text, 'x', sizeof(text) - 1);
	text[256] = '\0';
	assert_true(secret_set(&password, text, 256));
	struct socks_options host = { .host = text };
	struct socks_options user = { .host = "h", .user = text, .password = &password };
	struct socks_options secret = { .host = "h", .user = "u", .password = &password };
	assert_false(socks_begin(&s, &host, &e));
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_false(socks_begin(&s, &user, &e));
	assert_false(socks_begin(&s, &secret, &e));
	assert_int_equal(e.kind, ERR_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handshakes),
		cmocka_unit_test(test_what_does_not_fit),
	};
	return cmocka_run_group_tests_name("socks", tests, NULL, NULL);
}
