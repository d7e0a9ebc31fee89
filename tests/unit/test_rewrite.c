/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "mail/rewrite.h"

static const struct facts facts = {
	.date = "Thu, 01 Jan 2026 00:00:00 +0000",
	.random = "r4nd0m",
	.host = "host.example",
	.sender = "me@x.example",
	.full_name = "",
};

static void rewrite(struct str raw, const struct facts *f, struct buf *out, struct rewrite *ret)
{
	struct header h;

	header_init(&h);
	header_feed(&h, raw);
	header_finish(&h);
	*ret = rewrite_plan(&h);
	rewrite_write(ret, &h, f, out);
	header_done(&h);
}

#define DATE "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
#define ID "Message-ID: <r4nd0m@x.example>\r\n"

static void test_rows(void **state)
{
	(void)state;
	static const struct {
		const char *raw, *sent;
		size_t dropped;
	} rows[] = {
		{ "", "From: me@x.example\r\n" DATE ID "\r\n", 0 },
		{ "From: a\nDate: b\nMessage-ID: c\n\n",
			"From: a\r\nDate: b\r\nMessage-ID: c\r\n\r\n", 0 },
		{ "from : a\nDATE: b\nmessage-id: c\n",
			"from : a\r\nDATE: b\r\nmessage-id: c\r\n\r\n", 0 },
		{ "Subject: s\n\n", "From: me@x.example\r\n" DATE ID "Subject: s\r\n\r\n", 0 },
		{ "From: a\n", DATE ID "From: a\r\n\r\n", 0 },
		{ "Date: a\n", "From: me@x.example\r\n" ID "Date: a\r\n\r\n", 0 },
		{ "Message-Id: a\n", "From: me@x.example\r\n" DATE "Message-Id: a\r\n\r\n", 0 },
		{ "From: a\nDate: b\nMessage-ID: c\nBcc: x\nbcc:y\nBCC : z\nbCc\t \t:\n w\n"
		  "Resent-Bcc: v\nRESENT-BCC : u\nTo: t\n",
			"From: a\r\nDate: b\r\nMessage-ID: c\r\nTo: t\r\n\r\n", 6 },
		{ "Bcc: x,\n  y,\n\tz\nFrom: a\nDate: b\nMessage-ID: c\n",
			"From: a\r\nDate: b\r\nMessage-ID: c\r\n\r\n", 1 },
		/* what only looks like it stays */
		{ "From: a\nDate: b\nMessage-ID: c\nXBcc: 1\nBccx: 2\nX-Bcc: 3\nResent-Bccx: 4\n",
			"From: a\r\nDate: b\r\nMessage-ID: c\r\nXBcc: 1\r\nBccx: 2\r\nX-Bcc: 3\r\n"
			"Resent-Bccx: 4\r\n\r\n",
			0 },
		/* octet for octet */
		{ "From:a  \nDate :\tb\nMESSAGE-ID:\n c \nX: \xe9\xff ~\n\t\n",
			"From:a  \r\nDate :\tb\r\nMESSAGE-ID:\r\n c \r\nX: \xe9\xff "
			"~\r\n\t\r\n\r\n",
			0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(100000);
		struct rewrite plan;
		rewrite(str_of(rows[i].raw), &facts, &out, &plan);
		CHECK_TEXT(rows[i].raw, buf_str(&out), rows[i].sent);
		CHECK_ROW(rows[i].raw, plan.dropped, rows[i].dropped);
	}
}

static void test_facts(void **state)
{
	(void)state;
	static const struct {
		const char *sender, *name, *from, *id;
	} rows[] = {
		{ "me@x.example", "Me", "From: Me <me@x.example>\r\n", "<r4nd0m@x.example>" },
		{ "me@x.example", "  ", "From: me@x.example\r\n", "<r4nd0m@x.example>" },
		{ "", "", "From: MAILER-DAEMON\r\n", "<r4nd0m@host.example>" },
		{ "", "Me", "From: Me <MAILER-DAEMON>\r\n", "<r4nd0m@host.example>" },
		{ "root", "", "From: root\r\n", "<r4nd0m@host.example>" },
		{ "\"a b\"@[::1]", "X, Y", "From: \"X, Y\" <\"a b\"@[::1]>\r\n", "<r4nd0m@[::1]>" },
		{ "a@b", "J\xc3\xbcrgen", "From: =?UTF-8?B?SsO8cmdlbg==?= <a@b>\r\n",
			"<r4nd0m@b>" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(100000);
		struct facts f = facts;
		struct rewrite plan;
		f.sender = rows[i].sender;
		f.full_name = rows[i].name;
		rewrite(STR("\n"), &f, &out, &plan);
		CHECK_ROW(rows[i].from, str_starts(buf_str(&out), str_of(rows[i].from)), true);
		CHECK_ROW(rows[i].id, holds(buf_str(&out), rows[i].id), true);
	}
}

static void test_phrases(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "John Doe", "John Doe" },
		{ "O'Brien", "O'Brien" },
		{ "Doe, John", "\"Doe, John\"" },
		{ "John Q. Public", "\"John Q. Public\"" },
		{ "John (home)", "\"John (home)\"" },
		{ "a \"b\" \\c", "\"a \\\"b\\\" \\\\c\"" },
		{ "a  b", "\"a  b\"" },
		{ "x@y", "\"x@y\"" },
		{ "<x>", "\"<x>\"" },
		{ "\xc3\xa9", "=?UTF-8?B?w6k=?=" },
		{ "\xe9t\xe9", "=?unknown-8bit?B?6XTp?=" },
		{ "a\tb", "=?UTF-8?B?YQli?=" },
		{ "a\r\nBcc: x", "=?UTF-8?B?YQ0KQmNjOiB4?=" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(1000);
		rewrite_phrase(&out, str_of(rows[i][0]));
		CHECK_TEXT(rows[i][0], buf_str(&out), rows[i][1]);
	}
}

/* Decodes the encoded-words of a folded phrase, strictly; every word must stand for itself. */
static void decode(struct str phrase, bool utf8, struct buf *out)
{
	struct str charset = utf8 ? STR("=?UTF-8?B?") : STR("=?unknown-8bit?B?");

	while (phrase.len) {
		size_t lf = str_find(phrase, '\n');
		struct str word = str_head(phrase, lf);
		phrase = str_from(phrase, lf + 1);
		if (phrase.len) {
			assert_true(word.len && word.p[word.len - 1] == '\r');
			assert_true(phrase.p[0] == ' ');
			phrase = str_from(phrase, 1);
			word.len--;
		}
		assert_true(word.len <= 75);
		assert_true(str_starts(word, charset) && str_ends_same(word, STR("?=")));
		struct str text = str_from(str_head(word, word.len - 2), charset.len);
		size_t before = out->len;
		assert_true(buf_unbase64(out, text));
		if (utf8) /* no character cut in two (RFC 2047 section 5) */
			assert_true(str_is_utf8(str_from(buf_str(out), before)));
	}
}

static void test_long_phrases(void **state)
{
	(void)state;
	static const char *const units[] = { "\xc3\xa9", "x\xe2\x82\xac", "\xf0\x9f\x98\x80",
		"abc\xc3\xa9" };
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		for (size_t n = 1; n < 100; n++) {
			struct buf name CLEAN_UP(buf_done) = BUF_INIT(1000);
			struct buf out CLEAN_UP(buf_done) = BUF_INIT(10000);
			struct buf back CLEAN_UP(buf_done) = BUF_INIT(1000);
			for (size_t k = 0; k < n; k++)
				buf_add(&name, str_of(units[i]));
			rewrite_phrase(&out, buf_str(&name));
			decode(buf_str(&out), true, &back);
			CHECK_STR(units[i], buf_str(&back), buf_str(&name));
			buf_clear(&out);
			buf_clear(&back);
			buf_char(&name, '\xff');
			rewrite_phrase(&out, buf_str(&name));
			decode(buf_str(&out), false, &back);
			CHECK_STR(units[i], buf_str(&back), buf_str(&name));
		}
	}
}

/* No line of what is added is longer than 998 octets, and ASCII names that are long fold too. */
static void test_long_ascii(void **state)
{
	(void)state;
	char name[500];
	for (size_t n = 1; n < sizeof(name); n += 7) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(100000);
		struct facts f = facts;
		struct rewrite plan;
		memset(name, '"', n);
		name[n] = '\0';
		f.full_name = name;
		rewrite(STR("\n"), &f, &out, &plan);
		struct str rest = buf_str(&out);
		while (rest.len)
			assert_true(str_cut(&rest, '\n').len < 200);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_phrases),
		cmocka_unit_test(test_long_phrases),
		cmocka_unit_test(test_long_ascii),
	};
	return cmocka_run_group_tests_name("rewrite", tests, NULL, NULL);
}
