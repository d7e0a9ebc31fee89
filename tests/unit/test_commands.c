/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "smtp/refusal.h"

static int status_of(enum verb v, int code, const char *enhanced, bool after_size)
{
	struct err e;

	err_set(&e, refusal_kind(v, code, enhanced, after_size), "x");
	return err_status(&e);
}

/* What an enhanced status of class 5 means at every stage but AUTH; 0: the basic code decides. */
static int by_enhanced(int subject, int detail)
{
	static const char *const rows[8] = {
		/* details 0, 1, 2 ...: a letter each, '.' is none */
		[1] = ".UHDUPUDHVH",
		[2] = "VVVDV",
		[3] = "VVVVDV",
		[4] = "VVVVHVVV",
		[5] = "PPPVPPP",
		[6] = "DDDDDDDDDD",
	};
	const char *row = subject < 8 ? rows[subject] : NULL;

	if (subject == 0)
		return 69;
	if (subject == 7)
		return detail == 10 ? 69 : 77;
	if (!row || detail >= (int)strlen(row))
		return 0;
	switch (row[detail]) {
	case 'U':
		return 67;
	case 'H':
		return 68;
	case 'D':
		return 65;
	case 'P':
		return 76;
	case 'V':
		return 69;
	default:
		return 0;
	}
}

struct basic {
	enum verb verb;
	int code, status;
};

static int by_code(enum verb v, int code)
{
	static const struct basic rows[] = {
		{ VERB_MAIL, 501, 65 },
		{ VERB_MAIL, 553, 65 },
		{ VERB_MAIL, 502, 76 },
		{ VERB_MAIL, 503, 76 },
		{ VERB_MAIL, 504, 65 },
		{ VERB_MAIL, 555, 76 },
		{ VERB_RCPT, 550, 67 },
		{ VERB_RCPT, 551, 67 },
		{ VERB_RCPT, 553, 67 },
		{ VERB_RCPT, 501, 65 },
		{ VERB_RCPT, 502, 76 },
		{ VERB_RCPT, 503, 76 },
		{ VERB_RCPT, 504, 65 },
		{ VERB_RCPT, 555, 76 },
		{ VERB_RCPT, 521, 68 },
		{ VERB_RCPT, 556, 68 },
		{ VERB_DATA, 502, 76 },
		{ VERB_DATA, 503, 76 },
		{ VERB_DATA, 504, 76 },
		{ VERB_PROBE, 500, 76 },
		{ VERB_PROBE, 502, 76 },
		{ VERB_PROBE, 503, 76 },
		{ VERB_PROBE, 504, 76 },
		{ VERB_PROBE, 555, 76 },
		{ VERB_ETRN, 501, 65 },
		{ VERB_ETRN, 502, 76 },
		{ VERB_ETRN, 503, 76 },
		{ VERB_ETRN, 504, 76 },
	};
	if (v == VERB_AUTH || code == 530 || code == 534 || code == 535 || code == 538)
		return 77;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].verb == v && rows[i].code == code)
			return rows[i].status;
	return 69;
}

/* Every verb, every code, no enhanced status: the table of basic codes. */
static void test_basic(void **state)
{
	(void)state;
	for (int v = 0; v < VERB_COUNT; v++) {
		for (int code = 400; code < 560; code++) {
			const char *row = verb_row((enum verb)v)->name;
			int wanted = code < 500 ? 75 : by_code((enum verb)v, code);
			CHECK_ROW(row, status_of((enum verb)v, code, "", false), wanted);
			if (v == VERB_MAIL && code == 552)
				wanted = 65;
			CHECK_ROW(row, status_of((enum verb)v, code, "", true), wanted);
		}
	}
}

/* C5: what servers say of addresses without a domain is no disorder of the protocol. */
static bool is_about_address(enum verb v, int code, int subject, int detail)
{
	bool syntax = code == 504 || (subject == 5 && (detail == 2 || detail == 4));

	return syntax && (v == VERB_MAIL || v == VERB_RCPT);
}

static int wanted_status(enum verb v, int code, int subject, int detail)
{
	int status = by_enhanced(subject, detail);

	if (by_code(v, code) == 77)
		return 77;
	if (is_about_address(v, code, subject, detail) && status == 76)
		return 65;
	if (subject == 1 && detail == 0 && v == VERB_MAIL)
		return 65;
	if (subject == 1 && detail == 0 && (v == VERB_RCPT || v == VERB_MESSAGE))
		return 67;
	return status ? status : by_code(v, code);
}

/* Every verb, every 5yz code, every enhanced status: first the status, then the code. */
static void test_enhanced(void **state)
{
	(void)state;
	char enhanced[12];

	for (int subject = 0; subject < 9; subject++) {
		for (int detail = 0; detail < 40; detail++) {
			snprintf(enhanced, sizeof(enhanced), "5.%d.%d", subject, detail);
			for (int i = 0; i < VERB_COUNT * 60; i++) {
				enum verb v = (enum verb)(i / 60);
				int code = 500 + i % 60;
				int got = status_of(v, code, enhanced, false);
				if (got != wanted_status(v, code, subject, detail) || got == 75)
					fail_msg("%s: %d %s is %d, not %d", verb_row(v)->name, code,
						enhanced, got,
						wanted_status(v, code, subject, detail));
			}
		}
	}
}

/* 4yz is temporary and 5yz is not, whatever else is said. */
static void test_class(void **state)
{
	(void)state;
	static const char *const said[] = { "", "4.2.2", "4.7.1", "5.1.1", "5.7.1", "2.0.0", "5.",
		"5", "5.1", "x", "5.999.999", "5.7.999" };
	for (size_t i = 0; i < ARRAY_LEN(said); i++) {
		for (int v = 0; v < VERB_COUNT; v++) {
			for (int code = 400; code < 560; code++) {
				int got = status_of((enum verb)v, code, said[i], code & 1);
				CHECK_ROW(said[i], got == 75, code < 500);
				CHECK_ROW(said[i], got >= 64 && got <= 78, true);
			}
		}
	}
}

static void test_rows(void **state)
{
	(void)state;
	static const struct {
		enum verb v;
		unsigned seconds;
		bool followed;
	} rows[] = {
		{ VERB_GREETING, 300, false },
		{ VERB_EHLO, 300, false },
		{ VERB_HELO, 300, false },
		{ VERB_STARTTLS, 120, false },
		{ VERB_AUTH, 300, false },
		{ VERB_MAIL, 300, true },
		{ VERB_RCPT, 300, true },
		{ VERB_DATA, 120, false },
		{ VERB_MESSAGE, 600, false },
		{ VERB_RSET, 300, true },
		{ VERB_QUIT, 5, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct verb_row *row = verb_row(rows[i].v);
		CHECK_ROW(row->name, row->seconds, rows[i].seconds);
		CHECK_ROW(row->name, row->may_be_followed, rows[i].followed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_basic),
		cmocka_unit_test(test_enhanced),
		cmocka_unit_test(test_class),
		cmocka_unit_test(test_rows),
	};
	return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
