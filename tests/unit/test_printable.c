/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/printable.h"

static void test_printable(void **state)
{
	(void)state;
	static const struct {
		struct str foreign;
		const char *shown;
	} rows[] = {
		{ TEXT("plain text ~"), "plain text ~" },
		{ TEXT("\0\x1b[1m\r\n\t\x7f"), "\\x00\\x1B[1m\\x0D\\x0A\\x09\\x7F" },
		{ TEXT("\xc3\xa9\xe2\x82\xac"), "\xc3\xa9\xe2\x82\xac" },
		{ TEXT("\xc2\x9b"), "\\xC2\\x9B" },
		{ TEXT("\xff\xc3"), "\\xFF\\xC3" },
		{ TEXT("\xc3("), "\\xC3(" },
		{ TEXT("\xed\xa0\x80"), "\\xED\\xA0\\x80" },
		{ TEXT("\xe2\x80\xae"), "\\u{202E}" },
		{ TEXT("\xe2\x80\x8b"), "\\u{200B}" },
		{ TEXT("\xe2\x80\xa8"), "\\u{2028}" },
		{ TEXT("\xe2\x81\xa6"), "\\u{2066}" },
		{ TEXT("\xd8\x9c"), "\\u{61C}" },
		{ TEXT("\xef\xbb\xbf"), "\\u{FEFF}" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b CLEAN_UP(buf_done) = BUF_INIT(1000);
		printable_add(&b, rows[i].foreign);
		CHECK_TEXT(rows[i].shown, buf_str(&b), rows[i].shown);
	}
	/* No half of an escape at the limit. */
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(6);
	printable_add(&b, STR("abc\x1bz"));
	assert_string_equal(buf_text(&b), "abc");
	assert_true(b.over);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_printable),
	};
	return cmocka_run_group_tests_name("printable", tests, NULL, NULL);
}
