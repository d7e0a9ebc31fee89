/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "smtp/hint.h"

static void test_rows(void **state)
{
	(void)state;
	static const struct {
		enum verb v;
		int code;
		const char *enhanced, *part;
	} rows[] = {
		{ VERB_AUTH, 535, "", "check user and password: " ERR_SHOW },
		{ VERB_AUTH, 535, "5.7.8", "check user and password" },
		{ VERB_AUTH, 534, "5.7.9", "stronger mechanism" },
		{ VERB_AUTH, 454, "4.7.0", "again later" },
		{ VERB_MAIL, 530, "5.7.0", "wants a login" },
		{ VERB_RCPT, 530, "", "wants a login" },
		{ VERB_MAIL, 538, "", "write the lines tls on" },
		{ VERB_MAIL, 552, "5.3.4", "too large" },
		{ VERB_MAIL, 550, "", "may not use that sender: " ERR_SHOW },
		{ VERB_RCPT, 550, "5.1.1", "how the address is spelt" },
		{ VERB_RCPT, 550, "", "how the address is spelt" },
		{ VERB_RCPT, 550, "5.1.10", "no mail at all" },
		{ VERB_RCPT, 550, "5.1.2", "check the domain of the address" },
		{ VERB_RCPT, 554, "5.7.1", "may want a login" },
		{ VERB_RCPT, 451, "4.7.1", "again later" },
		{ VERB_RCPT, 450, "", "again later" },
		{ VERB_EHLO, 550, "", "domain NAME" },
		{ VERB_EHLO, 450, "", "again later" },
		{ VERB_EHLO, 500, "5.5.1", "speak LMTP" },
		{ VERB_EHLO, 501, "", "domain NAME" },
		{ VERB_LHLO, 500, "", "speak SMTP" },
		{ VERB_LHLO, 502, "", "speak SMTP" },
		{ VERB_LHLO, 550, "", "domain NAME" },
		{ VERB_ETRN, 458, "", "ask the server again" },
		{ VERB_ETRN, 421, "4.3.2", "ask the server again" },
		{ VERB_ETRN, 501, "", "#QUEUE" },
		{ VERB_MESSAGE, 554, "5.7.1", "spam" },
		{ VERB_DATA, 554, "", NULL },
		{ VERB_MESSAGE, 554, "", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got = hint_for_refusal(rows[i].v, rows[i].code, rows[i].enhanced);
		if (!rows[i].part)
			assert_null(got);
		else if (!got || !holds(str_of(got), rows[i].part))
			fail_msg("row %zu: %s", i, got ? got : "(none)");
	}
}

/* A line that fits behind "hint: ", whatever is asked; 4yz always says when. */
static void test_all(void **state)
{
	(void)state;
	static const char *const enhanced[] = { "", "4.0.0", "5.0.0", "5.1.1", "5.7.1", "5.", "x" };
	for (int v = 0; v < VERB_COUNT; v++) {
		for (int i = 0; i < 200 * (int)ARRAY_LEN(enhanced); i++) {
			const char *got =
				hint_for_refusal((enum verb)v, 400 + i / (int)ARRAY_LEN(enhanced),
					enhanced[i % (int)ARRAY_LEN(enhanced)]);
			assert_true(got || i >= 100 * (int)ARRAY_LEN(enhanced));
			assert_true(!got || (strlen(got) < 150 && !strchr(got, '\n')));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_all),
	};
	return cmocka_run_group_tests_name("hint", tests, NULL, NULL);
}
