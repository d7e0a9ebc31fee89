/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "smtp/reply.h"

static const struct {
	struct str raw;
	int code; /* 0: bad; -1: not complete */
	const char *enhanced, *text;
} rows[] = {
	{ TEXT("220 hello\r\n"), 220, "", "hello" },
	{ TEXT("250\r\n"), 250, "", "" },
	{ TEXT("250 \r\n"), 250, "", "" },
	{ TEXT("250 ok\n"), 250, "", "ok" },
	{ TEXT("250-a\r\n250-b\r\n250 c\r\n"), 250, "", "a\nb\nc" },
	{ TEXT("250-a\n250\n"), 250, "", "a\n" },
	{ TEXT("250-\r\n250 \r\n"), 250, "", "\n" },
	{ TEXT("200 lowest\r\n"), 200, "", "lowest" },
	{ TEXT("559 highest\r\n"), 559, "", "highest" },
	{ TEXT("354 go on\r\n"), 354, "", "go on" },
	{ TEXT("250  two\r\n"), 250, "", " two" },
	{ TEXT("250 -\r\n"), 250, "", "-" },
	/* not replies */
	{ TEXT("25\r\n"), 0, "", "" },
	{ TEXT("2500\r\n"), 0, "", "" },
	{ TEXT("2500 ok\r\n"), 0, "", "" },
	{ TEXT("2x0 ok\r\n"), 0, "", "" },
	{ TEXT("25x ok\r\n"), 0, "", "" },
	{ TEXT(" 250 ok\r\n"), 0, "", "" },
	{ TEXT("-250 ok\r\n"), 0, "", "" },
	{ TEXT("+250 ok\r\n"), 0, "", "" },
	{ TEXT("250_ok\r\n"), 0, "", "" },
	{ TEXT("250\tok\r\n"), 0, "", "" },
	{ TEXT("250\0ok\r\n"), 0, "", "" },
	{ TEXT("250\rok\r\n"), 0, "", "" },
	{ TEXT("\r\n"), 0, "", "" },
	{ TEXT("\n"), 0, "", "" },
	{ TEXT("099 x\r\n"), 0, "", "" },
	{ TEXT("100 x\r\n"), 0, "", "" },
	{ TEXT("199 x\r\n"), 0, "", "" },
	{ TEXT("260 x\r\n"), 0, "", "" },
	{ TEXT("560 x\r\n"), 0, "", "" },
	{ TEXT("600 x\r\n"), 0, "", "" },
	{ TEXT("999 x\r\n"), 0, "", "" },
	{ TEXT("000 x\r\n"), 0, "", "" },
	{ TEXT("ok\r\n"), 0, "", "" },
	{ TEXT("HTTP/1.1 400 Bad Request\r\n"), 0, "", "" },
	{ TEXT("\xd9\xa2\xd9\xa5\xd9\xa0 x\r\n"), 0, "", "" },
	{ TEXT("250-a\r\n550 b\r\n"), 0, "", "" },
	{ TEXT("250-a\r\n251 b\r\n"), 0, "", "" },
	{ TEXT("250-a\r\nb\r\n"), 0, "", "" },
	{ TEXT("250-a\r\n\r\n"), 0, "", "" },
	/* not yet */
	{ TEXT(""), -1, "", "" },
	{ TEXT("250"), -1, "", "" },
	{ TEXT("250 ok"), -1, "", "" },
	{ TEXT("250 ok\r"), -1, "", "" },
	{ TEXT("250-ok\r\n"), -1, "", "" },
	{ TEXT("250-ok\r\n250"), -1, "", "" },
	/* shown escaped */
	{ TEXT("250 a\0b\x1b[1mc\r\n"), 250, "", "a\\x00b\\x1B[1mc" },
	{ TEXT("250 a\rb\r\n"), 250, "", "a\\x0Db" },
	{ TEXT("250 a\r\r\n"), 250, "", "a\\x0D" },
	{ TEXT("250 \xff\xc3\xa9\r\n"), 250, "", "\\xFF\xc3\xa9" },
	{ TEXT("250 \xe2\x80\xaex\r\n"), 250, "", "\\u{202E}x" },
	/* enhanced status codes */
	{ TEXT("550 5.1.1 no\r\n"), 550, "5.1.1", "5.1.1 no" },
	{ TEXT("550 5.1.1\r\n"), 550, "5.1.1", "5.1.1" },
	{ TEXT("250 2.1.5 ok\r\n"), 250, "2.1.5", "2.1.5 ok" },
	{ TEXT("450 4.999.999 x\r\n"), 450, "4.999.999", "4.999.999 x" },
	{ TEXT("550-5.7.1 a\r\n550 5.1.1 b\r\n"), 550, "5.7.1", "5.7.1 a\n5.1.1 b" },
	{ TEXT("550 5.0.0 x\r\n"), 550, "5.0.0", "5.0.0 x" },
	{ TEXT("250 5.1.1 x\r\n"), 250, "", "5.1.1 x" },
	{ TEXT("450 5.1.1 x\r\n"), 450, "", "5.1.1 x" },
	{ TEXT("550 4.2.2 x\r\n"), 550, "", "4.2.2 x" },
	{ TEXT("550 2.0.0 x\r\n"), 550, "", "2.0.0 x" },
	{ TEXT("354 3.0.0 x\r\n"), 354, "3.0.0", "3.0.0 x" },
	{ TEXT("550 5.7 x\r\n"), 550, "", "5.7 x" },
	{ TEXT("550 5.7.1.1 x\r\n"), 550, "", "5.7.1.1 x" },
	{ TEXT("550 5.1234.1 x\r\n"), 550, "", "5.1234.1 x" },
	{ TEXT("550 5.1.1234 x\r\n"), 550, "", "5.1.1234 x" },
	{ TEXT("550 5.01.1 x\r\n"), 550, "", "5.01.1 x" },
	{ TEXT("550 5.1.00 x\r\n"), 550, "", "5.1.00 x" },
	{ TEXT("550 55.1.1 x\r\n"), 550, "", "55.1.1 x" },
	{ TEXT("550 5..1 x\r\n"), 550, "", "5..1 x" },
	{ TEXT("550 5.1. x\r\n"), 550, "", "5.1. x" },
	{ TEXT("550 .1.1 x\r\n"), 550, "", ".1.1 x" },
	{ TEXT("550 5.1.1: x\r\n"), 550, "", "5.1.1: x" },
	{ TEXT("550 5.a.1 x\r\n"), 550, "", "5.a.1 x" },
	{ TEXT("550  5.1.1 x\r\n"), 550, "", " 5.1.1 x" },
	{ TEXT("550-x\r\n550 5.1.1 x\r\n"), 550, "", "x\n5.1.1 x" },
};

static void feed(struct reply_reader *r, struct str raw, size_t cut)
{
	while (raw.len && r->state == REPLY_PARTIAL) {
		size_t used = reply_feed(r, str_head(raw, cut));
		assert_true(used > 0);
		raw = str_from(raw, used);
	}
}

static void check_row(struct reply_reader *r, size_t i, size_t cut)
{
	const char *row = rows[i].raw.p;

	assert_true(reply_is_empty(r));
	feed(r, rows[i].raw, cut);
	if (rows[i].code == 0) {
		CHECK_ROW(row, r->state, REPLY_BAD);
		assert_non_null(r->why_bad);
	} else if (rows[i].code < 0) {
		CHECK_ROW(row, r->state, REPLY_PARTIAL);
		CHECK_ROW(row, reply_is_empty(r), rows[i].raw.len == 0);
	} else {
		CHECK_ROW(row, r->state, REPLY_COMPLETE);
		CHECK_ROW(row, r->reply.code, rows[i].code);
		CHECK_TEXT(row, str_of(r->reply.enhanced), rows[i].enhanced);
		CHECK_TEXT(row, buf_str(&r->reply.text), rows[i].text);
	}
	reply_again(r);
}

/* One reader for all rows: nothing may be left over from one to the next. */
static void test_rows(void **state)
{
	(void)state;
	struct reply_reader r CLEAN_UP(reply_done);
	reply_init(&r);
	for (size_t k = 0; k < ARRAY_LEN(cuts); k++)
		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			check_row(&r, i, cuts[k]);
}

/* It takes no octet of the reply that follows. */
static void test_two(void **state)
{
	(void)state;
	struct reply_reader r CLEAN_UP(reply_done);
	struct str in = STR("250-a\r\n250 b\r\n354 c\r\n");
	reply_init(&r);
	assert_int_equal(reply_feed(&r, in), 14);
	assert_int_equal(reply_feed(&r, in), 0);
	reply_again(&r);
	in = str_from(in, 14);
	assert_int_equal(reply_feed(&r, in), 7);
	assert_int_equal(r.reply.code, 354);
	assert_string_equal(buf_text(&r.reply.text), "c");
}

static void many_lines(struct buf *b, unsigned lines)
{
	buf_clear(b);
	for (unsigned i = 1; i < lines; i++)
		buf_add(b, STR("250-x\r\n"));
	buf_add(b, STR("250 x\r\n"));
}

static void test_lines(void **state)
{
	(void)state;
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
	for (size_t k = 0; k < ARRAY_LEN(cuts); k++) {
		struct reply_reader r CLEAN_UP(reply_done);
		reply_init(&r);
		many_lines(&b, REPLY_LINES);
		feed(&r, buf_str(&b), cuts[k]);
		assert_int_equal(r.state, REPLY_COMPLETE);
		reply_again(&r);
		many_lines(&b, REPLY_LINES + 1);
		feed(&r, buf_str(&b), cuts[k]);
		assert_int_equal(r.state, REPLY_BAD);
		reply_again(&r);
		r.max_lines = REPLY_LINES_EHLO;
		many_lines(&b, REPLY_LINES_EHLO);
		feed(&r, buf_str(&b), cuts[k]);
		assert_int_equal(r.state, REPLY_COMPLETE);
		reply_again(&r);
		assert_int_equal(r.max_lines, REPLY_LINES);
	}
}

/* One line of n octets and its LF. */
static void long_line(struct buf *b, size_t n, char fill)
{
	buf_clear(b);
	buf_add(b, STR("250 "));
	while (b->len < n)
		buf_char(b, fill);
	buf_char(b, '\n');
}

static void test_long_line(void **state)
{
	(void)state;
	static const struct {
		size_t len;
		bool ok;
	} sizes[] = {
		{ REPLY_LINE_KEPT, true },
		{ REPLY_LINE_KEPT + 1, true },
		{ REPLY_MAX - 1, true },
		{ REPLY_MAX, false },
		{ 65 * 1024, false },
	};
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		for (size_t k = 0; k < ARRAY_LEN(cuts); k++) {
			struct reply_reader r CLEAN_UP(reply_done);
			reply_init(&r);
			long_line(&b, sizes[i].len, k == 1 ? '\x1b' : 'x');
			feed(&r, buf_str(&b), cuts[k]);
			CHECK_ROW("state", r.state, sizes[i].ok ? REPLY_COMPLETE : REPLY_BAD);
			if (sizes[i].ok)
				CHECK_ROW("kept", r.reply.text.len,
					(REPLY_LINE_KEPT - 4) * (k == 1 ? 4 : 1));
		}
	}
}

/* A server that never ends its reply: bounded memory, and found out. */
static void test_endless(void **state)
{
	(void)state;
	for (int with_lf = 0; with_lf < 2; with_lf++) {
		struct reply_reader r CLEAN_UP(reply_done);
		size_t fed = 0;
		reply_init(&r);
		r.max_lines = 1 << 30;
		while (r.state == REPLY_PARTIAL) {
			fed += reply_feed(&r, with_lf ? STR("250-xx\r\n") : STR("250-xxxx"));
			assert_true(fed <= REPLY_MAX + 8);
			assert_true(r.line.len <= REPLY_LINE_KEPT);
		}
		assert_int_equal(r.state, REPLY_BAD);
	}
}

static void test_decide(void **state)
{
	(void)state;
	static const struct {
		const char *raw;
		bool decided;
	} parts[] = {
		{ "250 ", true },
		{ "250 2.0.0 queu", true },
		{ "250-a\r\n250 ", true },
		{ "250", false },
		{ "250-", false },
		{ "250-a\r\n", false },
		{ "250-a\r\n550 ", false },
		{ "25", false },
		{ "abc ", false },
		{ "2500", false },
		{ "260 x", false },
		{ "", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		struct reply_reader r CLEAN_UP(reply_done);
		reply_init(&r);
		feed(&r, str_of(parts[i].raw), SIZE_MAX);
		CHECK_ROW(parts[i].raw, reply_decide(&r), parts[i].decided);
		if (parts[i].decided)
			CHECK_ROW(parts[i].raw, r.reply.code, 250);
	}
}

/* The enhanced status stands on each line, and is told once. */
static void test_c9_enhanced_on_each_line(void **state)
{
	(void)state;
	static const char *const told[][2] = {
		{ "534-5.7.9 Application-specific password required. Go to\r\n"
		  "534 5.7.9  https://support.example/\r\n",
			"534 5.7.9 Application-specific password required. Go to "
			"https://support.example/" },
		{ "550-5.1.1 no\r\n550-5.1.1\r\n550 5.1.1 such user\r\n",
			"550 5.1.1 no such user" },
		{ "550-5.1.1 no\r\n550 5.1.10 is not it\r\n", "550 5.1.1 no 5.1.10 is not it" },
		{ "550-no\r\n550 5.1.1 such user\r\n", "550 no 5.1.1 such user" },
		{ "550-5.1.1 no\r\n550-\r\n550 such\r\n", "550 5.1.1 no such" },
		{ "550 5.1.1\r\n", "550 5.1.1" },
		{ "550\r\n", "550" },
	};
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		struct reply_reader r;
		struct err e;
		reply_init(&r);
		reply_feed(&r, str_of(told[i][0]));
		reply_err(&r.reply, &e, ERR_NOPERM, "x");
		CHECK_TEXT(told[i][0], str_of(e.said), told[i][1]);
		reply_done(&r);
	}
}

static void test_err(void **state)
{
	(void)state;
	struct reply_reader r CLEAN_UP(reply_done);
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
	struct err e;

	reply_init(&r);
	feed(&r, STR("550-5.1.1 no\r\n550 such user\r\n"), 1);
	assert_false(reply_err(&r.reply, &e, ERR_NOUSER, "refused"));
	assert_string_equal(e.what, "refused");
	assert_string_equal(e.said, "550 5.1.1 no such user");
	assert_string_equal(e.enhanced, "5.1.1");
	assert_int_equal(e.reply, 550);
	assert_int_equal(e.kind, ERR_NOUSER);
	/* The words of the error that it becomes. */
	reply_err(&r.reply, &e, ERR_DATA, e.what);
	assert_string_equal(e.what, "refused");
	reply_again(&r);
	long_line(&b, 5000, 'x');
	feed(&r, buf_str(&b), SIZE_MAX);
	reply_err(&r.reply, &e, ERR_DATA, "long");
	assert_int_equal(strlen(e.said), sizeof(e.said) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_two),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_decide),
		cmocka_unit_test(test_c9_enhanced_on_each_line),
		cmocka_unit_test(test_err),
	};
	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
