/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/mem.h"
#include "mail/dsn.h"

#define DIGITS_50 "12345678901234567890123456789012345678901234567890"

static void test_notify(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int wanted; /* -1: refused */
	} rows[] = {
		{ "off", DSN_DEFAULT },
		{ "never", DSN_NEVER },
		{ "NEVER", DSN_NEVER },
		{ "success", DSN_SUCCESS },
		{ "failure", DSN_FAILURE },
		{ "delay", DSN_DELAY },
		{ "failure,delay", DSN_FAILURE | DSN_DELAY },
		{ "Delay,FAILURE,success", DSN_SUCCESS | DSN_FAILURE | DSN_DELAY },
		{ " failure , delay ", DSN_FAILURE | DSN_DELAY },
		{ "", -1 },
		{ " ", -1 },
		{ ",", -1 },
		{ "failure,", -1 },
		{ ",failure", -1 },
		{ "failure,,delay", -1 },
		{ "failure,failure", -1 },
		{ "failure,delay,Failure", -1 },
		{ "never,failure", -1 },
		{ "failure,never", -1 },
		{ "never,never", -1 },
		{ "off,failure", -1 },
		{ "failure delay", -1 },
		{ "failures", -1 },
		{ "failure\r\nRSET", -1 },
		{ "on", -1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned got = 99;
		struct err e = { 0 };
		bool good = dsn_notify(str_of(rows[i].text), &got, &e);
		CHECK_ROW(rows[i].text, good, rows[i].wanted >= 0);
		CHECK_ROW(rows[i].text, got, good ? rows[i].wanted : 99);
		CHECK_ROW(rows[i].text, e.kind, good ? ERR_NONE : ERR_USAGE);
	}
}

static void test_returns(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int wanted; /* -1: refused */
	} rows[] = {
		{ "off", DSN_RETURN_DEFAULT },
		{ "headers", DSN_RETURN_HEADERS },
		{ "hdrs", DSN_RETURN_HEADERS },
		{ "HDRS", DSN_RETURN_HEADERS },
		{ "full", DSN_RETURN_FULL },
		{ "Full", DSN_RETURN_FULL },
		{ "", -1 },
		{ "header", -1 },
		{ "full,hdrs", -1 },
		{ "on", -1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum dsn_return got = DSN_RETURN_DEFAULT;
		struct err e = { 0 };
		bool good = dsn_returns(str_of(rows[i].text), &got, &e);
		CHECK_ROW(rows[i].text, good, rows[i].wanted >= 0);
		CHECK_ROW(rows[i].text, got, good ? rows[i].wanted : DSN_RETURN_DEFAULT);
		CHECK_ROW(rows[i].text, e.kind, good ? ERR_NONE : ERR_USAGE);
	}
}

static void test_envid(void **state)
{
	(void)state;
	static const struct {
		const char *text, *xtext; /* NULL: refused */
	} rows[] = {
		{ "QQ314159", "QQ314159" },
		{ "<id.1@example.org>", "<id.1@example.org>" },
		{ "!~", "!~" },
		/* xtext already */
		{ "a+2Bb", "a+2Bb" },
		{ "a+3Db+20c", "a+3Db+20c" },
		{ "+41+7E", "+41+7E" },
		/* not yet */
		{ "a+b", "a+2Bb" },
		{ "a=b", "a+3Db" },
		{ "a b", "a+20b" },
		{ " ", "+20" },
		{ "+", "+2B" },
		{ "a+2", "a+2B2" },
		{ "a+2b", "a+2B2b" },
		{ "a+2B=", "a+2B2B+3D" },
		{ "+00 ", "+2B00+20" },
		{ "a=+0D+0A", "a+3D+2B0D+2B0A" },
		/* what must not pass */
		{ "", NULL },
		{ "+00", NULL },
		{ "a+0D+0ARSET", NULL },
		{ "+1F", NULL },
		{ "+7F", NULL },
		{ "+80", NULL },
		{ "+FF", NULL },
		{ "a\r\nRSET", NULL },
		{ "a\tb", NULL },
		{ "a\x7f", NULL },
		{ "\xc3\xa9", NULL },
		{ "a\x80", NULL },
		/* 100 octets when encoded */
		{ DIGITS_50 DIGITS_50, DIGITS_50 DIGITS_50 },
		{ DIGITS_50 DIGITS_50 "1", NULL },
		{ DIGITS_50 "123456789012345678901234567890123456789012345678=", NULL },
		{ DIGITS_50 "12345678901234567890123456789012345678901234567=",
			DIGITS_50 "12345678901234567890123456789012345678901234567+3D" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf got CLEAN_UP(buf_done) = BUF_INIT(1000);
		struct err e = { 0 };
		bool good = dsn_envid(str_of(rows[i].text), &got, &e);
		CHECK_ROW(rows[i].text, good, rows[i].xtext != NULL);
		CHECK_TEXT(rows[i].text, buf_str(&got), good ? rows[i].xtext : "");
		CHECK_ROW(rows[i].text, e.kind, good ? ERR_NONE : ERR_USAGE);
	}
	struct buf got CLEAN_UP(buf_done) = BUF_INIT(1000);
	struct err e;
	assert_false(dsn_envid(str_n("a\0b", 3), &got, &e));
}

static void test_mail_params(void **state)
{
	(void)state;
	static const struct {
		struct dsn dsn;
		const char *wanted;
	} rows[] = {
		{ { 0 }, "MAIL" },
		{ { .notify = DSN_NEVER }, "MAIL" },
		{ { .returns = DSN_RETURN_HEADERS }, "MAIL RET=HDRS" },
		{ { .returns = DSN_RETURN_FULL }, "MAIL RET=FULL" },
		{ { .envid = "a+2Bb" }, "MAIL ENVID=a+2Bb" },
		{ { .returns = DSN_RETURN_FULL, .envid = "x" }, "MAIL RET=FULL ENVID=x" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf line CLEAN_UP(buf_done) = BUF_INIT(1000);
		buf_add(&line, STR("MAIL"));
		dsn_mail_params(&rows[i].dsn, &line);
		CHECK_TEXT(rows[i].wanted, buf_str(&line), rows[i].wanted);
	}
}

static void test_rcpt_params(void **state)
{
	(void)state;
	static const struct {
		unsigned notify;
		const char *addr, *wanted;
	} rows[] = {
		{ DSN_DEFAULT, "a@b.test", "" },
		{ DSN_NEVER, "a@b.test", " NOTIFY=NEVER" },
		{ DSN_SUCCESS, "a@b.test", " NOTIFY=SUCCESS ORCPT=rfc822;a@b.test" },
		{ DSN_DELAY | DSN_FAILURE, "a@b.test",
			" NOTIFY=FAILURE,DELAY ORCPT=rfc822;a@b.test" },
		{ DSN_DELAY | DSN_FAILURE | DSN_SUCCESS, "a@b.test",
			" NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a@b.test" },
		{ DSN_FAILURE, "a+b=c@d.test", " NOTIFY=FAILURE ORCPT=rfc822;a+2Bb+3Dc@d.test" },
		{ DSN_FAILURE, "\"a b\\\\\"@d.test",
			" NOTIFY=FAILURE ORCPT=rfc822;\"a+20b\\\\\"@d.test" },
		{ DSN_FAILURE, "a+2B@d.test", " NOTIFY=FAILURE ORCPT=rfc822;a+2B2B@d.test" },
		{ DSN_FAILURE, "j\xc3\xbcrgen@d.test",
			" NOTIFY=FAILURE ORCPT=utf-8;j\\x{FC}rgen@d.test" },
		{ DSN_FAILURE, "\xe5\x9c\xa8+=@d.test",
			" NOTIFY=FAILURE ORCPT=utf-8;\\x{5728}\\x{2B}\\x{3D}@d.test" },
		{ DSN_FAILURE, "\"\xf0\x9f\x93\xac \\\\\"@d.test",
			" NOTIFY=FAILURE ORCPT=utf-8;\"\\x{1F4EC}\\x{20}\\x{5C}\\x{5C}\"@d.test" },
		{ DSN_FAILURE, "a\xff@d.test", " NOTIFY=FAILURE" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct dsn dsn = { .notify = rows[i].notify };
		struct buf line CLEAN_UP(buf_done) = BUF_INIT(1000);
		dsn_rcpt_params(&dsn, &(struct dsn_rcpt) { 0 }, rows[i].addr, &line);
		CHECK_TEXT(rows[i].addr, buf_str(&line), rows[i].wanted);
		CHECK_ROW(rows[i].addr, line.over, false);
	}
}

/* An address of n octets, all of them c but for "@d.test". */
static char *address_of(size_t n, char c)
{
	char *text = mem_alloc(n + 1);

	memset(text, c, n - 7);
	memcpy(text + n - 7, "@d.test", 7);
	return text;
}

static void test_length(void **state)
{
	(void)state;
	static const struct {
		size_t octets;
		char c;
		size_t taken; /* octets that stand in the line before */
		bool orcpt;
	} rows[] = {
		{ DSN_ORCPT_MAX - 7, 'a', 0, true }, /* 7: "rfc822;" */
		{ DSN_ORCPT_MAX - 6, 'a', 0, false },
		{ 7 + 162, '+', 0, true }, /* 7 + 7 + 3 * 162 = 500 */
		{ 7 + 163, '+', 0, false },
		{ 20, 'a', 1000 - 15 - 34, true }, /* " NOTIFY=FAILURE", " ORCPT=rfc822;" and 20 */
		{ 20, 'a', 1000 - 15 - 33, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *addr CLEAN_UP(mem_free_at) = address_of(rows[i].octets, rows[i].c);
		struct buf line CLEAN_UP(buf_done) = BUF_INIT(1000);
		struct dsn dsn = { .notify = DSN_FAILURE };
		for (size_t k = 0; k < rows[i].taken; k++)
			buf_char(&line, '.');
		dsn_rcpt_params(&dsn, &(struct dsn_rcpt) { 0 }, addr, &line);
		CHECK_ROW(addr, holds(buf_str(&line), " ORCPT="), rows[i].orcpt);
		CHECK_ROW(addr, holds(buf_str(&line), " NOTIFY=FAILURE"), true);
		CHECK_ROW(addr, line.over, false);
	}
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(10);
	struct dsn dsn = { .envid = "1234" };
	dsn_mail_params(&dsn, &line);
	assert_true(line.len == 0 && !line.over);
}

/* What is asked for one recipient goes before what is asked for all. */
static void test_own(void **state)
{
	(void)state;
	static const struct {
		unsigned all, own;
		const char *orcpt;
		const char *params;
	} rows[] = {
		{ DSN_DEFAULT, DSN_DEFAULT, NULL, "" },
		{ DSN_DEFAULT, DSN_NEVER, NULL, " NOTIFY=NEVER" },
		{ DSN_SUCCESS, DSN_NEVER, NULL, " NOTIFY=NEVER" },
		{ DSN_NEVER, DSN_SUCCESS, NULL, " NOTIFY=SUCCESS ORCPT=rfc822;a@x" },
		{ DSN_SUCCESS, DSN_DEFAULT, "rfc822;b@y", " NOTIFY=SUCCESS ORCPT=rfc822;b@y" },
		{ DSN_DEFAULT, DSN_DEFAULT, "rfc822;b@y", " ORCPT=rfc822;b@y" },
		{ DSN_DEFAULT, DSN_NEVER, "rfc822;b@y", " NOTIFY=NEVER ORCPT=rfc822;b@y" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *orcpt CLEAN_UP(mem_free_at) = rows[i].orcpt ? mem_str(rows[i].orcpt) : NULL;
		struct buf line CLEAN_UP(buf_done) = BUF_INIT(1000);
		struct dsn all = { .notify = rows[i].all };
		struct dsn_rcpt own = { rows[i].own, orcpt };
		dsn_rcpt_params(&all, &own, "a@x", &line);
		CHECK_TEXT(rows[i].params, buf_str(&line), rows[i].params);
	}
}

static void test_orcpt(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ "rfc822;a@x", true },
		{ "RFC822;a+2Bb@x", true },
		{ "utf-8;a\\x{E9}@x", true },
		{ "x-other;some;thing", true },
		{ "", false },
		{ "rfc822", false },
		{ "rfc822;", false },
		{ ";a@x", false },
		{ "rfc 822;a@x", false },
		{ "rfc822;a b@x", false },
		{ "rfc822;a=b@x", false },
		{ "rfc822;a+b@x", false },
		{ "rfc822;a+0Db@x", false },
		{ "rfc822;a+00@x", false },
		{ "rfc822;\xc3\xa4@x", false },
		{ "rfc822;a\r\nRCPT", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e;
		CHECK_ROW(rows[i].text, dsn_orcpt(str_of(rows[i].text), &e), rows[i].good);
	}
	char *most CLEAN_UP(mem_free_at) = address_of(DSN_ORCPT_MAX + 1, 'a');
	struct err e;
	most[0] = 'x';
	most[1] = ';';
	assert_false(dsn_orcpt(str_of(most), &e));
	assert_true(dsn_orcpt(str_head(str_of(most), DSN_ORCPT_MAX), &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notify),
		cmocka_unit_test(test_returns),
		cmocka_unit_test(test_envid),
		cmocka_unit_test(test_mail_params),
		cmocka_unit_test(test_rcpt_params),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_orcpt),
	};
	return cmocka_run_group_tests_name("dsn", tests, NULL, NULL);
}
