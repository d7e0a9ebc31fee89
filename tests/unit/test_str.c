/* SPDX-License-Identifier: MIT */
#include "unit.h"

static void test_compare(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool eq, same, starts, starts_same, ends_same;
	} rows[] = {
		{ "", "", true, true, true, true, true },
		{ "a", "", false, false, true, true, true },
		{ "", "a", false, false, false, false, false },
		{ "abc", "ABC", false, true, false, true, true },
		{ "abc", "ab", false, false, true, true, false },
		{ "abc", "BC", false, false, false, false, true },
		{ "a[", "A{", false, false, false, false, false },
		{ "\xc3\x84", "\xc3\xa4", false, false, false, false, false },
		{ "@", "`", false, false, false, false, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str a = str_of(rows[i].a), b = str_of(rows[i].b);
		CHECK_ROW(rows[i].a, str_eq(a, b), rows[i].eq);
		CHECK_ROW(rows[i].a, str_same(a, b), rows[i].same);
		CHECK_ROW(rows[i].a, str_starts(a, b), rows[i].starts);
		CHECK_ROW(rows[i].a, str_starts_same(a, b), rows[i].starts_same);
		CHECK_ROW(rows[i].a, str_ends_same(a, b), rows[i].ends_same);
	}
	assert_int_equal(str_of(NULL).len, 0);
}

static void test_parts(void **state)
{
	(void)state;
	struct str s = STR("hello");
	CHECK_TEXT("from", str_from(s, 2), "llo");
	CHECK_TEXT("from", str_from(s, 9), "");
	CHECK_TEXT("head", str_head(s, 2), "he");
	CHECK_TEXT("head", str_head(s, 9), "hello");
	CHECK_ROW("find", str_find(s, 'l'), 2);
	CHECK_ROW("rfind", str_rfind(s, 'l'), 3);
	CHECK_ROW("find", str_find(s, 'x'), 5);
	CHECK_ROW("rfind", str_rfind(s, 'x'), 5);
	CHECK_ROW("find", str_find(STR("a\0b"), '\0'), 1);
	CHECK_ROW("empty", str_find(str_of(NULL), 'x'), 0);
	CHECK_TEXT("trim", str_trim(STR(" \t a b\t ")), "a b");
	CHECK_TEXT("trim", str_trim(STR("\r\na\r\n")), "\r\na\r\n");
	CHECK_TEXT("trim", str_trim(STR(" \t ")), "");
	CHECK_TEXT("trim_lines", str_trim_lines(STR("\r\n a\t\r\n")), "a");
	CHECK_TEXT("chop", str_chop(STR("a.."), '.'), "a.");
	CHECK_TEXT("chop", str_chop(STR("a"), '.'), "a");
	CHECK_TEXT("chop", str_chop(STR(""), '.'), "");
}

static void test_cut(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *parts[4];
	} rows[] = {
		{ "a,b,c", { "a", "b", "c" } },
		{ ",a", { "", "a" } },
		{ "a,", { "a" } },
		{ "a,,b", { "a", "", "b" } },
		{ "abc", { "abc" } },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str rest = str_of(rows[i].text);
		for (size_t k = 0; rows[i].parts[k]; k++)
			CHECK_TEXT(rows[i].text, str_cut(&rest, ','), rows[i].parts[k]);
		CHECK_ROW(rows[i].text, rest.len, 0);
	}
	struct str words = STR("  one\ttwo   three ");
	CHECK_TEXT("word", str_word(&words), "one");
	CHECK_TEXT("word", str_word(&words), "two");
	CHECK_TEXT("rest", words, "three");
	CHECK_TEXT("word", str_word(&words), "three");
	CHECK_TEXT("word", str_word(&words), "");
}

static void test_number(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool ok;
		uint64_t n;
	} rows[] = {
		{ "0", true, 0 },
		{ "007", true, 7 },
		{ "42", true, 42 },
		{ "999999999999999999", true, 999999999999999999 },
		{ "1000000000000000000", false, 0 },
		{ "", false, 0 },
		{ "-1", false, 0 },
		{ "+1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "1x", false, 0 },
		{ "0x1", false, 0 },
		{ "1.0", false, 0 },
		{ "\xd9\xa1", false, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t n = 0;
		CHECK_ROW(rows[i].text, str_number(str_of(rows[i].text), &n), rows[i].ok);
		CHECK_ROW(rows[i].text, n, rows[i].n);
	}
	uint64_t n;
	assert_false(str_number(STR("1\0"), &n));
}

/* The same verdict, whatever the pieces. */
static void check_pieces(struct str text, bool good)
{
	for (size_t k = 0; k < ARRAY_LEN(cuts); k++) {
		struct str_utf8 utf8 = { 0 };
		for (struct str rest = text; rest.len; rest = str_from(rest, cuts[k]))
			str_utf8_feed(&utf8, str_head(rest, cuts[k]));
		CHECK_ROW(text.p, !utf8.bad && !utf8.carried, good);
	}
}

static void test_utf8(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t len;
		uint32_t code; /* of the first character; 0: not UTF-8 */
	} rows[] = {
		{ "a", 1, 'a' },
		{ "\x7f", 1, 0x7f },
		{ "\x80", 0, 0 },
		{ "\xbf", 0, 0 },
		{ "\xc0\x80", 0, 0 },
		{ "\xc1\xbf", 0, 0 },
		{ "\xc2\x80", 2, 0x80 },
		{ "\xc2", 0, 0 },
		{ "\xc2 ", 0, 0 },
		{ "\xdf\xbf", 2, 0x7ff },
		{ "\xe0\x9f\xbf", 0, 0 },
		{ "\xe0\xa0\x80", 3, 0x800 },
		{ "\xe2\x82", 0, 0 },
		{ "\xe2\x82\xac", 3, 0x20ac },
		{ "\xed\x9f\xbf", 3, 0xd7ff },
		{ "\xed\xa0\x80", 0, 0 },
		{ "\xef\xbf\xbf", 3, 0xffff },
		{ "\xf0\x8f\xbf\xbf", 0, 0 },
		{ "\xf0\x90\x80\x80", 4, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "\xf4\x90\x80\x80", 0, 0 },
		{ "\xf5\x80\x80\x80", 0, 0 },
		{ "\xff", 0, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t code = 0;
		struct str s = str_of(rows[i].text);
		CHECK_ROW(rows[i].text, str_utf8_char(s, &code), rows[i].len);
		CHECK_ROW(rows[i].text, code, rows[i].code);
		CHECK_ROW(rows[i].text, str_is_utf8(s), rows[i].len != 0);
	}
	uint32_t code = 1;
	CHECK_ROW("empty", str_utf8_char(STR(""), &code), 0);
	CHECK_ROW("NUL", str_utf8_char(STR("\0"), &code), 1);
	assert_int_equal(code, 0);
	assert_true(str_is_utf8(STR("")));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_pieces(str_of(rows[i].text), rows[i].len != 0);
	assert_true(str_is_ascii(STR("a\x7f\0")));
	assert_false(str_is_ascii(STR("a\x80")));
}

/* Every code point, encoded by hand, comes back; surrogates do not. */
static void test_utf8_all(void **state)
{
	(void)state;
	for (uint32_t c = 0x80; c <= 0x10ffff; c++) {
		char s[4];
		size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		uint32_t code = 0;
		for (size_t i = n - 1; i > 0; i--)
			s[i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
		s[0] = (char)((0xf00 >> n & 0xff) | c >> 6 * (n - 1));
		size_t got = str_utf8_char(str_n(s, n), &code);
		if (c >= 0xd800 && c <= 0xdfff)
			assert_int_equal(got, 0);
		else if (got != n || code != c)
			fail_msg("U+%04X", (unsigned)c);
	}
}

static void test_distance(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		unsigned n;
	} rows[] = {
		{ "", "", 0 },
		{ "host", "HOST", 0 },
		{ "host", "hots", 2 },
		{ "host", "hosts", 1 },
		{ "host", "", 4 },
		{ "", "port", 4 },
		{ "kitten", "sitting", 3 },
		{ "abcdefghijkl", "mnopqrstuvwx", 9 },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 9 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_ROW(rows[i].a, str_distance(str_of(rows[i].a), str_of(rows[i].b)), rows[i].n);
}

static void test_chars(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++) {
		char c = (char)i;
		bool upper = i >= 'A' && i <= 'Z', lower = i >= 'a' && i <= 'z';
		assert_int_equal(chr_is_digit(c), i >= '0' && i <= '9');
		assert_int_equal(chr_is_alpha(c), upper || lower);
		assert_int_equal(chr_is_blank(c), i == ' ' || i == '\t');
		assert_int_equal(chr_is_ctl(c), i < 32 || i == 127);
		assert_int_equal(chr_lower(c), upper ? (char)(i + 32) : c);
	}
}

static void test_find_same(void **state)
{
	(void)state;
	assert_int_equal(str_find_same(STR("a NEEDLE here"), STR("needle")), 2);
	assert_int_equal(str_find_same(STR("needl"), STR("needle")), 5);
	assert_int_equal(str_find_same(STR(""), STR("needle")), 0);
	assert_int_equal(str_find_same(STR("xneedle"), STR("NEEDLE")), 1);
}

static void test_tells(void **state)
{
	(void)state;
	assert_true(str_tells(STR("xx234567yy"), STR("0123456789"), 6));
	assert_false(str_tells(STR("xx23456yy"), STR("0123456789"), 6));
	assert_true(str_tells(STR("the abc"), STR("abc"), 6));
	assert_false(str_tells(STR("ab"), STR("abc"), 6));
	assert_false(str_tells(STR("abc"), STR(""), 6));
}

static void test_base(void **state)
{
	(void)state;
	static const struct {
		const char *path, *base;
	} rows[] = {
		{ "a", "a" },
		{ "/a/b", "b" },
		{ "a/", "" },
		{ "/", "" },
		{ "", "" },
		{ "./x y", "x y" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_TEXT(rows[i].path, str_base(str_of(rows[i].path)), rows[i].base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_utf8_all),
		cmocka_unit_test(test_base),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_chars),
		cmocka_unit_test(test_find_same),
		cmocka_unit_test(test_tells),
	};
	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
