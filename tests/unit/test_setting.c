/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "conf/setting.h"

static const struct {
	unsigned choice;
	const char *word;
} words[] = {
#define CHOICE(name, list) list
#define WORD(enumerator, word) { enumerator, word },
#include "conf/choice.def"
#undef CHOICE
#undef WORD
};

/* The settings that have these words, in the order of choice.def. */
static const enum setting_id choices[] = {
#define CHOICE(name, list) SETTING_ID_##name,
#include "conf/choice.def"
#undef CHOICE
};

/* What a row names are the words of its enum, in their order. */
static void test_words(void **state)
{
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
		const struct setting_row *row = setting_row(choices[i]);
		struct str rest = str_of(row->arg);
		CHECK_ROW(row->name, row->type, SETTING_CHOICE);
		for (unsigned n = 1; rest.len; n++, at++) {
			struct str word = str_cut(&rest, '|');
			CHECK_ROW(row->name, at < ARRAY_LEN(words) ? words[at].choice : 0, n);
			CHECK_TEXT(row->name, word, words[at].word);
			CHECK_TEXT(row->name, setting_word(row, n), words[at].word);
		}
	}
	assert_int_equal(at, ARRAY_LEN(words));
}

/* Every CHOICE has an enum of its own; others have none. */
static void test_rows(void **state)
{
	size_t count = 0;

	(void)state;
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		count += setting_row((enum setting_id)i)->type == SETTING_CHOICE;
	assert_int_equal(count, ARRAY_LEN(choices));
}

/* Assigned, merged, written, cleared: for each word of each setting. */
static void test_life(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
		const struct setting_row *row = setting_row(choices[i]);
		struct str rest = str_of(row->arg);
		while (rest.len) {
			struct settings a CLEAN_UP(settings_done) = { 0 };
			struct settings b CLEAN_UP(settings_done) = { 0 };
			struct buf out CLEAN_UP(buf_done) = BUF_INIT(200);
			struct buf line CLEAN_UP(buf_done) = BUF_INIT(200);
			struct str word = str_cut(&rest, '|');
			struct err e;
			settings_write(&a, row, &out);
			assert_int_equal(out.len, 0);
			assert_true(settings_assign(&a, row, word, &e));
			settings_merge(&b, &a);
			settings_write(&b, row, &out);
			buf_fmt(&line, "%s %.*s\n", row->name, STR_ARG(word));
			CHECK_TEXT(row->name, buf_str(&out), buf_text(&line));
			settings_clear(&b, row);
			buf_clear(&out);
			settings_write(&b, row, &out);
			assert_int_equal(out.len, 0);
			assert_false(settings_assign(&a, row, STR("no-such-word"), &e));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_life),
	};
	return cmocka_run_group_tests_name("setting", tests, NULL, NULL);
}
