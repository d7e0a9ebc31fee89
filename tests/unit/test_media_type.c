/* SPDX-License-Identifier: MIT */
/* Types of files by their names, and what passes for a type. */
#include "unit.h"

#include "mime/media_type.h"

static const char table[] = "# a comment, text/wrong\ttxt\n"
			    "application/octet-stream\n"
			    "application/x-none\t# csv\n"
			    "text/plain\t\t\tasc txt  text\r\n"
			    "text/csv csv # txt2\n"
			    "not-a-type odd\n"
			    "text/odd odd\n"
			    "text/second txt\n"
			    "application/gzip gz";

static void test_names(void **state)
{
	(void)state;
	static const struct {
		const char *name, *type;
	} rows[] = {
		{ "a.txt", "text/plain" },
		{ "A.TXT", "text/plain" },
		{ "a.b.csv", "text/csv" },
		{ "/some.txt/a.gz", "application/gzip" },
		{ "/some.txt/a", "" },
		{ "a.odd", "text/odd" },
		{ "a.txt2", "" },
		{ "a.", "" },
		{ ".txt", "" },
		{ "/x/.txt", "" },
		{ "txt", "" },
		{ "", "" },
		{ "a.#", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str type = media_type_of(STR(table), str_of(rows[i].name));
		CHECK_STR(rows[i].name, type, str_of(rows[i].type));
	}
	CHECK_STR("no table", media_type_of(STR(""), STR("a.txt")), STR(""));
}

static void test_types(void **state)
{
	(void)state;
	static const struct {
		const char *type;
		bool valid, charset;
	} rows[] = {
		{ "text/plain", true, false },
		{ "text/plain; charset=utf-8", true, true },
		{ "text/html;CharSet=\"utf-8\" ; x=y", true, true },
		{ "application/vnd.x+json", true, false },
		{ "text", false, false },
		{ "text/", false, false },
		{ "/plain", false, false },
		{ "", false, false },
		{ "text plain", false, false },
		{ "text/plain x", false, false },
		{ "text/plain; charset", false, false },
		{ "text/pl\xc3\xa4in", false, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str type = str_of(rows[i].type);
		CHECK_ROW(rows[i].type, media_type_is_valid(type), rows[i].valid);
		if (rows[i].valid)
			CHECK_ROW(rows[i].type, media_type_has(type, "charset"), rows[i].charset);
	}
	assert_true(media_type_is(STR("Text/plain"), "text/"));
	assert_false(media_type_is(STR("textual/x"), "text/"));
	assert_false(media_type_has(STR(""), "charset"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_types),
	};

	return cmocka_run_group_tests_name("media_type", tests, NULL, NULL);
}
