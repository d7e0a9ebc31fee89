/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"

#include <sysexits.h>

static void test_grow(void **state)
{
	(void)state;
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(100000);
	for (int i = 0; i < 5000; i++)
		buf_fmt(&b, "%05d", i);
	assert_int_equal(b.len, 25000);
	assert_false(b.over);
	assert_int_equal(strlen(buf_text(&b)), 25000);
	CHECK_TEXT("tail", str_from(buf_str(&b), 24995), "04999");
	assert_int_equal(buf_room(&b), 75000);
}

static void test_limit(void **state)
{
	(void)state;
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(4);
	assert_string_equal(buf_text(&b), "");
	buf_add(&b, STR("abcd"));
	assert_false(b.over);
	assert_int_equal(buf_room(&b), 0);
	buf_add(&b, STR(""));
	assert_false(b.over);
	buf_char(&b, 'e');
	assert_true(b.over);
	assert_string_equal(buf_text(&b), "abcd");
	buf_drop(&b, 3);
	buf_char(&b, 'f'); /* over stays */
	assert_string_equal(buf_text(&b), "d");
	assert_int_equal(buf_room(&b), 0);
	buf_clear(&b);
	assert_int_equal(buf_room(&b), 4);
	buf_fmt(&b, "%s", "12345");
	assert_true(b.over);
	assert_int_equal(b.len, 0);
	buf_clear(&b);
	buf_fmt(&b, "%d", 1234);
	assert_string_equal(buf_text(&b), "1234");
}

static void drops_too_much(void)
{
	struct buf b = BUF_INIT(10);
	buf_add(&b, STR("ab"));
	buf_drop(&b, 3);
}

static void test_drop_take(void **state)
{
	(void)state;
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(10);
	buf_drop(&b, 0);
	buf_bytes(&b, "a\0bc", 4);
	buf_drop(&b, 1);
	CHECK_STR("drop", buf_str(&b), STR("\0bc"));
	char *taken CLEAN_UP(mem_free_at) = buf_take(&b);
	assert_memory_equal(taken, "\0bc\0", 4);
	assert_int_equal(b.len, 0);
	assert_int_equal(buf_room(&b), 10);
	char *none CLEAN_UP(mem_free_at) = buf_take(&b);
	assert_string_equal(none, "");
	assert_int_equal(dies(drops_too_much), EX_SOFTWARE);
}

/* Whatever became shorter in whichever way before, nothing is left of what was ever there. */
static void test_wipe(void **state)
{
	(void)state;
	static const char shown[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	enum { NOTHING, DROP, CUT, CLEAR, WIPE, FILL, WAYS };

	for (unsigned way = 0; way < WAYS * WAYS; way++) {
		for (int secret = 0; secret < 2; secret++) {
			struct buf b CLEAN_UP(buf_done) = secret ? BUF_SECRET(100) : BUF_INIT(100);
			buf_wipe(&b);
			buf_reserve(&b, 90);
			memset(b.data, 'x', 90);
			b.data[0] = '\0';
			const unsigned ways[] = { way % WAYS, way / WAYS, NOTHING };
			for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
				buf_add(&b, str_of(shown + 12 * i));
				if (ways[i] == DROP)
					buf_drop(&b, 5);
				else if (ways[i] == CUT)
					buf_cut(&b, 2);
				else if (ways[i] == CLEAR)
					buf_clear(&b);
				else if (ways[i] == WIPE)
					buf_wipe(&b);
				else if (ways[i] == FILL)
					buf_add(&b, str_of(shown)); /* over, perhaps */
			}
			buf_wipe(&b);
			assert_int_equal(b.len, 0);
			for (size_t i = 0; i < 90; i++)
				CHECK_ROW("left", b.data[i] == 'x' || !b.data[i], true);
		}
	}
}

static void test_base64(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xff\xfe\xfb", "//77" },
		{ "\xfb\xff", "+/8=" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b CLEAN_UP(buf_done) = BUF_INIT(100);
		buf_base64(&b, str_of(rows[i][0]));
		CHECK_TEXT(rows[i][0], buf_str(&b), rows[i][1]);
		buf_clear(&b);
		CHECK_ROW(rows[i][1], buf_unbase64(&b, str_of(rows[i][1])), true);
		CHECK_TEXT(rows[i][1], buf_str(&b), rows[i][0]);
	}
}

/* What a shell makes of it is the same text again. */
static void test_shell(void **state)
{
	(void)state;
	static const struct {
		const char *word, *typed;
	} rows[] = {
		{ "/home/joe/.msmtprc", "/home/joe/.msmtprc" },
		{ "joe+x@a-b.example:25", "joe+x@a-b.example:25" },
		{ "", "''" },
		{ "home sweet", "'home sweet'" },
		{ "~/x", "'~/x'" },
		{ "$(reboot);`x`", "'$(reboot);`x`'" },
		{ "it's", "'it'\\''s'" },
		{ "\"*?&\\", "'\"*?&\\'" },
		{ "r\xc3\xa9sum\xc3\xa9", "'r\xc3\xa9sum\xc3\xa9'" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b CLEAN_UP(buf_done) = BUF_INIT(100);
		buf_shell(&b, str_of(rows[i].word));
		CHECK_TEXT(rows[i].word, buf_str(&b), rows[i].typed);
	}
}

static void test_unbase64_strict(void **state)
{
	(void)state;
	static const char *const rows[] = { "Z", "Zg", "Zg=", "Zg===", "=",
		"==", "====", "Z===", "=g==", "Zh==", "Zm9=", "Zg==Zg==", "Zg==Zm9v",
		"Zm8=Zg==", "Zm=v", "Zm9v\n", "Zm 9v", " Zm9v", "Zm9v ", "Zm9-", "Zm9_",
		"Zm9v====", "Z\xc3\xa9=", "Zm9v." };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b CLEAN_UP(buf_done) = BUF_INIT(100);
		CHECK_ROW(rows[i], buf_unbase64(&b, str_of(rows[i])), false);
	}
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(5);
	assert_false(buf_unbase64(&b, STR("Zm9\0")));
	buf_clear(&b);
	assert_false(buf_unbase64(&b, STR("Zm9vYmFy"))); /* over the limit */
}

static void test_base64_all(void **state)
{
	(void)state;
	char all[259];
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(1000),
			back CLEAN_UP(buf_done) = BUF_INIT(1000);
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	for (size_t len = 0; len <= sizeof(all); len++) {
		buf_clear(&text);
		buf_clear(&back);
		buf_base64(&text, str_n(all, len));
		assert_int_equal(text.len, (len + 2) / 3 * 4);
		assert_true(buf_unbase64(&back, buf_str(&text)));
		CHECK_STR("all", buf_str(&back), str_n(all, len));
	}
}

/* It never moves, so no copy is left behind. */
static void test_secret(void **state)
{
	(void)state;
	struct buf b CLEAN_UP(buf_done) = BUF_SECRET(10000);

	buf_char(&b, 'a');
	const char *first = b.data;
	for (unsigned i = 1; i < 10000; i++)
		buf_char(&b, 'b');
	assert_ptr_equal(b.data, first);
	assert_false(b.over);
	buf_char(&b, 'c');
	assert_true(b.over);
	assert_int_equal(b.len, 10000);
	buf_done(&b);
	buf_add(&b, STR("again"));
	assert_true(b.secret);
	assert_string_equal(buf_text(&b), "again");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_drop_take),
		cmocka_unit_test(test_wipe),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_unbase64_strict),
		cmocka_unit_test(test_shell),
		cmocka_unit_test(test_base64_all),
		cmocka_unit_test(test_secret),
	};
	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
