/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "smtp/capabilities.h"

enum {
	TLS = 1,
	PIPE = 2,
	EIGHT = 4,
	SIZE = 8,
	AUTH = 16,
	CHUNK = 32,
	DSN = 64,
	RTLS = 128,
	ETRN = 256,
	UTF8 = 512
};

static const struct {
	const char *text;
	int flags;
	uint64_t size_max;
	const char *mechs;
} rows[] = {
	{ "", 0, 0, "" },
	{ "STARTTLS", 0, 0, "" }, /* the greeting */
	{ "AUTH PLAIN\nSTARTTLS", TLS, 0, "" },
	{ "h\nSTARTTLS\nPIPELINING\n8BITMIME\nSIZE 1000\nAUTH PLAIN LOGIN",
		TLS | PIPE | EIGHT | SIZE | AUTH, 1000, "PLAIN LOGIN" },
	{ "h\nstarttls\npipelining\n8bitmime\nsize 1\nauth plain", TLS | PIPE | EIGHT | SIZE | AUTH,
		1, "plain" },
	{ "h\nSTARTTLS now", TLS, 0, "" },
	{ "h\nCHUNKING\nDSN\nREQUIRETLS\nETRN\nSMTPUTF8", CHUNK | DSN | RTLS | ETRN | UTF8, 0, "" },
	{ "h\nchunking\ndsn\nrequiretls\netrn\nsmtputf8", CHUNK | DSN | RTLS | ETRN | UTF8, 0, "" },
	{ "CHUNKING DSN", 0, 0, "" },
	{ "h\nXCHUNKING\nCHUNKINGS\nDSN2\nXDSN\nREQUIRETLSX\nETRN=1\nSMTPUTF\nSMTPUTF88", 0, 0,
		"" },
	{ "h\nX CHUNKING\nHELP DSN ETRN", 0, 0, "" },
	/* whole words only */
	{ "h\nSTARTTLSX\nXSTARTTLS\nPIPELININGS\nX8BITMIME\n8BITMIME2", 0, 0, "" },
	{ "h\nSIZEX\nSIZE=5\nSIZES 5\nAUTHX PLAIN\nXAUTH PLAIN", 0, 0, "" },
	{ "h\nX STARTTLS", 0, 0, "" },
	{ "h\n\n\nPIPELINING\n", PIPE, 0, "" },
	/* sizes */
	{ "h\nSIZE", SIZE, 0, "" },
	{ "h\nSIZE 0", SIZE, 0, "" },
	{ "h\nSIZE abc", SIZE, 0, "" },
	{ "h\nSIZE -1", SIZE, 0, "" },
	{ "h\nSIZE 1k", SIZE, 0, "" },
	{ "h\nSIZE 0x10", SIZE, 0, "" },
	{ "h\nSIZE  10485760 ", SIZE, 10485760, "" },
	{ "h\nSIZE\t10", SIZE, 10, "" },
	{ "h\nSIZE 10 20", SIZE, 10, "" },
	{ "h\nSIZE 999999999999999999", SIZE, 999999999999999999, "" },
	{ "h\nSIZE 18446744073709551616", SIZE, 0, "" },
	{ "h\nSIZE 99999999999999999999999999", SIZE, 0, "" },
	/* mechanisms */
	{ "h\nAUTH", AUTH, 0, "" },
	{ "h\nAUTH=LOGIN PLAIN", AUTH, 0, "LOGIN PLAIN" },
	{ "h\nauth=LOGIN", AUTH, 0, "LOGIN" },
	{ "h\n AUTH=LOGIN", AUTH, 0, "LOGIN" },
	{ "h\nAUTH PLAIN LOGIN\nAUTH=PLAIN LOGIN", AUTH, 0, "PLAIN LOGIN" },
	{ "h\nAUTH PLAIN plain PLAIN", AUTH, 0, "PLAIN" },
	{ "h\nAUTH PLAIN\nAUTH SCRAM-SHA-256", AUTH, 0, "PLAIN SCRAM-SHA-256" },
	{ "h\nAUTH  PLAIN\t LOGIN  ", AUTH, 0, "PLAIN LOGIN" },
};

static void test_rows(void **state)
{
	(void)state;
	struct capabilities caps;
	memset(&caps, 0xff, sizeof(caps));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		capabilities_parse(&caps, str_of(rows[i].text));
		int flags = (caps.starttls ? TLS : 0) | (caps.pipelining ? PIPE : 0) |
			    (caps.eightbit ? EIGHT : 0) | (caps.size ? SIZE : 0) |
			    (caps.auth ? AUTH : 0) | (caps.chunking ? CHUNK : 0) |
			    (caps.dsn ? DSN : 0) | (caps.requiretls ? RTLS : 0) |
			    (caps.etrn ? ETRN : 0) | (caps.smtputf8 ? UTF8 : 0);
		CHECK_ROW(rows[i].text, flags, rows[i].flags);
		CHECK_ROW(rows[i].text, caps.size_max, rows[i].size_max);
		CHECK_TEXT(rows[i].text, str_of(caps.mechs), rows[i].mechs);
	}
}

/* RFC 9422: what is malformed is no limit. */
static void test_limits(void **state)
{
	static const struct {
		const char *text;
		uint64_t rcpt_max;
	} limits[] = {
		{ "h\nLIMITS RCPTMAX=100", 100 },
		{ "h\nlimits mailmax=5 rcptmax=7 rcptdomainmax=1", 7 },
		{ "h\nLIMITS RCPTMAX=999999", 999999 },
		{ "h\nLIMITS", 0 },
		{ "h\nLIMITS RCPTMAX", 0 },
		{ "h\nLIMITS RCPTMAX=", 0 },
		{ "h\nLIMITS RCPTMAX=0", 0 },
		{ "h\nLIMITS RCPTMAX=1000000", 0 },
		{ "h\nLIMITS RCPTMAX=-1 RCPTMAX=1x RCPTMAX=+5", 0 },
		{ "h\nLIMITS XRCPTMAX=5 RCPTMAXX=5 RCPT=5", 0 },
		{ "h\nLIMIT RCPTMAX=5\nXLIMITS RCPTMAX=5", 0 },
		{ "LIMITS RCPTMAX=5", 0 },
	};
	struct capabilities caps;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		capabilities_parse(&caps, str_of(limits[i].text));
		CHECK_ROW(limits[i].text, caps.rcpt_max, limits[i].rcpt_max);
	}
}

/* The same keywords, whatever their order, case and parameters, and no others. */
static void test_keywords(void **state)
{
	static const struct {
		const char *text;
		bool same;
	} others[] = {
		{ "other.example\nPIPELINING\nSIZE 1000\nAUTH PLAIN", true },
		{ "h\nauth PLAIN LOGIN\nsize 5\npipelining", true },
		{ "h\nPIPELINING\nSIZE 1000", false },
		{ "h\nPIPELINING\nSIZE 1000\nAUTH PLAIN\nXYZ", false },
		{ "h\nPIPELINING\nSIZE 1000\nXAUTH PLAIN", false },
	};
	struct capabilities caps, other;

	(void)state;
	capabilities_parse(&caps, STR("h\nPIPELINING\nSIZE 1000\nAUTH PLAIN"));
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		capabilities_parse(&other, str_of(others[i].text));
		CHECK_ROW(others[i].text, caps.keywords == other.keywords, others[i].same);
	}
}

static void test_mech(void **state)
{
	(void)state;
	struct capabilities caps;
	capabilities_parse(&caps, STR("h\nAUTH SCRAM-SHA-1-PLUS plain"));
	assert_true(capabilities_have_mech(&caps, STR("PLAIN")));
	assert_true(capabilities_have_mech(&caps, STR("scram-sha-1-plus")));
	assert_false(capabilities_have_mech(&caps, STR("SCRAM-SHA-1")));
	assert_false(capabilities_have_mech(&caps, STR("PLUS")));
	assert_false(capabilities_have_mech(&caps, STR("")));
}

static const char *word_text(char word[CAPABILITIES_MECHS_MAX + 1], struct str s)
{
	snprintf(word, CAPABILITIES_MECHS_MAX + 1, " %.*s", STR_ARG(s));
	return word;
}

/* A flood is cut at the limit, between names, and what came first stays. */
static void test_flood(void **state)
{
	(void)state;
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
	struct capabilities caps;
	char word[CAPABILITIES_MECHS_MAX + 1];
	int64_t start = cpu_ms();
	for (int long_names = 0; long_names < 2; long_names++) {
		buf_clear(&b);
		buf_add(&b, STR("h\nAUTH PLAIN"));
		for (int i = 0; i < 3000; i++)
			buf_fmt(&b, long_names ? " MECH%0300d" : " M%d", i);
		buf_add(&b, STR("\nAUTH LOGIN\nSTARTTLS"));
		capabilities_parse(&caps, buf_str(&b));
		assert_true(strlen(caps.mechs) <= CAPABILITIES_MECHS_MAX);
		assert_true(capabilities_have_mech(&caps, STR("PLAIN")));
		struct str rest = str_of(caps.mechs);
		while (rest.len)
			assert_true(holds(buf_str(&b), word_text(word, str_word(&rest))));
		assert_true(caps.starttls);
	}
	assert_true(cpu_ms() - start < 5000);
}

/* Exactly as many octets as fit, and one more. */
static void test_edge(void **state)
{
	(void)state;
	struct capabilities caps;
	for (size_t n = CAPABILITIES_MECHS_MAX - 3; n <= CAPABILITIES_MECHS_MAX + 3; n++) {
		struct buf b CLEAN_UP(buf_done) = BUF_INIT(4096);
		buf_add(&b, STR("h\nAUTH "));
		for (size_t i = 0; i < n; i++)
			buf_char(&b, 'M');
		buf_add(&b, STR("\nAUTH X Y"));
		capabilities_parse(&caps, buf_str(&b));
		assert_true(strlen(caps.mechs) <= CAPABILITIES_MECHS_MAX);
		assert_true(caps.mechs[0] == 'M' || caps.mechs[0] == 'X');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_keywords),
		cmocka_unit_test(test_mech),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_edge),
	};
	return cmocka_run_group_tests_name("capabilities", tests, NULL, NULL);
}
