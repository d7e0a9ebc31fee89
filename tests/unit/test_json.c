/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/json.h"

#include <sysexits.h>

static void test_nesting(void **state)
{
	(void)state;
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(1000);
	struct json j = JSON_INIT(&b);

	json_object(&j, NULL);
	json_text(&j, "a", STR("x"));
	json_number(&j, "n", INT64_MIN);
	json_number(&j, "m", INT64_MAX);
	json_array(&j, "list");
	json_object(&j, NULL);
	json_object_end(&j);
	json_array(&j, NULL);
	json_array_end(&j);
	json_bool(&j, NULL, true);
	json_bool(&j, NULL, false);
	json_null(&j, NULL);
	json_array_end(&j);
	json_null(&j, "z");
	json_object_end(&j);
	assert_string_equal(buf_text(&b),
		"{\"a\":\"x\",\"n\":-9223372036854775808,\"m\":9223372036854775807,"
		"\"list\":[{},[],true,false,null],\"z\":null}");
}

static void test_quoting(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		const char *shown;
	} rows[] = {
		{ TEXT(""), "\"\"" },
		{ TEXT("a/b"), "\"a/b\"" },
		{ TEXT("\"\\"), "\"\\\"\\\\\"" },
		{ TEXT("\0\n\r\t\x1b\x7f"), "\"\\u0000\\u000a\\u000d\\u0009\\u001b\\u007f\"" },
		{ TEXT("\xc3\xa9"), "\"\xc3\xa9\"" },
		{ TEXT("\xf0\x9f\x98\x80"), "\"\xf0\x9f\x98\x80\"" },
		{ TEXT("\xff"), "\"\xef\xbf\xbd\"" },
		{ TEXT("\xc3"), "\"\xef\xbf\xbd\"" },
		{ TEXT("\xed\xa0\x80x"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx\"" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b CLEAN_UP(buf_done) = BUF_INIT(1000);
		struct json j = JSON_INIT(&b);
		json_text(&j, NULL, rows[i].text);
		CHECK_TEXT(rows[i].shown, buf_str(&b), rows[i].shown);
		assert_true(str_is_utf8(buf_str(&b)));
	}
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(1000);
	struct json j = JSON_INIT(&b);
	json_object(&j, NULL);
	json_null(&j, "a\"b");
	json_object_end(&j);
	assert_string_equal(buf_text(&b), "{\"a\\\"b\":null}");
}

static void nest(unsigned depth)
{
	struct buf b = BUF_INIT(1000);
	struct json j = JSON_INIT(&b);

	for (unsigned i = 0; i < depth; i++)
		json_array(&j, NULL);
	for (unsigned i = 0; i < depth; i++)
		json_array_end(&j);
	buf_done(&b);
}

static void nests_too_deep(void)
{
	nest(JSON_DEPTH + 1);
}

static void ends_too_often(void)
{
	struct buf b = BUF_INIT(1000);
	struct json j = JSON_INIT(&b);

	json_array_end(&j);
}

static void test_depth(void **state)
{
	(void)state;
	nest(JSON_DEPTH);
	assert_int_equal(dies(nests_too_deep), EX_SOFTWARE);
	assert_int_equal(dies(ends_too_often), EX_SOFTWARE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_quoting),
		cmocka_unit_test(test_depth),
	};
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
