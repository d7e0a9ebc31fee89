/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/log.h"

struct heard {
	unsigned count;
	enum log_level level;
	char text[LOG_MAX];
};

static void hear(void *ctx, enum log_level level, const char *text)
{
	struct heard *h = ctx;

	h->count++;
	h->level = level;
	snprintf(h->text, sizeof(h->text), "%s", text);
}

static void test_sink(void **state)
{
	(void)state;
	struct heard h = { 0 };
	char longest[2000];

	log_note("no one hears %s", "this");
	log_to(hear, &h);
	log_note("%d", 1);
	assert_int_equal(h.level, LOG_LEVEL_NOTE);
	assert_string_equal(h.text, "1");
	log_warning("%s", "two");
	assert_int_equal(h.level, LOG_LEVEL_WARNING);
	assert_string_equal(h.text, "two");
	log_words("%s", "why");
	assert_int_equal(h.level, LOG_LEVEL_WORDS);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	log_note("%s", longest);
	assert_int_equal(strlen(h.text), LOG_MAX - 1);
	log_to(NULL, NULL);
	log_note("no one");
	assert_int_equal(h.count, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sink) };
	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
