/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/mem.h"
#include "mail/envelope.h"

static void test_sender(void **state)
{
	(void)state;
	struct envelope env CLEAN_UP(envelope_done) = { 0 };
	assert_null(env.from);
	envelope_from(&env, "");
	assert_string_equal(env.from, "");
	envelope_from(&env, "a@b");
	envelope_from(&env, env.from);
	assert_string_equal(env.from, "a@b");
}

static void test_once(void **state)
{
	(void)state;
	static const struct {
		const char *wire;
		size_t count; /* afterwards */
	} rows[] = {
		{ "a@b.c", 1 },
		{ "a@b.c", 1 },
		{ "a@B.C", 1 },
		{ "A@b.c", 2 },
		{ "a@b.cd", 3 },
		{ "a", 4 },
		{ "A", 5 },
		{ "a", 5 },
		{ "\"x@Y\"@z", 6 },
		{ "\"x@y\"@z", 7 },
		{ "\"x@y\"@Z", 7 },
		{ "\"q@Y\"", 8 },
		{ "\"q@y\"", 9 },
	};
	struct envelope env CLEAN_UP(envelope_done) = { 0 };
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(envelope_add(&env, rows[i].wire, &e));
		CHECK_ROW(rows[i].wire, env.count, rows[i].count);
	}
	assert_string_equal(env.rcpts[0].addr, "a@b.c");
	assert_string_equal(env.rcpts[1].addr, "A@b.c");
	assert_int_equal(env.rcpts[0].status, RCPT_PENDING);
}

static void test_many(void **state)
{
	(void)state;
	struct envelope env CLEAN_UP(envelope_done) = { 0 };
	struct err e;
	char wire[64];
	int64_t start = cpu_ms();

	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < ENVELOPE_MAX; i++) {
			snprintf(wire, sizeof(wire), "user%d@x%d.%s", i, i % 10,
				pass ? "EXAMPLE" : "example");
			assert_true(envelope_add(&env, wire, &e));
		}
		assert_int_equal(env.count, ENVELOPE_MAX);
	}
	assert_false(envelope_add(&env, "one@more", &e));
	assert_int_equal(e.kind, ERR_DATA);
	assert_int_equal(env.count, ENVELOPE_MAX);
	assert_true(envelope_add(&env, "user0@x0.EXAMPLE", &e)); /* it is there */
	for (int i = 0; i < ENVELOPE_MAX; i += 997) {
		snprintf(wire, sizeof(wire), "user%d@x%d.example", i, i % 10);
		assert_string_equal(env.rcpts[i].addr, wire);
	}
	assert_true(cpu_ms() - start < 10000);
}

/* Local parts that differ in nothing but case are different mailboxes, and must not be slow. */
static void test_many_cases(void **state)
{
	(void)state;
	struct envelope env CLEAN_UP(envelope_done) = { 0 };
	struct err e;
	char wire[] = "abcdefghijklmnop@x.example";
	int64_t start = cpu_ms();

	for (unsigned i = 0; i < 1 << 16; i++) {
		for (unsigned k = 0; k < 16; k++)
			wire[k] = (char)((i >> k & 1 ? 'A' : 'a') + (char)k);
		assert_true(envelope_add(&env, wire, &e));
	}
	assert_int_equal(env.count, 1 << 16);
	assert_true(cpu_ms() - start < 10000);
}

static void refuse(struct envelope *env, size_t i, enum err_kind kind)
{
	struct err e;

	err_set(&e, kind, "kind %d", (int)kind);
	envelope_refuse(env, i, &e);
}

static void test_refusals(void **state)
{
	(void)state;
	static const struct {
		enum err_kind kinds[3]; /* NONE: accepted */
		int status;             /* -1: no one was refused */
	} rows[] = {
		{ { ERR_NONE, ERR_NONE, ERR_NONE }, -1 },
		{ { ERR_NOUSER, ERR_NONE, ERR_NONE }, 67 },
		{ { ERR_NONE, ERR_NONE, ERR_NOUSER }, 67 },
		{ { ERR_NOUSER, ERR_NOUSER, ERR_NOUSER }, 67 },
		{ { ERR_NOUSER, ERR_NOHOST, ERR_NONE }, 69 },
		{ { ERR_NOUSER, ERR_NOHOST, ERR_NOUSER }, 69 },
		{ { ERR_DATA, ERR_NOPERM, ERR_PROTOCOL }, 69 },
		{ { ERR_TEMPORARY, ERR_NONE, ERR_NONE }, 75 },
		{ { ERR_NOUSER, ERR_TEMPORARY, ERR_NONE }, 75 },
		{ { ERR_NOUSER, ERR_NOHOST, ERR_TEMPORARY }, 75 },
		{ { ERR_TEMPORARY, ERR_TEMPORARY, ERR_NOUSER }, 75 },
		{ { ERR_UNAVAILABLE, ERR_CERTIFICATE, ERR_NONE }, 69 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct envelope env CLEAN_UP(envelope_done) = { 0 };
		struct err e, mixed;
		size_t refused = 0;
		assert_true(envelope_add(&env, "a@b", &e) && envelope_add(&env, "c@d", &e) &&
			    envelope_add(&env, "e@f", &e));
		for (size_t k = 0; k < 3; k++) {
			if (rows[i].kinds[k] == ERR_NONE)
				env.rcpts[k].status = RCPT_ACCEPTED;
			else
				refuse(&env, k, rows[i].kinds[k]);
			refused += rows[i].kinds[k] != ERR_NONE;
		}
		const struct err *why = envelope_refusal(&env, &mixed);
		CHECK_ROW("status", why ? err_status(why) : -1, rows[i].status);
		CHECK_ROW("refused", envelope_tally(&env, RCPT_REFUSED), refused);
		CHECK_ROW("accepted", envelope_tally(&env, RCPT_ACCEPTED), 3 - refused);
		CHECK_ROW("pending", envelope_tally(&env, RCPT_PENDING), 0);
		refuse(&env, 0, ERR_DATA); /* a second time: the last word counts */
		assert_true(rcpt_refusal(&env.rcpts[0], &e));
		assert_int_equal(e.kind, ERR_DATA);
		envelope_reset(&env);
		assert_int_equal(envelope_tally(&env, RCPT_PENDING), 3);
		assert_null(envelope_refusal(&env, &mixed));
	}
}

/* C10: what is kept of a refusal is all of it, and the hints are kept once. */
static void test_c10_refusals_are_whole(void **state)
{
	(void)state;
	struct envelope env CLEAN_UP(envelope_done) = { 0 };
	struct err why, got, e;
	char wire[40];

	for (int i = 0; i < 100; i++) {
		text_fmt(wire, sizeof(wire), "r%d@x.example", i);
		assert_true(envelope_add(&env, wire, &e));
		err_set(&why, ERR_NOUSER, "recipient <%s> was refused", wire);
		err_hint(&why, "hint %d", i % 70);
		err_said(&why, 550 + i % 2, "5.1.1", str_of(i % 3 ? wire : ""));
		envelope_refuse(&env, (size_t)i, &why);
		assert_true(rcpt_refusal(&env.rcpts[i], &got));
		CHECK_TEXT("what", str_of(got.what), why.what);
		CHECK_TEXT("said", str_of(got.said), why.said);
		CHECK_TEXT("hint", str_of(got.hint), i % 70 < 64 ? why.hint : "");
		CHECK_TEXT("enhanced", str_of(got.enhanced), "5.1.1");
		assert_int_equal(got.reply, 550 + i % 2);
		assert_int_equal(got.kind, ERR_NOUSER);
	}
	assert_int_equal(env.hint_count, 64);
	assert_true(envelope_add(&env, "a@b", &e));
	assert_false(rcpt_refusal(&env.rcpts[100], &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sender),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_many_cases),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_c10_refusals_are_whole),
	};
	return cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
