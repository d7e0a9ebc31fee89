/* SPDX-License-Identifier: MIT */
/* A line in the columns of a terminal. */
#include "unit.h"

#include "ui/fold.h"

static void test_rows(void **state)
{
	(void)state;
	static const struct {
		size_t columns;
		const char *text, *folded;
	} rows[] = {
		{ 0, "one two  three", "one two  three" },
		{ 80, "", "" },
		{ 80, "one two", "one two" },
		{ 7, "one two", "one two" },
		{ 6, "one two", "one\n  two" },
		{ 9, "one two three four", "one two\n  three\n  four" },
		{ 12, "one two three four", "one two\n  three four" },
		/* its own indent, and two more */
		{ 10, "  hint: do this", "  hint: do\n    this" },
		{ 10, "  hint: do this at last", "  hint: do\n    this\n    at\n    last" },
		/* spaces stay inside a line, and go where it is broken */
		{ 8, "a  b   cd", "a  b\n  cd" },
		{ 9, "a  b   cd", "a  b   cd" },
		{ 80, "end  ", "end  " },
		{ 4, "end  ", "end\n  " },
		/* words that are too long */
		{ 5, "https://a.example/b", "https://a.example/b" },
		{ 5, "see https://a.example/b now", "see\n  https://a.example/b\n  now" },
		{ 5, "  https://a.example/b", "  https://a.example/b" },
		{ 1, "a b c", "a\n  b\n  c" },
		/* a character is a column, colours are none */
		{ 7, "\xc3\xa9t\xc3\xa9 \xe2\x82\xac\xe2\x82\xac\xe2\x82\xac x",
			"\xc3\xa9t\xc3\xa9 \xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\n  x" },
		{ 7, "\x1b[31mone\x1b[0m two", "\x1b[31mone\x1b[0m two" },
		{ 6, "\x1b[31mone\x1b[0m two", "\x1b[31mone\x1b[0m\n  two" },
		{ 4, "\x1b[1;31m\x1b[2mab\x1b[0m c", "\x1b[1;31m\x1b[2mab\x1b[0m c" },
		/* what is neither counts as it is shown */
		{ 4, "\x1b[x a", "\x1b[x\n  a" },
		{ 4, "\xff\xff a", "\xff\xff a" },
		{ 3, "\xff\xff a", "\xff\xff\n  a" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(200);
		buf_add(&out, STR("x"));
		fold_line(str_of(rows[i].text), rows[i].columns, FOLD_INDENT, &out);
		CHECK_TEXT(rows[i].text, str_from(buf_str(&out), 1), rows[i].folded);
	}
}

/* Whatever the width: without the folds it is the same text, and no line is longer than one word.
 */
static void test_widths(void **state)
{
	static const char text[] =
		"postrider: a line with several words, some-that-are-longer than others";

	(void)state;
	for (size_t columns = 1; columns < sizeof(text) + 3; columns++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(1000);
		struct buf whole CLEAN_UP(buf_done) = BUF_INIT(1000);
		fold_line(STR(text), columns, FOLD_INDENT, &out);
		struct str rest = buf_str(&out);
		while (rest.len) {
			struct str line = str_cut(&rest, '\n');
			struct str bare = str_trim(line);
			assert_true(line.len <= columns || str_find(bare, ' ') == bare.len);
			buf_fmt(&whole, "%s%.*s", whole.len ? " " : "", STR_ARG(bare));
		}
		CHECK_TEXT(text, buf_str(&whole), text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_widths),
	};
	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
