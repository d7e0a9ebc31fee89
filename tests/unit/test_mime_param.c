/* SPDX-License-Identifier: MIT */
/* Values of Content-Type as a table: what is understood, as "type/subtype|name=value|...". */
#include "unit.h"

#include "mail/mime_param.h"

static void describe(struct str text, struct buf *out)
{
	struct mime_params p = { .text = text };
	struct mime_param one;

	buf_add(out, mime_params_token(&p));
	if (mime_params_char(&p, '/')) {
		buf_char(out, '/');
		buf_add(out, mime_params_token(&p));
	}
	while (mime_params_next(&p, &one)) {
		buf_char(out, '|');
		buf_add(out, one.name);
		buf_char(out, '=');
		mime_param_value(&one, out);
		assert_true(one.from < one.end && one.end <= text.len);
		assert_true(str_starts(str_from(text, one.from), one.name));
		assert_true(one.written.p + one.written.len == text.p + one.end);
	}
	if (p.bad)
		buf_add(out, STR("|bad"));
	assert_false(mime_params_next(&p, &one) && p.bad);
}

static void test_rows(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "text/plain", "text/plain" },
		{ " text / plain \r\n ", "text/plain" },
		{ "attachment", "attachment" },
		{ "", "" },
		{ " (a (b) \\) c) text/(x)plain (y)", "text/plain" },
		{ "text/plain; charset=us-ascii (Plain text)", "text/plain|charset=us-ascii" },
		{ "text/plain; charset=\"us-ascii\"", "text/plain|charset=us-ascii" },
		{ "text/plain;charset=a;format=b", "text/plain|charset=a|format=b" },
		{ "a/b;\r\n\tx = \"1;2\" ;\r\n y(z)=(w)3", "a/b|x=1;2|y=3" },
		{ "a/b; x=\"q\\\"r\\\\s\"", "a/b|x=q\"r\\s" },
		{ "a/b; x=\"one\r\n two\"", "a/b|x=one two" },
		{ "a/b; x=\"\"", "a/b|x=" },
		{ "a/b;; x=1;", "a/b|x=1" },
		{ "a/b;", "a/b" },
		{ "a/b; x=----=_Part/1:2?3", "a/b|x=----=_Part/1:2?3" },
		{ "a/b; x*0*=UTF-8''%41", "a/b|x*0*=UTF-8''%41" },
		{ "a/b; n=J\xc3\xb6rg", "a/b|n=J\xc3\xb6rg" },
		{ "a/b x=1", "a/b|bad" },
		{ "a/b; x", "a/b|bad" },
		{ "a/b; =1", "a/b|bad" },
		{ "a/b; x=", "a/b|bad" },
		{ "a/b; x=;y=1", "a/b|bad" },
		{ "a/b; x=1 2", "a/b|x=1|bad" },
		{ "a/b; x=\"1\"2", "a/b|x=1|bad" },
		{ "a/b; x=\"1", "a/b|bad" },
		{ "a/b; x=\"1\\", "a/b|bad" },
		{ "a/b; x=\"", "a/b|bad" },
		{ "a/b (x", "a/b|bad" },
		{ "a/b (x\\", "a/b|bad" },
		{ "a/b; \xc3\xb6=1", "a/b|bad" },
		{ "a/b; x=<1>", "a/b|bad" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf got CLEAN_UP(buf_done) = BUF_INIT(1000);
		describe(str_of(rows[i][0]), &got);
		CHECK_TEXT(rows[i][0], buf_str(&got), rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };
	return cmocka_run_group_tests_name("mime_param", tests, NULL, NULL);
}
