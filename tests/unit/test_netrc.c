/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "cred/netrc.h"

static void test_find(void **state)
{
	(void)state;
	static const struct {
		const char *text, *wanted; /* for joe at mail.example; NULL: nothing */
	} rows[] = {
		{ "machine mail.example login joe password secret", "secret" },
		{ "machine\n\tMAIL.example\r\nlogin joe\r\npassword secret\r\n", "secret" },
		{ "machine mail.example password secret login joe", "secret" },
		{ "machine mail.example account x login joe password secret", "secret" },
		{ "machine mail.example login ann password a\n"
		  "machine mail.example login joe password b\n",
			"b" },
		{ "machine other login joe password a\ndefault login joe password b", "b" },
		{ "default login ann password b", NULL },
		{ "machine mail.example login Joe password a", NULL },
		{ "machine mail.example password a", NULL },
		{ "machine mail.example login joe", NULL },
		{ "machine mail.exampl login joe password a", NULL },
		{ "machine mail.example login joe machine other password a", NULL },
		{ "machine mail.example login \"joe\" password \"a \\\"b\\\\\"", "a \"b\\" },
		{ "machine mail.example login joe password #a", "#a" },
		{ "# machine mail.example login joe password a\n", NULL },
		{ "#x\nmachine mail.example #y\n login joe password a", "a" },
		{ "macdef init\nmachine mail.example login joe password a\n\n", NULL },
		{ "macdef init\ncd /\n\nmachine mail.example login joe password b", "b" },
		{ "macdef", NULL },
		{ "machine mail.example login joe password", NULL },
		{ "machine mail.example login joe password \"a", "a" },
		{ "whatever machine mail.example login joe password a", "a" },
		{ "machine mail.example login bob password b login joe password a", "a" },
		{ "machine mail.example login bob password b login joe", NULL },
		{ "machine mail.example login bob password b\nlogin joe machine x", NULL },
		{ "", NULL },
		{ "machine", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct secret got CLEAN_UP(secret_done) = { 0 };
		bool found =
			netrc_find(str_of(rows[i].text), STR("mail.example"), STR("joe"), &got);
		CHECK_ROW(rows[i].text, found, rows[i].wanted != NULL);
		if (found)
			CHECK_TEXT(rows[i].text, str_n(got.bytes, got.len), rows[i].wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_find) };
	return cmocka_run_group_tests_name("netrc", tests, NULL, NULL);
}
