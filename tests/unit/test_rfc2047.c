/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "mail/header_fold.h"
#include "mail/rfc2047.h"

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
		{ "=?UTF-8?Q?x?=", "=?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?=" },
		{ "a =?UTF-8?Q?x?=", "=?UTF-8?B?YSA9P1VURi04P1E/eD89?=" },
		{ "=?UTF-8?Q?x?", "=?UTF-8?B?PT9VVEYtOD9RP3g/?=" },
		{ "\xc3\xa9", "=?UTF-8?B?w6k=?=" },
		{ "\xe9t\xe9", "=?unknown-8bit?B?6XTp?=" },
		{ "a\tb", "=?UTF-8?B?YQli?=" },
		{ "a\r\nBcc: x", "=?UTF-8?B?YQ0KQmNjOiB4?=" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(1000);
		rfc2047_phrase(&out, str_of(rows[i][0]), NULL);
		CHECK_TEXT(rows[i][0], buf_str(&out), rows[i][1]);
	}
}

/* An encoded-word with octets that must be in it as "=XX"; one that becomes too long is several. */
static void test_octets_in_words(void **state)
{
	(void)state;
	struct buf value CLEAN_UP(buf_done) = BUF_INIT(1000),
			 out CLEAN_UP(buf_done) = BUF_INIT(2000);

	rfc2047_text(&out, STR("x =?utf-8?q?a_\xc3\xbc?= y"), "", NULL);
	CHECK_TEXT("short", buf_str(&out), "x =?utf-8?q?a_=C3=BC?= y");
	buf_clear(&out);
	buf_add(&value, STR(" =?iso-8859-1?Q?a_=E4=zz"));
	for (int i = 0; i < 20; i++)
		buf_add(&value, STR("\xfc"));
	buf_add(&value, STR("?= b"));
	rfc2047_text(&out, buf_str(&value), "", NULL);
	CHECK_TEXT(
		"long", buf_str(&out), " =?iso-8859-1?B?YSDkPXp6/Pz8/Pz8/Pz8/Pz8/Pz8/Pz8/Pw=?= b");
	buf_clear(&out);
	buf_clear(&value);
	buf_add(&value, STR("=?iso-8859-1?q?=3D=5f=AG=e4=f"));
	for (int i = 0; i < 20; i++)
		buf_add(&value, STR("\xfc"));
	buf_add(&value, STR("=E?="));
	rfc2047_text(&out, buf_str(&value), "", NULL);
	CHECK_TEXT("ends of \"=XX\"", buf_str(&out),
		"=?iso-8859-1?B?PV89QUfkPWb8/Pz8/Pz8/Pz8/Pz8/Pz8/Pz8/D1F?=");
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
		assert_true(word.len <= 76);
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
			rfc2047_phrase(&out, buf_str(&name), NULL);
			decode(buf_str(&out), true, &back);
			CHECK_STR(units[i], buf_str(&back), buf_str(&name));
			buf_clear(&out);
			buf_clear(&back);
			buf_char(&name, '\xff');
			rfc2047_phrase(&out, buf_str(&name), NULL);
			decode(buf_str(&out), false, &back);
			CHECK_STR(units[i], buf_str(&back), buf_str(&name));
		}
	}
}

/* The charset that is declared for text that is not UTF-8; no character of it is cut in two. */
static void test_charsets(void **state)
{
	(void)state;
	static const struct {
		const char *charset, *unit; /* one or more characters */
		const char *label;
	} rows[] = {
		{ "iso-8859-1", "\xf6", "iso-8859-1" },
		{ "UTF-8", "\xf6", "unknown-8bit" },
		{ NULL, "\xf6", "unknown-8bit" },
		{ "big5", "\xa4\x40", "big5" },
		{ "Shift_JIS", "\x83\x5c", "Shift_JIS" },
		{ "shift_jis", "\xb1", "shift_jis" },
		{ "EUC-JP", "\x8f\xa2\xaf", "EUC-JP" },
		{ "GB18030", "\x81\x30\x81\x30", "GB18030" },
		{ "gb2312", "\xb0\xa1", "gb2312" },
		{ "euc-kr", "\xb0\xa1", "euc-kr" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t n = 1; n < 60; n++) {
			struct buf text CLEAN_UP(buf_done) = BUF_INIT(1000);
			struct buf out CLEAN_UP(buf_done) = BUF_INIT(10000);
			struct buf start CLEAN_UP(buf_done) = BUF_INIT(100);
			for (size_t k = 0; k < n; k++)
				buf_add(&text, str_of(rows[i].unit));
			rfc2047_encode(&out, buf_str(&text), rows[i].charset);
			buf_fmt(&start, "=?%s?B?", rows[i].label);
			for (struct str rest = buf_str(&out); rest.len;) {
				struct buf word CLEAN_UP(buf_done) = BUF_INIT(1000);
				struct str line = str_trim_lines(str_cut(&rest, '\n'));
				assert_true(str_starts(line, buf_str(&start)) && line.len <= 75);
				line = str_from(str_head(line, line.len - 2), start.len);
				assert_true(buf_unbase64(&word, line));
				assert_int_equal(word.len % strlen(rows[i].unit), 0);
			}
		}
	}
}

/* Lines that are too long have none left, but for words that are; unfolded it is what it was. */
static void test_long_lines(void **state)
{
	(void)state;
	static const struct {
		const char *start, *unit, *end;
		size_t longest; /* afterwards */
		bool addresses;
	} rows[] = {
		{ "To: ", "someone@x.example, ", "last@x.example\r\n", 78 },
		{ "To:", "\t\tsomeone@x.example,", "\r\n", 78 },
		{ "Subject: ", "word  ", "\r\n", 78 },
		{ "Subject: ", " ", "x\r\n", 1019 },
		{ "X-Long: ", "aaaaaaaaaa", " b\r\n c\r\n", 1020 },
		{ "A: b\r\n", " c", "\r\n", 78 },
		{ "Subject: ", "aaaaaaaaaa", "\r\n", 1020 },
		{ "Subject: a,", "b,c,d,", "\r\n", 1020 },
		{ "To: ", "someone@x.example,", "last@x.example\r\n", 79, true },
		{ "To: ", "\"a,b\"@x.example,", "(,)last@x.example\r\n", 79, true },
		{ "To: \"", "a,b,c,", "\"@x.example\r\n", 1030, true },
		{ "To: (a\\),(", "a,b,c,", ")) a@x.example\r\n", 1030, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf was CLEAN_UP(buf_done) = BUF_INIT(10000);
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(20000);
		buf_add(&was, str_of(rows[i].start));
		while (was.len < 1010)
			buf_add(&was, str_of(rows[i].unit));
		buf_add(&was, str_of(rows[i].end));
		buf_fmt(&out, "%s%s", "Kept: x\r\n", buf_text(&was));
		header_fold_long(&out, 9, HEADER_LINE_MAX, rows[i].addresses);

		struct str rest = str_from(buf_str(&out), 9), all = rest;
		size_t longest = 0, at = 0;
		while (rest.len) {
			struct str line = str_cut(&rest, '\n');
			longest = line.len - 1 > longest ? line.len - 1 : longest;
			assert_true(str_trim_lines(line).len > 0);
		}
		assert_true(longest <= rows[i].longest);
		for (size_t k = 0; k < was.len; k++, at++) {
			if (at + 1 < all.len && all.p[at] == '\r' && was.data[k] != '\r')
				at += all.p[at + 2] == was.data[k] ? 2 : 3; /* a new fold */
			assert_int_equal(all.p[at], was.data[k]);
		}
		assert_int_equal(at, all.len);
	}
}

/* What a comment allows in an encoded-word and a phrase does not. */
static void test_words_of_phrases(void **state)
{
	(void)state;
	static const struct {
		const char *word, *written;
	} rows[] = {
		{ "=?utf-8?Q?a_b=20!*+-/?=", "=?utf-8?Q?a_b=20!*+-/?=" },
		{ "=?utf-8?q?Doe,_J;a<b@c>?=", "=?utf-8?q?Doe=2C_J=3Ba=3Cb=40c=3E?=" },
		{ "=?utf-8?Q?J\xc3\xb6(\"?=", "=?utf-8?Q?J=C3=B6=28=22?=" },
		{ "=?utf-8?B?w7Y=?=", "=?utf-8?B?w7Y=?=" },
		{ "=?utf-8?B?a,b?=", "=?UTF-8?B?PT91dGYtOD9CP2EsYj89?=" },
		{ "=?a<b?Q?x?=", "=?UTF-8?B?PT9hPGI/UT94Pz0=?=" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(1000);
		rfc2047_phrase_word(&out, str_of(rows[i].word), NULL);
		CHECK_TEXT(rows[i].word, buf_str(&out), rows[i].written);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phrases),
		cmocka_unit_test(test_octets_in_words),
		cmocka_unit_test(test_long_phrases),
		cmocka_unit_test(test_charsets),
		cmocka_unit_test(test_words_of_phrases),
		cmocka_unit_test(test_long_lines),
	};
	return cmocka_run_group_tests_name("rfc2047", tests, NULL, NULL);
}
