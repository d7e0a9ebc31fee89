/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "sasl/sasl.h"

static bool has(const void *ctx, struct str mech)
{
	struct str rest = str_of(ctx), word;

	while ((word = str_word(&rest)).len)
		if (str_eq(word, mech))
			return true;
	return false;
}

/* A connection with TLS 1.3: tls-exporter, no tls-unique. */
static bool bind_1_3(const void *ctx, bool unique, struct buf *ret)
{
	(void)ctx;
	buf_clear(ret);
	buf_base64(ret, STR("channel"));
	return !unique;
}

static struct sasl_peer peer;

static struct sasl *start(
	const char *only, const char *user, const char *password, const char *offered)
{
	static struct secret secret;
	struct sasl_options options = { .user = user, .secret = &secret, .only = only };
	struct err e;

	peer = (struct sasl_peer) {
		.host = "server.example.com",
		.port = 143,
		.offers = has,
		.binding = peer.binding,
		.ctx = offered,
	};
	assert_true(secret_set(&secret, password, strlen(password)));
	return sasl_start(&options, &peer, "", &e);
}

static void test_known(void **state)
{
	(void)state;
	static const char *const known[] = { "scram", "Scram", "plain", "LOGIN", "scram-sha-1",
		"SCRAM-SHA-256", "cram-md5", "SCRAM-SHA-256-PLUS", "DIGEST-MD5", "NTLM", "EXTERNAL",
		"XOAUTH2" };
	static const char *const unknown[] = { "", "on", "scra", "scram-", "SCRAM-SHA-512",
		"ANONYMOUS", "SECURID", "SAML20", "OPENID20", "GS2-KRB5", "plain login" };
	struct buf list CLEAN_UP(buf_done) = BUF_INIT(300);

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		CHECK_ROW(known[i], mech_is_known(str_of(known[i])), true);
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
		CHECK_ROW(unknown[i], mech_is_known(str_of(unknown[i])), false);
	mech_list(&list);
	CHECK_TEXT("list", buf_str(&list),
		"scram, plain, login, scram-sha-256-plus, scram-sha-1-plus, scram-sha-256, "
		"scram-sha-1, oauthbearer, xoauth2, external, gssapi, cram-md5, digest-md5, ntlm");
}

static void test_ranking(void **state)
{
	(void)state;
	static const char all[] = "NTLM OAUTHBEARER XOAUTH2 GSSAPI EXTERNAL DIGEST-MD5 CRAM-MD5 "
				  "SCRAM-SHA-1 SCRAM-SHA-256 LOGIN PLAIN";
	static const struct {
		const char *only, *offered, *wanted;
	} rows[] = {
		{ NULL, all, "PLAIN" },
		{ NULL, "CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 LOGIN", "LOGIN" },
		{ NULL, "CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256", "SCRAM-SHA-256" },
		{ NULL, "CRAM-MD5 SCRAM-SHA-1", "SCRAM-SHA-1" },
		{ NULL, "CRAM-MD5 DIGEST-MD5 NTLM GSSAPI EXTERNAL OAUTHBEARER XOAUTH2", NULL },
		{ NULL, "", NULL },
		{ "scram", all, "SCRAM-SHA-256" },
		{ "scram", "PLAIN SCRAM-SHA-1", "SCRAM-SHA-1" },
		{ "scram", "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256-PLUS", NULL },
		{ "login", all, "LOGIN" },
		{ "CRAM-md5", all, "CRAM-MD5" },
		{ "scram-sha-1", all, "SCRAM-SHA-1" },
		{ "scram-sha-1", "SCRAM-SHA-256", NULL },
		{ "scram-sha-256-plus", "SCRAM-SHA-256-PLUS SCRAM-SHA-256", NULL },
		{ "external", all, "EXTERNAL" },
		{ "xoauth2", all, "XOAUTH2" },
		{ "oauthbearer", "XOAUTH2", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sasl *s = start(rows[i].only, "joe", "secret", rows[i].offered);
		CHECK_ROW(rows[i].offered, s != NULL, rows[i].wanted != NULL);
		if (s)
			CHECK_TEXT(rows[i].offered, str_of(sasl_mech(s)), rows[i].wanted);
		sasl_free(s);
	}
}

/* The answer to a challenge in clear, in clear; NULL when it was refused. */
static const char *answer(struct sasl *s, const char *challenge)
{
	static char text[200];
	struct buf asked CLEAN_UP(buf_done) = BUF_INIT(1000);
	struct buf coded CLEAN_UP(buf_done) = BUF_INIT(SASL_ANSWER_MAX);
	struct buf plain CLEAN_UP(buf_done) = BUF_INIT(sizeof(text) - 1);
	struct err e;

	buf_base64(&asked, str_of(challenge));
	if (!sasl_step(s, buf_str(&asked), &coded, &e))
		return NULL;
	assert_true(buf_unbase64(&plain, buf_str(&coded)));
	memset(text, 0, sizeof(text));
	memcpy(text, buf_text(&plain), plain.len);
	return text;
}

static bool is_complete(const struct sasl *s)
{
	return sasl_end(s) == SASL_ENDS;
}

/* A bound mechanism is first where the channel can be bound, and says how (RFC 9266). */
static void test_channel_binding(void **state)
{
	(void)state;
	static const struct {
		const char *only, *offered, *wanted;
	} rows[] = {
		{ "scram", "SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS",
			"SCRAM-SHA-256-PLUS" },
		{ "scram", "SCRAM-SHA-1-PLUS SCRAM-SHA-1 SCRAM-SHA-256", "SCRAM-SHA-1-PLUS" },
		{ "scram-sha-256-plus", "SCRAM-SHA-256", NULL },
		{ NULL, "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "SCRAM-SHA-256-PLUS" },
		{ "scram", "SCRAM-SHA-256", "SCRAM-SHA-256" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		peer.binding = bind_1_3;
		struct sasl *s = start(rows[i].only, "joe", "secret", rows[i].offered);
		CHECK_ROW(rows[i].offered, s != NULL, rows[i].wanted != NULL);
		if (!s)
			continue;
		CHECK_TEXT(rows[i].offered, str_of(sasl_mech(s)), rows[i].wanted);
		bool plus = strstr(rows[i].wanted, "PLUS") != NULL;
		const char *begins = plus ? "p=tls-exporter,,n=joe,r=" : "n,,n=joe,r=";
		CHECK_ROW(rows[i].offered, strncmp(answer(s, ""), begins, strlen(begins)), 0);
		sasl_free(s);
	}
	peer.binding = NULL;
}

/* The example of RFC 7628 section 4.1; a refusal says why, and is answered before it comes. */
static void test_oauth(void **state)
{
	(void)state;
	static const char token[] = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";
	static const char said[] = "{\"schemes\": \"bearer\", \"status\" :\"invalid\x1b_token\"}";
	struct sasl *s = start("oauthbearer", "user@example.com", token, "OAUTHBEARER");

	assert_true(sasl_sends_first(s));
	assert_string_equal(answer(s, ""),
		"n,a=user@example.com,\1host=server.example.com\1port=143\1auth=Bearer "
		"vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1");
	assert_int_equal(sasl_end(s), SASL_MAY_END);
	assert_string_equal(sasl_complaint(s), "");
	assert_string_equal(answer(s, said), "\1");
	assert_int_equal(sasl_end(s), SASL_GOES_ON);
	assert_string_equal(sasl_complaint(s), "invalid\\x1B_token");
	assert_null(answer(s, "{}"));
	sasl_free(s);

	s = start("xoauth2", "j,=e", token, "XOAUTH2");
	assert_string_equal(answer(s, ""),
		"user=j,=e\1auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1");
	assert_string_equal(answer(s, "not JSON at all"), "");
	assert_string_equal(sasl_complaint(s), "");
	sasl_free(s);

	s = start("oauthbearer", "j,=e", "t", "OAUTHBEARER");
	assert_int_equal(strncmp(answer(s, ""), "n,a=j=2C=3De,\1host=", 18), 0);
	sasl_free(s);
}

static void test_oauth_status(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "{\"status\":\"401\"}", "401" },
		{ "{\"a\":\"\\\"status\\\"\",\r\n\t\"status\"\n:\t\"x y\"}", "x y" },
		{ "{\"status\":401}", "" },
		{ "{\"status\":\"401", "401" },
		{ "{\"status\":", "" },
		{ "{\"status\"", "" },
		{ "\"statu", "" },
		{ "", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(100);
		mech_oauth_status(str_of(rows[i][0]), &out);
		CHECK_TEXT(rows[i][0], buf_str(&out), rows[i][1]);
	}
}

static void test_external(void **state)
{
	(void)state;
	struct sasl *s = start("external", "", "", "EXTERNAL");

	assert_true(sasl_sends_first(s));
	assert_string_equal(answer(s, ""), "");
	assert_true(is_complete(s));
	sasl_free(s);
}

static void test_plain_and_login(void **state)
{
	(void)state;
	struct sasl *s = start("plain", "joe", "secret", "PLAIN");

	assert_true(sasl_sends_first(s));
	assert_memory_equal(answer(s, ""), "\0joe\0secret", 12);
	assert_true(is_complete(s));
	assert_null(answer(s, ""));
	sasl_free(s);

	s = start("login", "joe", "secret", "LOGIN");
	assert_false(sasl_sends_first(s));
	assert_string_equal(answer(s, "User Name"), "joe");
	assert_false(is_complete(s));
	assert_string_equal(answer(s, "Password:"), "secret");
	assert_true(is_complete(s));
	sasl_free(s);
}

/* The example of RFC 2195 section 2. */
static void test_cram_md5(void **state)
{
	(void)state;
	struct sasl *s = start("cram-md5", "tim", "tanstaaftanstaaf", "CRAM-MD5");

	assert_false(sasl_sends_first(s));
	assert_null(answer(s, ""));
	assert_string_equal(answer(s, "<1896.697170952@postoffice.reston.mci.net>"),
		"tim b913a602c7eda7a495b4e6e7334d3890");
	assert_true(is_complete(s));
	sasl_free(s);
}

/* No channel binding, a nonce of ours, and nothing is complete before the server has proved it. */
static void test_scram(void **state)
{
	(void)state;
	struct sasl *s = start("scram", "j,o=e", "secret", "SCRAM-SHA-256");
	struct buf reply CLEAN_UP(buf_done) = BUF_INIT(400);
	const char *first = answer(s, "");

	assert_true(strncmp(first, "n,,n=j=2Co=3De,r=", 17) == 0 && strlen(first) > 30);
	buf_fmt(&reply, "r=%sX,s=QSXCR+Q6sek8bf92,i=4096", first + 17);
	assert_true(strncmp(answer(s, buf_text(&reply)), "c=biws,r=", 9) == 0);
	assert_false(is_complete(s));
	assert_null(answer(s, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="));
	assert_false(is_complete(s));
	sasl_free(s);
}

static void test_check(void **state)
{
	(void)state;
	static char longest[SASL_CREDENTIALS_MAX - 2];
	static const struct {
		const char *only, *user;
		struct str password;
		bool good;
	} rows[] = {
		{ NULL, "joe", TEXT("secret"), true },
		{ NULL, "joe", TEXT(""), true },
		{ NULL, "j\xc3\xb6", TEXT("\xf0\x9f\x98\x80\t"), true },
		{ NULL, "joe", TEXT("a\0b"), false },
		{ NULL, "joe", TEXT("a\1"), false },
		{ NULL, "joe", TEXT("a\r"), false },
		{ NULL, "joe", TEXT("a\n"), false },
		{ NULL, "jo\ne", TEXT("a"), false },
		{ NULL, "j\xf6", TEXT("a"), false },
		{ NULL, "joe", TEXT("\xed\xa0\x80"), false },
		{ NULL, "joe", TEXT("\xee\x80\x80"), true },
		{ "scram", "joe", TEXT("\xee\x80\x80"), false },
		{ "cram-md5", "joe", TEXT("\xee\x80\x80"), false },
		{ "plain", "joe", TEXT("\xee\x80\x80"), true },
		{ "scram", "\xc2\xad", TEXT("a"), false },
		{ "scram", "joe", TEXT(""), false },
		{ "scram", "joe", TEXT("\xf0\x9f\x98\x80"), true },
		{ "xoauth2", "joe", TEXT("ya29.a-_~+/0=="), true },
		{ "xoauth2", "joe", TEXT("a b"), false },
		{ "xoauth2", "joe", TEXT("a=b"), false },
		{ "oauthbearer", "joe", TEXT(""), false },
		{ "oauthbearer", "joe", TEXT("=="), false },
		{ NULL, "jo", { longest, sizeof(longest) }, true },
		{ NULL, "joe", { longest, sizeof(longest) }, false },
	};
	struct secret secret CLEAN_UP(secret_done) = { 0 };
	struct err e;

	memset(longest, 'x', sizeof(longest));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sasl_options options = {
			.user = rows[i].user,
			.secret = &secret,
			.only = rows[i].only,
		};
		assert_true(secret_set(&secret, rows[i].password.p, rows[i].password.len));
		bool good = sasl_check(&options, &e);
		CHECK_ROW(rows[i].password.p, good, rows[i].good);
		if (!good)
			CHECK_ROW(rows[i].password.p, e.kind, ERR_CONFIG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_ranking),
		cmocka_unit_test(test_channel_binding),
		cmocka_unit_test(test_oauth),
		cmocka_unit_test(test_oauth_status),
		cmocka_unit_test(test_external),
		cmocka_unit_test(test_plain_and_login),
		cmocka_unit_test(test_cram_md5),
		cmocka_unit_test(test_scram),
		cmocka_unit_test(test_check),
	};
	return cmocka_run_group_tests_name("sasl", tests, NULL, NULL);
}
